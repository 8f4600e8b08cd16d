"""Comments (批注) in a workbook's own parts: the texts, the boxes that show them, and the links between the parts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from lianzheng.errors import InputError
from lianzheng.forms.addresses import sheet_address
from lianzheng.forms.sheet_edit import xml_text
from lianzheng.forms.sheet_places import Place, SheetPlaces, related
from lianzheng.forms.xml_places import RESAVE, Edit, Element, appended, read_elements, splice

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_BEHIND = "legacyDrawingHF drawingHF picture oleObjects controls AlternateContent webPublishItems tableParts extLst".split()  # fmt: skip
"""What stands behind ``legacyDrawing`` in a sheet, by the schema."""
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit"'
    ' data="{block}"/></o:shapelayout></xml>'
)
_BOX = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;z-index:{z};visibility:hidden"'
    ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
    '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_WIDTH, _LINE, _PER_LINE = 300, 17, 21  # a box in pixels; Chinese characters of 9 points in a line of it
_THREAD = "tc="  # how the author of a threaded comment's stand-in begins; its text is not ours to change
_UNUSUAL = InputError("文件中的批注或控件格式特殊，不能直接标注", RESAVE)


def add_notes(
    parts: dict[str, bytes], part: str, sheet: SheetPlaces, notes: Mapping[Place, str], author: str
) -> list[Edit]:
    """Put the notes of a sheet into ``parts``, beside those that are there; returns what changes in the sheet itself.

    Raises :class:`InputError` for comments or drawings of a kind that cannot be added to.
    """
    links, relations = related(parts, part)
    comments = next((target for kind, target in relations.values() if kind == "comments"), "")
    drawing = _drawing_of(sheet, relations)
    added: dict[str, str] = {}
    if not comments:
        comments = added["comments"] = _free(parts, "xl/comments{}.xml")
        parts[comments] = f'<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'.encode()
        _declare(parts, "Override", PartName=f"/{comments}", ContentType=_COMMENTS_TYPE)
    if not drawing:
        drawing = added["vmlDrawing"] = _free(parts, "xl/drawings/vmlDrawing{}.vml")
        parts[drawing] = _VML.format(block=_free_block(parts)).encode()
        _declare(parts, "Default", Extension="vml", ContentType=_VML_TYPE)
    if comments not in parts or drawing not in parts:
        raise _UNUSUAL
    new = _write_texts(parts, comments, notes, author)
    parts[drawing] = _with_boxes(parts[drawing], sheet, {place: notes[place] for place in new})
    ids = _relate(parts, links, relations, added)
    return [_legacy_drawing(sheet, ids["vmlDrawing"])] if "vmlDrawing" in added else []


def _drawing_of(sheet: SheetPlaces, relations: Mapping[str, tuple[str, str]]) -> str:
    """The part with the boxes that the sheet names; empty where it has none."""
    held = sheet.named("legacyDrawing")
    return relations.get(held[0].link, ("", "?"))[1] if held else ""


def _free_block(parts: Mapping[str, bytes]) -> int:
    """A block of ids for the boxes of one drawing that no other drawing uses."""
    drawings = (data for name, data in parts.items() if name.lower().endswith(".vml"))
    listed = [ids for data in drawings for ids in re.findall(rb'\bdata="([\d,]+)"', data)]
    return max((int(n) for ids in listed for n in ids.split(b",") if n), default=0) + 1


def _free(parts: Mapping[str, bytes], form: str) -> str:
    return next(name for n in range(1, len(parts) + 2) if (name := form.format(n)) not in parts)


def _declare(parts: dict[str, bytes], kind: str, **told: str) -> None:
    """Name a part, or an extension, in the list of contents, unless it is there."""
    root, *known = read_elements(parts["[Content_Types].xml"])
    if any(told.get("Extension") == e.attributes.get("Extension", "?").lower() for e in known):
        return
    words = " ".join(f'{name}="{value}"' for name, value in told.items())
    edit = appended(root, f"<{root.prefix}{kind} {words}/>".encode())
    parts["[Content_Types].xml"] = splice(parts["[Content_Types].xml"], [edit])


def _relate(
    parts: dict[str, bytes], name: str, known: Mapping[str, tuple[str, str]], added: Mapping[str, str]
) -> dict[str, str]:
    """Link the sheet to its new parts; returns the ids by kind."""
    data = parts.get(name, f'<Relationships xmlns="{_PACKAGE}"></Relationships>'.encode())
    root = read_elements(data)[0]
    numbers = (n for n in range(1, len(known) + len(added) + 2) if f"rId{n}" not in known)
    ids = {kind: f"rId{next(numbers)}" for kind in added}
    links = "".join(
        f'<{root.prefix}Relationship Id="{ids[kind]}" Type="{_RELATIONS}/{kind}" Target="/{target}"/>'
        for kind, target in added.items()
    )
    if links:
        parts[name] = splice(data, [appended(root, links.encode())])
    return ids


def _legacy_drawing(sheet: SheetPlaces, id_: str) -> Edit:
    held = [e for e in sheet.elements if e.name in ("controls", "oleObjects")]
    behind = [
        e.start for e in sheet.named(*_BEHIND)
        if e.name != "AlternateContent" or any(e.start < inner.start < e.close for inner in held)
    ]  # fmt: skip
    at = behind[0] if behind else sheet.elements[0].close
    return at, at, f'<{sheet.prefix}legacyDrawing xmlns:r="{_RELATIONS}" r:id="{id_}"/>'.encode()


def _write_texts(parts: dict[str, bytes], name: str, notes: Mapping[Place, str], author: str) -> list[Place]:
    """Write the texts, behind those of cells that have one already; returns the places that had none."""
    data, elements = parts[name], read_elements(parts[name])
    people, texts = ([e for e in elements if (e.name, e.depth) == (n, 1)] for n in ("authors", "commentList"))
    if not people or not texts:
        raise _UNUSUAL
    p, edits, new = elements[0].prefix, [], []
    known = {e.attributes["ref"]: e for e in elements if (e.name, e.depth) == ("comment", 2)}
    names = [data[e.opened : e.close] for e in elements if (e.name, e.depth) == ("author", 2)]
    edits.append(appended(people[0], f"<{p}author>{xml_text(author)}</{p}author>".encode()))
    written = b""
    for place, text in notes.items():
        at = sheet_address(place[0], place[1])
        if at not in known:
            body = f"<{p}text>{_run(p, text)}</{p}text>"
            written += f'<{p}comment ref="{at}" authorId="{len(names)}">{body}</{p}comment>'.encode()
            new.append(place)
        elif not names[int(known[at].attributes.get("authorId", 0))].startswith(_THREAD.encode()):
            edits.append(_appended_text(elements, known[at], f"\n\n{text}"))
    edits.append(appended(texts[0], written))
    parts[name] = splice(data, edits)
    return new


def _run(p: str, text: str) -> str:
    look = f'<{p}rPr><{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="{xml_text("宋体")}"/></{p}rPr>'
    return f'<{p}r>{look}<{p}t xml:space="preserve">{xml_text(text)}</{p}t></{p}r>'


def _appended_text(elements: list[Element], comment: Element, text: str) -> Edit:
    """Behind the last run of a comment's text."""
    inside = [e for e in elements if comment.start < e.start < comment.close]
    body = next(e for e in inside if e.name == "text")
    runs = [e.end for e in inside if e.depth == body.depth + 1 and e.name in ("r", "t")]
    run = _run(body.prefix, text).encode()
    return (runs[-1], runs[-1], run) if runs else appended(body, run)


def _with_boxes(data: bytes, sheet: SheetPlaces, notes: Mapping[Place, str]) -> bytes:
    """The drawing with a box per note; such drawings are not always well-formed, so only its end is looked for."""
    at = data.rfind(b"</xml>")
    names = (b'xmlns:v="urn:schemas-microsoft-com:vml"', b"xmlns:o=", b"xmlns:x=")
    if at < 0 or any(name not in data for name in names):
        raise _UNUSUAL
    used = [int(n) for n in re.findall(rb"_x0000_s(\d+)", data)]
    block = re.search(rb'\bdata="(\d+)', data)
    first = max(used, default=1024 * int(block[1] if block else 1)) + 1
    boxes = "" if b'id="_x0000_t202"' in data else _BOX_TYPE
    for number, (place, text) in enumerate(notes.items()):
        row, column, anchor = place[0] - 1, place[1] - 1, _anchor(sheet, place, text)
        boxes += _BOX.format(id=first + number, z=number + 1, anchor=anchor, row=row, column=column)
    return data[:at] + boxes.encode() + data[at:]


def _anchor(sheet: SheetPlaces, place: Place, text: str) -> str:
    """Where the box stands, right of the cell and large enough for its text: column, pixels, row, pixels, twice."""
    lines = sum(max(math.ceil(len(line) / _PER_LINE), 1) for line in text.split("\n"))
    left, top = place[1] + 1, max(place[0] - 1, 1)
    right, right_pixels = _reach(left, 12 + _WIDTH, sheet.width)
    bottom, bottom_pixels = _reach(top, 8 + _LINE * (lines + 1), sheet.height)
    return f"{left - 1}, 12, {top - 1}, 8, {right - 1}, {right_pixels}, {bottom - 1}, {bottom_pixels}"


def _reach(start: int, pixels: int, size: Callable[[int], int]) -> tuple[int, int]:
    """The column or row that lies so many pixels behind the beginning of another, and how far into it."""
    for line in range(start, start + 400):
        if pixels <= size(line):
            return line, pixels
        pixels -= size(line)
    return start + 400, 0
