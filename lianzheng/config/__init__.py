"""The configuration of a cycle: config/<year>/ read into frozen models."""

from __future__ import annotations

from lianzheng.config.load import CycleConfig, load_config
from lianzheng.project import find_project, list_cycles

__all__ = ["CycleConfig", "find_project", "list_cycles", "load_config"]
