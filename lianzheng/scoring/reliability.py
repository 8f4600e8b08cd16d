"""How consistently raters answer the questionnaire: Cronbach's alpha over the complete ballots."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import Questionnaire
from lianzheng.scoring.ballots import valid_ballots, worth_of
from lianzheng.scoring.lines import Frames
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


def reliability(config: CycleConfig, tables: Frames, results: pd.DataFrame) -> pd.DataFrame:
    """reliability_by_form: one row, from the units whose result for everybody is shown."""
    form = config.questionnaire
    if form is None:
        return schemas()["reliability_by_form"].empty()
    everybody = results[(results["rater_group"] == ALL) & (results["question_id"] == ALL)]
    shown = everybody.loc[everybody["score"].notna(), "unit_id"]
    points = complete_ballots(form, tables, list(shown))
    is_enough = len(points) >= MINIMUM_BALLOTS
    alpha = cronbach_alpha(np.atleast_2d(np.cov(points, rowvar=False))) if is_enough else None
    row = {"form_id": form.form_id, "n_ballots": len(points), "n_questions": len(form.rated), "alpha": alpha}
    return pd.DataFrame([row])


def complete_ballots(form: Questionnaire, tables: Frames, unit_ids: list[str]) -> np.ndarray:
    """Points, a row for each valid ballot of these units and a column for each rated question; a ballot with a blank or 弃权 is left out."""
    ballots, chosen = valid_ballots(form, tables)
    worth, chosen = worth_of(form, math.nan), chosen[ballots["unit_id"].isin(unit_ids)]
    return worth[chosen[~np.isnan(worth)[chosen].any(axis=1)]]
