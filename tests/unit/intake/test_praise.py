"""Problems and good practice in one sheet: split by column and by wording, asked where unsure, never both."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lianzheng.intake.praise import part_twins, tell_tale_words
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from tests.unit.intake.sample import config, layout_of, receive

ROW = {"unit_id": "东河处", "subject_id": "一岗双责", "is_confirmed": "是"}
PATH = "teams/第一检查组/清单.xlsx"
GOOD, BAD, BOTH, NEITHER = "责任制落实扎实", "约谈没有记录", "学习较好，但笔记雷同", "党委书记听取汇报"
Issues = list[tuple[str, str]]


def read(findings: list[dict[str, Any]], highlights: list[dict[str, Any]] | None = None) -> Received:
    lists = {
        "findings": [{**ROW, **row} for row in findings],
        "highlights": [{**ROW, **row} for row in highlights or []],
    }
    return receive(layout_of("findings", records=lists), PATH)


def texts(received: Received, table: str) -> dict[str, bool]:
    rows = [record.values for record in received.records if record.into == table]
    return {row["text"]: row["is_confirmed"] for row in rows if row.get("subject_id")}


def issues(received: Received) -> Issues:
    return sorted((issue.code, issue.source.cell) for issue in received.issues)


@pytest.mark.parametrize(
    ("text", "praise", "problems"),
    [
        ("学习扎实，成效明显", ["扎实", "成效明显"], []),
        ("不断创新工作方法", ["不断创新"], []),
        ("全年无违纪", ["无违纪"], []),
        ("检查未发现问题", ["未发现问题"], []),
        ("未发现 问题，但记录不全", ["未发现问题"], ["不全"]),
        ("未开展约谈", [], ["未"]),
        ("责任书雷同", [], ["雷同"]),
        ("无论大小事项都上会", [], []),
        ("无缝衔接、查漏补缺", [], []),
        ("创新不足", [], ["创新不足"]),
        ("学习不扎实", [], ["不扎实"]),
        ("每月听取汇报", [], []),
        ("", [], []),
    ],
)
def test_the_longest_word_counts(text: str, praise: list[str], problems: list[str]) -> None:
    taxonomy = config().findings
    assert taxonomy
    assert tell_tale_words(text, taxonomy) == (praise, problems)


DEFECT = {"defect_id": "无记录", "finding_severity": "一般"}


def rows_of(received: Received) -> list[Record]:
    return [record for record in received.records if record.into != "header_fields"]


@pytest.mark.parametrize(
    ("table", "row", "expected"),  # expected: where it ends, whether confirmed, and the codes
    [
        ("findings", {"text": BAD, **DEFECT}, ("findings", True, [])),
        ("findings", {"text": NEITHER, **DEFECT}, ("findings", True, [])),
        ("findings", {"text": GOOD}, ("highlights", True, ["praise_among_findings"])),
        ("findings", {"text": GOOD, **DEFECT}, ("findings", False, ["finding_or_highlight"])),
        ("findings", {"text": BOTH, **DEFECT}, ("findings", False, ["finding_or_highlight"])),
        (
            "findings",
            {"text": BOTH},
            ("findings", False, ["finding_or_highlight", "missing_value", "missing_value"]),
        ),
        ("findings", {"text": BAD}, ("findings", True, ["missing_value", "missing_value"])),
        (
            "findings",
            {"text": NEITHER},
            ("findings", False, ["finding_or_highlight", "missing_value", "missing_value"]),
        ),
        ("findings", {"text": GOOD, "kind": "问题", **DEFECT}, ("findings", True, [])),
        ("findings", {"text": BOTH, "kind": "问题", **DEFECT}, ("findings", True, [])),
        ("findings", {"text": BAD, "kind": "亮点"}, ("highlights", True, [])),
        ("findings", {"text": BAD, "kind": "亮点", **DEFECT}, ("highlights", True, [])),
        ("highlights", {"text": GOOD}, ("highlights", True, [])),
        ("highlights", {"text": NEITHER}, ("highlights", True, [])),
        ("highlights", {"text": BOTH}, ("highlights", False, ["finding_or_highlight"])),
        ("highlights", {"text": BAD, "kind": "亮点"}, ("highlights", True, [])),
        ("highlights", {"text": BAD, "kind": "问题"}, ("findings", True, ["missing_value"])),
    ],
)
def test_where_a_row_ends(table: str, row: dict[str, Any], expected: tuple[str, bool, list[str]]) -> None:
    received = read([row] if table == "findings" else [], [row] if table == "highlights" else [])
    (record,) = rows_of(received)
    codes = sorted(issue.code for issue in received.issues)
    assert (record.into, record.values["is_confirmed"], codes) == expected
    assert "kind" not in record.values
    assert record.into == "findings" or "defect_id" not in record.values
    assert {issue.unit_id for issue in received.issues} <= {"U001"}


def test_what_is_not_confirmed_stays_so() -> None:
    (record,) = rows_of(read([{"text": GOOD, "is_confirmed": "否"}]))
    assert (record.into, record.values["is_confirmed"]) == ("highlights", False)


def test_the_team_is_told_why() -> None:
    said = {text: read([row]).issues[-1].message for text, row in {
        GOOD: {"text": GOOD}, BOTH: {"text": BOTH, **DEFECT}, NEITHER: {"text": NEITHER},
    }.items()}  # fmt: skip
    assert said[GOOD] == "“第1行”写在发现问题表内，文字却是肯定（“扎实”），已按亮点登记"
    assert said[BOTH] == "“第1行”既有肯定用语“较好”，又有问题用语“雷同”，分不清是问题还是亮点，暂按未确认处理"
    assert said[NEITHER] == "“第1行”没有填缺陷类型，文字也看不出问题，分不清是问题还是亮点，暂按未确认处理"


def test_a_sheet_without_the_new_columns_is_in_order() -> None:
    layout = layout_of("findings", records={"findings": [{**ROW, "text": BAD, **DEFECT}]})
    cells = [cell.value for sheet in layout.sheets for cell in sheet.cells]
    assert (cells.count("性质"), cells.count("资料类别")) == (2, 1)
    old = layout.change(lambda c: None if c.value in ("性质", "资料类别") else c)
    received = receive(old, PATH)
    assert issues(received) == [] and texts(received, "findings") == {BAD: True}


def test_a_sheet_without_the_text_column_is_only_short_of_it() -> None:
    layout = layout_of("findings", records={"findings": [{**ROW, **DEFECT}]})
    received = receive(layout.change(lambda c: None if c.value == "问题描述" else c), PATH)
    assert [issue.code for issue in received.issues] == ["missing_column"]


def test_the_real_sheet_of_59_rows() -> None:
    """As one was found: 18 rows of praise among the problems, 22 rows without a class; 59 − 18 = 41 problems."""
    praise = [{"text": f"第{n}季度{words}"} for n, words in enumerate(["学习扎实", "成效明显", "值得推广", "不断创新",
              "无违纪", "未发现问题"] * 3)]  # fmt: skip
    problems = [{"text": f"{n}份{words}", "defect_id": defect, "finding_severity": "一般"} for n, (words, defect) in enumerate(
        [("责任书雷同", "照抄雷同"), ("约谈无记录", "无记录"), ("笔记未签字", "无签字"), ("民主生活会资料", "资料缺失")] * 10)]  # fmt: skip
    problems.append({"text": "对去年的问题", "defect_id": "未整改", "finding_severity": "严重"})
    for row in (*praise[:4], *problems[:18]):
        row["subject_id"] = None
    mixed = [row for pair in zip(praise, problems, strict=False) for row in pair] + problems[18:]
    assert (len(mixed), len(praise), len(problems)) == (59, 18, 41)
    received = read(mixed)
    assert Counter(code for code, _ in issues(received)) == {"praise_among_findings": 18, "missing_value": 22}
    assert {i.words["column"] for i in received.issues if i.code == "missing_value"} == {"主题"}
    findings, highlights = texts(received, "findings"), texts(received, "highlights")
    assert (len(findings), len(highlights)) == (41 - 18, 18 - 4)
    assert all(findings.values()) and all(highlights.values()) and not findings.keys() & highlights.keys()


def test_moved_rows_come_behind_those_of_their_table() -> None:
    received = read([{"text": GOOD}, {"text": BAD, **DEFECT}], [{"text": NEITHER}])
    assert [(record.into, record.values["text"]) for record in rows_of(received)] == [
        ("findings", BAD), ("highlights", NEITHER), ("highlights", GOOD),
    ]  # fmt: skip


def test_a_text_never_stands_in_both_tables() -> None:
    first, second = read([{"text": NEITHER, **DEFECT}]), read([], [{"text": f" {NEITHER}"}, {"text": GOOD}])
    part_twins([first, second])
    assert texts(first, "findings") == {NEITHER: False} and texts(second, "highlights") == {GOOD: True}
    (issue,) = second.issues
    assert (issue.code, issue.unit_id) == ("finding_or_highlight", "U001") and issue.source.cell
    other = read([], [{"text": NEITHER, "unit_id": "西岭处"}])
    part_twins([first, other])
    assert texts(other, "highlights") == {NEITHER: True}
