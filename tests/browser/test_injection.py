"""The poisoned bureau's pages in a browser: nothing of theirs runs, nothing is asked for, nothing pops up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.projects import Project

pytestmark = [pytest.mark.xdist_group("injected"), pytest.mark.needs_chromium]


def test_no_payload_runs_or_asks_for_anything(injected: Project, browser: Browser) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1400}, locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    n_payloads = 0
    for path in injected.pages("html"):
        asked.clear()
        page.goto(path.as_uri(), wait_until="load")
        outside = [url for url in asked if not url.startswith(("file://", "data:image/svg"))]
        assert outside == [] and said == [], path
        assert len([url for url in asked if url.startswith("file://")]) == 1, path
        assert page.evaluate("typeof window.hit") == "undefined", path
        assert page.locator("iframe, object, embed, form, svg, [onerror], [onload]").count() == 0, path
        assert page.locator("script").count() == int(path.name == "index.html"), path
        n_payloads += page.locator("body").inner_text().count("<script>window.hit=1</script>")
        is_too_wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not page.evaluate(is_too_wide), f"a long word broke the layout of {path}"
    assert n_payloads > 10
    context.close()
