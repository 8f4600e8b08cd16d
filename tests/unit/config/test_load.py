"""Loading: both years load; every kind of mistake is refused with file, key, what is wrong, what is allowed."""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from lianzheng.config import CycleConfig, find_project, list_cycles, load_config
from lianzheng.config.models import Limits
from lianzheng.errors import ConfigError

PROJECT = Path(__file__).parents[3]


def spoil(project: Path, name: str, old: str, new: str, cycle: int = 2018) -> None:
    path = project / "config" / str(cycle) / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} no longer says {old}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(project: Path, cycle: int | None = 2018) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(cycle, project)
    assert caught.value.remedy
    return caught.value.message


def test_both_years_load_and_the_latest_is_the_default(project: Path) -> None:
    assert list_cycles(project) == [2017, 2018]
    assert load_config(None, project).cycle.cycle == 2018
    assert load_config(2017, project).cycle.cycle == 2017


def test_last_year_is_valid_with_cycle_roster_visits_and_standard_only(project: Path) -> None:
    assert sorted(path.name for path in (project / "config/2017").iterdir()) == [
        "cycle.yml", "standard.yml", "units.csv", "visits.csv",
    ]  # fmt: skip
    config = load_config(2017, project)
    assert (config.statistics, config.questionnaire, config.findings, config.forms) == (None, None, None, {})
    assert config.choices("subjects") == {} and config.visited_last_cycle == frozenset()


# file, what stands there, what the mistake writes, what the message must say
MISTAKES = [
    ("cycle.yml", "inspection: 0.8", "inspection: 1.5", ["cycle.yml: weights.inspection", "less than or equal to 1, not 1.5"]),
    ("cycle.yml", "inspection: 0.8", "inspection: 0.7", ["cycle.yml: weights", "sum to 0.9", "allowed: a sum of 1"]),
    ("cycle.yml", "min_change: 2.0", "min_chance: 2.0", ["cycle.yml", "unknown key min_chance", "min_change"]),
    ("cycle.yml", "deadline: 2018-12-01", "deadline: soon", ["cycle.yml: deadline", "date", "not 'soon'"]),
    ("cycle.yml", "deadline: 2018-12-01", "deadline: 2019-01-05", ["cycle.yml: deadline", "allowed: a day up to report_date"]),
    ("cycle.yml", "cycle: 2018", "cycle: 2016", ["cycle.yml: cycle: is 2016", "allowed: 2018"]),
    ("cycle.yml", "previous_cycle: 2017", "previous_cycle: 2016", ["cycle.yml: previous_cycle", "config/2016/visits.csv"]),
    ("cycle.yml", "previous_cycle: 2017", "previous_cycle: 2018", ["cycle.yml: previous_cycle: is 2018", "before 2018"]),
    ("cycle.yml", "min_change: 2.0", "bureau: 另一局\nmin_change: 2.0", ["cycle.yml: line", "key bureau stands twice"]),
    ("cycle.yml", "min_change: 2.0", "min_change: [2.0", ["cycle.yml: line", "allowed: YAML"]),
    ("cycle.yml", "min_change: 2.0", "min_change: 2.0\nlimits: {seconds: 0}", ["cycle.yml: limits.seconds", "greater than 0, not 0"]),
    ("cycle.yml", "min_change: 2.0", "min_change: 2.0\nlimits: {second: 1}", ["cycle.yml: limits", "unknown key second", "seconds, memory_bytes"]),
    ("questionnaire.yml", "scale: [good, fairly_good", "scale: [good, good", ["questionnaire.yml: codes.scale", "allowed: good, fairly_good"]),
    ("questionnaire.yml", "rater_groups: [middle_managers, staff]", "Q99: [staff]", ["questionnaire.yml: codes.Q99: is no question"]),
    ("questionnaire.yml", "rater_groups: [middle_managers, staff]", "Q00: [staff]", ["questionnaire.yml: codes.Q00: are staff", "middle_managers, staff"]),
    ("self_report.yml", "part_id: problems", "part_id: basic", ["self_report", "parts[basic]", "each once"]),
    ("self_report.yml", "titles: [", "title_words: [", ["self_report.yml", "unknown key title_words"]),
    ("self_report.yml", "titles: [自查 报告, 责任制 报告, 责任制 汇报, 责任制 总结]", "titles: []", ["form self_report: tables", "neither tables nor titles"]),
    ("cycle.yml", "lowest: 80", "lowest: 60", ["cycle.yml: grades", "[90.0, 60.0, 60.0, 0.0]", "falling"]),
    ("cycle.yml", "lowest: 0}", "lowest: 10}", ["cycle.yml: grades", "the last one 0"]),
    ("cycle.yml", "lowest: 0}", "lowest: 0, conditions: [no_item_at_zero]}", ["cycle.yml: grades: there is no grade below", "the lowest one without conditions"]),
    ("cycle.yml", "grade: good,", "grade: fine,", ["cycle.yml: grades[fine].grade", "unknown grade", "excellent, good"]),
    ("cycle.yml", "grade: good,", "grade: excellent,", ["cycle.yml: grade: excellent stands 2 times", "each once"]),
    ("cycle.yml", "conditions: [no_item_at_zero]", "conditions: [no_zero]", ["cycle.yml: grades[excellent].conditions", "'no_item_at_zero'"]),
    ("cycle.yml", "bulletin_shows: []", "bulletin_shows: [score]", ["cycle.yml: bulletin_shows[0]", "'scores', 'grades' or 'ranks'"]),
    ("cycle.yml", "rule_id: F2", "rule_id: F1", ["cycle.yml: rule_id: F1 stands 2 times"]),
    ("standard.yml", "max_points: 40", "max_points: 41", ["standard.yml: blocks[party].max_points: items sum to 40; allowed: 41", "blocks[party].label: says 40", "blocks: those for 事业单位 sum to 101 points; allowed: 100"]),
    ("standard.yml", "（15分）", "（16分）", ["standard.yml: blocks[education].label: says 16; allowed: 15"]),
    ("standard.yml", "（最高3分）", "（最高5分）", ["standard.yml: blocks[bonus].label: says 5; allowed: 3"]),
    ("standard.yml", "rule_type: override", "rule_type: overide", ["standard.yml: blocks[party].items[S112].rule", "overide", "'override'"]),
    ("standard.yml", "required: 2, points: 2", "required: two, points: 2", ["standard.yml: blocks[party].items[S103].rule.required", "not 'two'"]),
    ("standard.yml", "required: 2, points: 2", "points: 2", ["standard.yml: blocks[party].items[S103].rule.required", "required"]),
    ("standard.yml", "highest: 4,", "highest: 9,", ["standard.yml: blocks[party].items[S102].rule.highest: is 9; allowed: up to 4"]),
    ("standard.yml", "lowest: 1, highest: 3", "lowest: 3, highest: 2", ["items[S111].rule.lowest: is 3; allowed: up to 2"]),
    ("standard.yml", "rule_type: bonus, points: 0.1", "rule_type: deduction_per_case, points: 0.1", ["blocks[bonus].items[S601].rule", "deduction_per_case in a block of kind bonus"]),
    ("standard.yml", "item_id: S102", "item_id: S101", ["standard.yml: item_id: S101 stands 2 times"]),
    ("standard.yml", "item_key: ideology", "item_key: quiz", ["standard.yml: item_key: quiz stands 2 times"]),
    ("standard.yml", "S103.1", "S102.1", ["standard.yml: rule_id: S102.1 stands 2 times"]),
    ("standard.yml", "[annual_plan]", "[plan]", ["standard.items[S101].evidence_classes: plan is not known", "annual_plan, division_of_duties"]),
    ("standard.yml", "[ideology]", "[belief]", ["standard.items[S110].focal_points: belief is not known", "no item serves ideology"]),
    ("findings.yml", "[responsibility_letter]", "[letters]", ["findings.bulletin_classes[responsibility_letters].subjects: letters is not known", "responsibility_letter is in 0 classes; allowed: exactly one"]),
    ("findings.yml", "[learning, study_notes]", "[learning, study_notes, talks]", ["findings.yml: bulletin_classes: talks is in 2 classes"]),
    ("findings.yml", "  talks: 加大", "  talk: 加大", ["findings.yml: remedies: talk is not in both lists", "talks is not in both"]),
    ("findings.yml", "id: copied", "id: mismatch", ["findings.yml: id: mismatch stands 2 times"]),
    ("questionnaire.yml", "coefficient: 80", "coefficient: 180", ["questionnaire.yml: scale[fairly_good].coefficient", "less than or equal to 100, not 180"]),
    ("questionnaire.yml", "question_id: Q02", "question_id: Q01", ["questionnaire.yml: question_id: Q01 stands 2 times"]),
    ("statistics.yml", "row_id: other", "row_id: gifts", ["statistics.yml: form statistics: problems: gifts stands twice"]),
    ("statistics.yml", "value: amount, unit_of_measure: 万元, target", "value: money, unit_of_measure: 万元, target", ["statistics.yml: form.tables[problems].columns[amount_10k_yuan].value", "'amount'"]),
    ("team_sheets.yml", "choices: defects, is_required", "choices: defekts, is_required", ["team_sheets.yml: form findings: 缺陷类型: value choice with choices defekts", "defects"]),
    ("team_sheets.yml", "value: choice, choices: topics", "value: text, choices: topics", ["form site_visit: 主题: value text with choices topics"]),
    ("team_sheets.yml", "form_id: evidence\n", "form_id: findings\n", ["team_sheets.yml: form_id: findings stands 2 times"]),
    ("units.csv", ",事业单位,186", ",事业单位,many", ["units.csv: line 2: headcount", "not 'many'"]),
    ("units.csv", "U002,", "U2,", ["units.csv: line 3: unit_id", "not 'U2'"]),
    ("units.csv", "headcount", "staff", ["units.csv: line 1: the columns are unit_id", "headcount"]),
    ("units.csv", ",周立明", ",周立明,extra", ["units.csv: line 2: more or fewer cells than columns"]),
    ("units.csv", "西岭处党委", "东河处", ["units.csv: aliases: 东河处 stands for U001 and U002", "one unit per name"]),
    ("units.csv", ",周立明,", ",周立新,", ["units.csv: head: 周立新 of U001 is not in members.csv"]),
    ("members.csv", "U001M2", "U001M1", ["members.csv: member_id: U001M1 stands 2 times"]),
    ("members.csv", "U001,U001M2", "U099,U001M2", ["members.csv: members[U099].unit_id: U099 is not known", "U001"]),
    ("visits.csv", "U003,T1", "U003,T9", ["visits.csv: visits[U003].team_id: T9 is not known; allowed: T1, T2, T3, T4"]),
    ("visits.csv", "U003,T1", "U033,T1", ["visits.csv: visits[U033].unit_id: U033 is not known"]),
    ("visits.csv", "2018-12-06", "2018-13-06", ["visits.csv: line 3: visit_date", "not '2018-13-06'"]),
    ("decisions.yml", "\n[]", "\n- {grade_decision_id: D1, unit_id: U001, from_grade: good, to_grade: great, reason: x, by: y, at: 2018-12-27}", ["decisions.yml: decisions[D1].to_grade: great is not known", "excellent, good, qualified, unqualified"]),
    ("layouts.yml", "form_id: statistics\n", "form_id: statistic\n", ["layouts.yml: [statistics_2016].form_id: statistic is not known", "standard, statistics"]),
    ("layouts.yml", "lacks: [spending, workload]", "lacks: [spendings]", ["layouts.yml: [statistics_2016].lacks: spendings is not known; allowed: problems, spending"]),
    ("layouts.yml", "  problems:\n", "  problem:\n", ["layouts.yml: [statistics_2016].tables: problem is not known; allowed: problems"]),
    ("layouts.yml", "查处问题数: n_problems", "查处问题数: problems", ["layouts.yml: [statistics_2016].tables.problems.columns: problems is not known", "n_problems", "问题类别"]),
    ("layouts.yml", "收受礼金: gifts", "收受礼金: gift", ["layouts.yml: [statistics_2016].tables.problems.rows: gift is not known", "gifts"]),
    ("layouts.yml", "制表人: filled_by", "制表人: filler", ["layouts.yml: [statistics_2016].header: filler is not known; allowed: unit_id, filled_by"]),
    ("layouts.yml", "amount_10k_yuan: 元,", "amount_10k_yuan: 块,", ["layouts.yml: [statistics_2016].tables.problems.units.amount_10k_yuan: 块 is not known; allowed: 元"]),
    ("layouts.yml", "amount_10k_yuan: 元,", "n_problems: 元,", ["layouts.yml: [statistics_2016].tables.problems.units.n_problems: 元 is not known; allowed: 起"]),
    ("layouts.yml", "layout_id: tally_by_option", "layout_id: statistics_2016", ["layouts.yml: layout_id: statistics_2016 stands 2 times"]),
    ("layouts.yml", "titles: [民主", "title: [民主", ["layouts.yml", "unknown key title", "titles"]),
    ("corrections.yml", "\n[]", "\n- {correction_id: C1, table: cases}", ["corrections.yml: [C1].key: field required"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "told"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_refused_by_file_and_key(
    project: Path, name: str, old: str, new: str, told: list[str]
) -> None:
    spoil(project, name, old, new)
    message = refusal(project)
    assert f"config/2018/{name}" in message
    for words in told:
        assert words in message


def test_a_perception_weight_needs_a_questionnaire(project: Path) -> None:
    (project / "config/2018/questionnaire.yml").unlink()
    assert "cycle.yml: weights.perception: above 0 without questionnaire.yml" in refusal(project)


@pytest.mark.parametrize("name", ["units.csv", "standard.yml"])
def test_a_missing_required_file_is_named(project: Path, name: str) -> None:
    (project / "config/2018" / name).unlink()
    message = refusal(project)
    assert f"config/2018/{name}" in message and "is missing or empty" in message


def test_a_file_that_nothing_reads_is_refused_but_a_lock_file_is_not(project: Path) -> None:
    (project / "config/2018/.~lock.units.csv").write_text("", encoding="utf-8")
    (project / "config/2018/README.md").write_text("notes", encoding="utf-8")
    load_config(2018, project)
    (project / "config/2018/team.csv").write_text("", encoding="utf-8")
    assert "config/2018/team.csv: nothing reads a file of this name; allowed: cycle.yml" in refusal(project)


def test_a_roster_saved_by_excel_with_bom_and_crlf_reads_the_same(project: Path) -> None:
    path = project / "config/2018/units.csv"
    units = load_config(2018, project).units
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(text.encode("utf-8-sig"))
    assert load_config(2018, project).units == units


def test_a_roster_in_another_encoding_is_refused(project: Path) -> None:
    path = project / "config/2018/units.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert "config/2018/units.csv: is not UTF-8 text; allowed: a file saved as UTF-8" in refusal(project)


@pytest.mark.parametrize("strange", ["\u202e", "\u200b", "\x1b", "\u2028"])
def test_what_nobody_sees_is_refused_with_its_line(project: Path, strange: str) -> None:
    spoil(project, "teams.csv", "第二检查组", f"第二{strange}检查组")
    wrong = f"config/2018/teams.csv: line 3: holds what nobody sees: T2,第二〔U+{ord(strange):04X}〕检查组"
    assert wrong in refusal(project)


def test_all_mistakes_are_told_at_once(project: Path) -> None:
    spoil(project, "cycle.yml", "inspection: 0.8", "inspection: 0.7")
    spoil(project, "visits.csv", "U003,T1", "U003,T9")
    message = refusal(project)
    assert "cycle.yml: weights" in message and "visits.csv" in message


def test_the_nearest_parent_that_holds_a_year_is_the_project(project: Path, tmp_path: Path) -> None:
    inner = project / "lianzheng" / "pages"
    (project / "lianzheng" / "config").mkdir(parents=True)  # the package has a folder of that name as well
    inner.mkdir()
    assert find_project(inner) == project.resolve()
    assert find_project(project / "config" / "2018") == project.resolve()


def test_outside_of_a_project_the_remedy_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--project"):
        find_project(tmp_path)


def test_an_unknown_year_names_those_that_exist(project: Path) -> None:
    assert "config/2019/cycle.yml does not exist" in refusal(project, 2019)
    with pytest.raises(ConfigError, match="2017, 2018"):
        load_config(2019, project)
    shutil.rmtree(project / "config")
    with pytest.raises(ConfigError, match="none yet"):
        load_config(None, project)


def test_the_hash_follows_the_bytes_that_were_read_and_nothing_else(project: Path, tmp_path: Path) -> None:
    first = load_config(2018, project).sha256
    shutil.copytree(project / "config", tmp_path / "elsewhere" / "config")
    assert load_config(2018, tmp_path / "elsewhere").sha256 == first
    spoil(project, "visits.csv", "U021,T3", "U022,T3", cycle=2017)
    second = load_config(2018, project).sha256
    spoil(project, "cycle.yml", "# 总分", "# 总分 ", cycle=2018)
    assert len({first, second, load_config(2018, project).sha256}) == 3


def test_a_configuration_is_frozen_and_travels_to_worker_processes(sample: CycleConfig) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.sha256 = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        sample.units[0].name = "x"  # type: ignore[misc]
    assert sample.unit_index.find("东河处") == "U001"
    travelled = pickle.loads(pickle.dumps(sample))
    assert travelled.sha256 == sample.sha256 and travelled.forms == sample.forms


def test_the_folders_of_a_cycle(sample: CycleConfig) -> None:
    folders = (sample.data_raw, sample.data_processed, sample.data_office, sample.reports)
    assert [path.relative_to(sample.project).as_posix() for path in folders] == [
        "data/raw/2018", "data/processed/2018", "data/office/2018", "reports/2018",
    ]  # fmt: skip


def test_a_unit_is_found_by_id_or_the_roster_is_named(sample: CycleConfig) -> None:
    assert sample.unit("U024").short_name == "实业公司"
    with pytest.raises(ConfigError, match=r"units.csv has no unit U025 → use one of U001 to U024"):
        sample.unit("U025")


def test_limits_are_those_of_the_file_and_otherwise_what_its_comment_says() -> None:
    said = (PROJECT / "config/2018/cycle.yml").read_text(encoding="utf-8").partition("\n# limits:")[2]
    written = yaml.safe_load(said.replace("\n#", "\n"))
    assert Limits(**written) == Limits() == load_config(2018, PROJECT).cycle.limits
    assert written.keys() == Limits.model_fields.keys()
