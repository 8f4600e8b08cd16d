from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lianzheng.config import CycleConfig, load_config

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's configuration that a test may spoil."""
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    return tmp_path


@pytest.fixture(scope="session")
def sample() -> CycleConfig:
    """The shipped configuration of 2018."""
    return load_config(2018, PROJECT)
