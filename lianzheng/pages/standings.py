"""The bureau's results side by side: every unit with its total within its type, and beside last year's."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Chart, Paragraph, Table
from lianzheng.pages.charts import Groups, dots, sheets
from lianzheng.pages.problems import ProblemsPage
from lianzheng.pages.spreads import slopes, strips
from lianzheng.pages.wording import chart, label, say, table, toned
from lianzheng.scoring.rounding import rounded

SCORES = ["inspection", "perception"]


class StandingsPage(ProblemsPage):
    """A page that tells where the inspected units stand."""

    @functools.cached_property
    def results(self) -> pd.DataFrame:
        """A row per unit, by type (in roster order) and total: roster, result, components, words for the states."""
        scores = self.frame("scores_by_unit_component").pivot(index="unit_id", columns="component")
        final = self.frame("results_by_unit").set_index("unit_id").drop(columns="cycle")
        joined = self.units.join(final).join(scores["score"])
        order = {unit_type: place for place, unit_type in enumerate(joined["unit_type"].unique())}
        cells = zip(joined["grade"], joined["is_provisional"], strict=True)
        joined = joined.assign(
            label=joined["short_name"],
            facts=-scores["deduction_points"]["facts"],
            own_gap=joined["self_total"] - joined["inspection"],
            seen_gap=joined["inspection"] - joined["perception"],
            type_order=joined["unit_type"].map(order),
            grade_cell=[
                toned("grade", grade, "暂定" if is_provisional else "") for grade, is_provisional in cells
            ],
        )
        by = ["type_order", "total", "order"]
        return joined.sort_values(by, ascending=[True, False, True], na_position="last")

    @functools.cached_property
    def scored(self) -> pd.DataFrame:
        """The units that have a total."""
        return self.results.dropna(subset=["total", "inspection"])

    @property
    def judged(self) -> pd.DataFrame:
        """The units that have an inspection score and a valid questionnaire."""
        return self.scored.dropna(subset=["perception"])

    @property
    def by_type(self) -> dict[str, pd.DataFrame]:
        """The scored units by type."""
        return {str(name): rows for name, rows in self.scored.groupby("unit_type", sort=False)}

    @property
    def n_source(self) -> str:
        """How many units stand behind a chart."""
        return "有总分的受检单位：" + "、".join(f"{name}{len(rows)}家" for name, rows in self.by_type.items())

    @functools.cached_property
    def intervals(self) -> pd.DataFrame:
        """95 % interval of 测评 by unit."""
        return self.everybody[["low", "high"]]

    def _results_table(self) -> Table | Paragraph:
        """Every unit with its components, total, grade and rank; units without a total keep their state."""
        rows, cycle = self.results, self.config.cycle
        visits = rows.groupby("unit_type")["is_visited"].agg(["size", "sum"])
        heads = {name: f"{name}：{n}家，受检{n_visited}家" for name, (n, n_visited) in visits.iterrows()}
        changes = self.frame("changes_by_unit_measure").query("measure_key == 'total'").set_index("unit_id")
        moved = changes["change"].map(words.signed).where(changes["is_stated"].astype(bool), "变化不大")
        states = self.frame("scores_by_unit_component").set_index(["unit_id", "component"])["state"]
        for name in SCORES:
            why = [label("component_state", states[unit_id, name]) for unit_id in rows.index]
            told = [words.points(score, none) for score, none in zip(rows[name], why, strict=True)]
            rows = rows.assign(**{f"{name}_told": told})
        rows = rows.assign(head=rows["unit_type"].map(heads), rank=rows["rank"].where(rows["is_ranked"]))
        rows = rows.assign(told=[moved.get(unit_id, words.DASH) for unit_id in rows.index])
        facts = {"change": cycle.min_change, "minimum": cycle.rank_minimum, "rounding": self._recomputed()}
        return table("results", rows, "head", **facts)

    def _recomputed(self) -> str:
        """Totals that come out otherwise when they are worked out from the rounded figures of the table."""
        weights, rows = self.config.cycle.weights, self.scored
        shown = {name: rounded(rows[name]).fillna(0.0) for name in (*SCORES, "facts")}
        mixed = weights.inspection * shown["inspection"] + weights.perception * shown["perception"]
        mixed = mixed.mask(rows["is_provisional"].astype(bool), shown["inspection"]) + shown["facts"]
        again, stated = rounded(mixed.clip(0, 100)), rounded(rows["total"])
        others = rows["label"][again != stated]
        told = [f"{name}为{words.points(again[unit_id])}" for unit_id, name in others.items()]
        return say("recomputed", told=words.listed(told)) if told else ""

    def totals(self) -> Blocks:
        """How totals spread within the types, every unit's result, and its total beside those of its type."""
        return Blocks(*self._spread_chart(), self._results_table(), *self._totals_charts())

    def _totals_charts(self) -> list[Chart]:
        """Totals with the median and the upper quartile of the type."""
        if self.scored.empty:
            return []
        grades = [f" {cell.text}" for cell in self.scored["grade_cell"]]
        told = self.scored.assign(text=self.scored["total"].map(words.points) + grades)
        heads = {name: f"{name}（有总分{len(rows)}家）" for name, rows in self.by_type.items()}
        groups = {heads[name]: told.loc[rows.index] for name, rows in self.by_type.items()}
        peers = self.frame("peers_by_type_measure").query("measure_key == 'total' and is_shown")
        peers = peers.set_index("unit_type")
        peers = peers[["median", "upper_quartile"]].set_axis(["中位数", "上四分位数"], axis=1)
        lines = {heads[name]: peers.loc[name].to_dict() for name in heads if name in peers.index}
        firsts = [rows.iloc[0] for rows in groups.values()]
        best = "、".join(f"{first['label']}{words.points(first['total'])}分" for first in firsts)
        figures = dots(groups, {"total": "总分"}, "总分（横轴不从0开始）", lines)
        facts = {"best": best, "minimum": self.config.cycle.peer_minimum, "note": self._without_total()}
        return self.in_sheets("totals", figures, groups, **facts)

    def _without_total(self) -> str:
        """The units that no chart of totals can show."""
        others = self.results.index.difference(self.scored.index)
        named = words.listed(self.unit_names(others, "short_name"), most=12)
        return say("without_total", units=named) if named else ""

    @functools.cached_property
    def final(self) -> pd.DataFrame:
        """The units whose total is not provisional: without 测评 it is another quantity."""
        return self.scored[~self.scored["is_provisional"].astype(bool)]

    def _spread_chart(self) -> list[Chart]:
        """Totals by type, with quartiles from enough units on."""
        if self.final.empty:
            return []
        minimum, totals = self.config.cycle.peer_minimum, self.final.groupby("unit_type")["total"].agg(list)
        n_units = self.results.groupby("unit_type", sort=False).size()
        rows = spread({str(name): totals.get(name, []) for name in n_units.index}, minimum)
        names = ["too_few_units" if pd.isna(median) else "spread_median" for median in rows["median"]]
        told = [say(n, median=m, minimum=minimum) for n, m in zip(names, rows["median"], strict=True)]
        of = [f"{len(v)}/{n}家，{t}" for v, n, t in zip(rows["values"], n_units, told, strict=True)]
        ends = {"low": self.final["total"].min(), "high": self.final["total"].max()}
        rows, facts = rows.assign(text=of), {"minimum": minimum, "n_source": self.n_source}
        return [chart("spread", strips(rows, "总分（横轴不从0开始）"), rows, **ends, **facts)]

    def in_sheets(self, name: str, figures: list[Figure], groups: Groups, **facts: Any) -> list[Chart]:
        """The chart ``name`` in as many sheets as there are figures, numbered where there are several."""
        made, n_sheets = [], len(figures)
        for number, (figure, part) in enumerate(zip(figures, sheets(groups), strict=True), start=1):
            sheet = f"（{number}/{n_sheets}）" if n_sheets > 1 else ""
            rows = pd.concat(part.values())
            made.append(chart(name, figure, rows, sheet=sheet, n_source=self.n_source, **facts))
        return made

    @functools.cached_property
    def changes_of_totals(self) -> pd.DataFrame:
        """This year's and last year's total of the units that have both: last, value, change, is_stated, words."""
        changes = self.frame("changes_by_unit_measure").query("measure_key == 'total'").set_index("unit_id")
        rows = self.results[["label"]].join(changes, how="inner").rename(columns={"last_value": "last"})
        changed = zip(rows["value"], rows["change"], strict=True)
        return rows.assign(
            text=[f"{words.points(value)}（{words.signed(change)}）" for value, change in changed],
            last_text=[words.points(last) for last in rows["last"]],
            is_stated=rows["is_stated"].astype(bool),
        )

    def changes(self) -> Blocks:
        """Totals of last year and this; only changes beyond the minimum are stated, and who has no last year is named."""
        rows, limit = self.changes_of_totals, self.config.cycle.min_change
        if rows.empty:
            return Blocks(Paragraph(say("no_last_totals")))
        said = say("beyond", limit=limit), say("within", limit=limit)
        figure, left = slopes(rows, (f"{self.cycle - 1}年", f"{self.cycle}年"), said)
        others = self.scored.index.difference(rows.index)
        without = words.listed(self.unit_names(others, "short_name"), most=24)
        note = [say("without_last", units=without) if without else "", left_out(left)]
        moved = rows.loc[rows["is_stated"], "change"]
        facts = {"n_up": (moved > 0).sum(), "n_down": (moved < 0).sum(), "n_same": len(rows) - len(moved)}
        rows = rows.assign(text=rows["last_text"] + "→" + rows["text"])
        return Blocks(chart("changes", figure, rows, limit=limit, n=len(rows), note="".join(note), **facts))


def spread(values: Mapping[str, list[float]], minimum: int) -> pd.DataFrame:
    """Values by label with their quartiles (type 7), which only ``minimum`` values or more have; ``middle`` all have."""
    quarters = [pd.Series(v, dtype="float64").quantile([0.25, 0.5, 0.75]).to_numpy() for v in values.values()]
    quartiles = pd.DataFrame(quarters, columns=["low", "median", "high"])
    rows = pd.DataFrame(
        {"label": list(values), "values": list(values.values()), "middle": quartiles["median"]}
    )
    return rows.join(quartiles[rows["values"].map(len) >= minimum])


def left_out(names: list[str]) -> str:
    """How many names a chart had no room for."""
    return say("names_left_out", n=len(names)) if names else ""


def no_totals() -> Blocks:
    """What stands where no unit has a total."""
    return Blocks(Paragraph(say("no_totals")))
