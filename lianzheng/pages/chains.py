"""A chain as the rows of a table: one line a figure, indented by level, with rule and cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from lianzheng.trace import FileList, Place, Step
from lianzheng.trace.steps import short_subject

_INDENT = "　"
_VOTES = ("tallies_by_unit_question_option", "ballots")
_PLAIN = frozenset({"得分", "检查组得分", "自评得分", "扣分", "计分", "数值"})


def chain_rows(step: Step, files: FileList) -> list[dict[str, str]]:
    """figure, value, how and place of a step and all that it rests on, each told once; ``files`` numbers the files.

    Figures of other units are left out; votes are told as places, never as numbers.
    """
    rows = list(_rows(step, Step.nothing(), step, 0, files, set()))
    for before, row in reversed(list(itertools.pairwise(rows))):
        row["how"] = "同上" if row["how"] and row["how"] == before["how"] else row["how"]
    return rows


def _rows(
    step: Step, above: Step, root: Step, level: int, files: FileList, seen: set[Step]
) -> Iterator[dict[str, str]]:
    if step in seen or (step.unit and step.unit != root.unit):
        return
    lone = _lone_parts(step)
    seen.update((step, *lone))
    last, hows = (lone or [step])[-1], dict.fromkeys(one.how for one in (step, *lone) if one.how)
    votes = [part for part in last.parts if part.table in _VOTES]
    places = last.places or tuple(place for vote in votes for place in _all_places(vote))
    subject = short_subject(step, above)
    yield {
        "figure": _INDENT * level
        + (subject if subject and step.name in _PLAIN else f"{subject} {step.name}".strip()),
        "value": step.value,
        "how": "；".join(hows),
        "place": files.told(tuple(_blank(places) if votes or len(places) > 1 else places), step.value),
    }
    for part in last.parts:
        if part not in votes:
            yield from _rows(part, last, root, level + 1, files, seen)


def _lone_parts(step: Step) -> list[Step]:
    """The steps below one that rests on a single figure, down to where it branches or to its cell."""
    lone = []
    while len(step.parts) == 1 and not step.places and step.parts[0].table not in _VOTES:
        step = step.parts[0]
        lone.append(step)
    return lone


def _all_places(step: Step) -> tuple[Place, ...]:
    """The cells of votes; which ballots are valid goes without saying."""
    parts = [part for part in step.parts if part.key.split("|")[-1]]
    return step.places + tuple(place for part in parts for place in part.places)


def _blank(places: tuple[Place, ...]) -> Iterator[Place]:
    return (replace(place, raw_text="") for place in places)
