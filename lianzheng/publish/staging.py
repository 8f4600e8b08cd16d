"""A publication is gathered beside reports/<cycle>/ and put there when all of it is made: nobody reads half of one.

The folder ``reports/.<cycle>.new`` begins as links to what is published. Pages are written there; a line in its journal
says which are done. At the end a file names what is to take its place and what is to go: from then on the publication
counts, and if the run is stopped while the files move, the next one moves the rest. File by file rather than the folder
at once, for Windows renames no folder in which somebody has a file open.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.disk import put_in_place, write_atomically, writing
from lianzheng.errors import InputError
from lianzheng.publish.run import LOG, Outcome, executed_name

INDEX = "index.html"
_INPUTS, _JOURNAL, _SWITCH = ".inputs", ".journal", ".switch"
_OWN = frozenset({_INPUTS, _JOURNAL, _SWITCH})


class Staging:
    """The publication that is being made: ``config`` writes reports there, ``finished`` holds what a stopped run had done."""

    def __init__(self, config: CycleConfig, inputs: str) -> None:
        settle(config)
        self.folder, self._reports = staging_folder(config), config.reports
        self.config = replace(config, reports_folder=self.folder)
        known = self.folder / _INPUTS
        if not known.exists() or known.read_text(encoding="utf-8") != inputs:
            shutil.rmtree(self.folder, ignore_errors=True)
            write_atomically(known, inputs.encode())
        self.finished = {one.stem: one for one in self._journal()}
        done = {name for one in self.finished.values() for name in (*one.files, executed_name(one.stem))}
        for name in _files(self.folder) - _OWN - done:  # what else a stopped run had begun
            (self.folder / name).unlink()
        _link(self._reports, self.folder)

    def note(self, outcome: Outcome) -> None:
        """Remember that a page is done, should the run be stopped."""
        line = json.dumps(asdict(outcome), ensure_ascii=False)
        with writing(self.folder / _JOURNAL), (self.folder / _JOURNAL).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def _journal(self) -> list[Outcome]:
        found = []
        with contextlib.suppress(FileNotFoundError, ValueError):  # the last line may be half of one
            for line in (self.folder / _JOURNAL).read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
                found.append(Outcome(**told | lists))
        whole = [one for one in found if all((self.folder / name).exists() for name in one.files)]
        return [one for one in whole if one.state == "published"]

    def switch(self) -> None:
        """Publish: what is new takes its place, what is no more goes; the index last.

        Raises :class:`InputError` for files that another program holds open; the next run puts them in their place.
        """
        made, there = _files(self.folder) - _OWN, _files(self._reports)
        new = made - {name for name in made & there if _is_same(self.folder, self._reports, name)}
        plan = {"put": sorted(new - {INDEX}), "remove": sorted(there - made), "last": sorted(new & {INDEX})}
        write_atomically(self.folder / _SWITCH, json.dumps(plan, ensure_ascii=False).encode("utf-8"))
        _move(self.folder, self._reports)


def staging_folder(config: CycleConfig) -> Path:
    """Where a publication of the cycle is gathered."""
    return config.project / "reports" / f".{config.folder.name}.new"


def settle(config: CycleConfig) -> None:
    """Finish a publication that was stopped after all of it was made."""
    if (staging_folder(config) / _SWITCH).exists():
        _move(staging_folder(config), config.reports)


def _move(folder: Path, reports: Path) -> None:
    """Carry out the plan, or what is left of it."""
    plan, held = json.loads((folder / _SWITCH).read_text(encoding="utf-8")), list[str]()
    for name in plan["put"]:
        held += _put(folder, reports, name)
    for name in plan["remove"]:
        with contextlib.suppress(OSError):
            (reports / name).unlink(missing_ok=True)
            (reports / name).parent.rmdir()  # where nothing is left in it
    for name in plan["last"]:
        held += _put(folder, reports, name)
    if held:
        told = f"文件正被打开或不可写：{'、'.join(held)}"
        raise InputError(told, "请关闭打开它们的程序（Excel、WPS、Acrobat）后重新运行，其余文件已更新")
    shutil.rmtree(folder, ignore_errors=True)


def _put(folder: Path, reports: Path, name: str) -> list[str]:
    """Move a file that is still to be moved; its name where that cannot be done now."""
    try:
        if (folder / name).exists():
            (reports / name).parent.mkdir(parents=True, exist_ok=True)
            put_in_place(folder / name, reports / name)
    except InputError:
        return [name]
    return []


def _link(source: Path, target: Path) -> None:
    """The files of a folder under the same names in another, without copying where the disk can."""
    for name in _files(source) - _files(target) - {LOG}:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source / name, target / name)
        except OSError:
            shutil.copy2(source / name, target / name)


def _files(folder: Path) -> set[str]:
    return (
        {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if folder.is_dir()
        else set()
    )


def _is_same(folder: Path, other: Path, name: str) -> bool:
    first, second = folder / name, other / name
    return first.samefile(second) or filecmp.cmp(first, second, shallow=False)
