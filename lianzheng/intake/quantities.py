"""Quantities as people write them: words for none and not yet, Chinese numerals, “about”, units of measure.

What says a number plainly is read; what leaves a choice (3-5, 三五次, 三百二, 3²) is not a number, and nobody guesses.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lianzheng.config.forms import MONEY, ValueKind
from lianzheng.intake.cells import Cell
from lianzheng.names import UNSEEN, NameIndex, remembered

Scalar = float | str | bool | dt.datetime | None
SCALES: tuple[Mapping[str, int], ...] = (MONEY, {"分钟": 1, "分": 1, "小时": 60})
"""Units of measure that convert into each other."""
COUNTERS = (
    "人次 批次 份数 件次 场次 平方米 分钟 小时 起 件 人 次 份 条 篇 个 项 辆 台 张 票 册 名 批 期 场 家 户 间 处 天 年 分 ㎡ m2"
).split()
UNITS = dict.fromkeys((*sorted(MONEY, key=len, reverse=True), *COUNTERS, "%"))
"""Every unit of measure, the longer of money first."""
_UNIT = "|".join(map(re.escape, UNITS))
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_CAPITALS = str.maketrans("〇壹贰叁肆伍陆柒捌玖拾佰仟貮參億萬", "零一二三四五六七八九十百千二三亿万")
_DIGIT = "[一二两三四五六七八九]"
_SECTION = re.compile(
    rf"(?:(?P<thousands>{_DIGIT})千)?(?:零?(?P<hundreds>{_DIGIT})百)?(?:零?(?P<tens>{_DIGIT}?)十)?"
    rf"(?:(?:(?<=十)|零|^)(?P<ones>{_DIGIT}))?"
)
_GROUPS = re.compile(r"(?:([^亿]+)亿)?(?:([^万亿]+)万)?([^万亿]*)")
_NUMBER = re.compile(
    r"(?:共计?|合?计|总计|累计)?:?(?P<about>约为?|大约|大概|将?近|接近|逾|超过)?(?P<currency>¥)?"
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[-+]?\.\d+|半|[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+)"
    r"(?P<half>个半)?(?P<over>余|多|来)?(?P<scale>[百千]?[万亿])?(?P<over_scale>余|多)?"
    rf"\(?(?P<unit>{_UNIT})?\)?(?:(?<=[元圆])整)?(?P<after>左右|上下|许|以上)?[。.]?"
)
_BLANKS = re.compile(rf"[\s{UNSEEN}]+")
_TWO_LINES = re.compile(r"\d[^\S\r\n]*[\r\n]\s*\d")
_SCALED_FORMAT = re.compile(r"[!\\]\.(?P<digits>0*)|(?P<thousands>,+)(?![#0?])")
_FORMAT_UNIT = re.compile("|".join(sorted(MONEY.keys() - {"万", "亿"}, key=len, reverse=True)))


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
    (re.compile(r"(?:无|没有|暂无|未发生|没有发生|未发现|无此(?:项|情况|类(?:情况|问题)?))[。.]?"), Value(0.0, "word_none")),
    (re.compile(r"[-‐‑‒–—―−－─━ー/\\]+"), Value(0.0, "dash")),
    (re.compile(r"一{1,4}"), Value(0.0, "numeral_dash")),
    (re.compile(r"不适用|不涉及|n/?a", re.I), Value(None, "not_applicable")),
    (re.compile(r"待.{1,3}|未定|未(?:评定|评|核定|确定|统计)|(?:尚|暂)未.{1,3}|暂无(?:数据|结果)|(?:正在)?(?:评定|统计|核实|审核|核查)中"),
     Value(None, "pending", problem="pending_value")),
    (re.compile(rf"[x×]+(?:{_UNIT})?|\*+(?:{_UNIT})?|_+|(?:{_UNIT})", re.I),
     Value(None, "unreadable", problem="placeholder_left")),
)  # fmt: skip


_BEYOND, _LONGEST = Decimal(10**18), 60  # numbers from here on, and writings longer than this, are none


@remembered
def folded(text: str) -> str:
    """Width folded, spaces and what nobody sees gone; case, punctuation and Chinese stay."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def unreadable(problem: str, **words: object) -> Value:
    """Nothing that could be read, and the issue code that says so."""
    return Value(None, "unreadable", problem=problem, words=words)


@remembered
def state_of(text: str) -> Value | None:
    """The value of a word that stands for a number (blank, 无, a dash, 一, 待评定, ``x 件``), or None."""
    written = folded(text)
    return next((value for pattern, value in _WORDS if pattern.fullmatch(written)), None)


def chinese_number(text: str) -> int | None:
    """三 → 3, 十二 → 12, 叁佰零伍 → 305, 三万五千 → 35000; digits in a row only with a zero (二〇一八).

    None where it leaves a choice: 三五 and 二三十 are ranges, 三百二 is 320 to some and 302 to others.
    """
    written = text.translate(_CAPITALS)
    if "零" in written and not set(written) & set(_TENS):
        return int("".join(str(_DIGITS[c]) for c in written))
    total, groups = 0, _GROUPS.fullmatch(written)
    for group, worth in zip(groups.groups() if groups else (), (10**8, 10**4, 1), strict=False):
        section = _SECTION.fullmatch(group.removeprefix("零") if total else group) if group else None
        if group and (section is None or (total and group[0] != "零" and "千" not in group)):
            return None
        total += worth * _section(section) if section else 0
    return total or None


def _section(match: re.Match[str]) -> int:
    tens = match["tens"]
    digits = [_DIGITS.get(match[name] or "", 0) for name in ("thousands", "hundreds", "ones")]
    ten = 10 * _DIGITS.get(tens, 1) if tens is not None else 0
    return digits[0] * 1000 + digits[1] * 100 + ten + digits[2]


def number_words(number: Decimal | float) -> str:
    """A number in full, without exponent and needless zeros: 12345000, 0.5."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    return f"{exact.normalize():f}"


def read_number(cell: Cell, demand: Demand) -> Value:
    """Any number, with the unit that cell or header say converted to the demanded one."""
    if cell.raw_type == "number" and cell.number is not None:
        return _stored(cell, demand)
    word = state_of(cell.text)
    if cell.raw_type != "text" or word is not None:
        return word if word is not None and cell.raw_type == "text" else unreadable("not_a_number")
    is_marked = any(unicodedata.category(character) == "No" for character in cell.text)  # 3², 3①
    written = re.sub(r"^[−负](?=[\d.])", "-", folded(cell.text))
    match = _NUMBER.fullmatch(written) if len(written) <= _LONGEST else None
    number = _number_of(match) if match and not is_marked and not _TWO_LINES.search(cell.text) else None
    if match is None or number is None:
        return unreadable("not_a_number")
    value = _in_unit(number, *_said_unit(match, demand), demand)
    is_about = any(match[name] for name in ("about", "over", "over_scale", "after"))
    if not is_about or not isinstance(value.value, float):
        return value
    return replace(value, problem="approximate_value", words={"expected": number_words(value.value)})


def _stored(cell: Cell, demand: Demand) -> Value:
    """A stored number as its format shows it: a share in percent, a scale (``0!.0,"万元"``), a unit of money."""
    number, seen = Decimal(cell.text), demand.unit_seen or demand.unit_of_measure
    if "%" in cell.number_format:
        return _in_unit(number * (100 if demand.unit_of_measure == "%" else 1), "", seen, demand)
    unit = _FORMAT_UNIT.search(cell.number_format) if demand.unit_of_measure in MONEY else None
    if unit is None:
        return _in_unit(number, "", seen, demand)
    scale = 1
    for match in _SCALED_FORMAT.finditer(cell.number_format.partition(";")[0]):
        scale *= 10 ** (len(match["digits"] or "") + 3 * len(match["thousands"] or ""))
    value = _in_unit(number / scale, "", unit[0], demand)
    told = value.conversion or f"存储{number}，显示为{number_words(number / scale)}{unit[0]}"
    return value if scale == 1 else replace(value, conversion=told)


def _number_of(match: re.Match[str]) -> Decimal | None:
    """The number that was written, without its scale; 半 needs a unit behind it."""
    digits = match["number"].replace(",", "")
    if digits == "半":
        return Decimal("0.5") if match["unit"] else None
    found = chinese_number(digits) if digits[-1] not in "0123456789." else Decimal(digits)
    return None if found is None else Decimal(found) + (Decimal("0.5") if match["half"] else 0)


def _said_unit(match: re.Match[str], demand: Demand) -> tuple[str, str]:
    """Scale (万, 千万) and unit of what was written; without a unit 万 means 元 where money is asked for."""
    scale, unit = match["scale"] or "", match["unit"] or ("元" if match["currency"] else "")
    is_scaled = bool(scale or set(match["number"]) & set("万亿"))
    if not unit and is_scaled and demand.unit_of_measure in MONEY:
        return (scale, "") if scale in MONEY else (scale, "元")
    return scale, unit or ("" if scale else demand.unit_seen or demand.unit_of_measure)


def _in_unit(number: Decimal, scale: str, unit: str, demand: Demand) -> Value:
    wanted, seen = demand.unit_of_measure, scale + unit
    if seen == wanted or not seen:
        return _number(number)
    factor = 1
    for character in scale:
        factor *= _TENS[character]
    same = next((known for known in SCALES if (unit or scale) in known and wanted in known), None)
    if same is not None:
        converted = number * (factor * same[unit] if unit else same[scale]) / same[wanted]
        return _number(converted, f"{number}{seen}换算为{number_words(float(converted))}{wanted}")
    is_measured = [any(one in known for known in SCALES) for one in (unit, wanted)]
    if is_measured[1] or (is_measured[0] and wanted) or unit in MONEY or "%" in (unit, wanted):
        return unreadable("not_a_number")
    told = f"{number}{seen}换算为{number_words(number * factor)}{unit or wanted}" if scale else ""
    return _number(number * factor, told)


def _number(number: Decimal, conversion: str = "") -> Value:
    """A number, unless it is beyond anything that is counted or paid."""
    return (
        Value(float(number), conversion=conversion) if abs(number) < _BEYOND else unreadable("not_a_number")
    )
