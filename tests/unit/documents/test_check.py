"""Edited bulletins: every planted fault is found and nothing else accused; harmless edits are let pass."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig
from lianzheng.documents.check import Report, check_document
from tests.edited import FAULTS, HARMLESS, edited
from tests.unit.documents.official import bulletin, tables

DATA, SOURCES = bulletin()


def checked(data: bytes, config: CycleConfig) -> Report:
    return check_document(data, config, tables(), SOURCES)  # type: ignore[arg-type]


def told(report: Report) -> list[str]:
    return [f"{fault.code}: {fault.message}" for fault in report.faults]


def test_a_correct_bulletin_passes_in_every_part(config: CycleConfig) -> None:
    report = checked(DATA, config)
    assert told(report) == [] and report.notes == ()
    assert report.grades() == dict.fromkeys(("版式", "序号", "遗留", "单位名称", "数字"), "合格")


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(name: str, config: CycleConfig) -> None:
    code, edit = FAULTS[name]
    report = checked(edited(DATA, edit), config)
    assert {fault.code for fault in report.faults} == {code}, told(report)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_edit_is_not_accused(name: str, config: CycleConfig) -> None:
    data = edited(DATA, HARMLESS[name])
    assert data != DATA
    assert told(checked(data, config)) == []
