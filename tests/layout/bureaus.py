"""Bureaus of 3, 24 and 60 units whose names have twenty characters, published as far as a layout test needs."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lianzheng.config import load_config
from lianzheng.demo.project import make_project
from lianzheng.publish.jobs import run_list
from lianzheng.publish.run import publish_pages
from tests.projects import Project, copied

CYCLE = 2018
SCORECARDS = ("U001", "U002", "U003")
"""Visited and not visited units, as far as a bureau has them."""


def lengthened(folder: Path, n_units: int) -> Project:
    """A bureau of ``n_units`` units with long names; the pages of the bureau and some scorecards are published."""
    if n_units == 24:
        copied(folder)
    else:
        make_project(folder, n_units, seed=7)
    for roster in folder.glob("config/*/units.csv"):
        _lengthen(roster)
    project = Project(folder)
    for command in ("demo", "intake", "score"):
        done = project.command(command)
        assert done.returncode in (0, 3), done.stdout + done.stderr
    config = load_config(CYCLE, folder)
    jobs = [job for job in run_list(config) if job.unit_id in ("", *SCORECARDS)]
    outcomes = publish_pages(config, jobs, n_workers=1)
    assert [outcome.message for outcome in outcomes if outcome.message] == []
    return project


def long_name(unit_id: str) -> str:
    """Twenty characters that no other unit has."""
    return f"第{unit_id[-2:]}水情监测预警与应急调度综合服务中心"


def _lengthen(roster: Path) -> None:
    """Give every unit a name and a short name of twenty characters before it writes its first paper."""
    rows = list(csv.DictReader(io.StringIO(roster.read_text(encoding="utf-8"))))
    rows = [row | dict.fromkeys(("name", "short_name"), long_name(row["unit_id"])) for row in rows]
    assert all(len(row["name"]) == 20 for row in rows)
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    roster.write_text(written.getvalue(), encoding="utf-8")
