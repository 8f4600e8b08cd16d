"""The tour's ten answers about the sample bureau, held against its tables by hand."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pandas as pd
import pytest

from lianzheng.config import load_config
from lianzheng.pages.blocks import Blocks
from lianzheng.publish.jobs import run_list
from tests.house import REPOSITORY
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("bureau")
TOUR = REPOSITORY / "notebooks" / "00_tour.ipynb"


@pytest.fixture(scope="module")
def answers(bureau: Project) -> dict[str, Any]:
    """What each code cell gives, by the cell's id, in the notebook's order; the cells run as they are."""
    names: dict[str, Any] = {}
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(bureau.folder / "notebooks")
        for cell in nbformat.read(TOUR, as_version=4).cells:  # type: ignore[no-untyped-call]
            if cell.cell_type == "code":
                *before, last = cell.source.splitlines()
                exec("\n".join(before), names)
                found[cell.id] = eval(last, names)
    return found


def shown(answers: dict[str, Any], cell: str, by: str) -> dict[str, dict[str, Any]]:
    frame: pd.DataFrame = answers[cell].frame
    return frame.set_index(by).to_dict("index")  # type: ignore[return-value]


def test_each_of_ten_cells_stands_between_its_question_and_how_to_read_it() -> None:
    cells = json.loads(TOUR.read_text(encoding="utf-8"))["cells"][1:]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "markdown"] * 10
    questions, readings = (
        ["".join(c["source"]) for c in cells[::3]],
        ["".join(c["source"]) for c in cells[2::3]],
    )
    assert all(text.startswith("## ") and text.endswith("？") for text in questions)
    assert all(text.startswith("**怎么看**") for text in readings)


def test_the_run_does_not_publish_it(bureau: Project) -> None:
    jobs = run_list(load_config(2018, bureau.folder))
    assert jobs and "00_tour" not in {job.notebook.stem for job in jobs}


def test_every_cell_answers(answers: dict[str, Any]) -> None:
    assert len(answers) == 10
    assert "2018年度检查的数据" in answers["state"]._repr_html_()
    assert all(len(answers[cell].frame) for cell in answers if cell not in ("state", "trace"))


def test_which_items_separate(answers: dict[str, Any]) -> None:
    # 11 units have an inspection score; by all points the best three are U017, U020, U005, the worst U022, U008, U001.
    # S101 (3 points): the best 3, 3, 3; the worst 0, 3, 0, so 1 − 1/3; in all 9 of 11 have 3 of 3.
    row = shown(answers, "items", "项目")["S101 年度计划与任务分解"]
    assert (row["单位数"], row["高分组得分率"]) == (11, 1.0)
    assert row["低分组得分率"] == pytest.approx(1 / 3) and row["区分度"] == pytest.approx(2 / 3)
    assert row["平均得分率"] == pytest.approx(9 / 11)
    assert answers["items"].frame["项目"].to_list()[0] == "S101 年度计划与任务分解"


def test_who_is_generous_to_itself(answers: dict[str, Any]) -> None:
    # U022, self minus team, S101 …: 1.5+1+2+2+.5+2+.005+.47+.25+1.25 | 2.5+1+.25 | 1.5+.5 | 1 | .3 and bonus −1
    rows = shown(answers, "gaps", "单位")
    assert rows["U022 上湾监理"]["自评高出分"] == pytest.approx(10.975 + 3.75 + 2 + 1 + 0.3 - 1)
    assert (rows["U022 上湾监理"]["比较项数"], rows["U022 上湾监理"]["最大一项"]) == (30, 2.5)
    assert next(iter(rows)) == "U022 上湾监理"
    assert "U002 西岭处" not in rows  # not visited


def test_where_the_groups_differ_without_those_that_are_hidden(answers: dict[str, Any]) -> None:
    # 纪委监督责任, staff − middle managers: U003 92.105−91.111, U005 93.846−90, U006 85.806−89.333, U010 88.571−92,
    # U012 83.684−78, U015 89−85.714, U017 94.857−87.5, U019 92.857−93.333, U020 90.732−89.091, U022 88.571−77.143;
    # U001 (too few) and U008 (void) take no part: 26.805 / 10
    rows = shown(answers, "groups", "题目")
    assert len(rows) == 10
    assert rows["纪委履行监督责任情况"]["差"] == pytest.approx(2.6805, abs=1e-3)
    assert list(rows)[-1] == "纪委履行监督责任情况"


def test_which_team_scores_below_the_units_own(answers: dict[str, Any], bureau: Project) -> None:
    def table(name: str) -> list[dict[str, Any]]:
        return pd.read_parquet(bureau.processed / f"{name}.parquet").to_dict("records")

    team_of = {row["unit_id"]: row["team_id"] for row in table("site_visits")}
    gaps = [
        row["gap_points"] for row in table("scores_by_unit_item")
        if team_of.get(row["unit_id"]) == "T4" and row["gap_points"] == row["gap_points"]
    ]  # fmt: skip
    assert list(team_of.values()).count("T4") == 3
    row = shown(answers, "teams", "检查组")["第四检查组"]
    assert row["单位数"] == 3 and row["平均每项自评高出"] == pytest.approx(sum(gaps) / len(gaps))


def test_which_files_made_work(answers: dict[str, Any]) -> None:
    row = shown(answers, "files", "文件")["units/远山设备公司党委/附件1自评分表.csv"]
    assert row == {"退回文件": 0, "退回项目": 2, "请核实": 0, "合计": 2}


def test_what_is_overdue_and_came_back(answers: dict[str, Any]) -> None:
    frame = answers["old"].frame
    first = frame.iloc[0]
    assert (first["逾期天数"], f"{first['期限']:%m-%d}") == (183, "06-28")  # June 28 to December 28
    back = frame[(frame["种类"] == "屡查屡犯") & (frame["单位"] == "U022 上湾监理")]
    assert ("U022-R01", "U022-F01") in set(zip(back["台账编号"], back["问题编号"], strict=True))


def test_how_sure_the_ranks_are(answers: dict[str, Any]) -> None:
    rows = shown(answers, "ranks", "单位")
    first, last = rows["U003 南坡处"], rows["U001 东河处"]
    assert (first["排名"], first["最好名次"], first["最差名次"]) == (1, 1, 2)  # U005 is 0.51 behind
    assert (last["最好名次"], last["最差名次"], last["涉及项目"]) == (
        5,
        5,
        "",
    )  # 6.54 behind: no item has so many
    assert last["区间下限"] == pytest.approx(77.304699 - 0.2 * (86.052065 - 85.569214))


def test_what_changed_and_where_a_number_comes_from(answers: dict[str, Any]) -> None:
    changes = answers["changes"].frame
    total = changes[changes["比较项目"] == "总分"].set_index("单位").loc["U001 东河处"]
    assert (total["上年"], round(total["变化"], 2)) == (70.5, 6.80)
    assert changes["变化"].abs().min() >= 2  # the stated minimum
    trace = answers["trace"]
    assert isinstance(trace, Blocks)
    (table,) = trace.blocks
    assert "U001 东河处 S103" in table.title and "units/东河处/附件1.xlsx" in table.note  # type: ignore[union-attr]
