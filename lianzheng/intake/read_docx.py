"""Word documents → one grid: each paragraph is a row of one cell, each table row a row, in the document's order.

Read are paragraphs, tables (merged cells once, nested tables as text of their cell), content controls, line breaks
and tabs, text of accepted or pending insertions. Not read: headers and footers, footnotes, text boxes and pictures,
automatic numbering, deleted text, phonetic guides, and the prompt of a content control that nobody has filled.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from lianzheng.intake.cells import BookError, Grid, GridDraft, Limits, Merge, Place
from lianzheng.intake.packages import local_name, package_of

DOCUMENT_GRID = "正文"
_MAIN = "word/document.xml"
_WRAPPERS = frozenset("sdt sdtContent customXml smartTag ins moveTo".split())
_NOT_TEXT = frozenset("pPr rPr tcPr sdtPr sdtEndPr del moveFrom instrText drawing pict object rt".split())
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Check boxes and ticks that Word writes as characters of its Wingdings fonts.
_SYMBOLS = dict(zip("F0FE F052 F0A8 F0A3 F06F F0FC F050 F0FB".split(), "☑☑□□□√√×", strict=True))
_MOST_COLUMNS = 63  # what Word itself allows


def read_docx(data: bytes, limits: Limits) -> list[Grid]:
    """One grid named 正文; addresses are ``p4`` for the fourth paragraph, ``t1r3c2`` for a place in a table."""
    root = package_of(data, limits).xml(_MAIN)
    row_names: list[str] = [""]
    draft = GridDraft(
        limits, lambda row, column: f"{row_names[row]}{column if row_names[row][0] == 't' else ''}"
    )
    n_paragraphs = n_tables = 0
    for block in _inside(root.find("{*}body"), "p", "tbl"):
        if local_name(block) == "p":
            n_paragraphs += 1
            row_names.append(f"p{n_paragraphs}")
            draft.put_text(len(row_names) - 1, 1, _text(block))
        else:
            n_tables += 1
            _read_table(block, f"t{n_tables}", row_names, draft)
    grid = draft.finish(DOCUMENT_GRID)
    if not grid.cells and next(root.iter("{*}drawing", "{*}pict"), None) is not None:
        raise BookError("unsupported_format", "Word 文件里只有图片，没有文字")
    return [grid]


def _inside(element: etree._Element, *wanted: str) -> Iterator[etree._Element]:
    """The wanted children in order, those inside content controls and pending insertions too."""
    for child in element:
        name = local_name(child)
        if name in wanted:
            yield child
        elif name in _WRAPPERS:
            yield from _inside(child, *wanted)


def _read_table(table: etree._Element, name: str, row_names: list[str], draft: GridDraft) -> None:
    merges: dict[Place, Merge] = {}
    for row_number, table_row in enumerate(_inside(table, "tr"), 1):
        row = len(row_names)
        row_names.append(f"{name}r{row_number}c")
        column = 1 + _number(table_row, "{*}trPr/{*}gridBefore", 0)
        for cell in _inside(table_row, "tc"):
            width = _number(cell, "{*}tcPr/{*}gridSpan", 1)
            above = merges.get((row - 1, column)) if _continues(cell) else None
            top, last_column = (above.first_row, above.last_column) if above else (row, column + width - 1)
            merges[row, column] = Merge(top, column, row, last_column)
            draft.put_text(row, column, "\n".join(map(_text, _paragraphs(cell))))
            column += width
    # Each row of a vertical merge has made a longer range with the same top: the last is the longest.
    for merge in {(merge.first_row, merge.first_column): merge for merge in merges.values()}.values():
        draft.merge(merge)


def _continues(cell: etree._Element) -> bool:
    """Whether the cell goes on a vertical merge from above (Word leaves the attribute out, or writes continue)."""
    mark = cell.find("{*}tcPr/{*}vMerge")
    return mark is not None and _attribute(mark, "val") != "restart"


def _number(element: etree._Element, path: str, default: int) -> int:
    found = element.find(path)
    return default if found is None else min(max(int(_attribute(found, "val")), default), _MOST_COLUMNS)


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}" + name)), "")


def _paragraphs(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        name = local_name(child)
        if name == "p":
            yield child
        elif name not in _NOT_TEXT:
            yield from _paragraphs(child)


def _text(element: etree._Element) -> str:
    """The text of a paragraph or run as it is read, without prompts of unfilled content controls."""
    if local_name(element) == "p" and any(map(_is_prompt, element.iterancestors("{*}sdt"))):
        return ""
    pieces = []
    for child in element:
        name = local_name(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "sym":
            pieces.append(_symbol(child))
        elif name in _MARKS:
            pieces.append(_MARKS[name])
        elif name not in _NOT_TEXT and not _is_prompt(child):
            pieces.append(_text(child))
    return "".join(pieces)


def _symbol(element: etree._Element) -> str:
    code = _attribute(element, "char")
    return _SYMBOLS.get(code.upper()) or chr(int(code, 16))


def _is_prompt(element: etree._Element) -> bool:
    return local_name(element) == "sdt" and element.find("{*}sdtPr/{*}showingPlcHdr") is not None
