"""Every chart function at 3, 24 and 60 rows with names of twenty characters: no text is cut off or lies on another."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from lianzheng.pages import charts
from lianzheng.pages.bars import profile, stacked
from lianzheng.pages.charts import PALE, RAMP, contrast, dots, fitting, ink_on
from lianzheng.pages.diverging import colours_of, diverging
from lianzheng.pages.measured import text_faults
from lianzheng.pages.planes import HEAT, heat, scatter, steps
from lianzheng.pages.spreads import slopes, strips

SIZES, HIGHEST_MM = (3, 24, 60), 215  # what a page holds besides title, source and heading
NAMES = {
    "short": lambda n: f"东河{n}处",
    "twenty characters": lambda n: f"第{n:02}水情监测预警与应急调度综合服务中心",
    "Latin words": lambda n: f"Wasserwirtschaftsamt Nordrhein-Westfalen {n:02}",
    "an emoji": lambda n: f"水情监测预警{n:02}👍调度综合服务中心",
    "one long among short": lambda n: (
        "第三水情监测预警与应急调度综合服务保障指挥中心（筹备）" if n == 1 else f"{n}处"
    ),
}
SCATTERED = np.random.default_rng(5).normal(85.0, 6.0, (60, 4)).round(2)
PARTS, COLOURS = {"a": "退回项目", "b": "提示"}, {"a": RAMP[0], "b": PALE}
LEGEND = {"value": "检查组得分率", "own": "自评", "median": "同类中位数", "upper": "同类上四分位数"}


def rows_of(n_rows: int, kind: str) -> pd.DataFrame:
    """Rows with every column that a chart may want; the first has no value."""
    x, y, last, half = SCATTERED[:n_rows].T
    rows = pd.DataFrame({
        "label": [NAMES[kind](n) for n in range(n_rows)], "text": "92.50（90.10–94.60）", "x": x, "y": y,
        "low": y - 2, "high": y + 2, "value": (x / 100).clip(0, 1), "own": 0.97, "median": 0.9, "upper": 0.93,
        "a": np.arange(n_rows) % 7 + 1.0, "b": np.arange(n_rows) % 4 + 0.0, "last": last, "last_text": "88.88",
    })  # fmt: skip
    rows = rows.assign(
        party=rows["value"], conduct=half / 100, change=rows["x"] - last, is_stated=(x - last) > -3
    )
    rows.loc[0, ["value", "party", "a", "b"]] = None
    return rows


def in_two(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    most = len(rows) * 2 // 3
    return {"事业单位（有总分多家）": rows[:most], "企业单位": rows[most:]}


def strip_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per type: one with every point, one with points alike, one without any."""
    values = [rows["x"].to_list(), [85.0] * 12, []]
    made = rows.iloc[:3].assign(values=values, low=[80.0, 84.0, None], median=[85.0, 85.0, None])
    return made.assign(high=[90.0, 86.0, None], text="36/60家，中位数85.30")


def changed(rows: pd.DataFrame) -> Figure:
    told = rows.assign(value=rows["x"], text="92.50（+12.34）")
    return slopes(told, ("2017年", "2018年"), ("变化超过2.00分", "变化不超过2.00分"))[0]


def received(rows: pd.DataFrame) -> Figure:
    moments = [dt.datetime(2018, 11, 20, 9) + dt.timedelta(hours=7 * n) for n in range(len(rows))]
    return steps(
        {"自评表（附件1）": moments, "自查统计表（附件2）": moments[:2]}, dt.date(2018, 12, 1), len(rows)
    )


LINES = {"事业单位（有总分多家）": {"中位数": 85.0, "上四分位数": 88.0}}
CORNERS = ("测评高、检查低", "两者都高", "两者都低", "检查高、测评低")


def answered(rows: pd.DataFrame, width_mm: float) -> Figure:
    """Answers on a scale of four, from nearly all good to nearly all poor, and some that have none."""
    share = pd.Series(range(len(rows)), rows.index) / max(len(rows), 1)
    none = pd.Series(0.08, rows.index).where(share < 0.9)
    parts = {
        "good": 0.8 * (0.92 - share),
        "fair": 0.2 * (0.92 - share),
        "average": 0.3 * share,
        "poor": 0.7 * share,
    }
    told = rows.assign(
        **{name: part.clip(lower=0.0).where(share < 0.9) for name, part in parts.items()}, none=none
    )
    rated = dict(zip(parts, ("好", "较好", "一般", "差"), strict=True))
    told["text"] = "88.88（87.77–89.99）"
    return diverging(told, rated, {"none": "弃权"}, heading="得分（95%区间）", width_mm=width_mm)


CHARTS: dict[str, Callable[[pd.DataFrame], list[Figure]]] = {
    "profile": lambda rows: [profile(rows.head(12), LEGEND)],
    "narrow profile": lambda rows: [profile(rows.head(6).assign(text="88.8%"), {"value": "得分率"}, 100.0)],
    "four marks": lambda rows: [profile(rows.head(8).assign(text="88.88 / 100"), LEGEND, 100.0)],
    "answers": lambda rows: [answered(rows.head(12), 156.0)],
    "narrow answers": lambda rows: [answered(rows.head(10).assign(label="八项规定与作风"), 112.0)],
    "stacked": lambda rows: [stacked(fitting(rows), PARTS, COLOURS, is_share=False, heading="条数")],
    "dots": lambda rows: dots(in_two(rows), {"x": "总分"}, "总分（横轴不从0开始）", LINES),
    "two dots": lambda rows: dots({"": rows}, {"x": "检查得分", "y": "自评总分"}, "分"),
    "heat": lambda rows: heat(in_two(rows.assign(text="")), ["party", "conduct", "own"]),
    "steps": lambda rows: [received(rows)],
    "scatter": lambda rows: [scatter(rows, "检查得分", "测评得分", CORNERS)[0]],
    "slopes": lambda rows: [changed(rows)],
    "strips": lambda rows: [strips(strip_rows(rows), "总分（横轴不从0开始）")],
}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("n_rows", SIZES)
@pytest.mark.parametrize("name", CHARTS)
def test_no_text_is_cut_off_or_lies_on_another_and_each_chart_fits_a_page(
    name: str, n_rows: int, kind: str
) -> None:
    for figure in CHARTS[name](rows_of(n_rows, kind)):
        assert text_faults(figure) == []
        assert figure.get_figheight() * 25.4 <= HIGHEST_MM


@pytest.mark.parametrize("n_rows", SIZES)
@pytest.mark.parametrize("name", ["dots", "two dots", "heat"])
def test_every_row_is_on_one_of_the_sheets_with_its_whole_name(name: str, n_rows: int) -> None:
    rows = rows_of(n_rows, "twenty characters")
    figures = CHARTS[name](rows)
    said = [
        text.get_text().replace("\n", "")
        for figure in figures
        for text in figure.findobj(Text)
        if text.get_visible()
    ]
    assert [label for label in rows["label"] if said.count(label) != 1] == []
    assert len(figures) == (1 if n_rows < 60 else 2)


def test_what_does_not_fit_is_found() -> None:
    figure, (axes,) = charts.canvas(40.0)
    axes.set_yticks([0.5], ["单位"])
    assert text_faults(figure) == []
    axes.text(0.5, 0.5, "一个名称")
    axes.text(0.51, 0.52, "另一个")
    axes.text(0.99, 0.2, "太长的名称", in_layout=False)
    axes.annotate("里面", (0.2, 0.2), (0.2, 0.8), arrowprops={"arrowstyle": "-"})
    figure.text(0.6, 0.6, "图外的")
    assert set(text_faults(figure)) == {
        "“一个名称”与“另一个”重叠", "“太长的名称”超出图边", "“图外的”压在图上", *(
            fault for fault in text_faults(figure) if "图外的”重叠" in fault
        ),
    }  # fmt: skip


# WCAG 2.2 asks 4.5:1 of text on its ground (1.4.3) and 3:1 of a drawn mark (1.4.11). No norm gives a limit for fills side
# by side that are also parted by a white rule; 1.3 is about ten steps of lightness (CIE L*) in the darker half, which grey
# print still tells apart.
LEAST_BETWEEN_FILLS, LEAST_OF_TEXT, LEAST_OF_MARKS = 1.3, 4.5, 3.0


@pytest.mark.parametrize(
    "fills",
    [(*RAMP[:3], PALE), RAMP, (*RAMP[:4], PALE), *(tuple(colours_of(n)) for n in range(2, 7))],
    ids=["severity", "ramp", "states", *(f"scale of {n}" for n in range(2, 7))],
)
def test_neighbouring_fills_differ_in_grey(fills: tuple[str, ...]) -> None:
    for first, second in itertools.pairwise(fills):
        assert contrast(first, second) >= LEAST_BETWEEN_FILLS, (first, second)


def test_numbers_can_be_read_on_every_fill() -> None:
    fills = [*RAMP, PALE, *(to_hex(HEAT(share)) for share in np.linspace(0, 1, 21))]
    assert {
        fill: contrast(ink_on(fill), fill) for fill in fills if contrast(ink_on(fill), fill) < LEAST_OF_TEXT
    } == {}


def test_the_heat_map_grows_darker_without_turning_back() -> None:
    steps_of_grey = [charts.luminance(to_hex(HEAT(share))) for share in np.linspace(0, 1, 21)]
    assert steps_of_grey == sorted(steps_of_grey, reverse=True)
    quarters = [to_hex(HEAT(share)) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert all(contrast(*pair) >= LEAST_BETWEEN_FILLS for pair in itertools.pairwise(quarters))


@pytest.mark.parametrize("name", ["profile", "two dots"])
def test_marks_of_one_chart_differ_by_shape_and_stand_out_from_paper(name: str) -> None:
    (figure,) = CHARTS[name](rows_of(3, "short"))
    marks = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", "", None)]
    assert len({line.get_marker() for line in marks}) == len(marks) >= 2
    assert all(contrast(to_hex(line.get_markeredgecolor()), "#ffffff") >= LEAST_OF_MARKS for line in marks)


def test_lines_of_one_chart_differ_by_their_dashes() -> None:
    lines = received(rows_of(24, "short")).axes[0].lines[:2]
    assert len({str(line.get_linestyle()) for line in lines}) == 2
