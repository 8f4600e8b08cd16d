"""Plain cells are read by a regular expression; what the parser reads of the same sheet is the oracle.

A comment turns the regular expression off: it could hold the same characters as text.
"""

from __future__ import annotations

import io
import random

import pytest
from lxml import etree

from lianzheng.intake import xlsx_scan
from lianzheng.intake.cells import BookError, Grid, GridDraft, Limits
from lianzheng.intake.xlsx_scan import WorkbookFacts, scan_sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FACTS = WorkbookFacts(["共享", "第二"], ["General", "0.00%", "yyyy-mm-dd", '0!.0,"万元"'], is_1904=False)
OFF = "<!-- only a comment -->"


def scanned(rows: str, after: str = "", before: str = "", facts: WorkbookFacts = FACTS) -> Grid | str:
    """The grid of a sheet, or the name of the error that refuses it."""
    text = f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    draft = GridDraft(Limits())
    try:
        scan_sheet(io.BytesIO(text.encode()), facts, draft)
    except (etree.XMLSyntaxError, BookError, ValueError, LookupError) as error:
        return type(error).__name__
    return draft.finish("表")


ROWS = {
    "numbers and texts": '<row r="1"><c r="A1"><v>7</v></c><c r="B1" s="1"><v>0.38</v></c><c r="C1" t="s"><v>1</v></c></row>',
    "dates, booleans, errors": '<row r="2"><c r="A2" s="2"><v>43435</v></c><c r="B2" t="b"><v>1</v></c><c r="C2" t="e"><v>#N/A</v></c></row>',
    "formulas": '<row r="1"><c r="A1"><f>SUM(B1:C1)</f><v>3</v></c><c r="B1"><f>1&lt;2</f></c><c r="C1" t="str"><f>""</f><v></v></c></row>',
    "inline text": '<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve"> a_x000D_b </t></is></c></row>',
    "references": '<row r="1"><c r="A1" t="str"><v>&#38468;&amp;&lt;&gt;&quot;&apos;&#10;</v></c></row>',
    "rich text beside plain text": '<row r="1"><c r="A1" t="inlineStr"><is><r><t>粗</t></r><r><t>细</t></r></is></c><c r="B1"><v>1</v></c></row>',
    "attributes in another order": '<row r="1"><c s="1" r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
    "addresses left out": '<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>',
    "hidden rows": '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2" ht="9"><c r="A2"><v>2</v></c></row><row r="3" hidden="1"/>',
    "blank cells": '<row r="1"><c r="A1" s="1"/><c r="B1"></c><c r="C1"><v/></c><c r="D1"><v>1</v></c></row>',
    "line ends": '<row r="1">\r\n<c r="A1" t="str"><v>a\r\nb\rc</v></c>\r\n</row>',
    "no number": '<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>x</v></c></row>',
    "no such shared text": '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
    "no such style": '<row r="1"><c r="A1" s="99"><v>1</v></c></row>',
    "the end of a section in text": '<row r="1"><c r="A1" t="str"><v>]]></v></c></row>',
    "a character that is none": '<row r="1"><c r="A1" t="str"><v>&#0;</v></c></row>',
    "half a pair": '<row r="1"><c r="A1" t="str"><v>&#55357;</v></c></row>',
    "an unknown entity": '<row r="1"><c r="A1" t="str"><v>&nbsp;</v></c></row>',
    "a bare ampersand": '<row r="1"><c r="A1" t="str"><v>a & b</v></c></row>',
    "a control character": '<row r="1"><c r="A1" t="str"><v>a\x01b</v></c></row>',
    "a character that no text may hold": '<row r="1"><c r="A1" t="str"><v>a\ufffe</v></c></row>',
    "wrongly closed": '<row r="1"><c r="A1"><v>1</v></row></c>',
    "too far": '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
}  # fmt: skip


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_a_sheet_is_what_the_parser_makes_of_it(rows: str) -> None:
    after = '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="D4:E9"/></mergeCells>'
    assert scanned(rows, after) == scanned(OFF + rows, after)
    assert scanned(rows) == scanned(OFF + rows)


def test_what_stands_in_a_processing_instruction_or_section_is_no_cell() -> None:
    cell = '<c r="A1"><v>1</v></c>'
    assert scanned(f"<?note {cell}?>") == scanned("")
    assert scanned(f'<row r="1"><c r="B1" t="str"><v><![CDATA[{cell}]]></v></c></row>') == scanned(
        f'<row r="1"><c r="B1" t="str"><v>{cell.replace("<", "&lt;")}</v></c></row>'
    )


def test_a_sheet_in_another_encoding_is_left_to_the_parser() -> None:
    declared = '<?xml version="1.0" encoding="iso-8859-1"?>'
    grid = scanned('<row r="1"><c r="A1" t="str"><v>é</v></c></row>', before=declared)
    assert isinstance(grid, Grid)
    assert grid.cells[1, 1].text == "Ã©"  # the two bytes of UTF-8, as that encoding has them


def test_a_sheet_of_many_chunks_is_read_to_its_end() -> None:
    row = '<row r="{0}"><c r="A{0}" s="1"/><c r="B{0}" t="str"><v>第{0}行</v></c></row>'
    grid = scanned("".join(map(row.format, range(1, 12_001))))
    assert isinstance(grid, Grid)
    assert len(grid.cells) == 12_000
    assert grid.cells[12_000, 2].text == "第12000行"


@pytest.mark.parametrize("size", range(220, 260))
def test_a_chunk_may_end_anywhere_in_a_tag(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    row = '<row r="{0}"><c r="A{0}" t="s"><v>1</v></c><c r="B{0}"><v>{0}</v></c></row>'
    expected = scanned("".join(map(row.format, range(1, 40))))
    monkeypatch.setattr(xlsx_scan, "_CHUNK", size)
    judged, is_plain = list[bool](), xlsx_scan._is_plain
    monkeypatch.setattr(xlsx_scan, "_is_plain", lambda data: judged.append(is_plain(data)) or judged[-1])
    assert scanned("".join(map(row.format, range(1, 40)))) == expected
    assert len(judged) > 5 and all(judged)  # nothing strange, so all of it is read the quick way


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_sheet_is_what_the_parser_makes_of_it(seed: int) -> None:
    chance = random.Random(seed)
    rows = list(OFF + chance.choice(list(ROWS.values())[:12]))
    for _ in range(chance.randrange(1, 4)):
        rows[chance.randrange(len(OFF), len(rows))] = chance.choice('<>/="& 0A1rctvsf\u3000')
    damaged = "".join(rows)
    assert scanned(damaged.removeprefix(OFF)) == scanned(damaged)
