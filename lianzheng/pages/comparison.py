"""03 横向比较: the inspected units side by side within their type, and how far the comparison carries."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import visits, words
from lianzheng.pages.answers import method_line
from lianzheng.pages.blocks import Blocks, Bullets, Paragraph, Table
from lianzheng.pages.charts import dots
from lianzheng.pages.planes import heat, scatter
from lianzheng.pages.problems import ProblemsPage
from lianzheng.pages.wording import chart, label, say, table, tiles, toned
from lianzheng.scoring.rounding import rounded
from lianzheng.tables import labels

SCORES = ["inspection", "perception"]


class ComparisonPage(ProblemsPage):
    """The bureau's edition of the results: every unit with its name, ranks within the type only."""

    name = "comparison"

    @property
    def n_charts(self) -> int:
        """Totals, heat map and self against team where units have totals; questionnaire; problem classes."""
        return 3 * (not self.scored.empty) + (not self.judged.empty) + (not self.classes.empty)

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

    def results_table(self) -> Blocks:
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
        return Blocks(table("results", rows, "head", **facts))

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
        """Totals by type with median and upper quartile."""
        if self.scored.empty:
            return _no_totals()
        grades = [f" {cell.text}" for cell in self.scored["grade_cell"]]
        told = self.scored.assign(text=self.scored["total"].map(words.points) + grades)
        heads = {name: f"{name}（有总分{len(rows)}家）" for name, rows in self.by_type.items()}
        groups = {heads[name]: told.loc[rows.index] for name, rows in self.by_type.items()}
        peers = self.peers("measure_key == 'total' and is_shown").set_index("unit_type")
        peers = peers[["median", "upper_quartile"]].set_axis(["中位数", "上四分位数"], axis=1)
        lines = {heads[name]: peers.loc[name].to_dict() for name in heads if name in peers.index}
        firsts = [rows.iloc[0] for rows in groups.values()]
        best = "、".join(f"{first['label']}{words.points(first['total'])}分" for first in firsts)
        figure = dots(groups, {"total": "总分"}, "总分（横轴不从0开始）", lines)
        return Blocks(chart("totals", figure, told, best=best, n_source=self.n_source))

    def blocks(self) -> Blocks:
        """Rates of points by unit and block of the standard, units in the order of their totals."""
        if self.scored.empty:
            return _no_totals()
        points = self.frame("scores_by_unit_block").pivot(index="unit_id", columns="block_id")
        rates = points["team_points"] / points["max_points"]
        rates = rates.reindex(self.scored.index, columns=list(self.block_names))
        rates = rates.rename(columns=self.block_names)
        names, medians = list(rates.columns), rates.median().dropna().sort_values(kind="stable")
        told = ["、".join(f"{name}{words.share(row[name])}" for name in names) for _, row in rates.iterrows()]
        drawn = rates.assign(label=self.scored["label"], text="")
        groups = {name: drawn.loc[rows.index] for name, rows in self.by_type.items()}
        ends = {"low": medians.index[0], "low_rate": medians.iloc[0]}
        ends |= {"high": medians.index[-1], "high_rate": medians.iloc[-1]}
        figure, rows = heat(groups, names), drawn.assign(text=told)
        return Blocks(chart("heat", figure, rows, n_source=self.n_source, **ends))

    def self_and_team(self) -> Blocks:
        """The units' own scores against the teams', the widest gap first."""
        rows = self.scored.dropna(subset=["own_gap"]).sort_values("own_gap", ascending=False, kind="stable")
        if rows.empty:
            return _no_totals()
        rows = rows.assign(text=rows["own_gap"].map(words.signed))
        marks = {"inspection": "检查得分", "self_total": "自评总分"}
        figure = dots({"": rows}, marks, "分（横轴不从0开始）；右侧为自评−检查")
        said = (
            rows[["self_total", "inspection"]].map(words.points).agg("、".join, axis=1) + "、" + rows["text"]
        )
        facts = rows[["label", "own_gap"]].iloc[0].to_dict() | {"n_above": (rows["own_gap"] > 0).sum()}
        return Blocks(chart("gaps", figure, rows.assign(text=said), n_source=self.n_source, **facts))

    def perception(self) -> Blocks:
        """Questionnaire against inspection: do those who work there and the teams see the same?"""
        judged = self.judged
        if judged.empty:
            return Blocks(Paragraph(say("no_perception")))
        rows = judged.join(self.intervals).assign(x=judged["inspection"], y=judged["perception"])
        figure = scatter(rows, "检查得分（分）", "测评得分（分），竖线为95%区间")
        rows = rows.assign(text=rows["x"].map(words.points) + "、" + rows["y"].map(words.points))
        note = method_line(self.questionnaire_form, self.threshold)
        told = {"agreement": self.agreement(rows), "note": note}
        return Blocks(chart("perception", figure, rows, n=len(rows), **told))

    def agreement(self, rows: pd.DataFrame) -> str:
        """What the rank correlation of ``x`` and ``y`` says, in words; nothing below the minimum of ranked units."""
        if len(rows) < self.config.cycle.rank_minimum:
            return say("too_few")
        rho = rows["x"].rank().corr(rows["y"].rank())
        return say("agree" if rho >= 0.6 else "disagree" if rho <= -0.6 else "no_agreement", rho=rho)

    def problems(self) -> Blocks:
        """The bulletin's problem classes by number of units, then each with its units: common ones, then the others."""
        drawn = self.classes_chart(self.n_source)
        return Blocks(drawn, self._classes_table()) if drawn else Blocks(Paragraph(say("no_findings")))

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
            return _no_totals()
        width = ((self.intervals["high"] - self.intervals["low"]) / 2).median()
        told = say("within_types", n_source=self.n_source), say("limits", width=width), say("severity")
        team_of = {visit.unit_id: visit.team_id for visit in self.config.visits}
        teams = self.scored.assign(team_id=self.scored.index.map(team_of), n=1).groupby("team_id")
        means = teams.agg({"n": "sum", "inspection": "mean", "own_gap": "mean", "seen_gap": "mean"})
        return Blocks(Bullets(told), table("teams", self.told(means.reset_index())))


def _no_totals() -> Blocks:
    return Blocks(Paragraph(say("no_totals")))
