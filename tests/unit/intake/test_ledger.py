"""What feedback and findings bring, merged with what the office's file says: ids, states, history, issues."""

from __future__ import annotations

import datetime as dt

import pytest

from lianzheng.intake.ledger import fingerprint, lines_of_findings, merge, subject_named
from lianzheng.intake.records import Record
from tests.unit.intake.sample import config

DAY = dt.datetime(2018, 12, 20)
DONE = {"state": "closed", "state_date": DAY, "proof": "整改报告", "verified_by": "党委办"}


def origin(text="台账不全", number=1, **more):
    """A line of feedback.csv as intake has it."""
    line = {"unit_id": "U001", "source": "patrol", "origin_cycle": 2017.0, "text": text, "state": "open"}
    line |= {
        "rectification_id": f"U001-R{number:02d}",
        "file_id": "FB",
        "sheet": "csv",
        "cell": f"A{number + 1}",
    }
    line |= more
    return {**line, "origin_key": fingerprint(line)}


def kept(row, line, **more):
    """A row of the office's file that holds a line with changes."""
    names = "unit_id source origin_cycle text state state_date proof verified_by owner origin_key".split()
    values = {name: line.get(name) for name in ("rectification_id", *names)} | more
    cells = tuple(
        ("整改台账", f"{letter}{row}", name) for letter, name in zip("BCDEFGHIJKL", values, strict=False)
    )
    return Record(
        "rectifications",
        {"subject_id": None, **values, "file_id": "FL", "sheet": "整改台账", "cell": f"B{row}"},
        cells,
    )


def event(line_id, number, to_state, key, from_state=None, at=None):
    values = {
        "rectification_id": line_id,
        "event_number": float(number),
        "from_state": from_state,
        "to_state": to_state,
    }
    cells = (("状态变更记录", f"A{number + 4}", "rectification_id"),)
    return Record(
        "rectification_events", {**values, "at": at, "by": "办公室", "proof": None, "origin_key": key}, cells
    )


def run(origins, records=()):
    targets = {
        ("FB", "csv", f"I{i}"): f"rectifications/{line['rectification_id']}/state"
        for i, line in enumerate(origins)
        if "rectification_id" in line
    }
    return merge(origins, targets, list(records), config(), "FL")


def codes(ledger):
    return [issue.code for issue in ledger.issues]


def settled(line, number=1, **more):
    """A line and its entry as they stand in the file."""
    return [
        kept(4 + number, line, **more),
        event(line["rectification_id"], 1, line["state"], line["origin_key"]),
    ]


def test_without_a_file_every_line_is_to_be_written_with_its_entry():
    ledger = run([origin(), origin("会议偏少", 2)])
    assert [line["rectification_id"] for line in ledger.unwritten] == ["U001-R01", "U001-R02"]
    assert [(e["event_number"], e["from_state"], e["to_state"], e["by"]) for e in ledger.events] == [
        (1, None, "open", "办公室")
    ] * 2
    assert ledger.unrecorded == ledger.events and codes(ledger) == []


def test_what_says_the_same_twice_stays_two_lines():
    ledger = run([origin(), origin(number=2)])
    assert len({line["origin_key"] for line in ledger.lines}) == 2
    again = run([origin(), origin(number=2)], [*settled(ledger.lines[0]), *settled(ledger.lines[1], 2)])
    assert [line["rectification_id"] for line in again.lines] == [
        "U001-R01",
        "U001-R02",
    ] and not again.unwritten


def test_the_offices_words_win_and_an_empty_cell_unsays_only_what_it_may():
    line = origin(owner="张三", remedy_measure="补记")
    (read,) = run([line], settled(line, owner="李四", text=None, remedy_measure=None)).lines
    assert (read["owner"], read["text"], read["remedy_measure"]) == ("李四", "台账不全", None)
    assert (read["file_id"], read["cell"]) == ("FB", "A2")  # where the problem was first written


def test_a_line_keeps_its_id_whatever_becomes_of_its_text():
    line = origin()
    ledger = run(
        [origin("新问题", 1), {**line, "rectification_id": "U001-R02"}], settled(line, text="改写过的问题")
    )
    assert {r["rectification_id"]: r["text"] for r in ledger.lines} == {
        "U001-R01": "改写过的问题",
        "U001-R02": "新问题",
    }
    assert ledger.targets["FB", "csv", "I0"] == "rectifications/U001-R02/state"
    assert ledger.targets["FL", "整改台账", "B5"] == "rectifications/U001-R01/rectification_id"


def test_a_line_that_lost_its_mark_is_known_by_its_history_or_its_words():
    line = origin()
    by_history = run([line], settled(line, origin_key=None, text="改写过"))
    by_words = run([line], [kept(5, line, origin_key=None)])
    assert [len(by_history.lines), len(by_words.lines)] == [1, 1] and not by_words.unwritten


def test_a_line_added_by_hand_gets_the_next_free_number():
    line = origin()
    by_hand = {"unit_id": "U001", "source": "holiday", "text": "值班记录不全"}
    ledger = run([line], [*settled(line), kept(9, by_hand), kept(10, {**by_hand, "text": None})])
    assert [(row["rectification_id"], row["origin_cycle"], row["state"]) for row in ledger.lines] == [
        ("U001-R01", 2017.0, "open"), ("U001-R02", 2018, "open"),
    ]  # fmt: skip
    ((record, named),) = ledger.unnamed
    assert record.values["cell"] == "B9" and named["origin_key"] == fingerprint(named)


def test_a_copied_row_is_reported_and_counts_once():
    line = origin()
    ledger = run([line], [*settled(line), kept(6, line, owner="抄来的")])
    assert codes(ledger) == ["duplicate_record"] and len(ledger.lines) == 1


def test_a_deleted_line_comes_back_under_its_id_with_its_history():
    line, other = origin(), origin("另一条", 2)
    records = [
        event("U001-R01", 1, "in_progress", line["origin_key"]),
        *settled({**other, "rectification_id": "U001-R02"}, 2),
    ]
    ledger = run([line, other], records)
    assert codes(ledger) == ["ledger_line_missing"] and ledger.issues[0].value_seen == "U001-R01"
    assert [(row["rectification_id"], row["state"]) for row in ledger.unwritten] == [
        ("U001-R01", "in_progress")
    ]
    assert [e["event_number"] for e in ledger.events if e["rectification_id"] == "U001-R01"] == [1]


def test_the_history_of_a_line_whose_origin_is_gone_too_stays_out_of_the_tables():
    ledger = run([], [event("U001-R05", 1, "open", "gone")])
    assert (
        codes(ledger) == ["ledger_line_missing"]
        and ledger.events == []
        and ledger.issues[0].unit_id == "U001"
    )


@pytest.mark.parametrize("lacking", ["proof", "verified_by"])
def test_closed_needs_proof_and_a_verifier(lacking):
    line = origin(**DONE | {lacking: None})
    ledger = run([line])
    assert codes(ledger) == ["closed_without_proof"] and ledger.lines[0]["state"] == "to_verify"
    assert (ledger.issues[0].source.file_id, ledger.issues[0].source.cell) == ("FB", "I0")
    assert {"proof": "销账材料", "verified_by": "核验人"}[lacking] in ledger.issues[0].message
    assert run([origin(**DONE)]).lines[0]["state"] == "closed"


def test_a_change_of_state_becomes_an_event_with_its_day():
    line = origin()
    ledger = run([line], settled(line, **DONE))
    assert ledger.unrecorded == ledger.events[1:] == [{
        "rectification_id": "U001-R01", "unit_id": "U001", "origin_key": line["origin_key"], "event_number": 2,
        "from_state": "open", "to_state": "closed", "at": DAY, "by": "党委办", "proof": "整改报告",
    }]  # fmt: skip
    after = run(
        [line], [*settled(line, **DONE), event("U001-R01", 2, "closed", line["origin_key"], "open", DAY)]
    )
    assert after.unrecorded == [] and [e["to_state"] for e in after.events] == ["open", "closed"]


def test_a_change_without_a_day_is_told_and_not_yet_recorded():
    line = origin()
    ledger = run([line], settled(line, state="in_progress"))
    assert codes(ledger) == ["state_without_date"] and ledger.issues[0].source.sheet == "整改台账"
    assert ledger.unrecorded == [] and ledger.events[1]["at"] is None


def test_an_empty_state_is_the_last_recorded_one():
    line = origin()
    read = run([line], [kept(5, line, state=None), event("U001-R01", 1, "in_progress", line["origin_key"])])
    assert read.lines[0]["state"] == "in_progress" and read.unrecorded == []


def test_an_event_that_stands_twice_counts_once():
    line = origin()
    read = run([line], [*settled(line), event("U001-R01", 1, "closed", line["origin_key"])])
    assert codes(read) == ["duplicate_record"] and [e["to_state"] for e in read.events] == ["open"]


def test_confirmed_findings_of_visited_units_are_due_after_the_report():
    found = {
        "finding_id": "U001-F01",
        "unit_id": "U001",
        "subject_id": "talks",
        "text": "无记录",
        "is_confirmed": True,
    }
    others = [{**found, "is_confirmed": False}, {**found, "unit_id": "U002"}]
    (line,) = lines_of_findings([found, *others], config())
    assert (line["source"], line["origin_cycle"], line["due_date"], line["state"]) == (
        "inspection", 2018, dt.datetime(2019, 1, 27), "open",
    )  # fmt: skip
    assert run([line]).lines[0]["finding_id"] == "U001-F01"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("班子成员“一岗双责”记录不完整", "dual_duty"),
        ("纪委监督检查次数不足", "supervision"),
        ("述纪述廉点评意见整改不到位", "debrief_comments"),  # longer than 述纪述廉
        ("春节期间值班记录不全", None),
    ],
)
def test_the_longest_name_of_a_subject_in_a_text_decides(text, subject):
    assert subject_named(config(), text) == subject
