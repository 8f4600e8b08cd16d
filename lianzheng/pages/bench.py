"""What makes a notebook a bench: searchable tables, pages that show themselves, a hint for a misspelt column."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pandas as pd
from pandas.errors import UndefinedVariableError

from lianzheng.errors import in_a_sentence, is_notebook_by_hand
from lianzheng.names import nearest
from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Paragraph
from lianzheng.pages.html import to_html
from lianzheng.pages.page import Page
from lianzheng.pages.wording import say, wording

MOST_ROWS, MOST_NAMES = 2_000, 12
_SENTENCE = re.compile(r"not in index|are in the")
_QUOTED = re.compile(r"(?<!dtype=)'([^']*)'")
LOOK = {
    "classes": "display compact",
    "style": "table-layout:auto;width:auto;margin:0;caption-side:top",
    "css": ".dt-container table.dataTable :is(th, td) {text-align: left; max-width: 24em; vertical-align: baseline}"
    " .dt-container table.dataTable :is(th, td).dt-type-numeric {text-align: right}"
    " .dt-container table.dataTable th {white-space: nowrap}",
    "maxBytes": 0,
    "display_logo_when_loading": False,
}


def prepare() -> None:
    """Make the notebook that runs this a bench; in a script nothing happens."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        return
    shell.display_formatter.formatters["text/html"].for_type(Page, page_html)
    if is_notebook_by_hand():
        shell.set_custom_exc((KeyError, UndefinedVariableError), _show_missing_name)


def bring_tables() -> None:
    """Put the script of searchable tables into this cell's output, so that they need no network, then or later."""
    if find_spec("itables"):
        from IPython import get_ipython
        from itables import init_notebook_mode

        if get_ipython() is not None:
            init_notebook_mode(all_interactive=False, connected=False)


class Shown:
    """A frame as a notebook shows it: with search, sorting and Chinese controls where itables is installed."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __repr__(self) -> str:
        return as_text(self.frame.head(MOST_ROWS)).to_string(index=False)

    def _repr_html_(self) -> str:
        rows, n = as_text(self.frame.head(MOST_ROWS)), len(self.frame)
        told = say("most_rows", "cycle", n=n, most=MOST_ROWS) if n > MOST_ROWS else ""
        if find_spec("itables") is None:
            return to_html([Paragraph(f"{say('no_itables', 'cycle')}{told}", "note")]) + rows.to_html(
                index=False
            )
        from itables import to_html_datatable

        paging = {"pageLength": 15, "lengthMenu": [15, 50, 200]} if n > 15 else {"paging": False}
        options: Any = {**LOOK, **paging, "language": wording()["cycle"]["controls"]}
        with pd.option_context("display.max_colwidth", None):
            return str(to_html_datatable(rows, told or None, connected=False, **options))


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every value as a reader sees it: points with two decimals, whole numbers whole, 是 and 否, days; empty if missing."""
    return pd.DataFrame({name: _column(frame[name]) for name in frame})


def _column(values: pd.Series) -> pd.Series:
    kind = values.dtype.kind
    form: Callable[[Any], str] = str
    if kind == "f":
        form = words.number if (values.dropna() % 1 == 0).all() else words.points
    elif kind == "b":
        form = {True: "是", False: "否"}.__getitem__
    elif kind == "M":
        form = "{:%Y-%m-%d}".format if (values.dropna() == values.dropna().dt.normalize()).all() else str
    return pd.Series(["" if pd.isna(value) else form(value) for value in values], values.index, "str")


def parts_of(page: Page) -> list[str]:
    """The names of the methods that answer for a cell, the page's opening first."""
    named = [name for kind in type(page).__mro__ for name in vars(kind) if not name.startswith("_")]
    known = (name for name in dict.fromkeys(named) if callable(getattr(type(page), name, None)))
    return [name for name in known if getattr(type(page), name).__annotations__.get("return") == "Blocks"]


def page_html(page: Page) -> str:
    """A page in a notebook: its opening, and what else it has."""
    first, *rest = parts_of(page)
    told = say("more_of_page", "cycle", parts="、".join(f"page.{name}()" for name in rest))
    opening: Blocks = getattr(page, first)()
    return to_html([*opening.blocks, Paragraph(told, "note")], with_style=True)


def _show_missing_name(
    shell: Any, kind: Any, error: Any, trace: Any, tb_offset: int | None = None
) -> list[str]:
    """IPython's handler: a name that a frame lacks in a sentence, anything else as ever."""
    told = missing_name(error, trace)
    if not told:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return []
    shell._showtraceback(kind, error, told)
    return told


def missing_name(error: Exception, trace: types.TracebackType | None) -> list[str]:
    """The sentence for a column (or row) that no frame below the notebook's cell has; nothing where it is not that."""
    said = str(error.args[0]) if error.args else ""
    frames = list(_frames(trace))
    columns = list(dict.fromkeys(str(column) for frame in frames for column in frame))
    missing = [name for name in _names_in(error, said) if name not in columns]
    if not frames or not missing:
        return []
    rows = [str(label) for frame in frames for label in frame.index[:MOST_ROWS]]
    near = dict.fromkeys(found for name in missing for found in nearest(name, [*columns, *rows]))
    look = [say("look", "cycle", names="、".join(near))] * bool(near)
    listed = "、".join(columns[:MOST_NAMES]) + "等" * (len(columns) > MOST_NAMES)
    remedy = "；".join([*look, say("no_such_columns", "cycle", columns=listed)])
    return in_a_sentence(say("no_column", "cycle", name="、".join(missing)), remedy)


def _names_in(error: Exception, said: str) -> list[str]:
    """The names that pandas' message says are missing: itself, or what it quotes."""
    if isinstance(error, UndefinedVariableError) and not said.startswith("name "):
        return []  # a variable of the notebook, not a column
    is_sentence = isinstance(error, UndefinedVariableError) or bool(_SENTENCE.search(said))
    return _QUOTED.findall(said) if is_sentence else [said] if said else []


def _frames(trace: types.TracebackType | None) -> Iterator[pd.DataFrame]:
    """The frames that pandas was working on, by its own variables."""
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith("pandas."):
            yield from (held for held in trace.tb_frame.f_locals.values() if isinstance(held, pd.DataFrame))
        trace = trace.tb_next
