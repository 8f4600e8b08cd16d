"""测评: votes → scores by question, rater group and form, with 95 % intervals and suppression."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import Questionnaire
from lianzheng.scoring.ballots import BallotSums, with_everybody
from lianzheng.scoring.lines import Frames
from lianzheng.scoring.suppression import ALL, COMPLEMENT, FEW, suppression_codes
from lianzheng.tables import schemas

_GROUP = ["unit_id", "form_id", "rater_group"]
_ROW = [*_GROUP, "question_id"]


def score_questionnaires(config: CycleConfig, tables: Frames, ballots: BallotSums | None) -> pd.DataFrame:
    """questionnaire_by_unit_question for every unit, group and question, and ``all`` of each; ``ballots`` the sums of single ones."""
    form, threshold = config.questionnaire, config.cycle.suppression_threshold
    if form is None or ballots is None:
        return schemas()["questionnaire_by_unit_question"].empty()
    votes = counted_votes(form, tables["tallies_by_unit_question_option"])
    questions = by_question(votes, form.trim_above if form.trims_extremes else math.inf)
    everybody = raters(votes, ballots.spread["size"])
    forms = by_form(with_enough_votes(questions, threshold), everybody, ballots.spread)
    forms["n"] = math.nan if form.trims_extremes else forms["n"]
    results = pd.concat([questions.reset_index(), forms.reset_index()], ignore_index=True)
    results = results.merge(_ballot_counts(tables["ballot_counts"]), on=_GROUP, how="left")
    return results.pipe(_intervals).pipe(_hidden, suppression_codes(results, threshold))


def counted_votes(questionnaire: Questionnaire, tallies: pd.DataFrame) -> pd.DataFrame:
    """Votes on rated questions; 弃权 weighs nothing (0 points where the cycle counts abstentions)."""
    rated = [question.question_id for question in questionnaire.rated]
    votes = tallies[tallies["question_id"].isin(rated) & tallies["n_votes"].notna()]
    worth = votes["coefficient"].fillna(0.0) if questionnaire.counts_abstentions else votes["coefficient"]
    return votes.assign(n_votes=votes["n_votes"].astype("float64"), worth=worth)


def by_question(votes: pd.DataFrame, trim_above: float) -> pd.DataFrame:
    """Score = Σ coefficient × votes ÷ Σ votes over the ``n_kept`` of ``n`` counted votes that trimming leaves.

    ``deviation`` is that of the winsorised votes, n − 1 in the denominator (Tukey and McLaughlin 1963); without
    trimming the sample's.
    """
    pooled = with_everybody(votes)
    counted = pooled.groupby([*_ROW, "worth"])["n_votes"].sum().loc[lambda n: n > 0]
    kept, winsorised = trimmed(counted, trim_above)
    moments, spread = _moments(kept), _moments(winsorised)
    found = {"score": moments["mean"], "n": spread["n"], "n_kept": moments["n"]}
    found |= {"deviation": spread["deviation"]}
    return pd.DataFrame({"n_valid": pooled.groupby(_ROW)["n_votes"].sum()}).join(pd.DataFrame(found))


def trimmed(counted: pd.Series, above: float) -> tuple[pd.Series, pd.Series]:
    """Votes by question and ``worth`` without one best and one worst where more than ``above`` were counted.

    And the same votes winsorised: those two replaced by their neighbours that were kept.
    """
    n_ends = (counted.groupby(level=_ROW).transform("sum") > above).astype("float64")
    kept = (counted - n_ends * _ends(counted)).loc[lambda n: n > 0]
    return kept, kept + n_ends.loc[kept.index] * _ends(kept)


def _ends(counted: pd.Series) -> pd.Series:
    """1 where a question's best or worst chosen votes are, 2 where all are alike, else 0."""
    worth = counted.index.to_frame()["worth"]
    by_row = worth.groupby(level=_ROW)
    return sum((worth == by_row.transform(end)).astype("float64") for end in ("max", "min"))


def _moments(counted: pd.Series) -> pd.DataFrame:
    """n, mean and deviation of votes by question."""
    votes = counted.rename("n").reset_index("worth")
    points = votes["n"] * votes["worth"]
    sums = votes.assign(points=points, squares=points * votes["worth"]).groupby(level=_ROW).sum()
    n, mean = sums["n"], sums["points"] / sums["n"]
    variance = (sums["squares"] - n * mean**2).clip(lower=0) / (n - 1).where(n > 1)
    return pd.DataFrame({"n": n, "mean": mean, "deviation": np.sqrt(variance)})


def raters(votes: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    """Valid ballots by group; of a group counted by hand, the most votes that one question has."""
    is_hand = votes["source"] == "hand"
    hand = votes[is_hand].groupby(_ROW)["n_votes"].sum().groupby(level=_GROUP).max()
    sizes = sizes.drop(ALL, level="rater_group", errors="ignore").drop(hand.index, errors="ignore")
    groups = [n.rename("n_valid").reset_index().assign(is_hand=n is hand) for n in (hand, sizes)]
    everybody = with_everybody(pd.concat(groups)).groupby(_GROUP)
    return everybody.agg(n_valid=("n_valid", "sum"), is_hand=("is_hand", "any"))


def with_enough_votes(questions: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """The questions that enter their form: one that is too few would be given away by the form's mean."""
    return questions[questions["n"] >= threshold]


def by_form(questions: pd.DataFrame, raters: pd.DataFrame, spread: pd.DataFrame) -> pd.DataFrame:
    """The form's score is the mean of its ``questions``'; its interval rests on the means of single ballots."""
    score, n = questions["score"].groupby(level=_GROUP).mean(), spread["count"].reindex(raters.index)
    forms = raters.assign(
        score=score, n=n.where(~raters["is_hand"]), deviation=spread["std"], question_id=ALL
    )
    return forms.drop(columns="is_hand").set_index("question_id", append=True)


def _ballot_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """发出 and 收回 by group and for everybody; a sum with an unknown part is unknown."""
    numbers = with_everybody(counts).groupby(_GROUP)[["n_issued", "n_returned"]]
    totals = numbers.sum().where(numbers.count() == numbers.size().to_numpy()[:, None])
    return totals.reset_index()


def _intervals(results: pd.DataFrame) -> pd.DataFrame:
    """Mean ± t(0.975, h−1)·s·√n/h·√(1−n/N) within 0–100, of n votes h kept (s/√n where all are).

    N is the ballots issued; none where it is unknown.
    """
    from scipy.special import stdtrit

    n, issued = results["n"], results["n_issued"].astype("float64")
    kept = results["n_kept"].fillna(n)
    fits = (kept >= 2) & (n <= issued)
    n, kept, issued = n.where(fits), kept.where(fits), issued.where(fits)
    half = stdtrit(kept - 1, 0.975) * results["deviation"] * np.sqrt(n) / kept * np.sqrt(1 - n / issued)
    low, high = results["score"] - half, results["score"] + half
    return results.assign(low=low.clip(lower=0), high=high.clip(upper=100))


def _hidden(results: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """No figures where there is a suppression code."""
    figures = results[["score", "low", "high"]].mask(codes.notna())
    return results.assign(**figures, suppression_code=codes, is_suppressed=codes.isin([FEW, COMPLEMENT]))
