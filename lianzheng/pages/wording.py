"""The small engine behind ``wording.yml``: tables, charts and sentences by name, filled with facts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from matplotlib.figure import Figure

from lianzheng.pages.blocks import Align, Chart, Column, Table, TableCell, chart_from_figure

_ALIGN: dict[str, Align] = {"": "left", ">": "right", "^": "center"}
_COLUMN = re.compile(r"(?:([^/|]+)/)?([^:>^]*)(?::(\d+))?([>^]?)")
BAND = "#f4f6f8"


@functools.cache
def wording() -> dict[str, Any]:
    """Everything that the pages say."""
    text = Path(__file__).with_name("wording.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def say(name: str, **facts: object) -> str:
    """A sentence of ``sentences``."""
    return str(wording()["sentences"][name]).format(**facts)


def table(name: str, rows: Iterable[Sequence[str | TableCell]], **facts: object) -> Table:
    """A table of ``tables``: title, columns, note and source as worded there."""
    spec = {key: text.format(**facts) for key, text in wording()["tables"][name].items()}
    columns = tuple(map(_column, spec["columns"].split("|")))
    return Table(
        spec["title"], columns, tuple(map(tuple, rows)), spec.get("note", ""), spec.get("source", "")
    )


def band(text: str, n_columns: int) -> tuple[TableCell]:
    """A row of one cell that heads the rows below it."""
    return (TableCell(text, align="left", column_span=n_columns, fill=BAND),)


def chart(name: str, figure: Figure, rows: pd.DataFrame, **facts: object) -> Chart:
    """A chart of ``charts``; the alternative text says each row's label and text."""
    spec = {key: text.format(**facts) for key, text in wording()["charts"][name].items()}
    told = "；".join(f"{label} {text}" for label, text in zip(rows["label"], rows["text"], strict=True))
    alt = f"{spec.pop('alt')}：{told}。"
    return chart_from_figure(figure, alt=alt, **spec)


def _column(spec: str) -> Column:
    group, label, width, align = _COLUMN.fullmatch(spec.strip()).groups()  # type: ignore[union-attr]
    return Column(label, _ALIGN[align], float(width) if width else None, group or "")
