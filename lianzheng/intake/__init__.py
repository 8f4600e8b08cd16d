"""Files as received → plain cells → recognised forms → values → frames and issues."""

from __future__ import annotations

from lianzheng.intake.run import Inspection, Intake, inspect_file, run_intake, write_intake

__all__ = ["Inspection", "Intake", "inspect_file", "run_intake", "write_intake"]
