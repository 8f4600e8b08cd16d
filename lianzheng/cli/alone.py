"""What a command that writes needs before it begins: the project for itself, folders it can write into, and space."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lianzheng.cli.told import LOG, say
from lianzheng.project import find_project

if TYPE_CHECKING:
    from lianzheng.config import CycleConfig

_LOG = Path("data", "run.log")
_TEMPORARY_BYTES = 20_000_000
Command = Callable[[argparse.Namespace], int]


def writing_command(
    work: Callable[[CycleConfig, argparse.Namespace], int],
    configure: Callable[[argparse.Namespace], CycleConfig],
    *folders: str,
) -> Command:
    """A command that does ``work`` alone in the project, where it writes into these folders of the cycle."""

    def command(options: argparse.Namespace) -> int:
        config = configure(options)
        with alone(config, options, *folders):
            return work(config, options)

    return command


@contextlib.contextmanager
def alone(config: CycleConfig, options: argparse.Namespace, *folders: str) -> Iterator[None]:
    """Hold the project, see that there is room in the folders, and clear away what killed runs left there.

    ``options.executor`` is that of the cluster which was asked for, or None.

    Raises :class:`BusyError` where another run holds the project, :class:`InputError` where it could not write.
    """
    from lianzheng.cli.cluster import on_cluster
    from lianzheng.disk import ensure_writable, sweep
    from lianzheng.intake.space import tables_bytes
    from lianzheng.processes import working_folder
    from lianzheng.publish.jobs import pages_bytes
    from lianzheng.tables import sweep_tables

    needs = {"data_processed": tables_bytes, "reports": pages_bytes}
    with held(config.project, options), working_folder() as temporary:
        ensure_writable(temporary, _TEMPORARY_BYTES)
        for name in folders:
            folder = getattr(config, name)
            for place in (folder.parent, folder) if name == "reports" else (folder,):  # gathered beside
                ensure_writable(place, needs[name](config) if name in needs else 0)
            if name != "data_processed":
                sweep(folder)
        sweep_tables(config.data_processed)
        with on_cluster(config, getattr(options, "cluster", None)) as options.executor:
            yield


@contextlib.contextmanager
def held(project: Path, options: argparse.Namespace) -> Iterator[None]:
    """Hold the project, as soon as it is free if the command was told to wait, and keep its log."""
    from lianzheng.processes import RUN_LOCK, one_run

    LOG.begin(project / _LOG)
    who = _who(options.command)
    with one_run(project / RUN_LOCK, who, getattr(options, "wait", 0.0), _say_who):
        LOG.write(who)
        yield


def _say_who(holder: str) -> None:
    say(f"等待另一次运行结束：{holder}")


def project_of(options: argparse.Namespace) -> Path:
    """The project that was named, or the nearest."""
    return options.project.resolve() if options.project else find_project()


def _who(command: str) -> str:
    """The run as a second one is told of it."""
    user = os.environ.get("USERNAME") or os.environ.get("USER", "")
    place = f"{user}@{platform.node()}".removeprefix("@")
    return f"lianzheng {command}（{place}，进程 {os.getpid()}，{dt.datetime.now():%Y-%m-%d %H:%M} 开始）"
