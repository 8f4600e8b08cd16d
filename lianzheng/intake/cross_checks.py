"""Checks between files: teams against the visit list, 收回 against 发出, a unit's figures against the office's ledgers.

Like the checks on one form, only ``fail`` asks anyone anything; none of them reaches a score.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.intake.assemble import STATISTICS, Row, Rows
from lianzheng.intake.checks import GRAVITY, Checked, Outcome, attempt, check_ids
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.intake.submissions import SUBMITTED
from lianzheng.issues import Issue, Source

OFFICE_CHECKS = ("ledger_overlap", "last_year_differs")
"""What 附件2 is held against, beside the checks on the form itself."""
VISITED = ("scores_by_unit_item_scorer", "site_visits", "findings", "highlights", "evidence_by_unit_class")
_SAME = 0.005 + 1e-9  # half of the last digit of an amount in 万元, and binary noise
Verdicts = Iterator[
    tuple[Row, Outcome, dict[str, object]]
]  # a figure of the unit, what it comes to, words for people


def report_unvisited(files: Sequence[Received], config: CycleConfig) -> None:
    """Team material about units that are not visited."""
    visited = {visit.unit_id for visit in config.visits}
    for file in (file for file in files if file.form_id not in SUBMITTED):
        records = reversed(file.records_in(*VISITED))
        strange = {str(r.values["unit_id"]): r for r in records if _is_unvisited(r, visited)}
        for unit_id, record in sorted(strange.items()):
            place = next((place for place in record.cells if place[2] == "unit_id"), ("", "", ""))
            file.report("not_on_visit_list", config.unit(unit_id).name, place[0], place[1])


def missing_team_scores(rows: Rows, config: CycleConfig, units: Iterable[str]) -> list[Issue]:
    """Visited units without a score sheet, of some units."""
    visited = {visit.unit_id for visit in config.visits}.intersection(units)
    scores = rows.get("scores_by_unit_item_scorer", [])
    scored = {row["unit_id"] for row in scores if row["scorer"] != "self"}
    return [
        Issue("missing_team_scores", unit_id, "team_scores", words={"detail": config.unit(unit_id).name})
        for unit_id in sorted(visited - scored)
    ]


def _is_unvisited(record: Record, visited: set[str]) -> bool:
    is_of_team = record.values.get("scorer") != "self"
    return is_of_team and record.values.get("unit_id") not in (None, *visited)


def check_ballot_counts(files: Sequence[Received], config: CycleConfig) -> None:
    """收回 is not above 发出, wherever both are written."""
    names = {unit.unit_id: unit.name for unit in config.units}
    names |= {g.id: g.label for g in (config.questionnaire.rater_groups if config.questionnaire else ())}
    for file in files:
        for record in file.records_in("ballot_counts"):
            issued, returned = record.values.get("n_issued"), record.values.get("n_returned")
            if issued is not None and returned is not None and returned > issued:
                sheet, cell, _ = next(place for place in record.cells if place[2] == "n_returned")
                detail = "".join(
                    names.get(record.values.get(key, ""), "") for key in ("unit_id", "rater_group")
                )
                words = {"detail": detail, "expected": f"{issued:g}"}
                file.report("returned_above_issued", f"{returned:g}", sheet, cell, **words)


def check_statistics(rows: Rows, files: Iterable[Received], config: CycleConfig) -> None:
    """附件2 of every unit against the case ledger and against what the unit returned last year."""
    forms = {file.unit_id: file for file in files if file.form_id == "statistics" and file.is_counted}
    by_id, names = {file.file_id: file for file in files}, _row_names(config)
    figures: dict[str, dict[tuple[str, str, str], Row]] = {}
    for row in rows.get(STATISTICS, []):
        key = (row["period"], row["category_id"], row["measure_id"])
        figures.setdefault(row["unit_id"], {})[key] = row
    closed = Counter(
        (c["unit_id"], c["category_id"]) for c in rows.get("cases", []) if c["state"] == "closed"
    )
    for unit_id, file in sorted(forms.items()):
        own = figures.get(unit_id, {})
        cases = {category: n for (unit, category), n in closed.items() if unit == unit_id}
        for code, verdicts in zip(
            OFFICE_CHECKS, (ledger_overlap(own, cases), last_year_differs(own)), strict=True
        ):
            report = functools.partial(file.report, "check_failed_to_run", detail=code)
            found = attempt(verdicts, report)
            broken = Checked(code, "execution_error", file.issues[-1].issue_id if file.issues else "")
            file.checks.append(broken if found is None else _settled(code, found, by_id, names))


def unjudged(submissions: Iterable[Row], files: Iterable[Received]) -> list[Row]:
    """Rows of checks for papers of which no version counts: a file that cannot be opened is a parse_error for each

    of them; what was not sent, or is of another year, is insufficient data. Neither accuses anyone once more.
    """
    by_id, rows = {file.file_id: file for file in files}, list(submissions)
    judged = {(row["unit_id"], row["form_id"]) for row in rows if row["is_counted"]}
    last = {(row["unit_id"], row["form_id"]): by_id.get(row.get("file_id", "")) for row in rows}
    found: list[Row] = []
    for (unit_id, form_id), file in last.items():
        is_unread = file is not None and file.state == "unreadable"
        outcome: Outcome = "parse_error" if is_unread else "insufficient_data"
        names = [*check_ids(form_id), *(OFFICE_CHECKS if form_id == "statistics" else ())]
        ids = {"unit_id": unit_id, "form_id": form_id, "outcome": outcome}
        found += [{**ids, "check_id": name} for name in names if (unit_id, form_id) not in judged]
    return found


def ledger_overlap(figures: Mapping[tuple[str, str, str], Row], cases: Mapping[str, int]) -> Verdicts:
    """附件2's footnote: what the bureau's own ledger holds is not self-found; ``cases`` are closed ones by category."""
    for category, n in sorted(cases.items()):
        figure = figures.get(("this", category, "n_problems"), {})
        value = figure.get("value")
        outcome: Outcome = _unclear(figure) if value is None else "fail" if value > 0 else "pass"
        yield figure, outcome, {"expected": n}


def last_year_differs(figures: Mapping[tuple[str, str, str], Row]) -> Verdicts:
    """The 上年 column of this year's form agrees with what the unit returned a year ago."""
    for (period, category, measure), returned in sorted(figures.items()):
        figure = figures.get(("last", category, measure)) if period == "last_return" else None
        if figure is None or returned["value"] is None:
            continue
        value = figure["value"]
        is_same = value is not None and abs(value - returned["value"]) <= _SAME
        outcome: Outcome = _unclear(figure) if value is None else "pass" if is_same else "fail"
        yield figure, outcome, {"expected": f"{returned['value']:g}"}


def _unclear(figure: Row) -> Outcome:
    """Why there is no number: the cell could not be read, or it says none."""
    return "parse_error" if figure.get("value_state") == "unreadable" else "insufficient_data"


def _settled(
    code: str, verdicts: Sequence[tuple[Row, Outcome, dict[str, object]]], files: Mapping[str, Received],
    names: Mapping[tuple[str, str], str],
) -> Checked:  # fmt: skip
    """Raise the check's issues at the unit's own cells, and say what it came to."""
    issues = []
    for row, _, words in (verdict for verdict in verdicts if verdict[1] == "fail"):
        source, name = (
            Source(row["file_id"], row["sheet"], row["cell"]),
            names[row["category_id"], row["measure_id"]],
        )
        words = {"row": name, **words}
        issues.append(Issue(code, row["unit_id"], "statistics", source, f"{row['value']:g}", words))
        files[row["file_id"]].issues.append(issues[-1])
    found = [outcome for _, outcome, _ in verdicts]
    gravest: Outcome = max(found, key=GRAVITY.index, default="not_applicable")
    return Checked(code, gravest, issues[0].issue_id if issues else "")


def _row_names(config: CycleConfig) -> dict[tuple[str, str], str]:
    """What the form calls a row, by category and measure."""
    names: dict[tuple[str, str], str] = {}
    for table in config.statistics.form.tables if config.statistics else ():
        for row in table.rows:
            for column in table.columns:
                keys: dict[str, Any] = {**table.keys, **row.keys, **column.keys}
                names[keys["category_id"], keys["measure_id"]] = row.labels[table.key_label]
    return names
