"""Supporting material (佐证材料): which items a file serves by the names of file and folders, and what is missing.

The files are listed and hashed, never opened. Names are read as people write them: the printed 序号 of 附件1, an
item's id or name, a class of documents; dates, years, versions and counts are no item numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.intake.received import Received
from lianzheng.issues import Issue, Source
from lianzheng.names import plain

SELF, FORM = "self", "standard"
_SHOWN_NAMES = 3
_DATE = re.compile(
    r"(?:19|20)\d{2}(?:\s*[年./_-]\s*\d{1,2}(?:[月./_-]\d{1,2})?[月日号]?(?!\d)|年度?|(?:\d{4}|\d{2})?(?!\d))"
    r"|\d{1,2}月(?:份|\d{1,2}[日号])?|\d{1,2}[.]\d{1,2}(?!\d)"
)
_COPY = re.compile(r"\s*(?:\(\d{1,2}\)|-?\s*副本)+$")
_N = r"\d{1,2}"
_LIST = rf"{_N}(?:\s*(?:[、,/+&]|和|及)\s*{_N})*"
_CHINESE = "[一二三四五六七八九十]{1,3}"
# What a number counts when it stands right behind it (3次, 8项规定), but not the words that only begin so (3 个别约谈).
_COUNTERS = (
    r"[时点秒份次张页届版季楼周天万元级位起户辆室度]|年(?!度)|月(?!度)|日(?!常|志)|人(?!员|才|事)|个(?!别|人)|期(?!间)|组(?!织)"
    r"|批(?!示|评)|名(?!单|册)|本(?!单|级|年)|项(?!目)|家(?!风|庭)|处(?!分|置|理)|重(?!点|大|要)|风(?!险)|岗(?!位)|条(?!例)"
    r"|大(?!额)|公(?!务|开|示|车)|分(?!工|管|解)|号(?!材料|文件)|会一课"
)
_NOT_COUNTED = rf"(?!\d|[A-Za-z%]|{_COUNTERS}|\s*(?:至|到|~)\s*\d)"
_NUMBERED = re.compile(
    rf"[\s(\[【〔]*(?:(?:佐证)?材料|序号|项目)?\s*(?P<list>{_LIST})(?:\s*(?:至|到|~)\s*(?P<last>{_N}))?{_NOT_COUNTED}"
    rf"|[\s(\[【〔]*第\s*(?P<nth>{_LIST}|{_CHINESE})(?:\s*[至到~—–-]\s*(?P<end>{_N}))?\s*(?:项|条|号(?=材料|$))"
    rf"|\s*[(\[【〔]?(?P<word>{_CHINESE})\s*(?:[、,.:)\]】〕_-]|\s)"
)
_NUMERALS = {word: number for number, word in enumerate("一二三四五六七八九", start=1)}
Row = dict[str, Any]
Served = tuple[tuple[str, str], ...]  # (evidence class, item) pairs; an empty item is the class as a whole


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What names may say: ``numbers`` as printed, ``names`` of items (also ids) and ``classes`` folded, ``blocks``."""

    numbers: Mapping[int, str]
    names: Mapping[str, str]
    classes: Mapping[str, str]
    first_class: Mapping[str, str]
    blocks: tuple[str, ...]
    folders: frozenset[str]


def make_catalogue(config: CycleConfig) -> Catalogue:
    """The catalogue of a cycle; numbers are those that 附件1 prints."""
    numbers: dict[int, str] = {}
    for table in config.forms[FORM].tables if FORM in config.forms else ():
        shown = [column.shows for column in table.label_columns]
        for row in table.rows if "number" in shown else ():
            if (number := row.labels[shown.index("number")]).isdigit():
                numbers[int(number)] = row.row_id
    items = [item for item in config.standard.items if item.item_id in numbers.values()]
    kinds = config.findings.evidence_classes if config.findings else ()
    return Catalogue(
        numbers,
        {_bare(name): item.item_id for item in items for name in (item.item_id, item.name, *item.aliases)},
        {_bare(name): kind.id for kind in kinds for name in (kind.label, *kind.aliases)},
        {item.item_id: item.evidence_classes[0] for item in items if item.evidence_classes},
        tuple(_bare(re.sub(r"^.*?、|（.*", "", block.label)) for block in config.standard.blocks),
        frozenset(map(plain, config.cycle.materials_folders)),
    )


def _bare(text: str) -> str:
    return plain(text).replace('"', "").replace("'", "")


def served_by(path: str, catalogue: Catalogue) -> Served:
    """Which class and items the file below a materials folder serves: its own name first, then the nearest folder.

    A name that is nothing but a number is a page of what its folder says, if that says anything. Without a class in
    the path it is the first class of each item.
    """
    *folders, name = PurePosixPath(path).parts
    start = next((i for i, part in enumerate(folders, start=1) if plain(part) in catalogue.folders), 0)
    parts = [PurePosixPath(name).stem, *reversed(folders[start:])]
    said = [items for part in parts if (items := _items_in(part, catalogue))]
    is_page = len(said) > 1 and _COPY.sub("", unicodedata.normalize("NFKC", parts[0])).strip().isdigit()
    items = said[is_page] if said else ()
    kinds = (_longest(part, catalogue.classes) for part in parts)
    kind = next((kind for kind in kinds if kind), "")
    if not items:
        return ((kind, ""),) if kind else ()
    return tuple((kind or catalogue.first_class.get(item, ""), item) for item in items)


def _items_in(part: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The items that one name says: by number and by name; where these disagree the name counts."""
    named = dict.fromkeys(catalogue.names[word] for word in _found(part, catalogue.names))
    numbers = [] if any(block in _bare(part) for block in catalogue.blocks) else _numbers_in(part)
    numbered = dict.fromkeys(catalogue.numbers.get(number, "") for number in numbers)
    if "" in numbered or (named and not set(named) & set(numbered)):
        return tuple(named)
    return tuple(numbered or named)


def _numbers_in(part: str) -> list[int]:
    """The numbers that begin a name and are no date, version or count."""
    text = _COPY.sub("", _DATE.sub(" ", unicodedata.normalize("NFKC", part)))
    match = _NUMBERED.match(text)
    written = (match["list"] or match["nth"] or match["word"]) if match else ""
    if written and not written[0].isdigit():
        tens, ten, ones = written.rpartition("十")
        return [(_NUMERALS.get(tens, 1) * 10 if ten else 0) + _NUMERALS.get(ones, 0)]
    numbers = [int(digits) for digits in re.findall(_N, written)]
    last = int((match and (match["last"] or match["end"])) or 0)
    return [*numbers, *range(numbers[-1] + 1, last + 1)] if last else numbers


def _found(part: str, words: Mapping[str, str]) -> list[str]:
    """The words that stand in a name, the longer one where two begin at one place; an id is no part of a longer one."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    pattern = "|".join(rf"(?<![a-z\d]){w}(?!\d)" if w.isascii() else re.escape(w) for w in longest_first)
    return re.findall(pattern, _bare(part)) if words else []


def _longest(part: str, words: Mapping[str, str]) -> str:
    return words.get(max(_found(part, words), key=len, default=""), "")


def evidence_rows(files: Iterable[Received]) -> list[Row]:
    """Rows of evidence_by_unit_class for what units handed in: different files by unit, class and item."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for file in _materials(files):
        for kind, item in file.serves if file.unit_id else ():
            if kind:
                found.setdefault((file.unit_id, kind, item), {}).setdefault(file.sha256, file.file_id)
    return [
        {
            "unit_id": unit_id, "evidence_class": kind, "item_id": item, "scorer": SELF,
            "n_documents": len(ids), "file_id": next(iter(ids.values())),
        }
        for (unit_id, kind, item), ids in found.items()
    ]  # fmt: skip


def _materials(files: Iterable[Received]) -> list[Received]:
    return sorted((file for file in files if file.state == "material"), key=lambda file: file.path)


def check_materials(
    files: Sequence[Received], scores: Iterable[Row], config: CycleConfig
) -> tuple[list[Issue], list[Row]]:
    """What is wrong with the materials of each unit, and rows of checks; nothing where no folder is agreed upon.

    ``scores`` are the points as written down; only the units' own count here.
    """
    if not config.cycle.materials_folders:
        return [], []
    issues: list[Issue] = []
    checks: list[Row] = []
    handed_in = _materials(files)
    owners: dict[str, set[str]] = {}
    by_unit: dict[str, list[Received]] = {}
    for file in handed_in:
        owners.setdefault(file.sha256, set()).add(file.unit_id)
        by_unit.setdefault(file.unit_id, []).append(file)
    own: dict[str, list[Row]] = {}
    for row in scores:
        if row["scorer"] == SELF and not row["member_id"]:
            own.setdefault(row["unit_id"], []).append(row)
    for unit in config.units:
        of_unit, scored = by_unit.get(unit.unit_id, []), own.get(unit.unit_id, [])
        issues += material_unassigned(of_unit)
        found = {"identical_material": identical_material(of_unit, owners)} if of_unit else {}
        if scored:
            found["missing_materials"] = missing_materials(of_unit, scored)
            found["no_evidence"] = no_evidence(of_unit, scored, config)
        for check_id, raised in found.items():
            issues += raised
            outcome = "fail" if raised else "pass"
            if check_id == "no_evidence" and not of_unit:
                outcome = "not_applicable"
            ids = {"unit_id": unit.unit_id, "form_id": FORM, "check_id": check_id}
            checks.append({**ids, "outcome": outcome, "issue_id": raised[0].issue_id if raised else None})
    return issues, checks


def missing_materials(materials: Sequence[Received], scored: Sequence[Row]) -> list[Issue]:
    """A unit that scored itself has handed in something."""
    if materials:
        return []
    return [Issue("missing_materials", scored[0]["unit_id"], FORM, Source(scored[0]["file_id"]))]


def no_evidence(materials: Sequence[Received], scored: Sequence[Row], config: CycleConfig) -> list[Issue]:
    """An item that asks for papers and was given points has a paper of its own, or one of a class as a whole."""
    served = {pair for file in materials for pair in file.serves}
    items, whole = {item for _, item in served}, {kind for kind, item in served if not item}
    own_last = sorted(
        scored, key=lambda row: not row.get("part_id")
    )  # an item's own row goes before those of parts
    points = {row["item_id"]: row for row in own_last if (row["points"] or 0) > 0}
    names = {kind.id: kind.label for kind in config.findings.evidence_classes} if config.findings else {}
    issues = []
    for item in config.standard.items if materials else ():
        row = points.get(item.item_id)
        if (
            row
            and config.standard.block_of(item.item_id).is_for(config.unit(row["unit_id"]).unit_type)
            and item.evidence_classes
            and item.item_id not in items
            and not whole & set(item.evidence_classes)
        ):
            words: dict[str, object] = {
                "row": item.name,
                "expected": "、".join(names[kind] for kind in item.evidence_classes),
            }
            source = Source(row["file_id"], row["sheet"], row["cell"])
            issues.append(Issue("no_evidence", row["unit_id"], FORM, source, f"{row['points']:g}", words))
    return issues


def material_unassigned(materials: Sequence[Received]) -> list[Issue]:
    """Files whose names say neither an item nor a class: one note for the unit."""
    strange = [file for file in materials if not file.serves]
    if not strange:
        return []
    names = [PurePosixPath(file.path).name for file in strange]
    detail = "、".join(names[:_SHOWN_NAMES]) + "等" * (len(names) > _SHOWN_NAMES)
    source = Source(strange[0].file_id)
    return [Issue("material_unassigned", strange[0].unit_id, "", source, str(len(names)), {"detail": detail})]


def identical_material(materials: Sequence[Received], owners: Mapping[str, set[str]]) -> list[Issue]:
    """The very same file at another unit; which one is for the office to see, not for the unit."""
    firsts = {file.sha256: file for file in reversed(materials) if file.size_bytes}
    return [
        Issue("identical_material", file.unit_id, FORM, Source(file.file_id), PurePosixPath(file.path).name)
        for sha256, file in sorted(firsts.items(), key=lambda pair: pair[1].path)
        if len(owners[sha256] - {""}) > 1
    ]
