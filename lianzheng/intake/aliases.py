"""Names that units are written by: what no name matches, whom it may mean, and confirmed aliases into units.csv.

Suggestions are for a person; an alias is written only when somebody names the unit, and never where it could mean two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.errors import ParameterError
from lianzheng.names import plain, plain_unit
from lianzheng.tables import Tables

LEAST_LIKENESS = 40.0  # rapidfuzz ratio, 0–100, of names without Party-body endings, stamps and spaces
_MOST_SUGGESTIONS = 3
_FIELD = re.compile(r'(?:"(?:[^"]|"")*"|[^,"\r\n]*)(?:,|(?=[\r\n])|$)')
_FORBIDDEN = re.compile(r'[|,"\r\n]')


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that matches no unit: where it stands (path, sheet, cell), and the likeliest units with their likeness."""

    name: str
    places: tuple[str, ...]
    suggestions: tuple[tuple[float, str, str], ...]  # likeness 0–100, unit_id, full name

    def describe(self) -> str:
        """One Chinese line."""
        told = "；".join(
            f"{unit_id} {name}（{likeness:.0f}）" for likeness, unit_id, name in self.suggestions
        )
        more = f"等{len(self.places)}处" if len(self.places) > 1 else ""
        return f"“{self.name}” ← {self.places[0]}{more}：{'可能是 ' + told if told else '没有相近的名称'}"


def answer(config: CycleConfig, name: str | None, unit_id: str | None) -> tuple[list[str], bool]:
    """What ``lianzheng alias`` says, and whether names are left that match nothing; with name and unit it writes one.

    Raises :class:`ParameterError` for a name that cannot be taken, or without its unit.
    """
    if name and not unit_id:
        raise ParameterError(f"没有说“{name}”是哪个单位", "写作 lianzheng alias 年度 写法 单位编号，如 U007")
    if name and unit_id:
        is_new = add_alias(config, name, unit_id)
        done = "已记入 units.csv，重新运行 lianzheng intake 后生效" if is_new else "已在名册中，无需登记"
        return [f"“{name}” = {unit_id} {config.unit(unit_id).name}：{done}"], False
    names = unknown_names(config, Tables(config.data_processed))
    told = [f"不合名册的单位名称 {len(names)} 个", *(name.describe() for name in names)]
    hint = [f"确认后登记：lianzheng alias {config.cycle.cycle} 写法 单位编号"] * bool(names)
    return [*told, *hint], bool(names)


def unknown_names(config: CycleConfig, tables: Tables) -> list[UnknownName]:
    """Names in files (issues ``unknown_unit``) and of folders that match no unit, in the order of names."""
    places: dict[str, list[str]] = {}
    for name, place in (*_names_in_files(tables), *_names_of_folders(tables)):
        if name.strip() and config.unit_index.find(name) is None:
            places.setdefault(name.strip(), []).append(place)
    return [
        UnknownName(name, tuple(found), tuple(suggestions(config, name)))
        for name, found in sorted(places.items())
    ]


def _names_in_files(tables: Tables) -> Iterator[tuple[str, str]]:
    paths = tables["files"].set_index("file_id")["path"]
    issues = tables["issues"]
    issues = issues[(issues["code"] == "unknown_unit") & issues["value_seen"].notna()]
    for issue in issues.astype(object).where(issues.notna(), None).to_dict("records"):
        place = (paths.get(issue["file_id"]), issue["sheet"], issue["cell"])
        yield str(issue["value_seen"]), " ".join(str(part) for part in place if part)


def _names_of_folders(tables: Tables) -> Iterator[tuple[str, str]]:
    """The nearest folder below units/ or questionnaires/ of a file whose unit nothing says; once a folder."""
    files = tables["files"]
    for path in sorted(files[files["unit_id"].isna()]["path"]):
        parts = PurePosixPath(path).parts
        if parts[0] == "units" and len(parts) > 2:
            yield parts[1], "/".join(parts[:2])


def suggestions(config: CycleConfig, written: str) -> Iterator[tuple[float, str, str]]:
    """The likeliest units, best first: likeness of the name that is most like what was written, unit_id, full name."""
    from rapidfuzz.fuzz import ratio

    sought = plain_unit(written)
    best = [
        (max(ratio(sought, plain_unit(name)) for name in u.names), u.unit_id, u.name) for u in config.units
    ]
    ranked = sorted(best, key=lambda one: (-one[0], one[1]))
    yield from (one for one in ranked[:_MOST_SUGGESTIONS] if one[0] >= LEAST_LIKENESS)


def add_alias(config: CycleConfig, written: str, unit_id: str) -> bool:
    """Write a confirmed alias into units.csv, atomically, every other byte as it was; False where it is known already.

    Raises :class:`ParameterError` for a name that says nothing, stands for another unit, or could mean another one.
    """
    alias, unit = written.strip(), config.unit(unit_id)
    owner = config.unit_index.find(alias)
    if owner == unit_id:
        return False
    _refuse(config, alias, unit_id, owner)
    path = config.folder / "units.csv"
    text = path.read_bytes().decode("utf-8")  # a BOM stays what it is: the first character of the header
    write_atomically(path, _with_alias(text, alias, unit.unit_id).encode("utf-8"))
    return True


def _refuse(config: CycleConfig, alias: str, unit_id: str, owner: str | None) -> None:
    folded = plain_unit(alias)
    if not folded or _FORBIDDEN.search(alias):
        raise ParameterError(f"{alias!r} 不能作单位名称", "写单位的一个写法，不含逗号、引号、竖线和换行")
    if owner is not None:
        raise ParameterError(
            f"“{alias}”已是 {owner} {config.unit(owner).name} 的名称", "一个写法只能指一个单位"
        )
    others = [
        u for u in config.units if u.unit_id != unit_id and any(folded in plain(name) for name in u.names)
    ]
    if others:
        named = "、".join(f"{u.unit_id} {u.name}" for u in others)
        raise ParameterError(f"“{alias}”也可能指 {named}", "写得更全一些；确需登记的，请直接编辑 units.csv")


def _with_alias(text: str, alias: str, unit_id: str) -> str:
    """The roster with the alias added to the unit's field ``aliases``."""
    lines = text.splitlines(keepends=True)
    header = [_bare(field) for field in _FIELD.findall(lines[0])]
    if "aliases" not in header:
        raise ParameterError("units.csv 没有 aliases 列", "先在表头末尾加一列 aliases")
    ids, column = header.index("unit_id"), header.index("aliases")
    for number, line in enumerate(lines):
        fields = [
            match for match in _FIELD.finditer(line) if match.start() < len(line.rstrip("\r\n")) or match[0]
        ]
        if number and len(fields) > ids and _bare(fields[ids][0]) == unit_id:
            start = fields[column].start() if column < len(fields) else len(line.rstrip("\r\n"))
            old = fields[column][0].rstrip(",") if column < len(fields) else ""
            is_quoted = old.endswith('"') and len(old) > 2
            new = f'{old[:-1]}|{alias}"' if is_quoted else f"{old}|{alias}" if old.strip('"') else alias
            lines[number] = line[:start] + new + line[start + len(old) :]
    return "".join(lines)


def _bare(field: str) -> str:
    return field.rstrip(",").strip().strip('"').strip("\ufeff")
