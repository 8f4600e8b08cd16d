"""The one-page notice (补正通知) that goes with a return list, as Word and as PDF, in the look of GB/T 9704."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from lianzheng.config import CycleConfig
from lianzheng.errors import PublishError
from lianzheng.pages import words
from lianzheng.pages.blocks import DocumentFacts, Paragraph, Title
from lianzheng.pages.returned import SEVERITIES
from lianzheng.pages.wording import say
from lianzheng.publish.checks import check_pdf
from lianzheng.publish.notebook import Document
from lianzheng.publish.pdf import SCALES, typeset
from lianzheng.publish.returns_items import UnitReturn
from lianzheng.publish.word import LianzhengWordExporter

NOTICE = "补正通知"
MOST_PAPERS = 3  # lines about single papers
MOST_LINES, BLANK_LINES = 20, 3  # below the title, of the 22 that a page holds; before 附件 and 署名
_PAGES = re.compile(rb"/Type\s*/Page\b")
_COUNTERS = {"return_file": "退回文件{}份", "return_item": "退回项目{}项", "verify": "请核实{}项"}


def terms(config: CycleConfig) -> dict[str, str]:
    """Until when, to whom and how to send again, in words."""
    returns, cycle = config.cycle.returns, config.cycle
    deadline = say("soon", "returns")
    if returns.days:
        deadline = say("within_days", "returns", days=returns.days)
    if returns.deadline:
        deadline = say("until_day", "returns", day=returns.deadline)
    contact = f"（{returns.contact}）" if returns.contact else ""
    office = returns.office or cycle.signature or cycle.bureau
    return {"deadline": deadline, "office": office, "contact": contact}


def counted(returned: UnitReturn, paper: str = "") -> str:
    """退回项目3项、请核实1项, of one paper or of all; what there is none of is left out."""
    counts = {severity: returned.count(severity, paper) for severity in SEVERITIES}
    return "、".join(_COUNTERS[severity].format(n) for severity, n in counts.items() if n)


def notice_document(config: CycleConfig, returned: UnitReturn, enclosed: Sequence[str]) -> Document:
    """The notice as blocks; ``enclosed`` names what goes with it.

    Never more than a page: papers beyond three are summed, and where names are long blank lines fall away.
    """
    cycle, told = config.cycle, terms(config)
    date = cycle.returns.date or cycle.report_date
    about = DocumentFacts("returns", cycle.cycle, date, "unit", density="official")
    title = Title(say("title", "returns", cycle=cycle.cycle), document=about)
    said = [
        Paragraph(say("addressee", "returns", name=returned.unit.name), "address"),
        Paragraph(say("opening", "returns", cycle=cycle.cycle, n=len(returned.items))),
        *map(Paragraph, _paper_lines(returned)),
        Paragraph(say("how", "returns")),
        Paragraph(say("deadline", "returns", **told)),
    ]
    numbered = "；".join(f"{n}. {what}" for n, what in enumerate(enclosed, start=1))
    ends = [Paragraph(say("enclosed", "returns", told=numbered), "enclosures")]
    signed = [Paragraph(told["office"], "signature")]
    signed += [Paragraph(words.day(cycle.returns.date), "signature")] if cycle.returns.date else []
    if _n_lines([*said, *ends, *signed]) + BLANK_LINES > MOST_LINES:
        ends = [Paragraph(ends[0].text), Paragraph("")]
    return Document(title, about, (title, *said, *ends, *signed))


def _n_lines(paragraphs: Sequence[Paragraph]) -> int:
    """How many lines of 28 characters they take, one kept back for what is wider than counted."""
    widths = (sum(0.6 if ch.isascii() else 1 for ch in p.text) + 2 * (p.style == "body") for p in paragraphs)
    return sum(math.ceil(width / 27) for width in widths)


def _paper_lines(returned: UnitReturn) -> list[str]:
    papers = list(dict.fromkeys(item.paper for item in returned.items))
    numbered = enumerate(papers[:MOST_PAPERS], start=1)
    lines = [_paper_line(returned, number, paper) for number, paper in numbered]
    if more := papers[MOST_PAPERS:]:
        n_items = sum(item.paper in more for item in returned.items)
        facts = {"number": MOST_PAPERS + 1, "n": len(more), "n_items": n_items}
        lines.append(say("papers_more", "returns", **facts))
    return lines


def _paper_line(returned: UnitReturn, number: int, paper: str) -> str:
    if any(row["paper"] == paper and row["state"] == "missing" for row in returned.papers):
        return say("paper_missing", "returns", number=number, paper=paper)
    return say("paper_told", "returns", number=number, paper=paper, told=counted(returned, paper))


def notice_docx(document: Document) -> bytes:
    """The notice as an editable Word file, the same bytes every time."""
    return LianzhengWordExporter().write(document)


def notice_pdf(document: Document) -> bytes:
    """The notice as tagged PDF/A-2a and PDF/UA-1 on exactly one page, set smaller where names are long.

    Raises PublishError where even the smallest does not fit.
    """
    tried = (typeset(document, scale) for scale in SCALES)
    data = next((one for one in tried if len(_PAGES.findall(one)) == 1), None)
    if data is None:
        raise PublishError("补正通知超过一页，应为一页", "缩短 cycle.yml 中 returns 的文字")
    check_pdf(data, headings=document.headings, n_charts=0)
    return data
