"""Sentences with the grammar of none, one, two and many; what is not known is not said."""

from __future__ import annotations

from typing import Any

import pytest

from lianzheng.config.bulletin import Bulletin
from lianzheng.errors import ConfigError
from lianzheng.pages.citations import Address, Cited, split_citations
from lianzheng.pages.grammar import Teller

SENTENCES = {
    "late": {"of": "n", "none": "没有迟报", "one": "迟报{n}份", "two": "迟报两份", "many": "共迟报{n}份", "all": "全部迟报", "whole": "m"},
    "seen": {"of": "k", "one": "查阅{k}份", "many": "查阅{k}份"},
    "whole": {"before": "检查组（{m}个）", "parts": ["late", "seen"], "after": "。"},
    "rate": "收回率{share|share}",
    "nested": "今年{late}，{rate}",
    "itself": "又{other}",
    "other": "说{itself}",
}  # fmt: skip


def figure(value: float | None) -> Cited:
    return Cited(value, Address("bulletin_figures", "n", "value"))


def said(name: str, **facts: Any) -> str:
    bulletin = Bulletin.model_validate(
        {"title": "通报", "sentences": SENTENCES, "sections": [], "problems": {}}
    )
    given = {"n": figure(0), "m": figure(5), "k": figure(None), "share": figure(None), **facts}
    return split_citations(Teller(bulletin, given).say(name))[0]


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "没有迟报"), (1, "迟报1份"), (2, "迟报两份"), (3, "共迟报3份"), (5, "全部迟报"), (None, "")],
)
def test_a_sentence_fits_its_number(n: float | None, text: str) -> None:
    assert said("late", n=figure(n)) == text


def test_one_of_one_is_not_all() -> None:
    assert said("late", n=figure(1), m=figure(1)) == "迟报1份"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "检查组（5个）没有迟报。"),
        ({"k": figure(7)}, "检查组（5个）没有迟报，查阅7份。"),
        ({"n": figure(None), "k": figure(7)}, "检查组（5个）查阅7份。"),
        ({"n": figure(None)}, ""),
    ],
)
def test_clauses_are_those_that_have_something_to_say(facts: dict[str, Any], text: str) -> None:
    assert said("whole", **facts) == text


def test_a_sentence_with_an_unknown_figure_is_not_said() -> None:
    assert said("rate") == "" and said("rate", share=figure(0.5)) == "收回率50.0%"
    assert said("nested", share=figure(0.5)) == "今年没有迟报，收回率50.0%"


def test_a_sentence_that_contains_itself_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"sentences\.itself contains itself"):
        said("itself")


def test_a_figure_keeps_its_address_in_every_sentence_around_it() -> None:
    bulletin = Bulletin.model_validate(
        {"title": "通报", "sentences": SENTENCES, "sections": [], "problems": {}}
    )
    text = Teller(bulletin, {"n": figure(3), "m": figure(5), "k": figure(4)}).say("whole")
    plain, citations = split_citations(text)
    assert plain == "检查组（5个）共迟报3份，查阅4份。"
    assert [plain[one.start : one.end] for one in citations] == ["5", "3", "4"]
