"""The shipped years say what the founding document and the reconstruction say; numbers are counted by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.forms import Form, FormTable
from lianzheng.config.standard import Item

PROJECT = Path(__file__).parents[3]
NOT_USED_IN_2018 = {"tiered", "sum_of_sub_items", "rank_based", "conversion"}


@pytest.fixture(scope="session")
def last() -> CycleConfig:
    return load_config(2017, PROJECT)


def test_the_bureau_has_24_units_of_two_types_with_their_leaders(sample: CycleConfig) -> None:
    assert [unit.unit_id for unit in sample.units] == [f"U{number:03d}" for number in range(1, 25)]
    assert sorted(Counter(unit.unit_type for unit in sample.units).values()) == [10, 14]
    assert sum(15 <= len(unit.name) <= 20 for unit in sample.units) >= 3
    assert all(2 <= len(unit.aliases) <= 4 for unit in sample.units)
    per_unit = Counter(member.unit_id for member in sample.members)
    assert set(per_unit) == {unit.unit_id for unit in sample.units}
    assert min(per_unit.values()) >= 3 and max(per_unit.values()) <= 6


def test_four_teams_visit_seven_units_of_one_type_and_five_of_the_other(sample: CycleConfig) -> None:
    types = Counter(sample.unit(visit.unit_id).unit_type for visit in sample.visits)
    assert sorted(types.values()) == [5, 7]
    assert {visit.team_id for visit in sample.visits} == {team.team_id for team in sample.teams}
    assert len(sample.teams) == 4
    days = [visit.visit_date for visit in sample.visits]
    assert min(days) >= dt.date(2018, 12, 4) and max(days) <= dt.date(2018, 12, 14)
    assert all(day.weekday() < 5 for day in days)
    assert len({(visit.team_id, visit.visit_date) for visit in sample.visits}) == 12


def test_ten_units_were_visited_last_year_and_at_least_four_of_them_again(
    sample: CycleConfig, last: CycleConfig
) -> None:
    assert sample.visited_last_cycle == {visit.unit_id for visit in last.visits}
    assert len(sample.visited_last_cycle) == 10
    assert len(sample.visited_last_cycle & {visit.unit_id for visit in sample.visits}) >= 4
    assert last.units == sample.units


def test_the_standard_is_100_points_in_five_blocks_and_says_that_it_is_a_reconstruction(
    sample: CycleConfig,
) -> None:
    blocks = [block for block in sample.standard.blocks if block.kind == "points"]
    assert [sum(item.max_points for item in block.items) for block in blocks] == [40, 20, 15, 15, 10]
    assert 25 <= len(sample.standard.scored_items) <= 30
    assert sample.standard.is_reconstruction and "重建" in sample.standard.note
    assert all(item.evidence_classes for item in sample.standard.scored_items)


def test_the_standard_uses_every_rule_type_that_issue_names_and_no_other(sample: CycleConfig) -> None:
    items = sample.standard.items
    used = {item.rule.rule_type for item in items}
    used |= {item.not_applicable.rule_type for item in items if item.not_applicable}
    every = {name for name in _rule_types() if name not in NOT_USED_IN_2018}
    assert used == every and len(every) == 15


def _rule_types() -> set[str]:
    source = (PROJECT / "lianzheng/config/rules.py").read_text(encoding="utf-8")
    found = set(re.findall(r'rule_type: Literal\["(\w+)"\]', source))
    assert len(found) == 19
    return found


def _numbers_of(item: Item) -> set[float]:
    parameters = item.rule.model_dump(exclude={"rule_id", "rule_type", "counts", "effect", "fact", "where"})
    shares = {"threshold", "target"}
    return {
        value * 100 if name in shares else value for name, value in parameters.items() if name != "step"
    } | (
        {item.max_points}
        if item.rule.rule_type in ("all_or_nothing", "bonus", "mean_over_members")
        else set()
    )


@pytest.mark.parametrize("year", [2018, 2017])
def test_the_printed_criterion_says_the_numbers_of_its_rule(year: int) -> None:
    config = load_config(year, PROJECT)
    for item in config.standard.items:
        if year == 2017 and item.rule.rule_type == "mean_over_members":
            continue
        printed = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", item.criterion)}
        assert _numbers_of(item) <= printed, f"{year} {item.item_id}: {item.criterion}"


def test_a_percent_step_is_one_percentage_point(sample: CycleConfig) -> None:
    steps = {
        item.item_id: item.rule.step
        for item in sample.standard.items
        if item.rule.rule_type == "proportional" and "每低1个百分点" in item.criterion
    }
    assert steps == {"S108": 0.01, "S302": 0.01, "S501": 0.01, "S503": 0.01}


def test_each_level_of_a_closed_case_has_exactly_one_consumer(sample: CycleConfig) -> None:
    consumers = [rule.where for rule in sample.cycle.facts.rules if rule.fact == "cases"]
    consumers += [getattr(item.rule, "where", {}) for item in sample.standard.items]
    levels = [level for where in consumers if where for level in where["four_forms_level"]]
    assert sorted(levels) == ["1", "2", "3", "4"] == sorted(sample.choices("four_forms"))
    assert all(where["state"] == ("closed",) for where in consumers if where)


def test_the_taxonomy_has_nine_defects_seven_classes_and_the_text_of_each(sample: CycleConfig) -> None:
    findings = sample.findings
    assert findings is not None
    defects = "未开展 次数不足 无记录 无签字 无盖章 照抄雷同 内容不符 资料缺失 未整改".split()
    assert [defect.label for defect in findings.defects] == defects
    assert len(findings.bulletin_classes) == len(findings.remedies) == 7
    for kind in findings.bulletin_classes:  # whatever defect is found, the heading says what it is
        assert {defect for clause in kind.clauses for defect in clause.defects} <= {
            d.id for d in findings.defects
        }
        assert kind.clauses and not any(text.text.endswith("。") for text in kind.clauses)
    assert len(findings.evidence_classes) == len(findings.focal_points) == 7


def test_no_word_of_a_list_stands_for_two_ids(sample: CycleConfig) -> None:
    for name, choices in sample.closed_lists.items():
        if name in ("members", "measures"):  # persons may share a name; measures are read by id
            continue
        words = Counter(word for label, aliases in choices.values() for word in {label, *aliases})
        assert not [word for word, times in words.items() if times > 1], name


def test_the_statistics_have_nine_categories_and_all_that_the_domain_names(sample: CycleConfig) -> None:
    statistics = sample.statistics
    assert statistics is not None
    assert len(sample.choices("categories")) == 9
    problems, spending, workload = statistics.form.tables
    assert (len(problems.rows), len(problems.columns)) == (10, 10)
    assert (len(spending.rows), len(spending.columns)) == (11, 2)
    assert (len(workload.rows), len(workload.columns)) == (13, 1)
    assert "不含局纪检监察室转办的信访件和直接查处的问题" in statistics.form.notes[0]
    for table in statistics.form.tables:
        for row in table.rows:
            for column in table.columns:
                keys = table.keys | row.keys | column.keys
                assert keys["category_id"] in statistics.categories
                assert keys["measure_id"] in statistics.measures


def test_the_questionnaire_has_ten_rated_questions_a_group_and_one_comment(sample: CycleConfig) -> None:
    sheet = sample.questionnaire
    assert sheet is not None
    assert Counter(question.kind for question in sheet.questions) == {"scale": 10, "group": 1, "comment": 1}
    assert [option.label for option in sheet.scale] == ["好", "较好", "一般", "差", "弃权"]
    assert [option.coefficient for option in sheet.scale] == [100, 80, 60, 40, None]


def _contract() -> dict[str, dict[str, object]]:
    text = (PROJECT / "lianzheng/tables.yml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, object]] = yaml.load(text, Loader=yaml.CSafeLoader)["tables"]
    return tables


def _tables(config: CycleConfig) -> list[tuple[Form, FormTable]]:
    return [(form, table) for form in config.forms.values() for table in form.tables if table.into]


def test_every_form_fills_columns_that_its_table_has(sample: CycleConfig) -> None:
    contract = _contract()
    for form, table in _tables(sample):
        targets = {column.target or column.column_id for column in table.columns} | set(table.keys)
        targets |= {key for place in (*table.rows, *table.columns) for key in place.keys}
        targets -= {"kind"}  # says which of the two tables of findings.yml's form a row belongs to
        assert targets <= set(contract[table.into]["columns"]), (form.form_id, table.table_id)


def test_every_key_column_of_a_filled_table_comes_from_somewhere(sample: CycleConfig) -> None:
    numbered = {"finding_id", "highlight_id", "rectification_id"}
    for form, table in _tables(sample):
        known = {column.target or column.column_id for column in table.columns} | set(table.keys)
        known |= {key for place in (*table.rows, *table.columns) for key in place.keys}
        known |= {field.field_id for field in form.header} | numbered
        known |= {"scorer"} if "team_id" in known else set()
        known |= {"part_id"}  # of rows that are parts of an item; else the item's own
        assert set(_contract()[table.into]["key"]) <= known, (form.form_id, table.table_id)


def test_no_two_cells_of_a_matrix_fall_into_the_same_place(sample: CycleConfig) -> None:
    for form, table in _tables(sample):
        places = Counter(
            (column.target or column.column_id, *sorted((table.keys | row.keys | column.keys).items()))
            for row in table.rows
            for column in table.columns
        )
        assert all(times == 1 for times in places.values()), (form.form_id, table.table_id)


def test_the_report_has_the_four_parts_of_the_notice_and_one_is_asked_of_last_years_units_only(
    sample: CycleConfig,
) -> None:
    form = sample.forms["self_report"]
    assert [part.part_id for part in form.parts] == ["basic", "rectification", "problems", "plans"]
    assert [part.part_id for part in form.parts if part.only_visited_last_cycle] == ["rectification"]
    assert all(part.is_required for part in form.parts) and form.tables == ()


def test_numbers_of_an_export_stand_for_the_printed_order_unless_said_otherwise(sample: CycleConfig) -> None:
    sheet = sample.questionnaire
    assert sheet is not None
    group, first = sheet.questions[:2]
    assert sheet.coded(first) == ("good", "fairly_good", "average", "poor", "abstain")
    assert sheet.coded(group) == ("middle_managers", "staff")
    bare = sheet.model_copy(update={"codes": {"Q01": ("poor", "average", "fairly_good", "good", "abstain")}})
    assert (bare.coded(first)[0], bare.coded(sheet.questions[2])[0]) == ("poor", "good")
