"""The sample bureau of this repository, made once with faults and once without, in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo.files import Sample, make_sample

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def config() -> CycleConfig:
    return load_config(2018, REPOSITORY)


@pytest.fixture(scope="session")
def messy(config: CycleConfig) -> Sample:
    return make_sample(config, 2018, is_clean=False)


@pytest.fixture(scope="session")
def clean(config: CycleConfig) -> Sample:
    return make_sample(config, 2018, is_clean=True)
