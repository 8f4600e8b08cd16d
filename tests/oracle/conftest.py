"""The sample bureau as intake reads it, made once for the tests that score it."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import write_demo
from lianzheng.intake import run_intake
from tests import house


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[CycleConfig, dict[str, pd.DataFrame]]:
    project = tmp_path_factory.mktemp("bureau")
    shutil.copytree(house.REPOSITORY / "config", project / "config")
    config = load_config(2018, project)
    write_demo(config)
    return config, run_intake(config, n_workers=1).frames
