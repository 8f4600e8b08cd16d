"""docs/data_dictionary.md, out of the same sources as the forms and the gate: lianzheng/tables.yml and the cycle's forms."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import jinja2

from lianzheng.config import CycleConfig
from lianzheng.config.forms import FormColumn, FormRow, FormTable, HeaderField, value_kind
from lianzheng.disk import write_atomically
from lianzheng.forms.rules import offered_words
from lianzheng.tables import labels, schemas

KINDS = {
    "count": "whole number ≥ 0", "amount": "number ≥ 0", "number": "number ≥ 0", "points": "points ≥ 0", "ratio": "share 0–1",
    "observed": "number, share, or 有 and 无", "date": "date", "datetime": "date and time", "boolean": "是 or 否", "text": "text",
    "choice": "closed list", "unit": "name of a unit",
}  # fmt: skip
_ROSTERS = ("members", "teams")  # lists of the bureau's people, which are no part of the rules
_LONGEST = 40  # words of a closed list that are printed
_ESCAPED = str.maketrans({"|": r"\|", "<": "&lt;"})


def write_dictionary(config: CycleConfig) -> Path:
    """Write docs/data_dictionary.md of the project; returns where."""
    path = config.project / "docs" / "data_dictionary.md"
    write_atomically(path, data_dictionary(config).encode("utf-8"))
    return path


def data_dictionary(config: CycleConfig) -> str:
    """The whole dictionary as Markdown, the same text every time."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )  # fmt: skip
    environment.filters["cell"] = _cell
    used = dict.fromkeys(c.of for table in schemas().values() for c in table.columns if c.kind == "list")
    return environment.get_template("data_dictionary.md.j2").render(
        cycle=config.cycle.cycle, tables=schemas(), lists={name: labels(name) for name in used},
        forms=config.forms.values(), kinds=KINDS, offered=partial(_offered, config), asked=_asked,
    )  # fmt: skip


def _cell(text: str) -> str:
    """A cell of a Markdown table; a bar, a tag or a line break inside it never ends it."""
    return " ".join(text.translate(_ESCAPED).split())


def _offered(config: CycleConfig, place: FormColumn | HeaderField) -> str:
    """The words of a closed list; of the roster and of long lists only where they stand."""
    if place.value != "choice":
        return ""
    words = offered_words(config, place)
    if place.choices in _ROSTERS or len(words) > _LONGEST:
        return f"`{place.choices}`"
    return f"`{place.choices}`: {'、'.join(words)}"


def _asked(table: FormTable, row: FormRow) -> str:
    """What a fixed row asks for where it differs from the columns."""
    kinds = {KINDS[value_kind(column, row)] for column in table.columns} if row.value else set()
    return f"points 0–{row.maximum:g}" if row.maximum is not None else " / ".join(sorted(kinds))
