"""What the processed tables say now at the address of a number or name, and whether a text shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from lianzheng.documents.faults import Subject
from lianzheng.documents.roster import Roster
from lianzheng.documents.sources import Source
from lianzheng.intake.quantities import chinese_number
from lianzheng.pages import words
from lianzheng.tables import Tables, labels, schemas

NAME, PART = "name", "part"
State = Literal["known", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class Value:
    """What a source stands for: its texts (any of them is right; unit_ids are told as names), or why there is none.

    ``gone``: the row is not there any more. ``unknown``: the table, column or form is none that may be read here.
    """

    state: State
    texts: tuple[str, ...] = ()
    unit_ids: frozenset[str] = frozenset()


@dataclass
class Values:
    """Looks values up, each table once."""

    tables: Tables
    roster: Roster
    _rows: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def of(self, source: Source) -> Value:
        """The value of a source, from what pages may see of the tables."""
        schema = schemas().get(source.table)
        public = {c.name for c in schema.columns if not c.is_private} if schema else set()
        if schema is None or source.column not in public:
            return Value("unknown")
        row = self._table(source.table).get(source.key)
        return Value("gone") if row is None else self._told(row[source.column], source.form)

    def _told(self, value: Any, form: str) -> Value:
        if form == NAME:
            held = [id_ for id_ in str(value).split("|") if self.roster.config.has_unit(id_)]
            texts = tuple(name for id_ in held for name in self.roster.names(id_))
            return Value("known" if held else "unknown", texts, frozenset(held))
        if form.startswith("@"):
            shown = labels(form[1:]).get(str(value))
            return Value("known", (shown,)) if shown else Value("unknown")
        if form == PART or form in words.FORMATS:
            shown = "" if pd.isna(value) else str(value)
            return Value("known", (shown if form == PART else getattr(words, form)(value),))
        return Value("unknown")

    def _table(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        if name not in self._rows:
            frame, key = self.tables.public(name), schemas()[name].key
            self._rows[name] = {"|".join(str(row[k]) for k in key): row for row in frame.to_dict("records")}
        return self._rows[name]


@dataclass(frozen=True)
class Facts:
    """What a paper is held against: the values of its sources, which of its places bookmarks still hold, class counts."""

    sources: Mapping[str, Source]
    values: Values
    roster: Roster
    class_counts: Mapping[str, Mapping[str, Any]]

    def held(self, subject: Subject) -> dict[str, Source]:
        """The sources whose bookmark still holds a text."""
        spans = subject.paper.bookmarks
        return {name: s for name, s in self.sources.items() if name in spans and spans[name].text.strip()}

    def lost(self, subject: Subject) -> list[Source]:
        """The sources that no bookmark marks any more."""
        held = self.held(subject)
        return [source for name, source in self.sources.items() if name not in held]

    def units_of(self, bulletin_class: str) -> frozenset[str]:
        """The units with a confirmed finding of a class."""
        return frozenset(str(self.class_counts.get(bulletin_class, {}).get("unit_ids")).split("|"))


def same(shown: str, wanted: str) -> bool:
    """Whether two texts say the same number or word: full width, commas, blanks and Chinese numerals make no difference."""
    return plain_number(shown) == plain_number(wanted)


def plain_number(text: str) -> str:
    """A number as compared: ２０ and 二十 are 20, 1,234 is 1234; other texts without blanks."""
    folded = unicodedata.normalize("NFKC", text).replace(",", "").replace("，", "")
    folded = "".join(folded.split()).replace("-", "−")
    numeral = (
        chinese_number(folded) if folded and set(folded) <= set("零〇一二两三四五六七八九十百千") else None
    )
    return str(numeral) if numeral is not None else folded
