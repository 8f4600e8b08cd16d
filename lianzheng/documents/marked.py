"""A copy of somebody's .docx with a comment (批注) and yellow at every fault; its other parts stay byte for byte.

What changes: the text's part (runs are cut where marks begin and end), the comments, and the lists that name them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from lxml import etree

from lianzheng.documents.faults import Fault
from lianzheng.documents.read_paper import MAIN, RESAVE, Leaf, open_package, paragraph_elements, pieces_of
from lianzheng.documents.word_look import attribute
from lianzheng.errors import InputError
from lianzheng.fonts import visible
from lianzheng.intake.formats import BROKEN
from lianzheng.intake.packages import local_name
from lianzheng.zips import read_zip, write_zip

AUTHOR = "公文检查"
_COMMENTS, _LINKS, _CONTENTS = "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_BEHIND_HIGHLIGHT = frozenset(
    "u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath rPrChange".split()
)
_PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
Made = Callable[..., etree._Element]


def marked_copy(data: bytes, faults: Sequence[Fault]) -> bytes:
    """The document with the faults marked; comments that are there stay.

    Raises :class:`InputError` for a document with a digital signature, which a mark would break, or an unusual inside.
    """
    open_package(data)
    parts = read_zip(data)
    if any(name.startswith("_xmlsignatures/") for name in parts):
        raise InputError("文件有数字签名，标注会使签名失效", "请对照检查结果在原件上修改")
    try:
        return write_zip(_marked(parts, faults))
    except BROKEN as error:
        raise InputError(f"文件的内部格式不能直接标注（{type(error).__name__}）", RESAVE) from error


def _marked(parts: dict[str, bytes], faults: Sequence[Fault]) -> dict[str, bytes]:
    root = _parsed(parts[MAIN])
    namespace = str(etree.QName(root).namespace)
    if _COMMENTS not in parts:
        parts = _with_comments_part(parts, f'<w:comments xmlns:w="{namespace}"/>')
    comments, make = _parsed(parts[_COMMENTS]), _maker(namespace)
    known = [int(attribute(one, "id", "0")) for one in comments]
    paragraphs = paragraph_elements(root)
    for number, fault in enumerate(faults, start=max(known, default=-1) + 1):
        _anchor(paragraphs[fault.paragraph], fault, str(number), make)
        comments.append(_comment(fault, str(number), make))
    return {**parts, MAIN: _written(root), _COMMENTS: _written(comments)}


def _parsed(part: bytes) -> etree._Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _maker(namespace: str) -> Made:
    """Makes elements of the document's own namespace."""

    def make(name: str, *inside: etree._Element, **attributes: str) -> etree._Element:
        element = etree.Element(f"{{{namespace}}}{name}")
        element.extend(inside)
        for key, value in attributes.items():
            element.set(f"{{{namespace}}}{key}", value)
        return element

    return make


def _with_comments_part(parts: dict[str, bytes], comments: str) -> dict[str, bytes]:
    """The parts with a comments part named in the contents and linked to the text."""
    contents, empty = _parsed(parts[_CONTENTS]), f'<Relationships xmlns="{_PACKAGE}relationships"/>'.encode()
    links = _parsed(parts.get(_LINKS, empty))
    override = {"PartName": f"/{_COMMENTS}", "ContentType": _TYPE}
    etree.SubElement(contents, f"{{{_PACKAGE}content-types}}Override", override)
    link = {"Id": f"rIdMarked{len(links)}", "Type": _KIND, "Target": "comments.xml"}
    etree.SubElement(links, f"{{{_PACKAGE}relationships}}Relationship", link)
    made = {_CONTENTS: _written(contents), _LINKS: _written(links), _COMMENTS: comments.encode()}
    return {**parts, **made}


def _comment(fault: Fault, number: str, make: Made) -> etree._Element:
    text = make("t")
    text.text = visible(f"{fault.message}。{fault.remedy}。")
    return make("comment", make("p", make("r", text)), id=number, author=AUTHOR, initials="检")


def _anchor(paragraph: etree._Element, fault: Fault, number: str, make: Made) -> None:
    """Put the comment around the words, and colour them; where there are none, at the paragraph's end."""
    opening, closing = make("commentRangeStart", id=number), make("commentRangeEnd", id=number)
    reference = make("r", make("commentReference", id=number))
    start, end = (max(place - fault.n_label, 0) for place in (fault.start, fault.end))
    for place in (start, end):
        _cut(paragraph, place)
    runs = [leaf.run for leaf in pieces_of(paragraph).leaves if start <= leaf.start < end and leaf.text]
    if not runs:
        paragraph.extend([opening, closing, reference])
        return
    runs[0].addprevious(opening)
    runs[-1].addnext(closing)
    closing.addnext(reference)
    for run in () if fault.is_whole else runs:
        _colour(run, make)


def _cut(paragraph: etree._Element, place: int) -> None:
    """Cut the run that holds a place into two, so that one ends there."""
    leaves = pieces_of(paragraph).leaves
    inside = next((leaf for leaf in leaves if leaf.start < place < leaf.start + len(leaf.text)), None)
    first = next((leaf for leaf in leaves if leaf.start == place and leaf.text), None)
    if inside is not None:
        _cut_leaf(inside, place - inside.start)
    elif first is not None and any(leaf.run is first.run and leaf.start < place for leaf in leaves):
        _cut_leaf(first, 0)


def _cut_leaf(leaf: Leaf, place: int) -> None:
    """The run from a place of one of its texts on as a run of its own behind it."""
    run, at = leaf.run, leaf.run.index(leaf.element)
    behind = copy.deepcopy(run)
    for child in [child for n, child in enumerate(behind) if n < at and local_name(child) != "rPr"]:
        behind.remove(child)
    for child in list(run)[at + 1 :]:
        run.remove(child)
    if place:
        leaf.element.text, rest = leaf.text[:place], leaf.text[place:]
        cut = next(child for child in behind if local_name(child) != "rPr")
        cut.text = rest
        for element in (leaf.element, cut):
            element.set(_PRESERVE, "preserve")
    else:
        run.remove(leaf.element)
    behind.tail, run.tail = run.tail, None
    run.addnext(behind)


def _colour(run: etree._Element, make: Made) -> None:
    """Highlight a run, its setting at the place that the schema gives it."""
    properties = run.find("{*}rPr")
    if properties is None:
        properties = make("rPr")
        run.insert(0, properties)
    for there in properties.findall("{*}highlight"):
        properties.remove(there)
    before = [n for n, child in enumerate(properties) if local_name(child) in _BEHIND_HIGHLIGHT]
    properties.insert(before[0] if before else len(properties), make("highlight", val="yellow"))
