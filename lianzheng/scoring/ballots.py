"""Single ballots for what votes alone cannot tell: how far raters differ, and whether their answers agree with each other.

A million ballots are read part by part into a matrix of small numbers; the frame of their answers is never made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config.models import Questionnaire
from lianzheng.scoring.lines import Frames
from lianzheng.tables import parts_of

_GROUP = ["unit_id", "form_id", "rater_group"]
_OF_BALLOT = ["ballot_id", "is_valid", *_GROUP]
_OF_ANSWER = ["ballot_id", "question_id", "option_id"]
_AT_ONCE = 50_000


class Cast(NamedTuple):
    """The valid ballots: whose they are (unit_id, form_id, rater_group as categories), and what each chose.

    ``chosen`` has a row for every ballot and a column for every rated question: the option's place in the scale, or −1 for
    no answer.
    """

    whose: pd.DataFrame
    chosen: np.ndarray

    def by_units(self) -> Iterator[Cast]:
        """The ballots of some whole units at a time, in the order in which they are stored."""
        units = self.whose["unit_id"].cat.codes.to_numpy()
        piece = (np.bincount(units).cumsum() // _AT_ONCE)[units]
        for number in range(piece.max(initial=0) + 1):
            rows = np.flatnonzero(piece == number)
            yield Cast(self.whose.iloc[rows].astype("str"), self.chosen[rows])


def valid_ballots(form: Questionnaire, tables: Frames) -> Cast:
    """The valid ballots with all of their answers, which may lie in several parts of their table; both are in order."""
    rated, scale = (
        pa.array(ids, pa.string())
        for ids in ([q.question_id for q in form.rated], [o.option_id for o in form.scale])
    )
    whose, blocks = list[pa.Table](), list[np.ndarray]()
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
        whose.append(ballots.select(_GROUP).filter(ballots.column("is_valid")))
        blocks.append(block[ballots.column("is_valid").to_numpy()])
    together = pa.concat_tables(whose).unify_dictionaries().to_pandas(use_threads=False)
    return Cast(together.astype("category"), np.vstack(blocks))


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
