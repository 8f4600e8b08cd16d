"""Entries → records: rows of the processed tables, each with the cells that it came from."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from lianzheng.fonts import uncovered
from lianzheng.intake.reading import Entry, Reading
from lianzheng.intake.spool import Packed
from lianzheng.tables import schemas

PRIMARY = {
    "scores_by_unit_item_scorer": "points",
    "statistics_by_unit_category_measure": "value",
    "tallies_by_unit_question_option": "n_votes",
}
_DESCRIBED = frozenset("value_state raw_text unit_of_measure conversion file_id sheet cell".split())
"""What a table may take of an entry beside its value."""
_FROM_HEADER = {"team_id": "team_id", "scorer": "team_id", "rater_group": "rater_group"}
HIDDEN_TEXT = "（内容不公开）"
_ABOUT_TEXT = frozenset(("unread_cell", "hidden_value", "unknown_row", "unknown_column"))


class Record(NamedTuple):
    """A row for a processed table (or an office list), and which column came from which sheet and cell."""

    into: str
    values: dict[str, Any]
    cells: tuple[tuple[str, str, str], ...] = ()
    is_fallback: bool = False


class PackedRecords(Packed[Record]):
    """Records as bytes, put down and taken up as plain tuples, three times as fast as one by one."""

    def _dump(self, items: Sequence[Record]) -> bytes:
        return pickle.dumps([*map(tuple, items)], pickle.HIGHEST_PROTOCOL)

    def _load(self) -> Iterable[Record]:
        return map(Record._make, pickle.loads(self._data))


def make_records(reading: Reading) -> list[Record]:
    """The records of a form: entries that share table, keys and list row stand in one."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in reading.entries:
        groups.setdefault((entry.table_id, entry.record, *entry.keys.items()), []).append(entry)
    tables = {entry.into or entry.table_id for entry in reading.entries}
    names = {into: schemas()[into].names if into in schemas() else [] for into in tables}
    headers = {into: header_values(reading, names[into]) for into in tables}
    lacking = {into: _DESCRIBED.difference(names[into]) for into in tables}
    return [_record(entries, reading.file_id, headers, lacking) for entries in groups.values()]


def _record(
    entries: list[Entry], file_id: str, headers: dict[str, dict[str, Any]], lacking: dict[str, frozenset[str]]
) -> Record:
    first = entries[0]
    into = first.into or first.table_id
    column = PRIMARY.get(into)
    told = next((entry for entry in entries if entry.column == column), first)
    values: dict[str, Any] = {
        "value_state": told.value.state, "raw_text": told.raw_text, "unit_of_measure": told.unit_of_measure,
        "conversion": told.value.conversion or None, "file_id": file_id, "sheet": told.sheet, "cell": told.cell,
    }  # fmt: skip
    for name in lacking[into]:
        del values[name]
    values |= headers[into]
    values |= first.keys
    for entry in entries:
        values[entry.column] = entry.value.value
    return Record(into, values, tuple([(entry.sheet, entry.cell, entry.column) for entry in entries]))


def header_values(reading: Reading, names: Iterable[str]) -> dict[str, Any]:
    """What a table takes from the form's header: unit, team, scorer, group of raters."""
    known: dict[str, Any] = {"unit_id": reading.unit_id or None}
    for column, field_id in _FROM_HEADER.items():
        known[column] = reading.header[field_id].value.value if field_id in reading.header else None
    return {name: known[name] for name in names if known.get(name) is not None}


def tally_counts(reading: Reading) -> list[Record]:
    """发出 and 收回 of a hand tally's header, used where no site-visit sheet says them."""
    keys = header_values(reading, ("unit_id", "rater_group"))
    fields = {name: reading.header[name] for name in ("n_issued", "n_returned") if name in reading.header}
    if reading.map.form.form_id != "tally" or len(keys) < 2 or not fields:
        return []
    values: dict[str, Any] = {name: field.value.value for name, field in fields.items()}
    places = tuple((field.sheet, field.cell, name) for name, field in fields.items())
    lineage = {"file_id": reading.file_id, "sheet": places[0][0], "cell": places[0][1]}
    row: dict[str, Any] = {"form_id": "questionnaire", **keys, **values, **lineage}
    return [Record("ballot_counts", row, places, is_fallback=True)]


def report_glyphs(reading: Reading) -> None:
    """A note for each free text with characters that the reports' fonts do not have."""
    for entry in reading.entries:
        text = entry.value.value
        if isinstance(text, str) and (strange := uncovered(text)):
            codes = "、".join(f"U+{ord(character):04X}" for character in strange)
            reading.report("uncovered_glyph", entry.sheet, entry.cell, codes, detail=codes)


def keep_discreet(reading: Reading) -> None:
    """Take the words of talks and cases out of the issues: messages reach pages, private columns must not."""
    tables = [schemas()[table.into] for table in reading.map.form.tables if table.into in schemas()]
    private = {(table.name, column.name) for table in tables for column in table.columns if column.is_private}
    places = {(entry.sheet, entry.cell): (entry.into, entry.column) for entry in reading.entries}
    for i, issue in enumerate(reading.issues):
        place = places.get((issue.source.sheet, issue.source.cell))
        if place in private or (private and place is None and issue.code in _ABOUT_TEXT):
            reading.issues[i] = replace(issue, value_seen=HIDDEN_TEXT)
