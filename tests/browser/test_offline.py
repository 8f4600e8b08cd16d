"""Every published page opened in a browser without a network: it asks for nothing and complains of nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.projects import Project

pytestmark = [pytest.mark.xdist_group("bureau"), pytest.mark.needs_chromium]


def test_pages_open_offline_with_every_picture_and_no_request(bureau: Project, browser: Browser) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1400}, locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in bureau.pages("html"):
        asked.clear()
        page.goto(path.as_uri(), wait_until="load")
        outside = [url for url in asked if not url.startswith(("file://", "data:"))]
        assert outside == [] and said == [], path
        assert len([url for url in asked if url.startswith("file://")]) == 1, path
        widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
        assert all(width > 0 for width in widths), path
        assert page.locator("h1").count() == 1, path
    context.close()


@pytest.mark.parametrize("width", [1000, 390])
def test_no_page_is_wider_than_its_window(bureau: Project, browser: Browser, width: int) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    names = "index intake comparison questionnaire statistics rectification bulletin units/U001/scorecard"
    for name in names.split():
        page.goto((bureau.reports / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    context.close()


def test_the_index_leads_to_every_page(bureau: Project, browser: Browser) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((bureau.reports / "index.html").as_uri())
    linked = "links => links.map(link => link.getAttribute('href')).filter(href => !href.startsWith('#'))"
    addresses = page.eval_on_selector_all("a", linked)
    published = {
        path.relative_to(bureau.reports).as_posix()
        for suffix in ("html", "pdf", "docx", "xlsx", "sources.csv")
        for path in bureau.pages(suffix)
    }
    answers = {
        path.relative_to(bureau.reports).as_posix()
        for name in ("退回补正单.xlsx", "补正通知.pdf")
        for path in bureau.reports.glob(f"returns/*/{name}")
    }
    assert len(answers) > 20 and set(addresses) == published - {"index.html"} | answers
    page.get_by_role("row").filter(has_text="U003").get_by_role("link", name="评分单 HTML").click()
    assert page.url.endswith("units/U003/scorecard.html")
    context.close()
