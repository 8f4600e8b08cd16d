"""Delimited text (.csv, .txt) → one grid of text cells; the encoding is found by trying, never guessed."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter

from lianzheng.intake.cells import BookError, Grid, GridDraft, Limits

CSV_GRID = "csv"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")
_SAMPLE_LINES, _AT_ONCE = 50, 100
csv.field_size_limit(1 << 30)  # how long a text may be is asked of every format alike


def read_csv(data: bytes, limits: Limits) -> list[Grid]:
    """One grid named csv; a field's line breaks stay, and rows count records, as a spreadsheet would show them."""
    text = decode(data) or ""
    draft = GridDraft(limits)
    try:
        lines = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)), 1)
        while some := list(itertools.islice(lines, _AT_ONCE)):
            cells = (((row, at), text) for row, fields in some for at, text in enumerate(fields, 1) if text)
            draft.put_all({place: (written, "text", None, None, "") for place, written in cells})
    except csv.Error as error:
        raise BookError("unreadable_file", f"CSV 内容损坏（{error}）") from error
    return [draft.finish(CSV_GRID)]


def decode(data: bytes) -> str | None:
    """The text by its byte-order mark, else as strict UTF-8, else as strict GB18030; None where it is no text."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _NOT_IN_TEXT.search(text) else text
    return None


def delimiter_of(text: str) -> str:
    """Comma, tab or semicolon: the one that gives the most of the first lines the same number of fields.

    More lines count more than more fields; where nothing separates, or on a tie, the comma.
    """
    lines = text.splitlines()[:_SAMPLE_LINES]
    return max(",\t;", key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    widths = Counter(len(fields) for fields in csv.reader(lines, delimiter=delimiter) if len(fields) > 1)
    return max(((n_lines, width) for width, n_lines in widths.items()), default=(0, 0))
