"""The measures of GB/T 9704-2012 (党政机关公文格式), which the writers obey and the check compares with.

Millimetres, points (1/72 inch) and characters (of 16 pt) as the names say; numbers in brackets are the standard's.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE_MM = (210.0, 297.0)  # 5.1
MARGINS_MM = {
    "top": 37.0,
    "bottom": 35.0,
    "left": 28.0,
    "right": 26.0,
}  # 5.2.1: 天头 37, 订口 28, 版心 156 × 225
TEXT_MM = (156.0, 225.0)
LINES, CHARACTERS = 22, 28  # 5.2.3
PITCH_PT = 28.95
"""The exact distance of lines: 225 mm hold 22 of them."""
TRACKING_PT = -0.25
"""Added between characters so that 28 of 16 pt fill 156 mm: (156 mm − 28 × 16 pt) ÷ 28 = −0.21, in Word's twentieths −5."""
FOLIO_GAP_MM = 7.0
"""From the type area down to the page number (7.5), which stands one character inside, right on odd pages, left on even ones."""


@dataclass(frozen=True, slots=True)
class Level:
    """How one kind of paragraph looks, and Word's style id and name for it.

    ``families`` are the fonts that office computers have for it (the first is written), ``align`` "both" means
    justified, ``indent`` is the first line's, in characters.
    """

    style_id: str
    style_name: str
    families: tuple[str, ...]
    size_pt: float = 16
    align: str = "both"
    indent: int = 0


XIAOBIAOSONG = ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "方正小标宋", "小标宋体", "小标宋")
HEITI = ("黑体", "SimHei", "方正黑体_GBK", "方正黑体简体")
KAITI = ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "方正楷体_GBK", "方正楷体简体")
FANGSONG = ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "方正仿宋_GBK", "方正仿宋简体")
SONGTI = ("宋体", "SimSun", "方正书宋_GBK", "方正书宋简体")

LEVELS = {
    "title": Level("Title", "Title", XIAOBIAOSONG, 22, "center"),  # 7.3.1
    "addressee": Level("Addressee", "主送机关", FANGSONG, align="left"),  # 7.3.2
    "body": Level("BodyText", "Body Text", FANGSONG, indent=2),  # 7.3.3
    "heading1": Level("Heading1", "heading 1", HEITI, indent=2),  # 一、
    "heading2": Level("Heading2", "heading 2", KAITI, indent=2),  # （一）
    "heading3": Level("Heading3", "heading 3", FANGSONG, indent=2),  # 1.
    "heading4": Level("Heading4", "heading 4", FANGSONG, indent=2),  # （1）
    "enclosures": Level("Enclosures", "附件说明", FANGSONG, indent=2),  # 7.3.4
    "signature": Level("Signature", "发文机关署名和成文日期", FANGSONG, align="right"),  # 7.3.5
    "attachment": Level("Attachment", "附件序号", HEITI, align="left"),  # 7.3.7: 附件1
    "attachment_title": Level("AttachmentTitle", "附件标题", XIAOBIAOSONG, 22, "center"),
    "classification": Level("Classification", "密级", HEITI, align="left"),  # 7.2.2
    "number": Level("DocumentNumber", "发文字号", FANGSONG, align="center"),  # 7.2.5
    "caption": Level("Caption", "caption", HEITI, 14, "center"),
    "folio": Level("Footer", "footer", SONGTI, 14),  # 7.5: — 1 —
}
"""Kind of paragraph → how it looks. The standard says nothing of captions: ours are 黑体, smaller than the text."""

NUMBERING = {"heading1": "一、", "heading2": "（一）", "heading3": "1.", "heading4": "（1）"}  # 7.3.3
