"""Names of units and labels of forms, brought to one comparable shape, and names that a file system takes."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from lianzheng.fonts import visible

UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Characters without width or shape, which web pages and messengers leave around what is copied (for a pattern)."""
_FILLER = re.compile(rf"[\s{UNSEEN}_＿]+")
_PUNCTUATION = str.maketrans("（）【】〔〕［］：；，。、“”‘’—－", "()[][][]:;,.,\"\"''--")
_STAMP = re.compile(r"[(\[](?:单位|加盖)?(?:盖章|公章|印章|签章|章)[)\]]")
_PARTY = re.compile(r"^(?:中国共产党|中共)")
_SHORTEST = 3
_LONGEST_KEPT = 100
Found = TypeVar("Found")
_PARTY_BODY = re.compile(r"[(\[]?(?:党委|党总支|党支部|党组|总支|支部|纪委|纪律检查|委员会)+[)\]]?$")


_FORBIDDEN = re.compile(r'[\\/:*?"<>|\n\t]+')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_MOST_BYTES, _LONGEST_ENDING = 180, 8  # a name may have 255 bytes, of which what is added to it needs some


def file_name(*words: str) -> str:
    """Words joined by ``_`` as the name of one file or folder that Linux, macOS and Windows take.

    Separators and wildcards fall out, what nobody sees is shown (:func:`lianzheng.fonts.visible`), names of devices
    get a ``_`` before them, and a long one is cut before its ending.
    """
    name = "_".join(_FORBIDDEN.sub("", visible(word)) for word in words).strip(" .")
    stem, dot, ending = name.rpartition(".") if "." in name[-_LONGEST_ENDING:] else (name, "", "")
    cut = stem.encode()[: _MOST_BYTES - len(f"{dot}{ending}".encode())].decode(errors="ignore").rstrip()
    return ("_" if _DEVICE.match(name) or not name else "") + cut + dot + ending


def remembered(function: Callable[[str], Found]) -> Callable[[str], Found]:
    """The function, its results for short texts kept: the same labels stand in a thousand forms, long texts once."""
    kept = functools.lru_cache(maxsize=1 << 13)(function)

    @functools.wraps(function)
    def remembering(text: str) -> Found:
        return kept(text) if len(text) <= _LONGEST_KEPT else function(text)

    return remembering


@remembered
def plain(text: str) -> str:
    """Fold width, spaces and punctuation, so that ``１２ （起）`` and ``12(起)`` compare equal; Chinese stays."""
    folded = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    return _FILLER.sub("", folded).casefold()


def plain_unit(text: str) -> str:
    """A unit's name without stamp text, 中共 before it, Party-body ending or spaces, for comparing."""
    return _PARTY_BODY.sub("", _PARTY.sub("", _STAMP.sub("", plain(text))))


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that a misspelt one may mean, the likeliest first: alike in letters, or one within the other."""
    names, sought = {name.casefold(): name for name in known}, word.casefold()
    alike = difflib.get_close_matches(sought, names, most, 0.6)
    within = [name for name in names if sought and (sought in name or name in sought)]
    return [names[name] for name in dict.fromkeys([*alike, *within])][:most]


class NameIndex:
    """Finds the id that a written name stands for; only stored names count, nothing is guessed.

    A name that stands for two ids finds neither.
    """

    def __init__(self, names_by_id: Mapping[str, Iterable[str]]) -> None:
        owners: dict[str, set[str]] = {}
        for id_, names in names_by_id.items():
            for name in names:
                owners.setdefault(plain_unit(name), set()).add(id_)
        self._id_by_name = {name: next(iter(ids)) for name, ids in owners.items() if name and len(ids) == 1}
        self._lengths = sorted(
            {len(name) for name in self._id_by_name if len(name) >= _SHORTEST}, reverse=True
        )

    def find(self, text: str) -> str | None:
        """The id whose name or alias equals ``text`` after folding, or None."""
        return self._id_by_name.get(plain_unit(text))

    def find_inside(self, text: str) -> str | None:
        """The id whose stored names (three characters or more) occur in ``text``, or None where two ids' do.

        What is part of a longer name (信息中心 in 和风信息中心) does not count.
        """
        folded, found = plain(text), set()
        for length in self._lengths:  # the work depends on the text, not on how many names there are
            pieces = {folded[start : start + length] for start in range(len(folded) - length + 1)}
            for name in sorted(pieces & self._id_by_name.keys()):
                if name in folded:
                    found.add(self._id_by_name[name])
                    folded = folded.replace(name, "\0")
        return found.pop() if len(found) == 1 else None


class NameMask:
    """Takes the names and ids of other units out of texts; a unit's own names stay, the longest name counts first.

    Names of fewer than three characters are not looked for; full and half width, case, blanks, underscores and
    what has no width make no difference. ``names_by_id`` holds every unit's; without ``own_id`` all names are masked.
    """

    def __init__(self, names_by_id: Mapping[str, Iterable[str]], own_id: str | None, word: str) -> None:
        self.word = word
        own = {own_id, *names_by_id[own_id]} if own_id else set()
        others = {name for id_, names in names_by_id.items() if id_ != own_id for name in (id_, *names)}
        self._own = {plain(name) for name in own}
        self._folded: dict[str, set[str]] = {}  # by their first characters
        for name in map(plain, others | own):
            if len(name) >= _SHORTEST:
                self._folded.setdefault(name[:_SHORTEST], set()).add(name)

    def __call__(self, text: str) -> str:
        """The text with the mask's word for each name of another unit."""
        return self._names_in(text).sub(lambda found: found[0] if self._is_kept(found) else self.word, text)

    def found(self, text: str) -> list[str]:
        """The names of other units in a text, as they are written there."""
        return [found[0] for found in self._names_in(text).finditer(text) if not self._is_kept(found)]

    def _there(self, folded: str) -> list[str]:
        """The folded names that stand in a folded text, the longest first; the work depends on the text, not on their number."""
        starts = {folded[at : at + _SHORTEST] for at in range(len(folded) - _SHORTEST + 1)}
        names = (name for start in starts & self._folded.keys() for name in self._folded[start])
        return sorted((name for name in names if name in folded), key=lambda name: (-len(name), name))

    def _names_in(self, text: str) -> re.Pattern[str]:
        """What finds the names that stand in a text: a pattern of all names takes longer to make than all else here."""
        return re.compile("|".join(map(_pattern, self._there(plain(text)))) or r"(?!)", re.IGNORECASE)

    def changes(self, texts: Iterable[str]) -> dict[str, str]:
        """Those of many texts that name another unit, with what they become."""
        known = [text for text in dict.fromkeys(texts) if len(text) >= _SHORTEST]
        there = self._there(plain("\0".join(known)))  # searched together, since hardly any has one
        names = [name for name in there if name not in self._own]
        folded = ((text, plain(text)) for text in known) if names else ()
        suspects = (text for text, whole in folded if any(name in whole for name in names))
        return {text: shown for text in suspects if (shown := self(text)) != text}

    def _is_kept(self, found: re.Match[str]) -> bool:
        """Whether it is the unit's own, or letters and digits that go on (U001 in U0012, a hash)."""
        before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
        is_part = found[0].isascii() and any(c.isascii() and c.isalnum() for c in (before, after))
        return is_part or plain(found[0]) in self._own


def _pattern(folded: str) -> str:
    """A folded name however it is spaced and however wide its letters are."""
    return rf"[\s{UNSEEN}_＿]*".join(map(_variants, folded))


def _variants(character: str) -> str:
    wide = chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else ""
    return f"[{re.escape(character)}{wide}]" if wide else re.escape(character)
