"""Two thousand notebooks' processes, one after the other: none is lost, nothing grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.publish.test_engine import in_a_row

pytestmark = pytest.mark.soak


def test_two_thousand_children_in_a_row() -> None:
    in_a_row(200)
    before = memory_kb()
    in_a_row(2000)
    assert memory_kb() < before + 5000


def memory_kb(process: int | str = "self") -> int:
    """Memory of a process (this one) that is in use."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
