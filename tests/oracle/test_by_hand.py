"""Three units of the sample bureau, scored with pencil and paper from what stands on their sheets.

Points are those of the standard's rules for the written 核实数; means and sums were taken by hand, the
questionnaire from the votes 好/较好/一般/差 of both groups (100/80/60/40, 弃权 not counted).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig
from lianzheng.scoring import Scoring, run_scoring

Sample = tuple[CycleConfig, dict[str, pd.DataFrame]]

# U010: every item applies.
#   party 29.925 = 3 + (4−0.5) + 4 + (3−2, 79 % < 100 %) + 2 + 4 + (3+4.5+4.5+4.5)/4 + (3 − 24·0.05, 76 %)
#                  + (2 − 2·0.5) + 4 + (3−1.5) + 0 (one case overrides)
#   supervision 15 = 5 + (5−2) + 1 + (3−1) + 4;  education 13 = 4 + 4 + (3 − 2·0.5) + (4−1)
#   conduct 13 = 4 + 3 + (3−1) + 2 + (3−1);  rectification 9 = (4 − 25·0.04, 75 %) + 3 + 3
#   bonus 2.6 = 6·0.1 + min(3·1, 2)
#   检查 = 29.925 + 15 + 13 + 13 + 9 + 2.6 = 82.525
#   测评 = (2860/32 + 3040/34 + 3140/35 + 2780/31 + 3100/34 + 2900/33 + 3140/35 + 3020/35 + 3160/35 + 2800/32) / 10
#        = (89.375 + 89.411765 + 89.714286 + 89.677419 + 91.176471 + 87.878788 + 89.714286 + 86.285714 + 90.285714
#           + 87.5) / 10 = 89.101944
#   total = 0.8·82.525 + 0.2·89.101944 − 0 = 66.02 + 17.820389 = 83.840389
U010 = {"inspection": 82.525, "perception": 89.101944, "facts": 0, "total": 83.840389, "grade": "good"}

# U006: not inspected in 2017, so S501 (4 of 10) is shared out; one closed case of the second form.
#   party 31.55 = 3 + 4 + 0 (4 − 2·2) + 3 + (2−0.5) + 4 + (5+4+4.5+3.5)/4 + (3 − 14·0.05, 86 %) + (2−0.5) + (4−2)
#                 + 3 + 3
#   supervision 18 = 5 + 5 + 3 + (3−2) + 4;  education 14 = 4 + 4 + (3 − 2·0.5) + 4
#   conduct 11.5 = 4 + (3−2, 90 % < 100 %) + (3−1) + (2−0.5) + 3
#   rectification 9 = (3 + 2.4) · 10/6, where 2.4 = 3 − 20·0.03 (80 %);  bonus 2.5 = 5·0.1 + 2·1
#   检查 = 31.55 + 18 + 14 + 11.5 + 9 + 2.5 = 86.55
#   测评 = (3600/45 + 3940/46 + 3540/44 + 4000/46 + 3560/44 + 3840/45 + 3760/43 + 3820/44 + 3740/46 + 3180/39) / 10
#        = (80 + 85.652174 + 80.454545 + 86.956522 + 80.909091 + 85.333333 + 87.441860 + 86.818182 + 81.304348
#           + 81.538462) / 10 = 83.640852
#   total = 0.8·86.55 + 0.2·83.640852 − 1 = 69.24 + 16.728170 − 1 = 84.968170
U006 = {"inspection": 86.55, "perception": 83.640852, "facts": 1, "total": 84.968170, "grade": "good"}

# U008: S501 is shared out again; 31 ballots returned of 12 issued void the vote.
#   party 24.4 = 3 + (4−2) + 4 + (3−2) + (2−0.5) + 2 + (2+4+2+5+1.5+5)/6 + (3 − 7·0.05, 93 %) + (2 − 2·0.5) + 4
#                + (3−3) + 0
#   supervision 15.25 = (5−1.25) + 5 + 1 + (3−1) + (4−0.5);  education 10.8 = (4−1) + (4 − 27·0.1, 63 %) + (3−0.5) + 4
#   conduct 10.5 = 4 + 3 + 0 (3 − 3·1) + (2−1.5) + 3
#   rectification 5.666667 = ((3−2) + 2.4) · 10/6;  bonus 1.1 = 1·0.1 + 1
#   检查 = 24.4 + 15.25 + 10.8 + 10.5 + 5.666667 + 1.1 = 67.716667; total = 检查 − 0, provisional
U008 = {"inspection": 67.716667, "perception": None, "facts": 0, "total": 67.716667, "grade": "qualified"}


@pytest.fixture(scope="module")
def scoring(sample: Sample) -> Scoring:
    config, frames = sample
    return run_scoring(config, frames)


@pytest.mark.parametrize(("unit_id", "worked"), [("U010", U010), ("U006", U006), ("U008", U008)])
def test_a_unit_scored_by_hand(scoring: Scoring, unit_id: str, worked: dict[str, Any]) -> None:
    frames = scoring.frames
    result = frames["results_by_unit"].set_index("unit_id").loc[unit_id]
    components = frames["scores_by_unit_component"].query("unit_id == @unit_id").set_index("component")
    assert result["total"] == pytest.approx(worked["total"], abs=1e-6)
    assert components.loc["inspection", "score"] == pytest.approx(worked["inspection"], abs=1e-6)
    assert components.loc["facts", "deduction_points"] == worked["facts"]
    assert result["grade"] == worked["grade"]
    if worked["perception"] is None:
        assert pd.isna(components.loc["perception", "score"]) and result["is_provisional"]
        assert pd.isna(result["rank"])
    else:
        assert components.loc["perception", "score"] == pytest.approx(worked["perception"], abs=1e-6)
        assert not result["is_provisional"] and result["rank"] >= 1
