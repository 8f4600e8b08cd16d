"""Sentences of ``bulletin.yml`` said with the grammar of none, one, two and many, from figures that know their address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lianzheng.config.bulletin import Bulletin, Cases, Clauses, Sentence
from lianzheng.errors import ConfigError
from lianzheng.pages.citations import Cited
from lianzheng.pages.wording import filled


class Teller:
    """Says the sentences of a bulletin; ``facts`` are the figures and words that all of them may use."""

    def __init__(self, bulletin: Bulletin, facts: Mapping[str, Any]) -> None:
        self.bulletin, self.facts = bulletin, facts

    def say(self, name: str, **facts: Any) -> str:
        """The sentence with its places filled; empty where something that it needs is not known.

        Raises ConfigError where a sentence contains itself.
        """
        return self._said(name, {**self.facts, **facts}, ())

    def _said(self, name: str, facts: Mapping[str, Any], inside: tuple[str, ...]) -> str:
        if name in inside:
            raise ConfigError(
                f"bulletin.yml: sentences.{name} contains itself", "name it in no sentence that it names"
            )
        sentence, inside = self.bulletin.sentences[name], (*inside, name)
        if isinstance(sentence, Clauses):
            parts = list(filter(None, (self._said(part, facts, inside) for part in sentence.parts)))
            if not parts:
                return ""
            before, after = (self._filled(text, facts, inside) for text in (sentence.before, sentence.after))
            return before + sentence.between.join(parts) + after
        return self._filled(chosen(sentence, facts), facts, inside)

    def _filled(self, text: str, facts: Mapping[str, Any], inside: tuple[str, ...]) -> str:
        places = self.bulletin.places(text)
        if any(is_unknown(facts.get(place)) for place in places if place in facts):
            return ""
        told = {p: facts[p] if p in facts else self._said(p, facts, inside) for p in places}
        return filled(text, told)


def chosen(sentence: Sentence, facts: Mapping[str, Any]) -> str:
    """The text of a sentence that fits the figure that it depends on; nothing where that is not known."""
    if not isinstance(sentence, Cases):
        return str(sentence)
    count = _number(facts[sentence.of])
    if pd.isna(count):
        return ""
    if count <= 0:
        return sentence.none
    if sentence.all is not None and count > 1 and count == _number(facts[sentence.whole]):
        return sentence.all
    if count == 1:
        return sentence.one
    return sentence.two if count == 2 and sentence.two is not None else sentence.many


def is_unknown(fact: Any) -> bool:
    """Whether a figure has no value."""
    return isinstance(fact, Cited) and bool(pd.isna(fact.value))


def _number(fact: Any) -> float:
    value = fact.value if isinstance(fact, Cited) else fact
    return float("nan") if value is None or pd.isna(value) else float(value)
