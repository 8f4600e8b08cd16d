"""What a blank form accepts, by kind of value: bounds, words in place of numbers, messages that say what to write."""

from __future__ import annotations

from typing import Any

import pytest

from lianzheng.forms.rules import is_short, list_rule, number_rule


@pytest.mark.parametrize(
    ("kind", "words", "maximum", "is_share", "expected"),
    [
        ("count", (), None, False, ("whole", ("0",), "请填不小于 0 的整数，不带单位")),
        ("amount", (), None, False, ("decimal", ("0",), "请填不小于 0 的数字，不带单位")),
        ("number", (), None, False, ("decimal", ("0",), "请填不小于 0 的数字，不带单位")),
        ("points", (), 2.5, False, ("decimal", ("0", "2.5"), "请填 0 至 2.5 之间的数字")),
        ("points", (), 1.0, False, ("decimal", ("0", "1"), "请填 0 至 1 之间的数字")),
        ("ratio", (), None, False, ("decimal", ("0", "1"), "请填 0 至 100% 之间的比率")),
        ("observed", (), None, True, ("decimal", ("0", "1"), "请填 0 至 100% 之间的比率")),
        (
            "count", ("待定",), None, False,
            ("custom", ('IF(ISNUMBER({cell}),AND({cell}>=0,{cell}=INT({cell})),OR({cell}="待定"))',),
             "请填不小于 0 的整数，不带单位，也可填“待定”"),
        ),
        (
            "points", ("不适用",), 4.0, False,
            ("custom", ('IF(ISNUMBER({cell}),AND({cell}>=0,{cell}<=4),OR({cell}="不适用"))',),
             "请填 0 至 4 之间的数字，也可填“不适用”"),
        ),
        (
            "observed", (), None, False,
            ("custom", ('IF(ISNUMBER({cell}),AND({cell}>=0),OR({cell}="有",{cell}="无"))',),
             "请填不小于 0 的数字，也可填“有”“无”"),
        ),
    ],
)  # fmt: skip
def test_numbers_have_bounds_and_a_sentence(
    kind: Any, words: tuple[str, ...], maximum: float | None, is_share: bool, expected: tuple[object, ...]
) -> None:
    rule = number_rule(kind, words, maximum, is_share)
    assert rule is not None
    assert (rule.kind, rule.limits, rule.message) == expected


@pytest.mark.parametrize("kind", ["text", "choice", "unit", "date", "boolean"])
def test_what_is_no_number_has_no_bounds(kind: Any) -> None:
    assert number_rule(kind, (), None) is None


def test_a_long_list_is_told_by_its_beginning() -> None:
    assert list_rule("A1", ("好", "差")).message == "请从下拉选项中选择：好、差"
    long = list_rule("A1", tuple(f"第{i}个选项的名称" for i in range(30)))
    assert long.message.endswith("等") and len(long.message) < 80


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("好", "差"), True), (("字" * 127, "字" * 127), True), (("字" * 128, "字" * 127), False), (("甲,乙", "丙"), False)],
)  # fmt: skip
def test_a_rule_holds_a_list_of_255_characters_without_commas_inside(
    words: tuple[str, ...], expected: bool
) -> None:
    assert is_short(words) is expected
