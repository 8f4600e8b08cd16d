"""axe-core over every kind of page, wide and narrow: no violation of any rule that it has switched on by itself.

No rule is switched off. Where axe gives up on a contrast (text that it takes to be overlapped, as in a box that
scrolls), the contrast of every text is measured here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.indexed import write_small_index
from tests.projects import Project

pytestmark = [pytest.mark.xdist_group("bureau"), pytest.mark.needs_chromium]
LEAST_CONTRAST = 4.5  # WCAG 2.1, 1.4.3
VISITED, NOT_VISITED = "U001", "U002"
_PALE_TEXTS = """least => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const luminance = colour => {
        const [red, green, blue] = numbers(colour).slice(0, 3).map(value => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = element => {
        for (let node = element; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if (numbers(colour)[3] !== 0) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const contrast = element => {
        const both = [getComputedStyle(element).color, background(element)].map(luminance);
        return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    };
    const ownText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    return [...document.body.querySelectorAll("*")]
        .filter(element => element.tagName !== "SCRIPT" && ownText(element) && contrast(element) < least)
        .map(element => element.outerHTML.slice(0, 120));
}"""


@pytest.fixture(params=[1000, 320])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page into which axe may be brought in spite of the policy that keeps every script out."""
    size = {"width": request.param, "height": 900}
    context = browser.new_context(offline=True, bypass_csp=True, viewport=size, locale="zh-CN")
    yield context.new_page()
    context.close()


def faults(page: Page, path: Path) -> list[str]:
    """What axe finds, and texts that are too pale."""
    page.goto(path.as_uri())
    found = Axe().run(page).response["violations"]
    told = [f"{path.name}: {rule['id']} {node['target']}" for rule in found for node in rule["nodes"]]
    return told + [f"{path.name}: pale {text}" for text in page.evaluate(_PALE_TEXTS, LEAST_CONTRAST)]


def kinds_of_pages(bureau: Project) -> list[Path]:
    """Every page of the bureau, and of the pages of units one that was visited and one that was not."""
    units = [
        path
        for folder in ("units", "editions")
        for path in sorted((bureau.reports / folder).glob("*/*.html"))
        if path.parent.name in (VISITED, NOT_VISITED)
    ]
    return [*sorted(bureau.reports.glob("*.html")), *units]


def test_axe_finds_nothing_on_any_kind_of_page(bureau: Project, page: Page) -> None:
    paths = kinds_of_pages(bureau)
    names = {path.relative_to(bureau.reports).as_posix() for path in paths}
    named = "index intake comparison questionnaire statistics rectification bulletin".split()
    assert {
        f"{name}.html" for name in [*named, f"units/{VISITED}/scorecard", f"units/{NOT_VISITED}/scorecard"]
    } <= names
    assert [fault for path in paths for fault in faults(page, path)] == []


def test_axe_finds_nothing_on_the_index_whatever_its_state(page: Page, tmp_path: Path) -> None:
    """Stale and missing pages, editions, one unit found, none found, sorted."""
    path = write_small_index(tmp_path).reports / "index.html"
    assert faults(page, path) == []
    page.get_by_role("button", name="总分", exact=True).click()
    for words in ("东河", "nobody"):
        page.get_by_role("searchbox").fill(words)
        assert Axe().run(page).response["violations"] == [], words


def test_what_is_amiss_is_seen(page: Page, tmp_path: Path) -> None:
    """The checks can fail: a picture without words, a skipped level of headings, a pale text."""
    spoiled = "<h1>甲</h1><h4>乙</h4><img src='data:,'><p style='color:#999'>太淡的字</p>"
    path = tmp_path / "spoiled.html"
    path.write_text(
        f"<!DOCTYPE html><html lang='zh-CN'><title>丁</title><main>{spoiled}</main></html>", "utf-8"
    )
    told = "\n".join(faults(page, path))
    assert all(word in told for word in ("image-alt", "heading-order", "color-contrast", "pale <p"))
