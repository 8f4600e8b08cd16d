"""数字: every number and name with an address against the tables, by its bookmark or else by the words around it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from lianzheng.documents.check_names import class_of, sections
from lianzheng.documents.faults import Fault, Subject, fault
from lianzheng.documents.paper import Paragraph, Span
from lianzheng.documents.roster import Roster
from lianzheng.documents.sources import PREFIX, Source
from lianzheng.documents.values import NAME, PART, Facts, Value, plain_number, same

_NUMBER = (
    r"(?:(?:(?<!\d)[+＋\-−－])?\d[\d,，]*(?:\.\d+)?[%％]?"
    r"|[零〇一二两三四五六七八九十百千]+(?=[个家类条项件份人次名篇起处类天日]))"
)
_TOLD = re.compile(rf"(?:\d{{4}}年)?\d{{1,2}}月\d{{1,2}}日|{_NUMBER}")
_ALIKE = 50.0
_CLASS_COUNTS = {
    "n_findings": ("问题数", re.compile(rf"问题(?:共|有|为)?\s*({_NUMBER})\s*[个条项]")),
    "n_units": ("单位数", re.compile(rf"涉及\s*({_NUMBER})\s*[个家](?:局直)?单位")),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a date, a unit's name or a character of a text, at its place; ``key`` is what is compared."""

    start: int
    end: int
    key: str
    is_told: bool


def bookmarked(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """What every bookmark holds is what the tables say now."""
    for name, source in facts.held(subject).items():
        span, value = subject.paper.bookmarks[name], facts.values.of(source)
        paragraph = subject.paper.paragraphs[span.paragraph]
        start, end = _whole_number(paragraph.text, span)
        if value.state == "gone":
            yield fault("source_gone", paragraph, start, end, seen=span.text)
        elif value.state == "known" and not _shows(paragraph.text[start:end], source, value):
            yield _changed(paragraph, start, end, source, value)


def _whole_number(text: str, span: Span) -> tuple[int, int]:
    """Where a bookmark's text stands, with digits typed at its edges, which Word leaves outside the bookmark."""
    start, end = span.start, min(span.end, len(text))
    before, behind = re.search(r"\d*\Z", text[:start]), re.match(r"\d*", text[end:])
    if before and span.text[:1].isdigit():
        start -= len(before[0])
    if behind and span.text[-1:].isdigit():
        end += len(behind[0])
    return start, end


def lost(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Numbers and names typed over: what stands between the same words as in the sentence that was written."""
    spans = subject.paper.bookmarks.values()
    taken = {(span.paragraph, place) for span in spans for place in range(span.start, span.end)}
    by_sentence: dict[str, list[Source]] = {}
    for source in facts.sources.values():
        by_sentence.setdefault(source.sentence, []).append(source)
    gone = {source.bookmark for source in facts.lost(subject)}
    for sentence, sources in by_sentence.items():
        if gone.isdisjoint(source.bookmark for source in sources) or sentence == sources[0].shown:
            continue
        paragraph = _most_alike(subject, facts, sentence, sources)
        if paragraph is not None:
            for start, end, source in _typed_over(sentence, sources, paragraph, facts):
                if source.bookmark in gone and (paragraph.index, start) not in taken:
                    yield from _differs(paragraph, start, end, source, facts)


def lost_cells(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Cells typed over: between two cells whose bookmarks hold, as many cells with numbers as sources were lost.

    Where no cell has its bookmark, most must still show what they showed, else the tables are others.
    """
    is_number = re.compile(rf"\s*{_NUMBER}\s*").fullmatch
    cited = [s for s in facts.sources.values() if s.sentence == s.shown and is_number(s.shown)]
    held, spans = facts.held(subject), subject.paper.bookmarks
    cells = [p for p in subject.of("cell") if is_number(p.text)]
    for is_held, group in itertools.groupby(range(len(cited)), key=lambda n: cited[n].bookmark in held):
        places = list(group)
        before = spans[cited[places[0] - 1].bookmark].paragraph if places[0] and not is_held else -1
        behind = cited[places[-1] + 1 :][:1] if not is_held else []
        after = spans[behind[0].bookmark].paragraph if behind else len(subject.paper.paragraphs)
        between = [cell for cell in cells if before < cell.index < after]
        if is_held or len(between) != len(places):
            continue
        n_same = sum(same(cell.text, cited[n].shown) for n, cell in zip(places, between, strict=True))
        if before >= 0 or behind or 2 * n_same >= len(places):
            for n, cell in zip(places, between, strict=True):
                yield from _differs(cell, 0, len(cell.text), cited[n], facts)


def class_counts(subject: Subject, facts: Facts) -> Iterator[Fault]:
    """Counts under the heading of a class, in papers of any origin; what a bookmark holds is told by its own address."""
    labels = {id_: label for id_, (label, _) in facts.roster.config.choices("bulletin_classes").items()}
    marked = {facts.sources[name].sentence for name in facts.held(subject)}
    told = {span.paragraph for name, span in subject.paper.bookmarks.items() if name in facts.sources}
    for title, held in sections(subject):
        counts = facts.class_counts.get(class_of(title, facts.roster.config), {})
        for paragraph, first in held if counts else ():
            if paragraph.index in told or paragraph.text in marked:
                continue
            for column, (what, pattern) in _CLASS_COUNTS.items():
                found = pattern.search(paragraph.text, first)
                if found and not same(found[1], str(counts[column])):
                    words = {"what": what, "seen": found[1], "wanted": counts[column]}
                    kind = labels[class_of(title, facts.roster.config)]
                    yield fault("class_count", paragraph, *found.span(1), kind=kind, **words)


CHECKS: tuple[Callable[[Subject, Facts], Iterable[Fault]], ...] = (bookmarked, lost, lost_cells, class_counts)


def unknown_bookmarks(subject: Subject, facts: Facts) -> int:
    """How many of our bookmarks no source tells of, or tell of what cannot be read here."""
    ours = [name for name in subject.paper.bookmarks if name.startswith(PREFIX)]
    known = facts.sources
    return sum(name not in known or facts.values.of(known[name]).state == "unknown" for name in ours)


def _shows(text: str, source: Source, value: Value) -> bool:
    """Whether a text shows a value; a number may have words beside it."""
    if source.form == PART:
        return fuzz.partial_ratio(_bare(text), _bare(value.texts[0])) >= _ALIKE  # the wording is the office's
    if any(same(text, wanted) for wanted in value.texts):
        return True
    numbers = re.findall(_NUMBER, text)
    return len(numbers) == 1 and source.form != NAME and same(numbers[0], value.texts[0])


def _changed(paragraph: Paragraph, start: int, end: int, source: Source, value: Value) -> Fault:
    seen = paragraph.text[start:end]
    if source.form != NAME:
        return fault("figure_changed", paragraph, start, end, seen=seen, wanted=value.texts[0][:40])
    wanted = next((name for name in value.texts if same(name, source.shown)), value.texts[0])
    return fault("unit_changed", paragraph, start, end, seen=seen, wanted=wanted)


def _differs(paragraph: Paragraph, start: int, end: int, source: Source, facts: Facts) -> Iterator[Fault]:
    """The fault of a text found at the place of a lost source, if it does not show its value."""
    value = facts.values.of(source)
    texts = (source.sentence, paragraph.text)
    before, now = (sum(id_ in value.unit_ids for *_, id_ in facts.roster.named(text)) for text in texts)
    is_elsewhere = source.form == NAME and now >= before
    is_compared = value.state == "known" and source.form != PART and not is_elsewhere
    if is_compared and not _shows(paragraph.text[start:end], source, value):
        yield _changed(paragraph, start, end, source, value)


def _most_alike(subject: Subject, facts: Facts, sentence: str, sources: Sequence[Source]) -> Paragraph | None:
    """The paragraph that a sentence has become: where its bookmarks stand, else the most similar one."""
    spans, held = subject.paper.bookmarks, facts.held(subject)
    standing = [spans[s.bookmark].paragraph for s in sources if s.bookmark in held]
    if standing:
        return subject.paper.paragraphs[max(set(standing), key=standing.count)]
    scored = [(fuzz.ratio(sentence, p.text, score_cutoff=_ALIKE), -p.index) for p in subject.paper.written]
    likeness, place = max(scored, default=(0.0, 0))
    return subject.paper.paragraphs[-place] if likeness else None


def _typed_over(
    sentence: str, sources: Sequence[Source], paragraph: Paragraph, facts: Facts
) -> Iterator[tuple[int, int, Source]]:
    """Where a paragraph has another number or name between the same words, and whose place it is."""
    before, now = _tokens(sentence, facts.roster), _tokens(paragraph.text, facts.roster)
    places = dict(_places(sentence, sources, before))
    matcher = SequenceMatcher(None, [t.key for t in before], [t.key for t in now], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        pairs = [*zip(before[first:last], now[start:end], strict=True)] if kind == "equal" else []
        if kind == "replace":
            told = zip(_told(before[first:last]), _told(now[start:end]), strict=False)
            pairs = [(old, new) for old, new in told if _is_beside(before, old, now, new)]
        for old, new in pairs:
            if old.is_told and (source := places.get(old.start)):
                rest = source.shown[old.end - old.start :]  # 日 of 14日
                if paragraph.text.startswith(rest, new.end):
                    yield new.start, new.end + len(rest), source


def _tokens(text: str, roster: Roster) -> list[Token]:
    """A text as numbers, units' names (by their id) and single characters."""
    named = {start: (end, unit_id) for start, end, unit_id in roster.named(text)}
    tokens, place = list[Token](), 0
    while place < len(text):
        end, key = named.get(place, (place + 1, text[place]))
        found = _TOLD.match(text, place) if place not in named else None
        if found:
            end, key = found.end(), plain_number(found[0])
        tokens.append(Token(place, end, key, bool(found) or place in named))
        place = end
    return tokens


def _places(
    sentence: str, sources: Sequence[Source], tokens: Sequence[Token]
) -> Iterator[tuple[int, Source]]:
    """Where in its sentence each source stands: their order is that of the text."""
    ends, place = {token.start: token.end for token in tokens if token.is_told}, 0
    for source in sources:
        found = (match.start() for match in re.finditer(re.escape(source.shown), sentence[place:]))
        starts = [
            place + at
            for at in found
            if ends.get(place + at, len(sentence) + 1) <= place + at + len(source.shown)
        ]
        if starts:
            yield starts[0], source
            place = starts[0] + len(source.shown)


def _told(tokens: Iterable[Token]) -> list[Token]:
    return [token for token in tokens if token.is_told]


def _is_beside(before: Sequence[Token], old: Token, now: Sequence[Token], new: Token) -> bool:
    """Whether the same word stands behind both (a measure: 家, 个), or the same two before them."""
    i, j = before.index(old), now.index(new)
    behind = [tokens[n + 1].key if n + 1 < len(tokens) else "" for tokens, n in ((before, i), (now, j))]
    ahead = [[token.key for token in tokens[max(n - 2, 0) : n]] for tokens, n in ((before, i), (now, j))]
    return behind[0] == behind[1] or (ahead[0] == ahead[1] and bool(ahead[0]))


def _bare(text: str) -> str:
    return re.sub(r"[\s。；，、]", "", text)
