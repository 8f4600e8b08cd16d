"""Faults planted into the papers: each provokes its code at a known cell, and nothing else that is not listed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from lianzheng.config import CycleConfig
from lianzheng.demo.bureau import Bureau, Row
from lianzheng.demo.materials import MATERIAL_CHANGES, Material
from lianzheng.demo.papers import Paper, Records
from lianzheng.forms import Key, Layout, Placed, Sheet

EXTRA: Key = ("extra", "", "")
CUT = 1500  # bytes that are left of a file that broke off
Spec = dict[str, Any]
Place = tuple[Paper | str, Key | None]  # a paper or the path of a stray file, and what in it


@dataclass
class Planting:
    """The papers, the receipts' lines, materials, stray files by path, and what is planted where: (code, place, spec)."""

    bureau: Bureau
    papers: list[Paper]
    receipts: Records
    materials: list[Material] = field(default_factory=list)
    strays: dict[str, bytes] = field(default_factory=dict)
    planted: list[tuple[str, Place, Spec]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def receipt(self, paper: Paper) -> Row:
        """The line of the receipts that names a paper."""
        return next(line for line in self.receipts if line["file"] == paper.path)


def plant(planting: Planting) -> None:
    """Plant the list of ``faults.yml``, the choosiest first; what finds no fitting paper is left out."""
    specs = yaml.safe_load(Path(__file__).with_name("faults.yml").read_text(encoding="utf-8"))
    for spec in sorted(specs, key=lambda spec: "least" not in spec):
        free = [p for p in planting.papers if id(p) not in planting.used or spec["how"] == "overlap"]
        papers = [paper for paper in free if _fits(planting, paper, spec)]
        if papers:
            paper = planting.bureau.rng("fault", spec["code"], spec["how"], spec["form"]).choice(papers)
            planting.used.add(id(paper))
            if spec["how"] in _EDITS:
                paper.edits.append(partial(_EDITS[spec["how"]], spec=spec))
            place = _CHANGES.get(spec["how"], lambda *_: None)(planting, paper, spec)
            place = place or (paper, _key(spec.get("report", spec.get("at"))))
            planting.planted.append((spec["code"], place, spec))
            planting.planted += [(code, (paper, _key(at)), {}) for code, at in spec.get("also", {}).items()]


def note_zero_returns(planting: Planting) -> None:
    """An all-zero return is no fault, but it is noted: list it for every paper that will be read."""
    unread = _unread(planting)
    for paper in planting.papers:
        problems = [key for key in paper.matrix if key[0] == "problems" and key[1] != "total"]
        if problems and all(paper.matrix[key] == 0 for key in problems) and id(paper) not in unread:
            planting.planted.append(("all_zero_return", (paper, problems[0]), {}))


def _unread(planting: Planting) -> set[int]:
    """Papers that will be turned away or were superseded."""
    planted = [(paper, spec) for _, (paper, _), spec in planting.planted]
    return {id(p) for p, spec in planted if spec.get("lost") == {} or spec.get("how") == "older_version"}


def listed(planting: Planting) -> list[Row]:
    """The planted list, once the papers are written: file, sheet, cell, code, whose, and what is lost with it."""
    rows = []
    for code, (paper, key), spec in planting.planted:
        path = paper if isinstance(paper, str) else paper.path if paper.layout else ""
        row = {"file": path, "sheet": "", "cell": "", "code": code, "unit_id": "", "form_id": ""}
        if isinstance(paper, Paper):
            row |= {"unit_id": paper.unit_id, "form_id": paper.form.form_id}
            row |= dict(zip(("sheet", "cell"), paper.place(key), strict=True)) if key else {}
        rows.append(row | {name: value for name, value in spec.items() if name == "lost"})
    return sorted(rows, key=lambda row: (row["file"], row["cell"], row["code"]))


def _key(at: Any) -> Key | None:
    return (at[0], at[1], at[2]) if at else None


def _fits(planting: Planting, paper: Paper, spec: Spec) -> bool:
    """Whether a paper is of the right form and format, and holds what the fault changes."""
    is_read = paper.written_as == "xlsx" or bool(paper.form.parts)
    is_read |= paper.written_as != "docx" and spec["how"] not in ("truncated", "hidden_text")
    if paper.form.form_id != spec["form"] or not is_read:
        return False
    if spec.get("of") == "largest_type" and not _is_of_largest_type(planting.bureau.config, paper.unit_id):
        return False
    if spec["how"] == "overlap":
        return id(paper) not in _unread(planting) and _overlapping(planting.bureau, paper.unit_id) is not None
    is_old_needed = spec["how"] in ("set", "add", "no_paper")
    olds = [_old(paper, key) for key in _places(paper, spec)] if is_old_needed else [0]
    olds = [old or None for old in olds] if spec["how"] == "no_paper" else olds
    return any(old is not None and ("least" not in spec or old >= spec["least"]) for old in olds)


def _is_of_largest_type(config: CycleConfig, unit_id: str) -> bool:
    """Whether a unit is of the type that is visited most, where a missing total leaves enough units to rank."""
    types = Counter(config.unit(visit.unit_id).unit_type for visit in config.visits)
    return config.unit(unit_id).unit_type == types.most_common(1)[0][0]


def _places(paper: Paper, spec: Spec) -> list[Key]:
    table, row, column = spec["at"]
    if table in paper.records:
        return [(table, row, column)] if int(row) <= len(paper.records[table]) else []
    keys = [key for key in paper.matrix if key[0] == table]
    return [key for key in keys if row in ("*", key[1]) and column in ("*", key[2])]


def _old(paper: Paper, key: Key) -> Any:
    if key[0] in paper.records:
        return paper.records[key[0]][int(key[1]) - 1].get(key[2])
    return paper.matrix.get(key)


def _set(planting: Planting, paper: Paper, spec: Spec) -> None:
    """Another value in a cell: a given one, or the old one moved by a number."""
    for key in _places(paper, spec):
        old = _old(paper, key)
        new = round(old + spec["by"], 2) if "by" in spec else spec["value"]
        new = new.format(old=f"{old:g}" if isinstance(old, float) else old) if isinstance(new, str) else new
        if key[0] in paper.records:
            paper.records[key[0]][int(key[1]) - 1][key[2]] = new
        else:
            paper.matrix[key] = new


def _header(planting: Planting, paper: Paper, spec: Spec) -> None:
    paper.header[spec["at"][1]] = spec["value"]


def _wrong_year(planting: Planting, paper: Paper, spec: Spec) -> None:
    year = planting.bureau.config.cycle.cycle
    title = paper.form.title.replace(str(year), str(year - 1))
    paper.form = paper.form.model_copy(update={"title": title, "version": str(year - 1)})


def _older_version(planting: Planting, paper: Paper, spec: Spec) -> Place:
    """The same form once more, received before, with one figure that was corrected since."""
    older = replace(paper, stem=f"{paper.stem}（初稿）", matrix=dict(paper.matrix), edits=[])
    _set(planting, older, spec)
    line = planting.receipt(paper)
    earlier = line["received_at"] - dt.timedelta(days=4)
    planting.receipts.append({**line, "file": older.path, "received_at": earlier})
    planting.papers.append(older)
    planting.used.add(id(older))
    return older, None


def _copied(planting: Planting, paper: Paper, spec: Spec) -> Place:
    """The same file once more under another name."""
    planting.papers.append(replace(paper, stem=f"{paper.stem}（副本）"))
    planting.used.add(id(planting.papers[-1]))
    return planting.papers[-1], None


def _misplaced(planting: Planting, paper: Paper, spec: Spec) -> None:
    """The file lies in the folder of another unit."""
    line = planting.receipt(paper)
    others = [p for p in planting.papers if p.form is paper.form and p.unit_id != paper.unit_id]
    folder = planting.bureau.rng("misplaced").choice(others).stem.rpartition("/")[0]
    paper.stem = f"{folder}/{paper.stem.rpartition('/')[2]}（代转）"
    line["file"] = paper.path


def _truncated(planting: Planting, paper: Paper, spec: Spec) -> None:
    paper.cut = CUT


def _never_sent(planting: Planting, paper: Paper, spec: Spec) -> None:
    """Neither the form nor a line in the receipts."""
    planting.receipts.remove(planting.receipt(paper))
    planting.papers.remove(paper)


def _receipt(planting: Planting, paper: Paper, spec: Spec) -> None:
    """No line in the receipts, or one with other facts; ``received_at`` in days after the deadline."""
    line = planting.receipt(paper)
    if spec["value"] is None:
        planting.receipts.remove(line)
        return
    line |= spec["value"]
    if "received_at" in spec["value"]:
        late = planting.bureau.config.cycle.deadline + dt.timedelta(days=spec["value"]["received_at"])
        line["received_at"] = dt.datetime.combine(late, dt.time(9, 20))


def _again(planting: Planting, paper: Paper, spec: Spec) -> Place:
    """A row of a list once more: the same, with other values, or about a unit that nobody visits."""
    table, _, column = spec["at"]
    new = {**paper.records[table][0], **spec.get("value", {})}
    if spec["how"] == "stranger":
        visited = {visit.unit_id for visit in planting.bureau.config.visits}
        new[column] = next(unit.name for unit in planting.bureau.config.units if unit.unit_id not in visited)
    paper.records[table].append(new)
    return paper, (table, str(len(paper.records[table])), column)


def _overlapping(bureau: Bureau, unit_id: str) -> tuple[Row, str] | None:
    """A closed case of the unit, and a category in which the unit reports problems of its own accord."""
    cases = bureau.rows("cases", unit_id, state="closed")
    figures = bureau.rows(
        "statistics_by_unit_category_measure", unit_id, period="this", measure_id="n_problems"
    )
    reported = [row["category_id"] for row in figures if row["value"] and row["category_id"] != "total"]
    return (cases[0], reported[0]) if cases and reported else None


def _overlap(planting: Planting, paper: Paper, spec: Spec) -> Place:
    """The ledger has a closed case of a kind that the unit reports too: that is the truth, and worth a question."""
    found = _overlapping(planting.bureau, paper.unit_id)
    assert found, "the paper fits"
    case, category = found
    lines = [line for other in planting.papers for line in other.records.get("cases", ())]
    for line in (case, *(line for line in lines if line["case_id"] == case["case_id"])):
        line["category_id"] = category
    return paper, ("problems", category, "n_problems")


def _stray(planting: Planting, paper: Paper, spec: Spec) -> Place:
    """A file that is no form, beside the paper."""
    path = f"{paper.stem.rpartition('/')[0]}/{spec['file']}"
    planting.strays[path] = spec["value"].encode()
    planting.used.discard(id(paper))
    return path, None


def _drop(layout: Layout, spec: Spec) -> Layout:
    """Without a row (all its cells that it does not share) or without a column."""
    table, row, column = spec["at"]
    if row == "*":
        return layout.change(lambda c: None if any((k[0], k[2]) == (table, column) for k in c.keys) else c)
    gone = layout.find((table, row, ""))[1].row
    return layout.change(lambda c: None if c.row == gone and c.n_rows == 1 else c)


def _row_above(layout: Layout, spec: Spec) -> Layout:
    """With a row that the form does not have, of zeros, above the one at ``at``."""
    label = layout.find(_key(spec["at"]) or EXTRA)[1]
    line = [c for c in layout.sheets[0].cells if c.row == label.row and c.role == "value"]
    new = [replace(label, value=spec["value"], keys=(EXTRA,)), *(replace(c, value=0, keys=()) for c in line)]
    return _with(layout.change(lambda c: replace(c, row=c.row + (c.row >= label.row))), *new)


def _with(layout: Layout, *new: Placed) -> Layout:
    first, *others = layout.sheets
    return replace(layout, sheets=(replace(first, cells=(*first.cells, *new)), *others))


def _column_right(layout: Layout, spec: Spec) -> Layout:
    label = layout.find(_key(spec["at"]) or EXTRA)[1]
    return _with(layout, replace(label, column=label.column + 1, value=spec["value"], keys=(EXTRA,)))


def _beside(layout: Layout, spec: Spec) -> Layout:
    sheet, cell = layout.find(_key(spec["at"]) or EXTRA)
    return _with(layout, Placed(cell.row, sheet.n_columns + 2, spec["value"], "note", keys=(EXTRA,)))


def _hidden(layout: Layout, spec: Spec) -> Layout:
    hidden = Sheet("备份", (Placed(1, 1, spec["value"], "note", keys=(EXTRA,)),), is_hidden=True)
    return replace(layout, sheets=(*layout.sheets, hidden))


_CHANGES: dict[str, Callable[[Planting, Paper, Spec], Place | None]] = {
    "set": _set, "add": _set, "header": _header, "wrong_year": _wrong_year, "older_version": _older_version, "copied": _copied, "misplaced": _misplaced,
    "truncated": _truncated, "never_sent": _never_sent, "receipt": _receipt, "again": _again, "stranger": _again, "stray": _stray, "overlap": _overlap,
    **MATERIAL_CHANGES,
}  # fmt: skip
_EDITS: dict[str, Callable[..., Layout]] = {
    "drop": _drop, "insert_row": _row_above, "extra_column": _column_right, "loose_text": _beside, "hidden_text": _hidden,
}  # fmt: skip
