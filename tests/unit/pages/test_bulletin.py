"""The bulletin: an official paper that says what was confirmed, and no more."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from lianzheng.documents.sources import cited_texts
from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Heading, Paragraph, Table
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.pages.citations import Citation
from lianzheng.tables import labels, schemas
from tests.unit.pages.bureau import TOTALS, VISITED, Sample, cells, charts, of_kind, paragraphs, told
from tests.unit.pages.crowds import crowd, with_one_visited

CELLS = "opening overall problems remedies signature annex".split()


def page(sample: Sample) -> BulletinPage:
    opened: BulletinPage = sample.open(BulletinPage)
    return opened


def all_said(sample: Sample) -> str:
    opened = page(sample)
    return told(*(getattr(opened, cell)() for cell in CELLS))


def headings(*parts: object) -> list[str]:
    return [heading.text for heading in of_kind(Heading, *parts)]  # type: ignore[arg-type]


def test_the_opening_says_who_was_inspected_when_and_how(sample: Sample) -> None:
    addressees, opening = paragraphs(page(sample).opening())
    assert addressees == "各局直单位党委（总支）："
    assert (
        "2018年12月4日至11日，局党委组成2个检查组，通过查阅资料、听取汇报、个别谈话、现场测试、廉政测评等方式"
        in opening
    )
    assert "对6个局直单位2018年党风廉政建设责任制落实情况进行了监督检查，其余2个单位开展自查。" in opening
    sample.rows["site_visits"] = []
    assert "通过查阅资料、廉政测评等方式" in paragraphs(page(sample).opening())[1]


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ((2018, 12, 4), (2018, 12, 4), "2018年12月4日，"),
        ((2018, 12, 4), (2018, 12, 14), "2018年12月4日至14日，"),
        ((2018, 11, 30), (2018, 12, 2), "2018年11月30日至12月2日，"),
        ((2018, 12, 30), (2019, 1, 2), "2018年12月30日至2019年1月2日，"),
    ],
)
def test_a_period_names_year_and_month_once(
    sample: Sample, first: tuple[int, int, int], last: tuple[int, int, int], told: str
) -> None:
    dates = [dt.date(*first), *[dt.date(*last)] * (len(sample.config.visits) - 1)]
    visits = [
        v.model_copy(update={"visit_date": day}) for v, day in zip(sample.config.visits, dates, strict=True)
    ]
    sample.config = dataclasses.replace(sample.config, visits=tuple(visits))
    assert f"“两个责任”，{told}局党委" in paragraphs(page(sample).opening())[1]


def test_coverage_in_figures(sample: Sample) -> None:
    sample.change("submissions", "U002", state="missing", is_late=None)
    sample.change("submissions", "U003", is_late=True)
    covered = paragraphs(page(sample).overall())[0]
    assert covered == (
        "全局8个局直单位中，7个报送自评材料，7个报送自查统计表，迟报2份。"
        "检查组个别谈话48人次，现场测试60人、平均正确率86.5%，查阅资料5份。"
        "廉政测评在1个单位有效，发出测评表25份，收回22份，回收率88.0%，有效20份。"
        "检查组确认问题4个，涉及4个单位；确认特色做法2项。"
    )


def test_what_was_not_done_is_not_told(sample: Sample) -> None:
    for table in (
        "site_visits",
        "questionnaire_by_unit_question",
        "findings",
        "highlights",
        "finding_counts_by_class",
    ):
        sample.rows[table] = []
    opened = page(sample)
    covered = paragraphs(opened.overall())[0]
    assert covered == (
        "全局8个局直单位中，全部报送自评材料，全部报送自查统计表，没有迟报。检查组查阅资料5份。"
        "检查组没有确认需要通报的问题。"
    )
    assert paragraphs(opened.problems()) == ["本次检查没有确认需要通报的问题。"]
    (closing,) = paragraphs(opened.remedies())
    assert "问责" not in closing and "整改" not in closing  # there is nothing to answer for
    assert [chart.title[:2] for chart in charts(opened.annex())] == ["图1", "图2"]  # evidence and last year


def test_good_practice_is_named_once_and_without_emoji(sample: Sample) -> None:
    first = paragraphs(page(sample).overall())
    assert "特色做法有：东河管理处和南坡管理处实行月记实制度。" in first
    assert "据1个单位自查统计（单位自报，未逐项核验），全年党委专题研究党风廉政建设5次。" in first
    sample.change("highlights", "U003", text="每月通报")
    assert "特色做法有：一是东河管理处实行月记实制度；二是南坡管理处每月通报。" in paragraphs(
        page(sample).overall()
    )
    assert "每周通报" not in all_said(sample)  # U004's was not confirmed


def test_classes_are_numbered_without_a_gap(sample: Sample) -> None:
    """学习 stands between the two that occurred; its only finding is not confirmed."""
    assert headings(page(sample).problems()) == [
        "（一）廉政约谈不规范，有的未约谈或次数不足，约谈记录不完整",
        "（二）重业务、轻党风廉政建设，反馈问题整改不到位",
    ]
    assert headings(page(sample).overall()) == [
        "（一）落实“两个责任”情况", "（二）党员干部教育和日常监督管理情况", "（三）作风纪律建设和专项整治情况",
    ]  # fmt: skip


def test_counts_and_names_of_confirmed_findings(sample: Sample) -> None:
    intro, talks, business = paragraphs(page(sample).problems())
    assert intro == "检查组确认问题4个，涉及4个单位，有以下2类（分布见附件1图1）。"
    assert talks == (
        "检查发现此类问题3个，涉及3个单位，较为普遍：东河管理处和南坡管理处廉政约谈记录没有签字；上湾综合服务中心廉政约谈次数不足。"
    )
    assert business == "检查发现此类问题1个：下渡水情监测预警与应急调度服务中心上年反馈问题未整改。"


def test_two_findings_of_one_unit_are_one_unit(sample: Sample) -> None:
    sample.change("findings", "U003", unit_id="U001")
    sample.rows["finding_counts_by_class"][0] |= {"n_findings": 2, "n_units": 1, "is_common": False}
    sample.drop("findings", "U005")
    assert (
        paragraphs(page(sample).problems())[1]
        == "检查发现此类问题2个，均在东河管理处：廉政约谈记录没有签字。"
    )


def test_the_deadline_and_the_signature_are_the_offices_own(sample: Sample) -> None:
    own = page(sample)
    assert "自本通报印发之日起30日内将整改情况报局党委办公室" in paragraphs(own.remedies())[-2]
    sample.cycle(rectification_days=15, signature="")
    own = page(sample)
    assert "自本通报印发之日起15日内" in paragraphs(own.remedies())[-2]
    assert paragraphs(own.signature())[-2] == "示例局"


def test_remedies_follow_the_common_problems(sample: Sample) -> None:
    said = paragraphs(page(sample).remedies())
    assert said[1].startswith("要针对“廉政约谈不规范”问题（3个单位），加大个别约谈力度")
    assert said[2].startswith("对通报的其他问题")
    assert said[-1].endswith("并将结果报局纪委。")
    for row in sample.rows["finding_counts_by_class"]:
        row |= {"is_common": False}
    assert [text[:2] for text in paragraphs(page(sample).remedies())[1:3]] == ["一要", "二要"]


def test_it_is_signed_and_dated_at_the_right(sample: Sample) -> None:
    lines = of_kind(Paragraph, page(sample).signature())
    assert [(line.text, line.style) for line in lines] == [
        ("附件：1. 检查情况图", "enclosures"), ("2. 检查情况表", "enclosures"), ("中共示例局委员会", "signature"), ("2018年12月28日", "signature"),
    ]  # fmt: skip


def test_no_unit_has_a_score_grade_or_rank(sample: Sample) -> None:
    said = all_said(sample)
    assert not any(f"{total:.2f}" in said for total in TOTALS.values())
    assert not any(word in said for word in ("优秀", "良好", "不合格", "排名", "等次", "总分"))


@pytest.mark.parametrize(
    ("shows", "columns", "first"),
    [
        (("grades",), ["单位", "等次"], ["东河管理处", "良好"]),
        (("scores", "ranks"), ["单位", "总分", "排名"], ["东河管理处", "84.62", "4"]),
    ],
)
def test_the_cycle_may_allow_more(
    sample: Sample, shows: tuple[str, ...], columns: list[str], first: list[str]
) -> None:
    sample.cycle(bulletin_shows=shows)
    table = of_kind(Table, page(sample).annex())[-1]
    assert [column.label for column in table.columns] == columns
    assert cells(table)[0] == first and len(cells(table)) == 6
    assert cells(table)[-1][-1] == ("不排名" if "ranks" in shows else "合格")


def test_the_annex_counts_and_names_nobody(sample: Sample) -> None:
    annex = page(sample).annex()
    classes, answers, evidence, changes = charts(annex)
    assert (
        classes.title == "图1　普遍问题1类，涉及单位最多的是“廉政约谈不规范”"
        and "受检单位6家" in classes.source
    )
    assert answers.title == (  # all ten are alike: three are named
        "图2　“党委履行党风廉政建设主体责任情况”、“主要负责人履行第一责任人职责情况”、“班子成员履行‘一岗双责’情况”等"
        "选“好”的比例最低（50.0%）"
    )
    assert answers.source == "附件3测评表，1个单位合计，不分单位"
    assert (
        answers.note.startswith("比例中弃权单列") and "折算" not in answers.note
    )  # shares need no coefficients
    assert evidence.title == "图3　“规章制度及执行记录”缺失或有缺陷的单位最多（1家，100.0%）"
    assert changes.title == "图4　自查统计与上年持平" and changes.alt.endswith(
        "召开会议（次） 9，上年9（0.0%）。"
    )
    table, beside = of_kind(Table, annex)
    assert (table.title, beside.title) == ("表1　各类问题按缺陷分列（个）", "表2　自查统计与上年比较")
    assert cells(beside) == [["召开会议（次）", "9", "9", "0.0%", "1"]]
    assert [column.label for column in table.columns] == [
        "问题类别",
        "次数不足",
        "无签字",
        "未整改",
        "合计",
        "单位数",
    ]
    assert cells(table) == [
        ["廉政约谈不规范", "1", "2", "—", "3", "3"],
        ["重业务、轻党风廉政建设", "—", "—", "1", "1", "1"],
    ]
    names = page(sample).units["name"].to_list() + page(sample).units["short_name"].to_list()
    assert not any(name in told(annex) for name in names)


def test_suppressed_questionnaires_are_not_pooled(sample: Sample) -> None:
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"suppression_code": "few", "score": None}
    opened = page(sample)
    assert opened.answers.empty and opened.n_charts == 3
    titles = [chart.title[:2] for chart in charts(opened.annex())]
    assert titles == ["图1", "图2", "图3"]  # the numbering is closed


def test_void_questionnaires_are_neither_pooled_nor_told(sample: Sample) -> None:
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"suppression_code": "void", "score": None, "n_returned": 26}
    assert page(sample).answers.empty
    assert "廉政测评" not in paragraphs(page(sample).overall())[0]


def test_units_whose_result_is_hidden_are_not_added_up_and_are_counted(sample: Sample) -> None:
    for table in ("questionnaire_by_unit_question", "tallies_by_unit_question_option"):
        sample.rows[table] += [row | {"unit_id": "U003"} for row in sample.rows[table]]
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"suppression_code": "few", "score": None, "n_valid": 4} if row["unit_id"] == "U003" else {}
    for row in sample.rows["tallies_by_unit_question_option"]:
        row |= {"n_votes": 900} if (row["unit_id"], row["option_id"]) == ("U003", "poor") else {}
    answers = charts(page(sample).annex())[1]
    assert "（50.0%）" in answers.title
    assert answers.source == "附件3测评表，1个单位合计，不分单位，另有1个单位没有可以显示的结果，未计入"
    told_ballots = "廉政测评在1个单位有效（另有1个单位没有有效结果或份数不全，未计入），发出测评表25份，收回22份，回收率88.0%，有效20份。"
    assert told_ballots in paragraphs(page(sample).overall())[0]


def test_headings_claim_only_defects_that_were_found(sample: Sample) -> None:
    for row in sample.rows["findings"]:
        row |= {"defect_id": "no_record"} if row["bulletin_class"] == "talks" else {}
    assert headings(page(sample).problems())[0] == "（一）廉政约谈不规范，约谈记录不完整"


def test_a_class_may_have_counts_only(sample: Sample) -> None:
    taxonomy = sample.config.findings
    assert taxonomy
    kinds = [
        kind.model_copy(update={"names_units": kind.bulletin_class != "talks"})
        for kind in taxonomy.bulletin_classes
    ]
    sample.config = dataclasses.replace(
        sample.config, findings=taxonomy.model_copy(update={"bulletin_classes": tuple(kinds)})
    )
    _, talks, business = paragraphs(page(sample).problems())
    assert talks == (
        "检查发现此类问题3个，涉及3个单位，较为普遍，其中2个单位廉政约谈记录没有签字，1个单位廉政约谈次数不足。"
    )
    assert "下渡水情监测预警与应急调度服务中心" in business


def all_names(sample: Sample) -> set[str]:
    return {name for unit in sample.config.units for name in unit.names}


def test_the_anonymous_edition_names_nobody_and_keeps_every_count(sample: Sample) -> None:
    sample.change("highlights", "U003", text="同上湾中心一起每月通报3次")
    sample.cycle(bulletin_shows=("scores", "grades"))
    opened: BulletinPage = sample.open(lambda cycle: BulletinPage(cycle, edition="anonymous"))
    said = told(*(getattr(opened, cell)() for cell in CELLS))
    assert not [name for name in all_names(sample) if name in said]
    assert "一是有的单位实行月记实制度；二是有的单位同某单位一起每月通报3次" in said
    assert (
        "检查发现此类问题3个，涉及3个单位" in said and "检查发现此类问题1个，为上年反馈问题未整改。" in said
    )
    assert not [table for table in of_kind(Table, opened.annex()) if "检查结果" in table.title]
    assert not [
        one for part in CELLS for one in citations(getattr(opened, part)()) if one.address.form == "name"
    ]


def citations(*parts: Blocks) -> list[Citation]:
    """Every citation of the blocks, those in the cells of tables too."""
    return [
        one
        for text, found in cited_texts([block for part in parts for block in part.blocks])
        for one in found
    ]


def test_one_visited_unit_is_told_of_in_the_singular(sample: Sample) -> None:
    with_one_visited(sample)
    opened = page(sample)
    assert "2018年12月4日，局党委组成检查组，通过" in paragraphs(opened.opening())[1]
    assert (
        "对东河管理处2018年党风廉政建设责任制落实情况进行了监督检查，其余7个单位开展自查。"
        in paragraphs(opened.opening())[1]
    )
    assert "检查组确认问题1个；确认特色做法1项。" in paragraphs(opened.overall())[0]
    intro, only = paragraphs(opened.problems())
    assert intro == "检查组确认问题1个，属于“廉政约谈不规范”（分布见附件1图1）。"
    assert only == "检查发现此类问题1个：东河管理处廉政约谈记录没有签字。"
    assert headings(opened.problems()) == []  # a single （一） numbers nothing
    assert paragraphs(opened.remedies())[1].startswith("要针对“廉政约谈不规范”问题（1个单位），")


def test_nobody_was_visited(sample: Sample) -> None:
    for unit_id in VISITED:
        sample.change("units", unit_id, is_visited=False)
    sample.rows["finding_counts_by_class"] = []
    sample.config = dataclasses.replace(sample.config, visits=())
    opened = page(sample)
    assert paragraphs(opened.opening())[1].endswith(
        "2018年，各局直单位开展了落实党风廉政建设责任制情况自查。现将有关情况通报如下："
    )
    assert "确认" not in paragraphs(opened.overall())[0] and "特色做法" not in told(opened.overall())
    assert paragraphs(opened.problems()) == ["本次检查没有确认需要通报的问题。"]


def test_sixty_units_are_counted_where_they_are_too_many_to_name(sample: Sample) -> None:
    crowd(sample, 60)
    intro, only = paragraphs(page(sample).problems())
    assert intro == "检查组确认问题60个，60个受检单位均有，属于“廉政约谈不规范”（分布见附件1图1）。"
    assert only == (
        "检查发现此类问题60个，60个受检单位均有：一号管理处、二号管理处、三号管理处、四号管理处、五号管理处、六号管理处"
        "等60个单位廉政约谈没有记录。"
    )
    crowd(sample, 6)
    assert "五号管理处和六号管理处廉政约谈没有记录。" in paragraphs(page(sample).problems())[1]


@pytest.mark.parametrize("edition", ["internal", "anonymous"])
def test_every_number_that_comes_from_a_table_has_its_address(sample: Sample, edition: str) -> None:
    """What is left without one is a number of the paper (附件1, 图1, 表1, its date), a limit of the rules, or a label.

    The anonymous edition quotes good practice without the address of the text, which would name the unit.
    """
    sample.cycle(bulletin_shows=("scores", "grades", "ranks"))
    opened: BulletinPage = sample.open(lambda cycle: BulletinPage(cycle, edition=edition))
    blocks = [block for part in CELLS for block in getattr(opened, part)().blocks]
    for text, found in cited_texts(blocks):
        cited = {place for one in found for place in range(one.start, one.end)}
        left = [m for m in re.finditer(r"\d+(?:\.\d+)?%?", text) if not cited & set(range(*m.span()))]
        known = re.compile(
            r"附件\d?图\d|[图表]\d　|^附件：1\. |^2\. |^2018年12月28日$|答题不足50\.0%|计分票不足5张|附件[123]|八项|第[一二三]"
        )
        spans = [set(range(*m.span())) for m in known.finditer(text)]
        assert not [m[0] for m in left if not any(set(range(*m.span())) <= span for span in spans)], text


def test_an_address_leads_to_what_is_shown(sample: Sample) -> None:
    """Read anew from the tables, by table, key and column, every figure and every name says the same."""
    sample.cycle(bulletin_shows=("scores", "grades", "ranks"))
    opened = page(sample)
    blocks = [block for part in CELLS for block in getattr(opened, part)().blocks]
    names, n_seen = opened.units["name"], 0
    for text, found in cited_texts(blocks):
        for one in found:
            table, key, column, form = dataclasses.astuple(one.address)
            frame = opened.frame(table)
            keys = frame[list(schemas()[table].key)].astype("str").agg("|".join, axis=1)
            (value,) = frame.loc[keys == key, column]
            shown = text[one.start : one.end]
            if form == "name":
                assert shown == names[value]
            elif form == "part":
                assert shown in value
            elif form.startswith("@"):
                assert shown == labels(form[1:])[value]
            else:
                assert shown == getattr(words, form)(value)
            n_seen += 1
    assert n_seen > 60
