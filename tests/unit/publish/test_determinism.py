from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.unit.publish import sample


def test_another_process_at_another_time_with_another_hash_seed_gives_the_same_bytes(
    products: dict[str, bytes], tmp_path: Path
) -> None:
    time.sleep(2.1)
    search = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": search, "TZ": "America/New_York"}
    subprocess.run(
        [sys.executable, sample.__file__, str(tmp_path)], env=environment, cwd=tmp_path, check=True
    )
    again = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert again.keys() == products.keys() == {".html", ".pdf", ".docx"}
    assert {suffix for suffix in again if again[suffix] != products[suffix]} == set()
