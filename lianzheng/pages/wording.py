"""The small engine behind ``wording.yml``: tables, charts and sentences by name, filled with facts.

A table's columns are lines "label:width> = field | format ? missing": width, alignment (``>`` right, ``^``
centred) and everything from ``=`` on may be left out. ``format`` is a function of ``words`` or ``@`` and a closed
list, whose tones stand under ``tones``; "group/label" puts a column under a common heading.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from matplotlib.figure import Figure

from lianzheng.pages import words
from lianzheng.pages.blocks import Align, Chart, Column, Table, TableCell, chart_from_figure
from lianzheng.tables import labels

_ALIGN: dict[str, Align] = {"": "left", ">": "right", "^": "center"}
_COLUMN = re.compile(
    r"(?:(?P<group>[^/=]+)/)?(?P<label>[^:=>^]*)(?::(?P<width>\d+))?(?P<align>[>^]?)"
    r"(?:\s*=\s*(?P<field>\w+)(?:\s*\|\s*(?P<format>@?\w+))?(?:\s*\?\s*(?P<missing>.+))?)?"
)
Cell = str | TableCell
Specs = Sequence[Mapping[str, str]]


@functools.cache
def wording() -> dict[str, Any]:
    """Everything that the pages say."""
    text = Path(__file__).with_name("wording.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def say(name: str, /, **facts: object) -> str:
    """A sentence of ``sentences``."""
    return str(wording()["sentences"][name]).format(**facts)


def label(closed_list: str, value: object) -> str:
    """The Chinese label of a stored state."""
    return labels(closed_list)[str(value)]


def toned(closed_list: str, value: object) -> TableCell:
    """A stored state as a cell with the tone that ``tones`` gives it."""
    return TableCell(
        label(closed_list, value), tone=wording()["tones"].get(closed_list, {}).get(value, "neutral")
    )


def table(
    name: str, rows: pd.DataFrame | Iterable[Sequence[Cell]], bands: str = "", **facts: object
) -> Table:
    """A table of ``tables``, from a frame with the fields that its columns name, or from rows of cells.

    ``bands`` names a field whose every new value heads the rows below it.
    """
    told = wording()["tables"][name]
    text = {key: told.get(key, "").format(**facts) for key in ("title", "note", "source")}
    specs = [_spec(line) for line in told["columns"].format(**facts).splitlines()]
    cells = _frame_rows(rows, specs, bands) if isinstance(rows, pd.DataFrame) else rows
    return Table(
        text["title"], tuple(map(_column, specs)), tuple(map(tuple, cells)), text["note"], text["source"]
    )


def _frame_rows(frame: pd.DataFrame, specs: Specs, bands: str) -> Iterator[Sequence[Cell]]:
    heading = None
    for row in frame.to_dict("records"):
        if bands and row[bands] != heading:
            heading = row[bands]
            yield (TableCell(str(heading), align="left", column_span=len(specs), fill="#f4f6f8"),)
        yield [_cell(row[spec["field"]], spec["format"], spec["missing"]) for spec in specs]


def _cell(value: Any, form: str | None, missing: str | None) -> Cell:
    if isinstance(value, TableCell):
        return value
    if form and form.startswith("@") and not pd.isna(value):
        return toned(form[1:], value)
    missing = missing or ("" if form is None else words.DASH)
    return str(getattr(words, form or "text")(value, missing))


def _spec(text: str) -> Mapping[str, str]:
    found = _COLUMN.fullmatch(text.strip())
    assert found, f"wording.yml: column {text!r} cannot be read"
    return found.groupdict()


def _column(spec: Mapping[str, str]) -> Column:
    width = float(spec["width"]) if spec["width"] else None
    return Column(spec["label"].strip(), _ALIGN[spec["align"]], width, spec["group"] or "")


def chart(name: str, figure: Figure, rows: pd.DataFrame, /, **facts: object) -> Chart:
    """A chart of ``charts``; the alternative text says each row's label and text."""
    spec = {key: text.format(**facts) for key, text in wording()["charts"][name].items()}
    told = "；".join(f"{label} {text}" for label, text in zip(rows["label"], rows["text"], strict=True))
    return chart_from_figure(figure, **{**spec, "alt": f"{spec['alt']}：{told}。"})
