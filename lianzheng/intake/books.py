"""Any received file → a book: the format is decided by content, and nothing that a file holds stops the batch."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import xlrd
from lxml import etree
from xlrd.compdoc import CompDoc, CompDocError

from lianzheng.intake.cells import DEFAULT_LIMITS, Book, BookError, Grid, Limits
from lianzheng.intake.packages import Package
from lianzheng.intake.read_csv import decode, read_csv
from lianzheng.intake.read_docx import read_docx
from lianzheng.intake.read_xls import read_xls
from lianzheng.intake.read_xlsx import read_xlsx

Reader = Callable[[bytes, Limits], list[Grid]]
READERS: dict[str, Reader] = {
    "xlsx": read_xlsx, "xlsm": read_xlsx, "xls": read_xls, "docx": read_docx, "csv": read_csv,
}  # fmt: skip
UNSUPPORTED = {
    "xlsb": "Excel 二进制工作簿（.xlsb）", "ods": "OpenDocument 文件（.ods、.odt）", "doc": "Word 97–2003 或 WPS 文字（.doc、.wps）",
    "ppt": "演示文稿", "ofd": "OFD 版式文件", "pdf": "PDF 文件", "picture": "图片", "archive": "压缩包",
    "rtf": "RTF 文档", "html": "网页（HTML）另存的文件", "xml": "XML 文件", "ole": "未知的旧版 Office 文件",
}  # fmt: skip
_MAGIC = re.compile(
    rb"(?P<zip>PK\x03\x04|PK\x05\x06)|(?P<ole>\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1)|(?P<pdf>%PDF-)|(?P<rtf>\{\\rtf)"
    rb"|(?P<picture>\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0{4}|II\*\0|MM\0\*|RIFF.{4}WEBP)"
    rb"|(?P<archive>Rar!\x1a|7z\xbc\xaf|\x1f\x8b)|(?P<html>(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|meta|table)|MIME-Version:)"
    rb"|(?P<xml>(?:\xef\xbb\xbf)?\s*<\?(?:xml|mso))",
    re.DOTALL | re.IGNORECASE,
)
# The part or stream that makes a container what it is; the first that is there decides.
_ZIP_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "xl/workbook.bin": "xlsb",
              "ppt/presentation.xml": "ppt", "ofd.xml": "ofd", "content.xml": "ods"}  # fmt: skip
_OLE_STREAMS = {"EncryptedPackage": "protected", "WordDocument": "doc", "Workbook": "xls", "Book": "xls",
                "PowerPoint Document": "ppt"}  # fmt: skip
# What the parsers of other people raise on bytes that are not what they claim to be.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, OSError, EOFError,
           MemoryError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error, etree.LxmlError,
           xlrd.XLRDError, CompDocError)  # fmt: skip


def read_book(path: str | Path, limits: Limits = DEFAULT_LIMITS) -> Book:
    """Read a file into plain cells; what is wrong with it becomes its problem, never an exception."""
    book = Book(str(path), format="other")
    try:
        data = _received(book, limits)
        book.format = format_of(data, limits)
        book.grids = _read(data, book.format, limits)
    except BookError as problem:
        book.problem_code, book.problem_detail = problem.code, problem.detail
    except _BROKEN as error:
        book.problem_code = "unreadable_file"
        book.problem_detail = f"文件内容损坏（{type(error).__name__}: {error}）"
    return book


def format_of(data: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    """The format by content: a key of READERS or UNSUPPORTED, ``protected`` or ``other``; text of any kind is csv."""
    match = _MAGIC.match(data)
    if match is None:
        return "other" if decode(data) is None else "csv"
    kind = str(match.lastgroup)
    if kind == "zip":
        package = Package(data, limits)
        kind = next((format for part, format in _ZIP_PARTS.items() if part in package), "archive")
        return "xlsm" if kind == "xlsx" and "xl/vbaProject.bin" in package else kind
    if kind == "ole":
        entries = CompDoc(data, logfile=io.StringIO(), ignore_workbook_corruption=True).dirlist
        names = {entries[child].name for child in entries[0].children}
        return next((format for stream, format in _OLE_STREAMS.items() if stream in names), "ole")
    return kind


def _received(book: Book, limits: Limits) -> bytes:
    try:
        with Path(book.path).open("rb") as file:
            book.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            book.size_bytes = file.tell()
            file.seek(0)
            data = file.read(limits.file_bytes)
    except FileNotFoundError as error:
        raise BookError("vanished_file") from error
    except OSError as error:
        raise BookError("unreadable_file", str(error.strerror)) from error
    if book.size_bytes > limits.file_bytes:
        raise BookError("too_large", f"文件有 {book.size_bytes >> 20} MB")
    if not data:
        raise BookError("empty_file")
    return data


def _read(data: bytes, format: str, limits: Limits) -> list[Grid]:
    if format == "protected":
        raise BookError("password_protected")
    if format == "other":
        raise BookError("unreadable_file", "内容不是可识别的表格、文档或文字")
    if format not in READERS:
        raise BookError("unsupported_format", UNSUPPORTED[format])
    grids = READERS[format](data, limits)
    if not any(cell.text.strip() for grid in grids for cell in grid.cells.values()):
        raise BookError("empty_file")
    return grids


def read_books(
    paths: Sequence[str | Path],
    n_workers: int,
    reader: Callable[[str | Path], Any] = read_book,
    context: BaseContext | None = None,
) -> Iterator[Any]:
    """Read many files in worker processes; yields what ``reader`` returns (a Book) in the given order.

    A worker that dies breaks its whole pool, and nobody can say which of the files under way it was. So those
    are read again one by one, each in a process of its own, and the rest in a new pool: only the deadly file is
    lost, and a Book with the problem ``unreadable_file`` stands for it.
    """
    remaining = list(paths)
    while remaining:
        n_read = 0
        for book in _read_together(remaining, n_workers, reader, context):
            yield book
            n_read += 1
        suspects = remaining[n_read : n_read + 2 * n_workers]
        remaining = remaining[n_read + len(suspects) :]
        for path in suspects:
            alone = list(_read_together([path], 1, reader, context))
            yield alone[0] if alone else _deadly(path)


def _read_together(
    paths: Sequence[str | Path],
    n_workers: int,
    reader: Callable[[str | Path], Any],
    context: BaseContext | None,
) -> Iterator[Any]:
    """Results in order, up to the first that a dying worker took with it."""
    pool = ProcessPoolExecutor(n_workers, mp_context=context)
    try:
        for future in [pool.submit(reader, path) for path in paths]:
            yield future.result()
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)


def _deadly(path: str | Path) -> Book:
    book = Book(
        str(path), format="other", problem_code="unreadable_file", problem_detail="读取程序在这个文件上中断"
    )
    with contextlib.suppress(BookError):
        _received(book, DEFAULT_LIMITS)
    return book
