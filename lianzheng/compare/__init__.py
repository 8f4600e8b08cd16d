"""Units beside their peers and beside last year; findings counted by class."""

from __future__ import annotations

from lianzheng.compare.run import run_compare, write_compare

__all__ = ["run_compare", "write_compare"]
