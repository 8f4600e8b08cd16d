"""The clean bureau accuses nobody, in whatever format its papers come; nor does the messy but faultless one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import files as demo
from lianzheng.demo.bureau import Bureau, draw_bureau
from lianzheng.demo.papers import Paper, questionnaire_papers, team_papers, unit_papers
from lianzheng.demo.xls import as_xls
from lianzheng.forms import Layout, as_csv, as_docx, as_xlsx
from lianzheng.forms.outgoing import unit_files
from lianzheng.intake import run, run_intake
from lianzheng.intake.files import make_setup, read_received
from lianzheng.intake.received import Received
from lianzheng.intake.run import Intake, list_received
from lianzheng.tables import schemas
from tests import formats
from tests.filled import FilledBook, FilledDocument
from tests.projects import REPOSITORY

Files = dict[str, bytes]
Write = Callable[[Layout], bytes]
SCORES, STATISTICS = "scores_by_unit_item_scorer", "statistics_by_unit_category_measure"
READ = (SCORES, STATISTICS, "tallies_by_unit_question_option", "answers_by_ballot_question", "ballot_counts", "findings",
        "highlights", "evidence_by_unit_class", "site_visits", "interviews", "submissions")  # fmt: skip
WHERE = {"file_id", "sheet", "cell", "raw_text", "ballot_id", "sha256"}  # what differs with the file

# Ending, how it is written, whether it holds several sheets.
FORMATS: dict[str, tuple[str, Write, bool]] = {
    "xlsx": ("xlsx", as_xlsx, True), "xlsm": ("xlsm", formats.as_xlsm, True), "xls": ("xls", as_xls, True), "et": ("et", as_xls, True),
    "ods": ("ods", formats.as_ods, True), "SpreadsheetML": ("xls", formats.as_spreadsheetml, True), "docx": ("docx", as_docx, False),
    "csv": ("csv", lambda layout: as_csv(layout, "utf-8"), False),
    "csv BOM": ("csv", lambda layout: as_csv(layout, "utf-8-sig"), False),
    "csv GB18030": ("csv", lambda layout: as_csv(layout, "gb18030"), False),
    "HTML": ("xls", lambda layout: formats.as_html(layout, "gb18030", "gb2312"), False), "mht": ("mht", formats.as_mht, False),
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A bureau without faults: its papers, and the files in the formats that the demo draws."""

    config: CycleConfig
    bureau: Bureau
    papers: list[Paper]
    files: Files

    def written(self, ending: str, write: Write, has_sheets: bool) -> Files:
        """All files, the units' forms, the teams' sheets and the tallies in one format; receipts name the new files.

        The teams' lists stay as they are in Word, where tables of hundreds of rows take long to write.
        """
        files, names = dict(self.files), {}
        for paper in self.papers:
            layouts = (
                [] if ending == "docx" and paper.form.scope == "team" else self._layouts(paper, has_sheets)
            )
            if not layouts:
                continue
            del files[paper.path]
            names[paper.path] = f"{paper.stem}.{ending}"
            for number, layout in enumerate(layouts):
                files[f"{paper.stem}{number or ''}.{ending}"] = write(layout)
        return with_receipts(files, names)

    def _layouts(self, paper: Paper, has_sheets: bool) -> list[Layout]:
        """What makes a file: where a format has one sheet, each tally; nothing where a form needs several sheets."""
        layout = paper.lay_out(self.bureau.rng("mess", paper.path))
        sheets = [sheet for sheet in layout.sheets if sheet.cells]
        if has_sheets or len(sheets) == 1:
            return [layout]
        return [replace(layout, sheets=(sheet,)) for sheet in sheets if paper.form.form_id == "tally"]


def with_receipts(files: Files, names: Mapping[str, str]) -> Files:
    """The files, with other names in the office's list of receipts."""
    text = files["office/receipts.csv"].decode("utf-8")
    for old, new in names.items():
        text = text.replace(f"{old},", f"{new},")
    return {**files, "office/receipts.csv": text.encode("utf-8")}


def make(config: CycleConfig, is_clean: bool) -> Sample:
    """The sample bureau of 24 units; its papers are made before the files, which tell the bureau of materials."""
    bureau = draw_bureau(config, 2018)
    for step in demo.STEPS:
        step(bureau)
    papers = [*unit_papers(bureau, is_clean), *team_papers(bureau, is_clean), *questionnaire_papers(bureau)]
    files = demo.make_sample(config, 2018, is_clean).files
    assert {paper.path for paper in papers} <= set(files)
    return Sample(config, bureau, papers, files)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> CycleConfig:
    folder = tmp_path_factory.mktemp("accused")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    return load_config(2018, folder)


@pytest.fixture(scope="module")
def clean(config: CycleConfig) -> Sample:
    return make(config, is_clean=True)


@pytest.fixture(scope="module")
def messy(config: CycleConfig) -> Iterator[Sample]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo, "plant", lambda planting: None)
        yield make(config, is_clean=False)


@pytest.fixture(scope="module", autouse=True)
def _in_this_process() -> Iterator[None]:
    """Files are read where the test runs: starting workers takes longer than reading."""

    def read_all(config: CycleConfig, *unused: object) -> list[Received]:
        setup = make_setup(config)
        return [read_received(config.data_raw, path, setup) for path in list_received(config.data_raw)]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "read_all", read_all)
        yield


def read(config: CycleConfig, files: Files) -> Intake:
    """What intake makes of these files."""
    shutil.rmtree(config.data_raw, ignore_errors=True)
    for name, data in files.items():
        (config.data_raw / name).parent.mkdir(parents=True, exist_ok=True)
        (config.data_raw / name).write_bytes(data)
    return run_intake(config)


def accusations(intake: Intake) -> list[tuple[str, str, str, str]]:
    """The issues that ask anything of anyone: file, place, code, sentence."""
    paths = intake.frames["files"].set_index("file_id")["path"]
    return [
        (paths.get(issue.source.file_id, ""), f"{issue.source.sheet}!{issue.source.cell}", issue.code, issue.message)
        for issue in intake.issues if issue.severity != "note"
    ]  # fmt: skip


def values(intake: Intake, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table without the place that they come from, in an order of their own."""
    frame = intake.frames[table]
    kept = [name for name in schemas()[table].names if name not in WHERE]
    rows = frame[kept].astype(object).where(frame[kept].notna(), None)
    return sorted(rows.itertuples(index=False, name=None), key=repr)


@pytest.fixture(scope="module")
def expected(clean: Sample) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that the clean bureau comes to, as the demo writes it; test_truth.py holds them against the truth."""
    intake = read(clean.config, clean.files)
    assert accusations(intake) == []
    return {table: values(intake, table) for table in READ}


FIGURES = {SCORES: "points", STATISTICS: "value"}


def figures(rows: list[tuple[Any, ...]], table: str, name: str) -> dict[tuple[Any, ...], Any]:
    """Key and figure of each row; how it was written (3次, 无) is another matter."""
    names = [column for column in schemas()[table].names if column not in WHERE]
    keys = [names.index(key) for key in schemas()[table].key]
    return {tuple(row[key] for key in keys): row[names.index(name)] for row in rows}


def agree(
    intake: Intake, expected: Mapping[str, list[tuple[Any, ...]]], tables: tuple[str, ...] = READ
) -> None:
    """Nobody is accused, and that is not because nothing was read."""
    assert accusations(intake) == []
    files = intake.frames["files"].set_index("path")
    assert files.loc[~files["state"].isin(["read", "material", "office"]), "state"].to_dict() == {}
    for table in tables:
        assert values(intake, table) == expected[table], table


def agree_in_figures(intake: Intake, expected: Mapping[str, list[tuple[Any, ...]]]) -> None:
    """Every score and every statistic is what was meant, however it was written."""
    for table, name in FIGURES.items():
        assert figures(values(intake, table), table, name) == figures(expected[table], table, name)


@pytest.mark.parametrize("name", FORMATS)
def test_the_clean_bureau_accuses_nobody(
    name: str, clean: Sample, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    agree(read(clean.config, clean.written(*FORMATS[name])), expected)


def filled_blanks(sample: Sample, ending: str) -> Files:
    """The units' forms as our own blanks, filled by hand."""
    files, names = dict(sample.files), {}
    for paper in (paper for paper in sample.papers if paper.form.sender == "unit"):
        unit = sample.config.unit(paper.unit_id)
        blanks = unit_files(sample.config, unit)
        blank = next(d for n, d in blanks.items() if f"/{paper.form.number}_" in n and n.endswith(ending))
        hand = (FilledBook if ending == "xlsx" else FilledDocument)(paper.form, blank)
        header = {name: value for name, value in paper.header.items() if name not in ("year", "unit_id")}
        hand.header(**header).fill(paper.matrix)
        assert len(hand.cells) >= len(paper.matrix)
        del files[paper.path]
        names[paper.path] = f"{paper.stem}.{ending}"
        files[names[paper.path]] = hand.saved()
    return with_receipts(files, names)


@pytest.mark.parametrize("ending", ["xlsx", "docx"])
def test_our_own_blank_forms_filled_by_hand_accuse_nobody(
    ending: str, clean: Sample, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    intake = read(clean.config, filled_blanks(clean, ending))
    agree(intake, expected, tuple(table for table in READ if table not in FIGURES))
    agree_in_figures(intake, expected)


@pytest.mark.needs_libreoffice
def test_old_word_files_accuse_nobody(
    clean: Sample, expected: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    """.doc, which LibreOffice opens: each costs a start of the program, so not of all units."""
    papers = [paper for paper in clean.papers if paper.form.sender == "unit"][3:6]
    names = [f"{number}.docx" for number in range(len(papers))]
    for paper, name in zip(papers, names, strict=True):
        (tmp_path / name).write_bytes(as_docx(paper.lay_out(clean.bureau.rng("mess", paper.path))))
    made = formats.by_libreoffice(tmp_path, "doc", *names)
    files = {name: data for name, data in clean.files.items() if name not in [paper.path for paper in papers]}
    files |= {f"{paper.stem}.doc": path.read_bytes() for paper, path in zip(papers, made, strict=True)}
    agree(read(clean.config, with_receipts(files, {p.path: f"{p.stem}.doc" for p in papers})), expected)


@pytest.mark.parametrize("name", ["as drawn", "ods", "HTML", "csv GB18030"])
def test_the_messy_but_faultless_bureau_accuses_nobody(
    name: str, messy: Sample, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    files = messy.written(*FORMATS[name]) if name in FORMATS else messy.files
    intake = read(messy.config, files)
    agree(intake, expected, ())
    agree_in_figures(intake, expected)
