"""The effective look of Word paragraphs and characters: direct settings, else styles and theirs, else the defaults."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from lxml import etree

from lianzheng.documents.paper import Look, Shape

_TWIPS = 20.0
_NOT_EXACT: dict[str | None, float] = {None: 0.0, "240": 0.0}
"""Lines that are not exact, by their setting: single ones; all others are told as −1."""
_ON = {"", "1", "true", "on"}
Settings = list[etree._Element]
"""Elements of properties, the nearest first."""


def attribute(element: etree._Element | None, name: str, default: str = "") -> str:
    """An attribute by its local name, whatever the namespace (transitional and strict files differ in it)."""
    found = {} if element is None else element.attrib
    return next((str(value) for key, value in found.items() if str(key).rpartition("}")[2] == name), default)


def number(text: str, default: float = 0.0) -> float:
    """A measure as Word writes it: twentieths, halves, or with its unit (28.95pt)."""
    try:
        return float(text.removesuffix("pt")) * (_TWIPS if text.endswith("pt") else 1)
    except ValueError:
        return default


def nearest(settings: Iterable[etree._Element], name: str, attribute_name: str = "val") -> str | None:
    """The nearest setting that says this attribute of that element; None where none does."""
    for properties in settings:
        element = properties.find(f"{{*}}{name}")
        if element is not None and (attribute_name == "val" or attribute(element, attribute_name)):
            return attribute(element, attribute_name)
    return None


class Styles:
    """The styles of a document, with the fonts of its theme."""

    def __init__(self, root: etree._Element | None, theme: etree._Element | None) -> None:
        styles = [] if root is None else root.findall("{*}style")
        self._by_id = {attribute(style, "styleId"): style for style in styles}
        self._default = next((id_ for id_, style in self._by_id.items() if _is_default(style)), "")
        self._defaults = [] if root is None else root.findall("{*}docDefaults/*/*")
        self._theme = {} if theme is None else {kind: _theme_font(theme, kind) for kind in ("major", "minor")}

    def of(self, paragraph: etree._Element) -> str:
        """The id of a paragraph's style."""
        return attribute(paragraph.find("{*}pPr/{*}pStyle"), "val", self._default)

    @functools.cache  # noqa: B019  (lives as long as one check)
    def chain(self, style_id: str) -> tuple[etree._Element, ...]:
        """A style and those that it rests on, the nearest first."""
        found: list[etree._Element] = []
        while style_id in self._by_id and self._by_id[style_id] not in found:
            found.append(self._by_id[style_id])
            style_id = attribute(found[-1].find("{*}basedOn"), "val")
        return tuple(found)

    def _of_styles(self, style_id: str, name: str) -> Iterator[etree._Element]:
        yield from (p for style in self.chain(style_id) for p in style.findall(f"{{*}}{name}"))

    def paragraph_settings(self, paragraph: etree._Element, numbering: Settings) -> Settings:
        """All that settles how a paragraph stands."""
        direct = paragraph.findall("{*}pPr")
        styled = self._of_styles(self.of(paragraph), "pPr")
        return [*direct, *numbering, *styled, *(e for e in self._defaults if e.tag.endswith("}pPr"))]

    def look(self, run: etree._Element | None, paragraph: etree._Element) -> Look:
        """How a run looks (None: the paragraph's own mark)."""
        direct = (paragraph.find("{*}pPr") if run is None else run) if paragraph is not None else None
        own = [] if direct is None else direct.findall("{*}rPr")
        named = attribute(own[0].find("{*}rStyle"), "val") if own else ""
        styled = [*self._of_styles(named, "rPr"), *self._of_styles(self.of(paragraph), "rPr")]
        settings = [*own, *styled, *(e for e in self._defaults if e.tag.endswith("}rPr"))]
        bold = nearest(settings, "b")
        size, tracking = nearest(settings, "sz"), nearest(settings, "spacing")
        return Look(
            self._font(settings),
            number(size or "20") / 2,
            bold is not None and bold.lower() in _ON,
            number(tracking or "0") / _TWIPS,
        )

    def _font(self, settings: Settings) -> str:
        """The East Asian font of the nearest setting that names one, by itself or through the theme."""
        for properties in settings:
            fonts = properties.find("{*}rFonts")
            theme = attribute(fonts, "eastAsiaTheme")[:5]
            if name := self._theme.get(theme, "") or attribute(fonts, "eastAsia"):
                return name
        return ""

    def shape(self, paragraph: etree._Element, numbering: Settings, size_pt: float) -> Shape:
        """How a paragraph stands; ``size_pt`` turns its indents into characters."""
        settings = self.paragraph_settings(paragraph, numbering)
        rule, line = nearest(settings, "spacing", "lineRule"), nearest(settings, "spacing", "line")
        breaks = nearest(settings, "pageBreakBefore")
        return Shape(
            align=nearest(settings, "jc") or "left",
            first_line=_indent(settings, size_pt, "firstLine", "hanging"),
            left=_indent(settings, size_pt, "left", "start"),
            right=_indent(settings, size_pt, "right", "end"),
            pitch_pt=number(line or "0") / _TWIPS if rule == "exact" else _NOT_EXACT.get(line, -1.0),
            after_pt=number(nearest(settings, "spacing", "after") or "0") / _TWIPS,
            breaks_page=breaks is not None and breaks.lower() in _ON,
        )


def _is_default(style: etree._Element) -> bool:
    return attribute(style, "type") == "paragraph" and attribute(style, "default") in ("1", "true")


def _theme_font(theme: etree._Element, kind: str) -> str:
    """The theme's font for Chinese."""
    font = next(theme.iter(f"{{*}}{kind}Font"), None)
    if font is None:
        return ""
    chinese = [attribute(f, "typeface") for f in font.findall("{*}font") if attribute(f, "script") == "Hans"]
    return attribute(font.find("{*}ea"), "typeface") or next(iter(chinese), "")


def _indent(settings: Settings, size_pt: float, *sides: str) -> float:
    """An indent in characters: the nearest setting that says one of these, in characters or in twentieths of a point."""
    for properties in settings:
        element = properties.find("{*}ind")
        told = [(side, attribute(element, f"{side}Chars"), attribute(element, side)) for side in sides]
        if any(characters or length for _, characters, length in told):
            lengths = (
                (-1 if side == "hanging" else 1)
                * (number(characters) / 100 or number(length) / _TWIPS / (size_pt or 16))
                for side, characters, length in told
            )
            return next((length for length in lengths if length), 0.0)
    return 0.0
