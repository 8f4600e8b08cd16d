"""02 单位评分单: how one unit stands, why, against whom, and where each figure came from."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from lianzheng.pages import words
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
from lianzheng.pages.charts import profile
from lianzheng.pages.page import label, place
from lianzheng.pages.unit_page import UnitPage

FEW = 5
_GRADE_TONES = {"excellent": "good", "unqualified": "bad"}


class ScorecardPage(UnitPage):
    """The scorecard of one unit; a unit that was not visited gets the shorter page of what it sent in."""

    name = "scorecard"

    @property
    def n_charts(self) -> int:
        """The profile, and the questionnaire where there is one that may be shown."""
        return 1 + self.has_questionnaire_chart

    @functools.cached_property
    def result(self) -> pd.Series:
        """The unit's final line."""
        return self.own("results_by_unit").iloc[0]

    @functools.cached_property
    def components(self) -> pd.DataFrame:
        """检查, 测评, 事实 of the unit, by component."""
        return self.own("scores_by_unit_component").set_index("component")

    @functools.cached_property
    def items(self) -> pd.DataFrame:
        """The unit's items in printed order with what was lost and why."""
        known = self.frame("items").drop(columns=["cycle", "max_points"])
        items = self.own("scores_by_unit_item").merge(known, on="item_id").sort_values("order")
        lines = self.own("score_lines").query("scorer != 'self' and change_points != 0")
        reasons = lines.groupby("item_id")["reason"].agg(lambda texts: "；".join(dict.fromkeys(texts)))
        return items.assign(
            lost_points=items["max_points"] - items["team_points"], why=items["item_id"].map(reasons)
        ).reset_index(drop=True)

    def peer(self, measure_key: str) -> tuple[float | None, float | None]:
        """Median and upper quartile of the unit's type, or two None where too few units stand behind them."""
        peers = self.frame("peers_by_type_measure")
        found = peers.query("unit_type == @self.unit.unit_type and measure_key == @measure_key and is_shown")
        return (None, None) if found.empty else (found["median"].iloc[0], found["upper_quartile"].iloc[0])

    def overview(self) -> Blocks:
        """Title, what it comes to in a sentence, key figures and what decided the grade."""
        title = Title(
            f"{self.unit['name']}{self.cycle}年党风廉政建设责任制检查评分单",
            f"{self.config.cycle.bureau}党风廉政建设责任制落实情况检查",
            self._facts(),
            self.document,
        )
        reason = Paragraph(f"等次依据：{words.sentence(self.result['grade_reason'])}。")
        return Blocks(title, Paragraph(self._lead(), "lead"), KeyFigures(self._key_figures()), reason)

    def _facts(self) -> tuple[str, ...]:
        teams = {team.team_id: team for team in self.config.teams}
        visits = [
            f"{words.day(visit.visit_date)} {teams[visit.team_id].name}现场检查"
            for visit in self.config.visits
            if visit.unit_id == self.unit_id
        ]
        about = (f"编号 {self.unit_id}", f"类型 {self.unit['unit_type']}", f"在册 {self.unit['headcount']} 人")
        return (*about, *(visits or ["未列入本年度现场检查"]))

    def _lead(self) -> str:
        result = self.result
        if pd.isna(result["total"]):
            why = "未列入本年度现场检查" if not self.unit["is_visited"] else "检查组评分不全"
            return f"{why}，没有总分和排名；下列自评与自查数据均为单位自报，未经核验。"
        grade = label("grade", result["grade"])
        parts = [f"总分{words.points(result['total'])}分，{'暂定' if result['is_provisional'] else ''}等次{grade}"]
        if result["is_ranked"]:
            parts.append(f"在{result['n_ranked']}个参加排名的{self.unit['unit_type']}中列第{result['rank']}")
        worst = self.losses.head(2)
        if len(worst):
            lost = [f"“{name}”（失{words.points(v)}分）" for name, v in zip(worst["name"], worst["lost_points"], strict=True)]
            parts.append(f"失分最多的是{words.listed(lost)}")
        return "；".join(parts) + "。"

    def _key_figures(self) -> tuple[KeyFigure, ...]:
        result, scores = self.result, self.components
        grade = label("grade", result["grade"])
        inspection = scores["score"].get("inspection")
        gap = words.signed(result["self_total"] - inspection) if pd.notna(inspection) else words.DASH
        ranked = f"{result['rank']}/{result['n_ranked']}" if result["is_ranked"] else "不排名"
        provisional = "暂定：无有效测评" if result["is_provisional"] else ""
        return (
            KeyFigure("总分", words.points(result["total"], "未核验"), note=provisional),
            KeyFigure("等次", grade, tone=_GRADE_TONES.get(result["grade"], "neutral"), note=provisional),
            KeyFigure("同类排名", ranked, note=f"同类：{self.unit['unit_type']}"),
            KeyFigure("检查得分", words.points(inspection, self._state("inspection"))),
            KeyFigure("测评得分", words.points(scores["score"].get("perception"), self._state("perception"))),
            KeyFigure("自评总分", words.points(result["self_total"], "未报"), note=f"与检查得分相差 {gap}"),
        )

    def _state(self, component: str) -> str:
        return label("component_state", self.components["state"].get(component, "not_visited"))

    def composition(self) -> Blocks:
        """What the total is made of, and the profile of the blocks against the unit's peers."""
        if pd.isna(self.result["total"]):
            return Blocks(self._profile())
        return Blocks(self._component_table(), self._profile())

    def _component_table(self) -> Table:
        rows = [self._component_row(name) for name in ("inspection", "perception", "facts")]
        total = [words.points(v, "不足5家") for v in self.peer("total")]
        rows.append(("总分", "", "", words.points(self.result["total"]), *total, ""))
        weights = self.config.cycle.weights
        note = (
            f"总分＝{weights.inspection:g}×检查＋{weights.perception:g}×测评−事实扣分；各数分别四舍五入，相加可差0.01。"
            f"同类数据只在受检满{self.config.cycle.peer_minimum}家时给出。"
        )
        columns = (
            Column("组成"),
            Column("得分", "right"),
            Column("权重", "right"),
            Column("计入总分", "right"),
            Column("中位数", "right", group="同类"),
            Column("上四分位数", "right", group="同类"),
            Column("说明"),
        )
        return Table("总分由检查、测评、事实三部分组成", columns, tuple(rows), note=note)

    def _component_row(self, component: str) -> tuple[str, ...]:
        row = self.components.loc[component]
        name = label("component", component)
        if component == "facts":
            taken = row["deduction_points"]
            why = "；".join(self.own("score_lines").query("item_id == 'facts'")["reason"]) or "没有扣分事实"
            return (name, "扣分", "", words.signed(-taken) if pd.notna(taken) else words.DASH, words.DASH, words.DASH, why)
        is_only = self.result["is_provisional"] and component == "inspection"
        weight = 1.0 if is_only else row["weight"]
        given = words.points(row["score"] * weight) if row["state"] == "scored" else words.DASH
        n = words.number(row["n"])
        state = label("component_state", row["state"])
        about = {"inspection": f"{n}项", "perception": f"有效票{n}张"}[component] if row["state"] == "scored" else state
        peers = [words.points(value, "不足5家") for value in self.peer(component)]
        return (name, words.points(row["score"], state), f"{weight:g}", given, *peers, about)

    def _profile(self) -> Chart:
        blocks = self.own("scores_by_unit_block").set_index("block_id").reindex(list(self.block_labels))
        is_scored = blocks["team_points"].notna().any()
        value = blocks["team_points"] if is_scored else blocks["self_points"]
        peers = [self.peer(f"block:{block_id}") for block_id in blocks.index]
        rows = pd.DataFrame(
            {
                "label": list(self.block_labels.values()),
                "value": (value / blocks["max_points"]).to_list(),
                "own": (blocks["self_points"] / blocks["max_points"]).to_list(),
                "median": [low for low, _ in peers],
                "upper": [high for _, high in peers],
                "text": [
                    f"{words.points(v, '未评' if is_scored else '未报')} / {m:g}"
                    for v, m in zip(value, blocks["max_points"], strict=True)
                ],
            }
        )
        full = blocks["max_points"].to_numpy()
        rows = rows.assign(
            median=pd.to_numeric(rows["median"]) / full, upper=pd.to_numeric(rows["upper"]) / full
        )
        return self._profile_chart(rows, is_scored=bool(is_scored))

    def _profile_chart(self, rows: pd.DataFrame, *, is_scored: bool) -> Chart:
        names = {"value": "检查组得分率", "own": "自评", "median": "同类中位数", "upper": "同类上四分位数"}
        if not is_scored:
            rows, names = rows.assign(own=None, median=None, upper=None), {"value": "自评得分率（未核验）"}
        weakest = rows.loc[rows["value"].idxmin()] if rows["value"].notna().any() else None
        title = "各部分得分率" if weakest is None else f"{names['value']}最低的是{weakest['label']}（{words.share(weakest['value'])}）"
        alt = f"各部分{names['value']}：" + "；".join(
            f"{row.label}{words.share(row.value)}（{row.text}）" for row in rows.itertuples()
        )
        source = "附件1评分表；右侧为得分/分值。" + ("同类为同一类型的受检单位。" if is_scored else "")
        return chart_from_figure(profile(rows, names), title=title, alt=alt + "。", source=source)

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """Items with lost points, the greatest loss first."""
        return self.items.query("lost_points > 0").sort_values(["lost_points", "order"], ascending=[False, True])

    def strengths_and_losses(self) -> Blocks:
        """The items that cost most, with reasons, and those that lie above the peers'."""
        if self.items["team_points"].isna().all():
            return Blocks(Paragraph("没有检查组评分，不作逐项比较；自评分见附表。"))
        worst = self.losses.head(FEW)
        if worst.empty:
            return Blocks(Paragraph("各项均得满分。"), self._strengths())
        rows = tuple(
            (
                row.name,
                f"{row.max_points:g}",
                words.points(row.team_points),
                TableCell(words.signed(-row.lost_points)),
                words.points(self.peer(f"item:{row.item_id}")[0], "不足5家"),
                row.why if isinstance(row.why, str) else "检查组未写明",
            )
            for row in worst.itertuples(index=False)
        )
        columns = (
            Column("项目", width=22),
            Column("分值", "right", 6),
            Column("得分", "right", 7),
            Column("失分", "right", 7),
            Column("同类中位数", "right", 9),
            Column("依据", width=38),
        )
        total = words.points(self.losses["lost_points"].sum())
        title = f"失分最多的{len(rows)}项，占全部失分{total}分的{words.share(worst['lost_points'].sum() / self.losses['lost_points'].sum())}"
        return Blocks(Table(title, columns, rows), self._strengths())

    def _strengths(self) -> Paragraph | Bullets:
        above = [
            (row.team_points - median, f"{row.name}：{words.points(row.team_points)}分，同类中位数{words.points(median)}分")
            for row in self.items.itertuples(index=False)
            if (median := self.peer(f"item:{row.item_id}")[0]) is not None and row.team_points > median
        ]
        if not above:
            return Paragraph("没有高于同类中位数的项目，或同类受检单位不足，不作比较。", "note")
        best = sorted(above, key=lambda pair: -pair[0])[:FEW]
        return Bullets(tuple(f"高于同类——{text}" for _, text in best))

    def all_items(self) -> Blocks:
        """Every item of the standard with both scores and the reason of each deduction."""
        rows: list[tuple[str | TableCell, ...]] = []
        for block_label, items in self.items.groupby("block_label", sort=False):
            rows.append((TableCell(str(block_label), align="left", column_span=6, fill="#f4f6f8"),))
            rows.extend(self._item_row(row) for row in items.itertuples(index=False))
        columns = (
            Column("项目", width=26), Column("分值", "right", 6), Column("自评", "right", 7),
            Column("检查组", "right", 8), Column("自评−检查组", "right", 10), Column("检查组加减分依据", width=36),
        )  # fmt: skip
        return Blocks(Table("逐项评分", columns, tuple(rows), source="附件1评分表与检查组评分表"))

    def _item_row(self, row: Any) -> tuple[str, ...]:
        if row.is_not_applicable:
            return (row.name, f"{row.max_points:g}", *["不适用"] * 2, words.DASH, "本项不适用，分值在本部分内分摊")
        unscored = "未评" if self.unit["is_visited"] else "未核验"
        return (
            row.name,
            f"{row.max_points:g}",
            words.points(row.self_points, "未填"),
            words.points(row.team_points, unscored),
            words.signed(row.gap_points),
            row.why if isinstance(row.why, str) else "",
        )

    def sources(self) -> Blocks:
        """One line a figure: what it is, its value, its row in the processed tables, and the cell it was read from."""
        names = self.items.set_index("item_id")["name"].to_dict()
        written = self.own("scores_by_unit_item_scorer").query("member_id == ''").dropna(subset=["points"])
        scores = written.assign(
            figure=written["item_id"].map(names).fillna(written["item_id"]) + written["scorer"].map(self._scorer),
            key=written["item_id"] + " / " + written["scorer"],
            value=written["points"],
            table="scores_by_unit_item_scorer",
        )
        figures = self.own("statistics_by_unit_category_measure").query("period == 'this' and value != 0")
        form = self.config.statistics
        counted = figures.assign(
            figure=figures["category_id"].map(form.categories) + "：" + figures["measure_id"].map(form.measures),
            key=figures["category_id"] + " / " + figures["measure_id"],
            table="statistics_by_unit_category_measure",
        ).dropna(subset=["value"])
        rows = tuple(
            (row["figure"], words.number(row["value"]), f"{row['table']} {row['key']}", place(row, self.files))
            for _, row in pd.concat([scores, counted]).iterrows()
        )
        if not rows:
            return Blocks(Paragraph("没有可列出处的数字。"))
        columns = (Column("数字", width=30), Column("数值", "right", 8), Column("数据表与主键", width=34), Column("文件 · 工作表 · 单元格", width=36))
        return Blocks(Table("本单所用数字的出处", columns, rows, note="汇总数由这些数字按检查方法算出。"))

    def _scorer(self, scorer: str) -> str:
        return "（自评）" if scorer == "self" else "（检查组）"
