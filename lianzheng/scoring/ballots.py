"""Single ballots for what votes alone cannot tell: how far raters differ, and whether their answers agree with each other.

A million ballots are read part by part into a matrix of small numbers; the frame of their answers is never made.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config.models import Questionnaire
from lianzheng.scoring.lines import Frames
from lianzheng.tables import parts_of

_OF_BALLOT = ["ballot_id", "unit_id", "form_id", "rater_group", "is_valid"]
_OF_ANSWER = ["ballot_id", "question_id", "option_id"]


def valid_ballots(form: Questionnaire, tables: Frames) -> tuple[pd.DataFrame, np.ndarray]:
    """The valid ballots (ballot_id, unit_id, form_id, rater_group), and what each chose.

    The matrix has a row for every ballot and a column for every rated question: the option's place in the scale, or −1
    for no answer.
    """
    rated, scale = (
        pa.array(ids, pa.string())
        for ids in ([q.question_id for q in form.rated], [o.option_id for o in form.scale])
    )
    ids, blocks = [pa.array([], pa.string())], [np.empty((0, len(rated)), np.int8)]
    for part in parts_of(tables, "answers_by_ballot_question", _OF_ANSWER):
        ballot_ids = _encoded(part.column("ballot_id"))
        question, option = (
            _place(part.column(name), known) for name, known in (("question_id", rated), ("option_id", scale))
        )
        is_rated = question >= 0
        block = np.full((len(ballot_ids.dictionary), len(rated)), -1, np.int8)
        block[ballot_ids.indices.to_numpy()[is_rated], question[is_rated]] = option[is_rated]
        ids.append(ballot_ids.dictionary)
        blocks.append(block)
    cast = pa.concat_tables(parts_of(tables, "ballots", _OF_BALLOT))
    cast = cast.cast(pa.schema([(n, pa.bool_() if n == "is_valid" else pa.string()) for n in _OF_BALLOT]))
    cast = cast.filter(cast.column("is_valid")).drop_columns("is_valid")
    row = pc.index_in(cast.column("ballot_id"), pa.concat_arrays(ids)).fill_null(-1).to_numpy()
    chosen = np.vstack([*blocks, np.full((1, len(rated)), -1, np.int8)])  # the last row: nothing answered
    return cast.to_pandas(use_threads=False).astype("str"), chosen[row]


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
