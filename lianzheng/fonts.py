"""Fonts that reports use, found by path: those from pip and, if configured, the office's own folder.

System fonts are never read, so that a page looks the same on every machine. What nobody sees (controls, bidi,
zero-width) is shown as its code point wherever text comes out, and on pages also what the fonts cannot draw, so that
one emoji in a comment never costs a report.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lianzheng.errors import InputError

SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
CHART_FONT = f"{SANS} (lianzheng)"
FOLDER_VARIABLE = "LIANZHENG_FONTS"
OFFICE_FAMILIES = {
    "title": ("方正小标宋简体", "FZXiaoBiaoSong-B05S"),
    "heading": ("黑体", "SimHei"),
    "lead": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi"),
    "body": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong"),
}
"""Role of a text → the names under which an office computer knows its font, the best first."""

_SUFFIXES = {".ttf", ".otf", ".ttc"}
_UNSEEN, _UNKNOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}, {"Co", "Cn"}
_BLANKS, _BREAKS = re.compile(r"[\t\n\r]+"), re.compile(r"\r\n?")


def embedded_fonts() -> tuple[Path, Path]:
    """The embedded serif and sans (Noto Serif SC and Noto Sans SC, Regular), as files."""
    import pylopdf_fonts_zh_cn

    return pylopdf_fonts_zh_cn.serif_path(), pylopdf_fonts_zh_cn.sans_path()


def configured_folder() -> Path | None:
    """The folder that LIANZHENG_FONTS names, or None; raises InputError when there is no such folder."""
    named = os.environ.get(FOLDER_VARIABLE, "")
    if not named:
        return None
    if not Path(named).is_dir():
        raise InputError(f"字体文件夹不存在：{named}", f"改正或清除环境变量 {FOLDER_VARIABLE}")
    return Path(named)


@functools.lru_cache(maxsize=4)
def office_fonts(folder: Path | None) -> dict[str, Path]:
    """Role → the file in ``folder`` that holds the office's font for it; roles without one are left out."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES) if folder else []
    file_by_family = {family: path for path in reversed(paths) for family in _families(path)}
    found = {role: next(filter(file_by_family.get, names), "") for role, names in OFFICE_FAMILIES.items()}
    return {role: file_by_family[name] for role, name in found.items() if name}


def font_paths() -> tuple[Path, ...]:
    """Every font file that reports use here: the embedded two, then the office's that were found."""
    return (*embedded_fonts(), *office_fonts(configured_folder()).values())


def font_hashes() -> dict[str, str]:
    """The sha256 of every font file that reports use here, by file name: they are part of what a run depends on."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in font_paths()}


@functools.cache
def coverage() -> frozenset[int]:
    """The code points that both embedded fonts can draw."""
    from fontTools.ttLib import TTFont

    known = []
    for path in embedded_fonts():
        with TTFont(path, lazy=True) as font:
            known.append(frozenset(_mapped(font.reader["cmap"])))
    return known[0] & known[1]


def _mapped(cmap: bytes) -> Iterator[int]:
    """The code points in a font's cmap, by its table of format 12 (OpenType 1.9, cmap).

    Without the glyphs' names, for which fontTools would read half the font.
    """
    for (offset,) in struct.iter_unpack(">4xI", cmap[4 : 4 + 8 * int.from_bytes(cmap[2:4])]):
        if cmap[offset : offset + 2] == b"\x00\x0c":
            (size,) = struct.unpack_from(">I", cmap, offset + 4)
            for first, last, _ in struct.iter_unpack(">3I", cmap[offset + 16 : offset + size]):
                yield from range(first, last + 1)


def visible(text: str) -> str:
    """``text`` with each character that nobody sees as 〔U+202E〕; tabs and line breaks stay; idempotent.

    The one rule for workbooks, Word forms, issues, file names and the terminal; pages take ``displayable``.
    """
    return text if text.isprintable() else _BREAKS.sub("\n", text).translate(_VISIBLE)


def one_line(text: str) -> str:
    """As ``visible``, on one line: breaks are shown as ⏎, so that no text can end a record or steer a terminal."""
    return visible(text).replace("\n", "⏎").replace("\t", " ")


def displayable(text: str) -> str:
    """``text`` on one line, each control, bidi or uncovered character shown as 〔U+1F600〕; idempotent."""
    return _BLANKS.sub(" ", text).translate(_SHOWN)


def uncovered(text: str) -> list[str]:
    """The characters, each once, that ``displayable`` shows as a code point (line breaks are fine)."""
    if text.isprintable() and _is_common(text):
        return []
    return [shown for shown in dict.fromkeys(_BLANKS.sub("", text)) if _SHOWN[ord(shown)] != shown]


def _is_common(text: str) -> bool:
    """Whether all characters are among the 7,445 of GB/T 2312, which both fonts can draw; no font need be opened to know."""
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def register_matplotlib_fonts() -> None:
    """Make Noto Sans SC the font of charts, by a name of its own: no installed font of its name can take its place."""
    import matplotlib as mpl
    from matplotlib import font_manager

    manager = font_manager.fontManager
    manager.ttflist = [*(one for one in manager.ttflist if one.name != CHART_FONT), chart_font()]
    mpl.rcParams["font.family"] = [CHART_FONT]
    mpl.rcParams["axes.unicode_minus"] = True


@functools.cache
def chart_font() -> Any:
    """The embedded sans as matplotlib keeps it in its list; to know it, the font must be opened."""
    from matplotlib import font_manager

    entry = font_manager.ttfFontProperty(font_manager.get_font(embedded_fonts()[1]))
    return replace(entry, name=CHART_FONT)


class _Shown(dict[int, str]):
    """Code point → how it is shown, worked out once per code point."""

    def __init__(self, is_seen: Callable[[int], bool], kept: str = "") -> None:
        super().__init__({ord(character): character for character in kept})
        self._is_seen = is_seen

    def __missing__(self, code: int) -> str:
        shown = self[code] = chr(code) if self._is_seen(code) else f"〔U+{code:04X}〕"
        return shown


def _is_visible(code: int) -> bool:
    """Not a control of any kind, nor one of the two last places of a plane, which no XML holds."""
    return unicodedata.category(chr(code)) not in _UNSEEN and code & 0xFFFE != 0xFFFE


def _is_drawn(code: int) -> bool:
    return code in coverage() and _is_visible(code) and unicodedata.category(chr(code)) not in _UNKNOWN


_SHOWN, _VISIBLE = _Shown(_is_drawn), _Shown(_is_visible, kept="\t\n")


def _families(path: Path) -> list[str]:
    """The family names, in every language, that a font file (a collection: its first face) gives itself."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return [record.toUnicode() for record in font["name"].names if record.nameID in (1, 16)]
    except (TTLibError, KeyError) as error:
        raise InputError(
            f"字体文件读不出：{path.name}", "换一个完好的字体文件，或从字体文件夹移走"
        ) from error
