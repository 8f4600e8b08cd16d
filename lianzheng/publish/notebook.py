"""An executed notebook as one list of blocks, the same for HTML, PDF and Word; the unknown is refused."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from lianzheng import __version__
from lianzheng.errors import PublishError
from lianzheng.pages import blocks as rich
from lianzheng.pages.blocks import Block

EDITIONS = {"internal": "内部版", "unit": "单位版", "anonymous": "不具名版"}
LEFT_OUT_TAG = "notes-for-analyst"
"""Markdown cells with this tag are for JupyterLab only."""

_CHINA = dt.timezone(dt.timedelta(hours=8))
_LATIN_BREAK = re.compile(r"(?<=[!-~])\n(?=[!-~])")


@dataclass(frozen=True, slots=True)
class Document:
    """What an executed notebook publishes: blocks in order, the first of them the title, and its facts."""

    title: rich.Title
    facts: rich.DocumentFacts
    blocks: tuple[Block, ...]

    @property
    def charts(self) -> tuple[rich.Chart, ...]:
        """The charts in order."""
        return tuple(block for block in rich.leaves(self.blocks) if isinstance(block, rich.Chart))

    @property
    def headings(self) -> tuple[str, ...]:
        """The texts of the title and of every heading, in order."""
        leaves = rich.leaves(self.blocks)
        return tuple(block.text for block in leaves if isinstance(block, rich.Title | rich.Heading))

    @property
    def annex(self) -> str:
        """The heading with which the annex of a sheet begins; empty where there is none."""
        leaves = (block for block in rich.leaves(self.blocks) if isinstance(block, rich.Heading))
        starts = [heading.text for heading in leaves if heading.starts_page]
        return starts[0] if starts and self.facts.density == "sheet" else ""

    @property
    def running(self) -> tuple[str, ...]:
        """What stands above every page: the classification and the number, where there are any."""
        return tuple(text for text in (self.facts.classification, self.facts.number) if text)

    @property
    def imprint(self) -> str:
        """The closing line: for whom this is, who made it, from what, as of when."""
        cycle, date = self.facts.cycle, self.facts.report_date
        edition = EDITIONS.get(self.facts.edition, self.facts.edition)
        made = f"由 lianzheng {__version__} 根据{cycle}年度检查数据生成"
        return f"{edition} · {made}，数据截至{date.year}年{date.month}月{date.day}日。"

    @property
    def moment(self) -> dt.datetime:
        """Noon of the report date in China, which dates the files (the same day in UTC)."""
        return dt.datetime.combine(self.facts.report_date, dt.time(12), _CHINA)


def read_document(notebook: Mapping[str, Any]) -> Document:
    """The publication in an executed notebook; its metadata ``lianzheng`` goes before the title's facts.

    Raises PublishError, naming the cell, when a cell was not executed or printed anything but blocks, when
    Markdown holds more than headings, paragraphs and flat lists, and when the outline is not a tree.
    """
    blocks: list[Block] = []
    for number, cell in enumerate(notebook["cells"], start=1):
        try:
            blocks += _blocks_of_cell(cell)
        except (KeyError, ValueError, TypeError) as error:
            raise PublishError(f"第 {number} 格不能发布：{error}", "改正笔记本的这一格后重新运行") from error
    title = _check_outline(blocks)
    facts = {**(vars(title.document) if title.document else {}), **notebook["metadata"].get("lianzheng", {})}
    try:
        return Document(title, rich.DocumentFacts(**facts), tuple(blocks))
    except (ValueError, TypeError) as error:
        raise PublishError(f"缺少发布所需的信息：{error}", "给 Title 写上 document") from error


def read_log(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """What the cells of an executed notebook have to say to the record of the run."""
    return tuple(_told(notebook, "log"))


def read_reads(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """What an executed notebook has read of the tables (:func:`lianzheng.tables.read_of`), each once, sorted."""
    return tuple(sorted(set(_told(notebook, "reads"))))


def _told(notebook: Mapping[str, Any], what: str) -> Iterator[str]:
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    for output in outputs:
        yield from output.get("metadata", {}).get(rich.BLOCKS_MIME, {}).get(what, ())


def blocks_of_markdown(text: str) -> Iterator[Block]:
    """Headings, paragraphs and flat bullet lists as blocks, as plain text; ValueError for anything else."""
    for token in _markdown()(text):
        if token["type"] == "heading" and token["attrs"]["level"] == 1:
            yield rich.Title(_words(token))
        elif token["type"] == "heading":
            yield rich.Heading(_words(token), token["attrs"]["level"])
        elif token["type"] == "list" and not token["attrs"]["ordered"]:
            yield rich.Bullets(tuple(_words(item) for item in token["children"]))
        elif token["type"] != "blank_line":
            yield rich.Paragraph(_words(token))


def _blocks_of_cell(cell: Mapping[str, Any]) -> Iterator[Block]:
    if cell["cell_type"] == "markdown":
        is_left_out = LEFT_OUT_TAG in cell["metadata"].get("tags", ())
        yield from () if is_left_out else blocks_of_markdown(cell["source"])
    elif cell["cell_type"] != "code":
        raise ValueError(f"不认识的单元格类型 {cell['cell_type']}")
    elif cell["source"].strip() and cell["execution_count"] is None:
        raise ValueError("没有执行")
    else:
        for output in cell["outputs"]:
            yield from _blocks_of_output(output)


def _blocks_of_output(output: Mapping[str, Any]) -> Iterator[Block]:
    data = output.get("data", {})
    if rich.BLOCKS_MIME not in data:
        seen = output.get("name") or output.get("ename") or "、".join(sorted(data)) or output["output_type"]
        said = " ".join(str(output.get("text", "")).split())[:300]
        raise ValueError(f"输出不是页面内容（{seen}）{said}")
    return map(rich.from_data, data[rich.BLOCKS_MIME])


def _words(token: Mapping[str, Any]) -> str:
    """The plain text of a token; a line break between Chinese characters leaves no space."""
    return _LATIN_BREAK.sub(" ", "".join(_pieces(token))).replace("\n", "")


def _pieces(token: Mapping[str, Any]) -> Iterator[str]:
    kind = token["type"]
    if kind == "text":
        yield unescape(token["raw"])
    elif kind in ("codespan", "inline_html"):
        yield token["raw"]
    elif kind in ("softbreak", "linebreak"):
        yield "\n"
    elif kind in ("paragraph", "heading", "list_item", "block_text", "emphasis", "strong"):
        for child in token["children"]:
            yield from _pieces(child)
    else:
        raise ValueError(f"Markdown 里有不支持的内容 {kind}")


def _check_outline(blocks: list[Block]) -> rich.Title:
    """The title, when it comes first and alone and no heading level is skipped below it."""
    titles = [block for block in blocks if isinstance(block, rich.Title)]
    if len(titles) != 1 or blocks[0] != titles[0]:
        raise PublishError(
            f"页面要以唯一的标题开头，现有 {len(titles)} 个", "第一格返回 Title，其余用 Heading"
        )
    level = 1
    for heading in (block for block in rich.leaves(blocks) if isinstance(block, rich.Heading)):
        if heading.level > level + 1:
            skip = f"标题“{heading.text}”从 {level} 级跳到 {heading.level} 级"
            raise PublishError(skip, "补上中间一级或改低一级")
        level = heading.level
    return titles[0]


@functools.cache
def _markdown() -> Callable[[str], Any]:
    import mistune

    return mistune.create_markdown(renderer=None)
