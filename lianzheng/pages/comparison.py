"""03 横向比较: the inspected units side by side within their type, and how far the comparison carries."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import visits, words
from lianzheng.pages.answers import method_line
from lianzheng.pages.blocks import Blocks, Bullets, Chart, Paragraph, Table
from lianzheng.pages.charts import dots, sheets
from lianzheng.pages.planes import heat, scatter
from lianzheng.pages.spreads import strips
from lianzheng.pages.standings import StandingsPage, left_out, no_totals, spread
from lianzheng.pages.wording import chart, say, table, tiles, wording
from lianzheng.tables import labels


class ComparisonPage(StandingsPage):
    """The bureau's edition of the results: every unit with its name, ranks within the type only."""

    name = "comparison"

    @property
    def n_charts(self) -> int:
        """What can be drawn; charts with a row per unit come in as many sheets as they need."""
        once = [self.final, self.focal_rates, self.changes_of_totals, self.judged, self.classes, self.classes]
        by_unit = [self.by_type, self.by_type, {"": self.gaps} if len(self.gaps) else {}]
        return sum(not rows.empty for rows in once) + sum(len(sheets(groups)) for groups in by_unit if groups)

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        told = [say("compared", n_units=len(self.units), n_scored=len(self.scored))]
        for unit_type, rows in self.by_type.items():
            first = words.listed(self.unit_names(rows[rows["rank"].eq(1)].index, "short_name"))
            facts = {"unit_type": unit_type, "n": len(rows), "n_ranked": rows["is_ranked"].sum()}
            facts |= {"first": first}
            told.append(say("type_ranked" if first else "type_not_ranked", **facts))
        total, grades = self.scored["total"], self.results["grade"].value_counts()
        figures = {"scored": f"{len(total)}/{len(self.units)}", "low": total.min(), "high": total.max()}
        figures |= {"median": total.median()} | {grade: grades.get(grade, 0) for grade in labels("grade")}
        title = self.title(say("as_of", report_date=self.config.cycle.report_date), say("audience"))
        return Blocks(title, Paragraph("；".join(told) + "。", "lead"), tiles("comparison", figures))

    def blocks(self) -> Blocks:
        """Rates of points by focal point, then by unit and block of the standard, units in the order of their totals."""
        if self.scored.empty:
            return no_totals()
        points = self.frame("scores_by_unit_block").pivot(index="unit_id", columns="block_id")
        rates = points["team_points"] / points["max_points"]
        rates = rates.reindex(self.scored.index, columns=list(self.block_names))
        rates = rates.rename(columns=self.block_names)
        names, medians = list(rates.columns), rates.median().dropna().sort_values(kind="stable")
        told = ["、".join(f"{name}{words.share(row[name])}" for name in names) for _, row in rates.iterrows()]
        drawn = rates.assign(label=self.scored["label"], text="")
        ends = {"low": medians.index[0], "low_rate": medians.iloc[0]}
        ends |= {"high": medians.index[-1], "high_rate": medians.iloc[-1]}
        groups = {name: drawn.loc[rows.index] for name, rows in self.by_type.items()}
        figures, drawn = heat(groups, names), drawn.assign(text=told)
        groups = {name: drawn.loc[rows.index] for name, rows in self.by_type.items()}
        return Blocks(*self._focal_chart(), *self.in_sheets("heat", figures, groups, **ends))

    @functools.cached_property
    def served(self) -> pd.DataFrame:
        """The items of the standard, without bonuses, once for each focal point that they serve: item_id, focal."""
        items = self.frame("items").query("block_id in @self.block_names")
        items = items.assign(focal=items["focal_points"].str.split("|")).explode("focal")
        return items.loc[items["focal"].isin(list(self.names("focal_points"))), ["item_id", "focal"]]

    @functools.cached_property
    def focal_rates(self) -> pd.Series:
        """Rate of points by focal point and unit, over the scored items that serve it."""
        scores = self.frame("scores_by_unit_item").query("n_teams > 0 and not is_not_applicable")
        scored = scores.dropna(subset=["team_points"]).merge(self.served, on="item_id")
        sums = scored.groupby(["focal", "unit_id"])
        return sums["team_points"].sum() / sums["max_points"].sum()

    def _focal_chart(self) -> list[Chart]:
        """Rates of points by focal point of the check, a point a unit."""
        rates, n_items = self.focal_rates, self.served.groupby("focal").size()
        if rates.empty:
            return []
        points = self.names("focal_points")
        values = {name: rates[id_].to_list() if id_ in rates else [] for id_, name in points.items()}
        rows = spread(values, self.config.cycle.peer_minimum)
        told = zip(points, rows["middle"], strict=True)
        rows = rows.assign(text=[say("focal", n=n_items.get(id_, 0), rate=rate) for id_, rate in told])
        lowest = rows.sort_values("middle", kind="stable").iloc[0].to_dict()
        figure = strips(rows, "得分率（横轴不从0开始）", is_share=True)
        return [chart("focal", figure, rows, n_points=len(rows), n_source=self.n_source, **lowest)]

    @functools.cached_property
    def gaps(self) -> pd.DataFrame:
        """The scored units that sent their own scores, the widest gap first."""
        rows = self.scored.dropna(subset=["own_gap"]).sort_values("own_gap", ascending=False, kind="stable")
        return rows.assign(text=rows["own_gap"].map(words.signed))

    def views(self) -> Blocks:
        """The units' own scores against the teams', and both against those who work there."""
        return Blocks(*self._self_and_team(), self._perception())

    def _self_and_team(self) -> list[Chart]:
        """The units' own scores against the teams', the widest gap first."""
        rows = self.gaps
        if rows.empty:
            return []
        marks = {"inspection": "检查得分", "self_total": "自评总分"}
        figures = dots({"": rows}, marks, "分（横轴不从0开始）；右侧为自评−检查")
        said = (
            rows[["self_total", "inspection"]].map(words.points).agg("、".join, axis=1) + "、" + rows["text"]
        )
        facts = rows[["label", "own_gap"]].iloc[0].to_dict() | {"n_above": (rows["own_gap"] > 0).sum()}
        return self.in_sheets("gaps", figures, {"": rows.assign(text=said)}, **facts)

    def _perception(self) -> Chart | Paragraph:
        """Questionnaire against inspection: do those who work there and the teams see the same?"""
        judged = self.judged
        if judged.empty:
            return Paragraph(say("no_perception"))
        rows = judged.join(self.intervals).assign(x=judged["inspection"], y=judged["perception"])
        corners = tuple(wording()["quadrants"])
        figure, left = scatter(rows, "检查得分（分）", "测评得分（分），竖线为95%区间", corners)
        rows = rows.assign(text=rows["x"].map(words.points) + "、" + rows["y"].map(words.points))
        note = left_out(left) + method_line(self.questionnaire_form, self.threshold)
        told = {"agreement": self.agreement(rows), "note": note}
        return chart("perception", figure, rows, n=len(rows), **told)

    def agreement(self, rows: pd.DataFrame) -> str:
        """What the rank correlation of ``x`` and ``y`` says, in words; nothing below the minimum of ranked units."""
        if len(rows) < self.config.cycle.rank_minimum:
            return say("too_few")
        rho = rows["x"].rank().corr(rows["y"].rank())
        return say("agree" if rho >= 0.6 else "disagree" if rho <= -0.6 else "no_agreement", rho=rho)

    def problems(self) -> Blocks:
        """The bulletin's problem classes by number of units, then each with its units: common ones, then the others."""
        drawn = self.classes_chart(self.n_source)
        if drawn is None:
            return Blocks(Paragraph(say("no_findings")))
        return Blocks(self.pareto_chart(self.n_source), drawn, self._classes_table())

    def _classes_table(self) -> Table | Paragraph:
        rows, n_visited = self.classes, int(self.units["is_visited"].sum())
        rows = rows.sort_values(["is_common", "n_units", "n_findings"], ascending=False, kind="stable")
        named = rows["unit_ids"].fillna("").str.split("|")
        rows = rows.assign(
            kind=["普遍问题" if is_common else "个别问题" for is_common in rows["is_common"]],
            of=[f"{n}/{n_visited}" for n in rows["n_units"]],
            units=["、".join(self.unit_names(unit_ids, "short_name")) for unit_ids in named],
        )
        return table("classes", rows, "kind", share=self.config.cycle.common_share, n_visited=n_visited)

    def site(self) -> Blocks:
        """What was seen on the spot: visits and quizzes, talks as counts, documents by class."""
        return Blocks(*visits.visit_tables(self), *visits.evidence_tables(self))

    def method(self) -> Blocks:
        """How honest the comparison is: numbers behind it, intervals, and the severity of teams."""
        if self.scored.empty:
            return no_totals()
        width = ((self.intervals["high"] - self.intervals["low"]) / 2).median()
        told = say("within_types", n_source=self.n_source), say("limits", width=width), say("severity")
        team_of = {visit.unit_id: visit.team_id for visit in self.config.visits}
        teams = self.scored.assign(team_id=self.scored.index.map(team_of), n=1).groupby("team_id")
        means = teams.agg({"n": "sum", "inspection": "mean", "own_gap": "mean", "seen_gap": "mean"})
        return Blocks(Bullets(told), table("teams", self.told(means.reset_index())))
