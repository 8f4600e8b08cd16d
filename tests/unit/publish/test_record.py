"""The record of a run: what has changed is seen by content, and files are read again only where that may be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lianzheng.publish import record
from lianzheng.publish.record import Record, Seen, inputs_changed, look, read_record, same, write_record

OLD = time.time() - 3600


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a file at every place, all an hour old."""
    for name in (
        "data/raw/2018/units/a.xlsx", "data/office/2018/ledger.xlsx", "data/processed/2018/units.parquet", "config/2018/cycle.yml",
        "notebooks/02.ipynb", "reports/2018/index.html", "reports/2018/forms/blank.xlsx",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one", encoding="utf-8")
        os.utime(path, (OLD, OLD))
    return tmp_path


def finished(project: Path) -> Record:
    seen = look(project, 2018, {})
    return Record(seen=seen, environment=record.environment(), is_complete=True, exit_code=3)


def test_a_record_is_read_as_it_was_written_and_a_broken_one_is_none(project: Path) -> None:
    write_record(project, 2018, kept := finished(project))
    assert read_record(project, 2018) == kept
    record.record_path(project, 2018).write_text("{", encoding="utf-8")
    assert read_record(project, 2018) == Record()
    assert not (project / "data" / ".clock").exists()


@pytest.mark.parametrize(
    ("name", "kind", "below"),
    [
        ("data/raw/2018/units/a.xlsx", "raw", "units/a.xlsx"),
        ("data/office/2018/ledger.xlsx", "office", "ledger.xlsx"),
        ("data/processed/2018/units.parquet", "tables", "units.parquet"),
        ("config/2018/cycle.yml", "config", "2018/cycle.yml"),
        ("notebooks/02.ipynb", "notebooks", "02.ipynb"),
        ("reports/2018/index.html", "reports", "index.html"),
    ],
)
@pytest.mark.parametrize("way", ["other content", "gone", "new"])
def test_every_kind_of_change_is_seen_and_named(
    project: Path, name: str, kind: str, below: str, way: str
) -> None:
    known, path = finished(project), project / name
    assert same(known, look(project, 2018, known.seen), [])
    if way == "other content":
        path.write_text("two", encoding="utf-8")
        os.utime(path, (OLD, OLD))  # size and time of content are those of before
    elif way == "gone":
        path.unlink()
    else:
        path, below = path.with_name("b"), f"{below.rpartition('/')[0]}/b".lstrip("/")
        path.write_text("one", encoding="utf-8")
    now = look(project, 2018, known.seen)
    assert not same(known, now, [])
    assert known.changed(kind, now) == [below]
    expected = {kind: [below]} if kind in (*record.INPUTS, "tables") else {}
    assert inputs_changed(known, now, []) == expected


def test_times_alone_change_nothing(project: Path) -> None:
    known = finished(project)
    (project / "data/raw/2018/units/a.xlsx").touch()
    assert same(known, look(project, 2018, known.seen), [])


def test_blank_forms_and_what_a_killed_run_left_do_not_count(project: Path) -> None:
    known = finished(project)
    (project / "reports/2018/forms/blank.xlsx").unlink()
    (project / "data/raw/2018/units/.0123456789ab.7.tmp").write_bytes(b"half")
    assert same(known, look(project, 2018, known.seen), [])


def test_an_unfinished_run_other_packages_and_another_password_file_are_changes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = finished(project)
    now = look(project, 2018, known.seen)
    known.is_complete = False
    assert not same(known, now, []) and inputs_changed(known, now, []) == {}
    known.is_complete = True
    words = tmp_path / "passwords.csv"
    words.write_text("*,secret", encoding="utf-8")
    entry = record.password_entry(words)
    assert not same(known, now, entry) and list(inputs_changed(known, now, entry)) == ["environment"]
    assert "secret" not in repr(entry) and len(entry) == 5
    monkeypatch.setattr("lianzheng.publish.record.environment", lambda: "another")
    assert not same(known, now, []) and list(inputs_changed(known, now, [])) == ["environment"]


def read_again(seen: Seen, project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files of the received ones are read by another look."""
    read: list[str] = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **k: (read.append(path.name), real(path, *a, **k))[1])
    look(project, 2018, seen, ["raw"])
    monkeypatch.undo()
    return read


def test_a_file_is_read_again_only_where_it_was_young_or_its_times_are_others(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "data/raw/2018/units/a.xlsx"
    young = look(
        project, 2018, {}, ["raw"]
    )  # its state changed a moment ago, whatever its time of content says
    assert young["raw"]["units/a.xlsx"][1] == -1
    assert read_again(young, project, monkeypatch) == ["a.xlsx"]
    monkeypatch.setattr(record, "_SETTLED_NS", -(10**12))  # as if it were old
    settled = look(project, 2018, {}, ["raw"])
    assert read_again(settled, project, monkeypatch) == []
    path.touch()
    assert read_again(settled, project, monkeypatch) == ["a.xlsx"]


def test_looking_imports_nothing_heavy() -> None:
    code = (
        "import sys\nimport lianzheng.cli.running\n"
        "print(sorted({'pandas', 'numpy', 'pydantic', 'yaml', 'pyarrow', 'jinja2', 'tqdm', 'lianzheng.config'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
def test_a_pipe_among_the_received_files_stops_nobody(project: Path) -> None:
    os.mkfifo(project / "data/raw/2018/pipe")
    assert look(project, 2018, {}, ["raw"])["raw"]["pipe"][-1].startswith("mode")
