"""Numbers, dates and lists as an official paper writes them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from lianzheng.pages import words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (words.points(84.615), "84.62"),
        (words.points(0.125), "0.13"),  # round() would say 0.12
        (words.points(2.675), "2.68"),
        (words.points(90), "90.00"),
        (words.points(None), "—"),
        (words.points(float("nan"), "未核验"), "未核验"),
        (words.points(pd.NA, "未报"), "未报"),
        (words.signed(1.5), "+1.50"),
        (words.signed(-1.005), "−1.01"),
        (words.signed(-0.0), "0.00"),
        (words.signed(-0.001), "0.00"),
        (words.signed(None), "—"),
        (words.signed_number(3), "+3"),
        (words.signed_number(-1.345), "−1.35"),
        (words.signed_number(0.004), "0"),
        (words.signed_number(-0.004), "0"),
        (words.signed_number(None), "—"),
        (words.changed(8, 2, 25, 5), "+2（+25.0%）"),
        (words.changed(8, -3, -37.5, 5), "−3（−37.5%）"),
        (words.changed(4, 3, None, 5), "+3（基数不足5）"),
        (words.changed(4, 0, None, 5), "持平"),
        (words.changed(None, None, None, 5), "无上年数"),
        (words.changed(4, None, None, 5), "—"),
        (words.share(0.8565), "85.7%"),
        (words.share(0.00045), "0.0%"),
        (words.share(0.0005), "0.1%"),
        (words.share(1), "100.0%"),
        (words.share(None, "数据不足"), "数据不足"),
        (words.number(1375), "1375"),
        (words.number(100.0), "100"),
        (words.number(0.25), "0.25"),
        (words.number(4.966), "4.97"),
        (words.number(pd.NA), "—"),
        (words.interval(88.0, 92.005), "88.00–92.01"),
        (words.interval(88.0, 92.0, "（{}）"), "（88.00–92.00）"),
        (words.interval(None, 92.0), "—"),
        (words.text(float("nan"), "无"), "无"),
        (words.text("", "无"), "无"),
        (words.text("甲"), "甲"),
        (words.day(dt.date(2018, 12, 1)), "2018年12月1日"),
        (words.day(pd.NaT), "—"),
        (words.moment(pd.Timestamp("2018-12-01 09:05")), "12月1日 09:05"),
        (words.sentence(" 全部整改。\n"), "全部整改"),
        (words.quoted("履行“一岗双责”情况"), "“履行‘一岗双责’情况”"),
    ],
)
def test_it_is_written_so(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["甲"], "甲"),
        (["甲", "乙"], "甲和乙"),
        (["甲", "乙", "丙"], "甲、乙和丙"),
        (list("甲乙丙丁戊己"), "甲、乙、丙、丁、戊和己"),
        (list("甲乙丙丁戊己庚"), "甲、乙、丙、丁、戊、己等7个单位"),
    ],
)
def test_a_list_of_none_one_two_and_many(names: list[str], expected: str) -> None:
    assert words.listed(names) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "一"), (7, "七"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_numerals(number: int, expected: str) -> None:
    assert words.numeral(number) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-5.36, "−5.4%"), (29.5, "+29.5%"), (0.04, "0.0%"), (None, "—"), (float("nan"), "—")],
)
def test_a_change_in_percent_has_its_sign(value: float | None, expected: str) -> None:
    assert words.percent(value) == expected


def test_a_day_in_its_year_and_month() -> None:
    day = dt.date(2018, 12, 4)
    assert (words.day_of_year(day), words.day_of_month(day), words.day_of_month(None)) == (
        "12月4日",
        "4日",
        "—",
    )


ROUNDED = [
    # 61.594 → 61.59, 17.214 → 17.21, together 78.80 of which 0 is taken; the sum 78.808 → 78.81
    ([61.594, 17.214], 78.808, "各部分四舍五入后相加为78.80，与总分78.81相差0.01，系四舍五入所致"),
    ([66.645, 17.205, 0.0], 83.85, "各部分四舍五入后相加为83.86，与总分83.85相差0.01，系四舍五入所致"),
    ([61.59, 17.21], 78.80, ""),  # adds up: nothing to say
    ([61.594, 17.212], 78.806, "各部分四舍五入后相加为78.80，与总分78.81相差0.01，系四舍五入所致"),
    ([100.0, 20.0, -3.0], 100.0, ""),  # cut at 100: rounding is not why
    ([0.006, 0.006, 0.006, 0.006], 0.024, "各部分四舍五入后相加为0.04，与总分0.02相差0.02，系四舍五入所致"),
    ([50.0, None], 50.0, ""),
    ([50.0], None, ""),
    ([], 1.0, ""),
]


@pytest.mark.parametrize(("parts", "total", "expected"), ROUNDED)
def test_parts_that_do_not_add_up_because_of_rounding_say_so(
    parts: list[float | None], total: float | None, expected: str
) -> None:
    assert words.sum_note(parts, total) == expected


def test_what_is_added_up_has_its_own_words() -> None:
    told = words.sum_note([1.004, 1.004], 2.008, "检查得分", "各部分与加分")
    assert told == "各部分与加分四舍五入后相加为2.00，与检查得分2.01相差0.01，系四舍五入所致"
