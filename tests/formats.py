"""Layouts written in formats that the library only reads, and protected files; made from the formats' own descriptions.

Nothing here uses a reader of the library, so that what the readers find is no echo of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlwt
from xlwt.CompoundDoc import XlsDoc

from lianzheng.forms import Layout, as_xlsx
from lianzheng.forms.layout import Placed, Sheet

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
_SS = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
_DAY_ZERO = dt.datetime(1899, 12, 30)


def rows_of(sheet: Sheet) -> Iterable[tuple[int, list[tuple[int, Placed | None]]]]:
    """Rows with their places from the left: a cell, or None where nothing stands; covered places are left out."""
    at = {(cell.row, cell.column): cell for cell in sheet.cells}
    covered = {
        (r, c) for cell in sheet.cells for r in range(cell.row, cell.last[0] + 1) for c in range(cell.column, cell.last[1] + 1)
    } - set(at)  # fmt: skip
    for row in range(1, sheet.n_rows + 1):
        columns = [c for c in range(1, sheet.n_columns + 1) if (row, c) not in covered]
        yield row, [(column, at.get((row, column))) for column in columns]


def shown(cell: Placed) -> str:
    """What a spreadsheet program shows of a value."""
    value = cell.value
    if isinstance(value, int | float) and "%" in cell.number_format:
        return f"{value * 100:.2f}%"
    if isinstance(value, float):
        return f"{value:,.2f}" if cell.number_format == "#,##0.00" else f"{value:.10g}"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


# ODF 1.3 part 3, 9.1 (tables) and 19.385 (value types).
def ods_body(tables: str, styles: str = "") -> str:
    """The body of content.xml."""
    return (
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    )


def ods_of(tables: str, styles: str = "", **parts: str) -> bytes:
    """A packed spreadsheet from its tables' XML."""
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODF}>{ods_body(tables, styles)}</office:document-content>'
    return zip_of({"mimetype": ODS_TYPE, "content.xml": content, **parts})


def fods_of(tables: str, styles: str = "") -> bytes:
    """A spreadsheet as one piece of XML."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {_ODF} office:mimetype="{ODS_TYPE}">'
    return f"{head}{ods_body(tables, styles)}</office:document>".encode()


def zip_of(parts: dict[str, str | bytes]) -> bytes:
    """A zip of named parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _ods_cell(cell: Placed | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    value, text = cell.value, "".join(f"<text:p>{escape(line)}</text:p>" for line in shown(cell).split("\n"))
    span = f' table:number-columns-spanned="{cell.n_columns}" table:number-rows-spanned="{cell.n_rows}"'
    if isinstance(value, int | float):
        kind = "percentage" if "%" in cell.number_format else "float"
        told = f'office:value-type="{kind}" office:value="{value!r}"'
    elif isinstance(value, dt.date):
        told = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        told = 'office:value-type="string"'
    return f"<table:table-cell {told}{span}>{text}</table:table-cell>"


def _ods_tables(layout: Layout) -> str:
    tables = []
    for sheet in layout.sheets:
        rows = "".join(
            f"<table:table-row>{''.join(_ods_cell(cell) for _, cell in places)}</table:table-row>"
            for _, places in _with_covered(sheet)
        )
        tables.append(
            f"<table:table table:name={quoteattr(sheet.name)}><table:table-column/>{rows}</table:table>"
        )
    return "".join(tables)


def _with_covered(sheet: Sheet) -> Iterable[tuple[int, list[tuple[int, Placed | None]]]]:
    """In ODF a covered place is a cell of its own."""
    for row, places in rows_of(sheet):
        known = dict(places)
        yield row, [(column, known.get(column)) for column in range(1, sheet.n_columns + 1)]


def as_ods(layout: Layout) -> bytes:
    """The layout as .ods."""
    return ods_of(_ods_tables(layout))


def as_fods(layout: Layout) -> bytes:
    """The layout as flat .fods."""
    return fods_of(_ods_tables(layout))


def as_html(layout: Layout, encoding: str = "utf-8", charset: str | None = None) -> bytes:
    """The first sheet as the web page that an office system offers as .xls; it says ``charset``, or nothing where empty."""
    charset = encoding if charset is None else charset
    rows = []
    for _, places in rows_of(layout.sheets[0]):
        cells = [
            "<td></td>" if cell is None
            else f'<td rowspan="{cell.n_rows}" colspan={cell.n_columns}>{escape(shown(cell))}</td>'
            for _, cell in places
        ]  # fmt: skip
        rows.append(f"<tr>{''.join(cells)}</tr>")
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    name = f"<!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>{layout.sheets[0].name}</x:Name></x:ExcelWorksheet></xml><![endif]-->"
    page = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>{meta}{name}</head><body><table border=1>'
    return (page + "\r\n".join(rows) + "</table></body></html>").encode(encoding)


def as_mht(layout: Layout) -> bytes:
    """The sheet as Excel's single-file web page: a frame, a strip of tabs, the sheet in quoted-printable."""
    import quopri

    pages = {
        "book.htm": b"<html><head></head><frameset><noframes><body><p>This page uses frames</p></body></noframes></frameset></html>",
        "book.files/tabstrip.htm": f"<html><body><table><tr><td>{layout.sheets[0].name}</td></tr></table></body></html>".encode(),
        "book.files/sheet001.htm": as_html(layout, charset=""),
    }
    parts = [
        f"------=_Part\r\nContent-Location: file:///C:/{name}\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f'Content-Type: text/html; charset="utf-8"\r\n\r\n'.encode() + quopri.encodestring(page)
        for name, page in pages.items()
    ]  # fmt: skip
    head = b'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary="----=_Part"\r\n\r\n'
    return head + b"\r\n".join(parts) + b"\r\n------=_Part--\r\n"


# "XML Spreadsheet Reference" of Office XP and 2003.
def spreadsheetml_of(sheets: str, styles: str = "") -> bytes:
    """A SpreadsheetML workbook from its worksheets' XML."""
    head = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    return f"{head}<Workbook {_SS}><Styles>{styles}</Styles>{sheets}</Workbook>".encode()


def as_spreadsheetml(layout: Layout) -> bytes:
    """The layout as SpreadsheetML 2003."""
    codes = list(dict.fromkeys(cell.number_format for sheet in layout.sheets for cell in sheet.cells))
    styles = "".join(
        f'<Style ss:ID="s{i}"><NumberFormat ss:Format={quoteattr({"0.00%": "Percent"}.get(code, code))}/></Style>'
        for i, code in enumerate(codes)
    )
    sheets = []
    for sheet in layout.sheets:
        rows = "".join(
            f'<Row ss:Index="{row}">{"".join(_xml_cell(c, codes) for _, c in places if c)}</Row>'
            for row, places in rows_of(sheet)
        )
        sheets.append(f"<Worksheet ss:Name={quoteattr(sheet.name)}><Table>{rows}</Table></Worksheet>")
    return spreadsheetml_of("".join(sheets), styles)


def _xml_cell(cell: Placed, codes: Sequence[str]) -> str:
    value = cell.value
    if isinstance(value, int | float):
        kind, text = "Number", repr(value)
    elif isinstance(value, dt.date):
        kind, text = (
            "DateTime",
            dt.datetime.combine(value, getattr(value, "time", dt.time)()).isoformat() + ".000",
        )
    else:
        kind, text = "String", "" if value is None else str(value)
    across = f' ss:MergeAcross="{cell.n_columns - 1}"' * (cell.n_columns > 1)
    down = f' ss:MergeDown="{cell.n_rows - 1}"' * (cell.n_rows > 1)
    style = f' ss:StyleID="s{codes.index(cell.number_format)}"'
    return f'<Cell ss:Index="{cell.column}"{across}{down}{style}><Data ss:Type="{kind}">{escape(text)}</Data></Cell>'


def as_xlsm(layout: Layout) -> bytes:
    """The layout as a workbook with macros (whose part is empty: nothing runs it)."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(layout))) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    return zip_of({**parts, "xl/vbaProject.bin": b"\0"})


def protected(data: bytes, password: str) -> bytes:
    """An .xlsx, .xlsm or .docx behind a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    opened = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, opened)
    return opened.getvalue()


# MS-XLS 2.2.10 and MS-OFFCRYPTO 2.3.6: 40-bit RC4, a new key every 1024 bytes, some records left readable.
_BOF, _FILEPASS, _BOUNDSHEET, _IGNORED = 0x0809, 0x002F, 0x0085, 0x0FFF
_LEFT_READABLE = (_BOF, _FILEPASS, 0x00E1)


def protected_xls(workbook: xlwt.Workbook, password: str) -> bytes:
    """An .xls behind a password, which no library writes."""
    salt, verifier = bytes(range(16)), bytes(range(100, 116))
    proof = _rc4(_key(password, salt, 0), verifier + hashlib.md5(verifier).digest())
    record = struct.pack("<HHHHH", _FILEPASS, 54, 1, 1, 1) + salt + proof
    stream = workbook.get_biff_data()
    n_spare = -(len(stream) + len(record)) % 4  # what xlwt fills up behind must be whole records too
    record += struct.pack("<HH", _IGNORED, n_spare) + bytes(n_spare)
    head = 4 + struct.unpack_from("<H", stream, 2)[0]
    stream = _shifted(stream[:head] + record + stream[head:], len(record))
    n_blocks = -(-len(stream) // 1024)
    keystream = b"".join(_rc4(_key(password, salt, block), bytes(1024)) for block in range(n_blocks))
    buffer = io.BytesIO()
    XlsDoc().save(buffer, bytes(_locked(stream, keystream)))
    return buffer.getvalue()


def _records(stream: bytes) -> Iterable[tuple[int, int, int]]:
    """Records: number, where the contents begin, how long they are."""
    place = 0
    while place + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, place)
        yield number, place + 4, length
        place += 4 + length


def _shifted(stream: bytes, n_bytes: int) -> bytes:
    """The stream with the sheets' places moved on."""
    moved = bytearray(stream)
    for number, start, _ in _records(stream):
        if number == _BOUNDSHEET:
            moved[start : start + 4] = struct.pack("<I", struct.unpack_from("<I", stream, start)[0] + n_bytes)
    return bytes(moved)


def _locked(stream: bytes, keystream: bytes) -> bytearray:
    locked = bytearray(stream)
    for number, start, length in _records(stream):
        first = start + (4 if number == _BOUNDSHEET else length if number in _LEFT_READABLE else 0)
        for place in range(first, start + length):
            locked[place] ^= keystream[place]
    return locked


def _key(password: str, salt: bytes, block: int) -> bytes:
    start = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    middle = hashlib.md5((start + salt) * 16).digest()[:5]
    return hashlib.md5(middle + struct.pack("<I", block)).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, j = bytearray(), 0
    for i, byte in zip(count(1), data, strict=False):
        j = (j + state[i % 256]) % 256
        state[i % 256], state[j] = state[j], state[i % 256]
        out.append(byte ^ state[(state[i % 256] + state[j]) % 256])
    return bytes(out)


def by_libreoffice(folder: Path, target: str, *names: str) -> list[Path]:
    """Files of a folder as LibreOffice converts them, in a folder of the target's name."""
    program = shutil.which("soffice")
    assert program, "mark the test needs_libreoffice"
    profile = (folder / "profile").as_uri()
    command = [
        program,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        target,
        "--outdir",
        str(folder / target),
    ]
    done = subprocess.run(
        [*command, *(str(folder / name) for name in names)], capture_output=True, timeout=120
    )
    made = [folder / target / f"{Path(name).stem}.{target}" for name in names]
    assert all(path.is_file() for path in made), done.stderr.decode()
    return made
