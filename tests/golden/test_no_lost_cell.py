"""Nothing is lost: every non-empty cell of every recognised file is a value, a printed label, an issue, or stands aside.

The proof itself is in no_lost_cell.py; it takes neither the reader's word for what stands in a file nor for a label.
"""

from __future__ import annotations

import functools
import io
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import write_demo
from lianzheng.forms import as_docx, as_xlsx
from lianzheng.forms.blank import blank_form
from lianzheng.intake import converters, files, run, run_intake
from lianzheng.intake.cells import Described, GridDraft, Place
from lianzheng.intake.reading import Reading
from tests.filled import FilledBook, FilledDocument
from tests.forms.accepts import ACCEPTS
from tests.forms.cases import FOLDER, Accept, Reject
from tests.forms.harness import Desk, kept
from tests.forms.rejects import REJECTS
from tests.forms.test_reject import seen_and_gone
from tests.golden.no_lost_cell import Proof
from tests.projects import REPOSITORY
from tests.unit.forms.test_blank import BLANKS
from tests.unit.forms.test_outgoing import meant

MOST_UNREAD_SHARE = 0.005
NEEDS_CONVERTER = (".doc", ".wps")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    project = tmp_path_factory.mktemp("desk")
    shutil.copytree(FOLDER / "config", project / "config")
    return Desk(load_config(2018, project), kept(FOLDER / "base"))


def proof_of(case: Reject | Accept, desk: Desk) -> Proof:
    """The proof for a case's files as they lie in the repository, beside the base papers."""
    places = zip(case.files, case.stored(), strict=True)
    laid = {path: (FOLDER / place).read_bytes() for path, place in places}
    desk.lay_out(laid, getattr(case, "without", ()))
    passwords = dict.fromkeys(case.files, "2018") if getattr(case, "passwords", "") else {}
    intake, _ = desk.read(getattr(case, "passwords", ""))
    return Proof(intake.frames, desk.config.project, 2018, passwords)


def test_nothing_of_the_accepted_files_is_lost_and_hardly_anything_unread(desk: Desk) -> None:
    faults, n_unread, n = {}, 0, 0
    for case in ACCEPTS:
        proof = proof_of(case, desk)
        if found := proof.faults():
            faults[case.name] = found
        unread, own = proof.unread(set(case.files))
        n_unread, n = n_unread + unread, n + own
    assert faults == {}
    assert n > 4_000 and n_unread <= MOST_UNREAD_SHARE * n, (
        f"{n_unread} of {n} cells are unread: {n_unread / n:.3%}"
    )


@pytest.mark.parametrize("case", REJECTS, ids=lambda case: case.name)
def test_nothing_of_a_rejected_file_is_lost(
    case: Reject, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.is_withdrawn:
        monkeypatch.setattr(run, "list_received", functools.partial(seen_and_gone, desk, case.path))
    monkeypatch.setattr(converters, "find_program", lambda: None)
    assert proof_of(case, desk).faults() == []


def bureau(folder: Path, *, is_clean: bool) -> Proof:
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = load_config(2018, folder)
    write_demo(config, is_clean=is_clean)
    return Proof(run_intake(config, n_workers=1).frames, folder, 2018, {})


@pytest.mark.parametrize("is_clean", [True, False], ids=["clean", "messy"])
def test_nothing_of_a_bureau_is_lost(is_clean: bool, tmp_path: Path) -> None:
    proof = bureau(tmp_path, is_clean=is_clean)
    assert proof.n_cells > 30_000
    assert proof.faults() == []
    if is_clean:
        assert proof.unread({file["path"] for file in proof.files})[0] == 0


def filled_forms(config: CycleConfig) -> dict[str, bytes]:
    """The blank forms that go out, filled in by hand as .xlsx and as .docx."""
    found = {}
    for unit, ending in zip(config.units[:2], ("xlsx", "docx"), strict=True):
        for form_id in ("standard", "statistics"):
            form = config.forms[form_id]
            layout = blank_form(config, form, unit.unit_id, {"unit_id": unit.name})
            blank = (
                FilledBook(form, as_xlsx(layout))
                if ending == "xlsx"
                else FilledDocument(form, as_docx(layout))
            )
            values = {
                (table.table_id, row.row_id, column.column_id): 0
                for table in form.tables for row in table.rows if row.is_required
                for column in table.columns if column.value not in ("text", "choice")
            }  # fmt: skip
            said = {
                "unit_id": unit.name,
                "year": 2018,
                "filled_by": "王一",
                "reviewed_by": "李二",
                "filled_on": "2018年11月20日",
            }
            blank.header(**said).fill(values)
            found[f"units/{unit.name}/{form.number}.{ending}"] = blank.saved()
    for form_id in BLANKS.keys() - {"standard", "statistics"}:
        book = load_workbook(io.BytesIO(as_xlsx(BLANKS[form_id])))
        for sheet, address, written, _ in meant(form_id, BLANKS[form_id]):
            book[sheet][address] = written
        buffer = io.BytesIO()
        book.save(buffer)
        found[f"teams/{config.teams[0].name}/{form_id}.xlsx"] = buffer.getvalue()
    return found


@pytest.fixture
def filled(tmp_path: Path) -> tuple[CycleConfig, Path]:
    """A project whose only files are our own forms, filled in."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    config = load_config(2018, tmp_path)
    for path, data in filled_forms(config).items():
        (config.data_raw / path).parent.mkdir(parents=True, exist_ok=True)
        (config.data_raw / path).write_bytes(data)
    return config, tmp_path


def test_nothing_of_our_own_forms_is_lost_and_nothing_unread(filled: tuple[CycleConfig, Path]) -> None:
    config, folder = filled
    proof = Proof(run_intake(config, n_workers=1).frames, folder, 2018, {})
    assert {file["state"] for file in proof.files} == {"read"} and proof.n_cells > 900
    assert proof.faults() == []
    assert proof.unread({file["path"] for file in proof.files})[0] == 0


BELOW = (
    "备注：另有1起尚在核实",
    "注：数据截至11月",
    "另附说明",
    "本表由办公室汇总 填表人：王一",
    "审核人：赵六",
)
"""Free words below the table, one of them before a field, and a field that says something else than it did above."""


def test_free_remarks_reach_somebody(filled: tuple[CycleConfig, Path]) -> None:
    config, folder = filled
    path = config.data_raw / f"units/{config.units[0].name}/附件2.xlsx"
    book = load_workbook(path)
    first = book.worksheets[0]
    header = next(row for row in range(1, 12) if first.cell(row, 2).value == "问题类别")
    edge = first.max_column + 1
    words = {(header, edge): "备注", (header + 3, edge): "已退回", (header + 4, edge + 2): "待核"}
    last = first.max_row
    words |= {(last + 2 + i, 1): text for i, text in enumerate(BELOW)}
    for (row, column), text in words.items():
        first.cell(row, column).value = text
    book.create_sheet("情况说明")["B2"] = "本单位无此类问题"
    book.save(path)
    proof = Proof(run_intake(config, n_workers=1).frames, folder, 2018, {})
    assert proof.faults() == []
    [file] = [file for file in proof.files if config.data_raw / file["path"] == path]
    cells = proof.frames["cells"]
    cells = cells[cells["file_id"] == file["file_id"]]
    fates = dict(zip(cells["raw_text"], cells["fate"], strict=True))
    free = [*words.values(), "本单位无此类问题"]
    assert {text: fates[text] for text in free} == dict.fromkeys(free, "issue")


# That the proof can fail: whatever the reader loses or makes light of is found.
def lose_a_cell(patch: pytest.MonkeyPatch) -> None:
    keep = GridDraft.put_all

    def losing(self: GridDraft, cells: Mapping[Place, Described]) -> None:
        keep(self, {place: cell for place, cell in cells.items() if place != (9, 4)})

    patch.setattr(GridDraft, "put_all", losing)


def mark_instead_of_issue(patch: pytest.MonkeyPatch, other: str) -> None:
    mark = Reading.mark
    patch.setattr(
        Reading,
        "mark",
        lambda self, grid, cells, fate: mark(self, grid, cells, other if fate == "issue" else fate),
    )


def call_all_labels(patch: pytest.MonkeyPatch) -> None:
    mark_instead_of_issue(patch, "label")


def tell_nobody(patch: pytest.MonkeyPatch) -> None:
    report = Reading.report
    patch.setattr(
        Reading,
        "report",
        lambda self, code, *place, **words: (
            None if code == "unread_cell" else report(self, code, *place, **words)
        ),
    )


def put_aside(patch: pytest.MonkeyPatch) -> None:
    mark_instead_of_issue(patch, "aside")


def drop_a_record(patch: pytest.MonkeyPatch) -> None:
    make = files.make_records
    patch.setattr(files, "make_records", lambda reading: make(reading)[1:])


def change_a_value(patch: pytest.MonkeyPatch) -> None:
    make = files.make_records

    def changed(reading: Reading) -> list[object]:
        first, *others = make(reading)
        changed = {name: 4711.0 for name in ("value", "points") if first.values.get(name) is not None}
        return [first._replace(values=first.values | changed), *others]

    patch.setattr(files, "make_records", changed)


BREAKS = (lose_a_cell, call_all_labels, tell_nobody, put_aside, drop_a_record, change_a_value)


@pytest.mark.parametrize("breaks", BREAKS, ids=lambda breaks: breaks.__name__)
def test_the_proof_fails_where_the_reader_does(
    breaks: object, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    [case] = [case for case in REJECTS if case.name == "unread_cell__remark_beside_the_table"]
    assert proof_of(case, desk).faults() == []
    breaks(monkeypatch)
    assert proof_of(case, desk).faults() != []
