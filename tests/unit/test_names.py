"""Names: folding, and finding units by stored names only."""

from __future__ import annotations

import pytest

from lianzheng.names import NameIndex, NameMask, file_name, plain, plain_unit


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("１２ （起）", "12(起)"),
        ("　　其中：津补贴", "其中:津补贴"),
        ("问题数\n（起）", "问题数(起)"),
        ("A\u200bB\ufeff", "ab"),
        ("甲\u202e乙\u2066\u2060丙\u00ad", "甲乙丙"),
        ("\u202a东河\u00ad处\u202c\u2060", "东河处"),
        ("“四风”问题", '"四风"问题'),
        ("①", "1"),
        ("填表单位__________", "填表单位"),
        ("党风廉政建设", "党风廉政建设"),
    ],
)
def test_plain_folds_width_spaces_and_punctuation(written: str, folded: str) -> None:
    assert plain(written) == folded
    assert plain(plain(written)) == folded


@pytest.mark.parametrize(
    "written",
    [
        "东河管理处",
        "东河管理处党委",
        "东河管理处 党总支",
        "东河管理处（盖章）",
        "东河管理处党委（公章）",
        " 东 河 管 理 处 ",
        "中共东河管理处委员会",
        "中共东河管理处支部委员会",
        "中国共产党东河管理处纪律检查委员会",
        "东河管理处（党总支）",
        "东河管理处〔单位盖章〕",
        "东河\u200b管理处　党支部（盖 章）",
    ],
)
def test_a_unit_is_the_same_with_party_body_stamp_and_spaces(written: str) -> None:
    assert plain_unit(written) == "东河管理处"


UNITS = NameIndex(
    {"U001": ("东河管理处", "东河处"), "U023": ("东河运输服务有限公司", "东河运输"), "U007": ("中心",)}
)


@pytest.mark.parametrize(
    ("written", "unit_id"),
    [
        ("东河处党委", "U001"),
        ("东河运输（盖章）", "U023"),
        ("东河", None),  # two units begin so: nothing is guessed
        ("东河管理所", None),
        ("", None),
    ],
)
def test_a_unit_is_found_by_a_stored_name_or_not_at_all(written: str, unit_id: str | None) -> None:
    assert UNITS.find(written) == unit_id


@pytest.mark.parametrize(
    ("text", "unit_id"),
    [
        ("附件1_东河运输服务有限公司_最终版.xlsx", "U023"),
        ("units/东河处/附件2.xlsx", "U001"),
        ("某中心的表.xlsx", None),  # names of two characters are too short to be trusted inside other text
        ("汇总表.xlsx", None),
    ],
)
def test_a_stored_name_is_found_inside_a_text(text: str, unit_id: str | None) -> None:
    assert UNITS.find_inside(text) == unit_id


def test_the_longest_name_inside_a_text_wins() -> None:
    index = NameIndex({"U007": ("信息中心",), "U021": ("和风信息中心",)})
    assert index.find_inside("附件2-和风信息中心.xls") == "U021"
    assert index.find_inside("附件2-信息中心.xls") == "U007"


def test_a_name_of_two_units_stands_for_neither() -> None:
    index = NameIndex(
        {"U012": ("长堤养护所", "养护所"), "U013": ("青山养护所", "养护所党支部"), "U014": ("党委",)}
    )
    assert index.find("养护所") is None and index.find("养护所（盖章）") is None
    assert index.find("长堤养护所党委") == "U012"
    assert index.find("党委") is None and index.find("") is None  # a Party body alone is nobody's name


@pytest.mark.parametrize(
    ("text", "unit_id"),
    [
        ("东河处转西岭处.xlsx", None),  # two units in one name: nobody guesses which
        ("东河处、东河管理处.xlsx", "U001"),
        ("和风信息中心与信息中心.xls", None),
        ("和风信息中心.xls", "U021"),
    ],
)
def test_two_units_inside_a_text_are_none(text: str, unit_id: str | None) -> None:
    names = {
        "U001": ("东河管理处", "东河处"),
        "U002": ("西岭处",),
        "U007": ("信息中心",),
        "U021": ("和风信息中心",),
    }
    assert NameIndex(names).find_inside(text) == unit_id


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("U003", "甲/乙 处"), "U003_甲乙 处"),
        (("../../x.xlsx",), "x.xlsx"),
        (("附件2.",), "附件2"),
        (("CON.xlsx",), "_CON.xlsx"),
        (("lpt1",), "_lpt1"),
        (("联合.xlsx",), "联合.xlsx"),
        (('a:b*?"<>|c',), "abc"),
        (("倒\u202e写\n.xlsx",), "倒〔U+202E〕写.xlsx"),
        (("...",), "_"),
        (("长" * 100 + ".xlsx",), "长" * 58 + ".xlsx"),  # 174 bytes and 5
        (("长" * 100,), "长" * 60),
    ],
)
def test_a_file_name_is_one_that_every_system_takes(words: tuple[str, ...], name: str) -> None:
    assert file_name(*words) == name
    assert file_name(name) == name


NAMES = {
    "U001": ("信息中心", "示例局信息中心"),
    "U002": ("和风信息中心", "和风", "HF研究院"),
    "U003": ("机关服务中心（本级）", "信息中心站"),
}


@pytest.mark.parametrize(
    ("text", "shown", "found"),
    [
        ("信息中心与和风信息中心相同", "信息中心与某单位相同", ["和风信息中心"]),  # its own name inside a longer one
        ("示例局信息中心站", "示例局信息中心站", []),  # the longest name is its own: what follows is no other's
        ("信息中心站、和风", "某单位、和风", ["信息中心站"]),  # two characters are not looked for
        ("和 风 信_息 中心，ｈｆ研究院", "某单位，某单位", ["和 风 信_息 中心", "ｈｆ研究院"]),
        ("机关服务中心(本级)见 U003、U0031、u002 和 U001", "某单位见 某单位、U0031、某单位 和 U001", ["机关服务中心(本级)", "U003", "u002"]),
        ("aU002f 与 3U0024", "aU002f 与 3U0024", []),  # part of a hash
        ("", "", []),
    ],
)  # fmt: skip
def test_other_units_are_masked_and_its_own_names_stay(text: str, shown: str, found: list[str]) -> None:
    mask = NameMask(NAMES, "U001", "某单位")
    assert (mask(text), mask.found(text)) == (shown, found)


def test_a_unit_alone_has_nothing_to_mask() -> None:
    assert NameMask({"U001": ("信息中心",)}, "U001", "某单位")("信息中心 U002") == "信息中心 U002"
