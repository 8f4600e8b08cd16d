"""The submission ledger as the office reads it: the round that stands, open issues, and who is to be reminded (催报)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.pages import words
from lianzheng.pages.wording import say, wording
from lianzheng.tables import labels

PAPER = ["unit_id", "form_id"]
COPY = ("paper_received_at", "is_paper_late", "is_signed", "signed_by", "is_sealed")
_OF_PAPER_COPIES = {
    "paper_not_signed": "not_signed", "paper_not_sealed": "not_sealed", "paper_signed_by_other": "signed_by_other",
    "paper_of_other_version": "other_paper",
}  # fmt: skip


def paper_names(submissions: pd.DataFrame, config: CycleConfig) -> dict[str, str]:
    """The papers due of every unit by form_id, in the order of the forms, as pages call them."""
    due, known = set(submissions["form_id"]), wording()["forms"]
    return {id_: known.get(id_, form.title) for id_, form in config.forms.items() if id_ in due}


def standing_rounds(submissions: pd.DataFrame) -> pd.DataFrame:
    """A row per unit and paper: the round that counts, else the last, with what its paper copy is.

    ``now`` is the last round's state and ``n_open`` its issues: a later version that goes back is open even while an
    earlier one counts. ``n_rounds`` and ``n_returned`` count all rounds and those that went back. The paper copy is
    that of the round that counts, else of the latest that came on paper.
    """
    ordered = submissions.sort_values([*PAPER, "round"])
    last = ordered.drop_duplicates(PAPER, keep="last").set_index(PAPER)
    preferred = ordered.sort_values([*PAPER, "is_counted", "round"])
    found = preferred.drop_duplicates(PAPER, keep="last").set_index(PAPER)
    on_paper = preferred[preferred["paper_received_at"].notna()]
    on_paper = on_paper.drop_duplicates(PAPER, keep="last").set_index(PAPER)
    returned = ordered[ordered["state"] == "returned"].groupby(PAPER).size()
    more = {"n_rounds": last["round"], "now": last["state"], "n_open": last["n_return_issues"]}
    more |= {"n_returned": returned.reindex(found.index, fill_value=0)}
    copies = {name: on_paper[name].reindex(found.index) for name in COPY}
    return found.assign(**more, **copies).reset_index()


def chase_list(
    submissions: pd.DataFrame, issues: pd.DataFrame, deadline: dt.date, day: dt.date
) -> pd.DataFrame:
    """Who is to be reminded of what on ``day``: unit_id, form_id, kind (closed list chase_kind), told, days_over.

    A paper not received, a version that went back and was not corrected, a paper copy that is not there or not in
    order. ``days_over`` counts whole days after the deadline, null where nothing is overdue.
    """
    days = max((day - deadline).days, 0)
    rows = [
        {**{name: row[name] for name in PAPER}, **reminder}
        for row in standing_rounds(submissions).to_dict("records") for reminder in _reminders(row, deadline, days)
    ]  # fmt: skip
    of_copies = issues[issues["code"].isin(list(_OF_PAPER_COPIES))]
    for row in of_copies.to_dict("records"):
        told = {"kind": _OF_PAPER_COPIES[row["code"]], "told": row["message"].partition("》")[2]}
        rows.append({name: row[name] for name in PAPER} | told)
    order = {kind: place for place, kind in enumerate(labels("chase_kind"))}
    found = pd.DataFrame(rows, columns=[*PAPER, "kind", "told", "days_over"])
    found = found.assign(order=found["kind"].map(order), days_over=found["days_over"].astype("Int64"))
    return found.sort_values([*PAPER, "order"], ignore_index=True).drop(columns="order")


def _reminders(row: Mapping[Any, Any], deadline: dt.date, days: int) -> Iterator[dict[str, Any]]:
    """What a unit is told of one paper due, apart from faults of its paper copy."""
    if row["now"] == "missing":
        yield {"kind": "missing", "told": say("chase_missing", deadline=deadline, is_over=days > 0, days_told=f"{days}天" if days else ""), "days_over": days or None}  # fmt: skip
    if row["now"] == "returned":
        is_kept = row["round"] < row["n_rounds"] and row["is_counted"]
        kept = say("chase_kept", round=row["round"]) if is_kept else ""
        told = say("chase_returned", round=row["n_rounds"], n=row["n_open"], kept=kept)
        yield {"kind": "returned", "told": told}
    if pd.notna(row["received_at"]) and pd.isna(row["paper_received_at"]):
        yield {"kind": "no_paper", "told": say("chase_no_paper", received_at=row["received_at"])}


def state_in_words(row: Mapping[Any, Any]) -> str:
    """A standing round in one piece: 未报; 按时，通过（退回后补正）; 迟报，退回3处."""
    if row["now"] == "missing":
        return labels("submission_state")["missing"]
    when = "无收件登记" if pd.isna(row["is_late"]) else "迟报" if row["is_late"] else "按时"
    if row["now"] == "returned":
        return f"{when}，退回{words.number(row['n_open'])}处"
    return f"{when}，通过" + ("（退回后补正）" if row["n_returned"] else "")


def open_issues(issues: pd.DataFrame, severities: Iterable[str] = ()) -> pd.DataFrame:
    """How many issues of each severity are open, by unit and paper; of ``severities``, or of all."""
    counts = pd.crosstab([issues[name] for name in PAPER], issues["severity"])
    return counts.reindex(columns=list(severities) or list(labels("severity")), fill_value=0)
