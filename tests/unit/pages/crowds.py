"""Bureaus of another size: one unit visited, or many units that are all alike."""

from __future__ import annotations

import dataclasses

from lianzheng.pages import words
from tests.unit.pages.bureau import VISITED, Sample


def with_one_visited(sample: Sample) -> None:
    """Only the first unit was visited, and one problem found there."""
    for unit_id in VISITED[1:]:
        sample.change("units", unit_id, is_visited=False)
        for table in ("findings", "highlights", "site_visits", "evidence_by_unit_class"):
            sample.drop(table, unit_id)
    sample.config = dataclasses.replace(sample.config, visits=sample.config.visits[:1])
    sample.rows["finding_counts_by_class"] = [
        {"bulletin_class": "talks", "n_findings": 1, "n_units": 1, "is_common": True, "unit_ids": "U001"}
    ]


def crowd(sample: Sample, n_units: int) -> None:
    """A bureau of so many units, all visited, each with the same finding."""
    unit, visit = sample.config.units[0], sample.config.visits[0]
    ids = [f"U{number:03}" for number in range(1, n_units + 1)]
    names = {id_: f"{words.numeral(n)}号管理处" for n, id_ in enumerate(ids, start=1)}
    units = [
        unit.model_copy(update={"unit_id": i, "name": name, "short_name": name, "aliases": ()})
        for i, name in names.items()
    ]
    visits = tuple(visit.model_copy(update={"unit_id": id_}) for id_ in ids)
    sample.config = dataclasses.replace(sample.config, units=tuple(units), visits=visits)
    sample.rows |= {name: [] for name, rows in sample.rows.items() if rows and "unit_id" in rows[0]}
    sample.rows["units"] = [
        {"unit_id": id_, "name": name, "short_name": name, "unit_type": "事业单位", "headcount": 9, "order": order,
         "is_visited": True, "was_visited_last_cycle": False}
        for order, (id_, name) in enumerate(names.items(), start=1)
    ]  # fmt: skip
    sample.rows["findings"] = [
        {"finding_id": f"{id_}-1", "unit_id": id_, "team_id": "T1", "subject_id": "talks", "defect_id": "no_record", "text": "",
         "bulletin_class": "talks", "finding_severity": "slight", "is_confirmed": True}
        for id_ in ids
    ]  # fmt: skip
    sample.rows["finding_counts_by_class"] = [
        {
            "bulletin_class": "talks",
            "n_findings": n_units,
            "n_units": n_units,
            "is_common": True,
            "unit_ids": "|".join(ids),
        }
    ]
