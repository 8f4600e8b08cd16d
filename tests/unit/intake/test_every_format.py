"""The same filled forms in every format: the same records, and nobody is accused of anything."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lianzheng.demo.bureau import draw_bureau
from lianzheng.demo.files import STEPS
from lianzheng.demo.papers import unit_papers
from lianzheng.demo.xls import as_xls
from lianzheng.forms import Layout, as_csv, as_docx, as_xlsx
from lianzheng.intake.books import read_book
from lianzheng.intake.files import read_received
from tests import formats
from tests.unit.intake.sample import config, setup

FORMS = ("standard", "statistics")
PASSWORD = "2018-示例"
LINEAGE = ("file_id", "sheet", "cell", "raw_text")
Record = tuple[str, tuple[tuple[str, Any], ...]]

# Ending as the unit wrote it, what the file is, how it is written.
WRITTEN: list[tuple[str, str, Callable[[Layout], bytes]]] = [
    ("xlsm", "xlsm", formats.as_xlsm), ("xls", "xls", as_xls), ("et", "xls", as_xls), ("docx", "docx", as_docx),
    ("csv", "csv", lambda layout: as_csv(layout, "utf-8")), ("bom.csv", "csv", lambda layout: as_csv(layout, "utf-8-sig")),
    ("gbk.csv", "csv", lambda layout: as_csv(layout, "gb18030")), ("utf16.txt", "csv", lambda layout: as_csv(layout, "utf-16")),
    ("ods", "ods", formats.as_ods), ("fods", "fods", formats.as_fods), ("html.xls", "html", formats.as_html),
    ("gbk.xls", "html", lambda layout: formats.as_html(layout, "gb18030", "gb2312")),
    ("bare.xls", "html", lambda layout: formats.as_html(layout, "gb18030", "")),
    ("utf16.xls", "html", lambda layout: formats.as_html(layout, "utf-16")),
    ("mht", "mht", formats.as_mht), ("xml.xls", "spreadsheetml", formats.as_spreadsheetml),
    ("word.xlsx", "docx", as_docx), ("book.docx", "xlsx", as_xlsx), ("csv.xlsx", "csv", as_csv), ("ods.xls", "ods", formats.as_ods),
    ("old.xlsx", "xls", as_xls), ("new.xls", "xlsx", as_xlsx), ("noending", "spreadsheetml", formats.as_spreadsheetml),
]  # fmt: skip

BY_LIBREOFFICE = [
    ("xlsx", "ods"), ("xlsx", "fods"), ("xlsx", "xls"), ("xlsx", "xlsm"), ("xlsx", "html"),
    ("docx", "html"), ("docx", "doc"), ("docx", "rtf"), ("docx", "odt"),
]  # fmt: skip


@functools.cache
def layouts() -> dict[str, Layout]:
    """附件1 and 附件2 of a unit of the sample bureau as it really filled them, without mess and faults."""
    bureau = draw_bureau(config(), 2018)
    for step in STEPS:
        step(bureau)
    papers = {
        paper.form.form_id: paper for paper in unit_papers(bureau, is_clean=True) if paper.unit_id == "U007"
    }
    return {form_id: papers[form_id].lay_out(bureau.rng("mess")) for form_id in FORMS}


def said(root: Path, path: str) -> tuple[list[Record], list[str]]:
    """What a received file says, lineage apart, and the issues that go back to its unit."""
    received = read_received(root, path, setup())
    assert (received.state, received.is_counted, received.unit_id) == ("read", True, "U007")
    records = [
        (record.into, tuple((k, v) for k, v in sorted(record.values.items()) if k not in LINEAGE))
        for record in received.records
    ]
    return sorted(records, key=repr), [i.message for i in received.issues if i.severity != "note"]


@functools.cache
def expected(form_id: str, folder: Path) -> list[Record]:
    (folder / f"{form_id}.xlsx").write_bytes(as_xlsx(layouts()[form_id]))
    records, issues = said(folder, f"{form_id}.xlsx")
    assert issues == []
    return records


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("U007")


def test_the_filled_forms_hold_what_formats_may_lose(folder: Path) -> None:
    """Else the test below would prove nothing: fractions, shares, texts, and numbers that are not zero."""
    numbers = {
        cell.value
        for layout in layouts().values()
        for cell in layout.sheets[0].cells
        if cell.role == "value" and isinstance(cell.value, int | float)
    }
    assert len(numbers) > 8
    assert any(isinstance(number, float) and number % 1 for number in numbers)
    assert [len(expected(form_id, folder)) for form_id in FORMS] == [36, 139]  # four of them header fields


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize(("ending", "format_", "write"), WRITTEN, ids=[ending for ending, *_ in WRITTEN])
def test_a_form_reads_the_same(
    folder: Path, form_id: str, ending: str, format_: str, write: Callable[[Layout], bytes]
) -> None:
    name = f"{form_id}.{ending}"
    (folder / name).write_bytes(write(layouts()[form_id]))
    assert read_book(folder / name).format == format_
    assert said(folder, name) == (expected(form_id, folder), [])


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize(("source", "target"), BY_LIBREOFFICE, ids="→".join)
def test_a_form_reads_the_same_as_another_program_writes_it(
    folder: Path, tmp_path: Path, source: str, target: str
) -> None:
    names = [f"U007 {form_id}.{source}" for form_id in FORMS]
    for form_id, name in zip(FORMS, names, strict=True):
        write = as_xlsx if source == "xlsx" else as_docx
        (tmp_path / name).write_bytes(write(layouts()[form_id]))
    made = formats.by_libreoffice(tmp_path, target, *names)
    for form_id, path in zip(FORMS, made, strict=True):
        assert said(path.parent, path.name) == (expected(form_id, folder), [])
