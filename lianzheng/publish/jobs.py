"""The run list: which notebook makes which page, with which parameters, in which formats."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.errors import ParameterError
from lianzheng.pages.edition import ANONYMOUS, UNIT_EDITION
from lianzheng.publish.record import notebooks_of

FORMATS = {
    "html": "lianzheng-html", "pdf": "lianzheng-pdf", "docx": "lianzheng-docx",
    "sources.csv": "lianzheng.publish.sources.SourcesExporter",
}  # fmt: skip

_BYTES_OF_A_UNIT, _OTHER_PAGES = 2_000_000, 10  # measured: 1.1 MB a page, with return lists and forms


@dataclass(frozen=True, slots=True)
class Job:
    """One page: ``stem`` is its path below reports/<cycle>/ without a suffix; ``label`` names it in Chinese."""

    stem: str
    label: str
    notebook: Path
    formats: tuple[str, ...]
    unit_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The page in messages: its label, with the unit's id where it has one."""
        return f"{self.unit_id} {self.label}" if self.unit_id else self.label


def run_list(config: CycleConfig, unit_ids: tuple[str, ...] = ()) -> list[Job]:
    """All pages of a cycle, scorecards first, the bureau's and then each unit's own edition.

    With ``unit_ids`` only those units' scorecards.
    """
    folder = notebooks_of(config.project)
    common = {"cycle": config.cycle.cycle, "edition": "internal", "data_dir": str(config.project / "data")}
    pages, book, bulletin = ("html", "pdf"), folder / "02_unit_scorecard.ipynb", folder / "07_bulletin.ipynb"
    units = [unit.unit_id for unit in config.units if not unit_ids or unit.unit_id in unit_ids]
    editions = (("units", "单位评分单", "internal"), ("editions", "单位评分单（单位版）", UNIT_EDITION))
    scorecards = [
        Job(f"{place}/{id_}/scorecard", label, book, pages, id_, {**common, "unit_id": id_, "edition": edition})
        for place, label, edition in editions for id_ in units
    ]  # fmt: skip
    if unit_ids:
        return scorecards
    return [
        *scorecards,
        Job("intake", "报送情况", folder / "01_intake.ipynb", pages, "", common),
        Job("comparison", "横向比较", folder / "03_comparison.ipynb", pages, "", common),
        Job("questionnaire", "测评结果", folder / "04_questionnaire.ipynb", pages, "", common),
        Job("statistics", "自查统计", folder / "05_statistics.ipynb", pages, "", common),
        Job("rectification", "整改台账", folder / "06_rectification.ipynb", pages, "", common),
        Job("bulletin", "检查通报", bulletin, (*pages, "docx", "sources.csv"), "", common),
        Job(
            "bulletin_anonymous",
            "检查通报（不具名版）",
            bulletin,
            (*pages, "docx", "sources.csv"),
            "",
            {**common, "edition": ANONYMOUS},
        ),
    ]


def pages_bytes(config: CycleConfig) -> int:
    """Bytes that all reports may need on the disk, beside those that are there until the new ones are complete."""
    return _BYTES_OF_A_UNIT * (len(config.units) + _OTHER_PAGES + 1)


def check_parameters(job: Job) -> None:
    """Unknown, missing or mistyped parameters raise :class:`ParameterError` before anything runs."""
    if not job.notebook.exists():
        wrong = f"notebook {job.notebook} does not exist"
        raise ParameterError(wrong, "restore notebooks/ from the repository")
    declared = _declared(job.notebook)
    given = dict(job.parameters)
    for problem, names in (("unknown", set(given) - set(declared)), ("missing", set(declared) - set(given))):
        if names:
            wrong = f"{job.notebook.name}: {problem} parameter {', '.join(sorted(names))}"
            raise ParameterError(wrong, f"its parameters are {', '.join(declared)}")
    for name, expected in declared.items():
        if type(given[name]) is not expected:
            seen = f"{given[name]!r} ({type(given[name]).__name__})"
            wrong = f"{job.notebook.name}: parameter {name} is {seen}"
            raise ParameterError(wrong, f"it must be of type {expected.__name__}")


def _declared(notebook: Path) -> dict[str, type]:
    """The parameters of a notebook and their types; papermill's own inspection costs a second, to import it."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = (cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    assigned = ast.parse("\n".join(map("".join, tagged))).body
    return {
        ast.unparse(line.targets[0]): type(ast.literal_eval(line.value))
        for line in assigned
        if isinstance(line, ast.Assign)
    }
