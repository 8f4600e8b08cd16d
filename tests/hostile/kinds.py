"""Hostile files, made when they are needed: what each is called, what it holds, and the one issue that it deserves."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import xlwt
from openpyxl.utils import get_column_letter

from tests import formats
from tests.forms.papers import STATISTICS, Sheet, as_csv, as_docx, as_xls, as_xlsx

FOLDER = "units/东河管理处/来件"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f SYSTEM "file:///etc/passwd">'
    '<!ENTITY g SYSTEM "{address}/entity">]>'
)


@dataclass(frozen=True)
class Hostile:
    """A file below data/raw: its bytes (``address`` is a server that must never be asked), the code, words of the message."""

    name: str
    make: Callable[[str], bytes]
    code: str
    words: str = ""
    suffix: str = "xlsx"

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.name}.{self.suffix}"


def zipped(parts: Mapping[str, str | bytes | Iterable[bytes]]) -> bytes:
    """A zip of these parts, some of them given in pieces because they are large."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, data in parts.items():
            if isinstance(data, str | bytes):
                package.writestr(name, data)
                continue
            with package.open(name, "w", force_zip64=True) as stream:
                for piece in data:
                    stream.write(piece)
    return buffer.getvalue()


def workbook(*sheets: str | Iterable[bytes], prolog: str = "", **more: str) -> bytes:
    """A workbook of sheets given as the XML inside worksheet, or in pieces with it."""
    listed = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(sheets) + 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    if "sharedStrings" in more:
        related += f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, str | bytes | Iterable[bytes]] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {SPACE} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{related}</Relationships>',
    }
    for n, sheet in enumerate(sheets, start=1):
        whole = f"{prolog}<worksheet {SPACE}>{sheet}</worksheet>" if isinstance(sheet, str) else sheet
        parts[f"xl/worksheets/s{n}.xml"] = whole
    return zipped(parts | {f"xl/{name}.xml": text for name, text in more.items()})


def pieces(row: Callable[[int], str], n_rows: int, after: str = "") -> Iterable[bytes]:
    """A worksheet of very many rows, a thousand at a time."""
    yield f"<worksheet {SPACE}><sheetData>".encode()
    for first in range(1, n_rows + 1, 1000):
        yield "".join(map(row, range(first, min(first + 1000, n_rows + 1)))).encode()
    yield f"</sheetData>{after}</worksheet>".encode()


def said(text: str, place: str = "A1") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows(*cells: str) -> str:
    return f'<sheetData><row r="1">{"".join(cells)}</row></sheetData>'


HEADER = ("序号", "类别", "问题数（起）", "涉及人数（人）", "涉及金额（万元）", "党纪处分（人）")


def headers(row: int) -> str:
    cells = (said(text, f"{get_column_letter(column)}{row}") for column, text in enumerate(HEADER, start=1))
    return f'<row r="{row}">{"".join(cells)}</row>'


def flipped(data: bytes, seed: int) -> bytes:
    """Some bytes changed within the compressed content of a package's main part."""
    dice, mangled = random.Random(seed), bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = ("xl/worksheets/sheet1.xml", "word/document.xml", "content.xml")
        entry = next(package.getinfo(name) for name in names if name in package.namelist())
    start = entry.header_offset + 30 + len(entry.filename.encode())
    span = range(start, start + entry.compress_size)
    for place in dice.sample(span, 5):
        mangled[place] ^= dice.randrange(1, 256)
    return bytes(mangled)


def lying(data: bytes, part: str, n_bytes: int) -> bytes:
    """A package that says of a part that it inflates to so many bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        size = package.getinfo(part).file_size
    return data.replace(struct.pack("<I", size), struct.pack("<I", n_bytes))


def odf(body: str, prolog: str = "") -> bytes:
    """A packed spreadsheet; ``prolog`` stands before its content's root."""
    content = f"{prolog}<office:document-content {ODF}>{formats.ods_body(body)}</office:document-content>"
    return zipped({"mimetype": formats.ODS_TYPE, "content.xml": content})


def table(text: str) -> str:
    cell = f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    return f'<table:table table:name="表"><table:table-row>{cell}</table:table-row></table:table>'


def with_prolog(data: bytes, prolog: str) -> bytes:
    """XML whose declaration is followed by a document type."""
    head, _, rest = data.decode().partition("?>")
    return f"{head}?>{prolog}{rest}".encode()


def linking(address: str) -> bytes:
    """A workbook with links to other workbooks, a DDE link and a data connection."""
    link = f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/externalLinkPath" '
    link += f'Target="{address}/book.xlsx" TargetMode="External"/></Relationships>'
    dde = f'<externalLink {SPACE}><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    connection = f'<connections {SPACE}><connection id="1" type="4"><webPr url="{address}/web"/></connection></connections>'
    body = rows(
        f'<c r="A1"><f>WEBSERVICE("{address}/formula")</f></c>', said("名称", "B1"),
        "<c r=\"C1\"><f>cmd|'/c calc'!A0</f></c>", f"<c r=\"D1\"><f>'{address}/[book.xlsx]表'!A1</f></c>",
    )  # fmt: skip
    data = workbook(body, connections=connection, **{"externalLinks/externalLink1": dde})
    return added(data, {"xl/externalLinks/_rels/externalLink1.xml.rels": link})


def added(data: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def page(address: str) -> bytes:
    told = f'<img src="{address}/picture"><link rel="stylesheet" href="{address}/style"><iframe src="{address}/frame"></iframe>'
    return f'<html><base href="{address}/">{told}<script src="{address}/script"></script><p>名称</p></html>'.encode()


def document(body: str, prolog: str = "", **more: str) -> bytes:
    text = f"{prolog}<w:document {WORD}><w:body>{body}</w:body></w:document>"
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": text, **more})


def attached(address: str) -> bytes:
    """A Word document whose template and whose fields stand elsewhere."""
    link = f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/attachedTemplate" '
    link += f'Target="{address}/template.dotm" TargetMode="External"/></Relationships>'
    field = f'<w:p><w:fldSimple w:instr="INCLUDETEXT {address}/text"/><w:r><w:t>名称</w:t></w:r></w:p>'
    return document(field, **{"word/_rels/settings.xml.rels": link})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def many_sheets_xls(n: int) -> bytes:
    book = xlwt.Workbook()
    for number in range(n):
        book.add_sheet(f"表{number}").write(0, 0, "甲")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_macros() -> bytes:
    return added(workbook(rows(said("名称"))), {"xl/vbaProject.bin": b"Sub Auto_Open()"})


MHT = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
FORM = as_xlsx(STATISTICS)
PLAIN = Sheet("电话", {"A1": "姓名", "B1": "电话", "A2": "张三", "B2": "8001"})
FORMS: dict[str, bytes] = {
    "xlsx": FORM, "xls": as_xls(STATISTICS), "docx": as_docx("通知", "请于周五前报送电话。"), "ods": odf(table("甲")),
}  # fmt: skip


def _truncated() -> Iterable[Hostile]:
    for suffix, data in FORMS.items():
        for tenth in range(1, 10):
            part = data[: len(data) * tenth // 10]
            yield Hostile(
                f"截断{tenth}成-{suffix}", lambda _, part=part: part, "unreadable_file", suffix=suffix
            )


def _mangled() -> Iterable[Hostile]:
    for suffix in ("xlsx", "docx", "ods"):
        for seed in range(5):
            made = flipped(FORMS[suffix], seed)
            yield Hostile(
                f"坏字节{seed}-{suffix}", lambda _, made=made: made, "unreadable_file", suffix=suffix
            )


def _entities() -> Iterable[Hostile]:
    cell = rows(said("&e;"), said("&f;", "B1"), said("&g;", "C1"))
    shared = f"{BOMB}<sst {SPACE}><si><t>&e;&f;&g;</t></si></sst>"
    made: dict[str, Callable[[str], bytes]] = {
        "实体-表.xlsx": lambda a: workbook(cell, prolog=told(a)),
        "实体-共享文字.xlsx": lambda a: workbook(
            rows('<c r="A1" t="s"><v>0</v></c>'), sharedStrings=shared.replace("{address}", a)
        ),
        "实体-文档.docx": lambda a: document(paragraph("&e;&f;&g;"), prolog=told(a)),
        "实体-开放文档.ods": lambda a: odf(table("&e;&f;&g;"), told(a)),
        "实体-开放文档.fods": lambda a: with_prolog(formats.fods_of(table("&e;&f;&g;")), told(a)),
        "实体-表格.xml": lambda a: with_prolog(
            formats.spreadsheetml_of(
                '<Worksheet ss:Name="表"><Table><Row><Cell><Data ss:Type="String">&e;&f;&g;</Data></Cell></Row></Table></Worksheet>'
            ),
            told(a),
        ),
    }
    for name, make in made.items():
        stem, _, suffix = name.rpartition(".")
        yield Hostile(stem + suffix, make, "unreadable_file", "DOCTYPE", suffix)
    for suffix, head in (("html", ""), ("mht", MHT)):
        yield Hostile(
            f"实体-{suffix}", lambda a, head=head: f"{head}{told(a)}<html><p>&e;&f;&g;</p></html>".encode(), "unknown_form", "", suffix
        )  # fmt: skip


def told(address: str) -> str:
    return BOMB.replace("{address}", address)


KINDS: tuple[Hostile, ...] = (
    *_truncated(),
    *_mangled(),
    *_entities(),
    Hostile("压缩炸弹", lambda _: workbook(pieces(lambda n: " " * 1000, 60_000)), "too_large", "展开后共"),
    Hostile("压缩炸弹-文档", lambda _: document(" " * 60_000_000), "too_large", "展开后共", "docx"),
    Hostile("谎报大小", lambda _: lying(workbook(rows(said("甲")) + " " * 99_999), "xl/worksheets/s1.xml", 300), "unreadable_file"),
    Hostile(
        "天涯海角",
        lambda _: workbook(f'<sheetData><row r="1">{said("甲")}</row><row r="1048576">{said("乙", "XFD1048576")}</row></sheetData>'),
        "too_large", "1048576行×16384列",
    ),
    Hostile("空行百万", lambda _: workbook(pieces(lambda n: f'<row r="{n}" ht="15"/>', 1_048_576)), "empty_file"),
    Hostile(
        "空格百万", lambda _: workbook(pieces(lambda n: f'<row r="{n}"><c r="F{n}" t="str"><v> </v></c></row>' if n % 1000 == 0 else "", 1_048_000)),
        "too_large", "行×6列",
    ),
    Hostile("二百张表", lambda _: workbook(*[rows(said("甲"))] * 200), "too_large", "工作表超过100张"),
    Hostile("二百张旧表", lambda _: many_sheets_xls(200), "too_large", "工作表超过100张", "xls"),
    Hostile("二百张开放表", lambda _: odf(table("甲") * 200), "too_large", "工作表超过100张", "ods"),
    Hostile("九十张大表", lambda _: workbook(*[f'<sheetData><row r="60000">{said("甲", "B60000")}</row></sheetData>'] * 90), "too_large", "各工作表内容共占"),
    Hostile("一格十兆", lambda _: workbook(rows(said("长" * 3_500_000))), "too_large", "超过 10 MB"),
    Hostile("一段十兆", lambda _: document(paragraph("长" * 3_500_000)), "too_large", "超过 10 MB", "docx"),
    Hostile("一行十兆", lambda _: ("长" * 3_500_000 + ",1").encode(), "too_large", "A1 有3500000字", "csv"),
    Hostile("一格九兆", lambda _: workbook(rows(said("长" * 3_000_000))), "too_large", "A1 有3000000字"),
    Hostile("一格开放", lambda _: odf(table("长" * 40_000)), "too_large", "A1 有40000字", "ods"),
    Hostile("表头五万行", lambda _: workbook(pieces(headers, 50_000)), "too_large", "读取用时超过"),
    Hostile(
        "合并十万处",
        lambda _: workbook(pieces(lambda n: f'<row r="{n}">{said("甲", f"A{n}")}</row>', 9, "<mergeCells>" + "".join(
            f'<mergeCell ref="A{n}:B{n}"/>' for n in range(10, 110_020)) + "</mergeCells>")),
        "too_large", "合并单元格超过",
    ),
    Hostile("一万六千列", lambda _: as_csv({f"{get_column_letter(n)}1": f"问题数{n}" for n in range(1, 16_385)}), "unknown_form", suffix="csv"),
    Hostile("外部链接", linking, "unknown_form"),
    Hostile("外部模板", attached, "unknown_form", suffix="docx"),
    Hostile("外部资源", page, "unknown_form", suffix="html"),
    Hostile("宏", lambda _: with_macros(), "unknown_form", "xlsm", "xlsm"),
    Hostile("图片改名", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unsupported_format", "图片"),
    Hostile("文档改名", lambda _: as_docx("通知", "请于周五前报送电话。"), "unknown_form", "docx"),
    Hostile("表改名", lambda _: as_xlsx(PLAIN), "unknown_form", "xlsx", "docx"),
    Hostile("压缩包改名", lambda _: zipped({"附件2.xlsx": FORM}), "unsupported_format", "压缩包"),
)  # fmt: skip
