"""Issues: closed codes, every sentence filled by its words, stable ids."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from typing import get_args

import pytest

from lianzheng.issues import KINDS, Issue, IssueKind, Severity, Source
from lianzheng.tables import labels

WORDS = {"seen", "detail", "expected", "row", "column", "allowed", "maximum"}


def words_of(kind: IssueKind) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(kind.message + kind.remedy) if name}


def test_codes_are_plain_words_and_severities_are_those_of_the_tables() -> None:
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in KINDS)
    assert {kind.severity for kind in KINDS.values()} == set(get_args(Severity)) == set(labels("severity"))


@pytest.mark.parametrize("code", sorted(KINDS))
def test_the_sentences_of_a_code_are_filled_by_known_words(code: str) -> None:
    kind = KINDS[code]
    assert words_of(kind) <= WORDS
    issue = Issue(code, value_seen="甲", words={word: f"〈{word}〉" for word in WORDS - {"seen"}})
    assert "{" not in issue.message + issue.remedy
    assert re.search(r"[\u4e00-\u9fff]", issue.message) and re.search(r"[\u4e00-\u9fff]", issue.remedy)
    assert not issue.message.endswith("。") and issue.severity == kind.severity
    for word in words_of(kind) - {"seen"}:
        assert f"〈{word}〉" in issue.message + issue.remedy


def test_no_two_codes_say_the_same() -> None:
    codes = defaultdict(list)
    for code, kind in KINDS.items():
        codes[kind.message].append(code)
    assert not [same for same in codes.values() if len(same) > 1]


def test_a_code_outside_of_the_list_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="unknown issue code"):
        Issue("strange_code")


def test_a_message_without_its_words_fails_loudly() -> None:
    with pytest.raises(KeyError):
        _ = Issue("missing_row").message


def test_the_message_names_what_was_seen_and_what_to_do() -> None:
    issue = Issue(
        "not_a_number",
        "U001",
        "statistics",
        Source("F1", "表", "C7"),
        "约三",
        {"row": "其他", "column": "问题数"},
    )
    assert issue.message == "“其他”的“问题数”应填数字，现为“约三”"
    assert issue.remedy == "请只填数字"
    assert issue.severity == "return_item"


BASE = {
    "code": "late_file",
    "unit_id": "U001",
    "form_id": "standard",
    "source": Source("F1", "表", "A1"),
    "value_seen": "x",
}


def test_the_id_is_stable_and_does_not_depend_on_the_words() -> None:
    assert Issue(**BASE).issue_id == Issue(**BASE, words={"detail": "附件1"}).issue_id
    assert re.fullmatch(r"I[0-9a-f]{12}", Issue(**BASE).issue_id)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "no_receipt"},
        {"unit_id": "U002"},
        {"form_id": "statistics"},
        {"source": Source("F2", "表", "A1")},
        {"source": Source("F1", "表2", "A1")},
        {"source": Source("F1", "表", "A2")},
        {"value_seen": "y"},
    ],
)
def test_the_id_changes_with_each_part_of_the_key(change: dict[str, object]) -> None:
    assert Issue(**(BASE | change)).issue_id != Issue(**BASE).issue_id


def test_a_message_shows_what_nobody_sees_and_takes_braces_for_text() -> None:
    issue = Issue("not_a_number", value_seen="3\u202e{row}", words={"row": "甲\x1b{0}", "column": "{seen}"})
    assert issue.message == "“甲〔U+001B〕{0}”的“{seen}”应填数字，现为“3〔U+202E〕{row}”"
