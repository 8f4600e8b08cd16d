"""A publication takes its place as a whole: readers see the old one until all is made, whatever stops the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.disk import write_atomically
from lianzheng.errors import InputError
from lianzheng.publish import staging
from lianzheng.publish.run import Outcome, executed_name
from lianzheng.publish.staging import Staging, settle, staging_folder

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = Outcome("units/U001/scorecard", "U001", "published", 1.0, files=("units/U001/scorecard.html",))


@pytest.fixture
def config(tmp_path: Path) -> CycleConfig:
    """A cycle with an old publication of four files."""
    made = replace(load_config(2018, REPOSITORY), project=tmp_path)
    for name in ("index.html", "units/U001/scorecard.html", "returns/U001/list.xlsx", "run.log"):
        write_atomically(made.reports / name, b"old")
    return made


def published(config: CycleConfig) -> dict[str, str]:
    root = config.reports
    return {
        p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def work(stage: Staging) -> None:
    """A new page, a new index, a return list that is no longer needed, the log begun anew."""
    reports = stage.config.reports
    for name in (PAGE.files[0], executed_name(PAGE.stem), "index.html"):
        write_atomically(reports / name, b"new")
    (reports / "run.log").write_text("new", encoding="utf-8")
    (reports / "returns/U001/list.xlsx").unlink()
    (reports / "returns/U001").rmdir()


OLD = dict.fromkeys(["index.html", "units/U001/scorecard.html", "returns/U001/list.xlsx", "run.log"], "old")
NEW = dict.fromkeys(["index.html", "units/U001/scorecard.html", executed_name(PAGE.stem), "run.log"], "new")


def test_nothing_is_seen_before_the_switch_and_all_of_it_after(config: CycleConfig) -> None:
    stage = Staging(config, "inputs")
    work(stage)
    assert published(config) == OLD
    stage.switch()
    assert published(config) == NEW
    assert not staging_folder(config).exists()
    assert not (config.reports / "returns" / "U001").exists()


def test_files_that_are_as_before_are_not_touched(config: CycleConfig) -> None:
    before = (config.reports / "index.html").stat()
    stage = Staging(config, "inputs")
    write_atomically(stage.config.reports / "index.html", b"old")
    stage.switch()
    after = (config.reports / "index.html").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_pages_that_a_stopped_run_had_done_are_kept_and_begun_ones_are_not(config: CycleConfig) -> None:
    stage = Staging(config, "inputs")
    for name in (PAGE.files[0], executed_name(PAGE.stem), "units/U002/scorecard.html", "index.html"):
        write_atomically(stage.config.reports / name, b"new")
    stage.note(PAGE)
    with (staging_folder(config) / ".journal").open("a", encoding="utf-8") as stream:
        stream.write('{"stem": "units/U0')  # the line that it was writing
    again = Staging(config, "inputs")
    assert again.finished == {PAGE.stem: PAGE}
    there = {
        p.relative_to(again.folder).as_posix(): p.read_text(encoding="utf-8")
        for p in again.folder.rglob("*.*")
        if p.is_file()
    }
    assert there[PAGE.files[0]] == there[executed_name(PAGE.stem)] == "new"
    assert "units/U002/scorecard.html" not in there and there["index.html"] == "old"


def test_a_done_page_that_is_gone_is_not_done(config: CycleConfig) -> None:
    stage = Staging(config, "inputs")
    stage.note(replace(PAGE, files=("units/U001/no.html",)))
    stage.note(replace(PAGE, state="failed"))
    assert Staging(config, "inputs").finished == {}


def test_other_inputs_begin_anew(config: CycleConfig) -> None:
    stage = Staging(config, "inputs")
    work(stage)
    stage.note(PAGE)
    other = Staging(config, "other inputs")
    assert other.finished == {}
    assert (other.folder / "index.html").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("n_moved", [0, 1, 2])
def test_a_switch_that_is_stopped_is_finished_by_the_next_run(
    config: CycleConfig, monkeypatch: pytest.MonkeyPatch, n_moved: int
) -> None:
    stage, moved, real = Staging(config, "inputs"), [], staging.put_in_place
    work(stage)

    def stopping(temporary: Path, path: Path) -> None:
        if len(moved) == n_moved:
            raise KeyboardInterrupt
        moved.append(path.name)
        real(temporary, path)

    monkeypatch.setattr(staging, "put_in_place", stopping)
    with pytest.raises(KeyboardInterrupt):
        stage.switch()
    monkeypatch.undo()
    assert published(config)["index.html"] == "old", "the index comes last"
    settle(config)
    assert published(config) == NEW and not staging_folder(config).exists()


def test_a_file_that_is_held_open_is_named_and_takes_its_place_later(
    config: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, real = Staging(config, "inputs"), staging.put_in_place
    work(stage)

    def refusing(temporary: Path, path: Path) -> None:
        if path.name == "scorecard.html":
            raise InputError("held", "close it")
        real(temporary, path)

    monkeypatch.setattr(staging, "put_in_place", refusing)
    with pytest.raises(InputError, match=r"units/U001/scorecard\.html"):
        stage.switch()
    assert published(config) == {**NEW, "units/U001/scorecard.html": "old"}
    monkeypatch.undo()
    settle(config)
    assert published(config) == NEW


def test_where_the_disk_knows_no_links_files_are_copied(
    config: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*unused: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", no_links)
    stage = Staging(config, "inputs")
    work(stage)
    assert published(config) == OLD
    stage.switch()
    assert published(config) == NEW
