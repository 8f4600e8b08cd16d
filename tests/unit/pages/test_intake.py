"""The intake page: who sent what, what was not used, what is wrong."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from lianzheng.config.models import Correction
from lianzheng.issues import KINDS
from lianzheng.pages.blocks import KeyFigures, Table
from lianzheng.pages.intake import IntakePage, kind_words
from tests.unit.pages.bureau import Sample, cells, charts, config, of_kind, paragraphs


def page(sample: Sample) -> IntakePage:
    opened: IntakePage = sample.open(IntakePage)
    return opened


def row_of(sample: Sample, unit_id: str = "U003") -> list[str]:
    (table,) = of_kind(Table, page(sample).matrix())
    name = page(sample).units["short_name"][unit_id]
    return next(row for row in cells(table) if row[0] == name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "按时 11月30日"),
        ({"is_late": True, "received_at": pd.Timestamp("2018-12-02 08:00")}, "迟报 12月2日"),
        ({"is_late": None}, "无收件登记"),
        ({"state": "returned", "n_return_issues": 3}, "退回（3处）"),
        ({"state": "missing", "received_at": None, "is_late": None}, "未报"),
    ],
)
def test_the_state_of_a_paper_is_written_out(
    sample: Sample, changes: dict[str, object], expected: str
) -> None:
    sample.change("submissions", "U003", **changes)
    assert row_of(sample)[1] == expected


def test_the_last_of_two_versions_counts(sample: Sample) -> None:
    first = next(row for row in sample.rows["submissions"] if row["unit_id"] == "U003")
    sample.rows["submissions"].append(first | {"round": 2, "received_at": pd.Timestamp("2018-12-01 10:00")})
    assert row_of(sample)[1] == "按时 12月1日（第2版）"


def test_a_correction_is_told_beside_the_date(sample: Sample) -> None:
    correct(sample)
    assert row_of(sample)[1] == "按时 12月5日（退回后补正）"
    assert row_of(sample)[2] == "按时 11月30日"


def correct(sample: Sample) -> None:
    """南坡处's 附件1 went back with two faults, and its second version passed."""
    first = next(row for row in sample.rows["submissions"] if row["unit_id"] == "U003")
    second = first | {
        "round": 2,
        "received_at": pd.Timestamp("2018-12-05 10:00"),
        "reason": "latest_acceptable",
    }
    first |= {"state": "returned", "is_counted": False, "reason": "corrected", "n_return_issues": 2}
    sample.rows["submissions"].append(second)


def test_the_rounds_of_what_was_sent_more_than_once(sample: Sample) -> None:
    assert paragraphs(page(sample).rounds()) == ["各单位每种材料只报送了一次。"]
    correct(sample)
    sample.rows["issues"].append(sample.rows["issues"][0] | {"issue_id": "I9", "code": "same_file_again"})
    (table,) = of_kind(Table, page(sample).rounds())
    assert table.title == "报送多次的材料1份，其中退回后补正通过1份"
    assert cells(table) == [
        ["南坡处", "自评表（附件1）", "1", "11月30日 09:05", "退回", "2", "—", "退回后由以后的版本补正"],
        ["南坡处", "自评表（附件1）", "2", "12月5日 10:00", "通过", "0", "采用", "最后收到的合格版本"],
    ]
    assert "另有1份文件与此前报送的内容完全相同" in table.note


def test_who_is_to_be_reminded(sample: Sample) -> None:
    assert paragraphs(page(sample).chase()) == ["应报材料全部收到并通过，纸质件齐全，无需催报。"]
    sample.change("submissions", "U003", state="missing", is_late=None, received_at=None, is_counted=False)
    (table,) = of_kind(Table, page(sample).chase())
    days = (config().cycle.report_date - dt.date(2018, 12, 1)).days
    assert cells(table)[0] == [
        "南坡处", "自评表（附件1）", "未报", f"截止2018年12月1日，已逾期{days}天", str(days),
    ]  # fmt: skip
    assert table.title.endswith("1个单位2项")


def test_zero_returns_are_a_count_without_a_name(sample: Sample) -> None:
    sample.change("submissions", "U003", is_all_zero=True)
    note = of_kind(Table, page(sample).checks())[0].note
    assert "自查发现问题各项均为0的统计表2份，只供分析" in note and "南坡处" not in note


def test_what_is_not_due_is_not_missing(sample: Sample) -> None:
    assert row_of(sample, "U002")[4:] == ["未列入检查", "未列入检查", "0"]
    assert row_of(sample, "U003")[4:] == ["未报", "未报", "0"]
    assert row_of(sample, "U001")[4:] == ["未报", "有效20份", "1"]


def test_paper_copies(sample: Sample) -> None:
    assert row_of(sample)[3] == "已签字盖章"
    sample.change("submissions", "U003", is_signed=False, is_sealed=False)
    assert row_of(sample)[3] == "未签字、未盖章"
    sample.change("submissions", "U003", is_signed=None, is_sealed=None)
    assert row_of(sample)[3] == "已签字盖章"
    sample.change("submissions", "U003", paper_received_at=None)
    assert row_of(sample)[3] == "未到"
    sample.change("submissions", "U003", received_at=None)
    assert row_of(sample)[3] == "无登记"


def test_one_paper_copy_of_two(sample: Sample) -> None:
    next(row for row in sample.rows["submissions"] if row["unit_id"] == "U003")["paper_received_at"] = None
    assert row_of(sample)[3] == "到1/2份"


@pytest.mark.parametrize(
    ("missing", "late", "expected"),
    [
        ([], [], "名册内8个单位应报附件1、附件2；全部报送；没有迟报；文件全部可读。"),
        (["U003"], ["U001"], "名册内8个单位应报附件1、附件2；未报：南坡处；迟报：东河处；文件全部可读。"),
        (
            ["U003", "U001"],
            [],
            "名册内8个单位应报附件1、附件2；未报：东河处和南坡处；没有迟报；文件全部可读。",
        ),
    ],
)
def test_the_lead(sample: Sample, missing: list[str], late: list[str], expected: str) -> None:
    for unit_id in missing:
        sample.change("submissions", unit_id, state="missing", is_late=None, received_at=None)
    for unit_id in late:
        sample.change("submissions", unit_id, is_late=True)
    assert paragraphs(page(sample).overview()) == [expected]


def test_key_figures(sample: Sample) -> None:
    (strip,) = of_kind(KeyFigures, page(sample).overview())
    assert [(tile.label, tile.value, tile.tone) for tile in strip.items] == [
        ("收到文件", "16", "neutral"), ("应报材料", "16/16", "neutral"), ("按时", "16", "neutral"),
        ("需退回补正", "1", "bad"), ("请核实", "0", "good"), ("提示", "1", "muted"),
    ]  # fmt: skip


def test_receipts_against_the_deadline(sample: Sample) -> None:
    (chart,) = charts(page(sample).timeline())
    assert chart.title == "截止日前收到16份，迟报0份，无收件登记0份"
    assert {" 截止12月1日24时", "应报8个单位", "自评表（附件1）", "自查统计表（附件2）"} <= set(chart.texts)
    assert chart.alt.endswith("收到：自评表（附件1） 8份；自查统计表（附件2） 8份。")


def test_files_that_were_not_used_come_with_the_reason(sample: Sample) -> None:
    sample.change("files", "U003", state="unreadable")
    sample.change("files", "U004", state="superseded")
    sample.rows["issues"].append({
        "issue_id": "I3", "unit_id": "U003", "form_id": None, "code": "unreadable_file", "severity": "return_file",
        "message": "文件无法打开", "remedy": "请重新报送", "file_id": "FU003standard", "sheet": None, "cell": None,
    })  # fmt: skip
    (table,) = of_kind(Table, page(sample).unreadable())
    assert cells(table)[2:] == [
        ["南坡处", "standard.xlsx", "无法打开", "文件无法打开", "请重新报送"],
        ["南坡处", "statistics.xlsx", "无法打开", "—", "—"],
    ]
    assert {row[2] for row in cells(table)[:2]} == {"已被取代"}
    assert "2份文件无法采用" in paragraphs(page(sample).overview())[0]


def test_issues_by_unit_kind_and_in_full(sample: Sample) -> None:
    parts = page(sample).issues()
    (chart,) = charts(parts)
    assert chart.title == "数据问题2条，最多的是东河处（1条）；7个单位没有问题"
    assert {"检查组与办公室", "东河处", "退回项目"} <= set(chart.texts)
    (kinds,) = of_kind(Table, parts)
    assert cells(kinds) == [
        ["退回项目", "单元格应填数字，现为…", "1", "1"],
        ["提示", "材料没有收件登记，无法判断是否按时", "1", "0"],
    ]
    (full,) = of_kind(Table, page(sample).all_issues())
    assert cells(full)[1] == ["提示", "检查组与办公室", "—", "没有收件登记", "请补登"]
    sample.rows["issues"] = []
    assert paragraphs(page(sample).issues(), page(sample).all_issues()) == ["没有发现数据问题。"] * 2
    assert page(sample).n_charts == 1


def test_only_those_with_most_issues_are_drawn_and_the_rest_is_counted(sample: Sample) -> None:
    issue = sample.rows["issues"][0]
    sample.rows["issues"] += [issue | {"issue_id": f"X{n}", "unit_id": f"X{n:02}"} for n in range(18)]
    sample.rows["issues"] += [issue | {"issue_id": "Y", "unit_id": "X17"}]
    (chart,) = charts(page(sample).issues())  # 20 senders in all
    assert chart.note == "图上只画数据问题最多的；另有5个单位较少，见附后清单。"
    assert chart.texts.count("1条") + chart.texts.count("2条") == 15 and chart.alt.count("条") == 21


def test_the_gravest_issue_comes_first(sample: Sample) -> None:
    first = sample.rows["issues"][0]
    sample.rows["issues"] += [
        first | {"issue_id": "I3", "severity": "note", "cell": "A1"},
        first | {"issue_id": "I4", "severity": "return_file", "unit_id": "U003"},
        first | {"issue_id": "I5", "severity": "verify"},
    ]
    (table,) = of_kind(Table, page(sample).all_issues())
    assert [row[0] for row in cells(table)] == ["退回文件", "退回项目", "请核实", "提示", "提示"]


def test_checks_and_corrections(sample: Sample) -> None:
    (table,) = of_kind(Table, page(sample).checks())
    assert cells(table) == [["单元格为负数 …", "1", "0", "0", "0", "0", "0"]]
    assert paragraphs(page(sample).checks()) == ["本年度没有经审核的更正。"]
    made = Correction(
        correction_id="C1", table="t", key={"unit_id": "U001", "measure_id": "n"}, column="value", was="50000", becomes="5",
        reason="误填为元", who="经办人", when=dt.date(2018, 12, 10),
    )  # fmt: skip
    opened = page(sample)
    object.__setattr__(opened.config, "corrections", (made,))
    try:
        (_, corrections) = of_kind(Table, opened.checks())
    finally:
        object.__setattr__(opened.config, "corrections", ())
    assert cells(corrections) == [["C1", "U001 / n", "50000", "5", "误填为元", "经办人", "2018年12月10日"]]


@pytest.mark.parametrize("code", KINDS)
def test_a_kind_is_told_without_particulars(code: str) -> None:
    assert "{" not in kind_words(code) and "}" not in kind_words(code) and len(kind_words(code)) > 3


def test_an_unknown_check_keeps_its_name() -> None:
    assert kind_words("conserved") == "conserved"
    assert kind_words("votes_conserved") == "各题各选项票数与未答数之和等于有效票数"
