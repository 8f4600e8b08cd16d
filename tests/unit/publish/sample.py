"""A small executed notebook that holds every kind of block and hostile texts; run as a script it exports it."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import nbformat
from matplotlib import pyplot
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lianzheng.fonts import register_matplotlib_fonts
from lianzheng.pages.blocks import (
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
)
from lianzheng.pages.drawn import chart_from_figure

HOSTILE = (
    "<script>alert(1)</script>",
    "#set page(fill: red)",
    "$x^$ 与 \\alpha",
    "@某人",
    "`反引号` *星* _线_",
    "&amp; \"引号\" 'x'",
    "=HYPERLINK(1)",
    "]]> <!-- 注 -->",
    "{{ 7 * 7 }} {% raw %}",
)
FACTS = DocumentFacts("sample", 2018, dt.date(2018, 12, 31), "internal", "内部资料", "廉检〔2018〕3号")
HEADINGS = ("样本 <单位> 记分卡", "一、构成 & 说明", "（一）各题得分", "二、逐项得分", "1. 第一项")


def chart(title: str = "各板块得分", alt: str = "横条图：甲 3 分，乙 5 分", *, label: str = "甲") -> Chart:
    """A small chart with a hostile axis label."""
    register_matplotlib_fonts()
    figure, axes = pyplot.subplots(figsize=(4, 2), layout="constrained")
    axes.barh([label, "乙"], [3, 5], color="#1f4b7a")
    axes.set_xlabel("$x^$ 得分")
    return chart_from_figure(figure, title=title, alt=alt, source="附件1", note="深色为得分")


def long_table() -> Table:
    """Forty rows with a two-level header, tones, a fill, a suppressed cell and cells over rows and columns."""
    columns = (
        Column("板块", width=8),
        Column("项目"),
        Column("自评", "right", group="得分"),
        Column("核准", "right", group="得分"),
    )
    rows: list[tuple[str | TableCell, ...]] = [
        (TableCell("党委主体责任", row_span=2), "第1项", "2.00", TableCell("1.50", tone="warn")),
        ("第2项", TableCell("未核验", tone="muted", column_span=2)),
        *(
            ("监督责任", f"第{n}项", "不足5人", TableCell("3.00", tone=("good", "bad")[n % 2]))
            for n in range(3, 40)
        ),
        (TableCell("合计", column_span=2, fill="#f4f6f8"), "9.00", "8.00"),
    ]
    return Table("逐项得分表", columns, tuple(rows), note="◆ 扣分", source="附件1自评表")


def cell(*blocks: Block, **changes: Any) -> Any:
    """An executed code cell that returned these blocks."""
    data, _ = Blocks(*blocks)._repr_mimebundle_()
    output = new_output("execute_result", data=data, execution_count=1)
    return new_code_cell("page.part()", **{"execution_count": 1, "outputs": [output], **changes})


def notebook(*cells: Any, **metadata: Any) -> nbformat.NotebookNode:
    """A notebook of these cells, made as JSON and read back, as it comes from the disk."""
    made = new_notebook(cells=list(cells), metadata=metadata)
    return nbformat.reads(nbformat.writes(made), as_version=4)


def sample_notebook() -> nbformat.NotebookNode:
    """Every kind of block, Markdown, and what a publication leaves out."""
    tiles = (
        KeyFigure("总分", "85.05", "分", "权重 80% + 20%", "good"),
        KeyFigure("测评", "不足5人", tone="muted"),
        KeyFigure("逾期", "2", "个", tone="bad"),
    )
    return notebook(
        new_markdown_cell("只给分析人员看", metadata={"tags": ["notes-for-analyst"]}),
        new_code_cell("unit_id = 'U001'", metadata={"tags": ["parameters"]}, execution_count=1),
        cell(
            Title(HEADINGS[0], "2018年度", ("甲类", "12人"), FACTS),
            Paragraph("导语。", "lead"),
            KeyFigures(tiles),
        ),
        new_markdown_cell(
            f"## {HEADINGS[1]}\n\n第一行中文，\n接着*强调*的 two\nwords。\n\n- 第一点\n- 第二点"
        ),
        cell(chart(), Heading(HEADINGS[2], 3), Bullets(HOSTILE), chart("第二幅图", "第二幅图的说明")),
        cell(Heading(HEADINGS[3], 2), long_table(), Heading("（一）", 3), Heading(HEADINGS[4], 4)),
        cell(*(Paragraph(text) for text in HOSTILE), Paragraph("表情\U0001f600和倒写\u202e字", "note")),
    )


def export_all(folder: Path) -> dict[str, bytes]:
    """Write the sample in all formats into ``folder``; returns suffix → bytes."""
    from lianzheng.publish.html import LianzhengHTMLExporter
    from lianzheng.publish.pdf import LianzhengPDFExporter
    from lianzheng.publish.word import LianzhengWordExporter

    products: dict[str, bytes] = {}
    for exporter in (LianzhengHTMLExporter(), LianzhengPDFExporter(), LianzhengWordExporter()):
        body, resources = exporter.from_notebook_node(sample_notebook())
        data = body.encode("utf-8") if isinstance(body, str) else body
        products[resources["output_extension"]] = data
        (folder / f"sample{resources['output_extension']}").write_bytes(data)
    return products


if __name__ == "__main__":
    export_all(Path(sys.argv[1]))
