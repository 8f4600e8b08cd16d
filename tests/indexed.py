"""The index over the hand-made bureau of eight units, written without running a notebook."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.publish.index import write_index
from lianzheng.publish.run import MANIFEST, data_version
from lianzheng.tables import schemas, write_tables
from tests.unit.pages.bureau import UNIT_IDS, Frames, Rows, Sample

EDITIONS = ("U001", "U003")
"""Units whose own edition is published; that of U003 is stale, and so are the scorecard of U005 and the intake page."""


def write_small_index(folder: Path, *, has_editions: bool = True, n_times: int = 1) -> CycleConfig:
    """Tables, record of pages and index; U016 has no scorecard yet, U002 something to correct; ``n_times`` eight units."""
    sample = Sample(lambda config, tables: None)
    config = dataclasses.replace(sample.config, project=folder)
    for number in range(1, n_times):
        config = _repeated(config, sample.rows, number)
    frames = Frames(sample.rows, sample.config)
    write_tables(config.data_processed, {name: frames[name] for name in schemas()}, {})
    scorecards = [f"units/{unit_id}/scorecard" for unit_id in UNIT_IDS[:-1]]
    editions = [f"editions/{unit_id}/scorecard" for unit_id in EDITIONS if has_editions]
    version = data_version(config)
    pages = {
        stem: {
            "files": {f"{stem}.{suffix}": "" for suffix in ("pdf", "html")},
            "data_version": version,
            "is_stale": stem in ("units/U005/scorecard", "editions/U003/scorecard"),
        }
        for stem in ("intake", "comparison", *scorecards, *editions)
    }
    pages["intake"]["data_version"] = "of an earlier run"
    returned = config.reports / "returns" / "U002"
    returned.mkdir(parents=True)
    (returned / "退回补正单.xlsx").write_bytes(b"")
    (config.reports / MANIFEST).write_text(json.dumps({"pages": pages}), encoding="utf-8")
    write_index(config)
    return config


def _repeated(config: CycleConfig, rows: Rows, number: int) -> CycleConfig:
    """Eight more units with names of twenty characters, the same results and ids after all others."""
    new_ids = {unit_id: f"U{100 * number + int(unit_id[1:])}" for unit_id in UNIT_IDS}
    for table in ("units", "results_by_unit"):
        for row in [row for row in rows[table] if row["unit_id"] in new_ids]:
            named = {"name": f"{row['name']}第{number}"[:20].ljust(20, "处")} if table == "units" else {}
            order = {"order": row["order"] + 100 * number} if table == "units" else {}
            rows[table].append({**row, "unit_id": new_ids[row["unit_id"]], **named, **order})
    units = [unit for unit in config.units if unit.unit_id in new_ids]
    more = [unit.model_copy(update={"unit_id": new_ids[unit.unit_id]}) for unit in units]
    return dataclasses.replace(config, units=(*config.units, *more))
