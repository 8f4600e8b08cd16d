"""Quantities side by side: what stands in the cell, what the place asks for, and what it must come to."""

from __future__ import annotations

import pytest

from lianzheng.intake.quantities import chinese_number, number_words
from lianzheng.issues import KINDS
from tests.unit.intake.test_values import read

STATES = [
    # written, value, state, problem: what stands for a number and is none
    ("", None, "blank", ""),
    (" \u200b\n", None, "blank", ""),
    ("0", 0.0, "number", ""),
    ("０", 0.0, "number", ""),
    ("零", 0.0, "number", ""),
    ("〇", 0.0, "number", ""),
    ("-0", 0.0, "number", ""),
    ("无", 0.0, "word_none", ""),
    ("无。", 0.0, "word_none", ""),
    ("未发生", 0.0, "word_none", ""),
    ("没有发生", 0.0, "word_none", ""),
    ("无此类问题", 0.0, "word_none", ""),
    ("暂无", 0.0, "word_none", ""),
    ("—", 0.0, "dash", ""),
    ("———", 0.0, "dash", ""),
    ("－－", 0.0, "dash", ""),
    ("─", 0.0, "dash", ""),
    ("ー", 0.0, "dash", ""),
    ("−", 0.0, "dash", ""),
    ("/", 0.0, "dash", ""),
    ("／", 0.0, "dash", ""),
    ("＼", 0.0, "dash", ""),
    ("一", 0.0, "numeral_dash", ""),
    ("一一", 0.0, "numeral_dash", ""),
    ("⼀", 0.0, "numeral_dash", ""),
    ("待评定", None, "pending", "pending_value"),
    ("待定", None, "pending", "pending_value"),
    ("未评定", None, "pending", "pending_value"),
    ("未定", None, "pending", "pending_value"),
    ("尚未评定", None, "pending", "pending_value"),
    ("暂未统计", None, "pending", "pending_value"),
    ("暂无数据", None, "pending", "pending_value"),
    ("统计中", None, "pending", "pending_value"),
    ("正在核查中", None, "pending", "pending_value"),
    ("不适用", None, "not_applicable", ""),
    ("不涉及", None, "not_applicable", ""),
    ("Ｎ／Ａ", None, "not_applicable", ""),
    ("X件", None, "unreadable", "placeholder_left"),
    ("____", None, "unreadable", "placeholder_left"),
    ("人次", None, "unreadable", "placeholder_left"),
    ("无法统计", None, "unreadable", "not_a_number"),
    ("无记录", None, "unreadable", "not_a_number"),
    ("√", None, "unreadable", "not_a_number"),
    ("O", None, "unreadable", "not_a_number"),
]


@pytest.mark.parametrize(("written", "value", "state", "problem"), STATES)
def test_none_not_yet_and_not_concerned_stay_apart(written, value, state, problem):
    found = read(written, "count", "起")
    assert (found.value, found.state, found.problem) == (value, state, problem)


NUMBERS = [
    # written, value, problem: a count of 起
    ("3起", 3.0, ""),
    ("３ 起", 3.0, ""),
    ("3（起）", 3.0, ""),
    ("3次", 3.0, ""),
    ("共3起", 3.0, ""),
    ("合计：12", 12.0, ""),
    ("3。", 3.0, ""),
    ("1,234", 1234.0, ""),
    ("1 234", 1234.0, ""),
    ("十", 10.0, ""),
    ("十五起", 15.0, ""),
    ("一百一十", 110.0, ""),
    ("三百零二", 302.0, ""),
    ("二〇", 20.0, ""),
    ("三千零五", 3005.0, ""),
    ("叁", 3.0, ""),
    ("贰拾叁", 23.0, ""),
    ("壹佰零伍", 105.0, ""),
    ("1.2万", 12000.0, ""),
    ("1.2万起", 12000.0, ""),
    ("三万五千", 35000.0, ""),
    ("2.9999999999999996", 3.0, ""),
    (3.0000000000000004, 3.0, ""),
    ("3.5", None, "not_an_integer"),
    ("-3", None, "negative_value"),
    ("−3", None, "negative_value"),
    ("－３", None, "negative_value"),
    ("负3", None, "negative_value"),
    ("3-5", None, "not_a_number"),  # ranges are asked about, not guessed
    ("3-5人", None, "not_a_number"),
    ("3～5起", None, "not_a_number"),
    ("3—5", None, "not_a_number"),
    ("3至5", None, "not_a_number"),
    ("三到五", None, "not_a_number"),
    ("三五起", None, "not_a_number"),
    ("两三次", None, "not_a_number"),
    ("二三十", None, "not_a_number"),
    ("三百二", None, "not_a_number"),  # 320 to some, 302 to others
    ("一万二", None, "not_a_number"),
    ("十几起", None, "not_a_number"),
    ("几起", None, "not_a_number"),
    ("3、5", None, "not_a_number"),
    ("3,5", None, "not_a_number"),
    ("1/2", None, "not_a_number"),
    ("3人/2次", None, "not_a_number"),
    ("3（其中党员2人）", None, "not_a_number"),
    ("3（5）", None, "not_a_number"),
    ("（3）", None, "not_a_number"),
    ("第3起", None, "not_a_number"),
    ("3²", None, "not_a_number"),  # NFKC would make it 32
    ("3①", None, "not_a_number"),
    ("③", None, "not_a_number"),
    ("1½", None, "not_a_number"),
    ("3\n5", None, "not_a_number"),  # two lines of a cell are two numbers
    ("1.2.3", None, "not_a_number"),
    ("3e2", None, "not_a_number"),
    ("百", None, "not_a_number"),
    ("半", None, "not_a_number"),
    ("一半", None, "not_a_number"),
    ("5万元", None, "not_a_number"),
    ("¥5", None, "not_a_number"),
    ("38%", None, "not_a_number"),
    ("三成", None, "not_a_number"),
]


@pytest.mark.parametrize(("written", "value", "problem"), NUMBERS)
def test_counts(written, value, problem):
    found = read(written, "count", "起")
    assert (found.value, found.problem) == (value, problem)


ABOUT = [
    # written, value as counted and as told, problem
    ("约3", 3.0, "3"),
    ("大约3起", 3.0, "3"),
    ("近30", 30.0, "30"),
    ("接近30起", 30.0, "30"),
    ("逾30起", 30.0, "30"),
    ("超过30起", 30.0, "30"),
    ("30余", 30.0, "30"),
    ("30余起", 30.0, "30"),
    ("30多起", 30.0, "30"),
    ("十余起", 10.0, "10"),
    ("十来起", 10.0, "10"),
    ("3左右", 3.0, "3"),
    ("3起左右", 3.0, "3"),
    ("30起以上", 30.0, "30"),
    ("约30余起", 30.0, "30"),
    ("1.2万余起", 12000.0, "12000"),
]


@pytest.mark.parametrize(("written", "value", "told"), ABOUT)
def test_about_is_kept_with_a_note(written, value, told):
    found = read(written, "count", "起")
    assert (found.value, found.problem, found.words) == (value, "approximate_value", {"expected": told})


@pytest.mark.parametrize("written", ["不足3", "不到30起", "30起以下", "30以内", "少于3", "若干"])
def test_a_bound_from_above_says_only_what_it_is_not(written):
    assert (read(written, "count", "起").value, read(written, "count", "起").problem) == (
        None,
        "not_a_number",
    )


MONEY = [
    # written, wanted, in the header, number format, value, conversion
    ("5万元", "元", "", "", 50_000.0, "5万元换算为50000元"),
    ("1,234.5万", "元", "", "", 12_345_000.0, "1234.5万换算为12345000元"),
    ("1,234.5万", "万元", "", "", 1234.5, "1234.5万换算为1234.5万元"),
    ("5万", "万元", "元", "", 5.0, "5万换算为5万元"),
    ("五万", "万元", "", "", 5.0, "50000元换算为5万元"),
    ("3千万元", "万元", "", "", 3000.0, "3千万元换算为3000万元"),
    ("1.5亿元", "万元", "", "", 15_000.0, "1.5亿元换算为15000万元"),
    ("2千元", "元", "", "", 2000.0, "2千元换算为2000元"),
    ("叁万伍仟元整", "元", "", "", 35_000.0, ""),
    ("伍仟圆整", "万元", "", "", 0.5, "5000圆换算为0.5万元"),
    ("¥5,000.00", "万元", "", "", 0.5, "5000.00元换算为0.5万元"),
    ("￥5000", "元", "", "", 5000.0, ""),
    ("5000（元）", "万元", "", "", 0.5, "5000元换算为0.5万元"),
    (".5", "万元", "", "", 0.5, ""),
    ("0.5", "万元", "", "", 0.5, ""),
    ("无", "万元", "元", "", 0.0, ""),
    (52300, "万元", "", '0.00"元"', 5.23, "52300元换算为5.23万元"),
    (5.23, "万元", "", '0.00"万元"', 5.23, ""),
    (52300, "万元", "", '0!.0,"万元"', 5.23, "存储52300，显示为5.23万元"),
    (52300, "元", "", '0\\.0,"万元"', 52300.0, "5.23万元换算为52300元"),
    (5000, "万元", "千元", "", 500.0, "5000千元换算为500万元"),
    ("2小时", "分钟", "", "", 120.0, "2小时换算为120分钟"),
    ("半小时", "分钟", "", "", 30.0, "0.5小时换算为30分钟"),
    ("1个半小时", "分钟", "", "", 90.0, "1.5小时换算为90分钟"),
    ("20分", "分钟", "", "", 20.0, "20分换算为20分钟"),
    ("1.2万人", "人", "", "", 12_000.0, "1.2万人换算为12000人"),
]


@pytest.mark.parametrize(("written", "unit", "seen", "number_format", "value", "conversion"), MONEY)
def test_units_are_converted_where_cell_or_header_say_so(
    written, unit, seen, number_format, value, conversion
):
    found = read(written, "amount", unit, seen, number_format or "General")
    assert (found.value, found.conversion, found.problem) == (value, conversion, "")


@pytest.mark.parametrize(
    ("written", "unit", "problem", "value"),
    [("2万余元", "元", "approximate_value", 20_000.0), ("约5万元", "元", "approximate_value", 50_000.0),
     ("30多万元", "万元", "approximate_value", 30.0), ("3人", "万元", "not_a_number", None), ("20%", "万元", "not_a_number", None),
     ("3小时", "人", "not_a_number", None), ("5块", "元", "not_a_number", None), ("3-5万元", "万元", "not_a_number", None),
     ("5千", "万元", "not_a_number", None)],
)  # fmt: skip
def test_amounts_that_are_about_or_are_not_money(written, unit, problem, value):
    found = read(written, "amount", unit)
    assert (found.value, found.problem) == (value, problem)


SHARES = [
    # written, number format, value, problem
    ("38.46％", "", 0.3846, ""),
    ("百分之三十八", "", 0.38, ""),
    ("百分之38.5", "", 0.385, ""),
    ("百分之百", "", 1.0, ""),
    ("100%。", "", 1.0, ""),
    (0.93, "0%", 0.93, ""),
    ("约95%", "", 0.95, "approximate_value"),
    ("95%以上", "", 0.95, "approximate_value"),
    ("百分之九十左右", "", 0.9, "approximate_value"),
    ("95", "", None, "ratio_out_of_range"),
    ("105%", "", None, "ratio_out_of_range"),
    ("9%5", "", None, "not_a_number"),
    ("90%-95%", "", None, "not_a_number"),
    ("5‰", "", None, "not_a_number"),
    ("九成", "", None, "not_a_number"),
    ("-5%", "", None, "negative_value"),
]


@pytest.mark.parametrize(("written", "number_format", "value", "problem"), SHARES)
def test_shares_in_all_forms(written, number_format, value, problem):
    found = read(written, "ratio", number_format=number_format or "General")
    assert (found.value, found.problem) == (value, problem)


def test_about_a_share_tells_the_share():
    assert read("95%以上", "ratio").words == {"expected": "95%"}


@pytest.mark.parametrize(
    ("written", "day"),
    [("二〇一八年十二月一日", (2018, 12, 1)), ("二零一八年十一月三十日", (2018, 11, 30)), ("十二月五日", (2018, 12, 5)),
     ("2018年十二月5日", (2018, 12, 5)), ("二〇一八年十三月一日", None), ("2018.12.1-12.3", None), ("18.12.1", None), ("2018年2月30日", None)],
)  # fmt: skip
def test_days_in_chinese_numerals(written, day):
    found = read(written, "date")
    assert ((found.value.year, found.value.month, found.value.day) if found.value else None) == day
    assert found.problem == ("" if day else "not_a_date")


@pytest.mark.parametrize(
    ("written", "number"),
    [("零", 0), ("两百", 200), ("一百零五", 105), ("一百五十", 150), ("九千九百九十九", 9999), ("一万零三", 10_003), ("十二万", 120_000),
     ("三亿五千万", 350_000_000), ("捌拾", 80), ("二〇一八", 2018), ("三五", None), ("三百五", None), ("百", None), ("十百", None),
     ("二三百", None), ("三万五百", None)],
)  # fmt: skip
def test_chinese_numbers_that_leave_no_choice(written, number):
    assert chinese_number(written) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [(12345000.0, "12345000"), (0.5, "0.5"), (3.0, "3"), (1e-05, "0.00001"), (100.0, "100")],
)
def test_numbers_are_told_in_full(number, words):
    assert number_words(number) == words


def test_every_problem_of_the_tables_is_a_code():
    problems = {row[-1] for row in (*STATES, *NUMBERS, *SHARES)} - {""}
    assert (
        problems <= set(KINDS) and len(STATES) + len(NUMBERS) + len(ABOUT) + len(MONEY) + len(SHARES) >= 120
    )
