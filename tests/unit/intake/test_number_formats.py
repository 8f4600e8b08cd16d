from __future__ import annotations

import datetime as dt

import pytest

from lianzheng.intake.number_formats import BUILT_IN, describe_number, kind_of_format, moment_of, number_text

KINDS = {
    "General": "number",
    "G/通用格式": "number",
    "": "number",
    "0": "number",
    "0000": "number",
    "0.00%": "number",
    "#,##0.00": "number",
    "0.00E+00": "number",
    "@": "number",
    '0"days"': "number",
    '#,##0.00"元";[Red]-#,##0.00"元"': "number",
    "[Red]0.00": "number",
    "#,##0 USD": "number",
    "[$¥-804]#,##0.00": "number",
    "[$USD] #,##0": "number",
    '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)': "number",
    r"0\d": "number",
    "yyyy-mm-dd": "date",
    "m/d/yy": "date",
    'yyyy"年"m"月"d"日"': "date",
    "yyyy年m月d日": "date",
    'yyyy"年"m"月"': "date",
    "[$-804]yyyy/m/d;@": "date",
    '[DBNum1][$-804]yyyy"年"m"月"d"日";@': "date",
    "mmm": "date",
    "aaaa": "date",
    "m/d/yy h:mm": "datetime",
    "yyyy-mm-dd hh:mm:ss": "datetime",
    "h:mm": "time",
    "mm:ss.0": "time",
    "h:mm AM/PM": "time",
    '上午/下午h"时"mm"分"': "time",
    "[h]:mm:ss": "duration",
    "[mm]:ss": "duration",
}


@pytest.mark.parametrize(("number_format", "kind"), KINDS.items())
def test_kind_of_format(number_format: str, kind: str) -> None:
    assert kind_of_format(number_format) == kind


@pytest.mark.parametrize(
    ("id_", "kind"),
    [(0, "number"), (10, "number"), (14, "date"), (20, "time"), (22, "datetime"), (31, "date"), (33, "time"),
     (46, "duration"), (49, "number"), (55, "time"), (57, "date"), (58, "date")],
)  # fmt: skip
def test_kind_of_built_in_format(id_: int, kind: str) -> None:
    assert kind_of_format(BUILT_IN[id_]) == kind


@pytest.mark.parametrize(
    ("number", "text"),
    [(7.0, "7"), (2018.0, "2018"), (0.3846, "0.3846"), (0.1 + 0.2, "0.30000000000000004"), (-1.5, "-1.5"),
     (-0.0, "0"), (1e16, "10000000000000000"), (1e23, "1e+23"), (1e-7, "1e-07")],
)  # fmt: skip
def test_numbers_are_written_in_the_shortest_exact_form(number: float, text: str) -> None:
    assert number_text(number) == text
    assert float(text) == number


# Serial numbers worked out by hand: in the 1900 system 43435 is 1 December 2018, and the 1904 system is 1462 days behind.
@pytest.mark.parametrize(
    ("serial", "is_1904", "moment"),
    [
        (43435, False, dt.datetime(2018, 12, 1)),
        (41973, True, dt.datetime(2018, 12, 1)),
        (43435.64, False, dt.datetime(2018, 12, 1, 15, 21, 36)),
        (1, False, dt.datetime(1900, 1, 1)),
        (59, False, dt.datetime(1900, 2, 28)),
        (61, False, dt.datetime(1900, 3, 1)),
        (0, True, dt.datetime(1904, 1, 1)),
        (2_958_465, False, dt.datetime(9999, 12, 31)),
        (0.5, False, None),
        (-1, False, None),
        (2_958_466, False, None),
        (1e300, False, None),
    ],
)
def test_moment_of_serial(serial: float, is_1904: bool, moment: dt.datetime | None) -> None:
    assert moment_of(serial, is_1904) == moment


@pytest.mark.parametrize(
    ("number", "number_format", "text", "raw_type"),
    [
        (0.3846, "0.00%", "0.3846", "number"),
        (7, "0000", "7", "number"),
        (43435, "yyyy/m/d", "2018-12-01", "date"),
        (43435.5, "yyyy/m/d", "2018-12-01 12:00:00", "datetime"),
        (43435, "yyyy/m/d h:mm", "2018-12-01 00:00:00", "datetime"),
        (0.5, "h:mm", "12:00:00", "time"),
        (43435.5, "h:mm", "2018-12-01 12:00:00", "datetime"),
        (1.5, "[h]:mm:ss", "36:00:00", "duration"),
        (-1.5, "[h]:mm:ss", "-1.5", "number"),
        (-3, "yyyy/m/d", "-3", "number"),
        (0, "yyyy/m/d", "0", "number"),
    ],
)
def test_description_follows_the_format(number: float, number_format: str, text: str, raw_type: str) -> None:
    described = describe_number(number, number_format, is_1904=False)
    assert described[:2] == (text, raw_type)
    assert (described[2] is not None) == (raw_type == "number")
    assert (described[3] is not None) == (raw_type in ("date", "datetime"))
