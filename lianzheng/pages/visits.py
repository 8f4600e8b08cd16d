"""What was seen on the spot, unit by unit: the visits, talks as counts, and documents of the seven classes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.answers import talk_totals
from lianzheng.pages.blocks import Paragraph, Table, TableCell
from lianzheng.pages.page import Page
from lianzheng.pages.wording import columns, say, table
from lianzheng.tables import labels

LONGEST_REPORT = 20  # minutes, by the notice
_FIGURES = ["report_minutes", "n_attending", "n_interviews", "n_quiz", "quiz_mean"]
_BAND, _LACKING, _FAULTY = "#f4f6f8", "#f6dcd6", "#fbf0da"
Part = Table | Paragraph


def visit_tables(page: Page) -> list[Part]:
    """Every visit with its figures and the bureau's medians, then the talks of all units."""
    visits = page.told(page.frame("site_visits"))
    visits = visits.assign(order=visits["unit_id"].map(page.units["order"]))
    visits = visits.sort_values(["order", "visit_date"])
    visits = visits.assign(
        quiz_mean=visits["quiz_mean_pct"] / 100,
        day=[words.day(day).removeprefix(f"{page.cycle}年") for day in visits["visit_date"]],
        minutes=[_minutes(value) for value in visits["report_minutes"]],
    )
    medians = visits[_FIGURES].astype("float64").median().to_dict()
    last = {"unit": "全局中位数", "day": "", "team": "", "minutes": words.number(medians["report_minutes"])}
    rows = pd.DataFrame([*visits.to_dict("records"), *([medians | last] if len(visits) else [])])
    return [table("visits", rows), _talks(page)]


def _minutes(value: float) -> TableCell:
    is_long = value > LONGEST_REPORT
    return TableCell(words.number(value) + "（超时）" * is_long, tone="warn" if is_long else "neutral")


def _talks(page: Page) -> Part:
    threshold, directions = page.config.cycle.suppression_threshold, labels("polarity")
    totals = talk_totals(page.frame("interviews"), threshold)
    counts = totals.pivot(index="topic_id", columns="polarity", values="n_persons").reindex(
        columns=list(directions)
    )
    rows = [
        [name, *(words.number(n, "不显示") for n in counts.loc[topic])]
        for topic, name in page.names("topics").items()
        if topic in counts.index
    ]
    return table("talks", rows, polarities=columns(directions.values(), ">"), threshold=threshold)


def handed_in(files: pd.DataFrame) -> pd.DataFrame:
    """Materials that units handed in, a row per file and class that it serves: unit_id, sha256, evidence_class."""
    materials = files.loc[files["state"].eq("material"), ["unit_id", "sha256", "evidence_class"]]
    classes = materials["evidence_class"].str.split("|")
    return materials.assign(evidence_class=classes).explode("evidence_class")


def evidence_tables(page: Page) -> list[Part]:
    """Units × classes: what the team saw at visited units, what the others sent; the worst first in each group."""
    materials = handed_in(page.frame("files"))
    evidence = page.frame("evidence_by_unit_class").query("item_id == '' and scorer != 'self'")
    if evidence.empty and materials.empty:
        return [table("evidence_matrix", [], kinds="", n_short=0, n_none=0)]
    ids = list(page.names("evidence_classes"))
    seen, own = _seen(evidence, page.units.index, ids), _sent(materials, page.units.index, ids)
    kinds = [kind.aliases[0] if kind.aliases else kind.label for kind in page.taxonomy.evidence_classes]
    visited, others = page.units[page.units["is_visited"]], page.units[~page.units["is_visited"]]
    rows: list[list[str | TableCell]] = []
    facts = {}
    for name, heading, units, cells in (
        ("n_short", "visited_units", visited, seen),
        ("n_none", "other_units", others, own),
    ):
        block = cells.loc[units.index]
        is_short = block.map(lambda cell: cell.tone in ("bad", "warn"))
        rows += _group(say(heading, n=len(units)), units["short_name"], block, is_short) if len(units) else []
        facts[name] = int(is_short.any(axis=1).sum())
    return [table("evidence_matrix", rows, kinds=columns(kinds, ":10^"), **facts)]


def _seen(evidence: pd.DataFrame, unit_ids: pd.Index, kinds: list[str]) -> pd.DataFrame:
    """What teams saw of each class: the number, marked where there was none or a defect, or that nothing was noted."""
    groups = evidence.groupby(["unit_id", "evidence_class"])
    numbers = groups["n_documents"].sum().unstack().reindex(unit_ids, columns=kinds)
    defects = groups["defect_id"].count().unstack().reindex(unit_ids, columns=kinds)
    pairs = {kind: zip(numbers[kind], defects[kind], strict=True) for kind in kinds}
    cells = {kind: [_seen_cell(*pair) for pair in of_kind] for kind, of_kind in pairs.items()}
    return pd.DataFrame(cells, index=unit_ids)


def _seen_cell(n_documents: float, n_defects: float) -> TableCell:
    if pd.isna(n_documents):
        return TableCell("未登记", tone="muted")
    if not n_documents:
        return TableCell("缺", tone="bad", fill=_LACKING)
    cell = TableCell(words.number(n_documents))
    return replace(cell, tone="warn", fill=_FAULTY) if n_defects else cell


def _sent(materials: pd.DataFrame, unit_ids: pd.Index, kinds: list[str]) -> pd.DataFrame:
    """How many different files units handed in for each class, marked where there is none."""
    numbers = materials.groupby(["unit_id", "evidence_class"])["sha256"].nunique().unstack()
    numbers = numbers.reindex(unit_ids, columns=kinds)
    none = TableCell("未报", tone="bad", fill=_LACKING)
    return numbers.map(lambda n: none if pd.isna(n) else TableCell(words.number(n)))


def _group(
    heading: str, names: pd.Series, cells: pd.DataFrame, is_short: pd.DataFrame
) -> list[list[str | TableCell]]:
    """A band, how many units lack what, and the units."""
    n_lacking = is_short.sum(axis=1).sort_values(ascending=False, kind="stable")
    band: list[str | TableCell] = [
        TableCell(heading, align="left", column_span=cells.shape[1] + 2, fill=_BAND)
    ]
    total = [f"{n}/{len(cells)}" for n in is_short.sum()]
    rows = [[names[unit_id], *cells.loc[unit_id], str(n)] for unit_id, n in n_lacking.items()]
    return [band, ["缺项单位", *total, str(int(n_lacking.sum()))], *rows]
