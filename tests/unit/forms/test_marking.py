"""Marked copies: what is coloured and said, and that nothing else of a workbook changes."""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook

from lianzheng.errors import InputError
from lianzheng.forms.marking import FILLS, Mark, mark_workbook
from tests.unit.forms.packages import COMMENTS, plain_parts, sealed_parts, unzipped, zipped

OFFICE = "检查办公室"
SHEET = "xl/worksheets/sheet1.xml"


def marked(parts: dict[str, str | bytes], *marks: Mark) -> dict[str, bytes]:
    return unzipped(mark_workbook(zipped(parts), marks, OFFICE))


def mark(cell: str, text: str = "有误", tone: str = "bad") -> Mark:
    return Mark("附件2", cell, text, tone)  # type: ignore[arg-type]


ALL = (
    mark("B2", "题名有误"),
    mark("A3", "日期有误"),
    mark("C3", "请核实", "warn"),
    mark("B4"),
    mark("D3"),
    mark("B5"),
    mark("B6"),
    mark("B9"),
)


def test_everything_else_of_a_sealed_workbook_is_byte_for_byte_the_same() -> None:
    before, after = unzipped(zipped(sealed_parts())), marked(sealed_parts(), *ALL)
    assert list(after) == list(before)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {SHEET, "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}


def test_of_the_sheet_only_styles_and_new_empty_cells_change() -> None:
    before, after = sealed_parts()[SHEET], marked(sealed_parts(), *ALL)[SHEET].decode()
    assert isinstance(before, str)
    # in the order of the cells: 3 is style 1 in red (A1, A3, and D3 by its column), 4 is 2 in yellow, 5 is 0, 6 is 2 in red
    added = ('<c r="D3" s="3"/>', '<row r="5"><c r="B5" s="5"/></row>', '<row r="9"><c r="B9" s="5"/></row>')
    for text in added:
        assert after.count(text) == 1
        after = after.replace(text, "")
    after = after.replace(
        '<row r="6" s="2" customFormat="1"><c r="B6" s="6"/></row>', '<row r="6" s="2" customFormat="1"/>'
    )
    after = after.replace('<row r="3" ht', '<row r="3" spans="1:4" ht')
    assert re.sub(r'(<c [^>]*?) s="\d+"', r"\1", after) == re.sub(r'(<c [^>]*?) s="\d+"', r"\1", before)


def test_a_marked_cell_keeps_all_of_its_look_but_the_fill() -> None:
    book = load_workbook(io.BytesIO(mark_workbook(zipped(sealed_parts()), ALL, OFFICE)))
    page = book["附件2"]
    date, share = page["A3"], page["C3"]
    assert (date.number_format, date.font.name, date.alignment.horizontal, date.border.left.style) == (
        "yyyy/m/d",
        "黑体",
        "center",
        "thin",
    )
    assert date.protection.locked is False
    assert (share.number_format, share.border.top.style) == ("0.00%", "thin")
    fills = {c: page[c].fill.fgColor.rgb for c in ("A1", "A3", "C3", "B4", "D3", "B5", "B6", "B9")}
    assert fills.pop("C3") == "FF" + FILLS["warn"] and set(fills.values()) == {"FF" + FILLS["bad"]}
    assert {page[c].fill.fill_type for c in fills} == {"solid"}
    assert page["A4"].fill.fill_type is None
    # what is not written yet takes the look of its column (D), or of its row (6)
    assert page["D3"].number_format == "yyyy/m/d" and page["B6"].number_format == "0.00%"


def test_comments_stand_beside_the_units_own() -> None:
    parts = marked(sealed_parts(), *ALL)
    root = etree.fromstring(parts["xl/comments1.xml"])
    told = {c.get("ref"): "".join(c.itertext()) for c in root.iterfind("{*}commentList/{*}comment")}
    assert told == {
        "A1": "题名有误", "A3": "我们自己的批注\n\n日期有误", "C3": "[Threaded comment]", "B4": "有误",
        "D3": "有误", "B5": "有误", "B6": "有误", "B9": "有误",
    }  # fmt: skip
    authors = [a.text for a in root.iterfind("{*}authors/{*}author")]
    assert authors == ["填表人", "tc={1}", OFFICE]
    new = [
        c.get("authorId")
        for c in root.iterfind("{*}commentList/{*}comment")
        if c.get("ref") not in ("A3", "C3")
    ]
    assert set(new) == {"2"}


def test_boxes_are_added_behind_the_button_with_ids_of_their_own() -> None:
    vml = marked(sealed_parts(), *ALL)["xl/drawings/vmlDrawing1.vml"].decode()
    before = str(sealed_parts()["xl/drawings/vmlDrawing1.vml"])
    assert vml.startswith(before.removesuffix("</xml>"))
    ids = re.findall(r'<v:shape id="_x0000_s(\d+)"', vml)
    assert len(ids) == len(set(ids)) == 2 + 6  # A3 and C3 have their boxes
    places = re.findall(r"<x:Row>(\d+)</x:Row><x:Column>(\d+)</x:Column>", vml)
    assert places[1:] == [("0", "0"), ("2", "3"), ("3", "1"), ("4", "1"), ("5", "1"), ("8", "1")]


def test_a_workbook_without_comments_gets_the_parts_and_links_it_needs() -> None:
    parts = marked(plain_parts(), mark("A3"), mark("A3", "还有一处", "warn"))
    assert set(parts) - set(plain_parts()) == {
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    tail = parts[SHEET].decode().rpartition("<pageMargins")[2]
    assert re.search(r"/><legacyDrawing [^>]*r:id=\"rId2\"/><extLst>", tail)
    assert parts[SHEET].count(b"<extLst>") == 2, (
        "the one inside the conditional format is not the sheet's own"
    )
    page = load_workbook(io.BytesIO(zipped(dict(parts))))["附件2"]
    comment = page["A3"].comment
    assert comment is not None and (comment.author, comment.text) == (OFFICE, "有误\n\n还有一处")
    assert page["A3"].fill.fgColor.rgb == "FF" + FILLS["bad"], "the gravest gives the colour"


def test_two_sheets_get_drawings_with_blocks_of_their_own() -> None:
    book = Workbook()
    for name in ("甲", "乙"):
        book.create_sheet(name)["A1"] = 1
    buffer = io.BytesIO()
    book.save(buffer)
    data = mark_workbook(buffer.getvalue(), [Mark("甲", "A1", "一"), Mark("乙", "B2", "二")], OFFICE)
    blocks = [
        re.findall(rb'data="(\d+)"', part) for name, part in unzipped(data).items() if name.endswith(".vml")
    ]
    assert blocks == [[b"1"], [b"2"]]
    again = load_workbook(io.BytesIO(data))
    assert again["甲"]["A1"].comment and again["乙"]["B2"].comment and not again["乙"]["A1"].comment


def test_what_units_wrote_is_only_text_in_a_comment() -> None:
    text = "“<script>&=1+1\x0b” ]]> \U0001f600"
    data = mark_workbook(zipped(plain_parts()), [mark("A3", text)], '"<办>&')
    comment = load_workbook(io.BytesIO(data))["附件2"]["A3"].comment
    assert (
        comment is not None
        and comment.text == text.replace("\x0b", "〔U+000B〕")
        and comment.author == '"<办>&'
    )


def test_the_box_is_high_enough_for_its_text_and_stands_beside_its_cell() -> None:
    parts = marked(plain_parts(), mark("A3", "字" * 43))
    (anchor,) = re.findall(rb"<x:Anchor>([^<]*)</x:Anchor>", parts["xl/drawings/vmlDrawing1.vml"])
    left, _, top, _, right, right_pixels, bottom, bottom_pixels = map(int, anchor.split(b","))
    # columns B, C 64 pixels, D, E 26, F, G 64 and 4 of H make 312; row 2 has 20 pixels, row 3 has 40 and row 4 16 of 20
    assert (left, top, right, right_pixels, bottom, bottom_pixels) == (1, 1, 7, 4, 3, 16)


def test_the_same_marks_give_the_same_bytes() -> None:
    data = zipped(sealed_parts())
    assert mark_workbook(data, ALL, OFFICE) == mark_workbook(data, reversed(ALL), OFFICE)


def prefixed(text: str) -> str:
    return re.sub(r"(</?)(?=[a-zA-Z])", r"\1x:", text).replace("xmlns=", "xmlns:x=")


def test_prefixes_of_the_namespace_are_kept() -> None:
    plain = plain_parts()
    parts = marked(
        {**plain, SHEET: prefixed(str(plain[SHEET])), "xl/styles.xml": prefixed(str(plain["xl/styles.xml"]))},
        mark("A3"),
        mark("B6"),
    )
    sheet, styles = parts[SHEET].decode(), parts["xl/styles.xml"].decode()
    assert (
        '<x:c r="A3" s="3">' in sheet
        and '<x:c r="B6" s="4"/></x:row>' in sheet
        and "<x:legacyDrawing " in sheet
    )
    assert (
        styles.count("<x:fill>") == 4
        and '<x:cellXfs count="5">' in styles
        and '<x:fills count="4">' in styles
    )


def test_rows_and_cells_without_addresses_are_counted() -> None:
    table = '<sheetData><row r="2"/><row><c><v>2</v></c><c><v>3</v></c></row></sheetData>'
    sheet = marked(plain_parts(table), mark("B4"), mark("B3"), mark("C3"))[SHEET].decode()
    row = '<row r="2"/><row><c><v>2</v></c><c s="3"><v>3</v></c><c r="C3" s="3"/></row>'
    assert row + '<row r="4"><c r="B4" s="3"/></row></sheetData>' in sheet


@pytest.mark.parametrize("table", ["<sheetData/>", "<sheetData></sheetData>"])
def test_an_empty_sheet_can_be_marked(table: str) -> None:
    sheet = marked(plain_parts(table), mark("A9"), mark("B10"))[SHEET].decode()
    assert (
        '<sheetData><row r="9"><c r="A9" s="3"/></row><row r="10"><c r="B10" s="3"/></row></sheetData>'
        in sheet
    )


def without(name: str) -> dict[str, str | bytes]:
    return {part: content for part, content in plain_parts().items() if part != name}


STRICT = str(plain_parts()["xl/workbook.xml"]).replace(
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (plain_parts() | {"_xmlsignatures/sig1.xml": "<Signature/>"}, "数字签名"),
        (plain_parts() | {"xl/workbook.xml": STRICT}, "不能直接标注"),
        (without("xl/styles.xml"), "不能直接标注"),
        (plain_parts() | {"xl/styles.xml": "<styleSheet><fills/><cellXfs/></styleSheet>"}, "单元格格式"),
        (plain_parts() | {SHEET: "<worksheet><sheetData>"}, "不完整"),
        (without(SHEET), "没有工作表"),
        (plain_parts() | {"xl/_rels/workbook.xml.rels": "<Relationships/>"}, "不能直接标注"),
        (sealed_parts() | {"xl/drawings/vmlDrawing1.vml": "<pg>"}, "批注或控件"),
        (sealed_parts() | {"xl/comments1.xml": COMMENTS.replace("commentList", "list")}, "批注或控件"),
        (plain_parts('<sheetData><row r="x"/></sheetData>'), "不能直接标注"),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_without_loss_is_refused(parts: dict[str, str | bytes], words: str) -> None:
    with pytest.raises(InputError, match=words):
        mark_workbook(zipped(parts), [mark("A3")], OFFICE)


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(InputError, match="完好"):
        mark_workbook(b"PK\x03\x04", [mark("A3")], OFFICE)


def test_intake_reads_a_marked_copy_as_the_original() -> None:
    from lianzheng.intake.cells import DEFAULT_LIMITS
    from lianzheng.intake.read_xlsx import read_xlsx

    data = zipped(sealed_parts())
    (before,), (after,) = (read_xlsx(d, DEFAULT_LIMITS) for d in (data, mark_workbook(data, ALL, OFFICE)))
    assert before.cells == after.cells and before.merges == after.merges and len(before.cells) == 5


@pytest.mark.needs_libreoffice
def test_libreoffice_opens_the_copy_with_seal_shape_formulas_colours_and_comments(tmp_path: Path) -> None:
    (tmp_path / "标注.xlsx").write_bytes(mark_workbook(zipped(sealed_parts()), ALL, OFFICE))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
               "--outdir", str(tmp_path / "out"), str(tmp_path / "标注.xlsx")]  # fmt: skip
    subprocess.run(
        command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)}
    )
    data = (tmp_path / "out" / "标注.xlsx").read_bytes()
    parts = unzipped(data)
    drawing = next(part for name, part in parts.items() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name))
    assert "公章".encode() in drawing and "说明框".encode() in drawing
    page = load_workbook(io.BytesIO(data))["附件2"]
    assert (
        page["A3"].fill.fgColor.rgb == "FF" + FILLS["bad"]
        and page["C3"].fill.fgColor.rgb == "FF" + FILLS["warn"]
    )
    comment = page["A3"].comment
    assert comment is not None and comment.text.replace("\n", "") == "我们自己的批注日期有误"
    assert page["B5"].comment is not None and page["B4"].value == "=B3+1"
