"""Supporting material: whose name says which item, what counts as handed in, what is missing."""

from __future__ import annotations

import dataclasses

import pytest

from lianzheng.intake.materials import check_materials, evidence_rows, make_catalogue, served_by
from lianzheng.intake.received import Received, file_id_of
from tests.unit.intake.sample import config

CATALOGUE = make_catalogue(config())
FOLDER = "units/东河处/佐证材料/"


# 附件1 prints 1–12 for S101–S112, 13–17 for S201–S205, 18–21 for S301–S304, 22–26 for S401–S405, 27–29 for S501–S503
@pytest.mark.parametrize(
    ("name", "items"),
    [
        # numbers as printed on 附件1
        ("3.pdf", "S103"),
        ("03 专题研究/会议通知.pdf", "S103"),
        ("3-会议记录.pdf", "S103"),
        ("3-1 会议记录.pdf", "S103"),
        ("３、会议记录.pdf", "S103"),
        ("(3)会议记录.pdf", "S103"),
        ("【12】会议.pdf", "S112"),
        ("第3项会议记录.doc", "S103"),
        ("第十二项.doc", "S112"),
        ("第1—3项 会议.doc", "S101 S102 S103"),
        ("2018年度3.会议.doc", "S103"),
        ("18年会议.doc", ""),
        ("第3、10项 会议记录.doc", "S103 S110"),
        ("3、10、11 会议记录.pdf", "S103 S110 S111"),
        ("3,10和11会议记录.pdf", "S103 S110 S111"),
        ("13至15 监督台账.xlsx", "S201 S202 S203"),
        ("材料3：会议记录.pdf", "S103"),
        ("序号29 台账.pdf", "S503"),
        ("三、会议.pdf", "S103"),
        ("（十二）会议.pdf", "S112"),
        ("二十一 制度.pdf", "S304"),
        ("3号材料.pdf", "S103"),
        ("20181201 3 会议记录.pdf", "S103"),
        ("01 年度计划.pdf", "S101"),
        ("08个别谈话.pdf", "S108"),
        ("11组织生活会.pdf", "S111"),
        ("2018年12月5日 03 会议记录.pdf", "S103"),
        # ids and names
        ("S103.pdf", "S103"),
        ("s103、S110会议.pdf", "S103 S110"),
        ("关于个别约谈的情况.pdf", "S108"),
        ("三重一大集体决策台账.pdf", "S112"),
        ("责任书签订和责任书个性化.pdf", "S104 S105"),
        ("1 责任书签订.pdf", "S104"),
        ("4、5 责任书签订.pdf", "S104 S105"),
        # the nearest name that says something
        ("03 专题研究/10 意识形态.pdf", "S110"),
        ("03 专题研究/2018年会议/照片.jpg", "S103"),
        ("03 专题研究/10 意识形态/照片.jpg", "S110"),
        ("03 专题研究/1.jpg", "S103"),
        ("03 专题研究/2 (1).jpg", "S103"),
        ("03 专题研究/２（1）.jpg", "S103"),
        ("一、党委主体责任/照片.jpg", ""),
        ("一、党委主体责任/03 会议.jpg", "S103"),
        ("01 上半年/佐证材料/会议.jpg", "S101"),
        # numbers that are none
        ("2018.pdf", ""),
        ("20181201.pdf", ""),
        ("20181201会议.pdf", ""),
        ("2018-3 会议.pdf", ""),
        ("12月会议.pdf", ""),
        ("12.5会议.pdf", ""),
        ("3.08活动.pdf", ""),
        ("2018年第3季度通报.pdf", ""),
        ("第3季度通报.pdf", ""),
        ("一季度通报.pdf", ""),
        ("第2版 说明.pdf", ""),
        ("说明 v2.pdf", ""),
        ("v3.0 说明.pdf", ""),
        ("说明(1).pdf", ""),
        ("(1).pdf", ""),
        ("说明（2） - 副本.pdf", ""),
        ("IMG_0003.jpg", ""),
        ("扫描件12.pdf", ""),
        ("3份说明.pdf", ""),
        ("3次活动.pdf", ""),
        ("8项规定.pdf", ""),
        ("三会一课.pdf", ""),
        ("3会一课.pdf", ""),
        ("四风.pdf", ""),
        ("十二月.pdf", ""),
        ("附件3 通知.pdf", ""),
        ("S1031.pdf", ""),
        ("45 其他.pdf", ""),
        ("3D模型.pdf", ""),
        ("100 说明.pdf", ""),
    ],
)
def test_names_as_people_write_them(name: str, items: str) -> None:
    assert " ".join(item for _, item in served_by(FOLDER + name, CATALOGUE) if item) == items


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("3、4.pdf", [("meeting_talk_records", "S103"), ("division_of_duties", "S104")]),
        ("3 职责分工.pdf", [("division_of_duties", "S103")]),
        ("会议记录/2018年上半年.pdf", [("meeting_talk_records", "")]),
        ("会议记录/03 学习.pdf", [("meeting_talk_records", "S103")]),
        ("三重一大会议记录本（第2版）.pdf", [("major_decisions", "")]),
        ("操办婚丧喜庆事宜申报表和报告表.xls", [("weddings_funerals", "")]),
        ("30 简报.pdf", [("", "S601")]),
        ("照片.jpg", []),
    ],
)
def test_the_class_is_the_path_s_else_each_item_s_first(name: str, served: list[tuple[str, str]]) -> None:
    assert list(served_by(FOLDER + name, CATALOGUE)) == served


def test_a_number_above_the_materials_folder_says_nothing() -> None:
    assert served_by("units/03 东河处/佐证材料/照片.jpg", CATALOGUE) == ()


def material(name: str, content: str = "", unit: str = "东河处", unit_id: str = "U001") -> Received:
    path = f"units/{unit}/佐证材料/{name}"
    made = Received(path, file_id_of(path), content or name, 1, "pdf", "material")
    made.unit_id, made.serves = unit_id, served_by(path, CATALOGUE)
    return made


def score(item_id: str, points: float | None, unit_id: str = "U001", **changes: object) -> dict[str, object]:
    place = {"file_id": f"F{unit_id}", "sheet": "附件1", "cell": f"H{item_id}"}
    return {
        "unit_id": unit_id,
        "item_id": item_id,
        "scorer": "self",
        "member_id": "",
        "points": points,
        **place,
        **changes,
    }


def judged(
    files: list[Received], scores: list[dict[str, object]]
) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Codes with unit and cell, and the outcomes of the checks of U001."""
    issues, checks = check_materials(files, scores, config())
    outcomes = {row["check_id"]: row["outcome"] for row in checks if row["unit_id"] == "U001"}
    return [(issue.code, issue.unit_id, issue.source.cell) for issue in issues], outcomes


def test_the_inventory_counts_different_files_by_class_and_item() -> None:
    files = [
        material("03、10 会议记录.pdf", "same"),
        material("会议/03 会议记录（副本）.pdf", "same"),
        material("03 学习会议记录.pdf"),
        material("会议记录/全年.pdf"),
        material("30 简报.pdf"),
        material("照片.jpg"),
        material("03 会议记录.pdf", unit="下渡处", unit_id=""),
    ]
    rows = {(row["evidence_class"], row["item_id"]): row for row in evidence_rows(files)}
    assert {key: row["n_documents"] for key, row in rows.items()} == {
        ("meeting_talk_records", "S103"): 2, ("meeting_talk_records", "S110"): 1, ("meeting_talk_records", ""): 1,
    }  # fmt: skip
    assert {row["scorer"] for row in rows.values()} == {"self"}
    assert rows["meeting_talk_records", "S103"]["file_id"] == file_id_of(
        files[2].path
    )  # 03 学… sorts before 03、


def test_an_item_with_points_needs_a_paper_of_its_own_or_of_a_whole_class() -> None:
    scores = [
        score("S101", 3.0),
        score("S103", 4.0),
        score("S107", 5.0),
        score("S104", 0.0),
        score("S105", None),
    ]
    only_plan = [material("01 计划.pdf")]
    found, outcomes = judged(only_plan, scores)
    assert found == [("no_evidence", "U001", "HS103"), ("no_evidence", "U001", "HS107")]
    assert outcomes == {"identical_material": "pass", "missing_materials": "pass", "no_evidence": "fail"}
    # 会议记录 as a whole serves S103, and S107 too, which asks for it or for 职责分工
    assert judged([*only_plan, material("会议记录/全年.pdf")], scores)[0] == []
    # a paper that names its item serves no other item of the class
    assert judged([*only_plan, material("03 会议记录.pdf")], scores)[0] == [("no_evidence", "U001", "HS107")]


def test_only_the_unit_s_own_points_ask_for_papers_and_bonus_does_not() -> None:
    scores = [score("S101", 3.0, scorer="T1"), score("S103", 4.0, member_id="U001M1"), score("S601", 1.0)]
    assert judged([material("02 会议.pdf")], [*scores, score("S102", 4.0)])[0] == []


def test_an_item_that_is_scored_in_parts_is_asked_for_once() -> None:
    parts = [score("S103", 4.0, part_id=""), score("S103", 1.0, part_id="a"), score("S104", 2.0, part_id="a")]
    for scores in (parts, parts[::-1]):
        issues, _ = check_materials([material("01 计划.pdf")], scores, config())
        assert [(issue.source.cell, issue.value_seen) for issue in issues] == [("HS103", "4"), ("HS104", "2")]


def test_the_sentence_names_item_points_and_papers() -> None:
    (issue,), _ = check_materials([material("01 计划.pdf")], [score("S107", 4.5)], config())
    assert issue.message == "“一岗双责部署与记录”自评 4.5 分，佐证材料中没有这一项的材料"
    assert "领导班子成员职责分工（体现一岗双责）、会议记录本和班子成员谈话记录" in issue.remedy
    assert issue.severity == "verify"


def test_nothing_at_all_is_said_once() -> None:
    found, outcomes = judged([], [score("S101", 3.0), score("S103", 4.0)])
    assert found == [("missing_materials", "U001", "")]
    assert outcomes == {"missing_materials": "fail", "no_evidence": "not_applicable"}
    assert judged([], []) == ([], {})  # without self-scores nobody asks


def test_files_that_serve_nothing_are_one_note_with_their_first_names() -> None:
    files = [material(f"照片{word}.jpg") for word in "甲乙丙丁"] + [material("01 计划.pdf")]
    issues, _ = check_materials(files, [], config())
    assert [(issue.code, issue.severity, issue.value_seen) for issue in issues] == [
        ("material_unassigned", "note", "4")
    ]
    assert issues[0].message == "佐证材料中有 4 份认不出属于哪一项：照片丁.jpg、照片丙.jpg、照片乙.jpg等"


def test_the_same_file_at_two_units_is_asked_of_both_and_names_neither() -> None:
    west = {"unit": "西岭处", "unit_id": "U002"}
    files = [
        material("01 计划.pdf", "x"),
        material("01 计划（副本）.pdf", "x"),
        material("01 年度计划.pdf", "x", **west),
    ]
    issues, checks = check_materials(files, [], config())
    assert [(i.code, i.unit_id, i.value_seen) for i in issues] == [
        ("identical_material", "U001", "01 计划.pdf"), ("identical_material", "U002", "01 年度计划.pdf"),
    ]  # fmt: skip
    assert not any(name in i.message + i.remedy for i in issues for name in ("东河", "西岭", "U00"))
    assert {row["outcome"] for row in checks} == {"fail"}
    for file in files:
        file.size_bytes = 0  # empty files are all alike
    assert check_materials(files, [], config())[0] == []


def test_without_an_agreed_folder_nothing_is_asked() -> None:
    cycle = config().cycle.model_copy(update={"materials_folders": ()})
    assert check_materials([], [score("S101", 3.0)], dataclasses.replace(config(), cycle=cycle)) == ([], [])
