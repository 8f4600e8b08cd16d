"""The recipes for schedulers: systemd reads its units, the task is XML, and all of them call the command as it is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lianzheng.cli import build_parser

REPOSITORY = Path(__file__).resolve().parents[1]
RECIPES = REPOSITORY / "docs" / "recipes"
SERVICE = (RECIPES / "lianzheng.service").read_text(encoding="utf-8")
COMMAND = re.compile(r"lianzheng(?:\.exe)? (--project \S+ run[^>\n|\"]*)")


def calls() -> dict[str, str]:
    """The arguments with which each recipe calls the command."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(RECIPES.iterdir())}
    found = {name: found[1] for name, text in texts.items() if (found := COMMAND.search(text))}
    task = ElementTree.fromstring(texts["lianzheng-task.xml"].encode())
    space = {"task": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert str(task.findtext(".//task:Command", "", space)).endswith(r"\lianzheng.exe")
    return {
        **found,
        "lianzheng-task.xml": str(task.findtext(".//task:Arguments", "", space)).replace("\\", "/"),
    }


def test_every_recipe_runs_everything_and_waits_for_another_run() -> None:
    assert set(calls()) == {"lianzheng.service", "lianzheng.cron", "lianzheng-task.xml"}
    for name, arguments in calls().items():
        options = build_parser().parse_args(shlex.split(arguments))
        assert (options.command, options.wait, options.unit) == ("run", 600.0, []), name


def test_systemd_takes_data_issues_for_a_success() -> None:
    assert "\nSuccessExitStatus=3\n" in SERVICE and "\nType=oneshot\n" in SERVICE
    assert "RestartForceExitStatus" not in SERVICE


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is a program for Linux")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    assert program, "the packages of .ci/run have it"
    command = "/srv/lianzheng/.venv/bin/lianzheng"
    (tmp_path / "lianzheng.service").write_text(SERVICE.replace(command, sys.executable), encoding="utf-8")
    shutil.copy(RECIPES / "lianzheng.timer", tmp_path)
    units = [str(tmp_path / name) for name in ("lianzheng.service", "lianzheng.timer")]
    done = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    broken = SERVICE.replace(command, sys.executable).replace("SuccessExitStatus", "SucessExitStatus")
    (tmp_path / "lianzheng.service").write_text(broken, encoding="utf-8")
    done = subprocess.run([program, "verify", "--man=no", units[0]], capture_output=True, encoding="utf-8")
    assert "SucessExitStatus" in done.stdout + done.stderr


def test_cron_takes_data_issues_for_a_success_and_keeps_errors() -> None:
    (line,) = [
        line
        for line in (RECIPES / "lianzheng.cron").read_text(encoding="utf-8").splitlines()
        if line[:1].isdigit()
    ]
    shell = line.split(maxsplit=6)[-1]
    for code, expected in ((0, 0), (3, 0), (1, 1), (4, 1)):
        stand_in = re.sub(r"^.*?(?=>/dev/null)", f"(echo said; echo wrong >&2; exit {code}) ", shell)
        done = subprocess.run(["sh", "-c", stand_in], capture_output=True, encoding="utf-8")
        assert (done.returncode, done.stdout, done.stderr) == (expected, "", "wrong\n"), code
