"""02 单位评分单: how one unit stands, why, against whom, and where each figure came from."""

from __future__ import annotations

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.bars import profile
from lianzheng.pages.blocks import Beside, Blocks, Bullets, Chart, Heading, Paragraph, Table
from lianzheng.pages.chains import chain_rows
from lianzheng.pages.edition import UnitTables
from lianzheng.pages.figures import KEY
from lianzheng.pages.unit_scores import MOST_ITEMS, PARTS
from lianzheng.pages.unit_sheet import UnitSheet
from lianzheng.pages.wording import chart, filled, label, say, table, tiles, wording
from lianzheng.tables import labels
from lianzheng.trace import Chain, FileList

_REASON, _FACTS, _GRADE_REASON = 56, 100, 160  # characters
_CHART_MM = 100.0


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
        reason = Paragraph(words.shortened(*self._reasons()["grade"]))
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
        facts = [words.shortened(*reason) for name, reason in self._reasons().items() if name == "facts"]
        told = map(Paragraph, [*facts, *self._changes()])
        sheet = Beside(((self._components_table(), *told), (self._profile(),)), (54, 46))
        return Blocks(sheet, *self._neighbours())

    def _neighbours(self) -> tuple[Table | Paragraph, ...]:
        """For the bureau: by name the first and the last of the ranked units of the type and those next to this one."""
        if self.is_for_unit or not self.result["is_ranked"]:
            return ()
        ranked = self.rows("results_by_unit", "rank_group", self.result["rank_group"]).query("is_ranked")
        ranked = ranked.set_index("unit_id").join(self.units[["short_name", "order"]])
        ranked = ranked.sort_values(["rank", "order"])
        own = ranked.index.get_loc(self.unit_id)
        places = sorted({0, own - 1, own, own + 1, len(ranked) - 1} & set(range(len(ranked))))
        rows = ranked.iloc[places]
        scores = self.rows("scores_by_unit_component", "unit_id", *rows.index)
        rows = rows.join(scores.pivot(index="unit_id", columns="component", values="score"))
        rows = rows.assign(
            gap=rows["total"] - self.result["total"],
            unit=rows["short_name"].where(rows.index != self.unit_id, "本单位"),
        )
        return (table("neighbours", rows, n_ranked=len(ranked), group=self.result["rank_group"]),)

    def _reasons(self) -> dict[str, tuple[str, int]]:
        """Why this grade, and what was deducted as 事实: the sentences, and how long each may be on the sheet."""
        reasons = "；".join(self.own("score_lines", item_id="facts")["reason"])
        taken = self.components["deduction_points"]["facts"]
        facts = {"facts": (say("facts", points=taken, reasons=reasons), _FACTS)} if reasons else {}
        return {"grade": (say("grade_reason", **self.result), _GRADE_REASON), **facts}

    def how_to_read(self) -> tuple[Bullets, ...]:
        """For the annex: what the words and states of the sheet mean, with the cycle's parameters."""
        cycle = self.config.cycle
        facts = cycle.model_dump() | {"threshold": self.threshold, "facts_cap": cycle.facts.cap}
        facts["peers"] = say(f"peers_{self.edition}", minimum=cycle.peer_minimum)
        return (Bullets(tuple(filled(text, facts) for text in wording()["how_to_read"])),)

    def whole_reasons(self) -> tuple[Paragraph, ...]:
        """For the annex: in full the reasons that the sheet has only in part."""
        return tuple(Paragraph(text) for text, longest in self._reasons().values() if len(text) > longest)

    def _own_and_papers(self) -> Beside:
        """What stands in for the total of a unit that nobody visited: its own scores and the documents it handed in."""
        return Beside(((self._profile(),), (self.evidence_state(),)), (58, 42))

    def _components_table(self) -> Table | Paragraph:
        cycle, taken = self.config.cycle, -self.components["deduction_points"]["facts"]
        n_facts = len(self.own("score_lines", item_id="facts"))
        facts = say("n_facts", n=n_facts) if n_facts else "没有扣分事实"
        rows = [self._component_row(name) for name in PARTS]
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
        scores = self.components["score"][list(PARTS)]
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
        rows += [(name, label("component", name), None, scores[name], states[name]) for name in PARTS]
        frame = pd.DataFrame(rows, columns=["key", "label", "own", "points", "state"]).assign(full=100.0)
        frame = frame.astype({"own": "float64", "points": "float64"})
        return frame if pd.notna(self.result["total"]) else frame.tail(len(PARTS))

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

    def _short(self, items: pd.DataFrame, column: str) -> pd.DataFrame:
        texts = [text if pd.isna(text) else words.shortened(text, _REASON) for text in items[column]]
        return items.assign(**{column: texts})

    def details(self) -> Blocks:
        """The annex's beginning: what the sheet has only in part."""
        parts = (
            self.how_to_read,
            self.whole_reasons,
            self.raters,
            self.evidence,
            self.findings,
            self.raised,
            self.statistics,
            self.papers,
        )
        return Blocks(
            Heading(say("details"), starts_page=True), *(block for part in parts for block in part())
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
        chain, files = Chain(self.config, self.tables, self.unit_id), FileList()
        where = f"{self.unit_id}|facts", "deduction_points"
        first = ("total", chain.step("results_by_unit", self.unit_id, "total"))
        if not self.unit["is_visited"]:
            first = ("facts", chain.step("scores_by_unit_component", *where))
        told = [first, ("self", chain.step("results_by_unit", self.unit_id, "self_total"))]
        counted = self.own("statistics_by_unit_category_measure", period="this")
        counted = counted[counted["value"] > 0]
        for ids in self.told_figures(counted)[KEY].to_numpy():
            key = "|".join((self.unit_id, "this", *ids))
            told.append(("statistics", chain.step("statistics_by_unit_category_measure", key, "value")))
        rows = [{"band": say(f"chain_{of}")} | row for of, step in told for row in chain_rows(step, files)]
        self.reads |= chain.reads
        names = ["number", "path", "sha256"]
        listed = pd.DataFrame([(f"[{number}]", *file) for number, *file in files.listed()], columns=names)
        lines = table("chain", pd.DataFrame(rows), "band", cycle=self.cycle, unit_id=self.unit_id)
        return lines, table("chain_files", listed)
