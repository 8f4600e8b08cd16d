"""What a stored number means under its number format: plain number, date, time or duration (.xlsx and .xls alike)."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from typing import Literal

from xlrd.formatting import std_format_strings

from lianzheng.intake.cells import Content

Kind = Literal["number", "date", "datetime", "time", "duration"]
# The formats that files name by number only: xlrd knows 0–49; the others are the zh-CN column of ECMA-376 part 1,
# 18.8.30, grouped by what they show.
_CHINESE = {
    'yyyy"年"m"月"': (27, 36, 50, 52, 57), 'm"月"d"日"': (28, 29, 51, 53, 54, 58), 'yyyy"年"m"月"d"日"': (31,),
    'h"时"mm"分"': (32,), 'h"时"mm"分"ss"秒"': (33,), "m-d-yy": (30,),
    '上午/下午h"时"mm"分"': (34, 55), '上午/下午h"时"mm"分"ss"秒"': (35, 56),
}  # fmt: skip
BUILT_IN: dict[int, str] = std_format_strings | {id_: code for code, ids in _CHINESE.items() for id_ in ids}

_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.I)
_ELAPSED = re.compile(r"\[[hms]+\]")
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31 in the 1900 system


@functools.lru_cache(maxsize=4096)
def kind_of_format(number_format: str) -> Kind:
    """Date, time or number, judged by the format without its literals, colours and locales."""
    codes = _LITERAL.sub("", number_format).lower()
    if _ELAPSED.search(codes):
        return "duration"
    has_clock = "h" in codes or "s" in codes
    has_day = any(code in codes for code in ("y", "d", "aaa")) or ("m" in codes and not has_clock)
    if "#" in codes or "general" in codes or not (has_clock or has_day):
        return "number"
    return ("datetime" if has_day else "time") if has_clock else "date"


def number_text(number: float) -> str:
    """The shortest text that reads back as exactly this number: 0.3846, 2018 (not 2018.0)."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e22 else repr(number)


def moment_of(serial: float, is_1904: bool) -> dt.datetime | None:
    """The moment of a serial number in days, to the millisecond; None outside 1900-01-01 … 9999-12-31.

    The 1900 system counts a 29 February 1900 that never was, so days before 1 March 1900 are one off.
    """
    days = serial + 1462 if is_1904 else serial + (serial < 60)
    if not 2 <= days < _LAST_SERIAL:
        return None
    return dt.datetime(1899, 12, 30) + dt.timedelta(milliseconds=round(days * 86_400_000))


def describe_number(number: float, number_format: str, is_1904: bool) -> Content:
    """A stored number as (text, raw type, number, moment); what its format cannot show stays a plain number, what is none a text."""
    if not math.isfinite(number):
        return str(number), "text", None, None
    kind = kind_of_format(number_format)
    if kind == "duration" and number >= 0:
        minutes, seconds = divmod(round(number * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}", "duration", None, None
    if kind == "time" and 0 <= number < 1:
        clock = dt.datetime.min + dt.timedelta(milliseconds=round(number * 86_400_000))
        return clock.time().isoformat(), "time", None, None
    moment = None if kind in ("number", "duration") else moment_of(number, is_1904)
    if moment is None:
        return number_text(number), "number", number, None
    if kind == "date" and math.floor(number) == number:
        return moment.date().isoformat(), "date", None, moment
    return moment.isoformat(" "), "datetime", None, moment
