"""测评: votes → scores by question, rater group and form, with 95 % intervals and suppression."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from lianzheng.config import CycleConfig
from lianzheng.config.models import Questionnaire
from lianzheng.scoring.items import Frames

ALL = "all"
_GROUP = ["unit_id", "form_id", "rater_group"]
_ROW = [*_GROUP, "question_id"]


def score_questionnaires(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """questionnaire_by_unit_question for every unit, group and question, and ``all`` of each."""
    if config.questionnaire is None:
        return pd.DataFrame()
    votes = counted_votes(config.questionnaire, tables["tallies_by_unit_question_option"])
    questions = by_question(votes)
    forms = by_form(questions, _ballot_means(config.questionnaire, tables), tables["ballots"])
    results = pd.concat([questions.reset_index(), forms.reset_index()], ignore_index=True)
    results = results.merge(_ballot_counts(tables["ballot_counts"]), on=_GROUP, how="left")
    return results.pipe(_intervals).pipe(_suppressed, config.cycle.suppression_threshold).pipe(_voided)


def _with_everybody(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once in their rater group and once under ``all``."""
    return pd.concat([rows, rows.assign(rater_group=ALL)], ignore_index=True)


def counted_votes(questionnaire: Questionnaire, tallies: pd.DataFrame) -> pd.DataFrame:
    """Votes on rated questions; 弃权 weighs nothing (0 points where the cycle counts abstentions)."""
    rated = [question.question_id for question in questionnaire.rated]
    votes = tallies[tallies["question_id"].isin(rated) & tallies["n_votes"].notna()]
    worth = votes["coefficient"].fillna(0.0) if questionnaire.counts_abstentions else votes["coefficient"]
    n_votes = votes["n_votes"].astype("float64")
    counted = n_votes.where(worth.notna(), 0.0)
    return _with_everybody(votes.assign(
        n_votes=n_votes, n_counted=counted,
        points=counted * worth.fillna(0.0), squares=counted * worth.fillna(0.0) ** 2,
    ))  # fmt: skip


def by_question(votes: pd.DataFrame) -> pd.DataFrame:
    """Score = Σ coefficient × votes ÷ Σ counted votes; ``deviation`` is the sample's, n − 1 in the denominator."""
    sums = votes.groupby(_ROW)[["n_votes", "n_counted", "points", "squares"]].sum()
    n = sums["n_counted"].where(sums["n_counted"] > 0)
    score = sums["points"] / n
    variance = (sums["squares"] - n * score**2).clip(lower=0) / (n - 1).where(n > 1)
    return pd.DataFrame({"n_valid": sums["n_votes"], "score": score, "n": n, "deviation": np.sqrt(variance)})


def by_form(questions: pd.DataFrame, ballot_means: pd.DataFrame, ballots: pd.DataFrame) -> pd.DataFrame:
    """The form's score is the mean of its questions'; its interval rests on the means of single ballots.

    Valid are the valid ballots, or, where only a hand tally exists, the most votes that one question has.
    """
    forms = questions.groupby(_GROUP).agg(score=("score", "mean"), most_votes=("n_valid", "max"))
    n_ballots = _with_everybody(ballots[ballots["is_valid"].astype(bool)]).groupby(_GROUP).size()
    single = _with_everybody(ballot_means).groupby(_GROUP)["points"].agg(["count", "std"])
    forms = forms.assign(
        n_valid=n_ballots.reindex(forms.index).fillna(forms["most_votes"]),
        n=single["count"].reindex(forms.index),
        deviation=single["std"].reindex(forms.index),
        question_id=ALL,
    )
    return forms.drop(columns="most_votes").set_index("question_id", append=True)


def _ballot_means(questionnaire: Questionnaire, tables: Frames) -> pd.DataFrame:
    """Mean points of each valid ballot over the rated questions that it answered and that count."""
    worth = {option.option_id: option.coefficient for option in questionnaire.scale}
    if questionnaire.counts_abstentions:
        worth = {option_id: coefficient or 0.0 for option_id, coefficient in worth.items()}
    rated = [question.question_id for question in questionnaire.rated]
    answers = tables["answers_by_ballot_question"]
    answers = answers[answers["question_id"].isin(rated)]
    points = answers["option_id"].map(worth).astype("float64")
    means = answers.assign(points=points).groupby("ballot_id")["points"].mean().rename("points").reset_index()
    ballots = tables["ballots"]
    return ballots[ballots["is_valid"].astype(bool)][["ballot_id", *_GROUP]].merge(means, on="ballot_id")


def _ballot_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """发出 and 收回 by group and for everybody; a sum with an unknown part is unknown."""
    numbers = _with_everybody(counts).groupby(_GROUP)[["n_issued", "n_returned"]]
    totals = numbers.sum().where(numbers.count() == numbers.size().to_numpy()[:, None])
    return totals.reset_index()


def _intervals(results: pd.DataFrame) -> pd.DataFrame:
    """Mean ± t(0.975, n−1)·s/√n·√(1−n/N) within 0–100; N is the ballots issued, none where it is unknown."""
    n, issued = results["n"], results["n_issued"].astype("float64")
    fits = (n >= 2) & (n <= issued)
    n, issued = n.where(fits), issued.where(fits)
    half = stdtrit(n - 1, 0.975) * results["deviation"] / np.sqrt(n) * np.sqrt(1 - n / issued)
    return results.assign(
        low=(results["score"] - half).clip(lower=0), high=(results["score"] + half).clip(upper=100)
    )


def _suppressed(results: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """No figures where fewer valid ballots than the threshold stand behind them."""
    is_suppressed = results["n_valid"] < threshold
    figures = results[["score", "low", "high"]].mask(is_suppressed)
    return results.assign(is_suppressed=is_suppressed, **{name: figures[name] for name in figures})


def _voided(results: pd.DataFrame) -> pd.DataFrame:
    """More ballots returned than issued, in any group, void the whole vote of the unit (收回 > 发出)."""
    is_over = (results["n_returned"] > results["n_issued"]).fillna(False).astype(bool)
    is_void = results["unit_id"].isin(results.loc[is_over, "unit_id"])
    figures = results[["score", "low", "high"]].mask(is_void)
    kept = [*_ROW, "n_issued", "n_returned", "n_valid", "is_suppressed"]
    return results[kept].assign(**{name: figures[name] for name in figures})
