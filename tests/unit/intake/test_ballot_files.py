"""Files of ballots as a whole: votes against ballots, ballots against 收回, copies of files."""

from __future__ import annotations

from collections import Counter

import pytest

from lianzheng.intake.ballot_files import check_ballots, drop_copies
from lianzheng.intake.ballot_tables import Ballots, Counts
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from tests.unit.intake.sample import config

RATED = [question.question_id for question in config().questionnaire.rated]
TALLIES = "tallies_by_unit_question_option"


def bureau(n_returned=3, n_issued=5, source="ballots", without=(), lost=0, unknown=0):
    """Three ballots of the staff, two of them 好 and one without answer, and the site visit's counts."""
    votes = {"good": 2 - lost, "poor": 0}
    rows = {
        TALLIES: [
            {"unit_id": "U001", "rater_group": "staff", "question_id": q, "option_id": o, "n_votes": n, "source": source}
            for q in RATED if q not in without for o, n in votes.items()
        ],
        "ballot_counts": [{
            "unit_id": "U001", "rater_group": "staff", "n_issued": n_issued, "n_returned": n_returned, "file_id": "V",
        }],
    }  # fmt: skip
    given = {
        ("staff", q, option): n for q in RATED if q not in without for option, n in (("good", 2), ("", 1))
    }
    read = Counter(staff=3) + Counter(unknown=unknown)
    sent = Received("questionnaires/测评.xlsx", "F", "0", 1, "xlsx", "read", "questionnaire", unit_id="U001")
    sent.ballots = [Ballots({}, [Counts(read, Counter(staff=3), Counter(given))])]
    place = (("Sheet1", "C3", "n_issued"), ("Sheet1", "D3", "n_returned"))
    counts = Record("ballot_counts", {"unit_id": "U001", "rater_group": "staff"}, place)
    visit = Received("teams/现场检查.xlsx", "V", "0", 1, "xlsx", "read", "site_visit", records=[counts])
    return rows, [visit, sent], [sent]


CASES = {
    "in order": ({}, "pass", "pass"),
    "a vote was lost": ({"lost": 1}, "execution_error", "pass"),
    "a question is not in the file": ({"without": ("Q03",)}, "insufficient_data", "pass"),
    "more came back than was read": ({"n_returned": 4}, "pass", "fail"),
    "fewer came back than was read": ({"n_returned": 2}, "pass", "fail"),
    "nobody counted": ({"n_returned": None}, "pass", "insufficient_data"),
    "more came back than was issued: asked about elsewhere": ({"n_returned": 9}, "pass", "insufficient_data"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "conserved", "returned"), CASES.values(), ids=CASES.keys())
def test_votes_and_ballots_are_conserved(changes, conserved, returned):
    issues, checks = check_ballots(*bureau(**changes), config())
    assert {check["check_id"]: check["outcome"] for check in checks} == {
        "votes_conserved": conserved,
        "returned_differs": returned,
    }
    assert [issue.code for issue in issues] == ["returned_differs"] * (returned == "fail")


def test_the_question_names_the_cell_and_both_numbers():
    (issue,), checks = check_ballots(*bureau(n_returned=4), config())
    assert issue.message == "职工代表登记收回 4 份，读到的答卷为 3 份"
    assert (issue.severity, issue.unit_id, issue.form_id, issue.source.cell) == (
        "verify",
        "U001",
        "site_visit",
        "D3",
    )
    assert issue.issue_id in {check["issue_id"] for check in checks}


def test_a_group_counted_by_hand_is_not_held_against_ballots():
    _, checks = check_ballots(*bureau(n_returned=30, n_issued=40, source="hand"), config())
    assert {check["outcome"] for check in checks if check["check_id"] == "returned_differs"} == {
        "insufficient_data"
    }


def file(path, unit_id="U001", sha256="same", form_id="questionnaire"):
    made = Received(path, path, sha256, 1, "xlsx", "read", form_id, unit_id=unit_id, is_counted=True)
    made.records, made.ballots = [Record("header_fields", {})], [Ballots({}, [Counts()])]
    return made


def kept(*files):
    drop_copies(files)
    return [
        (bool(file.records and file.ballots), file.is_counted, [issue.code for issue in file.issues])
        for file in files
    ]


COUNTED, DROPPED = (True, True, []), (False, False, ["duplicate_file"])


def test_a_copy_counts_once():
    assert kept(file("a/测评（副本）.xlsx"), file("a/测评.xlsx")) == [DROPPED, COUNTED]
    assert kept(file("a.xlsx"), file("b.xlsx"), file("c.xlsx")) == [COUNTED, DROPPED, DROPPED]
    assert kept(file("a.xlsx"), file("b.xlsx", sha256="other")) == [COUNTED, COUNTED]


def test_the_same_ballots_under_two_units_count_for_neither():
    assert kept(file("a.xlsx", "U001"), file("b.xlsx", "U002")) == [DROPPED, DROPPED]


def test_the_rounds_of_a_units_form_are_told_apart_elsewhere():
    assert kept(file("a.xlsx", form_id="statistics"), file("b.xlsx", form_id="statistics")) == [
        COUNTED,
        COUNTED,
    ]


def test_a_copy_names_the_file_that_counts():
    one, two = file("q/测评.xlsx"), file("q/测评1.xlsx")
    drop_copies([one, two])
    assert two.issues[0].message == "与“测评.xlsx”内容重复，重复的内容没有计入两次"
    assert (two.state, two.issues[0].severity) == ("superseded", "verify")


def test_ballots_of_an_unknown_group_are_not_held_against_groups():
    _, checks = check_ballots(*bureau(n_returned=4, unknown=1), config())
    assert {check["outcome"] for check in checks if check["check_id"] == "returned_differs"} == {
        "insufficient_data"
    }
