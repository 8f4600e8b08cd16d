"""What may change between two runs of the small bureau, and the pages that it concerns; each change is one of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests.projects import Project

RAW, OFFICE = "data/raw/2018/", "data/raw/2018/office/"
TEAM = RAW + "teams/第1检查组/"
SCORES, FINDINGS, EVIDENCE, VISITS = (
    TEAM + name for name in ("上湾技术评分表.xlsx", "*发现问题和亮点清单.xlsx", "*查阅资料清单.xlsx", "*现场检查情况表*.xlsx")
)  # fmt: skip
EXPORT, TALLY = RAW + "questionnaires/下渡设施*.xlsx", RAW + "questionnaires/长堤物业*.xlsx"
STATISTICS, OWN_SCORES, LEDGER = (
    RAW + "units/下渡设施/附件2*.xlsx", RAW + "units/长堤物业/附件1.xlsx", "data/office/2018/rectifications.xlsx",
)  # fmt: skip
VISITED, EVERYBODY = ("U002", "U003", "U006"), tuple(f"U00{n}" for n in range(1, 7))
ALWAYS = {"intake", "comparison"}
"""They list every file."""
BULLETINS = {"bulletin", "bulletin_anonymous"}
PAGES = {*ALWAYS, *BULLETINS, "questionnaire", "statistics", "rectification"}
Step = Callable[[Path], object]


@dataclass(frozen=True)
class Change:
    """A change, the units whose scorecards it concerns, and the bureau's pages beside those that list every file."""

    name: str
    make: Step
    units: tuple[str, ...] = ()
    pages: frozenset[str] = frozenset()


def filled(path: str, cells: Mapping[str, object], sheet: int = 0) -> Step:
    """Cells of a workbook become others."""

    def make(folder: Path) -> None:
        (place,) = folder.glob(path)
        book = openpyxl.load_workbook(place)
        for cell, value in cells.items():
            assert book.worksheets[sheet][cell].value != value
            book.worksheets[sheet][cell] = value
        book.save(place)

    return make


def reworded(path: str, old: str, new: str) -> Step:
    """A piece of a text file becomes another."""

    def make(folder: Path) -> None:
        (place,) = folder.glob(path)
        text = place.read_text(encoding="utf-8")
        assert old in text, f"{path} does not say {old}"
        place.write_text(text.replace(old, new, 1), encoding="utf-8")

    return make


def written(path: str, text: str) -> Step:
    """A file that was not there, or has another text now."""
    return lambda folder: (folder / path).write_text(text, encoding="utf-8")


def renamed(path: str, name: str) -> Step:
    return lambda folder: (place := next(folder.glob(path))).rename(place.with_name(name))


def removed(path: str) -> Step:
    return lambda folder: next(folder.glob(path)).unlink()


def leave(unit_id: str, project: Project) -> None:
    """A unit that nobody visits leaves the roster."""
    for name in ("units.csv", "members.csv"):
        path = project.folder / "config" / "2018" / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if unit_id not in line), encoding="utf-8")


def second_receipts(folder: Path) -> None:
    """A second list, which says of one file what the first does."""
    lines = (folder / OFFICE / "receipts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / OFFICE / "receipts（补）.csv").write_text("".join(lines[:2]), encoding="utf-8")


def _change(name: str, make: Step, units: tuple[str, ...] | str = (), *pages: str) -> Change:
    return Change(name, make, (units,) if isinstance(units, str) else units, frozenset(pages))


CHANGES = [
    # what stands in one unit's rows concerns that unit; what a chain names a file of, everybody whose chain does
    _change("a team's score", filled(SCORES, {"G6": 1, "H6": 3, "I6": "扣1分"}), "U003"),
    _change("a unit's own score", filled(OWN_SCORES, {"G5": 2}), "U006"),
    _change("last year's score", reworded(OFFICE + "last_year.csv", "U001,annual_plan,4.5", "U001,annual_plan,2"), "U001"),
    _change("another material", written(RAW + "units/下渡设施/材料/12 三重一大.txt", "另一份"), "U002"),
    _change("a finding's text", filled(FINDINGS, {"G7": "个别约谈只有一次"}), "U002", "rectification", *BULLETINS),
    _change("a finding not confirmed", filled(FINDINGS, {"F7": "否"}), "U002", "rectification", *BULLETINS),
    _change("evidence", filled(EVIDENCE, {"C5": 17}), "U002", *BULLETINS),
    _change("a ballot", filled(EXPORT, {"H2": "差"}), "U002", "questionnaire", *BULLETINS),
    _change("a hand tally", filled(TALLY, {"C5": 3, "D5": 4}), "U006", "questionnaire", *BULLETINS),
    _change("a visit", filled(VISITS, {"C6": 19}), VISITED),
    _change("a talk", filled(VISITS, {"G6": "另一句话"}, 2), VISITED),
    _change("ballots issued", filled(VISITS, {"C7": 30}, 1), VISITED, "questionnaire", *BULLETINS),
    _change("a statistic", filled(STATISTICS, {"C8": 3, "D8": 3, "E8": 0.5, "J8": 3}), "U002", "statistics", *BULLETINS),
    _change("last year's statistic", reworded(
        OFFICE + "last_statistics.csv", "U001,dining_public_money,n_problems,0", "U001,dining_public_money,n_problems,2",
    ), "U001", "statistics", *BULLETINS),
    _change("a file that nobody knows", written(RAW + "说明.txt", "无"), (), "statistics"),
    _change("a unit's file that nobody knows", written(RAW + "units/下渡设施/说明.xyz", "无"), "U002", "statistics"),
    _change("a renamed file", renamed(RAW + "units/下渡设施/附件1.docx", "自评 附件1.docx"), "U002", "statistics"),
    _change("a removed file", removed(RAW + "units/下渡设施/附件1.docx"), "U002", "statistics", *BULLETINS),
    _change("a late paper", reworded(
        OFFICE + "receipts.csv", "附件2 自查统计表.xlsx,2018-11-30 09:20", "附件2 自查统计表.xlsx,2018-12-09 09:20",
    ), EVERYBODY, "statistics", *BULLETINS),
    _change("a second list of receipts", second_receipts, EVERYBODY),
    _change("a case opened again", reworded(OFFICE + "cases.csv", "closed,2018-05-20", "pending,"), EVERYBODY, "statistics"),
    _change("a case's note", reworded(OFFICE + "cases.csv", "以会议补助名义", "以会议费名义"), EVERYBODY, "statistics"),
    _change("a feedback", reworded(OFFICE + "feedback.csv", "记录不完整", "没有记录"), ("U001", "U002", "U004"), "statistics", "rectification"),
    _change("a line of the ledger", filled(LEDGER, {"I5": "李四"}), "U001", "rectification"),
]  # fmt: skip
BY_NAME = {change.name: change for change in CHANGES}
