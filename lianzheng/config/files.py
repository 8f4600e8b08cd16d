"""Configuration files → models; whatever is wrong becomes a :class:`ConfigError` with file, key, wrong, allowed."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from lianzheng.config.models import Member, Model
from lianzheng.errors import ConfigError
from lianzheng.fonts import visible

Parsed = TypeVar("Parsed")
Row = TypeVar("Row", bound=Model | Member)
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """One mistake in the configuration: which file and key, what is wrong, what is allowed."""

    file: str
    key: str
    wrong: str
    allowed: str = ""

    def __str__(self) -> str:
        said = ": ".join(filter(None, (self.file, self.key, self.wrong)))
        return f"{said}; allowed: {self.allowed}" if self.allowed else said


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one :class:`ConfigError` that names all problems; nothing happens when there are none."""
    lines = [str(problem) for problem in problems]
    if lines:
        raise ConfigError("\n".join(lines), "correct the file and key named above; nothing was computed")


class _StrictLoader(SafeLoader):
    """YAML where a key that stands twice in one mapping is an error (YAML itself takes the last, silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for place, key in enumerate(keys):
            if key.value in [earlier.value for earlier in keys[:place]]:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value} stands twice", problem_mark=key.start_mark
                )
        return cast(dict[Any, Any], super().construct_mapping(node, deep=deep))


class ConfigFolder:
    """Reads the files of one cycle's folder; file names in messages are relative to the project."""

    def __init__(self, project: Path, cycle: int) -> None:
        self.folder = project / "config" / str(cycle)
        self._digests: dict[str, str] = {}

    @property
    def sha256(self) -> str:
        """One hash over the names and bytes of all files read so far."""
        return hashlib.sha256(repr(sorted(self._digests.items())).encode()).hexdigest()

    def _fail(self, name: str, key: str, wrong: str, allowed: str) -> NoReturn:
        refuse([Problem(f"config/{self.folder.name}/{name}", key, wrong, allowed)])
        raise AssertionError("refuse() raises")

    def refuse_strangers(self, known: Sequence[str]) -> None:
        """A .yml, .yaml or .csv file that nothing reads is a mistake (most often in its name)."""
        for path in sorted(self.folder.glob("[!.~]*")):
            if path.suffix in (".yml", ".yaml", ".csv") and path.name not in known:
                self._fail(path.name, "", "nothing reads a file of this name", ", ".join(known))

    def text(self, name: str) -> str:
        """The file's text (UTF-8, with or without BOM); empty if there is no such file."""
        path = self.folder / name
        data = path.read_bytes() if path.exists() else b""
        self._digests[f"{self.folder.name}/{name}"] = hashlib.sha256(data).hexdigest()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._fail(name, "", "is not UTF-8 text", "a file saved as UTF-8")
        for number, line in enumerate(text.split("\n"), start=1):
            if (shown := visible(line.rstrip("\r"))) != line.rstrip("\r"):
                self._fail(name, f"line {number}", f"holds what nobody sees: {shown}", "the line without it")
        return text

    def required(self, name: str, shape: type[Parsed]) -> Parsed:
        """As :meth:`model`, but the file must say something."""
        found = self.model(name, shape)
        return found if found is not None else self._fail(name, "", "is missing or empty", "a filled file")

    def model(self, name: str, shape: type[Parsed]) -> Parsed | None:
        """A YAML file as ``shape``; None if there is no such file or it holds comments only."""
        try:
            data = yaml.load(self.text(name), Loader=_StrictLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"line {mark.line + 1}" if mark else ""
            self._fail(
                name, line, str(getattr(error, "problem", error)), "YAML, each key once in its mapping"
            )
        return None if data is None else self._validated(name, shape, data, "")

    def rows(self, name: str, shape: type[Row]) -> tuple[Row, ...]:
        """A CSV file as rows of ``shape``; no file, no rows. A column ``aliases`` is parted by ``|``."""
        reader = csv.DictReader(self.text(name).splitlines())
        columns = list(reader.fieldnames or ())
        fields = cast(Any, shape).__pydantic_fields__
        wanted = [field for field, info in fields.items() if info.is_required() or field in columns]
        if columns and sorted(columns) != sorted(wanted):
            self._fail(name, "line 1", f"the columns are {', '.join(columns)}", ", ".join(fields))
        return tuple(self._row(name, shape, row, f"line {reader.line_num}") for row in reader)

    def _row(self, name: str, shape: type[Row], row: dict[str | Any, Any], line: str) -> Row:
        if None in row or None in row.values():
            self._fail(name, line, "more or fewer cells than columns", "one cell per column")
        cells: dict[str, Any] = {column: sys.intern(value.strip()) for column, value in row.items()}
        if "aliases" in cells:
            cells["aliases"] = tuple(alias.strip() for alias in cells["aliases"].split("|") if alias.strip())
        return self._validated(name, shape, cells, line)

    def _validated(self, name: str, shape: type[Parsed], data: object, line: str) -> Parsed:
        try:
            return TypeAdapter(shape).validate_python(data)
        except ValidationError as error:
            file = ": ".join(filter(None, (f"config/{self.folder.name}/{name}", line)))
            refuse(Problem(file, key_path(found["loc"], data), sentence(found)) for found in error.errors())
            raise


def key_path(location: Sequence[int | str], data: Any) -> str:
    """Pydantic's location as an editor of the file sees it: ``blocks[party].items[S103].rule.points``."""
    path = ""
    for part in location:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) else None
            first = next(iter(data.values()), part) if isinstance(data, dict) else part
            path += f"[{first}]"
        elif isinstance(data, dict) and data.get("rule_type") == part:
            continue  # the tag of a union, which is no key of the file
        else:
            data = data.get(part) if isinstance(data, dict) else None
            path += f".{part}" if path else part
    return path


def sentence(found: Any) -> str:
    """What pydantic found, with what stood there."""
    seen = found["input"]
    told = f", not {seen!r}" if isinstance(seen, str | int | float) else ""
    return f"{found['msg'][:1].lower()}{found['msg'][1:]}{told}"
