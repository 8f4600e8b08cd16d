"""Files as received → plain cells → recognised forms → values → frames and issues."""

from __future__ import annotations

from lianzheng.intake.inspection import Inspection, inspect_file
from lianzheng.intake.run import Intake, run_intake, write_intake

__all__ = ["Inspection", "Intake", "inspect_file", "run_intake", "write_intake"]
