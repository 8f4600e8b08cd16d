"""Web pages saved as .xls: encodings, tables, text around them, hidden rows, single-file pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Book, Limits, Merge

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(body: str, head: str = "", encoding: str = "utf-8") -> Path:
        path = tmp_path / "a.xls"
        path.write_bytes(f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding))
        return path

    return to_file


def texts(book: Book) -> dict[str, str]:
    assert (book.format, book.problem_code) == ("html", None)
    return {cell.address: cell.text for cell in book.grids[0].cells.values()}


ENCODINGS = [
    ("utf-8", ""), ("utf-8-sig", '<meta charset="gb2312">'), ("utf-16", ""), ("gb18030", ""),
    ("gb18030", '<meta charset="gb2312">'), ("gbk", "<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=GBK'>"),
    ("big5", '<meta charset="big5">'), ("utf-8", '<meta charset="gb2312">'), ("gb18030", '<meta charset="utf-8">'),
    ("utf-8", '<meta charset="no-such-code">'),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "head"), ENCODINGS)
def test_encodings(write: Write, encoding: str, head: str) -> None:
    assert texts(read_book(write("<table><tr><td>東河管理處附件", head, encoding))) == {
        "A1": "東河管理處附件"
    }


def test_bytes_of_no_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"<html><table><tr><td>\x81\x20\xff</table>")
    book = read_book(tmp_path / "a.xls")
    assert (book.problem_code, book.problem_detail) == ("unreadable_file", "网页的文字编码无法识别")


def test_tables_and_lines_stand_below_each_other(write: Write) -> None:
    path = write(
        "附件2<h1>统计&nbsp;表</h1><p>填表单位：<b>东河</b>\n  处</p><div>第一行<br>第二行</div>"
        "<table><caption>一、问题</caption><thead><tr><th>类别<th>起</tr></thead><tbody><tr><td>吃喝<td>1</tbody></table>"
        "<table><tr><td>会议</td><td>2</td></tr></table>注：以上"
    )
    assert texts(read_book(path)) == {
        "A1": "附件2", "A2": "统计 表", "A3": "填表单位：东河 处", "A4": "第一行", "A5": "第二行", "A6": "一、问题", "A7": "类别", "B7": "起",
        "A8": "吃喝", "B8": "1", "A9": "会议", "B9": "2", "A10": "注：以上",
    }  # fmt: skip


def test_empty_rows_keep_the_addresses_of_excel(write: Write) -> None:
    path = write("<table><tr><td></tr><tr></tr><tr><td>&nbsp;</td><td>&lt;甲&amp;乙&gt;</td></tr></table>")
    assert texts(read_book(path)) == {"A3": " ", "B3": "<甲&乙>"}


def test_spans(write: Write) -> None:
    path = write(
        "<table><tr><td rowspan=2>甲<td colspan='2'>乙<td rowspan=3>丙</tr>"
        "<tr><td>丁<td>戊</tr><tr><td>己<td colspan=0 rowspan=x>庚<td>辛</tr></table>"
    )
    book = read_book(path)
    assert texts(book) == {
        "A1": "甲", "B1": "乙", "D1": "丙", "B2": "丁", "C2": "戊", "A3": "己", "B3": "庚", "C3": "辛",
    }  # fmt: skip
    assert book.grids[0].merges == [Merge(1, 1, 2, 1), Merge(1, 2, 1, 3), Merge(1, 4, 3, 4)]


def test_text_that_runs_over_its_neighbours_is_not_merged(write: Write) -> None:
    path = write("<table><tr><td colspan=3 style='mso-ignore:colspan'>标题</td><td>右</td></tr></table>")
    book = read_book(path)
    assert (texts(book), book.grids[0].merges) == ({"A1": "标题", "D1": "右"}, [])


def test_hidden_rows_and_columns(write: Write) -> None:
    path = write(
        "<table><col><col style='display: none; width:0' span=2><tr><td>甲<td>乙<td>丙<td>丁</tr>"
        "<tr style='height:0;DISPLAY:NONE'><td>藏</tr></table><p style='display:none'>不显示</p>"
    )
    cells = read_book(path).grids[0].cells.values()
    assert {cell.text: cell.is_hidden for cell in cells} == {
        "甲": False, "乙": True, "丙": True, "丁": False, "藏": True,
    }  # fmt: skip


def test_a_table_that_holds_tables_is_a_frame(write: Write) -> None:
    inner = "<table><tr><td>类别<td>起</tr><tr><td>吃喝<td>1</tr></table>"
    path = write(f"<table><tr><td>标题</td><td>右上</td></tr><tr><td colspan=2>{inner}</td></tr></table>")
    assert texts(read_book(path)) == {
        "A1": "标题", "A2": "右上", "A3": "类别", "B3": "起", "A4": "吃喝", "B4": "1",
    }  # fmt: skip


def test_what_browsers_do_not_show_is_not_read(write: Write) -> None:
    path = write(
        "<script>var a='<td>x</td>';</script><style>td{}</style><!-- 注释 --><![if !supportEmptyParas]><noscript>x</noscript>"
        "<table><tr><td>甲<script>1</script></td></tr></table>",
        "<title>标题</title>",
    )
    assert texts(read_book(path)) == {"A1": "甲"}


NUMBERS = [
    ("<td x:num='0.38461538'>38.46%", ("0.38461538", "number", 0.38461538, "0.00%")),
    ("<td sdval='1234.567' sdnum='1033;'>1,234.57", ("1234.567", "number", 1234.567, "General")),
    ("<td x:num='43435'>2018-12-01", ("2018-12-01", "text", None, "")),
    ("<td x:num='一'>12", ("12", "text", None, "")),
    ("<td x:num>12", ("12", "text", None, "")),
    ("<td>0007", ("0007", "text", None, "")),
    ("<td x:str>3次", ("3次", "text", None, "")),
]


@pytest.mark.parametrize(("cell", "expected"), NUMBERS)
def test_the_number_behind_what_is_shown(write: Write, cell: str, expected: tuple[object, ...]) -> None:
    found = read_book(write(f"<table><tr>{cell}</td></tr></table>")).grids[0].cells[1, 1]
    assert (found.text, found.raw_type, found.number, found.number_format) == expected


def test_the_page_names_its_sheet(write: Write) -> None:
    head = "<!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>附件 2</x:Name></x:ExcelWorksheet></xml><![endif]-->"
    assert [grid.name for grid in read_book(write("<p>甲", head)).grids] == ["附件 2"]
    assert [grid.name for grid in read_book(write("<p>甲")).grids] == ["网页"]


BOMBS = [
    "<table>" + "<tr><td colspan=1000>x" * 200,
    "<table><tr>" + "<td colspan=99999>x" * 17,
    "<table><tr><td rowspan=65534 colspan=1000>x<td>y" + "<tr><td>z" * 101,
]


@pytest.mark.parametrize("body", BOMBS)
def test_spans_are_bounded(write: Write, body: str) -> None:
    assert read_book(write(body + "<td>y"), Limits(grid_places=100_000)).problem_code == "too_large"


def test_a_page_that_is_too_long_and_one_that_is_too_deep(write: Write) -> None:
    assert read_book(write("<p>甲" * 99), Limits(part_bytes=300)).problem_code == "too_large"
    book = read_book(write("<div>" * 5000 + "甲"))
    assert (book.problem_code is None) == bool(book.grids)


@pytest.mark.parametrize(
    "body", ["", "<table></table>", "<table><tr><td>&nbsp;</td></tr></table>", "<p> </p>"]
)
def test_a_page_without_text_is_empty(write: Write, body: str) -> None:
    assert read_book(write(body)).problem_code == "empty_file"


def archive(*pages: tuple[str, str], encoding: str = "base64") -> bytes:
    import base64

    parts = [
        f"--B\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Location: {name}\r\n\r\n{base64.b64encode(page.encode('gb18030')).decode()}\r\n"
        for name, page in pages
    ]
    head = "From: <Saved by Microsoft Excel>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n"
    return (head + "".join(parts) + "--B--\r\n").encode()


def test_a_single_file_page_has_a_grid_for_each_sheet(tmp_path: Path) -> None:
    book_page = "<xml><x:Name>附件1</x:Name><x:Name>附件2</x:Name></xml><noframes><p>框架</noframes>"
    data = archive(
        ("book.htm", book_page), ("tabstrip.htm", "<table><tr><td>附件1"), ("sheet001.htm", "<table><tr><td>—甲"),
        ("sheet002.htm", "<table><tr><td>乙"), ("sheet003.htm", "<table></table>"),
    )  # fmt: skip
    (tmp_path / "a.xls").write_bytes(data)
    book = read_book(tmp_path / "a.xls")
    assert (book.format, book.problem_code) == ("mht", None)
    assert {grid.name: grid.cells[1, 1].text for grid in book.grids} == {"附件1": "—甲", "附件2": "乙"}


@pytest.mark.parametrize("data", [archive(), archive(("a.htm", "<p>")), b"MIME-Version: 1.0\r\n\r\n"])
def test_a_single_file_page_of_nothing_is_empty(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mht").write_bytes(data)
    assert read_book(tmp_path / "a.mht").problem_code == "empty_file"
