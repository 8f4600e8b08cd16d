from __future__ import annotations

import base64
import datetime as dt
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lianzheng.errors import PublishError
from lianzheng.pages.blocks import (
    Block,
    Chart,
    Column,
    DocumentFacts,
    Heading,
    Paragraph,
    Table,
    TableCell,
    Title,
)
from lianzheng.pages.citations import Address, Citation, cite
from lianzheng.pages.html import pieces, template_environment
from lianzheng.publish.html import LianzhengHTMLExporter
from tests.unit.publish.sample import FACTS, HEADINGS, HOSTILE, cell, notebook


class Page(HTMLParser):
    """The tags with their attributes, and the text inside each kind of tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(self.tags[-1][0] if self.tags else "", []).append(data.strip())

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(products: dict[str, bytes]) -> Page:
    return Page(products[".html"].decode("utf-8"))


def test_the_page_names_its_language_title_and_policy(page: Page) -> None:
    assert page.attributes("html") == [{"lang": "zh-CN"}]
    assert page.texts["title"] == [HEADINGS[0]]
    policy = next(meta["content"] for meta in page.attributes("meta") if "http-equiv" in meta)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_headings_stand_in_order(page: Page) -> None:
    assert page.texts["h1"] == [HEADINGS[0]] and page.texts["h2"] == [HEADINGS[1], HEADINGS[3]]
    assert page.texts["h4"] == [HEADINGS[4]]


def test_every_chart_is_its_own_picture_with_words(page: Page) -> None:
    images = page.attributes("img")
    assert [image["alt"] for image in images] == ["横条图：甲 3 分，乙 5 分", "第二幅图的说明"]
    assert page.texts["figcaption"] == ["各板块得分", "第二幅图"]
    for image in images:
        head, _, payload = image["src"].partition(",")
        assert head == "data:image/svg+xml;base64" and base64.b64decode(payload).startswith(b"<svg")


def test_hostile_texts_are_read_as_written(page: Page) -> None:
    assert page.texts["li"][-len(HOSTILE) :] == list(HOSTILE)
    assert set(HOSTILE) <= set(page.texts["p"])


def test_there_is_no_code_no_script_and_no_address(page: Page, products: dict[str, bytes]) -> None:
    text = products[".html"].decode("utf-8")
    assert {"script", "link", "iframe", "a"}.isdisjoint(tag for tag, _ in page.tags)
    assert "http" not in text.replace("http-equiv", "")
    assert "page.part()" not in text and "unit_id" not in text and "分析人员" not in text


def test_the_table_keeps_its_spans_tones_and_header(page: Page) -> None:
    assert [th.get("colspan") for th in page.attributes("th") if "colspan" in th] == ["2"]
    assert [td["rowspan"] for td in page.attributes("td") if "rowspan" in td] == ["2"]
    assert page.texts["th"][:5] == ["板块", "项目", "得分", "自评", "核准"]
    assert len(page.attributes("tr")) == 2 + 40


def test_facts_and_imprint_are_printed(page: Page) -> None:
    assert "内部资料" in page.texts["span"] and page.texts["footer"][0].startswith("内部版 · 由 lianzheng")


def test_a_chart_that_carries_a_script_is_not_published() -> None:
    chart = Chart("图", '<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>', "说明")
    with pytest.raises(PublishError, match="脚本"):
        LianzhengHTMLExporter().from_notebook_node(notebook(cell(Title("题", document=FACTS), chart)))


def test_a_notebook_file_is_exported_as_the_command_line_does(tmp_path: Path) -> None:
    import nbformat

    nbformat.write(notebook(cell(Title("题", document=FACTS))), tmp_path / "x.ipynb")
    text, resources = LianzhengHTMLExporter().from_filename(str(tmp_path / "x.ipynb"))
    assert "<h1>题</h1>" in text and resources["output_extension"] == ".html"


def test_every_template_shows_what_nobody_sees_and_escapes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("{{ text }}|{{ ours | safe }}|{{ 3 }}", encoding="utf-8")
    facts = {"text": "<b>\u202e{{ 7 }}\n", "ours": "<b>\n"}
    page = template_environment(tmp_path).get_template("a").render(facts)
    assert page == "&lt;b&gt;〔U+202E〕{{ 7 }} |<b>\n|3"


OFFICIAL = DocumentFacts(
    "x", 2018, dt.date(2018, 12, 28), "internal", "内部资料", "示〔2018〕1号", "official"
)
FIGURE = Address("bulletin_figures", "n_findings", "value")


def official(*blocks: Block) -> str:
    text, _ = LianzhengHTMLExporter().from_notebook_node(
        notebook(cell(Title("题", document=OFFICIAL), *blocks))
    )
    return str(text)


def test_what_is_cited_says_where_it_comes_from() -> None:
    n = cite("<54>", FIGURE)
    named = cite("东河处", Address("units", "U001", "", "name"))
    table = Table(f"表{n}", (Column("数"),), ((TableCell(n),),), note=f"其中{n}")
    figure = Chart(f"图{n}", '<svg xmlns="http://www.w3.org/2000/svg"/>', "说明", source=f"共{n}")
    text = official(Heading(f"一、{n}"), Paragraph(f"有{n}个，{named}。"), table, figure)
    told = '<span title="来源：bulletin_figures · n_findings · value">&lt;54&gt;</span>'
    assert text.count(told) == 7
    for around in (
        f"<h2>一、{told}</h2>",
        f"有{told}个",
        f"<caption>表{told}</caption>",
        f"注：其中{told}</span>",
    ):
        assert around in text
    assert f"资料来源：共{told}</span>" in text and f"<figcaption>图{told}</figcaption>" in text
    assert '<span title="来源：units · U001">东河处</span>。</p>' in text


def test_a_text_is_cut_where_something_cited_begins_and_ends() -> None:
    first, second = Citation("text", 0, 2, FIGURE), Citation("text", 3, 4, FIGURE)
    assert pieces("12个3", [first, second]) == [("12", FIGURE), ("个", None), ("3", FIGURE)]
    assert pieces("12个3", [second], "注：") == [("注：12个", None), ("3", FIGURE)]
    assert pieces("12", [], "◆") == [("◆12", None)] and pieces("", []) == []


def test_an_official_document_has_its_parts_and_no_others() -> None:
    ends = (Paragraph("局党委", "signature"), Paragraph("2018年12月28日", "signature"))
    page = Page(official(*ends, Heading("图", 2, True, "附件1"), Heading("附图", 2, True)))
    kinds = [p.get("class") for p in page.attributes("p")]
    assert kinds == ["classification", "number", "signature", "signature", "attachment starts-page"]
    assert [div.get("class") for div in page.attributes("div")].count("signed") == 1
    assert page.attributes("h2") == [{}, {"class": "starts-page"}]
    assert page.attributes("main") == [{"class": "page official"}]


def test_a_report_has_neither_the_sheet_nor_its_style(products: dict[str, bytes]) -> None:
    text = products[".html"].decode("utf-8")
    assert "official" not in text and "size: A4; margin: 20mm 22mm" in text
