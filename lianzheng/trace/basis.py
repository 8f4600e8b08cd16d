"""What a figure rests on: the shape of the answer, and addresses in the processed tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lianzheng.tables import schemas

if TYPE_CHECKING:
    from lianzheng.trace.steps import Step

Row = Mapping[str, Any]
ALL, SELF, RULE, WHOLE = "all", "self", "rule", "*"
SCORES, LINES, COUNTS = "scores_by_unit_item_scorer", "score_lines", "ballot_counts"
ITEMS, BLOCKS, COMPONENTS = "scores_by_unit_item", "scores_by_unit_block", "scores_by_unit_component"
RESULTS, QUESTIONS, TALLIES = (
    "results_by_unit",
    "questionnaire_by_unit_question",
    "tallies_by_unit_question_option",
)
LAST = "last_scores_by_unit_item"


class Ref(NamedTuple):
    """An address in the processed tables."""

    table: str
    key: str
    column: str


class Basis(NamedTuple):
    """How a figure came about and what it rests on; ``is_sum``: it changes whenever one of these does."""

    how: str = ""
    refs: tuple[Ref, ...] = ()
    is_sum: bool = False
    steps: tuple[Step, ...] = ()


def refs_to(table: str, rows: Iterable[Row], *columns: str) -> tuple[Ref, ...]:
    """The addresses of columns in rows of a table."""
    names = schemas()[table].key
    keys = ["|".join(str(row[name]) for name in names) for row in rows]
    return tuple(Ref(table, key, column) for key in keys for column in columns)
