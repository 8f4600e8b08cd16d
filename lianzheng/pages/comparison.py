"""03 横向比较: the inspected units side by side within their type, and how far the comparison carries."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.answers import talk_counts
from lianzheng.pages.blocks import (
    Blocks,
    Bullets,
    Chart,
    Column,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Table,
    TableCell,
    Title,
    chart_from_figure,
)
from lianzheng.pages.charts import bars, dots, dumbbell
from lianzheng.pages.page import Page, label
from lianzheng.pages.planes import heat, scatter
from lianzheng.tables import labels

_NO_VISIT = Paragraph("本年度没有现场检查并评分的单位，不作比较。")
_GRADE_TONES = {"excellent": "good", "unqualified": "bad", "unverified": "muted"}


class ComparisonPage(Page):
    """The bureau's edition of the results: every unit with its name, ranks within the type only."""

    name = "comparison"

    @property
    def n_charts(self) -> int:
        """Totals, heat map, self against team, questionnaire against inspection, problem classes."""
        if self.scored.empty:
            return 0
        return 3 + (not self._judged.empty) + (not self._classes.empty)

    @functools.cached_property
    def results(self) -> pd.DataFrame:
        """A row per unit, by type and rank: roster, result, the three components."""
        scores = self.frame("scores_by_unit_component")
        wide = scores.pivot(index="unit_id", columns="component", values="score")
        taken = scores.query("component == 'facts'").set_index("unit_id")["deduction_points"]
        states = scores.pivot(index="unit_id", columns="component", values="state").add_suffix("_state")
        final = self.frame("results_by_unit").set_index("unit_id").drop(columns="cycle")
        joined = self.units.join(final).join(wide).join(states).assign(deduction=taken)
        types = {unit_type: number for number, unit_type in enumerate(dict.fromkeys(self.units["unit_type"]))}
        joined = joined.assign(type_order=joined["unit_type"].map(types))
        return joined.sort_values(["type_order", "total", "order"], ascending=[True, False, True], na_position="last")

    @functools.cached_property
    def scored(self) -> pd.DataFrame:
        """The units that have a total."""
        return self.results.dropna(subset=["total"])

    @property
    def _by_type(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.scored.groupby("unit_type", sort=False)}

    @property
    def _judged(self) -> pd.DataFrame:
        return self.scored.dropna(subset=["inspection", "perception"])

    @functools.cached_property
    def _classes(self) -> pd.DataFrame:
        known = {c.bulletin_class: c.label for c in self.config.findings.bulletin_classes}
        counts = self.frame("finding_counts_by_class").query("n_findings > 0")
        return counts.assign(label=counts["bulletin_class"].map(known)).sort_values(
            ["n_units", "n_findings"], ascending=False, kind="stable"
        )

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        cycle = self.config.cycle
        facts = (f"数据截至 {words.day(cycle.report_date)}", "供局领导和责任制办公室使用，不对外公布")
        title = Title(
            f"{self.cycle}年党风廉政建设责任制检查横向比较", f"{cycle.bureau}党风廉政建设责任制落实情况检查", facts, self.document
        )
        return Blocks(title, Paragraph(self._lead(), "lead"), KeyFigures(self._key_figures()))

    def _lead(self) -> str:
        if self.scored.empty:
            return "本年度没有现场检查并评分的单位。"
        parts = [f"{len(self.units)}个单位中，{len(self.scored)}个经现场检查有总分，其余未核验"]
        for unit_type, rows in self._by_type.items():
            n_ranked = int(rows["is_ranked"].sum())
            first = self.unit_names(rows[rows["rank"].eq(1)].index, "short_name")
            ranked = f"{words.listed(first)}居首" if first else "不足5家，不排名"
            parts.append(f"{unit_type}受检{len(rows)}家、参加排名{n_ranked}家，{ranked}")
        return "；".join(parts) + "。"

    def _key_figures(self) -> tuple[KeyFigure, ...]:
        grades = self.scored["grade"].value_counts()
        spread = f"{words.points(self.scored['total'].min())}–{words.points(self.scored['total'].max())}"
        counted = [KeyFigure(label("grade", grade), f"{grades[grade]}", "家") for grade in labels("grade") if grade in grades]
        n_common = int(self._classes["is_common"].sum())
        return (
            KeyFigure("受检单位", f"{len(self.scored)}/{len(self.units)}", "家"),
            KeyFigure("总分中位数", words.points(self.scored["total"].median()), note=spread if len(self.scored) else ""),
            *counted[:3],
            KeyFigure("共性问题", f"{n_common}", "类", f"涉及受检单位{words.share(self.config.cycle.common_share)}以上"),
        )

    def results_table(self) -> Blocks:
        """Every unit with its components, total, grade and rank; units without a total keep their state."""
        rows: list[tuple[str | TableCell, ...]] = []
        for unit_type, units in self.results.groupby("unit_type", sort=False):
            head = f"{unit_type}：{len(units)}家，受检{int(units['total'].notna().sum())}家"
            rows.append((TableCell(head, align="left", column_span=9, fill="#f4f6f8"),))
            rows.extend(self._result_row(str(unit_id), row) for unit_id, row in units.iterrows())
        columns = (
            Column("排名", "right", 8), Column("单位", width=18), Column("检查", "right", 9), Column("测评", "right", 11),
            Column("事实", "right", 8), Column("总分", "right", 10), Column("等次", width=9), Column("自评", "right", 9),
            Column("比上年", "right", 11),
        )  # fmt: skip
        note = (
            f"总分变化超过{self.config.cycle.min_change:.2f}分才说升降；“暂定”指无有效测评、总分只含检查与事实，不参加排名；"
            f"参加排名不足{self.config.cycle.rank_minimum}家的类型不排名。"
        )
        return Blocks(Table("各单位结果（按类型、总分排列）", columns, tuple(rows), note=note))

    def _result_row(self, unit_id: str, row: pd.Series) -> tuple[str | TableCell, ...]:
        grade = TableCell(
            ("暂定" if row["is_provisional"] else "") + label("grade", row["grade"]),
            tone=_GRADE_TONES.get(row["grade"], "neutral"),
        )
        if not row["is_visited"]:
            state = TableCell("未现场检查", align="center", column_span=4, tone="muted")
            own = words.points(row["self_total"], "未报")
            return (words.DASH, row["short_name"], state, grade, own, words.DASH)
        inspection, perception = (
            words.points(row[name], label("component_state", row[f"{name}_state"])) for name in ("inspection", "perception")
        )
        return (
            str(row["rank"]) if row["is_ranked"] else "不排名" if pd.notna(row["total"]) else words.DASH,
            row["short_name"],
            inspection,
            perception,
            words.signed(-row["deduction"]) if pd.notna(row["deduction"]) else words.DASH,
            words.points(row["total"], "未核验"),
            grade,
            words.points(row["self_total"], "未报"),
            self._change(unit_id),
        )

    def _change(self, unit_id: str) -> str:
        changes = self.frame("changes_by_unit_measure").query("unit_id == @unit_id and measure_key == 'total'")
        if changes.empty:
            return words.DASH
        return words.signed(changes["change"].iloc[0]) if changes["is_stated"].iloc[0] else "变化不大"

    def totals(self) -> Blocks:
        """Totals by type with median and upper quartile."""
        if self.scored.empty:
            return Blocks(_NO_VISIT)
        groups = {
            f"{name}（受检{len(rows)}家）": pd.DataFrame(
                {
                    "label": rows["short_name"],
                    "value": rows["total"],
                    "text": [
                        f"{words.points(total)} {'暂定' if provisional else ''}{label('grade', grade)}"
                        for total, provisional, grade in zip(rows["total"], rows["is_provisional"], rows["grade"], strict=True)
                    ],
                }
            )
            for name, rows in self._by_type.items()
        }
        lines = {group: self._peer_lines(name) for group, name in zip(groups, self._by_type, strict=True)}
        best = [f"{rows['label'].iloc[0]}{words.points(rows['value'].iloc[0])}分" for rows in groups.values()]
        title = f"各类型总分最高：{'、'.join(best)}"
        alt = "总分：" + "；".join(
            f"{group}：" + "、".join(f"{r.label}{r.text}" for r in rows.itertuples()) for group, rows in groups.items()
        )
        figure = dots(groups, lines, "总分（横轴不从0开始）")
        return Blocks(chart_from_figure(figure, title=title, alt=alt + "。", source=self._n_source()))

    def _peer_lines(self, unit_type: str) -> dict[str, float]:
        peers = self.frame("peers_by_type_measure").query("unit_type == @unit_type and measure_key == 'total' and is_shown")
        if peers.empty:
            return {}
        return {"中位数": float(peers["median"].iloc[0]), "上四分位数": float(peers["upper_quartile"].iloc[0])}

    def _n_source(self) -> str:
        return "受检单位：" + "、".join(f"{name}{len(rows)}家" for name, rows in self._by_type.items())

    def blocks(self) -> Blocks:
        """Rates of points by unit and block of the standard, units in the order of their totals."""
        if self.scored.empty:
            return Blocks(_NO_VISIT)
        scores = self.frame("scores_by_unit_block")
        rates = (scores["team_points"] / scores["max_points"]).groupby([scores["unit_id"], scores["block_id"]]).first().unstack()
        rates = rates.reindex(columns=list(self.block_labels)).rename(columns=self.block_labels)
        groups = {name: rates.reindex(rows.index).set_axis(rows["short_name"]) for name, rows in self._by_type.items()}
        medians = rates.reindex(self.scored.index).median().sort_values()
        title = f"得分率中位数最低的是{medians.index[0]}（{words.share(medians.iloc[0])}），最高的是{medians.index[-1]}（{words.share(medians.iloc[-1])}）"
        alt = "各部分得分率：" + "；".join(
            f"{unit}：" + "、".join(f"{block}{words.share(value)}" for block, value in row.items())
            for rows in groups.values()
            for unit, row in rows.iterrows()
        )
        source = f"检查组评分；得分率＝得分÷分值，颜色越深越高。{self._n_source()}"
        return Blocks(chart_from_figure(heat(groups), title=title, alt=alt + "。", source=source))

    def self_and_team(self) -> Blocks:
        """The units' own scores against the teams', the widest gap first."""
        scored = self.scored.dropna(subset=["self_total", "inspection"])
        if scored.empty:
            return Blocks(_NO_VISIT)
        gaps = (scored["self_total"] - scored["inspection"]).sort_values(ascending=False)
        rows = scored.loc[gaps.index]
        rows = pd.DataFrame(
            {
                "label": rows["short_name"],
                "first": rows["self_total"],
                "second": rows["inspection"],
                "text": [words.signed(gap) for gap in gaps],
            }
        )
        title = f"{int((gaps > 0).sum())}个单位自评高于检查组评分，相差最大的是{rows['label'].iloc[0]}（{rows['text'].iloc[0]}分）"
        alt = "自评、检查得分：" + "；".join(
            f"{r.label}{words.points(r.first)}、{words.points(r.second)}" for r in rows.itertuples()
        )
        figure = dumbbell(rows, {"first": "自评总分", "second": "检查得分"}, "分（横轴不从0开始）；右侧为自评−检查")
        return Blocks(chart_from_figure(figure, title=title, alt=alt + "。", source=f"附件1评分表。受检单位{len(rows)}家"))

    def perception(self) -> Blocks:
        """Questionnaire against inspection: do those who work there and the teams see the same?"""
        judged = self._judged
        if judged.empty:
            return Blocks(Paragraph("没有同时具备检查得分和有效测评的单位。"))
        everybody = self.frame("questionnaire_by_unit_question").query("rater_group == 'all' and question_id == 'all'")
        intervals = everybody.set_index("unit_id")[["low", "high"]].reindex(judged.index)
        rows = intervals.assign(label=judged["short_name"], x=judged["inspection"], y=judged["perception"])
        title = f"检查得分与测评得分：等级相关系数{words.signed(rows['x'].rank().corr(rows['y'].rank()))}"
        if len(rows) < self.config.cycle.rank_minimum:
            title = "检查得分与测评得分（单位太少，不计算相关）"
        alt = "检查、测评得分：" + "；".join(f"{r.label}{words.points(r.x)}、{words.points(r.y)}" for r in rows.itertuples())
        figure = scatter(rows, ("检查得分（分）", "测评得分（分），竖线为95%区间"))
        source = f"检查组评分、附件3测评表，{len(rows)}家；虚线为中位数，两轴都不从0开始"
        return Blocks(chart_from_figure(figure, title=title, alt=alt + "。", source=source))

    def problems(self) -> Blocks:
        """The bulletin's problem classes by number of units, and what was said in talks as counts."""
        if self._classes.empty:
            return Blocks(Paragraph("检查组没有确认的问题。"), *self._talks())
        texts = [f"{r.n_units}家，{r.n_findings}个问题" for r in self._classes.itertuples()]
        rows = self._classes.assign(value=self._classes["n_units"], text=texts, is_marked=self._classes["is_common"])
        common = list(rows.query("is_common")["label"])
        title = f"共性问题{len(common)}类：{words.listed(common, 3, '类')}" if common else "没有达到共性标准的问题"
        alt = "各类问题涉及单位数：" + "；".join(f"{r.label}{r.text}" for r in rows.itertuples()) + "。"
        names = {"marked": "共性问题", "other": "个别问题"}
        share = words.share(self.config.cycle.common_share)
        source = f"检查组确认的问题；涉及受检单位{share}以上的为共性问题。{self._n_source()}"
        return Blocks(chart_from_figure(bars(rows, names), title=title, alt=alt, source=source), *self._talks())

    def _talks(self) -> list[Table | Paragraph]:
        threshold = self.config.cycle.suppression_threshold
        counts = talk_counts(self.frame("interviews"), self.config.findings.topics)
        if counts.empty:
            return [Paragraph("没有个别谈话的归纳记录。", "note")]
        wide = counts.pivot(index="topic", columns="polarity", values="n_talks")
        directions = labels("polarity")
        wide = wide.reindex(columns=list(directions)).fillna(0).astype(int)
        rows = tuple(
            (str(topic), *(str(n) if n >= threshold else f"不足{threshold}人" for n in row))
            for topic, row in zip(wide.index, wide.to_numpy(), strict=True)
        )
        columns = (Column("谈话主题"), *(Column(word, "right") for word in directions.values()))
        return [Table("个别谈话涉及的主题（人数）", columns, rows, note="全局合计，只计人数，不引用谈话内容。")]

    def method(self) -> Blocks:
        """How honest the comparison is: numbers behind it, intervals, and the severity of teams."""
        widths = (self._intervals["high"] - self._intervals["low"]) / 2
        span = f"测评得分的95%区间半宽中位数{words.points(widths.median(), '不详')}分，小于区间的差别不作高低判断。"
        points = (
            "".join(f"{name}受检{len(rows)}家；" for name, rows in self._by_type.items()) + "不同类型之间不比较、不排名。",
            span,
            "每个单位由一个检查组检查，各组宽严无法从数据中分辨，得分没有按组调整；下表两列差距只供核对，差距大也可能是单位本身不同。",
        )
        return Blocks(Bullets(points), self._teams_table())

    @property
    def _intervals(self) -> pd.DataFrame:
        everybody = self.frame("questionnaire_by_unit_question").query("rater_group == 'all' and question_id == 'all'")
        return everybody[["low", "high"]]

    def _teams_table(self) -> Table | Paragraph:
        team_of = {visit.unit_id: visit.team_id for visit in self.config.visits}
        scored = self.scored.assign(
            team=[team_of.get(unit_id) for unit_id in self.scored.index],
            own_gap=self.scored["self_total"] - self.scored["inspection"],
            perception_gap=self.scored["inspection"] - self.scored["perception"],
        )
        means = scored.groupby("team").agg(
            n=("total", "size"), inspection=("inspection", "mean"), own=("own_gap", "mean"), seen=("perception_gap", "mean")
        )
        rows = tuple(
            (team.name, str(m.n), words.points(m.inspection), words.signed(m.own), words.signed(m.seen))
            for team in self.config.teams
            if team.team_id in means.index
            for m in [means.loc[team.team_id]]
        )
        if not rows:
            return _NO_VISIT
        columns = ("检查组", "受检单位", "检查得分均值", "自评−检查均值", "检查−测评均值")
        return Table("各检查组评分的对照", tuple(Column(c, "left" if c == "检查组" else "right") for c in columns), rows)
