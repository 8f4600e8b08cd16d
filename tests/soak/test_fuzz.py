"""Thousands of harmed files through the real reading and the whole intake, with other seeds each time.

The seed is printed; ``LIANZHENG_SEED`` runs it again. Finds go to tests/hostile/found (see tests/hostile/test_found.py).
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.hostile.mutations import mutants
from tests.hostile.test_found import first_faults, take_in, without_converter  # noqa: F401

pytestmark = pytest.mark.soak
N_MUTANTS, BATCH = int(os.environ.get("LIANZHENG_MUTANTS", "5000")), 250


@pytest.fixture(scope="module")
def seed() -> int:
    told = int(os.environ.get("LIANZHENG_SEED", random.SystemRandom().randrange(10**9)))
    print(f"LIANZHENG_SEED={told} LIANZHENG_MUTANTS={N_MUTANTS}")
    return told


def test_harmed_files_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    left = tmp_path / "found"
    assert first_faults(tmp_path, range(seed, seed + N_MUTANTS), left) == {}, f"LIANZHENG_SEED={seed}, {left}"


def test_harmed_files_stop_no_run(tmp_path: Path, seed: int) -> None:
    for first in range(seed, seed + N_MUTANTS, BATCH):
        files = {f"{m.seed}_{m.name}": m.data for m in mutants(range(first, first + BATCH))}
        assert take_in(tmp_path / str(first), files) == len(files), f"LIANZHENG_SEED={first}"
