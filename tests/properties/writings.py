"""How people write a value: ways that must be read as exactly what was meant, and faults with the code that each must give.

Nothing here imports what reads them. A way is a plain function of the value and of its spot in the form, so that
hypothesis only chooses among ways, and a failing example shrinks to the plainest writing that still fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lianzheng.config.load import Choices

Scalar = str | int | float | bool | dt.date | None
MONEY = {
    "元": 1,
    "百元": 100,
    "千元": 1_000,
    "万元": 10_000,
    "十万元": 100_000,
    "百万元": 10**6,
    "亿元": 10**8,
}
SHARE_FORMAT, DATE_FORMAT, MOMENT_FORMAT = "0.00%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
NUMBERS = ("count", "amount", "number", "points", "observed")


@dataclass(frozen=True)
class Typed:
    """What stands in a cell, what it means, how its table says that it was written, and the codes that it must give.

    ``needs``: what a format must be able to hold (number, date, boolean, format, formula, error) beside text.
    """

    value: Scalar
    meant: Any = None
    state: str = "number"
    codes: tuple[str, ...] = ()
    number_format: str = "General"
    needs: str = ""


@dataclass(frozen=True)
class Spot:
    """A place to write into: kind of value, unit of measure wanted and seen in the file, closed list, names of units."""

    kind: str
    unit: str = ""
    seen: str = ""
    choices: Choices = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    maximum: Decimal | None = None
    is_required: bool = False


Way = Callable[[Any, Spot], Typed | None]
_ONES, _TENS = "零一二三四五六七八九", ("", "十", "百", "千")
_WIDE = str.maketrans("0123456789.,-+%", "０１２３４５６７８９．，－＋％")
_CAPITALS = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")


def numeral(number: int) -> str:
    """A whole number below 10⁸ as it is spoken: 0 零, 12 十二, 305 三百零五, 10500 一万零五百."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        tail = (numeral(rest) if rest >= 20 or rest < 10 else "一" + numeral(rest)) if rest else ""
        return f"{numeral(number // 10_000)}万{gap}{tail}"
    text, digits = "", str(number)
    for place, digit in enumerate(digits):
        text += _ONES[int(digit)] + (_TENS[len(digits) - 1 - place] if digit != "0" else "")
    while "零零" in text:
        text = text.replace("零零", "零")
    text = text.rstrip("零") or "零"
    return text[1:] if text.startswith("一十") else text


def plain(number: Decimal) -> str:
    """Without exponent and needless zeros."""
    return f"{number.normalize():f}"


def as_number(number: Decimal) -> int | float:
    """As a spreadsheet stores it."""
    return int(number) if number == number.to_integral() else float(number)


def _number(number: Decimal, text: str | int | float, state: str = "number", **more: Any) -> Typed:
    return Typed(text, float(number), state, **more)


def _shown(number: Decimal, spot: Spot) -> Decimal:
    """The figure in the unit that the file's own header says."""
    if spot.unit not in MONEY or not spot.seen or spot.seen == spot.unit:
        return number
    return number * MONEY[spot.unit] / MONEY[spot.seen]


def _of_text(write: Callable[[Decimal, Spot], str | None]) -> Way:
    """A way that writes the figure of the header's unit as text."""

    def way(number: Decimal, spot: Spot) -> Typed | None:
        text = write(_shown(number, spot), spot)
        return None if text is None else _number(number, text)

    return way


def _stored(number: Decimal, spot: Spot) -> Typed:
    return _number(number, as_number(_shown(number, spot)))


def _word(number: Decimal, spot: Spot, *words: tuple[str, str]) -> Typed | None:
    if number:
        return None
    text, state = words[len(spot.unit) % len(words)]
    return _number(number, text, state)


def _own_unit(number: Decimal, spot: Spot) -> str | None:
    """The figure with the unit that its column has; where that is another than the wanted one, this one is said."""
    unit = spot.seen or spot.unit or {"points": "分"}.get(spot.kind, "")
    return f"{plain(number)}{unit}" if unit else None


def _spoken(number: Decimal, spot: Spot) -> str | None:
    """三, 十二, 三百零五; 一 alone is a dash."""
    is_speakable = number == number.to_integral() and 0 <= number < 10**8 and number != 1
    return numeral(int(number)) if is_speakable else None


def _capital(number: Decimal, spot: Spot) -> str | None:
    """叁佰零伍."""
    text = _spoken(number, spot)
    return None if text is None or number > 9999 else text.translate(_CAPITALS)


def _spoken_unit(number: Decimal, spot: Spot) -> str | None:
    unit = spot.seen or spot.unit
    text = numeral(int(number)) if number == number.to_integral() and 0 < number < 10**8 else None
    text = "两" if text == "二" else text
    return None if text is None or unit not in ("次", "起", "人", "份", "元") else f"{text}{unit}"


def _in_yuan(number: Decimal, spot: Spot) -> Typed | None:
    yuan = plain(number * MONEY[spot.unit]) if spot.unit in MONEY else ""
    return _number(number, f"{yuan}元") if yuan and yuan != "0" else None


def _grouped_yuan(number: Decimal, spot: Spot) -> Typed | None:
    return _number(number, f"¥{number * MONEY[spot.unit]:,.2f}") if spot.unit in MONEY else None


def _scaled(number: Decimal, spot: Spot) -> Typed | None:
    """12.5万, 0.00125亿元: the cell's own unit goes before the header's."""
    if spot.unit not in MONEY or not number:
        return None
    return _number(number, f"{plain(number * MONEY[spot.unit] / 10_000)}万元")


def _yuan_format(number: Decimal, spot: Spot) -> Typed | None:
    if spot.unit not in MONEY:
        return None
    stored = as_number(number * MONEY[spot.unit])
    return _number(number, stored, number_format='#,##0.00"元"', needs="format")


def _scaled_format(number: Decimal, spot: Spot) -> Typed | None:
    """125000 that the sheet shows as 12.5万元."""
    if spot.unit not in MONEY:
        return None
    stored = as_number(number * MONEY[spot.unit])
    return _number(number, stored, number_format='0!.0,"万元"', needs="format")


def _about(number: Decimal, spot: Spot) -> Typed | None:
    text = _own_unit(_shown(number, spot), spot)
    return _number(number, f"约{text}", codes=("approximate_value",)) if text and number else None


def _share(number: Decimal, spot: Spot) -> Typed | None:
    return _number(number, f"{plain(number * 100)}%") if spot.kind == "observed" and number <= 1 else None


def _said_share(number: Decimal, spot: Spot) -> Typed | None:
    return (
        _number(number, f"百分之{plain(number * 100)}") if spot.kind == "observed" and number <= 1 else None
    )


def _share_format(number: Decimal, spot: Spot) -> Typed | None:
    is_share = spot.kind == "observed" and number <= 1
    return (
        _number(number, as_number(number), number_format=SHARE_FORMAT, needs="format") if is_share else None
    )


def _yes(number: Decimal, spot: Spot) -> Typed | None:
    return _number(number, "有") if spot.kind == "observed" and number == 1 else None


NUMBER_WAYS: tuple[Way, ...] = (
    _stored,
    _of_text(lambda n, spot: plain(n)),
    _of_text(lambda n, spot: plain(n).translate(_WIDE)),
    _of_text(lambda n, spot: f"{n:,f}"),
    _of_text(lambda n, spot: f"{n:,f}".translate(_WIDE)),
    _of_text(lambda n, spot: f"{plain(n)}.0" if n == n.to_integral() else f"{plain(n)}0"),
    _of_text(_own_unit),
    _of_text(lambda n, spot: (t := _own_unit(n, spot)) and f" {t[0]}{t[1:]} "),
    _of_text(lambda n, spot: (t := _own_unit(n, spot)) and f"共 {t}。"),
    _of_text(lambda n, spot: f"\u00a0{plain(n)}\u3000"),
    _of_text(lambda n, spot: f"\u200b{plain(n)}\ufeff"),
    _of_text(lambda n, spot: f"\u200e{plain(n)}\u200f"),
    _of_text(lambda n, spot: f"{plain(n)}\u2060"),
    _of_text(lambda n, spot: f"\n{plain(n)}\n"),
    _of_text(lambda n, spot: f"+{plain(n)}"),
    _of_text(lambda n, spot: f"{plain(n)}。"),
    _of_text(_spoken),
    _of_text(_capital),
    _of_text(_spoken_unit),
    _in_yuan, _grouped_yuan, _scaled, _yuan_format, _scaled_format, _about, _share, _said_share, _share_format, _yes,
    lambda n, spot: _word(n, spot, ("无", "word_none"), ("没有", "word_none"), ("未发生", "word_none"), ("无。", "word_none")),
    lambda n, spot: _word(n, spot, ("—", "dash"), ("－", "dash"), ("/", "dash"), ("---", "dash"), ("——", "dash")),
    lambda n, spot: _word(n, spot, ("一", "numeral_dash"), ("一一", "numeral_dash")),
)  # fmt: skip


def _day(write: Callable[[dt.date], str]) -> Way:
    def way(value: dt.date, spot: Spot) -> Typed:
        return Typed(write(value), midnight(value), "text")

    return way


def midnight(value: dt.date) -> dt.datetime:
    """A day as the tables hold it."""
    return dt.datetime(value.year, value.month, value.day)


def _spoken_day(value: dt.date) -> str:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value.year))
    return f"{year}年{numeral(value.month)}月{numeral(value.day)}日"


def _serial(value: dt.date, spot: Spot) -> Typed:
    return Typed((value - dt.date(1899, 12, 30)).days, midnight(value), "text", needs="number")


def _without_year(value: dt.date, spot: Spot) -> Typed | None:
    return Typed(f"{value.month}月{value.day}日", midnight(value), "text") if value.year == 2018 else None


DATE_WAYS: tuple[Way, ...] = (
    lambda d, spot: Typed(d, midnight(d), "text", number_format=DATE_FORMAT, needs="date"),
    _day(lambda d: d.isoformat()),
    _day(lambda d: f"{d.year}.{d.month}.{d.day}"),
    _day(lambda d: f"{d.year}/{d.month}/{d.day}"),
    _day(lambda d: f"{d.year}年{d.month}月{d.day}日"),
    _day(lambda d: f"{d.year} 年 {d.month:02} 月 {d.day:02} 日"),
    _day(lambda d: f"{d.year}年{d.month}月{d.day}号"),
    _day(lambda d: f"{d.year}年{d.month}月{d.day}日".translate(_WIDE)),
    _day(lambda d: f"{d.year}．{d.month}．{d.day}".translate(_WIDE)),
    _day(lambda d: f"{d:%Y%m%d}"),
    _day(_spoken_day),
    _day(lambda d: f" {d.year}年{d.month}月{d.day}日（周{'一二三四五六日'[d.weekday()]}）"),
    _day(lambda d: f"{d.isoformat()} 00:00:00"),
    _day(lambda d: f"\u200b{d.year}-{d.month}-{d.day}\u200e"),
    _day(lambda d: f"{d.year}年{d.month}月{d.day}日\n"),
    _serial,
    _without_year,
)


def _moment(write: Callable[[dt.datetime], str]) -> Way:
    return lambda value, spot: Typed(write(value), value, "text")


MOMENT_WAYS: tuple[Way, ...] = (
    lambda m, spot: Typed(m, m, "text", number_format=MOMENT_FORMAT, needs="date"),
    _moment(lambda m: f"{m:%Y-%m-%d %H:%M}"),
    _moment(lambda m: f"{m:%Y-%m-%d %H:%M:%S}"),
    _moment(lambda m: f"{m:%Y-%m-%dT%H:%M}"),
    _moment(lambda m: f"{m:%Y/%m/%d  %H:%M}"),
    _moment(lambda m: f"{m.year}年{m.month}月{m.day}日{m.hour}时{m.minute}分"),
    _moment(lambda m: f"{m.year}年{m.month}月{m.day}日 {m.hour}时{m.minute}分许"),
    _moment(lambda m: f"{m.year}.{m.month}.{m.day} {m.hour}：{m.minute:02}"),
    _moment(
        lambda m: (
            f"{m.year}年{m.month}月{m.day}日{'下午' if m.hour > 11 else '上午'}{m.hour % 12 or 12 * (m.hour > 11)}时{m.minute}分"
        )
    ),
)


def _name(pick: int, change: Callable[[str], str] = str) -> Way:
    def way(value: str, spot: Spot) -> Typed | None:
        if spot.kind == "unit":
            names = [name for name in spot.units[value] if name]
        else:
            label, aliases = spot.choices[value]
            names = [label, *aliases, value]
        return Typed(change(names[pick % len(names)]), value, "text")

    return way


def _body(value: str, spot: Spot) -> Typed | None:
    return Typed(f"中共{spot.units[value][0]}委员会", value, "text") if spot.kind == "unit" else None


def _stamp(value: str, spot: Spot) -> Typed | None:
    return Typed(f"{spot.units[value][0]}（盖章）", value, "text") if spot.kind == "unit" else None


def _id_as_number(value: str, spot: Spot) -> Typed | None:
    return Typed(int(value), value, "text") if value.isdigit() else None


NAME_WAYS: tuple[Way, ...] = (
    *map(_name, range(5)),
    _name(0, lambda name: f"  {name}\u3000"),
    _name(0, " ".join),
    _name(0, lambda name: f"{name[:1]}\n{name[1:]}"),
    _name(0, lambda name: f"{name[:2]}\u00a0{name[2:]}\u200b"),
    _name(0, lambda name: f"\u200e{name}\u2060"),
    _name(1, lambda name: name.translate(str.maketrans("（）“”", '()""'))),
    _body,
    _stamp,
    _id_as_number,
)
_YES, _NO = "是 有 √ ✓ ✔ ☑ Y yes TRUE １ 对 已".split(), "否 无 × ✗ ✘ N no FALSE ０ 没有 未 不是".split()


def _answer(pick: int, change: Callable[[str], str] = str) -> Way:
    return lambda value, spot: Typed(change((_YES if value else _NO)[pick]), value, "text")


BOOLEAN_WAYS: tuple[Way, ...] = (
    *map(_answer, range(len(_YES))),
    _answer(0, lambda word: f" {word}\u3000"),
    _answer(0, lambda word: f"{word}\n"),
    lambda value, spot: Typed(value, value, "text", needs="boolean"),
    lambda value, spot: Typed(int(value), value, "text"),
)
TEXT_WAYS: tuple[Way, ...] = (
    lambda text, spot: Typed(text, text, "text"),
    lambda text, spot: Typed(f"  {text}", text, "text"),
    lambda text, spot: Typed(f"{text}\n", text, "text"),
    lambda text, spot: Typed(f"\u3000\u3000{text}\u00a0", text, "text"),
    lambda text, spot: (
        Typed(int(text), text, "text", needs="number") if text.isascii() and text.isdigit() and text[0] != "0" else None
    ),
)  # fmt: skip
WAYS: dict[str, tuple[Way, ...]] = {
    **dict.fromkeys(NUMBERS, NUMBER_WAYS), "date": DATE_WAYS, "datetime": MOMENT_WAYS, "choice": NAME_WAYS, "unit": NAME_WAYS,
    "boolean": BOOLEAN_WAYS, "text": TEXT_WAYS,
}  # fmt: skip
BLANKS: tuple[Scalar, ...] = (None, " ", "\u3000\u3000", "\n")


def faults(spot: Spot, is_open: bool = True) -> list[Typed]:
    """What must be read as nothing, each with its code; ``is_open``: a blank may stand here without a word."""
    found = [_fault(code, value) for code, values in _BAD.get(spot.kind, {}).items() for value in values]
    if spot.kind in NUMBERS:
        found = [_fault(code, value) for code, values in _BAD_NUMBERS.items() for value in values]
        found += [_fault("not_a_number", "12\n3", needs="lines")]
        found += (
            [_fault("not_an_integer", value) for value in (2.5, "3.5", "１．５")]
            if spot.kind == "count"
            else []
        )
        found += [_fault("ratio_out_of_range", "150%")] if spot.kind == "observed" else []
        found += (
            [_fault("not_a_number", "5元"), _fault("not_a_number", "5%")]
            if spot.unit and spot.unit not in MONEY
            else []
        )
    if spot.kind != "text":
        found += [_fault("error_value", value, needs="error") for value in ("#N/A", "#DIV/0!", "#REF!")]
        found += [_fault("formula_without_value", "=X90*2", needs="formula")]
    if not is_open:
        found += [Typed(value, None, "blank", ("missing_value",)) for value in BLANKS]
    return found


def _fault(code: str, value: Scalar, needs: str = "") -> Typed:
    return Typed(value, None, "pending" if code == "pending_value" else "unreadable", (code,), needs=needs)


_BAD_NUMBERS: dict[str, tuple[Scalar, ...]] = {
    "not_a_number": ("很多", "三五次", "3-5", "3至5", "3²", "二三十", "1.2.3", "abc", "5起3人", "三百二", "1,23", "2018-12-01", "①"),
    "negative_value": (-3, "-3", "－３", "负3", "−3", -0.5),
    "pending_value": ("待定", "待核实", "尚未统计", " 待 定 "),
    "placeholder_left": ("xx", "x 件", "××", "**", "____", "件"),
}  # fmt: skip
_WORDS: dict[str, tuple[Scalar, ...]] = {"not_a_choice": ("说不清", "是/否", "大概是", "2")}
_BAD: dict[str, dict[str, tuple[Scalar, ...]]] = {
    "date": {
        "not_a_date": ("2018年13月1日", "2月30日", "明天", "2018年12月", "2017/2/29", 5, "12.1", "2018-12-32", "十一月下旬"),
        "pending_value": ("待定",),
        "placeholder_left": ("xx",),
    },
    "datetime": {"not_a_date": ("2018-12-01 25:00", "上午", "2018年12月"), "pending_value": ("待定",)},
    "boolean": _WORDS,
    "choice": {"not_a_choice": ("说不清", "第九", "其他的其他", "—")},
    "unit": {"unknown_unit": ("某某管理处", "不详", "东河")},
    "text": {},
}  # fmt: skip
LEFTOVERS = ("共x件", "由XX单位负责", "**", "×人次参加", "ｘｘ年")
"""Texts that the blank form's author left to be filled in: kept, and asked about."""
