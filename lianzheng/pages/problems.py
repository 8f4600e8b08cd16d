"""The problem classes of the bulletin, which the comparison shows too; confirmed findings only."""

from __future__ import annotations

import functools

import pandas as pd
from matplotlib.figure import Figure

from lianzheng.pages import words
from lianzheng.pages.bars import stacked
from lianzheng.pages.blocks import Chart
from lianzheng.pages.charts import RAMP
from lianzheng.pages.citations import Cited
from lianzheng.pages.page import Page
from lianzheng.pages.wording import chart, say

_MARKED = {"common": "普遍问题", "single": "个别问题"}
MOST_TIED = 3
_MOST_OF = 0.8
_COLOURS = {"common": RAMP[0], "single": RAMP[1]}


class ProblemsPage(Page):
    """A page that tells of the inspected units' problems by class."""

    @functools.cached_property
    def classes(self) -> pd.DataFrame:
        """The classes that have confirmed findings, in the order of the configuration: label, sentence, counts."""
        kinds = pd.DataFrame([kind.model_dump() for kind in self.taxonomy.bulletin_classes])
        return kinds.merge(self.frame("finding_counts_by_class").query("n_findings > 0"), on="bulletin_class")

    def classes_chart(self, n_source: str, before: str = "", **figures: Cited) -> Chart | None:
        """Units by class, the most frequent first; None without confirmed findings. ``figures``: those of the title."""
        if self.classes.empty:
            return None
        rows = self.classes.sort_values(["n_units", "n_findings"], ascending=False, kind="stable")
        n_visited = int(self.units["is_visited"].sum())
        texts = [
            f"{row.n_units}家（{words.share(row.n_units / n_visited)}），{row.n_findings}个问题"
            for row in rows.itertuples()
        ]
        rows = rows.assign(value=rows["n_units"], text=texts)
        facts = {"n_common": rows["is_common"].sum(), "share": self.config.cycle.common_share, **figures}
        most = rows[rows["value"] == rows["value"].max()]
        told = say("common_classes", **facts) if rows["is_common"].any() else ""
        facts |= {"n_source": n_source, "labels": listed_labels(most), "told": before + told}
        return chart("classes", marked_bars(rows, rows["is_common"]), rows, **facts)

    def pareto_chart(self, n_source: str) -> Chart:
        """Findings by class, the most frequent first, with the share that they and those above make up."""
        rows = self.classes.sort_values(["n_findings", "n_units"], ascending=False, kind="stable")
        summed = rows["n_findings"].cumsum() / rows["n_findings"].sum()
        texts = [f"{n}个，累计{words.share(s)}" for n, s in zip(rows["n_findings"], summed, strict=True)]
        rows = rows.assign(value=rows["n_findings"], text=texts)
        n_most = int((summed < _MOST_OF - 1e-9).sum()) + 1
        facts = {"n": rows["n_findings"].sum(), "n_most": n_most, "share": summed.iloc[n_most - 1]}
        figure = stacked(rows, {"value": "检查组确认的问题（个）"}, {"value": RAMP[0]}, is_share=False)
        return chart("pareto", figure, rows, n_source=n_source, **facts)


def listed_labels(rows: pd.DataFrame) -> str:
    """The labels of rows that share a place, in quotation marks."""
    names = [words.quoted(label) for label in rows["label"]]
    return words.listed(names) if len(names) <= MOST_TIED else f"{'、'.join(names[:MOST_TIED])}等"


def marked_bars(rows: pd.DataFrame, is_common: pd.Series) -> Figure:
    """Bars of ``value``, dark where something is common; rows have label and text."""
    is_common = is_common.astype(bool)
    parts = rows.assign(common=rows["value"].where(is_common, 0), single=rows["value"].mask(is_common, 0))
    return stacked(parts, _MARKED, _COLOURS, is_share=False)
