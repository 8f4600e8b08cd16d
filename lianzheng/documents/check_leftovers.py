"""遗留: placeholders, gaps, words of another place, marks and dates that a finished paper must not hold (``faults.yml``)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

from lianzheng.documents.faults import Fault, Subject, fault, told, without_overlaps
from lianzheng.documents.kinds import HEADINGS
from lianzheng.documents.paper import Paragraph
from lianzheng.documents.values import Facts

_NUMBER = re.compile(
    r"(?P<before>[\[［(（〔【]\s*)(?P<year>20\d\d)(?P<after>\s*[\]］)）〕】])(?P<word>\s*第?\s*)(?P<zeros>0*)(?P<number>\d+)\s*号"
)
_CHINESE = r"[\u4e00-\u9fff”’》）％]"
_HALF = re.compile(
    rf"(?<={_CHINESE})[,;:?!](?=\s*(?:[\u4e00-\u9fff“‘《（]|$))|(?<=[\u4e00-\u9fff])\.(?=[\u4e00-\u9fff]|$)"
    r"|\((?=[^()（）]*[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\)"
)
_AROUND = 6


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(code, re.compile(one)) for code, all_ in told()["leftovers"].items() for one in all_]


def leftovers(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Whatever the patterns find; of those at the same words the longest."""
    known_words = frozenset(name for unit in facts.roster.config.units for name in unit.names)
    for paragraph in subject.paper.paragraphs:
        if paragraph.text:
            yield from without_overlaps(_found(paragraph, known_words))


def _found(paragraph: Paragraph, known_words: frozenset[str]) -> Iterator[Fault]:
    text = paragraph.text
    allowed = told()["allowed"]
    for code, pattern in _patterns():
        for found in pattern.finditer(text):
            start, end = found.span()
            is_gap = code == "blank_number"
            seen = text[max(start - _AROUND, 0) : end + 2] if is_gap else found[0].strip()
            is_word = any(text.startswith(word, start) for word in allowed)
            if not is_word:
                yield fault(code, paragraph, start, end, seen=seen)
    yield from _other_places(paragraph, known_words)


def _other_places(paragraph: Paragraph, known_words: frozenset[str]) -> Iterator[Fault]:
    """该乡, 我县: words of another office's paper, unless they are part of a unit's name (known_words)."""
    pattern = "|".join(map(re.escape, told()["other_places"]))
    for found in re.finditer(pattern, paragraph.text):
        start, end = found.span()
        around = paragraph.text[max(start - 20, 0) : end + 20]
        if not any(found[0] in word and word in around for word in known_words):
            yield fault("other_place", paragraph, start, end, seen=found[0])


def half_marks(subject: Subject) -> Iterator[Fault]:
    """Half-width marks between Chinese characters; brackets of numbers are told with the numbers."""
    wanted = told()["half_to_full"]
    for paragraph in subject.paper.paragraphs:
        level = HEADINGS.get(subject.kind(paragraph))
        found = level.match(paragraph.text) if level else None
        first = found.end() if found else 0
        for mark in _HALF.finditer(paragraph.text):
            start, end = mark.span()
            is_told = start < first or (
                subject.kind(paragraph) == "addressee" and end == len(paragraph.text.rstrip())
            )
            if not is_told:
                yield fault("half_mark", paragraph, start, end, seen=mark[0], wanted=wanted[mark[0]])


def document_numbers(subject: Subject) -> Iterator[Fault]:
    """〔2018〕3号: the year in six-cornered brackets, no 第, no leading zeros."""
    for paragraph in subject.paper.paragraphs:
        for found in _NUMBER.finditer(paragraph.text):
            wanted = f"〔{found['year']}〕{found['number']}号"
            if found[0] != wanted:
                yield fault("document_number", paragraph, *found.span(), seen=found[0], wanted=wanted)


def addressee(subject: Subject) -> Iterator[Fault]:
    """The addressees end with a full-width colon."""
    for paragraph in subject.of("addressee"):
        end = len(paragraph.text.rstrip())
        if paragraph.text.rstrip().endswith(":"):
            yield fault("addressee_colon", paragraph, end - 1, end)


CHECKS: tuple[Callable[[Subject], Iterable[Fault]], ...] = (half_marks, document_numbers, addressee)
