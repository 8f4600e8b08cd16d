"""06 整改台账: what has been put right, what is overdue, and what has come back."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.bars import stacked
from lianzheng.pages.blocks import Blocks, Bullets, Paragraph
from lianzheng.pages.charts import RAMP
from lianzheng.pages.page import Page
from lianzheng.pages.wording import chart, say, table, tiles, wording
from lianzheng.scoring.rectification import days_over
from lianzheng.tables import labels

_COLOURS = dict(zip(("closed", "to_verify", "in_progress", "open"), RAMP, strict=False))


class RectificationPage(Page):
    """The bureau's ledger of what every source has found, as of the day of the report."""

    name = "rectification"

    @property
    def n_charts(self) -> int:
        """States by source, where there are lines."""
        return int(not self.lines.empty)

    @functools.cached_property
    def lines(self) -> pd.DataFrame:
        """The ledger in roster order, with ``days_over`` and words for ids."""
        lines = self.told(self.frame("rectifications"))
        order = lines["unit_id"].map(self.units["order"])
        lines = lines.assign(order=order, days_over=days_over(lines, self.config.cycle.report_date))
        return lines.sort_values(["order", "rectification_id"], ignore_index=True)

    @functools.cached_property
    def matched(self) -> pd.DataFrame:
        """The lines that recur, with the kind, and this year's finding where there is one."""
        found = self.frame("findings").set_index("finding_id")["text"]
        again = self.frame("recurrences")[["rectification_id", "finding_id", "kind"]]
        lines = self.lines.drop(columns="finding_id").merge(again, on="rectification_id")
        return lines.assign(finding=lines["finding_id"].map(found))

    def counts(self, by: str) -> pd.DataFrame:
        """Lines by state and in all, overdue ones, and the closing rate, by a column."""
        counted = self.lines.groupby([by, "state"]).size().unstack(fill_value=0)
        counted = counted.reindex(columns=list(labels("rectification_state")), fill_value=0)
        n_overdue = self.lines["days_over"].notna().groupby(self.lines[by]).sum()
        n_lines = counted.sum(axis=1)
        return counted.assign(n=n_lines, n_overdue=n_overdue, rate=counted["closed"] / n_lines)

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        lines, kinds = self.lines, self.matched.drop_duplicates(["rectification_id", "kind"])["kind"]
        facts = {"n": len(lines), "n_units": lines["unit_id"].nunique()}
        facts |= {"n_closed": lines["state"].eq("closed").sum()}
        facts |= {"n_overdue": lines["days_over"].notna().sum(), "n_repeated": kinds.eq("repeated").sum()}
        facts |= {"n_open": facts["n"] - facts["n_closed"], "n_not": kinds.eq("not_rectified").sum()}
        facts |= {"rate": facts["n_closed"] / len(lines) if len(lines) else None}
        facts |= {"n_late_units": lines.loc[lines["days_over"].notna(), "unit_id"].nunique()}
        title = self.title(say("as_of", report_date=self.config.cycle.report_date), say("audience"))
        if lines.empty:
            return Blocks(title, Paragraph(say("no_lines"), "lead"))
        overdue = say("some_overdue" if facts["n_overdue"] else "none_overdue", **facts)
        lead = say("ledger", **facts, overdue=overdue)
        return Blocks(title, Paragraph(lead, "lead"), tiles("rectification", facts))

    def sources(self) -> Blocks:
        """States by source: chart and table."""
        if self.lines.empty:
            return Blocks(Paragraph(say("no_lines")))
        names = labels("rectification_source")
        known = set(self.lines["source"])
        counts = self.counts("source").reindex([source for source in names if source in known])
        texts = [f"{n}条，逾期{late}条" for n, late in zip(counts["n"], counts["n_overdue"], strict=True)]
        rows = counts.assign(label=counts.index.map(names), text=texts, n_open=counts["n"] - counts["closed"])
        worst = rows.sort_values(["n_overdue", "n_open"], ascending=False, kind="stable").iloc[0].to_dict()
        told = say("late_source" if worst["n_overdue"] else "open_source", **worst)
        words_of = {state: labels("rectification_state")[state] for state in _COLOURS}
        figure = stacked(rows, words_of, _COLOURS, is_share=False)
        by_source = table("by_source", rows, states=_state_columns())
        return Blocks(chart("ledger", figure, rows, told=told), by_source)

    def by_unit(self) -> Blocks:
        """Every unit with lines, the most overdue first."""
        counts = self.counts("unit_id").join(self.units[["short_name", "order"]])
        rows = counts.sort_values(["n_overdue", "rate", "order"], ascending=[False, True, True])
        return Blocks(table("by_unit", rows, states=_state_columns()))

    def overdue(self) -> Blocks:
        """The overdue lines, the longest first."""
        late = self.lines.dropna(subset=["days_over"])
        late = late.sort_values(["days_over", "order"], ascending=[False, True], kind="stable")
        return Blocks(table("overdue", late))

    def recurring(self) -> Blocks:
        """屡查屡犯, and of 未整改 what the list of overdue lines does not show."""
        left = self.matched[self.matched["kind"] == "not_rectified"]
        others = table("not_rectified", left[left["days_over"].isna()], n_all=len(left))
        return Blocks(table("repeated", self.matched[self.matched["kind"] == "repeated"]), others)

    def accountability(self) -> Blocks:
        """Who was held to account, how and when, and whether it was reported."""
        return Blocks(table("accountability", self.lines.dropna(subset=["accountability_form"])))

    def method(self) -> Blocks:
        """What counts as what."""
        day = words.day(self.config.cycle.report_date)
        days = self.config.cycle.rectification_days
        told = [text.format(day=day, days=days) for text in wording()["ledger_method"]]
        return Blocks(Bullets(tuple(told)))


def _state_columns() -> str:
    return "\n".join(f"{word}:8> = {state} | number" for state, word in labels("rectification_state").items())
