"""Charts: nothing overlaps, nothing is cut, everything is said, and grey is enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import combinations

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from lianzheng.pages.charts import PALE, RAMP, dots, profile, stacked, wrapped
from lianzheng.pages.planes import heat, scatter, steps

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
    ),
    "dumbbell": lambda: dots({"": ROWS}, {"x": "检查得分", "y": "自评总分"}, "分"),
    "heat": lambda: heat({"事业单位": ROWS, "企业单位": ROWS[:1]}, ["value", "own"]),
    "steps": lambda: steps({"自评表": MOMENTS, "自查统计表": MOMENTS[:3]}, dt.date(2018, 12, 1), 8),
    "scatter": lambda: scatter(ROWS, "检查得分", "测评得分"),
}


def shown_texts(figure: Figure) -> list[Text]:
    """The texts that are drawn: matplotlib also keeps labels of ticks beyond the axes' limits."""
    figure.draw_without_rendering()
    beyond = set()
    for axis in [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]:
        low, high = sorted(axis.get_view_interval())
        beyond |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and id(text) not in beyond]
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_cut_off_and_no_two_labels_meet(name: str) -> None:
    figure = CHARTS[name]()
    texts = shown_texts(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    edge = figure.bbox
    for words, box in boxes:
        assert (
            edge.x0 - 1 <= box.x0
            and box.x1 <= edge.x1 + 1
            and edge.y0 - 1 <= box.y0
            and box.y1 <= edge.y1 + 1
        ), words
    for (one, first), (other, second) in combinations(boxes, 2):
        assert not first.shrunk(0.98, 0.9).overlaps(second.shrunk(0.98, 0.9)), (one, other)


@pytest.mark.parametrize("name", CHARTS)
def test_every_row_says_its_name(name: str) -> None:
    said = {text.get_text().replace("\n", "") for text in shown_texts(CHARTS[name]())}
    if name not in ("steps", "scatter"):
        assert set(LONG) <= said
    assert said & {"总分", "检查得分", "检查组得分率", "退回项目", "事业单位", "自评表"}


def test_a_name_without_a_free_place_is_left_out() -> None:
    crowded = pd.concat([ROWS.assign(x=80.0 + n / 100, y=80.0) for n in range(5)])
    names = [text.get_text() for text in shown_texts(scatter(crowded, "甲", "乙")) if text.get_text() in LONG]
    assert 0 < len(names) < len(crowded)


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


def test_neighbouring_fills_differ_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    for first, second in zip((*RAMP[:4], PALE), (*RAMP[1:4], PALE), strict=False):
        assert first == second or abs(grey(first) - grey(second)) > 40, (first, second)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("东河处", "东河处"),
        ("一二三四五六七八九十一二三四", "一二三四五六七八九十一二三四"),
        ("一二三四五六七八九十一二三四五", "一二三四五六七八\n九十一二三四五"),
        ("甲" * 50, "\n".join(["甲" * 13] * 3) + "…"),
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
