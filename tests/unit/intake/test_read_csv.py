from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Limits
from lianzheng.intake.read_csv import decode, delimiter_of

TEXT = "填表单位,问题数\n某某中心,３次\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_encoding_gives_the_same_cells(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    book = read_book(path)
    (grid,) = book.grids
    assert (book.format, grid.name, grid.n_rows, grid.n_columns) == ("csv", "csv", 2, 2)
    assert {cell.address: (cell.text, cell.raw_type) for cell in grid.cells.values()} == {
        "A1": ("填表单位", "text"),
        "B1": ("问题数", "text"),
        "A2": ("某某中心", "text"),
        "B2": ("３次", "text"),
    }


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("无".encode("gb18030"), "无"),  # two bytes, which guessing libraries take for UTF-16
        ("𠮷龘".encode("gb18030"), "𠮷龘"),
        (b"plain", "plain"),
        ("甲".encode() + b"\xff", None),
        (b"\xef\xbb\xbf\xff", None),
        (b"a\x00b", None),
        (b"\x01\x02\x03", None),
    ],
)
def test_decoding_is_strict(data: bytes, text: str | None) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\nc,d", ","),
        ("a\tb\nc\td", "\t"),
        ("a;b\nc;d", ";"),
        ("甲\t有,有,有\n乙\t无\n", "\t"),
        ('"a;b;c",1\n"d;e;f",2\n', ","),
        ("标题\n1;2;3\n4;5;6,7\n", ";"),
        ("a,b;c", ","),
        ("一句话", ","),
        ("", ","),
    ],
)
def test_delimiter(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_quotes_line_breaks_blanks_and_leading_zeros_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('编号,说明\r\n0007,"一行\r\n""二""行, 完"\r\n\r\n, \r\n'.encode())
    cells = read_book(path).grids[0].cells
    assert {(cell.address, cell.text) for cell in cells.values()} == {
        ("A1", "编号"),
        ("B1", "说明"),
        ("A2", "0007"),
        ("B2", '一行\r\n"二"行, 完'),
        ("B4", " "),
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(tmp_path: Path, line_end: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(line_end.join(["甲,乙", "丙,丁", ""]).encode())
    assert [cell.text for cell in read_book(path).grids[0].cells.values()] == ["甲", "乙", "丙", "丁"]


def test_a_field_of_endless_text_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"' + "x" * 200_000, encoding="utf-8")
    assert read_book(path).problem_code == "too_large"


def test_too_many_places_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" * 5, encoding="utf-8")
    assert read_book(path, Limits(grid_places=14)).problem_code == "too_large"
    assert read_book(path, Limits(grid_places=15)).problem_code is None


def test_bytes_that_are_no_text_are_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "附件1.xlsx"
    path.write_bytes(bytes(range(256)) * 8)
    book = read_book(path)
    assert (book.format, book.problem_code, book.grids) == ("other", "unreadable_file", [])


@pytest.mark.parametrize("text", [" \n\t\n", ",,,\n,,,\n", "\ufeff"])
def test_text_without_content_is_an_empty_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert read_book(path).problem_code == "empty_file"
