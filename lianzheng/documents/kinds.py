"""What each paragraph of an official document is: a kind of :data:`gbt9704.LEVELS`, by its words first, then by its style."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lianzheng.documents.gbt9704 import LEVELS
from lianzheng.documents.paper import Paper, Paragraph

NUMERAL = "[一二三四五六七八九十百]+"
HEADINGS = {
    "heading1": re.compile(rf"\s*(?P<number>{NUMERAL})(?P<mark>[、.．，,])(?!\s*$)"),
    "heading2": re.compile(rf"\s*[（(](?P<number>{NUMERAL})[)）](?P<mark>[、.．，,]?)"),
    "heading3": re.compile(r"\s*(?P<number>[0-9０-９]{1,2})(?P<mark>[.．、])(?![0-9０-９])"),
    "heading4": re.compile(r"\s*[（(](?P<number>[0-9０-９]{1,2})[)）](?P<mark>[、.．，,]?)"),
}
"""How the levels of headings begin, well written or not."""
CAPTION = re.compile(r"\s*(?P<what>[图表])\s*(?P<number>\d+)(?!\d)(?![^。]*。)")
ATTACHMENT = re.compile(r"\s*附件\s*(?P<number>[\d一二三四五六七八九十]*)\s*[：:]?\s*$")
_DATE = re.compile(
    r"\s*[\d〇○零一二三四五六七八九十XxＸ]{1,4}年[\d一二三四五六七八九十XxＸ]{1,3}月[\d一二三四五六七八九十XxＸ]{1,3}日\s*$"
)
_NUMBER = re.compile(
    r"\s*\S{1,20}[〔\[［(（【]\s*(?:20\d\d|[Xx*]+)?\s*[〕\]］)）】]\s*第?\s*[\dXx*]*\s*号\s*$"
)
_CLASSIFICATION = re.compile(r"\s*(?:绝密|机密|秘密|内部|不公开)\S{0,8}\s*$")
_ENCLOSURES = re.compile(r"\s*附\s*件[：:]\s*\S")
_ENCLOSURE_LINE = re.compile(r"\s*\d+\s*[.．、]")
_ADDRESSEE = re.compile(r"[^。！？]{1,200}(?<!如下)[：:]\s*$")
_TITLE = re.compile(r"\S*(?:关于|的)\S*(?:通报|通知|报告|意见|决定|函|请示|批复|纪要|公告)\s*$")
_LONGEST_NAME, _LARGE_PT = 30, 18.0
_STYLES = {level.style_id: kind for kind, level in LEVELS.items()}
Kinds = tuple[str, ...]
"""For each paragraph a kind of LEVELS, or ``cell``, ``blank``, ``figure``, ``other``."""


def kinds_of(paper: Paper) -> Kinds:
    """The kind of every paragraph."""
    kinds = [_by_words(paragraph) for paragraph in paper.paragraphs]
    _mark_head(paper, kinds)
    _mark_enclosures(paper, kinds)
    _mark_signature(paper, kinds)
    _mark_attachments(paper, kinds)
    return tuple(kinds)


def heading_end(text: str, kind: str) -> int:
    """Where a heading ends in its paragraph: with its first sentence where text goes on behind it."""
    full_stop = text.find("。")
    return full_stop + 1 if kind.startswith("heading") and 0 <= full_stop < len(text) - 1 else len(text)


def _by_words(paragraph: Paragraph) -> str:
    text = paragraph.text
    if paragraph.is_cell or paragraph.is_blank:
        return "cell" if paragraph.is_cell else "blank"
    if paragraph.has_picture and not text.strip():
        return "figure"
    patterns = {"attachment": ATTACHMENT, "enclosures": _ENCLOSURES, "caption": CAPTION, **HEADINGS}
    found = next((kind for kind, pattern in patterns.items() if pattern.match(text)), "")
    if found:
        return found
    styled = _STYLES.get(paragraph.style_id, "")
    if styled:
        return "" if styled in ("title", "attachment_title", "signature", "enclosures", "body") else styled
    return ""


def _mark_head(paper: Paper, kinds: list[str]) -> None:
    """Classification, document number, title and addressee: what stands before the text."""
    written = [p for p in paper.written if not p.has_picture]
    titles = [
        p.index
        for p in written[:8]
        if p.style_id == LEVELS["title"].style_id and not kinds[p.index].startswith("heading")
    ]
    for paragraph in written[:8]:
        if _NUMBER.match(paragraph.text):
            kinds[paragraph.index] = "number"
        elif _CLASSIFICATION.match(paragraph.text):
            kinds[paragraph.index] = "classification"
        elif not titles and kinds[paragraph.index] in ("", "addressee") and _is_title(paragraph):
            titles.append(paragraph.index)
    for index in titles[:3]:
        kinds[index] = "title"
    _mark_addressee(paper, kinds, titles)


def _is_title(paragraph: Paragraph) -> bool:
    text = paragraph.text.strip()
    is_short = len(text) <= 60 and text[-1] not in "。；：:，"
    is_large = paragraph.size_pt >= _LARGE_PT
    return is_short and (is_large or paragraph.shape.align == "center" or bool(_TITLE.match(text)))


def _mark_addressee(paper: Paper, kinds: list[str], titles: Sequence[int]) -> None:
    """The first paragraph behind the title, where it ends with a colon."""
    behind = [
        p for p in paper.written if titles and p.index > titles[-1] and kinds[p.index] not in ("number",)
    ]
    if behind and _ADDRESSEE.match(behind[0].text) and kinds[behind[0].index] in ("", "addressee"):
        kinds[behind[0].index] = "addressee"


def _mark_enclosures(paper: Paper, kinds: list[str]) -> None:
    """The numbered lines that follow “附件：1. …” without a gap."""
    previous = ""
    for paragraph in paper.paragraphs:
        if previous == "enclosures" and _ENCLOSURE_LINE.match(paragraph.text):
            kinds[paragraph.index] = "enclosures"
        previous = kinds[paragraph.index]


def _mark_signature(paper: Paper, kinds: list[str]) -> None:
    """The date, alone in its line behind the text, and the name over it."""
    lines = [p for p in paper.written if kinds[p.index] in ("", "body", "signature") or _DATE.match(p.text)]
    for place, paragraph in enumerate(lines):
        if not _DATE.match(paragraph.text) or "title" not in kinds[: paragraph.index]:
            continue
        kinds[paragraph.index] = "signature"
        before = lines[place - 1] if place else paragraph
        text = before.text.strip()
        if len(text) <= _LONGEST_NAME and text[-1] not in "。；：:，、！" and kinds[before.index] == "":
            kinds[before.index] = "signature"


def _mark_attachments(paper: Paper, kinds: list[str]) -> None:
    """The title of each attachment, and what is left over: text before the first one, anything behind it."""
    waits = is_attached = False
    for paragraph in paper.paragraphs:
        kind = kinds[paragraph.index]
        if kind == "attachment":
            waits = is_attached = True
        elif waits and kind not in ("blank", "cell"):
            kinds[paragraph.index] = "attachment_title" if kind in ("", "title") else kind
            waits = False
        elif kind == "":
            is_text = not is_attached or _STYLES.get(paragraph.style_id) == "body"
            kinds[paragraph.index] = "body" if is_text else "other"


def is_date_line(text: str) -> bool:
    """Whether a line is a date alone."""
    return bool(_DATE.match(text))
