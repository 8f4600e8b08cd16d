"""Any received file → a book: the format is decided by content, and nothing that a file holds stops the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from lianzheng.intake import converters
from lianzheng.intake.cells import DEFAULT_LIMITS, Book, BookError, Grid, Limits
from lianzheng.intake.formats import BROKEN, UNSUPPORTED, format_of, is_locked
from lianzheng.intake.packages import told_beside
from lianzheng.intake.passwords import unlock
from lianzheng.intake.read_csv import read_csv
from lianzheng.intake.read_docx import read_docx
from lianzheng.intake.read_html import read_html, read_mht
from lianzheng.intake.read_ods import read_fods, read_ods
from lianzheng.intake.read_spreadsheetml import read_spreadsheetml
from lianzheng.intake.read_xls import read_xls
from lianzheng.intake.read_xlsx import read_xlsx
from lianzheng.intake.workers import Lost, Workers

Reader = Callable[[bytes, Limits], Iterable[Grid]]
READERS: dict[str, Reader] = {
    "xlsx": read_xlsx, "xlsm": read_xlsx, "xls": read_xls, "docx": read_docx, "csv": read_csv, "ods": read_ods, "fods": read_fods,
    "html": read_html, "mht": read_mht, "spreadsheetml": read_spreadsheetml,
}  # fmt: skip


def read_book(path: str | Path, limits: Limits = DEFAULT_LIMITS, passwords: Sequence[str] = ()) -> Book:
    """Read a file into plain cells; what is wrong with it becomes its problem, never an exception.

    ``passwords`` are tried in their order where the file has one; hash and size stay those of the file as received.
    """
    book = Book(str(path), format="other")
    try:
        data = _received(book, limits)
        book.format = format_of(data, limits)
        if is_locked(data, book.format):
            data = unlock(data, passwords)
            book.format = format_of(data, limits)
        book.grids = _read(data, book.format, limits, passwords)
        book.properties, book.idle = told_beside(data, limits)
    except BookError as problem:
        book.problem_code, book.problem_detail = problem.code, problem.detail
    except BROKEN as error:
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        is_huge = "HUGE" in told.upper()  # what lxml says of more than its own limits
        book.problem_code = "too_large" if is_huge else "unreadable_file"
        book.problem_detail = "一处文字超过 10 MB，或嵌套过深" if is_huge else f"文件内容损坏（{told}）"
    return book


def measure(path: str | Path, limits: Limits = DEFAULT_LIMITS) -> Book:
    """A file's hash and size and nothing else of it, or the problem that forbids even that."""
    book = Book(str(path), format="other")
    try:
        _bytes_of(book, limits)
    except BookError as problem:
        book.problem_code, book.problem_detail = problem.code, problem.detail
    return book


def _bytes_of(book: Book, limits: Limits) -> bytes:
    """Note hash and size of a book's file, whatever it is; its bytes as far as the limit goes."""
    try:
        with Path(book.path).open("rb") as file:
            data = file.read(limits.file_bytes + 1)
            digest = hashlib.sha256(data)
            while chunk := file.read(1 << 20):
                digest.update(chunk)
            book.sha256, book.size_bytes = digest.hexdigest(), file.tell()
    except FileNotFoundError as error:
        raise BookError("vanished_file") from error
    except PermissionError as error:
        raise BookError("unreadable_file", "没有读取它的权限，或者它正被别的程序占用") from error
    except OSError as error:
        raise BookError("unreadable_file", str(error.strerror)) from error
    return data


def _received(book: Book, limits: Limits) -> bytes:
    data = _bytes_of(book, limits)
    if book.size_bytes > limits.file_bytes:
        raise BookError("too_large", f"文件有 {book.size_bytes >> 20} MB")
    if not data:
        raise BookError("empty_file")
    return data


def _read(data: bytes, format: str, limits: Limits, passwords: Sequence[str]) -> list[Grid]:
    if format == "other":
        raise BookError("unreadable_file", "内容不是可识别的表格、文档或文字")
    if format in UNSUPPORTED:
        raise BookError("unsupported_format", UNSUPPORTED[format])
    if format in converters.TARGETS:
        data, format = converters.convert(data, format, limits), converters.TARGETS[format]
    try:
        return _bounded(READERS[format](data, limits), limits)
    except BookError as problem:
        if format != "xls" or problem.code != "password_protected":
            raise
    return _bounded(READERS[format](unlock(data, passwords), limits), limits)


def _bounded(sheets: Iterable[Grid], limits: Limits) -> list[Grid]:
    """The sheets, as long as all of them together keep within the limits."""
    grids: list[Grid] = []
    for number, grid in enumerate(sheets, start=1):
        if not grid.name or any(
            grid.name == other.name for other in grids
        ):  # an address has to name one place
            grid.name = f"{grid.name}（第{number}张表）"
        grids.append(grid)
        if len(grids) > limits.sheets:
            raise BookError("too_large", f"工作表超过{limits.sheets}张")
        if (n_places := sum(grid.n_rows * grid.n_columns for grid in grids)) > limits.grid_places:
            raise BookError("too_large", f"各工作表内容共占{n_places}格")
        texts = grid.columns.text
        if max(map(len, texts), default=0) > limits.text_characters:
            longest = max(texts, key=len)
            raise BookError("too_large", f"{grid.columns.address[texts.index(longest)]} 有{len(longest)}字")
    if not any(text.strip() for grid in grids for text in grid.columns.text):
        raise BookError("empty_file")
    return grids


_LOST = {
    "seconds": ("too_large", "读取用时超过 {0.seconds:g} 秒"),
    "memory": ("too_large", "读取所需内存超过 {1} MB"),
    "crash": ("unreadable_file", "读取程序在这个文件上中断"),
}


def read_books(
    paths: Sequence[str | Path], n_workers: int, reader: Callable[[str | Path], Any] = read_book,
    context: BaseContext | None = None, limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Any]:  # fmt: skip
    """Read many files in worker processes; yields what ``reader`` returns (a Book) in the given order.

    A worker that computes too long on a file, takes too much memory, crashes or hangs costs that file only: a Book
    that says so stands for it.

    ``n_workers`` = 0 reads in this process, one after the other and without bounds of time and memory: for measuring
    and debugging, since a file that kills the process kills the run.
    """
    if n_workers == 0:
        yield from map(reader, paths)
        return
    for path, found in zip(paths, Workers(paths, n_workers, reader, limits, context).read(), strict=True):
        yield _lost(path, found, limits, context) if isinstance(found, Lost) else found


def _lost(path: str | Path, lost: Lost, limits: Limits, context: BaseContext | None) -> Book:
    """A Book for a file that ended its worker; it is measured in another, which its storage may hang as well."""
    code, detail = _LOST[lost.reason]
    detail = detail.format(limits, limits.memory_bytes // 1_000_000)
    (book,) = Workers([path], 1, measure, limits, context).read()
    book = Book(str(path)) if isinstance(book, Lost) else book
    return replace(book, format="other", problem_code=code, problem_detail=detail)
