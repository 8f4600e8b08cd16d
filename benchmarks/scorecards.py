"""The scorecards of a bureau in several ways: `python benchmarks/scorecards.py WAY PROJECT`, each a whole process.

``ours`` publishes them as `lianzheng publish` does, ``direct`` calls the same page functions and Typst for one after the
other in this process, without notebook or HTML. ``loop`` and ``xargs`` print what a user would type otherwise.
"""

from __future__ import annotations

import ast
import json
import shlex
import sys
from pathlib import Path
from typing import Any

NAIVE = (
    "{papermill} {notebook} {out}/$1.ipynb -p cycle {cycle} -p unit_id $1 -p data_dir {data} --no-progress-bar"
    " && {jupyter} nbconvert --to html {out}/$1.ipynb"
)

CYCLE = 2018


def _jobs(project: Path) -> tuple[Any, list[Any]]:
    from lianzheng.config import load_config
    from lianzheng.publish.jobs import run_list

    config = load_config(None, project)
    return config, [job for job in run_list(config) if job.stem.startswith("units/")]


def ours(project: Path) -> None:
    """The scorecards (HTML and PDF) by the warm engine, two at a time."""
    from multiprocessing import forkserver

    from lianzheng.publish.children import warm_up

    warm_up(project.resolve(), CYCLE)
    from lianzheng.publish.run import publish_pages

    config, jobs = _jobs(project)
    made = publish_pages(config, jobs, n_workers=2)
    assert all(outcome.state == "published" for outcome in made), made
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # so that its seconds are counted


def direct(project: Path) -> None:
    """The same page functions, cell by cell, and Typst, in this process."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    from lianzheng.publish.notebook import read_document
    from lianzheng.publish.pdf import typeset

    _, jobs = _jobs(project)
    for job in jobs:
        names: dict[str, Any] = {}
        cells = []
        for cell in json.loads(job.notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                cells.append(new_markdown_cell("".join(cell["source"]), metadata=cell["metadata"]))
                continue
            *before, last = ast.parse("".join(cell["source"])).body
            exec(compile(ast.Module(before, []), "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)._repr_mimebundle_()
                output = new_output("execute_result", data=shown[0], metadata=shown[1])
                cells.append(new_code_cell(outputs=[output], metadata=cell["metadata"]))
            else:
                names |= dict(job.parameters)
        typeset(read_document(json.loads(json.dumps(new_notebook(cells=cells)))))


def naive(project: Path, out: Path) -> str:
    """The line of the shell for one unit, ``$1``."""
    programs = Path(sys.executable).parent
    return NAIVE.format(
        papermill=shlex.quote(str(programs / "papermill")), jupyter=shlex.quote(str(programs / "jupyter")),
        notebook=shlex.quote(str(Path(__file__).parents[1] / "notebooks" / "02_unit_scorecard.ipynb")),
        out=shlex.quote(str(out)), cycle=CYCLE, data=shlex.quote(str(project / "data")),
    )  # fmt: skip


def commands(project: Path, line: str) -> dict[str, tuple[str, ...]]:
    """The ways, as commands; ``line`` is what the shell does for a unit (:func:`naive`)."""
    units = " ".join(job.unit_id for job in _jobs(project)[1])
    one = f"sh -c {shlex.quote(line)} one"
    return {
        "ours": (sys.executable, __file__, "ours", str(project)),
        "direct": (sys.executable, __file__, "direct", str(project)),
        "loop": ("sh", "-ec", f"for unit in {units}; do {one} $unit; done"),
        "xargs": ("sh", "-ec", f"printf '%s\\n' {units} | xargs -P 2 -n 1 {one}"),
    }


if __name__ == "__main__":
    {"ours": ours, "direct": direct}[sys.argv[1]](Path(sys.argv[2]))
