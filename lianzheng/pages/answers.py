"""Answers to the questionnaire as shares by question, and talks as counts; nothing below the threshold gets out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lianzheng.config.models import Questionnaire
from lianzheng.pages import words
from lianzheng.pages.blocks import Chart
from lianzheng.pages.charts import WIDTH_MM
from lianzheng.pages.diverging import diverging
from lianzheng.pages.wording import chart, say
from lianzheng.tables import labels

ALL = "all"


def shares_by_question(form: Questionnaire, tallies: pd.DataFrame) -> pd.DataFrame:
    """Votes of all rater groups and units in ``tallies`` as shares: a row per rated question, a column per option."""
    single = tallies[tallies["rater_group"] != ALL] if (tallies["rater_group"] != ALL).any() else tallies
    votes = single.pivot_table(index="question_id", columns="option_id", values="n_votes", aggfunc="sum")
    questions = {question.question_id: question.label for question in form.rated}
    votes = votes.reindex(index=list(questions), columns=[o.option_id for o in form.scale]).astype("float64")
    return votes.div(votes.sum(axis=1, min_count=1), axis=0).assign(label=list(questions.values()))


def shares_of_units(form: Questionnaire, results: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    """Shares by question over the units that show the question's figure for everybody, and how many they are.

    What else were in the sum could be worked out from it. Empty where no unit shows anything.
    """
    shown = results[(results["rater_group"] == ALL) & results["score"].notna()][["unit_id", "question_id"]]
    counted = tallies.merge(shown, on=["unit_id", "question_id"])
    if counted.empty:
        return pd.DataFrame()
    n_units = counted.groupby("question_id")["unit_id"].nunique()
    shares = shares_by_question(form, counted)
    return shares.assign(n_units=n_units.reindex(shares.index, fill_value=0))


def why_hidden(code: object, threshold: int) -> str:
    """Why a result has no figure, in the words of a table's cell."""
    return say("hidden_none" if pd.isna(code) else f"hidden_{code}", threshold=threshold)


def told_scores(results: pd.DataFrame, threshold: int) -> list[str]:
    """The scores of results as printed, or why there is none."""
    scores = results["score"].mask(results["suppression_code"].notna())
    codes = results["suppression_code"]
    return [words.points(s, why_hidden(code, threshold)) for s, code in zip(scores, codes, strict=True)]


def rows_of_unit(
    form: Questionnaire, results: pd.DataFrame, tallies: pd.DataFrame, threshold: int
) -> pd.DataFrame:
    """The rated questions of one unit: label, shares by option, score, text (score and interval).

    Empty when the unit has no questionnaire. A question whose figure is hidden keeps no share.
    """
    of_all = results[(results["rater_group"] == ALL) & (results["question_id"] != ALL)]
    everybody = of_all.set_index("question_id")
    if everybody.empty:
        return pd.DataFrame()
    shares = shares_by_question(form, tallies)
    everybody = everybody.reindex(shares.index)
    is_hidden = everybody["suppression_code"].notna() | everybody["n_valid"].isna()
    ends = everybody[["low", "high"]].mask(is_hidden)
    told = zip(told_scores(everybody, threshold), ends["low"], ends["high"], strict=True)
    options = [option.option_id for option in form.scale]
    shares[options] = shares[options].mask(is_hidden)
    texts = [score + words.interval(low, high, "（{}）", "") for score, low, high in told]
    return shares.assign(score=everybody["score"].mask(is_hidden), text=texts)


def answers_chart(
    form: Questionnaire, rows: pd.DataFrame, of: str, told: Mapping[str, str], width_mm: float = WIDTH_MM
) -> Chart:
    """Diverging shares by question; ``of`` names in ``sentences`` what the texts at the right are.

    ``told``: title, source and note.
    """
    rated = {option.option_id: option.label for option in form.scale if option.coefficient is not None}
    apart = {option.option_id: option.label for option in form.scale if option.coefficient is None}
    heading = say(f"answers_{of}", best=form.scale[0].label)
    figure = diverging(rows, rated, apart, heading=heading, width_mm=width_mm)
    return chart("answers", figure, rows, heading=heading, **told)


METHOD = ("points", "validity", "trimming", "minimum", "interval")
OF_SHARES = ("shares", "validity", "minimum_units")


def method(form: Questionnaire, threshold: int, parts: Sequence[str] = METHOD) -> list[str]:
    """The parameters that stand beside every result, each part a clause; the names of parts end their sentences'."""
    none = "、".join(option.label for option in form.scale if option.coefficient is None)
    facts = form.model_dump() | {
        "points": "、".join(f"{o.label}{o.coefficient:g}" for o in form.scale if o.coefficient is not None),
        "abstention": say("method_abstention", none=none, counts=form.counts_abstentions) if none else "",
        "shares": say("abstention_share", none=none) if none else "",
        "best": form.best.label,
        "trimming": say("trimmed" if form.trims_extremes else "not_trimmed", trim_above=form.trim_above),
        "threshold": threshold,
    }
    return list(filter(None, (say(f"method_{part}", **facts) for part in parts)))


def method_line(form: Questionnaire, threshold: int, parts: Sequence[str] = METHOD) -> str:
    """:func:`method` as one line, the note of charts and tables."""
    return "；".join(method(form, threshold, parts)) + "。"


def talk_counts(interviews: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Persons (not remarks) by unit, topic and polarity where they reach the threshold: n_persons, direction; no text."""
    counts = _persons(interviews)
    shown = counts[counts["n_persons"] >= threshold]
    return shown.assign(direction=shown["polarity"].map(labels("polarity")))


def talk_totals(interviews: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Persons of the whole bureau by topic and polarity: topic_id, polarity, n_persons; null where it must not show.

    A total shows from the threshold on, and only if what the units' own pages do not show of it is nothing or
    reaches the threshold too: else the difference would tell a smaller group.
    """
    counts = _persons(interviews)
    counts = counts.assign(rest=counts["n_persons"].where(counts["n_persons"] < threshold, 0))
    totals = counts.groupby(["topic_id", "polarity"], as_index=False)[["n_persons", "rest"]].sum()
    is_shown = (totals["n_persons"] >= threshold) & (totals["rest"].eq(0) | (totals["rest"] >= threshold))
    return totals.assign(n_persons=totals["n_persons"].astype("Int64").where(is_shown)).drop(columns="rest")


def _persons(interviews: pd.DataFrame) -> pd.DataFrame:
    persons = interviews.drop_duplicates(["unit_id", "interview_number", "topic_id", "polarity"])
    return persons.groupby(["unit_id", "topic_id", "polarity"]).size().rename("n_persons").reset_index()
