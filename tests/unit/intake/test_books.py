from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import pickle
import random
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
import xlwt

from lianzheng.intake import converters
from lianzheng.intake.books import READERS, read_book, read_books
from lianzheng.intake.cells import Book, Limits
from lianzheng.intake.formats import UNSUPPORTED, format_of
from tests import formats

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook_bytes(text: str = "甲") -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = text
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def old_workbook_bytes() -> bytes:
    workbook = xlwt.Workbook()
    workbook.add_sheet("表").write(0, 0, "甲" * 3000)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def document_bytes() -> bytes:
    document = docx.Document()
    document.add_paragraph("甲")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zip_of(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def renamed_stream(name: str) -> bytes:
    """An OLE file whose only stream has another name: an old workbook with its directory entry rewritten."""
    old, new = "Workbook".encode("utf-16-le"), name.encode("utf-16-le")
    data = bytearray(old_workbook_bytes())
    entry = data.index(old)
    data[entry : entry + 64] = new.ljust(64, b"\0")
    data[entry + 64 : entry + 66] = (len(new) + 2).to_bytes(2, "little")
    return bytes(data)


ODF_TABLE = (
    '<table:table table:name="表"><table:table-row><table:table-cell office:value-type="string">'
    "<text:p>甲</text:p></table:table-cell></table:table-row></table:table>"
)
XML_SHEET = '<Worksheet ss:Name="表"><Table><Row><Cell><Data ss:Type="String">甲</Data></Cell></Row></Table></Worksheet>'
ODT_TYPE = "application/vnd.oasis.opendocument.text"
FORMATS = {
    "xlsx": workbook_bytes(),
    "xls": old_workbook_bytes(),
    "docx": document_bytes(),
    "csv": "甲,乙".encode(),
    "ods": formats.ods_of(ODF_TABLE),
    "fods": formats.fods_of(ODF_TABLE),
    "html": "\ufeff\n<HTML><table><tr><td>甲</td></tr></table></HTML>".encode(),
    "mht": b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>a</p>",
    "spreadsheetml": formats.spreadsheetml_of(XML_SHEET),
    "xlsb": zip_of("[Content_Types].xml", "xl/workbook.bin"),
    "doc": renamed_stream("WordDocument"),
    "rtf": rb"{\rtf1\ansi",
    "odt": formats.zip_of({"mimetype": ODT_TYPE, "content.xml": "<x/>"}),
    "word_xml": b'<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>',
    "ppt": zip_of("ppt/presentation.xml"),
    "ofd": zip_of("OFD.xml"),
    "archive": zip_of("附件1.xlsx"),
    "ole": renamed_stream("WpsCustom"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "picture": b"\x89PNG\r\n\x1a\n",
    "xml": b'<?xml version="1.0"?><Workbook/>',
}


@pytest.mark.parametrize(("expected", "data"), FORMATS.items(), ids=FORMATS)
def test_the_content_decides_and_not_the_name(
    tmp_path: Path, expected: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converters, "find_program", lambda: None)
    for name in ("附件1.xlsx", "附件1.doc", "附件1.pdf", "附件1"):
        path = tmp_path / name
        path.write_bytes(data)
        book = read_book(path)
        assert book.format == expected
        assert (book.problem_code is None) == (expected in READERS)
        if expected in UNSUPPORTED:
            assert (book.problem_code, book.problem_detail) == ("unsupported_format", UNSUPPORTED[expected])
        if expected in converters.TARGETS:
            assert book.problem_code == "needs_conversion"
            assert book.problem_detail == f"{converters.NAMES[expected]}，本机没有安装 LibreOffice"


def test_every_format_is_read_or_converted_or_has_a_name() -> None:
    assert set(FORMATS) == (set(READERS) | set(UNSUPPORTED) | set(converters.TARGETS)) - {"xlsm"}
    assert set(converters.TARGETS.values()) <= set(READERS)


@pytest.mark.parametrize(
    ("data", "format_"),
    [(b"\xff\xd8\xff\xe0", "picture"), (b"BM\x36\0\0\0\0\0\0\0", "picture"), (b"BM,a\n1,2\n3,4", "csv"),
     (b"Rar!\x1a\x07\0", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"MIME-Version: 1.0", "mht"),
     (b"From: <Saved by Microsoft>\r\nSubject: a\r\n b\r\nMIME-Version: 1.0", "mht"), (b"name: a,b\n1,2", "csv"),
     (b"<meta charset=gbk><table>", "html"), (b"<!--[if gte mso 9]>", "html"), (b"<table><tr>", "html"), (b"<a,b>", "csv"),
     ("\ufeff<html><table>".encode("utf-16-le"), "html"), (b"<?xml version='1.0'?><!DOCTYPE html><html><body>", "html"),
     (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p></b>', "html"), (b"<?xml nothing", "xml"),
     (b"<?mso-application progid='Word.Document'?><pkg:package xmlns:pkg="
      b"'http://schemas.microsoft.com/office/2006/xmlPackage'>", "word_xml"),
     (formats.zip_of({"mimetype": formats.ODS_TYPE + "-template", "content.xml": ""}), "ods"),
     (formats.zip_of({"mimetype": ODT_TYPE.replace("text", "presentation"), "content.xml": ""}), "ppt"),
     (formats.fods_of("").replace(b".spreadsheet", b".text"), "odt"), (zip_of("content.xml"), "ods"),
     (renamed_stream("Book"), "xls"), (renamed_stream("PowerPoint Document"), "ppt"),
     (renamed_stream("EncryptedPackage"), "protected")],
    ids=lambda value: value if isinstance(value, str) else "",  # the bytes of a zip hold the time
)  # fmt: skip
def test_signatures(data: bytes, format_: str) -> None:
    assert format_of(data) == format_


def test_a_protected_workbook_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(renamed_stream("EncryptedPackage"))
    book = read_book(tmp_path / "a.xlsx")
    assert (book.problem_code, book.problem_detail, book.grids) == ("password_protected", "", [])


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    data = bytearray(workbook_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(signature)
        data[start + flags] |= 1
    (tmp_path / "a.xlsx").write_bytes(data)
    assert read_book(tmp_path / "a.xlsx").problem_code == "password_protected"


def test_what_was_received_is_measured_whatever_it_is(tmp_path: Path) -> None:
    for data in (workbook_bytes(), b"%PDF-1.4", b""):
        path = tmp_path / "a"
        path.write_bytes(data)
        book = read_book(path)
        assert (book.path, book.size_bytes) == (str(path), len(data))
        assert book.sha256 == hashlib.sha256(data).hexdigest()


def test_empty_vanished_and_unreadable_paths(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").write_bytes(b"")
    (tmp_path / "blank.xlsx").write_bytes(workbook_bytes(" \n　"))
    assert read_book(tmp_path / "empty.xlsx").problem_code == "empty_file"
    assert read_book(tmp_path / "blank.xlsx").problem_code == "empty_file"
    assert read_book(tmp_path / "gone.xlsx").problem_code == "vanished_file"
    folder = read_book(tmp_path)
    assert (folder.problem_code, bool(folder.problem_detail)) == ("unreadable_file", True)


def test_a_file_above_the_limit_is_measured_but_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    data = b"a" + b" " * 100_000 + b",b\n" * 700_000
    path.write_bytes(data)
    book = read_book(path, Limits(file_bytes=1 << 20, grid_places=9))
    assert (book.problem_code, book.problem_detail, book.size_bytes) == (
        "too_large",
        "文件有 2 MB",
        len(data),
    )
    assert book.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_of_just_the_limit_is_read_to_its_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,bc")
    assert read_book(path, Limits(file_bytes=4)).grids[0].cells[1, 2].text == "bc"
    assert read_book(path, Limits(file_bytes=3)).problem_code == "too_large"


@pytest.mark.parametrize("format_", ["xlsx", "xls", "docx", "ods", "fods", "html", "mht", "spreadsheetml"])
def test_truncated_and_mangled_files_never_raise(
    tmp_path: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converters, "find_program", lambda: None)
    data = FORMATS[format_]
    path = tmp_path / "a"
    for share in range(1, 20):
        path.write_bytes(data[: len(data) * share // 20])
        book = read_book(path)
        if format_ in ("xlsx", "xls", "docx", "ods"):
            assert (book.problem_code, bool(book.problem_detail)) == ("unreadable_file", True)
        assert (book.problem_code is None) == bool(book.grids)
    dice = random.Random(2018)
    for _ in range(150):
        mangled = bytearray(data)
        for _ in range(dice.randint(1, 40)):
            mangled[dice.randrange(len(mangled))] = dice.randrange(256)
        path.write_bytes(mangled)
        book = read_book(path)
        assert (book.problem_code is None) == bool(book.grids)


def test_the_reason_of_a_broken_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook_bytes()[:-30])
    book = read_book(tmp_path / "a.xlsx")
    assert book.problem_code == "unreadable_file"
    assert book.problem_detail.startswith("压缩结构损坏，文件可能没有传完")


@pytest.fixture
def received(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number:02}.csv" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_text(f"第{number}份,{number}", encoding="utf-8")
    return paths


def deadly_reader(path: str | Path) -> Book:
    """A reader that takes its process down on some files, as a library in C may."""
    if Path(path).stem in ("03", "04", "11"):
        os._exit(1)
    return read_book(path)


def first_texts(books: list[Book]) -> list[str]:
    return [book.grids[0].cells[1, 1].text if book.grids else str(book.problem_code) for book in books]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_books_come_in_the_given_order(received: list[Path], method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        method = "spawn"
    paths = [*received[6:], *received[:6]]
    books = list(read_books(paths, 2, context=multiprocessing.get_context(method)))
    assert first_texts(books) == [f"第{number}份" for number in (6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5)]
    assert books == [read_book(path) for path in paths]


@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_a_worker_that_dies_costs_its_file_only(received: list[Path], n_workers: int) -> None:
    books = list(read_books(received, n_workers, reader=deadly_reader))
    dead = {3, 4, 11}
    assert first_texts(books) == [
        "unreadable_file" if number in dead else f"第{number}份" for number in range(12)
    ]
    lost = books[3]
    assert lost.sha256 == hashlib.sha256(received[3].read_bytes()).hexdigest()
    assert (lost.size_bytes > 0, "中断" in lost.problem_detail) == (True, True)


def test_no_files_are_no_books() -> None:
    assert list(read_books([], 2)) == []


def test_without_workers_files_are_read_here_and_one_after_the_other(received: list[Path]) -> None:
    seen: list[tuple[int, Path]] = []

    def reader(path: str | Path) -> Book:
        seen.append((os.getpid(), Path(path)))
        return read_book(path)

    books = read_books(received, 0, reader)
    assert next(books).grids[0].cells[1, 2].text == "0"
    assert seen == [(os.getpid(), received[0])]
    assert first_texts(list(books)) == [f"第{number}份" for number in range(1, 12)]


def test_books_are_small_when_they_travel_between_processes(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in range(50):
        workbook.active.append([f"{row}项", *range(9)])
    workbook.save(tmp_path / "a.xlsx")
    book = read_book(tmp_path / "a.xlsx")
    assert pickle.loads(pickle.dumps(book)) == book
    assert len(pickle.dumps(book)) < 60 * len(book.grids[0].cells)


def test_who_stops_listening_waits_for_nobody(received: list[Path]) -> None:
    books = read_books(received * 50, 1)
    assert next(books).grids[0].cells[1, 2].text == "0"
    books.close()
