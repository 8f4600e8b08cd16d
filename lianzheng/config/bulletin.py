"""The shape of ``bulletin.yml``: what the bulletin (通报) says, in sentences with places for figures and names."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lianzheng.config.models import Model


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


class Clauses(Model):
    """A sentence of those of its ``parts`` that have something to say; without any of them it is not said."""

    before: str = ""
    parts: Annotated[tuple[str, ...], Field(min_length=1)]
    between: str = "，"
    after: str = "。"


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
    sentences: dict[str, str | Cases | Clauses]
    sections: tuple[Section, ...]
    subjects: dict[str, str] = {}
    problems: dict[str, str]
