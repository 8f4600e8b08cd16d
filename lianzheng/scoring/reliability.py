"""How consistently raters answer the questionnaire: Cronbach's alpha over the complete ballots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.ballots import BallotSums
from lianzheng.scoring.suppression import ALL
from lianzheng.tables import schemas

MINIMUM_BALLOTS = 50
"""With 50 ballots and ten questions the 95 % interval of an alpha of 0.80 already reaches from 0.70 to 0.87 (Bonett 2002)."""


def cronbach_alpha(covariance: np.ndarray) -> float:
    """k/(k − 1) · (1 − trace ÷ sum) of the k × k covariance matrix of a form's questions (Cronbach 1951).

    NaN for a single question, or where the ballots do not differ.
    """
    k, total = len(covariance), float(covariance.sum())
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total) if k > 1 and total > 1e-9 else float("nan")


def reliability(config: CycleConfig, ballots: BallotSums | None, results: pd.DataFrame) -> pd.DataFrame:
    """reliability_by_form: one row, from the ballots of units whose result for everybody is shown."""
    form = config.questionnaire
    if form is None or ballots is None:
        return schemas()["reliability_by_form"].empty()
    everybody = results[(results["rater_group"] == ALL) & (results["question_id"] == ALL)]
    shown = everybody.loc[everybody["score"].notna(), "unit_id"]
    n, covariance = covariances(
        [ballots.products[unit_id] for unit_id in shown if unit_id in ballots.products]
    )
    alpha = cronbach_alpha(covariance) if n >= MINIMUM_BALLOTS else None
    row = {"form_id": form.form_id, "n_ballots": n, "n_questions": len(form.rated), "alpha": alpha}
    return pd.DataFrame([row])


def covariances(products: Sequence[np.ndarray]) -> tuple[int, np.ndarray]:
    """The complete ballots of some units, and the covariances of their points, question by question.

    From each unit's ``BallotSums.products``, which add up, exactly so where points are whole numbers.
    """
    if not products:
        return 0, np.zeros((1, 1))
    together = np.sum(products, axis=0)
    n, total = together[0, 0], together[0, 1:]
    return int(n), (together[1:, 1:] - np.outer(total, total) / max(n, 1)) / max(n - 1, 1)
