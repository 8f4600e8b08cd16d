"""Any received file → a book: the format is decided by content, and nothing that a file holds stops the batch."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from lianzheng.intake import converters
from lianzheng.intake.cells import DEFAULT_LIMITS, Book, BookError, Grid, Limits
from lianzheng.intake.formats import BROKEN, UNSUPPORTED, format_of, is_locked
from lianzheng.intake.packages import custom_properties
from lianzheng.intake.passwords import unlock
from lianzheng.intake.read_csv import read_csv
from lianzheng.intake.read_docx import read_docx
from lianzheng.intake.read_html import read_html, read_mht
from lianzheng.intake.read_ods import read_fods, read_ods
from lianzheng.intake.read_spreadsheetml import read_spreadsheetml
from lianzheng.intake.read_xls import read_xls
from lianzheng.intake.read_xlsx import read_xlsx
from lianzheng.processes import end_with_parent

Reader = Callable[[bytes, Limits], list[Grid]]
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
        book.properties = custom_properties(data, limits)
    except BookError as problem:
        book.problem_code, book.problem_detail = problem.code, problem.detail
    except BROKEN as error:
        book.problem_code = "unreadable_file"
        book.problem_detail = f"文件内容损坏（{type(error).__name__}: {error}）"
    return book


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


def _read(data: bytes, format: str, limits: Limits, passwords: Sequence[str]) -> list[Grid]:
    if format == "other":
        raise BookError("unreadable_file", "内容不是可识别的表格、文档或文字")
    if format in UNSUPPORTED:
        raise BookError("unsupported_format", UNSUPPORTED[format])
    if format in converters.TARGETS:
        data, format = converters.convert(data, format, limits), converters.TARGETS[format]
    try:
        grids = READERS[format](data, limits)
    except BookError as problem:
        if format != "xls" or problem.code != "password_protected":
            raise
        grids = READERS[format](unlock(data, passwords), limits)
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

    ``n_workers`` = 0 reads in this process, one after the other: for measuring and debugging, since a file that
    kills the process kills the run.
    """
    if n_workers == 0:
        yield from map(reader, paths)
        return
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
    pool = ProcessPoolExecutor(n_workers, mp_context=context, initializer=end_with_parent)
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
