"""From written scores, votes and ledgers to scores that explain themselves."""

from __future__ import annotations

from lianzheng.scoring.run import Scoring, run_scoring, write_scoring

__all__ = ["Scoring", "run_scoring", "write_scoring"]
