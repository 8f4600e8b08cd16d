"""run.txt and run.html tell what the run did and how the data issues have changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from lianzheng.config import load_config
from lianzheng.publish.run import Outcome
from lianzheng.publish.summary import Run, write_summary

REPOSITORY = Path(__file__).resolve().parents[3]
OUTCOMES = [
    Outcome("units/U001/scorecard", "U001", "published", 1.0),
    Outcome("editions/U001/scorecard", "U001", "published", 1.0),
    Outcome("units/U002/scorecard", "U002", "failed", 1.0, "U002 单位评分单：坏\nforged <b>"),
    Outcome("intake", "", "kept", 0.0),
]


def told(folder: Path, before: dict[str, str] | None) -> tuple[list[str], str]:
    config = replace(load_config(2018, REPOSITORY), project=folder)
    began = dt.datetime(2018, 12, 20, 2, 30)
    write_summary(
        config,
        Run(began, "材料：没有变化，未重新读取", before),
        OUTCOMES,
        {"I1": "U001 提示：甲", "I2": "U002 提示：乙"},
    )
    lines = (config.reports / "run.txt").read_text(encoding="utf-8").splitlines()
    return lines, (config.reports / "run.html").read_text(encoding="utf-8")


def test_pages_units_failures_and_changes_are_counted(tmp_path: Path) -> None:
    lines, page = told(tmp_path, {"I2": "U002 提示：乙", "I3": "U003 提示：丙"})
    assert lines[1].startswith("2018-12-20 02:30开始") and lines[2] == "材料：没有变化，未重新读取"
    assert lines[3:] == [
        "页面：重新生成2页（涉及1个单位），没有变化1页，失败1页",
        "  U002 单位评分单：坏⏎forged <b>",
        "数据问题：现有2条，新增1条，消除1条",
        "  新增  U001 提示：甲",
        "  消除  U003 提示：丙",
    ]
    for text in (
        "forged &lt;b&gt;",
        "U001 提示：甲",
        "U003 提示：丙",
        "失败的页面（1页）",
        "数据问题的变化（2条）",
    ):
        assert text in page, text
    assert "提示：乙" not in page


def test_same_issues_are_told_as_the_same(tmp_path: Path) -> None:
    lines, page = told(tmp_path, {"I1": "U001 提示：甲", "I2": "U002 提示：乙"})
    assert lines[-1] == "数据问题：现有2条，新增0条，消除0条"
    assert "数据问题与上次运行时相同" in page


def test_without_a_run_before_nothing_is_compared(tmp_path: Path) -> None:
    lines, page = told(tmp_path, None)
    assert lines[-1] == "数据问题：现有2条（首次运行，没有上次的可比）"
    assert "首次运行，没有上次的数据问题可比" in page
    assert "上次运行时相同" not in page and "新增" not in page and "消除" not in page
