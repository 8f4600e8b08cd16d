"""An official document's lines: their order, blank lines, indents in characters, and what stays together."""

from __future__ import annotations

import datetime as dt

import pytest

from lianzheng.pages.blocks import (
    Beside,
    Block,
    Bullets,
    DocumentFacts,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Title,
)
from lianzheng.pages.citations import Address, cite
from lianzheng.publish.notebook import Document
from lianzheng.publish.official import Line, arranged

FACTS = DocumentFacts("x", 2018, dt.date(2018, 12, 28), classification="秘密★1年", number="示〔2018〕1号")
PLAIN = DocumentFacts("x", 2018, dt.date(2018, 12, 28))
NAME, DATE = Paragraph("中共示例局委员会", "signature"), Paragraph("2018年12月28日", "signature")


def lines(*blocks: Block, facts: DocumentFacts = PLAIN) -> list[Line]:
    title = Title("题", document=facts)
    return [line for line in arranged(Document(title, facts, (title, *blocks))) if isinstance(line, Line)]


def levels(*blocks: Block, **facts: DocumentFacts) -> str:
    return " ".join(line.level for line in lines(*blocks, **facts))


def test_classification_and_number_stand_above_the_title_and_a_blank_line_below() -> None:
    assert levels(facts=FACTS) == "classification number blank title blank"
    assert levels() == "title blank"


def test_one_blank_line_before_the_enclosures_and_two_before_the_signature() -> None:
    enclosed = [Paragraph("附件：1. 图", "enclosures"), Paragraph("2. 表", "enclosures")]
    told = levels(Paragraph("各单位：", "address"), Paragraph("文。"), *enclosed, NAME, DATE)
    assert told.removeprefix("title blank ") == (
        "addressee body blank enclosures enclosures blank blank signature signature"
    )


def test_an_empty_paragraph_stands_for_the_usual_blank_lines() -> None:
    assert levels(Paragraph("文。"), Paragraph(""), NAME) == "title blank body blank signature"


def test_the_end_of_the_text_stays_together_with_the_paragraph_before_it() -> None:
    made = lines(Paragraph("一。"), Paragraph("二。"), NAME, DATE, Heading("图", 2, True, "附件1"))
    assert [line.keeps for line in made if line.level in ("body", "blank", "signature")][1:] == [
        False, True, True, True, True, False, False,
    ]  # fmt: skip


def test_an_attachment_has_its_number_on_the_first_and_its_title_on_the_third_line() -> None:
    made = lines(
        Heading("图", 2, True, "附件1"), Heading("一、甲"), Heading("（一）乙", 3), Heading("1. 丙", 4)
    )
    told = [(line.level, line.text, line.starts_page, line.first) for line in made[2:]]
    assert told == [
        ("attachment", "附件1", True, 0),
        ("blank", "", False, 0),
        ("attachment_title", "图", False, 0),
        ("heading1", "一、甲", False, 2),
        ("heading2", "（一）乙", False, 2),
        ("heading3", "1. 丙", False, 2),
    ]
    (line,) = lines(Heading("附图", 2, True))[2:]
    assert (line.level, line.starts_page) == ("heading1", True)


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("附件：1. 检查情况图", 2, 6.5),  # 附件： is three wide, “1. ” one and a half
        ("2. 各类问题统计表", 5, 6.5),
        ("附件：检查情况图", 2, 5),
        ("10．统计表", 5, 7),
        ("统计表", 5, 5),
    ],
)
def test_a_long_enclosure_goes_on_below_its_own_beginning(text: str, first: float, rest: float) -> None:
    line = lines(Paragraph(text, "enclosures"))[-1]
    assert (line.text, line.first, line.rest) == (text, first, rest)


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("中共示例局委员会", [3.5, 4]),  # 8 characters over 7 (2018年12月28日): half a character further
        ("局党委", [6, 4]),
        ("示例局党风廉政建设责任制检查领导小组", [0, 5.5]),  # 18: the date goes to its middle
    ],
)
def test_the_name_is_centred_over_the_date(name: str, ends: list[float]) -> None:
    made = lines(Paragraph(name, "signature"), Paragraph("2018年12月28日", "signature"))
    assert [line.end for line in made[-2:]] == ends


def test_a_date_without_a_name_ends_four_characters_in() -> None:
    assert lines(DATE)[-1].end == 4


def test_citations_stay_with_their_line() -> None:
    told = f"共{cite('54', Address('bulletin_figures', 'n', 'value'))}个"
    for made in (lines(Paragraph(told)), lines(Heading(told)), lines(Paragraph(told, "signature"))):
        (citation,) = made[-1].citations
        assert made[-1].text[citation.start : citation.end] == "54"


def test_what_official_documents_do_not_have_becomes_text() -> None:
    tiles = KeyFigures((KeyFigure("总分", "85.05", "分", "共100分"), KeyFigure("逾期", "2", "个")))
    made = lines(
        Bullets(("甲", "乙")), tiles, Beside(((Paragraph("左"),), (Paragraph("右", "note"),)), (1, 1))
    )
    assert [(line.level, line.text) for line in made[2:]] == [
        ("body", "甲"),
        ("body", "乙"),
        ("body", "总分：85.05分（共100分）；逾期：2个。"),
        ("body", "左"),
        ("remarks", "右"),
    ]
