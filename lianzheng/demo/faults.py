"""Faults planted into the papers: each provokes its code at a known cell, and nothing else that is not listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from lianzheng.demo.bureau import Bureau, Row
from lianzheng.demo.papers import Paper, Records
from lianzheng.forms import Key, Layout, Placed, Sheet
from lianzheng.forms.layout import Scalar

EXTRA: Key = ("extra", "", "")
CUT = 1500  # bytes that are left of a file that broke off
Spec = dict[str, Any]


@dataclass
class Planting:
    """The papers, the lines of the receipts, and what is planted: (code, paper or stray path, key, spec)."""

    bureau: Bureau
    papers: list[Paper]
    receipts: Records
    planted: list[tuple[str, Paper | str, Key | None, Spec]] = field(default_factory=list)
    strays: dict[str, bytes] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def add(self, code: str, paper: Paper | str, key: Key | None, spec: Spec) -> None:
        """Remember a planted fault."""
        self.planted.append((code, paper, key, spec))

    def receipt(self, paper: Paper) -> dict[str, Scalar]:
        """The line of the receipts that names a paper."""
        return next(line for line in self.receipts if line["file"] == paper.path)


def plant(planting: Planting) -> None:
    """Plant the list of ``faults.yml``, the choosiest first; what finds no fitting paper is left out."""
    specs = yaml.safe_load(Path(__file__).with_name("faults.yml").read_text(encoding="utf-8"))
    for spec in sorted(specs, key=lambda spec: "least" not in spec):
        paper = _fitting(planting, spec)
        if paper is None:
            continue
        planting.used.add(id(paper))
        _HOW[spec["how"]](planting, paper, spec)
        if spec["how"] not in _OWN_LIST:
            planting.add(spec["code"], paper, _key(spec.get("report", spec.get("at"))), spec)
        for code, at in spec.get("also", {}).items():
            planting.add(code, paper, _key(at), {})


def note_zero_returns(planting: Planting) -> None:
    """An all-zero return is no fault, but it is noted: list it for every paper that will be read."""
    unread = {
        id(paper)
        for _, paper, _, spec in planting.planted
        if spec.get("lost") == {} or spec.get("how") == "older_version"
    }
    for paper in planting.papers:
        problems = {
            key: value for key, value in paper.matrix.items() if key[0] == "problems" and key[1] != "total"
        }
        if problems and not any(value != 0 for value in problems.values()) and id(paper) not in unread:
            planting.add("all_zero_return", paper, next(iter(problems)), {})


def listed(planting: Planting) -> list[Row]:
    """The planted list, once the papers are written: file, sheet, cell, code, whose, and what is lost with it."""
    rows = []
    for code, paper, key, spec in planting.planted:
        if isinstance(paper, str):
            rows.append({"file": paper, "sheet": "", "cell": "", "code": code, "unit_id": "", "form_id": ""})
            continue
        sheet, cell = paper.place(key) if key else ("", "")
        whose = {"unit_id": paper.unit_id, "form_id": paper.form.form_id} | {
            k: v for k, v in spec.items() if k == "lost"
        }
        rows.append({"file": paper.path, "sheet": sheet, "cell": cell, "code": code, **whose})
    return sorted(rows, key=lambda row: (row["file"], row["cell"], row["code"]))


def _key(at: Any) -> Key | None:
    return (at[0], at[1], at[2]) if at else None


def _fitting(planting: Planting, spec: Spec) -> Paper | None:
    """A paper of the right form that has no fault yet and holds what the fault changes."""
    papers = [
        p for p in planting.papers if p.form.form_id == spec.get("form", "standard") and _holds(p, spec)
    ]
    papers = [p for p in papers if id(p) not in planting.used or spec["how"] == "stray"]
    return (
        planting.bureau.rng("fault", spec["code"], spec["how"], spec.get("form")).choice(papers)
        if papers
        else None
    )


def _holds(paper: Paper, spec: Spec) -> bool:
    if paper.written_as == "docx" or (
        spec["how"] in ("truncated", "hidden_text") and paper.written_as != "xlsx"
    ):
        return False
    if spec["how"] not in ("set", "add"):
        return True
    olds = [_old(paper, key) for key in _places(paper, spec)]
    return any(
        old is not None and ("least" not in spec or float(old) >= spec["least"])
        for old in olds
        if not isinstance(old, dt.date)
    )


def _places(paper: Paper, spec: Spec) -> list[Key]:
    table, row, column = spec["at"]
    if table in paper.records:
        return [(table, row, column)] if int(row) <= len(paper.records[table]) else []
    return [
        key for key in paper.matrix if key[0] == table and row in ("*", key[1]) and column in ("*", key[2])
    ]


def _old(paper: Paper, key: Key) -> Any:
    return (
        paper.records[key[0]][int(key[1]) - 1].get(key[2])
        if key[0] in paper.records
        else paper.matrix.get(key)
    )


def _set(planting: Planting, paper: Paper, spec: Spec) -> None:
    """Another value in a cell: a given one, or the old one moved by a number."""
    for key in _places(paper, spec):
        old = _old(paper, key)
        new = round(old + spec["by"], 2) if spec["how"] != "set" else spec["value"]
        new = new.format(old=f"{old:g}" if isinstance(old, float) else old) if isinstance(new, str) else new
        if key[0] in paper.records:
            paper.records[key[0]][int(key[1]) - 1][key[2]] = new
        else:
            paper.matrix[key] = new


def _header(planting: Planting, paper: Paper, spec: Spec) -> None:
    paper.header[spec["at"][1]] = spec["value"]


def _drop(planting: Planting, paper: Paper, spec: Spec) -> None:
    """Take away a row (all its cells that it does not share) or a column."""
    table, row, column = spec["at"]

    def edit(layout: Layout) -> Layout:
        if column != "*":
            return layout.change(
                lambda c: None if any((k[0], k[2]) == (table, column) for k in c.keys) else c
            )
        gone = layout.find((table, row, ""))[1].row
        return layout.change(lambda c: None if c.row == gone and c.n_rows == 1 else c)

    paper.edits.append(edit)


def _add_cells(
    make: Callable[[Layout, Spec], tuple[Sheet, list[Placed]]],
) -> Callable[[Planting, Paper, Spec], None]:
    """An edit that adds the cells that ``make`` finds a place for to their sheet."""

    def plant_cells(planting: Planting, paper: Paper, spec: Spec) -> None:
        def edit(layout: Layout) -> Layout:
            sheet, cells = make(layout, spec)
            others = tuple(other for other in layout.sheets if other.name != sheet.name)
            return replace(layout, sheets=(replace(sheet, cells=(*sheet.cells, *cells)), *others))

        paper.edits.append(edit)

    return plant_cells


def _row_above(layout: Layout, spec: Spec) -> tuple[Sheet, list[Placed]]:
    """A row that the form does not have, with zeros, above the one at ``at``."""
    sheet, label = layout.find(_key(spec["at"]) or EXTRA)
    line = [c for c in sheet.cells if c.row == label.row and c.role == "value"]
    moved = tuple(replace(c, row=c.row + (c.row >= label.row)) for c in sheet.cells)
    new = [replace(label, value=spec["value"], keys=(EXTRA,)), *(replace(c, value=0, keys=()) for c in line)]
    return replace(sheet, cells=moved), new


def _column_right(layout: Layout, spec: Spec) -> tuple[Sheet, list[Placed]]:
    sheet, label = layout.find(_key(spec["at"]) or EXTRA)
    return sheet, [replace(label, column=label.column + 1, value=spec["value"], keys=(EXTRA,))]


def _beside(layout: Layout, spec: Spec) -> tuple[Sheet, list[Placed]]:
    sheet, cell = layout.find(_key(spec["at"]) or EXTRA)
    return sheet, [Placed(cell.row, sheet.n_columns + 2, spec["value"], "note", keys=(EXTRA,))]


def _hidden(planting: Planting, paper: Paper, spec: Spec) -> None:
    sheet = Sheet("备份", (Placed(1, 1, spec["value"], "note", keys=(EXTRA,)),), is_hidden=True)
    paper.edits.append(lambda layout: replace(layout, sheets=(*layout.sheets, sheet)))


def _wrong_year(planting: Planting, paper: Paper, spec: Spec) -> None:
    year = str(planting.bureau.config.cycle.cycle)
    last = str(planting.bureau.config.cycle.previous_cycle or int(year) - 1)
    paper.form = paper.form.model_copy(
        update={"title": paper.form.title.replace(year, last), "version": last}
    )


def _older_version(planting: Planting, paper: Paper, spec: Spec) -> None:
    """The same form once more, received before, with one figure that was corrected since."""
    older = replace(
        paper, stem=f"{paper.stem}（初稿）", matrix=dict(paper.matrix), edits=[], layout=Layout("", ())
    )
    _set(planting, older, spec)
    received = planting.receipt(paper)["received_at"]
    assert isinstance(received, dt.datetime)
    line = {**planting.receipt(paper), "file": older.path, "received_at": received - dt.timedelta(days=4)}
    planting.receipts.append(line)
    planting.papers.append(older)
    planting.add(spec["code"], older, None, spec)


def _misplaced(planting: Planting, paper: Paper, spec: Spec) -> None:
    """The file lies in the folder of another unit."""
    line = planting.receipt(paper)
    others = [p for p in planting.papers if p.form is paper.form and p.unit_id != paper.unit_id]
    folder = planting.bureau.rng("misplaced").choice(others).stem.rpartition("/")[0]
    paper.stem = f"{folder}/{paper.stem.rpartition('/')[2]}（代转）"
    line["file"] = paper.path


def _truncated(planting: Planting, paper: Paper, spec: Spec) -> None:
    paper.cut = CUT
    planting.add(spec["code"], paper, None, spec)


def _receipt(planting: Planting, paper: Paper, spec: Spec) -> None:
    """No line in the receipts, or one with other facts; ``received_at`` in days after the deadline."""
    line = planting.receipt(paper)
    planting.add(spec["code"], paper, None, spec)
    if spec["value"] is None:
        planting.receipts.remove(line)
        return
    line |= spec["value"]
    if isinstance(days := spec["value"].get("received_at"), int):
        late = planting.bureau.config.cycle.deadline + dt.timedelta(days=days)
        line["received_at"] = dt.datetime.combine(late, dt.time(9, 20))


def _again(planting: Planting, paper: Paper, spec: Spec) -> None:
    """A row of a list once more: the same, with other values, or about a unit that nobody visits."""
    table, _, column = spec["at"]
    records = paper.records[table]
    new = {**records[0], **spec.get("value", {})}
    if spec["how"] == "stranger":
        visited = {visit.unit_id for visit in planting.bureau.config.visits}
        new[column] = next(
            (unit.name for unit in planting.bureau.config.units if unit.unit_id not in visited), ""
        )
    records.append(new)
    planting.add(spec["code"], paper, (table, str(len(records)), column), spec)


def _stray(planting: Planting, paper: Paper, spec: Spec) -> None:
    path = f"{paper.stem.rpartition('/')[0]}/{spec['file']}"
    planting.strays[path] = spec["value"].encode()
    planting.add(spec["code"], path, None, spec)


_HOW: dict[str, Callable[[Planting, Paper, Spec], None]] = {
    "set": _set, "add": _set, "header": _header, "drop": _drop, "insert_row": _add_cells(_row_above),
    "extra_column": _add_cells(_column_right), "loose_text": _add_cells(_beside), "hidden_text": _hidden,
    "wrong_year": _wrong_year, "older_version": _older_version, "misplaced": _misplaced, "truncated": _truncated,
    "receipt": _receipt, "again": _again, "stranger": _again, "stray": _stray,
}  # fmt: skip
_OWN_LIST = (
    "older_version",
    "truncated",
    "receipt",
    "again",
    "stranger",
    "stray",
)  # these list what they plant
