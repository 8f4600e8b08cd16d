"""Cleaning of single values: what is written beside what it must mean."""

from __future__ import annotations

import datetime as dt

import pytest

from lianzheng.intake.cells import Cell
from lianzheng.intake.values import READERS, Demand, Value, chinese_number, read_value, state_of
from lianzheng.issues import KINDS
from tests.unit.intake.small import LOOKUPS, UNITS, cell_of


def read(written, kind, unit="", seen="", number_format="General", **demand):
    cell = written if isinstance(written, Cell) else cell_of(1, 1, written, number_format)
    return read_value(cell, Demand(kind, unit, seen, cycle=2018, units=UNITS, **demand))


NUMBERS = [
    # written, value, state, problem
    (3, 3.0, "number", ""),
    (2.5, 2.5, "number", ""),
    ("3", 3.0, "number", ""),
    ("１２", 12.0, "number", ""),
    (" 1 2 ", 12.0, "number", ""),
    ("\u200e12\u200f", 12.0, "number", ""),
    ("\u202a1\u2060２\u202c", 12.0, "number", ""),
    ("\u200e待定\u200f", None, "pending", "pending_value"),
    ("1,234", 1234.0, "number", ""),
    ("１，２３４．５", 1234.5, "number", ""),
    ("12,34", None, "unreadable", "not_a_number"),
    ("+3", 3.0, "number", ""),
    ("三", 3.0, "number", ""),
    ("十二", 12.0, "number", ""),
    ("二十", 20.0, "number", ""),
    ("一百零五", 105.0, "number", ""),
    ("两次", 2.0, "number", ""),
    ("一次", 1.0, "number", ""),
    ("3次", 3.0, "number", ""),
    ("3 次", 3.0, "number", ""),
    ("3起", 3.0, "number", ""),
    ("无", 0.0, "word_none", ""),
    ("没有", 0.0, "word_none", ""),
    ("—", 0.0, "dash", ""),
    ("——", 0.0, "dash", ""),
    ("-", 0.0, "dash", ""),
    ("－", 0.0, "dash", ""),
    ("/", 0.0, "dash", ""),
    ("一", 0.0, "numeral_dash", ""),
    ("0", 0.0, "number", ""),
    (0, 0.0, "number", ""),
    ("", None, "blank", ""),
    ("　 ", None, "blank", ""),
    ("不适用", None, "not_applicable", ""),
    ("待评定", None, "pending", "pending_value"),
    ("待定", None, "pending", "pending_value"),
    ("约3", 3.0, "number", "approximate_value"),
    ("3左右", 3.0, "number", "approximate_value"),
    ("30余次", 30.0, "number", "approximate_value"),
    ("x 次", None, "unreadable", "placeholder_left"),
    ("XX", None, "unreadable", "placeholder_left"),
    ("**", None, "unreadable", "placeholder_left"),
    ("万元", None, "unreadable", "placeholder_left"),
    ("若干", None, "unreadable", "not_a_number"),
    ("3-5", None, "unreadable", "not_a_number"),
    ("12人次和3人", None, "unreadable", "not_a_number"),
    ("5万元", None, "unreadable", "not_a_number"),
    ("38%", None, "unreadable", "not_a_number"),
    (-2, None, "unreadable", "negative_value"),
    ("-2", None, "unreadable", "negative_value"),
    (True, None, "unreadable", "not_a_number"),
    (dt.date(2018, 3, 1), None, "unreadable", "not_a_number"),
    (Cell(1, 1, "A1", "#DIV/0!", "error"), None, "unreadable", "error_value"),
    (Cell(1, 1, "A1", "=SUM(A1:A3)", "formula"), None, "unreadable", "formula_without_value"),
]


@pytest.mark.parametrize(("written", "value", "state", "problem"), NUMBERS)
def test_numbers(written, value, state, problem):
    found = read(written, "amount", "次")
    assert (found.value, found.state, found.problem) == (value, state, problem)


@pytest.mark.parametrize(
    ("written", "value", "problem"),
    [
        (2, 2.0, ""),
        ("2.0", 2.0, ""),
        (2.5, None, "not_an_integer"),
        ("2.5", None, "not_an_integer"),
        ("无", 0.0, ""),
    ],
)
def test_counts_are_whole(written, value, problem):
    found = read(written, "count")
    assert (found.value, found.problem) == (value, problem)


MONEY = [
    # written, unit of the form, unit in the file's header, value, conversion
    ("5万元", "元", "", 50_000.0, "5万元换算为50000元"),
    ("5000元", "万元", "", 0.5, "5000元换算为0.5万元"),
    ("5万元", "万元", "", 5.0, ""),
    ("1.2万", "万元", "", 1.2, "1.2万换算为1.2万元"),
    (5000, "万元", "元", 0.5, "5000元换算为0.5万元"),
    ("5,000", "万元", "元", 0.5, "5000元换算为0.5万元"),
    ("0.5万元", "万元", "元", 0.5, ""),
    ("123.45元", "万元", "", 0.012345, "123.45元换算为0.012345万元"),
    (3, "万元", "万元", 3.0, ""),
    ("三千元", "万元", "", 0.3, "3000元换算为0.3万元"),
]


@pytest.mark.parametrize(("written", "unit", "seen", "value", "conversion"), MONEY)
def test_money_is_converted_only_where_a_unit_is_said(written, unit, seen, value, conversion):
    found = read(written, "amount", unit, seen)
    assert (found.value, found.conversion, found.problem) == (value, conversion, "")


RATIOS = [
    # written, number format, unit of the form, value, problem
    ("38.46%", "General", "", 0.3846, ""),
    (0.3846, "0.00%", "", 0.3846, ""),
    (0.93, "General", "", 0.93, ""),
    ("0.93", "General", "", 0.93, ""),
    ("１００％", "General", "", 1.0, ""),
    (1, "General", "", 1.0, ""),
    ("93", "General", "", None, "ratio_out_of_range"),
    (93, "General", "%", 0.93, ""),
    ("120%", "General", "", None, "ratio_out_of_range"),
    (-0.1, "General", "", None, "negative_value"),
    ("无", "General", "", 0.0, ""),
    ("", "General", "", None, ""),
    ("大部分", "General", "", None, "not_a_number"),
]


@pytest.mark.parametrize(("written", "number_format", "unit", "value", "problem"), RATIOS)
def test_shares(written, number_format, unit, value, problem):
    found = read(written, "ratio", unit, number_format=number_format)
    assert (found.value, found.problem) == (value, problem)


@pytest.mark.parametrize(
    ("written", "value"),
    [("有", 1.0), ("√", 1.0), ("是", 1.0), ("×", 0.0), ("无", 0.0), ("否", 0.0), (2, 2.0), ("2", 2.0), ("95%", 0.95), (True, 1.0),
     ("", None), ("1", 1.0), ("0", 0.0)],
)  # fmt: skip
def test_observed_quantities(written, value):
    assert read(written, "observed").value == value


@pytest.mark.parametrize(
    ("written", "value", "problem"),
    [("是", True, ""), ("√", True, ""), ("Y", True, ""), (1, True, ""), (True, True, ""), ("有", True, ""), ("否", False, ""),
     ("×", False, ""), ("无", False, ""), (0, False, ""), (False, False, ""), ("", None, ""), ("也许", None, "not_a_choice")],
)  # fmt: skip
def test_booleans(written, value, problem):
    found = read(written, "boolean")
    assert (found.value, found.problem) == (value, problem)


DAY = dt.datetime(2018, 12, 1)
DATES = [
    (dt.date(2018, 12, 1), DAY),
    (dt.datetime(2018, 12, 1, 9, 30), DAY),
    ("2018.12.1", DAY),
    ("\u200e2018-12-01\u2060", DAY),
    ("2018-12-01", DAY),
    ("2018/12/1", DAY),
    ("2018年12月1日", DAY),
    ("２０１８年１２月１日", DAY),
    ("2018 年 12 月 1 日", DAY),
    ("20181201", DAY),
    ("12月1日", DAY),
    ("12月1号", DAY),
    ("2018年12月1日（周六）", DAY),
    ("2018-12-01 15:20", DAY),
    (43435, DAY),
    ("", None),
    ("12.1", None),
    (12.1, None),
    ("12月", None),
    ("2018年13月1日", None),
    ("年底前", None),
]


@pytest.mark.parametrize(("written", "value"), DATES)
def test_dates(written, value):
    found = read(written, "date")
    assert found.value == value
    assert found.problem == ("" if value or not written else "not_a_date")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2018-11-30 15:20", dt.datetime(2018, 11, 30, 15, 20)),
        ("2018/12/4 5:01:00", dt.datetime(2018, 12, 4, 5, 1)),
        ("2018-11-30 15:20:07", dt.datetime(2018, 11, 30, 15, 20, 7)),
        ("2018/11/30T15:20", dt.datetime(2018, 11, 30, 15, 20)),
        ("11月30日15时20分许", dt.datetime(2018, 11, 30, 15, 20)),
        ("2018年11月30日下午3时", dt.datetime(2018, 11, 30, 15)),
        (43434.5, dt.datetime(2018, 11, 30, 12)),
        ("2018-11-30", dt.datetime(2018, 11, 30)),
        ("15时20分许", None),
    ],
)
def test_moments(written, value):
    assert read(written, "datetime").value == value


def test_a_date_without_year_says_whose_year_it_got():
    assert read("12月1日", "date").conversion == "未写年份，按2018年"


@pytest.mark.parametrize(
    ("written", "value", "problem"),
    [
        ("大", "big", ""),
        (" big ", "big", ""),
        ("小", "small", ""),
        ("", None, ""),
        ("中", None, "not_a_choice"),
    ],
)
def test_choices(written, value, problem):
    found = read(written, "choice", choices=LOOKUPS.choices["kinds"], allowed="大、小")
    assert (found.value, found.problem) == (value, problem)
    assert not problem or found.words == {"allowed": "大、小"}


def test_a_choice_written_as_a_number():
    assert read(3, "choice", choices={"3": "third"}).value == "third"


@pytest.mark.parametrize(
    ("written", "value", "problem"),
    [("东河管理处（盖章）", "U001", ""), ("东 河 处", "U001", ""), ("西岭管理处党委", "U002", ""), ("", None, ""),
     ("北渠管理处", None, "unknown_unit")],
)  # fmt: skip
def test_units(written, value, problem):
    found = read(written, "unit")
    assert (found.value, found.problem) == (value, problem)


@pytest.mark.parametrize(
    ("written", "problem"),
    [("没有记录", ""), ("xml 文件", ""), ("共查处 x 件", "placeholder_left"), ("XX同志", "placeholder_left"), ("**处", "placeholder_left"),
     ("", "")],
)  # fmt: skip
def test_texts(written, problem):
    assert read(written, "text").problem == problem


def test_text_loses_only_the_spaces_around_it():
    assert read("　没有 记录 ", "text").value == "没有 记录"


@pytest.mark.parametrize(
    ("written", "state"), [("无", "word_none"), ("待评定", "pending"), ("3", None), ("x 件", "unreadable")]
)
def test_words_that_stand_for_numbers(written, state):
    word = state_of(written)
    assert (word.state if word else None) == state


@pytest.mark.parametrize(
    ("written", "number"),
    [("三", 3), ("十", 10), ("十九", 19), ("九十", 90), ("三百二十", 320), ("二〇一八", 2018)],
)
def test_chinese_numerals(written, number):
    assert chinese_number(written) == number


def test_every_problem_is_a_code_and_every_kind_keeps_a_blank_null():
    assert {case[-1] for case in NUMBERS} - {""} <= set(KINDS)
    for kind in READERS:
        assert read("", kind) == Value(None, "blank")
