"""Charts: everything is said, and nothing is drawn that has no value; how they lie is tested in tests/layout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.text import Text

from lianzheng.fonts import embedded_fonts
from lianzheng.pages.bars import profile, stacked
from lianzheng.pages.charts import MOST_MM, PALE, RAMP, dots, fitting, rows_height, sheets
from lianzheng.pages.measured import em_width, wrapped
from lianzheng.pages.planes import heat, scatter, steps
from lianzheng.pages.spreads import slopes, strips

LONG = [f"第{n}号水情监测预警与应急调度综合服务中心" for n in "一二三四五六"]  # twenty characters each
ROWS = pd.DataFrame({
    "label": LONG, "text": ["92.50（90.10–94.60）"] * 6, "value": [0.9, 0.8, None, 1.0, 0.3, 0.0], "own": [1.0] * 6,
    "median": [0.95, 0.9, 0.85, 1.0, 0.7, None], "upper": [1.0] * 6, "a": [10, 3, None, 0, 1, 40], "b": [5, 3, None, 0, 1, 2],
    "x": [70.0, 71.0, 80.0, 80.2, 95.0, 99.9], "y": [81.0, 81.2, 88.0, 88.1, 90.0, 99.0], "low": None, "high": None,
})  # fmt: skip
PARTS, COLOURS = {"a": "退回项目", "b": "提示"}, {"a": RAMP[0], "b": PALE}
NAMES = {"value": "检查组得分率", "own": "自评", "median": "同类中位数", "upper": "同类上四分位数"}
MOMENTS = [dt.datetime(2018, 11, 20 + n, 9) for n in range(8)]
CHARTS: dict[str, Callable[[], Figure]] = {
    "profile": lambda: profile(ROWS, NAMES),
    "stacked": lambda: stacked(ROWS, PARTS, COLOURS, is_share=False, heading="条数"),
    "dots": lambda: dots(
        {"事业单位": ROWS, "企业单位": ROWS[:1]}, {"x": "总分"}, "总分", {"事业单位": {"中位数": 80.0}}
    )[0],
    "dumbbell": lambda: dots({"": ROWS}, {"x": "检查得分", "y": "自评总分"}, "分")[0],
    "heat": lambda: heat({"事业单位": ROWS, "企业单位": ROWS[:1]}, ["value", "own"])[0],
    "steps": lambda: steps({"自评表": MOMENTS, "自查统计表": MOMENTS[:3]}, dt.date(2018, 12, 1), 8),
    "scatter": lambda: scatter(ROWS, "检查得分", "测评得分")[0],
}


def shown_texts(figure: Figure) -> list[Text]:
    """The texts of a figure after it was laid out."""
    figure.draw_without_rendering()
    texts = (text for text in figure.findobj(Text) if isinstance(text, Text))
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("name", CHARTS)
def test_every_row_says_its_name(name: str) -> None:
    said = {text.get_text().replace("\n", "") for text in shown_texts(CHARTS[name]())}
    if name not in ("steps", "scatter"):
        assert set(LONG) <= said
    assert said & {"总分", "检查得分", "检查组得分率", "退回项目", "事业单位", "自评表"}


def test_a_name_without_a_free_place_is_left_out_and_told() -> None:
    crowded = pd.concat([ROWS.assign(x=80.0 + n / 1000, y=80.0) for n in range(5)], ignore_index=True)
    figure, left = scatter(crowded, "甲", "乙")
    said = [text.get_text().replace("\n", "") for text in shown_texts(figure)]
    written = [name for name in said if name in LONG]
    assert written and sorted(written + left) == sorted(crowded["label"])


def test_the_farthest_points_get_their_names_first() -> None:
    many = pd.DataFrame(
        {
            "label": [f"{n}处" for n in range(40)],
            "x": [80.0 + n % 4 for n in range(40)],
            "y": 85.0,
            "low": None,
            "high": None,
        }
    )
    many.loc[7, ["x", "y"]] = 60.0, 99.0
    _, left = scatter(many, "甲", "乙")
    assert len(left) >= 16 and "7处" not in left


def test_a_row_without_values_is_hatched_and_says_why() -> None:
    rows = ROWS.assign(text=["", "", "不足5人", "", "", ""])
    figure = stacked(rows, PARTS, COLOURS, is_share=False)
    assert [bar.get_hatch() for bar in figure.axes[0].patches].count("////") == 1
    assert "不足5人" in [text.get_text() for text in shown_texts(figure)]


def test_numbers_stand_inside_where_there_is_room() -> None:
    said = [text.get_text() for text in shown_texts(stacked(ROWS, PARTS, COLOURS, is_share=False))]
    assert {"10", "40", "5"} <= set(said)
    shares = ROWS.assign(a=[0.855] * 6, b=[0.045] * 6)
    said = [text.get_text() for text in shown_texts(stacked(shares, PARTS, COLOURS, is_share=True))]
    assert "86%" in said and "4%" not in said and "5%" not in said  # half up; too narrow for a number


def test_bars_begin_at_zero_and_shares_end_at_one() -> None:
    assert stacked(ROWS, PARTS, COLOURS, is_share=False).axes[0].get_xlim()[0] == 0
    assert profile(ROWS, NAMES).axes[0].get_xlim() == (0, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("东河处", "东河处"),
        ("一二三四五六七八九十一二三四", "一二三四五六七八九十一二三四"),
        ("一二三四五六七八九十一二三四五", "一二三四五六七八\n九十一二三四五"),
        ("甲" * 50, "\n".join(["甲" * 13] * 3) + "…"),
        ("一二三四五六，七八九十一二三四五六七", "一二三四五六，七八\n九十一二三四五六七"),
        ("一二三四五六七八九，一二三四五六七八", "一二三四五六七八九，\n一二三四五六七八"),
        ("Wasserwirtschaft Kreis Lippe und Umgebung", "Wasserwirtschaft Kreis\nLippe und Umgebung"),
        ("好👍", "好〔U+1F44D〕"),
        ("", ""),
    ],
)
def test_labels_are_wrapped_evenly_and_drawable(text: str, expected: str) -> None:
    assert wrapped(text) == expected


def test_the_deadline_is_the_end_of_its_day() -> None:
    figure = steps({"自评表": [dt.datetime(2018, 12, 1, 23, 59)]}, dt.date(2018, 12, 1), 1)
    line = next(line for line in figure.axes[0].lines if len(set(line.get_xdata())) == 1)
    assert line.get_xdata()[0] == dt.datetime(2018, 12, 2)


def test_a_line_is_as_wide_as_its_letters() -> None:
    assert em_width("东河管理处") == 5.0 and em_width("") == 0.0
    assert 0.2 < em_width("i") < em_width("m") < 1.0  # a Latin letter has its own width
    assert em_width("，（①") == 3.0 and em_width("👍") > 0.0  # what the font lacks has the width of its box


def test_every_chinese_character_is_as_wide_as_the_font_is_high() -> None:
    with TTFont(embedded_fonts()[1], lazy=True) as font:
        glyphs, advances = font.getBestCmap(), font["hmtx"]
        ems = {advances[glyphs[code]][0] for code in range(ord("一"), ord("鿿") + 1) if code in glyphs}
        assert ems == {font["head"].unitsPerEm}


def test_rows_become_sheets_of_nearly_equal_length_that_say_what_goes_on() -> None:
    rows = pd.DataFrame({"label": [f"{n}处" for n in range(60)], "text": ""})
    made = sheets({"甲类": rows[:40], "乙类": rows[40:]})
    assert [{name: len(part) for name, part in sheet.items()} for sheet in made] == [
        {"甲类": 30}, {"甲类（续）": 10, "乙类": 20},
    ]  # fmt: skip
    assert [list(sheet) for sheet in sheets({"甲类": rows[:5], "乙类": rows[5:8]})] == [["甲类", "乙类"]]


def test_as_many_rows_are_drawn_as_fit_a_page() -> None:
    rows = pd.DataFrame({"label": [f"{name}{n}" for n in range(20) for name in LONG]})
    drawn = list(fitting(rows)["label"])
    assert drawn == list(rows["label"][: len(drawn)])
    assert rows_height(drawn, 20.0) <= MOST_MM < rows_height(list(rows["label"][: len(drawn) + 1]), 20.0)


CHANGED = pd.DataFrame({
    "label": ["升", "降", "平"], "last": [80.0, 90.0, 85.0], "value": [90.0, 80.0, 86.0], "change": [10.0, -10.0, 1.0],
    "is_stated": [True, True, False], "text": ["90.00（+10.00）", "80.00（−10.00）", "86.00（+1.00）"], "last_text": ["80.00", "90.00", "85.00"],
})  # fmt: skip


def test_only_stated_changes_are_dark_and_named() -> None:
    figure, left = slopes(CHANGED, ("2017年", "2018年"), ("变化大", "变化小"))
    said = {text.get_text() for text in shown_texts(figure)}
    assert {"升 80.00", "90.00（+10.00）", "降 90.00", "2017年", "变化小"} <= said and left == []
    assert not any("平" in words or "86.00" in words for words in said)
    dark, also, pale = (line for line in figure.axes[0].lines if list(line.get_xdata()) == [0, 1])
    assert dark.get_color() == also.get_color() != pale.get_color()
    up, down = dark.get_ydata(), also.get_ydata()
    assert up[0] < up[1] and down[0] > down[1] and abs(up[0] - down[1]) < 1e-6  # one scale on both sides


def test_names_of_ends_that_are_alike_stand_in_the_order_of_the_values() -> None:
    rows = CHANGED.assign(last=[80.0, 80.1, 80.05], is_stated=True)
    figure, _ = slopes(rows, ("2017年", "2018年"), ("变化大", "变化小"))
    heights = {
        text.get_text()[0]: text.get_position()[1]
        for text in figure.axes[0].texts
        if text.get_ha() == "right"
    }
    assert sorted(heights, key=lambda name: heights[name]) == ["升", "平", "降"]


def test_the_largest_changes_get_names_where_not_all_fit() -> None:
    rows = pd.DataFrame({
        "label": [f"{n}处" for n in range(60)], "last": 80.0, "value": [60.0 + n for n in range(60)], "is_stated": True,
        "text": "", "last_text": "",
    })  # fmt: skip
    _, left = slopes(rows.assign(change=rows["value"] - 80.0), ("", ""), ("甲", "乙"))
    assert 15 < len(left) < 25 and {"20处", "19处", "21处"} <= set(left) and "59处" not in left


def test_quartiles_are_drawn_only_where_there_are_some_and_nothing_is_hatched_not_zero() -> None:
    rows = pd.DataFrame({
        "label": ["多", "少", "无"], "text": "", "values": [[70.0, 80.0, 90.0], [75.0], []],
        "low": [75.0, None, None], "median": [80.0, None, None], "high": [85.0, None, None],
    })  # fmt: skip
    axes = strips(rows, "总分").axes[0]
    assert [bar.get_hatch() for bar in axes.patches] == [None, "////"]
    assert (axes.patches[0].get_x(), axes.patches[0].get_width()) == (75.0, 10.0)
    assert [sorted(line.get_xdata()) for line in axes.lines] == [[70.0, 80.0, 90.0], [75.0], []]
    assert axes.get_xlim()[0] > 60


def test_a_cell_without_a_share_is_hatched() -> None:
    (figure,) = heat({"": ROWS}, ["value", "own"])
    assert [patch.get_hatch() for patch in figure.axes[0].patches] == ["////"]
