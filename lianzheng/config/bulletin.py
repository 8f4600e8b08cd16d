"""The shape of ``bulletin.yml``: what the bulletin (通报) says, in sentences with places for figures and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lianzheng.config.models import Model

FIGURES = (
    "cycle rectification_days n_teams n_units n_visited n_others n_standard n_statistics n_self_reports n_reported n_late"
    " n_reports n_interviews n_quiz quiz_mean n_documents n_rated n_not_rated n_scored n_hidden n_issued n_returned return_rate n_valid"
    " n_findings n_found_units n_classes n_highlights n_seen n_common common_share"
).split()
"""The figures that every sentence may tell (of the table ``bulletin_figures``)."""
FACTS = "days units n label told remedy figures practices_told attachment n_units n_findings problem title common".split()
"""What else a sentence may be given, where it is said."""
_PLACE = re.compile(r"\{(\w+)")


class Cases(Model):
    """A sentence that depends on a figure: for ``none`` of it, ``one``, ``two`` and ``many``.

    Without ``two``, two are many; ``all`` is said where the figure equals that of ``whole`` and is more than one.
    """

    of: str
    none: str = ""
    one: str
    two: str | None = None
    many: str
    all: str | None = None
    whole: str = ""

    def texts(self) -> Iterator[str]:
        """Every text that may be said."""
        return (text for text in (self.none, self.one, self.two, self.many, self.all) if text)


class Clauses(Model):
    """A sentence of those of its ``parts`` that have something to say; without any of them it is not said."""

    before: str = ""
    parts: Annotated[tuple[str, ...], Field(min_length=1)]
    between: str = "，"
    after: str = "。"


Sentence = str | Cases | Clauses


class SectionFigure(Model):
    """A figure of 附件2 and how it is told: ``{n}`` is the sum over the units that sent the form."""

    category: str
    measure: str
    text: Annotated[str, Field(pattern=r"\{n\}")]


class Section(Model):
    """A section of 总体情况: its title, the subjects whose good practice it names, the figures that it tells."""

    title: str
    subjects: tuple[str, ...]
    figures: tuple[SectionFigure, ...] = ()


class Bulletin(Model):
    """``bulletin.yml``. ``problems`` say subject and defect in a sentence: by ``subject|defect``, else by defect.

    In the latter ``{subject}`` is the subject's word of ``subjects``, else its label. ``most_units`` are named at a
    time, ``most_remedies`` asked for where no class is common.
    """

    title: str
    most_units: Annotated[int, Field(gt=0)] = 6
    most_remedies: Annotated[int, Field(gt=0)] = 3
    sentences: dict[str, Sentence]
    sections: tuple[Section, ...]
    subjects: dict[str, str] = {}
    problems: dict[str, str]

    def places(self, sentence: Sentence) -> set[str]:
        """The figures, facts and sentences that a sentence needs."""
        if isinstance(sentence, Cases):
            found = {place for text in sentence.texts() for place in _PLACE.findall(text)}
            return found | {sentence.of, sentence.whole} - {""}
        texts = (sentence,) if isinstance(sentence, str) else (sentence.before, sentence.after)
        parts = set() if isinstance(sentence, str) else set(sentence.parts)
        return parts | {place for text in texts for place in _PLACE.findall(text)}
