"""Mistakes at a notebook: in Jupyter one sentence with a remedy, everywhere else everything as ever."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
import pytest
from nbclient import NotebookClient
from papermill.exceptions import PapermillExecutionError

from lianzheng.errors import in_a_sentence
from lianzheng.names import nearest
from lianzheng.pages.bench import missing_name
from tests import house

ROSTER = pd.DataFrame({"unit_id": ["U001", "U003"], "total": [84.6, 79.0], "self_total": [96.0, 95.0]})
OTHER = pd.DataFrame({"unit_id": ["U001"], "headcount": [100]})
HINT = "%tb"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("totl", ["total"]),
        ("Total", ["total", "self_total"]),
        ("SELF_TOTAL", ["self_total", "total"]),
        ("headcont", ["headcount"]),
        ("质检中心", ["质检评价中心"]),
        ("东河", ["东河处"]),
        ("xyz", []),
        ("", []),
    ],
)
def test_the_nearest_names(word: str, found: list[str]) -> None:
    assert nearest(word, ["total", "self_total", "headcount", "质检评价中心", "东河处", "total"]) == found


@pytest.mark.parametrize(
    ("mistake", "name", "near"),
    [
        (lambda: ROSTER["totall"], "totall", "total"),
        (lambda: ROSTER[["unit_id", "totall"]], "totall", "total"),
        (lambda: ROSTER[["totall", "unitid"]], "totall、unitid", "total、self_total、unit_id"),
        (lambda: ROSTER.query("totall > 80"), "totall", "total"),
        (lambda: ROSTER.eval("x = totall + 1"), "totall", "total"),
        (lambda: ROSTER.sort_values("totall"), "totall", "total"),
        (lambda: ROSTER.groupby("unitid").size(), "unitid", "unit_id"),
        (lambda: ROSTER.merge(OTHER, on="unitid"), "unitid", "unit_id"),
        (lambda: ROSTER.set_index("unitid"), "unitid", "unit_id"),
        (lambda: ROSTER.set_index("unit_id").loc["U002"], "U002", "U003、U001"),
    ],
)
def test_a_misspelt_column_is_told_wherever_pandas_met_it(
    mistake: Callable[[], Any], name: str, near: str
) -> None:
    with pytest.raises((KeyError, NameError)) as caught:
        mistake()
    sentence, remedy, hint = missing_name(caught.value, caught.tb)
    assert f"“{name}”" in sentence
    assert f"相近的有 {near}" in remedy and "这张表的列是 " in remedy and HINT in hint


def of_its_own() -> object:
    roster = ROSTER
    return dict.fromkeys(roster)["totl"]


@pytest.mark.parametrize(
    "mistake",
    [
        of_its_own,
        lambda: {}["a"],
        lambda: ROSTER.query("@total > 80"),
        lambda: ROSTER.groupby("unit_id").get_group("U009"),
    ],
)
def test_what_is_no_misspelt_column_is_left_alone(mistake: Callable[[], Any]) -> None:
    with pytest.raises((KeyError, NameError)) as caught:
        mistake()
    assert missing_name(caught.value, caught.tb) == []


MISTAKES = {
    "lianzheng.open_cycle(2018, data_dir=data).units": "还没有数据表 units",
    "lianzheng.open_cycle(1999, data_dir=data)": "没有 1999 年度的配置",
    "lianzheng.scorecard(1999, 'U001', data_dir=data)": "没有 1999 年度的配置",
    "lianzheng.open_cycle(2018, data_dir=data).tables['tabel']": "没有叫“tabel”的列（或行）",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project that has nothing but its configuration."""
    folder = tmp_path_factory.mktemp("empty")
    shutil.copytree(house.REPOSITORY / "config", folder / "config")
    return str(folder / "data")


def executed(data: str, *sources: str) -> list[tuple[str, str, str]]:
    """Class, message and traceback of the error that each cell ends with."""
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(s) for s in (f"import lianzheng; data = {data!r}", *sources)]
    )  # type: ignore[no-untyped-call]
    NotebookClient(made, allow_errors=True).execute()
    errors = [[o for o in cell.outputs if o.output_type == "error"] for cell in made.cells[1:]]
    return [(e.ename, e.evalue, "\n".join(e.traceback)) for (e,) in errors]


def test_in_jupyter_a_mistake_is_a_sentence_and_the_rest_is_one_word_away(
    data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "00_tour.ipynb")
    found = executed(data, *(source for mistake in MISTAKES for source in (mistake, "%tb")))
    for (_, _, short), (_, _, whole), words in zip(found[::2], found[1::2], MISTAKES.values(), strict=True):
        assert short.startswith(words) and len(short.splitlines()) == 3 and HINT in short
        assert "Traceback (most recent call last)" in whole


def test_without_a_person_the_traceback_is_whole(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    for (kind, message, whole), words in zip(executed(data, *MISTAKES), MISTAKES.values(), strict=True):
        assert "Traceback (most recent call last)" in whole and kind in whole
        assert words in message or kind == "KeyError"


def test_papermill_names_class_and_message(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    cell = nbformat.v4.new_code_cell(f"import lianzheng\nlianzheng.open_cycle(1999, data_dir={data!r})")  # type: ignore[no-untyped-call]
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=[cell],
            metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        ),
        tmp_path / "a.ipynb",
    )  # type: ignore[no-untyped-call]
    with pytest.raises(
        PapermillExecutionError, match=r"ParameterError: 没有 1999 年度的配置 → cycle 可取 2017、2018"
    ):
        papermill.execute_notebook(str(tmp_path / "a.ipynb"), None, progress_bar=False)


def test_in_a_script_nothing_changes(data: str) -> None:
    code = f"import lianzheng\nlianzheng.open_cycle(1999, data_dir={data!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=house.REPOSITORY
    )
    assert done.stderr.startswith("Traceback (most recent call last)")
    assert done.stderr.splitlines()[-1].startswith("lianzheng.errors.ParameterError: 没有 1999 年度的配置 → ")
    assert done.stdout == "" and "IPython" not in done.stderr


def test_the_sentence_says_where_the_rest_is() -> None:
    assert in_a_sentence("甲", "乙") == ["甲", "→ 乙", "（程序内部的经过：另起一格运行 %tb）"]
