"""One file → what it says: the steps from bytes to records; this is what runs in a worker process."""

from __future__ import annotations

import functools
import itertools
import traceback
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from lianzheng.config import CycleConfig
from lianzheng.forms.ledger_places import LEDGER
from lianzheng.intake.ballot_files import cells_of, evidence_of, group_named, read_around, unit_of_exports
from lianzheng.intake.ballots import read_ballots
from lianzheng.intake.books import measure, read_book
from lianzheng.intake.cells import Book, Grid
from lianzheng.intake.checks import run_checks
from lianzheng.intake.corrections import Becomes, corrected_book
from lianzheng.intake.entries import read_form
from lianzheng.intake.exports import NOTHING, Export, Known, find_exports, known_of
from lianzheng.intake.form_maps import KnownForms
from lianzheng.intake.formats import BROKEN
from lianzheng.intake.margins import header_records
from lianzheng.intake.materials import Catalogue, make_catalogue, served_by
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords
from lianzheng.intake.places import kind_of_place, shown_path
from lianzheng.intake.praise import split_findings
from lianzheng.intake.proposals import Proposal, propose
from lianzheng.intake.reading import Lookups, Reading, is_options, make_lookups
from lianzheng.intake.received import (  # fmt: skip
    IN_FOLDER,
    CellRow,
    Received,
    file_id_of,
    form_of_name,
    is_material,
    unit_of_path,
)
from lianzheng.intake.recognise import Recognition, form_codes, recognise, split_copies, split_forms
from lianzheng.intake.records import HIDDEN_TEXT, keep_discreet, make_records, report_glyphs, tally_counts
from lianzheng.intake.self_reports import find_report, read_report
from lianzheng.issues import Issue
from lianzheng.names import plain

_BY_CODE = "表样是发给“{}”的"
_COPY = "这是整改台账的副本，台账只在 data/office 中读取"


@dataclass(frozen=True)
class Setup:
    """What every file is read with; made once and given to every worker."""

    config: CycleConfig
    known: KnownForms
    lookups: Lookups
    catalogue: Catalogue
    questions: Known
    is_ledger: bool = False
    passwords: Passwords = NO_PASSWORDS


def make_setup(config: CycleConfig, is_ledger: bool = False) -> Setup:
    """Prepare forms and closed lists of a cycle, or of the ledger, which is told by its place."""
    forms = [form for form in config.forms.values() if form.form_id == LEDGER or not is_ledger]
    known = KnownForms([form for form in forms if form.tables], config.layouts)
    questions = known_of(config.questionnaire) if config.questionnaire else NOTHING
    return Setup(config, known, make_lookups(config), make_catalogue(config), questions, is_ledger)


def read_received(root: Path, path: str, setup: Setup, becomes: Becomes | None = None) -> Received:
    """Read, recognise and take apart one file, perhaps with corrected cells; what is wrong with it becomes an issue."""
    place, name, limits = root / path, shown_path(root, path), setup.config.cycle.limits
    try:
        if kind := kind_of_place(place):
            book = Book(str(place), format="other", problem_code="unreadable_file", problem_detail=kind)
        elif is_material(name, setup.config.cycle.materials_folders):
            return _material(measure(place, limits), name, setup)
        else:
            book = read_book(place, limits, setup.passwords.of(name, setup.config))
        return from_book(corrected_book(book, becomes) if becomes else book, name, setup)
    except BROKEN as error:  # nobody's fault but ours
        return _failed(name, error, setup)


def _failed(name: str, error: BaseException, setup: Setup) -> Received:
    """A file that met a fault of our own program; where in it, and nothing of what the file says."""
    *_, last = traceback.extract_tb(error.__traceback__)
    received = Received(name, file_id_of(name), "", 0, "other")
    received.unit_id = unit_of_path(name, setup.config)
    received.form_id = form_of_name(name, setup.config.forms)
    seen = f"{type(error).__name__}，{Path(last.filename).name} 第 {last.lineno} 行"
    received.report("check_failed_to_run", seen, detail="读取文件")
    return received


def _material(book: Book, path: str, setup: Setup) -> Received:
    if book.problem_code:
        return from_book(book, path, setup)
    suffix = PurePosixPath(path).suffix.lower().lstrip(".")
    received = Received(path, file_id_of(path), book.sha256, book.size_bytes, suffix or "other", "material")
    received.unit_id = unit_of_path(path, setup.config)
    received.serves = served_by(path, setup.catalogue)
    return received


def from_book(book: Book, path: str, setup: Setup) -> Received:
    """What a book says; the steps from cells to records. ``path`` as :func:`shown_path` gives it."""
    received = Received(path, file_id_of(path), book.sha256, book.size_bytes, book.format)
    received.unit_id = unit_of_path(path, setup.config)
    if book.problem_code:
        received.form_id = form_of_name(path, setup.config.forms)
        received.report(book.problem_code, book.format, detail=book.problem_detail)
        return received
    options = [grid for grid in book.grids if is_options(grid, setup.lookups)]
    book.grids = [grid for grid in book.grids if grid not in options]
    received = _from_grids(received, book, setup)
    if received.cells:
        received.take(
            cells=[row for grid in options for row in _cell_rows(grid, defaultdict(lambda: "label"))]
        )
        if book.idle and received.is_counted:
            received.report("idle_content", book.idle, detail=book.idle)
    return received


def _from_grids(received: Received, book: Book, setup: Setup) -> Received:
    exports = tuple(find_exports(book, setup.questions))
    if exports:
        return _from_exports(received, book, exports, setup)
    recognition = recognise(book, setup.known)
    is_form = recognition is not None and recognition.placements
    report = None if is_form else find_report(book, setup.config.all_forms, setup.config)
    if report is not None:
        fates = read_report(received, report, setup.config)
        received.cells = list(_cell_rows(report.grid, fates)) if fates else []
        return received
    if not is_form:
        proposal = propose(book, setup.known) if recognition or not form_codes(book) else None
        if proposal and (recognition is None or recognition.map.form.form_id == proposal.map.form.form_id):
            return _unknown_layout(received, proposal)
    if recognition is None:
        return _unrecognised(received, book)
    if recognition.map.form.form_id == LEDGER and not setup.is_ledger:
        received.state = "unrecognised"
        received.report("unknown_form", book.grids[0].name, detail=_COPY)
        return received
    return _from_forms(received, recognition, book, setup)


def _from_forms(received: Received, recognition: Recognition, book: Book, setup: Setup) -> Received:
    """A book's form, and beside it the other forms that stand on sheets of their own."""
    others = split_forms(book, recognition, setup.known)
    taken = {grid.name for part, _ in others for grid in part.grids}
    if taken:
        received.also = tuple(_from_form(received.beside(), other, part, setup) for part, other in others)
        book = replace(book, grids=[grid for grid in book.grids if grid.name not in taken])
        recognition = recognise(book, setup.known) or recognition
    return _from_form(received, recognition, book, setup)


def _unrecognised(received: Received, book: Book) -> Received:
    received.state = "unrecognised"
    seen = "、".join(f"{grid.name}（{len(grid.cells)} 格）" for grid in book.grids if grid.cells)
    detail = f"文件为 {book.format} 格式，内容有{seen}，没有认出表题和列名"
    received.report("unknown_form", seen[:40], detail=detail)
    return received


def _unknown_layout(received: Received, proposal: Proposal) -> Received:
    """A form that the unit wrote in its own way: one issue that says what was found and what mapping to add."""
    received.state, received.form_id = "unrecognised", proposal.map.form.form_id
    seen, words = "、".join(proposal.headers)[:40], {"detail": proposal.detail, "expected": proposal.line}
    received.report("unknown_layout", seen, proposal.sheet, **words)
    return received


def _from_form(received: Received, recognition: Recognition, book: Book, setup: Setup) -> Received:
    form = recognition.map.form
    received.form_id, received.version = form.form_id, recognition.version
    received.evidence = recognition.evidence
    received.state, received.is_counted = "office" if form.sender == "office" else "read", True
    folder_unit = received.unit_id if form.scope == "unit" else ""
    coded_unit = _unit_of_code(recognition, setup.config)
    for part, found in split_copies(book, recognition, setup.known):
        reading = read_form(found, part, received.file_id, setup.lookups, folder_unit or coded_unit)
        received.unit_id = reading.unit_id
        reading.issues = [replace(issue, unit_id=reading.unit_id) for issue in reading.issues]
        if _is_other_year(received, found, reading, setup.config.cycle.cycle):
            return received
        _report_unit(reading, {IN_FOLDER: folder_unit, _BY_CODE: coded_unit}, setup.config)
        split_findings(reading, setup.config.findings)
        report_glyphs(reading)
        received.checks += run_checks(reading)
        received.take([*make_records(reading), *tally_counts(reading), *header_records(reading)])
        keep_discreet(reading)
        received.issues += reading.issues
        received.take(cells=[row for grid in part.grids for row in _cell_rows(grid, reading.fates)])
    received.issues = _with_units(received)
    return received


def _is_other_year(received: Received, recognition: Recognition, reading: Reading, cycle: int) -> bool:
    """Whether title, version or 年度 name another year: then nothing of the file counts."""
    said = reading.header.get("year")
    written = said.value.value if said and isinstance(said.value.value, float) else cycle
    year = recognition.year or int(written)
    if year == cycle:
        return False
    place = recognition.year_at if recognition.year else (said.sheet, said.cell) if said else ("", "")
    received.state, received.is_counted = "wrong_year", False
    received.records, received.issues, received.cells, received.checks = [], [], [], []
    received.report("wrong_year", str(year), *place, expected=cycle)
    return True


def _unit_of_code(recognition: Recognition, config: CycleConfig) -> str:
    """The unit that the blank form was made for; empty where its code names none of the roster."""
    owner = recognition.code.owner if recognition.code else ""
    return owner if config.has_unit(owner) else ""


def _report_unit(reading: Reading, told: Mapping[str, str], config: CycleConfig) -> None:
    """The unit inside counts, then the folder's, then the code's; where they differ, somebody has to look."""
    written = reading.header.get("unit_id")
    others = {place: unit_id for place, unit_id in told.items() if unit_id not in ("", reading.unit_id)}
    if not others or (written is not None and written.value.value is None):
        return
    if written is None:  # the folder's unit counts, and the code says another
        seen = config.unit(others[_BY_CODE]).name
        place, detail = ("", ""), "表样编号的单位"
        others = {IN_FOLDER: reading.unit_id}
    else:
        seen, place, detail = written.text, (written.sheet, written.cell), "表内填表单位"
    expected = "，".join(place.format(config.unit(unit_id).name) for place, unit_id in others.items())
    reading.report("unit_differs", *place, seen, expected=expected, detail=detail)


def _with_units(received: Received) -> list[Issue]:
    """Issues with their unit: that of the record that the cell belongs to, else the file's."""
    units = {
        (sheet, cell): record.values.get("unit_id") for record in received.records for sheet, cell, _ in record.cells
    }  # fmt: skip
    return [
        replace(issue, unit_id=units.get((issue.source.sheet, issue.source.cell)) or received.unit_id)
        for issue in received.issues
    ]  # fmt: skip


def _cell_rows(grid: Grid, fates: Mapping[tuple[str, str], str]) -> list[CellRow]:
    name, cells = grid.name, itertools.chain(*grid.rows().values())
    return [
        (name, c.address, c.text, c.raw_type, c.number_format, c.merged_range, c.is_hidden, fates[name, c.address]) for c in cells
    ]  # fmt: skip


def _from_exports(received: Received, book: Book, exports: tuple[Export, ...], setup: Setup) -> Received:
    received.exports = exports
    received.form_id = "questionnaire"
    known = next((map_ for map_ in setup.known.maps if map_.form.form_id == "tally"), setup.known.maps[0])
    rules = setup.config.questionnaire
    if rules is None or not unit_of_exports(received, setup.config):
        received.state = "unrecognised"
        received.report("unknown_unit", PurePosixPath(received.path).stem)
        return received
    received.state, received.is_counted = "read", True
    for number, export in enumerate(exports):
        group = group_named((received.path, export.sheet), export, setup.lookups.choices["rater_groups"])
        matched = read_ballots(received, export, rules, group, number)
        received.evidence += (evidence_of(export, matched),)
        read_around(received, export, known, functools.partial(_names, setup=setup))
        words = setup.questions.options | setup.questions.groups
        received.take(cells=cells_of(received, export, matched, words))
    for grid in (grid for grid in book.grids if grid not in [export.grid for export in exports]):
        first = next((cell for cell in grid.cells.values() if cell.text.strip()), None)
        if first is not None:
            received.report("unread_cell", HIDDEN_TEXT, grid.name, first.address)
            received.take(cells=_cell_rows(grid, defaultdict(lambda: "issue")))
    return received


def _names(text: str, setup: Setup) -> bool:
    """Whether a text above ballots names a unit or a group of raters."""
    groups = (word for word in setup.questions.groups if len(word) > 1)
    is_group = any(word in plain(text) for word in groups)
    return is_group or setup.config.unit_index.find_inside(text) is not None


def read_in_worker(path: str | Path, root: Path, setup: Setup) -> Received:
    """Read one file below ``root`` in a worker process."""
    received = read_received(root, Path(path).relative_to(root).as_posix(), setup)
    received.exports = ()  # the ballots stand in the records; no need to send them twice
    return received.pack()
