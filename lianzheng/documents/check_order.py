"""序号: headings, 一是/二是 and 一要/二要, figures, tables and attachments are numbered without a gap, in one form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rapidfuzz import fuzz

from lianzheng.documents.faults import Fault, Subject, fault
from lianzheng.documents.gbt9704 import NUMBERING
from lianzheng.documents.kinds import ATTACHMENT, CAPTION, HEADINGS, NUMERAL
from lianzheng.documents.paper import Paragraph
from lianzheng.intake.quantities import chinese_number
from lianzheng.pages.words import numeral

_LEVELS, _FREE = tuple(HEADINGS), 2
_FORMS = {level: form.replace("一", "{0}").replace("1", "{0}") for level, form in NUMBERING.items()}
_ITEMS = re.compile(rf"(?:^|(?<=[。；：，、！？\s]))({NUMERAL})(是|要)(?!否)")
_LISTED = re.compile(r"(?:附\s*件[：:])?\s*(?:(\d+)\s*[.．、])?\s*(.+)")
_ALIKE = 85.0


def headings(subject: Subject) -> Iterator[Fault]:
    """Headings of every level count from one under each heading above them."""
    counts: dict[str, int] = {}
    before: tuple[str, int] = ("", 0)  # the last heading that was told, as it was written
    for paragraph in subject.of("attachment", *_LEVELS):
        level = subject.kind(paragraph)
        if level == "attachment":
            counts = {}
            continue
        found = HEADINGS[level].match(paragraph.text)
        if not found:
            continue
        place, value, last = _LEVELS.index(level), _value(found["number"]), counts.get(level, 0)
        yield from _level_skipped(paragraph, place, counts)
        is_new_list = value == 1 and place >= _FREE  # 1. 2. may be followed by another list
        if not is_new_list and before != (level, value - 1):
            wrong = list(_counted(paragraph, found.span(), value, last, _shown(_FORMS[level], place < _FREE)))
            yield from wrong
            before = (level, value) if wrong else before
            value = max(value, last + 1)
        counts = {known: n for known, n in counts.items() if _LEVELS.index(known) < place} | {level: value}


def forms(subject: Subject) -> Iterator[Fault]:
    """Numbers are written 一、 （一） 1. （1）."""
    for paragraph in subject.of(*_LEVELS):
        level = subject.kind(paragraph)
        if found := HEADINGS[level].match(paragraph.text):
            seen, value = found[0].strip(), _value(found["number"])
            wanted = _shown(_FORMS[level], level in _LEVELS[:_FREE])(value)
            if seen.replace("．", ".") != wanted and seen != wanted:
                yield fault("number_form", paragraph, *found.span(), seen=seen, wanted=wanted)


def items(subject: Subject) -> Iterator[Fault]:
    """一是…二是… and 一要…二要… go on without a gap, within a paragraph and over several, up to the next heading."""
    last: dict[str, int] = {}
    for paragraph in subject.paper.paragraphs:
        kind = subject.kind(paragraph)
        if kind in ("attachment", *_LEVELS):
            last = {}
        for found in _ITEMS.finditer(paragraph.text) if kind in ("body", *_LEVELS) else ():
            value = _value(found[1])
            if value > 1:
                is_begun = f"一{found[2]}" in paragraph.text[: found.start()]  # 工作要求一是…
                before = last.get(found[2], int(is_begun))
                yield from _counted(paragraph, found.span(), value, before, _shown("{}" + found[2], True))
            last[found[2]] = value


def captions(subject: Subject) -> Iterator[Fault]:
    """Figures and tables are numbered each for themselves."""
    last: dict[str, int] = {}
    for paragraph in subject.of("caption"):
        if found := CAPTION.match(paragraph.text):
            what, value = found["what"], int(found["number"])
            yield from _counted(paragraph, found.span(), value, last.get(what, 0), _shown(what + "{}"))
            last[what] = value


def attachments(subject: Subject) -> Iterator[Fault]:
    """附件1, 附件2 …: one alone may go without a number."""
    last, all_ = 0, subject.of("attachment")
    for paragraph in all_:
        found = ATTACHMENT.match(paragraph.text)
        if found and (found["number"] or len(all_) > 1):
            value = _value(found["number"] or "0")
            yield from _counted(paragraph, (0, len(paragraph.text)), value, last, _shown("附件{}"))
            last = value


def enclosures(subject: Subject) -> Iterator[Fault]:
    """附件说明 lists what follows: as many, in the same order, under the same names."""
    listed = [_LISTED.match(p.text.strip()) for p in subject.of("enclosures")]
    names = [found[2].strip() for found in listed if found]
    titles = [_title_of(subject, one) for one in subject.of("attachment")]
    place = next(iter([*subject.of("enclosures"), *subject.of("attachment")]), None)
    if place is None:
        return
    if len(names) != len(titles):
        yield fault("enclosures", place, seen=f"说明列有{len(names)}个附件，文后有{len(titles)}个")
        return
    for paragraph, name, title in zip(subject.of("enclosures"), names, titles, strict=True):
        if title and fuzz.ratio(_bare(name), _bare(title)) < _ALIKE:
            yield fault("enclosures", paragraph, seen=f"说明为“{name}”，附件标题为“{title}”")
    numbers = [int(found[1]) for found in listed if found and found[1]]
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        yield fault("enclosures", place, seen="序号为" + "、".join(map(str, numbers)))


CHECKS: tuple[Callable[[Subject], Iterable[Fault]], ...] = (
    headings, forms, items, captions, attachments, enclosures,
)  # fmt: skip


def _value(written: str) -> int:
    return int(written) if written.isdecimal() else chinese_number(written) or 0


def _counted(
    paragraph: Paragraph, span: tuple[int, int], value: int, last: int, shown: Callable[[int], str]
) -> Iterator[Fault]:
    """A number that does not follow the last one (0: there was none)."""
    if value != last + 1:
        code = "first_number" if not last else "skipped" if value > last else "repeated"
        words: dict[str, Any] = {"seen": shown(value), "wanted": shown(last + 1), "last": shown(last)}
        yield fault(code, paragraph, *span, **words)


def _chinese(value: int) -> str:
    return numeral(value) if value < 100 else str(value)


def _shown(form: str, is_chinese: bool = False) -> Callable[[int], str]:
    """How a number is written."""
    return lambda value: form.format(_chinese(value) if is_chinese else value)


def _level_skipped(paragraph: Paragraph, place: int, counts: dict[str, int]) -> Iterator[Fault]:
    """（1） without a 1. above it, told once; 一、 may be followed by 1. where there are two levels only."""
    if place == len(_LEVELS) - 1 and counts and not set(_LEVELS[place - 1 :]) & counts.keys():
        above = NUMBERING[_LEVELS[place - 1]]
        yield fault("level_skipped", paragraph, seen=paragraph.text.strip()[:6], wanted=above)


def _title_of(subject: Subject, attachment: Paragraph) -> str:
    """The title of an attachment: the next paragraphs of that kind."""
    behind = subject.paper.paragraphs[attachment.index + 1 :]
    found = next((p for p in behind if subject.kind(p) in ("attachment", "attachment_title")), None)
    return found.text.strip() if found and subject.kind(found) == "attachment_title" else ""


def _bare(name: str) -> str:
    return re.sub(r"[《》“”\s。；]", "", name)
