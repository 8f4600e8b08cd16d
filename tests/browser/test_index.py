"""The index used as a leader uses it: searched, filtered and sorted by mouse, by keyboard alone, on a phone, without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.indexed import write_small_index

pytestmark = pytest.mark.needs_chromium
IN_ROSTER_ORDER = ["U001", "U002", "U003", "U004", "U005", "U006", "U015", "U016"]
NOT_VERIFIED = ["U002", "U016"]
SORTED = {  # column → ids after the first click and after the second, worked out from tests/unit/pages/bureau.py
    "编号": (IN_ROSTER_ORDER, IN_ROSTER_ORDER[::-1]),
    "单位": (  # 北渠 东河 金穗 南坡 上湾 西岭 下渡 新埠, as a dictionary has them
        ["U004", "U001", "U015", "U003", "U005", "U002", "U006", "U016"],
        ["U016", "U006", "U002", "U005", "U003", "U015", "U001", "U004"],
    ),
    "类型": (IN_ROSTER_ORDER, ["U015", "U016", *IN_ROSTER_ORDER[:6]]),
    "等次": (
        ["U004", "U005", "U001", "U006", "U003", "U015", *NOT_VERIFIED],
        ["U003", "U015", "U001", "U006", "U004", "U005", *NOT_VERIFIED],
    ),
    "总分": (  # the highest first
        ["U005", "U004", "U006", "U001", "U003", "U015", *NOT_VERIFIED],
        ["U015", "U003", "U001", "U006", "U004", "U005", *NOT_VERIFIED],
    ),
    "名次": (  # U015 is not ranked
        ["U005", "U004", "U006", "U001", "U003", "U002", "U015", "U016"],
        ["U003", "U001", "U006", "U004", "U005", "U002", "U015", "U016"],
    ),
    "评分单": (
        ["U001", "U002", "U003", "U004", "U006", "U015", "U005", "U016"],
        ["U016", "U005", "U001", "U002", "U003", "U004", "U006", "U015"],
    ),
    "单位版": (
        ["U001", "U003", "U002", "U004", "U005", "U006", "U015", "U016"],
        ["U002", "U004", "U005", "U006", "U015", "U016", "U003", "U001"],
    ),
    "退回补正": (
        ["U002", "U001", "U003", "U004", "U005", "U006", "U015", "U016"],
        ["U001", "U003", "U004", "U005", "U006", "U015", "U016", "U002"],
    ),
}  # fmt: skip
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_index(tmp_path_factory.mktemp("index")).reports / "index.html"


@pytest.fixture(scope="module")
def long_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 units, most with names of twenty characters."""
    return write_small_index(tmp_path_factory.mktemp("long"), n_times=50).reports / "index.html"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Opens a page from its file and checks at the end that it asked for nothing and complained of nothing."""
    contexts, heard = [], []

    def open_page(path: Path, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 800}, locale="zh-CN", **options
        )
        contexts.append(context)
        context.set_default_timeout(5000)
        page = context.new_page()
        for event in ("console", "pageerror", "dialog"):
            page.on(event, lambda said: heard.append(str(said)))  # type: ignore[call-overload]
        page.on("request", lambda asked: heard.append(asked.url) if asked.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []


def shown(page: Page) -> list[str]:
    """The ids of the units that are to be seen, in their order."""
    ids: list[str] = page.eval_on_selector_all(
        "#units tbody tr",
        "rows => rows.filter(row => row.checkVisibility()).map(row => row.cells[0].textContent)",
    )
    return ids


def told(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus, which must be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if name in (focused.get_attribute("id"), focused.inner_text()):
            assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid", name
            return
    pytest.fail(f"Tab never reaches {name}")


@pytest.mark.parametrize("column", SORTED)
def test_each_column_sorts_both_ways_by_mouse(small_index: Path, opened: Opener, column: str) -> None:
    page = opened(small_index)
    assert shown(page) == IN_ROSTER_ORDER and told(page) == "显示8个单位（共8个），按名册顺序"
    button = page.get_by_role("columnheader").get_by_role("button", name=column, exact=True)
    words = ["升序", "降序"] if column != "总分" else ["降序", "升序"]
    for ids, word in zip(SORTED[column], words, strict=True):
        button.click()
        assert shown(page) == ids and told(page) == f"显示8个单位（共8个），按{column}{word}"
        sorted_by = page.locator("th[aria-sort]")
        assert sorted_by.count() == 1 and sorted_by.inner_text() == column
        direction = {"升序": "ascending", "降序": "descending"}[word]
        assert sorted_by.get_attribute("aria-sort") == direction


def test_sorting_by_another_column_begins_from_the_roster(small_index: Path, opened: Opener) -> None:
    page = opened(small_index)
    for column in ("总分", "类型"):
        page.get_by_role("button", name=column, exact=True).click()
        assert page.locator("th[aria-sort]").all_inner_texts() == [column]
    assert shown(page) == IN_ROSTER_ORDER


@pytest.mark.parametrize(
    "words, ids",
    [
        ("东河管理处", ["U001"]),  # name
        ("质检", []),
        ("下渡调度", ["U006"]),  # short name
        ("原东河管理所", ["U001"]),  # alias
        ("u00", ["U001", "U002", "U003", "U004", "U005", "U006"]),  # id, small letters
        ("Ｕ０１５", ["U015"]),  # full width, as an input method leaves it
        ("  管理处　东河 ", ["U001"]),  # two words in any order
        ("管理处 金穗", []),
        (".*", []),
    ],
)
def test_search_finds_names_short_names_aliases_and_ids(
    small_index: Path, opened: Opener, words: str, ids: list[str]
) -> None:
    page = opened(small_index)
    page.get_by_role("search").get_by_role("searchbox", name="查找", exact=True).fill(words)
    assert shown(page) == ids
    n_shown = f"显示{len(ids)}个单位（共8个），按名册顺序" if ids else "没有符合条件的单位（共8个）"
    assert told(page) == n_shown


def test_filters_by_type_and_grade_hold_together_with_search_and_sort(
    small_index: Path, opened: Opener
) -> None:
    page = opened(small_index)
    options = page.locator("#grade option").all_inner_texts()
    assert options == ["全部", "优秀", "良好", "合格", "不合格", "未核验"], "in the order of the closed list"
    page.get_by_label("等次", exact=True).select_option("优秀")
    page.get_by_role("button", name="总分", exact=True).click()
    assert shown(page) == ["U005", "U004"]
    page.get_by_role("searchbox").fill("北渠")
    assert shown(page) == ["U004"] and told(page) == "显示1个单位（共8个），按总分降序"
    page.get_by_label("类型", exact=True).select_option("企业单位")
    assert shown(page) == []
    page.get_by_role("button", name="全部显示").click()
    assert len(shown(page)) == 8 and shown(page)[0] == "U005", "sorted as before"
    page.get_by_label("类型", exact=True).select_option("企业单位")
    assert shown(page) == ["U015", "U016"]


def test_everything_can_be_done_by_keyboard_alone(small_index: Path, opened: Opener) -> None:
    page = opened(small_index)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "跳到各单位名单"
    expect(page.get_by_role("link", name="跳到各单位名单")).to_be_in_viewport()
    tab_to(page, "search")
    page.keyboard.type("管理处")
    assert shown(page) == ["U001", "U002", "U003", "U004"]
    tab_to(page, "grade")
    page.keyboard.press("ArrowDown")
    assert shown(page) == ["U004"]
    tab_to(page, "总分")
    page.keyboard.press("Enter")
    assert told(page) == "显示1个单位（共8个），按总分降序"
    for _ in range(9):
        page.keyboard.press("Shift+Tab")
        if page.locator(":focus").get_attribute("id") == "search":
            break
    page.keyboard.press("Escape")
    assert page.get_by_role("searchbox").input_value() == "" and shown(page) == ["U005", "U004"]
    tab_to(page, "reset")
    page.keyboard.press("Space")
    assert len(shown(page)) == 8 and page.locator(":focus").get_attribute("id") == "search"
    tab_to(page, "总分")
    page.keyboard.press("Space")
    assert shown(page) == SORTED["总分"][1]
    assert page.locator(":focus").inner_text() == "总分", "the focus stays where it was"
    tab_to(page, "金穗建设工程有限责任公司")
    page.keyboard.press("Shift+Tab")
    assert page.locator(":focus").inner_text() == "退回补正", "the first row comes after the last heading"


def test_the_skip_link_leads_to_the_units(small_index: Path, opened: Opener) -> None:
    page = opened(small_index)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "units"
    expect(page.locator("#units caption")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1280, 390])
def test_without_script_everything_is_there_and_nothing_is_dead(
    small_index: Path, opened: Opener, width: int
) -> None:
    page = opened(small_index, width, java_script_enabled=False)
    assert page.locator("#units tbody tr").count() == 8
    for line in page.locator("#units tbody tr").all():
        expect(line).to_be_visible()
    assert page.get_by_role("button").count() == 0 and page.get_by_role("searchbox").count() == 0
    assert page.get_by_role("status").count() == 0
    expect(page.get_by_role("table").first).to_contain_text("良好")
    assert (
        page.get_by_role("link", name="东河管理处", exact=True).get_attribute("href")
        == "units/U001/scorecard.html"
    )


@pytest.mark.parametrize("width", [1280, 821, 768, 390, 320])
def test_at_no_width_the_page_scrolls_sideways_or_a_text_is_cut(
    long_index: Path, opened: Opener, width: int
) -> None:
    page = opened(long_index, width)
    assert len(shown(page)) == 400
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = """cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.outerHTML)"""
    assert (
        page.eval_on_selector_all("#units td, #units tbody th, .grades td, .grades th, .figures dd", cut)
        == []
    )


def test_on_a_phone_rows_are_cards_that_say_what_each_figure_is(small_index: Path, opened: Opener) -> None:
    page = opened(small_index, 390)
    first = page.get_by_role("row").filter(has_text="U001")
    assert first.get_by_role("cell").count() == 8, "a card is still a row of cells"
    label = first.locator("td").nth(3).evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == '"总分"'
    name = first.get_by_role("rowheader")
    others = [cell.bounding_box() for cell in first.get_by_role("cell").all()]
    above = name.bounding_box()
    assert above and all(other and above["y"] < other["y"] for other in others), "the name heads the card"
    page.get_by_role("button", name="名次", exact=True).click()
    assert shown(page) == SORTED["名次"][0]
    page.get_by_role("searchbox").fill("原东河")
    assert shown(page) == ["U001"]


def test_four_hundred_units_are_searched_and_sorted_too(long_index: Path, opened: Opener) -> None:
    page = opened(long_index)
    in_roster_order = shown(page)
    page.get_by_role("button", name="编号", exact=True).click()
    assert shown(page) == in_roster_order, "a place in the roster is a number"
    page.get_by_role("button", name="总分", exact=True).click()
    assert shown(page)[:3] == ["U005", "U105", "U205"] and shown(page)[-1] == "U4916"
    page.get_by_role("searchbox").fill("u49")
    assert shown(page) == ["U4905", "U4904", "U4906", "U4901", "U4903", "U4915", "U4902", "U4916"]


def test_on_paper_controls_are_gone_and_the_units_are_there(small_index: Path, opened: Opener) -> None:
    page = opened(small_index)
    page.emulate_media(media="print")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert shown(page) == IN_ROSTER_ORDER
    bar = page.locator(".grades .bar").first
    assert bar.evaluate("bar => parseFloat(getComputedStyle(bar).borderTopWidth)") >= 8, (
        "bars are borders, which paper prints where it leaves backgrounds out"
    )
