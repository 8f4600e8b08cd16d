"""The notebooks run by hand: opened in JupyterLab from the notebooks folder, Run All clicked, outputs looked at."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.projects import Project

pytestmark = [pytest.mark.xdist_group("bureau"), pytest.mark.needs_chromium]
NOTEBOOKS = (
    "01_intake", "02_unit_scorecard", "03_comparison", "04_questionnaire", "05_statistics", "06_rectification", "07_bulletin",
)  # fmt: skip


@pytest.fixture(scope="module")
def laboratory(bureau: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab started in the bureau's notebooks folder; gives its address, to be filled with a workspace and a path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    home = tmp_path_factory.mktemp("home")
    settings = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
    ]
    log = (home / "lab.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlab", *options]
    server = subprocess.Popen(command, cwd=bureau.folder / "notebooks", env=settings, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/status?token={token}", server, home / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/workspaces/{{}}/tree/{{}}?token={token}"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    pytest.fail("JupyterLab did not start:\n" + log.read_text(encoding="utf-8")[-2000:])


def run_all(page: Page) -> None:
    """Click Run → Run All Cells, as a person does, and wait until the last cell has its number."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputArea-prompt").last
    expect(last).to_have_text(re.compile(r"\[\d+\]:"), timeout=120_000)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_by_hand_in_jupyterlab(laboratory: str, browser: Browser, name: str) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 2000})
    page = context.new_page()
    page.goto(laboratory.format(name, f"{name}.ipynb"))
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=90_000)  # the status bar: the kernel is there
    run_all(page)
    assert (
        page.locator(
            ".jp-RenderedText[data-mime-type*='error'], .jp-RenderedText[data-mime-type*='stderr']"
        ).count()
        == 0
    )
    outputs = page.locator(".jp-OutputArea-output.jp-RenderedHTMLCommon")
    assert outputs.count() >= 3
    assert page.locator(".jp-OutputArea-output h1").count() == 1
    assert page.locator(".jp-OutputArea-output img").count() >= 1
    context.close()
