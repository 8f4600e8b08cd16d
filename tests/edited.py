"""What people do to a bulletin in Word or WPS: edits that spoil it, each with the code that must be told, and harmless ones.

An edit takes the bytes of a .docx that is built as our bulletins are and gives bytes; it looks its places up, so it
works on any of them. Raises LookupError where a document has no such place.
"""

from __future__ import annotations

import copy
import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from tests.house import REPOSITORY

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN, STYLES, SETTINGS = "word/document.xml", "word/styles.xml", "word/settings.xml"
Edit = Callable[["Draft"], None]


def w(name: str) -> str:
    return f"{{{W}}}{name}"


def make(name: str, /, *inside: etree._Element, **attributes: str) -> etree._Element:
    element = etree.Element(w(name))
    element.extend(inside)
    for key, value in attributes.items():
        element.set(w(key), value)
    return element


@dataclass
class Draft:
    """A .docx opened for editing: its parts, the XML ones as trees."""

    data: bytes
    parts: dict[str, bytes] = field(init=False)
    trees: dict[str, etree._Element] = field(init=False)

    def __post_init__(self) -> None:
        with zipfile.ZipFile(io.BytesIO(self.data)) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}
        names = [name for name in self.parts if name.endswith(".xml") and name.startswith("word/")]
        self.trees = {name: etree.fromstring(self.parts[name]) for name in names}

    def saved(self) -> bytes:
        written = {
            name: etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
            for name, tree in self.trees.items()
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
            for name, part in {**self.parts, **written}.items():
                package.writestr(zipfile.ZipInfo(name), part)
        return buffer.getvalue()

    @property
    def body(self) -> etree._Element:
        return self.trees[MAIN].find(w("body"))

    @property
    def paragraphs(self) -> list[etree._Element]:
        """Those outside tables."""
        return [p for p in self.body.iter(w("p")) if next(p.iterancestors(w("tc")), None) is None]

    def styled(self, *style_ids: str) -> list[etree._Element]:
        return [p for p in self.paragraphs if style_of(p) in style_ids and text_of(p)]

    def one(self, style_id: str, place: int = 0) -> etree._Element:
        return self.styled(style_id)[place]

    def holding(self, pattern: str, *style_ids: str) -> etree._Element:
        """The first paragraph whose text holds a pattern."""
        among = self.styled(*style_ids) if style_ids else self.paragraphs
        found = next((p for p in among if re.search(pattern, text_of(p))), None)
        if found is None:
            raise LookupError(pattern)
        return found

    @property
    def plain(self) -> etree._Element:
        """A text paragraph of the first part, to which sentences may be added: not below a class of problems."""
        first, end = (self.paragraphs.index(self.holding(n, "Heading1")) for n in ("^一、", "^二、"))
        return next(p for p in self.paragraphs[first:end] if style_of(p) == "BodyText")

    @property
    def problem(self) -> etree._Element:
        """The text below the first class of problems."""
        first = self.paragraphs.index(self.holding("^二、", "Heading1"))
        heading = next(p for p in self.paragraphs[first:] if style_of(p) == "Heading2")
        return next(p for p in self.paragraphs[self.paragraphs.index(heading) :] if style_of(p) == "BodyText")

    def bookmarks(
        self, pattern: str = r".", in_cells: bool = False
    ) -> list[tuple[etree._Element, etree._Element]]:
        """Our bookmarks whose text matches: the start and the run behind it."""
        found = []
        for start in self.body.iter(w("bookmarkStart")):
            run = start.getnext()
            is_cell = next(start.iterancestors(w("tc")), None) is not None
            is_ours = start.get(w("name"), "").startswith("lz_") and run is not None and run.tag == w("r")
            if is_ours and is_cell == in_cells and re.search(pattern, text_of(run)):
                found.append((start, run))
        if not found:
            raise LookupError(pattern)
        return found

    @property
    def sections(self) -> list[etree._Element]:
        return list(self.body.iter(w("sectPr")))

    def footers(self, kind: str = "") -> list[etree._Element]:
        """The footers of odd (default) or even pages, or both."""
        links = etree.fromstring(self.parts["word/_rels/document.xml.rels"])
        targets = {link.get("Id"): f"word/{link.get('Target')}" for link in links}
        references = [r for section in self.sections for r in section.findall(w("footerReference"))]
        ids = [{k.rpartition("}")[2]: v for k, v in r.attrib.items()} for r in references]
        return [self.trees[targets[one["id"]]] for one in ids if kind in ("", one["type"])]


def text_of(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(w("t")))


def style_of(paragraph: etree._Element) -> str:
    found = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    return "" if found is None else found.get(w("val"), "")


def settings(element: etree._Element, kind: str) -> etree._Element:
    """pPr of a paragraph or rPr of a run, made where there is none."""
    found = element.find(w(kind))
    if found is None:
        found = make(kind)
        element.insert(0, found)
    return found


def put(properties: etree._Element, name: str, /, **values: str) -> None:
    """Set a property (places in the schema do not matter to what reads them here)."""
    for there in properties.findall(w(name)):
        properties.remove(there)
    properties.append(make(name, **values))


def look(paragraph: etree._Element, name: str, /, **values: str) -> None:
    for run in paragraph.iter(w("r")):
        put(settings(run, "rPr"), name, **values)


def shape(paragraph: etree._Element, name: str, /, **values: str) -> None:
    put(settings(paragraph, "pPr"), name, **values)


def replace(paragraph: etree._Element, old: str, new: str) -> None:
    """Change words that stand in one run."""
    for text in paragraph.iter(w("t")):
        if old in (text.text or ""):
            text.text = text.text.replace(old, new, 1)
            return
    raise LookupError(old)


def add(paragraph: etree._Element, words: str) -> None:
    """Type a sentence at the end, in the look of what stands there."""
    run = copy.deepcopy([r for r in paragraph.iter(w("r")) if text_of(r)][-1])
    for child in list(run):
        if child.tag != w("rPr"):
            run.remove(child)
    text = make("t")
    text.text = words
    run.append(text)
    paragraph.append(run)


def typed(run: etree._Element, words: str) -> None:
    """Other words in a run."""
    texts = list(run.iter(w("t")))
    texts[0].text = words
    for text in texts[1:]:
        text.text = ""


def without_bookmark(start: etree._Element) -> None:
    """As Word does when what a bookmark holds is selected and typed over."""
    parent, id_ = start.getparent(), start.get(w("id"))
    root = start.getroottree().getroot()
    for end in [e for e in root.iter(w("bookmarkEnd")) if e.get(w("id")) == id_]:
        end.getparent().remove(end)
    parent.remove(start)


def without_all_bookmarks(draft: Draft) -> None:
    for start in [s for s in draft.body.iter(w("bookmarkStart")) if s.get(w("name"), "").startswith("lz_")]:
        without_bookmark(start)


def saying(words: str) -> Edit:
    """A sentence is added to the text of the first part."""
    return lambda draft: add(draft.plain, words)


def raised(number: str) -> str:
    """A number with its last digit changed."""
    found = list(re.finditer(r"\d", number))[-1]
    return number[: found.start()] + str((int(found[0]) + 1) % 10) + number[found.end() :]


def of_styles(draft: Draft) -> Iterator[etree._Element]:
    yield from draft.trees[STYLES].iter(w("style"))


def style(draft: Draft, id_: str) -> etree._Element:
    return next(one for one in of_styles(draft) if one.get(w("styleId")) == id_)


# ---- layout


def letter_paper(draft: Draft) -> None:
    for section in draft.sections:
        size = section.find(w("pgSz"))
        size.set(w("w"), "12240")
        size.set(w("h"), "15840")


def margin(side: str, twips: str) -> Edit:
    def edit(draft: Draft) -> None:
        for section in draft.sections:
            section.find(w("pgMar")).set(w(side), twips)

    return edit


def grid_of_fifteen_points(draft: Draft) -> None:
    for section in draft.sections:
        put(section, "docGrid", type="lines", linePitch="312")


def no_grid(draft: Draft) -> None:
    for section in draft.sections:
        for there in section.findall(w("docGrid")):
            section.remove(there)


def no_tracking(draft: Draft) -> None:
    for tree in draft.trees.values():
        for properties in tree.iter(w("rPr")):
            for there in properties.findall(w("spacing")):
                properties.remove(there)


def fonted(style_id: str, font: str) -> Edit:
    return lambda draft: look(draft.one(style_id), "rFonts", eastAsia=font, ascii=font, hAnsi=font)


def sized(style_id: str, half_points: str) -> Edit:
    return lambda draft: look(draft.one(style_id), "sz", val=half_points)


def bold_style(draft: Draft) -> None:
    settings(style(draft, "Heading1"), "rPr").append(make("b"))


def aligned(style_id: str, align: str) -> Edit:
    return lambda draft: shape(draft.one(style_id), "jc", val=align)


def no_indent(draft: Draft) -> None:
    shape(draft.plain, "ind", firstLineChars="0", firstLine="0")


def pitched(line: str, rule: str) -> Edit:
    return lambda draft: shape(draft.plain, "spacing", line=line, lineRule=rule)


def no_blank_after_title(draft: Draft) -> None:
    blank = draft.one("Title").getnext()
    assert not text_of(blank)
    draft.body.remove(blank)


def attachment_on_the_same_page(draft: Draft) -> None:
    attachment = draft.one("Attachment")
    shape(attachment, "pageBreakBefore", val="0")
    before = attachment.getprevious()
    for element in (attachment, before):
        for there in [b for b in element.iter(w("br")) if b.get(w("type")) == "page"]:
            there.getparent().remove(there)


def date_on_the_margin(draft: Draft) -> None:
    date = draft.holding(r"^\d{4}年\d+月\d+日$")
    shape(date, "ind", right="0", rightChars="0", left="0", leftChars="0", firstLine="0", firstLineChars="0")
    shape(date, "jc", val="right")


def no_page_number(draft: Draft) -> None:
    for footer in draft.footers():
        for field_ in [*footer.iter(w("fldSimple")), *footer.iter(w("instrText"))]:
            field_.getparent().remove(field_)


def even_number_on_the_right(draft: Draft) -> None:
    for paragraph in draft.footers("even")[0].iter(w("p")):
        shape(paragraph, "jc", val="right")


def odd_and_even_alike(draft: Draft) -> None:
    root = draft.trees[SETTINGS]
    root.remove(root.find(w("evenAndOddHeaders")))


def page_number_look(name: str, **values: str) -> Edit:
    def edit(draft: Draft) -> None:
        for footer in draft.footers():
            for paragraph in footer.iter(w("p")):
                look(paragraph, name, **values)

    return edit


# ---- numbering


def class_taken_out(draft: Draft) -> None:
    """The second class of problems is deleted with its text, the numbers behind it stay."""
    first = draft.paragraphs.index(draft.holding("^二、", "Heading1"))
    headings = [p for p in draft.paragraphs[first:] if style_of(p) == "Heading2"]
    following = headings[1].getnext()
    while following is not headings[2]:
        following, there = following.getnext(), following
        draft.body.remove(there)
    draft.body.remove(headings[1])


def numbered(style_id: str, old: str, new: str) -> Edit:
    def edit(draft: Draft) -> None:
        replace(draft.holding("^" + re.escape(old), style_id), old, new)

    return edit


def item_skipped(draft: Draft) -> None:
    """三要 at the end of a row becomes 四要."""
    last = [p for p in draft.styled("BodyText") if re.match("[二三四五六七]要", text_of(p))][-1]
    number = text_of(last)[0]
    replace(last, number, "三四五六七八"["二三四五六七".index(number)])


def caption_skipped(draft: Draft) -> None:
    last = [p for p in draft.styled("Caption") if text_of(p).startswith("图")][-1]
    number = re.search(r"\d+", text_of(last))
    assert number
    replace(last, number[0], str(int(number[0]) + 1))


def attachment_renumbered(draft: Draft) -> None:
    last = draft.styled("Attachment")[-1]
    number = re.search(r"\d+", text_of(last))
    if number is None:
        raise LookupError("a numbered attachment")
    replace(last, number[0], str(int(number[0]) + 1))


def enclosure_renamed(draft: Draft) -> None:
    paragraph = draft.one("Enclosures", -1)
    texts = [t for t in paragraph.iter(w("t")) if t.text]
    texts[-1].text = re.sub(r"[^\d附件：.．\s]+$", "有关问题分工方案", texts[-1].text)


def attachment_title_renamed(draft: Draft) -> None:
    typed(next(iter(draft.one("AttachmentTitle").iter(w("r")))), "另外一份材料")


def deep_heading_without_its_upper_ones(draft: Draft) -> None:
    new = copy.deepcopy(draft.holding("^（一）", "Heading2"))
    for run in list(new.iter(w("r")))[1:]:
        run.getparent().remove(run)
    typed(next(iter(new.iter(w("r")))), "（1）有关要求")
    shape(new, "pStyle", val="Heading4")
    draft.plain.addnext(new)


# ---- words


def date_with_zero(draft: Draft) -> None:
    date = draft.holding(r"^\d{4}年\d+月\d+日$")
    typed(next(iter(date.iter(w("r")))), "2018年02月28日")
    for run in list(date.iter(w("r")))[1:]:
        run.getparent().remove(run)


def document_number(old: str, new: str) -> Edit:
    return lambda draft: replace(draft.one("DocumentNumber"), old, new)


def half_colon(draft: Draft) -> None:
    replace(draft.one("Addressee"), "：", ":")


# ---- names and figures


def swapped_names(draft: Draft) -> None:
    """Two units of different classes change places."""
    names = draft.bookmarks(r"^[\u4e00-\u9fff]{3,}$")
    first, last = names[0][1], names[-1][1]
    one, other = text_of(first), text_of(last)
    assert one != other
    typed(first, other)
    typed(last, one)


def name_typed_over(draft: Draft) -> None:
    pairs = draft.bookmarks(r"^[\u4e00-\u9fff]{3,}$")
    start, run = next(pair for pair in pairs if pair[0].getparent() is draft.problem)
    typed(run, "晨光物业" if text_of(run) != "晨光物业" else "档案馆")
    without_bookmark(start)


def number_changed(pattern: str, in_cells: bool = False) -> Edit:
    def edit(draft: Draft) -> None:
        _, run = draft.bookmarks(pattern, in_cells)[-1]
        typed(run, raised(text_of(run)))

    return edit


def number_typed_over(pattern: str, in_cells: bool = False) -> Edit:
    """The number is selected and typed over: its bookmark is gone."""

    def edit(draft: Draft) -> None:
        found = draft.bookmarks(pattern, in_cells)
        start, run = found[len(found) // 2]
        typed(run, raised(text_of(run)))
        without_bookmark(start)

    return edit


def digit_typed(is_before: bool) -> Edit:
    """A digit is typed at the edge of a number: it stands beside the bookmark."""

    def edit(draft: Draft) -> None:
        start, run = draft.bookmarks(r"^\d+$")[0]
        new = copy.deepcopy(run)
        typed(new, "1")
        start.addprevious(new) if is_before else run.getnext().addnext(new)

    return edit


def copied_without_bookmarks(draft: Draft) -> None:
    """The text comes into another file by copy and paste as text, and a count is changed."""
    number = next(run for start, run in draft.bookmarks(r"^\d+$") if start.getparent() is draft.problem)
    typed(number, raised(text_of(number)))
    without_all_bookmarks(draft)


FAULTS: dict[str, tuple[str, Edit]] = {
    "letter_paper": ("page_size", letter_paper),
    "left_margin": ("margins", margin("left", "1800")),
    "top_margin": ("margins", margin("top", "1440")),
    "grid_of_word": ("grid", grid_of_fifteen_points),
    "no_grid": ("grid", no_grid),
    "no_tracking": ("characters", no_tracking),
    "text_in_songti": ("font", fonted("BodyText", "宋体")),
    "heading_in_fangsong": ("font", fonted("Heading1", "仿宋_GB2312")),
    "second_heading_in_heiti": ("font", fonted("Heading2", "黑体")),
    "title_in_heiti": ("font", fonted("Title", "黑体")),
    "text_of_14_points": ("size", sized("BodyText", "28")),
    "title_of_18_points": ("size", sized("Title", "36")),
    "bold_text": ("bold", lambda draft: look(draft.plain, "b")),
    "bold_headings": ("bold", bold_style),
    "title_left": ("align", aligned("Title", "left")),
    "text_centred": ("align", aligned("BodyText", "center")),
    "no_indent": ("indent", no_indent),
    "one_and_a_half_lines": ("pitch", pitched("360", "auto")),
    "pitch_of_28_points": ("pitch", pitched("560", "exact")),
    "no_blank_after_title": ("blank_after_title", no_blank_after_title),
    "attachment_on_the_same_page": ("attachment_page", attachment_on_the_same_page),
    "date_on_the_margin": ("date_place", date_on_the_margin),
    "no_page_number": ("page_number", no_page_number),
    "even_number_on_the_right": ("page_number_sides", even_number_on_the_right),
    "odd_and_even_alike": ("page_number_sides", odd_and_even_alike),
    "small_page_number": ("page_number_look", page_number_look("sz", val="18")),
    "page_number_in_heiti": ("page_number_look", page_number_look("rFonts", eastAsia="黑体")),
    "class_taken_out": ("skipped", class_taken_out),
    "number_repeated": ("repeated", numbered("Heading2", "（二）", "（一）")),
    "part_skipped": ("skipped", numbered("Heading1", "三、", "四、")),
    "half_bracket": ("number_form", numbered("Heading2", "（一）", "（一)")),
    "dot_for_pause_mark": ("number_form", numbered("Heading1", "二、", "二.")),
    "item_skipped": ("skipped", item_skipped),
    "items_in_a_row_skipped": ("skipped", saying("工作要求一是提高认识，三是抓好落实。")),
    "caption_skipped": ("skipped", caption_skipped),
    "attachment_renumbered": ("skipped", attachment_renumbered),
    "enclosure_renamed": ("enclosures", enclosure_renamed),
    "attachment_title_renamed": ("enclosures", attachment_title_renamed),
    "deep_heading": ("level_skipped", deep_heading_without_its_upper_ones),
    "letters_for_a_unit": ("placeholder", saying("XXX党委做法较好。")),
    "letters_for_a_day": ("placeholder", saying("检查组于X月X日进驻。")),
    "letter_for_a_number": ("placeholder", saying("共整改问题x 件。")),
    "stars": ("placeholder", saying("***党委做法较好。")),
    "circles": ("placeholder", saying("○○党委做法较好。")),
    "somebody": ("placeholder", saying("某某党委做法较好。")),
    "field_of_a_template": ("placeholder", saying("现场测试{n_quiz}人次。")),
    "gap_for_a_number": ("blank_number", saying("检查共发现  个问题。")),
    "gap_before_money": ("blank_number", saying("比上年减少 万元。")),
    "to_be_set": ("to_be_set", saying("具体名单待定。")),
    "empty_brackets": ("empty_brackets", saying("有关做法【】值得学习。")),
    "number_without_number": ("document_number_blank", saying("按照局党委第号文件执行。")),
    "that_township": ("other_place", saying("有的针对该乡纪律作风问题开展整治。")),
    "our_county": ("other_place", saying("这些做法推动了我县作风好转。")),
    "doubled_stop": ("doubled_mark", saying("各单位要抓好落实。。")),
    "half_comma": ("half_mark", saying("各单位要提高认识,抓好落实。")),
    "date_with_zero": ("date_form", date_with_zero),
    "date_in_numerals": ("date_form", saying("上次检查在二〇一七年十二月一日。")),
    "square_brackets": ("document_number", document_number("〔2018〕", "[2018]")),
    "padded_number": ("document_number", document_number("〕", "〕第0")),
    "half_colon": ("addressee_colon", half_colon),
    "name_misspelt": ("unit_misspelt", saying("东何管理处做法较好。")),
    "name_with_another_ending": ("unit_misspelt", saying("南坡管理局做法较好。")),
    "old_name": ("unit_alias", saying("原东河管理所做法较好。")),
    "names_swapped": ("unit_changed", swapped_names),
    "name_typed_over": ("unit_changed", name_typed_over),
    "unit_without_finding": ("unit_without_finding", lambda draft: add(draft.problem, "档案馆也有此类问题。")),
    "number_changed": ("figure_changed", number_changed(r"^\d+$")),
    "date_changed": ("figure_changed", number_changed("日$")),
    "share_changed": ("figure_changed", number_changed("%$")),
    "number_typed_over": ("figure_changed", number_typed_over(r"^\d+$")),
    "digit_typed_before": ("figure_changed", digit_typed(True)),
    "digit_typed_behind": ("figure_changed", digit_typed(False)),
    "cell_changed": ("figure_changed", number_changed(r"^\d+$", in_cells=True)),
    "cell_typed_over": ("figure_changed", number_typed_over(r"^\d+$", in_cells=True)),
    "copied_without_bookmarks": ("figure_changed", copied_without_bookmarks),
}  # fmt: skip
"""Name → the code of the only kind of fault that the check may tell, and the edit."""


# ---- harmless edits


def sentence_deleted(draft: Draft) -> None:
    """A sentence goes, with a bookmark that it held."""
    start, run = draft.bookmarks("%$")[0]
    paragraph = start.getparent()
    before = start.getprevious()
    words = text_of(before)
    cut = max(words.rfind(mark) for mark in "，。；")
    typed(before, words[:cut] + "。")
    behind = run.getnext().getnext()
    typed(behind, text_of(behind).partition("。")[2])
    without_bookmark(start)
    paragraph.remove(run)


def class_deleted_and_renumbered(draft: Draft) -> None:
    class_taken_out(draft)
    first = draft.paragraphs.index(draft.holding("^二、", "Heading1"))
    for place, heading in enumerate([p for p in draft.paragraphs[first:] if style_of(p) == "Heading2"][1:]):
        replace(heading, "（" + "三四五六七八"[place] + "）", "（" + "二三四五六七"[place] + "）")


def new_paragraph(draft: Draft) -> None:
    new = make("p", make("pPr", make("pStyle", val="BodyText")))
    run, words = make("r"), make("t")
    words.text = "希望各单位再接再厉，持续抓好落实。"
    run.append(words)
    new.append(run)
    draft.plain.addnext(new)


def retyped(pattern: str, other: Callable[[str], str]) -> Edit:
    def edit(draft: Draft) -> None:
        _, run = draft.bookmarks(pattern)[-1]
        typed(run, other(text_of(run)))

    return edit


def tracked_insertion(draft: Draft) -> None:
    add(draft.plain, "各单位要引以为戒。")
    run = list(draft.plain)[-1]
    wrapped = make("ins", id="901", author="办公室")
    run.addprevious(wrapped)
    wrapped.append(run)


def tracked_deletion(draft: Draft) -> None:
    add(draft.plain, "XX党委请补。")
    run = list(draft.plain)[-1]
    run.find(w("t")).tag = w("delText")
    wrapped = make("del", id="902", author="办公室")
    run.addprevious(wrapped)
    wrapped.append(run)


def tracked_format(draft: Draft) -> None:
    run = next(r for r in draft.plain.iter(w("r")) if text_of(r))
    old = make("rPr", make("b"), make("sz", val="21"))
    settings(run, "rPr").append(make("rPrChange", old, id="903", author="办公室"))


def split_runs(draft: Draft) -> None:
    """As WPS does while people type."""
    for run in [r for r in draft.plain.iter(w("r")) if len(text_of(r)) > 3]:
        behind = copy.deepcopy(run)
        words = text_of(run)
        typed(run, words[:2])
        typed(behind, words[2:])
        run.addnext(behind)
        run.addnext(make("proofErr", type="spellStart"))


def comment_added(draft: Draft) -> None:
    run = next(r for r in draft.plain.iter(w("r")) if text_of(r))
    run.addprevious(make("commentRangeStart", id="0"))
    run.addnext(make("r", make("commentReference", id="0")))
    run.addnext(make("commentRangeEnd", id="0"))
    words = make("t")
    words.text = "XX处请核。"
    comment = make("comment", make("p", make("r", words)), id="0", author="办公室")
    root = etree.Element(w("comments"), nsmap={"w": W})
    root.append(comment)
    draft.trees["word/comments.xml"] = root
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
    part = f'<Override PartName="/word/comments.xml" ContentType="{kind}"/></Types>'
    draft.parts["[Content_Types].xml"] = draft.parts["[Content_Types].xml"].replace(
        b"</Types>", part.encode()
    )
    type_ = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    link = f'<Relationship Id="rIdNote" Type="{type_}" Target="comments.xml"/></Relationships>'
    rels = "word/_rels/document.xml.rels"
    draft.parts[rels] = draft.parts[rels].replace(b"</Relationships>", link.encode())


def table_added(draft: Draft) -> None:
    def cell(words: str) -> etree._Element:
        text = make("t")
        text.text = words
        return make("tc", make("tcPr"), make("p", make("r", text)))

    rows = [make("tr", cell("联系人"), cell("电话")), make("tr", cell("办公室"), cell("12345678"))]
    draft.plain.addnext(make("tbl", make("tblPr"), make("tblGrid", make("gridCol"), make("gridCol")), *rows))


def page_break_by_hand(draft: Draft) -> None:
    attachment = draft.one("Attachment")
    shape(attachment, "pageBreakBefore", val="0")
    attachment.addprevious(make("p", make("r", make("br", type="page"))))


def all_fonts(**fonts: str) -> Edit:
    """The names under which WPS or another office has the same faces."""

    def edit(draft: Draft) -> None:
        for tree in draft.trees.values():
            for element in tree.iter(w("rFonts")):
                for name, value in list(element.attrib.items()):
                    element.set(name, fonts.get(value, value))

    return edit


def indent_by_spaces(draft: Draft) -> None:
    shape(draft.plain, "ind", firstLineChars="0", firstLine="0")
    first = next(t for t in draft.plain.iter(w("t")) if t.text)
    first.text = "　　" + first.text


def pitch_by_the_grid(draft: Draft) -> None:
    shape(draft.plain, "spacing", line="240", lineRule="auto")


def paragraph_moved(draft: Draft) -> None:
    """A paragraph of the last part changes places with the next one."""
    last = draft.paragraphs.index(draft.holding("^三、", "Heading1"))
    texts = [
        p
        for p in draft.paragraphs[last:]
        if style_of(p) == "BodyText" and not re.match("[一二三四五六七八九]要", text_of(p))
    ]
    texts[0].addprevious(texts[-1])


def names_reordered(draft: Draft) -> None:
    """东河处、西岭处 → 西岭处、东河处, with their bookmarks."""
    pairs = [p for p in draft.bookmarks(r"^[\u4e00-\u9fff]{3,}$") if p[0].getparent() is draft.problem]
    if len(pairs) < 2:
        raise LookupError("a class with two units")
    (first, one), (second, other) = pairs[:2]
    ends = [run.getnext() for run in (one, other)]
    mark = make("proofErr", type="gramStart")
    first.addprevious(mark)
    for element in (second, other, ends[1]):
        mark.addprevious(element)
    anchor = ends[0].getnext()
    anchor.addnext(ends[0])
    anchor.addnext(one)
    anchor.addnext(first)
    mark.getparent().remove(mark)


def own_bookmark(draft: Draft) -> None:
    draft.plain.append(make("bookmarkStart", id="990", name="_GoBack"))
    draft.plain.append(make("bookmarkEnd", id="990"))


def other_name(draft: Draft) -> None:
    """The full name of a unit for its short one, or the other way round."""
    with (REPOSITORY / "config/2018/units.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["name"], row["short_name"]) for row in csv.DictReader(file)]
    others = {**dict(pairs), **{short: name for name, short in pairs}}
    run = next(run for _, run in draft.bookmarks("^[\u4e00-\u9fff]{3,}$") if text_of(run) in others)
    typed(run, others[text_of(run)])


HARMLESS: dict[str, Edit] = {
    "a_sentence_more": saying("各单位要以此次检查为契机，进一步压实责任。"),
    "another_tone": lambda draft: replace(draft.holding("切实抓好整改"), "切实抓好整改", "不折不扣抓好整改落实"),
    "a_sentence_deleted": sentence_deleted,
    "a_class_deleted_and_renumbered": class_deleted_and_renumbered,
    "a_new_paragraph_in_style": new_paragraph,
    "a_paragraph_moved": paragraph_moved,
    "names_reordered": names_reordered,
    "full_width_digits": retyped(r"^\d+$", lambda t: t.translate(str.maketrans("0123456789", "０１２３４５６７８９"))),
    "a_thousands_comma": retyped(r"^\d{4}$", lambda t: f"{t[0]},{t[1:]}"),
    "a_chinese_numeral": retyped(r"^[1-9]$", lambda t: "零一二三四五六七八九"[int(t)]),
    "the_other_name": other_name,
    "all_bookmarks_lost": without_all_bookmarks,
    "a_tracked_insertion": tracked_insertion,
    "a_tracked_deletion": tracked_deletion,
    "a_tracked_change_of_format": tracked_format,
    "runs_split": split_runs,
    "a_comment": comment_added,
    "a_table": table_added,
    "a_page_break_by_hand": page_break_by_hand,
    "fonts_of_wps": all_fonts(**{"仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体"}),
    "fonts_of_founder": all_fonts(**{"方正小标宋简体": "方正小标宋_GBK", "仿宋_GB2312": "方正仿宋_GBK", "黑体": "方正黑体_GBK"}),
    "fonts_in_english": all_fonts(**{"黑体": "SimHei", "宋体": "SimSun", "仿宋_GB2312": "FangSong_GB2312"}),
    "an_indent_in_points": lambda draft: shape(draft.plain, "ind", firstLine="640"),
    "an_indent_by_spaces": indent_by_spaces,
    "lines_by_the_grid": pitch_by_the_grid,
    "a_bookmark_of_word": own_bookmark,
    "items_in_a_row": saying("要做到以下几点：一是提高认识；二是抓好落实；三是严肃问责。"),
    "a_range_and_a_product": saying("按照“五个一”要求，3×4格的表由第2至第5小组填写（含X光室）。"),
    "another_number_rightly_written": saying("请对照示例纪〔2017〕3号文件执行。"),
    "a_unit_praised": saying("档案馆、信息中心和晨光物业做法较好。"),
}  # fmt: skip
"""Name → an edit of which nothing may be told."""


def edited(data: bytes, edit: Edit) -> bytes:
    """The document as a person leaves it."""
    draft = Draft(data)
    edit(draft)
    return draft.saved()
