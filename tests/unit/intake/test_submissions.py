"""The submission ledger: rounds and their states, which version counts and why, receipts of paper and of files."""

from __future__ import annotations

import datetime as dt

import pytest

from lianzheng.intake.checks import Checked
from lianzheng.intake.received import Received, file_id_of
from lianzheng.intake.records import Record
from lianzheng.intake.submissions import SUBMITTED, receipt_targets, receipts_by_path, settle_submissions
from lianzheng.tables import conform
from tests.unit.intake.sample import config

GOOD, FAULTY, BROKEN, OTHER_YEAR = "good", "faulty", "broken", "other year"
HEAD = config().unit("U001").head
OK = {"paper": "11-29 10:00", "signed": True, "by": HEAD, "sealed": True}


def version(name: str, kind: str = GOOD, sha256: str = "", form_id: str = "statistics") -> Received:
    """A file of U001 as it is before it is settled: in order, with two faults, broken, or of last year."""
    path = f"units/东河处/{name}.xlsx"
    state = {BROKEN: "unreadable", OTHER_YEAR: "wrong_year"}.get(kind, "read")
    file = Received(path, file_id_of(path), sha256 or name, 9, "xlsx", state, form_id, unit_id="U001")
    file.is_counted = state == "read"
    for code in {
        FAULTY: ("not_a_number", "sum_mismatch"),
        BROKEN: ("unreadable_file",),
        OTHER_YEAR: ("wrong_year",),
    }.get(kind, ()):
        file.report(
            code, "x", "表", f"A{len(file.issues) + 1}", row="行", column="列", expected=1, detail="细节"
        )
    file.records = [Record("statistics_by_unit_category_measure", {}, ())] if file.is_counted else []
    file.checks = (
        [Checked("all_zero_return", "pass", "I1" if kind == GOOD else "")] if file.is_counted else []
    )
    return file


def receipt(
    when: str = "", paper: str = "", signed: bool | None = None, by: str = "", sealed: bool | None = None
):
    """What the office registered; moments as 11-28 10:00 of the year."""
    said = {"received_at": moment(when), "paper_received_at": moment(paper), "is_signed": signed, "signed_by": by or None, "is_sealed": sealed}  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def moment(text: str) -> dt.datetime | None:
    return dt.datetime.strptime(f"2018-{text}", "%Y-%m-%d %H:%M") if text else None


def settled(*versions: tuple[Received, dict]) -> list[dict]:
    """The rows of U001's statistics."""
    rows, _ = settle_submissions([f for f, _ in versions], {f.path: r for f, r in versions}, config())
    conform("submissions", rows, 2018)
    return [row for row in rows if (row["unit_id"], row["form_id"]) == ("U001", "statistics")]


def codes(file: Received) -> list[str]:
    return [issue.code for issue in file.issues]


ROUNDS = [  # kinds in the order of receipt → state, whether it counts and why, number of return issues
    ([GOOD], [("accepted", True, "only_version", 0)]),
    ([FAULTY], [("returned", True, "provisional", 2)]),
    ([BROKEN], [("returned", False, "not_usable", 1)]),
    ([GOOD, GOOD], [("superseded", False, "replaced", 0), ("accepted", True, "latest_acceptable", 0)]),
    ([FAULTY, GOOD], [("returned", False, "corrected", 2), ("accepted", True, "latest_acceptable", 0)]),
    ([BROKEN, GOOD], [("returned", False, "corrected", 1), ("accepted", True, "latest_acceptable", 0)]),
    ([OTHER_YEAR, GOOD], [("returned", False, "corrected", 1), ("accepted", True, "latest_acceptable", 0)]),
    ([GOOD, FAULTY], [("accepted", True, "kept_over_worse", 0), ("returned", False, "worse_than_counted", 2)]),
    ([GOOD, BROKEN], [("accepted", True, "kept_over_worse", 0), ("returned", False, "worse_than_counted", 1)]),
    ([FAULTY, FAULTY], [("returned", False, "replaced", 2), ("returned", True, "provisional", 2)]),
    ([FAULTY, BROKEN], [("returned", True, "provisional", 2), ("returned", False, "not_usable", 1)]),
    ([BROKEN, BROKEN], [("returned", False, "not_usable", 1), ("returned", False, "not_usable", 1)]),
    ([FAULTY, GOOD, FAULTY], [
        ("returned", False, "corrected", 2), ("accepted", True, "kept_over_worse", 0), ("returned", False, "worse_than_counted", 2),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("kinds", "expected"), ROUNDS)
def test_each_round_has_a_state_and_a_reason(kinds: list[str], expected: list[tuple]) -> None:
    versions = [(version(f"v{n}", kind), receipt(f"11-2{n} 10:00")) for n, kind in enumerate(kinds, 1)]
    rows = settled(*versions)
    assert [(r["state"], r["is_counted"], r["reason"], r["n_return_issues"]) for r in rows] == expected
    assert [row["round"] for row in rows] == list(range(1, len(kinds) + 1))
    assert [bool(file.records) for file, _ in versions] == [is_counted for _, is_counted, *_ in expected]


def test_only_what_is_open_stays_an_issue() -> None:
    first, second = version("v1", FAULTY), version("v2")
    settled((first, receipt("11-21 10:00", **OK)), (second, receipt("11-22 10:00", **OK)))
    assert (codes(first), codes(second)) == (["superseded_version"], [])
    assert (first.state, first.checks, second.state) == ("superseded", [], "read")


def test_a_worse_version_keeps_its_issues_until_a_later_one_comes() -> None:
    files = [version("v1"), version("v2", FAULTY), version("v3", BROKEN)]
    settled(*((file, receipt(f"11-2{n} 10:00")) for n, file in enumerate(files)))
    assert [codes(file) for file in files] == [[], ["superseded_version"], ["unreadable_file"]]


def test_nothing_received_is_told() -> None:
    rows, missing = settle_submissions([], {}, config())
    assert {(row["state"], row["reason"], row["is_counted"]) for row in rows} == {
        ("missing", "nothing_received", False)
    }
    assert (
        len(rows) == len(missing) == len(config().units) * len([f for f in SUBMITTED if f in config().forms])
    )


LATE = [  # receipts of a returned or good first version and of what followed → late
    ([(GOOD, "12-01 23:59")], [False]),
    ([(GOOD, "12-02 00:00")], [True]),
    ([(GOOD, "")], [None]),
    (
        [(FAULTY, "12-01 09:00"), (GOOD, "12-05 09:00")],
        [False, False],
    ),  # a correction in time for its first version
    ([(FAULTY, "11-30 09:00"), (FAULTY, "12-05 09:00"), (GOOD, "12-07 09:00")], [False, False, False]),
    ([(FAULTY, "12-03 09:00"), (GOOD, "12-05 09:00")], [True, True]),
    ([(GOOD, "11-30 09:00"), (GOOD, "12-05 09:00")], [False, True]),  # nobody asked for another version
    ([(GOOD, "11-30 09:00"), (FAULTY, "12-05 09:00"), (GOOD, "12-06 09:00")], [False, True, True]),
    ([(FAULTY, ""), (GOOD, "12-05 09:00")], [None, None]),
]


@pytest.mark.parametrize(("sent", "expected"), LATE)
def test_lateness_is_that_of_the_version_that_is_corrected(sent: list[tuple], expected: list) -> None:
    versions = [(version(f"v{n}", kind), receipt(when)) for n, (kind, when) in enumerate(sent, 1)]
    assert [row["is_late"] for row in settled(*versions)] == expected
    assert ("late_file" in codes(versions[-1][0])) == (expected[-1] is True)


PAPERS = [
    (["11-29 10:00"], [False]), (["12-02 00:00"], [True]), ([""], [None]),
    (["11-29 10:00", "12-08 10:00"], [False, False]), (["", "12-08 10:00"], [None, True]),
]  # fmt: skip


@pytest.mark.parametrize(("papers", "expected"), PAPERS)
def test_paper_may_be_late_while_the_file_was_in_time(papers: list[str], expected: list) -> None:
    kinds = [FAULTY, GOOD][-len(papers) :]
    sent = [(version(f"v{n}", kinds[n]), receipt(f"11-2{n} 09:00", paper)) for n, paper in enumerate(papers)]
    rows = settled(*sent)
    assert [row["is_paper_late"] for row in rows] == expected
    assert {row["is_late"] for row in rows} == {False}
    assert all("late_file" not in codes(file) for file, _ in sent)


def test_the_same_bytes_are_no_new_round() -> None:
    first, again, last = version("v1", FAULTY, "a"), version("v2", FAULTY, "a"), version("v3", GOOD, "b")
    rows = settled(
        (first, receipt("11-21 10:00")), (again, receipt("11-22 10:00")), (last, receipt("11-23 10:00"))
    )
    assert [(row["round"], row["sha256"], row["state"]) for row in rows] == [
        (1, "a", "returned"),
        (2, "b", "accepted"),
    ]
    assert (codes(again), again.state, again.is_counted, again.records) == (
        ["same_file_again"],
        "superseded",
        False,
        [],
    )
    assert again.issues[0].message.endswith("与此前报送的“v1.xlsx”内容完全相同，不算新的一版")


def test_an_old_version_sent_once_more_replaces_nothing() -> None:
    old, new, again = version("v1", GOOD, "a"), version("v2", GOOD, "b"), version("v3", GOOD, "a")
    rows = settled(
        (old, receipt("11-21 10:00")), (new, receipt("11-22 10:00")), (again, receipt("11-23 10:00"))
    )
    assert [(row["sha256"], row["is_counted"]) for row in rows] == [("a", False), ("b", True)]
    assert codes(again) == ["same_file_again"]


def test_a_copy_without_a_receipt_has_that_of_its_twin() -> None:
    lost, known = version("a copy", GOOD, "a"), version("b", GOOD, "a")
    (row,) = settled((lost, {}), (known, receipt("11-21 10:00", **OK)))
    assert (row["file_id"], row["received_at"], row["is_signed"]) == (
        known.file_id,
        moment("11-21 10:00"),
        True,
    )
    assert (codes(lost), codes(known)) == (["same_file_again"], [])


def test_paper_registered_with_the_second_of_two_copies_is_there() -> None:
    one, two = version("a", GOOD, "a"), version("b", GOOD, "a")
    (row,) = settled((one, receipt("11-21 10:00")), (two, receipt("11-22 10:00", **OK)))
    assert (row["received_at"], row["paper_received_at"]) == (moment("11-21 10:00"), moment("11-29 10:00"))


def test_without_a_receipt_a_version_goes_before_those_that_have_one() -> None:
    known, lost = version("a"), version("b")
    rows = settled((known, receipt("11-21 10:00")), (lost, {}))
    assert [(row["file_id"], row["reason"]) for row in rows] == [
        (lost.file_id, "unregistered"), (known.file_id, "latest_acceptable"),
    ]  # fmt: skip
    assert codes(lost) == ["superseded_version", "no_receipt"]


SIGNATURES = [
    (OK, []), ({**OK, "signed": False, "by": ""}, ["paper_not_signed"]), ({**OK, "by": "代签人"}, ["paper_signed_by_other"]),
    ({**OK, "sealed": False}, ["paper_not_sealed"]), ({**OK, "paper": ""}, []), ({"signed": False, "sealed": False}, []),
    ({"paper": "11-29 10:00"}, []),  # registered without a word on signature and seal
]  # fmt: skip


@pytest.mark.parametrize(("paper", "expected"), SIGNATURES)
def test_signature_and_seal_are_asked_of_a_paper_that_came(paper: dict, expected: list[str]) -> None:
    file = version("a")
    settled((file, receipt("11-21 10:00", **paper)))
    assert codes(file) == expected


OTHERS = [  # paper with the first, the second version → issues of the version that counts
    ([GOOD, GOOD], [OK, OK], []),
    ([GOOD, GOOD], [OK, {}], ["paper_of_other_version"]),
    ([FAULTY, GOOD], [{**OK, "sealed": False}, {}], ["paper_of_other_version", "paper_not_sealed"]),
    ([GOOD, GOOD], [{**OK, "sealed": False}, OK], []),
    ([GOOD, GOOD], [{}, {}], []),
]


@pytest.mark.parametrize(("kinds", "papers", "expected"), OTHERS)
def test_paper_of_another_version_is_asked_about(
    kinds: list[str], papers: list[dict], expected: list[str]
) -> None:
    first, second = (version(f"v{n}", kind) for n, kind in enumerate(kinds))
    settled((first, receipt("11-21 10:00", **papers[0])), (second, receipt("11-22 10:00", **papers[1])))
    assert codes(second) == expected
    if expected:
        assert "采用第2版，收到的纸质件却是随第1版报送的" in second.issues[0].message


def test_a_zero_return_is_a_state_of_its_own() -> None:
    zero, not_judged, other = version("a"), version("b"), version("c", FAULTY)
    not_judged.checks = [Checked("all_zero_return", "insufficient_data")]
    assert [settled((file, {}))[0]["is_all_zero"] for file in (zero, not_judged, other)] == [
        True,
        None,
        False,
    ]
    assert settled()[0].get("is_all_zero") is None


def office(*lines: dict) -> Received:
    """office/receipts.csv with these lines."""
    file = Received("office/receipts.csv", "FR", "r", 1, "csv", "office", "receipts")
    file.records = [
        Record("receipts", line, tuple(("csv", f"{name}{n}", name) for name in line))
        for n, line in enumerate(lines)
    ]
    return file


def test_a_second_line_about_a_file_adds_what_the_first_lacks() -> None:
    file, path = version("v1"), "units/东河处/v1.xlsx"
    lines = office(
        {"file": path, "received_at": moment("11-21 10:00"), "paper_received_at": None},
        {
            "file": f"2018\\{path}".replace("/", "\\"),
            "received_at": None,
            "paper_received_at": moment("11-29 10:00"),
        },
    )
    receipts = receipts_by_path([file, lines], 2018)
    assert receipts[path]["received_at"] == moment("11-21 10:00")
    (row,) = settled((file, receipts[path]))
    targets = receipt_targets([file, lines], [row], 2018)
    assert targets["FR", "csv", "received_at0"] == "submissions/U001|statistics|1/received_at"
    assert targets["FR", "csv", "paper_received_at1"] == "submissions/U001|statistics|1/paper_received_at"
    assert ("FR", "csv", "received_at1") not in targets


def test_whose_a_replaced_file_is_stays_a_question() -> None:
    first, second = version("v1", FAULTY), version("v2")
    first.report("unit_differs", "西岭处", expected="东河处")
    settled((first, receipt("11-21 10:00")), (second, receipt("11-22 10:00")))
    assert codes(first) == ["unit_differs", "superseded_version"]
