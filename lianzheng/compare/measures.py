"""What units are compared by: one long frame unit_id × measure_key → value."""

from __future__ import annotations

import pandas as pd

from lianzheng.scoring.lines import Frames

_MEASURES = ["unit_id", "measure_key", "value"]


def measures(tables: Frames) -> pd.DataFrame:
    """total, inspection, perception, block:<id> and item:<id> of the visited units, in points, without nulls.

    Provisional totals are left out (without 测评 they are another quantity), and so are the means of a group that
    an item got which does not apply.
    """
    results, components = tables["results_by_unit"], tables["scores_by_unit_component"]
    blocks, items = tables["scores_by_unit_block"], tables["scores_by_unit_item"]
    totals = results[~results["is_provisional"].astype(bool)]
    parts = components[components["component"] != "facts"]
    long = [
        totals.assign(measure_key="total", value=totals["total"]),
        parts.assign(measure_key=parts["component"], value=parts["score"]),
        blocks.assign(measure_key="block:" + blocks["block_id"], value=blocks["team_points"]),
        items.assign(
            measure_key="item:" + items["item_id"], value=items["team_points"].where(items["n_teams"] > 0)
        ),
    ]
    return pd.concat([frame[_MEASURES] for frame in long], ignore_index=True).dropna(subset=["value"])
