"""Votes as shares and talks as counts: what is suppressed leaves no trace."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from lianzheng.pages.answers import answers_chart, rows_of_unit, shares_by_question, talk_counts, talk_totals
from tests.unit.pages.bureau import Frames, Sample, config

FORM = config().questionnaire
assert FORM


def frames(sample: Sample) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = Frames(sample.rows)
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


def test_a_suppressed_question_keeps_neither_votes_nor_score(sample: Sample) -> None:
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"score": 77.0, "low": 70.0, "high": 80.0}  # even if a score had slipped in
    rows = rows_of_unit(FORM, *frames(sample))
    hidden = rows.loc["Q05"]
    assert hidden[["good", "fairly_good", "average", "poor", "abstain", "score"]].isna().all()
    assert hidden["text"] == "不足5人" and rows.loc["Q01", "text"] == "77.00（70.00–80.00）"
    drawn = answers_chart(FORM, rows, "score", title="甲", source="乙")
    assert "选人用人情况 不足5人" in drawn.alt


def test_no_results_no_rows(sample: Sample) -> None:
    results, tallies = frames(sample)
    assert rows_of_unit(FORM, results.head(0), tallies).empty


@pytest.mark.parametrize(
    ("counts_abstentions", "expected"), [(False, "弃权不计入分母"), (True, "弃权计入分母")]
)
def test_the_coefficients_stand_beside_the_scores(
    sample: Sample, counts_abstentions: bool, expected: str
) -> None:
    form = FORM.model_copy(update={"counts_abstentions": counts_abstentions})
    note = answers_chart(form, rows_of_unit(form, *frames(sample)), "score", title="甲", source="").note
    assert note.startswith("折算分值：好100、较好80、一般60、差40，") and expected in note


def test_a_scale_without_abstention_says_nothing_of_it(sample: Sample) -> None:
    form = FORM.model_copy(update={"scale": FORM.scale[:4]})
    note = answers_chart(form, rows_of_unit(form, *frames(sample)), "score", title="甲", source="").note
    assert note.startswith("折算分值：好100、较好80、一般60、差40。") and "弃权" not in note


def test_persons_are_counted_not_remarks(sample: Sample) -> None:
    interviews = Frames(sample.rows)["interviews"]
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
