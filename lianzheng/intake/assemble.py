"""Records of all files → the rows of the processed tables: ids, uniqueness, references between files."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.intake.ballots import tally
from lianzheng.intake.ledger import ORIGIN, fingerprint, subject_named
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.tables import schemas

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Target = tuple[str, str, str]  # file_id, sheet, cell
NUMBERED = {
    "findings": ("finding_id", "F"),
    "highlights": ("highlight_id", "H"),
    "rectifications": ("rectification_id", "R"),
}
STATISTICS = "statistics_by_unit_category_measure"


def assemble(
    files: Sequence[Received], config: CycleConfig, is_asked: Callable[[Record], bool] = lambda record: True
) -> tuple[Rows, dict[Target, str]]:
    """Rows by table, complete and unique, out of the records that are asked for; which table, key and column each cell fills."""
    rows: Rows = {}
    targets: dict[Target, str] = {}
    firsts: dict[tuple[str, tuple[Any, ...]], Received] = {}
    counters: Counter[tuple[str, str]] = Counter()
    fillers, known = _fillers(config), schemas()
    by_path = sorted(files, key=lambda file: file.path)
    ordered = [(file, record) for file in by_path for record in file.records if is_asked(record)]
    ordered.sort(key=lambda pair: pair[1].is_fallback)
    for file, record in ordered:
        into, row = record.into, dict(record.values)
        if into in fillers:
            row |= fillers[into](row)
        if into not in known or None in map(row.get, _needed(into)):
            continue
        _number(into, row, counters)
        key = tuple(map(row.__getitem__, known[into].key))
        if first := firsts.get((into, key)):
            _report_duplicate(file, first, record, key)
            continue
        firsts[into, key] = file
        rows.setdefault(into, []).append(row)
        place = "/".join((into, "|".join(map(_said, key)), ""))
        for sheet, cell, column in record.cells:
            targets[file.file_id, sheet, cell] = place + column
    return rows, targets


def _said(part: Any) -> str:
    return part if isinstance(part, str) else f"{part:g}" if isinstance(part, float) else str(part)


@functools.cache
def _needed(table: str) -> tuple[str, ...]:
    """The columns that a row must have before it is numbered; what is not complete already has an issue."""
    numbered = NUMBERED.get(table, ("", ""))[0]
    required = (column.name for column in schemas()[table].columns if not column.is_nullable)
    return tuple(name for name in required if name not in ("cycle", numbered))


def _number(table: str, row: Row, counters: Counter[tuple[str, str]]) -> None:
    """Ids of findings, highlights and rectifications: unit and number, in the order of files and rows."""
    if table in NUMBERED:
        column, letter = NUMBERED[table]
        counters[table, row["unit_id"]] += 1
        row[column] = f"{row['unit_id']}-{letter}{counters[table, row['unit_id']]:02d}"


def _report_duplicate(file: Received, first: Received, record: Record, key: tuple[Any, ...]) -> None:
    """Each record that stands twice in its file; of two files that say the same, once the later one."""
    if record.is_fallback or not record.cells:
        return
    sheet, cell, _ = record.cells[0]
    if first is file:
        file.report("duplicate_record", "/".join(str(part) for part in key if part), sheet, cell)
    elif ("duplicate_file", first.path) not in {(issue.code, issue.value_seen) for issue in file.issues}:
        file.report("duplicate_file", first.path, sheet, cell)


def _fillers(config: CycleConfig) -> dict[str, Any]:
    """What a table's rows get beyond what was written: one small function per table."""
    classes = config.findings.bulletin_classes if config.findings else ()
    class_of = {subject: kind.bulletin_class for kind in classes for subject in kind.subjects}
    items = [item for item in config.standard.items if len(item.evidence_classes) == 1]
    only_class = {item.item_id: item.evidence_classes[0] for item in items}
    scale = config.questionnaire.scale if config.questionnaire else ()
    coefficients = {option.option_id: option.coefficient for option in scale}
    units = dict(_units_of_measure(config))
    return {
        "scores_by_unit_item_scorer": lambda row: {"part_id": row.get("part_id", "")},
        "rectifications": lambda row: (
            {
                "subject_id": row.get("subject_id") or subject_named(config, row["text"]),
                "origin_key": fingerprint(row),
            }
            if all(row.get(name) is not None for name in ORIGIN)
            else {}
        ),
        "findings": lambda row: {
            "bulletin_class": class_of.get(row.get("subject_id")),
            "evidence_class": row.get("evidence_class") or only_class.get(row.get("item_id")),
        },
        "tallies_by_unit_question_option": lambda row: {"coefficient": coefficients.get(row["option_id"])},
        STATISTICS: lambda row: (
            {} if row["unit_of_measure"] else {"unit_of_measure": units.get(row["measure_id"], "")}
        ),
    }


def _units_of_measure(config: CycleConfig) -> Iterator[tuple[str, str]]:
    """Measure → unit, as the form of this year prints it, for files that do not say it."""
    for table in config.statistics.form.tables if config.statistics else ():
        places = [(column.keys, column.unit_of_measure) for column in table.columns]
        places += [(row.keys, row.unit_of_measure) for row in table.rows]
        yield from ((keys["measure_id"], unit) for keys, unit in places if "measure_id" in keys and unit)


def add_tallies(rows: Rows, files: Sequence[Received], config: CycleConfig) -> None:
    """Votes counted from ballots, beside those counted by hand; a hand count of the same group is kept."""
    if config.questionnaire is None:
        return
    name = "tallies_by_unit_question_option"
    by_hand = {(row["unit_id"], row["rater_group"]) for row in rows.get(name, [])}
    by_path = sorted(files, key=lambda file: file.path)
    counts = ((file.unit_id, file.file_id, own.counts) for file in by_path for own in file.ballots)
    counted = tally(counts, config.questionnaire)
    kept = [row for row in counted if (row["unit_id"], row["rater_group"]) not in by_hand]
    rows.setdefault(name, []).extend(kept)
