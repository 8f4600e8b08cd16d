"""附件2 against last year: by unit, and summed over the bureau; blank is not 0, and nothing is imputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lianzheng.config.forms import Statistics
from lianzheng.scoring.lines import Frames

FIGURES = "statistics_by_unit_category_measure"
_KEY = ["unit_id", "category_id", "measure_id"]
_CELL = ["category_id", "measure_id"]
_BASES = ["last_return", "last"]  # what was returned then goes before what this year's form says of it


def statistic_changes_by_unit(tables: Frames, percentage_minimum: float) -> pd.DataFrame:
    """Every figure of this year's 附件2 with its base, the change, and the change in percent of the base.

    A base is what the unit returned last year, else the 上年 of this year's form; no change without both figures,
    no ``change_pct`` where the base is below ``percentage_minimum``.
    """
    figures = tables[FIGURES]
    values = figures.pivot(index=_KEY, columns="period", values="value").reindex(columns=["this", *_BASES])
    units = figures.drop_duplicates(_KEY).set_index(_KEY)["unit_of_measure"]
    is_this_year = figures.loc[figures["period"] == "this", _KEY]
    rows = values.loc[pd.MultiIndex.from_frame(is_this_year)].astype("float64")
    is_returned = rows["last_return"].notna()
    last_value = rows["last_return"].fillna(rows["last"])
    source = pd.Series("last", rows.index, "str").mask(is_returned, "last_return").where(last_value.notna())
    changed = pd.DataFrame({"value": rows["this"], "last_value": last_value, "base_source": source})
    changed = changed.assign(unit_of_measure=units.reindex(rows.index))
    return _with_change(changed, "value", percentage_minimum).reset_index()


def statistics_by_category_measure(
    changes: pd.DataFrame, totals: Mapping[str, Sequence[str]], percentage_minimum: float
) -> pd.DataFrame:
    """The bureau's sums; those that are compared are over the same units (and categories) on both sides.

    ``totals`` maps the category of a total row to its parts: the bureau's total sums what the units wrote in the
    parts, not what they wrote as their total.
    """
    rows = changes[~changes["category_id"].isin(list(totals))]
    summed = [
        rows[rows["category_id"].isin(list(parts))].assign(category_id=total)
        for total, parts in totals.items()
    ]
    rows = pd.concat([rows, *summed], ignore_index=True)
    both = rows[rows["value"].notna() & rows["last_value"].notna()].groupby(_CELL)
    this = rows.dropna(subset=["value"]).groupby(_CELL)
    sums = pd.DataFrame({
        "unit_of_measure": rows.groupby(_CELL)["unit_of_measure"].first(),
        "n_units": this["unit_id"].nunique(), "total": this["value"].sum(),
        "n_compared": both["unit_id"].nunique(), "total_compared": both["value"].sum(),
        "last_total": both["last_value"].sum(),
    })  # fmt: skip
    sums = sums.astype({"total": "float64", "total_compared": "float64", "last_total": "float64"})
    counted = sums.fillna({"n_units": 0, "n_compared": 0}).rename(columns={"last_total": "last_value"})
    changed = _with_change(counted, "total_compared", percentage_minimum)
    return changed.rename(columns={"last_value": "last_total"}).reset_index()


def _with_change(rows: pd.DataFrame, column: str, percentage_minimum: float) -> pd.DataFrame:
    """Add change and change_pct of ``column`` on ``last_value``; null where a side, or enough of a base, is missing."""
    change, base = rows[column] - rows["last_value"], rows["last_value"].abs().round(9)
    return rows.assign(change=change, change_pct=(100 * change / base).where(base >= percentage_minimum))


def parts_of_totals(statistics: Statistics | None) -> dict[str, tuple[str, ...]]:
    """The category of every total row of 附件2 with the categories that it sums."""
    return {
        total.keys["category_id"]: tuple(r.keys["category_id"] for r in table.rows if r.role == "data")
        for table in (statistics.form.tables if statistics else ())
        for total in table.rows
        if total.role == "total" and "category_id" in total.keys
    }
