"""What holds between the files of a cycle: one check, one function, in the visible list :data:`CHECKS`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from lianzheng.config.bulletin import FACTS, FIGURES
from lianzheng.config.files import Problem
from lianzheng.config.forms import FormColumn, HeaderField
from lianzheng.config.layouts import layouts
from lianzheng.config.models import TAXONOMY
from lianzheng.config.rule_checks import ADVICE, RULE_CHECKS, Wrongs
from lianzheng.config.rules import Bonus, Discretionary, Range, SumOfSubItems, Veto
from lianzheng.config.standard import Item
from lianzheng.names import plain_unit

if TYPE_CHECKING:
    from lianzheng.config.load import CycleConfig

Check = Callable[["CycleConfig"], Wrongs]
CYCLE, STANDARD, FINDINGS, UNITS = "cycle.yml", "standard.yml", "findings.yml", "units.csv"
SHEET, BULLETIN = "questionnaire.yml", "bulletin.yml"
FORM_FILES = {"standard": STANDARD, "statistics": "statistics.yml", "self_report": "self_report.yml"}
_POINTS_IN_LABEL = re.compile(r"（(?:最高)?(\d+(?:\.\d+)?)分）")


def problems(config: CycleConfig, checks: Iterable[Check] = ()) -> Iterator[Problem]:
    """What the checks (all of :data:`CHECKS` where none are named) find wrong."""
    for check in checks or CHECKS:
        for file, key, wrong, allowed in check(config):
            yield Problem(f"config/{config.folder.name}/{file}", key, wrong, allowed)


def _equal(left: float, right: float) -> bool:
    return abs(left - right) < 1e-9


def years_and_dates(config: CycleConfig) -> Wrongs:
    """The year is the folder's, the previous year lies before it, the deadline not after the report."""
    cycle, last = config.cycle, config.cycle.previous_cycle
    if str(cycle.cycle) != config.folder.name:
        yield CYCLE, "cycle", f"is {cycle.cycle}", f"{config.folder.name}, the name of the folder"
    if last is not None and last >= cycle.cycle:
        yield CYCLE, "previous_cycle", f"is {last}", f"a year before {cycle.cycle}"
    if last is not None and not config.visited_last_cycle:
        allowed = "a year whose visits.csv is there, or no such key"
        yield CYCLE, "previous_cycle", f"config/{last}/visits.csv is missing or empty", allowed
    if cycle.deadline > cycle.report_date:
        yield CYCLE, "deadline", f"is {cycle.deadline}", f"a day up to report_date {cycle.report_date}"


def weights(config: CycleConfig) -> Wrongs:
    """The two weights sum to 1, and 测评 has weight only where there is a questionnaire."""
    shares = config.cycle.weights
    if not _equal(shares.inspection + shares.perception, 1):
        yield CYCLE, "weights", f"sum to {shares.inspection + shares.perception:g}", "a sum of 1"
    if shares.perception and not config.questionnaire:
        yield CYCLE, "weights.perception", "above 0 without questionnaire.yml", "0, or add the file"


def grade_bands(config: CycleConfig) -> Wrongs:
    """The bands partition 0–100: best first, each lower than the one before, the last one at 0."""
    lowest = [band.lowest for band in config.cycle.grades]
    if not lowest or lowest[-1] != 0 or any(low >= high for high, low in pairwise(lowest)):
        yield CYCLE, "grades", f"lowest are {lowest}", "falling from band to band, the last one 0"
    allowed = [grade for grade in config.choices("grade") if grade != "unverified"]
    for band in config.cycle.grades:
        if band.grade not in allowed:
            yield CYCLE, f"grades[{band.grade}].grade", "unknown grade", ", ".join(allowed)
    if len(lowest) < 2 or config.cycle.grades[-1].conditions:
        needed = "two grades or more, the lowest one without conditions"
        yield CYCLE, "grades", "there is no grade below one that can be lost", needed


def points(config: CycleConfig) -> Wrongs:
    """Items sum to their block, blocks of kind points to 100, and points inside labels are the block's."""
    for block in config.standard.blocks:
        key, total = f"blocks[{block.block_id}]", sum(item.max_points for item in block.items)
        printed = _POINTS_IN_LABEL.search(block.label)
        if block.kind == "points" and not _equal(total, block.max_points):
            yield STANDARD, f"{key}.max_points", f"items sum to {total:g}", f"{block.max_points:g}"
        if printed and not _equal(float(printed[1]), block.max_points):
            yield STANDARD, f"{key}.label", f"says {printed[1]}", f"{block.max_points:g}, its max_points"
    counted = [block for block in config.standard.blocks if block.kind == "points"]
    for unit_type in sorted({unit.unit_type for unit in config.units}):
        total = sum(block.max_points for block in counted if block.is_for(unit_type))
        if not _equal(total, 100):
            yield STANDARD, "blocks", f"those for {unit_type} sum to {total:g} points", "100"


def rules(config: CycleConfig) -> Wrongs:
    """加分 rules stand in bonus blocks, 否决 in veto blocks; what an inspector may take is within the item."""
    for block in config.standard.blocks:
        for item in block.items:
            key, rule = f"blocks[{block.block_id}].items[{item.item_id}].rule", item.rule
            kind = {Bonus: "bonus", Veto: "veto"}.get(type(rule), "points")
            if kind != block.kind:
                yield STANDARD, key, f"{rule.rule_type} in a block of kind {block.kind}", f"kind {kind}"
            if item.further_rules and block.kind != "points":
                yield STANDARD, key, f"further_rules in a block of kind {block.kind}", "none, or kind points"
            for judged, most in _judged(item):
                if judged.highest > most:
                    yield STANDARD, f"{key}.highest", f"is {judged.highest:g}", f"up to {most:g}"
                if isinstance(judged, Range) and judged.lowest > judged.highest:
                    yield STANDARD, f"{key}.lowest", f"is {judged.lowest:g}", f"up to {judged.highest:g}"


def _judged(item: Item) -> Iterator[tuple[Range | Discretionary, float]]:
    """The rules by which an inspector takes points, each with the points that it can take from."""
    subs = item.rule.sub_items if isinstance(item.rule, SumOfSubItems) else ()
    pairs: list[tuple[object, float]] = [(sub.rule, sub.max_points) for sub in subs]
    pairs += [(rule, item.max_points) for rule in (item.rule, *item.further_rules)]
    yield from ((rule, most) for rule, most in pairs if isinstance(rule, Range | Discretionary))


def _entries(config: CycleConfig, path: str) -> Sequence[Any]:
    found: Any = config
    for name in path.split("."):
        found = getattr(found, name, ())  # a file that is absent has no entries
    return cast(Sequence[Any], found)


def unique_ids(config: CycleConfig) -> Wrongs:
    """Every id stands once in its list (:data:`UNIQUE`)."""
    for file, path, *fields in UNIQUE:
        for id_, times in Counter(map(attrgetter(*fields), _entries(config, path))).items():
            if times > 1:
                yield file, ", ".join(fields), f"{id_} stands {times} times", "each once"


def references(config: CycleConfig) -> Wrongs:
    """Whatever refers to another list finds it there (:data:`REFERENCES`)."""
    for file, path, field, known_path, known_field in REFERENCES:
        known = dict.fromkeys(getattr(entry, known_field) for entry in _entries(config, known_path))
        for entry in _entries(config, path) if known else ():
            used = getattr(entry, field)
            for id_ in [used] if isinstance(used, str) else used:
                if id_ not in known:
                    first = getattr(entry, next(iter(entry.__pydantic_fields__)))
                    key = f"{path}[{first}].{field}"
                    yield file, key, f"{id_} is not known", ", ".join(known)


def heads(config: CycleConfig) -> Wrongs:
    """The head of a unit (党政主要负责人) is one of its members, where members are listed."""
    names = {(member.unit_id, member.name) for member in config.members}
    for unit in config.units if names else ():
        if (unit.unit_id, unit.head) not in names:
            wrong = f"{unit.head} of {unit.unit_id} is not in members.csv"
            yield UNITS, "head", wrong, "a member of the unit"


def unit_names(config: CycleConfig) -> Wrongs:
    """There are units, and no name or alias, once folded, stands for two of them."""
    if not config.units:
        yield UNITS, "", "is missing or empty", "one line per unit"
    owners: dict[str, str] = {}
    for unit in config.units:
        for name in unit.names:
            owner = owners.setdefault(plain_unit(name), unit.unit_id)
            if owner != unit.unit_id:
                yield UNITS, "aliases", f"{name} stands for {owner} and {unit.unit_id}", "one unit per name"


def focal_points(config: CycleConfig) -> Wrongs:
    """Each focal point of the check is served by at least one item."""
    served = {point for item in config.standard.items for point in item.focal_points}
    for id_ in (point.id for point in _entries(config, "findings.focal_points")):
        if id_ not in served:
            yield STANDARD, "focal_points", f"no item serves {id_}", "one item or more"


def finding_subjects(config: CycleConfig) -> Wrongs:
    """Each subject of findings belongs to exactly one class of the bulletin, and each class has its remedy."""
    kinds = _entries(config, "findings.bulletin_classes")
    times = Counter(subject for kind in kinds for subject in kind.subjects)
    for id_ in (subject.id for subject in _entries(config, "findings.subjects")):
        if times[id_] != 1:
            yield FINDINGS, "bulletin_classes", f"{id_} is in {times[id_]} classes", "exactly one"
    remedies = set(_entries(config, "findings.remedies"))
    for id_ in sorted(remedies ^ {kind.bulletin_class for kind in kinds}):
        yield FINDINGS, "remedies", f"{id_} is not in both lists", "one remedy for each of bulletin_classes"


def bulletin_words(config: CycleConfig) -> Wrongs:
    """The bulletin's sentences name figures and sentences that exist, its sections every subject once and figures of 附件2."""
    bulletin, findings, form = config.bulletin, config.findings, config.statistics
    if not bulletin or not findings:
        return
    known = {*FIGURES, *FACTS, *bulletin.sentences}
    for name, sentence in bulletin.sentences.items():
        for place in sorted(bulletin.places(sentence) - known):
            yield BULLETIN, f"sentences.{name}", f"names {place}", "a figure, or a sentence of this file"
    times = Counter(subject for section in bulletin.sections for subject in section.subjects)
    subjects, defects = ({one.id for one in list_} for list_ in (findings.subjects, findings.defects))
    for id_ in sorted(subjects | set(times)):
        if times[id_] != (id_ in subjects):
            yield (
                BULLETIN,
                "sections",
                f"{id_} is in {times[id_]} sections",
                "each subject of findings.yml in one",
            )
    for figure in (figure for section in bulletin.sections for figure in section.figures):
        if form and not (figure.category in form.categories and figure.measure in form.measures):
            yield BULLETIN, "sections", f"figure {figure.category}/{figure.measure}", "of statistics.yml"
    for id_ in sorted(defects - set(bulletin.problems)):
        yield BULLETIN, "problems", f"does not say {id_}", "every defect of findings.yml"
    wanted = {*defects, *(f"{subject}|{defect}" for subject in subjects for defect in defects)}
    for key in sorted(set(bulletin.problems) - wanted) + sorted(set(bulletin.subjects) - subjects):
        yield BULLETIN, "problems", f"{key} is not in findings.yml", "defect, or subject|defect"


def form_fields(config: CycleConfig) -> Wrongs:
    """Every choice of a form names a closed list; rows and columns of a table have distinct ids."""
    for form in config.all_forms:
        file = f"{FORM_FILES.get(form.form_id, 'team_sheets.yml')}: form {form.form_id}"
        fields: list[HeaderField | FormColumn] = list(form.header)
        for table in form.tables:
            fields += table.columns
            ids = Counter([row.row_id for row in table.rows] + [column.column_id for column in table.columns])
            for id_ in (id_ for id_, times in ids.items() if times > 1):
                yield file, table.table_id, f"{id_} stands twice", "each once"
        for field in fields:
            if field.choices not in (config.closed_lists if field.value == "choice" else ("",)):
                wrong = f"value {field.value} with choices {field.choices or '(none)'}"
                yield file, field.label, wrong, ", ".join(config.closed_lists)


def document_parts(config: CycleConfig) -> Wrongs:
    """The parts of a written report have distinct ids, and a heading each; a form has tables or parts."""
    for form in config.all_forms:
        file = f"{FORM_FILES.get(form.form_id, 'team_sheets.yml')}: form {form.form_id}"
        times = Counter(part.part_id for part in form.parts)
        for part in form.parts:
            if times[part.part_id] > 1 or not part.headings:
                wrong = "stands twice or has no heading"
                yield file, f"parts[{part.part_id}]", wrong, "each once, with headings"
        if not form.tables and not (form.parts and form.titles):
            yield file, "tables", "there are neither tables nor titles and parts", "either"


def option_codes(config: CycleConfig) -> Wrongs:
    """The numbers of an export of numbers name each option of a question once."""
    sheet = config.questionnaire
    for key in sheet.codes if sheet else ():
        asked = [q for q in sheet.questions if q.question_id == key] if sheet else []
        is_group = key == "rater_groups" or any(question.kind == "group" for question in asked)
        allowed = config.choices("rater_groups" if is_group else "scale")
        if not asked and key not in ("scale", "rater_groups"):
            yield SHEET, f"codes.{key}", "is no question", "scale, rater_groups or a question_id"
        elif sheet and sorted(sheet.codes[key]) != sorted(allowed):
            yield SHEET, f"codes.{key}", f"are {', '.join(sheet.codes[key])}", ", ".join(allowed)


UNIQUE = (
    (UNITS, "units", "unit_id"), ("members.csv", "members", "member_id"),
    ("members.csv", "members", "unit_id", "name"), ("teams.csv", "teams", "team_id"),
    ("visits.csv", "visits", "unit_id", "team_id"), (CYCLE, "cycle.grades", "grade"),
    (CYCLE, "cycle.facts.rules", "rule_id"), (STANDARD, "standard.blocks", "block_id"),
    (STANDARD, "standard.items", "item_id"), (STANDARD, "standard.items", "item_key"),
    (STANDARD, "standard.items", "name"), (STANDARD, "standard.rules", "rule_id"),
    *((FINDINGS, f"findings.{name}", "id") for name in TAXONOMY),
    (FINDINGS, "findings.bulletin_classes", "bulletin_class"),
    (SHEET, "questionnaire.scale", "option_id"), (SHEET, "questionnaire.rater_groups", "id"),
    (SHEET, "questionnaire.questions", "question_id"),
    ("team_sheets.yml", "all_forms", "form_id"), ("corrections.yml", "corrections", "correction_id"),
    ("layouts.yml", "layouts", "layout_id"),
    ("decisions.yml", "decisions", "grade_decision_id"), ("decisions.yml", "decisions", "unit_id"),
)  # fmt: skip
REFERENCES = (
    ("members.csv", "members", "unit_id", "units", "unit_id"),
    ("visits.csv", "visits", "unit_id", "units", "unit_id"),
    ("visits.csv", "visits", "team_id", "teams", "team_id"),
    ("decisions.yml", "decisions", "unit_id", "units", "unit_id"),
    ("decisions.yml", "decisions", "to_grade", "cycle.grades", "grade"),
    (STANDARD, "standard.items", "evidence_classes", "findings.evidence_classes", "id"),
    (STANDARD, "standard.items", "focal_points", "findings.focal_points", "id"),
    (FINDINGS, "findings.bulletin_classes", "subjects", "findings.subjects", "id"),
    (FINDINGS, "findings.clauses", "defects", "findings.defects", "id"),
)
CHECKS: tuple[Check, ...] = (
    years_and_dates, weights, grade_bands, points, rules, unique_ids, references, heads, unit_names,
    focal_points, finding_subjects, bulletin_words, form_fields, layouts, document_parts, option_codes, *RULE_CHECKS,
)  # fmt: skip
LINT: tuple[Check, ...] = (*CHECKS, *ADVICE)
