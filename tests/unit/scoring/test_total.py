"""Total, grade and rank: each sentence of the method, one test."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from lianzheng.config.models import Decision
from lianzheng.errors import ConfigError
from lianzheng.scoring import run_scoring
from lianzheng.scoring.run import Scoring
from tests.unit.scoring import small
from tests.unit.scoring.small import case, frames, own, perfect_vote, row, submission, team, unit, votes


def scored(units: list[dict[str, Any]] | None = None, config: Any = None, **rows: Any) -> Scoring:
    return run_scoring(config or small.config(), frames(units, **rows))


def result(scoring: Scoring, unit_id: str = "U001") -> dict[str, Any]:
    return row(scoring.frames["results_by_unit"], unit_id=unit_id)


def component(scoring: Scoring, name: str, unit_id: str = "U001") -> dict[str, Any]:
    return row(scoring.frames["scores_by_unit_component"], unit_id=unit_id, component=name)


# 测评 80: every vote 较好
FAIR = votes("U001", {"Q01": (0, 10, 0, 0, 0), "Q02": (0, 10, 0, 0, 0)})


def test_total_is_the_weighted_sum_less_the_facts() -> None:
    scoring = scored(scores=[*team("U001", B2=1), *own("U001")], tallies=FAIR, cases=[case("U001", "C1")])
    found = result(scoring)
    assert found["total"] == pytest.approx(0.8 * 95 + 0.2 * 80 - 1)  # 91
    assert found["grade"] == "excellent" and found["self_total"] == 100
    assert found["grade_reason"] == "总分91.00分，属优秀（90分及以上）"
    inspection, perception, facts = (component(scoring, c) for c in ("inspection", "perception", "facts"))
    assert (inspection["score"], inspection["weight"], inspection["n"], inspection["state"]) == (
        95,
        0.8,
        6,
        "scored",
    )
    assert (perception["score"], perception["weight"], perception["n"], perception["state"]) == (
        80,
        0.2,
        10,
        "scored",
    )
    assert (facts["deduction_points"], facts["n"], facts["weight"]) == (1, 1, 0) and pd.isna(facts["score"])


def test_weight_one_and_zero_leaves_the_questionnaire_out() -> None:
    config = small.config(weights={"inspection": 1, "perception": 0})
    for tallies in ([], FAIR):
        scoring = scored(config=config, scores=team("U001", B2=1), tallies=tallies)
        assert result(scoring)["total"] == 95 and not result(scoring)["is_provisional"]
        assert component(scoring, "perception")["state"] == "not_weighted"


@pytest.mark.parametrize(
    "rows",
    [
        {},  # not held
        {"tallies": FAIR, "ballot_counts": [small.issued("U001", 9, 10)]},  # 收回 > 发出
        {"tallies": perfect_vote("U001", 4)},  # under the threshold
    ],
)
def test_without_a_valid_questionnaire_the_total_is_provisional(rows: dict[str, Any]) -> None:
    scoring = scored(scores=team("U001", B2=1), cases=[case("U001", "C1")], **rows)
    found = result(scoring)
    assert found["total"] == 94 and found["is_provisional"] and not found["is_ranked"]
    assert component(scoring, "perception")["state"] == "no_valid_questionnaire"
    assert (
        found["grade"] == "excellent"
        and "无有效测评" in found["grade_reason"]
        and "暂定" in found["grade_reason"]
    )


def test_a_unit_that_was_not_visited_has_no_total_but_its_facts() -> None:
    units = [unit(1, visited=False)]
    scoring = scored(units, scores=[*own("U001", A1=18), *team("U001")], tallies=FAIR, cases=[case("U001", "C1")],
                     submissions=[submission("U001", "standard", 1, "accepted", True)])  # fmt: skip
    found = result(scoring)
    assert pd.isna(found["total"]) and pd.isna(found["rank"]) and found["grade"] == "unverified"
    assert found["self_total"] == 98 and not found["is_provisional"] and not found["is_ranked"]
    assert "未列入本年度现场检查" in found["grade_reason"]
    assert component(scoring, "facts")["deduction_points"] == 1.5
    states = [component(scoring, name)["state"] for name in ("inspection", "perception", "facts")]
    assert states == ["not_visited", "not_visited", "scored"]
    assert pd.isna(component(scoring, "inspection")["score"]) and pd.isna(
        component(scoring, "perception")["score"]
    )


def test_a_veto_fails_even_a_unit_that_was_not_visited() -> None:
    found = result(scored([unit(1, visited=False)], cases=[case("U001", "C1", level="4")]))
    assert (found["grade"], found["veto_code"]) == ("unqualified", "fails") and pd.isna(found["total"])


def test_an_open_item_leaves_the_total_open() -> None:
    scoring = scored(scores=team("U001", A1=None), tallies=FAIR)
    found = result(scoring)
    assert pd.isna(found["total"]) and found["grade"] == "unverified" and not found["is_provisional"]
    assert "评分不全（1项没有评分）" in found["grade_reason"]
    assert component(scoring, "inspection")["state"] == "incomplete"
    assert component(scoring, "perception")["state"] == "scored"


def test_the_total_stays_between_0_and_100() -> None:
    nothing = {"A1": 0, "A2": 15, "A3": 0, "B1": 0, "B2": 9, "B3": 0}
    low = votes("U001", {"Q01": (0, 0, 0, 0, 10), "Q02": (0, 0, 0, 0, 10)})
    config = small.config(facts={**small.config().cycle.facts.model_dump(), "cap": 50})
    cases = [case("U001", f"C{n}") for n in range(20)]
    found = result(scored(config=config, scores=team("U001", **nothing), tallies=low, cases=cases))
    assert found["total"] == 0 and found["grade"] == "unqualified"  # 检查 5 − 事实 20
    assert result(scored(scores=team("U001", C1=2), tallies=perfect_vote("U001")))["total"] == 100


@pytest.mark.parametrize(
    ("share", "rounded_total", "grade"),
    # B1 gives 10 − 0.1 per 1 %, A1=2 takes 10 → 检查 = 90 − … ; weights (1, 0)
    [(1.0, "90.00", "excellent"), (0.99, "89.90", "good")],
)
def test_bands_include_their_lowest_total(share: float, rounded_total: str, grade: str) -> None:
    config = small.config(weights={"inspection": 1, "perception": 0})
    found = result(scored(config=config, scores=team("U001", A1=2, B1=share)))
    assert found["grade"] == grade and f"总分{rounded_total}分" in found["grade_reason"]


def test_the_grade_follows_the_rounded_total() -> None:
    # members 9.995 on average: 检查 = 100 − 10.005 = 89.995, unrounded below 90, published as 90.00
    config = small.config(weights={"inspection": 1, "perception": 0})
    found = result(scored(config=config, scores=team("U001", A3=9.995)))
    assert found["total"] == pytest.approx(89.995) and found["total"] < 90
    assert found["grade"] == "excellent" and found["grade_reason"].startswith("总分90.00分")
    lower = result(scored(config=config, scores=team("U001", A3=9.994)))
    assert lower["grade"] == "good" and lower["grade_reason"].startswith("总分89.99分")


def test_an_applicable_item_at_zero_forbids_the_best_grade_and_is_named() -> None:
    zero = result(scored(scores=team("U001", B3=0), tallies=perfect_vote("U001")))  # 0.8·90 + 20 = 92
    assert zero["total"] == 92 and zero["grade"] == "good"
    assert (
        zero["grade_reason"] == "总分92.00分，属优秀（90分及以上），但“项目B3”得0分，不符合优秀条件，降为良好"
    )
    bonus = result(
        scored(scores=team("U001"), tallies=perfect_vote("U001"))
    )  # bonus items at 0 do not matter
    assert bonus["grade"] == "excellent"
    new = [unit(1, last=False)]
    assert (
        result(scored(new, scores=team("U001", B1=0), tallies=perfect_vote("U001")))["grade"] == "excellent"
    )


def test_an_item_at_zero_does_not_move_a_lower_grade() -> None:
    found = result(scored(scores=team("U001", B3=0, B2=2), tallies=perfect_vote("U001")))  # 0.8·80 + 20 = 84
    assert found["grade"] == "good" and "降为" not in found["grade_reason"]


def test_not_excellent_gives_the_next_lower_grade_and_its_reason() -> None:
    found = result(scored(scores=team("U001", V2=1), tallies=perfect_vote("U001")))
    assert (found["total"], found["grade"], found["veto_code"]) == (100, "good", "not_excellent")
    assert "；一票否优：项目V2（核实1件），降为良好" in found["grade_reason"]
    lower = result(scored(scores=team("U001", V2=1, A1=0), tallies=perfect_vote("U001")))  # 0.8·80 + 20 = 84
    assert (lower["grade"], lower["veto_code"]) == ("good", "not_excellent") and "降为" not in lower[
        "grade_reason"
    ]


def test_a_veto_beats_everything() -> None:
    found = result(scored(scores=team("U001", V2=1), tallies=FAIR, cases=[case("U001", "C9", level="4")]))
    assert (found["grade"], found["veto_code"], found["total"]) == ("unqualified", "fails", 96)
    assert "；一票否决：项目V1（案件C9），定为不合格" in found["grade_reason"]


def decision(**changes: Any) -> Decision:
    return Decision(**{"grade_decision_id": "D1", "unit_id": "U001", "from_grade": "excellent", "to_grade": "good",
                       "reason": "材料补报", "by": "局党委", "at": dt.date(2018, 12, 27), **changes})  # fmt: skip


def test_a_recorded_decision_is_applied_and_stored() -> None:
    scoring = scored(config=small.config(decisions=(decision(),)), scores=team("U001"), tallies=FAIR)
    found = result(scoring)
    assert (found["grade"], found["grade_decision_id"]) == ("good", "D1")
    assert found["grade_reason"].endswith("；局党委决定由优秀改为良好：材料补报")
    stored = row(scoring.frames["grade_decisions"], grade_decision_id="D1")
    assert (stored["from_grade"], stored["to_grade"], stored["by"]) == ("excellent", "good", "局党委")


def test_a_decision_about_another_grade_than_the_computed_one_stops_the_work() -> None:
    config = small.config(decisions=(decision(from_grade="qualified"),))
    with pytest.raises(ConfigError, match=r"D1.*qualified.*excellent"):
        scored(config=config, scores=team("U001"), tallies=FAIR)


def bureau(*losses: float, unit_type: str = "甲类", first: int = 1) -> tuple[list[Any], list[Any], list[Any]]:
    """Units whose members lose so many points, and whose questionnaire is perfect."""
    numbers = range(first, first + len(losses))
    ids = [f"U{number:03}" for number in numbers]
    scores = [cell for id_, loss in zip(ids, losses, strict=True) for cell in team(id_, A3=20 - loss)]
    return [unit(n, unit_type) for n in numbers], scores, [cell for id_ in ids for cell in perfect_vote(id_)]


def ranks(scoring: Scoring) -> list[int | None]:
    frame = scoring.frames["results_by_unit"]
    return [None if pd.isna(rank) else int(rank) for rank in frame["rank"]]


def test_ties_share_the_best_rank_on_the_rounded_total() -> None:
    # 0.8 × loss: 1.00 and 1.001 both publish 99.20; the next unit is 4th
    units, scores, tallies = bureau(1, 0, 1.001, 5, 2)
    scoring = scored(units, scores=scores, tallies=tallies)
    assert ranks(scoring) == [2, 1, 2, 5, 4]
    assert set(scoring.frames["results_by_unit"]["n_ranked"]) == {5}


def test_units_are_ranked_within_their_type_from_five_on() -> None:
    some, more = bureau(3, 1, 2, 0), bureau(4, 3, 2, 1, 0, unit_type="乙类", first=5)
    units, scores, tallies = ([*a, *b] for a, b in zip(some, more, strict=True))
    scoring = scored(units, scores=scores, tallies=tallies)
    assert ranks(scoring) == [None] * 4 + [5, 4, 3, 2, 1]
    frame = scoring.frames["results_by_unit"]
    assert list(frame["is_ranked"]) == [False] * 4 + [True] * 5
    assert list(frame["n_ranked"]) == [0] * 4 + [5] * 5 and set(frame["rank_group"]) == {"甲类", "乙类"}


def test_provisional_and_unvisited_units_do_not_fill_the_ranking() -> None:
    units, scores, tallies = bureau(0, 1, 2, 3, 4)
    without = [cell for cell in tallies if cell["unit_id"] != "U001"]
    assert ranks(scored(units, scores=scores, tallies=without)) == [None] * 5  # four are left
    absent = [{**units[0], "is_visited": False}, *units[1:]]
    assert ranks(scored(absent, scores=scores, tallies=tallies)) == [None] * 5
