"""Forms filled in from the standard and the questionnaire."""

from __future__ import annotations

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.derive import NOTHING, fill_form


def test_the_units_form_lists_items_and_bonus_then_the_total_but_no_veto(sample: CycleConfig) -> None:
    table = sample.forms["standard"].table("self_scores")
    assert [row.row_id for row in table.rows[-3:]] == ["S601", "S602", "total"]
    assert len(table.rows) == 29 + 2 + 1
    assert [row.is_required for row in table.rows[28:31]] == [True, False, False]
    total = table.rows[-1]
    assert (total.role, total.keys, total.maximum) == ("total", {"item_id": "total"}, 103)
    assert total.labels == (NOTHING, NOTHING, "合计", "100", NOTHING, NOTHING)


def test_a_row_prints_what_its_label_columns_ask_for(sample: CycleConfig) -> None:
    first, second = sample.forms["standard"].table("self_scores").rows[:2]
    assert first.labels == (
        "1",
        "一、党委主体责任（40分）",
        "年度计划与任务分解",
        "3",
        "年初印发党风廉政建设年度计划，并将任务分解到责任人的，得3分；没有的不得分。",
        "年度党风廉政建设计划或任务分解计划",
    )
    assert second.labels[:2] == ("2", "")  # the block is printed once and merges downwards
    assert (first.keys, first.maximum) == ({"item_id": "S101"}, 3)


def test_the_teams_form_has_the_veto_that_people_observe_and_no_total(sample: CycleConfig) -> None:
    rows = {row.row_id: row for row in sample.forms["team_scores"].table("scores").rows}
    assert list(rows)[-1] == "V3" and "V1" not in rows and "V2" not in rows and "total" not in rows
    assert rows["V3"].maximum is None and rows["V3"].labels[3] == NOTHING
    assert rows["S104"].labels[-1] == "签订率（签订数÷应签数）"


def test_no_printed_label_is_empty_but_the_repeated_block(sample: CycleConfig) -> None:
    for form_id, table_id in (("standard", "self_scores"), ("team_scores", "scores")):
        table = sample.forms[form_id].table(table_id)
        for row in table.rows:
            assert all(label for index, label in enumerate(row.labels) if index != 1), row.row_id
            assert len(row.labels) == len(table.label_columns)


def test_a_tally_has_a_row_per_rated_question_and_a_column_per_option(sample: CycleConfig) -> None:
    table = sample.forms["tally"].table("votes")
    assert [row.keys["question_id"] for row in table.rows] == [f"Q{number:02d}" for number in range(1, 11)]
    assert [column.label for column in table.columns] == ["好", "较好", "一般", "差", "弃权"]
    assert {column.target for column in table.columns} == {"n_votes"}
    assert table.columns[3].keys == {"option_id": "poor"}


def test_the_members_of_a_unit_are_a_choice_of_their_own(sample: CycleConfig) -> None:
    members = sample.choices("members", "U007")
    assert list(members) == ["U007M1", "U007M2", "U007M3"]
    assert len(sample.choices("members")) == len(sample.members)


def test_a_standard_without_words_for_counts_and_evidence_prints_dashes(sample: CycleConfig) -> None:
    last = load_config(2017, sample.project)
    form = fill_form(sample.forms["team_scores"], last.standard, None, None)
    assert {row.labels[-1] for row in form.table("scores").rows} == {NOTHING}
