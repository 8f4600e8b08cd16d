"""Checks on a form: one check = one function = one issue code, listed per form in :data:`CHECKS`.

Only ``fail`` accuses anyone: what cannot be judged because a cell is blank or unreadable is insufficient_data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from lianzheng.intake.reading import Entry, Reading
from lianzheng.issues import KINDS

Outcome = Literal["pass", "fail", "not_applicable", "insufficient_data", "parse_error", "execution_error"]
GRAVITY: tuple[Outcome, ...] = (
    "not_applicable", "pass", "insufficient_data", "execution_error", "parse_error", "fail",
)  # fmt: skip
Fault = tuple[str, Entry, str, dict[str, object]]  # code, where, what was seen, words
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Checked:
    """A check's outcome on one form, and the issue it raised (empty where none)."""

    check_id: str
    outcome: Outcome
    issue_id: str = ""


Found = tuple[list[Fault], Outcome]
Check = Callable[[Reading], Found]


def run_checks(reading: Reading) -> list[Checked]:
    """Run the form's checks, add their issues to the reading, and return the outcomes."""
    results = [_of_cells(reading, code) for code in CELL_CODES.get(reading.map.form.form_id, ())]
    for check in CHECKS.get(reading.map.form.form_id, ()):
        faults, outcome = check(reading)
        first = len(reading.issues)
        for code, entry, seen, words in faults:
            reading.report(code, entry.sheet, entry.cell, seen, **words)
        failed = [issue for issue in reading.issues[first:] if issue.severity != "note"]
        raised = (failed or reading.issues[first:])[:1]
        result: Outcome = "fail" if failed else outcome
        results.append(Checked(check.__name__, result, raised[0].issue_id if raised else ""))
    return results


def _of_cells(reading: Reading, code: str) -> Checked:
    """What the reader has already said about single cells, as the outcome of a check."""
    raised = [issue.issue_id for issue in reading.issues if issue.code == code]
    return Checked(code, "fail" if raised else "pass", raised[0] if raised else "")


def above_maximum(reading: Reading) -> Found:
    """Points are not above the points of their item."""
    scored = [(e, _number(e), e.maximum) for e in reading.entries if e.maximum is not None]
    return [
        (
            "above_maximum",
            e,
            f"{points:g}",
            {"row": e.row_label, "column": e.column_label, "maximum": f"{highest:g}"},
        )
        for e, points, highest in scored
        if points is not None and highest is not None and points > highest + _TOLERANCE
    ], "pass"


def sum_mismatch(reading: Reading) -> Found:
    """A total equals the sum of its rows; amounts may differ by rounding: (n+1) × half a unit of the last digit."""
    faults: list[Fault] = []
    outcome: Outcome = "not_applicable"
    for total, parts in _totals(reading):
        values = [_summand(reading, part) for part in parts or [total]]
        written = _number(total)
        if parts is None or written is None or any(value is None for value in values):
            outcome = "insufficient_data"
            continue
        outcome = "pass" if outcome == "not_applicable" else outcome
        numbers = [value for value in values if value]
        expected = sum(numbers)
        gap = abs(written - expected)
        code = (
            "rounding_difference"
            if gap <= _envelope(total, numbers, written) + _TOLERANCE
            else "sum_mismatch"
        )
        if gap > _TOLERANCE:
            words: dict[str, object] = {"column": total.column_label, "expected": f"{round(expected, 6):g}"}
            faults.append((code, total, f"{written:g}", words))
    return faults, outcome


def _totals(reading: Reading) -> Iterator[tuple[Entry, list[Entry] | None]]:
    """Each total with its parts; None where rows are missing."""
    n_rows = {
        table.table_id: sum(row.role == "data" for row in table.rows) for table in reading.map.form.tables
    }
    for total in reading.entries:
        if total.role == "total" and (total.unit_of_measure or total.maximum is not None):
            column = (total.table_id, total.column_label)
            parts = [
                e for e in reading.entries if e.role == "data" and (e.table_id, e.column_label) == column
            ]
            yield total, parts if len(parts) == n_rows[total.table_id] else None


def _summand(reading: Reading, entry: Entry) -> float | None:
    """A part's value; a blank that may stay blank and 不适用 add nothing; anything unclear is None."""
    if entry.value.state in ("blank", "not_applicable") and not _is_reported(reading, entry):
        return 0.0
    return _number(entry)


def _is_reported(reading: Reading, entry: Entry) -> bool:
    return any(
        (issue.source.sheet, issue.source.cell) == (entry.sheet, entry.cell) for issue in reading.issues
    )


def _envelope(total: Entry, parts: list[float], written: float) -> float:
    """What rounding explains; a part of 0 was not rounded and does not count."""
    if total.unit_of_measure != "万元":
        return 0.0
    digits = max(len(repr(round(number, 9)).partition(".")[2].rstrip("0")) for number in (*parts, written))
    return (len(parts) + 1) * 0.5 * 10.0**-digits


def discipline_above_treatment(reading: Reading) -> Found:
    """Nobody is disciplined who is not involved.

    One person may get a Party and a government sanction, so only the larger of the two is held against 涉及人数.
    """
    return _compare(
        reading,
        ("n_party_discipline", "n_government_discipline"),
        max,
        ("n_persons",),
        "discipline_above_treatment",
    )


def rectified_above_problems(reading: Reading) -> Found:
    """已整改 + 整改中 ≤ 问题数."""
    return _compare(
        reading, ("n_rectified", "n_rectifying"), sum, ("n_problems",), "rectified_above_problems"
    )


def _compare(
    reading: Reading,
    parts: tuple[str, ...],
    joined: Callable[[list[float]], float],
    limits: tuple[str, ...],
    code: str,
) -> Found:
    """In every row, what ``parts`` come to must not exceed the sum of ``limits``."""
    faults: list[Fault] = []
    outcome: Outcome = "pass"
    for row in _rows(reading, "problems"):
        numbers = {name: _number(row[name]) if name in row else None for name in (*parts, *limits)}
        if any(number is None for number in numbers.values()):
            outcome = "insufficient_data"
            continue
        seen = joined([numbers[name] or 0.0 for name in parts])
        expected = sum(numbers[name] or 0.0 for name in limits)
        if seen > expected:
            where = max((row[name] for name in parts), key=lambda entry: _number(entry) or 0.0)
            faults.append((code, where, f"{seen:g}", {"row": where.row_label, "expected": f"{expected:g}"}))
    return faults, outcome


def _rows(reading: Reading, table_id: str) -> list[dict[str, Entry]]:
    rows: dict[str, dict[str, Entry]] = {}
    for entry in reading.entries:
        if entry.table_id == table_id and entry.role == "data":
            rows.setdefault(entry.row_label, {})[entry.keys.get("measure_id", entry.column)] = entry
    return list(rows.values())


def all_zero_return(reading: Reading) -> Found:
    """An all-zero return of self-found problems is plausible and suspicious at once: a note."""
    entries = [e for row in _rows(reading, "problems") for e in row.values()]
    is_zero = bool(entries) and all(_number(entry) == 0 for entry in entries)
    return [("all_zero_return", entries[0], "0", {})] if is_zero else [], "pass"


def tally_not_conserved(reading: Reading) -> Found:
    """For every question the options and 弃权 come to the valid ballots."""
    valid = reading.header.get("n_valid")
    expected = valid.value.value if valid else None
    faults: list[Fault] = []
    outcome: Outcome = "pass"
    for row in _rows_of_votes(reading):
        votes = [_number(entry) for entry in row]
        if not isinstance(expected, float) or any(vote is None for vote in votes):
            outcome = "insufficient_data"
        elif sum(vote or 0.0 for vote in votes) != expected:
            seen = f"{sum(vote or 0.0 for vote in votes):g}"
            faults.append(
                ("tally_not_conserved", row[0], seen, {"row": row[0].row_label, "expected": f"{expected:g}"})
            )
    return faults, outcome


def _rows_of_votes(reading: Reading) -> list[list[Entry]]:
    rows: dict[str, list[Entry]] = {}
    for entry in reading.entries:
        rows.setdefault(entry.keys.get("question_id", ""), []).append(entry)
    return list(rows.values())


def _number(entry: Entry) -> float | None:
    return entry.value.value if isinstance(entry.value.value, float) else None


_CELLS = ("missing_value", "not_a_number", "negative_value", "pending_value", "placeholder_left")
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
assert all(code in KINDS for codes in CELL_CODES.values() for code in codes)
