"""What goes back to a unit and what never does; order, numbers and words of the list."""

from __future__ import annotations

from typing import Any

import pytest

from lianzheng.config import load_config
from lianzheng.publish.returns_items import Item, UnitReturn, spot, unit_returns
from tests.unit.publish.returned import REPOSITORY, Rows, cell, frames, issue, received, round_of

CONFIG = load_config(2018, REPOSITORY)
FILES = [
    received("F1", "units/南坡处/附件2.xlsx"),
    received("F2", "units/南坡处/佐证材料/01 计划.txt", form_id=None, state="material"),
    received("F3", "teams/一组/评分表.xlsx", form_id="team_scores"),
    received("F4", "units/南坡处/通讯录.csv", form_id=None, state="unrecognised"),
    received("F5", "questionnaires/测评.csv", form_id=None, state="unrecognised"),
    received("F6", "office/cases.csv", form_id="cases", state="office"),
]


def returned(*issues: dict[str, Any], **more: Rows) -> list[UnitReturn]:
    return unit_returns(CONFIG, frames(list(issues), FILES, **more))


OWN = [  # issue, whether the unit hears of it
    (issue("not_a_number", "F1", "D5", "优"), True),
    (issue("pending_value", "F1", "D5", "待定"), True),
    (issue("unreadable_file", "F1"), True),
    (issue("missing_form", words={"detail": "附件2"}), True),
    (issue("paper_not_sealed", "F1"), True),
    (issue("identical_material", "F2", form_id="standard", seen="01 计划.txt"), True),
    (issue("unknown_form", "F4", form_id=""), True),
    (issue("all_zero_return", "F1"), False),  # a note
    (issue("late_file", "F1"), False),
    (issue("missing_observation", "F3", "H5", form_id="team_scores"), False),
    (issue("unknown_form", "F5", form_id=""), False),  # nobody of the unit sent that
    (issue("duplicate_record", "F6", "A1", form_id="cases", seen="AJ1"), False),
    (issue("not_a_number", "F1", "D5", "优", unit_id=""), False),
]


@pytest.mark.parametrize(
    ("one", "is_told"), OWN, ids=[f"{row['code']}-{i}" for i, (row, _) in enumerate(OWN)]
)
def test_a_unit_hears_of_its_own_papers_only(one: dict[str, Any], is_told: bool) -> None:
    assert [made.unit.unit_id for made in returned(one)] == ["U003"] * is_told


def test_items_go_paper_by_paper_and_cell_by_cell() -> None:
    (made,) = returned(
        issue("unknown_form", "F4", form_id=""),
        issue("identical_material", "F2", form_id="standard", seen="01 计划.txt"),
        issue("missing_value", "F1", "D12"),
        issue("negative_value", "F1", "D9", "-1"),
        issue("paper_not_signed", "F1"),
        issue("missing_form", form_id="standard"),
    )
    told = [(item.number, item.paper, item.cell, item.file_name) for item in made.items]
    assert told == [
        (1, "附件1", "", ""), (2, "附件2", "", "附件2.xlsx"), (3, "附件2", "D9", "附件2.xlsx"), (4, "附件2", "D12", "附件2.xlsx"),
        (5, "其他文件", "", "通讯录.csv"), (6, "佐证材料", "", "01 计划.txt"),
    ]  # fmt: skip
    assert [(file.name, file.is_enclosed, len(file.items)) for file in made.files] == [
        ("附件2.xlsx", True, 3), ("通讯录.csv", True, 1), ("01 计划.txt", False, 1),
    ]  # fmt: skip
    counts = {severity: made.count(severity) for severity in ("return_file", "return_item", "verify", "note")}
    assert counts == {"return_file": 2, "return_item": 2, "verify": 2, "note": 0}
    assert (made.count("return_item", "附件2"), made.count("return_item", "附件1")) == (2, 0)


def test_no_text_names_another_unit() -> None:
    """The unit's own names stay, longer names go before shorter ones that they hold."""
    others = [unit for unit in CONFIG.units if unit.unit_id != "U003"]
    seen = "；".join(name for unit in others for name in unit.names if len(name) >= 3)
    own = CONFIG.unit("U003")
    (made,) = returned(issue("unread_cell", "F1", "A9", f"{seen}；{own.name}；{own.short_name}"))
    (item,) = made.items
    for text in (item.seen, item.message):
        assert own.name in text and own.short_name in text and "另一单位" in text
        rest = text.replace(own.name, "").replace(own.short_name, "")
        assert not [name for unit in others for name in (unit.name, unit.short_name) if name in rest]


def test_ids_and_spaced_names_of_other_units_are_hidden_too() -> None:
    name = CONFIG.unit("U001").name
    (made,) = returned(issue("unread_cell", "F1", "A9", f"编号U001，{' '.join(name)}，U0012"))
    assert made.items[0].seen == "编号另一单位，另一单位，U0012"


def test_of_a_file_whose_owner_is_uncertain_only_that_is_said_and_nothing_enclosed() -> None:
    other = CONFIG.unit("U001").name
    (made,) = returned(
        issue(
            "unit_differs",
            "F1",
            "C3",
            "南坡处",
            words={"expected": f"文件放在“{other}”名下", "detail": "表内填表单位"},
        ),
        issue("not_a_number", "F1", "D5", "优"),
    )
    assert [(item.cell, item.message) for item in made.items] == [
        ("C3", "文件放在“另一单位”名下，表内填表单位却是“南坡处”")
    ]
    assert [file.is_enclosed for file in made.files] == [False]


def test_files_of_the_same_name_are_told_apart() -> None:
    files = [
        received(f"F{i}", f"units/南坡处/{folder}附件2.xlsx")
        for i, folder in enumerate(("", "a/", "b/"), start=1)
    ]
    tables = frames([issue("unreadable_file", f"F{i}") for i in (1, 2, 3)], files)
    (made,) = unit_returns(CONFIG, tables)
    assert sorted(file.name for file in made.files) == ["附件2.xlsx", "附件2（2）.xlsx", "附件2（3）.xlsx"]


def test_the_last_round_of_each_paper_is_shown_in_the_order_of_the_forms() -> None:
    rounds = [
        round_of("statistics", "missing"),
        round_of("standard", "returned"),
        round_of("standard", "accepted", 2),
    ]
    (made,) = returned(issue("missing_form"), submissions=rounds)
    assert [(row["paper"], row["round"], row["state"]) for row in made.papers] == [
        ("附件1", 2, "accepted"),
        ("附件2", 1, "missing"),
    ]


def test_hidden_cells_are_said_to_be_hidden() -> None:
    cells = [cell("F1", "A9", "备份", is_hidden=True), cell("F1", "A10", "备份")]
    (made,) = returned(
        issue("unread_cell", "F1", "A9", "备份"), issue("unread_cell", "F1", "A10", "备份"), cells=cells
    )
    assert [item.place for item in made.items] == ["A9（隐藏）", "A10"]


@pytest.mark.parametrize(
    ("address", "place", "words"),
    [
        ("D13", ("", 13, 4), "D13"),
        ("AB7", ("", 7, 28), "AB7"),
        ("t1r3c2", ("t1", 3, 2), "第1个表第3行第2列"),
        ("t12r10c11", ("t12", 10, 11), "第12个表第10行第11列"),
        ("p4", ("p", 4, 1), "第4段"),
        ("", None, ""),
        ("D", None, "D"),
    ],
)
def test_an_address_is_read_and_told(address: str, place: tuple[str, int, int] | None, words: str) -> None:
    assert spot(address) == place
    assert Item(1, "附件2", "F1", "附件2.docx", "正文", address, "", "", "", "verify").place == words


def test_what_fonts_cannot_draw_is_shown_as_its_code() -> None:
    (made,) = returned(issue("unread_cell", "F1", "A9", "好\U0001f600\n了"))
    assert made.items[0].seen == "好〔U+1F600〕 了"
