"""This year against last: the total, and items with the same item_key, in this year's points of the item."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lianzheng.compare.measures import measures
from lianzheng.scoring.lines import Frames
from lianzheng.scoring.rounding import rounded

TOTAL = "total"


def changes_by_unit_measure(
    tables: Frames, min_change: float, last_max_points: Mapping[str, float]
) -> pd.DataFrame:
    """value, last_value, change, and ``is_stated``: beyond ``min_change`` points by the rounded values.

    ``last_max_points`` are last year's points by item_key: where they differ from this year's, last year's score
    is brought to this year's points, so that only the share achieved is compared. Without them it is taken as is.
    """
    items, last = tables["items"], tables["last_scores_by_unit_item"]
    keys = pd.concat([
        pd.DataFrame({"measure_key": [TOTAL], "item_key": [TOTAL], "factor": [1.0]}),
        pd.DataFrame({
            "measure_key": "item:" + items["item_id"],
            "item_key": items["item_key"],
            "factor": items["max_points"] / items["item_key"].map(last_max_points).astype("float64").fillna(items["max_points"]),
        }),
    ])  # fmt: skip
    both = measures(tables).merge(keys, on="measure_key").merge(
        last[["unit_id", "item_key", "points"]], on=["unit_id", "item_key"]
    )  # fmt: skip
    last_value = both["points"] * both["factor"]
    step = rounded(rounded(both["value"]) - rounded(last_value))
    return pd.DataFrame({
        "unit_id": both["unit_id"],
        "measure_key": both["measure_key"].where(both["item_key"] == TOTAL, "item:" + both["item_key"]),
        "value": both["value"],
        "last_value": last_value,
        "change": both["value"] - last_value,
        "is_stated": step.abs() > min_change,
    })  # fmt: skip
