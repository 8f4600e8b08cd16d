"""Names of units and labels of forms, brought to one comparable shape."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

_FILLER = re.compile(r"[\s\u200b-\u200f\ufeff_＿]+")
_PUNCTUATION = str.maketrans("（）【】〔〕［］：；，。、“”‘’—－", "()[][][]:;,.,\"\"''--")
_STAMP = re.compile(r"[(\[](?:单位|加盖)?(?:盖章|公章|印章|签章|章)[)\]]")
_PARTY = re.compile(r"^(?:中国共产党|中共)")
_SHORTEST = 3
_LONGEST_KEPT = 100
Found = TypeVar("Found")
_PARTY_BODY = re.compile(r"[(\[]?(?:党委|党总支|党支部|党组|总支|支部|纪委|纪律检查|委员会)+[)\]]?$")


def remembered(function: Callable[[str], Found]) -> Callable[[str], Found]:
    """The function, its results for short texts kept: the same labels stand in a thousand forms, long texts once."""
    kept = functools.lru_cache(maxsize=1 << 14)(function)

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
