"""Self-reports of the sample units: Word documents with the parts that the notice asks for, headed as offices do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from lianzheng.demo.bureau import Bureau, filled, texts
from lianzheng.demo.papers import Paper
from lianzheng.forms import Key, Layout, Placed, Sheet
from lianzheng.forms.layout import Role, said

FORM = "self_report"
STYLES = ("numbered", "in brackets", "plain", "run in", "with contents", "nested")
_NUMERALS = "一二三四五六"
_HEADINGS = {"in brackets": "（{}）", "plain": "", "nested": "（{}）"}
Paragraph = tuple[str, tuple[Key, ...], Role]


@dataclass
class SelfReport(Paper):
    """A report: its matrix holds title, headings and texts of the parts, and who signs; ``style`` says how it is headed."""

    style: str = "numbered"
    order: tuple[str, ...] = ()

    def lay_out(self, rng: Random) -> Layout:
        """A paragraph a row; a text of several lines makes several, a tab in a line makes it a row of a table."""
        cells = []
        for row, (text, keys, role) in enumerate(self._paragraphs(), start=1):
            pieces = text.split("\t")
            roles: list[Role] = [role] if len(pieces) == 1 else ["value"] * len(pieces)
            beside = enumerate(zip(pieces, roles, strict=True), start=1)
            cells += [Placed(row, i, piece, its, keys=keys) for i, (piece, its) in beside]
        return Layout(FORM, (Sheet("正文", tuple(cells)),))

    def _paragraphs(self) -> Iterator[Paragraph]:
        yield self._said("title", "", "text"), (("title", "", "text"),), "title"
        yield "局党委：", (), "note"
        yield self._said("title", "", "opening"), (), "note"
        shown = [part_id for part_id in self.order if self.matrix.get(("parts", part_id, "heading"))]
        if self.style == "with contents":
            lines = (f"{self._heading(i, part_id)}{'…' * 8}{i + 1}" for i, part_id in enumerate(shown))
            yield from ((line, (), "note") for line in ("目　录", *lines))
        if self.style == "nested":
            yield "一、自查情况", (), "note"
        for number, part_id in enumerate(shown):
            yield from self._part(number, part_id)
        for field_id in ("signed_by", "unit_id", "filled_on"):
            yield self._signed(field_id), (("signature", "", field_id),), "note"

    def _part(self, number: int, part_id: str) -> Iterator[Paragraph]:
        heading, text = (("parts", part_id, column) for column in ("heading", "text"))
        first, *lines = self._said(*text).split("\n")
        if self.style == "run in":
            yield f"{self._heading(number, part_id)}。{first}", (heading, text), "note"
        else:
            yield self._heading(number, part_id), (heading,), "note"
            yield first, (text,), "note"
        yield from ((line, (), "note") for line in lines)

    def _heading(self, number: int, part_id: str) -> str:
        before = _HEADINGS.get(self.style, "{}、").format(_NUMERALS[number])
        return before + self._said("parts", part_id, "heading")

    def _signed(self, field_id: str) -> str:
        label = {"signed_by": "单位主要负责人（签字）：", "unit_id": "", "filled_on": ""}[field_id]
        return label + self._said("signature", "", field_id)

    def _said(self, *key: str) -> str:
        return said(self.matrix.get((key[0], key[1], key[2])))


def tell_self_reports(bureau: Bureau) -> None:
    """What each unit writes, part by part: of last year's feedback only where it was inspected; none without the form."""
    form, year = bureau.config.forms.get(FORM), bureau.config.cycle.cycle
    for unit_id in bureau.unit_ids if form else ():
        rng, matrix = bureau.rng("self_report", unit_id), bureau.matrices.setdefault((FORM, unit_id, ""), {})
        for part in form.parts if form else ():
            is_required = not part.only_visited_last_cycle or unit_id in bureau.config.visited_last_cycle
            lines = [filled(line, rng) for line in rng.sample(texts()[FORM][part.part_id], 2)]
            if part.part_id == "basic":
                lines.append(bureau.private_text("reports", texts()[FORM]["detail"]) + "。")
            text = "\n".join(lines) if is_required else ""
            if is_required:
                headings = texts()[FORM]["headings"][part.part_id]
                heading = rng.choice(headings).format(last=year - 1, next=year + 1)
                matrix["parts", part.part_id, "heading"] = heading
                matrix["parts", part.part_id, "text"] = text
            bureau.add("self_report_parts", {
                "unit_id": unit_id, "part_id": part.part_id, "n_characters": len("".join(text.split())),
                "is_required": is_required, "is_present": is_required,
            })  # fmt: skip


def self_report_papers(bureau: Bureau, is_clean: bool) -> list[Paper]:
    """A report per unit beside its forms, headed in one of the ways of offices, sometimes in another order."""
    config, papers = bureau.config, list[Paper]()
    for unit in config.units if FORM in config.forms else ():
        rng = bureau.rng("self_report paper", unit.unit_id)
        folder = unit.name if is_clean else bureau.rng("folder", unit.unit_id).choice(unit.names)
        paper = SelfReport(f"units/{folder}/自查报告", config.forms[FORM], unit.unit_id, "docx")
        order = [part.part_id for part in config.forms[FORM].parts]
        if not is_clean:
            paper.style = rng.choice(STYLES)
            order = rng.choice([order, [order[0], *reversed(order[1:-1]), order[-1]]])
        paper.order = tuple(order)
        name, words = unit.name if is_clean else rng.choice(unit.names), texts()[FORM]
        paper.matrix |= bureau.matrices[FORM, unit.unit_id, ""]
        paper.matrix |= {
            ("title", "", "text"): words["title"].format(unit=name, year=config.cycle.cycle),
            ("title", "", "opening"): words["opening"], ("signature", "", "signed_by"): unit.head,
            ("signature", "", "unit_id"): name,
            ("signature", "", "filled_on"): config.cycle.deadline - dt.timedelta(days=rng.randint(10, 14)),
        }  # fmt: skip
        papers.append(paper)
    return papers
