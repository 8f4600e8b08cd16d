"""tasks.py: installs when it must, cleans what it may, lists what the Makefile lists."""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tasks
from tests.house import REPOSITORY


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two files, on which tasks.py works instead of ours."""
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name + "\n", encoding="utf-8")
    venv = tmp_path / ".venv"
    for name, value in {"ROOT": tmp_path, "VENV": venv, "STAMP": venv / "stamp.txt"}.items():
        monkeypatch.setattr(tasks, name, value)
    monkeypatch.setattr(tasks.stamps, "__defaults__", (tmp_path,))
    return tmp_path


@pytest.fixture
def commands(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What would have been run, one word each: venv, lock, package."""
    words: list[str] = []

    def recorded(*command: object, **unused: object) -> int:
        line = [str(part) for part in command]
        words.append("venv" if "venv" in line else "lock" if "--require-hashes" in line else "package")
        (project / ".venv").mkdir(exist_ok=True)
        return 0

    monkeypatch.setattr(tasks, "run", recorded)
    yield words


def test_tasks_are_the_makefiles_targets() -> None:
    (line,) = [
        line
        for line in (REPOSITORY / "Makefile").read_text(encoding="utf-8").splitlines()
        if line.startswith("TASKS :=")
    ]
    assert set(line.removeprefix("TASKS :=").split()) == set(tasks.TASKS)
    assert {"demo", "test", "check", "lab", "bench", "soak", "clean", "help"} <= set(tasks.TASKS)


def test_help_says_a_sentence_for_each_task(capsys: pytest.CaptureFixture[str]) -> None:
    tasks.main()
    printed = capsys.readouterr().out
    assert all(f"  {name} " in printed and task.__doc__ for name, task in tasks.TASKS.items())
    assert "py tasks.py" in printed


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (REPOSITORY / "tasks.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        runpy.run_path(str(REPOSITORY / "tasks.py"))


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(SystemExit, match="There is no task dmeo; there are: demo, test"):
        tasks.main("dmeo")


def test_install_is_done_once(commands: list[str]) -> None:
    tasks.install()
    assert commands == ["venv", "lock", "package"]
    tasks.install()
    assert commands == ["venv", "lock", "package"]


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_installs_again_without_a_new_environment(
    commands: list[str], project: Path, name: str
) -> None:
    tasks.install()
    (project / name).write_text("other\n", encoding="utf-8")
    commands.clear()
    tasks.install()
    assert commands == ["lock", "package"]


def test_another_python_gets_a_new_environment(commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.install()
    commands.clear()
    monkeypatch.setattr(sys, "version", "3.99.0")
    tasks.install()
    assert commands == ["venv", "lock", "package"]


def test_a_moved_folder_gets_a_new_environment(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in ("requirements.lock", "pyproject.toml"):
        (other / name).write_bytes((project / name).read_bytes().replace(b"\n", b"\r\n"))
    assert tasks.stamps(project)[0] != tasks.stamps(other)[0]
    assert tasks.stamps(project)[1] == tasks.stamps(other)[1]


def test_an_install_cut_short_starts_anew(commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.install()
    (tasks.ROOT / "requirements.lock").write_text("other\n", encoding="utf-8")
    with monkeypatch.context() as cut:
        cut.setattr(tasks, "python", lambda *unused: sys.exit(1))
        with pytest.raises(SystemExit):
            tasks.install()
    commands.clear()
    tasks.install()
    assert commands == ["venv", "lock", "package"]


def test_inside_its_own_environment_it_is_not_thrown_away(
    commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tasks.VENV))
    tasks.install()
    assert commands == ["lock", "package"]


def test_a_python_without_venv_is_told_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "run", lambda *unused, **unused_too: 1)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        tasks.install()


@pytest.mark.parametrize(("code", "ends"), [(0, None), (3, None), (1, 1), (2, 2)])
def test_demo_counts_finished_with_issues_as_success(
    project: Path, monkeypatch: pytest.MonkeyPatch, code: int, ends: int | None
) -> None:
    def python(*arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
        exit_code = code if "run" in arguments else 0
        return tasks.run(sys.executable, "-c", f"raise SystemExit({exit_code})", allowed=allowed)

    monkeypatch.setattr(tasks, "install", lambda: None)
    monkeypatch.setattr(tasks, "python", python)
    if ends is None:
        tasks.demo()
    else:
        with pytest.raises(SystemExit) as stop:
            tasks.demo()
        assert stop.value.code == ends


def test_clean_never_touches_data(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [
        "data/raw/2018/.ipynb_checkpoints/a.csv",
        "data/office/2018/__pycache__/b.xlsx",
        "data/processed/c.parquet",
    ]
    kept += ["reports/README.md", "lianzheng/a.py", ".git/__pycache__/d", "lianzheng/data/e.yml"]
    gone = [
        ".venv/bin/python",
        "reports/2018/index.html",
        "lianzheng/__pycache__/a.pyc",
        ".mypy_cache/x",
        "build/y",
    ]
    gone += ["lianzheng.egg-info/PKG-INFO", "lianzheng/data/__pycache__/e.pyc"]
    for name in kept + gone:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x", encoding="utf-8")
    found = [".venv", "reports/2018", "lianzheng/__pycache__", ".mypy_cache", "build"]
    found += ["lianzheng.egg-info", "lianzheng/data/__pycache__"]
    assert set(tasks.leftovers(project)) == {project / name for name in found}
    monkeypatch.setattr(tasks.leftovers, "__defaults__", (project,))
    tasks.clean()
    assert all((project / name).exists() for name in kept)
    assert not any((project / name).exists() for name in gone)


def test_the_callers_settings_do_not_reach_into_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("HTTPS_PROXY", "kept")
    settings = tasks.environment()
    assert "PYTHONPATH" not in settings
    assert (settings["PIP_USER"], settings["HTTPS_PROXY"]) == ("0", "kept")


def test_tests_of_a_group_share_a_worker(pytester: pytest.Pytester) -> None:
    suite = """
        import os, pathlib, pytest
        pytestmark = pytest.mark.xdist_group("one")
        @pytest.mark.parametrize("number", range(6))
        def test_it(number):
            with pathlib.Path({!r}).open("a", encoding="utf-8") as seen:
                seen.write(os.environ["PYTEST_XDIST_WORKER"] + " ")
    """
    seen = pytester.path / "seen.txt"
    pytester.makepyfile(test_one=suite.format(str(seen)), test_two=suite.format(str(seen)))
    pytester.runpytest_subprocess("-n", "2", "--dist", "loadgroup").assert_outcomes(passed=12)
    assert len(set(seen.read_text(encoding="utf-8").split())) == 1
