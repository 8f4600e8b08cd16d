"""Which form a book is: by its form code, by where its tables stand, by title, number and version."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.forms.code import LABEL, VERSION, FormCode, code_of, codes_in
from lianzheng.intake.cells import Book, Cell
from lianzheng.intake.form_maps import THRESHOLD, FormMap, KnownForms
from lianzheng.intake.labels import YEAR_WORDS
from lianzheng.intake.placements import Placement, headers_of, place_tables
from lianzheng.intake.turning import turned
from lianzheng.names import plain

TITLE_WORTH, NUMBER_WORTH = 0.5, 0.25  # in the score of the form that they name
_LONGEST_TITLE = 80
_YEAR = re.compile(r"(20\d\d)(?:年(?!\d{1,2}月)|\.\d(?!\d?\.\d)|$)")
_VERSION = re.compile(r".{0,12}版本号?:?(\d[0-9a-z.-]*)(?:表样编号:.*)?")
Text = tuple[int, Cell, str, str]  # sheet, a short text, the same folded, and without the year
Names = dict[FormMap, list[Text]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """A book recognised as a form: its tables' places, version and year (and where it stands), what told so.

    ``book`` is the book in which they stand: as received, but for tables that a layout turned round.
    ``code`` is the form code (表样编号) of the blank that it was made of, where it has one.
    """

    map: FormMap
    book: Book
    placements: tuple[Placement, ...]
    version: str
    year: int | None
    year_at: tuple[str, str]
    evidence: tuple[str, ...]
    code: FormCode | None = None


Placed = tuple[FormMap, tuple[Placement, ...], tuple[list[Text], list[Text]]]


def recognise(book: Book, known: KnownForms) -> Recognition | None:
    """The form that a book is: the one that its form code names, without a code the best score's above the threshold."""
    headers, (marks, titles, numbers) = headers_of(book, known), _texts(book, known)
    codes = _codes(((sheet, cell) for sheet, cell, *_ in marks), book)
    named = {code.form_id for *_, code in codes}
    maps = [form for form in known.maps if form.form.form_id in named]
    placed: list[Placed] = []
    for form in maps or known.maps:
        view = turned(book, form)
        own = headers if view is book else headers_of(view, known)
        placed.append((form, place_tables(form, view, own), (titles.get(form, []), numbers.get(form, []))))
    best = max(placed, key=_score, default=None)
    if best is None or (not maps and (codes or _score(best) < THRESHOLD)):
        return None
    form, placements, (of_title, of_number) = best
    versions = [
        (sheet, cell, match[1])
        for sheet, cell, text, _ in marks
        if "版本" in text and (match := _VERSION.fullmatch(text))
    ]
    above = _above(placements[0], book) if placements else ()
    code = next((found for found in codes if found[-1].form_id == form.form.form_id), None)
    coded = [(*code[:2], code[-1].cycle)] if code else []
    sheet, cell, year = next(iter([*coded, *_years([*of_title, *versions, *above])]), (0, None, None))
    version = versions[0][2] if versions else book.properties.get(VERSION, "") if code else ""
    evidence = (
        *(f"表样编号 {found}" for *_, found in codes[:1] if code),
        *(f"“{text[1].text.strip()}”" for text in of_title + of_number),
        *(f"“{p.table.caption or form.form.title}”的{len(p.columns)}列" for p in placements),
        *[f"按 layouts.yml 的 {form.layout_id}"] * bool(form.layout_id),
    )
    at = (book.grids[sheet].name, cell.address) if cell else ("", "")
    view = turned(book, form)
    return Recognition(form, view, placements, version, year, at, evidence, code[-1] if code else None)


def form_codes(book: Book) -> list[tuple[int, Cell | None, FormCode]]:
    """The form codes (表样编号) that the book shows (sheet, cell), and last the one among its properties."""
    return _codes(_short_cells(book), book)


def _codes(cells: Iterable[tuple[int, Cell]], book: Book) -> list[tuple[int, Cell | None, FormCode]]:
    codes: list[tuple[int, Cell | None, FormCode]] = [
        (sheet, cell, code) for sheet, cell in cells if LABEL in cell.text for code in codes_in(cell.text)
    ]
    return codes + [(0, None, code) for code in (code_of(book.properties),) if code]


def _above(first: Placement, book: Book) -> Iterator[tuple[int, Cell, str]]:
    """The short texts above a table, folded."""
    for cell in book.grids[first.sheet].cells.values():
        if cell.row < first.first_row and _is_short(cell):
            yield first.sheet, cell, plain(cell.text)


def _short_cells(book: Book) -> Iterator[tuple[int, Cell]]:
    for sheet, grid in enumerate(book.grids):
        for cell in grid.cells.values():
            if _is_short(cell):
                yield sheet, cell


def _is_short(cell: Cell) -> bool:
    return cell.raw_type == "text" and len(cell.text) <= _LONGEST_TITLE


def _texts(book: Book, known: KnownForms) -> tuple[list[Text], Names, Names]:
    """Texts with a version or a form code, and for each form the first that names it by its title, or has its number."""
    marks: list[Text] = []
    titles: Names = {}
    numbers: Names = {}
    for sheet, cell in _short_cells(book):
        said = _said(known, cell.text)
        if said is None:
            continue
        folded, without_year, titled, numbered = said
        text = (sheet, cell, folded, without_year)
        marks.append(text)
        for form in titled:
            titles.setdefault(form, [text])
        for form in numbered:
            numbers.setdefault(form, [text])
    return marks, titles, numbers


@functools.lru_cache(maxsize=1 << 13)
def _said(known: KnownForms, text: str) -> tuple[str, str, tuple[FormMap, ...], tuple[FormMap, ...]] | None:
    """A text folded, the same without the year, the forms whose title it has in it, and whose number it begins with.

    None for what says neither these nor a version nor a form code, as most cells do.
    """
    folded = plain(text)
    written = YEAR_WORDS.sub("", folded)
    titled = tuple(form for form in known.maps if any(title in written for title in form.titles))
    numbered = tuple(form for form in known.maps if form.number and written.startswith(form.number))
    is_mark = titled or numbered or "版本" in folded or LABEL in text
    return (folded, written, titled, numbered) if is_mark else None


def _years(dated: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Cell, int]]:
    """Years in the title, in the version, or in anything else above the first table that is no date."""
    for sheet, cell, text, *_ in dated:
        match = _YEAR.search(text)
        if match:
            yield sheet, cell, int(match[1])


def _score(placed: Placed) -> float:
    form, placements, (titles, numbers) = placed
    is_named = any(title in text[3] for text in titles for title in form.foreign_titles)
    if form.layout_id and not is_named and not any(placement.n_foreign for placement in placements):
        return 0.0  # nothing that only this layout has
    needed = max(sum(not table.table.is_optional for table in form.tables), len(placements), 1)
    worth = TITLE_WORTH * len(titles) + NUMBER_WORTH * len(numbers)
    return sum(placement.score for placement in placements) / needed + worth


def split_copies(book: Book, recognition: Recognition, known: KnownForms) -> list[tuple[Book, Recognition]]:
    """A book that holds the same form several times, sheet by sheet; else the book itself, once."""
    own = {placement.sheet for placement in recognition.placements}
    alone = [replace(book, grids=[grid]) for grid in book.grids if grid.cells]
    found = [(single, recognise(single, known)) for single in alone if len(own) == 1 and len(alone) > 1]
    same = [(single, r) for single, r in found if r and r.map is recognition.map and r.placements]
    if len(same) < 2:
        return [(recognition.book, recognition)]
    copies = [single.grids[0].name for single, _ in same]
    same[0][1].book.grids.extend(grid for grid in book.grids if grid.name not in copies)
    return [(r.book, r) for _, r in same]


def split_forms(book: Book, recognition: Recognition, known: KnownForms) -> list[tuple[Book, Recognition]]:
    """The sheets of a book that are other forms than the one that was recognised, a book and a recognition for each."""
    taken = {placement.sheet for placement in recognition.placements}
    others: dict[FormMap, list[str]] = {}
    for sheet, grid in enumerate(book.grids):
        alone = recognise(replace(book, grids=[grid], properties={}), known) if sheet not in taken else None
        if alone and alone.placements and alone.map.form.form_id != recognition.map.form.form_id:
            others.setdefault(alone.map, []).append(grid.name)
    found = []
    for names in others.values():
        part = replace(book, grids=[grid for grid in book.grids if grid.name in names], properties={})
        again = recognise(part, known)
        if again is not None:
            found.append((part, again))
    return found
