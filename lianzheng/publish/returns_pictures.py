"""Pictures of a unit's table with the faulty cells marked, for files that cannot be marked themselves.

A picture shows the rows around the faults with the labels of their columns; what lies between is one row of dots.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import pandas as pd

from lianzheng.fonts import displayable
from lianzheng.forms.addresses import column_letters
from lianzheng.forms.marking import FILLS
from lianzheng.pages.wording import say
from lianzheng.publish.pdf import compile_template, families
from lianzheng.publish.returns_items import Item, ReturnedFile, Spot, spot

MOST_ROWS, MOST_COLUMNS, CONTEXT, LONGEST_TEXT = 32, 14, 2, 60
MOST_HEADER_ROWS = 3
_PORTRAIT_MM, _LANDSCAPE_MM, _WIDE = 170, 257, 8  # on A4 within its margins; columns from which it is turned
_PIXELS_PER_INCH = 180
_NARROWEST, _WIDEST, _CHARACTER_MM = 3, 20, 3.1  # a column in Chinese characters, and one of these
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One table as received: texts, merged ranges (last row and column), and which cells are labels, by place."""

    name: str
    kind: str  # "" a sheet, "table" or "text" of a Word document
    texts: Mapping[Place, str]
    spans: Mapping[Place, Place]
    labels: frozenset[Place]
    faults: Mapping[Place, tuple[Item, ...]]


def draw_pictures(file: ReturnedFile, cells: pd.DataFrame) -> list[tuple[bytes, frozenset[int]]]:
    """PNG pictures of a file's faulty cells, in the order of its tables, each with the numbers of the items it shows.

    ``cells``: the file's rows of the table ``cells``; none where no cell was read or is named. A picture is as wide as
    A4 allows, 180 pixels to the inch.
    """
    return [
        (_drawn(picture_facts(file, table, rows)), frozenset(_numbers(table, rows)))
        for table in tables_seen(file, cells)
        for rows in _parts(table)
    ]


def _drawn(facts: Mapping[str, Any]) -> bytes:
    inputs = {"table": json.dumps(facts, ensure_ascii=False)}
    return compile_template("returns_table.typ", format="png", ppi=_PIXELS_PER_INCH, sys_inputs=inputs)


def _numbers(table: TableSeen, rows: Sequence[int]) -> Iterator[int]:
    return (item.number for (row, _), items in table.faults.items() if row in rows for item in items)


def tables_seen(file: ReturnedFile, cells: pd.DataFrame) -> list[TableSeen]:
    """The tables of a file that hold a faulty cell."""
    faults: dict[tuple[str, str], dict[Place, tuple[Item, ...]]] = {}
    for item in file.items:
        if (at := spot(item.cell)) and len(cells):
            known = faults.setdefault((item.sheet, at[0]), {})
            known[at[1:]] = (*known.get(at[1:], ()), item)
    read = [(row, at) for row in cells.to_dict("records") if (at := spot(row["cell"]))]
    return [
        _seen(sheet, name, [(row, at) for row, at in read if (row["sheet"], at[0]) == (sheet, name)], found)
        for (sheet, name), found in faults.items()
    ]


def _seen(
    sheet: str, name: str, read: Sequence[tuple[Mapping[str, Any], Spot]], faults: Mapping[Place, tuple[Item, ...]]
) -> TableSeen:  # fmt: skip
    merged = [(at[1:], str(row["merged_range"])) for row, at in read if pd.notna(row["merged_range"])]
    spans = {place: last[1:] for place, told in merged if (last := spot(told.partition(":")[2]))}
    texts = {at[1:]: " ".join(displayable(row["raw_text"]).split()) for row, at in read}
    width = max(column for _, column in (*texts, *faults))
    alone = Counter(row for row, _ in texts)  # a title or note, which would stretch its column
    spans |= {(r, 1): (r, width) for r, c in texts if alone[r] == c == 1 and (r, 1) not in {*spans, *faults}}
    labels = frozenset(at[1:] for row, at in read if row["fate"] in ("label", "aside"))
    kind = "" if not name else "text" if name == "p" else "table"
    title = say(f"word_{kind}", "returns", number=name[1:]) if kind else sheet
    return TableSeen(title, kind, texts, spans, labels, faults)


def _parts(table: TableSeen) -> Iterator[list[int]]:
    """The rows of one picture after the other; faults that lie far apart, or are many, come into several."""
    rows: set[int] = set()
    for place in sorted(table.faults):
        more = rows | set(_rows_around(table, place))
        if rows and len(more) > MOST_ROWS:
            yield sorted(rows)
            more = set(_rows_around(table, place))
        rows = more
    yield sorted(rows)


def _rows_around(table: TableSeen, place: Place) -> Iterator[int]:
    row, column = place
    last = max([row, *(r for r, _ in table.texts)])
    yield from range(max(row - CONTEXT, 1), min(row + CONTEXT, last) + 1)
    header = next((r for r in range(row - 1, 0, -1) if _label_at(table, r, column)), 0)
    above = range(header, max(header - MOST_HEADER_ROWS, 0), -1)
    yield from takewhile(lambda r: _label_at(table, r, column), above)


def _label_at(table: TableSeen, row: int, column: int) -> bool:
    """Whether a label stands over that place, or reaches over it."""
    return any(
        top <= row <= bottom and left <= column <= right
        for (top, left), (bottom, right) in ((p, table.spans.get(p, p)) for p in table.labels)
    )


def picture_facts(file: ReturnedFile, table: TableSeen, rows: Sequence[int]) -> dict[str, Any]:
    """What the template draws: title, edges, widths and cells by their place in the picture; texts are only texts."""
    shown = [(r, c) for r, c in table.faults if r in rows]
    width = max([c for _, c in (*table.texts, *table.faults)] + [c for _, c in table.spans.values()])
    down, across = _with_gaps(rows), _with_gaps(_columns(width, [c for _, c in shown]))
    page = _LANDSCAPE_MM if len(across) >= _WIDE else _PORTRAIT_MM
    name = f"{file.name}　{table.name}" if table.name not in ("", "csv") else file.name
    return {
        "title": say("picture_title", "returns", name=displayable(name)),
        "note": say("picture_note", "returns"),
        "fonts": families(),
        "width_mm": page,
        "rows": [_edge(number, _ROW_EDGES[table.kind]) for number in down],
        "columns": [_edge(number, _COLUMN_EDGES[table.kind]) for number in across],
        "widths": _widths(table, across, rows, page),
        "cells": list(_cells(table, down, across)),
    }


def _columns(width: int, faulty: Iterable[int]) -> list[int]:
    """The columns to show: all, or the first three and those around the faults where there are too many."""
    if width <= MOST_COLUMNS:
        return list(range(1, width + 1))
    around = {c for at in faulty for c in range(at - CONTEXT, at + CONTEXT + 1)}
    return sorted({1, 2, 3} | {c for c in around if 1 <= c <= width})[:MOST_COLUMNS]


def _with_gaps(numbers: Sequence[int]) -> list[int | None]:
    """The numbers with a None wherever one is left out between two of them."""
    found: list[int | None] = []
    for number in numbers:
        found += [None] if found and number != (found[-1] or 0) + 1 else []
        found.append(number)
    return found


_ROW_EDGES = {"": "number", "table": "row", "text": "line"}
_COLUMN_EDGES = {"": "letter", "table": "column", "text": ""}


def _edge(number: int | None, of: str) -> str:
    """What stands at the edge of a row or column: 7, G, 第7行, 第7列, 第7段, nothing; dots where some are left out."""
    if number is None or not of:
        return "" if number else _GAP["text"]
    if of in ("number", "letter"):
        return str(number) if of == "number" else column_letters(number)
    return say(f"word_{of}", "returns", number=number, line=number)


def _widths(table: TableSeen, across: Sequence[int | None], rows: Sequence[int], page: int) -> list[float]:
    """The columns' shares by their longest text; the widest give way where the page is too narrow for all."""
    longest = [_longest(table, column, rows) for column in across]
    limit = _WIDEST
    while limit > _NARROWEST and sum(min(n, limit) for n in longest) * _CHARACTER_MM >= page:
        limit -= 1
    widths = [min(max(n, _NARROWEST), limit) for n in longest]
    return [width if column else _NARROWEST / 2 for width, column in zip(widths, across, strict=True)]


def _longest(table: TableSeen, column: int | None, rows: Sequence[int]) -> float:
    """Of a column's texts, the length in Chinese characters, with room for the number of an item."""
    places = [(r, column) for r in rows if column and (r, column) not in table.spans]
    texts = [(table.texts.get(place, ""), 3 if place in table.faults else 1) for place in places]
    return max((sum(0.55 if ch.isascii() else 1 for ch in text) + room for text, room in texts), default=0.0)


def _cells(
    table: TableSeen, down: Sequence[int | None], across: Sequence[int | None]
) -> Iterator[dict[str, Any]]:
    """Merged ranges as far as they are shown, then every place that none of them covers."""
    covered: set[Place] = set()
    for (top, left), (bottom, right) in sorted(table.spans.items()):
        ys = [i for i, row in enumerate(down) if row is not None and top <= row <= bottom]
        xs = [i for i, column in enumerate(across) if column is not None and left <= column <= right]
        if ys and xs:
            covered |= {(y, x) for y in range(ys[0], ys[-1] + 1) for x in range(xs[0], xs[-1] + 1)}
            size = {"rowspan": ys[-1] - ys[0] + 1, "colspan": xs[-1] - xs[0] + 1}
            yield {"y": ys[0], "x": xs[0], **size, **_content(table, (top, left))}
    for y, row in enumerate(down):
        for x, column in enumerate(across):
            if (y, x) not in covered:
                told = _GAP if row is None or column is None else _content(table, (row, column))
                yield {"y": y, "x": x, "rowspan": 1, "colspan": 1, **told}


_GAP: dict[str, Any] = {"text": "…", "numbers": [], "fill": "", "is_label": True}


def _content(table: TableSeen, place: Place) -> dict[str, Any]:
    text, items = table.texts.get(place, ""), table.faults.get(place, ())
    return {
        "text": text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…",
        "numbers": [str(item.number) for item in items],
        "fill": f"#{FILLS['bad' if any(i.is_grave for i in items) else 'warn']}" if items else "",
        "is_label": place in table.labels,
    }
