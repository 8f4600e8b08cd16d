"""Files as received → plain cells → recognised forms → values → frames and issues."""

from __future__ import annotations

from lianzheng.intake.inspection import Inspection, inspect_file
from lianzheng.intake.passwords import load_passwords
from lianzheng.intake.run import Intake, run_intake, store_intake, write_intake

__all__ = [
    "Inspection", "Intake", "inspect_file", "load_passwords", "run_intake", "store_intake", "write_intake",
]  # fmt: skip
