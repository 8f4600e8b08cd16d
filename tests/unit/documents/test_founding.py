"""The founding document's own bulletin, put into Word: its known faults are found, its words are not accused."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest

from lianzheng.config import CycleConfig
from lianzheng.documents.check import Report, check_document
from tests.unit.documents.official import tables


@pytest.fixture(scope="module")
def report(shared_folder: Path, config: CycleConfig) -> Report:
    (path,) = (shared_folder / "seed").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    title = text.rindex("落实党风廉政建设责任制监督检查情况的通报")
    document = docx.Document()
    for line in text[text.rindex("\n", 0, title) + 1 :].splitlines():
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return check_document(buffer.getvalue(), config, tables(), {})  # type: ignore[arg-type]


@pytest.mark.needs_shared
def test_the_skipped_number_the_placeholders_and_that_township_are_found(report: Report) -> None:
    (number,) = [fault for fault in report.faults if fault.part == "order"]
    assert number.message == "序号从（六）跳到（八），缺（七）"
    leftovers = [fault for fault in report.faults if fault.part == "leftovers"]
    assert {fault.code for fault in leftovers} == {"placeholder", "other_place"}
    assert [f.message for f in leftovers if f.code == "other_place"] == [
        "“该乡”是别处文稿的称呼，本文件的对象是局直单位"
    ]
    text = "".join(paragraph.text + "\n" for paragraph in report.paper.paragraphs)
    n_placeholders = len(re.findall("X+", text))
    assert len(leftovers) == n_placeholders + 1 == 51


@pytest.mark.needs_shared
def test_plain_word_is_told_what_the_standard_wants_in_a_few_lines(report: Report) -> None:
    layout = [fault for fault in report.faults if fault.part == "layout"]
    assert {"page_size", "margins", "grid", "font", "size", "indent", "pitch", "align", "page_number"} == {
        fault.code for fault in layout
    }
    assert len(layout) <= 25
    assert (report.grades()["单位名称"], report.grades()["数字"]) == ("合格", "未逐数核对")
