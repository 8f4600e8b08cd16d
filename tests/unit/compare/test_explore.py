"""What separates units, and how far a rank rests on one item, against figures worked out by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.compare.explore import rank_ranges, separating_items

ITEMS = {"A": 4.0, "B": 4.0, "C": 2.0}
Points = dict[str, dict[str, float | None]]


def tables(
    points: Points, totals: dict[str, float] | None = None, **asked: tuple[float, float, float]
) -> dict[str, Any]:
    """Units with points by item (None: does not apply, and has its group's mean), scored; X is a bonus item."""
    totals = totals or {}
    scores = [
        {"unit_id": unit_id, "item_id": item, "team_points": 1.0 if got is None else got, "max_points": ITEMS.get(item, 3.0),
         "is_not_applicable": got is None}
        for unit_id, row in points.items() for item, got in {**row, "X": 3.0}.items()
    ]  # fmt: skip
    ranks = pd.Series(totals).rank(ascending=False, method="min").astype("Int64")
    frames = {
        "items": [{"item_id": i, "block_id": "bonus" if i == "X" else "one"} for i in (*ITEMS, "X")],
        "scores_by_unit_item": scores,
        "scores_by_unit_component": [{"unit_id": u, "component": "inspection", "state": "scored"} for u in points],
        "results_by_unit": [
            {"unit_id": u, "is_ranked": True, "rank_group": "甲类", "rank": ranks[u], "total": t} for u, t in totals.items()
        ],
        "questionnaire_by_unit_question": [
            {"unit_id": u, "question_id": "all", "rater_group": group, "score": score, "low": low, "high": high}
            for u, (score, low, high) in asked.items() for group in ("all", "staff")
        ],
    }  # fmt: skip
    columns = ["unit_id", "question_id", "rater_group", "score", "low", "high"]
    made = {name: pd.DataFrame(rows) for name, rows in frames.items()}
    return made | {
        "questionnaire_by_unit_question": pd.DataFrame(
            frames["questionnaire_by_unit_question"], columns=columns
        )
    }


SIX: Points = {  # rates of all points, of 10: 10, 9, 8, 6, 4, 3
    "U1": {"A": 4, "B": 4, "C": 2},
    "U2": {"A": 4, "B": 3, "C": 2},
    "U3": {"A": 4, "B": 2, "C": 2},
    "U4": {"A": 2, "B": 2, "C": 2},
    "U5": {"A": 0, "B": 2, "C": 2},
    "U6": {"A": 1, "B": 0, "C": 2},
}


def test_discrimination_is_the_best_third_less_the_worst_third() -> None:
    found = separating_items(tables(SIX), ["one"]).set_index("item_id")
    assert list(found.index) == ["A", "B", "C"]  # the best first, without the bonus item
    # A: best two (4+4)/8 = 1, worst two (0+1)/8 = 0.125. B: 7/8 and 2/8. C: all alike
    assert found.loc["A", ["upper_rate", "lower_rate", "difference"]].to_list() == [1.0, 0.125, 0.875]
    assert found.loc["B", "difference"] == 0.625
    assert found.loc["C", "difference"] == 0 and pd.isna(found.loc["C", "item_rest"])
    assert found["n_units"].to_list() == [6, 6, 6]
    assert found.loc["A", "mean_rate"] == pytest.approx(15 / 24)


def test_an_item_is_correlated_with_all_the_others_and_not_with_itself() -> None:
    found = separating_items(tables(SIX), ["one"]).set_index("item_id")
    # A: 4 4 4 2 0 1 (mean 2.5), rest of 6: 6 5 4 4 4 2 (mean 25/6); Σdxdy = 4·6+4·5+4·4+2·4+0+2 − 6·2.5·25/6 = 7.5
    # Σdx² = 53 − 37.5 = 15.5, Σdy² = 113 − 625/6 = 53/6: r = 7.5 / √(15.5 · 53/6)
    assert found.loc["A", "item_rest"] == pytest.approx(7.5 / (15.5 * 53 / 6) ** 0.5)


def test_what_does_not_apply_takes_no_part_and_few_units_say_nothing() -> None:
    points: Points = {**SIX, "U6": {"A": 1, "B": None, "C": 2}}
    found = separating_items(tables(points), ["one"]).set_index("item_id")
    assert found["n_units"].to_dict() == {"A": 6, "B": 5, "C": 6}
    assert found.loc["B", "lower_rate"] == 0.5  # U5 alone of the worst two: 2 of 4 (U6: 3 of 6, U5: 4 of 10)
    few = separating_items(tables(dict(list(SIX.items())[:4])), ["one"])
    assert few[["upper_rate", "difference", "item_rest"]].isna().all(axis=None) and len(few) == 3


def test_a_unit_that_is_not_scored_takes_no_part() -> None:
    rows = tables(SIX)
    states = rows["scores_by_unit_component"]
    states.loc[states["unit_id"] == "U1", "state"] = "incomplete"
    assert separating_items(rows, ["one"])["n_units"].to_list() == [5, 5, 5]


def test_a_rank_is_tried_without_each_item() -> None:
    points: Points = {  # rates 8/10, 7/10, 3/10
        "U1": {"A": 4, "B": 2, "C": 2},
        "U2": {"A": 2, "B": 4, "C": 1},
        "U3": {"A": 1, "B": 1, "C": 1},
    }
    found = rank_ranges(tables(points, {"U1": 84.0, "U2": 76.0, "U3": 44.0}), ["one"], 0.8, 0.2)
    # without A: U1 84 + 80·(4/6 − 8/10) = 73.33, U2 76 + 80·(5/6 − 7/10) = 86.67; U3 44 + 80·(2/6 − 3/10) = 46.67
    # without B: U1 84 + 80·(6/6 − 8/10) = 100, U2 76 + 80·(3/6 − 7/10) = 60
    # without C: U1 84 + 80·(6/8 − 8/10) = 80, U2 76 + 80·(6/8 − 7/10) = 80: both first
    assert found["unit_id"].to_list() == ["U1", "U2", "U3"]
    assert found[["best_rank", "worst_rank"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]
    assert found["item_ids"].to_list() == ["A", "A|C", ""]


def test_the_total_is_as_wide_as_its_share_of_the_questionnaire() -> None:
    points: Points = {"U1": {"A": 4, "B": 4, "C": 2}, "U2": {"A": 2, "B": 2, "C": 1}}
    rows = tables(points, {"U1": 98.0, "U2": 58.0}, U1=(90.0, 85.0, 93.0))
    found = rank_ranges(rows, ["one"], 0.8, 0.2).set_index("unit_id")
    assert found.loc["U1", ["low", "high"]].to_list() == pytest.approx([97.0, 98.6])  # 98 − 0.2·5, 98 + 0.2·3
    assert found.loc["U2", ["low", "high"]].isna().all()


def test_without_ranks_there_is_nothing_to_be_sure_of() -> None:
    rows = tables(SIX)
    rows["results_by_unit"] = pd.DataFrame(
        columns=["unit_id", "is_ranked", "rank_group", "rank", "total"]
    ).astype(
        {"unit_id": "str", "is_ranked": "boolean", "rank_group": "str", "rank": "Int64", "total": "float64"}
    )
    assert rank_ranges(rows, ["one"], 0.8, 0.2).empty
