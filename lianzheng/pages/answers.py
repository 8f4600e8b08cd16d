"""Answers to the questionnaire as shares by question, and talks as counts; nothing below the threshold gets out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lianzheng.config.models import Named, Questionnaire
from lianzheng.pages import words
from lianzheng.pages.blocks import Chart, chart_from_figure
from lianzheng.pages.charts import RAMP, stacked
from lianzheng.tables import labels

ALL = "all"
_ABSTAINED = "#f1f1ee"


def shares_by_question(questionnaire: Questionnaire, tallies: pd.DataFrame) -> pd.DataFrame:
    """Votes of all rater groups and units in ``tallies`` as shares: a row per rated question, a column per option."""
    single = tallies[tallies["rater_group"] != ALL] if (tallies["rater_group"] != ALL).any() else tallies
    votes = single.pivot_table(index="question_id", columns="option_id", values="n_votes", aggfunc="sum")
    votes = votes.reindex(
        index=[question.question_id for question in questionnaire.rated],
        columns=[option.option_id for option in questionnaire.scale],
    ).astype("float64")
    return votes.div(votes.sum(axis=1, min_count=1), axis=0)


def rows_of_unit(questionnaire: Questionnaire, results: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    """The rated questions of one unit: label, shares by option, score, low, high, text.

    Empty when the unit has no questionnaire. A question with fewer raters than the threshold keeps no share.
    """
    everybody = results[(results["rater_group"] == ALL) & (results["question_id"] != ALL)].set_index("question_id")
    if everybody.empty:
        return pd.DataFrame()
    shares = shares_by_question(questionnaire, tallies)
    everybody = everybody.reindex(shares.index)
    is_hidden = everybody["is_suppressed"].fillna(True).astype(bool)
    rows = shares.mask(is_hidden).join(everybody[["score", "low", "high"]].mask(is_hidden))
    texts = [_score_text(row, is_hidden=hidden) for row, hidden in zip(rows.itertuples(), is_hidden, strict=True)]
    names = [question.label for question in questionnaire.rated]
    return rows.assign(label=names, text=texts).reset_index(names="question_id")


def _score_text(row: object, *, is_hidden: bool) -> str:
    score, low, high = (getattr(row, name) for name in ("score", "low", "high"))
    if is_hidden:
        return "不足5人"
    interval = f"（{words.points(low)}–{words.points(high)}）" if pd.notna(low) else ""
    return words.points(score, "无有效票") + interval


def answers_chart(
    questionnaire: Questionnaire, rows: pd.DataFrame, *, title: str, source: str, note: str, heading: str
) -> Chart:
    """Stacked shares by question with ``text`` at the right; the alt text gives every score in words."""
    parts = {option.option_id: option.label for option in questionnaire.scale}
    rated = [option for option in questionnaire.scale if option.coefficient is not None]
    ramp = dict(zip((option.option_id for option in rated), RAMP, strict=False))
    colours = {option_id: ramp.get(option_id, _ABSTAINED) for option_id in parts}
    alt = f"{heading}：" + "；".join(f"{row.label}{row.text}" for row in rows.itertuples()) + "。"
    figure = stacked(rows, parts, colours, is_share=True, heading=heading)
    return chart_from_figure(figure, title=title, alt=alt, source=source, note=note)


def scale_note(questionnaire: Questionnaire) -> str:
    """The coefficients that stand behind every score, and whether abstentions count."""
    points = "、".join(f"{o.label}{o.coefficient:g}" for o in questionnaire.scale if o.coefficient is not None)
    none = "、".join(option.label for option in questionnaire.scale if option.coefficient is None)
    counted = "计入" if questionnaire.counts_abstentions else "不计入"
    about = f"，{none}{counted}分母" if none else ""
    return f"折算分值：{points}{about}。区间为95%，按发出份数作有限总体修正；发出数不明的不给区间。"


def talk_counts(interviews: pd.DataFrame, topics: Sequence[Named]) -> pd.DataFrame:
    """Talks (not remarks) by topic and polarity, with labels: topic, polarity, n_talks."""
    names = {topic.id: topic.label for topic in topics}
    directions = labels("polarity")
    talks = interviews.drop_duplicates(["unit_id", "interview_number", "topic_id", "polarity"])
    counts = talks.groupby(["topic_id", "polarity"]).size().rename("n_talks").reset_index()
    return counts.assign(
        topic=counts["topic_id"].map(lambda topic: names.get(topic, topic)),
        direction=counts["polarity"].map(directions),
    )
