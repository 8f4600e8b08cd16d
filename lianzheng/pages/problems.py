"""The problem classes of the bulletin, which the comparison shows too; confirmed findings only."""

from __future__ import annotations

import functools

import pandas as pd
from matplotlib.figure import Figure

from lianzheng.pages.blocks import Chart
from lianzheng.pages.charts import RAMP, stacked
from lianzheng.pages.page import Page
from lianzheng.pages.wording import chart

_MARKED = {"common": "普遍问题", "single": "个别问题"}
_COLOURS = {"common": RAMP[0], "single": RAMP[1]}


class ProblemsPage(Page):
    """A page that tells of the inspected units' problems by class."""

    @functools.cached_property
    def classes(self) -> pd.DataFrame:
        """The classes that have confirmed findings, in the order of the configuration: label, sentence, counts."""
        kinds = pd.DataFrame([kind.model_dump() for kind in self.taxonomy.bulletin_classes])
        return kinds.merge(self.frame("finding_counts_by_class").query("n_findings > 0"), on="bulletin_class")

    def classes_chart(self, n_source: str, before: str = "") -> Chart | None:
        """Units by class, the most frequent first; None without confirmed findings."""
        if self.classes.empty:
            return None
        rows = self.classes.sort_values(["n_units", "n_findings"], ascending=False, kind="stable")
        texts = [f"{row.n_units}家，{row.n_findings}个问题" for row in rows.itertuples()]
        rows = rows.assign(value=rows["n_units"], text=texts)
        facts = {"n_common": rows["is_common"].sum(), "share": self.config.cycle.common_share}
        facts |= {"n_source": n_source, "label": rows["label"].iloc[0]}
        figure = marked_bars(rows, rows["is_common"])
        return chart("classes", figure, rows, before=before, **facts)


def marked_bars(rows: pd.DataFrame, is_common: pd.Series) -> Figure:
    """Bars of ``value``, dark where something is common; rows have label and text."""
    is_common = is_common.astype(bool)
    parts = rows.assign(common=rows["value"].where(is_common, 0), single=rows["value"].mask(is_common, 0))
    return stacked(parts, _MARKED, _COLOURS, is_share=False)
