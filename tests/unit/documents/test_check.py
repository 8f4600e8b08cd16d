"""Edited bulletins: every planted fault is found and nothing else accused; harmless edits are let pass."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from lianzheng import cli
from lianzheng.config import CycleConfig
from lianzheng.documents.check import Report, check_document, check_file, sources_of
from lianzheng.documents.read_paper import read_paper
from lianzheng.documents.sources import sources_csv
from lianzheng.errors import InputError
from tests.edited import FAULTS, HARMLESS, Draft, edited, replace, typed, without_all_bookmarks
from tests.house import REPOSITORY
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


def test_a_changed_input_changes_what_the_paper_should_say(config: CycleConfig) -> None:
    changed = tables()
    counts = changed["finding_counts_by_class"]
    is_talks = counts["bulletin_class"] == "talks"
    changed["finding_counts_by_class"] = counts.assign(n_units=counts["n_units"].mask(is_talks, 7))
    report = check_document(DATA, config, changed, SOURCES)  # type: ignore[arg-type]
    shown = [
        report.paper.paragraphs[fault.paragraph].text[fault.start : fault.end] for fault in report.faults
    ]
    assert shown == ["2", "2"] and {fault.message for fault in report.faults} == {"此处为2，数据为7"}
    without = tables()
    without["finding_counts_by_class"] = counts[~is_talks]
    gone = check_document(DATA, config, without, SOURCES)  # type: ignore[arg-type]
    assert [fault.code for fault in gone.faults if fault.part == "figures"] == ["source_gone"] * 4


def test_a_paper_of_other_origin_is_held_against_the_counts_of_its_classes(config: CycleConfig) -> None:
    draft = Draft(DATA)
    without_all_bookmarks(draft)
    replace(draft.problem, "5", "6")
    report = check_document(draft.saved(), config, tables(), {})  # type: ignore[arg-type]
    assert told(report) == ["class_count: “履行“一岗双责”意识淡化”一类的问题数写作6，数据为5"]
    assert "没有数据来源清单" in report.notes[0]


def test_unknown_bookmarks_are_a_note_and_accuse_nobody(config: CycleConfig) -> None:
    kept = dict(list(SOURCES.items())[:5])
    report = check_document(DATA, config, tables(), kept)  # type: ignore[arg-type]
    assert told(report) == [] and report.notes == (
        f"有{len(SOURCES) - 5}处数字的书签不在数据来源清单中，没有核对；这份文件可能是另一次生成的",
    )


def test_the_report_tells_place_words_fault_and_remedy(config: CycleConfig) -> None:
    draft = Draft(DATA)
    FAULTS["stars"][1](draft)
    FAULTS["letters_for_a_unit"][1](draft)
    FAULTS["left_margin"][1](draft)
    assert checked(draft.saved(), config).lines() == [
        "检查结果：版式 1处；序号 合格；遗留 2处；单位名称 合格；数字 合格",
        "版式（1处）",
        "　全文：左页边距31.8毫米，应为28毫米 → 在“页面设置—页边距”中改正",
        "遗留（2处）",
        "　第8段“***”“XXX”等2处：留有占位符“***” → 填写实际内容，或删去这句话",
    ]


def test_a_file_is_checked_and_marked_beside_it(config: CycleConfig, tmp_path: Path) -> None:
    project = dataclasses.replace(config, project=tmp_path / "project")
    path = tmp_path / "通报.docx"
    path.write_bytes(DATA)
    report, marked = check_file(path, project, tables())  # type: ignore[arg-type]
    assert marked is None and report.faults == ()
    spoilt = edited(DATA, FAULTS["stars"][1])
    path.write_bytes(spoilt)
    report, marked = check_file(path, project, tables())  # type: ignore[arg-type]
    assert marked == tmp_path / "通报（标注）.docx" and marked.is_file() and path.read_bytes() == spoilt
    with pytest.raises(InputError, match="不能写在原件上"):
        check_file(path, project, tables(), path)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="没有文件"):
        check_file(tmp_path / "没有.docx", project, tables())  # type: ignore[arg-type]


def test_the_sources_are_those_of_the_edition_that_the_paper_is(tmp_path: Path, config: CycleConfig) -> None:
    project = dataclasses.replace(config, project=tmp_path)
    project.reports.mkdir(parents=True)
    nameless = {name: source for name, source in SOURCES.items() if source.form != "name"}
    (project.reports / "anonymous_sources.csv").write_bytes(sources_csv(nameless.values()))
    (project.reports / "bulletin_sources.csv").write_bytes(sources_csv(SOURCES.values()))
    paper = read_paper(DATA)
    assert sources_of(paper, project) == SOURCES
    anonymous = dataclasses.replace(paper, bookmarks={name: paper.bookmarks[name] for name in nameless})
    assert sources_of(anonymous, project) == nameless
    assert sources_of(dataclasses.replace(paper, bookmarks={}), project) == SOURCES
    (project.reports / "sources.csv").write_bytes("甲,乙\n1,2\n".encode())
    with pytest.raises(InputError, match=r"sources\.csv 不完整"):
        sources_of(paper, project)


def test_cells_of_a_paper_without_bookmarks_are_held_against_ours_if_most_are_the_same(
    config: CycleConfig,
) -> None:
    draft = Draft(DATA)
    cells = [run for _, run in draft.bookmarks(r"^\d+$", in_cells=True)]
    without_all_bookmarks(draft)
    typed(cells[3], "9")
    assert told(checked(draft.saved(), config)) == ["figure_changed: 此处为9，数据为2"]
    for cell in cells:
        typed(cell, "77")
    assert told(checked(draft.saved(), config)) == []


def test_the_command_ends_with_3_where_there_are_faults_and_tells_where_the_copy_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    monkeypatch.setattr("lianzheng.tables.Tables", lambda folder: tables())
    path = tmp_path / "通报.docx"
    command = ["--project", str(tmp_path), "check-document", str(path), "--cycle", "2018"]
    assert cli.main(command) == 1
    assert "没有文件" in capsys.readouterr().err
    path.write_bytes(DATA)
    assert cli.main(command) == 0
    path.write_bytes(edited(DATA, FAULTS["half_bracket"][1]))
    assert cli.main([*command, "--marked", str(tmp_path / "改.docx")]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"标注副本：{tmp_path / '改.docx'}" and (tmp_path / "改.docx").is_file()
    assert "　第7段“（一)”：序号写作“（一)”，应写作“（一）” → 改为“（一）”" in said
