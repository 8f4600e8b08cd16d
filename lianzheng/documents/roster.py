"""The names of units in texts: those that the roster has, and those that it does not want."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lianzheng.config import CycleConfig

NO_NAME = "\0"
"""Stands for every character of a name that has been found."""


@dataclass(frozen=True)
class Roster:
    """The right names of units, and the other ones that are known."""

    config: CycleConfig

    @cached_property
    def right(self) -> dict[str, str]:
        """Full and short names → unit_id, the longest first."""
        names = [(name, unit.unit_id) for unit in self.config.units for name in (unit.name, unit.short_name)]
        return dict(sorted(names, key=lambda pair: (-len(pair[0]), pair)))

    @cached_property
    def wrong(self) -> dict[str, str]:
        """Aliases that hold no right name of their unit → unit_id, the longest first."""
        names = [(name, u.unit_id) for u in self.config.units for name in u.aliases]
        kept = [
            (n, id_) for n, id_ in names if not any(r in n for r, owner in self.right.items() if owner == id_)
        ]
        return dict(sorted(kept, key=lambda pair: (-len(pair[0]), pair)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self.right)) or "(?!)")

    def named(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The units that a text names rightly: from where, to where, unit_id."""
        for found in self._pattern.finditer(text):
            yield *found.span(), self.right[found[0]]

    @cached_property
    def wrong_pattern(self) -> re.Pattern[str]:
        """Finds the other names."""
        return re.compile("|".join(map(re.escape, self.wrong)) or "(?!)")

    def without_names(self, text: str, shortest: int = 0) -> str:
        """The text with :data:`NO_NAME` for every character of right names of at least so many."""
        return self._pattern.sub(
            lambda found: NO_NAME * len(found[0]) if len(found[0]) >= shortest else found[0], text
        )

    def names(self, unit_id: str) -> tuple[str, str]:
        """Full and short name of a unit."""
        unit = self.config.unit(unit_id)
        return unit.name, unit.short_name
