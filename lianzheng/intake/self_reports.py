"""Self-reports (自查报告): paragraphs → the parts that are required, who signed, and what was left over from other texts.

The report is the unit's own text. What is kept of it is where each part begins and how long it is; the text itself
stands in the private column of ``cells`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lianzheng.config import CycleConfig
from lianzheng.config.forms import DocumentPart, Form
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.checks import Checked
from lianzheng.intake.form_maps import FormMap
from lianzheng.intake.read_docx import DOCUMENT_GRID
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.intake.values import PLACEHOLDER, folded

PARTS = "self_report_parts"
CODES = ("missing_part", "part_too_short", "report_not_signed", "report_signed_by_other", "report_leftover")
PLAIN = 0  # the style of a line without a number; the others are ranks: 一、 （一） 1. （1）
_NUMBER = re.compile(
    r"([一二三四五六七八九十]{1,3}[、.,:]|第[一二三四五六七八九十]部分[、.,:]?)|(\([一二三四五六七八九十]{1,3}\)[、.]?)"
    r"|(\d{1,2}[、.,](?!\d))|(\(\d{1,2}\))"
)
_HEAD_END = re.compile(r"[。;:]")
_CONTENTS = re.compile(r"(?:\.{3,}|…+|·{3,}|\t)\s*\d{1,3}$")
_YEAR = re.compile(r"(20\d\d)年")
_DATE = re.compile(
    r"(?:20)?\d\d年?[-./]?\d{1,2}[-./月]\d{1,2}日?|[〇○零一二三四五六七八九十]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_NOBODY = re.compile(r"[\s_:()年月日/.\-]+|签字|签名|盖章")
_INTRODUCES = re.compile(r"如下|报告|汇报")
_LONGEST_HEAD, _LONGEST_PLAIN, _LONGEST_LEAD = 40, 25, 15
_N_HEAD_LINES, _LONGEST_TITLE, _LONGEST_SIGNATURE = 8, 60, 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report: its cell, its text folded, the style of its number, its heading and what that opens."""

    cell: Cell
    text: str
    style: int
    head: str
    opens: tuple[DocumentPart, ...]

    @property
    def n_characters(self) -> int:
        """Characters of text, without the heading where it opens a part."""
        return len(self.text[len(self.head) :].lstrip("。;:") if self.opens else self.text)


@dataclass(frozen=True, slots=True)
class Report:
    """A report in its three stretches: title and addressee, text, and the lines that sign it."""

    form: Form
    grid: Grid
    title: tuple[Line, ...]
    text: tuple[Line, ...]
    end: tuple[Line, ...]


PartFound = tuple[Line, int, Sequence[Line]]
Parts = Mapping[str, PartFound]


def find_report(book: Book, forms: Iterable[Form], config: CycleConfig) -> Report | None:
    """The report that a Word document is, by the title in its first lines; None where it is none."""
    for form in (form for form in forms if form.parts):
        for grid in (grid for grid in book.grids if grid.name == DOCUMENT_GRID):
            lines = list(_lines(grid, form, config.cycle.cycle))
            n = _n_title_lines(lines, form)
            if names_document(form, "".join(line.text for line in lines[:n])):
                last = _n_text_lines(lines, n, form, config)
                return Report(form, grid, tuple(lines[:n]), tuple(lines[n:last]), tuple(lines[last:]))
    return None


def names_document(form: Form, text: str) -> bool:
    """Whether a text says one of the form's titles."""
    return any(_has_words(title, folded(text)) for title in form.titles)


def _has_words(words: str, text: str) -> bool:
    return all(word in text for word in words.split())


def _lines(grid: Grid, form: Form, cycle: int) -> Iterable[Line]:
    for _, cell in sorted(grid.cells.items()):
        for piece in cell.text.split("\n"):
            text = folded(piece)
            if text:
                yield _line(cell, text, bool(_CONTENTS.search(piece.strip())), form, cycle)


def _line(cell: Cell, text: str, is_contents: bool, form: Form, cycle: int) -> Line:
    number = _NUMBER.match(text)
    style = (number.lastindex or PLAIN) if number else PLAIN
    start = number.end() if number else 0
    end = _HEAD_END.search(text, start)
    head = text[: end.start() if end else len(text)]
    is_short = len(text) <= _LONGEST_PLAIN and not text.endswith("。")
    is_heading = bool(style) or is_short or (end is not None and len(head) <= _LONGEST_LEAD)
    if is_contents or len(head) > _LONGEST_HEAD or not is_heading or (not style and _INTRODUCES.search(head)):
        return Line(cell, text, PLAIN, head, ())
    words = _with_relative_years(head[start:], cycle)
    return Line(cell, text, style, head, tuple(part for part in form.parts if _names(part, words)))


def _with_relative_years(text: str, cycle: int) -> str:
    for year, word in ((cycle - 1, "上年"), (cycle + 1, "下年")):
        text = re.sub(rf"{year}(?:年度?)?", word, text)
    return text.replace("上年度", "上年").replace("上一年度", "上年")


def _names(part: DocumentPart, words: str) -> bool:
    is_excluded = any(word in words for word in part.excludes)
    return not is_excluded and any(_has_words(heading, words) for heading in part.headings)


def _n_title_lines(lines: Sequence[Line], form: Form) -> int:
    """How many lines stand before the text: up to the addressee, the first number, heading or long line."""
    for i, line in enumerate(lines[:_N_HEAD_LINES]):
        is_named = names_document(form, "".join(before.text for before in lines[:i]))
        if line.style or len(line.text) > _LONGEST_TITLE or (line.opens and is_named):
            return i
        if line.text.endswith(":"):
            return i + 1
    return min(len(lines), _N_HEAD_LINES)


def _n_text_lines(lines: Sequence[Line], first: int, form: Form, config: CycleConfig) -> int:
    """How many lines stand before those that sign the report: names, units, dates, contacts after the last sentence."""
    known = FormMap(form)
    last = len(lines)
    for i in range(len(lines) - 1, first - 1, -1):
        text = lines[i].text
        if text.endswith("。") or len(text) > _LONGEST_SIGNATURE or lines[i].style:
            break
        is_signed = known.fields(text) or known.field(text) or any(name in text for name in config.heads)
        if (
            is_signed
            or _DATE.fullmatch(text)
            or known.is_like_label(text)
            or config.unit_index.find_inside(text)
        ):
            last = i
    return last


def read_report(received: Received, report: Report, config: CycleConfig) -> dict[tuple[str, str], str]:
    """Add a report's parts, checks and issues to its file; the fate of every cell by sheet and address."""
    received.form_id = report.form.form_id
    title = "".join(line.text for line in report.title if not line.text.endswith(":"))
    received.evidence = (f"“{title[:_LONGEST_TITLE]}”",)
    if not _has_unit(received, report, config) or _is_other_year(received, report, config):
        return {}
    received.state, received.is_counted = "read", True
    found = find_parts(report)
    _read_parts(received, report, found, config)
    _read_signature(received, report, config)
    _report_leftovers(received, report)
    ids = {issue.code: issue.issue_id for issue in reversed(received.issues)}
    received.checks += [Checked(code, "fail" if code in ids else "pass", ids.get(code, "")) for code in CODES]
    return _fates(received, report, found)


def _has_unit(received: Received, report: Report, config: CycleConfig) -> bool:
    """The unit that title or signature name counts; where it is not the folder's, somebody has to look."""
    folder_unit = received.unit_id
    for line in (*report.title, *report.end):
        found = config.unit_index.find_inside(line.text)
        if found:
            received.unit_id = found
            if folder_unit not in ("", found):
                place = (config.unit(found).name, report.grid.name, line.cell.address)
                received.report_other_unit(config.unit(folder_unit).name, *place)
            return True
    if not folder_unit:
        received.state = "unrecognised"
        received.report("unknown_unit", received.path.rpartition("/")[2])
    return bool(folder_unit)


def _is_other_year(received: Received, report: Report, config: CycleConfig) -> bool:
    """Whether the title names other years only: then nothing of the file counts."""
    years = [(int(year), line) for line in report.title for year in _YEAR.findall(line.text)]
    if not years or config.cycle.cycle in [year for year, _ in years]:
        return False
    (year, line), received.state, received.issues = years[0], "wrong_year", []
    received.report("wrong_year", str(year), report.grid.name, line.cell.address, expected=config.cycle.cycle)
    return True


def _read_parts(received: Received, report: Report, found: Parts, config: CycleConfig) -> None:
    seen = [part.label for part in report.form.parts if part.part_id in found]
    received.evidence += (f"写有{'、'.join(seen)}",) if seen else ()
    was_visited = received.unit_id in config.visited_last_cycle
    for part in report.form.parts:
        line, n, _ = found.get(part.part_id, (None, 0, ()))
        is_required = part.is_required and (was_visited or not part.only_visited_last_cycle)
        place = (report.grid.name, line.cell.address) if line else ("", "")
        if line is None and is_required:
            received.report("missing_part", part.label)
        elif line is not None and is_required and n < part.minimum_characters:
            received.report("part_too_short", str(n), *place, row=part.label)
        values = {
            "unit_id": received.unit_id, "part_id": part.part_id, "heading": line and line.head, "n_characters": n,
            "is_required": is_required, "is_present": line is not None, "file_id": received.file_id,
            "sheet": place[0] or None, "cell": place[1] or None,
        }  # fmt: skip
        received.take([Record(PARTS, values, ((*place, "heading"),) if line else ())])


def find_parts(report: Report) -> dict[str, PartFound]:
    """By part: the line where it begins, the characters of its text, and its lines, for the parts that are there.

    Of several headings that name a part, the one with enough text counts, then the highest, then the first: so a
    table of contents is none.
    """
    found: dict[str, PartFound] = {}
    lines = report.text
    for part in report.form.parts:
        stretches = [_stretch(lines, i) for i, line in enumerate(lines) if part in line.opens]
        opened = [lines[i:] for i, line in enumerate(lines) if line.text.startswith(part.openings or ("\0",))]
        spans = [(own[0], sum(line.n_characters for line in own), own) for own in stretches or opened]
        if spans:
            found[part.part_id] = min(
                spans, key=lambda span: (span[1] < part.minimum_characters, span[0].style or 9)
            )
    for part in report.form.parts:
        if part.leading_characters and part.part_id not in found and lines:
            firsts = [lines.index(line) for line, *_ in found.values()]
            own = lines[: min(firsts, default=len(lines))]
            n = sum(len(line.text) for line in own)
            found |= {part.part_id: (lines[0], n, own)} if n >= part.leading_characters else {}
    return found


def _stretch(lines: Sequence[Line], first: int) -> Sequence[Line]:
    """A heading and the text that it stands over: up to its like, a higher one, or another part's."""
    own = lines[first]
    higher = {line.style for line in lines[:first] if PLAIN < line.style < own.style}
    for place, line in enumerate(lines[first + 1 :], start=first + 1):
        is_other = line.opens and line.opens != own.opens and (own.style == PLAIN or line.style <= own.style)
        if is_other or line.style in higher or (own.style != PLAIN and line.style == own.style):
            return lines[first:place]
    return lines[first:]


def _read_signature(received: Received, report: Report, config: CycleConfig) -> None:
    """The head of the unit signs, at the end or on the cover; what stands in the label's place tells who did."""
    head, lines = config.unit(received.unit_id).head, (*report.title, *report.end)
    if any(head in line.text for line in lines):
        return
    known = FormMap(report.form)
    told = [(line, field, text) for line in lines for field, text in known.fields(line.text)]
    signed = [(line, text) for line, field, text in told if field.field_id == "signed_by"]
    labels = [line for line in lines if (field := known.field(line.text)) and field.field_id == "signed_by"]
    named = [(line, name) for line, text in signed if (name := _name_in(text))]
    if named:
        place = (report.grid.name, named[0][0].cell.address)
        received.report("report_signed_by_other", named[0][1], *place, expected=head)
        return
    line = next(iter((*(line for line, _ in signed), *labels)), None)
    place = (report.grid.name, line.cell.address) if line else ("", "")
    received.report("report_not_signed", "", *place, expected=head)


def _name_in(text: str) -> str:
    """What is left of the text behind a label without dates, lines to sign on and placeholders."""
    return _NOBODY.sub("", PLACEHOLDER.sub("", _DATE.sub("", text)))


def _report_leftovers(received: Received, report: Report) -> None:
    """Placeholders that nobody replaced, and words of other people's texts; the first of a paragraph."""
    for line in (*report.title, *report.text):
        match = PLACEHOLDER.search(line.text)
        words = [match[0]] if match else [word for word in report.form.leftovers if word in line.text]
        if words:
            received.report("report_leftover", words[0], report.grid.name, line.cell.address)


def _fates(received: Received, report: Report, found: Mapping[str, PartFound]) -> dict[tuple[str, str], str]:
    """Headings and text of the parts are values, the rest is for people to read, and what was asked about is an issue."""
    sheet = report.grid.name
    fates = {(sheet, cell.address): "aside" for cell in report.grid.cells.values()}
    fates |= {(sheet, line.cell.address): "value" for *_, own in found.values() for line in own}
    asked = {(issue.source.sheet, issue.source.cell) for issue in received.issues if issue.source.cell}
    return fates | dict.fromkeys(asked, "issue")
