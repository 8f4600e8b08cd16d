"""Numbers, states and lists as Chinese readers expect them in an official paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from lianzheng.scoring.rounding import CENT, round_half_up, written

DASH = "—"
FORMATS = (
    "points", "signed", "share", "percent", "number", "day", "day_of_year", "day_of_month", "moment", "sentence", "quoted",
)  # fmt: skip
"""The functions here that a column of ``wording.yml`` may name as its format."""
NUMERALS = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


def points(value: Any, missing: str = DASH) -> str:
    """Points with two decimals, rounded half up; ``missing`` where there is no value."""
    return missing if pd.isna(value) else f"{round_half_up(value)}"


def interval(low: Any, high: Any, form: str = "{}", missing: str = DASH) -> str:
    """A span of points, set into ``form``; ``missing`` where there is none."""
    return missing if pd.isna(low) or pd.isna(high) else form.format(f"{points(low)}–{points(high)}")


def signed(value: Any, missing: str = DASH) -> str:
    """A difference in points with its sign (a true minus), two decimals."""
    if pd.isna(value):
        return missing
    rounded = round_half_up(value)
    return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"


def signed_number(value: Any, missing: str = DASH) -> str:
    """A difference of counts or amounts with its sign (a true minus): +3, −1.34, 0."""
    if pd.isna(value):
        return missing
    size = number(abs(value))
    return size if size == "0" else f"{'+' if value > 0 else '−'}{size}"


def changed(last_value: Any, change: Any, change_pct: Any, minimum: float) -> str:
    """What became of a figure since last year: +3（+25.0%）, +3（基数不足5）, 持平, 无上年数."""
    if pd.isna(last_value) or pd.isna(change):
        return "无上年数" if pd.isna(last_value) else DASH
    difference = signed_number(change)
    if difference == "0":
        return "持平"
    if pd.isna(change_pct):
        return f"{difference}（基数不足{number(minimum)}）"
    return f"{difference}（{percent(change_pct)}）"


def sum_note(parts: Sequence[Any], total: Any, whole: str = "总分", of: str = "各部分") -> str:
    """A sentence where shown parts, each rounded, do not add up to the shown sum; nothing where they do.

    Nothing either where rounding cannot be why: n parts and a sum explain at most (n + 1) halves of 0.01.
    """
    known = [part for part in parts if not pd.isna(part)]
    if pd.isna(total) or not known:
        return ""
    added, shown = sum((round_half_up(part) for part in known), Decimal(0)), round_half_up(total)
    gap = abs(added - shown)
    if not gap or gap > CENT / 2 * (len(known) + 1):
        return ""
    return f"{of}四舍五入后相加为{added}，与{whole}{shown}相差{gap}，系四舍五入所致"


def share(value: Any, missing: str = DASH) -> str:
    """A share between 0 and 1 as a percentage with one decimal."""
    return missing if pd.isna(value) else f"{round_half_up(float(value) * 10).scaleb(1)}%"


def percent(value: Any, missing: str = DASH) -> str:
    """A change in percent with its sign (a true minus) and one decimal."""
    if pd.isna(value):
        return missing
    size = share(abs(value) / 100)
    return size if size == "0.0%" else f"{'+' if value > 0 else '−'}{size}"


def number(value: Any, missing: str = DASH) -> str:
    """A count or amount: whole numbers without decimals, others with at most two."""
    return missing if pd.isna(value) else written(value)


def text(value: Any, missing: str = "") -> str:
    """A stored text, or ``missing`` where it is null or empty."""
    return missing if pd.isna(value) or value == "" else str(value)


def day(value: Any, missing: str = DASH) -> str:
    """A date as 2018年12月1日, without leading zeros."""
    return missing if pd.isna(value) else f"{value.year}年{value.month}月{value.day}日"


def day_of_year(value: Any, missing: str = DASH) -> str:
    """A date as 12月1日."""
    return missing if pd.isna(value) else f"{value.month}月{value.day}日"


def day_of_month(value: Any, missing: str = DASH) -> str:
    """A date as 1日."""
    return missing if pd.isna(value) else f"{value.day}日"


def moment(value: Any, missing: str = DASH) -> str:
    """A time of receipt as 12月1日 09:05."""
    return missing if pd.isna(value) else f"{value.month}月{value.day}日 {value:%H:%M}"


def listed(names: Sequence[str], most: int = 6, counter: str = "个单位") -> str:
    """Names in running text: 甲 / 甲和乙 / 甲、乙和丙 / 甲、乙、丙等8个单位 beyond ``most``."""
    if len(names) > most:
        return f"{'、'.join(names[:most])}等{len(names)}{counter}"
    return "和".join(part for part in ("、".join(names[:-1]), names[-1]) if part) if names else ""


def shortened(value: str, longest: int) -> str:
    """At most so many characters, the last of them ``…`` where something was left out."""
    return value if len(value) <= longest else value[: longest - 1].rstrip("，、；。 ") + "…"


def quoted(value: Any, missing: str = "") -> str:
    """A name in quotation marks; marks inside it become single ones."""
    return f"“{text(value, missing).replace('“', '‘').replace('”', '’')}”"


def numeral(value: int) -> str:
    """1–99 in Chinese numerals, as headings are numbered: 一 … 十 十一 … 二十 二十一."""
    tens, ones = divmod(value, 10)
    return (NUMERALS[tens] if tens > 1 else "") + ("十" if tens else "") + (NUMERALS[ones] if ones else "")


def sentence(value: Any, missing: str = "") -> str:
    """Free text as the inside of a sentence: no blanks around it and no closing mark."""
    return text(value, missing).strip().rstrip("。；;，,、.！!？? \n")
