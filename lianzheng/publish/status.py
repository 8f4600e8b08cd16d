"""``lianzheng status``: who has sent what, as lines for a terminal that are aligned although Chinese is wider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from lianzheng.config import CycleConfig
from lianzheng.pages import words
from lianzheng.pages.chase import chase_list, open_issues, paper_names, standing_rounds, state_in_words
from lianzheng.pages.grid import display_width
from lianzheng.scoring.lines import Frames
from lianzheng.tables import labels

Cells = Sequence[str]
_STATES, _GAP = ("单位", "材料", "状态", "收到", "版次"), "  "


def status_lines(config: CycleConfig, tables: Frames, day: dt.date) -> tuple[list[str], int]:
    """A line per unit and paper, the counts, and the reminders as of ``day``; and how many reminders there are."""
    submissions = tables["submissions"]
    forms, severities = paper_names(submissions, config), labels("severity")
    names = tables["units"].set_index("unit_id")["short_name"].to_dict()
    issues = open_issues(tables["issues"]).to_dict("index")
    rows = [(*_STATES, *severities.values())]
    standing = standing_rounds(submissions)
    for row in standing.to_dict("records"):
        counts = issues.get((row["unit_id"], row["form_id"]), {})
        n_rounds = str(row["n_rounds"]) if row["now"] != "missing" else words.DASH
        sent = words.moment(row["received_at"]), n_rounds
        shown = (str(counts.get(severity, 0) or "") for severity in severities)
        rows.append((names[row["unit_id"]], forms[row["form_id"]], state_in_words(row), *sent, *shown))
    n, states = standing["now"].value_counts(), labels("submission_state")
    told = "，".join(f"{states[state]} {n.get(state, 0)}" for state in ("accepted", "returned", "missing"))
    chase = chase_list(submissions, tables["issues"], config.cycle.deadline, day)
    reminders = [
        (names[row["unit_id"]], forms[row["form_id"]], labels("chase_kind")[row["kind"]], row["told"])
        for row in chase.to_dict("records")
    ]
    head = f"催报名单（截至{words.day(day)}）{len(reminders)} 项" if reminders else "无需催报"
    counts = f"应报 {len(standing)} 份：{told}"
    return [*aligned(rows), "", counts, "", head, *aligned(reminders)], len(reminders)


def aligned(rows: Sequence[Cells]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell; a Chinese character is two columns wide."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    padded = [
        [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows
    ]  # fmt: skip
    return [_GAP.join(row).rstrip() for row in padded]
