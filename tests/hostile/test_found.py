"""What the fuzzer found is read without harm from then on; a short run of it, always the same, stands beside.

To keep a find: copy the file that tests/soak/test_fuzz.py left to tests/hostile/found, named ``<seed>_<name of the original>``.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.intake import converters, run_intake, write_intake
from lianzheng.intake.books import read_books
from lianzheng.intake.cells import Book
from lianzheng.intake.files import make_setup
from tests.forms.cases import FOLDER
from tests.forms.harness import Desk, kept
from tests.hostile.mutations import faults, mutants, read_mutant

FOUND = Path(__file__).parent / "found"
UNIT = "units/东河管理处"
N_MUTANTS, BATCH = 400, 500


def read_all(project: Path, files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """The faults of each file that has any, by name, as intake's workers read them below a unit's folder."""
    shutil.copytree(FOLDER / "config", project / "config", dirs_exist_ok=True)
    config = load_config(2018, project)
    folder = config.data_raw / UNIT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    reader = functools.partial(read_mutant, root=config.data_raw, setup=make_setup(config))
    books = read_books([folder / name for name in files], 2, reader, limits=config.cycle.limits)
    found = {name: faults(book) for name, book in zip(files, books, strict=True) if not _is_refused(book)}
    return {name: said for name, said in found.items() if said}


def _is_refused(book: object) -> bool:
    """A file that asked for more than its limits was refused in a sentence."""
    return isinstance(book, Book) and book.problem_code == "too_large"


def first_faults(project: Path, seeds: Sequence[int], left: Path) -> dict[str, list[str]]:
    """The harmed files that came to harm, by name, and what was wrong with each; the files themselves are left behind."""
    wrong: dict[str, list[str]] = {}
    for first in range(0, len(seeds), BATCH):
        made = {f"{m.seed}_{m.name}": m.data for m in mutants(seeds[first : first + BATCH])}
        found = read_all(project, made)
        for name in found:
            left.mkdir(exist_ok=True)
            (left / name).write_bytes(made[name])
        wrong |= found
    return wrong


def take_in(project: Path, files: Mapping[str, bytes]) -> int:
    """The whole intake of the base papers with these files beside them; how many files it lists."""
    shutil.copytree(FOLDER / "config", project / "config", dirs_exist_ok=True)
    desk = Desk(load_config(2018, project), kept(FOLDER / "base"))
    desk.lay_out({f"{UNIT}/{name}/{name}": data for name, data in files.items()})
    intake = run_intake(desk.config, n_workers=2)
    write_intake(desk.config, intake)
    return len(intake.frames["files"]) - len(desk.base)


@pytest.fixture(autouse=True)
def without_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converters, "find_program", lambda: None)


def test_what_was_found_once_does_no_harm_again(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in sorted(FOUND.iterdir())}
    assert len(files) > 4 and read_all(tmp_path / "read", files) == {}
    assert take_in(tmp_path / "whole", files) == len(files)


def test_harmed_files_are_read_or_refused(tmp_path: Path) -> None:
    assert first_faults(tmp_path, range(N_MUTANTS), tmp_path / "found") == {}


def test_harmed_files_stop_no_run(tmp_path: Path) -> None:
    files = {f"{m.seed}_{m.name}": m.data for m in mutants(range(0, 3 * N_MUTANTS, 4))}
    assert take_in(tmp_path, files) == len(files)


def test_a_harm_can_be_made_again_and_is_one() -> None:
    once, again = list(mutants(range(100))), list(mutants(range(100)))
    assert [m.data for m in once] == [m.data for m in again]
    assert len({m.data for m in once}) > 90
