"""The scores of one unit: the final line, its components, the items with what they lost and why, beside the peers."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from lianzheng.compare.measures import measures
from lianzheng.pages import words
from lianzheng.pages.unit_page import UnitPage
from lianzheng.pages.wording import say
from lianzheng.tables import labels

PARTS = ("inspection", "perception")
MOST_ITEMS = 5


class UnitScores(UnitPage):
    """A page about one unit that tells its scores."""

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        """The unit's final line, with the words for its state and the scores of the components."""
        line = self.own("results_by_unit").iloc[0].to_dict()
        rank = say("rank", **line) if line["is_ranked"] else "不排名"
        scores, states = self.components["score"], self.components["state"].map(labels("component_state"))
        told = {f"{name}_told": words.points(scores[name], states[name]) for name in PARTS}
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
        peers = self.rows("peers_by_type_measure", "unit_type", self.unit["unit_type"])
        peers = peers.set_index("measure_key")
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
        all_lines = self.own("score_lines")
        all_lines = all_lines[all_lines["scorer"] != "self"]
        lines = all_lines[(all_lines["change_points"] != 0) | (all_lines["base_points"] == 0)]
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

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """Items with lost points, the greatest loss first."""
        lost = self.items[self.items["lost_points"] > 0]
        lost = lost.assign(change=-lost["lost_points"])
        return lost.sort_values(["lost_points", "order"], ascending=[False, True])

    @property
    def best(self) -> pd.DataFrame:
        """Items that lost nothing or lie above the peers' median: farthest above first, then the weightiest."""
        above = (self.items["team_points"] - self.items["median"]).fillna(0.0)
        items = self.items.assign(above=above, change=-self.items["lost_points"])
        items = items[~items["item_id"].isin(self.losses["item_id"].head(MOST_ITEMS))]
        items = items[(items["lost_points"] == 0) | (items["above"] > 0)]
        return items.sort_values(["above", "max_points", "order"], ascending=[False, False, True]).head(
            MOST_ITEMS
        )
