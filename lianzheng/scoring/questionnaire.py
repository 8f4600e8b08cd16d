"""测评: votes → scores by question, rater group and form, with 95 % intervals and suppression."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from lianzheng.config import CycleConfig
from lianzheng.config.models import Questionnaire
from lianzheng.scoring.lines import Frames
from lianzheng.tables import schemas

ALL = "all"
_GROUP = ["unit_id", "form_id", "rater_group"]
_ROW = [*_GROUP, "question_id"]


def score_questionnaires(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """questionnaire_by_unit_question for every unit, group and question, and ``all`` of each."""
    if config.questionnaire is None:
        return schemas()["questionnaire_by_unit_question"].empty()
    ballots = tables["ballots"]
    ballots = ballots[ballots["is_valid"].astype(bool)]
    votes = counted_votes(config.questionnaire, tables["tallies_by_unit_question_option"])
    questions = by_question(votes)
    single = _ballot_means(config.questionnaire, tables["answers_by_ballot_question"], ballots)
    forms = by_form(questions, raters(votes, ballots), single)
    results = pd.concat([questions.reset_index(), forms.reset_index()], ignore_index=True)
    results = results.merge(_ballot_counts(tables["ballot_counts"]), on=_GROUP, how="left")
    return results.pipe(_intervals).pipe(_hidden, config.cycle.suppression_threshold)


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
    points = counted * worth.fillna(0.0)
    return votes.assign(n_votes=n_votes, n=counted, points=points, squares=points * worth.fillna(0.0))


def by_question(votes: pd.DataFrame) -> pd.DataFrame:
    """Score = Σ coefficient × votes ÷ Σ counted votes; ``deviation`` is the sample's, n − 1 in the denominator."""
    sums = _with_everybody(votes).groupby(_ROW)[["n_votes", "n", "points", "squares"]].sum()
    n = sums["n"].where(sums["n"] > 0)
    score = sums["points"] / n
    variance = (sums["squares"] - n * score**2).clip(lower=0) / (n - 1).where(n > 1)
    return pd.DataFrame({"n_valid": sums["n_votes"], "score": score, "n": n, "deviation": np.sqrt(variance)})


def raters(votes: pd.DataFrame, ballots: pd.DataFrame) -> pd.DataFrame:
    """Valid ballots by group; of a group counted by hand, the most votes that one question has."""
    is_hand = votes["source"] == "hand"
    hand = votes[is_hand].groupby(_ROW)["n_votes"].sum().groupby(level=_GROUP).max()
    sizes = ballots.groupby(_GROUP).size().drop(hand.index, errors="ignore")
    groups = [n.rename("n_valid").reset_index().assign(is_hand=n is hand) for n in (hand, sizes)]
    everybody = _with_everybody(pd.concat(groups)).groupby(_GROUP)
    return everybody.agg(n_valid=("n_valid", "sum"), is_hand=("is_hand", "any"))


def by_form(questions: pd.DataFrame, raters: pd.DataFrame, single: pd.DataFrame) -> pd.DataFrame:
    """The form's score is the mean of its questions'; its interval rests on the means of single ballots."""
    means = _with_everybody(single).groupby(_GROUP)["points"]
    score, n = questions["score"].groupby(level=_GROUP).mean(), means.count().reindex(raters.index)
    forms = raters.assign(score=score, n=n.where(~raters["is_hand"]), deviation=means.std(), question_id=ALL)
    return forms.drop(columns="is_hand").set_index("question_id", append=True)


def _ballot_means(questionnaire: Questionnaire, answers: pd.DataFrame, ballots: pd.DataFrame) -> pd.DataFrame:
    """Mean points of each ballot over the rated questions that it answered and that count."""
    abstained = 0.0 if questionnaire.counts_abstentions else None
    worth = {o.option_id: abstained if o.coefficient is None else o.coefficient for o in questionnaire.scale}
    answers = answers[answers["question_id"].isin([question.question_id for question in questionnaire.rated])]
    points = answers["option_id"].map(worth).astype("float64")
    means = points.groupby(answers["ballot_id"]).mean().rename("points").reset_index()
    return ballots[["ballot_id", *_GROUP]].merge(means, on="ballot_id")


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


def _hidden(results: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """No figures under the threshold of valid ballots, nor anywhere at a unit where a group's 收回 > 发出."""
    is_suppressed = results["n_valid"] < threshold
    is_over = (results["n_returned"] > results["n_issued"]).fillna(False).astype(bool)
    is_void = results["unit_id"].isin(results.loc[is_over, "unit_id"])
    figures = ["score", "low", "high"]
    hidden = results[figures].mask(is_suppressed | is_void)
    return results.drop(columns=figures).join(hidden).assign(is_suppressed=is_suppressed)
