"""Checks on a form: one check = one function = one issue code, listed per form in :data:`CHECKS`.

Only ``fail`` accuses anyone: what cannot be judged because a cell is blank or unreadable is insufficient_data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from lianzheng.intake.reading import Entry, Reading

Outcome = Literal["pass", "fail", "not_applicable", "insufficient_data", "parse_error", "execution_error"]
GRAVITY: tuple[Outcome, ...] = (
    "not_applicable", "pass", "insufficient_data", "execution_error", "parse_error", "fail",
)  # fmt: skip
Fault = tuple[str, Entry, float, dict[str, object]]  # code, where, what was seen, words
Check = Callable[[Reading], Iterator[Fault | None]]  # None: something could not be judged
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Checked:
    """A check's outcome on one form, and the issue it raised (empty where none)."""

    check_id: str
    outcome: Outcome
    issue_id: str = ""


def run_checks(reading: Reading) -> list[Checked]:
    """Run the form's checks, add their issues to the reading, and return the outcomes."""
    results = [_of_cells(reading, code) for code in CELL_CODES.get(reading.map.form.form_id, ())]
    for check in CHECKS.get(reading.map.form.form_id, ()):
        found, first = list(check(reading)), len(reading.issues)
        for code, entry, seen, words in (fault for fault in found if fault is not None):
            reading.report(
                code,
                entry.sheet,
                entry.cell,
                f"{seen:g}",
                row=entry.row_label,
                column=entry.column_label,
                **words,
            )
        raised = sorted(reading.issues[first:], key=lambda issue: issue.severity == "note")
        is_failed = bool(raised) and raised[0].severity != "note"
        outcome: Outcome = "fail" if is_failed else "insufficient_data" if None in found else "pass"
        results.append(Checked(check.__name__, outcome, raised[0].issue_id if raised else ""))
    return results


def _of_cells(reading: Reading, code: str) -> Checked:
    """What the reader has already said about single cells, as the outcome of a check."""
    raised = [issue.issue_id for issue in reading.issues if issue.code == code]
    return Checked(code, "fail" if raised else "pass", raised[0] if raised else "")


def above_maximum(reading: Reading) -> Iterator[Fault | None]:
    """Points are not above the points of their item."""
    for entry in reading.entries:
        points = _number(entry)
        if entry.maximum is not None and points is not None and points > entry.maximum + _TOLERANCE:
            yield "above_maximum", entry, points, {"maximum": f"{entry.maximum:g}"}


def sum_mismatch(reading: Reading) -> Iterator[Fault | None]:
    """A total equals the sum of its rows; amounts may differ by rounding: (n+1) × half a unit of the last digit."""
    for total, parts in _totals(reading):
        values = [_summand(reading, part) for part in parts]
        written = _number(total)
        if not parts or written is None or None in values:
            yield None
            continue
        numbers = [value for value in values if value]
        gap = abs(written - sum(numbers)) - _TOLERANCE
        code = "rounding_difference" if gap <= _envelope(total, numbers, written) else "sum_mismatch"
        if gap > 0:
            yield code, total, written, {"expected": f"{round(sum(numbers), 6):g}"}


def _totals(reading: Reading) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each total with its parts; none where rows are missing."""
    tables = {
        table.table_id: sum(row.role == "data" for row in table.rows) for table in reading.map.form.tables
    }
    for total in reading.entries:
        if total.role == "total" and (total.unit_of_measure or total.maximum is not None):
            column = ("data", total.table_id, total.column_label)
            parts = [e for e in reading.entries if (e.role, e.table_id, e.column_label) == column]
            yield total, parts if len(parts) == tables[total.table_id] else []


def _summand(reading: Reading, entry: Entry) -> float | None:
    """A part's value; a blank that may stay blank and 不适用 add nothing; anything unclear is None."""
    if entry.value.state in ("blank", "not_applicable") and not _is_reported(reading, entry):
        return 0.0
    return _number(entry)


def _is_reported(reading: Reading, entry: Entry) -> bool:
    return (entry.sheet, entry.cell) in {(issue.source.sheet, issue.source.cell) for issue in reading.issues}


def _envelope(total: Entry, parts: list[float], written: float) -> float:
    """What rounding explains; a part of 0 was not rounded and does not count."""
    if total.unit_of_measure != "万元":
        return 0.0
    digits = max(len(repr(round(number, 9)).partition(".")[2].rstrip("0")) for number in (*parts, written))
    return (len(parts) + 1) * 0.5 * 10.0**-digits


def discipline_above_treatment(reading: Reading) -> Iterator[Fault | None]:
    """Nobody is disciplined who is not involved.

    One person may get a Party and a government sanction, so only the larger of the two is held against 涉及人数.
    """
    sanctions = ("n_party_discipline", "n_government_discipline")
    return _compare(reading, sanctions, max, "n_persons", "discipline_above_treatment")


def rectified_above_problems(reading: Reading) -> Iterator[Fault | None]:
    """已整改 + 整改中 ≤ 问题数."""
    return _compare(reading, ("n_rectified", "n_rectifying"), sum, "n_problems", "rectified_above_problems")


def _compare(
    reading: Reading, parts: tuple[str, ...], joined: Callable[[list[float]], float], limit: str, code: str
) -> Iterator[Fault | None]:
    """In every row, what ``parts`` come to must not exceed ``limit``."""
    for row in _rows(reading, "problems", "measure_id"):
        numbers = {name: _number(row[name]) if name in row else None for name in (*parts, limit)}
        seen = joined([numbers[name] or 0.0 for name in parts])
        if None in numbers.values():
            yield None
        elif seen > (numbers[limit] or 0.0):
            where = max((row[name] for name in parts), key=lambda entry: _number(entry) or 0.0)
            yield code, where, seen, {"expected": f"{numbers[limit]:g}"}


def _rows(reading: Reading, table_id: str, key: str) -> list[dict[str, Entry]]:
    """The data rows of a table, each with its entries by what ``key`` says of their column."""
    rows: dict[str, dict[str, Entry]] = {}
    for entry in reading.entries:
        if entry.table_id == table_id and entry.role == "data":
            rows.setdefault(entry.row_label, {})[entry.keys[key]] = entry
    return list(rows.values())


def all_zero_return(reading: Reading) -> Iterator[Fault | None]:
    """An all-zero return of self-found problems is plausible and suspicious at once: a note."""
    entries = [entry for row in _rows(reading, "problems", "measure_id") for entry in row.values()]
    if entries and all(_number(entry) == 0 for entry in entries):
        yield "all_zero_return", entries[0], 0, {}


def tally_not_conserved(reading: Reading) -> Iterator[Fault | None]:
    """For every question the options and 弃权 come to the valid ballots."""
    expected = reading.header["n_valid"].value.value if "n_valid" in reading.header else None
    for row in _rows(reading, "votes", "option_id"):
        votes = [_number(entry) for entry in row.values()]
        counted = sum(vote or 0.0 for vote in votes)
        if not isinstance(expected, float) or None in votes:
            yield None
        elif counted != expected:
            yield "tally_not_conserved", next(iter(row.values())), counted, {"expected": f"{expected:g}"}


def _number(entry: Entry) -> float | None:
    return entry.value.value if isinstance(entry.value.value, float) else None


_CELLS = (
    "missing_value", "not_a_number", "formula_without_value", "error_value", "negative_value", "pending_value", "placeholder_left",
)  # fmt: skip
CELL_CODES: dict[str, tuple[str, ...]] = {
    "standard": _CELLS,
    "statistics": (*_CELLS, "not_an_integer"),
    "team_scores": _CELLS,
    "tally": (*_CELLS, "not_an_integer"),
}
CHECKS: dict[str, tuple[Check, ...]] = {
    "standard": (above_maximum, sum_mismatch),
    "statistics": (sum_mismatch, discipline_above_treatment, rectified_above_problems, all_zero_return),
    "team_scores": (above_maximum,),
    "tally": (tally_not_conserved,),
}
