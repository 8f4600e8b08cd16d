"""Forms as data: the one description that the blank form, the reader's map and the allowed ids come from.

A form has header fields and tables. A *matrix* table has fixed rows and columns (附件1, 附件2, a tally sheet);
a *list* table has fixed columns and as many rows as were written (findings, receipts). A value's place in the
processed table is the union of the ``keys`` of its table, row and column.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lianzheng.config.models import Model, Points

ValueKind = Literal[
    "count",
    "amount",
    "number",
    "points",
    "ratio",
    "observed",
    "date",
    "datetime",
    "boolean",
    "text",
    "choice",
    "unit",
]

MONEY = {
    "元": 1, "圆": 1, "百元": 100, "千元": 1_000, "万": 10_000, "万元": 10_000, "十万元": 100_000,
    "百万元": 1_000_000, "千万元": 10_000_000, "亿": 10**8, "亿元": 10**8,
}  # fmt: skip
"""Units of money, in 元."""


class HeaderField(Model):
    """A field of the line above (or below) a table, such as 填表单位; ``label`` as printed, without the colon."""

    field_id: str
    label: str
    aliases: tuple[str, ...] = ()
    value: ValueKind = "text"
    choices: str = ""
    is_required: bool = False


class LabelColumn(Model):
    """A printed column that holds labels or guidance, never values; ``width`` in characters.

    ``shows`` says what of an item or question it prints where the rows come from the standard or questionnaire.
    """

    label: str
    width: int = 10
    aliases: tuple[str, ...] = ()
    shows: Literal["", "number", "block", "name", "points", "criterion", "counts", "evidence"] = ""


class FormColumn(Model):
    """A column that people fill in. ``label`` levels of a header of several rows are parted by ``/``.

    ``unit_of_measure`` is printed behind the label in brackets; ``choices`` names a closed list;
    ``target`` is the column of the processed table (empty: ``column_id``). A returned form may lack a column that
    ``is_optional``.
    """

    column_id: str
    label: str
    value: ValueKind
    target: str = ""
    unit_of_measure: str = ""
    aliases: tuple[str, ...] = ()
    keys: dict[str, str] = {}
    choices: str = ""
    is_required: bool = False
    is_optional: bool = False
    width: int = 10

    @property
    def printed(self) -> str:
        """The label as it stands on the form, with the unit of measure."""
        return f"{self.label}（{self.unit_of_measure}）" if self.unit_of_measure else self.label


class FormRow(Model):
    """A fixed row of a matrix: one printed label per label column; "" repeats (merges with) the row above.

    ``value`` and ``unit_of_measure`` override the column's where rows differ; ``maximum`` bounds points.
    """

    row_id: str
    labels: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    role: Literal["data", "total"] = "data"
    keys: dict[str, str] = {}
    value: ValueKind | None = None
    unit_of_measure: str = ""
    maximum: Points | None = None
    is_required: bool = True


class FormTable(Model):
    """One table of a form.

    A *matrix* has fixed rows and columns, a *list* as many rows (numbered from 1) as were written. ``into`` names
    the processed table that it fills; ``key_label`` tells which label column identifies a row (0-based).
    ``rows_from`` and ``columns_from`` fill rows and columns in on loading; ``total_label`` adds a total below the
    items of the standard. A blank list offers ``blank_rows`` empty lines.
    """

    table_id: str
    caption: str = ""
    kind: Literal["matrix", "list"]
    into: str = ""
    label_columns: tuple[LabelColumn, ...] = ()
    key_label: int = 0
    columns: tuple[FormColumn, ...] = ()
    columns_from: Literal["", "scale"] = ""
    rows: tuple[FormRow, ...] = ()
    rows_from: Literal["", "standard", "questions"] = ""
    total_label: str = ""
    keys: dict[str, str] = {}
    is_optional: bool = False
    blank_rows: Annotated[int, Field(ge=0)] = 10


class DocumentPart(Model):
    """A part that a written report must have, found by its heading.

    An entry of ``headings`` names the part where all its words (parted by blanks) stand in the heading and none of
    ``excludes``; last year's number reads as 上年, next year's as 下年. Where no heading does, a paragraph that begins
    with one of ``openings`` will do, or, if there are ``leading_characters`` (0: never), all that stands before the
    other parts. Fewer characters of text than ``minimum_characters`` are asked about.
    """

    part_id: str
    label: str
    headings: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    is_required: bool = True
    only_visited_last_cycle: bool = False
    minimum_characters: int = 0
    leading_characters: int = 0


class Form(Model):
    """A form that goes out and comes back: who sends it (``sender``) and for what (``scope``).

    ``allows_more``: it is its sender's working file, so that columns, sheets and notes of his own are no issues.
    ``number_words`` may stand where a number is asked for (待定, 不适用); ``signatures`` are printed at the foot;
    ``remarks`` are what senders often add and nobody takes (a label with a colon asks for a signature).
    A written report has no tables but ``parts``; it is known by ``titles`` (as headings of parts are), its last
    lines hold the fields of ``header``, and ``leftovers`` are words of other people's texts.
    """

    form_id: str
    number: str = ""
    title: str
    version: str
    sender: Literal["unit", "team", "office"]
    scope: Literal["unit", "team", "bureau"]
    orientation: Literal["portrait", "landscape"] = "portrait"
    header: tuple[HeaderField, ...] = ()
    tables: tuple[FormTable, ...]
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    number_words: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    allows_more: bool = False
    titles: tuple[str, ...] = ()
    parts: tuple[DocumentPart, ...] = ()
    leftovers: tuple[str, ...] = ()

    def table(self, table_id: str) -> FormTable:
        """The table of that id."""
        return next(table for table in self.tables if table.table_id == table_id)


NUMBERS: frozenset[ValueKind] = frozenset(("count", "amount", "number", "ratio"))
"""The kinds of a column that a row of a matrix may override."""


def value_kind(column: FormColumn, row: FormRow | None) -> ValueKind:
    """What a place of a table asks for: the column's kind, or the row's where both are numbers."""
    return row.value if row and row.value and column.value in NUMBERS else column.value


class Statistics(Model):
    """``statistics.yml`` (附件2): the form itself, and labels of categories and measures for the pages."""

    form: Form
    categories: dict[str, str]
    measures: dict[str, str]
