"""版式: page, grid, fonts, sizes, alignment and page numbers against GB/T 9704-2012 (:mod:`gbt9704`)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lianzheng.documents.faults import Fault, Subject, fault
from lianzheng.documents.gbt9704 import (
    CHARACTERS,
    LEVELS,
    LINES,
    MARGINS_MM,
    PAGE_MM,
    PITCH_PT,
    TEXT_MM,
    Level,
)
from lianzheng.documents.kinds import heading_end, is_date_line
from lianzheng.documents.paper import FULL_WIDTH_SPACE, Look, Paragraph, Section
from lianzheng.pages.words import number

_TOLERANCE_MM, _TOLERANCE_PT = 0.5, 0.06
_POINTS_PER_MM = 72 / 25.4
_SIDES = {"top": "上", "bottom": "下", "left": "左", "right": "右"}
_NAMED_SIZES = {22.0: "二号", 16.0: "三号", 14.0: "四号"}
_ALIGNED = {"both": "两端对齐", "center": "居中", "left": "居左", "right": "居右"}
_ALIGNS_ALIKE = {
    "both": ("both", "left", "start", "distribute"),
    "left": ("left", "both", "start"),
    "center": ("center",),
}
_CHINESE = {
    "title": "标题", "addressee": "主送机关", "body": "正文", "heading1": "一级标题", "heading2": "二级标题",
    "heading3": "三级标题", "heading4": "四级标题", "enclosures": "附件说明", "signature": "署名和成文日期",
    "attachment": "附件序号", "attachment_title": "附件标题", "classification": "密级", "number": "发文字号",
    "caption": "图表标题",
}  # fmt: skip
_PITCHED = ("body", "heading1", "heading2", "heading3", "heading4", "addressee", "enclosures")
Seen = tuple[str, int, int, dict[str, Any]]
"""What differs in a paragraph: as it is seen, from where to where, and the words to say so."""


def page(subject: Subject) -> Iterator[Fault]:
    """A4, upright or (for wide tables) lying."""
    for section, first in _sections(subject):
        if _differ(section.page_mm, PAGE_MM) and _differ(section.page_mm[::-1], PAGE_MM):
            seen = "×".join(number(round(length)) for length in section.page_mm)
            yield _of_all("page_size", first, {"seen": seen})


def margins(subject: Subject) -> Iterator[Fault]:
    """The four margins of every upright section."""
    for section, first in _sections(subject):
        if section.page_mm[0] < section.page_mm[1]:
            for side, wanted in MARGINS_MM.items():
                seen = section.margins_mm[side]
                if abs(seen - wanted) > _TOLERANCE_MM:
                    told = {"side": _SIDES[side], "seen": number(round(seen, 1)), "wanted": number(wanted)}
                    yield _of_all("margins", first, told)


def grid(subject: Subject) -> Iterator[Fault]:
    """The document grid, into which an editor's new paragraph falls, holds 22 lines."""
    for section, first in _sections(subject):
        if section.page_mm[0] > section.page_mm[1]:
            continue
        pitch = section.grid_pitch_pt if section.grid else 0.0
        n_lines = int(TEXT_MM[1] * _POINTS_PER_MM / pitch + 0.02) if pitch else 0
        if n_lines != LINES:
            seen = f"文档网格每页{n_lines}行" if n_lines else "没有设文档网格"
            yield _of_all("grid", first, {"seen": seen})


def characters(subject: Subject) -> Iterator[Fault]:
    """Most of the text has 28 characters in a line."""
    for section, first in _sections(subject):
        mine = [p for p in subject.of("body") if subject.paper.section_of(p) is section]
        looks = [run.look for p in mine for run in p.runs for _ in range(run.end - run.start)]
        looks = [look for look in looks if look.size_pt == LEVELS["body"].size_pt]
        if looks and section.page_mm[0] < section.page_mm[1]:
            look = max(set(looks), key=looks.count)
            width = TEXT_MM[0] * _POINTS_PER_MM
            fit = int(width / (look.size_pt + look.tracking_pt + section.grid_tracking_pt) + 0.05)
            if fit != CHARACTERS:
                yield _of_all("characters", first, {"seen": fit})


def fonts(subject: Subject) -> Iterator[Fault]:
    """The font of every kind of paragraph."""

    def differs(look: Look, level: Level) -> str:
        return "" if _plain(look.font) in map(_plain, level.families) else look.font or "未指定的字体"

    yield from _looks(subject, "font", differs, lambda level: level.families[0])


def sizes(subject: Subject) -> Iterator[Fault]:
    """The size of every kind of paragraph; captions may be smaller."""

    def differs(look: Look, level: Level) -> str:
        return "" if abs(look.size_pt - level.size_pt) < 0.3 else number(look.size_pt)

    yield from _looks(subject, "size", differs, lambda level: number(level.size_pt))


def bold(subject: Subject) -> Iterator[Fault]:
    """Nothing is bold."""
    yield from _looks(subject, "bold", lambda look, level: "加粗" if look.is_bold else "", lambda level: "")


def alignment(subject: Subject) -> Iterator[Fault]:
    """Title and captions in the middle, text on both sides."""

    def differs(paragraph: Paragraph, level: Level) -> Iterator[Seen]:
        align = paragraph.shape.align.replace("start", "left")
        if level.align in _ALIGNS_ALIKE and align not in _ALIGNS_ALIKE[level.align]:
            wanted = _ALIGNED[level.align]
            yield align, 0, len(paragraph.text), {"seen": _ALIGNED.get(align, align), "wanted": wanted}

    yield from _grouped(subject, "align", differs)


def indents(subject: Subject) -> Iterator[Fault]:
    """The first line's indent, by the paragraph or by full-width spaces."""

    def differs(paragraph: Paragraph, level: Level) -> Iterator[Seen]:
        seen = paragraph.shape.first_line + paragraph.shape.left + paragraph.lead
        is_placed = level.align not in ("both", "left") or level is LEVELS["enclosures"]
        if not is_placed and abs(seen - level.indent) > 0.3:
            yield number(seen), 0, len(paragraph.text), {"seen": number(seen), "wanted": level.indent}

    yield from _grouped(subject, "indent", differs)


def pitches(subject: Subject) -> Iterator[Fault]:
    """The exact distance of lines, or single lines in a grid of that distance."""

    def differs(paragraph: Paragraph, level: Level) -> Iterator[Seen]:
        pitch, section = paragraph.shape.pitch_pt, subject.paper.section_of(paragraph)
        held = section.grid_pitch_pt if pitch == 0 and section.grid else pitch
        if abs(held - PITCH_PT) > _TOLERANCE_PT:
            seen = (
                f"固定值{number(pitch)}磅" if pitch > 0 else "多倍或最小值行距" if pitch < 0 else "单倍行距"
            )
            yield seen, 0, len(paragraph.text), {"seen": seen}

    yield from _grouped(subject, "pitch", differs, _PITCHED)


def blank_after_title(subject: Subject) -> Iterator[Fault]:
    """A line is left free below the title."""
    for title in subject.of("title")[-1:]:
        behind = subject.paper.paragraphs[title.index + 1 :][:1]
        is_free = title.shape.after_pt >= PITCH_PT / 2 or any(p.is_blank for p in behind)
        if behind and not is_free and subject.kind(behind[0]) != "other":
            yield fault("blank_after_title", title)


def attachment_pages(subject: Subject) -> Iterator[Fault]:
    """Every attachment begins a page."""
    for one in subject.of("attachment"):
        if not one.starts_page:
            yield fault("attachment_page", one, seen=one.text.strip())


def date_place(subject: Subject) -> Iterator[Fault]:
    """The date stands on the right, four characters from the margin (two where no seal is put on it, 7.3.5.2)."""
    for date in subject.of("signature"):
        if is_date_line(date.text):
            gap = _right_gap(date, subject.paper.section_of(date))
            if not 1.5 <= gap <= 8:
                yield fault("date_place", date, seen=number(round(gap)))


def page_numbers(subject: Subject) -> Iterator[Fault]:
    """A PAGE field in the footer of odd and even pages: right and left, 14 pt 宋体, with a dash on each side."""
    section = subject.paper.sections[0]
    wanted = {"default": ("单页", "right"), "even": ("双页", "left")}
    lines = {kind: _numbered(section, kind) for kind in wanted}
    is_split = subject.paper.has_odd_and_even
    lacking = [
        name for kind, (name, _) in wanted.items() if lines[kind] is None and (is_split or kind == "default")
    ]
    if lacking:
        yield fault(
            "page_number", subject.first, is_whole=True, seen="、".join(lacking) if is_split else "页脚"
        )
        return
    aligned = [line is not None and line.shape.align == wanted[kind][1] for kind, line in lines.items()]
    if not is_split or not all(aligned):
        yield fault("page_number_sides", subject.first, is_whole=True)
    for kind, line in lines.items():
        if line is not None and (is_split or kind == "default") and (seen := _folio_look(line)):
            yield fault("page_number_look", subject.first, is_whole=True, pages=wanted[kind][0], seen=seen)


CHECKS: tuple[Callable[[Subject], Iterable[Fault]], ...] = (
    page, margins, grid, characters, fonts, sizes, bold, alignment, indents, pitches, blank_after_title,
    attachment_pages, date_place, page_numbers,
)  # fmt: skip


def _of_all(code: str, first: Paragraph, words: dict[str, Any]) -> Fault:
    """A fault of the whole paper, told at the first paragraph that has it."""
    return fault(code, first, is_whole=True, **words)


def _sections(subject: Subject) -> Iterator[tuple[Section, Paragraph]]:
    paragraphs = subject.paper.paragraphs
    for section in subject.paper.sections:
        first = paragraphs[section.first] if section.first < len(paragraphs) else subject.first
        yield section, first if section.first and not first.is_blank else subject.first


def _differ(lengths: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return any(abs(a - b) > _TOLERANCE_MM for a, b in zip(lengths, wanted, strict=True))


def _plain(font: str) -> str:
    return font.casefold().replace(" ", "").replace("-", "").replace("_", "").replace("gb2312", "")


def _looks(
    subject: Subject, code: str, differs: Callable[[Look, Level], str], wanted: Callable[[Level], str]
) -> Iterator[Fault]:
    """Faults of characters; behind a heading that ends within its paragraph stands text."""

    def seen(paragraph: Paragraph, level: Level) -> Iterator[Seen]:
        end = heading_end(paragraph.text, subject.kind(paragraph))
        found: dict[str, Seen] = {}
        for run in paragraph.runs:
            if not paragraph.text[run.start : run.end].strip(" \u3000\u00a0\t"):
                continue
            behind = run.start >= end
            its = LEVELS["body"] if behind else level
            if told := differs(run.look, its):
                start = found[told][1] if told in found else run.start
                words = {"seen": told, "wanted": wanted(its), "named": _NAMED_SIZES.get(its.size_pt, "")}
                found[told] = (told, start, run.end, {**words, "style": its.style_name})
        yield from found.values()

    yield from _grouped(subject, code, seen)


def _grouped(
    subject: Subject,
    code: str,
    differs: Callable[[Paragraph, Level], Iterable[Seen]],
    kinds: tuple[str, ...] = tuple(_CHINESE),
) -> Iterator[Fault]:
    """One fault for neighbouring paragraphs of a kind that differ in the same way."""
    for kind in kinds:
        level = LEVELS[kind]
        found = [(p, list(differs(p, level))) for p in subject.of(kind)]
        for told, group in itertools.groupby(found, key=lambda one: [seen[0] for seen in one[1]]):
            mine = list(group)
            for _, start, end, words in mine[0][1] if told else []:
                words = {"style": level.style_name, **words}
                yield fault(code, mine[0][0], start, end, mine[-1][0], kind=_CHINESE[kind], **words)


def _right_gap(paragraph: Paragraph, section: Section) -> float:
    """How many characters stay free on the right of a line."""
    shape, text = paragraph.shape, paragraph.text.rstrip()
    size = paragraph.size_pt or LEVELS["body"].size_pt
    width = section.text_mm[0] * _POINTS_PER_MM / size
    taken = sum(0.5 if character.isascii() else 1.0 for character in text)
    trailing = float(paragraph.text[len(text) :].count(FULL_WIDTH_SPACE))
    free = width - shape.left - shape.right - taken - trailing - shape.first_line
    before = {"right": free, "end": free, "center": free / 2}.get(shape.align, 0.0)
    return width - shape.left - shape.first_line - before - taken


def _numbered(section: Section, kind: str) -> Paragraph | None:
    return next((line for line in section.footers.get(kind, ()) if line.has_page_field), None)


def _folio_look(line: Paragraph) -> str:
    """How a page number differs from “— 1 —” in 14 pt 宋体; empty where it does not."""
    level, look = LEVELS["folio"], next((run.look for run in line.runs), None)
    dashes = line.text.count("—") + line.text.count("－") + line.text.count("–") + line.text.count("-")
    if look is None or dashes < 2:
        return "没有一字线的页码"
    if abs(look.size_pt - level.size_pt) > 0.3:
        return f"{number(look.size_pt)}磅"
    return "" if _plain(look.font) in map(_plain, level.families) else look.font or "未指定的字体"
