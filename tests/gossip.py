"""A bureau in which people write of other units wherever they can write, by every name that these have."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.demo import files as demo
from lianzheng.demo import make_project
from lianzheng.demo.bureau import Bureau
from tests.injected import TEXTS
from tests.projects import REPOSITORY, Project

N_UNITS = 10


def gossip_about_others(bureau: Bureau) -> None:
    """Add to every text of a unit the names and the id of the unit after it, spaced and wide as people write."""
    units = bureau.config.units
    after = {unit.unit_id: other for unit, other in zip(units, [*units[1:], units[0]], strict=True)}
    for table, columns in TEXTS.items():
        for row in bureau.tables.get(table, []):
            other = after[row["unit_id"]]
            said = "、".join(
                [*other.names, " ".join(other.name), other.unit_id, other.unit_id.replace("U", "Ｕ")]
            )
            row.update({column: f"{row[column]}，同{said}" for column in columns if row.get(column)})


def make_gossip(folder: Path) -> Project:
    """The bureau, written, read and scored; its pages are made by the test."""
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks")
    make_project(folder, N_UNITS, 11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "STEPS", (*demo.STEPS, gossip_about_others))
        demo.write_demo(load_config(2018, folder), is_clean=True)
    project = Project(folder)
    for command in ("intake", "ledger", "score"):
        done = project.command(command, "2018")
        assert done.returncode in (0, 3), done.stdout + done.stderr
    return project
