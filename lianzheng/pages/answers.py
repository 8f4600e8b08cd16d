"""Answers to the questionnaire as shares by question, and talks as counts; nothing below the threshold gets out."""

from __future__ import annotations

import pandas as pd

from lianzheng.config.models import Questionnaire
from lianzheng.pages import words
from lianzheng.pages.blocks import Chart
from lianzheng.pages.charts import PALE, RAMP, stacked
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


def rows_of_unit(form: Questionnaire, results: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    """The rated questions of one unit: label, shares by option, score, text (score and interval).

    Empty when the unit has no questionnaire. A question with fewer raters than the threshold keeps no share.
    """
    everybody = results[(results["rater_group"] == ALL) & (results["question_id"] != ALL)].set_index(
        "question_id"
    )
    if everybody.empty:
        return pd.DataFrame()
    shares = shares_by_question(form, tallies)
    everybody = everybody.reindex(shares.index)
    is_hidden = everybody["is_suppressed"].fillna(True).astype(bool)
    scores = zip(everybody["score"], everybody["low"], everybody["high"], strict=True)
    told = [
        words.points(score, "不计分") + words.interval(low, high, "（{}）", "") for score, low, high in scores
    ]
    options = [option.option_id for option in form.scale]
    shares[options] = shares[options].mask(is_hidden)
    texts = pd.Series(told, index=shares.index).mask(is_hidden, "不足5人")
    return shares.assign(score=everybody["score"].mask(is_hidden), text=texts)


def answers_chart(form: Questionnaire, rows: pd.DataFrame, of: str, /, *, title: str, source: str) -> Chart:
    """Stacked shares by question; ``of`` names in ``sentences`` what the texts at the right are."""
    parts = {option.option_id: option.label for option in form.scale}
    rated = [option.option_id for option in form.scale if option.coefficient is not None]
    colours = dict.fromkeys(parts, PALE) | dict(zip(rated, RAMP, strict=False))
    heading = say(f"answers_{of}", best=form.scale[0].label)
    figure = stacked(rows, parts, colours, is_share=True, heading=heading)
    note = _scale_note(form) if of == "score" else ""
    return chart("answers", figure, rows, title=title, source=source, heading=heading, note=note)


def _scale_note(form: Questionnaire) -> str:
    points = "、".join(f"{o.label}{o.coefficient:g}" for o in form.scale if o.coefficient is not None)
    none = "、".join(option.label for option in form.scale if option.coefficient is None)
    return say(
        "scale" if none else "scale_without_abstention",
        points=points,
        none=none,
        counts=form.counts_abstentions,
    )


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
