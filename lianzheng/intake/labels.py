"""Labels of forms brought to comparable shapes: of columns, rows, header fields, and whatever a form prints."""

from __future__ import annotations

import functools
import re

from lianzheng.config.forms import FormColumn
from lianzheng.intake.values import UNITS
from lianzheng.names import plain, remembered

YEAR_WORDS = re.compile(r"20\d\d(?:年度?)?")
_COPY = re.compile(r"\((?:电子版|纸质版|打印版|扫描版|盖章版|初稿|终稿|定稿)\)$")
_UNIT_END = re.compile(rf"(.*?)/?[(\[](?:单位:)?({'|'.join(map(re.escape, UNITS))}|\d+(?:\.\d+)?分)[)\]]")
_NUMBERING = re.compile(r"(?:\(?[一二三四五六七八九十\d]{1,3}[,.:)]+|其中:?|#)+")


@functools.lru_cache(maxsize=1 << 13)
def label_key(text: str) -> tuple[str, str]:
    """A label folded and without its unit of measure, and that unit: ``涉及金额（万元）`` → 涉及金额, 万元."""
    folded = plain(text)
    match = _UNIT_END.fullmatch(folded)
    return (match[1], match[2]) if match else (folded, "")


@functools.lru_cache(maxsize=1 << 13)
def row_key(text: str) -> str:
    """A row's label folded, without unit, points, leading numbering and 其中."""
    key = label_key(text)[0]
    return _NUMBERING.sub("", key, count=1) or key


@remembered
def bare(label: str) -> str:
    """A field's label without colon and bracket: ``填表单位（盖章）：`` → 填表单位."""
    return re.sub(r"\([^()]*\)$", "", plain(label).rstrip(":"))


@functools.lru_cache(maxsize=1 << 13)
def printed_key(text: str) -> str:
    """A printed text folded, without the year, what copy it is (``（电子版）``), and the colon behind it."""
    return _COPY.sub("", YEAR_WORDS.sub("", plain(text))).rstrip(":")


def spoken(column: FormColumn) -> str:
    """A column's label in one piece."""
    return column.label.replace("/", "")
