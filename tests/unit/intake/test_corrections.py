"""Reviewed corrections: each meets exactly one cell, is read as that cell would be, and settles what was wrong with it."""

from __future__ import annotations

import dataclasses

import pytest

from lianzheng.config.models import Correction
from lianzheng.errors import ConfigError
from lianzheng.forms import as_csv, as_docx, as_xlsx
from lianzheng.intake import write_intake
from lianzheng.intake.records import HIDDEN_TEXT
from lianzheng.tables import Tables
from lianzheng.trace import describe, trace
from tests.unit.intake.sample import filled_standard, layout_of
from tests.unit.intake.test_checks import votes
from tests.unit.intake.test_run import FINDING, SECOND, bureau, codes, submissions, template  # noqa: F401

STATISTICS, SCORES, TALLIES = (
    "statistics_by_unit_category_measure", "scores_by_unit_item_scorer", "tallies_by_unit_question_option",
)  # fmt: skip
OTHER = {"unit_id": "U001", "period": "this", "category_id": "other", "measure_id": "n_problems"}


def correction(table, key, column, was, becomes, correction_id="C1"):
    return Correction.model_validate({
        "correction_id": correction_id, "table": table, "key": key, "column": column, "was": was, "becomes": becomes,
        "reason": "来电更正", "who": "经办人", "when": "2018-12-10",
    })  # fmt: skip


def run(project, *corrections):
    project.config = dataclasses.replace(project.config, corrections=corrections)
    return project.run()


def refused(project, *corrections):
    with pytest.raises(ConfigError) as caught:
        run(project, *corrections)
    return str(caught.value)


def cell(intake, table, column, **key):
    frame = intake.frames[table]
    for name, value in key.items():
        frame = frame[frame[name] == value]
    (found,) = frame[column].tolist()
    return found


def put_all(project):
    """Team papers of every kind about U001, without a fault."""
    scores = {
        ("scores", "S101", "points"): 3,
        ("scores", "S101", "reason"): "无扣分",
        ("scores", "S103", "observed_value"): 2,
    }
    project.put("teams/第一检查组/东河处评分表.xlsx", as_xlsx(layout_of("team_scores", scores)))
    project.put(
        "teams/第一检查组/清单.xlsx",
        as_xlsx(layout_of("findings", records={"findings": [FINDING, {**FINDING, "text": "没有签字"}]})),
    )
    evidence = [{"unit_id": "东河处", "evidence_class": "年度计划", "n_documents": 3, "note": "装订成册"}]
    project.put("teams/第一检查组/资料.xlsx", as_xlsx(layout_of("evidence", records={"evidence": evidence})))
    visit = {
        "visits": [{"unit_id": "东河处", "visit_date": "2018-12-04", "n_attending": 30, "report_minutes": 18}],
        "ballot_counts": [{"unit_id": "东河处", "rater_group": "职工代表", "n_issued": 12, "n_returned": 10}],
        "talks": [{"unit_id": "东河处", "interview_number": 1, "remark_number": 1, "role": "职工代表", "topic_id": "主体责任",
                   "polarity": "肯定", "text": "某人说"}],
    }  # fmt: skip
    project.put("teams/第一检查组/现场.xlsx", as_xlsx(layout_of("site_visit", records=visit)))
    project.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", votes())))


TALK = {"unit_id": "U001", "interview_number": "1", "remark_number": "1"}
ONE = {"unit_id": "U001"}
EVERY_TABLE = [
    # table, key, column, was, becomes, what the table then says
    (STATISTICS, OTHER, "value", "1", "1起", 1.0),
    (SCORES, {**ONE, "item_id": "S101", "scorer": "T1"}, "points", "3", "2.5", 2.5),
    (SCORES, {**ONE, "item_id": "S101", "scorer": "T1"}, "reason", "无扣分", "缺分解表", "缺分解表"),
    (SCORES, {**ONE, "item_id": "S103", "scorer": "T1"}, "observed_value", "2", "一次", 1.0),
    (SCORES, {**ONE, "item_id": "S102", "scorer": "T1"}, "points", "", "3", 3.0),
    ("findings", {"finding_id": "U001-F02"}, "subject_id", "一岗双责", "谈话", "talks"),
    ("findings", {**ONE, "text": "没有签字"}, "defect_id", "无记录", "无签字", "no_signature"),
    (
        "findings",
        {"file": "teams/第一检查组/清单.xlsx", "cell": "G7"},
        "text",
        "没有签字",
        "签字不全",
        "签字不全",
    ),
    ("evidence_by_unit_class", {**ONE, "evidence_class": "annual_plan"}, "n_documents", "3", "4份", 4),
    ("site_visits", {**ONE, "team_id": "T1"}, "n_attending", "30", "36人", 36),
    ("site_visits", ONE, "report_minutes", "18", "半小时", 30.0),
    ("site_visits", ONE, "visit_date", "2018-12-04", "12月5日", "2018-12-05"),
    ("ballot_counts", {**ONE, "rater_group": "staff"}, "n_issued", "12", "15", 15),
    ("interviews", TALK, "polarity", "肯定", "建议", "suggestion"),
]


@pytest.mark.parametrize(("table", "key", "column", "was", "becomes", "then"), EVERY_TABLE)
def test_a_cell_of_every_table_is_corrected_and_listed(bureau, table, key, column, was, becomes, then):  # noqa: F811
    put_all(bureau)
    intake = run(bureau, correction(table, key, column, was, becomes))
    assert codes(intake) == []
    (row,) = intake.frames["corrections"].to_dict("records")
    place = {name: row[name] for name in ("file_id", "sheet", "cell")}
    cells = intake.frames["cells"]
    (target,) = [row["table"] + "/" + row["key"] + "/" + column]
    at = cells[(cells[list(place)] == list(place.values())).all(axis=1)]
    assert at["raw_text"].str.strip().tolist() == [was] * bool(was)  # the file stays as received
    assert at["target"].tolist() == [target] * bool(was)
    frame = intake.frames[table]
    keys = ["|".join(map(str, values)) for values in frame[list(schema_key(table))].itertuples(index=False)]
    value = frame[column].tolist()[keys.index(row["key"])]
    assert str(value)[:10] == str(then)[:10]
    assert (row["reason"], row["who"], str(row["when"])[:10]) == (
        HIDDEN_TEXT if table == "interviews" else "来电更正", "经办人", "2018-12-10",
    )  # fmt: skip


def schema_key(table):
    from lianzheng.tables import schemas

    return schemas()[table].key


def test_a_figure_of_the_statistics_names_its_correction_and_keeps_its_text(bureau):  # noqa: F811
    intake = run(bureau, correction(STATISTICS, OTHER, "value", "1", "1起"))
    frame = intake.frames[STATISTICS]
    (row,) = frame[frame["correction_id"].notna()].to_dict("records")
    assert (row["correction_id"], row["raw_text"], row["value"], row["category_id"]) == (
        "C1",
        "1",
        1.0,
        "other",
    )


def test_a_hand_count_is_corrected_before_its_votes_are_added_up(bureau):  # noqa: F811
    put_all(bureau)
    wrong = {**votes(), ("votes", "Q01", "good"): 1}
    bureau.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", wrong)))
    assert codes(bureau.run()) == ["tally_not_conserved"]
    right = str(votes()["votes", "Q01", "good"])
    key = {"unit_id": "U001", "rater_group": "staff", "question_id": "Q01", "option_id": "good"}
    intake = run(bureau, correction(TALLIES, key, "n_votes", "1", right))
    assert codes(intake) == []
    assert cell(intake, TALLIES, "n_votes", question_id="Q01", option_id="good") == int(right)
    assert intake.frames["corrections"]["settles"].tolist() == ["tally_not_conserved"]


@pytest.mark.parametrize(
    ("written", "becomes", "settled", "total"),
    [("若干", "1", "not_a_number", 1), ("3", "1", "sum_mismatch", 1), ("-1", "1", "negative_value", 1), ("约1", "1", "approximate_value", 1),
     ("", "1", "missing_value", 1), ("待定", "1", "pending_value", 1)],
)  # fmt: skip
def test_what_was_wrong_with_the_cell_no_longer_stands(bureau, written, becomes, settled, total):  # noqa: F811
    bureau.put(SECOND["file"], as_xlsx(layout_of("statistics", bureau.figures(n_problems=written or None))))
    before = bureau.run()
    assert settled in codes(before)
    intake = run(bureau, correction(STATISTICS, OTHER, "value", written, becomes))
    assert codes(intake) == []
    (submission,) = submissions(intake)
    assert submission["state"] == "accepted"
    assert settled in intake.frames["corrections"]["settles"].tolist()[0].split("|")
    checks = intake.frames["checks"].set_index(["unit_id", "form_id", "check_id"])["outcome"]
    assert checks["U001", "statistics", "sum_mismatch"] == "pass"


def test_a_correction_may_also_bring_an_issue_to_light(bureau):  # noqa: F811
    assert codes(run(bureau, correction(STATISTICS, OTHER, "value", "1", "5"))) == ["sum_mismatch"]


@pytest.mark.parametrize("becomes", ["若干", "3-5", "-2", "1.5", "x 件", "", "5万元"])
def test_a_value_that_the_cell_could_not_hold_is_refused(bureau, becomes):  # noqa: F811
    told = refused(bureau, correction(STATISTICS, OTHER, "value", "1", becomes))
    assert f"corrections.yml, C1: becomes {becomes!r}, which cannot stand there" in told


@pytest.mark.parametrize(
    ("table", "key", "column", "becomes"),
    [("findings", {"finding_id": "U001-F01"}, "subject_id", "天气"), ("site_visits", ONE, "visit_date", "年底"),
     (SCORES, {**ONE, "item_id": "S101", "scorer": "T1"}, "points", "99")],
)  # fmt: skip
def test_so_is_one_that_is_no_choice_no_day_or_above_the_item(bureau, table, key, column, becomes):  # noqa: F811
    put_all(bureau)
    was = {"subject_id": "一岗双责", "visit_date": "2018-12-04", "points": "3"}[column]
    assert "cannot stand there" in refused(bureau, correction(table, key, column, was, becomes))


@pytest.mark.parametrize(
    ("table", "key", "column", "was", "told"),
    [
        (STATISTICS, OTHER, "value", "2", "was '2', but the files say ['1'] at"),
        (STATISTICS, {**OTHER, "unit_id": "U009"}, "value", "1", "but the files say nothing at"),
        (STATISTICS, {"unit_id": "U001", "measure_id": "n_problems"}, "value", "1", "but the files say ['0'"),
        (STATISTICS, OTHER, "values", "1", "has no column values"),
        (STATISTICS, {"unit": "U001"}, "value", "1", "has no column unit → use cycle, unit_id"),
        ("results_by_unit", ONE, "total", "1", "table results_by_unit is not read from cells"),
        ("results", ONE, "total", "1", "table results is not read from cells → use one of"),
        ("corrections", {"correction_id": "C1"}, "was", "1", "table corrections is not read from cells"),
    ],
)
def test_what_meets_nothing_or_several_or_something_else_is_refused(bureau, table, key, column, was, told):  # noqa: F811
    assert told in refused(bureau, correction(table, key, column, was, "1"))


def test_two_corrections_of_a_cell_are_refused(bureau):  # noqa: F811
    twice = [
        correction(STATISTICS, OTHER, "value", "1", value, id_)
        for value, id_ in (("1起", "C1"), ("一", "C2"))
    ]
    assert "C2: corrects the same cell as C1" in refused(bureau, *twice)


def test_several_corrections_of_a_file_are_applied_together(bureau):  # noqa: F811
    total = {**OTHER, "category_id": "total"}
    intake = run(
        bureau,
        correction(STATISTICS, OTHER, "value", "1", "4"),
        correction(STATISTICS, total, "value", "1", "4", "C2"),
    )
    assert codes(intake) == []
    assert intake.frames["corrections"]["correction_id"].tolist() == ["C1", "C2"]


def test_an_earlier_version_that_says_the_same_does_not_count(bureau):  # noqa: F811
    bureau.put(
        "units/东河处/附件2 重报.xlsx",
        as_xlsx(
            layout_of("statistics", {**bureau.figures(n_persons=2), ("problems", "total", "n_persons"): 2})
        ),
    )
    bureau.receipts.append(
        {**SECOND, "file": "units/东河处/附件2 重报.xlsx", "received_at": "2018-11-29 10:00"}
    )
    intake = run(bureau, correction(STATISTICS, OTHER, "value", "1", "1起"))
    paths = intake.frames["files"].set_index("file_id")["path"]
    assert paths[intake.frames["corrections"]["file_id"].tolist()[0]] == "units/东河处/附件2 重报.xlsx"


def test_a_version_that_the_unit_corrected_itself_makes_the_entry_fail(bureau):  # noqa: F811
    again = {**bureau.figures(n_problems=2), ("problems", "total", "n_problems"): 2}
    bureau.put("units/东河处/附件2 重报.xlsx", as_xlsx(layout_of("statistics", again)))
    bureau.receipts.append(
        {**SECOND, "file": "units/东河处/附件2 重报.xlsx", "received_at": "2018-11-29 10:00"}
    )
    assert "was '1', but the files say ['2']" in refused(
        bureau, correction(STATISTICS, OTHER, "value", "1", "2")
    )


@pytest.mark.parametrize(("written", "suffix"), [(as_docx, "docx"), (as_csv, "csv")])
def test_word_and_csv_are_corrected_too_even_where_the_cell_is_blank(bureau, written, suffix):  # noqa: F811
    (bureau.config.data_raw / SECOND["file"]).unlink()
    path = SECOND["file"].replace("xlsx", suffix)
    bureau.receipts[1]["file"] = path
    bureau.put(path, written(layout_of("statistics", bureau.figures(n_rectified=None))))
    key = {**OTHER, "measure_id": "n_rectified"}
    assert codes(bureau.run()) == ["missing_value"]
    intake = run(bureau, correction(STATISTICS, key, "value", "", "零"))
    assert codes(intake) == []
    assert cell(intake, STATISTICS, "value", **key) == 0.0


def test_a_line_of_the_case_ledger_is_corrected_and_a_pending_case_named_nowhere(bureau):  # noqa: F811
    case = {"case_id": "AJ1", "unit_id": "U001", "category_id": "gifts", "source": "direct", "n_persons": 1,
            "four_forms_level": 1, "state": "pending", "closed_date": "", "note": "密"}  # fmt: skip
    bureau.office("cases", [case])
    intake = run(bureau, correction("cases", {"case_id": "AJ1"}, "n_persons", "1", "2"))
    assert cell(intake, "cases", "n_persons", case_id="AJ1") == 2
    (row,) = intake.frames["corrections"].astype(object).to_dict("records")
    assert [row["was"], row["becomes"], row["reason"]] == [HIDDEN_TEXT] * 3
    assert "AJ1" not in str(row)


def test_words_of_talks_and_votes_of_few_are_kept_out_of_the_list(bureau):  # noqa: F811
    put_all(bureau)
    few = {
        **votes(),
        **{("votes", "Q01", option): 0 for option in ("fairly_good", "average", "poor", "abstain")},
    }
    few = {key: (3 if key[2] == "good" else 0) for key in few}
    bureau.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", few, n_valid=3, n_returned=3)))
    key = {"unit_id": "U001", "rater_group": "staff", "question_id": "Q01", "option_id": "good"}
    intake = run(
        bureau,
        correction("interviews", TALK, "text", "某人说", "另一人说"),
        correction(TALLIES, key, "n_votes", "3", "3票", "C2"),
    )
    listed = intake.frames["corrections"]
    assert set(listed["was"]) | set(listed["becomes"]) | set(listed["reason"]) == {HIDDEN_TEXT}
    assert cell(intake, "interviews", "text") == "另一人说"


def test_the_chain_of_a_corrected_figure_says_so_and_the_list_leads_to_the_cell(bureau):  # noqa: F811
    put_all(bureau)
    key = {**ONE, "item_id": "S101", "scorer": "T1"}
    intake = run(bureau, correction(SCORES, key, "points", "3", "2.5"))
    write_intake(bureau.config, intake)
    tables = Tables(bureau.config.data_processed)
    step = trace(bureau.config, tables, SCORES, "U001|S101|T1||", "points")
    assert step.value == "2.50" and step.places[0].raw_text == "3"
    assert step.how.endswith("更正C1，原填“3”，更正为“2.5”：来电更正（经办人，2018-12-10，corrections.yml）")
    assert "更正" not in trace(bureau.config, tables, SCORES, "U001|S101|T1||", "reason").how
    listed = trace(bureau.config, tables, "corrections", "C1", "becomes")
    assert [part.how for part in listed.parts] == [step.how] and any(
        "corrections.yml" in line for line in describe(listed)
    )


def test_without_corrections_no_file_is_read_twice(bureau, monkeypatch):  # noqa: F811
    from lianzheng.intake import run as intake_run

    monkeypatch.setattr(intake_run, "read_received", None)
    intake = run(bureau)
    assert intake.frames["corrections"].empty and list(intake.frames["corrections"].columns)[:3] == [
        "cycle",
        "correction_id",
        "table",
    ]


def test_the_self_score_of_a_unit_is_corrected(bureau):  # noqa: F811
    points = {**filled_standard(), ("self_scores", "S101", "points"): 9}
    bureau.put("units/东河处/附件1.xlsx", as_xlsx(layout_of("standard", points)))
    assert set(codes(bureau.run())) == {"above_maximum", "sum_mismatch"}
    intake = run(bureau, correction(SCORES, {**ONE, "item_id": "S101", "scorer": "self"}, "points", "9", "1"))
    assert codes(intake) == []
    assert intake.frames["corrections"]["settles"].tolist() == ["above_maximum|sum_mismatch"]
