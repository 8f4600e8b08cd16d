"""Workbooks of ours as tables of sheets; what they say stands in ``wording.yml``: ``workbooks``, titles, ``about_``…"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.forms import Formula, Layout, Placed, Sheet, as_xlsx
from lianzheng.forms.layout import Scalar
from lianzheng.pages.wording import read_columns, say, value_of, wording
from lianzheng.publish.run import data_version
from lianzheng.scoring.lines import Frames
from lianzheng.tables import Tables

Value = Scalar | Formula
Line = Mapping[str, Any] | Sequence[Any]
"""Fields by name, or values in the order of the columns, each alone or with its number format."""
PLAIN, MOMENT = "0.##", "m月d日 hh:mm"
FIRST_ROW = 4  # of a list's lines, below mark, title and labels


def write_workbook(
    config: CycleConfig, name: str, layout: Callable[[CycleConfig, Frames, str], Layout]
) -> None:
    """Write reports/<cycle>/``name`` from the processed tables, the same bytes every time."""
    made = layout(config, Tables(config.data_processed), data_version(config))
    moment = dt.datetime.combine(config.cycle.report_date, dt.time(), dt.UTC)
    write_atomically(config.reports / name, as_xlsx(made, moment))


def list_sheet(
    name: str, mark: str, lines: Sequence[Line], /, first_row: int = FIRST_ROW, titled: int = 0, **facts: Any
) -> Sheet:
    """A sheet of ``workbooks``: mark and title (over ``titled`` columns, 0: all), labels, lines; ``none`` without lines."""
    told = wording()["workbooks"][name]
    columns = read_columns(told["columns"])
    wide = titled or len(columns)
    cells = head(mark, say(name, "workbook_titles", **facts), wide)
    labels = enumerate((column["label"] for column in columns), start=1)
    cells += [Placed(first_row - 1, column, label, "column_label") for column, label in labels]
    for row, line in enumerate(lines, start=first_row):
        values = [value_of(line, column) for column in columns] if isinstance(line, Mapping) else line
        cells += table_row(row, values)
    if "none" in told and not lines:
        cells.append(Placed(first_row, 1, told["none"], "note", 1, wide))
    widths = tuple(float(column["width"]) for column in columns)
    return Sheet(told["name"], tuple(cells), widths, first_row - 1, "landscape")


def head(mark: str, title: str, wide: int) -> list[Placed]:
    """The two lines above everything."""
    return [Placed(1, 1, mark, "mark", 1, wide), Placed(2, 1, title, "title", 1, wide)]


def table_row(row: int, values: Sequence[Any]) -> Iterator[Placed]:
    """Cells side by side, each a value alone or with its number format."""
    for column, given in enumerate(values, start=1):
        value = given.to_pydatetime() if isinstance(given, pd.Timestamp) else given
        shown = MOMENT if isinstance(value, dt.datetime) else "General"
        value, shown = given if isinstance(given, tuple) else (value, shown)
        yield Placed(row, column, value, "value", number_format=shown)


def about_sheet(workbook: str, mark: str, widths: tuple[float, float], facts: Mapping[str, Any]) -> Sheet:
    """The sheet 说明: what the words of a workbook mean, the date and the version of its data; without empty rows."""
    sheet, part = list_sheet("about", mark, []), f"about_{workbook}"
    texts = {
        label: facts[text[1:-1]] if text[1:-1] in facts else say(label, part, **facts)
        for label, text in wording()[part].items()
    }
    cells = list(sheet.cells)
    for row, (label, text) in enumerate(((k, v) for k, v in texts.items() if v != ""), start=FIRST_ROW):
        cells += [Placed(row, 1, label, "row_label"), Placed(row, 2, text, "value", number_format=PLAIN)]
    return replace(sheet, cells=tuple(cells), widths=widths, orientation="portrait")
