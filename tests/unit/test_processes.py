"""One run at a time, told by whom; a temporary folder that goes with its run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lianzheng import processes
from lianzheng.errors import BusyError

HOLD = "import sys\nfrom pathlib import Path\nfrom lianzheng.processes import {name}\nwith {call} as x:\n print(x, flush=True)\n sys.stdin.read()"


def held(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Another process inside the block, until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdout and process.stdout.readline()
    return process


def test_only_one_holds_a_lock_and_the_other_learns_who(tmp_path: Path) -> None:
    lock = tmp_path / "new" / "lock"
    other = held(HOLD.format(name="one_run", call="one_run(Path(sys.argv[1]), '甲')"), str(lock))
    with pytest.raises(BusyError, match="另一次运行正在使用本项目：甲"), processes.one_run(lock, "乙"):
        raise AssertionError("both hold it")
    other.communicate()
    with processes.one_run(lock, "乙"):
        assert lock.read_text(encoding="utf-8") == "乙"
    assert lock.read_bytes() == b""


def test_who_holds_a_lock_can_be_asked_without_freeing_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert processes.holder(lock) == ""
    ask = (
        "import sys\nfrom pathlib import Path\nfrom lianzheng.processes import holder, one_run\n"
        "print(holder(Path(sys.argv[1])))\nwith one_run(Path(sys.argv[1]), '乙'):\n print('both hold it')"
    )
    with processes.one_run(lock, "甲（本机）"):
        assert processes.holder(tmp_path / "." / "lock") == "甲（本机）"
        line = [sys.executable, "-X", "utf8", "-c", ask, str(lock)]
        said = subprocess.run(line, capture_output=True, encoding="utf-8")
        assert said.stdout == "甲（本机）\n" and "BusyError" in said.stderr
    assert processes.holder(lock) == ""


def test_a_process_started_without_main_does_not_import_the_program(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import multiprocessing, sys\nfrom lianzheng.processes import without_main\n"
        "print('imported', __name__, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with without_main():\n        child = context.Process(target=print, args=('done',))\n        child.start()\n"
        "    child.join()\n    print(sys.modules['__main__'].__file__ == __file__)\n",
        encoding="utf-8",
    )
    said = subprocess.run([sys.executable, str(program)], capture_output=True, encoding="utf-8")
    assert said.stdout.split() == ["imported", "__main__", "done", "True"], said.stderr


def test_a_failure_inside_frees_the_lock(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), processes.one_run(tmp_path / "lock", "甲"):
            raise KeyError


def test_everything_temporary_goes_into_the_folder_of_the_run_and_with_it(tmp_path: Path) -> None:
    before = tempfile.gettempdir(), os.environ.get("TMPDIR")
    with processes.working_folder() as folder:
        assert Path(tempfile.mkdtemp()).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
    assert not folder.exists()
    assert (tempfile.gettempdir(), os.environ.get("TMPDIR")) == before


def test_folders_of_dead_runs_are_left_and_those_of_living_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = held(HOLD.format(name="working_folder", call="working_folder()"), TMPDIR=str(tmp_path))
    (living,) = tmp_path.iterdir()
    for name, age in (("dead", 0), ("starting", 0), ("never-started", 7200)):
        folder = tmp_path / f"lianzheng-run-{name}"
        folder.mkdir()
        if name == "dead":
            (folder / "lock").write_bytes(b"")
        os.utime(folder, (folder.stat().st_atime, folder.stat().st_mtime - age))
    assert [path.name for path in processes.left_folders()] == [
        "lianzheng-run-dead",
        "lianzheng-run-never-started",
    ]
    processes.remove_left_folders()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([living.name, "lianzheng-run-starting"])
    other.communicate()
    assert not living.exists()
