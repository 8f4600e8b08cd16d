"""Which folder is the project, and which years it has rules for: what can be told before anything is read."""

from __future__ import annotations

from pathlib import Path

from lianzheng.errors import ConfigError


def list_cycles(project: Path) -> list[int]:
    """The years that the project has a configuration for, ascending."""
    names = [path.parent.name for path in project.glob("config/*/cycle.yml")]
    return sorted(int(name) for name in names if name.isdigit())


def find_project(start: Path | None = None) -> Path:
    """The nearest folder, from ``start`` (default: here) upwards, that holds a cycle's config/<year>/.

    Raises :class:`ConfigError` when there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if list_cycles(folder):
            return folder
    wrong = f"no config/<year>/cycle.yml in {here} or above"
    raise ConfigError(wrong, "go to the project folder, or give --project")


def existing_cycle(cycle: int | None, project: Path) -> int:
    """The year asked for (None: the latest); raises :class:`ConfigError` where the project has no rules for it."""
    cycles = list_cycles(project)
    if not cycles or cycle not in (None, *cycles):
        raise ConfigError(
            f"config/{cycle or '<year>'}/cycle.yml does not exist in {project}",
            f"use one of the years {', '.join(map(str, cycles)) or '(none yet)'}, or add the folder",
        )
    return cycle or cycles[-1]
