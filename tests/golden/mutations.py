"""One cell of a received file changed in place, nothing else: the sheet's XML or the line of a CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

_LETTERS = re.compile(r"([A-Z]+)(\d+)")


def write_cell(path: Path, sheet: str, cell: str, text: str) -> None:
    """Put ``text`` (a number where it reads as one) into a cell that has content."""
    change = _change_csv if path.suffix == ".csv" else _change_xlsx
    path.write_bytes(change(path.read_bytes(), sheet, cell, text))


def _change_csv(data: bytes, sheet: str, cell: str, text: str) -> bytes:
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        content = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "gb18030"
        content = data.decode(encoding)
    rows = list(csv.reader(io.StringIO(content)))
    letters, row = _place(cell)
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    assert rows[row - 1][column - 1] not in ("", text)
    rows[row - 1][column - 1] = text
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n" if "\r\n" in content else "\n").writerows(rows)
    return out.getvalue().encode(encoding)


def _place(cell: str) -> tuple[str, int]:
    found = _LETTERS.fullmatch(cell)
    assert found, cell
    return found[1], int(found[2])


def _change_xlsx(data: bytes, sheet: str, cell: str, text: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    workbook, links = (parts[f"xl/{name}"].decode() for name in ("workbook.xml", "_rels/workbook.xml.rels"))
    tag = next(tag for tag in re.findall(r"<(?:\w+:)?sheet [^>]*>", workbook) if f'name="{sheet}"' in tag)
    (link,) = re.findall(r'r:id="([^"]+)"', tag)
    tag = next(tag for tag in re.findall(r"<Relationship [^>]*>", links) if f'Id="{link}"' in tag)
    (target,) = re.findall(r'Target="/?(?:xl/)?([^"]+)"', tag)
    xml, name = parts[f"xl/{target}"].decode(), f"xl/{target}"
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    inner = f"<v>{text}</v>" if is_number else f"<is><t>{escape(text)}</t></is>"
    kind = "" if is_number else ' t="inlineStr"'

    def put(found: re.Match[str]) -> str:
        style = re.search(r' s="\d+"', found[1])
        return f'<c r="{cell}"{style[0] if style else ""}{kind}>{inner}</c>'

    changed, n = re.subn(rf'<c r="{cell}"([^>]*)>.*?</c>', put, xml, flags=re.DOTALL)
    assert n == 1 and changed != xml, (name, cell)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in (parts | {name: changed.encode()}).items():
            book.writestr(part, content)
    return out.getvalue()
