"""Values as people write them → what they mean, one small function per kind of value (:data:`READERS`).

无, a dash and the numeral 一 used as a dash mean 0 and keep their own state; a blank and 待评定 are null. What
cannot be read becomes null with a problem, which is an issue code; nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lianzheng.config.forms import ValueKind
from lianzheng.intake.cells import Cell
from lianzheng.names import NameIndex, plain

Scalar = float | str | bool | dt.datetime | None
MONEY = {
    "元": 1,
    "百元": 100,
    "千元": 1_000,
    "万": 10_000,
    "万元": 10_000,
    "百万元": 1_000_000,
    "亿元": 10**8,
}
COUNTERS = (
    "人次 批次 份数 件次 场次 平方米 分钟 小时 起 件 人 次 份 条 篇 个 项 辆 台 张 名 批 期 场 家 户 间 处 天 年 分 ㎡ m2"
).split()
UNITS = (*sorted(MONEY, key=len, reverse=True), *COUNTERS, "%")
_UNIT = "|".join(map(re.escape, UNITS))
_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = re.compile(
    r"(?P<about>约|大约|大概|近)?"
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)"
    rf"(?P<over>余|多)?(?P<unit>{_UNIT})?(?P<after>左右|上下|许)?"
)
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[年./-])?(?P<month>\d{1,2})(?P<mark>[月./-])(?P<day>\d{1,2})[日号]?"
    r"(?:\((?:周|星期).\))?(?P<half>上午|下午|晚上)?"
    r"(?:T?(?P<hour>\d{1,2})(?:[时点:](?:(?P<minute>\d{1,2})分?)?(?::(?P<second>\d{1,2}))?)许?)?"
)
_TIME_GAP = re.compile(r"\s+(?=\d{1,2}[:：时点])")
_EPOCH = dt.datetime(1899, 12, 30)
_SERIALS = range(30_000, 80_000)  # Excel serial numbers of 1982–2119
TRUE = frozenset("是 有 √ ✓ ✔ ☑ y yes true 1 对 已 确认 已确认 已签 已盖".split())
FALSE = frozenset("否 无 × ✗ ✘ x n no false 0 没有 未 未确认 未签 未盖 不是".split())
PLACEHOLDER = re.compile(
    r"(?<![a-z])[x×]{2,}(?![a-z])|\*{2,}|(?<![a-z])[x×](?=[件起人次名项条个份年月])", re.I
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell means: value, how it was written, what was converted, and the issue code of a problem."""

    value: Scalar = None
    state: str = "number"
    conversion: str = ""
    problem: str = ""
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a place of a form asks for; ``unit_seen`` is the unit in the file's own header, if it names one."""

    kind: ValueKind
    unit_of_measure: str = ""
    unit_seen: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    allowed: str = ""
    cycle: int = 0
    units: NameIndex | None = None


_WORDS: tuple[tuple[re.Pattern[str], Value], ...] = (
    (re.compile(r""), Value(None, "blank")),
    (re.compile(r"无|没有|暂无"), Value(0.0, "word_none")),
    (re.compile(r"[-‐‑‒–—―－/]+"), Value(0.0, "dash")),
    (re.compile(r"一"), Value(0.0, "numeral_dash")),
    (re.compile(r"不适用"), Value(None, "not_applicable")),
    (re.compile(r"待.{1,3}|未定|尚未.{1,3}"), Value(None, "pending", problem="pending_value")),
    (re.compile(rf"[x×]+(?:{_UNIT})?|\*+(?:{_UNIT})?|_+|(?:{_UNIT})", re.I),
     Value(None, "unreadable", problem="placeholder_left")),
)  # fmt: skip


def folded(text: str) -> str:
    """Width folded and spaces gone; case, punctuation and Chinese stay."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("\u200b", "").replace("\ufeff", "")


def with_text(cell: Cell, text: str) -> Cell:
    """The same place holding another text: a part of what stands there."""
    return Cell(cell.row, cell.column, cell.address, text, is_hidden=cell.is_hidden)


def state_of(text: str) -> Value | None:
    """The value of a word that stands for a number (blank, 无, a dash, 一, 待评定, ``x 件``), or None."""
    written = folded(text)
    return next((value for pattern, value in _WORDS if pattern.fullmatch(written)), None)


def chinese_number(text: str) -> int:
    """三 → 3, 十二 → 12, 一百零五 → 105 (up to 9999); digits in a row (二〇一八) are read one by one."""
    if len(text) > 1 and not set(text) & set(_TENS):
        return int("".join(str(_NUMERALS[c]) for c in text))
    total, digit = 0, 0
    for character in text:
        if character in _TENS:
            total, digit = total + (digit or 1) * _TENS[character], 0
        else:
            digit = _NUMERALS[character]
    return total + digit


def read_number(cell: Cell, demand: Demand) -> Value:
    """Any number, with the unit that cell or header say converted to the demanded one."""
    if cell.raw_type == "number" and cell.number is not None:
        share = "%" in cell.number_format and demand.unit_of_measure == "%"
        number = Decimal(cell.text) * (100 if share else 1)
        return _in_unit(number, demand.unit_seen or demand.unit_of_measure, demand)
    word = state_of(cell.text)
    if cell.raw_type != "text" or word is not None:
        return word if word is not None and cell.raw_type == "text" else _unreadable("not_a_number")
    match = _NUMBER.fullmatch(folded(cell.text))
    if match is None:
        return _unreadable("not_a_number")
    digits = match["number"].replace(",", "")
    number = Decimal(chinese_number(digits) if digits[-1] in {*_NUMERALS, *_TENS} else digits)
    value = _in_unit(number, match["unit"] or demand.unit_seen or demand.unit_of_measure, demand)
    if value.problem or not (match["about"] or match["over"] or match["after"]):
        return value
    return replace(value, problem="approximate_value", words={"expected": f"{value.value:g}"})


def _in_unit(number: Decimal, seen: str, demand: Demand) -> Value:
    wanted = demand.unit_of_measure
    if seen == wanted or not (seen in MONEY or wanted in MONEY or "%" in (seen, wanted)):
        return Value(float(number))
    if seen in MONEY and wanted in MONEY:
        converted = float(number * MONEY[seen] / MONEY[wanted])
        return Value(converted, conversion=f"{number}{seen}换算为{converted:g}{wanted}")
    return _unreadable("not_a_number")


def _unreadable(problem: str, **words: object) -> Value:
    return Value(None, "unreadable", problem=problem, words=words)


def read_amount(cell: Cell, demand: Demand) -> Value:
    """A number that cannot be negative."""
    value = read_number(cell, demand)
    is_negative = isinstance(value.value, float) and value.value < 0
    return _unreadable("negative_value") if is_negative else value


def read_count(cell: Cell, demand: Demand) -> Value:
    """A whole number that cannot be negative."""
    value = read_amount(cell, demand)
    is_broken = isinstance(value.value, float) and not value.value.is_integer()
    return _unreadable("not_an_integer") if is_broken else value


def read_ratio(cell: Cell, demand: Demand) -> Value:
    """A share 0–1: 38.46%, 0.3846 and a percent-formatted number agree; 38.46 only where the form prints %."""
    text = folded(cell.text)
    is_text = cell.raw_type == "text"
    said = text.endswith("%") and is_text
    plain_demand = replace(demand, unit_of_measure="", unit_seen="")
    value = read_amount(with_text(cell, text.rstrip("%")) if said else cell, plain_demand)
    if not isinstance(value.value, float):
        return value
    in_percent = said or (value.value > 1 and demand.unit_of_measure == "%" and "%" not in cell.number_format)
    share = float(Decimal(repr(value.value)) / 100) if in_percent else value.value
    conversion = f"{text}换算为{share:g}" if in_percent else value.conversion
    return (
        replace(value, value=share, conversion=conversion)
        if share <= 1
        else _unreadable("ratio_out_of_range")
    )


def read_boolean(cell: Cell, demand: Demand) -> Value:
    """是 否 √ × 有 无 → true or false; a blank is null."""
    written = plain(cell.text)
    if cell.raw_type == "boolean" or written in TRUE or written in FALSE:
        return Value(bool(cell.number) if cell.raw_type == "boolean" else written in TRUE, "text")
    return _unreadable("not_a_choice", allowed="是、否") if written else Value(None, "blank")


def read_observed(cell: Cell, demand: Demand) -> Value:
    """核实数, the quantity that a rule counts: a number, a share, or 有 (1) and 无 (0)."""
    written = plain(cell.text)
    if cell.raw_type == "boolean" or (written in TRUE | FALSE and not written.isdigit() and written != "无"):
        return Value(float(bool(read_boolean(cell, demand).value)))
    return read_ratio(cell, demand) if written.endswith("%") else read_amount(cell, demand)


def read_moment(cell: Cell, demand: Demand) -> Value:
    """A date, perhaps with a time: date cells, Excel serial numbers, 2018.12.1, 12月3日, …15时20分许."""
    if cell.moment is not None:
        return Value(cell.moment, "text")
    text = folded(_TIME_GAP.sub("T", cell.text))
    if not text:
        return Value(None, "blank")
    if cell.raw_type == "number" and cell.number is not None and int(cell.number) in _SERIALS:
        return Value(_EPOCH + dt.timedelta(days=cell.number), "text", f"{text}按日期序号换算")
    if text.isdigit() and len(text) == 8:
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    match = _DATE.fullmatch(text)
    if match is None or cell.raw_type != "text" or (not match["year"] and match["mark"] != "月"):
        word = state_of(cell.text)
        return word if word is not None and word.problem else _unreadable("not_a_date")
    return _moment(match, demand)


def _moment(match: re.Match[str], demand: Demand) -> Value:
    month, day, hour, minute, second = (
        int(match[n] or 0) for n in ("month", "day", "hour", "minute", "second")
    )
    hour += 12 if match["half"] in ("下午", "晚上") and hour < 12 else 0
    try:
        moment = dt.datetime(int(match["year"] or demand.cycle), month, day, hour, minute, second)
    except ValueError:
        return _unreadable("not_a_date")
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
    return Value(found, "text") if found else _unreadable("not_a_choice", allowed=demand.allowed)


def read_unit(cell: Cell, demand: Demand) -> Value:
    """The unit_id that a written name stands for; only stored names count."""
    if not plain(cell.text) or demand.units is None:
        return Value(None, "blank")
    found = demand.units.find(cell.text)
    return Value(found, "text") if found else _unreadable("unknown_unit")


def _digits(cell: Cell) -> str:
    is_whole = cell.raw_type == "number" and cell.number is not None and float(cell.number).is_integer()
    return str(int(cell.number or 0)) if is_whole else cell.text


Reader = Callable[[Cell, Demand], Value]
READERS: dict[ValueKind, Reader] = {
    "count": read_count,
    "amount": read_amount,
    "number": read_amount,
    "points": read_amount,
    "ratio": read_ratio,
    "observed": read_observed,
    "boolean": read_boolean,
    "date": read_date,
    "datetime": read_moment,
    "text": read_text,
    "choice": read_choice,
    "unit": read_unit,
}


_NO_VALUE = {"formula": "formula_without_value", "error": "error_value"}


def read_value(cell: Cell, demand: Demand) -> Value:
    """Read a cell as its place in the form demands."""
    if cell.raw_type in _NO_VALUE:
        return _unreadable(_NO_VALUE[cell.raw_type])
    return READERS[demand.kind](cell, demand)
