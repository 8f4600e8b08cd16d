"""bulletin.yml: whatever a sentence names exists, sections share out the subjects, every defect can be said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from lianzheng.compare.bulletin import FIGURES as COMPUTED
from lianzheng.config import load_config
from lianzheng.config.bulletin import FIGURES
from lianzheng.errors import ConfigError

PROJECT = Path(__file__).parents[3]


def changed(tmp_path: Path, change: Any) -> Path:
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    path = tmp_path / "config/2018/bulletin.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return tmp_path


def test_sentences_may_tell_every_figure_that_is_counted_once() -> None:
    counted = {one.figure_id for one in COMPUTED if not one.by} - {
        "first_day",
        "last_day",
    }  # these are told together
    assert sorted(FIGURES) == sorted(counted) and len({one.figure_id for one in COMPUTED}) == len(COMPUTED)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda d: d["sentences"].update(rate="{n_nothing}份"), "sentences.rate: names n_nothing"),
        (lambda d: d["sentences"]["late"].update(of="n_lates"), "sentences.late: names n_lates"),
        (lambda d: d["sentences"]["visits"].update(parts=["talk"]), "sentences.visits: names talk"),
        (lambda d: d["sentences"]["late"].update(few="几份"), "unknown key few"),
        (lambda d: d["sections"][0]["subjects"].append("talks"), "talks is in 2 sections"),
        (lambda d: d["sections"][1]["subjects"].remove("talks"), "talks is in 0 sections"),
        (lambda d: d["sections"][0]["figures"][0].update(measure="n_suns"), "figure workload/n_suns"),
        (lambda d: d["sections"][0]["figures"][0].update(text="几次"), "text"),
        (lambda d: d["problems"].pop("no_seal"), "does not say no_seal"),
        (lambda d: d["problems"].update({"talks|none": "无"}), r"talks\|none is not in findings\.yml"),
        (lambda d: d["subjects"].update(sun="日"), r"sun is not in findings\.yml"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, change: Any, wrong: str) -> None:
    with pytest.raises(ConfigError, match=rf"bulletin\.yml.*{wrong}"):
        load_config(2018, changed(tmp_path, change))


def test_a_cycle_needs_no_bulletin(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    (tmp_path / "config/2018/bulletin.yml").unlink()
    assert load_config(2018, tmp_path).bulletin is None
