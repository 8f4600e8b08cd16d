"""Three units of the sample bureau whose totals were worked out on paper; the numbers below are that paper.

Standard 2018: 党委主体责任 40, 纪委监督责任 20, 教育与制度 15, 作风建设 15, 整改落实 10, bonus ≤ 3.
Questionnaire: 好 100, 较好 80, 一般 60, 差 40, 弃权 not counted. Weights 0.8 and 0.2.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from lianzheng.config import load_config
from lianzheng.demo import write_demo
from lianzheng.intake import run_intake, write_intake
from lianzheng.scoring import run_scoring
from lianzheng.tables import Tables

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("truth")


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The scoring tables of the sample bureau as `make demo` writes it, faults and all."""
    folder = tmp_path_factory.mktemp("by-hand")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = load_config(2018, folder)
    write_demo(config, seed=2018)
    write_intake(config, run_intake(config))
    return run_scoring(config, Tables(config.data_processed)).frames


def components(scores: dict[str, pd.DataFrame], unit_id: str) -> dict[str, float]:
    rows = scores["scores_by_unit_component"].set_index(["unit_id", "component"]).loc[unit_id]
    return {
        "inspection": rows.loc["inspection", "score"],
        "perception": rows.loc["perception", "score"],
        "facts": rows.loc["facts", "deduction_points"],
    }


def result(scores: dict[str, pd.DataFrame], unit_id: str) -> pd.Series:
    return scores["results_by_unit"].set_index("unit_id").loc[unit_id]


def test_u001_with_ballots_a_declared_item_and_a_closed_case(scores: dict[str, pd.DataFrame]) -> None:
    # 党委主体责任: S101 无 0 + S102 4−1 + S103 4 + S104 3 + S105 2−1×0.5 + S106 4
    #   + S107 (3+3.5+5+5+3.5+4)/6 = 4 + S108 3−21×0.05 = 1.95 + S109 2−2×0.5 + S110 4 + S111 3−1 + S112 3 = 31.45
    # 纪委监督责任: 5−2×1.25 = 2.5, 5−1, 2×1, 3, 4−0.5                                                  = 15.00
    # 教育与制度: 4, 4−26×0.1 = 1.4, 3, 4−1                                                            = 11.40
    # 作风建设: 0, 3, 3, 2−0.5, 3                                                                      = 10.50
    # 整改落实: S503 不适用; 4 + (3−2×1) = 5 of 7, so 5 × 10/7                                          =  7.142857
    # bonus: 5×0.1 + 1×1                                                                               =  1.50
    # 检查 = 31.45 + 15 + 11.4 + 10.5 + 7.142857 + 1.5 = 76.992857
    #
    # Questions, middle managers and staff together, points ÷ votes without 弃权:
    # 2040/26 = 78.461538   2280/27 = 84.444444   2500/29 = 86.206897   2740/30 = 91.333333   2500/30 = 83.333333
    # 2640/30 = 88          2440/29 = 84.137931   2520/28 = 90          2400/28 = 85.714286   2400/27 = 88.888889
    # their mean: 860.520651 / 10 = 86.052065
    #
    # one closed case of the first or second form: −1; a holiday inspection's problem overdue on the report's date: −0.5
    # total = 0.8 × 76.992857 + 0.2 × 86.052065 − 1.5 = 61.594286 + 17.210413 − 1.5 = 77.304699
    seen = components(scores, "U001")
    assert seen["inspection"] == pytest.approx(76.992857, abs=1e-6)
    assert seen["perception"] == pytest.approx(86.052065, abs=1e-6)
    assert seen["facts"] == 1.5
    assert result(scores, "U001")["total"] == pytest.approx(77.304699, abs=1e-6)
    assert result(scores, "U001")["grade"] == "qualified"


def test_u017_with_a_hand_tally_and_two_items_that_do_not_apply(scores: dict[str, pd.DataFrame]) -> None:
    # 党委主体责任: 3+4+4+3+2 + S106 3×1 + S107 5 + S108 3−3×0.05 = 2.85 + 2+4+3+3                      = 38.85
    # 纪委监督责任: 5+5+3+3+4                                                                          = 20.00
    # 教育与制度: 4, 4−7×0.1 = 3.3, 3−0.5, 4                                                           = 13.80
    # 作风建设: 4, 3, 3−1, 2−0.5, 3                                                                    = 13.50
    # 整改落实: not visited in 2017, no 巡察; only S502 = 3−1 = 2 of 3, so 2 × 10/3                      =  6.666667
    # bonus: 5×0.1 + 2 (3 occurrences, the item holds 2)                                               =  2.50
    # 检查 = 38.85 + 20 + 13.8 + 13.5 + 6.666667 + 2.5 = 95.316667
    #
    # The hand tally, both groups (one cell is a planted fault: 6 好 for 5; it is reported and counted as written):
    # 4040/43 = 93.953488   3900/42 = 92.857143   4140/44 = 94.090909   4020/43 = 93.488372   4040/44 = 91.818182
    # 4060/43 = 94.418605   3860/41 = 94.146341   3960/43 = 92.093023   4160/44 = 94.545455   3820/41 = 93.170732
    # their mean: 934.582250 / 10 = 93.458225
    # total = 0.8 × 95.316667 + 0.2 × 93.458225 = 76.253333 + 18.691645 = 94.944978
    seen = components(scores, "U017")
    assert seen["inspection"] == pytest.approx(95.316667, abs=1e-6)
    assert seen["perception"] == pytest.approx(93.458225, abs=1e-6)
    assert seen["facts"] == 0
    assert result(scores, "U017")["total"] == pytest.approx(94.944978, abs=1e-6)
    assert result(scores, "U017")["grade"] == "excellent"


def test_u008_whose_questionnaire_is_void_is_provisional_and_has_no_rank(
    scores: dict[str, pd.DataFrame],
) -> None:
    # 党委主体责任: 3 + 4−2 + 4 + S104 85 % < 100 %: 3−2 + 2−0.5 + 2×1 + S107 (2+4+2+5+1.5+5)/6 = 3.25
    #   + S108 3−7×0.05 = 2.65 + 2−2×0.5 + 4 + 3−3 + S112 出现1例 0                                     = 24.40
    # 纪委监督责任: 5−1.25 = 3.75, 5, 1, 3−1, 4−0.5                                                     = 15.25
    # 教育与制度: 3, 4−27×0.1 = 1.3, 3−0.5, 4                                                          = 10.80
    # 作风建设: 4, 3, 3−3, 2−1.5, 3                                                                    = 10.50
    # 整改落实: S501 not visited in 2017; 3−2 = 1 and 3−20×0.03 = 2.4, together 3.4 of 6, × 10/6         =  5.666667
    # bonus: 0.1 + 1                                                                                   =  1.10
    # 检查 = 24.4 + 15.25 + 10.8 + 10.5 + 5.666667 + 1.1 = 67.716667
    # More ballots came back than were issued (planted): no valid questionnaire, total = 检查 − 0
    seen = components(scores, "U008")
    assert seen["inspection"] == pytest.approx(67.716667, abs=1e-6)
    assert pd.isna(seen["perception"]) and seen["facts"] == 0
    row = result(scores, "U008")
    assert row["total"] == pytest.approx(67.716667, abs=1e-6)
    assert row["grade"] == "qualified" and row["is_provisional"]
    assert pd.isna(row["rank"]) and not row["is_ranked"]
