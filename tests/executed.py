"""Notebooks made of a few cells, executed by papermill's engines, and the processes that a run has."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from papermill.engines import papermill_engines

from lianzheng.publish import engine

KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}


def notebook(sources: Sequence[str], tags: Sequence[str] = (), **kernel: str) -> Any:
    """A notebook with these code cells, each with these tags."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": [*tags]}) for source in sources]
    metadata = {"kernelspec": {**KERNEL, **kernel}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def executed(made: Any, name: str = engine.NAME, **options: Any) -> Any:
    """The notebook after an engine has executed it; an error in a cell is an output and the end."""
    papermill_engines.register(engine.NAME, engine.WarmEngine)
    made.metadata["papermill"] = {}
    execute = papermill_engines.execute_notebook_with_engine
    return execute(name, made, "python3", progress_bar=False, input_path="made.ipynb", **options)


def timeless(made: Any) -> Any:
    """The cells of a notebook without what is another every time: moments, ids and the numbers of processes."""
    cells = json.loads(re.sub(r"itables_[0-9a-f_]{36}", "itables", json.dumps(made["cells"])))
    for cell in cells:
        state = cell["metadata"].pop("papermill", {})
        cell["metadata"].pop("execution", None)
        cell["state"] = state.get("status"), state.get("exception")
        cell.pop("id")
    return cells


def shown(cell: Any) -> str:
    """The texts of a cell's outputs, one after the other."""
    outputs = cell["outputs"]
    return "".join(
        o.get("text", "") or o.get("evalue", "") or o.get("data", {}).get("text/plain", "") for o in outputs
    )


def processes(mark: str) -> set[int]:
    """The processes, but for this one, in whose environment at their start ``mark`` stands."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            if mark.encode() in (folder / "environ").read_bytes() and status != "Z":
                found.add(int(folder.name))
        except OSError:
            continue
    return found - {os.getpid()}


def wait_for(is_so: Callable[[], bool], seconds: float = 120.0) -> None:
    """Until it is so; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
