"""submissions.xlsx: the ledger of what was sent (报送台账), a line a round, and the list of reminders (催报名单)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.forms import Layout
from lianzheng.pages.blocks import TableCell
from lianzheng.pages.chase import chase_list, paper_names
from lianzheng.publish.workbooks import about_sheet, list_sheet, write_workbook
from lianzheng.scoring.lines import Frames
from lianzheng.tables import labels

NAME = "submissions.xlsx"
LEDGER, CHASE = "报送台账", "催报名单"
_ABOUT_WIDTHS = (18.0, 76.0)
_KEPT, _ROW_HEIGHT = 4, 18.0  # columns that the ledger repeats on the second page beside the first; points
_OF_COPY, _TEXTS = ("is_paper_late", "is_signed", "is_sealed"), ("signed_by", "path", "sha256")
_BLANK = TableCell("")


def write_submissions(config: CycleConfig) -> None:
    """Write reports/<cycle>/submissions.xlsx from the processed tables, the same bytes every time."""
    write_workbook(config, NAME, submissions_layout)


def submissions_layout(config: CycleConfig, tables: Frames, version: str) -> Layout:
    """The three sheets: a line a round, the reminders as of report_date, and what the words mean."""
    mark, facts = config.cycle.classification, vars(config.cycle)
    order = {form: place for place, form in enumerate(paper_names(tables["submissions"], config))}
    submissions = tables["submissions"].assign(order=tables["submissions"]["form_id"].map(order))
    rounds = submissions.merge(tables["files"][["file_id", "path"]], on="file_id", how="left")
    rounds = rounds.sort_values(["unit_id", "order", "round"])
    days = facts["deadline"], facts["report_date"]
    chase = chase_list(tables["submissions"], tables["issues"], *days).assign(done="")
    ledger = list_sheet("submissions", mark, _lines(config, tables, rounds), titled=_KEPT, **facts)
    reminders = list_sheet("chase", mark, _lines(config, tables, chase), **facts)
    about = about_sheet(
        "submissions", mark, _ABOUT_WIDTHS, facts | labels("submission_state") | {"version": version}
    )
    sheets = (replace(ledger, frozen_columns=_KEPT), reminders, about)
    return Layout("submissions", tuple(replace(sheet, least_height=_ROW_HEIGHT) for sheet in sheets))


def _lines(config: CycleConfig, tables: Frames, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows numbered, with names of units and papers; what a round or its paper copy does not have stays blank."""
    names = tables["units"].set_index("unit_id")["short_name"]
    forms, lines = paper_names(tables["submissions"], config), []
    for number, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records"), start=1):
        row |= {"number": number, "unit": names[row["unit_id"]], "form": forms[row["form_id"]]}
        if row.get("state") == "missing":
            row |= {"round": None, "n_return_issues": None, "is_late": _BLANK}
        if row.get("paper_received_at") is None:
            row |= {**dict.fromkeys(_OF_COPY, _BLANK), "signed_by": ""}
        row |= {name: row.get(name) or "" for name in _TEXTS}
        lines.append({**row, "sha256": row["sha256"][:12]})
    return lines
