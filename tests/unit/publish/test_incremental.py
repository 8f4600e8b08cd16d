"""Each reason to make a page anew, alone; without one it stays."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.disk import write_atomically
from lianzheng.publish import incremental
from lianzheng.publish.incremental import Decision, decide, fingerprint, kept, remember
from lianzheng.publish.jobs import run_list
from lianzheng.publish.record import look
from lianzheng.publish.run import (
    Outcome,
    data_version,
    executed_name,
    read_reports_manifest,
    write_reports_manifest,
)
from lianzheng.tables import conform, schemas, write_tables

REPOSITORY = Path(__file__).resolve().parents[3]
STEM = "units/U001/scorecard"
FILES = tuple(f"{STEM}.{suffix}" for suffix in ("html", "pdf"))
READS = ("site_visits/unit_id/U001",)


def store(config: CycleConfig, *attending: int) -> None:
    rows = [
        {"unit_id": f"U{n:03}", "team_id": "T1", "visit_date": "2018-12-04", "n_attending": count}
        for n, count in enumerate(attending, 1)
    ]
    tables = {"site_visits": conform("site_visits", rows, 2018), "files": schemas()["files"].empty()}
    write_tables(config.data_processed, tables, {})


def decided(config: CycleConfig, *touched: str, is_forced: bool = False) -> Decision:
    return decide(
        config, run_list(config, ("U001",))[:1], look(config.project, 2018, {}), touched, is_forced
    )[0]


@pytest.fixture
def done(tmp_path: Path) -> CycleConfig:
    """A project in which the scorecard of U001 was published, which reads the visits of that unit."""
    config = replace(load_config(2018, REPOSITORY), project=tmp_path)
    (tmp_path / "notebooks").symlink_to(REPOSITORY / "notebooks")
    store(config, 7, 8)
    for name in (*FILES, executed_name(STEM)):
        write_atomically(config.reports / name, b"page")
    page = {
        "files": dict.fromkeys(FILES, hashlib.sha256(b"page").hexdigest()),
        "data_version": "",
        "is_stale": False,
    }
    write_reports_manifest(config.reports, {STEM: page})
    outcome = Outcome(STEM, "U001", "published", 1.0, files=FILES, reads=READS)
    remember(config, [decided(config)], [outcome])
    changed(config, data_version=data_version(config))
    return config


def changed(config: CycleConfig, **facts: Any) -> None:
    pages = read_reports_manifest(config.reports)
    pages[STEM] |= facts
    write_reports_manifest(config.reports, pages)


def test_a_page_stays_while_nothing_of_it_has_changed(done: CycleConfig) -> None:
    decision = decided(done)
    assert (decision.is_due, str(decision)) == (False, "不做  U001 单位评分单：没有变化")
    assert kept(decision, done) == Outcome(STEM, "U001", "kept", 0.0, files=FILES, reason="没有变化")


def test_rows_that_it_does_not_read_may_change(done: CycleConfig) -> None:
    store(done, 7, 9)
    assert not decided(done).is_due
    old = read_reports_manifest(done.reports)[STEM]["data_version"]
    remember(done, [], [kept(decided(done), done)])
    new = read_reports_manifest(done.reports)[STEM]["data_version"]
    assert old != new and not decided(done).is_due, "the page belongs to the new data"


def test_rows_that_it_reads_may_not(done: CycleConfig) -> None:
    store(done, 6, 8)
    assert str(decided(done)) == "重做  U001 单位评分单：数据有变化：现场检查（U001）"


def test_a_page_that_tells_of_no_reads_depends_on_all_data(done: CycleConfig) -> None:
    changed(done, reads={})
    assert not decided(done).is_due
    store(done, 7, 9)
    assert decided(done).reason == "数据有变化"


@pytest.mark.parametrize(
    ("part", "label"),
    [
        ("notebook", "笔记本"),
        ("parameters", "参数"),
        ("config", "配置"),
        ("library", "程序"),
        ("fonts", "字体"),
        ("environment", "运行环境"),
    ],
)
def test_every_part_that_it_is_made_from_counts(done: CycleConfig, part: str, label: str) -> None:
    made_from = read_reports_manifest(done.reports)[STEM]["made_from"]
    assert set(made_from) == {"notebook", "parameters", "config", "library", "fonts", "environment"}
    changed(done, made_from={**made_from, part: "0"})
    assert decided(done).reason == f"{label}有变化"


def test_a_notebook_an_edition_and_rules_are_told_by_content(done: CycleConfig, tmp_path: Path) -> None:
    (tmp_path / "notebooks").unlink()
    text = (REPOSITORY / "notebooks" / "02_unit_scorecard.ipynb").read_text(encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "02_unit_scorecard.ipynb").write_text(text, encoding="utf-8")
    assert not decided(done).is_due, "another file with the same content"
    (tmp_path / "notebooks" / "02_unit_scorecard.ipynb").write_text(text + "\n", encoding="utf-8")
    assert decided(done).reason == "笔记本有变化"
    assert decided(replace(done, sha256="other")).reason == "笔记本、配置有变化"


def test_the_project_may_move(done: CycleConfig, tmp_path: Path) -> None:
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    assert not decided(replace(done, project=moved)).is_due


@pytest.mark.parametrize("name", [*FILES, executed_name(STEM)])
def test_a_file_that_was_taken_away_or_edited_is_made_again(done: CycleConfig, name: str) -> None:
    path = done.reports / name
    path.write_bytes(b"edited")
    assert decided(done, name).reason == f"文件被删除或改动：{name}"
    path.unlink()
    assert decided(done).reason == f"文件被删除或改动：{name}"


def test_new_stale_and_forced_pages_are_due(done: CycleConfig) -> None:
    assert decided(done, is_forced=True).reason == "要求全部重做"
    changed(done, is_stale=True)
    assert decided(done).reason == "上次未能更新"
    write_reports_manifest(done.reports, {})
    assert decided(done).reason == "尚未生成"


def test_a_failed_page_is_remembered_as_it_was(done: CycleConfig) -> None:
    before = read_reports_manifest(done.reports)
    store(done, 6, 8)
    remember(done, [decided(done)], [Outcome(STEM, "U001", "failed", 1.0, "why")])
    assert read_reports_manifest(done.reports) == before


def test_the_fingerprint_is_of_all_that_pages_are_made_from(
    done: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(done.project, 2018, {})
    known = {fingerprint(done, seen)}
    assert fingerprint(done, look(done.project, 2018, {})) in known
    known.add(fingerprint(done, {**seen, "notebooks": {}}))
    known.add(fingerprint(done, {**seen, "library": {}}))
    known.add(fingerprint(replace(done, sha256="other"), seen))
    monkeypatch.setattr(incremental, "environment", lambda: "other")
    known.add(fingerprint(done, seen))
    store(done, 6, 8)
    known.add(fingerprint(done, seen))
    assert len(known) == 6
