"""Web pages saved as .xls, .doc or .html, and single-file web pages (.mht) → one grid a page.

Tables and the lines of text around them stand below each other, as Excel shows such a page. A table that holds
other tables is a frame around them and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from lianzheng.intake.cells import BookError, Content, Grid, GridDraft, Limits, Merge
from lianzheng.intake.number_formats import describe_number
from lianzheng.intake.read_csv import decode

PAGE_GRID = "网页"
_META = re.compile(rb"""<(?:meta[^>]*?charset|\?xml[^>]*?encoding)\s*=\s*["']?\s*([\w-]+)""", re.I)
_SHEET_NAME = re.compile(r"<x:Name>([^<]+)</x:Name>")
_CONTENT_LOCATION, _TABS = "Content-Location", "tabstrip"
_NOT_SHOWN = frozenset("script style head title noscript noframes template object comment xml".split())
_BLOCKS = frozenset(
    "p div br h1 h2 h3 h4 h5 h6 ul ol li dl dt dd center blockquote pre hr form section article header footer caption"
    " table tr td th tbody thead tfoot".split()
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PLAIN_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(%?)")
_MOST_COLUMNS, _MOST_ROWS = 1_000, 65_534  # that HTML lets a cell span
_LAST_COLUMN = 16_384


def read_html(data: bytes, limits: Limits) -> list[Grid]:
    """One grid, named as the page names its sheet, with addresses as Excel would give them."""
    text = page_text(data)
    return [_grid(text, next(iter(_SHEET_NAME.findall(text)), PAGE_GRID), limits)]


def read_mht(data: bytes, limits: Limits) -> list[Grid]:
    """A grid for each page of a single-file web page that shows anything; the strip of sheet tabs is no sheet."""
    import email

    pages, names = [], []
    for part in email.message_from_bytes(data).walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            text = page_text(payload if isinstance(payload, bytes) else b"", part.get_content_charset())
            names += _SHEET_NAME.findall(text)
            if _TABS not in part.get(_CONTENT_LOCATION, ""):
                pages.append(text)
    grids = [grid for page in pages if (grid := _grid(page, "", limits)).cells]
    for number, grid in enumerate(grids):
        grid.name = names[number] if len(names) >= len(grids) else f"{PAGE_GRID}{number + 1}"
    return grids


def page_text(data: bytes, said: str | None = None) -> str:
    """The page's text: by byte-order mark, by what page or archive say, as UTF-8, as GB18030; an error where none fits."""
    match = _META.search(data[:4096])
    charset = said or (match[1].decode() if match else "")
    if charset and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        # Pages that say GB2312 hold characters of its successors.
        charset = "gb18030" if charset.lower() in ("gb2312", "gbk", "x-gbk", "gb_2312-80") else charset
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            pass
    text = decode(data)
    if text is None:
        raise BookError("unreadable_file", "网页的文字编码无法识别")
    return text


def _grid(text: str, name: str, limits: Limits) -> Grid:
    if len(text) > limits.part_bytes:
        raise BookError("too_large", f"网页有 {len(text) >> 20} MB")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser)
    draft, row = GridDraft(limits), 0
    for line in _lines(root) if root is not None else ():
        if isinstance(line, str):
            row += 1
            draft.put_text(row, 1, line)
        else:
            row = _read_table(line, row, draft)
    return draft.finish(name)


def _lines(element: etree._Element) -> Iterator[str | etree._Element]:
    """Lines of text, and tables that hold no tables, in the order of the page."""
    pieces: list[str] = []
    for piece in _flow(element):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        if text := _tidy("".join(pieces)):
            yield text
        pieces = []
        if piece is not None:
            yield piece
    if text := _tidy("".join(pieces)):
        yield text


def _flow(element: etree._Element) -> Iterator[str | etree._Element | None]:
    """Text, tables, and None where a line ends."""
    name = str(element.tag)
    if name in _NOT_SHOWN or _is_hidden(element):
        return
    if name == "table" and next(element.iterdescendants("table"), None) is None:
        yield element
        return
    ends: tuple[None, ...] = (None,) if name in _BLOCKS else ()
    yield from ends
    yield element.text or ""
    for child in element:
        yield from _flow(child)
        yield child.tail or ""
    yield from ends


def _read_table(table: etree._Element, row: int, draft: GridDraft) -> int:
    """Put a table below ``row``; returns the number of its last row."""
    column = 1
    for element in table.iter("col"):
        width = _span(element, "span", _MOST_COLUMNS)
        if _is_hidden(element) and column + width <= _LAST_COLUMN:
            draft.hidden_columns.update(range(column, column + width))
        column += width
    above: dict[int, Merge] = {}  # ranges from above that reach into this row, by their first column
    for element in table.iter("caption", "tr"):
        row += 1
        if _is_hidden(element):
            draft.hidden_rows.add(row)
        if element.tag == "caption":
            draft.put_text(row, 1, _cell_text(element))
        else:
            above = _read_row(element.iterchildren("td", "th"), row, above, draft)
    return row


def _read_row(
    cells: Iterable[etree._Element], row: int, above: dict[int, Merge], draft: GridDraft
) -> dict[int, Merge]:
    column = 1
    below = {first: merge for first, merge in above.items() if merge.last_row > row}
    for cell in cells:
        while column in above:
            column = above[column].last_column + 1
        width, height = _span(cell, "colspan", _MOST_COLUMNS), _span(cell, "rowspan", _MOST_ROWS)
        if column + width - 1 > _LAST_COLUMN:
            raise BookError("too_large", f"表格超过{_LAST_COLUMN}列")
        draft.put(row, column, *_content(cell))
        merge = Merge(row, column, row + height - 1, column + width - 1)
        if "mso-ignore" not in _style(cell):  # text that only runs over its neighbours
            draft.merge(merge)
        if height > 1:
            below[column] = merge
        column += width
    return below


def _content(cell: etree._Element) -> tuple[Content, str]:
    """A cell's text; where the page also tells the number behind it, that number in full."""
    text = _cell_text(cell)
    match = _PLAIN_NUMBER.fullmatch(text.replace(" ", ""))
    stored = cell.get("x:num") or cell.get("sdval")
    if match is None or not stored:
        return (text, "text", None, None), ""
    try:
        number_format = "0.00%" if match[1] else "General"
        return describe_number(float(stored), number_format, False), number_format
    except ValueError:
        return (text, "text", None, None), ""


def _cell_text(cell: etree._Element) -> str:
    return "\n".join(line for line in _lines(cell) if isinstance(line, str))


def _tidy(text: str) -> str:
    return _BLANKS.sub(" ", text).strip(" ").replace("\xa0", " ")


def _style(element: etree._Element) -> str:
    return "".join((element.get("style") or "").lower().split())


def _is_hidden(element: etree._Element) -> bool:
    return "display:none" in _style(element)


def _span(element: etree._Element, name: str, most: int) -> int:
    written = (element.get(name) or "").strip()
    return min(max(int(written), 1), most) if written.isdecimal() else 1
