"""Chains told by hand over the small bureau of the scoring tests, and over the sample bureau's own files."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from lianzheng.compare import run_compare, write_compare
from lianzheng.config import CycleConfig, load_config
from lianzheng.config.models import Correction
from lianzheng.demo import write_demo
from lianzheng.errors import ParameterError
from lianzheng.intake import run_intake, write_intake
from lianzheng.scoring import run_scoring, write_scoring
from lianzheng.tables import Tables
from lianzheng.trace import Step, cells_of, describe, trace, trace_words
from lianzheng.trace.steps import wrapped

REPOSITORY = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.xdist_group("truth")
STATISTICS = "statistics_by_unit_category_measure"


@dataclasses.dataclass(frozen=True)
class Bureau:
    """The sample bureau, stored as `make demo` stores it."""

    config: CycleConfig
    tables: Tables

    def told(self, *words: str) -> list[str]:
        return describe(trace_words(self.config, self.tables, words))

    def step(self, table: str, key: str, column: str = "") -> Step:
        return trace(self.config, self.tables, table, key, column)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    folder = tmp_path_factory.mktemp("trace")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = load_config(2018, folder)
    write_demo(config)
    write_intake(config, run_intake(config, n_workers=1))
    write_scoring(config, run_scoring(config, Tables(config.data_processed)))
    write_compare(config, run_compare(config, Tables(config.data_processed)))
    return Bureau(config, Tables(config.data_processed))


def walked(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from walked(part)


# --- one item, written out

TEAM_SHEET, OWN_SHEET = "teams/第三检查组/质检评价中心评分表.xlsx", "units/质检评价中心/附件1.xlsx"


def test_an_item_from_its_points_to_the_cells(bureau: Bureau) -> None:
    both = trace_words(bureau.config, bureau.tables, ["U010", "S103"])
    team, own = both.parts
    assert (team.subject, team.name, team.value) == ("S103 专题研究党风廉政建设", "检查组得分", "4.00")
    (line,) = team.parts
    assert line.value == "4.00→4.00" and line.how == "应2次，实际2次，不扣分（standard.yml S103.1）"
    (seen,) = line.parts
    assert (seen.name, seen.value, seen.column) == ("核实数", "2", "observed_value")
    (place,) = seen.places
    assert (place.path, place.sheet, place.cell, place.raw_text) == (TEAM_SHEET, "Sheet1", "G7", "2")
    assert len(place.sha256) == 64
    assert cells_of(both) == {(TEAM_SHEET, "Sheet1", "G7"), (OWN_SHEET, "附件1", "G7")}
    assert [step.value for step in walked(own)] == ["4.00", "4.00", "4.00"]


def test_the_readme_shows_what_the_command_prints(bureau: Bureau) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n\$ lianzheng trace 2018 U010 S103\n(.*?)```", readme, re.DOTALL)
    told = "\n".join(bureau.told("U010", "S103"))
    hashed = re.compile(r"sha256 [0-9a-f]{12}$", re.MULTILINE)  # another zlib packs a workbook in other bytes
    assert hashed.sub("", shown.rstrip("\n")) == hashed.sub("", told) and len(hashed.findall(shown)) == 2
    assert len(shown.splitlines()) < 12


# --- short forms

SHORT = {
    "total": ("results_by_unit", "U010", "total"), "总分": ("results_by_unit", "U010", "total"),
    "grade": ("results_by_unit", "U010", "grade"), "等次": ("results_by_unit", "U010", "grade"),
    "rank": ("results_by_unit", "U010", "rank"), "自评总分": ("results_by_unit", "U010", "self_total"),
    "questionnaire": ("scores_by_unit_component", "U010|perception", "score"),
    "测评": ("scores_by_unit_component", "U010|perception", "score"),
    "inspection": ("scores_by_unit_component", "U010|inspection", "score"),
    "检查": ("scores_by_unit_component", "U010|inspection", "score"),
    "facts": ("scores_by_unit_component", "U010|facts", "deduction_points"),
    "事实": ("scores_by_unit_component", "U010|facts", "deduction_points"),
    "S103": ("scores_by_unit_item", "U010|S103", ""), "special_meetings": ("scores_by_unit_item", "U010|S103", ""),
    "专题研究党风廉政建设": ("scores_by_unit_item", "U010|S103", ""), "抄告": ("scores_by_unit_item", "U010|S203", ""),
    "party": ("scores_by_unit_block", "U010|party", ""), "纪委监督责任": ("scores_by_unit_block", "U010|supervision", ""),
    "workload/n_rules": (STATISTICS, "U010|this|workload|n_rules", "value"),
    "公务接待/金额": (STATISTICS, "U010|this|reception|amount_10k_yuan", "value"),
}  # fmt: skip


@pytest.mark.parametrize("word", SHORT)
def test_a_word_stands_for_one_figure(bureau: Bureau, word: str) -> None:
    step = trace_words(bureau.config, bureau.tables, ["U010", word])
    assert (step.table, step.key, step.column) == SHORT[word]


def test_a_unit_may_be_named(bureau: Bureau) -> None:
    assert bureau.told("质检评价中心", "S103") == bureau.told("U010", "S103")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("U010", "没有"), "项目 S101、S102"),
        (("U010", "约谈"), "个别约谈、约谈记录签名"),
        (("U010", "公务用车/"), "公务用车/"),
        (("U999", "total"), "U001 至 U024"),
        (("U010",), "如 total、S103"),
        (("results_by_unit", "U999"), "如 U001"),
        (("results_by_unit", "U010", "points"), "可取 cycle、unit_id"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_is_allowed(
    bureau: Bureau, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        bureau.told(*words)
    assert said in refused.value.remedy


# --- states of a unit


def test_a_unit_that_was_not_visited_has_no_inspection_but_its_own_score(bureau: Bureau) -> None:
    total = bureau.step("results_by_unit", "U004", "total")
    inspection, perception, facts = total.parts
    assert inspection.how == perception.how == "未列入本年度现场检查（visits.csv）"
    assert {path for path, _, _ in cells_of(total)} == {"office/receipts.csv"}
    assert len(facts.parts) == 3 and facts.how.startswith("没有扣分事实")
    assert {path for path, _, _ in cells_of(bureau.step("results_by_unit", "U004", "self_total"))} == {
        "units/北渠灌区处/附件1 自评分表.csv"
    }


def test_a_provisional_total_says_why(bureau: Bureau) -> None:
    total = bureau.step("results_by_unit", "U008", "total")
    assert total.how == "无有效测评，总分为检查−事实，暂定"
    assert [part.value for part in total.parts] == ["67.72", "（空）", "0.00"]
    counts = {step.value for step in walked(total.parts[1]) if step.table == "ballot_counts"}
    assert any(int(value.split("、")[1]) > int(value.split("、")[0]) for value in counts)


def test_redistribution_is_told_with_what_did_not_apply(bureau: Bureau) -> None:
    block = bureau.step("scores_by_unit_block", "U001|rectification", "team_points")
    assert block.how == "各项之和；适用部分满分7分，按比例折算为10分"
    assert [part.value for part in block.parts] == ["4.00", "1.00", "不适用", "5.00→7.14"]
    declared = [step for step in walked(block.parts[2]) if step.column == "value_state"]
    assert {step.value for step in declared} == {"不适用"} and all(step.places for step in declared)


def test_a_veto_and_a_late_return_lead_to_the_ledgers(bureau: Bureau) -> None:
    grade = bureau.step("results_by_unit", "U013", "grade")
    assert grade.value == "不合格" and "一票否决" in grade.how
    (case,) = [step for step in walked(grade) if step.table == "cases"]
    assert case.key == "AJ2018008" and case.value == "违规收送礼品礼金、第四种形态、办结"
    late = bureau.step("scores_by_unit_component", "U019|facts", "deduction_points")
    came = next(step for step in walked(late) if step.key == "U019|statistics|1" and step.column == "*")
    assert came.value == "附件2、2018-12-04 09:20、是"
    assert {place.path for place in came.places} == {"office/receipts.csv"}


def test_a_rank_names_other_units_and_does_not_unfold_them(bureau: Bureau) -> None:
    told = bureau.told("U010", "rank")
    (other,) = [line for line in told if line.startswith("  U003 南坡处 总分 9")]
    assert other.endswith("（→ results_by_unit U003 total）") and "南坡处评分表" not in "".join(told)
    step = bureau.step("results_by_unit", "U010", "rank")
    assert any("南坡处评分表" in path for path, _, _ in cells_of(step))


def test_last_years_points_lead_to_the_office(bureau: Bureau) -> None:
    change = bureau.step("changes_by_unit_measure", "U010|total", "last_value")
    assert {path for path, _, _ in cells_of(change)} == {"office/last_year.csv"}


def test_a_correction_is_told_with_reason_and_reviewer(bureau: Bureau) -> None:
    key = {"unit_id": "U010", "period": "this", "category_id": "reception", "measure_id": "amount_10k_yuan"}
    about = {"table": STATISTICS, "key": key, "column": "value", "was": "1.6万元", "becomes": "16"}
    correction = Correction.model_validate(
        {"correction_id": "C1", **about, "reason": "来电更正", "who": "经办人", "when": dt.date(2018, 12, 10)}
    )
    config = dataclasses.replace(bureau.config, corrections=(correction,))
    intake = run_intake(config, n_workers=1)
    step = trace(config, intake.frames, STATISTICS, "|".join(key.values()), "value")
    assert step.value == "16" and step.places[0].raw_text == "1.6万元"
    assert step.how.endswith(
        "更正C1，原填“1.6万元”，更正为“16”：来电更正（经办人，2018-12-10，corrections.yml）"
    )


# --- discretion


def test_words_of_single_persons_and_notes_are_never_shown(bureau: Bureau) -> None:
    cells = bureau.tables["cells"]
    secret = cells[cells["target"].str.match(r"interviews/.*/text|cases/.*/note", na=False)]["raw_text"]
    assert len(secret) > 100
    told = [*bureau.told("interviews", "U010|1|1"), *bureau.told("cases", "AJ2018001")]
    told += bureau.told("U001", "grade") + bureau.told("U010", "测评")
    assert "内容不公开" in "".join(told) and not any(
        text in "".join(told) for text in secret if len(text) > 3
    )


def test_a_single_ballot_is_counted_and_never_told(bureau: Bureau) -> None:
    ballot = bureau.tables["ballots"]["ballot_id"].iloc[0]
    answers = bureau.tables["answers_by_ballot_question"].query("ballot_id == @ballot and option_id != ''")
    question_id, option_id = answers.iloc[0][["question_id", "option_id"]]
    told = bureau.told("answers_by_ballot_question", f"{ballot}|{question_id}|{option_id}")
    labels = {"好", "较好", "一般", "差", "弃权"}
    assert not labels & {word for line in told for word in re.split(r"[“” ·、：]", line)}
    votes = [step for step in walked(bureau.step("scores_by_unit_component", "U010|perception", "score"))
             if step.table == "ballots"]  # fmt: skip
    assert votes and {place.raw_text for step in votes for place in step.places} == {"内容不公开"}


def test_votes_of_a_small_group_and_their_complement_are_hidden(bureau: Bureau) -> None:
    results = bureau.tables["questionnaire_by_unit_question"]
    frames = {
        name: bureau.tables[name]
        for name in ("files", "units", "cells", "ballots", "answers_by_ballot_question")
    }
    frames |= {name: bureau.tables[name] for name in ("tallies_by_unit_question_option", "ballot_counts")}
    is_small = (results["unit_id"] == "U017") & (results["rater_group"] == "middle_managers")
    frames["questionnaire_by_unit_question"] = results.assign(
        is_suppressed=results["is_suppressed"].astype(bool) | is_small
    )
    step = trace(
        bureau.config, frames, "questionnaire_by_unit_question", "U017|questionnaire|all|Q01", "score"
    )
    votes = [part for part in step.parts if part.name == "票数"]
    assert {part.value for part in votes} == {"内容不公开"} and len(votes) == 2
    assert {place.raw_text for part in votes for place in part.places} == {"内容不公开"}


def test_a_pending_case_is_refused_and_not_named_beside(bureau: Bureau) -> None:
    pending = bureau.tables["cases"].query("state == 'pending'")["case_id"].iloc[0]
    with pytest.raises(ParameterError, match="没有"):
        bureau.told("cases", pending)


# --- a group of units that a line rests on


def test_a_line_that_rests_on_all_units_of_a_type_leads_to_what_their_teams_wrote(bureau: Bureau) -> None:
    lines, units = bureau.tables["score_lines"], bureau.tables["units"]
    here = (lines["unit_id"] == "U010") & (lines["item_id"] == "S103") & (lines["scorer"] == "T3")
    frames = {
        name: bureau.tables[name]
        for name in ("files", "units", "cells", "scores_by_unit_item_scorer", "items")
    }
    for group, visited in (("事业单位", 7), ("*", 12)):
        fact = {"fact_table": "scores_by_unit_item", "fact_key": f"{group}|S103"}
        frames["score_lines"] = pd.concat([lines[here].assign(**fact), lines[~here]])
        step = trace(bureau.config, frames, "score_lines", "U010|S103|T3|1", "change_points")
        assert len(step.parts) == visited and all(part.name == "核实数" for part in step.parts)
    assert units["is_visited"].sum() == 12


# --- printing


def test_lines_keep_to_the_width_of_a_terminal_and_hold_words_together() -> None:
    lines = list(wrapped("一二三四五六七八standard.yml九十", "  ", 20))
    assert lines == ["  一二三四五六七八", "      standard.yml九", "      十"]


def test_no_line_of_a_long_chain_is_wider_than_100_columns(bureau: Bureau) -> None:
    def width(line: str) -> int:
        return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)

    told = bureau.told("U010", "total")
    chain = told[: told.index("文件")]
    assert len(chain) > 100 and max(map(width, chain)) <= 100
    assert len([line for line in chain if "S103" in line and "检查组得分" in line]) == 1
