"""What holds between the files of a cycle: one check, one function, in the visible list :data:`CHECKS`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from lianzheng.config.files import Problem
from lianzheng.config.forms import Form, FormColumn, HeaderField
from lianzheng.config.models import TAXONOMY
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


def _entries(config: CycleConfig, path: str) -> Sequence[Any]:
    found: Any = config
    for name in path.split("."):
        found = getattr(found, name, ())  # a file that is absent has no entries
    return cast(Sequence[Any], found)


def unique_ids(config: CycleConfig) -> Problems:
    """Every id stands once in its list (:data:`UNIQUE`)."""
    for name, path, *fields in UNIQUE:
        for id_, times in Counter(map(attrgetter(*fields), _entries(config, path))).items():
            if times > 1:
                yield Problem(
                    _at(config, name), ", ".join(fields), f"{id_} stands {times} times", "each once"
                )


def references(config: CycleConfig) -> Problems:
    """Whatever refers to another list finds it there (:data:`REFERENCES`)."""
    for name, path, field, known_path, known_field in REFERENCES:
        known = [getattr(entry, known_field) for entry in _entries(config, known_path)]
        for entry in _entries(config, path) if known else ():
            used = getattr(entry, field)
            for id_ in [used] if isinstance(used, str) else used:
                if id_ not in known:
                    where = f"{path}[{next(iter(vars(entry).values()))}].{field}"
                    yield Problem(_at(config, name), where, f"{id_} is not known", ", ".join(known))


def heads(config: CycleConfig) -> Problems:
    """The head of a unit (党政主要负责人) is one of its members, where members are listed."""
    names = {(member.unit_id, member.name) for member in config.members}
    for unit in config.units if names else ():
        if (unit.unit_id, unit.head) not in names:
            wrong = f"{unit.head} of {unit.unit_id} is not in members.csv"
            yield Problem(_at(config, "units.csv"), "head", wrong, "a member of the unit")


def unit_names(config: CycleConfig) -> Problems:
    """There are units, and no name or alias, once folded, stands for two of them."""
    if not config.units:
        yield Problem(_at(config, "units.csv"), "", "is missing or empty", "one line per unit")
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
    for id_ in (point.id for point in _entries(config, "findings.focal_points")):
        if id_ not in served:
            yield Problem(_at(config, "standard.yml"), "focal_points", f"no item serves {id_}", "one or more")


def finding_subjects(config: CycleConfig) -> Problems:
    """Each subject of findings belongs to exactly one class of the bulletin, and each class has its remedy."""
    file, kinds = _at(config, "findings.yml"), config.findings.bulletin_classes if config.findings else ()
    times = Counter(subject for kind in kinds for subject in kind.subjects)
    for named in config.findings.subjects if config.findings else ():
        if times[named.id] != 1:
            yield Problem(
                file, "bulletin_classes", f"{named.id} is in {times[named.id]} classes", "exactly one"
            )
    remedies = set(config.findings.remedies) if config.findings else set()
    for id_ in sorted(remedies ^ {kind.bulletin_class for kind in kinds}):
        yield Problem(
            file, "remedies", f"{id_} is not in both lists", "one remedy for each of bulletin_classes"
        )


def form_fields(config: CycleConfig) -> Problems:
    """Every choice of a form names a closed list; rows and columns of a table have distinct ids."""
    for form in config.all_forms:
        fields: list[HeaderField | FormColumn] = list(form.header)
        for table in form.tables:
            fields += table.columns
            ids = Counter([row.row_id for row in table.rows] + [column.column_id for column in table.columns])
            for id_ in (id_ for id_, times in ids.items() if times > 1):
                yield Problem(_form_at(config, form), table.table_id, f"{id_} stands twice", "each once")
        for field in fields:
            if field.choices not in (config.closed_lists if field.value == "choice" else ("",)):
                wrong = f"value {field.value} with choices {field.choices or '(none)'}"
                yield Problem(_form_at(config, form), field.label, wrong, ", ".join(config.closed_lists))


def _form_at(config: CycleConfig, form: Form) -> str:
    named = {"standard": "standard.yml", "statistics": "statistics.yml"}
    return f"{_at(config, named.get(form.form_id, 'team_sheets.yml'))}: form {form.form_id}"


UNIQUE = (
    ("units.csv", "units", "unit_id"), ("members.csv", "members", "member_id"),
    ("members.csv", "members", "unit_id", "name"), ("teams.csv", "teams", "team_id"),
    ("visits.csv", "visits", "unit_id", "team_id"), ("cycle.yml", "cycle.grades", "grade"),
    ("cycle.yml", "cycle.facts.rules", "rule_id"), ("standard.yml", "standard.blocks", "block_id"),
    ("standard.yml", "standard.items", "item_id"), ("standard.yml", "standard.items", "item_key"),
    ("standard.yml", "standard.items", "name"), ("standard.yml", "standard.items", "rule.rule_id"),
    *(("findings.yml", f"findings.{name}", "id") for name in TAXONOMY),
    ("findings.yml", "findings.bulletin_classes", "bulletin_class"),
    ("questionnaire.yml", "questionnaire.scale", "option_id"),
    ("questionnaire.yml", "questionnaire.rater_groups", "id"),
    ("questionnaire.yml", "questionnaire.questions", "question_id"),
    ("team_sheets.yml", "all_forms", "form_id"), ("corrections.yml", "corrections", "correction_id"),
    ("decisions.yml", "decisions", "grade_decision_id"), ("decisions.yml", "decisions", "unit_id"),
)  # fmt: skip
REFERENCES = (
    ("members.csv", "members", "unit_id", "units", "unit_id"),
    ("visits.csv", "visits", "unit_id", "units", "unit_id"),
    ("visits.csv", "visits", "team_id", "teams", "team_id"),
    ("decisions.yml", "decisions", "unit_id", "units", "unit_id"),
    ("decisions.yml", "decisions", "to_grade", "cycle.grades", "grade"),
    ("standard.yml", "standard.items", "evidence_classes", "findings.evidence_classes", "id"),
    ("standard.yml", "standard.items", "focal_points", "findings.focal_points", "id"),
    ("findings.yml", "findings.bulletin_classes", "subjects", "findings.subjects", "id"),
)
CHECKS: tuple[Callable[[CycleConfig], Problems], ...] = (
    years_and_dates, weights, grade_bands, points, rules, unique_ids, references, heads, unit_names,
    focal_points, finding_subjects, form_fields,
)  # fmt: skip
