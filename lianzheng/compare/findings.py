"""The bulletin's counts: confirmed findings by class, every class listed."""

from __future__ import annotations

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.lines import Frames

_NOISE = 1e-9


def finding_counts_by_class(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """Confirmed findings at visited units and the units that have one; common from ``common_share`` of the visited.

    ``unit_ids`` in roster order parted by ``|``; null for a class without findings.
    """
    classes = [kind.bulletin_class for kind in config.findings.bulletin_classes] if config.findings else []
    units, findings = tables["units"], tables["findings"]
    visited = units.loc[units["is_visited"].astype(bool), "unit_id"]
    counted = findings[findings["is_confirmed"].astype(bool) & findings["unit_id"].isin(visited)]
    counted = counted.merge(units[["unit_id", "order"]], on="unit_id").sort_values("order", kind="stable")
    groups = counted.groupby("bulletin_class")["unit_id"]
    named = groups.agg(lambda unit_ids: "|".join(dict.fromkeys(unit_ids)))
    counts = pd.DataFrame({"n_findings": groups.size(), "n_units": groups.nunique()})
    counts = counts.reindex(pd.Index(classes, name="bulletin_class"), fill_value=0).assign(unit_ids=named)
    least = max(config.cycle.common_share * len(visited), 1) - _NOISE
    return counts.assign(is_common=counts["n_units"] >= least).reset_index()
