"""Votes as shares and talks as counts: what is suppressed leaves no trace."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from lianzheng.pages.answers import (
    OF_SHARES,
    answers_chart,
    method_line,
    rows_of_unit,
    shares_by_question,
    shares_of_units,
    talk_counts,
    talk_totals,
)
from tests.unit.pages.bureau import Frames, Sample, config

FORM = config().questionnaire
assert FORM


def frames(sample: Sample) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = Frames(sample.rows, sample.config)
    return tables["questionnaire_by_unit_question"], tables["tallies_by_unit_question_option"]


def test_votes_become_shares_in_the_order_of_the_form(sample: Sample) -> None:
    _, tallies = frames(sample)
    shares = shares_by_question(FORM, tallies)
    assert list(shares.index) == [question.question_id for question in FORM.rated]
    assert shares.loc["Q01", ["good", "fairly_good", "average", "poor", "abstain"]].to_list() == [
        0.5,
        0.3,
        0.1,
        0.05,
        0.05,
    ]


def test_a_total_over_groups_is_not_counted_again(sample: Sample) -> None:
    _, tallies = frames(sample)
    again = tallies.assign(rater_group="all", n_votes=tallies["n_votes"] * 3)
    both = shares_by_question(FORM, pd.concat([tallies, again]))
    pd.testing.assert_frame_equal(both, shares_by_question(FORM, tallies))
    assert (
        shares_by_question(FORM, again).loc["Q01", "good"] == 0.5
    )  # a hand tally may have nothing but the total


@pytest.mark.parametrize(
    ("code", "text"), [("few", "不足5人"), ("complement", "为保护不足5人的群体不显示"), ("void", "作废")]
)
def test_a_hidden_question_keeps_neither_votes_nor_score(sample: Sample, code: str, text: str) -> None:
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"score": 77.0, "low": 70.0, "high": 80.0}  # even if a score had slipped in
        row |= {"suppression_code": code} if row["question_id"] == "Q05" else {}
    rows = rows_of_unit(FORM, *frames(sample), 5)
    hidden = rows.loc["Q05"]
    assert hidden[["good", "fairly_good", "average", "poor", "abstain", "score"]].isna().all()
    assert hidden["text"] == text and rows.loc["Q01", "text"] == "77.00（70.00–80.00）"
    drawn = answers_chart(FORM, rows, "score", {"title": "甲", "source": "乙", "note": "丙"})
    assert f"选人用人情况 {text}" in drawn.alt and drawn.note == "丙"


def test_no_results_no_rows(sample: Sample) -> None:
    results, tallies = frames(sample)
    assert rows_of_unit(FORM, results.head(0), tallies, 5).empty
    assert shares_of_units(FORM, results.head(0), tallies).empty


def test_units_are_pooled_question_by_question_and_only_where_they_show_the_figure(sample: Sample) -> None:
    """U003 has nothing but 差; its Q02 and, of U001, Q05 are hidden, so a difference of sums gives neither away."""
    for table, only in (
        ("questionnaire_by_unit_question", {"score": 40.0}),
        ("tallies_by_unit_question_option", {}),
    ):
        more = [{**row, **only, "unit_id": "U003"} for row in sample.rows[table] if row["unit_id"] == "U001"]
        sample.rows[table] = [*sample.rows[table], *more]
    for row in sample.rows["tallies_by_unit_question_option"]:
        if row["unit_id"] == "U003":
            row |= {"n_votes": 20 if row["option_id"] == "poor" else 0}
    for row in sample.rows["questionnaire_by_unit_question"]:
        if (row["unit_id"], row["question_id"]) == ("U003", "Q02"):
            row |= {"score": None, "suppression_code": "few"}
    pooled = shares_of_units(FORM, *frames(sample))
    assert pooled.loc[["Q01", "Q02", "Q05"], "n_units"].to_list() == [2, 1, 1]
    assert pooled.loc["Q01", ["good", "poor"]].to_list() == [0.25, 0.525]  # 10 and 1 + 20 of 40
    assert pooled.loc["Q02", ["good", "poor"]].to_list() == [0.5, 0.05]  # U001 alone
    assert pooled.loc["Q05", ["good", "poor"]].to_list() == [0.0, 1.0]  # U003 alone


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, "弃权不计入分母；答题不足50.0%的票无效；不去最高、最低票；有效票不足5张", "最高档"),
        ({"counts_abstentions": True}, "差40，弃权计入分母（0分）；", "不计入分母"),
        ({"scale": FORM.scale[:4]}, "差40；答题", "弃权"),
        ({"minimum_answered_share": 0.8, "voids_full_marks": True}, "答题不足80.0%的票、所答各题全选最高档的票无效", "相同"),
        ({"voids_identical_answers": True}, "的票、各题答案全部相同的票无效", "最高档"),
        ({"trims_extremes": True, "trim_above": 7}, "每题计分票超过7张时去掉一张最高、一张最低", "不去最高"),
        ({"trims_extremes": True}, "去最高、最低票时全表得分都不给区间", "不去最高"),
    ],
)  # fmt: skip
def test_the_parameters_are_said_in_one_line(changes: dict[str, object], said: str, unsaid: str) -> None:
    line = method_line(FORM.model_copy(update=changes), 5)
    assert (
        line.startswith("折算分值：好100、较好80、一般60、差40") and line.endswith("。") and "\n" not in line
    )
    assert said in line and unsaid not in line
    assert "95%区间以发出份数为总体" in line


def test_shares_are_explained_without_coefficients() -> None:
    line = method_line(FORM, 7, OF_SHARES)
    assert line == "比例中弃权单列；答题不足50.0%的票无效；有效票或计分票不足7张的单位、题目不计入。"


def test_persons_are_counted_not_remarks(sample: Sample) -> None:
    interviews = Frames(sample.rows, sample.config)["interviews"]
    counts = talk_counts(interviews, 4)
    assert counts[["topic_id", "direction", "n_persons"]].to_numpy().tolist() == [
        ["conduct", "反映问题", 6], ["education", "反映问题", 4],
    ]  # fmt: skip
    assert "text" not in counts
    assert talk_counts(interviews, 5)["topic_id"].to_list() == ["conduct"]
    assert talk_counts(interviews, 7).empty and talk_counts(interviews.head(0), 5).empty


def talks(**persons: int) -> pd.DataFrame:
    """So many persons at each unit who praised 作风建设."""
    rows = [
        {"unit_id": unit, "interview_number": n, "topic_id": "conduct", "polarity": "positive"}
        for unit, size in persons.items()
        for n in range(1, size + 1)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("persons", "shown"),
    [
        ({"A": 6}, 6),
        ({"A": 6, "B": 7}, 13),
        ({"A": 6, "B": 4}, None),  # 10 less the 6 on A's page would tell the 4 of B
        ({"A": 6, "B": 1}, None),
        ({"A": 6, "B": 4, "C": 1}, 11),  # the 5 of B and C together are a group that may show
        ({"A": 4, "B": 4}, 8),
        ({"A": 2, "B": 2}, None),
        ({"A": 4, "B": 1}, 5),
    ],
)
def test_the_bureau_s_count_shows_only_where_no_difference_tells_a_small_group(
    persons: dict[str, int], shown: int | None
) -> None:
    (total,) = talk_totals(talks(**persons), 5)["n_persons"].to_list()
    assert (None if pd.isna(total) else total) == shown


def test_whoever_subtracts_all_that_is_shown_learns_no_group_under_the_threshold() -> None:
    """The attack, over every bureau of three units with up to seven persons each."""
    for sizes in itertools.product(range(8), repeat=3):
        interviews = talks(**dict(zip("ABC", sizes, strict=True)))
        if interviews.empty:
            continue
        (total,) = talk_totals(interviews, 5)["n_persons"].to_list()
        own = talk_counts(interviews, 5)["n_persons"].to_list()
        assert all(n >= 5 for n in own)
        if not pd.isna(total):
            assert total >= 5 and (total - sum(own) == 0 or total - sum(own) >= 5), sizes
        elif sum(sizes) >= 5:  # nothing is hidden without need
            assert 0 < sum(sizes) - sum(own) < 5, sizes
