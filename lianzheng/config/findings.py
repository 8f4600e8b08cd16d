"""The shape of ``findings.yml``: subjects and defects of findings, and the bulletin's classes of problems."""

from __future__ import annotations

from lianzheng.config.models import Model, Named


class Clause(Model):
    """Words that are said where a class has a confirmed finding with one of these defects."""

    text: str
    defects: tuple[str, ...]


class BulletinClass(Model):
    """One of the bulletin's problem classes: the subjects that it gathers and what its heading says.

    Where ``names_units`` is false the bulletin tells of it in counts only.
    """

    bulletin_class: str
    label: str
    clauses: tuple[Clause, ...] = ()
    subjects: tuple[str, ...]
    names_units: bool = True


class FindingTaxonomy(Model):
    """``findings.yml``: subject × defect, the bulletin's classes, talk topics, evidence classes, tell-tale words."""

    subjects: tuple[Named, ...]
    defects: tuple[Named, ...]
    bulletin_classes: tuple[BulletinClass, ...]
    topics: tuple[Named, ...]
    evidence_classes: tuple[Named, ...]
    focal_points: tuple[Named, ...]
    four_forms: tuple[Named, ...] = ()
    remedies: dict[str, str] = {}
    praise_words: tuple[str, ...] = ()
    problem_words: tuple[str, ...] = ()
    neutral_words: tuple[str, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of all classes."""
        return tuple(clause for kind in self.bulletin_classes for clause in kind.clauses)
