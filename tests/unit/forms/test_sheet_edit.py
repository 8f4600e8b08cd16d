"""Cells set in a sheet's own XML: what is written, what stays, what is refused; side by side, before and after."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest

from lianzheng.errors import InputError
from lianzheng.forms.layout import Formula
from lianzheng.forms.sheet_edit import SheetEdit, edit_sheets

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="2"/></cellXfs></styleSheet>'
)


def workbook(sheet: str, names: str = "", settings: str = "") -> bytes:
    """A package with one sheet 甲 (its XML inside the root element) and a part that nobody knows."""
    contents = {
        "xl/workbook.xml": f'<workbook {MAIN} {RELATIONS}>{settings}<sheets><sheet name="甲" sheetId="1" r:id="rId1"/></sheets>{names}</workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/one.xml"/></Relationships>',
        "xl/worksheets/one.xml": sheet,
        "xl/styles.xml": STYLES,
        "xl/unknown.bin": "\x00印章",
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in contents.items():
            package.writestr(name, text.encode())
    return buffer.getvalue()


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def edited(sheet: str, cells: dict[tuple[int, int], Any], last_row: int = 1, **more: str) -> str:
    data = workbook(f"<worksheet {MAIN}>{sheet}</worksheet>", **more)
    text = parts(edit_sheets(data, [SheetEdit("甲", last_row, cells)]))["xl/worksheets/one.xml"]
    return text.removeprefix(f"<worksheet {MAIN}>").removesuffix("</worksheet>")


def late() -> Formula:
    return Formula('=IF(A1<2,"&","")', "&")


TEXT = '<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@pytest.mark.parametrize(
    ("before", "cells", "after"),
    [
        # a new row below the last one takes the styles of its cells
        ('<sheetData><row r="1" ht="30"><c r="A1" s="2"><v>1</v></c><c r="C1" s="1"/></row></sheetData>',
         {(2, 1): 5.0, (2, 3): dt.datetime(2018, 12, 1)},
         '<sheetData><row r="1" ht="30"><c r="A1" s="2"><v>1</v></c><c r="C1" s="1"/></row>'
         '<row r="2"><c r="A2" s="2"><v>5</v></c><c r="C2" s="1"><v>43435</v></c></row></sheetData>'),
        # also where it has nothing to say
        ('<sheetData><row r="1"><c r="A1"/><c r="C1" s="1"/></row></sheetData>', {(2, 1): 5.0},
         '<sheetData><row r="1"><c r="A1"/><c r="C1" s="1"/></row>'
         '<row r="2"><c r="A2"><v>5</v></c><c r="C2" s="1"/></row></sheetData>'),
        # a date without a date's style is text that says what it means
        ('<sheetData><row r="1"><c r="A1" s="2"/></row></sheetData>', {(2, 1): dt.datetime(2018, 12, 1)},
         '<sheetData><row r="1"><c r="A1" s="2"/></row><row r="2"><c r="A2" s="2" t="inlineStr"><is>'
         '<t xml:space="preserve">2018-12-01</t></is></c></row></sheetData>'),
        # a cell that is missing, before and behind others
        ('<sheetData><row r="1" spans="2:2"><c r="B1"><v>1</v></c></row></sheetData>', {(1, 1): "a<b", (1, 3): "=1"},
         '<sheetData><row r="1">' + TEXT.format(at="A1", text="a&lt;b") + '<c r="B1"><v>1</v></c>'
         + TEXT.format(at="C1", text="=1") + "</row></sheetData>"),
        # an empty cell that is there keeps its style
        ('<sheetData><row r="1"><c r="B1" s="2"/></row></sheetData>', {(1, 2): "甲"},
         '<sheetData><row r="1"><c r="B1" s="2" t="inlineStr"><is><t xml:space="preserve">&#30002;</t></is></c></row></sheetData>'),
        # an empty sheet, an empty row, an empty row beyond the table
        ("<sheetData/>", {(3, 1): 1.0}, '<sheetData><row r="3"><c r="A3"><v>1</v></c></row></sheetData>'),
        ('<sheetData><row r="1" ht="9"/></sheetData>', {(1, 1): 1.0},
         '<sheetData><row r="1" ht="9"><c r="A1"><v>1</v></c></row></sheetData>'),
        ('<sheetData><row r="1"/><row r="9"/></sheetData>', {(2, 1): 1.0},
         '<sheetData><row r="1"/><row r="2"><c r="A2"><v>1</v></c></row><row r="9"/></sheetData>'),
        # formulas bring their result
        ("<sheetData/>", {(1, 1): late()},
         '<sheetData><row r="1"><c r="A1" t="str"><f>IF(A1&lt;2,"&amp;","")</f><v>&amp;</v></c></row></sheetData>'),
        # characters that XML cannot hold are left out
        ("<sheetData/>", {(1, 1): "a\x0bb"}, '<sheetData><row r="1">' + TEXT.format(at="A1", text="a&#12308;U+000B&#12309;b") + "</row></sheetData>"),
    ],
)  # fmt: skip
def test_cells_are_set_and_nothing_else(before: str, cells: dict[tuple[int, int], Any], after: str) -> None:
    assert edited(before, cells) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<dimension ref="A1:C1"/>', '<dimension ref="A1:C3"/>'),
        ('<autoFilter ref="A1:C1"/>', '<autoFilter ref="A1:C3"/>'),
        ('<dataValidation type="list" sqref="A1 B1:C1 D1:D9"/>', '<dataValidation type="list" sqref="A1:A3 B1:C3 D1:D9"/>'),
        ('<conditionalFormatting sqref="$A$1:$A$1"/>', '<conditionalFormatting sqref="$A$1:$A$3"/>'),
        ("<xm:sqref>A1:A1</xm:sqref>", "<xm:sqref>A1:A3</xm:sqref>"),
        ('<selection activeCell="A1" sqref="A1"/>', '<selection activeCell="A1" sqref="A1"/>'),
        ('<mergeCell ref="A1:C1"/>', '<mergeCell ref="A1:C1"/>'),
        ('<dataValidation sqref="A:A A11:A11"/>', '<dataValidation sqref="A:A A11:A11"/>'),
    ],
)  # fmt: skip
def test_what_ends_with_the_table_grows_with_it(before: str, after: str) -> None:
    found = edited("<sheetData/>" + before, {(3, 1): 1.0}).partition("</sheetData>")[2]
    assert found == after


def test_nothing_grows_where_a_row_of_the_table_is_changed() -> None:
    assert edited('<dimension ref="A1"/><sheetData/>', {(1, 1): 1.0}).startswith('<dimension ref="A1"/>')


def test_print_area_and_filter_of_the_same_sheet_grow_and_nothing_else_changes() -> None:
    names = (
        '<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">甲!$A$1:$C$1</definedName>'
        '<definedName name="_xlnm.Print_Area" localSheetId="1">乙!$A$1:$C$1</definedName>'
        '<definedName name="其他" localSheetId="0">甲!$A$1:$C$1</definedName></definedNames>'
    )
    data = workbook(f"<worksheet {MAIN}><sheetData/></worksheet>", names)
    before, after = parts(data), parts(edit_sheets(data, [SheetEdit("甲", 1, {(2, 1): 1.0})]))
    assert after["xl/workbook.xml"] == before["xl/workbook.xml"].replace("甲!$A$1:$C$1", "甲!$A$1:$C$2", 1)
    assert list(after) == list(before)
    assert {n for n in after if after[n] != before[n]} == {"xl/workbook.xml", "xl/worksheets/one.xml"}


def test_a_prefix_of_the_namespace_is_kept() -> None:
    sheet = f'<x:worksheet {MAIN.replace("xmlns", "xmlns:x")}><x:sheetData><x:row r="1"><x:c r="A1" s="2"/></x:row></x:sheetData></x:worksheet>'
    found = parts(edit_sheets(workbook(sheet), [SheetEdit("甲", 1, {(2, 1): 1.0})]))["xl/worksheets/one.xml"]
    assert '<x:row r="2"><x:c r="A2" s="2"><x:v>1</x:v></x:c></x:row></x:sheetData>' in found


def test_a_calendar_that_begins_in_1904_is_kept() -> None:
    sheet = '<sheetData><row r="1"><c r="A1" s="1"/></row></sheetData>'
    found = edited(sheet, {(2, 1): dt.datetime(2018, 12, 1)}, settings='<workbookPr date1904="1"/>')
    assert '<c r="A2" s="1"><v>41973</v></c>' in found  # 43435 − 1462 days


def test_without_anything_to_write_the_bytes_are_the_same() -> None:
    data = workbook(f"<worksheet {MAIN}><sheetData/></worksheet>")
    assert edit_sheets(data, [SheetEdit("甲", 1)]) is data


def test_rows_and_cells_without_numbers_are_counted() -> None:
    row = '<row><c><v>1</v></c><c s="2"><v>2</v></c></row>'
    after = '<row r="2"><c r="A2"><v>3</v></c><c r="B2" s="2"/></row>'
    assert edited(f"<sheetData>{row}</sheetData>", {(2, 1): 3.0}) == f"<sheetData>{row}{after}</sheetData>"


@pytest.mark.parametrize(
    ("sheet", "words"), [("<dimension/>", "不能直接改写"), ("<sheetData><row>", "不完整")]
)
def test_what_has_no_rows_to_add_to_is_refused(sheet: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        edited(sheet, {(2, 1): 1.0})
