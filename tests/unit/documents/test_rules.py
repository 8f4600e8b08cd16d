"""The rules of numbering, leftovers, names and numbers, each on a few lines: text beside what is told of it."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig
from lianzheng.documents import check_leftovers, check_names, check_order
from lianzheng.documents.faults import Fault, Subject, told
from lianzheng.documents.kinds import kinds_of
from lianzheng.documents.read_paper import read_paper
from lianzheng.documents.roster import Roster
from lianzheng.documents.sources import Source
from lianzheng.documents.values import Facts, Values, same
from tests.unit.documents.official import COUNTS, document, tables


def subject(*lines: str) -> Subject:
    runs = (f'<w:r><w:t xml:space="preserve">{line}</w:t></w:r>' if line else "" for line in lines)
    paper = read_paper(document("".join(f"<w:p>{run}</w:p>" for run in runs)))
    return Subject(paper, kinds_of(paper))


def facts(config: CycleConfig) -> Facts:
    roster = Roster(config)
    counts = {str(row["bulletin_class"]): row for row in COUNTS}
    return Facts({}, Values(tables(), roster), roster, counts)  # type: ignore[arg-type]


def codes(faults: list[Fault]) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["一、甲", "（一）乙", "（二）丙", "二、丁", "（一）戊", "1.己", "（1）庚", "（2）辛"], []),
        (["一、甲", "三、乙"], ["skipped"]),
        (["一、甲", "一、乙"], ["repeated"]),
        (["二、甲"], ["first_number"]),
        (["一、甲", "（一）乙", "（1）丙", "（2）丁"], ["level_skipped"]),
        (["一、甲", "1.乙", "2.丙"], []),
        (["一、甲", "（一)乙"], ["number_form"]),
        (["一、甲", "(一)乙"], ["number_form"]),
        (["一.甲"], ["number_form"]),
        (["一、甲", "（一）、乙"], ["number_form"]),
        (["一、甲", "1、乙"], ["number_form"]),
        (["十九、甲"], ["first_number"]),
        (["提出要求：一是甲；二是乙；三是丙。"], []),
        (["提出要求：一是甲；三是丙。"], ["skipped"]),
        (["一是甲。", "二是乙。", "二是丙。"], ["repeated"]),
        (["一是甲。", "一、新", "一是丙。"], []),
        (["一要甲，一是乙，二是丙。", "二要丁。"], []),
        (["图1　甲", "图2　乙", "表1　丙"], []),
        (["图1　甲", "图3　乙"], ["skipped"]),
        (["一、甲", "（一）乙", "（一）丙", "（三）丁"], ["repeated"]),
        (["一、甲", "二、乙", "二、丙", "三、丁"], ["repeated"]),
        (["一、甲", "1.乙", "2.丙", "说明如下。", "1.丁", "2.戊"], []),
        (["2018.5万元不是序号。"], []),
    ],
)
def test_numbers_follow_each_other_in_one_form(lines: list[str], wanted: list[str]) -> None:
    paper = subject("关于情况的通报", "", *lines)
    assert codes([fault for check in check_order.CHECKS for fault in check(paper)]) == wanted


@pytest.mark.parametrize(
    ("listed", "titles", "n_faults"),
    [
        (["附件：检查情况图"], [("附件", "检查情况图")], 0),
        (["附件：1. 图", "2. 表"], [("附件1", "图"), ("附件2", "表")], 0),
        (["附件：1. 图"], [("附件1", "图"), ("附件2", "表")], 1),
        (["附件：1. 图", "3. 表"], [("附件1", "图"), ("附件2", "表")], 1),
        (["附件：1. 检查情况图"], [("附件1", "问题分类统计表")], 1),
        ([], [("附件1", "图")], 1),
    ],
)
def test_what_is_listed_is_what_follows(
    listed: list[str], titles: list[tuple[str, str]], n_faults: int
) -> None:
    paper = subject("关于情况的通报", "", "正文。", *listed, "", *(line for one in titles for line in one))
    assert codes(list(check_order.enclosures(paper))) == ["enclosures"] * n_faults


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("XXXX党委", "placeholder", "XXXX"),
        ("组成X个检查组", "placeholder", "X"),
        ("发现问题x 件", "placeholder", "x"),
        ("××单位", "placeholder", "××"),
        ("＊＊＊党委", "placeholder", "＊＊＊"),
        ("共{n}个", "placeholder", "{n}"),
        ("共 　个问题", "blank_number", ""),
        ("比上年减少 万元", "blank_number", ""),
        ("于  年  月  日", "blank_number", ""),
        ("名单（待补充）", "to_be_set", "待补充"),
        ("【待补】", "to_be_set", "【待补】"),
        ("做法（ ）值得学习", "empty_brackets", "（ ）"),
        ("示例纪〔2018〕号", "document_number_blank", "示例纪〔2018〕号"),
        ("示例纪〔〕12号", "document_number_blank", "示例纪〔〕12号"),
        ("该乡", "other_place", "该乡"),
        ("抓好落实，。", "doubled_mark", "，。"),
        ("2018年9月05日", "date_form", "2018年9月05日"),
        ("二〇一八年十二月一日", "date_form", "二〇一八年十二月一日"),
        ("2018.12.1", "date_form", "2018.12.1"),
        ("2018-12-01", "date_form", "2018-12-01"),
        ("18年12月1日", "date_form", "18年12月1日"),
    ],
)
def test_a_leftover_is_found_at_its_words(text: str, code: str, seen: str, config: CycleConfig) -> None:
    (fault,) = check_leftovers.leftovers(subject(text), facts(config))
    assert fault.code == code and seen in fault.message
    assert not seen or subject(text).paper.paragraphs[0].text[fault.start : fault.end].strip() == seen


@pytest.mark.parametrize(
    "text",
    [
        "二〇〇八级学员", "X光室", "3×4格", "上半年 个别单位", "（含2个单位）", "省厅、局党委", "本局", "2018年12月1日",
        "示例纪〔2018〕12号", "“一岗双责”", "真的吗？！", "……", "A4纸", "第3号文件", "Excel表", "2.5万元", "12:30",
        "（见附件1）", "等待定期检查的单位", "该县级单位的说法", "MAX值", "单位 个数", "制度有待补充。", "【招待费】", "处理 处分情况",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_leftover_is_let_pass(text: str, config: CycleConfig) -> None:
    paper = subject(text)
    found = [*check_leftovers.leftovers(paper, facts(config))]
    found += [fault for check in check_leftovers.CHECKS for fault in check(paper)]
    assert [fault.message for fault in found if "该县" not in fault.message] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("东河管理处和西岭处、青禾设计院党委做法较好", []),
        ("东何管理处做法较好", [("unit_misspelt", "东何管理处")]),
        ("东河管理所做法较好", [("unit_misspelt", "东河管理所")]),
        ("青禾规划设计研究所做法较好", [("unit_alias", "青禾规划设计研究所")]),
        ("远山设备制造安装有限公司做法较好", [("unit_misspelt", "远山设备制造安装有限公司")]),
        ("石桥学校做法较好", [("unit_alias", "石桥学校")]),
        ("下渡水情监测预警和应急调度服务中心", [("unit_misspelt", "下渡水情监测预警和应急调度服务中心")]),
        ("东河管理水平提高，信访中心、企业公司、服务中心不是本局单位", []),
        ("各管理处、有关公司、建设工程有限责任公司", []),
        ("东河、西岭处党委", []),
    ],
)
def test_a_name_is_the_rosters_or_told(text: str, wanted: list[tuple[str, str]], config: CycleConfig) -> None:
    paper = subject(text)
    checks = (check_names.aliases, check_names.misspelt)
    found = [fault for check in checks for fault in check(paper, facts(config))]
    assert [(fault.code, text[fault.start : fault.end]) for fault in found] == wanted


def test_a_unit_is_named_under_a_class_only_with_a_confirmed_finding(config: CycleConfig) -> None:
    head = "（一）廉政约谈不规范，集中约谈多于个别约谈，约谈记录不完整"
    running = subject(
        "一、总体情况", "档案馆做法较好。", "二、存在的主要问题", f"{head}。南坡处、档案馆未约谈。"
    )
    apart = subject("二、存在的主要问题", head, "平野勘测、档案馆未约谈。", "三、整改", "档案馆要整改。")
    for paper in (running, apart):
        (fault,) = check_names.without_finding(paper, facts(config))
        assert fault.code == "unit_without_finding" and "“档案馆”" in fault.message


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("２０", "20", True), ("1,234", "1234", True), ("１，２３４", "1234", True), ("三", "3", True), ("两", "2", True),
        ("十二", "12", True), ("12", "13", False), ("87.5%", "87.5％", True), ("三五", "3", False),
        ("2018年12月3日", "2018年12月 3日", True), ("-1.5", "−1.5", True),
    ],
)  # fmt: skip
def test_the_same_number_in_another_dress(one: str, other: str, is_same: bool) -> None:
    assert same(one, other) is is_same


def test_values_come_from_what_pages_may_see_and_know_what_is_gone(config: CycleConfig) -> None:
    values = facts(config).values

    def state(table: str, key: str, column: str, form: str = "number") -> tuple[str, tuple[str, ...]]:
        value = values.of(Source("lz_x", "", form, table, key, column, ""))
        return value.state, value.texts

    assert state("finding_counts_by_class", "talks", "n_findings") == ("known", ("2",))
    assert state("finding_counts_by_class", "political_life", "n_findings") == ("gone", ())
    assert state("site_visits", "U001|T1", "visit_date", "day") == ("known", ("2018年12月3日",))
    assert state("findings", "F01", "unit_id", "name") == ("known", ("东河管理处", "东河处"))
    assert state("finding_counts_by_class", "talks", "unit_ids", "name")[1][:2] == ("南坡管理处", "南坡处")
    assert state("interviews", "x", "text")[0] == "unknown"
    assert state("no_table", "x", "y")[0] == "unknown"
    assert state("findings", "F01", "text", "no_such_form")[0] == "unknown"


def test_every_code_has_a_part_a_message_and_a_remedy() -> None:
    for part, message, remedy in told()["faults"].values():
        assert part in told()["parts"] and message and remedy
