"""From any published number back to rule, facts and cells (``lianzheng trace``)."""

from __future__ import annotations

from lianzheng.trace.chain import Chain
from lianzheng.trace.short import trace, trace_words
from lianzheng.trace.steps import FileList, Place, Step, cells_of, describe

__all__ = ["Chain", "FileList", "Place", "Step", "cells_of", "describe", "trace", "trace_words"]
