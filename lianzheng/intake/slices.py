"""The bureau slice by slice: some units at a time with the files about them, so that memory does not grow with the roster."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config import CycleConfig
from lianzheng.intake.assemble import Row, Target, add_tallies, assemble
from lianzheng.intake.ballot_files import check_ballots
from lianzheng.intake.ballot_tables import ANSWERS, BALLOTS
from lianzheng.intake.checks import GRAVITY, Checked
from lianzheng.intake.corrections import Applied, settle_corrections
from lianzheng.intake.cross_checks import check_statistics, missing_team_scores, unjudged
from lianzheng.intake.ledger import LINES
from lianzheng.intake.materials import check_materials, evidence_rows
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.issues import Issue
from lianzheng.tables import arrange, schemas

UNITS_AT_ONCE = 100
CASES = "cases"
"""The one list whose rows are told apart by numbers of their own, over all units: it belongs to the first slice."""


class Sink(Protocol):
    """Takes tables slice by slice."""

    def add(self, name: str, part: pa.Table, again: Callable[[], pa.Table] | None = None) -> None:
        """Take more rows of a table, conform and sorted by key; ``again`` reads the same."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some units of the roster, every file that says anything about them, and which of its records are asked for."""

    units: tuple[str, ...]
    files: list[Received]
    is_asked: Callable[[Record], bool]

    @property
    def own(self) -> list[Received]:
        """The files of these units themselves."""
        return [file for file in self.files if file.unit_id in self.units]


@dataclass(slots=True)
class Bureau:
    """What is kept from slice to slice: lines for the ledger, findings, cases, issues, and what cells fill that wait."""

    config: CycleConfig
    sink: Sink
    corrected: dict[Target, Applied]
    submissions: Sequence[Row]
    materials: Sequence[Received]
    lines: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    targets: dict[Target, str] = field(default_factory=dict)
    passed_on: set[int] = field(default_factory=set)

    def add(self, name: str, rows: Iterable[Row] | pa.Table) -> None:
        """Bring rows to their table's columns, and pass them on."""
        self.sink.add(name, arrange(name, rows, self.config.cycle.cycle))

    def add_packed(self, name: str, rows: Callable[[], pa.Table | pa.RecordBatch]) -> None:
        """The same for rows that lie in the spool, and can be read from there again."""
        cycle = self.config.cycle.cycle
        self.sink.add(name, arrange(name, rows(), cycle), lambda: arrange(name, rows(), cycle))


def slices_of(files: Sequence[Received], config: CycleConfig) -> list[Slice]:
    """The roster in order of ids, so many units at once; what names no unit of it belongs to the first slice."""
    ids = sorted(unit.unit_id for unit in config.units)
    number = {unit_id: place // UNITS_AT_ONCE for place, unit_id in enumerate(ids)}
    held: list[list[Received]] = [[] for _ in range(-(-len(ids) // UNITS_AT_ONCE))]
    for file in files:
        about = {number.get(unit_id or "", 0) for unit_id in (file.unit_id, *(file.units or ()))}
        about |= {0} if file.tables is None or CASES in file.tables else set()
        for place in range(len(held)) if file.units is None else about:
            held[place].append(file)

    def asked_in(place: int) -> Callable[[Record], bool]:
        def is_asked(record: Record) -> bool:
            named = number.get(record.values.get("unit_id") or "", 0)
            return place == (0 if record.into == CASES else named)

        return is_asked

    return [
        Slice(tuple(ids[place * UNITS_AT_ONCE : (place + 1) * UNITS_AT_ONCE]), held[place], asked_in(place))
        for place in range(len(held))
    ]


def settle_slice(part: Slice, bureau: Bureau) -> None:
    """Put a slice's rows together, judge them between files, and pass them on with the cells that they came from."""
    config, own = bureau.config, part.own
    units = set(part.units)
    rows, targets = assemble(part.files, config, part.is_asked)
    add_tallies(rows, own, config)
    differing, counted = check_ballots(rows, part.files, own, config)
    unseen = missing_team_scores(rows, config, units)
    rows.setdefault("evidence_by_unit_class", []).extend(evidence_rows(own))
    narrow = dataclasses.replace(config, units=tuple(unit for unit in config.units if unit.unit_id in units))
    scores = rows.get("scores_by_unit_item_scorer", [])
    lacking, judged = check_materials(bureau.materials, scores, narrow)
    voted = [file for file in own if file.ballots]
    ids = {file_id for file_id, *_ in bureau.corrected}
    targets |= {place: target for file in voted if file.file_id in ids for place, target in file.targets()}
    corrected = {place: bureau.corrected.pop(place) for place in list(bureau.corrected) if place in targets}
    rows["corrections"] = settle_corrections(corrected, rows, targets, config)
    bureau.cases += rows.get(CASES, [])
    check_statistics({**rows, CASES: bureau.cases}, own, config)
    submissions = [row for row in bureau.submissions if row["unit_id"] in units]
    rows["checks"] = [*check_rows(own), *counted, *judged, *unjudged(submissions, own)]
    bureau.issues += [*differing, *unseen, *lacking]
    bureau.findings += rows.get("findings", [])
    bureau.lines += rows.pop(LINES, [])
    for name, found in rows.items():
        bureau.add(name, found)
    for ballots in (ballots for file in voted for ballots in file.ballots):  # memory holds those of one file
        for name in (BALLOTS, ANSWERS):
            bureau.add_packed(name, ballots.tables[name].batch)
    _pass_on_cells(part, targets, bureau)


def _pass_on_cells(part: Slice, targets: Mapping[Target, str], bureau: Bureau) -> None:
    """Cells of files that are about these units only; the rest waits until every slice has said what they fill."""
    units = set(part.units)
    done = [file for file in part.own if (file.units or {None}) <= units and LINES not in (file.tables or ())]
    bureau.passed_on |= set(map(id, done))
    bureau.add("cells", cells_table([file for file in done if not file.ballots], targets))
    for file in (file for file in done if file.ballots):
        places = {(file.file_id, sheet, cell) for record in file.records for sheet, cell, _ in record.cells}
        own = {place: targets[place] for place in places if place in targets}
        bureau.add_packed("cells", functools.partial(cells_table, [file], own))
    waiting = {file.file_id for file in part.files if id(file) not in bureau.passed_on}
    bureau.targets |= {place: target for place, target in targets.items() if place[0] in waiting}


def cells_table(files: Iterable[Received], targets: Mapping[Target, str]) -> pa.Table:
    """Every non-empty cell of recognised forms, with what it fills."""
    batches = []
    for file in files:
        batch = file.cell_batch()
        target = batch.column("target") if file.ballots else pa.nulls(len(batch), pa.string())
        if file.records:
            places = zip(batch.column("sheet").to_pylist(), batch.column("cell").to_pylist(), strict=True)
            found = [targets.get((file.file_id, *place)) for place in places]
            target = pc.coalesce(target, pa.array(found, pa.string()))
        batch = batch.set_column(batch.schema.get_field_index("target"), "target", target)
        batches.append(batch.append_column("file_id", pa.repeat(pa.scalar(file.file_id), len(batch))))
    return pa.Table.from_batches(batches) if batches else schemas()["cells"].arrow.empty_table()


def check_rows(files: Sequence[Received]) -> list[dict[str, Any]]:
    """A check's gravest outcome on a unit's form, which may have come in several files or sheets."""
    gravest: dict[tuple[str, str, str], Checked] = {}
    for file in files:
        for checked in file.checks if file.unit_id and file.is_counted else ():
            known = gravest.setdefault((file.unit_id, file.form_id, checked.check_id), checked)
            if GRAVITY.index(checked.outcome) > GRAVITY.index(known.outcome):
                gravest[file.unit_id, file.form_id, checked.check_id] = checked
    return [
        {"unit_id": u, "form_id": f, "check_id": c, "outcome": checked.outcome, "issue_id": checked.issue_id or None}
        for (u, f, c), checked in gravest.items()
    ]  # fmt: skip
