"""Values as people write them → what they mean, one small function per kind of value (:data:`READERS`).

无, a dash and the numeral 一 used as a dash mean 0 and keep their own state; a blank and 待评定 are null. What
cannot be read becomes null with a problem, which is an issue code; nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from lianzheng.config.forms import ValueKind
from lianzheng.intake.cells import Cell, RawType
from lianzheng.intake.quantities import (
    UNITS,
    Demand,
    Value,
    chinese_number,
    folded,
    number_words,
    read_number,
    state_of,
    unreadable,
)
from lianzheng.names import plain

__all__ = [
    "READERS", "UNITS", "Demand", "Value", "chinese_number", "folded", "read_moment", "read_number", "read_value",
    "state_of", "with_text",
]  # fmt: skip
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[年./-])?(?P<month>\d{1,2})(?P<mark>[月./-])(?P<day>\d{1,2})[日号]?"
    r"(?:\((?:周|星期).\))?(?P<half>上午|下午|晚上)?"
    r"(?:(?:T| (?=\d\d?:))?(?P<hour>\d{1,2})(?:[时点:](?:(?P<minute>\d{1,2})分?)?(?::(?P<second>\d{1,2}))?)许?)?"
)
_TIME_GAP = re.compile(r"\s+(?=\d{1,2}[:：时点])")
_EPOCH = dt.datetime(1899, 12, 30)
_SERIALS = range(30_000, 80_000)  # Excel serial numbers of 1982–2119
_SIGN = re.compile(r"%(?!\d)")
_PER_CENT = re.compile(r"(约|大约|近)?百分之([\d.零〇一二两三四五六七八九十]+)")
_CHINESE_DAY = re.compile(r"(?<![零〇一二三四五六七八九十])[零〇一二三四五六七八九十]{1,9}(?=[年月日号])")
TRUE = frozenset("是 有 √ ✓ ✔ ☑ y yes true 1 对 已 确认 已确认 已签 已盖".split())
FALSE = frozenset("否 无 × ✗ ✘ x n no false 0 没有 未 未确认 未签 未盖 不是".split())
PLACEHOLDER = re.compile(
    r"(?<![a-z])[x×]{2,}(?![a-z])|\*{2,}|(?<![a-z])[x×](?=[件起人次名项条个份年月])", re.I
)


def with_text(cell: Cell, text: str) -> Cell:
    """The same place holding another text: a part of what stands there."""
    return Cell(cell.row, cell.column, cell.address, text, is_hidden=cell.is_hidden)


def read_amount(cell: Cell, demand: Demand) -> Value:
    """A number that cannot be negative."""
    value = read_number(cell, demand)
    is_negative = isinstance(value.value, float) and value.value < 0
    return unreadable("negative_value") if is_negative else value


def read_count(cell: Cell, demand: Demand) -> Value:
    """A whole number that cannot be negative; what a formula leaves in the last binary digit is no fraction."""
    value = read_amount(cell, demand)
    if not isinstance(value.value, float):
        return value
    whole = float(round(value.value))
    if value.value == whole:
        return value
    return replace(value, value=whole) if abs(value.value - whole) < 1e-9 else unreadable("not_an_integer")


def read_ratio(cell: Cell, demand: Demand) -> Value:
    """A share 0–1: 38.46%, 百分之三十八, 0.3846 and a percent-formatted number agree; 38.46 only where the form prints %."""
    text = _PER_CENT.sub(r"\1\2%", folded(cell.text).replace("百分之百", "100%"))
    said = cell.raw_type == "text" and bool(_SIGN.search(text))
    plain_demand = replace(demand, unit_of_measure="", unit_seen="")
    value = read_amount(with_text(cell, _SIGN.sub("", text, count=1)) if said else cell, plain_demand)
    if not isinstance(value.value, float):
        return value
    in_percent = said or (value.value > 1 and demand.unit_of_measure == "%" and "%" not in cell.number_format)
    share = float(Decimal(repr(value.value)) / 100) if in_percent else value.value
    if share > 1:
        return unreadable("ratio_out_of_range")
    conversion = f"{text}换算为{share:g}" if in_percent else value.conversion
    words = {"expected": f"{number_words(value.value)}%"} if in_percent and value.words else value.words
    return replace(value, value=share, conversion=conversion, words=words)


def read_boolean(cell: Cell, demand: Demand) -> Value:
    """是 否 √ × 有 无 → true or false; a blank is null."""
    written = plain(cell.text)
    if cell.raw_type == "boolean" or written in TRUE or written in FALSE:
        return Value(bool(cell.number) if cell.raw_type == "boolean" else written in TRUE, "text")
    return unreadable("not_a_choice", allowed="是、否") if written else Value(None, "blank")


def read_observed(cell: Cell, demand: Demand) -> Value:
    """核实数, the quantity that a rule counts: a number, a share, or 有 (1) and 无 (0)."""
    written = plain(cell.text)
    if cell.raw_type == "boolean" or (written in TRUE | FALSE and not written.isdigit() and written != "无"):
        return Value(float(bool(read_boolean(cell, demand).value)))
    return read_ratio(cell, demand) if "%" in written or "百分之" in written else read_amount(cell, demand)


def read_moment(cell: Cell, demand: Demand) -> Value:
    """A date, perhaps with a time: date cells, Excel serial numbers, 2018.12.1, 12月3日, …15时20分许."""
    if cell.moment is not None:
        return Value(cell.moment, "text")
    whole = _DATE.fullmatch(cell.text)
    if whole and whole["year"] and cell.raw_type == "text":  # as services write it, a million times
        return _moment(whole, demand)
    text = folded(_TIME_GAP.sub("T", cell.text))
    if not text:
        return Value(None, "blank")
    if cell.raw_type == "number" and cell.number is not None and int(cell.number) in _SERIALS:
        return Value(_EPOCH + dt.timedelta(days=cell.number), "text", f"{text}按日期序号换算")
    if text.isdigit() and len(text) == 8:
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    match = _DATE.fullmatch(_CHINESE_DAY.sub(lambda found: str(chinese_number(found[0]) or ""), text))
    if match is None or cell.raw_type != "text" or (not match["year"] and match["mark"] != "月"):
        word = state_of(cell.text)
        return word if word is not None and word.problem else unreadable("not_a_date")
    return _moment(match, demand)


def _moment(match: re.Match[str], demand: Demand) -> Value:
    month, day, hour, minute, second = (
        int(match[n] or 0) for n in ("month", "day", "hour", "minute", "second")
    )
    hour += 12 if match["half"] in ("下午", "晚上") and hour < 12 else 0
    try:
        moment = dt.datetime(int(match["year"] or demand.cycle), month, day, hour, minute, second)
    except ValueError:
        return unreadable("not_a_date")
    return Value(moment, "text", "" if match["year"] else f"未写年份，按{demand.cycle}年")


def read_date(cell: Cell, demand: Demand) -> Value:
    """A day; a time of day is left out."""
    value = read_moment(cell, demand)
    if not isinstance(value.value, dt.datetime):
        return value
    return replace(value, value=value.value.replace(hour=0, minute=0, second=0, microsecond=0))


def read_text(cell: Cell, demand: Demand) -> Value:
    """Text as written, without the spaces around it; leftovers of the blank form (``x 件``, ``**``) are seen."""
    text = cell.text.strip()
    if PLACEHOLDER.search(folded(text)):
        return Value(text, "text", problem="placeholder_left")
    return Value(text, "text") if text else Value(None, "blank")


def read_choice(cell: Cell, demand: Demand) -> Value:
    """The id that label, alias or id stands for in the closed list that the demand brings."""
    written = plain(_digits(cell))
    if not written:
        return Value(None, "blank")
    found = demand.choices.get(written)
    return Value(found, "text") if found else unreadable("not_a_choice", allowed=demand.allowed)


def read_unit(cell: Cell, demand: Demand) -> Value:
    """The unit_id that a written name stands for; only stored names count."""
    if not plain(cell.text) or demand.units is None:
        return Value(None, "blank")
    found = demand.units.find(cell.text)
    return Value(found, "text") if found else unreadable("unknown_unit")


def _digits(cell: Cell) -> str:
    is_whole = cell.raw_type == "number" and cell.number is not None and float(cell.number).is_integer()
    return str(int(cell.number or 0)) if is_whole else cell.text


Reader = Callable[[Cell, Demand], Value]
READERS: dict[ValueKind, Reader] = {
    "count": read_count, "amount": read_amount, "number": read_amount, "points": read_amount, "ratio": read_ratio,
    "observed": read_observed, "boolean": read_boolean, "date": read_date, "datetime": read_moment, "text": read_text,
    "choice": read_choice, "unit": read_unit,
}  # fmt: skip


_QUANTITIES, _LONGEST_QUANTITY = frozenset(("count", "amount", "number", "points")), 100
_NO_VALUE = {"formula": "formula_without_value", "error": "error_value"}


def read_value(cell: Cell, demand: Demand) -> Value:
    """Read a cell as its place in the form demands."""
    if demand.kind in _QUANTITIES and len(cell.text) <= _LONGEST_QUANTITY:
        written = cell.text, cell.raw_type, cell.number, cell.number_format
        return _read_quantity(*written, demand.kind, demand.unit_of_measure, demand.unit_seen)
    return _read_any(cell, demand)


@functools.lru_cache(maxsize=1 << 13)  # most numbers are small, and stand in many cells
def _read_quantity(
    text: str, raw_type: RawType, stored: float | None, number_format: str, kind: ValueKind, unit: str, unit_seen: str
) -> Value:  # fmt: skip
    cell = Cell(0, 0, "", text, raw_type, stored, number_format=number_format)
    return _read_any(cell, Demand(kind, unit, unit_seen))


def _read_any(cell: Cell, demand: Demand) -> Value:
    if cell.raw_type in _NO_VALUE:
        return unreadable(_NO_VALUE[cell.raw_type])
    return READERS[demand.kind](cell, demand)
