"""Ten thousand returned forms in one run take hardly more memory than a thousand, in the run and in its workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.returned import write_returned

pytestmark = pytest.mark.soak
FEW, MANY, MOST_GROWTH = 1_000, 10_000, 1.5
MEASURED = """
import resource, sys
from lianzheng import cli
assert cli.main(["--project", sys.argv[1], "intake", "--workers", "2"]) in (0, 3)
print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def peaks(folder: Path, n_forms: int) -> tuple[int, int]:
    """The largest memory of the run and of one of its workers, as the system counts it, for that many forms."""
    write_returned(folder, n_forms)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder)], capture_output=True, encoding="utf-8", check=True
    )
    run, worker = map(int, done.stdout.split()[-2:])
    return run, worker


def test_memory_grows_by_less_than_half_from_a_thousand_forms_to_ten_thousand(tmp_path: Path) -> None:
    few, many = peaks(tmp_path / "few", FEW), peaks(tmp_path / "many", MANY)
    print(f"run {few[0]} → {many[0]}, worker {few[1]} → {many[1]} (KB on Linux)")
    assert many[0] < MOST_GROWTH * few[0] and many[1] < MOST_GROWTH * few[1]
    (files,) = (tmp_path / "many").glob("data/processed/*/files.parquet")
    states = pq.read_table(files, columns=["state", "is_counted"]).to_pandas()
    assert len(states) == MANY and (states["state"] == "read").all() and states["is_counted"].all()
    (cells,) = (tmp_path / "many").glob("data/processed/*/cells.parquet")
    assert pq.ParquetFile(cells).num_row_groups > FEW // 100
