"""What goes back to a unit: the issues on its own papers, file by file, numbered as its list will show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from openpyxl.utils.cell import column_index_from_string

from lianzheng.config import CycleConfig
from lianzheng.config.models import Unit
from lianzheng.fonts import displayable
from lianzheng.names import file_name
from lianzheng.pages.edition import name_mask
from lianzheng.pages.returned import OWNER, SEVERITIES, returned_issues
from lianzheng.pages.wording import say
from lianzheng.scoring.lines import Frames
from lianzheng.tables import as_tables, labels, schemas

_ADDRESS = re.compile(
    r"t(?P<table>\d+)r(?P<row>\d+)c(?P<column>\d+)|p(?P<line>\d+)|(?P<letters>[A-Z]+)(?P<number>\d+)"
)
Spot = tuple[str, int, int]
"""The table of a Word document (``t1``, ``p`` for its paragraphs, else empty), row and column, from 1."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list: where (``cell`` as stored, such as ``D13`` or ``t1r3c2``), what, and what to do."""

    number: int
    paper: str
    file_id: str
    file_name: str
    sheet: str
    cell: str
    seen: str
    message: str
    remedy: str
    severity: str
    is_hidden: bool = False

    @property
    def label(self) -> str:
        """The severity in Chinese."""
        return labels("severity")[self.severity]

    @property
    def is_grave(self) -> bool:
        """Whether it must be corrected, not only looked at."""
        return self.severity != "verify"

    @property
    def place(self) -> str:
        """The cell in words: ``D13``, 第1个表第3行第2列, 第4段."""
        found = _ADDRESS.fullmatch(self.cell)
        told = self.cell
        if found and (found["table"] or found["line"]):
            told = say("word_cell" if found["table"] else "word_line", "returns", **found.groupdict())
        return told + say("hidden", "returns") if self.is_hidden else told


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """A file of the unit that items name; ``name`` is unique among them.

    One whose owner is not certain is not enclosed, nor are materials, which nobody marks.
    """

    file_id: str
    path: str
    name: str
    format: str
    sha256: str
    is_enclosed: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class UnitReturn:
    """All that goes back to one unit: the items, the files they name, and each paper's last round."""

    unit: Unit
    items: tuple[Item, ...]
    files: tuple[ReturnedFile, ...]
    papers: tuple[Mapping[str, Any], ...]

    def count(self, severity: str, paper: str = "") -> int:
        """How many items have that severity, of one paper or of all."""
        return sum(i.severity == severity and paper in ("", i.paper) for i in self.items)


def spot(cell: str) -> Spot | None:
    """Where a stored address lies; None for what is no address."""
    found = _ADDRESS.fullmatch(cell)
    if found is None:
        return None
    if found["letters"]:
        return "", int(found["number"]), column_index_from_string(found["letters"])
    if found["table"]:
        return f"t{found['table']}", int(found["row"]), int(found["column"])
    return "p", int(found["line"]), 1


def unit_returns(config: CycleConfig, tables: Frames) -> list[UnitReturn]:
    """The units that have something to correct or to look at, in roster order.

    Only papers that units send count: their forms, their materials, and whatever else lies in their folders; issues of
    teams' and office's papers never do, and no text names another unit.
    """
    issues, rounds = _own_issues(config, tables), _last_rounds(config, tables["submissions"])
    by_unit = dict(iter(issues.groupby("unit_id")))
    named = [(unit, by_unit[unit.unit_id]) for unit in config.units if unit.unit_id in by_unit]
    of_unit = dict(iter(rounds.groupby("unit_id")))
    return [_unit_return(config, u, its, of_unit.get(u.unit_id, rounds.head(0))) for u, its in named]


def paper_name(config: CycleConfig, form_id: str) -> str:
    """附件1; the title in its marks where a form has no number; 其他文件 where it is none of the forms."""
    form = config.forms.get(form_id)
    return say("other_files", "returns") if form is None else form.number or f"《{form.title}》"


def _own_issues(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    files = tables["files"][["file_id", "path", "format", "sha256", "state"]]
    issues = returned_issues(config, tables["issues"], files).merge(files, on="file_id", how="left")
    place = ["file_id", "sheet", "cell"]
    ids = issues["file_id"].dropna().unique()
    seen = schemas()["cells"].frame_of(as_tables(tables).rows("cells", "file_id", ids, [*place, "is_hidden"]))
    return issues.assign(is_certain=issues["code"] != OWNER).merge(seen, on=place, how="left")


def _last_rounds(config: CycleConfig, submissions: pd.DataFrame) -> pd.DataFrame:
    last = submissions.sort_values("round", kind="stable").groupby(["unit_id", "form_id"]).tail(1)
    order = list(config.forms)
    return last.sort_values("form_id", key=lambda ids: ids.map(order.index), kind="stable")


def _unit_return(config: CycleConfig, unit: Unit, issues: pd.DataFrame, rounds: pd.DataFrame) -> UnitReturn:
    order, mask = list(config.forms), name_mask(config, unit.unit_id, say("another_unit", "returns"))

    def hidden(text: str) -> str:
        return displayable(mask(text))

    told = issues.astype(object).where(issues.notna(), "").to_dict("records")
    rows = sorted(told, key=lambda row: _rank(row, order))
    names = dict(_unique_names({row["file_id"]: row["path"] for row in rows if row["file_id"]}))
    items = tuple(
        Item(
            number, _paper(config, row), row["file_id"], names.get(row["file_id"], ""), row["sheet"], row["cell"],
            hidden(row["value_seen"]), hidden(row["message"]), hidden(row["remedy"]), row["severity"],
            row["is_hidden"] is True,
        )
        for number, row in enumerate(rows, start=1)
    )  # fmt: skip
    facts = {row["file_id"]: row for row in rows if row["file_id"]}
    files = tuple(
        ReturnedFile(
            file_id, row["path"], names[file_id], row["format"], row["sha256"],
            bool(row["is_certain"] and row["sha256"] and row["state"] != "material"),
            tuple(item for item in items if item.file_id == file_id),
        )
        for file_id, row in facts.items()
    )  # fmt: skip
    papers = [{**row, "paper": paper_name(config, row["form_id"])} for row in rounds.to_dict("records")]
    return UnitReturn(unit, items, files, tuple(papers))


def _paper(config: CycleConfig, row: Mapping[str, Any]) -> str:
    if row["state"] == "material":
        return say("material", "returns")
    return paper_name(config, row["form_id"])


def _rank(row: Mapping[str, Any], forms: Sequence[str]) -> tuple[Any, ...]:
    """Paper by paper, file by file, what concerns the whole before its cells, and these as they are read."""
    paper = forms.index(row["form_id"]) if row["form_id"] in forms else len(forms)
    is_material = row["state"] == "material"
    place = spot(row["cell"]) or ("", 0, 0)
    last = place, SEVERITIES.index(row["severity"]), row["message"]
    return (is_material, paper, row["path"], row["sheet"], *last)


def _unique_names(paths: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """File names without their folders, as every system takes them; a second one of the same name gets a number."""
    names = {file_id: file_name(PurePosixPath(path).name) for file_id, path in paths.items()}
    by_name = sorted(names, key=lambda file_id: (names[file_id].casefold(), paths[file_id]))
    for _, same in groupby(by_name, key=lambda file_id: names[file_id].casefold()):
        for number, file_id in enumerate(same, start=1):
            name = PurePosixPath(names[file_id])
            yield file_id, name.name if number == 1 else f"{name.stem}（{number}）{name.suffix}"
