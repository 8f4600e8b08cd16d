"""The comparison: who stands where within the type, and what the figures cannot tell."""

from __future__ import annotations

import pandas as pd
import pytest

from lianzheng.pages import standings
from lianzheng.pages.blocks import Bullets, KeyFigures, Table
from lianzheng.pages.comparison import ComparisonPage
from tests.unit.pages.bureau import Sample, cells, charts, of_kind, paragraphs


def page(sample: Sample) -> ComparisonPage:
    opened: ComparisonPage = sample.open(ComparisonPage)
    return opened


def test_units_stand_by_type_and_total_with_their_states(sample: Sample) -> None:
    sample.change("scores_by_unit_component", "U002", state="not_visited")
    (table,) = of_kind(Table, page(sample).totals())
    assert cells(table)[0] == ["事业单位：6家，受检5家"]
    assert cells(table)[1] == ["1", "上湾中心", "95.50", "90.00", "0.00", "95.50", "优秀", "96.00", "—"]
    assert cells(table)[4] == ["4", "东河处", "84.62", "90.00", "−0.50", "84.62", "良好", "96.00", "+4.62"]
    assert cells(table)[5][-1] == "变化不大"
    assert cells(table)[6] == [
        "不排名",
        "西岭处",
        "未现场检查",
        "未现场检查",
        "0.00",
        "未核验",
        "未核验",
        "96.00",
        "—",
    ]
    assert cells(table)[7] == ["企业单位：2家，受检1家"]
    assert cells(table)[8][:7] == ["不排名", "金穗建设", "70.00", "无有效测评", "0.00", "70.00", "暂定合格"]


def test_the_lead_ranks_only_where_there_are_enough(sample: Sample) -> None:
    assert paragraphs(page(sample).overview()) == [
        "8个单位中，6个经现场检查有总分，其余没有总分；事业单位有总分5家，参加排名5家，上湾中心居首；企业单位有总分1家，参加排名的单位不足，不排名。"
    ]


def test_key_figures(sample: Sample) -> None:
    (strip,) = of_kind(KeyFigures, page(sample).overview())
    assert [(tile.label, tile.value) for tile in strip.items] == [
        ("有总分的单位", "6/8"), ("总分中位数", "86.31"), ("优秀", "2"), ("良好", "2"), ("合格", "2"), ("不合格", "0"),
    ]  # fmt: skip


def test_totals_are_drawn_by_type_with_the_peers_lines(sample: Sample) -> None:
    _, chart = charts(page(sample).totals())
    expected = {
        "事业单位（有总分5家）",
        "企业单位（有总分1家）",
        "95.50 优秀",
        "70.00 暂定合格",
        "中位数",
        "上四分位数",
    }
    assert expected <= set(chart.texts)
    assert chart.title == "各类型总分最高：上湾中心95.50分、金穗建设70.00分"
    assert chart.alt.startswith("总分：上湾中心 95.50 优秀；北渠处 91.00 优秀")
    assert chart.note == "没有总分、图上不画：西岭处和新埠物资，所处状态见结果表。"


def test_totals_spread_within_the_types_and_provisional_ones_are_another_quantity(sample: Sample) -> None:
    chart, _ = charts(page(sample).totals())
    # 79, 84.615, 88, 91, 95.5 of six units: median the third; U015's 70 is provisional
    assert chart.alt == "各类型总分的分布：事业单位 5/6家，中位数88.00；企业单位 0/2家，不足5家。"
    assert chart.title == "总分从79.00分到95.50分，同一类型之内才作比较"
    spread_out = standings.spread({"甲": [1.0, 2.0, 3.0, 4.0, 10.0], "乙": [1.0, 2.0], "丙": []}, 5)
    assert spread_out[["low", "median", "high"]].fillna(-1).to_numpy().tolist() == [
        [2, 3, 4], [-1, -1, -1], [-1, -1, -1],
    ]  # fmt: skip
    assert spread_out["middle"].fillna(-1).to_list() == [3, 1.5, -1]


def test_changes_on_last_year_are_stated_beyond_the_minimum_and_who_has_none_is_named(sample: Sample) -> None:
    (chart,) = charts(page(sample).changes())
    assert chart.title == "与2个单位上年总分相比：1个上升，0个下降，1个变化不超过2.00分"
    assert {"东河处 80.00", "84.62（+4.62）", "2017年", "2018年", "变化超过2.00分"} <= set(chart.texts)
    assert not any("南坡处" in words for words in chart.texts)  # U003 changed by 1.00 only
    assert (
        chart.alt == "上年总分→本年总分（变化）：东河处 80.00→84.62（+4.62）；南坡处 78.00→79.00（+1.00）。"
    )
    assert chart.note == "没有上年总分、图上不画：北渠处、上湾中心、下渡调度中心和金穗建设。"
    sample.rows["changes_by_unit_measure"] = []
    assert paragraphs(page(sample).changes()) == ["没有本年、上年都有总分的单位，不作比较。"]


def test_focal_points_rest_on_the_items_that_serve_them(sample: Sample) -> None:
    chart, _ = charts(page(sample).blocks())
    # 意识形态: S101 and S102, U001 (2.5 + 4) / 8, the other five full; 四种形态: S101; 监督: S201, the bonus is none of it
    assert chart.alt.split("：")[1] == "；".join([
        "意识形态责任制 2项，中位数100.0%", "党内法规与党内政治生活 0项，中位数没有评分", "贯彻落实上级决策部署 0项，中位数没有评分",
        "监督执纪问责 1项，中位数100.0%", "正风肃纪、密切联系群众 0项，中位数没有评分", "监督执纪“四种形态” 1项，中位数100.0%",
        "巡察反馈意见整改 0项，中位数没有评分。",
    ])  # fmt: skip
    assert page(sample).focal_rates["ideology"].to_list() == [0.8125, 1, 1, 1, 1, 1]
    for row in sample.rows["scores_by_unit_item"]:
        row |= {"team_points": 3.0} if row["item_id"] == "S101" and row["team_points"] is not None else {}
    chart, _ = charts(page(sample).blocks())
    assert chart.title == "7个检查重点中，得分率最低的是“监督执纪‘四种形态’”（中位数75.0%）"


def test_the_heat_map_writes_every_rate(sample: Sample) -> None:
    sample.change("scores_by_unit_block", "U004", team_points=20.0)
    _, chart = charts(page(sample).blocks())
    assert {"75.0%", "50.0%", "100.0%", "—", "党委主体责任", "东河处"} <= set(chart.texts)
    assert "北渠处 党委主体责任50.0%、纪委监督责任100.0%" in chart.alt
    assert chart.title == "得分率中位数最低的是党委主体责任（75.0%），最高的是纪委监督责任（75.0%）"


def test_gaps_begin_with_the_widest(sample: Sample) -> None:
    chart, _ = charts(page(sample).views())
    assert chart.title == "6个单位自评高于检查得分，相差最大的是金穗建设（+26.00分）"
    assert chart.alt.split("：")[1].startswith("金穗建设 96.00、70.00、+26.00；南坡处")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4, 5], "的高低大体一致（等级相关+1.00）"),
        ([5, 4, 3, 2, 1], "的高低大体相反（等级相关−1.00）"),
        ([3, 1, 5, 2, 4], "之间看不出一致的高低关系（等级相关+0.30）"),
        ([1, 2, 3, 4], "（单位太少，不作判断）"),
    ],
)
def test_what_raters_and_teams_agree_on_is_said_in_words(
    sample: Sample, values: list[int], expected: str
) -> None:
    rows = pd.DataFrame({"x": range(len(values)), "y": values})
    assert page(sample).agreement(rows) == expected


def test_units_without_questionnaire_are_no_points(sample: Sample) -> None:
    _, chart = charts(page(sample).views())
    assert {"测评高、检查低", "两者都高", "两者都低", "检查高、测评低"} <= set(chart.texts)
    assert "东河处" in chart.texts and "金穗建设" not in chart.texts and "5家" in chart.source
    assert chart.note.startswith("折算分值：好100") and "95%区间以发出份数为总体" in chart.note
    for row in sample.rows["scores_by_unit_component"]:
        row |= {"score": None} if row["component"] == "perception" else {}
    assert paragraphs(page(sample).views()) == ["没有同时具备检查得分和有效测评的单位。"]
    # spread, totals, changes, heat map, focal points, gaps; problems by number and by units; no questionnaire
    assert page(sample).n_charts == 8


def test_problem_classes_with_their_units_common_ones_apart(sample: Sample) -> None:
    parts = page(sample).problems()
    most, chart = charts(parts)
    assert most.title == "检查组确认的4个问题中，前2类占100.0%"  # 3 of 4 are not yet four fifths
    assert {"3个，累计75.0%", "1个，累计100.0%"} <= set(most.texts)
    assert chart.title == "普遍问题1类，涉及单位最多的是“廉政约谈不规范”"
    assert {"3家（50.0%），3个问题", "1家（16.7%），1个问题", "普遍问题", "个别问题"} <= set(chart.texts)
    assert "学习内容不全" not in chart.texts  # nothing of it was confirmed
    (classes,) = of_kind(Table, parts)
    assert cells(classes) == [
        ["普遍问题"],
        ["廉政约谈不规范", "3", "3/6", "东河处、南坡处、上湾中心"],
        ["个别问题"],
        ["重业务、轻党风廉政建设", "1", "1/6", "下渡调度中心"],
    ]
    assert "33.3%" in classes.note and "6家" in classes.note


def test_without_findings_there_is_a_sentence(sample: Sample) -> None:
    sample.rows["finding_counts_by_class"] = []
    assert paragraphs(page(sample).problems()) == ["检查组没有确认的问题。"]


def test_many_units_come_in_numbered_sheets_that_lose_nobody(sample: Sample) -> None:
    _grow(sample, 50)
    opened = page(sample)
    made = charts(opened.totals(), opened.changes(), opened.blocks(), opened.views(), opened.problems())
    assert len(made) == opened.n_charts
    first, second = (chart for chart in made if chart.title.startswith("各类型总分最高"))
    assert first.title.endswith("（1/2）") and second.title.endswith("（2/2）")
    drawn = [words for chart in (first, second) for words in chart.texts if words.startswith("新单位")]
    assert len(set(drawn)) == 50
    assert "事业单位（有总分55家）（续）" in second.texts
    assert first.alt.count("新单位") + second.alt.count("新单位") == 50
    assert any("的名称图上写不下，数字见结果表" in chart.note for chart in made)


def _grow(sample: Sample, n_units: int) -> None:
    """As many more units as U003 is."""
    for number in range(n_units):
        for rows in sample.rows.values():
            rows += [row | {"unit_id": f"N{number:02}"} for row in rows if row.get("unit_id") == "U003"]
        sample.change(
            "units",
            f"N{number:02}",
            name=f"新单位{number}",
            short_name=f"新单位{number:02}",
            order=100 + number,
        )


def site_tables(sample: Sample) -> list[Table]:
    return of_kind(Table, page(sample).site())


def test_visits_stand_side_by_side_with_the_bureau_s_medians(sample: Sample) -> None:
    sample.change("site_visits", "U003", report_minutes=20.0, n_attending=41, quiz_mean_pct=90.0)
    sample.change("site_visits", "U004", report_minutes=None, n_quiz=None, quiz_mean_pct=None)
    visits = cells(site_tables(sample)[0])
    assert visits[0] == ["东河处", "12月4日", "第一检查组", "25（超时）", "30", "8", "10", "86.5%"]
    assert visits[1] == ["南坡处", "12月4日", "第一检查组", "20", "41", "8", "10", "90.0%"]
    assert visits[2][3:] == ["—", "30", "8", "—", "—"]
    assert visits[-1] == ["全局中位数", "", "", "25", "30", "8", "10", "86.5%"]
    assert len(visits) == 7
    assert (
        site_tables(sample)[0].body[0][3].tone == "warn"
        and site_tables(sample)[0].body[1][3].tone == "neutral"
    )


def test_talks_are_persons_of_the_whole_bureau(sample: Sample) -> None:
    assert cells(site_tables(sample)[1]) == [
        ["作风建设", "不显示", "6", "不显示"],
        ["学习教育", "不显示", "不显示", "不显示"],
    ]
    first = sample.rows["interviews"][0]
    sample.rows["interviews"].append(first | {"unit_id": "U003"})  # 7, but 7 − 6 would tell of one person
    assert cells(site_tables(sample)[1])[0] == ["作风建设", "不显示", "不显示", "不显示"]


def test_the_matrix_says_at_a_glance_what_is_missing(sample: Sample) -> None:
    seen = {"item_id": "", "scorer": "T1", "defect_id": None}
    sample.rows["evidence_by_unit_class"] += [
        seen | {"unit_id": "U003", "evidence_class": "annual_plan", "n_documents": 0},
        seen | {"unit_id": "U003", "evidence_class": "rules_records", "n_documents": 4},
        seen | {"unit_id": "U003", "evidence_class": "rules_records", "n_documents": 2, "scorer": "T2"},
    ]
    sample.hand_in("U002", "annual_plan", "a", "a", "b")
    sample.hand_in("U002", "education_records|major_decisions", "c")
    sample.hand_in("U002", None, "d")
    sample.hand_in("U001", "annual_plan", "e")  # at visited units what the team saw counts
    matrix = site_tables(sample)[2]
    assert [c.label for c in matrix.columns] == [
        "单位", "年度计划", "职责分工", "规章制度", "教育记录", "会议记录", "三重一大", "婚丧喜庆申报报告", "缺项",
    ]  # fmt: skip
    rows = cells(matrix)
    none, missing = ["未登记"] * 4, "未报"
    assert rows[:4] == [
        ["现场检查6家（检查组查阅份数）"],
        ["缺项单位", "1/6", "0/6", "1/6", "0/6", "0/6", "0/6", "0/6", "2"],
        ["东河处", "2", "未登记", "3", *none, "1"],
        ["南坡处", "缺", "未登记", "6", *none, "1"],
    ]
    assert [row[0] for row in rows[8:]] == [
        "未现场检查2家（单位报送份数，未经核验）",
        "缺项单位",
        rows[10][0],
        "西岭处",
    ]
    assert rows[9][1:] == ["1/2", "2/2", "2/2", "1/2", "2/2", "1/2", "2/2", "11"]
    assert rows[10][1:] == [*[missing] * 7, "7"]
    assert rows[11][1:] == ["2", missing, missing, "1", missing, "1", missing, "4"]
    assert matrix.title == "七类资料：2家受检单位有缺项或缺陷，2家未受检单位有类别没有报送"
    # zero, a defect, nothing noted and nothing sent differ by text or mark, not by colour alone
    tones = {cell.text: cell.tone for row in matrix.body for cell in row[1:8]}
    assert (tones["缺"], tones["未登记"], tones["未报"], tones["6"], matrix.body[2][3].tone) == (
        "bad",
        "muted",
        "bad",
        "neutral",
        "warn",
    )


def test_without_papers_and_visits_the_page_says_so(sample: Sample) -> None:
    for name in ("evidence_by_unit_class", "site_visits", "interviews"):
        sample.rows[name] = []
    assert paragraphs(page(sample).site()) == [
        "没有收到现场检查情况表。",
        "没有个别谈话的归纳记录。",
        "没有资料报送和查阅的记录。",
    ]


def test_the_limits_of_the_comparison_are_said(sample: Sample) -> None:
    parts = page(sample).method()
    (said,) = of_kind(Bullets, parts)
    assert said.items[0] == "有总分的受检单位：事业单位5家、企业单位1家；不同类型之间不比较、不排名。"
    assert said.items[1].startswith("测评得分的95%区间半宽中位数2.00分")
    (teams,) = of_kind(Table, parts)
    assert [row[0] for row in cells(teams)] == ["第一检查组", "第二检查组"]
    # T1 saw U001, U003, U004 and U015: (84.615 + 79 + 91 + 70) / 4, own gap 96 less that, 测评 of three 90
    assert cells(teams)[0][1:] == ["4", "81.15", "+14.85", "−5.13"]


def test_a_total_that_comes_out_otherwise_from_the_rounded_figures_is_named(sample: Sample) -> None:
    (table,) = of_kind(Table, page(sample).totals())
    for row in sample.rows["scores_by_unit_component"]:
        if row["component"] != "facts" and row["score"] is not None:
            row |= {"score": {"inspection": 80.0, "perception": 90.0}[row["component"]]}
        row |= {"deduction_points": 0.0} if row["component"] == "facts" else {}
    for row in sample.rows["results_by_unit"]:
        row |= {"total": None if row["total"] is None else 80.0 if row["is_provisional"] else 82.0}
    (table,) = of_kind(Table, page(sample).totals())
    assert "重算" not in table.note  # 64 + 18 = 82, provisional 80
    for row in sample.rows["scores_by_unit_component"]:
        if row["unit_id"] == "U001" and row["component"] != "facts":
            row |= {"score": {"inspection": 77.004, "perception": 86.074}[row["component"]]}
    sample.change("results_by_unit", "U001", total=78.818)  # from 77.00 and 86.07: 61.6 + 17.214 = 78.81
    (table,) = of_kind(Table, page(sample).totals())
    assert table.note.endswith("重算，东河处为78.81，与所列总分相差0.01，系四舍五入所致。")
