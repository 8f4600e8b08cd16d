"""What cannot be published is not published: parameters are checked first, one failure stops nobody else."""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from lianzheng.config import load_config
from lianzheng.errors import ParameterError, PublishError
from lianzheng.publish.jobs import check_parameters, run_list
from lianzheng.publish.run import publish_page, publish_pages
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("small")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit_id": 1}, "unit_id is 1"),
        ({"cycle": "2018"}, "cycle is '2018'"),
        ({"colour": "red"}, "unknown parameter colour"),
        ({"edition": None}, "edition"),
    ],
)
def test_a_wrong_parameter_fails_before_the_notebook_runs(
    small: Project, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], words: str
) -> None:
    monkeypatch.setattr(
        "lianzheng.publish.run._run_in_processes", lambda *unused: pytest.fail("a notebook ran")
    )
    config = load_config(2018, small.folder)
    job = run_list(config)[0]
    with pytest.raises(ParameterError, match=words):
        publish_pages(config, [replace(job, parameters={**job.parameters, **change})])


def test_a_missing_parameter_fails_too(small: Project) -> None:
    job = run_list(load_config(2018, small.folder))[0]
    fewer = {name: value for name, value in job.parameters.items() if name != "unit_id"}
    check_parameters(job)
    with pytest.raises(ParameterError, match="missing parameter unit_id"):
        check_parameters(replace(job, parameters=fewer))


def test_a_raise_planted_in_cell_3_for_u005_costs_that_page_only(small: Project) -> None:
    notebook = small.folder / "notebooks" / "02_unit_scorecard.ipynb"
    original = notebook.read_bytes()
    content = nbformat.reads(original.decode("utf-8"), as_version=4)
    planted = nbformat.v4.new_code_cell("if unit_id == 'U005':\n    raise ValueError('planted')")
    content.cells.insert(2, planted)
    before = {path: path.read_bytes() for path in (small.reports / "units" / "U005").iterdir()}
    executed = (small.reports / "notebooks" / "units_U005_scorecard.ipynb").read_bytes()
    listing = sorted(small.reports.rglob("*"))
    try:
        notebook.write_text(nbformat.writes(content), encoding="utf-8")
        done = small.command("publish", "2018", "--unit", "U005", "--unit", "U004")
    finally:
        notebook.write_bytes(original)
    assert done.returncode == 1
    assert "U005" in done.stderr and "第3个单元格" in done.stderr and "planted" in done.stderr
    assert "已发布 2 页，失败 2 页" in done.stdout
    assert (
        before
        and {path: path.read_bytes() for path in (small.reports / "units" / "U005").iterdir()} == before
    )
    assert (small.reports / "notebooks" / "units_U005_scorecard.ipynb").read_bytes() == executed
    assert sorted(small.reports.rglob("*")) == listing, "no new file, not even a temporary one"
    pages = json.loads((small.reports / "manifest.json").read_text(encoding="utf-8"))["pages"]
    assert [stem for stem, page in pages.items() if page["is_stale"]] == [
        "editions/U005/scorecard", "units/U005/scorecard",
    ]  # fmt: skip
    index = (small.reports / "index.html").read_text(encoding="utf-8")
    row = next(line for line in index.split("<tr ") if ">U005</td>" in line)
    assert "过期" in row and index.count('class="stale"') == 2
    again = small.command("publish", "2018", "--unit", "U005")
    assert again.returncode in (0, 3), again.stderr
    assert 'class="stale"' not in (small.reports / "index.html").read_text(encoding="utf-8")


def test_anything_but_blocks_fails_the_publication(small: Project, tmp_path: Path) -> None:
    job = run_list(load_config(2018, small.folder))[0]
    for source in ("print('hello')", "1 + 1", "import warnings; warnings.warn('careful')"):
        content = nbformat.read(job.notebook, as_version=4)
        content.cells.append(nbformat.v4.new_code_cell(source))
        spoiled = tmp_path / "spoiled.ipynb"
        nbformat.write(content, spoiled)
        outcome = publish_page(replace(job, notebook=spoiled), tmp_path / "reports")
        assert outcome.state == "failed" and "U001" in outcome.message, source
        assert not (tmp_path / "reports").exists(), source


class DeadlyPath(type(Path())):  # type: ignore[misc]
    """A path whose text cannot be had in a worker without the worker dying."""

    def __str__(self) -> str:
        if multiprocessing.parent_process() is not None:
            os._exit(1)
        return super().__str__()


def test_a_worker_that_dies_costs_its_page_only(small: Project) -> None:
    config = load_config(2018, small.folder)
    first, second = run_list(config)[:2]
    deadly = replace(first, notebook=DeadlyPath(first.notebook))
    outcomes = publish_pages(config, [deadly, second], n_workers=1)
    assert [outcome.state for outcome in outcomes] == ["failed", "published"]
    assert "U001" in outcomes[0].message


def test_publishing_before_scoring_says_what_to_run(tmp_path: Path, small: Project) -> None:
    config = load_config(2018, small.folder)
    empty = (
        config.model_copy(update={"project": tmp_path})
        if hasattr(config, "model_copy")
        else replace(config, project=tmp_path)
    )
    with pytest.raises(PublishError, match="lianzheng run"):
        publish_pages(empty, [])
