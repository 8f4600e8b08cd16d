"""What holds between the files of a cycle: one check, one function, in the visible list :data:`CHECKS`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from lianzheng.config.files import Problem
from lianzheng.config.standard import Bonus, Discretionary, Range, Veto
from lianzheng.names import plain_unit

if TYPE_CHECKING:
    from lianzheng.config.load import CycleConfig

_POINTS_IN_LABEL = re.compile(r"（(?:最高)?(\d+(?:\.\d+)?)分）")
Problems = Iterator[Problem]


def _at(config: CycleConfig, name: str) -> str:
    return f"config/{config.folder.name}/{name}"


def _equal(left: float, right: float) -> bool:
    return abs(left - right) < 1e-9


def years_and_dates(config: CycleConfig) -> Problems:
    """The year is the folder's, the previous year lies before it, the deadline not after the report."""
    cycle, file = config.cycle, _at(config, "cycle.yml")
    if str(cycle.cycle) != config.folder.name:
        yield Problem(file, "cycle", f"is {cycle.cycle}", f"{config.folder.name}, the name of the folder")
    if cycle.previous_cycle is not None and cycle.previous_cycle >= cycle.cycle:
        yield Problem(file, "previous_cycle", f"is {cycle.previous_cycle}", f"a year before {cycle.cycle}")
    if cycle.previous_cycle is not None and not config.visited_last_cycle:
        wrong = f"config/{cycle.previous_cycle}/visits.csv is missing or empty"
        yield Problem(file, "previous_cycle", wrong, "a year whose visits.csv is there, or no such key")
    if cycle.deadline > cycle.report_date:
        yield Problem(
            file, "deadline", f"is {cycle.deadline}", f"a day up to report_date {cycle.report_date}"
        )


def weights(config: CycleConfig) -> Problems:
    """The two weights sum to 1, and 测评 has weight only where there is a questionnaire."""
    shares, file = config.cycle.weights, _at(config, "cycle.yml")
    if not _equal(shares.inspection + shares.perception, 1):
        yield Problem(file, "weights", f"sum to {shares.inspection + shares.perception:g}", "a sum of 1")
    if shares.perception and not config.questionnaire:
        yield Problem(file, "weights.perception", "above 0 without questionnaire.yml", "0, or add the file")


def grade_bands(config: CycleConfig) -> Problems:
    """The bands partition 0–100: best first, each lower than the one before, the last one at 0."""
    lowest, file = [band.lowest for band in config.cycle.grades], _at(config, "cycle.yml")
    if not lowest or lowest[-1] != 0 or any(low >= high for high, low in pairwise(lowest)):
        yield Problem(file, "grades", f"lowest are {lowest}", "falling from band to band, the last one 0")
    allowed = [grade for grade in config.choices("grade") if grade != "unverified"]
    for band in config.cycle.grades:
        if band.grade not in allowed:
            yield Problem(file, f"grades[{band.grade}].grade", "unknown grade", ", ".join(allowed))


def points(config: CycleConfig) -> Problems:
    """Items sum to their block, blocks of kind points to 100, and points inside labels are the block's."""
    file = _at(config, "standard.yml")
    for block in config.standard.blocks:
        key, total = f"blocks[{block.block_id}]", sum(item.max_points for item in block.items)
        printed = _POINTS_IN_LABEL.search(block.label)
        if block.kind == "points" and not _equal(total, block.max_points):
            yield Problem(file, f"{key}.max_points", f"items sum to {total:g}", f"{block.max_points:g}")
        if printed and not _equal(float(printed[1]), block.max_points):
            yield Problem(file, f"{key}.label", f"says {printed[1]}", f"{block.max_points:g}, its max_points")
    total = sum(block.max_points for block in config.standard.blocks if block.kind == "points")
    if not _equal(total, 100):
        yield Problem(file, "blocks", f"sum to {total:g} points", "100")


def rules(config: CycleConfig) -> Problems:
    """加分 rules stand in bonus blocks, 否决 in veto blocks; what an inspector may take is within the item."""
    file = _at(config, "standard.yml")
    for block in config.standard.blocks:
        for item in block.items:
            key, rule = f"blocks[{block.block_id}].items[{item.item_id}].rule", item.rule
            kind = {Bonus: "bonus", Veto: "veto"}.get(type(rule), "points")
            if kind != block.kind:
                yield Problem(file, key, f"{rule.rule_type} in a block of kind {block.kind}", f"kind {kind}")
            if isinstance(rule, Range | Discretionary) and rule.highest > item.max_points:
                yield Problem(file, f"{key}.highest", f"is {rule.highest:g}", f"up to {item.max_points:g}")
            if isinstance(rule, Range) and rule.lowest > rule.highest:
                yield Problem(file, f"{key}.lowest", f"is {rule.lowest:g}", f"up to {rule.highest:g}")


def _ids(config: CycleConfig) -> Iterator[tuple[str, str, Iterable[str]]]:
    items, findings, sheet = config.standard.items, config.findings, config.questionnaire
    names = [f"{member.unit_id} {member.name}" for member in config.members]
    rule_ids = [item.rule.rule_id for item in items]
    rule_ids += [item.not_applicable.rule_id for item in items if item.not_applicable]
    yield "units.csv", "unit_id", [unit.unit_id for unit in config.units]
    yield "members.csv", "member_id", [member.member_id for member in config.members]
    yield "members.csv", "name", names
    yield "teams.csv", "team_id", [team.team_id for team in config.teams]
    yield "visits.csv", "unit_id, team_id", [f"{visit.unit_id} {visit.team_id}" for visit in config.visits]
    yield "cycle.yml", "grades", [band.grade for band in config.cycle.grades]
    yield "standard.yml", "block_id", [block.block_id for block in config.standard.blocks]
    yield "standard.yml", "item_id", [item.item_id for item in items]
    yield "standard.yml", "item_key", [item.item_key for item in items]
    yield "standard.yml", "name", [item.name for item in items]
    yield "standard.yml", "rule_id", [*rule_ids, *(rule.rule_id for rule in config.cycle.facts.rules)]
    for name in ("subjects", "defects", "topics", "evidence_classes", "focal_points", "four_forms"):
        yield "findings.yml", name, [named.id for named in getattr(findings, name, ())]
    yield (
        "findings.yml",
        "bulletin_classes",
        [k.bulletin_class for k in findings.bulletin_classes] if findings else [],
    )
    yield "questionnaire.yml", "scale", [option.option_id for option in sheet.scale] if sheet else []
    yield "questionnaire.yml", "questions", [q.question_id for q in sheet.questions] if sheet else []
    yield "decisions.yml", "unit_id", [decision.unit_id for decision in config.decisions]


def unique_ids(config: CycleConfig) -> Problems:
    """Every id stands once in its list."""
    for name, key, ids in _ids(config):
        for id_ in (id_ for id_, times in Counter(ids).items() if times > 1):
            yield Problem(_at(config, name), key, f"{id_} stands more than once", "each once")


def _references(config: CycleConfig) -> Iterator[tuple[str, str, Iterable[str], Iterable[str]]]:
    units, teams = [unit.unit_id for unit in config.units], [team.team_id for team in config.teams]
    yield "members.csv", "unit_id", (member.unit_id for member in config.members), units
    yield "visits.csv", "unit_id", (visit.unit_id for visit in config.visits), units
    yield "decisions.yml", "unit_id", (decision.unit_id for decision in config.decisions), units
    grades = [band.grade for band in config.cycle.grades]
    yield "decisions.yml", "to_grade", (decision.to_grade for decision in config.decisions), grades
    if teams:
        yield "visits.csv", "team_id", (visit.team_id for visit in config.visits), teams
    if config.findings:
        classes = [kind.bulletin_class for kind in config.findings.bulletin_classes]
        yield "findings.yml", "remedies", config.findings.remedies, classes
        for item in config.standard.items:
            at = f"items[{item.item_id}]"
            for field in ("evidence_classes", "focal_points"):
                yield "standard.yml", f"{at}.{field}", getattr(item, field), config.choices(field)
        for kind in config.findings.bulletin_classes:
            key = f"bulletin_classes[{kind.bulletin_class}].subjects"
            yield "findings.yml", key, kind.subjects, config.choices("subjects")


def references(config: CycleConfig) -> Problems:
    """Whatever refers to a unit, team, grade, class, subject, evidence class or focal point finds it."""
    for name, key, used, known in _references(config):
        for id_ in sorted(set(used) - set(known)):
            yield Problem(_at(config, name), key, f"{id_} is not known", ", ".join(known))


def heads(config: CycleConfig) -> Problems:
    """The head of a unit (党政主要负责人) is one of its members, where members are listed."""
    names = {(member.unit_id, member.name) for member in config.members}
    for unit in config.units if names else ():
        if (unit.unit_id, unit.head) not in names:
            wrong = f"{unit.head} of {unit.unit_id} is not in members.csv"
            yield Problem(_at(config, "units.csv"), "head", wrong, "a member of the unit")


def unit_names(config: CycleConfig) -> Problems:
    """No name or alias, once folded, stands for two units."""
    owners: dict[str, str] = {}
    for unit in config.units:
        for name in unit.names:
            owner = owners.setdefault(plain_unit(name), unit.unit_id)
            if owner != unit.unit_id:
                wrong = f"{name} stands for {owner} and {unit.unit_id}"
                yield Problem(_at(config, "units.csv"), "aliases", wrong, "one unit per name")


def focal_points(config: CycleConfig) -> Problems:
    """Each focal point of the check is served by at least one item."""
    served = {point for item in config.standard.items for point in item.focal_points}
    for point in config.choices("focal_points"):
        if point not in served:
            yield Problem(
                _at(config, "standard.yml"), "focal_points", f"no item serves {point}", "one item or more"
            )


def finding_subjects(config: CycleConfig) -> Problems:
    """Each subject of findings belongs to exactly one class of the bulletin."""
    kinds = config.findings.bulletin_classes if config.findings else ()
    times = Counter(subject for kind in kinds for subject in kind.subjects)
    for subject in config.choices("subjects"):
        if times[subject] != 1:
            wrong = f"{subject} is in {times[subject]} classes"
            yield Problem(_at(config, "findings.yml"), "bulletin_classes", wrong, "exactly one")


def form_fields(config: CycleConfig) -> Problems:
    """Every choice of a form names a closed list, and every table has columns with distinct ids."""
    for form in config.forms.values():
        fields = [(field.field_id, field.value, field.choices) for field in form.header]
        for table in form.tables:
            ids = [column.column_id for column in table.columns] + [row.row_id for row in table.rows]
            for id_ in (id_ for id_, times in Counter(ids).items() if times > 1):
                yield _form_problem(
                    config, form.form_id, table.table_id, f"{id_} stands more than once", "each once"
                )
            fields += [(column.column_id, column.value, column.choices) for column in table.columns]
        for id_, value, choices in fields:
            if (value == "choice") != bool(choices) or (choices and choices not in config.closed_lists):
                wrong = f"value {value} with choices {choices or '(none)'}"
                yield _form_problem(config, form.form_id, id_, wrong, ", ".join(sorted(config.closed_lists)))


def _form_problem(config: CycleConfig, form_id: str, key: str, wrong: str, allowed: str) -> Problem:
    name = f"{form_id}.yml" if form_id in ("standard", "statistics") else "team_sheets.yml"
    return Problem(_at(config, name), f"forms[{form_id}].{key}", wrong, allowed)


CHECKS: tuple[Callable[[CycleConfig], Problems], ...] = (
    years_and_dates, weights, grade_bands, points, rules, unique_ids, references, heads, unit_names,
    focal_points, finding_subjects, form_fields,
)  # fmt: skip
