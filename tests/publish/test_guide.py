"""The guide shows what there is: commands, their output, pictures, and lines for the bench that run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tasks
from lianzheng.cli.commands import COMMANDS
from lianzheng.pages.bench import Shown
from tests.house import REPOSITORY
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("bureau")
GUIDE = REPOSITORY / "docs" / "guide"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(GUIDE.glob("*.md"))}
STEPS = re.split(r"^## \d+\. ", TEXTS["README.md"], flags=re.MULTILINE)[1:]
READ_ONLY = ("lint", "inspect", "trace", "status")


def blocks(text: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_year_has_ten_steps_with_a_command_and_a_picture_or_an_output() -> None:
    assert len(STEPS) == 10
    for step in STEPS:
        assert "lianzheng " in "".join(blocks(step)) or "`lianzheng " in step
        assert "![" in step or "$ lianzheng " in step


@pytest.mark.parametrize("name", TEXTS)
def test_only_commands_tasks_and_files_that_exist_are_named(name: str) -> None:
    text = TEXTS[name]
    commands = re.findall(r"(?:^(?:\$ )?|`)lianzheng ([a-z-]+)", text, re.MULTILINE)
    assert set(commands) <= set(COMMANDS)
    named = re.findall(r"\b(?:make|py tasks\.py|python3 tasks\.py) ([a-z]+)\b", text)
    assert named and set(named) <= set(tasks.TASKS)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert links and [link for link in links if not (GUIDE / link).is_file()] == []


def test_what_a_command_is_shown_to_say_it_says(bureau: Project) -> None:
    seen = []
    for block in blocks(TEXTS["README.md"]):
        for command, shown in re.findall(r"^\$ lianzheng (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            words = [word for word in command.split() if word != "--fresh"]
            if words[0] not in READ_ONLY:
                continue
            seen.append(words[0])
            said = bureau.command(*words).stdout.splitlines()
            assert [line for line in shown.splitlines() if line not in {*said, "…"}] == []
    assert set(seen) == set(READ_ONLY)


def test_lines_for_the_bench_run(bureau: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bureau.folder / "notebooks")
    names: dict[str, object] = {}
    for source in blocks(TEXTS["README.md"] + TEXTS["bench.md"], "python"):
        *before, last = source.splitlines()
        exec("\n".join(before), names)
        found = eval(last, names)
        assert found is None or not isinstance(found, Shown) or len(found.frame)
    points = Path("last_year.csv")
    lines = points.read_text(encoding="utf-8").splitlines()
    points.unlink()
    assert lines[0] == "unit_id,item_key,points" and "U006,total,84.968170" in "\n".join(lines)
    assert "U001,annual_plan,0.0" in lines
