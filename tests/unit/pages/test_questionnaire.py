"""The questionnaire of the bureau: what is shown, what is not and why, and that sums rest on shown figures only."""

from __future__ import annotations

from typing import Any

import pytest

from lianzheng.pages.blocks import Bullets, KeyFigures, Table
from lianzheng.pages.questionnaire import QuestionnairePage
from tests.unit.pages.bureau import Sample, cells, charts, config, of_kind, paragraphs, told

FORM = config().questionnaire
assert FORM
QUESTIONS = [question.question_id for question in FORM.rated]
Group = tuple[int, float | None, str | None]  # valid ballots, score, suppression code


def ask(sample: Sample, unit_id: str, groups: dict[str, Group], counts: tuple[Any, Any] = (30, 24)) -> None:
    """Results of a unit whose questions all got the same; 20 votes for 好 on each question."""
    sample.drop("questionnaire_by_unit_question", unit_id)
    sample.drop("tallies_by_unit_question_option", unit_id)
    key = {"unit_id": unit_id, "form_id": "questionnaire"}
    sample.rows["questionnaire_by_unit_question"] += [
        {**key, "rater_group": group, "question_id": question, "n_issued": counts[0], "n_returned": counts[1],
         "n_valid": n, "score": score, "is_suppressed": code in ("few", "complement"), "suppression_code": code}
        for group, (n, score, code) in groups.items() for question in [*QUESTIONS, "all"]
    ]  # fmt: skip
    sample.rows["tallies_by_unit_question_option"] += [
        {**key, "rater_group": "staff", "question_id": question, "option_id": option.option_id, "source": "ballots",
         "n_votes": 20 * (option.option_id == "good"), "coefficient": option.coefficient}
        for question in QUESTIONS for option in FORM.scale
    ]  # fmt: skip


def shown(middle: float, staff: float, everybody: float) -> dict[str, Group]:
    return {"middle_managers": (8, middle, None), "staff": (16, staff, None), "all": (24, everybody, None)}


HIDDEN: dict[str, Group] = {"staff": (4, None, "few"), "all": (4, None, "few")}
VOID: dict[str, Group] = {
    "staff": (9, None, "void"),
    "middle_managers": (9, None, "void"),
    "all": (18, None, "void"),
}


@pytest.fixture
def asked(sample: Sample) -> Sample:
    """U001 as it is (中层干部 few, 职工代表 their complement); U003 and U004 shown; U005 void; U006 too few."""
    ask(sample, "U003", shown(90.0, 84.0, 86.0))
    ask(sample, "U004", shown(80.0, 82.0, 81.0), (None, 24))
    ask(sample, "U005", VOID, (10, 18))
    ask(sample, "U006", HIDDEN)
    return sample


def page(sample: Sample) -> QuestionnairePage:
    return sample.open(QuestionnairePage)  # type: ignore[no-any-return]


def test_the_lead_counts_what_was_held_and_shown(asked: Sample) -> None:
    overview = page(asked).overview()
    assert paragraphs(overview) == [
        "5个单位组织了测评，3个有可以显示的结果；其中2个份数齐全，发出55份、收回46份，回收率83.6%；"
        "得分最高的是东河处（90.00分），最低的是下湾中心（81.00分）。".replace(
            "下湾中心", _name(asked, "U004")
        )
    ]
    (tiles,) = of_kind(KeyFigures, overview)
    assert [(tile.label, tile.value) for tile in tiles.items] == [
        ("有结果的单位", "3"), ("回收率", "83.6%"), ("有效票", "68"), ("得分中位数", "86.00"),
    ]  # fmt: skip


def _name(sample: Sample, unit_id: str) -> str:
    return str(page(sample).units.at[unit_id, "short_name"])


def test_every_unit_stands_in_the_table_with_its_state(asked: Sample) -> None:
    (table,) = of_kind(Table, page(asked).units_table())
    rows = cells(table)
    assert [row[0] for row in rows] == [
        _name(asked, u) for u in ("U001", "U003", "U004", "U005", "U006", "U015")
    ]
    assert [row[1:6] for row in rows] == [
        ["25", "22", "88.0%", "20", "90.00"],
        ["30", "24", "80.0%", "24", "86.00"],
        ["—", "24", "数据不足", "24", "81.00"],
        ["10", "18", "180.0%", "18", "—"],
        ["30", "24", "80.0%", "4", "—"],
        ["—", "—", "数据不足", "—", "—"],
    ]
    assert [row[6] for row in rows] == ["88.00–92.00", "—", "—", "—", "—", "—"]
    assert [row[7] for row in rows] == [
        "中层干部、职工代表不显示", "有效", "有效", "作废：有一类测评人收回多于发出", "有效票不足5张，不显示", "没有收到测评表",
    ]  # fmt: skip
    assert table.note.startswith("折算分值：好100、较好80、一般60、差40，弃权不计入分母")


def test_votes_and_means_of_shown_units_by_question(asked: Sample) -> None:
    (chart,) = charts(page(asked).answers())
    # Q03: 80 at U001, 86 and 81 elsewhere: 247/3; the others 90, 86, 81: 257/3; Q05 without U001: 167/2
    assert chart.title == "“班子成员履行‘一岗双责’情况”平均得分最低（82.33分）"
    assert {"85.67", "82.33", "83.50"} <= set(chart.texts)
    assert "83%" in chart.texts and "100%" in chart.texts  # (10 + 20 + 20) of 60; nothing of U001 in Q05
    assert "3个单位的票合计" in chart.source and chart.source.endswith(
        "另有2个单位没有可以显示的结果，未计入"
    )
    (table,) = of_kind(Table, page(asked).question_table())
    first, second, *_, last = cells(table)
    assert first == ["班子成员履行“一岗双责”情况", "82.33", "80.00", "86.00", "3"]
    assert second == ["选人用人情况", "83.50", "81.00", "86.00", "2"]
    assert last[1:] == ["85.67", "81.00", "90.00", "3"]


def test_groups_are_compared_where_both_are_shown(asked: Sample) -> None:
    for row in asked.rows["questionnaire_by_unit_question"]:
        if (row["unit_id"], row["rater_group"], row["question_id"]) == ("U003", "staff", "Q02"):
            row |= {"score": 60.0}
    parts = page(asked).groups()
    (chart,) = charts(parts)
    # means of U003 and U004: 85 and 83; Q02 85 and (60 + 82)/2 = 71
    assert chart.title == (
        "两类测评人全表平均相差2.00分，相差最大的是“主要负责人履行第一责任人职责情况”（中层干部高14.00分）"
    )
    assert "主要负责人履行第一责任人职责情况 85.00、71.00、+14.00" in chart.alt and "+2.00" in chart.texts
    assert chart.source.startswith("附件3测评表，2个单位两类测评人的结果都能显示")
    (table,) = of_kind(Table, parts)
    assert cells(table) == [
        ["中层干部", "2", "85.00", "80.00", "90.00", "1", "0", "1"],
        ["职工代表", "2", "83.00", "82.00", "84.00", "1", "1", "1"],
        ["合计", "3", "85.67", "81.00", "90.00", "1", "0", "1"],
    ]


def test_who_is_not_shown_is_named_with_the_reason(asked: Sample) -> None:
    (bullets,) = of_kind(Bullets, page(asked).left_out_units())
    assert list(bullets.items) == [
        f"作废（收回多于发出）：{_name(asked, 'U005')}。",
        f"没有收到测评表：{_name(asked, 'U015')}。",
        f"有效票不足5张，不显示：{_name(asked, 'U006')}。",
        "东河处：中层干部不足5人，不显示；为避免推算，职工代表也不显示。",
        "未列入现场检查的2个单位没有组织测评。",
    ]


@pytest.mark.parametrize(
    ("alpha", "n", "words"),
    [
        (0.7, 120, "信度（克龙巴赫α）0.70，由120张各题都评了分的有效票算出，10题；不低于0.70"),
        (0.694, 120, "信度（克龙巴赫α）0.69，由120张各题都评了分的有效票算出，10题；低于0.70"),
        (None, 49, "各题都评了分的有效票49张，不足50张或各票没有差别，不计算信度"),
    ],
)
def test_alpha_comes_with_its_meaning_and_its_ballots(
    asked: Sample, alpha: float | None, n: int, words: str
) -> None:
    asked.rows["reliability_by_form"] = [
        {"form_id": "questionnaire", "n_ballots": n, "n_questions": 10, "alpha": alpha}
    ]
    method = page(asked).method()
    assert paragraphs(method)[0].startswith(words)
    (parameters,) = of_kind(Bullets, method)
    assert parameters.items[1] == "答题不足50.0%的票无效。" and len(parameters.items) == 5


def test_without_any_questionnaire_the_page_says_so(sample: Sample) -> None:
    sample.drop("questionnaire_by_unit_question", "U001")
    sample.drop("tallies_by_unit_question_option", "U001")
    empty = page(sample)
    assert paragraphs(empty.overview()) == ["本年度没有收到测评表。"] and empty.n_charts == 0
    assert paragraphs(empty.answers(), empty.question_table(), empty.groups()) == [
        "没有可以显示的结果。", "没有可以显示的题目。", "没有测评人类别的结果。", "没有两类测评人的结果都能显示的单位，不作对照。",
    ]  # fmt: skip
    (table,) = of_kind(Table, empty.units_table())
    assert {row[7] for row in cells(table)} == {"没有收到测评表"}


def test_where_everything_is_hidden_nothing_is_told(sample: Sample) -> None:
    ask(sample, "U001", HIDDEN)
    ask(sample, "U003", VOID, (10, 18))
    hidden = page(sample)
    assert paragraphs(hidden.overview()) == ["2个单位组织了测评，0个有可以显示的结果。"]
    assert hidden.n_charts == 0 and paragraphs(hidden.answers()) == ["没有可以显示的结果。"]
    parts = [
        hidden.overview(),
        hidden.units_table(),
        hidden.question_table(),
        hidden.groups(),
        hidden.left_out_units(),
    ]
    assert "nan" not in told(*parts) and "<NA>" not in told(*parts)


def test_sixty_units_and_a_group_that_nobody_named(sample: Sample) -> None:
    units = [row for row in sample.rows["units"] if row["unit_id"] == "U003"]
    sample.rows["units"] += [{**units[0], "unit_id": f"U{n:03}", "order": n} for n in range(101, 161)]
    for n in range(101, 161):
        ask(sample, f"U{n:03}", {"unknown": (24, 70.0, None), "all": (24, 70.0, None)})
    many = page(sample)
    (table,) = of_kind(Table, many.units_table())
    assert len(cells(table)) == 66
    assert "未注明类别的测评人" in [row[0] for row in cells(of_kind(Table, many.groups())[0])]
    assert many.n_charts == 1


def test_votes_of_units_that_are_not_shown_move_nothing(asked: Sample) -> None:
    cells_of_page = "overview units_table answers question_table groups left_out_units".split()
    before = [told(getattr(page(asked), cell)()) for cell in cells_of_page]
    for row in asked.rows["tallies_by_unit_question_option"]:
        row |= {"n_votes": 777} if row["unit_id"] in ("U005", "U006") else {}
    assert [told(getattr(page(asked), cell)()) for cell in cells_of_page] == before
