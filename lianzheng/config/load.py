"""A cycle's configuration: found, read, checked and frozen as :class:`CycleConfig`."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from lianzheng.config.bulletin import Bulletin
from lianzheng.config.checks import LINT, problems
from lianzheng.config.derive import fill_form
from lianzheng.config.files import ConfigFolder, SafeLoader, refuse
from lianzheng.config.findings import FindingTaxonomy
from lianzheng.config.forms import Form, Statistics
from lianzheng.config.layouts import ForeignLayout
from lianzheng.config.models import (
    TAXONOMY,
    Correction,
    Cycle,
    Decision,
    Member,
    Model,
    Questionnaire,
    Team,
    Unit,
    Visit,
)
from lianzheng.config.standard import Standard
from lianzheng.errors import ConfigError
from lianzheng.names import NameIndex
from lianzheng.project import existing_cycle

FILES = (
    "cycle.yml", "units.csv", "standard.yml", "members.csv", "teams.csv", "visits.csv", "statistics.yml",
    "questionnaire.yml", "self_report.yml", "findings.yml", "team_sheets.yml", "corrections.yml", "decisions.yml",
    "layouts.yml", "bulletin.yml",
)  # fmt: skip
Choices = dict[str, tuple[str, tuple[str, ...]]]


class TeamSheets(Model):
    """``team_sheets.yml``: the forms of teams and office."""

    forms: tuple[Form, ...]


@dataclass(frozen=True)
class CycleConfig:
    """Everything that config/<cycle>/ says, checked; ``sha256`` covers the bytes of all files it was made from."""

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
    bulletin: Bulletin | None
    all_forms: tuple[Form, ...]
    corrections: tuple[Correction, ...]
    decisions: tuple[Decision, ...]
    layouts: tuple[ForeignLayout, ...]
    sha256: str
    reports_folder: Path | None = None

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
        """Published pages, or where a publication gathers them until all are there."""
        return self.reports_folder or self.project / "reports" / self.folder.name

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Every form by its id, with the rows and columns that the standard and the questionnaire give it."""
        return {form.form_id: form for form in self.all_forms}

    @property
    def unit_names(self) -> dict[str, tuple[str, ...]]:
        """Every name of every unit, also with the bureau's name before it."""
        bureau = self.cycle.bureau
        return {unit.unit_id: (*unit.names, *(bureau + name for name in unit.names)) for unit in self.units}

    @cached_property
    def unit_index(self) -> NameIndex:
        """Finds a unit's id by any of its names."""
        return NameIndex(self.unit_names)

    @cached_property
    def _units_by_id(self) -> dict[str, Unit]:
        return {unit.unit_id: unit for unit in self.units}

    @cached_property
    def _members_by_unit(self) -> dict[str, Choices]:
        found: dict[str, Choices] = {}
        for member in self.members:
            found.setdefault(member.unit_id, {})[member.member_id] = (member.name, ())
        return found

    @cached_property
    def heads(self) -> frozenset[str]:
        """The names of the units' heads."""
        return frozenset(unit.head for unit in self.units)

    def has_unit(self, unit_id: str) -> bool:
        """Whether the roster has a unit of that id."""
        return unit_id in self._units_by_id

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
            known = ", ".join(sorted(self.closed_lists))
            raise ConfigError(f"there is no closed list {name}", f"use one of {known}")
        if name == "members" and unit_id:
            return self._members_by_unit.get(unit_id, {})
        return self.closed_lists[name]


def _closed_lists(config: CycleConfig) -> dict[str, Choices]:
    contract = Path(__file__).parents[1].joinpath("tables.yml").read_text(encoding="utf-8")
    labels: dict[str, dict[str, str]] = yaml.load(contract, Loader=SafeLoader)["lists"]
    findings, sheet, statistics = config.findings, config.questionnaire, config.statistics
    named = {name: getattr(findings, name, ()) for name in TAXONOMY}
    named["rater_groups"] = sheet.rater_groups if sheet else ()
    problems = statistics.form.table("problems").rows if statistics else ()
    classes = findings.bulletin_classes if findings else ()
    return {
        **{name: {id_: (label, ()) for id_, label in list_.items()} for name, list_ in labels.items()},
        **{name: {one.id: (one.label, one.aliases) for one in list_} for name, list_ in named.items()},
        "bulletin_classes": {kind.bulletin_class: (kind.label, ()) for kind in classes},
        "scale": {o.option_id: (o.label, o.aliases) for o in (sheet.scale if sheet else ())},
        "teams": {team.team_id: (team.name, team.aliases) for team in config.teams},
        "members": {member.member_id: (member.name, ()) for member in config.members},
        "items": {item.item_id: (item.name, item.aliases) for item in config.standard.items},
        "categories": {row.row_id: (row.labels[1], row.aliases) for row in problems if row.role == "data"},
        "statistics_rows": {id_: (label, ()) for id_, label in getattr(statistics, "categories", {}).items()},
        "measures": {id_: (label, ()) for id_, label in getattr(statistics, "measures", {}).items()},
    }


def load_config(cycle: int | None, project: Path) -> CycleConfig:
    """Read and check config/<cycle>/ (default: the latest); any mistake raises :class:`ConfigError`."""
    files = sorted(path for path in project.glob("config/*/*") if path.suffix in (".yml", ".yaml", ".csv"))
    told = hashlib.sha256()
    for path in files:
        told.update(f"{path}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return _loaded(project, existing_cycle(cycle, project), told.hexdigest())


@functools.lru_cache(maxsize=2)
def _loaded(project: Path, cycle: int, digest: str) -> CycleConfig:
    """The configuration that the files with this digest say; a second page of the same process need not read them."""
    config = _read(project, cycle)
    refuse(problems(config))
    return config


def lint(cycle: int | None, project: Path) -> dict[str, list[str]]:
    """What each check (by its sentence) finds wrong with config/<cycle>/: file, key, wrong, allowed.

    Raises :class:`ConfigError` where a file cannot be read at all.
    """
    config = _read(project, existing_cycle(cycle, project))
    sentences = [re.sub(r" \(:data:`\w+`\)|\s+(?=\s)", "", check.__doc__ or "") for check in LINT]
    found = [[str(problem) for problem in problems(config, [check])] for check in LINT]
    return dict(zip(sentences, found, strict=True))


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
    report = files.model("self_report.yml", Form)
    forms = [standard.form, statistics and statistics.form, report, *(sheets.forms if sheets else ())]
    filled = [fill_form(form, standard, questionnaire, findings) for form in forms if form]
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
        bulletin=files.model("bulletin.yml", Bulletin),
        all_forms=tuple(filled),
        corrections=files.model("corrections.yml", tuple[Correction, ...]) or (),
        decisions=files.model("decisions.yml", tuple[Decision, ...]) or (),
        layouts=files.model("layouts.yml", tuple[ForeignLayout, ...]) or (),
        sha256=hashlib.sha256((files.sha256 + last.sha256).encode()).hexdigest(),
    )
