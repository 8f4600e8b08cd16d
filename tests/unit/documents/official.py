"""An official bulletin made by hand to GB/T 9704-2012, as a .docx, with the sources of its numbers and the tables behind.

Fonts, sizes and measures are written out here from the standard; nothing is taken from the package that is judged,
but the names of bookmarks.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.sax.saxutils import escape

import pandas as pd

from lianzheng.documents.sources import Bookmarks, Source
from lianzheng.pages.citations import Address
from lianzheng.tables import conform, schemas

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
Cited = tuple[str, str, str, str, str]
"""table, key, column, form, what is shown."""

STYLES = {  # id: (name, font, half points, alignment, indent in hundredths of a character)
    "Title": ("Title", "方正小标宋简体", 44, "center", 0),
    "BodyText": ("Body Text", "仿宋_GB2312", 32, "both", 200),
    "Addressee": ("主送机关", "仿宋_GB2312", 32, "left", 0),
    "Heading1": ("heading 1", "黑体", 32, "both", 200),
    "Heading2": ("heading 2", "楷体_GB2312", 32, "both", 200),
    "Heading3": ("heading 3", "仿宋_GB2312", 32, "both", 200),
    "Heading4": ("heading 4", "仿宋_GB2312", 32, "both", 200),
    "Enclosures": ("附件说明", "仿宋_GB2312", 32, "both", 200),
    "Signature": ("发文机关署名和成文日期", "仿宋_GB2312", 32, "right", 0),
    "Attachment": ("附件序号", "黑体", 32, "left", 0),
    "AttachmentTitle": ("附件标题", "方正小标宋简体", 44, "center", 0),
    "Classification": ("密级", "黑体", 32, "left", 0),
    "DocumentNumber": ("发文字号", "仿宋_GB2312", 32, "center", 0),
    "Caption": ("caption", "黑体", 28, "center", 0),
    "Footer": ("footer", "宋体", 28, "left", 0),
    "Cell": ("Cell", "仿宋_GB2312", 21, "left", 0),
}

COUNTS = [
    {
        "bulletin_class": "dual_duty",
        "n_findings": 5,
        "n_units": 3,
        "is_common": True,
        "unit_ids": "U001|U002|U008",
    },
    {"bulletin_class": "talks", "n_findings": 2, "n_units": 2, "is_common": False, "unit_ids": "U003|U017"},
    {"bulletin_class": "learning", "n_findings": 1, "n_units": 1, "is_common": False, "unit_ids": "U012"},
]
FINDINGS = [
    ("F01", "U001"),
    ("F02", "U002"),
    ("F03", "U008"),
    ("F04", "U003"),
    ("F05", "U017"),
    ("F06", "U012"),
]


class StubTables(dict[str, pd.DataFrame]):
    """Tables in memory, as the check reads them."""

    def public(self, name: str) -> pd.DataFrame:
        private = [column.name for column in schemas()[name].columns if column.is_private]
        return self[name].drop(columns=private)


def tables() -> StubTables:
    """What the numbers and names of the bulletin rest on."""
    findings = [
        {
            "finding_id": id_, "unit_id": unit, "team_id": "T1", "subject_id": "talks", "defect_id": "no_signature",
            "finding_severity": "slight", "is_confirmed": True, "text": "约谈记录无被约谈人签名",
        }
        for id_, unit in FINDINGS
    ]  # fmt: skip
    visits = [
        {"unit_id": "U001", "team_id": "T1", "visit_date": dt.datetime(2018, 12, 3), "n_interviews": 1234}
    ]
    changes = [
        {"unit_id": "U001", "team_id": "T2", "visit_date": dt.datetime(2018, 12, 4), "quiz_mean_pct": 0.875}
    ]
    return StubTables(
        finding_counts_by_class=conform("finding_counts_by_class", COUNTS, 2018),
        findings=conform("findings", findings, 2018),
        site_visits=conform("site_visits", visits + changes, 2018),
    )


def count(kind: str, column: str, shown: str) -> Cited:
    return ("finding_counts_by_class", kind, column, "number", shown)


def unit(finding_id: str, shown: str) -> Cited:
    return ("findings", finding_id, "unit_id", "name", shown)


TEXT: list[tuple[str, list[str | Cited]]] = [
    ("Classification", ["内部资料"]),
    ("DocumentNumber", ["示例纪〔2018〕12号"]),
    ("Title", ["关于2018年度党风廉政建设责任制检查情况的通报"]),
    ("", []),
    ("Addressee", ["各局直单位党委（总支）："]),
    ("BodyText", [
        "为督促各局直单位党委落实党风廉政建设责任制，", ("site_visits", "U001|T1", "visit_date", "day", "2018年12月3日"),
        "起，局党委组成检查组开展了监督检查。现将有关情况通报如下：",
    ]),
    ("Heading1", ["一、总体情况"]),
    ("Heading2", ["（一）落实“两个责任”情况"]),
    ("BodyText", [
        "各检查组个别谈话", ("site_visits", "U001|T1", "n_interviews", "number", "1234"), "人次，现场测试平均正确率",
        ("site_visits", "U001|T2", "quiz_mean_pct", "share", "87.5%"), "。各单位高度重视检查工作，认真组织自查。",
    ]),
    ("Heading2", ["（二）特色做法"]),
    ("BodyText", ["一是把责任清单落实到岗位；二是把廉政教育融入日常。对这些做法要认真总结。"]),
    ("Heading1", ["二、存在的主要问题"]),
    ("Heading2", ["（一）班子成员履行“一岗双责”意识淡化，抓党风廉政建设的主动性不够"]),
    ("BodyText", [
        "检查发现此类问题", count("dual_duty", "n_findings", "5"), "个，涉及", count("dual_duty", "n_units", "3"),
        "个单位，较为普遍：", unit("F01", "东河处"), "、", unit("F02", "西岭处"), "和", unit("F03", "青禾设计院"),
        "未对分管领域的工作作出安排。",
    ]),
    ("Heading2", ["（二）廉政约谈不规范，集中约谈多于个别约谈，约谈记录不完整"]),
    ("BodyText", [
        "检查发现此类问题", count("talks", "n_findings", "2"), "个，涉及", count("talks", "n_units", "2"), "个单位：",
        unit("F04", "南坡处"), "和", unit("F05", "平野勘测"), "约谈记录无签名。",
    ]),
    ("Heading2", ["（三）学习教育不扎实，干部读书笔记书写不规范"]),
    ("BodyText", ["检查发现此类问题", count("learning", "n_findings", "1"), "个：", unit("F06", "长堤养护所"), "读书笔记通篇抄写。"]),
    ("Heading1", ["三、整改落实意见"]),
    ("BodyText", ["针对检查发现的问题，各局直单位党委要举一反三，切实抓好整改。"]),
    ("BodyText", ["一要强化主体责任，督促班子成员履行“一岗双责”。"]),
    ("BodyText", ["二要加大个别约谈力度，规范约谈记录。"]),
    ("BodyText", ["三要持续深化学习，确保学习效果。"]),
    ("BodyText", ["自本通报印发之日起30日内将整改情况报局党委办公室。"]),
    ("", []),
    ("Enclosures", ["附件：1. 检查情况图"]),
    ("Enclosures", ["2. 问题分类统计表"]),
    ("", []),
    ("", []),
    ("Signature", ["中共示例局委员会"]),
    ("Signature", ["2018年12月28日"]),
    ("Attachment", ["附件1"]),
    ("", []),
    ("AttachmentTitle", ["检查情况图"]),
    ("Caption", ["图1　问题分类"]),
    ("Caption", ["图2　资料缺失情况"]),
    ("Attachment", ["附件2"]),
    ("", []),
    ("AttachmentTitle", ["问题分类统计表"]),
    ("Caption", ["表1　各类问题的个数和单位数"]),
]  # fmt: skip
CELLS: list[list[str | Cited]] = [
    ["类别", "问题数", "单位数"],
    ["一岗双责", count("dual_duty", "n_findings", "5"), count("dual_duty", "n_units", "3")],
    ["廉政约谈", count("talks", "n_findings", "2"), count("talks", "n_units", "2")],
    ["学习", count("learning", "n_findings", "1"), count("learning", "n_units", "1")],
]


class Writer:
    """Writes runs with bookmarks, and keeps the sources."""

    def __init__(self) -> None:
        self.names, self.sources, self.n = Bookmarks(), list[Source](), 0

    def pieces(self, pieces: list[str | Cited]) -> str:
        sentence = "".join(one if isinstance(one, str) else one[4] for one in pieces)
        return "".join(self._piece(one, sentence) for one in pieces)

    def _piece(self, piece: str | Cited, sentence: str) -> str:
        if isinstance(piece, str):
            return f'<w:r><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
        table, key, column, form, shown = piece
        name = self.names.name(Address(table, key, column, form))
        self.sources.append(Source(name, shown, form, table, key, column, sentence))
        self.n += 1
        mark = f'<w:bookmarkStart w:id="{self.n}" w:name="{name}"/>{{}}<w:bookmarkEnd w:id="{self.n}"/>'
        return mark.format(f'<w:r><w:t xml:space="preserve">{escape(shown)}</w:t></w:r>')

    def paragraph(self, style: str, pieces: list[str | Cited]) -> str:
        extra = "<w:pageBreakBefore/>" if style == "Attachment" else ""
        if style == "Signature":
            extra = '<w:ind w:rightChars="400" w:right="1280"/>'
        styled = f'<w:pStyle w:val="{style}"/>' if style else ""
        return f"<w:p><w:pPr>{styled}{extra}</w:pPr>{self.pieces(pieces)}</w:p>"

    def table(self, rows: list[list[str | Cited]]) -> str:
        lines = "".join(
            "<w:tr>"
            + "".join(f"<w:tc><w:tcPr/>{self.paragraph('Cell', [cell])}</w:tc>" for cell in row)
            + "</w:tr>"
            for row in rows
        )
        return f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>{lines}</w:tbl>"


def bulletin() -> tuple[bytes, dict[str, Source]]:
    """The document and its sources by bookmark."""
    writer = Writer()
    body = "".join(writer.paragraph(style, pieces) for style, pieces in TEXT) + writer.table(CELLS)
    return document(body), {source.bookmark: source for source in writer.sources}


def document(body: str) -> bytes:
    """A .docx with this body, the page and styles of the standard."""
    parts = {
        "[Content_Types].xml": _contents(),
        "_rels/.rels": _links({"officeDocument": "word/document.xml"}),
        "word/_rels/document.xml.rels": _links({
            "styles": "styles.xml", "settings": "settings.xml", "footer": "footer1.xml", "footer2": "footer2.xml",
        }),
        "word/document.xml": f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}<w:p/>{_SECTION}</w:body></w:document>',
        "word/styles.xml": _styles(),
        "word/settings.xml": f'<w:settings xmlns:w="{W}"><w:evenAndOddHeaders/></w:settings>',
        "word/footer1.xml": _footer("right", "right"),
        "word/footer2.xml": _footer("left", "left"),
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in parts.items():
            package.writestr(
                zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'
            )
    return buffer.getvalue()


_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="footer"/><w:footerReference w:type="even" r:id="footer2"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"'
    ' w:header="851" w:footer="1417" w:gutter="0"/><w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>'
)


def _contents() -> str:
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "footer1": "footer",
        "footer2": "footer",
    }
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{WORD}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    default = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return f'<Types xmlns="{PACKAGE}/content-types">{default}<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'


def _links(targets: dict[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="{id_}" Type="{R}/{id_.rstrip("2")}" Target="{target}"/>'
        for id_, target in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _footer(align: str, side: str) -> str:
    indent = f'<w:ind w:{side}Chars="100" w:{side}="280"/>'
    return (
        f'<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="Footer"/>{indent}<w:jc w:val="{align}"/></w:pPr>'
        '<w:r><w:t xml:space="preserve">— </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>'
    )


def _styles() -> str:
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr>'
        '<w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/><w:jc w:val="both"/></w:pPr><w:rPr>'
        f'{_fonts("仿宋_GB2312")}<w:spacing w:val="-5"/><w:sz w:val="32"/></w:rPr></w:style>'
    )
    return f'<w:styles xmlns:w="{W}">{normal}{"".join(_style(id_, *look) for id_, look in STYLES.items())}</w:styles>'


def _style(id_: str, name: str, font: str, size: int, align: str, indent: int) -> str:
    first = f'<w:ind w:firstLineChars="{indent}" w:firstLine="640"/>' if indent else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f'<w:pPr>{first}<w:jc w:val="{align}"/></w:pPr><w:rPr>{_fonts(font)}<w:sz w:val="{size}"/></w:rPr></w:style>'
    )


def _fonts(font: str) -> str:
    return f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
