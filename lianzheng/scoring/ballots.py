"""Single ballots for what votes alone cannot tell: how far raters differ, and whether their answers agree with each other.

They are read part by part into a matrix of small numbers, and only sums of it are kept: a million ballots take no more
memory than a part of them, and the frame of their answers is never made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config.models import Questionnaire
from lianzheng.scoring.lines import Frames
from lianzheng.scoring.suppression import ALL
from lianzheng.tables import parts_of

_GROUP = ["unit_id", "form_id", "rater_group"]
_OF_BALLOT = ["ballot_id", "is_valid", *_GROUP]
_OF_ANSWER = ["ballot_id", "question_id", "option_id"]
_AT_ONCE = 50_000


class Cast(NamedTuple):
    """Some valid ballots: whose they are (unit_id, form_id, rater_group), and what each chose.

    ``chosen`` has a row for every ballot and a column for every rated question: the option's place in the scale, or −1 for
    no answer.
    """

    whose: pd.DataFrame
    chosen: np.ndarray


class BallotSums(NamedTuple):
    """What scoring needs to know of single ballots, however many there are.

    ``spread`` by unit, form and rater group, and of everybody: ballots (``size``), those with points (``count``) and the
    sample's deviation of their mean points (``std``). ``products`` by unit: the sums of 1 and of the points of every
    question, multiplied with each other, over the ballots without a blank or 弃权.
    """

    spread: pd.DataFrame
    products: dict[str, np.ndarray]


def sum_ballots(form: Questionnaire, tables: Frames) -> BallotSums:
    """The sums over all valid ballots, read some at a time."""
    weighed, complete = worth_of(form, 0.0 if form.counts_abstentions else math.nan), worth_of(form, math.nan)
    parts, products = list[pd.DataFrame](), dict[str, np.ndarray]()
    for whose, chosen in valid_ballots(form, tables):
        points = with_everybody(whose.assign(points=mean_points(chosen, weighed)))
        parts.append(points.groupby(_GROUP)["points"].agg(["size", "count", "mean", "var"]))
        ones = np.column_stack([np.ones(len(chosen)), complete[chosen]])
        for unit_id, rows in whose.groupby("unit_id").indices.items():
            told = ones[rows][~np.isnan(ones[rows]).any(axis=1)]
            products[str(unit_id)] = products.get(str(unit_id), 0.0) + told.T @ told
    return BallotSums(_together(pd.concat(parts)), products)


def _together(parts: pd.DataFrame) -> pd.DataFrame:
    """The spread of groups from that of their parts (Chan, Golub and LeVeque 1983)."""
    n = parts["count"]
    sums = parts[["size", "count"]].assign(total=n * parts["mean"]).groupby(level=_GROUP).sum()
    means = (sums["total"] / sums["count"]).reindex(parts.index)
    squares = (n - 1) * parts["var"].fillna(0.0) + n * (parts["mean"] - means).fillna(0.0) ** 2
    variance = squares.groupby(level=_GROUP).sum() / (sums["count"] - 1).where(sums["count"] > 1)
    return sums[["size", "count"]].assign(std=np.sqrt(variance))


def with_everybody(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once in their rater group and once under ``all``."""
    return pd.concat([rows, rows.assign(rater_group=ALL)], ignore_index=True)


def valid_ballots(form: Questionnaire, tables: Frames) -> Iterator[Cast]:
    """The valid ballots with all of their answers, in the order in which they are stored, some 50,000 at a time."""
    whose, blocks = list[pd.DataFrame](), list[np.ndarray]()
    for rows, block in _parts(form, tables):
        whose.append(rows)
        blocks.append(block)
        if sum(map(len, blocks)) >= _AT_ONCE:
            yield Cast(pd.concat(whose, ignore_index=True), np.vstack(blocks))
            whose, blocks = [], []
    if blocks:
        yield Cast(pd.concat(whose, ignore_index=True), np.vstack(blocks))


def _parts(form: Questionnaire, tables: Frames) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """The same by the parts of the ballots' table; their answers may lie in several parts of theirs. Both are in order."""
    rated, scale = (
        pa.array(ids, pa.string())
        for ids in ([q.question_id for q in form.rated], [o.option_id for o in form.scale])
    )
    parts, answers = filter(len, parts_of(tables, "answers_by_ballot_question", _OF_ANSWER)), None
    for ballots in parts_of(tables, "ballots", _OF_BALLOT):
        ids = ballots.column("ballot_id").cast(pa.string()).combine_chunks()
        block = np.full((len(ids), len(rated)), -1, np.int8)
        while answers is not None or (answers := next(parts, None)) is not None:
            known = zip(_OF_ANSWER, (ids, rated, scale), strict=True)
            ballot, question, option = (_place(answers.column(name), values) for name, values in known)
            is_meant = (ballot >= 0) & (question >= 0)
            block[ballot[is_meant], question[is_meant]] = option[is_meant]
            if len(ids) and str(answers.column("ballot_id")[-1]) > str(ids[-1]):
                answers = answers.slice(int(np.flatnonzero(ballot >= 0).max(initial=-1)) + 1)
                break
            answers = None
        is_valid = ballots.column("is_valid")
        whose = ballots.select(_GROUP).filter(is_valid).to_pandas(use_threads=False)
        yield whose.astype("str"), block[is_valid.to_numpy()]


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.unify_dictionaries().combine_chunks().dictionary_encode()


def _place(column: pa.ChunkedArray, known: pa.Array) -> np.ndarray:
    """The place of each text in a list, −1 where it is not there."""
    encoded = _encoded(column)
    places = pc.index_in(encoded.dictionary, known).fill_null(-1).to_numpy()
    return places[encoded.indices.to_numpy()]


def worth_of(form: Questionnaire, abstained: float) -> np.ndarray:
    """Points by place in the scale, and at the end for no answer; ``abstained`` those of an option that has none."""
    points = [abstained if o.coefficient is None else o.coefficient for o in form.scale]
    return np.array([*points, np.nan], np.float64)


def mean_points(chosen: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Mean points of each ballot over the questions that it answered and that count; NaN where there are none."""
    n, total = np.zeros(len(chosen)), np.zeros(len(chosen))
    for answers in chosen.T:
        points = worth[answers]
        n += ~np.isnan(points)
        total += np.nan_to_num(points)
    return np.divide(total, n, out=np.full(len(chosen), np.nan), where=n > 0)
