"""Automatic numbers of Word paragraphs, as they are printed."""

from __future__ import annotations

import re
from collections import defaultdict

from lxml import etree

from lianzheng.documents.word_look import Settings, Styles, attribute, nearest
from lianzheng.pages.words import numeral

_CHINESE = frozenset(
    "chineseCounting chineseCountingThousand ideographDigital japaneseCounting taiwaneseCounting".split()
)


class Numbers:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        lists = [] if root is None else root.findall("{*}abstractNum")
        levels = {attribute(one, "abstractNumId"): one.findall("{*}lvl") for one in lists}
        links = [] if root is None else root.findall("{*}num")
        self._list_of = {
            attribute(one, "numId"): attribute(one.find("{*}abstractNumId"), "val") for one in links
        }
        self._levels = {
            name: {attribute(level, "ilvl"): level for level in found} for name, found in levels.items()
        }
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def next(self, paragraph: etree._Element) -> tuple[str, Settings]:
        """The number of the next paragraph (empty: none, or a bullet), and the indents that its list gives it."""
        settings = [
            mark for properties in self._styles.paragraph_settings(paragraph, [])
            if (mark := properties.find("{*}numPr")) is not None
        ]  # fmt: skip
        list_ = self._list_of.get(nearest(settings, "numId") or "0", "")
        place = nearest(settings, "ilvl") or "0"
        level = self._levels.get(list_, {}).get(place)
        if level is None:
            return "", []
        self._count(list_, int(place), level)
        text = attribute(level.find("{*}lvlText"), "val")
        is_bullet = attribute(level.find("{*}numFmt"), "val") in ("bullet", "none")
        label = (
            "" if is_bullet else re.sub(r"%(\d)", lambda found: self._shown(list_, int(found[1]) - 1), text)
        )
        return label, level.findall("{*}pPr")

    def _count(self, list_: str, place: int, level: etree._Element) -> None:
        counts = self._counts[list_]
        start = int(attribute(level.find("{*}start"), "val", "1"))
        counts[place] = counts.get(place, start - 1) + 1
        for deeper in [known for known in counts if known > place]:
            del counts[deeper]

    def _shown(self, list_: str, place: int) -> str:
        level = self._levels[list_].get(str(place))
        form = "" if level is None else attribute(level.find("{*}numFmt"), "val")
        count = self._counts[list_].get(place, 1)
        return numeral(count) if form in _CHINESE and 0 < count < 100 else str(count)
