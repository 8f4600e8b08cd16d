"""The files that go out: a folder of blank forms per unit and per team, below reports/<cycle>/forms/."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.forms import Form
from lianzheng.config.models import Team, Unit
from lianzheng.disk import write_atomically
from lianzheng.forms.ballot import NUMBER, ballot
from lianzheng.forms.blank import Records, blank_form
from lianzheng.forms.layout import Layout, Scalar
from lianzheng.forms.word import as_docx
from lianzheng.forms.writers import as_xlsx
from lianzheng.names import file_name
from lianzheng.processes import end_with_parent
from lianzheng.zips import read_zip, write_zip

FOLDER = "forms"
UNIT_ID, UNIT_NAME = "@UNIT-ID@", "@UNIT-NAME@"
"""What stands in a form that is made once for all units, until a unit's own is stamped in."""
_TALLY = "tally"
_CHUNK = 8  # owners that a worker takes at a time
Files = dict[str, bytes]
Done = Callable[[int, int], object]


def write_forms(
    config: CycleConfig, unit_ids: Sequence[str] = (), n_workers: int | None = None, on_done: Done = lambda step, total: None
) -> int:  # fmt: skip
    """Write the blank forms of all units and teams, or of some units only; returns how many files.

    ``on_done(1, total)`` is called after each folder. An unknown unit raises :class:`ConfigError`.
    """
    owners = [config.unit(unit_id).unit_id for unit_id in unit_ids] or [u.unit_id for u in config.units]
    owners += [] if unit_ids else [team.team_id for team in config.teams]
    write = functools.partial(_write_owner, str(config.project), config.cycle.cycle)
    n_files = 0
    with ProcessPoolExecutor(n_workers or os.cpu_count() or 1, initializer=end_with_parent) as pool:
        for n_written in pool.map(write, owners, chunksize=_CHUNK):
            n_files += n_written
            on_done(1, len(owners))
    return n_files


def _write_owner(project: str, cycle: int, owner: str) -> int:
    config = _config(project, cycle)
    teams = {team.team_id: team for team in config.teams}
    files = team_files(config, teams[owner]) if owner in teams else unit_files(config, config.unit(owner))
    for name, data in files.items():
        write_atomically(config.reports / FOLDER / name, data)
    return len(files)


@functools.lru_cache(maxsize=1)
def _config(project: str, cycle: int) -> CycleConfig:
    return load_config(cycle, Path(project))


def unit_files(config: CycleConfig, unit: Unit) -> Files:
    """A unit's forms by path below reports/<cycle>/forms/: its own, the ballot and the tally sheet."""
    folder = f"units/{file_name(unit.unit_id, unit.short_name)}"
    stamps = {UNIT_ID: unit.unit_id, UNIT_NAME: unit.name}
    return {
        f"{folder}/{file_name(name, unit.short_name)}.{ending}": _stamped(parts, stamps)
        for (name, ending), parts in _templates(
            str(config.project), config.cycle.cycle, config.sha256
        ).items()
    }


def _stamped(parts: Mapping[str, bytes], stamps: Mapping[str, str]) -> bytes:
    """An Office file with a unit's words in place of the placeholders."""
    changed = dict(parts)
    for mark, text in stamps.items():
        written = escape(text, {'"': "&quot;"}).encode("utf-8")
        changed = {name: part.replace(mark.encode(), written) for name, part in changed.items()}
    return write_zip(changed)


@functools.lru_cache(maxsize=2)
def _templates(project: str, cycle: int, sha256: str) -> dict[tuple[str, str], dict[str, bytes]]:
    """The parts of every form that units get, by file name and ending, made once."""
    config = _config(project, cycle)
    made: dict[tuple[str, str], bytes] = {}
    for form in config.forms.values():
        if form.sender == "unit" and form.tables:
            layout = blank_form(config, form, UNIT_ID, {"year": cycle, "unit_id": UNIT_NAME})
            made[form.number or form.title, "xlsx"] = as_xlsx(layout)
            made[form.number or form.title, "docx"] = as_docx(layout)
    if config.questionnaire:
        paper = ballot(config, config.questionnaire, UNIT_ID, UNIT_NAME)
        made[f"{NUMBER}测评票", "docx"] = as_docx(paper)
    if config.questionnaire and _TALLY in config.forms:
        made[f"{NUMBER}计票汇总表", "xlsx"] = as_xlsx(tally(config, UNIT_ID, UNIT_NAME))
    return {name: read_zip(data) for name, data in made.items()}


def tally(config: CycleConfig, owner: str, unit_name: str) -> Layout:
    """The sheets on which a unit's ballots are counted by hand, one for each group of raters."""
    form, groups = config.forms[_TALLY], config.questionnaire.rater_groups if config.questionnaire else ()
    layouts = [
        blank_form(
            config, form, owner, {"unit_id": unit_name, "rater_group": group.label}, sheet_name=group.label
        )
        for group in groups
    ]
    return replace(layouts[0], sheets=tuple(sheet for layout in layouts for sheet in layout.sheets))


def team_files(config: CycleConfig, team: Team) -> Files:
    """A team's sheets by path: a score sheet per unit that it visits, and its lists."""
    folder = f"teams/{file_name(team.team_id, team.name)}"
    files: Files = {}
    for form in config.forms.values():
        if form.sender != "team" or form.form_id == _TALLY:
            continue
        if form.scope == "unit":
            for visit in (visit for visit in config.visits if visit.team_id == team.team_id):
                unit = config.unit(visit.unit_id)
                files[f"{folder}/{file_name('评分表', unit.unit_id, unit.short_name)}.xlsx"] = as_xlsx(
                    score_sheet(config, form, team, unit)
                )
        else:
            name = form.title.removeprefix(config.cycle.bureau)
            files[f"{folder}/{file_name(name, team.name)}.xlsx"] = as_xlsx(team_sheet(config, form, team))
    return files


def score_sheet(config: CycleConfig, form: Form, team: Team, unit: Unit) -> Layout:
    """The score sheet of a team for a unit, with a line for each leader where an item is scored person by person."""
    visits = [v for v in config.visits if (v.unit_id, v.team_id) == (unit.unit_id, team.team_id)]
    header: dict[str, Scalar] = {
        "unit_id": unit.name,
        "team_id": team.name,
        "visit_date": visits[0].visit_date,
    }
    members = [member.name for member in config.members if member.unit_id == unit.unit_id]
    items = [i.name for i in config.standard.items if i.rule.rule_type == "mean_over_members"]
    records: Records = {
        table.table_id: [{"item_id": item, "member_id": member} for item in items for member in members]
        for table in form.tables if "member_id" in {column.column_id for column in table.columns}
    }  # fmt: skip
    return blank_form(config, form, unit.unit_id, header, records, "评分表", {"members": tuple(members)})


def team_sheet(config: CycleConfig, form: Form, team: Team) -> Layout:
    """A team's list: its visits with dates, raters' groups and evidence classes prefilled where the list asks them."""
    visits = [visit for visit in config.visits if visit.team_id == team.team_id]
    names = tuple(config.unit(visit.unit_id).name for visit in visits)
    groups = config.questionnaire.rater_groups if config.questionnaire else ()
    classes = config.findings.evidence_classes if config.findings else ()
    told: Records = {
        "site_visits": [{"unit_id": n, "visit_date": v.visit_date} for n, v in zip(names, visits, strict=True)],
        "ballot_counts": [{"unit_id": name, "rater_group": group.label} for name in names for group in groups],
        "evidence_by_unit_class": [{"unit_id": name, "evidence_class": c.label} for name in names for c in classes],
    }  # fmt: skip
    records = {table.table_id: told.get(table.into, ()) for table in form.tables}
    return blank_form(config, form, team.team_id, {"team_id": team.name}, records, "", {"unit": names})
