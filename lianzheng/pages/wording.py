"""The small engine behind ``wording.yml``: sentences, tables, tiles and charts by name, filled with facts.

A sentence's place is ``{field|format?missing}``, a table's column a line "label:width> = field | format ? missing":
width, alignment (``>`` right, ``^`` centred) and everything from ``=`` on may be left out, and "group/label" puts
it under a common heading. A format is a function of ``words``, ``@`` and a closed list (whose tones stand under
``tones``), or the words for true, false and null parted by ``/``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from lianzheng.pages import words
from lianzheng.pages.blocks import Align, Chart, Column, KeyFigure, KeyFigures, Paragraph, Table, TableCell
from lianzheng.pages.citations import Cited, cite, uncited
from lianzheng.pages.drawn import chart_from_figure
from lianzheng.tables import labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ALIGN: dict[str, Align] = {"": "left", ">": "right", "^": "center"}
_PLACE = re.compile(r"\{(\w+)(?:\|([^}?]+))?(?:\?([^}]*))?\}")
_COLUMN = re.compile(
    r"(?:(?P<group>[^/=]+)/)?(?P<label>[^:=>^]*)(?::(?P<width>\d+))?(?P<align>[>^]?)"
    r"(?:\s*=\s*(?P<field>\w+)(?:\s*\|\s*(?P<format>[^?\s]+))?(?:\s*\?\s*(?P<missing>.+))?)?"
)
_GUARDED = {ord(mark): 0xF0000 + ord(mark) for mark in "/:=>^\n\r"}
_TAKEN_BACK = {guard: mark for mark, guard in _GUARDED.items()}
Cell = str | TableCell
Specs = Sequence[Mapping[str, str]]


@functools.cache
def wording() -> dict[str, Any]:
    """Everything that the pages say."""
    text = Path(__file__).with_name("wording.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def say(name: str, /, part: str = "sentences", **facts: Any) -> str:
    """A sentence of ``sentences`` (or of another part), its places filled."""
    return filled(wording()[part][name], facts)


def label(closed_list: str, value: object) -> str:
    """The Chinese label of a stored state."""
    return labels(closed_list)[str(value)]


def toned(closed_list: str, value: object, before: str = "") -> TableCell:
    """A stored state as a cell with the tone that ``tones`` gives it."""
    tones = wording()["tones"].get(closed_list, {})
    return TableCell(before + label(closed_list, value), tone=tones.get(value, "neutral"))


def table(
    name: str, rows: pd.DataFrame | Sequence[Sequence[Cell]], bands: str = "", /, **facts: Any
) -> Table | Paragraph:
    """A table of ``tables``, from a frame with the fields that its columns name, or from rows of cells.

    ``bands`` names a field whose every new value heads the rows below it. Without rows it is the sentence ``none``.
    """
    told = {key: filled(text, {"n": len(rows), **facts}) for key, text in wording()["tables"][name].items()}
    if not len(rows) and "none" in told:
        return Paragraph(told["none"])
    specs = read_columns(told["columns"])
    cells = _frame_rows(rows, specs, bands) if isinstance(rows, pd.DataFrame) else rows
    return Table(
        told["title"],
        tuple(map(_column, specs)),
        _tuples(cells),
        told.get("note", ""),
        told.get("source", ""),
    )


def read_columns(lines: str) -> Specs:
    """What lines of columns say: group, label, width, align, field, format, missing."""
    return [_spec(line) for line in lines.splitlines()]


def value_of(row: Mapping[str, Any], spec: Mapping[str, str]) -> Any:
    """What a column names of a row: as it is stored, or in words where it has a format."""
    value = row[spec["field"]]
    return _text(_cell(value, spec["format"], spec["missing"])) if spec["format"] else value


def columns(labels: Iterable[str], spec: str) -> str:
    """A line of ``columns`` for each label, which may hold marks of that little language: they are only text."""
    return "\n".join(label.translate(_GUARDED) + spec for label in labels)


def tiles(name: str, facts: Mapping[str, Any]) -> KeyFigures:
    """The strip ``name`` of ``tiles``, each written [place with its label, unit, note]; a cell gives its tone."""
    made = []
    for column, unit, note in wording()["tiles"][name]:
        spec = _spec(column)
        cell = _cell(facts[spec["field"]], spec["format"], spec["missing"])
        cell = TableCell(cell) if isinstance(cell, str) else cell
        made.append(KeyFigure(spec["label"].strip(), cell.text, unit, filled(note, facts), cell.tone))
    return KeyFigures(tuple(made))


def chart(name: str, figure: Figure, rows: pd.DataFrame, /, **facts: Any) -> Chart:
    """A chart of ``charts``; the alternative text says each row's label and text."""
    told: dict[str, Any] = {key: filled(text, facts) for key, text in wording()["charts"][name].items()}
    said = "；".join(f"{label} {text}" for label, text in zip(rows["label"], rows["text"], strict=True))
    told["alt"] = uncited(f"{told['alt']}：{said}。")
    return chart_from_figure(figure, **told)


def filled(text: str, facts: Mapping[str, Any]) -> str:
    """A text with its places filled from the facts."""
    return _PLACE.sub(lambda found: _text(_cell(facts[found[1]], found[2], found[3])), str(text))


def _text(cell: Cell) -> str:
    return cell.text if isinstance(cell, TableCell) else cell


def _cell(value: Any, form: str | None, missing: str | None) -> Cell:
    if isinstance(value, TableCell):
        return value
    if isinstance(value, Cited):
        shown = _text(_cell(value.value, form or value.address.form, missing))
        return cite(shown, replace(value.address, form=form or value.address.form))
    if form and "/" in form:
        yes, no, unknown = form.split("/")
        return unknown if pd.isna(value) else yes if value else no
    if form and form.startswith("@") and not pd.isna(value):
        return toned(form[1:], value)
    missing = ("" if form is None else words.DASH) if missing is None else missing
    return str(getattr(words, form or "text")(value, missing))


def _frame_rows(frame: pd.DataFrame, specs: Specs, bands: str) -> Iterator[Sequence[Cell]]:
    heading, names = None, sorted({spec["field"] for spec in specs} | ({bands} if bands else set()))
    for values in zip(*(frame[name].tolist() for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        if bands and row[bands] != heading:
            heading = row[bands]
            yield (TableCell(str(heading), align="left", column_span=len(specs), fill="#f4f6f8"),)
        yield [_cell(row[spec["field"]], spec["format"], spec["missing"]) for spec in specs]


def _tuples(rows: Iterable[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(map(tuple, rows))


def _spec(text: str) -> Mapping[str, str]:
    found = _COLUMN.fullmatch(text.strip())
    assert found, f"wording.yml: column {text!r} cannot be read"
    return found.groupdict()


def _column(spec: Mapping[str, str]) -> Column:
    width = float(spec["width"]) if spec["width"] else None
    label, group = ((spec[part] or "").strip().translate(_TAKEN_BACK) for part in ("label", "group"))
    return Column(label, _ALIGN[spec["align"]], width, group)
