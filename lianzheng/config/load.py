"""A cycle's configuration: found, read, checked and frozen as :class:`CycleConfig`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from lianzheng.config.checks import CHECKS
from lianzheng.config.derive import fill_form
from lianzheng.config.files import ConfigFolder, Problem, SafeLoader, refuse
from lianzheng.config.forms import Form, Statistics
from lianzheng.config.models import (
    Correction,
    Cycle,
    Decision,
    FindingTaxonomy,
    Member,
    Model,
    Named,
    Questionnaire,
    Team,
    Unit,
    Visit,
)
from lianzheng.config.standard import Standard
from lianzheng.errors import ConfigError
from lianzheng.names import NameIndex

FILES = (
    "cycle.yml", "units.csv", "standard.yml", "members.csv", "teams.csv", "visits.csv", "statistics.yml",
    "questionnaire.yml", "findings.yml", "team_sheets.yml", "corrections.yml", "decisions.yml",
)  # fmt: skip
Choices = dict[str, tuple[str, tuple[str, ...]]]


class TeamSheets(Model):
    """``team_sheets.yml``: the forms of teams and office."""

    forms: tuple[Form, ...]


@dataclass(frozen=True)
class CycleConfig:
    """Everything that config/<cycle>/ says, checked.

    ``forms`` holds every form by id, rows filled in; ``sha256`` covers the bytes of all files it was made from.
    """

    project: Path
    folder: Path
    cycle: Cycle
    units: tuple[Unit, ...]
    members: tuple[Member, ...]
    teams: tuple[Team, ...]
    visits: tuple[Visit, ...]
    visited_last_cycle: frozenset[str]
    standard: Standard
    statistics: Statistics | None
    questionnaire: Questionnaire | None
    findings: FindingTaxonomy | None
    forms: dict[str, Form]
    corrections: tuple[Correction, ...]
    decisions: tuple[Decision, ...]
    sha256: str

    @property
    def data_raw(self) -> Path:
        """Files as received."""
        return self.project / "data" / "raw" / self.folder.name

    @property
    def data_processed(self) -> Path:
        """The processed tables."""
        return self.project / "data" / "processed" / self.folder.name

    @property
    def data_office(self) -> Path:
        """What the office edits and the product reads back."""
        return self.project / "data" / "office" / self.folder.name

    @property
    def reports(self) -> Path:
        """Published pages."""
        return self.project / "reports" / self.folder.name

    @cached_property
    def unit_index(self) -> NameIndex:
        """Finds a unit's id by any of its names."""
        return NameIndex({unit.unit_id: unit.names for unit in self.units})

    @cached_property
    def _units_by_id(self) -> dict[str, Unit]:
        return {unit.unit_id: unit for unit in self.units}

    def unit(self, unit_id: str) -> Unit:
        """The unit of that id; raises :class:`ConfigError` if the roster has none."""
        try:
            return self._units_by_id[unit_id]
        except KeyError:
            raise ConfigError(
                f"config/{self.folder.name}/units.csv has no unit {unit_id}",
                f"use one of {self.units[0].unit_id} to {self.units[-1].unit_id}, or add it to the roster",
            ) from None

    @cached_property
    def closed_lists(self) -> dict[str, Choices]:
        """Every closed list by name: those of the cycle's files and those of ``lianzheng/tables.yml``."""
        return _closed_lists(self)

    def choices(self, name: str, unit_id: str = "") -> Choices:
        """A closed list: id → (label, aliases); ``members`` may be narrowed to a unit.

        Raises :class:`ConfigError` for a list that does not exist.
        """
        if name not in self.closed_lists:
            raise ConfigError(
                f"there is no closed list {name}", f"use one of {', '.join(sorted(self.closed_lists))}"
            )
        if name == "members" and unit_id:
            return {m.member_id: (m.name, ()) for m in self.members if m.unit_id == unit_id}
        return self.closed_lists[name]


def _closed_lists(config: CycleConfig) -> dict[str, Choices]:
    contract = yaml.load(
        Path(__file__).parents[1].joinpath("tables.yml").read_text(encoding="utf-8"), Loader=SafeLoader
    )
    lists: dict[str, Choices] = {
        name: {id_: (label, ()) for id_, label in labels.items()}
        for name, labels in contract["lists"].items()
    }
    taxonomy = ("subjects", "defects", "topics", "evidence_classes", "focal_points", "four_forms")
    lists |= {name: _named(getattr(config.findings, name, ())) for name in taxonomy}
    classes = config.findings.bulletin_classes if config.findings else ()
    questionnaire = config.questionnaire
    statistics = config.statistics
    problems = statistics.form.table("problems").rows if statistics else ()
    return lists | {
        "bulletin_classes": {kind.bulletin_class: (kind.label, ()) for kind in classes},
        "rater_groups": _named(questionnaire.rater_groups if questionnaire else ()),
        "scale": {o.option_id: (o.label, o.aliases) for o in (questionnaire.scale if questionnaire else ())},
        "teams": {team.team_id: (team.name, team.aliases) for team in config.teams},
        "items": {item.item_id: (item.name, item.aliases) for item in config.standard.items},
        "members": {member.member_id: (member.name, ()) for member in config.members},
        "categories": {row.row_id: (row.labels[1], row.aliases) for row in problems if row.role == "data"},
        "statistics_rows": {
            id_: (label, ()) for id_, label in (statistics.categories if statistics else {}).items()
        },
        "measures": {id_: (label, ()) for id_, label in (statistics.measures if statistics else {}).items()},
    }


def _named(items: tuple[Named, ...]) -> Choices:
    return {item.id: (item.label, item.aliases) for item in items}


def list_cycles(project: Path) -> list[int]:
    """The years that the project has a configuration for, ascending."""
    return sorted(
        int(path.parent.name) for path in project.glob("config/*/cycle.yml") if path.parent.name.isdigit()
    )


def find_project(start: Path | None = None) -> Path:
    """The nearest folder, from ``start`` (default: here) upwards, that holds a cycle's config/<year>/.

    Raises :class:`ConfigError` when there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if list_cycles(folder):
            return folder
    raise ConfigError(
        f"no config/<year>/cycle.yml in {here} or above", "go to the project folder, or give --project"
    )


def load_config(cycle: int | None, project: Path) -> CycleConfig:
    """Read and check config/<cycle>/ (default: the latest); any mistake raises :class:`ConfigError`."""
    cycles = list_cycles(project)
    if not cycles or cycle not in (None, *cycles):
        raise ConfigError(
            f"config/{cycle or '<year>'}/cycle.yml does not exist in {project}",
            f"use one of the years {', '.join(map(str, cycles)) or '(none yet)'}, or add the folder",
        )
    config = _read(project, cycle or cycles[-1])
    refuse(problem for check in CHECKS for problem in check(config))
    return config


def _read(project: Path, cycle: int) -> CycleConfig:
    files = ConfigFolder(project, cycle)
    files.refuse_strangers(FILES)
    parameters = files.required("cycle.yml", Cycle)
    standard = files.required("standard.yml", Standard)
    statistics = files.model("statistics.yml", Statistics)
    questionnaire = files.model("questionnaire.yml", Questionnaire)
    findings = files.model("findings.yml", FindingTaxonomy)
    sheets = files.model("team_sheets.yml", TeamSheets)
    last = ConfigFolder(project, parameters.previous_cycle or 0)
    forms = [standard.form, statistics and statistics.form, *(sheets.forms if sheets else ())]
    ids = [form.form_id for form in forms if form]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    refuse(
        Problem(f"config/{cycle}", "form_id", f"{id_} stands more than once", "each once") for id_ in twice
    )
    return CycleConfig(
        project=project,
        folder=files.folder,
        cycle=parameters,
        units=files.rows("units.csv", Unit),
        members=files.rows("members.csv", Member),
        teams=files.rows("teams.csv", Team),
        visits=files.rows("visits.csv", Visit),
        visited_last_cycle=frozenset(visit.unit_id for visit in last.rows("visits.csv", Visit)),
        standard=standard,
        statistics=statistics,
        questionnaire=questionnaire,
        findings=findings,
        forms={form.form_id: fill_form(form, standard, questionnaire, findings) for form in forms if form},
        corrections=files.model("corrections.yml", tuple[Correction, ...]) or (),
        decisions=files.model("decisions.yml", tuple[Decision, ...]) or (),
        sha256=hashlib.sha256((files.sha256 + last.sha256).encode()).hexdigest(),
    )
