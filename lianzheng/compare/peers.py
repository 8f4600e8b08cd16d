"""Benchmarks: median and upper quartile of a type, shown only where enough units stand behind them."""

from __future__ import annotations

import pandas as pd

from lianzheng.compare.measures import measures
from lianzheng.scoring.lines import Frames

BUREAU = "all"


def peers_by_type_measure(tables: Frames, peer_minimum: int) -> pd.DataFrame:
    """n, median and upper quartile (type 7: linear between order statistics) per unit_type and for the bureau.

    Below ``peer_minimum`` units only ``n`` is kept.
    """
    typed = measures(tables).merge(tables["units"][["unit_id", "unit_type"]], on="unit_id")
    typed = pd.concat([typed, typed.assign(unit_type=BUREAU)], ignore_index=True)
    groups = typed.groupby(["unit_type", "measure_key"])["value"]
    peers = pd.DataFrame(
        {"n": groups.size(), "median": groups.median(), "upper_quartile": groups.quantile(0.75)}
    )
    is_shown = peers["n"] >= peer_minimum
    figures = peers[["median", "upper_quartile"]].where(is_shown)
    return figures.assign(n=peers["n"], is_shown=is_shown).reset_index()
