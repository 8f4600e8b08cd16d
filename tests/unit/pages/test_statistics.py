"""自查统计: sums beside last year, the ledger beside the returns, and nobody accused."""

from __future__ import annotations

from lianzheng.pages.blocks import KeyFigures, Table
from lianzheng.pages.statistics import StatisticsPage
from tests.unit.pages.bureau import Sample, cells, charts, of_kind, paragraphs, told


def page(sample: Sample) -> StatisticsPage:
    opened: StatisticsPage = sample.open(StatisticsPage)
    return opened


def table_of(*parts: object, place: int = 0) -> Table:
    found: Table = of_kind(Table, *parts)[place]  # type: ignore[arg-type]
    return found


def case(category: str, source: str, unit_id: str = "U003", state: str = "closed") -> dict[str, object]:
    return {"case_id": f"{unit_id}{category}{source}{state}", "unit_id": unit_id, "category_id": category, "source": source,
            "four_forms_level": "1", "state": state}  # fmt: skip


def test_the_lead_and_the_tiles_say_what_was_reported_and_that_it_lowers_nothing(sample: Sample) -> None:
    overview = page(sample).overview()
    lead, note = paragraphs(overview)
    assert lead.startswith(
        "8个单位中，2个的自查统计表可用；自查发现问题3起，与上年相比−5（−62.5%），涉及—人、金额1.5万元"
    )
    assert "不作任何扣分" in note
    (tiles,) = of_kind(KeyFigures, overview)
    assert [(t.label, t.value) for t in tiles.items[:2]] == [("报送统计表", "2/8"), ("自查发现问题", "3")]


def test_problems_by_category_with_change_and_its_limits(sample: Sample) -> None:
    problems = page(sample).problems()
    (chart,) = charts(problems)
    assert chart.title == "自查发现问题3起，最多的是违规收送礼品礼金（3起）" and "3起（上年8）" in chart.alt
    assert cells(table_of(problems)) == [
        ["违规收送礼品礼金", "1", "3", "8", "−5（−62.5%）", "—", "", "1.5", "+0.5（基数不足5）"],
        ["合计", "1", "3", "8", "−5（−62.5%）", "—", "", "1.5", "+0.5（基数不足5）"],
    ]
    assert "四舍五入" not in table_of(problems).note


def test_a_category_that_nobody_reported_is_named_not_drawn(sample: Sample) -> None:
    zero = {
        "category_id": "dining_public_money",
        "measure_id": "n_problems",
        "unit_of_measure": "起",
        "n_units": 2,
        "total": 0.0,
    }
    sample.rows["statistics_by_category_measure"].append(zero | {"n_compared": 0, "total_compared": None})
    (chart,) = charts(page(sample).problems())
    name = page(sample).statistics_form.categories["dining_public_money"]
    assert chart.note == f"本年没有单位报告的类别：{name}。" and name not in chart.texts


def test_shown_amounts_that_do_not_add_up_say_why(sample: Sample) -> None:
    for row in sample.rows["statistics_by_category_measure"]:
        row |= (
            {"total": 1.508}
            if (row["category_id"], row["measure_id"]) == ("total", "amount_10k_yuan")
            else {}
        )
        row |= (
            {"total": 1.504}
            if (row["category_id"], row["measure_id"]) == ("gifts", "amount_10k_yuan")
            else {}
        )
    note = table_of(page(sample).problems()).note
    assert note.endswith("各类金额四舍五入后相加为1.50，与合计金额1.51相差0.01，系四舍五入所致")


def test_no_problem_anywhere_is_a_sentence_and_a_table(sample: Sample) -> None:
    for row in sample.rows["statistics_by_category_measure"]:
        row |= {"total": 0.0}
    opened = page(sample)
    assert opened.n_charts == 0 and paragraphs(opened.problems()) == ["2个单位填报的自查发现问题都是0起。"]
    for name in ("statistics_by_category_measure", "statistic_changes_by_unit"):
        sample.rows[name] = []
    opened = page(sample)
    assert paragraphs(opened.problems()) == ["没有可用的自查统计表。"]
    assert paragraphs(opened.spending()) == ["没有单位填报这一部分。"]
    assert paragraphs(opened.overview())[0] == "没有可用的自查统计表。"


def test_treatment_spending_and_work(sample: Sample) -> None:
    opened = page(sample)
    treatment = table_of(opened.treatment())
    assert [c.label for c in treatment.columns][5:7] == ["已整改（起）", "n_rectifying"]
    assert cells(treatment)[0] == ["违规收送礼品礼金", "—", "—", "—", "—", "2", "—", "—"]
    assert cells(table_of(opened.spending())) == [["召开会议", "次", "1", "9", "9", "持平"]]
    work = table_of(opened.workload())
    assert work.title == "工作量（全局合计）"
    change = "+3（基数不足5）；可比1家"  # one of the two units has a last year
    assert cells(work) == [["党委专题研究党风廉政建设", "次", "2", "5", "2", change]]


def test_the_ledger_beside_the_returns_counts_closed_cases_only(sample: Sample) -> None:
    sample.rows["cases"] += [
        case("gifts", "transferred"), case("gifts", "direct"), case("gifts", "direct", "U001"), case("other", "direct"),
        case("gifts", "transferred", state="pending"), case("buildings", "transferred", state="pending"),
    ]  # fmt: skip
    rows = {row[0]: row[1:] for row in cells(table_of(page(sample).reconciliation()))}
    assert rows["违规收送礼品礼金"] == [
        "3",
        "1",
        "2",
        "3",
        "1",
    ]  # U003 reports and has cases; U001 reports none
    assert rows["其他"] == ["—", "0", "1", "1", "0"]
    assert rows["楼堂馆所违规"] == ["—", "0", "0", "0", "0"]
    assert rows["合计"] == ["3", "1", "3", "4", "1"]


def zero(sample: Sample, unit_id: str) -> None:
    sample.rows["issues"].append({
        "issue_id": "IZ", "unit_id": unit_id, "form_id": "statistics", "code": "all_zero_return", "severity": "note",
        "message": "零", "remedy": "留意",
    })  # fmt: skip


def test_units_stand_in_roster_order_with_what_to_look_at(sample: Sample) -> None:
    zero(sample, "U001")
    rows = cells(table_of(page(sample).units_table()))
    assert [row[0] for row in rows[:4]] == ["事业单位", "东河处", "西岭处", "南坡处"] and rows[7] == [
        "企业单位"
    ]
    assert rows[1][-1] == "零报告" and rows[2] == ["西岭处", *["—"] * 6, "没有可用的统计表"]
    assert rows[3][:4] == ["南坡处", "3", "8", "−5（−62.5%）"]


def test_an_all_zero_return_is_a_count_and_a_name_only_inside(sample: Sample) -> None:
    zero(sample, "U001")
    opened = page(sample)
    assert "1个单位为零报告" in told(opened.overview()) and "东河" not in told(opened.overview())
    opened.edition = "anonymous"
    assert "零报告" not in told(opened.units_table())
