"""The sample's configuration, read once for all tests of this folder."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig, load_config
from tests.house import REPOSITORY
from tests.unit.pages.bureau import Sample


@pytest.fixture(scope="session")
def config() -> CycleConfig:
    return load_config(2018, REPOSITORY)


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Sample:
    """The bureau made by hand, whose pages read nothing from the disk."""
    return Sample(
        lambda cycle, tables: monkeypatch.setattr(
            "lianzheng.pages.page.open_cycle", lambda *_: (cycle, tables)
        )
    )
