"""The published bulletin, spoilt and improved as people do it in Word, and held to the data again."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.documents.check import Report, check_document
from lianzheng.documents.sources import Source, read_sources
from lianzheng.tables import Tables
from tests.edited import FAULTS, HARMLESS, edited
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("bureau")
EDITIONS = ("bulletin", "bulletin_anonymous")


class Checked:
    """An edition of the bulletin as published, and what it is held against."""

    def __init__(self, bureau: Project, edition: str) -> None:
        self.config: CycleConfig = load_config(2018, bureau.folder)
        self.tables = Tables(self.config.data_processed)
        self.data = (bureau.reports / f"{edition}.docx").read_bytes()
        self.sources: dict[str, Source] = read_sources(
            (bureau.reports / f"{edition}.sources.csv").read_bytes()
        )

    def report(self, data: bytes) -> Report:
        return check_document(data, self.config, self.tables, self.sources)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_published_has_no_fault_and_every_number_was_held(bureau: Project, edition: str) -> None:
    checked = Checked(bureau, edition)
    report = checked.report(checked.data)
    assert (report.faults, report.notes) == ((), ())
    assert report.paper.bookmarks.keys() == checked.sources.keys() and len(checked.sources) > 150


def test_every_planted_fault_is_found_and_nothing_else(bureau: Project) -> None:
    checked = Checked(bureau, "bulletin")
    found = {
        name: {fault.code for fault in checked.report(edited(checked.data, edit)).faults}
        for name, (_, edit) in FAULTS.items()
    }
    assert len(found) >= 40
    assert {name: codes for name, codes in found.items() if codes != {FAULTS[name][0]}} == {}


def test_no_harmless_edit_is_accused(bureau: Project) -> None:
    checked = Checked(bureau, "bulletin")
    accused = {
        name: [fault.message for fault in checked.report(edited(checked.data, edit)).faults]
        for name, edit in HARMLESS.items()
    }
    assert len(accused) >= 20 and {name: told for name, told in accused.items() if told} == {}


def test_the_command_marks_a_copy_and_leaves_the_paper_alone(bureau: Project) -> None:
    folder = bureau.folder / "edited"
    folder.mkdir(exist_ok=True)
    paper, (_, edit) = folder / "通报.docx", FAULTS["number_changed"]
    paper.write_bytes(edited((bureau.reports / "bulletin.docx").read_bytes(), edit))
    kept = paper.read_bytes()
    done = bureau.command("check-document", str(paper))
    assert done.returncode == 3 and "（标注）.docx" in done.stdout
    assert paper.read_bytes() == kept and (folder / "通报（标注）.docx").is_file()
    clean = bureau.command("check-document", str(bureau.reports / "bulletin.docx"))
    assert (
        clean.returncode == 0 and clean.stdout.count("合格") == 5 and not list(bureau.reports.glob("*标注*"))
    )
