"""What a received file is, by its content: never by its name, which says .xls of web pages and .doc of tables."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from xml.parsers.expat import ExpatError

import xlrd
from lxml import etree
from xlrd.compdoc import CompDoc, CompDocError

from lianzheng.intake.cells import DEFAULT_LIMITS, Limits
from lianzheng.intake.packages import XML_OPTIONS, Package, package_of
from lianzheng.intake.read_csv import decode

UNSUPPORTED = {
    "ppt": "演示文稿", "ofd": "OFD 版式文件", "pdf": "PDF 文件", "picture": "图片", "archive": "压缩包", "xml": "XML 文件",
    "ole": "未知的旧版 Office 文件",
}  # fmt: skip
_MAGIC = re.compile(
    rb"(?P<zip>PK\x03\x04|PK\x05\x06)|(?P<ole>\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1)|(?P<pdf>%PDF-)|(?P<rtf>\{\\rtf)"
    rb"|(?P<picture>\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0{4}|II\*\0|MM\0\*|RIFF.{4}WEBP)"
    rb"|(?P<archive>Rar!\x1a|7z\xbc\xaf|\x1f\x8b)"
    rb"|(?P<mht>\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?MIME-Version:)"
    rb"|(?P<xml>(?:\xef\xbb\xbf)?\s*<(?:\?(?:xml|mso)|[\w-]+:|Workbook\b))"
    rb"|(?P<html>(?:\xef\xbb\xbf)?\s*<(?:!doctype html|!--|(?:html|head|meta|body|style|title|div|center|p|font|table|tr)\b))",
    re.DOTALL | re.IGNORECASE,
)
# The part or stream that makes a container what it is; the first that is there decides.
_ZIP_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "xl/workbook.bin": "xlsb",
              "ppt/presentation.xml": "ppt", "ofd.xml": "ofd", "content.xml": "ods", "encrypted-package": "ods"}  # fmt: skip
_OLE_STREAMS = {"EncryptedPackage": "protected", "WordDocument": "doc", "Workbook": "xls", "Book": "xls",
                "PowerPoint Document": "ppt"}  # fmt: skip
# The root of a file that is one piece of XML, and the mimetype that an OpenDocument file tells.
_XML_ROOTS = {"urn:schemas-microsoft-com:office:spreadsheet": "spreadsheetml", "http://www.w3.org/1999/xhtml": "html",
              "http://schemas.microsoft.com/office/word/2003/wordml": "word_xml",
              "http://schemas.microsoft.com/office/2006/xmlPackage": "word_xml"}  # fmt: skip
_OPEN_DOCUMENTS = {"text": "odt", "presentation": "ppt", "graphics": "ppt"}
# What the parsers of other people raise on bytes that are not what they claim to be; want of memory ends the worker.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, OSError, EOFError,
          RuntimeError, struct.error, zipfile.BadZipFile, zlib.error, etree.LxmlError,
          ExpatError, xlrd.XLRDError, CompDocError)  # fmt: skip
# The head of a Word document begins with this mark, and says at byte 10 whether it is encrypted (MS-DOC 2.5.2).
_WORD_MARK, _LOCKED_AT, _LOCKED = b"\xec\xa5", 10, 0x0100
_UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HEAD = 1 << 16


def format_of(data: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    """The format by content: a key of a reader, a converter or UNSUPPORTED, ``protected`` or ``other``.

    Text of any kind is csv.
    """
    match = _MAGIC.match(_head(data))
    kind = str(match.lastgroup) if match else ""
    if kind == "zip":
        return _packed(package_of(data, limits))
    if kind == "ole":
        entries = _compound(data).dirlist
        names = {entries[child].name for child in entries[0].children}
        return next((format for stream, format in _OLE_STREAMS.items() if stream in names), "ole")
    if kind == "xml":
        return _rooted(data)
    return kind or ("other" if decode(data) is None else "csv")


def is_locked(data: bytes, format: str) -> bool:
    """Whether a password stands before the content; an old workbook's is seen only when it is read."""
    if format != "doc":
        return format == "protected"
    stream = _compound(data).get_named_stream("WordDocument") or b""
    flags = int.from_bytes(stream[_LOCKED_AT : _LOCKED_AT + 2], "little")
    return stream.startswith(_WORD_MARK) and bool(flags & _LOCKED)


def _compound(data: bytes) -> CompDoc:
    return CompDoc(data, logfile=io.StringIO(), ignore_workbook_corruption=True)


def _head(data: bytes) -> bytes:
    """The beginning, with the text of a UTF-16 file as UTF-8."""
    head, encoding = data[:_HEAD], _UTF_16.get(data[:2])
    return head.decode(encoding, "ignore").encode() if encoding else head


def _packed(package: Package) -> str:
    kind = next((format for part, format in _ZIP_PARTS.items() if part in package), "archive")
    if kind == "xlsx" and "xl/vbaProject.bin" in package:
        return "xlsm"
    if kind == "ods" and "mimetype" in package:
        with package.open("mimetype") as stream:
            return _open_document(stream.read(100).decode("ascii", "replace"))
    return kind


def _open_document(mimetype: str) -> str:
    return next((format for word, format in _OPEN_DOCUMENTS.items() if f".{word}" in mimetype), "ods")


def _rooted(data: bytes) -> str:
    """The format of XML by its root element, without reading on."""
    parser = etree.XMLPullParser(events=("start",), recover=True, **XML_OPTIONS)
    try:
        parser.feed(data[:_HEAD])
        _, root = next(iter(parser.read_events()))
    except (etree.XMLSyntaxError, StopIteration):
        return "xml"
    space, _, name = str(root.tag).rpartition("}")
    if space.endswith(":opendocument:xmlns:office:1.0"):
        return _open_document(root.get(f"{space}}}mimetype", "")).replace("ods", "fods")
    return "html" if name.lower() == "html" else _XML_ROOTS.get(space.lstrip("{"), "xml")
