"""The shape of a cycle's configuration: frozen models that forbid unknown keys."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """Base of all configuration: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _name_the_allowed_keys(cls, data: Any) -> Any:
        """Pydantic forbids an unknown key without saying which are known."""
        keys = data if isinstance(data, dict) else ()
        if unknown := ", ".join(str(key) for key in keys if key not in cls.model_fields):
            words = {"unknown": unknown, "known": ", ".join(cls.model_fields)}
            raise PydanticCustomError("unknown_key", "unknown key {unknown}; allowed: {known}", words)
        return data


Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0)]
TAXONOMY = ("subjects", "defects", "topics", "evidence_classes", "focal_points", "four_forms")


class Weights(Model):
    """Weights of 检查 and 测评 in the total; they sum to 1 (checked on loading)."""

    inspection: Share
    perception: Share


class FactUse(Model):
    """Facts of the office's ledgers: closed ``cases``, late ``submissions`` or overdue ``rectifications``.

    ``where`` narrows them to rows whose column holds one of the named values.
    """

    fact: Literal["cases", "submissions", "rectifications"]
    where: dict[str, tuple[str, ...]] = {}


class FactRule(FactUse):
    """One deduction of 事实: ``points`` for every counted row of ``fact`` that meets ``where``."""

    rule_id: str
    rule_type: Literal["deduction_per_case", "timeliness"]
    points: Points
    label: str


class Facts(Model):
    """事实: the rules, the cap of all deductions together in points, and the facts that count nowhere on purpose."""

    cap: Points
    rules: tuple[FactRule, ...] = ()
    ignored: tuple[FactUse, ...] = ()


class GradeBand(Model):
    """A grade holds totals from ``lowest`` (included) up to the next band's lowest; side conditions by name."""

    grade: str
    label: str
    lowest: Annotated[float, Field(ge=0, le=100)]
    conditions: tuple[Literal["no_item_at_zero"], ...] = ()


class ReturnTerms(Model):
    """``returns`` of ``cycle.yml``: what a unit is told with its return list (退回补正单).

    ``date`` is the day of the notices, ``days`` how long a unit has from then on; without a date the days count from
    receipt. ``office`` signs and receives (without it the bureau), ``contact`` says how to reach it.
    """

    date: dt.date | None = None
    days: Annotated[int, Field(gt=0)] | None = None
    office: str = ""
    contact: str = ""

    @property
    def deadline(self) -> dt.date | None:
        """The last day for sending again, where both date and days are given."""
        return self.date + dt.timedelta(days=self.days) if self.date and self.days else None


class Limits(Model):
    """``limits`` of ``cycle.yml``: what one received file may ask for before it is refused as too large.

    ``seconds`` of CPU time and ``memory_bytes`` above a worker's start, for all that is done with the file; ``inflated_bytes``
    of all parts of a zip, ``part_bytes`` of one; ``grid_places``, rows × columns of all sheets; LibreOffice's by the clock.
    """

    seconds: PositiveFloat = 2
    memory_bytes: PositiveInt = 500_000_000
    file_bytes: PositiveInt = 100 << 20
    inflated_bytes: PositiveInt = 512 << 20
    part_bytes: PositiveInt = 64 << 20
    grid_places: PositiveInt = 5_000_000
    sheets: PositiveInt = 100
    merges: PositiveInt = 100_000
    text_characters: PositiveInt = 32_767
    conversion_seconds: PositiveFloat = 90


class Cycle(Model):
    """``cycle.yml``: the year's parameters. Points on the 0–100 scale, shares between 0 and 1."""

    cycle: int
    previous_cycle: int | None = None
    bureau: str
    report_date: dt.date
    deadline: dt.date
    classification: str = ""
    document_number: str = ""
    signature: str = ""
    rectification_days: Annotated[int, Field(gt=0)] = 30
    returns: ReturnTerms = ReturnTerms()
    weights: Weights
    inspection_cap: Points = 100
    facts: Facts
    grades: tuple[GradeBand, ...]
    min_change: Points = 2.0
    percentage_minimum: Annotated[float, Field(gt=0)] = 5
    suppression_threshold: int = 5
    rank_minimum: int = 5
    peer_minimum: int = 5
    common_share: Share = 1 / 3
    bulletin_shows: tuple[Literal["scores", "grades", "ranks"], ...] = ()
    materials_folders: tuple[str, ...] = ()
    limits: Limits = Limits()


class Unit(Model):
    """A line of ``units.csv``: one subordinate unit (局直单位) with every name it is known by."""

    unit_id: Annotated[str, Field(pattern=r"^U\d{3,}$")]
    name: str
    short_name: str
    unit_type: str
    headcount: int
    head: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Full name, short name and aliases."""
        return (self.name, self.short_name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Member:
    """A line of ``members.csv``: a leader of a unit. A pydantic model would take seven times the memory."""

    unit_id: str
    member_id: str
    name: str
    position: str


class Team(Model):
    """A line of ``teams.csv``: an inspection team."""

    team_id: str
    name: str
    leader: str
    aliases: tuple[str, ...] = ()


class Visit(Model):
    """A line of ``visits.csv``: which team visits which unit, and when."""

    unit_id: str
    team_id: str
    visit_date: dt.date


class Option(Model):
    """An answer of the questionnaire's scale; ``coefficient`` in points of 100, None for 弃权/不了解."""

    option_id: str
    label: str
    coefficient: Annotated[float, Field(ge=0, le=100)] | None
    aliases: tuple[str, ...] = ()


class Question(Model):
    """A question of 附件3: rated on the scale, naming the rater's group, or a free comment."""

    question_id: str
    label: str
    kind: Literal["scale", "group", "comment"] = "scale"
    aliases: tuple[str, ...] = ()


class Named(Model):
    """An id from a closed list with its Chinese label and other spellings."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()


class Questionnaire(Model):
    """``questionnaire.yml`` (附件3): scale, groups, questions, and the rules of validity and trimming.

    Where ``trims_extremes`` holds, one highest and one lowest vote of a question fall out above ``trim_above`` votes.
    ``codes``: the options in the order of their numbers 1, 2 … in an export of numbers, for a question (by its id),
    for every question on the ``scale`` or for the ``rater_groups``; the printed order where nothing is said.
    """

    form_id: str = "questionnaire"
    title: str
    version: str
    scale: tuple[Option, ...]
    counts_abstentions: bool = False
    rater_groups: tuple[Named, ...]
    questions: tuple[Question, ...]
    codes: dict[str, tuple[str, ...]] = {}
    minimum_answered_share: Share = 0.5
    voids_identical_answers: bool = False
    voids_full_marks: bool = False
    trims_extremes: bool = False
    trim_above: Annotated[int, Field(ge=3)] = 5

    @property
    def rated(self) -> tuple[Question, ...]:
        """The questions that carry a score."""
        return tuple(question for question in self.questions if question.kind == "scale")

    def coded(self, question: Question) -> tuple[str, ...]:
        """The ids of a question's options in the order of their numbers in an export of numbers."""
        is_group = question.kind == "group"
        ids = [group.id for group in self.rater_groups] if is_group else [o.option_id for o in self.scale]
        named = self.codes.get("rater_groups" if is_group else "scale", tuple(ids))
        return self.codes.get(question.question_id, named)

    @property
    def best(self) -> Option:
        """The option with the highest coefficient."""
        return max(self.scale, key=lambda option: option.coefficient or 0.0)


class Correction(Model):
    """An entry of ``corrections.yml``: a reviewed change of one received value, which must be exactly ``was``."""

    correction_id: str
    table: str
    key: dict[str, str]
    column: str
    was: str
    becomes: str
    reason: str
    who: str
    when: dt.date


class Decision(Model):
    """An entry of ``decisions.yml``: a recorded departure from the computed grade of a unit."""

    grade_decision_id: str
    unit_id: str
    from_grade: str
    to_grade: str
    reason: str
    by: str
    at: dt.date
