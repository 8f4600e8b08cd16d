"""05 自查统计: what units reported of their own accord, beside last year and beside the bureau's own case ledger.

Nothing here is a verdict on a unit: self-reported figures lower no score, units stand in roster order.
"""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.compare.statistics import parts_of_totals
from lianzheng.config.forms import FormTable
from lianzheng.pages import words
from lianzheng.pages.bars import stacked
from lianzheng.pages.blocks import Blocks, Paragraph, Table
from lianzheng.pages.charts import RAMP
from lianzheng.pages.figures import KEY, FiguresPage
from lianzheng.pages.wording import chart, columns, say, table, tiles

N_PROBLEMS, AMOUNT, TOTAL = "n_problems", "amount_10k_yuan", "total"
_REMARKS = {"all_zero_return": "零报告", "ledger_overlap": "与台账核对", "last_year_differs": "上年数不一致"}


class StatisticsPage(FiguresPage):
    """The bureau's edition of 附件2."""

    name = "statistics"

    @property
    def n_charts(self) -> int:
        """Problems by category, where anybody reported one."""
        return int(self.problems_by_category["total"].sum() > 0)

    @functools.cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of this year by unit, with base and change."""
        return self.frame("statistic_changes_by_unit")

    @functools.cached_property
    def sums(self) -> pd.DataFrame:
        """The bureau's sums in the form's order, with the change in words and how many units it is about."""
        sums = self.frame("statistics_by_category_measure").rename(columns={"last_total": "last_value"})
        told = self.with_changes(self.in_form_order(sums))
        is_partial = (told["n_compared"] > 0) & (told["n_compared"] < told["n_units"])
        partial = "；可比" + told["n_compared"].astype("str") + "家"
        return told.assign(change_told=told["change_told"] + partial.where(is_partial, ""))

    @functools.cached_property
    def forms(self) -> dict[str, FormTable]:
        """The tables of 附件2 by id."""
        return {form_table.table_id: form_table for form_table in self.statistics_form.form.tables}

    @functools.cached_property
    def categories(self) -> dict[str, str]:
        """Labels of the categories that make up the total, in order."""
        parts = parts_of_totals(self.statistics_form).get(TOTAL, ())
        return {id_: self.statistics_form.categories[id_] for id_ in parts}

    def by_category(self, measure_id: str) -> pd.DataFrame:
        """The sums of one measure by category (the total last), in order."""
        rows = self.sums[self.sums["measure_id"] == measure_id].set_index("category_id")
        return rows.reindex([id_ for id_ in (*self.categories, TOTAL) if id_ in rows.index])

    @functools.cached_property
    def problems_by_category(self) -> pd.DataFrame:
        """Problems that somebody gave a number for, without the total: this year, last year, units with one."""
        rows = self.by_category(N_PROBLEMS).drop(index=TOTAL, errors="ignore")
        return rows.dropna(subset=["total"])

    @functools.cached_property
    def zero_returns(self) -> pd.Index:
        """Units whose return of self-found problems is all zeros; named in the internal edition only."""
        issues = self.frame("issues").query("code == 'all_zero_return'")
        return self.units.index[self.units.index.isin(issues["unit_id"])]

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence, key figures, and what self-reported figures are not used for."""
        problems, people, amounts = (
            self.by_category(id_).reindex([TOTAL]).iloc[0] for id_ in (N_PROBLEMS, "n_persons", AMOUNT)
        )
        sanctions = self.by_category("n_party_discipline").reindex([TOTAL]).iloc[0]
        facts = {
            "n_units": len(self.units), "n_sent": self.figures["unit_id"].nunique(), "n_zero": len(self.zero_returns),
            "problems": problems["total"], "persons": people["total"], "amount": amounts["total"],
            "sanctions": sanctions["total"], "change": "无上年数",
        }  # fmt: skip
        if pd.notna(problems["change"]):
            facts |= {"change": f"与上年相比{problems['change_told']}"}
        facts |= {"sent": f"{facts['n_sent']}/{facts['n_units']}"}
        title = self.title(say("as_of", report_date=self.config.cycle.report_date), say("audience"))
        lead = say("self_found" if facts["n_sent"] else "nobody_reported", **facts)
        note = Paragraph(say("never_lowers"), "note")
        return Blocks(title, Paragraph(lead, "lead"), tiles("statistics", facts), note)

    def problems(self) -> Blocks:
        """Self-found problems by category, with persons and money beside last year."""
        if self.problems_by_category.empty:
            return Blocks(Paragraph(say("nobody_reported")))
        if not self.n_charts:
            none = say("nothing_found", n_units=self.problems_by_category["n_units"].max())
            return Blocks(Paragraph(none), self._problems_table())
        ordered = self.problems_by_category.sort_values("total", ascending=False, kind="stable")
        rows, none = ordered[ordered["total"] > 0], "、".join(ordered.loc[ordered["total"] == 0, "category"])
        told = [say("problems_of", this=row.total, last=row.last_value) for row in rows.itertuples()]
        rows = rows.assign(label=rows["category"], value=rows["total"], text=told)
        part = {"value": f"{self.cycle}年自查发现问题（起）"}
        figure = stacked(rows, part, {"value": RAMP[0]}, is_share=False)
        highest = rows["total"].max()
        most = words.listed(list(rows["label"][rows["total"] == highest]), counter="类")
        facts = {
            "n": rows["total"].sum(),
            "most": most,
            "highest": highest,
            "n_units": ordered["n_units"].max(),
        }
        facts |= {"note": say("none_reported", categories=none) if none else ""}
        return Blocks(chart("self_found", figure, rows, **facts), self._problems_table())

    def _problems_table(self) -> Table | Paragraph:
        own = self.figures.query("measure_id == 'n_problems' and value > 0")
        reported = own[own["category_id"].isin(list(self.categories))]
        n_units = reported.groupby("category_id")["unit_id"].nunique()
        n_units = pd.concat([n_units, pd.Series({TOTAL: reported["unit_id"].nunique()})])
        rows = self.by_category(N_PROBLEMS)
        rows = rows.assign(n_reported=n_units.reindex(rows.index).fillna(0))
        for name, measure_id in {"persons": "n_persons", "amount": AMOUNT}.items():
            sums = self.by_category(measure_id).reindex(rows.index)
            rows = rows.assign(**{name: sums["total"], f"{name}_change": sums["change_told"]})
        facts = {"note": self._note(rows["amount"]), "minimum": self.config.cycle.percentage_minimum}
        return table("self_found", rows, **facts)

    def _note(self, amounts: pd.Series) -> str:
        """What rounding does to the shown amounts, if anything."""
        total = amounts.get(TOTAL, float("nan"))
        return words.sum_note(list(amounts.drop(index=TOTAL, errors="ignore")), total, "合计金额", "各类金额")

    def treatment(self) -> Blocks:
        """What became of the persons and problems that units reported, by category."""
        measures = [c.keys["measure_id"] for c in self.forms["problems"].columns if "measure_id" in c.keys]
        measures = [id_ for id_ in measures if id_ not in (N_PROBLEMS, "n_persons", AMOUNT)]
        rows = self.sums[self.sums["category_id"].isin([*self.categories, TOTAL])]
        wide = rows.pivot(index="category_id", columns="measure_id", values="total")
        wide = wide.reindex(index=self.by_category(N_PROBLEMS).index, columns=measures)
        cells = [
            [self.statistics_form.categories[str(id_)], *map(words.number, figures)]
            for id_, *figures in wide.itertuples()
        ]
        units = rows.drop_duplicates("measure_id").set_index("measure_id")["measured"]
        labels = (str(units.get(id_, id_)) for id_ in measures)
        return Blocks(table("treatment", cells, measures=columns(labels, ":11>")))

    def spending(self) -> Blocks:
        """落实八项规定精神: this year beside last."""
        return Blocks(self._sums_table("spending"))

    def workload(self) -> Blocks:
        """Work done, and every further table of the form, such as the rows of the province's own rules."""
        others = [id_ for id_ in self.forms if id_ not in ("problems", "spending")]
        return Blocks(*(self._sums_table(id_) for id_ in others))

    def _sums_table(self, table_id: str) -> Table | Paragraph:
        """The bureau's sums of one table of the form, in its order, under the rows' printed labels."""
        form_table = self.forms[table_id]
        names = self.row_names(form_table)
        rows = self.sums.set_index(KEY)
        rows = rows.reindex([key for key in names if key in rows.index])
        caption = form_table.caption.split("、")[-1]
        rows = rows.assign(row=[names[key] for key in rows.index])
        return table("sums", rows, caption=caption, minimum=self.config.cycle.percentage_minimum)

    def reconciliation(self) -> Blocks:
        """Self-found problems beside the bureau's own ledger, closed cases only: the two must not overlap."""
        cases = self.frame("cases")
        counts = pd.crosstab(cases["category_id"], cases["source"])
        counts = counts.reindex(columns=["transferred", "direct"], fill_value=0)
        reported = self.figures.query("measure_id == 'n_problems' and value > 0")
        met = cases.merge(reported, on=["unit_id", "category_id"]).drop_duplicates(["unit_id", "category_id"])
        rows = pd.DataFrame({
            "category": self.categories, "reported": self.problems_by_category["total"],
            "n_to_verify": met.groupby("category_id").size(),
        }).join(counts).reindex(list(self.categories))  # fmt: skip
        rows = rows.fillna(dict.fromkeys(("transferred", "direct", "n_to_verify"), 0))
        sums = rows.drop(columns="category").sum(min_count=1)
        rows = pd.concat([rows, pd.DataFrame([{"category": "合计", **sums}])])
        rows = rows.assign(closed=rows["transferred"] + rows["direct"])
        return Blocks(table("reconciliation", rows))

    def units_table(self) -> Blocks:
        """A line a unit in roster order, with the total that the unit wrote itself."""
        own = self.with_changes(self.figures[self.figures["category_id"] == TOTAL]).set_index("unit_id")
        figures = {
            measure_id: own[own["measure_id"] == measure_id].reindex(self.units.index)
            for measure_id in (N_PROBLEMS, "n_persons", AMOUNT, "n_party_discipline")
        }
        problems, sent = figures[N_PROBLEMS], self.units.index.isin(self.figures["unit_id"])
        rows = self.units.assign(
            **{f"{name}_value": frame["value"] for name, frame in figures.items()},
            last_value=problems["last_value"],
            change_told=problems["change_told"].where(sent, words.DASH),
            remark=[
                self._remark(str(unit_id), bool(has))
                for unit_id, has in zip(self.units.index, sent, strict=True)
            ],
        )
        order = {unit_type: place for place, unit_type in enumerate(rows["unit_type"].unique())}
        rows = rows.assign(place=rows["unit_type"].map(order)).sort_values(["place", "order"])
        return Blocks(table("statistics_of_units", rows, "unit_type"))

    def _remark(self, unit_id: str, has_figures: bool) -> str:
        """What the analyst should look at; that a return is all zeros is said in the internal edition only."""
        if not has_figures:
            return "没有可用的统计表"
        codes = self.frame("issues").query("unit_id == @unit_id")["code"].unique()
        is_internal = self.edition == "internal"
        told = [
            text
            for code, text in _REMARKS.items()
            if code in codes and (is_internal or code != "all_zero_return")
        ]
        return "、".join(told)
