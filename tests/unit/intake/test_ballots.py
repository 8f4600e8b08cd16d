"""Questionnaire exports: reading any, and the cycle's own into ballots, answers and tallies."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter

import pytest

from lianzheng.intake.ballots import duration_seconds, tally
from lianzheng.intake.exports import Answer, find_exports
from lianzheng.intake.files import from_book, make_setup
from tests.unit.intake.sample import config, setup
from tests.unit.intake.small import book_of, grid_of

META = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
QUESTIONS = config().questionnaire.questions


def meta(number, ip="10.0.0.1"):
    return [number, f"2018/12/4 15:{number:02d}:00", "125秒", "微信", "N/A", ip]


def foreign():
    """An export whose questions are nobody's here."""
    return grid_of([
        [*META, "1、性别 ", "2、爱好", "3．说明"],
        [*meta(1), "男", "运动┋阅读┋其他〖下棋〗", "(空)"],
        [*meta(2), "女", "阅读", "-3"],
        [*meta(3), "女", "", "很好"],
    ])  # fmt: skip


def own(*ballots, titles=None):
    """An export of the cycle's questionnaire: one list of answers per ballot."""
    header = [*META, *(titles or (f"{i}、{q.label}" for i, q in enumerate(QUESTIONS, start=1)))]
    return grid_of([header, *([*meta(n), *answers] for n, answers in enumerate(ballots, start=1))])


def ballot(group="职工代表", vote="好", comment="", **changes):
    answers = {q.question_id: vote for q in QUESTIONS} | {"Q00": group, "Q11": comment} | changes
    return [answers[q.question_id] for q in QUESTIONS]


def received(grid, path="questionnaires/东河处测评.xlsx"):
    return from_book(book_of(grid), path, setup())


def rows(found, table):
    return [record.values for record in found.records if record.into == table]


def read(grid):
    (export,) = find_exports(book_of(grid))
    return export


def test_an_export_is_known_by_its_first_columns():
    assert [e.service for e in find_exports(book_of(grid_of([["序号", "单位"]]), foreign()))] == ["问卷星"]
    assert find_exports(book_of(grid_of([["序号", "单位", "来源"]]))) == []


def test_titles_lose_number_and_padding():
    assert read(foreign()).questions == ("性别", "爱好", "说明")


def test_every_option_is_counted_and_what_is_missing_is_not():
    assert read(foreign()).counts == {
        "性别": Counter(女=2, 男=1),
        "爱好": Counter(阅读=2, 运动=1, 其他=1),
        "说明": Counter(很好=1),
    }


def test_other_texts_and_missing_answers_keep_what_they_are():
    first, second, third = (b.answers for b in read(foreign()).ballots)
    assert first[1][2] == Answer("其他", other="下棋")
    assert (first[2], second[2], third[1]) == (
        (Answer("", "blank"),),
        (Answer("", "skipped"),),
        (Answer("", "blank"),),
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("125秒", 125),
        ("2分5秒", 125),
        ("1小时2分5秒", 3725),
        ("125", 125),
        ("3分钟", 180),
        ("很久", None),
        ("", None),
        ("00:02:05", 125),
        ("2:05", 125),
    ],
)
def test_durations(text, seconds):
    assert duration_seconds(text) == seconds


def test_a_ballot_and_its_answers():
    found = received(own(ballot(comment="多听意见", Q02="较好")))
    assert found.issues == []
    assert (found.form_id, found.unit_id, found.state) == ("questionnaire", "U001", "read")
    (row,) = rows(found, "ballots")
    assert row == {
        "ballot_id": f"{found.file_id}-00002", "unit_id": "U001", "form_id": "questionnaire", "rater_group": "staff",
        "submitted_at": dt.datetime(2018, 12, 4, 15, 1), "duration_seconds": 125.0, "is_valid": True, "invalid_code": None,
        "file_id": found.file_id,
    }  # fmt: skip
    answers = {
        a["question_id"]: (a["option_id"], a["answer_state"], a["text"])
        for a in rows(found, "answers_by_ballot_question")
    }
    assert answers["Q00"] == ("staff", "chosen", None)
    assert answers["Q02"] == ("fairly_good", "chosen", None)
    assert answers["Q11"] == ("", "chosen", "多听意见")


def test_code_valued_exports():
    found = received(own(ballot(group="1", vote="2", Q03="-3", Q04="-2", comment="-2")))
    assert found.issues == []
    answers = {
        a["question_id"]: (a["option_id"], a["answer_state"])
        for a in rows(found, "answers_by_ballot_question")
    }
    assert answers["Q00"] == ("middle_managers", "chosen")
    assert answers["Q01"] == ("fairly_good", "chosen")
    assert (answers["Q03"], answers["Q04"], answers["Q11"]) == (("", "skipped"), ("", "blank"), ("", "blank"))


def test_questions_under_their_short_names():
    titles = [q.aliases[0] if q.aliases else q.label for q in QUESTIONS]
    assert received(own(ballot(), titles=titles)).issues == []


@pytest.mark.parametrize(("n_blank", "code"), [(0, None), (5, None), (6, "incomplete"), (10, "incomplete")])
def test_half_of_the_rated_questions_make_a_ballot_valid(n_blank, code):
    blanks = {f"Q{i:02d}": "" for i in range(1, n_blank + 1)}
    assert [row["invalid_code"] for row in rows(received(own(ballot(**blanks))), "ballots")] == [code]


@pytest.mark.parametrize(
    ("vote", "changes", "rules", "code"),
    [
        ("好", {}, {}, None),
        ("好", {}, {"voids_full_marks": True}, "full_marks"),
        ("好", {"Q04": ""}, {"voids_full_marks": True}, "full_marks"),  # every answer that was given
        ("好", {"Q04": "较好"}, {"voids_full_marks": True}, None),
        ("好", {"Q04": "弃权"}, {"voids_full_marks": True}, None),
        ("差", {}, {"voids_full_marks": True}, None),
        ("差", {}, {"voids_full_marks": True, "voids_identical_answers": True}, "identical_answers"),
        ("好", {}, {"voids_full_marks": True, "voids_identical_answers": True}, "full_marks"),
        ("好", {"Q04": "较好"}, {"voids_identical_answers": True}, None),
    ],
)
def test_ballots_without_a_judgement_are_void_where_the_cycle_says_so(vote, changes, rules, code):
    changed = dataclasses.replace(config(), questionnaire=config().questionnaire.model_copy(update=rules))
    grid = own(ballot(vote=vote, **changes))
    found = from_book(book_of(grid), "questionnaires/东河处测评.xlsx", make_setup(changed))
    assert [row["invalid_code"] for row in rows(found, "ballots")] == [code]
    assert [row["is_valid"] for row in rows(found, "ballots")] == [code is None]


def test_a_ballot_sent_twice_is_kept_but_not_counted():
    grid = own(ballot(), ballot(vote="差"))
    for column in (2, 6):
        grid.cells[3, column] = grid.cells[2, column]
    assert received(grid).issues == []  # the answers differ
    for column in range(7, 7 + len(QUESTIONS)):
        if (2, column) in grid.cells:
            grid.cells[3, column] = grid.cells[2, column]
    found = received(grid)
    assert [issue.code for issue in found.issues] == ["duplicate_record"]
    assert [row["invalid_code"] for row in rows(found, "ballots")] == [None, "duplicate"]


def test_the_group_is_asked_or_stands_in_the_path():
    without = [q for q in QUESTIONS if q.kind != "group"]
    grid = own(ballot()[1:], titles=[q.label for q in without])
    groups = {path: rows(received(grid, path), "ballots")[0]["rater_group"] for path in (
        "questionnaires/东河处测评.xlsx", "questionnaires/东河处（中层干部）.xlsx", "questionnaires/职工代表/东河处.xlsx")}  # fmt: skip
    assert list(groups.values()) == ["unknown", "middle_managers", "staff"]


FAULTS = [
    (own(ballot(Q03="还行")), ["not_a_choice"]),
    (own(ballot(), titles=[q.label if q.question_id != "Q05" else "食堂饭菜" for q in QUESTIONS]), ["missing_column", "unknown_column"]),
    (own(ballot(comment="很好\U0001f600")), ["uncovered_glyph"]),
]  # fmt: skip


@pytest.mark.parametrize(("grid", "expected"), FAULTS)
def test_faults(grid, expected):
    assert sorted(issue.code for issue in received(grid).issues) == expected


def test_an_answer_that_is_no_option_counts_for_nothing():
    found = received(own(ballot(Q03="还行")))
    (answer,) = [a for a in rows(found, "answers_by_ballot_question") if a["question_id"] == "Q03"]
    assert (answer["option_id"], answer["answer_state"]) == ("", "blank")


def test_an_export_of_nobody_is_reported():
    found = received(own(ballot()), "questionnaires/测评.xlsx")
    assert [issue.code for issue in found.issues] == ["unknown_unit"]
    assert (found.state, found.records) == ("unrecognised", [])


def test_tallies_count_the_valid_ballots_by_group():
    blanks = {f"Q{i:02d}": "" for i in range(1, 11)}
    found = received(own(ballot(), ballot(vote="差"), ballot(group="中层", Q01="弃权"), ballot(**blanks)))
    counted = tally(rows(found, "answers_by_ballot_question"), rows(found, "ballots"), config().questionnaire)
    votes = {
        (r["rater_group"], r["question_id"], r["option_id"]): r["n_votes"] for r in counted if r["n_votes"]
    }
    assert {key: n for key, n in votes.items() if key[1] == "Q01"} == {
        ("staff", "Q01", "good"): 1,
        ("staff", "Q01", "poor"): 1,
        ("middle_managers", "Q01", "abstain"): 1,
    }
    assert len(counted) == 2 * 10 * 5  # every option of every rated question, groups that voted
    assert {r["coefficient"] for r in counted if r["option_id"] == "abstain"} == {None}


def test_tallies_are_additive():
    one, two = received(own(ballot())), received(own(ballot(vote="差")), "questionnaires/东河处测评2.xlsx")
    parts = [
        tally(rows(f, "answers_by_ballot_question"), rows(f, "ballots"), config().questionnaire)
        for f in (one, two)
    ]
    together = tally(
        [a for f in (one, two) for a in rows(f, "answers_by_ballot_question")],
        [b for f in (one, two) for b in rows(f, "ballots")],
        config().questionnaire,
    )
    added = Counter()
    for row in (row for part in parts for row in part):
        added[row["question_id"], row["option_id"]] += row["n_votes"]
    assert added == {(r["question_id"], r["option_id"]): r["n_votes"] for r in together}
