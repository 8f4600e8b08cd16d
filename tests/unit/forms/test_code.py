"""The form code: written, found again in any width, and as properties of a file."""

from __future__ import annotations

import pytest

from lianzheng.forms.code import FormCode, code_of, codes_in


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (FormCode(2018, "statistics", "U003"), "2018-statistics-U003"),
        (FormCode(2018, "team_scores", "U003"), "2018-team_scores-U003"),
        (FormCode(2018, "findings", "T1"), "2018-findings-T1"),
        (FormCode(2018, "site_visit"), "2018-site_visit"),
    ],
)
def test_a_code_is_found_again_as_it_was_written(code: FormCode, text: str) -> None:
    assert str(code) == text
    assert list(codes_in(f"附件2　版本：2018　表样编号：{text}")) == [code]
    assert list(codes_in(f"表样编号: {text} 南坡处")) == [code]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("表样编号：２０１８－statistics－U003", ["2018-statistics-U003"]),
        ("表样编号：2018-statistics-U003\t表样编号：2017-standard-U001", ["2018-statistics-U003", "2017-standard-U001"]),
        ("表样编号：", []),
        ("表样编号：1818-statistics-U003", []),
        ("2018-statistics-U003", []),
        ("编号：2018-statistics-U003", []),
    ],
)  # fmt: skip
def test_only_a_labelled_code_counts(text: str, found: list[str]) -> None:
    assert list(map(str, codes_in(text))) == found


def test_properties_hold_the_code() -> None:
    code = FormCode(2018, "statistics", "U003")
    told = dict(code.properties("2018.1"))
    assert told == {
        "lianzheng_form": "statistics", "lianzheng_version": "2018.1", "lianzheng_cycle": "2018", "lianzheng_unit": "U003",
    }  # fmt: skip
    assert code_of(told) == code


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"lianzheng_form": "statistics"},
        {"lianzheng_cycle": "2018"},
        {"lianzheng_form": "statistics", "lianzheng_cycle": "很多"},
    ],
)
def test_half_a_code_is_none(properties: dict[str, str]) -> None:
    assert code_of(properties) is None
