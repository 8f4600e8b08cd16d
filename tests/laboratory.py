"""JupyterLab as `python tasks.py lab` sets it up, on a folder of notebooks, for tests and pictures."""

from __future__ import annotations

import contextlib
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

from playwright.sync_api import Browser, Page, expect

import tasks

SECONDS = 90_000


@contextlib.contextmanager
def jupyterlab(notebooks: Path, home: Path) -> Iterator[str]:
    """A server for a folder, nobody's settings but ours; gives its address, to be filled with workspace and path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    overrides = home / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(tasks.LAB_SETTINGS, encoding="utf-8")
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
        "--LabApp.extension_manager=readonly",
        f"--IdentityProvider.token={token}",
    ]
    with (home / "lab.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, cwd=notebooks, env=settings, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status?token={token}", server, home / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/workspaces/{{}}/tree/{{}}?token={token}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS / 1000
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise RuntimeError("JupyterLab did not start:\n" + log.read_text(encoding="utf-8")[-2000:])


def opened(
    laboratory: str, browser: Browser, name: str, height: int = 2000, asked: list[str] | None = None
) -> Page:
    """A notebook opened in a page of its own, its kernel ready; close ``page.context`` afterwards.

    The addresses that the page asks for, from its beginning, are added to ``asked``.
    """
    page = browser.new_context(viewport={"width": 1300, "height": height}).new_page()
    if asked is not None:
        page.on("request", lambda request: asked.append(request.url))
    page.goto(laboratory.format(name, f"{name}.ipynb"))
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("| 空闲")).to_be_visible(timeout=SECONDS)  # the status bar: the kernel is there
    return page


def run_all(page: Page) -> None:
    """Click 运行 → 运行所有单元格, as a person does, and wait until the last cell has its number."""
    page.get_by_role("menuitem", name="运行", exact=True).click()
    page.get_by_role("menuitem", name="运行所有单元格", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputArea-prompt").last
    expect(last).to_have_text(re.compile(r"\[\d+\]:"), timeout=120_000)
