"""Every notebook of ours, executed by our engine and by papermill's own: the same cells, whatever time it takes."""

from __future__ import annotations

import nbformat
import pytest

from lianzheng.config import load_config
from lianzheng.publish.engine import NAME, STOCK
from lianzheng.publish.execute import execute
from lianzheng.publish.jobs import run_list
from tests.executed import executed, timeless
from tests.projects import REPOSITORY, Project

pytestmark = pytest.mark.xdist_group("bureau")
STEMS = [
    "units/U003/scorecard", "intake", "comparison", "questionnaire", "statistics", "rectification", "bulletin",
]  # fmt: skip


@pytest.mark.parametrize("stem", STEMS)
def test_a_notebook_gives_the_same_cells_with_the_stock_engine(
    bureau: Project, stem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = next(job for job in run_list(load_config(2018, bureau.folder)) if job.stem == stem)
    written = bureau.reports / "notebooks" / f"{stem.replace('/', '_')}.ipynb"
    ours = nbformat.read(written, as_version=4)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    numbers: list[int] = []
    stock, _, _, problem = execute(job, STOCK, numbers.append)
    assert not problem
    assert timeless(ours) == timeless(stock)
    assert len(timeless(stock)) == 1 + max(numbers), "each cell told, but for the one that papermill adds"


def test_so_does_the_tour(bureau: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bureau.folder / "notebooks")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    ours, stock = (executed(nbformat.read("00_tour.ipynb", as_version=4), name) for name in (NAME, STOCK))
    assert timeless(ours) == timeless(stock)
    assert all(cell["state"] == ("completed", False) for cell in timeless(ours))


def test_no_notebook_is_left_out(bureau: Project) -> None:
    jobs = [job for job in run_list(load_config(2018, bureau.folder)) if job.stem in STEMS]
    assert {job.notebook.name for job in jobs} | {"00_tour.ipynb"} == {
        p.name for p in (bureau.folder / "notebooks").glob("*.ipynb")
    }
