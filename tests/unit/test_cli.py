"""The command line: help in plain words, errors in one sentence with a remedy, exit codes that mean something."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lianzheng import __version__, cli
from lianzheng.cli.commands import COMMANDS as IMPLEMENTED

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = (
    "demo", "run", "intake", "ledger", "score", "publish", "returns", "status", "forms", "dictionary", "inspect", "check-document",
    "lint", "trace", "alias", "doctor",
)  # fmt: skip


def command(*arguments: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "lianzheng.cli", *arguments]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=cwd)


def test_help_names_every_command_and_the_exit_codes() -> None:
    text = cli.build_parser().format_help()
    for name in COMMANDS:
        assert f"\n    {name} " in text or f"\n    {name}\n" in text
    assert "0 success, 3 finished with issues, 1 failure" in " ".join(text.split())
    assert set(IMPLEMENTED) == set(COMMANDS)


def test_the_readme_shows_only_commands_that_exist() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    fenced = "".join(readme.split("```")[1::2])
    shown = [line.split()[1] for line in fenced.splitlines() if line.startswith("lianzheng ")]
    assert len(shown) >= 4 and set(shown) <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: lianzheng {name}" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ["--version", "--help", *(f"{name} --help" for name in COMMANDS)])
def test_help_and_version_import_nothing_but_the_parser(asked: str) -> None:
    code = (
        "import sys\nfrom lianzheng import cli\nbefore = set(sys.modules)\n"
        f"try:\n    cli.main({asked.split()})\nexcept SystemExit:\n    pass\n"
        "print()\nprint(sorted(name for name in sys.modules if name.startswith('lianzheng')))\n"
        "heavy = {'pandas', 'numpy', 'pydantic', 'yaml', 'matplotlib', 'nbconvert', 'papermill', 'tqdm', 'multiprocessing'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    *said, ours, heavy = done.stdout.splitlines()
    assert said[0] == f"lianzheng {__version__}" if asked == "--version" else said[0].startswith("usage:")
    assert ours == "['lianzheng', 'lianzheng.cli', 'lianzheng.cli.parser']" and heavy == "[]"


def test_outside_a_project_one_sentence_and_a_remedy_but_no_traceback(tmp_path: Path) -> None:
    done = command("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "config" in done.stderr and "处理：" in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_year_names_the_known_ones(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    done = command("--project", str(tmp_path), "intake", "1999")
    assert done.returncode == 1
    assert "1999" in done.stderr and "2018" in done.stderr


def test_publishing_an_empty_project_says_what_to_run_first(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    done = command("--project", str(tmp_path), "publish", "2018")
    assert done.returncode == 1
    assert "lianzheng run 2018" in done.stderr and "Traceback" not in done.stderr


def test_the_doctor_finds_this_machine_in_good_health() -> None:
    done = command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for what in ("Python", "pandas", "中文字体", "Typst", "Jupyter 内核", "配置"):
        assert what in done.stdout


def test_the_doctor_names_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lianzheng.publish.doctor._MINIMUM_FREE_BYTES", 10**18)
    assert cli.main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "✗ 剩余磁盘" in shown and "处理：请清理磁盘" in shown
