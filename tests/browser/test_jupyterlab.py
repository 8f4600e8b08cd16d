"""The notebooks run by hand: opened in JupyterLab, in Chinese, Run All clicked, outputs looked at."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.laboratory import jupyterlab, opened, run_all
from tests.projects import Project

pytestmark = [pytest.mark.xdist_group("bureau"), pytest.mark.needs_chromium]
NOTEBOOKS = (
    "01_intake", "02_unit_scorecard", "03_comparison", "04_questionnaire", "05_statistics", "06_rectification", "07_bulletin",
)  # fmt: skip
MENUS = ["文件", "编辑", "查看", "运行", "内核", "标签页", "设置", "帮助"]
WRONG = ".jp-RenderedText[data-mime-type*='error'], .jp-RenderedText[data-mime-type*='stderr']"


@pytest.fixture(scope="module")
def laboratory(bureau: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab started in the bureau's notebooks folder; gives its address, to be filled with a workspace and a path."""
    with jupyterlab(bureau.folder / "notebooks", tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_by_hand_in_jupyterlab(laboratory: str, browser: Browser, name: str) -> None:
    page = opened(laboratory, browser, name)
    run_all(page)
    assert page.locator(WRONG).count() == 0
    assert page.locator(".jp-OutputArea-output.jp-RenderedHTMLCommon").count() >= 3
    assert page.locator(".jp-OutputArea-output h1").count() == 1
    assert page.locator(".jp-OutputArea-output img").count() >= 1
    page.context.close()


@pytest.fixture(scope="module")
def tour(laboratory: str, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """The tour, run, and every address that its page asked for."""
    asked: list[str] = []
    page = opened(laboratory, browser, "00_tour", 9000, asked)  # so high that every cell is drawn
    run_all(page)
    expect(page.locator("table.dataTable")).to_have_count(8, timeout=30_000)
    yield page, asked
    page.context.close()


def typed(page: Page, text: str) -> None:
    """Write into a new cell below the last one."""
    page.locator(".jp-CodeCell .cm-content").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type(text)


def test_the_interface_is_chinese(tour: tuple[Page, list[str]]) -> None:
    assert tour[0].locator(".lm-MenuBar-itemLabel").all_inner_texts() == MENUS


def test_the_tour_answers_by_one_click_and_asks_nobody_outside(tour: tuple[Page, list[str]]) -> None:
    page, asked = tour
    assert page.locator(WRONG).count() == 0
    assert page.locator(".jp-OutputArea-output h1").all_inner_texts() == ["2018年度检查的数据"]
    assert page.locator(".jp-OutputArea-output").get_by_text("的来历").count() == 1
    remote = [urlsplit(url) for url in asked if not url.startswith(("data:", "blob:"))]
    assert remote and {parts.hostname for parts in remote} == {"127.0.0.1"}


def test_a_table_is_searched_by_typing(tour: tuple[Page, list[str]]) -> None:
    table = tour[0].locator(".dt-container").filter(has_text="退回文件")
    expect(table.locator(".dt-info")).to_have_text("第 1 至 15 行，共 53 行")
    table.get_by_label("搜索：").press_sequentially("附件2")
    expect(table.locator(".dt-info")).to_contain_text("行中筛选）")
    files = table.locator("tbody tr td:first-child").all_inner_texts()
    assert files and all("附件2" in file for file in files)


def test_tab_completes_the_names_of_tables_and_methods(tour: tuple[Page, list[str]]) -> None:
    page = tour[0]
    typed(page, "cycle.sc")
    page.keyboard.press("Tab")
    offered = page.locator(".jp-Completer-item")
    expect(offered.first).to_be_visible(timeout=60_000)
    names = [name.strip() for name in page.locator(".jp-Completer-match").all_inner_texts()]
    assert {"score_lines", "scores_by_unit_item", "scorecard"} <= set(names)
    page.keyboard.press("Escape")


def test_a_mistake_is_a_sentence_and_not_a_page(tour: tuple[Page, list[str]]) -> None:
    page = tour[0]
    typed(page, 'cycle.unit("东河出")')
    page.keyboard.press("Control+Enter")
    said = page.locator(WRONG).last
    expect(said).to_contain_text("没有单位“东河出”", timeout=30_000)
    assert "U001 东河处" in said.inner_text() and "Traceback" not in said.inner_text()
