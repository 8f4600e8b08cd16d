"""02 单位评分单: how one unit stands, why, against whom, and where each figure came from."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Chart, KeyFigure, KeyFigures, Paragraph, Table
from lianzheng.pages.charts import profile
from lianzheng.pages.unit_page import UnitPage
from lianzheng.pages.wording import chart, label, say, table, wording

MOST_ITEMS = 5
FEW_PEERS = "不足5家"


class ScorecardPage(UnitPage):
    """The scorecard of one unit; a unit that was not visited gets the shorter page of what it sent in."""

    name = "scorecard"

    @property
    def n_charts(self) -> int:
        """The profile of blocks, and the questionnaire where there is one."""
        return 1 + (not self.questions.empty)

    @functools.cached_property
    def result(self) -> pd.Series:
        """The unit's final line."""
        return self.own("results_by_unit").iloc[0]

    @functools.cached_property
    def components(self) -> pd.DataFrame:
        """检查, 测评, 事实 of the unit, by component."""
        return self.own("scores_by_unit_component").set_index("component")

    @functools.cached_property
    def benchmarks(self) -> pd.DataFrame:
        """Median and upper quartile of the unit's type by measure_key; null where too few units stand behind."""
        peers = (
            self.frame("peers_by_type_measure")
            .query("unit_type == @self.unit.unit_type")
            .set_index("measure_key")
        )
        return peers[["median", "upper_quartile"]].where(peers["is_shown"].astype(bool))

    def peers(self, measure_key: str) -> list[str]:
        """Median and upper quartile as printed."""
        return [words.points(value, FEW_PEERS) for value in self.benchmarks.reindex([measure_key]).iloc[0]]

    @functools.cached_property
    def items(self) -> pd.DataFrame:
        """The unit's items in printed order: points, lost points, why, the peers' median."""
        known = self.frame("items").drop(columns=["cycle", "max_points"])
        items = (
            self.own("scores_by_unit_item").merge(known, on="item_id").sort_values("order", ignore_index=True)
        )
        lines = self.own("score_lines").query("scorer != 'self' and change_points != 0")
        reasons = lines.groupby("item_id")["reason"].agg(lambda texts: "；".join(dict.fromkeys(texts)))
        is_points = items["block_id"].isin(list(self.block_names)) & ~items["is_not_applicable"]
        return items.assign(
            lost_points=(items["max_points"] - items["team_points"]).where(is_points),
            why=[reasons.get(item_id, "") for item_id in items["item_id"]],
            median=("item:" + items["item_id"]).map(self.benchmarks["median"]),
        )

    def overview(self) -> Blocks:
        """Title, what it comes to in a sentence, key figures and what decided the grade."""
        visits = [v for v in self.config.visits if v.unit_id == self.unit_id]
        seen = [f"{words.day(v.visit_date)} {self.team_names[v.team_id]}现场检查" for v in visits]
        facts = (
            f"编号 {self.unit_id}",
            f"类型 {self.unit['unit_type']}",
            f"在册 {self.unit['headcount']} 人",
        )
        title = self.title(*facts, *(seen or ["未列入本年度现场检查"]), name=self.unit["name"])
        reason = say("grade_reason", reason=words.sentence(self.result["grade_reason"]))
        return Blocks(title, Paragraph(self._lead(), "lead"), self._tiles(), Paragraph(reason))

    def _lead(self) -> str:
        result = self.result
        if pd.isna(result["total"]):
            return say("unit_not_scored" if self.unit["is_visited"] else "unit_not_visited")
        grade = ("暂定" if result["is_provisional"] else "") + f"等次{label('grade', result['grade'])}"
        told = [f"总分{words.points(result['total'])}分，{grade}"]
        if result["is_ranked"]:
            told.append(f"在参加排名的{result['n_ranked']}家{self.unit['unit_type']}中列第{result['rank']}")
        lost = [
            f"{words.quoted(row.name)}（失{words.points(row.lost_points)}分）"
            for row in self.losses.head(2).itertuples(index=False)
        ]
        told += [f"失分最多的是{words.listed(lost)}"] if lost else []
        return "；".join(told) + "。"

    def _tiles(self) -> KeyFigures:
        result, scores = self.result, self.components["score"]
        grade = label("grade", result["grade"])
        rank = f"{result['rank']}/{result['n_ranked']}" if result["is_ranked"] else "不排名"
        provisional = "暂定：无有效测评" if result["is_provisional"] else ""
        gap = words.signed(result["self_total"] - scores["inspection"], "")
        tiles = (
            KeyFigure("总分", words.points(result["total"], "未核验"), note=provisional),
            KeyFigure(
                "等次",
                grade,
                note=provisional,
                tone=wording()["tones"]["grade"].get(result["grade"], "neutral"),
            ),
            KeyFigure("同类排名", rank, note=self.unit["unit_type"]),
            KeyFigure("检查得分", words.points(scores["inspection"], self._state("inspection"))),
            KeyFigure("测评得分", words.points(scores["perception"], self._state("perception"))),
            KeyFigure(
                "自评总分", words.points(result["self_total"], "未报"), note=gap and f"自评−检查 {gap}"
            ),
        )
        return KeyFigures(tiles)

    def _state(self, component: str) -> str:
        return label("component_state", self.components["state"][component])

    def composition(self) -> Blocks:
        """What the total is made of, the profile of the blocks against the peers, and the change on last year."""
        if pd.isna(self.result["total"]):
            return Blocks(self._profile())
        return Blocks(self._components_table(), self._profile(), *map(Paragraph, self._changes()))

    def _components_table(self) -> Table:
        rows = [self._component_row(name) for name in ("inspection", "perception")]
        taken = self.components["deduction_points"]["facts"]
        why = "；".join(self.own("score_lines").query("item_id == 'facts'")["reason"]) or "没有扣分事实"
        rows.append(["事实", "扣分", "", words.signed(-taken), words.DASH, words.DASH, why])
        rows.append(["总分", "", "", words.points(self.result["total"]), *self.peers("total"), ""])
        cycle = self.config.cycle
        weights = cycle.weights.model_dump()
        return table("components", rows, minimum=cycle.peer_minimum, **weights)

    def _component_row(self, component: str) -> list[str]:
        row, state = self.components.loc[component], self._state(component)
        weight = 1.0 if self.result["is_provisional"] and component == "inspection" else row["weight"]
        about = {
            "inspection": f"{words.number(row['n'])}项",
            "perception": f"有效票{words.number(row['n'])}张",
        }
        told = about[component] if row["state"] == "scored" else state
        given = words.points(row["score"] * weight)
        return [
            label("component", component),
            words.points(row["score"], state),
            f"{weight:g}",
            given,
            *self.peers(component),
            told,
        ]

    def _profile(self) -> Chart:
        blocks = self.own("scores_by_unit_block").set_index("block_id").reindex(list(self.block_names))
        is_scored = bool(blocks["team_points"].notna().any())
        value = blocks["team_points" if is_scored else "self_points"]
        full = pd.Series({block.block_id: block.max_points for block in self.config.standard.blocks})[
            blocks.index
        ]
        keys = ["block:" + block_id for block_id in self.block_names]
        peers = self.benchmarks.reindex(keys).set_axis(blocks.index).div(full, axis=0)
        names = {"value": "检查组得分率", "own": "自评", "median": "同类中位数", "upper": "同类上四分位数"}
        texts = [f"{words.points(v, '未评')} / {m:g}" for v, m in zip(value, full, strict=True)]
        rows = pd.DataFrame(
            {"label": pd.Series(self.block_names), "value": value / full, "own": blocks["self_points"] / full}
        )
        rows = rows.assign(median=peers["median"], upper=peers["upper_quartile"], text=texts)
        names = names if is_scored else {"value": "自评得分率（未核验）"}
        weakest = rows["value"].idxmin() if rows["value"].notna().any() else rows.index[0]
        facts = {"weakest": rows["label"][weakest], "rate": words.share(rows["value"][weakest], "未报")}
        return chart("profile", profile(rows, names), rows, value=names["value"], **facts)

    def _changes(self) -> list[str]:
        """The change of the total and of single items on last year, stated only beyond the cycle's limit."""
        limit = words.points(self.config.cycle.min_change)
        changes = self.own("changes_by_unit_measure").set_index("measure_key")
        if "total" not in changes.index:
            return [say("no_last_year")]
        total, stated = (
            changes.loc["total"],
            changes[changes["is_stated"].astype(bool)].drop(index="total", errors="ignore"),
        )
        size = {"change": words.points(abs(total["change"])), "last": words.points(total["last_value"])}
        direction = "上升" if total["change"] > 0 else "下降"
        told = [
            say("changed", direction=direction, **size)
            if total["is_stated"]
            else say("not_changed", limit=limit)
        ]
        names = ("item:" + self.items["item_key"]).to_list()
        moved = [
            f"{name}{words.signed(stated['change'][key])}"
            for key, name in zip(names, self.items["name"], strict=True)
            if key in stated.index
        ]
        return [*told, *([say("items_changed", limit=limit, items="、".join(moved))] if moved else [])]

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """Items with lost points, the greatest loss first."""
        return self.items.query("lost_points > 0").sort_values(
            ["lost_points", "order"], ascending=[False, True]
        )

    def strengths_and_losses(self) -> Blocks:
        """The items that cost most, with reasons, and those that lie above the peers'."""
        if self.items["team_points"].isna().all():
            return Blocks(Paragraph(say("no_scores")))
        return Blocks(
            self._losses_table() if len(self.losses) else Paragraph("各项均得满分。"), self._strengths()
        )

    def _losses_table(self) -> Table:
        worst, total = self.losses.head(MOST_ITEMS), self.losses["lost_points"].sum()
        facts = {"total": words.points(total), "share": words.share(worst["lost_points"].sum() / total)}
        return table("losses", worst.assign(change=-worst["lost_points"]), n=len(worst), **facts)

    def _strengths(self) -> Table | Paragraph:
        above = self.items.assign(above=self.items["team_points"] - self.items["median"]).query("above > 0")
        best = above.sort_values(["above", "order"], ascending=[False, True]).head(MOST_ITEMS)
        return table("strengths", best, n=len(best)) if len(best) else Paragraph(say("no_strengths"), "note")

    def annex(self) -> Blocks:
        """Every item with both scores and the reason of each deduction, then one line a figure with its source."""
        unscored = "未评" if self.unit["is_visited"] else "未核验"
        is_out = self.items["is_not_applicable"].astype(bool)
        told = self.items.assign(
            own=[words.points(value, "未填") for value in self.items["self_points"]],
            team=[words.points(value, unscored) for value in self.items["team_points"]],
        )
        told[["own", "team"]] = told[["own", "team"]].mask(is_out, "不适用")
        sources = self._sources()
        none = Paragraph("没有可列出处的数字。")
        return Blocks(
            table("items", told, "block_label"), table("sources", sources, "table") if len(sources) else none
        )

    def _sources(self) -> pd.DataFrame:
        """What a figure is, its value, its row in the processed tables, and the cell it was read from."""
        names = dict(zip(self.items["item_id"], self.items["name"], strict=True))
        written = self.own("scores_by_unit_item_scorer").query("member_id == ''").dropna(subset=["points"])
        scores = written.assign(
            table="scores_by_unit_item_scorer",
            figure=[
                names.get(id_, id_) + (" 自评" if by == "self" else " 检查组")
                for id_, by in written[["item_id", "scorer"]].to_numpy()
            ],
            key=written["item_id"] + " / " + written["scorer"],
            value=written["points"],
        )
        counted = self.own("statistics_by_unit_category_measure").query("period == 'this' and value > 0")
        figures = self._told_figures(
            counted.set_index(["category_id", "measure_id"]).assign(
                table="statistics_by_unit_category_measure"
            )
        )
        figures = figures.assign(figure=figures["category"] + " " + figures["measure"])
        figures = figures.assign(key=figures["category_id"] + " / " + figures["measure_id"])
        told = pd.concat([scores, figures])
        return told.assign(place=self.places(told))
