"""Names of units and labels of forms, brought to one comparable shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_FILLER = re.compile(r"[\s\u200b-\u200f\ufeff_＿]+")
_PUNCTUATION = str.maketrans("（）【】〔〕［］：；，。、“”‘’—－", "()[][][]:;,.,\"\"''--")
_STAMP = re.compile(r"[(\[](?:盖章|公章|印章|签章|章)[)\]]")
_PARTY_BODY = re.compile(r"(?:党委|党总支|党支部|党组|总支|纪委|委员会)+$")


def plain(text: str) -> str:
    """Fold width, spaces and punctuation, so that ``１２ （起）`` and ``12(起)`` compare equal; Chinese stays."""
    folded = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    return _FILLER.sub("", folded).casefold()


def plain_unit(text: str) -> str:
    """A unit's name without stamp text, Party-body ending or spaces, for comparing."""
    return _PARTY_BODY.sub("", _STAMP.sub("", plain(text)))


class NameIndex:
    """Finds the id that a written name stands for; only stored names count, nothing is guessed."""

    def __init__(self, names_by_id: Mapping[str, Iterable[str]]) -> None:
        self._id_by_name = {plain_unit(name): id_ for id_, names in names_by_id.items() for name in names}
        self._longest_first = sorted(self._id_by_name, key=lambda name: (-len(name), name))

    def find(self, text: str) -> str | None:
        """The id whose name or alias equals ``text`` after folding, or None."""
        return self._id_by_name.get(plain_unit(text))

    def find_inside(self, text: str) -> str | None:
        """The id of the longest stored name (three characters or more) that occurs in ``text``, or None."""
        folded = plain(text)
        return next((self._id_by_name[n] for n in self._longest_first if len(n) >= 3 and n in folded), None)
