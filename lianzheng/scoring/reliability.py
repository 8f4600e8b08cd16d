"""How consistently raters answer the questionnaire: Cronbach's alpha over the complete ballots."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.ballots import Cast, worth_of
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


def reliability(config: CycleConfig, cast: Cast | None, results: pd.DataFrame) -> pd.DataFrame:
    """reliability_by_form: one row, from the ballots of units whose result for everybody is shown."""
    form = config.questionnaire
    if form is None or cast is None:
        return schemas()["reliability_by_form"].empty()
    everybody = results[(results["rater_group"] == ALL) & (results["question_id"] == ALL)]
    shown = everybody.loc[everybody["score"].notna(), "unit_id"]
    n, covariance = covariances(cast, worth_of(form, math.nan), list(shown))
    alpha = cronbach_alpha(covariance) if n >= MINIMUM_BALLOTS else None
    row = {"form_id": form.form_id, "n_ballots": n, "n_questions": len(form.rated), "alpha": alpha}
    return pd.DataFrame([row])


def covariances(cast: Cast, worth: np.ndarray, unit_ids: list[str]) -> tuple[int, np.ndarray]:
    """The units' ballots without a blank or 弃权, and the covariances of their points, question by question.

    Sums over some units at a time add up, exactly so where points are whole numbers.
    """
    k = cast.chosen.shape[1]
    n, total, products = 0, np.zeros(k), np.zeros((k, k))
    for whose, chosen in cast.by_units():
        points = worth[chosen[whose["unit_id"].isin(unit_ids)]]
        points = points[~np.isnan(points).any(axis=1)]
        n, total, products = n + len(points), total + points.sum(axis=0), products + points.T @ points
    return n, (products - np.outer(total, total) / max(n, 1)) / max(n - 1, 1)
