"""A bureau ten times the usual size, from its files to its scores, in bounded time and in the same bytes twice."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.soak
N_UNITS, BOUND_SECONDS = 240, 900


def command(*arguments: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lianzheng.cli", *arguments], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert done.returncode in (0, 3), done.stdout + done.stderr


def processed(folder: Path) -> dict[str, bytes]:
    """The finished tables of the bureau in a folder."""
    for arguments in (("demo", str(folder), "--units", str(N_UNITS), "--seed", "3"), ("intake",), ("score",)):
        command(*arguments, folder=folder)
    tables = (folder / "data" / "processed").glob("*/*.parquet")
    return {path.name: path.read_bytes() for path in sorted(tables)}


def test_a_large_bureau_is_read_and_scored_completely(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    start = time.monotonic()
    once = processed(tmp_path / "one")
    assert time.monotonic() - start < BOUND_SECONDS
    (results,) = (tmp_path / "one").glob("data/processed/*/results_by_unit.parquet")
    (files,) = (tmp_path / "one").glob("data/processed/*/files.parquet")
    received = [path for path in (tmp_path / "one" / "data" / "raw").rglob("*") if path.is_file()]
    assert pd.read_parquet(results)["unit_id"].nunique() == N_UNITS
    assert len(pd.read_parquet(files)) >= N_UNITS
    assert len(pd.read_parquet(files)) <= len(received)
    assert processed(tmp_path / "two") == once
