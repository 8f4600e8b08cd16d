"""lianzheng (廉政): notebooks and a small library for a bureau's annual inspection of its units.

The names below are what a notebook calls; each is imported when it is first asked for, so that
``import lianzheng`` and ``lianzheng --help`` stay quick.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "open_cycle": ("lianzheng.pages.cycle", "Cycle"),
    "intake_page": ("lianzheng.pages.intake", "IntakePage"),
    "scorecard": ("lianzheng.pages.scorecard", "ScorecardPage"),
    "comparison": ("lianzheng.pages.comparison", "ComparisonPage"),
    "statistics": ("lianzheng.pages.statistics", "StatisticsPage"),
    "questionnaire": ("lianzheng.pages.questionnaire", "QuestionnairePage"),
    "rectification": ("lianzheng.pages.rectification", "RectificationPage"),
    "bulletin": ("lianzheng.pages.bulletin", "BulletinPage"),
    "load_config": ("lianzheng.config", "load_config"),
    "Tables": ("lianzheng.tables", "Tables"),
}
__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'lianzheng' has no attribute {name!r}")
    module, attribute = _EXPORTS[name]
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
