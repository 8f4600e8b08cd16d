"""02 单位评分单: how one unit stands, why, against whom, and where each figure came from."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pandas as pd

from lianzheng.compare.measures import measures
from lianzheng.pages import words
from lianzheng.pages.blocks import Beside, Blocks, Chart, Heading, Paragraph, Table
from lianzheng.pages.chains import chain_rows
from lianzheng.pages.charts import profile
from lianzheng.pages.edition import UnitTables
from lianzheng.pages.figures import KEY
from lianzheng.pages.unit_sheet import UnitSheet
from lianzheng.pages.wording import chart, label, say, table, tiles, wording
from lianzheng.tables import labels
from lianzheng.trace import Chain, FileList

MOST_ITEMS = 5
_LONGEST_REASON, _LONGEST_FACTS = 80, 120
_CHART_MM = 100.0
_PARTS = ("inspection", "perception")


class ScorecardPage(UnitSheet):
    """The scorecard of one unit: one sheet of paper, then the annex of sources.

    The edition ``internal`` compares by name and rank; ``unit`` is for the unit itself: its own figures, of its peers
    only median and upper quartile of at least five others, no rank, no other unit's name.
    """

    name = "scorecard"
    editions = ("internal", "unit")

    @property
    def n_charts(self) -> int:
        """The profile of blocks, and the questionnaire where there is one."""
        return 1 + (not self.questions.empty)

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        """The unit's final line, with the words for its state and the scores of the components."""
        line = self.own("results_by_unit").iloc[0].to_dict()
        rank = say("rank", **line) if line["is_ranked"] else "不排名"
        scores, states = self.components["score"], self.components["state"].map(labels("component_state"))
        told = {f"{name}_told": words.points(scores[name], states[name]) for name in _PARTS}
        told["facts_told"] = words.signed(-self.components["deduction_points"]["facts"])
        gap = line["self_total"] - scores["inspection"]
        told["gap_told"] = "" if pd.isna(gap) else say("own_gap", gap=gap)
        return line | told | {"rank_told": rank}

    @functools.cached_property
    def components(self) -> pd.DataFrame:
        """检查, 测评, 事实 of the unit, by component."""
        return self.own("scores_by_unit_component").set_index("component")

    @functools.cached_property
    def benchmarks(self) -> pd.DataFrame:
        """Median and upper quartile of the unit's type by measure_key; null where too few units stand behind.

        For the unit itself they must be others: what it knows of the figures is then no peer's.
        """
        peers = self.peers(f"unit_type == {self.unit['unit_type']!r}").set_index("measure_key")
        is_shown = peers["is_shown"].astype(bool)
        if self.is_for_unit:
            own = measures(self.tables)["measure_key"].value_counts().reindex(peers.index, fill_value=0)
            is_shown &= peers["n"] - own >= self.config.cycle.peer_minimum
        return peers[["median", "upper_quartile"]].where(is_shown)

    @functools.cached_property
    def items(self) -> pd.DataFrame:
        """The unit's items in printed order: points, lost points, why, the peers' median."""
        known = self.frame("items").drop(columns=["cycle", "max_points"])
        items = self.own("scores_by_unit_item").merge(known, on="item_id")
        items = items.sort_values("order", ignore_index=True)
        all_lines = self.own("score_lines").query("scorer != 'self'")
        lines = all_lines.query("change_points != 0 or base_points == 0")
        reasons, basis = (
            self._by_team(some).groupby("item_id")["reason"].agg("；".join) for some in (lines, all_lines)
        )
        is_points = items["block_id"].isin(list(self.block_names)) & ~items["is_not_applicable"]
        return items.assign(
            lost_points=(items["max_points"] - items["team_points"]).where(is_points),
            why=[reasons.get(item_id) for item_id in items["item_id"]],
            basis=[basis.get(item_id) for item_id in items["item_id"]],
            median=("item:" + items["item_id"]).map(self.benchmarks["median"]),
        )

    def _by_team(self, lines: pd.DataFrame) -> pd.DataFrame:
        """The lines, with the team's name before its first reason of an item that several teams scored."""
        teams = {team.team_id: f"{team.name}：" for team in self.config.teams}
        is_shared = lines.groupby("item_id")["scorer"].transform("nunique") > 1
        is_first = ~lines.duplicated(["item_id", "scorer"])
        names = lines["scorer"].map(teams).fillna("").where(is_shared & is_first, "")
        return lines.assign(reason=names + lines["reason"])

    def overview(self) -> Blocks:
        """Title, what it comes to in a sentence, key figures and what decided the grade."""
        teams = {team.team_id: team.name for team in self.config.teams}
        visits = [visit for visit in self.config.visits if visit.unit_id == self.unit_id]
        seen = [say("visited_by", day=visit.visit_date, team=teams[visit.team_id]) for visit in visits]
        seen = seen or [say("not_on_the_list")]
        about = say("unit_facts", unit_id=self.unit_id, **self.unit.to_dict()).split("；")
        seen += [say("unit_edition")] if self.is_for_unit else []
        title = self.title(*about, *seen, name=self.unit["name"])
        strip = tiles("scorecard_unit" if self.is_for_unit else "scorecard", self.result)
        reason = Paragraph(say("grade_reason", **self.result))
        return Blocks(title, Paragraph(self._lead(), "lead"), strip, reason)

    def _lead(self) -> str:
        if pd.isna(self.result["total"]):
            return say(f"no_total_{self.where}")
        lost = [say("lost", **row) for row in self.losses.head(2).to_dict("records")]
        told = [say("total_and_grade", **self.result)]
        told += [say("ranked", **self.result)] if self.result["is_ranked"] and not self.is_for_unit else []
        told += [say("worst", items=words.listed(lost))] if lost else []
        return "；".join(told) + "。"

    def composition(self) -> Blocks:
        """What the total is made of, the profile of the blocks against the peers, and the change on last year."""
        if pd.isna(self.result["total"]):
            return Blocks(self._profile() if self.unit["is_visited"] else self._own_and_papers())
        told = map(Paragraph, [*self._facts(), *self._changes()])
        return Blocks(Beside(((self._components_table(), *told), (self._profile(),)), (54, 46)))

    def _facts(self) -> list[str]:
        """What was deducted as 事实, and for what."""
        reasons = "；".join(self.own("score_lines").query("item_id == 'facts'")["reason"])
        taken = self.components["deduction_points"]["facts"]
        return (
            [say("facts", points=taken, reasons=words.shortened(reasons, _LONGEST_FACTS))] if reasons else []
        )

    def _own_and_papers(self) -> Beside:
        """What stands in for the total of a unit that nobody visited: its own scores and the documents it handed in."""
        return Beside(((self._profile(),), (self.evidence_state(),)), (58, 42))

    def _components_table(self) -> Table | Paragraph:
        cycle, taken = self.config.cycle, -self.components["deduction_points"]["facts"]
        n_facts = len(self.own("score_lines").query("item_id == 'facts'"))
        facts = say("n_facts", n=n_facts) if n_facts else "没有扣分事实"
        rows = [self._component_row(name) for name in _PARTS]
        rows += [["事实", "扣分", "", words.signed(taken), words.DASH, words.DASH, facts]]
        rows += [["总分", "", "", words.points(self.result["total"]), *self._peers("total"), ""]]
        note = words.sum_note([*self._weighted(), taken], self.result["total"])
        told = {
            "peers": say(f"peers_{self.edition}", minimum=cycle.peer_minimum),
            "rounding": f"{note}。" if note else "",
        }
        return table("components", rows, **told, **cycle.weights.model_dump())

    def _weighted(self) -> list[float]:
        """检查 and 测评 as they count in the total."""
        scores = self.components["score"][list(_PARTS)]
        weights = self.components["weight"][scores.index]
        return [scores["inspection"]] if self.result["is_provisional"] else list(scores * weights)

    def _component_row(self, component: str) -> list[str]:
        row = self.components.loc[component]
        state = label("component_state", row["state"])
        is_alone = self.result["is_provisional"] and component == "inspection"
        weight = 1.0 if is_alone else row["weight"]
        told = say(f"behind_{component}", n=row["n"]) if row["state"] == "scored" else state
        points = words.points(row["score"], state), words.number(weight), words.points(row["score"] * weight)
        return [label("component", component), *points, *self._peers(component), told]

    def _peers(self, measure_key: str) -> list[str]:
        return [words.points(value, "不足5家") for value in self.benchmarks.reindex([measure_key]).iloc[0]]

    def _profile(self) -> Chart:
        """The total, its components and the blocks as shares of their points, with the unit's own and its peers'."""
        blocks = self.own("scores_by_unit_block").set_index("block_id").reindex(list(self.block_names))
        is_scored = bool(blocks["team_points"].notna().any())
        points = {block.block_id: block.max_points for block in self.config.standard.blocks}
        rows = pd.DataFrame({
            "key": "block:" + blocks.index, "label": self.block_names.values(), "own": blocks["self_points"],
            "points": blocks["team_points" if is_scored else "self_points"], "full": pd.Series(points)[blocks.index],
        })  # fmt: skip
        whole = self._wholes() if is_scored else rows.head(0)
        rows = pd.concat([whole, rows.assign(state="未评")], ignore_index=True)
        peers = self.benchmarks.reindex(rows["key"]).set_axis(rows.index).div(rows["full"], axis=0)
        told = zip(rows["points"], rows["full"], rows["state"], strict=True)
        rows = rows.assign(
            value=rows["points"] / rows["full"], own=rows["own"] / rows["full"],
            median=peers["median"], upper=peers["upper_quartile"],
            text=[f"{words.points(value, state)} / {full:g}" for value, full, state in told],
        )  # fmt: skip
        names = wording()["profile"]["scored" if is_scored else "not_scored"]
        weakest = rows.tail(len(blocks)).sort_values("value").iloc[0].to_dict()
        weakest["title"] = say(
            "weakest_block" if pd.notna(weakest["value"]) else "no_block", of=names["value"], **weakest
        )
        facts = {"of": names["value"], "minimum": self.config.cycle.peer_minimum}
        facts |= {"note": self._adding_up() if is_scored else ""}
        return chart("profile", profile(rows, names, _CHART_MM), rows, **facts, **weakest)

    def _wholes(self) -> pd.DataFrame:
        """The total (where there is one), 检查 and 测评 as rows of the profile, out of 100."""
        scores, states = self.components["score"], self.components["state"].map(labels("component_state"))
        rows = [("total", "总分", self.result["self_total"], self.result["total"], "")]
        rows += [(name, label("component", name), None, scores[name], states[name]) for name in _PARTS]
        frame = pd.DataFrame(rows, columns=["key", "label", "own", "points", "state"]).assign(full=100.0)
        frame = frame.astype({"own": "float64", "points": "float64"})
        return frame if pd.notna(self.result["total"]) else frame.tail(len(_PARTS))

    def _adding_up(self) -> str:
        """What a reader needs to add the blocks up to 检查: the bonus beside them, and what rounding does."""
        blocks = self.own("scores_by_unit_block").set_index("block_id")["team_points"]
        bonus = blocks.drop(index=list(self.block_names), errors="ignore").sum()
        told = [say("bonus_beside", points=bonus)] if bonus > 0 else []
        parts, of = (
            [*blocks.reindex(list(self.block_names)), bonus],
            "各部分与加分" if bonus > 0 else "各部分",
        )
        note = words.sum_note(parts, self.components["score"]["inspection"], "检查得分", of)
        return "。".join(filter(None, [*told, note]))

    def _changes(self) -> list[str]:
        """The change of the total and of single items on last year, stated only beyond the cycle's limit."""
        limit, changes = self.config.cycle.min_change, self.own("changes_by_unit_measure")
        total = changes[changes["measure_key"] == "total"].to_dict("records")
        if not total:
            return [say("no_last_year")]
        change, name = total[0]["change"], "changed" if total[0]["is_stated"] else "not_changed"
        told = say(name, limit=limit, up=change > 0, size=abs(change), **total[0])
        keys = self.items.assign(measure_key="item:" + self.items["item_key"])
        moved = keys.merge(changes[changes["is_stated"].astype(bool)], on="measure_key")
        items = "、".join(say("item_changed", **row) for row in moved.to_dict("records"))
        return [told, say("items_changed", limit=limit, items=items)] if items else [told]

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """Items with lost points, the greatest loss first."""
        lost = self.items.query("lost_points > 0")
        lost = lost.assign(change=-lost["lost_points"])
        return lost.sort_values(["lost_points", "order"], ascending=[False, True])

    def strengths_and_losses(self) -> Blocks:
        """The items that cost most and those that did best, each with its reason."""
        if self.items["team_points"].isna().all():
            return Blocks(Paragraph(say("no_scores")))
        worst, lost = self.losses.head(MOST_ITEMS), self.losses["lost_points"]
        share = worst["lost_points"].sum() / lost.sum() if len(lost) else 0.0
        facts = {"total": lost.sum(), "share": share}
        tables = (
            table("losses", self._short(worst, "why"), **facts),
            table("strengths", self._short(self.best, "basis")),
        )
        return Blocks(*tables)

    @property
    def best(self) -> pd.DataFrame:
        """Items that lost nothing or lie above the peers' median: farthest above first, then the weightiest."""
        above = (self.items["team_points"] - self.items["median"]).fillna(0.0)
        items = self.items.assign(above=above, change=-self.items["lost_points"])
        items = items[~items["item_id"].isin(self.losses["item_id"].head(MOST_ITEMS))]
        items = items.query("lost_points == 0 or above > 0")
        return items.sort_values(["above", "max_points", "order"], ascending=[False, False, True]).head(
            MOST_ITEMS
        )

    def _short(self, items: pd.DataFrame, column: str) -> pd.DataFrame:
        texts = [text if pd.isna(text) else words.shortened(text, _LONGEST_REASON) for text in items[column]]
        return items.assign(**{column: texts})

    def weakest(self) -> Iterator[str]:
        """The item that lost most and the question with the lowest score."""
        for row in self.losses.head(1).to_dict("records"):
            yield say("next_item", **row)
        if not self.questions.empty:
            for row in (
                self.questions.dropna(subset=["score"]).sort_values("score").head(1).to_dict("records")
            ):
                yield say("next_question", **row)

    def details(self) -> Blocks:
        """The annex's beginning: what the sheet has only in part."""
        parts = (self.raters, self.evidence, self.findings, self.statistics, self.papers)
        return Blocks(
            Heading(say("details"), starts_page=True), *(block for part in parts for block in part().blocks)
        )

    def annex(self) -> Blocks:
        """Every item with both scores and the reason of each deduction, then the chain from the total to the cells."""
        unscored = "未评" if self.unit["is_visited"] else "未核验"
        columns = {"own": ("self_points", "未填"), "team": ("team_points", unscored)}
        told = {name: [words.points(v, none) for v in self.items[c]] for name, (c, none) in columns.items()}
        items = self.items.assign(**told)
        items.loc[items["is_not_applicable"].astype(bool), list(told)] = "不适用"
        log = self.tables.log if isinstance(self.tables, UnitTables) else ()
        return Blocks(table("items", items, "block_label"), *self._chains(), log=tuple(log))

    def _chains(self) -> tuple[Table | Paragraph, ...]:
        """Where the figures came from: the total (or 事实 alone), the unit's own total, what it reported; then the files."""
        chain, files = Chain(self.config, self.tables), FileList()
        where = f"{self.unit_id}|facts", "deduction_points"
        first = ("total", chain.step("results_by_unit", self.unit_id, "total"))
        if not self.unit["is_visited"]:
            first = ("facts", chain.step("scores_by_unit_component", *where))
        told = [first, ("self", chain.step("results_by_unit", self.unit_id, "self_total"))]
        counted = self.own("statistics_by_unit_category_measure").query("period == 'this' and value > 0")
        for ids in self.told_figures(counted)[KEY].to_numpy():
            key = "|".join((self.unit_id, "this", *ids))
            told.append(("statistics", chain.step("statistics_by_unit_category_measure", key, "value")))
        rows = [{"band": say(f"chain_{of}")} | row for of, step in told for row in chain_rows(step, files)]
        names = ["number", "path", "sha256"]
        listed = pd.DataFrame([(f"[{number}]", *file) for number, *file in files.listed()], columns=names)
        lines = table("chain", pd.DataFrame(rows), "band", cycle=self.cycle, unit_id=self.unit_id)
        return lines, table("chain_files", listed)
