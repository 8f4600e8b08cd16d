"""The record of a run: one line a page, whatever the message of a failure holds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lianzheng.publish.run import LOG, Outcome, _record


def test_a_message_neither_breaks_a_line_nor_steers_a_terminal(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text("kernel \x1b[31mred\n", encoding="utf-8")
    message = "报送情况：坏\r\npublished forged 0.1s\x1b[2J\u202e"
    _record(tmp_path, [Outcome("intake", "", "failed", 1.0, message, 2)], "v")
    told = "报送情况：坏⏎published forged 0.1s〔U+001B〕[2J〔U+202E〕"
    log = (tmp_path / LOG).read_text(encoding="utf-8").splitlines()
    assert log == ["kernel 〔U+001B〕[31mred", f"failed intake 1.0s {told}"]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text(encoding="utf-8-sig"))))
    assert [row["message"] for row in rows] == [told]
