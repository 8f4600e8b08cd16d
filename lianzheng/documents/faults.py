"""What a check found: a closed code, the place, and Chinese words for what is wrong and what to do (``faults.yml``)."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lianzheng.documents.kinds import Kinds
from lianzheng.documents.paper import Paper, Paragraph


@functools.cache
def told() -> dict[str, Any]:
    """The words of the checks, and the word lists that they look for."""
    text = Path(__file__).with_name("faults.yml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return words


@dataclass(frozen=True, slots=True)
class Fault:
    """The characters ``start`` up to ``end`` of a paragraph, what is wrong there and what to do.

    ``last`` is the last of neighbouring paragraphs with the same fault; ``is_whole`` says that it is the paper's;
    ``n_label`` characters in front are an automatic number, which no run holds.
    """

    paragraph: int
    start: int
    end: int
    code: str
    message: str
    remedy: str
    last: int
    is_whole: bool = False
    n_label: int = 0

    @property
    def part(self) -> str:
        """The part of the check that it belongs to: layout, order, leftovers, names or figures."""
        return str(told()["faults"][self.code][0])

    def covers(self, other: Fault) -> bool:
        """Whether it stands at the same words as another one."""
        is_same = self.paragraph == other.paragraph
        return is_same and self.start < other.end and other.start < self.end


def fault(
    code: str,
    paragraph: Paragraph,
    start: int = 0,
    end: int | None = None,
    until: Paragraph | None = None,
    is_whole: bool = False,
    **words: Any,
) -> Fault:
    """A fault at a place of a paragraph (default: all of it), told with these words; ``until`` is the last one that has it."""
    _, message, remedy = told()["faults"][code]
    end = len(paragraph.text) if end is None else end
    said, help_ = message.format(**words), remedy.format(**words)
    return Fault(
        paragraph.index,
        start,
        end,
        code,
        said,
        help_,
        (until or paragraph).index,
        is_whole,
        paragraph.n_label,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper with the kinds of its paragraphs."""

    paper: Paper
    kinds: Kinds

    def of(self, *kinds: str) -> list[Paragraph]:
        """The paragraphs of some kinds, in order."""
        return [p for p in self.paper.paragraphs if self.kinds[p.index] in kinds]

    def kind(self, paragraph: Paragraph) -> str:
        """The kind of a paragraph."""
        return self.kinds[paragraph.index]

    @property
    def first(self) -> Paragraph:
        """The paragraph at which faults of the whole paper are told: the title, else the first with words."""
        return next(iter([*self.of("title"), *self.paper.written, *self.paper.paragraphs]))


def without_overlaps(faults: Iterable[Fault]) -> list[Fault]:
    """Of faults at the same words the longest, else the first."""
    kept: list[Fault] = []
    for one in sorted(faults, key=lambda fault: fault.start - fault.end):
        if not any(one.covers(other) for other in kept):
            kept.append(one)
    return kept
