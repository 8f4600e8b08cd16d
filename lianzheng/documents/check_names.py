"""单位名称: names as the roster has them, and units named under a class of problems only with a confirmed finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from lianzheng.config import CycleConfig
from lianzheng.documents.faults import Fault, Subject, fault, told, without_overlaps
from lianzheng.documents.kinds import HEADINGS, heading_end
from lianzheng.documents.paper import Paragraph

_SHORTEST, _LONG, _ALIKE = 4, 8, 70.0
_NO_NAME = "\0"


@dataclass(frozen=True)
class Roster:
    """The right names of units, and the other ones that are known."""

    config: CycleConfig

    @cached_property
    def right(self) -> dict[str, str]:
        """Full and short names → unit_id, the longest first."""
        names = [(name, unit.unit_id) for unit in self.config.units for name in (unit.name, unit.short_name)]
        return dict(sorted(names, key=lambda pair: (-len(pair[0]), pair)))

    @cached_property
    def wrong(self) -> dict[str, str]:
        """Aliases that hold no right name of their unit → unit_id, the longest first."""
        names = [(name, u.unit_id) for u in self.config.units for name in u.aliases]
        kept = [(n, id_) for n, id_ in names if not any(r in n for r, owner in self.right.items() if owner == id_)]
        return dict(sorted(kept, key=lambda pair: (-len(pair[0]), pair)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self.right)) or "(?!)")

    def named(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The units that a text names rightly: from where, to where, unit_id."""
        for found in self._pattern.finditer(text):
            yield *found.span(), self.right[found[0]]

    def without_names(self, text: str) -> str:
        """The text with as many blanks as right names have characters."""
        return self._pattern.sub(lambda found: _NO_NAME * len(found[0]), text)

    def names(self, unit_id: str) -> tuple[str, str]:
        """Full and short name of a unit."""
        unit = self.config.unit(unit_id)
        return unit.name, unit.short_name


def aliases(subject: Subject, roster: Roster) -> Iterator[Fault]:
    """Names that are known but not the unit's full or short name (old ones, those of its parts)."""
    pattern = re.compile("|".join(map(re.escape, roster.wrong)) or "(?!)")
    for paragraph in subject.paper.paragraphs:
        for found in pattern.finditer(roster.without_names(paragraph.text)):
            full, short = roster.names(roster.wrong[found[0]])
            yield fault("unit_alias", paragraph, *found.span(), seen=found[0], wanted=full, short=short)


def misspelt(subject: Subject, roster: Roster) -> Iterator[Fault]:
    """Words that differ from a right name in one character (two of a long name), and end as units do."""
    known = re.compile("|".join(map(re.escape, roster.wrong)) or "(?!)")
    for paragraph in subject.paper.paragraphs:
        text = known.sub(lambda found: _NO_NAME * len(found[0]), roster.without_names(paragraph.text))
        found = [one for name in roster.right for one in _nearly(text, name, paragraph)]
        yield from without_overlaps(found)


def _nearly(text: str, name: str, paragraph: Paragraph) -> Iterator[Fault]:
    most = 2 if len(name) >= _LONG else 1
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
    """The class of problems that a heading means, by its label or sentence; empty where it is none of them."""
    found = HEADINGS["heading2"].match(title)
    bare = title[found.end() if found else 0 :].strip("。 ")
    kinds = config.findings.bulletin_classes if config.findings else ()
    scored = [
        (max(fuzz.ratio(bare, kind.sentence.rstrip("。")), fuzz.ratio(bare, kind.label)), kind.bulletin_class)
        for kind in kinds
    ]
    likeness, best = max(scored, default=(0.0, ""))
    return best if likeness >= _ALIKE else ""


def without_finding(
    subject: Subject, roster: Roster, unit_ids_by_class: Mapping[str, frozenset[str]]
) -> Iterator[Fault]:
    """Units named under a class of problems for which they have no confirmed finding."""
    labels = {id_: label for id_, (label, _) in roster.config.choices("bulletin_classes").items()}
    for title, held in sections(subject):
        kind = class_of(title, roster.config)
        for paragraph, first in held if kind else ():
            for start, end, unit_id in roster.named(paragraph.text):
                if start >= first and unit_id not in unit_ids_by_class.get(kind, frozenset()):
                    seen = paragraph.text[start:end]
                    yield fault("unit_without_finding", paragraph, start, end, seen=seen, kind=labels[kind])


CHECKS: tuple[Callable[[Subject, Roster], Iterator[Fault]], ...] = (aliases, misspelt)
