"""The sample's configuration, read once for all tests of this folder."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig, load_config
from tests.house import REPOSITORY


@pytest.fixture(scope="session")
def config() -> CycleConfig:
    return load_config(2018, REPOSITORY)
