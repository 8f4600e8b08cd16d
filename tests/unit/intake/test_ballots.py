"""Questionnaire exports: reading any, and the cycle's own into ballots, answers and tallies."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter

import pytest

from lianzheng.intake import ballot_files, inspect_file
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
    return [record.values for record in found.records_in(table)]


def tallied(*files):
    counts = ((file.unit_id, file.file_id, ballots.counts) for file in files for ballots in file.ballots)
    return tally(counts, config().questionnaire)


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
    first, second, third = zip(*read(foreign()).answers, strict=True)
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


def again(grid, columns):
    """The same sheet, where the second ballot says in these columns what the first says."""
    firsts = [grid.cells[2, column] for column in columns if (2, column) in grid.cells]
    held = {(3, cell.column): cell._replace(row=3, address=f"{cell.address[:-1]}3") for cell in firsts}
    return dataclasses.replace(grid, held=grid.cells | held)


def test_a_ballot_sent_twice_is_kept_but_not_counted():
    sent_at_once = again(own(ballot(), ballot(vote="差")), (2, 6))
    assert received(sent_at_once).issues == []  # the answers differ
    found = received(again(sent_at_once, range(7, 7 + len(QUESTIONS))))
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


@pytest.mark.parametrize("n_ballots", [3, 30])
def test_what_was_reported_is_looked_up_as_often_for_few_ballots_as_for_many(n_ballots, monkeypatch):
    calls = []
    look_up = ballot_files._reported
    monkeypatch.setattr(ballot_files, "_reported", lambda *given: calls.append(given) or look_up(*given))
    assert len(received(own(*[ballot(Q03="还行")] * n_ballots)).issues) == n_ballots
    assert len(calls) == 2


def test_an_answer_that_is_no_option_counts_for_nothing():
    found = received(own(ballot(Q03="还行")))
    (answer,) = [a for a in rows(found, "answers_by_ballot_question") if a["question_id"] == "Q03"]
    assert (answer["option_id"], answer["answer_state"]) == ("", "blank")


def test_an_export_of_nobody_is_reported():
    found = received(own(ballot()), "questionnaires/测评.xlsx")
    assert [issue.code for issue in found.issues] == ["unknown_unit"]
    assert (found.state, found.records, found.ballots) == ("unrecognised", [], [])


def test_tallies_count_the_valid_ballots_by_group():
    blanks = {f"Q{i:02d}": "" for i in range(1, 11)}
    found = received(own(ballot(), ballot(vote="差"), ballot(group="中层", Q01="弃权"), ballot(**blanks)))
    counted = tallied(found)
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
    parts, together = [tallied(one), tallied(two)], tallied(one, two)
    added = Counter()
    for row in (row for part in parts for row in part):
        added[row["question_id"], row["option_id"]] += row["n_votes"]
    assert added == {(r["question_id"], r["option_id"]): r["n_votes"] for r in together}


CODED = {"codes": {"scale": ["poor", "average", "fairly_good", "good", "abstain"], "Q02": ["good", "fairly_good", "average", "poor", "abstain"]}}  # fmt: skip


def chosen(found):
    return {
        a["question_id"]: (a["option_id"], a["answer_state"])
        for a in rows(found, "answers_by_ballot_question")
    }


def test_what_a_number_stands_for_is_configured_by_scale_and_by_question():
    changed = config().questionnaire.model_copy(update=CODED)
    turned = dataclasses.replace(config(), questionnaire=changed)
    found = from_book(
        book_of(own(ballot(group="2", vote="1"))), "questionnaires/东河处.xlsx", make_setup(turned)
    )
    answers = chosen(found)
    assert (answers["Q01"], answers["Q02"], answers["Q00"]) == (
        ("poor", "chosen"), ("good", "chosen"), ("staff", "chosen"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "option", "code"),
    [
        ("好", "good", None),
        (" 较好 ", "fairly_good", None),
        ("A.好", "good", None),
        ("B、较好", "fairly_good", None),
        ("D．差", "poor", None),
        ("A.差", "poor", None),  # the label counts, not the letter
        ("C", "average", None),
        ("不了解", "abstain", None),
        ("1", "good", None),
        (2, "fairly_good", None),
        ("5.0", "abstain", None),
        ("６", "", "not_a_choice"),
        ("0", "", "not_a_choice"),
        ("-1", "", "not_a_choice"),
        ("F", "", "not_a_choice"),
        ("A.还行", "", "not_a_choice"),
        ("好┋差", "", "not_a_choice"),  # one vote a question
        ("(跳过)", "", None),
        ("（空）", "", None),
        (-3, "", None),
        (-2, "", None),
    ],
)
def test_options_as_services_export_them(written, option, code):
    found = received(own(ballot(Q03=written)))
    assert [issue.code for issue in found.issues] == [code] * bool(code)
    assert [
        a["option_id"] for a in rows(found, "answers_by_ballot_question") if a["question_id"] == "Q03"
    ] == [option]
    assert len(rows(found, "answers_by_ballot_question")) == len(QUESTIONS)


TENCENT = ["编号", "开始答题时间", "结束答题时间", "答题时长", "清洗数据结果", "地理位置省", "自定义字段"]


def tencent(*ballots, titles=None):
    """An export of 腾讯问卷: more columns about the answering, ``1.题``, options with their letters."""
    header = [*TENCENT, *(titles or (f"{i}.{q.label}" for i, q in enumerate(QUESTIONS, start=1)))]
    before = [
        [n, "2018/12/4 15:00:10", f"2018/12/4 15:0{n}:10", "00:02:05", "", "某省", None]
        for n in range(1, len(ballots) + 1)
    ]
    return grid_of([header, *([*meta_, *answers] for meta_, answers in zip(before, ballots, strict=True))])


def test_an_export_of_the_other_service():
    found = received(
        tencent(
            ballot(group="B.职工代表", vote="A.好", Q03="E.弃权", comment="多听意见"), ballot(vote="D.差")
        )
    )
    assert found.issues == []
    first, second = rows(found, "ballots")
    assert (first["rater_group"], first["submitted_at"], first["duration_seconds"]) == (
        "staff",
        dt.datetime(2018, 12, 4, 15, 1, 10),
        125,
    )
    assert second["is_valid"]
    votes = Counter(a["option_id"] for a in rows(found, "answers_by_ballot_question"))
    assert votes == {"good": 9, "abstain": 1, "poor": 10, "staff": 2, "": 2}
    assert found.evidence[0].startswith("腾讯问卷导出的列名“编号、开始答题时间、结束答题时间、答题时长”")
    fates = {cell: fate for _, cell, *_, fate in found.cells}
    heads = [cell for cell in fates if cell.endswith("1") and len(cell) == 2]
    n_service = len(TENCENT)
    assert [fates[cell] for cell in heads] == ["aside"] * n_service + ["label"] * (len(heads) - n_service)
    assert [fates[f"{letter}2"] for letter in "ABCD"] == ["aside", "aside", "value", "value"]


def test_a_title_that_stands_twice_is_asked_about_only_where_it_says_something_else():
    titles = [f"{i}.{q.label}" for i, q in enumerate(QUESTIONS, start=1)]
    for second, expected in ((None, []), ("A.好", []), ("D.差", ["unknown_column"])):
        grid = tencent([*ballot(vote="A.好"), second], titles=[*titles, titles[1]])
        found = received(grid)
        assert [issue.code for issue in found.issues] == expected
        assert (
            Counter(a["question_id"] for a in rows(found, "answers_by_ballot_question")).most_common(1)[0][1]
            == 1
        )


RATED = [q.aliases[0] for q in QUESTIONS if q.kind == "scale"]


def typed(*lines, header=("票号", *RATED), above=(["东河管理处测评票登记（职工代表）"],)):
    return grid_of([*above, list(header), *lines])


def test_a_sheet_typed_by_hand():
    found = received(
        typed(
            ["1", *["好"] * 9, "差"],
            ["2", *["较好"] * 10],
            ["3"],
            ["合计", "2"],
            ["计票人：张三", None, "监票人：李四"],
        )
    )
    assert found.issues == []
    assert [(b["rater_group"], b["invalid_code"]) for b in rows(found, "ballots")] == [
        ("staff", None), ("staff", None), ("staff", "incomplete"),
    ]  # fmt: skip
    votes = Counter((a["question_id"], a["option_id"]) for a in rows(found, "answers_by_ballot_question"))
    assert (votes["Q01", "good"], votes["Q10", "poor"], votes["Q10", "fairly_good"], votes["Q10", ""]) == (
        1,
        1,
        1,
        1,
    )
    fates = {cell: fate for _, cell, *_, fate in found.cells}
    assert [fates[cell] for cell in ("A1", "A2", "B2", "A3", "B3", "A6", "B6", "A7", "C7")] == [
        "value", "aside", "label", "aside", "value", "aside", "aside", "value", "value",
    ]  # fmt: skip
    signed = [(r["field_id"], r["text"]) for r in rows(found, "header_fields")]
    assert signed == [("above", "东河管理处测评票登记（职工代表）"), ("计票人", "张三"), ("监票人", "李四")]
    assert found.evidence == ("“Sheet1”的表头中10道题与本年度测评表一致，每行一份答卷",)


def test_the_unit_of_a_typed_sheet_stands_above_it():
    grid = typed(["1", *["好"] * 10])
    assert received(grid, "收件/登记表.xlsx").unit_id == "U001"
    found = received(typed(["1", *["好"] * 10]), "questionnaires/西岭处.xlsx")
    assert (found.unit_id, [issue.code for issue in found.issues]) == ("U001", ["unit_differs"])


def test_numbers_typed_by_hand_may_be_points_so_they_are_asked_about():
    found = received(typed(["1", *["好"] * 9, "4"], ["2", *["好"] * 10]))
    assert [(issue.code, issue.source.cell) for issue in found.issues] == [("not_a_choice", "K3")]


def test_what_stands_in_no_ballot_is_asked_about():
    found = received(typed(["1", *["好"] * 10], ["待核对后补录"]))
    assert [(issue.code, issue.source.cell) for issue in found.issues] == [("unread_cell", "A4")]
    assert "待核对" not in found.issues[0].message  # it may be a rater's own words
    long = received(own(ballot(Q03="我认为食堂的饭菜还可以再好一些")))
    assert [issue.value_seen for issue in long.issues] == ["（内容不公开）"]
    strange = received(typed(["1", *["好"] * 10, "甲"], header=("票号", *RATED, "登记人")))
    assert [(issue.code, issue.source.cell) for issue in strange.issues] == [("unknown_column", "L2")]
    assert {cell: fate for _, cell, *_, fate in strange.cells}["L3"] == "issue"


OPTIONS = ["好", "较好", "一般", "差", "弃权"]


def ticks(*ballots):
    """A row of questions, a row of options below each, and a row a ballot with what stands below each option."""
    questions = [title if i == 0 else None for title in RATED for i in range(5)]
    return grid_of(
        [["票号", *questions], [None, *OPTIONS * 10], *([n, *b] for n, b in enumerate(ballots, start=1))]
    )


def test_ticks_below_options():
    best, worst = ["√", None, None, None, None] * 10, [None, "□", None, "✓", None] * 10
    two, strange = ["√", "√", None, None, None, *best[5:]], ["优", None, None, None, None, *best[5:]]
    found = received(ticks(best, worst, two, strange, [None] * 50))
    votes = Counter((a["question_id"], a["option_id"]) for a in rows(found, "answers_by_ballot_question"))
    assert {option: votes["Q01", option] for option in ("good", "poor", "fairly_good", "")} == {
        "good": 1,
        "poor": 1,
        "fairly_good": 0,
        "": 3,
    }
    assert votes["Q02", "good"] == 3
    assert [(issue.code, issue.source.cell, issue.value_seen) for issue in found.issues] == [
        ("not_a_choice", "B5", "好┋较好"), ("not_a_choice", "B6", "优"),
    ]  # fmt: skip
    assert [b["invalid_code"] for b in rows(found, "ballots")] == [None, None, None, None, "incomplete"]


def test_a_tally_with_questions_across_is_not_taken_for_ballots():
    grid = grid_of([["选项", *RATED], *([option, *[3] * 10] for option in OPTIONS)])
    assert find_exports(book_of(grid), setup().questions) == []


def test_a_sheet_for_each_group():
    one, two = typed(["1", *["好"] * 10], above=()), typed(["1", *["差"] * 10], above=())
    one.name, two.name = "中层干部", "职工代表"
    found = from_book(book_of(one, two, grid_of([["草稿"]], "Sheet3")), "questionnaires/东河处.xlsx", setup())
    assert [b["rater_group"] for b in rows(found, "ballots")] == ["middle_managers", "staff"]
    assert len({b["ballot_id"] for b in rows(found, "ballots")}) == 2
    assert [(issue.code, issue.source.sheet) for issue in found.issues] == [("unread_cell", "Sheet3")]


def test_two_ballots_of_one_number_are_asked_about_and_counted_once_only_where_they_agree():
    lines = [["1", *["好"] * 10], ["1", *["好"] * 10], ["1", *["差"] * 10]]
    found = received(typed(*lines))
    assert [issue.code for issue in found.issues] == ["duplicate_record"] * 2
    assert [b["invalid_code"] for b in rows(found, "ballots")] == [None, "duplicate", None]


@pytest.mark.parametrize("grid", [
    own(ballot(), ballot(vote="差", Q02="-3", Q04=""), ballot(Q03="还行", Q05="好┋差")), tencent(ballot(vote="B.较好"), ballot(Q01="E.弃权")),
    typed(["1", *["好"] * 10], ["2", *["差"] * 8]), ticks(["√", None, None, None, None] * 10, [None, None, "1", None, None] * 10),
])  # fmt: skip
def test_votes_and_missing_answers_come_to_the_ballots_in_every_source(grid):
    found = received(grid)
    ballots, answers = rows(found, "ballots"), rows(found, "answers_by_ballot_question")
    counted = tallied(found)
    for question in config().questionnaire.rated:
        votes = sum(
            r["n_votes"] for r in counted if r["question_id"] == question.question_id and r["option_id"]
        )
        missing = sum(a["question_id"] == question.question_id and not a["option_id"] for a in answers)
        assert votes + missing == len(ballots) == len([b for b in ballots if b["is_valid"]])


def test_inspect_tells_the_service_and_keeps_comments_to_itself(tmp_path):
    grid = tencent(ballot(vote="A.好", comment="食堂要改进"))
    lines = [
        "\t".join(
            "" if (c := grid.cells.get((r, n))) is None else c.text for n in range(1, grid.n_columns + 1)
        )
        for r in (1, 2)
    ]
    path = tmp_path / "东河处.csv"
    path.write_text("\n".join(lines).replace("\t", ","), encoding="utf-8-sig")
    told = "\n".join(inspect_file(path, config()).describe())
    assert "识别为：逐份答卷（腾讯问卷）" in told and "12道题与本年度测评表一致" in told
    assert "您的意见和建议：（内容不公开） 1" in told and "食堂" not in told
