"""Checks on a form: one check = one function = one issue code, listed per form in :data:`CHECKS`.

A check says of each figure that it judges what it came to; a figure of which nothing can be said, and why, is a
``Verdict`` too. Only ``fail`` accuses anyone: a check that found nothing to judge is not_applicable, a blank or pending
cell insufficient_data, a cell or file that could not be read parse_error, a check that broke down execution_error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from lianzheng.intake.reading import Entry, Reading

Outcome = Literal["pass", "fail", "not_applicable", "insufficient_data", "parse_error", "execution_error"]
GRAVITY: tuple[Outcome, ...] = (
    "not_applicable", "pass", "insufficient_data", "execution_error", "parse_error", "fail",
)  # fmt: skip
BREAKDOWNS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a check that meets something unforeseen may raise; it costs this check on this form and nothing else."""
Fault = tuple[str, Entry, float, dict[str, object]]  # code, where, what was seen, words
Verdict = Fault | Outcome
Check = Callable[[Reading], Iterator[Verdict]]
Found = TypeVar("Found")
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Checked:
    """A check's outcome on one form, and the issue it raised (empty where none)."""

    check_id: str
    outcome: Outcome
    issue_id: str = ""


def run_checks(reading: Reading) -> list[Checked]:
    """Run the form's checks, add their issues to the reading, and return the outcomes."""
    form_id = reading.map.form.form_id
    results = [_of_cells(reading, code) for code in CELL_CODES.get(form_id, ())]
    return results + [_run(reading, check) for check in CHECKS.get(form_id, ())]


def check_ids(form_id: str) -> list[str]:
    """The checks that a form of a unit has to stand."""
    return [*CELL_CODES.get(form_id, ()), *(check.__name__ for check in CHECKS.get(form_id, ()))]


def attempt(verdicts: Iterable[Found], report: Callable[[str], None]) -> list[Found] | None:
    """All verdicts of a check; None where it broke down, after ``report`` was told by what."""
    try:
        return list(verdicts)
    except BREAKDOWNS as error:
        report(type(error).__name__)
        return None


def _run(reading: Reading, check: Check) -> Checked:
    name, first = check.__name__, len(reading.issues)
    found = attempt(
        check(reading), lambda error: reading.report("check_failed_to_run", seen=error, detail=name)
    )
    if found is None:
        return Checked(name, "execution_error", reading.issues[-1].issue_id)
    for code, entry, seen, words in (verdict for verdict in found if isinstance(verdict, tuple)):
        labels = {"row": entry.row_label, "column": entry.column_label}
        reading.report(code, entry.sheet, entry.cell, f"{seen:g}", **labels, **words)
    raised = sorted(reading.issues[first:], key=lambda issue: issue.severity == "note")
    said: list[Outcome] = [verdict for verdict in found if not isinstance(verdict, tuple)]
    said += ["pass" if issue.severity == "note" else "fail" for issue in raised]
    outcome = max(said, key=GRAVITY.index, default=_without_figures(reading))
    return Checked(name, outcome, raised[0].issue_id if raised else "")


def _without_figures(reading: Reading) -> Outcome:
    """There is nothing to judge: because the form lacks a table that it must have, or because it has none of it."""
    is_incomplete = any(issue.code == "missing_table" for issue in reading.issues)
    return "insufficient_data" if is_incomplete else "not_applicable"


def _of_cells(reading: Reading, code: str) -> Checked:
    """What the reader has already said about single cells, as the outcome of a check; 待定 accuses nobody."""
    raised = [issue.issue_id for issue in reading.issues if issue.code == code]
    unclear: Outcome = "pass" if reading.entries else "insufficient_data"
    found: Outcome = "insufficient_data" if code == "pending_value" else "fail"
    return Checked(code, found if raised else unclear, raised[0] if raised else "")


def _unclear(entries: Iterable[Entry | None]) -> Outcome:
    """Why a figure cannot be judged: a cell that could not be read, else one that is blank, pending or not there."""
    is_unread = any(entry is not None and entry.value.state == "unreadable" for entry in entries)
    return "parse_error" if is_unread else "insufficient_data"


def above_maximum(reading: Reading) -> Iterator[Verdict]:
    """Points are not above the points of their item."""
    for entry in (entry for entry in reading.entries if entry.maximum is not None):
        points, maximum = _number(entry), entry.maximum or 0.0
        if points is not None and points > maximum + _TOLERANCE:
            yield "above_maximum", entry, points, {"maximum": f"{maximum:g}"}
        else:
            yield "pass" if points is not None or not _is_reported(reading, entry) else _unclear([entry])


def sum_mismatch(reading: Reading) -> Iterator[Verdict]:
    """A total equals the sum of its rows; amounts may differ by rounding: (n+1) × half a unit of the last digit."""
    for total, parts in _totals(reading):
        values = [_summand(reading, part) for part in parts]
        written = _number(total)
        if not parts or written is None or None in values:
            yield _unclear([total, *parts])
            continue
        numbers = [value for value in values if value]
        gap = abs(written - sum(numbers)) - _TOLERANCE
        code = "rounding_difference" if gap <= _envelope(total, numbers, written) else "sum_mismatch"
        words: dict[str, object] = {"expected": f"{round(sum(numbers), 6):g}"}
        yield (code, total, written, words) if gap > 0 else "pass"


def _totals(reading: Reading) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each total with its parts; none where rows are missing."""
    tables = {
        table.table_id: sum(row.role == "data" for row in table.rows) for table in reading.map.form.tables
    }
    columns: dict[tuple[str, str], list[Entry]] = {}
    for entry in reading.entries:
        if entry.role == "data":
            columns.setdefault((entry.table_id, entry.column_label), []).append(entry)
    for total in reading.entries:
        if total.role == "total" and (total.unit_of_measure or total.maximum is not None):
            parts = columns.get((total.table_id, total.column_label), [])
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


def discipline_above_treatment(reading: Reading) -> Iterator[Verdict]:
    """Nobody is disciplined who is not involved.

    One person may get a Party and a government sanction, so only the larger of the two is held against 涉及人数.
    """
    sanctions = ("n_party_discipline", "n_government_discipline")
    rows = _rows(reading, "problems", "measure_id").values()
    return _compare(rows, sanctions, max, "n_persons", "discipline_above_treatment")


def rectified_above_problems(reading: Reading) -> Iterator[Verdict]:
    """已整改 + 整改中 ≤ 问题数."""
    rows = _rows(reading, "problems", "measure_id").values()
    return _compare(rows, ("n_rectified", "n_rectifying"), sum, "n_problems", "rectified_above_problems")


def letters_above_due(reading: Reading) -> Iterator[Verdict]:
    """责任书签订数 ≤ 应签数."""
    rows = _rows(reading, "workload", "measure_id").values()
    both = {name: entry for row in rows for name, entry in row.items() if name.startswith("n_letters_")}
    return _compare([both] if both else [], ("n_letters_signed",), max, "n_letters_due", "letters_above_due")


def _compare(
    rows: Iterable[dict[str, Entry]], parts: tuple[str, ...], joined: Callable[[list[float]], float], limit: str, code: str
) -> Iterator[Verdict]:  # fmt: skip
    """In every row, what ``parts`` come to must not exceed ``limit``."""
    for row in rows:
        numbers = {name: _number(row[name]) if name in row else None for name in (*parts, limit)}
        seen = joined([numbers[name] or 0.0 for name in parts])
        if None in numbers.values():
            yield _unclear(row.get(name) for name in numbers)
        elif seen > (numbers[limit] or 0.0):
            where = max((row[name] for name in parts), key=lambda entry: _number(entry) or 0.0)
            yield code, where, seen, {"expected": f"{numbers[limit]:g}"}
        else:
            yield "pass"


def _rows(reading: Reading, table_id: str, key: str) -> dict[str, dict[str, Entry]]:
    """The data rows of a table by their label, each with its entries by what ``key`` says of their column."""
    rows: dict[str, dict[str, Entry]] = {}
    for entry in reading.entries:
        if entry.table_id == table_id and entry.role == "data":
            rows.setdefault(entry.row_label, {})[entry.keys[key]] = entry
    return rows


def all_zero_return(reading: Reading) -> Iterator[Verdict]:
    """An all-zero return of self-found problems is plausible and suspicious at once: a note."""
    entries = [entry for row in _rows(reading, "problems", "measure_id").values() for entry in row.values()]
    numbers = [_number(entry) for entry in entries]
    if any(numbers):
        yield "pass"
    elif None in numbers:
        yield _unclear(entries)
    elif entries:
        yield "all_zero_return", entries[0], 0, {}


def tally_not_conserved(reading: Reading) -> Iterator[Verdict]:
    """For every question the options and 弃权 come to the valid ballots."""
    said = reading.header.get("n_valid")
    expected = said.value.value if said else None
    n_options = sum(len(table.columns) for table in reading.map.form.tables if table.table_id == "votes")
    for row in _rows(reading, "votes", "option_id").values():
        votes = [_number(entry) for entry in row.values()]
        counted = sum(vote or 0.0 for vote in votes)
        if not isinstance(expected, float):
            yield "parse_error" if said and said.value.state == "unreadable" else "insufficient_data"
        elif None in votes or len(votes) < n_options:
            yield _unclear(row.values())
        elif counted != expected:
            yield "tally_not_conserved", next(iter(row.values())), counted, {"expected": f"{expected:g}"}
        else:
            yield "pass"


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
    "statistics": (sum_mismatch, discipline_above_treatment, rectified_above_problems, letters_above_due, all_zero_return),
    "team_scores": (above_maximum,),
    "tally": (tally_not_conserved,),
}  # fmt: skip
