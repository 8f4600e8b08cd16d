"""未整改 and 屡查屡犯: lines of the ledger that were raised before, matched with this year's findings."""

from __future__ import annotations

import pandas as pd

from lianzheng.scoring.lines import Frames

_COLUMNS = ["rectification_id", "finding_id", "unit_id", "kind"]


def recurrences(tables: Frames, cycle: int) -> pd.DataFrame:
    """Of the lines of an earlier cycle or of another source than this inspection, those that come back.

    ``not_rectified`` (finding_id empty) are those that are not closed; ``repeated``, whatever their state, those
    whose unit has a confirmed finding of the same subject this year, a row per finding.
    """
    lines, units, findings = (tables[name] for name in ("rectifications", "units", "findings"))
    earlier = lines[(lines["source"] != "inspection") | (lines["origin_cycle"] < cycle)]
    still_open = earlier[earlier["state"] != "closed"].assign(finding_id="", kind="not_rectified")
    visited = units.loc[units["is_visited"].astype(bool), "unit_id"]
    seen = findings[findings["is_confirmed"].astype(bool) & findings["unit_id"].isin(visited)]
    named = earlier.dropna(subset=["subject_id"]).drop(columns="finding_id")
    again = named.merge(seen[["unit_id", "subject_id", "finding_id"]], on=["unit_id", "subject_id"])
    return pd.concat([still_open[_COLUMNS], again.assign(kind="repeated")[_COLUMNS]], ignore_index=True)
