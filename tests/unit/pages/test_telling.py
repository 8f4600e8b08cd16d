"""Frames in words: which ids and codes become what, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.pages.telling import told
from lianzheng.trace.names import Names
from tests.unit.pages.bureau import config

NAMES = Names(config())


def said(frame: Any, **places: str) -> dict[str, list[Any]]:
    return told(frame, NAMES, places).to_dict("list")


@pytest.mark.parametrize(
    ("column", "written", "heading", "read"),
    [
        ("unit_id", "U001", "单位", "U001 东河处"),
        ("unit_id", "U999", "单位", "U999"),
        ("item_id", "S103", "项目", "S103 专题研究党风廉政建设"),
        ("item_ids", "S101|S103", "涉及项目", "S101 年度计划与任务分解、S103 专题研究党风廉政建设"),
        ("unit_ids", "U001|U003", "涉及单位", "U001 东河处、U003 南坡处"),
        ("scorer", "T2", "评分人", "第二检查组"),
        ("scorer", "rule", "评分人", "规则"),
        ("rater_group", "staff", "测评人", "职工代表"),
        ("rater_group", "all", "测评人", "全体"),
        ("measure_key", "total", "比较项目", "总分"),
        ("measure_key", "item:annual_plan", "比较项目", "S101 年度计划与任务分解"),
        ("form_id", "statistics", "表", "附件2"),
        ("severity", "return_item", "级别", "退回项目"),
        ("grade", "unverified", "等次", "未核验"),
        ("file_id", "F1", "文件", "units/a.xlsx"),
        ("file_id", "F2", "文件", "F2"),
        ("text", "excellent", "记录", "excellent"),  # what people wrote is never a code
        ("差", "U001", "差", "U001"),
    ],
)
def test_a_code_is_read_by_its_column(column: str, written: str, heading: str, read: str) -> None:
    frame = pd.DataFrame({column: pd.Series([written], dtype="str")})
    assert said(frame, F1="units/a.xlsx") == {heading: [read]}


@pytest.mark.parametrize(
    ("columns", "read"),
    [
        (["case_id", "state", "closed_date"], "办结"),
        (["rectification_id", "state", "due_date"], "已销账"),
        (["state"], "closed"),  # 办结 or 已销账: nobody knows
    ],
)
def test_a_code_of_two_lists_is_read_by_the_columns_beside_it(columns: list[str], read: str) -> None:
    frame = pd.DataFrame(
        {name: pd.Series(["closed" if name == "state" else ""], dtype="str") for name in columns}
    )
    assert said(frame)["状态"] == [read]


def test_numbers_and_missing_values_stay_what_they_are() -> None:
    frame = pd.DataFrame(
        {"cycle": [2018, 2018], "unit_id": pd.Series(["U001", None], dtype="str"), "total": [84.615, None]}
    )
    rows = told(frame, NAMES, {})
    assert list(rows) == ["单位", "总分"]
    assert rows["单位"].isna().to_list() == [False, True] and rows["总分"].to_list()[0] == 84.615


def test_a_named_index_and_headings_that_are_codes_are_told() -> None:
    rows = pd.DataFrame({"unit_id": ["U001", "U001", "U003"], "severity": ["note", "verify", "note"]})
    counts = rows.groupby(["unit_id", "severity"]).size().unstack(fill_value=0)
    assert said(counts) == {"单位": ["U001 东河处", "U003 南坡处"], "提示": [1, 1], "请核实": [1, 0]}


def test_headings_of_two_levels_become_one() -> None:
    rows = pd.DataFrame({"unit_type": ["甲", "甲"], "total": [80.0, 90.0]})
    assert list(said(rows.groupby("unit_type").agg({"total": ["min", "max"]}))) == [
        "类型",
        "总分 min",
        "总分 max",
    ]


def test_an_index_that_only_counts_falls_away_and_others_stay() -> None:
    assert said(pd.DataFrame({"total": [1.0, 2.0]}).sort_values("total", ascending=False)) == {
        "总分": [2.0, 1.0]
    }
    assert said(pd.Series([1, 2], pd.Index(["U001", "U003"], name="unit_id"), name="n")) == {
        "单位": ["U001 东河处", "U003 南坡处"], "计数": [1, 2],
    }  # fmt: skip


def test_a_row_of_the_roster_stands_as_a_row() -> None:
    row = pd.Series({"name": "东河管理处", "unit_type": "事业单位"}, name="U001")
    assert said(row) == {"单位": ["U001 东河处"], "名称": ["东河管理处"], "类型": ["事业单位"]}


def test_every_column_of_every_table_has_a_chinese_heading() -> None:
    from lianzheng.tables import schemas
    from lianzheng.trace.chain import names_of_columns

    known = names_of_columns()
    assert [name for name in schemas() if name not in known["tables"]] == []
    columns = {column.name for schema in schemas().values() for column in schema.columns}
    assert sorted(columns - known["columns"].keys()) == []
