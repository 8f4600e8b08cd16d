"""03 横向比较: the inspected units side by side within their type, and how far the comparison carries."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.answers import talk_counts
from lianzheng.pages.blocks import Blocks, Bullets, KeyFigure, KeyFigures, Paragraph, Table, TableCell
from lianzheng.pages.charts import dots
from lianzheng.pages.page import EVERYBODY
from lianzheng.pages.planes import heat, scatter
from lianzheng.pages.problems import ProblemsPage
from lianzheng.pages.wording import chart, label, say, table, toned
from lianzheng.tables import labels


class ComparisonPage(ProblemsPage):
    """The bureau's edition of the results: every unit with its name, ranks within the type only."""

    name = "comparison"

    @property
    def n_charts(self) -> int:
        """Totals, heat map and self against team where units have totals; questionnaire; problem classes."""
        return 3 * (not self.scored.empty) + (not self.judged.empty) + (not self.classes.empty)

    @functools.cached_property
    def results(self) -> pd.DataFrame:
        """A row per unit, by type (in roster order) and total: roster, result, components and their states."""
        scores = self.frame("scores_by_unit_component").pivot(index="unit_id", columns="component")
        final = self.frame("results_by_unit").set_index("unit_id").drop(columns="cycle")
        joined = self.units.join(final).join(scores["score"]).join(scores["state"].add_suffix("_state"))
        joined = joined.assign(
            deduction=scores["deduction_points"]["facts"],
            label=self.units["short_name"],
            own_gap=joined["self_total"] - joined["inspection"],
            type_order=joined["unit_type"].map(
                {name: n for n, name in enumerate(joined["unit_type"].unique())}
            ),
        )
        return joined.sort_values(
            ["type_order", "total", "order"], ascending=[True, False, True], na_position="last"
        )

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
        return "受检单位：" + "、".join(f"{name}{len(rows)}家" for name, rows in self.by_type.items())

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        facts = (
            f"数据截至 {words.day(self.config.cycle.report_date)}",
            "供局领导和责任制办公室使用，不对外公布",
        )
        return Blocks(self.title(*facts), Paragraph(self._lead(), "lead"), self._tiles())

    def _lead(self) -> str:
        told = [f"{len(self.units)}个单位中，{len(self.scored)}个经现场检查有总分，其余未核验"]
        for unit_type, rows in self.by_type.items():
            first = words.listed(self.unit_names(rows[rows["rank"].eq(1)].index, "short_name"))
            ranked = (
                f"参加排名{rows['is_ranked'].sum()}家，{first}居首" if first else "参加排名的单位不足，不排名"
            )
            told.append(f"{unit_type}受检{len(rows)}家，{ranked}")
        return "；".join(told) + "。"

    def _tiles(self) -> KeyFigures:
        total, grades = self.scored["total"], self.scored["grade"].value_counts()
        spread = f"最低{words.points(total.min())}，最高{words.points(total.max())}" if len(total) else ""
        share = words.share(self.config.cycle.common_share)
        tiles = [KeyFigure("受检单位", f"{len(self.scored)}/{len(self.units)}", "家")]
        tiles += [KeyFigure("总分中位数", words.points(total.median()), note=spread)]
        tiles += [KeyFigure(label("grade", g), f"{grades[g]}", "家") for g in labels("grade") if g in grades][
            :3
        ]
        tiles += [
            KeyFigure("普遍问题", f"{self.classes['is_common'].sum()}", "类", f"涉及受检单位{share}以上")
        ]
        return KeyFigures(tuple(tiles))

    def results_table(self) -> Blocks:
        """Every unit with its components, total, grade and rank; units without a total keep their state."""
        rows, cycle = self.results, self.config.cycle
        visits = rows.groupby("unit_type")["is_visited"].agg(["size", "sum"])
        heads = {name: f"{name}：{n}家，受检{n_visited}家" for name, (n, n_visited) in visits.iterrows()}
        told = rows.assign(
            head=rows["unit_type"].map(heads),
            rank=rows["rank"].where(rows["is_ranked"].astype(bool)),
            facts=-rows["deduction"],
            grade_told=[
                _grade(grade, is_provisional)
                for grade, is_provisional in rows[["grade", "is_provisional"]].to_numpy()
            ],
            change=[self._change(str(unit_id)) for unit_id in rows.index],
            **{
                f"{name}_told": _scores(rows[name], rows[f"{name}_state"])
                for name in ("inspection", "perception")
            },
        )
        limits = {"change": words.points(cycle.min_change), "minimum": cycle.rank_minimum}
        return Blocks(table("results", told.reset_index(), "head", **limits))

    def _change(self, unit_id: str) -> str:
        changes = self.frame("changes_by_unit_measure").query(
            "unit_id == @unit_id and measure_key == 'total'"
        )
        told = [words.signed(c.change) if c.is_stated else "变化不大" for c in changes.itertuples()]
        return told[0] if told else words.DASH

    def totals(self) -> Blocks:
        """Totals by type with median and upper quartile."""
        if self.scored.empty:
            return _no_totals()
        provisional = self.scored["is_provisional"].map({True: " 暂定", False: " "})
        grades = provisional + self.scored["grade"].map(labels("grade"))
        told = self.scored.assign(text=self.scored["total"].map(words.points) + grades)
        groups = {f"{name}（受检{len(rows)}家）": told.loc[rows.index] for name, rows in self.by_type.items()}
        peers = (
            self.frame("peers_by_type_measure")
            .query("measure_key == 'total' and is_shown")
            .set_index("unit_type")
        )
        lines = {
            group: {"中位数": peers["median"][name], "上四分位数": peers["upper_quartile"][name]}
            for group, name in zip(groups, self.by_type, strict=True)
            if name in peers.index
        }
        best = "、".join(
            f"{rows['label'].iloc[0]}{words.points(rows['total'].iloc[0])}分" for rows in groups.values()
        )
        figure = dots(groups, {"total": "总分"}, "总分（横轴不从0开始）", lines)
        return Blocks(chart("totals", figure, told, best=best, n_source=self.n_source))

    def blocks(self) -> Blocks:
        """Rates of points by unit and block of the standard, units in the order of their totals."""
        if self.scored.empty:
            return _no_totals()
        scores = self.frame("scores_by_unit_block")
        rates = scores.assign(rate=scores["team_points"] / scores["max_points"]).pivot(
            index="unit_id", columns="block_id", values="rate"
        )
        rates = rates.reindex(index=self.scored.index, columns=list(self.block_names)).rename(
            columns=self.block_names
        )
        names = list(rates.columns)
        medians = rates.median().dropna().sort_values(kind="stable")
        told = rates.apply(lambda row: "、".join(f"{name}{words.share(row[name])}" for name in names), axis=1)
        rates = rates.assign(label=self.scored["label"], text="")
        groups = {name: rates.loc[rows.index] for name, rows in self.by_type.items()}
        ends = {"low": medians.index[0], "low_rate": words.share(medians.iloc[0])}
        ends |= {"high": medians.index[-1], "high_rate": words.share(medians.iloc[-1])}
        return Blocks(
            chart("heat", heat(groups, names), rates.assign(text=told), n_source=self.n_source, **ends)
        )

    def self_and_team(self) -> Blocks:
        """The units' own scores against the teams', the widest gap first."""
        rows = self.scored.dropna(subset=["own_gap"]).sort_values("own_gap", ascending=False, kind="stable")
        if rows.empty:
            return _no_totals()
        rows = rows.assign(text=rows["own_gap"].map(words.signed))
        marks = {"inspection": "检查得分", "self_total": "自评总分"}
        figure = dots({"": rows}, marks, "分（横轴不从0开始）；右侧为自评−检查")
        facts = {
            "n_above": int((rows["own_gap"] > 0).sum()),
            "first": rows["label"].iloc[0],
            "gap": rows["text"].iloc[0],
        }
        pairs = (
            rows["self_total"].map(words.points)
            + "、"
            + rows["inspection"].map(words.points)
            + "、"
            + rows["text"]
        )
        return Blocks(chart("gaps", figure, rows.assign(text=pairs), n_source=self.n_source, **facts))

    def perception(self) -> Blocks:
        """Questionnaire against inspection: do those who work there and the teams see the same?"""
        judged = self.judged
        if judged.empty:
            return Blocks(Paragraph("没有同时具备检查得分和有效测评的单位。"))
        texts = judged["inspection"].map(words.points) + "、" + judged["perception"].map(words.points)
        rows = self._intervals.reindex(judged.index).assign(
            label=judged["label"], x=judged["inspection"], y=judged["perception"]
        )
        figure = scatter(rows, "检查得分（分）", "测评得分（分），竖线为95%区间")
        return Blocks(
            chart("perception", figure, rows.assign(text=texts), n=len(rows), agreement=self._agreement(rows))
        )

    def _agreement(self, rows: pd.DataFrame) -> str:
        """What the rank correlation says, in words; nothing below the minimum of ranked units."""
        if len(rows) < self.config.cycle.rank_minimum:
            return "（单位太少，不作判断）"
        rho = rows["x"].rank().corr(rows["y"].rank())
        said = (
            "的高低大体一致"
            if rho >= 0.6
            else "的高低大体相反"
            if rho <= -0.6
            else "之间看不出一致的高低关系"
        )
        return f"{said}（等级相关{words.signed(rho)}）"

    def problems(self) -> Blocks:
        """The bulletin's problem classes by number of units, and what was said in talks as counts."""
        told = self.classes_chart(self.n_source)
        return Blocks(told or Paragraph("检查组没有确认的问题。"), self._talks())

    def _talks(self) -> Table | Paragraph:
        threshold, directions = self.config.cycle.suppression_threshold, labels("polarity")
        counts = talk_counts(self.frame("interviews"))
        if counts.empty:
            return Paragraph("没有个别谈话的归纳记录。", "note")
        wide = counts.pivot(index="topic_id", columns="polarity", values="n_persons").reindex(
            columns=list(directions)
        )
        wide = wide.fillna(0).astype(int)
        rows = [
            [name, *(str(n) if n >= threshold else f"不足{threshold}人" for n in wide.loc[topic])]
            for topic, name in self.names("topics").items()
            if topic in wide.index
        ]
        return table("talks", rows, polarities="\n".join(f"{word}>" for word in directions.values()))

    def method(self) -> Blocks:
        """How honest the comparison is: numbers behind it, intervals, and the severity of teams."""
        width = ((self._intervals["high"] - self._intervals["low"]) / 2).median()
        told = (
            f"{self.n_source}；不同类型之间不比较、不排名。",
            say("limits", width=words.points(width, "不详")),
            say("severity"),
        )
        return Blocks(Bullets(told), self._teams_table()) if len(self.scored) else _no_totals()

    @property
    def _intervals(self) -> pd.DataFrame:
        return (
            self.frame("questionnaire_by_unit_question")
            .query(EVERYBODY)
            .set_index("unit_id")[["low", "high"]]
        )

    def _teams_table(self) -> Table:
        team_of = {visit.unit_id: visit.team_id for visit in self.config.visits}
        seen = self.scored["inspection"] - self.scored["perception"]
        scored = self.scored.assign(
            team=self.scored.index.map(team_of).map(self.team_names), seen_gap=seen, n=1
        )
        means = scored.groupby("team").agg(
            {"n": "sum", "inspection": "mean", "own_gap": "mean", "seen_gap": "mean"}
        )
        return table(
            "teams",
            means.reindex([name for name in self.team_names.values() if name in means.index]).reset_index(),
        )


def _grade(grade: str, is_provisional: bool) -> TableCell:
    cell = toned("grade", grade)
    return TableCell(f"暂定{cell.text}", tone=cell.tone) if is_provisional else cell


def _scores(scores: pd.Series, states: pd.Series) -> list[str]:
    return [
        words.points(score, label("component_state", state))
        for score, state in zip(scores, states, strict=True)
    ]


def _no_totals() -> Blocks:
    return Blocks(Paragraph("本年度没有现场检查并评分的单位，不作比较。"))
