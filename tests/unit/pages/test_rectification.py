"""The ledger's page: what is counted, what is listed, what is said of it; the figures are worked out by hand."""

from __future__ import annotations

from lianzheng.pages.blocks import KeyFigures, Paragraph, Table
from lianzheng.pages.rectification import RectificationPage
from tests.unit.pages.bureau import Sample, cells, charts, of_kind, paragraphs, told


def page(sample: Sample) -> RectificationPage:
    opened: RectificationPage = sample.open(RectificationPage)
    return opened


def test_the_lead_and_the_tiles(sample: Sample) -> None:
    """Four lines at two units, one closed; R02 was due the day before the report; two of the three earlier are open."""
    opening = page(sample).overview()
    assert paragraphs(opening) == [
        "整改台账共列问题4条，涉及2个单位，已销账1条，销账率25.0%；逾期未销账1条，涉及1个单位；"
        "本次检查之外的问题中2条未整改，1条在本年检查中又发现同类问题。"
    ]
    (figures,) = of_kind(KeyFigures, opening)
    assert [(tile.label, tile.value) for tile in figures.items] == [
        ("台账问题", "4"), ("已销账", "1"), ("销账率", "25.0%"), ("逾期", "1"), ("未整改", "2"), ("屡查屡犯", "1"),
    ]  # fmt: skip


def test_states_by_source_and_by_unit(sample: Sample) -> None:
    (by_source,) = of_kind(Table, page(sample).sources())
    assert cells(by_source) == [  # 待整改 整改中 待核验 已销账 合计 逾期 销账率
        ["上年检查", "0", "0", "0", "1", "1", "0", "100.0%"],
        ["节日检查", "1", "0", "0", "0", "1", "1", "0.0%"],
        ["巡察反馈", "0", "0", "1", "0", "1", "0", "0.0%"],
        ["本次检查", "1", "0", "0", "0", "1", "0", "0.0%"],
    ]
    (drawn,) = charts(page(sample).sources())
    assert drawn.title == "逾期最多的是节日检查的问题：1条中1条逾期，销账率0.0%"
    (by_unit,) = of_kind(Table, page(sample).by_unit())
    assert [row[1:] for row in cells(by_unit)] == [
        ["2", "0", "0", "1", "3", "1", "33.3%"],
        ["0", "0", "1", "0", "1", "0", "0.0%"],
    ]


def test_without_overdue_lines_the_chart_tells_of_open_ones(sample: Sample) -> None:
    sample.rows["rectifications"][1]["state"] = "closed"
    assert charts(page(sample).sources())[0].title == "未销账最多的是巡察反馈的问题：1条中1条"
    assert "没有逾期未销账的问题" in paragraphs(page(sample).overview())[0]
    assert paragraphs(page(sample).overdue()) == ["没有逾期未销账的问题。"]


def test_the_lists(sample: Sample) -> None:
    (overdue,) = of_kind(Table, page(sample).overdue())
    assert [[row[0], *row[5:]] for row in cells(overdue)] == [["U001-R02", "待整改", "2018年12月27日", "1"]]
    repeated, left = of_kind(Table, page(sample).recurring())
    assert [[row[0], row[2], row[3], row[6]] for row in cells(repeated)] == [
        ["U001-R01", "上年检查", "2017", "记录0"]
    ]
    assert left.title == "未整改：以前提出、截至报告日未销账的问题2条，除上列逾期的，尚有1条"
    assert [row[0] for row in cells(left)] == ["U002-R01"]
    (held,) = of_kind(Table, page(sample).accountability())
    assert [row[3:] for row in cells(held)] == [["未填", "提醒谈话", "未填", "未填"]]


def test_an_empty_ledger_says_so(sample: Sample) -> None:
    sample.rows["rectifications"] = sample.rows["recurrences"] = []
    empty = page(sample)
    assert empty.n_charts == 0 and paragraphs(empty.overview()) == ["台账中没有问题。"]
    assert all(isinstance(part, Paragraph) for part in empty.sources().blocks)


def test_the_rules_are_told_with_their_figures(sample: Sample) -> None:
    assert "报告日起30日" in told(page(sample).method()) and "2018年12月28日" in told(page(sample).method())
