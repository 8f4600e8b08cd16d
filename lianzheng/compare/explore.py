"""What the analyst asks of a cycle beyond the pages: which items separate units, and how sure ranks are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lianzheng.scoring.lines import Frames

FEWEST_UNITS = 5


def separating_items(tables: Frames, block_ids: list[str]) -> pd.DataFrame:
    """How well each item of these blocks separates good units from bad, the best first; rates of points are 0–1.

    Over the n units whose teams scored all that applies: ``upper_rate`` and ``lower_rate``, the item's mean rate
    in the best and the worst third (⌊n/3⌋ units each) by all points, and their ``difference`` (Ebel's index of
    discrimination); ``item_rest``, Pearson's correlation of the item's rate with the rate of all other items
    (Henrysson 1963). Null below five units, item_rest also where all units are alike.
    """
    rates = _rates(tables, block_ids)
    order = rates.groupby("unit_id")[["team_points", "max_points"]].sum()
    order = (order["team_points"] / order["max_points"]).sort_values(kind="stable").index
    third = len(order) // 3
    of_item = rates.groupby("item_id")
    found = of_item.agg(
        n_units=("unit_id", "size"), max_points=("max_points", "first"), mean_rate=("rate", "mean")
    )
    for name, units in (("upper_rate", order[-third:]), ("lower_rate", order[:third])):
        found[name] = rates[rates["unit_id"].isin(units if third else [])].groupby("item_id")["rate"].mean()
    found["difference"] = found["upper_rate"] - found["lower_rate"]
    found["item_rest"] = [_correlation(of_item.get_group(item_id)) for item_id in found.index]
    measures = ["upper_rate", "lower_rate", "difference", "item_rest"]
    found[measures] = found[measures].where(found["n_units"] >= FEWEST_UNITS)
    by = ["difference", "item_id"]
    return found.reset_index().sort_values(by, ascending=[False, True], ignore_index=True)


def _rates(tables: Frames, block_ids: list[str]) -> pd.DataFrame:
    """Unit × item with the item's rate and that of all other items that apply."""
    items, states = tables["items"], tables["scores_by_unit_component"]
    scored = states.loc[(states["component"] == "inspection") & (states["state"] == "scored"), "unit_id"]
    scores = tables["scores_by_unit_item"]
    is_meant = scores["unit_id"].isin(scored) & scores["team_points"].notna() & ~scores["is_not_applicable"]
    is_meant &= scores["item_id"].isin(items.loc[items["block_id"].isin(block_ids), "item_id"])
    rows = scores.loc[is_meant.astype(bool), ["unit_id", "item_id", "team_points", "max_points"]]
    rest = (
        rows.groupby("unit_id")[["team_points", "max_points"]].transform("sum")
        - rows[["team_points", "max_points"]]
    )
    return rows.assign(
        rate=rows["team_points"] / rows["max_points"], rest=rest["team_points"] / rest["max_points"]
    )


def _correlation(rows: pd.DataFrame) -> float:
    """Pearson's r; null where either side does not vary (no division by a deviation that is only noise)."""
    if np.ptp(rows["rate"]) < 1e-9 or np.ptp(rows["rest"]) < 1e-9:
        return float("nan")
    return float(rows["rate"].corr(rows["rest"]))


def rank_ranges(
    tables: Frames, block_ids: list[str], inspection_weight: float, perception_weight: float
) -> pd.DataFrame:
    """How far each rank rests on a single item, and how wide the total is, by type and rank.

    ``best_rank`` and ``worst_rank``: over the ranks with all items and with each one left out (OECD and JRC 2008,
    dropping one indicator at a time), the total then being total + 100·w₁·(rate of all other items − rate of all
    items); ``item_ids``: the items without which the rank is another one, joined by |. ``low`` and ``high``: the
    total with the ends of the 95 % interval of 测评, null without one; what teams scored is taken as it is.
    """
    results, asked = tables["results_by_unit"], tables["questionnaire_by_unit_question"]
    whole = asked[(asked["question_id"] == "all") & (asked["rater_group"] == "all")].set_index("unit_id")
    ranked = results[results["is_ranked"].astype(bool)].set_index("unit_id")
    ranked = ranked[["rank_group", "rank", "total"]].join(whole[["score", "low", "high"]])
    for name in ("low", "high"):
        ranked[name] = ranked["total"] + perception_weight * (ranked[name] - ranked["score"])
    ranks = _ranks_without(_rates(tables, block_ids), ranked, inspection_weight)
    moved = ranks.ne(ranked["rank"].astype("int64"), axis=0)
    ends = ranks.assign(**{"": ranked["rank"].astype("int64")})
    found = ranked.assign(
        best_rank=ends.min(axis=1).astype("int64"),
        worst_rank=ends.max(axis=1).astype("int64"),
        item_ids=["|".join(moved.columns[row]) for row in moved.to_numpy()],
    )
    names = ["rank_group", "rank", "best_rank", "worst_rank", "item_ids", "total", "low", "high"]
    return found[names].reset_index().sort_values(["rank_group", "rank", "unit_id"], ignore_index=True)


def _ranks_without(rates: pd.DataFrame, ranked: pd.DataFrame, inspection_weight: float) -> pd.DataFrame:
    """Unit × item: the rank in its type when that item is left out, ties sharing the better one."""
    points = rates.groupby("unit_id")[["team_points", "max_points"]].sum()
    rest = rates.pivot(index="unit_id", columns="item_id", values="rest").reindex(ranked.index)
    change = rest.sub(points["team_points"] / points["max_points"], axis=0).reindex(ranked.index).fillna(0.0)
    totals = (100 * inspection_weight * change).add(ranked["total"], axis=0).round(9)
    return totals.groupby(ranked["rank_group"]).rank(ascending=False, method="min").astype("int64")
