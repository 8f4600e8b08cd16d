"""Configuration files → models; whatever is wrong becomes a :class:`ConfigError` with file, key, wrong, allowed."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from lianzheng.config.models import Model
from lianzheng.errors import ConfigError

Parsed = TypeVar("Parsed")
Row = TypeVar("Row", bound=Model)
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """One mistake in the configuration: which file and key, what is wrong, what is allowed."""

    file: str
    key: str
    wrong: str
    allowed: str = ""

    def __str__(self) -> str:
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return (
            f"{self.file}: {self.key}: {self.wrong}{allowed}"
            if self.key
            else f"{self.file}: {self.wrong}{allowed}"
        )


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one :class:`ConfigError` that names all problems; nothing happens when there are none."""
    lines = [str(problem) for problem in problems]
    if lines:
        raise ConfigError("\n".join(lines), "correct the file and key named above; nothing was computed")


class _StrictLoader(SafeLoader):  # type: ignore[misc]
    """YAML where a key that stands twice in one mapping is an error (YAML itself takes the last, silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen if isinstance(key, yaml.ScalarNode) else False:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value} stands twice", key.start_mark
                )
            seen.add(str(key.value))
        return cast(dict[Any, Any], super().construct_mapping(node, deep=deep))


class ConfigFolder:
    """Reads the files of one cycle's folder; file names in messages are relative to the project."""

    def __init__(self, project: Path, cycle: int) -> None:
        self.folder = project / "config" / str(cycle)
        self._prefix = f"config/{cycle}/"
        self._digests: dict[str, str] = {}

    @property
    def sha256(self) -> str:
        """One hash over the names and bytes of all files read so far."""
        return hashlib.sha256(repr(sorted(self._digests.items())).encode()).hexdigest()

    def refuse_strangers(self, known: Sequence[str]) -> None:
        """A .yml, .yaml or .csv file that nothing reads is a mistake (most often in its name)."""
        found = sorted(
            path.name for path in self.folder.iterdir() if path.suffix in (".yml", ".yaml", ".csv")
        )
        strangers = [name for name in found if name not in known and not name.startswith((".", "~"))]
        refuse(
            Problem(self._prefix + name, "", "nothing reads a file of this name", ", ".join(known))
            for name in strangers
        )

    def text(self, name: str) -> str | None:
        """The file's text (UTF-8, with or without BOM), or None if there is no such file."""
        path = self.folder / name
        if not path.exists():
            return None
        data = path.read_bytes()
        self._digests[self._prefix + name] = hashlib.sha256(data).hexdigest()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            refuse([Problem(self._prefix + name, "", "is not UTF-8 text", "a file saved as UTF-8")])
            raise

    def required(self, name: str, shape: type[Parsed]) -> Parsed:
        """As :meth:`model`, but the file must be there."""
        found = self.model(name, shape)
        if found is None:
            refuse([Problem(self._prefix + name, "", "is missing", "every cycle has this file")])
        return cast(Parsed, found)

    def model(self, name: str, shape: type[Parsed]) -> Parsed | None:
        """A YAML file as ``shape``, or None if there is no such file."""
        text = self.text(name)
        if text is None:
            return None
        try:
            data = yaml.load(text, Loader=_StrictLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"line {mark.line + 1}" if mark else ""
            wrong = str(getattr(error, "problem", None) or error)
            refuse([Problem(self._prefix + name, line, wrong, "YAML, each key once in its mapping")])
        return self._validated(name, shape, data, "")

    def rows(self, name: str, shape: type[Row]) -> tuple[Row, ...]:
        """A CSV file as rows of ``shape``; no file, no rows. A field ``aliases`` is parted by ``|``."""
        text = self.text(name)
        if text is None:
            return ()
        reader = csv.DictReader(io.StringIO(text), strict=True)
        self._check_columns(name, shape, reader.fieldnames or ())
        return tuple(self._row(name, shape, row, f"line {reader.line_num}") for row in reader)

    def _check_columns(self, name: str, shape: type[Model], columns: Sequence[str]) -> None:
        required = [field for field, info in shape.model_fields.items() if info.is_required()]
        missing = [column for column in required if column not in columns]
        unknown = [column for column in columns if column not in shape.model_fields]
        twice = sorted({column for column in columns if list(columns).count(column) > 1})
        allowed = ", ".join(shape.model_fields)
        wrongs = (("missing", missing), ("unknown", unknown), ("repeated", twice))
        refuse(
            Problem(self._prefix + name, "line 1", f"{word} column {', '.join(found)}", allowed)
            for word, found in wrongs
            if found
        )

    def _row(self, name: str, shape: type[Row], row: dict[str | None, Any], line: str) -> Row:
        if None in row or None in row.values():
            refuse(
                [
                    Problem(
                        self._prefix + name, line, "more or fewer cells than columns", "one cell per column"
                    )
                ]
            )
        cells: dict[str, Any] = {str(column): value.strip() for column, value in row.items()}
        if "aliases" in cells:
            cells["aliases"] = tuple(alias.strip() for alias in cells["aliases"].split("|") if alias.strip())
        return self._validated(name, shape, cells, line)

    def _validated(self, name: str, shape: type[Parsed], data: object, line: str) -> Parsed:
        try:
            return TypeAdapter(shape).validate_python(data)
        except ValidationError as error:
            refuse(
                Problem(
                    self._prefix + name,
                    ".".join(filter(None, (line, key_path(found["loc"], data)))),
                    wrong(found),
                )
                for found in error.errors(include_url=False)
            )
            raise


def key_path(location: Sequence[int | str], data: Any) -> str:
    """Pydantic's location as an editor of the file sees it: ``blocks[party].items[S103].rule.points``."""
    path = ""
    for part in location:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list | tuple) and part < len(data) else None
            first = next(iter(data.values()), part) if isinstance(data, dict) and data else part
            path += f"[{first}]" if isinstance(first, str | int) else f"[{part}]"
        elif isinstance(data, dict) and part not in data and data.get("rule_type") == part:
            continue  # the tag of a union, which stands nowhere in the file as a key
        else:
            data = data.get(part) if isinstance(data, dict) else None
            path += f".{part}" if path else str(part)
    return path


def wrong(found: Any) -> str:
    """What pydantic found, as one sentence with what stood there."""
    seen = found["input"]
    told = f", not {seen!r}" if isinstance(seen, str | int | float) and found["type"] != "missing" else ""
    return str(found["msg"]).lower()[:1] + str(found["msg"])[1:] + told
