from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest
from matplotlib import pyplot
from pydantic import ValidationError

from lianzheng.errors import PublishError
from lianzheng.fonts import register_matplotlib_fonts
from lianzheng.pages.blocks import (
    BLOCKS_MIME,
    Beside,
    Block,
    Blocks,
    Bullets,
    Chart,
    Column,
    DocumentFacts,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Table,
    TableCell,
    Title,
    from_data,
    leaves,
    to_data,
)
from lianzheng.pages.drawn import chart_from_figure
from lianzheng.pages.grid import place_cells
from lianzheng.pages.html import to_html
from tests.unit.publish.sample import FACTS, HOSTILE, chart, long_table

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
ALL_KINDS: tuple[Block, ...] = (
    Title("标题", "副题", ("甲", "乙"), FACTS),
    Heading("节", 3),
    Paragraph("正文", "note"),
    Bullets(("一", "二")),
    KeyFigures((KeyFigure("总分", "85.05", "分", "注", "good"),)),
    long_table(),
    Chart("图", SVG, "说明", "来源", "注", 120.5, ("字",)),
)


def grid(*rows: tuple[str | TableCell, ...], n_columns: int = 2) -> Table:
    return Table("表", tuple(Column(str(n)) for n in range(n_columns)), rows)


@pytest.mark.parametrize("block", ALL_KINDS, ids=lambda block: type(block).__name__)
def test_a_block_goes_through_json_and_comes_back_equal(block: Block) -> None:
    assert from_data(json.loads(json.dumps(to_data(block)))) == block


def test_data_that_is_no_block_is_refused() -> None:
    with pytest.raises(KeyError):
        from_data({"kind": "Video", "text": "x"})
    with pytest.raises(ValueError, match="colour"):
        from_data({"kind": "Heading", "text": "x", "colour": "red"})


def test_numbers_must_arrive_as_formatted_strings() -> None:
    with pytest.raises(ValidationError):
        KeyFigure("总分", 85.05)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        grid(("甲", 3.0))  # type: ignore[arg-type]


def test_a_block_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Heading("节").text = "另一节"  # type: ignore[misc]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Title(""),
        lambda: Heading("　"),
        lambda: Heading("节", 1),  # type: ignore[arg-type]
        lambda: Bullets(()),
        lambda: KeyFigures(()),
        lambda: KeyFigures(tuple(KeyFigure("甲", "1") for _ in range(7))),
        lambda: Table("表", (), ()),
        lambda: TableCell("x", fill="#102030"),
        lambda: TableCell("x", fill="red; background: url(http://x)"),
        lambda: TableCell("x", column_span=0),
        lambda: TableCell("x", tone="purple"),  # type: ignore[arg-type]
        lambda: Chart("图", SVG, " "),
        lambda: Chart("图", "<html>", "说明"),
        lambda: DocumentFacts("x", 2018, "someday"),  # type: ignore[arg-type]
    ],
)
def test_a_block_that_could_not_be_drawn_is_refused(make: object) -> None:
    with pytest.raises(ValidationError):
        make()  # type: ignore[operator]


def test_texts_are_brought_into_the_fonts_however_deep_they_stand() -> None:
    text = "好\U0001f600\u202e"
    table = Table(text, (Column(text),), ((text,), (TableCell(text),)), note=text)
    figures = KeyFigures((KeyFigure(text, text, text, text),))
    shown = json.dumps(
        [to_data(table), to_data(figures), to_data(Title(text, text, (text,)))], ensure_ascii=False
    )
    assert shown.count("好〔U+1F600〕〔U+202E〕") == 5 + 4 + 3
    assert "\U0001f600" not in shown and "\u202e" not in shown


def test_columns_of_one_group_share_an_upper_header_cell() -> None:
    columns = (
        Column("单位"),
        Column("自评", "right", group="得分"),
        Column("核准", group="得分"),
        Column("备注"),
    )
    upper, lower = Table("表", columns, ()).header
    assert [(c.text, c.column_span, c.row_span) for c in upper] == [
        ("单位", 1, 2),
        ("得分", 2, 1),
        ("备注", 1, 2),
    ]
    assert [(c.text, c.align) for c in lower] == [("自评", "right"), ("核准", "left")]
    assert [[c.text for c in row] for row in grid().header] == [["0", "1"]]


def test_widths_follow_the_widest_text_and_add_up_to_one() -> None:
    # Column 0: 党委主体责任 is 12 half characters, + 2 for the gap; column 1: at least 4, + 2; 14 : 6.
    assert grid(("党委主体责任", "1")).widths == pytest.approx((0.7, 0.3))
    fixed = Table("表", (Column("甲", width=3), Column("乙", width=1)), (("党委主体责任", "1"),))
    assert fixed.widths == (0.75, 0.25)


def test_cells_take_the_alignment_of_their_column_unless_they_have_their_own() -> None:
    table = Table(
        "表",
        (Column("甲"), Column("乙", "right")),
        ((TableCell("x", row_span=2), "1"), (TableCell("2", "center"),)),
    )
    assert [[c.align for c in row] for row in table.body] == [["left", "right"], ["center"]]


def test_spanning_cells_push_the_others_to_their_places() -> None:
    tall, wide = TableCell("高", row_span=2), TableCell("宽", column_span=2)
    rows = [[TableCell("a"), tall, TableCell("b")], [TableCell("c"), TableCell("d")], [wide, TableCell("e")]]
    places = [(row, column, cell.text) for row, column, cell in place_cells(rows, 3)]
    assert places == [
        (0, 0, "a"),
        (0, 1, "高"),
        (0, 2, "b"),
        (1, 0, "c"),
        (1, 2, "d"),
        (2, 0, "宽"),
        (2, 2, "e"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [("a",)],
        [("a", "b", "c")],
        [("a", TableCell("b", column_span=2))],
        [("a", TableCell("b", row_span=2))],
        [("a", TableCell("b", row_span=2)), ("c", "d")],
        [("a", TableCell("b", row_span=2)), (TableCell("c", column_span=2),)],
    ],
)
def test_a_table_with_gaps_or_overlaps_is_refused(rows: list[tuple[str | TableCell, ...]]) -> None:
    with pytest.raises(PublishError, match=r"单元格|放不下"):
        grid(*rows)


class Texts(HTMLParser):
    """The tags and the texts of a fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_hostile_texts_stay_texts_in_html() -> None:
    table = Table(HOSTILE[0], (Column(HOSTILE[0]),), tuple((text,) for text in HOSTILE))
    shown = Texts(
        to_html([Title(HOSTILE[0]), Bullets(HOSTILE), table, Chart(HOSTILE[0], SVG, '" onload="x')])
    )
    assert "script" not in shown.tags
    assert set(HOSTILE) <= set(shown.texts)
    assert shown.texts.count(HOSTILE[0]) == 6
    assert 'onload="' not in to_html([Chart("图", SVG, '" onload="x')])


def test_a_tone_is_told_by_a_shape_and_not_by_colour_alone() -> None:
    rows = tuple((TableCell("1", tone=tone),) for tone in ("good", "warn", "bad", "neutral", "muted"))
    shown = Texts(to_html([Table("表", (Column("值"),), rows)]))
    assert [text for text in shown.texts if text][-8:] == ["●", "1", "◆", "1", "■", "1", "1", "1"]


def test_a_cell_shows_html_in_jupyter_and_carries_its_data() -> None:
    bundle, _ = Blocks(Heading("节"), Paragraph("文"))._repr_mimebundle_(include=None, exclude=None)
    assert sorted(bundle) == [BLOCKS_MIME, "text/html", "text/plain"]
    assert bundle["text/plain"] == "Heading · Paragraph"
    assert bundle["text/html"].startswith("<style>") and "<h2>节</h2>" in bundle["text/html"]
    assert [data["kind"] for data in bundle[BLOCKS_MIME]] == ["Heading", "Paragraph"]


def test_what_is_for_the_record_of_the_run_goes_beside_the_page() -> None:
    shown, beside = Blocks(Paragraph("文"), log=("遮去一处",))._repr_mimebundle_()
    assert beside == {BLOCKS_MIME: {"log": ["遮去一处"], "reads": []}} and "遮去" not in str(shown)
    assert Blocks(Paragraph("文"))._repr_mimebundle_()[1] == {BLOCKS_MIME: {"log": [], "reads": []}}


def test_columns_side_by_side_go_through_data_and_are_read_one_after_the_other() -> None:
    beside = Beside(
        ((Heading("左", 3), Paragraph("甲")), (Beside(((Paragraph("乙"),), (Paragraph("丙"),)), (1, 1)),)),
        (2, 1),
    )
    assert from_data(json.loads(json.dumps(to_data(beside)))) == beside
    assert [leaf.text for leaf in leaves([beside, Paragraph("丁")])] == ["左", "甲", "乙", "丙", "丁"]
    shown = to_html([beside])
    assert shown.index("左") < shown.index("甲") < shown.index("乙") < shown.index("丙")
    assert "minmax(0, 2.0fr) minmax(0, 1.0fr)" in shown and shown.count('class="beside"') == 2


def test_a_heading_may_begin_a_new_sheet() -> None:
    assert '<h2 class="starts-page">附</h2>' in to_html([Heading("附", starts_page=True)])


def test_a_chart_is_the_same_every_time_and_asks_nothing_from_outside() -> None:
    first, second = chart(), chart()
    assert first == second
    assert first.svg.startswith("<svg") and "DOCTYPE" not in first.svg and "<metadata" not in first.svg
    assert set(re.findall(r"https?://[^\"' ]+", first.svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<text" not in first.svg, "texts are drawn as outlines"
    assert first.width_mm == pytest.approx(101.6)


def test_a_chart_tells_the_texts_that_it_drew() -> None:
    texts = chart().texts
    assert {"甲", "乙", "$x^$ 得分", "0", "5"} <= set(texts)


@pytest.mark.parametrize(("title", "alt"), [("", "说明"), ("图", ""), ("图", " \n")])
def test_a_chart_without_words_is_refused(title: str, alt: str) -> None:
    with pytest.raises(PublishError, match="替代文字"):
        chart(title, alt)


def test_a_chart_with_a_character_that_no_font_has_is_refused_and_closed() -> None:
    register_matplotlib_fonts()
    figure, axes = pyplot.subplots()
    axes.set_title("好\U0001f600")
    with pytest.warns(UserWarning, match="Glyph"), pytest.raises(PublishError, match=r"〔U\+1F600〕"):
        chart_from_figure(figure, title="图", alt="说明")
    assert not pyplot.fignum_exists(figure.number)
