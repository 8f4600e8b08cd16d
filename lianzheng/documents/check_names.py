"""单位名称: names as the roster has them, and units named under a class of problems only with a confirmed finding."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from lianzheng.config import CycleConfig
from lianzheng.documents.faults import Fault, Subject, fault, told, without_overlaps
from lianzheng.documents.kinds import HEADINGS, heading_end
from lianzheng.documents.paper import Paragraph
from lianzheng.documents.roster import NO_NAME
from lianzheng.documents.values import Facts

_SHORTEST, _LONG, _ALIKE = 4, 8, 80.0


def aliases(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Names that are known but not the unit's full or short name (old ones, those of its parts)."""
    roster = facts.roster
    for paragraph in subject.paper.paragraphs:
        for found in roster.wrong_pattern.finditer(roster.without_names(paragraph.text)):
            full, short = roster.names(roster.wrong[found[0]])
            yield fault("unit_alias", paragraph, *found.span(), seen=found[0], wanted=full, short=short)


def misspelt(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Words that differ from a right name in one character (two of a long name), and end as units do."""
    roster = facts.roster
    masked = functools.lru_cache(lambda length, text: roster.without_names(text, length - _most(length)))
    for paragraph in subject.paper.paragraphs:
        text = roster.wrong_pattern.sub(lambda found: NO_NAME * len(found[0]), paragraph.text)
        found = [one for name in roster.right for one in _nearly(masked(len(name), text), name, paragraph)]
        yield from without_overlaps(found)


def _most(length: int) -> int:
    """In how many characters a word may differ from a name of that length to be taken for it."""
    return 2 if length >= _LONG else 1


def _nearly(text: str, name: str, paragraph: Paragraph) -> Iterator[Fault]:
    most = _most(len(name))
    is_common = any(name.startswith(word) for word in told()["common_heads"])
    if len(name) < _SHORTEST or (is_common and len(name) < _LONG - 2):
        return
    best: dict[int, tuple[int, int, str]] = {}
    for start, word in _windows(text, name, most):
        distance = Levenshtein.distance(word, name, score_cutoff=most)
        if 0 < distance <= most and _is_name(word, name):
            place = start // len(name)
            best[place] = min(best.get(place, (99, 0, "")), (distance, start, word))
    for _, start, word in best.values():
        yield fault("unit_misspelt", paragraph, start, start + len(word), seen=word, wanted=name)


def _windows(text: str, name: str, most: int) -> Iterator[tuple[int, str]]:
    """Pieces of a text that hold a part of the name unchanged: of most + 1 parts one must be (pigeonhole)."""
    step = -(-len(name) // (most + 1))
    for offset in range(0, len(name), step):
        for found in re.finditer(re.escape(name[offset : offset + step]), text):
            for start in range(max(found.start() - offset - most, 0), found.start() - offset + most + 1):
                for length in range(len(name) - most, len(name) + most + 1):
                    word = text[start : start + length]
                    if len(word) == length and word.isalnum():
                        yield start, word


def _is_name(word: str, name: str) -> bool:
    """Whether a nearly equal word may be meant as the name: not a piece of it, and with the end of a unit's name."""
    is_end = word[-1] == name[-1] or word[-1] in told()["unit_endings"]
    is_same_start = word[0] == name[0] or word[1:3] == name[1:3]
    return is_end and is_same_start and word not in name and name not in word


def sections(subject: Subject) -> Iterator[tuple[str, list[tuple[Paragraph, int]]]]:
    """The sections below headings of the second level: the heading, and paragraphs with the place where they begin.

    A heading may go on as text in its own paragraph.
    """
    title, held = "", list[tuple[Paragraph, int]]()
    for paragraph in subject.paper.paragraphs:
        kind = subject.kind(paragraph)
        if kind in ("heading1", "heading2", "attachment", "signature"):
            if title:
                yield title, held
            end = heading_end(paragraph.text, kind)
            title, held = (paragraph.text[:end], [(paragraph, end)]) if kind == "heading2" else ("", [])
        elif title:
            held.append((paragraph, 0))
    if title:
        yield title, held


def class_of(title: str, config: CycleConfig) -> str:
    """The class of problems whose label a heading holds, or nearly; empty where it is none of them."""
    found = HEADINGS["heading2"].match(title)
    bare = title[found.end() if found else 0 :]
    labels = config.choices("bulletin_classes").items()
    scored = [(fuzz.partial_ratio(label, bare), kind) for kind, (label, _) in labels]
    likeness, best = max(scored, default=(0.0, ""))
    return best if likeness >= _ALIKE else ""


def without_finding(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Units named under a class of problems for which they have no confirmed finding."""
    roster = facts.roster
    labels = {id_: label for id_, (label, _) in roster.config.choices("bulletin_classes").items()}
    for title, held in sections(subject):
        kind = class_of(title, roster.config)
        for paragraph, first in held if kind else ():
            for start, end, unit_id in roster.named(paragraph.text):
                if start >= first and unit_id not in facts.units_of(kind):
                    seen = paragraph.text[start:end]
                    yield fault("unit_without_finding", paragraph, start, end, seen=seen, kind=labels[kind])


CHECKS: tuple[Callable[[Subject, Facts], Iterator[Fault]], ...] = (aliases, misspelt, without_finding)
