"""Columns and places of a sheet in a spreadsheet's own words: B7."""

from __future__ import annotations

import functools


@functools.cache
def column_letters(column: int) -> str:
    """1 → A, 27 → AA."""
    before, letter = divmod(column - 1, 26)
    return (column_letters(before) if before else "") + chr(65 + letter)


@functools.lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """A → 1, AA → 27; a ValueError for anything but one to three Latin letters."""
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha()):
        raise ValueError(f"not a column: {letters}")
    return functools.reduce(lambda number, letter: number * 26 + ord(letter) - 64, letters.upper(), 0)


@functools.lru_cache(maxsize=1 << 16)
def sheet_address(row: int, column: int) -> str:
    """(7, 2) → B7."""
    return f"{column_letters(column)}{row}"
