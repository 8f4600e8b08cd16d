from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from lianzheng.errors import PublishError
from lianzheng.pages.blocks import BLOCKS_MIME, Block, Bullets, Heading, Paragraph, Title
from lianzheng.publish.notebook import blocks_of_markdown, read_document
from tests.unit.publish.sample import FACTS, HEADINGS, cell, notebook, sample_notebook

TITLE = Title("题", document=FACTS)


def with_output(**output: Any) -> Any:
    """A cell that printed something that is no page content."""
    return new_code_cell("x", execution_count=1, outputs=[new_output(**output)])


def test_the_blocks_come_in_the_order_of_the_cells() -> None:
    document = read_document(sample_notebook())
    kinds = [type(block).__name__ for block in document.blocks]
    assert kinds[:6] == ["Title", "Paragraph", "KeyFigures", "Heading", "Paragraph", "Bullets"]
    assert kinds[6:10] == ["Chart", "Heading", "Bullets", "Chart"]
    assert [heading for heading in document.headings if heading in HEADINGS] == list(HEADINGS)
    assert [chart.title for chart in document.charts] == ["各板块得分", "第二幅图"]
    assert not any("分析人员" in getattr(block, "text", "") for block in document.blocks)


def test_the_document_says_for_whom_it_is_and_as_of_when() -> None:
    document = read_document(sample_notebook())
    assert document.running == ("内部资料", "廉检〔2018〕3号")
    assert document.imprint.startswith("内部版 · 由 lianzheng ")
    assert document.imprint.endswith("根据2018年度检查数据生成，数据截至2018年12月31日。")
    assert document.moment == dt.datetime(2018, 12, 31, 4, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("# 题", [Title("题")]),
        ("## 一、节\n### （一）小节", [Heading("一、节", 2), Heading("（一）小节", 3)]),
        ("第一行，\n第二行", [Paragraph("第一行，第二行")]),
        ("two\nwords 和\nthree", [Paragraph("two words 和three")]),
        ("*强调*和**加粗**和`a < b &amp;`", [Paragraph("强调和加粗和a < b &amp;")]),
        (r"\*星号\* 2018\. 年", [Paragraph("*星号* 2018. 年")]),
        ("a <script> b &amp; @某人 $x$ #set", [Paragraph("a <script> b & @某人 $x$ #set")]),
        ("- 甲\n- 乙 *丙*", [Bullets(("甲", "乙 丙"))]),
        ("- 甲\n\n- 乙", [Bullets(("甲", "乙"))]),
        ("好\U0001f600", [Paragraph("好〔U+1F600〕")]),
        ("", []),
    ],
)
def test_markdown_becomes_blocks(markdown: str, blocks: list[Block]) -> None:
    assert list(blocks_of_markdown(markdown)) == blocks


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("1. 一\n2. 二", "list"),
        ("- 甲\n  - 乙", "list"),
        ("> 引文", "block_quote"),
        ("```\nx\n```", "block_code"),
        ("<div>x</div>", "block_html"),
        ("---", "thematic_break"),
        ("![图](x.png)", "image"),
        ("[链接](http://x)", "link"),
        ("<http://x>", "link"),
        ("##### 五级", "2, 3 or 4"),
    ],
)
def test_markdown_that_no_format_draws_is_refused(markdown: str, seen: str) -> None:
    with pytest.raises(ValueError, match=seen):
        list(blocks_of_markdown(markdown))


@pytest.mark.parametrize(
    ("bad", "seen"),
    [
        (with_output(output_type="stream", name="stderr", text="Warning"), "stderr"),
        (with_output(output_type="stream", name="stdout", text="hello"), "stdout"),
        (with_output(output_type="error", ename="KeyError", evalue="x", traceback=[]), "KeyError"),
        (with_output(output_type="display_data", data={"image/png": "AAAA"}), "image/png"),
        (
            with_output(output_type="execute_result", data={"text/plain": "3"}, execution_count=1),
            "text/plain",
        ),
        (with_output(output_type="display_data", data={BLOCKS_MIME: [{"kind": "Video"}]}), "Video"),
        (with_output(output_type="display_data", data={BLOCKS_MIME: [{"kind": "Heading"}]}), "text"),
        (cell(Paragraph("x"), execution_count=None), "没有执行"),
        (new_raw_cell("x"), "raw"),
        (new_markdown_cell("> x"), "block_quote"),
    ],
)
def test_what_is_no_page_content_is_refused_with_the_number_of_its_cell(bad: Any, seen: str) -> None:
    with pytest.raises(PublishError, match=f"第 2 格(?s:.*){seen}"):
        read_document(notebook(cell(TITLE), bad))


def test_a_warning_in_the_parameters_cell_is_no_exception() -> None:
    bad = with_output(output_type="stream", name="stderr", text="Warning")
    bad.metadata["tags"] = ["parameters"]
    with pytest.raises(PublishError, match="第 2 格"):
        read_document(notebook(cell(TITLE), bad))


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [Heading("节")],
        [Paragraph("文"), TITLE],
        [TITLE, Title("又一题")],
        [TITLE, Heading("跳级", 3)],
        [TITLE, Heading("节", 2), Heading("跳级", 4)],
    ],
)
def test_an_outline_that_is_no_tree_is_refused(blocks: list[Block]) -> None:
    with pytest.raises(PublishError, match="标题"):
        read_document(notebook(cell(*blocks)))


def test_levels_may_go_up_by_more_than_one() -> None:
    levels = (2, 3, 4, 2, 3)
    document = read_document(notebook(cell(TITLE, *(Heading("节", level) for level in levels))))  # type: ignore[arg-type]
    assert len(document.headings) == 6


def test_facts_come_from_the_title_or_from_the_metadata_and_one_of_them_must_say() -> None:
    bare = cell(Title("题"))
    with pytest.raises(PublishError, match="report_date"):
        read_document(notebook(bare))
    stated = {"page": "x", "cycle": 2018, "report_date": "2018-12-31", "edition": "unit"}
    assert read_document(notebook(bare, lianzheng=stated)).imprint.startswith("单位版")
    assert read_document(notebook(cell(TITLE), lianzheng={"number": "7号"})).running[1] == "7号"
    with pytest.raises(PublishError, match="colour"):
        read_document(notebook(cell(TITLE), lianzheng={"colour": "red"}))
