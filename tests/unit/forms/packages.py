"""A workbook made by hand with all that libraries lose: a picture, a shape, a button, macros, somebody's comments."""

from __future__ import annotations

import base64
import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAW = "http://schemas.openxmlformats.org/drawingml/2006"
SEAL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8Dwn4EIwDiqEAAbIQP/0zZC8QAAAABJRU5ErkJggg=="
)
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    '{more}<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
)
SEALED_TYPES = (
    '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
    '<Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/>'
    '<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>'
    '<Override PartName="/xl/ctrlProps/ctrlProp1.xml" ContentType="application/vnd.ms-excel.controlproperties+xml"/>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><sz val="14"/><name val="黑体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="1" fillId="0" borderId="1" xfId="0" applyProtection="1"><alignment horizontal="center"/><protection locked="0"/></xf>'
    '<xf numFmtId="10" fontId="0" fillId="1" borderId="1" xfId="0"/></cellXfs></styleSheet>'
)
# Rows 1–2: a merged title; row 3: a date; row 4: a shared formula with its results; row 5 is missing; row 6 is empty.
TABLE = (
    '<sheetData><row r="1" spans="1:4"><c r="A1" s="1" t="inlineStr"><is><t>统计表</t></is></c></row>'
    '<row r="3" spans="1:4" ht="30" customHeight="1"><c r="A3" s="1"><v>41973</v></c><c r="C3" s="2"><v>0.25</v></c></row>'
    '<row r="4"><c r="A4"><f t="shared" ref="A4:B4" si="0">A3+1</f><v>41974</v></c><c r="B4"><f t="shared" si="0"/><v>1</v></c></row>'
    '<row r="6" s="2" customFormat="1"/></sheetData>'
)
EXTENSION = '<extLst><ext uri="{B025F937-C7B1-47D3-B67F-A62EFF666E3E}"/></extLst>'
BEFORE = '<sheetFormatPr defaultRowHeight="15"/><cols><col min="4" max="5" width="3" style="1"/></cols>'
RULES = (
    '<sheetProtection sheet="1" objects="1"/><mergeCells count="1"><mergeCell ref="A1:D2"/></mergeCells>'
    f'<conditionalFormatting sqref="A3:A9"><cfRule type="dataBar" priority="1"><dataBar><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar>{EXTENSION}</cfRule></conditionalFormatting>'
    '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
)
CONTROLS = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><controls>'
    '<control shapeId="1025" r:id="rId3" name="核对"/></controls></mc:Choice></mc:AlternateContent>'
)
SHAPE = (
    f'<xdr:wsDr xmlns:xdr="{DRAW}/spreadsheetDrawing" xmlns:a="{DRAW}/main">'
    '<xdr:oneCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>6</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="914400" cy="914400"/>'
    '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="公章"/><xdr:cNvPicPr/></xdr:nvPicPr>'
    f'<xdr:blipFill><a:blip xmlns:r="{LINKS}" r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
    '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="914400" cy="914400"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>'
    '<xdr:oneCellAnchor><xdr:from><xdr:col>4</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>6</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="914400" cy="457200"/>'
    '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="3" name="说明框"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="914400" cy="457200"/></a:xfrm><a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom></xdr:spPr></xdr:sp><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>'
)
# Office leaves <br> open in the text of a button, so the drawing is no XML that a parser takes.
BUTTON = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    '<v:shape id="_x0000_s1025" style="position:absolute"><v:textbox><div>核<br>对</div></v:textbox><x:ClientData ObjectType="Button"><x:Anchor>6, 0, 1, 0, 8, 0, 3, 0</x:Anchor></x:ClientData></v:shape>'
    '<v:shape id="_x0000_s1026" style="position:absolute;visibility:hidden"><x:ClientData ObjectType="Note"><x:Anchor>2, 0, 1, 0, 4, 0, 4, 0</x:Anchor><x:Row>2</x:Row><x:Column>0</x:Column></x:ClientData></v:shape></xml>'
)
COMMENTS = (
    f'<comments xmlns="{MAIN}"><authors><author>填表人</author><author>tc={{1}}</author></authors><commentList>'
    '<comment ref="A3" authorId="0"><text><t>我们自己的批注</t></text></comment>'
    '<comment ref="C3" authorId="1"><text><t>[Threaded comment]</t></text></comment></commentList></comments>'
)


def links(*kinds: tuple[str, str]) -> str:
    """A part of links rId1, rId2, … of these types to these parts."""
    told = "".join(
        f'<Relationship Id="rId{i}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(kinds, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{told}</Relationships>'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """The parts as a package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content.encode() if isinstance(content, str) else content)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def plain_parts(table: str = TABLE, settings: str = "") -> dict[str, str | bytes]:
    """A small workbook of one sheet 附件2 without any drawing or comment."""
    return {
        "[Content_Types].xml": TYPES.format(more=""),
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{settings}<sheets><sheet name="附件2" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{BEFORE}{table}{RULES}{EXTENSION}</worksheet>',
        "xl/styles.xml": STYLES,
    }


def sealed_parts() -> dict[str, str | bytes]:
    """The same with a seal, a shape, a button, comments and macros; its calendar begins in 1904."""
    sheet = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}">{BEFORE}{TABLE}{RULES}'
        f'<drawing r:id="rId1"/><legacyDrawing r:id="rId2"/>{CONTROLS}{EXTENSION}</worksheet>'
    )
    own = links(("drawing", "../drawings/drawing1.xml"), ("vmlDrawing", "../drawings/vmlDrawing1.vml"),
                ("ctrlProp", "../ctrlProps/ctrlProp1.xml"), ("comments", "/xl/comments1.xml"))  # fmt: skip
    return plain_parts(settings='<workbookPr date1904="1"/>') | {
        "[Content_Types].xml": TYPES.format(more=SEALED_TYPES),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/worksheets/_rels/sheet1.xml.rels": own,
        "xl/drawings/drawing1.xml": SHAPE,
        "xl/drawings/_rels/drawing1.xml.rels": links(("image", "../media/image1.png")),
        "xl/drawings/vmlDrawing1.vml": BUTTON,
        "xl/ctrlProps/ctrlProp1.xml": f'<formControlPr xmlns="{MAIN}" objectType="Button"/>',
        "xl/comments1.xml": COMMENTS,
        "xl/media/image1.png": SEAL,
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macros",
        "docProps/custom.xml": "<Properties/>",
    }
