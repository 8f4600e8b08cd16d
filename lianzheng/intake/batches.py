"""Many received files: by worker processes here, or in batches by an executor whose processes may be on other machines."""

from __future__ import annotations

import functools
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from multiprocessing.context import BaseContext
from pathlib import Path

from lianzheng.config import CycleConfig, load_config
from lianzheng.intake.books import read_books
from lianzheng.intake.files import Setup, from_book, make_setup, read_in_worker
from lianzheng.intake.passwords import Passwords
from lianzheng.intake.places import shown_path
from lianzheng.intake.received import Received
from lianzheng.processes import METHOD

_BATCHES, _LARGEST = 16, 100  # a process for each batch: 40 ms, as much as eight files
_UNDER_WAY = 128
"""Batches that are read or wait for an earlier one: so much of a bureau is in memory at once, however large it is."""


def read_files(
    paths: Sequence[str], n_workers: int, setup: Setup, context: BaseContext | None = None
) -> Iterator[Received]:
    """Read files, named by their paths below data/raw/<cycle>, in worker processes; packed, in the order given."""
    root = setup.config.data_raw
    worker = functools.partial(read_in_worker, root=root, setup=setup)
    places = [root / path for path in paths]
    found = read_books(places, n_workers, worker, context, setup.config.cycle.limits)
    for path, one in zip(paths, found, strict=True):
        is_read = isinstance(one, Received)  # a book stands for a file that ended its worker
        yield one if is_read else from_book(one, shown_path(root, path), setup).pack()


def read_by_executor(
    executor: Executor, paths: Sequence[str], config: CycleConfig, passwords: Passwords
) -> Iterator[Received]:
    """Like :func:`read_files`; a batch takes its paths and the passwords that may open them, and brings packed files.

    Raises what the executor raises for a batch that nobody could read.
    """
    size = min(-(-len(paths) // _BATCHES), _LARGEST)
    waiting = deque(paths[first : first + size] for first in range(0, len(paths), size))
    under_way = deque[Future[list[Received]]]()
    while waiting or under_way:
        while waiting and len(under_way) < _UNDER_WAY:
            batch = waiting.popleft()
            shown = [shown_path(config.data_raw, path) for path in batch]
            words = passwords.for_files(shown, config)
            under_way.append(executor.submit(read_batch, config.project, config.cycle.cycle, batch, words))
        yield from under_way.popleft().result()


def read_batch(project: Path, cycle: int, paths: Sequence[str], passwords: Passwords) -> list[Received]:
    """Read some files for another machine: in one process, which may die of a file, started as threads allow."""
    setup = replace(_setup(project, cycle, load_config(cycle, project).sha256), passwords=passwords)
    return list(read_files(paths, 1, setup, multiprocessing.get_context(METHOD)))


@functools.lru_cache(maxsize=1)
def _setup(project: Path, cycle: int, digest: str) -> Setup:
    """What files are read with by the configuration of this digest, made once for all batches of a run."""
    return make_setup(load_config(cycle, project))
