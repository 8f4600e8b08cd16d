"""The comparing step as a list of steps, and how its tables are stored."""

from __future__ import annotations

from collections import ChainMap

import pandas as pd

from lianzheng.compare.bulletin import bulletin_figures
from lianzheng.compare.changes import changes_by_unit_measure
from lianzheng.compare.findings import finding_counts_by_class
from lianzheng.compare.peers import peers_by_type_measure
from lianzheng.compare.recurrences import recurrences
from lianzheng.compare.statistics import (
    parts_of_totals,
    statistic_changes_by_unit,
    statistics_by_category_measure,
)
from lianzheng.config import CycleConfig, load_config
from lianzheng.scoring.lines import Frames
from lianzheng.tables import conform, write_tables


def run_compare(config: CycleConfig, tables: Frames) -> dict[str, pd.DataFrame]:
    """Benchmarks, changes on last year and counts of findings; pure but for last year's standard in config/."""
    cycle = config.cycle
    statistics = statistic_changes_by_unit(tables, cycle.percentage_minimum)
    totals = parts_of_totals(config.statistics)
    made = {
        "peers_by_type_measure": peers_by_type_measure(tables, cycle.peer_minimum),
        "changes_by_unit_measure": changes_by_unit_measure(tables, cycle.min_change, last_max_points(config)),
        "recurrences": recurrences(tables, cycle.cycle),
        "statistic_changes_by_unit": statistics,
        "statistics_by_category_measure": statistics_by_category_measure(
            statistics, totals, cycle.percentage_minimum
        ),
        "finding_counts_by_class": finding_counts_by_class(config, tables),
    }
    made["bulletin_figures"] = bulletin_figures(config, ChainMap(made, tables))  # type: ignore[arg-type]
    return {name: conform(name, frame, cycle.cycle) for name, frame in made.items()}


def last_max_points(config: CycleConfig) -> dict[str, float]:
    """Last cycle's points by item_key, from its own standard; nothing where there was no last cycle."""
    if config.cycle.previous_cycle is None:
        return {}
    last = load_config(config.cycle.previous_cycle, config.project)
    return {item.item_key: item.max_points for item in last.standard.items if item.max_points > 0}


def write_compare(config: CycleConfig, frames: dict[str, pd.DataFrame]) -> None:
    """Store the tables of the comparison."""
    write_tables(config.data_processed, frames, {})
