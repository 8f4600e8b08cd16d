"""A step of a chain: a figure, how it came about, the cells that it was read from, the steps that it rests on."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

HIDDEN = "内容不公开"
WIDTH = 100
_WORD = re.compile(r"[!-~]+|.")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MOST_TEXTS = 12
_MOST_CHARACTERS = 60
Cell = tuple[str, str, str]  # path, sheet, cell


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stood: file (path and sha256), sheet, cell and its text as received (or that it is hidden)."""

    path: str
    sheet: str
    cell: str
    raw_text: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Step:
    """One figure of a chain: what it is about, which figure of it, its value as shown, its address, how it came about.

    ``unit`` is id and name of the unit; ``is_sum`` says that the figure changes whenever one of its parts does.
    """

    subject: str
    name: str
    value: str
    table: str
    key: str
    column: str
    unit: str = ""
    how: str = ""
    places: tuple[Place, ...] = ()
    parts: tuple[Step, ...] = ()
    is_sum: bool = False

    @classmethod
    def nothing(cls) -> Step:
        """What stands above the first step."""
        return cls("", "", "", "", "", "")

    @functools.cached_property
    def cells(self) -> frozenset[Cell]:
        """The input cells that the figure rests on, its parts' included."""
        own = frozenset((place.path, place.sheet, place.cell) for place in self.places if place.cell)
        return own.union(*(part.cells for part in self.parts))


def cells_of(step: Step) -> frozenset[Cell]:
    """Path, sheet and address of every input cell that a figure rests on."""
    return step.cells


def _is_same(said: str, value: str) -> bool:
    """Whether a cell says what is shown, but for the zeros of a number (4 and 4.00)."""
    return said == value or (
        bool(_NUMBER.fullmatch(said) and _NUMBER.fullmatch(value)) and float(said) == float(value)
    )


class FileList:
    """The files of a chain, numbered in the order in which they are named."""

    def __init__(self) -> None:
        self.sha256: dict[str, str] = {}

    def number(self, place: Place) -> int:
        """The number of a place's file, from 1."""
        self.sha256.setdefault(place.path, place.sha256)
        return list(self.sha256).index(place.path) + 1

    def told(self, places: tuple[Place, ...], value: str = "") -> str:
        """Number, sheet, cells and raw text (where it is not ``value``), one entry a sheet."""
        groups: dict[tuple[str, str], list[Place]] = {}
        for place in places:
            groups.setdefault((place.path, place.sheet), []).append(place)
        return "；".join(self._sheet(of_sheet, value) for of_sheet in groups.values())

    def _sheet(self, places: list[Place], value: str) -> str:
        first, last, n = places[0], places[-1], len(places)
        cells = first.cell if n == 1 else f"{first.cell}…{last.cell}共{n}格"
        texts = list(dict.fromkeys(place.raw_text.strip() for place in places))
        said = "｜".join(texts[:_MOST_TEXTS])[:_MOST_CHARACTERS]
        raw = "" if not said or _is_same(said, value) else HIDDEN if said == HIDDEN else f"“{said}”"
        where = "·".join(filter(None, (first.sheet, cells)))
        return " ".join(filter(None, (f"[{self.number(first)}]", where, raw)))

    def listed(self) -> list[tuple[int, str, str]]:
        """Number, path and the first twelve characters of the sha256."""
        return [(n, path, sha256[:12]) for n, (path, sha256) in enumerate(self.sha256.items(), start=1)]


def describe(step: Step) -> list[str]:
    """The chain as indented lines for a terminal, then the files; other units' figures are named, not unfolded."""
    files = FileList()
    lines = list(_told(step, step, Step.nothing(), 0, files, set()))
    listed = [f"[{n}] {path}  sha256 {sha256}" for n, path, sha256 in files.listed()]
    return lines + (["文件", *listed] if listed else [])


def _told(step: Step, root: Step, above: Step, level: int, files: FileList, seen: set[Step]) -> Iterator[str]:
    """A step and below it what it rests on; what was told before is not told again."""
    is_other = bool(level and step.unit and step.unit != root.unit)
    unit = step.unit if is_other or not level else ""
    what = " ".join(filter(None, (unit, short_subject(step, above), step.name, step.value)))
    how = "" if is_other or repeats(step, above) else step.how
    place = files.told(step.places, step.value) if step.places else ""
    note = f"（→ {step.table} {step.key} {step.column}）" if is_other and step.parts else ""
    note = note or (
        "（见上）" if step in seen else "（依据见上）" if step.parts and seen.issuperset(step.parts) else ""
    )
    yield from wrapped(
        what + (f"：{how}" if how else "") + (f" ← {place}" if place else "") + note, "  " * level
    )
    seen.add(step)
    for part in () if note else step.parts:
        if part.parts or part not in seen:
            yield from _told(part, root, step, level + 1, files, seen)


def short_subject(step: Step, above: Step) -> str:
    """What a step is about, without what the step above it has already said."""
    return step.subject.removeprefix(above.subject).strip()


def repeats(step: Step, above: Step) -> bool:
    """Whether the step before this one below the same step came about in the same words."""
    place = above.parts.index(step) if step in above.parts else 0
    return place > 0 and above.parts[place - 1].how == step.how


def wrapped(text: str, indent: str, width: int = WIDTH) -> Iterator[str]:
    """Lines of at most ``width`` columns, a Chinese character taking two; further lines are indented by four more."""
    line, used = indent, len(indent)
    for word in _WORD.findall(text):
        size = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in word)
        if used + size > width:
            yield line.rstrip()
            line, used = indent + "    ", len(indent) + 4
        line, used = line + word, used + size
    yield line.rstrip()
