"""Skips that say why, and are failures in CI; the embedded fonts shown to other programs."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import helpers

pytest_plugins = ["pytester", "tests.projects", "tests.browsing"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in (*helpers.PROGRAMS, "needs_shared"):
        if item.get_closest_marker(mark) and (reason := helpers.missing(mark)):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    helpers.forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    helpers.forbid_skip(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def _embedded_fonts_for_other_programs(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["FONTCONFIG_FILE"] = str(helpers.write_fontconfig(tmp_path_factory.mktemp("fonts")))


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real files beside the repository, which a plain clone has not."""
    if reason := helpers.missing("needs_shared"):
        pytest.skip(reason)
    return helpers.SHARED
