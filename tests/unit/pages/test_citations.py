"""Texts that carry addresses: split exactly, shown as pages can, and never taken from what people wrote."""

from __future__ import annotations

import dataclasses
import json

import pytest

from lianzheng.pages.blocks import (
    Block,
    Column,
    Heading,
    Paragraph,
    Table,
    TableCell,
    Title,
    from_data,
    to_data,
)
from lianzheng.pages.citations import Address, cite, split_citations, uncited

HERE = Address("findings", "U001-1", "unit_id", "name")


def shown(block: Block, field: str = "text") -> list[tuple[str, Address]]:
    text = getattr(block, field)
    return [(text[one.start : one.end], one.address) for one in block.cited(field)]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [Paragraph, Heading, Title, TableCell])
def test_a_block_has_its_text_plain_and_knows_the_places(kind: type[Paragraph]) -> None:
    block = kind(f"甲{cite('12', HERE)}个，{cite('3', Address('t', 'k', 'c'))}")
    assert block.text == "甲12个，3"
    assert shown(block) == [("12", HERE), ("3", Address("t", "k", "c", "number"))]
    assert "citations" not in to_data(Paragraph("甲12个"))


def test_places_count_what_is_shown() -> None:
    block = Paragraph(f"甲😀\n{cite('1😀2', HERE)}")
    assert block.text == "甲〔U+1F600〕 1〔U+1F600〕2" and shown(block) == [("1〔U+1F600〕2", HERE)]


def test_tables_know_the_places_in_cells_title_note_and_source() -> None:
    table = Table(
        f"表{cite('1', HERE)}", (Column("甲"),), ((cite("7", HERE),), ("8",)), note=f"共{cite('2', HERE)}"
    )
    assert (table.title, table.note, [[c.text for c in row] for row in table.body]) == (
        "表1",
        "共2",
        [["7"], ["8"]],
    )
    assert shown(table, "title") == [("1", HERE)] and shown(table, "note") == [("2", HERE)]
    assert [shown(cell) for row in table.body for cell in row] == [[("7", HERE)], []]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "block", [Paragraph(cite("1", HERE)), Table("表", (Column("甲"),), ((cite("7", HERE),),))]
)
def test_addresses_go_through_json(block: Block) -> None:
    assert from_data(json.loads(json.dumps(to_data(block)))) == block


def test_what_people_write_is_no_address() -> None:
    forged = f"\ufff9七\ufffa{'0' * 8}\x1f{chr(0x1F).join(dataclasses.astuple(HERE))}\ufffb"
    block = Paragraph(forged)
    assert block.citations is None and "七" in block.text and "〔U+FFF9〕" in block.text


def test_an_address_inside_another_is_lost() -> None:
    assert split_citations(cite(f"甲{cite('1', HERE)}", Address("t", "k", "c")))[0] == "甲1"
    assert uncited(f"甲{cite('1', HERE)}乙") == "甲1乙"
