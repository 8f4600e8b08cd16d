"""What the drawn bureau is like: consistent within itself, spread over the grades, most statistics zero."""

from __future__ import annotations

import statistics

import pytest

from lianzheng.config import CycleConfig
from lianzheng.demo.bureau import texts
from lianzheng.demo.files import Sample


def unit_ids(config: CycleConfig) -> list[str]:
    return [unit.unit_id for unit in config.units]


def test_the_units_own_scores_add_up_and_lie_a_little_above_the_teams(
    clean: Sample, config: CycleConfig
) -> None:
    gaps = []
    for visit in config.visits:
        rows = clean.bureau.rows("scores_by_unit_item_scorer", visit.unit_id)
        own = {r["item_id"]: r["points"] for r in rows if r["scorer"] == "self"}
        team = {r["item_id"]: r["points"] for r in rows if r["scorer"] != "self" and not r["member_id"]}
        assert own["total"] == pytest.approx(
            sum(p for id_, p in own.items() if id_ != "total" and p is not None)
        )
        gaps += [own[id_] - team[id_] for id_ in team if own.get(id_) is not None and team[id_] is not None]
        assert all((own[id_] is None) == (team[id_] is None) for id_ in team if id_ in own)
    assert 0.1 < statistics.fmean(gaps) < 0.6


def test_an_item_of_members_is_the_mean_of_its_members(clean: Sample, config: CycleConfig) -> None:
    for visit in config.visits:
        rows = clean.bureau.rows(
            "scores_by_unit_item_scorer", visit.unit_id, item_id="S107", scorer=visit.team_id
        )
        members = [row["points"] for row in rows if row["member_id"]]
        item = next(row["points"] for row in rows if not row["member_id"])
        assert item == pytest.approx(sum(members) / len(members), abs=0.005)
        assert len(members) == len([m for m in config.members if m.unit_id == visit.unit_id])


def test_deductions_are_explained(clean: Sample, config: CycleConfig) -> None:
    items = {item.item_id: item for item in config.standard.scored_items}
    for visit in config.visits:
        for row in clean.bureau.rows("scores_by_unit_item_scorer", visit.unit_id, scorer=visit.team_id):
            item = items.get(row["item_id"])
            if item and row["points"] is not None and row["points"] < item.max_points:
                assert row["reason"], row


def test_the_ledger_agrees_with_what_was_observed(clean: Sample, config: CycleConfig) -> None:
    for unit_id in unit_ids(config):
        rows = clean.bureau.rows("rectifications", unit_id, source="last_inspection")
        assert bool(rows) == (unit_id in config.visited_last_cycle)
        if rows:
            share = sum(row["state"] == "closed" for row in rows) / len(rows)
            assert share == pytest.approx(clean.bureau.seen(unit_id, "last_feedback"))
        comments = clean.bureau.rows("rectifications", unit_id, source="debrief")
        n_open = sum(row["state"] != "closed" for row in comments)
        assert n_open == clean.bureau.seen(unit_id, "debrief_comments")


def test_most_statistics_are_zero_and_totals_add_up(clean: Sample, config: CycleConfig) -> None:
    table = "statistics_by_unit_category_measure"
    problems = [
        row
        for unit_id in unit_ids(config)
        for row in clean.bureau.rows(table, unit_id, period="this")
        if row["category_id"] in config.choices("categories")
    ]
    share = sum(row["value"] == 0 for row in problems) / len(problems)
    assert 0.85 < share < 1
    for unit_id in unit_ids(config):
        by = {
            (r["category_id"], r["measure_id"]): r["value"]
            for r in clean.bureau.rows(table, unit_id, period="this")
        }
        for measure in {m for c, m in by if c == "total"}:
            parts = sum(by[c, measure] for c in config.choices("categories"))
            assert by["total", measure] == pytest.approx(parts)
        for category in config.choices("categories"):
            assert by[category, "n_rectified"] + by[category, "n_rectifying"] == by[category, "n_problems"]
            assert by[category, "n_party_discipline"] <= by[category, "n_persons"]


def test_findings_follow_the_points_that_were_lost(clean: Sample, config: CycleConfig) -> None:
    by_unit = {v.unit_id: clean.bureau.rows("findings", v.unit_id) for v in config.visits}
    weakest = max(by_unit, key=lambda unit_id: clean.bureau.weak[unit_id])
    best = min(by_unit, key=lambda unit_id: clean.bureau.weak[unit_id])
    assert len(by_unit[weakest]) > 2 * len(by_unit[best])
    items = {item.item_id: item for item in config.standard.items}
    lost = [
        clean.bureau.lost(row["unit_id"], items[row["item_id"]]) for rows in by_unit.values() for row in rows
    ]
    assert sum(share > 0 for share in lost) / len(lost) > 0.75
    assert {row["finding_severity"] for rows in by_unit.values() for row in rows} == {
        "slight",
        "serious",
        "grave",
    }
    classes = {row["bulletin_class"] for rows in by_unit.values() for row in rows}
    assert classes == {kind.bulletin_class for kind in clean.bureau.findings.bulletin_classes}


def test_texts_have_no_open_places_and_no_name_of_a_unit(messy: Sample, config: CycleConfig) -> None:
    for table in ("findings", "highlights"):
        for row in messy.bureau.tables[table]:
            assert "{" not in row["text"] and "XX" not in row["text"]
            assert config.unit_index.find_inside(row["text"]) is None


def test_every_template_names_what_the_configuration_has(config: CycleConfig) -> None:
    keys = {item.item_key for item in config.standard.items}
    for finding in texts()["findings"]:
        assert finding["subject"] in config.choices("subjects")
        assert finding["defect"] in config.choices("defects")
        assert finding["item_key"] in keys
    assert {finding["subject"] for finding in texts()["findings"]} == set(config.choices("subjects"))
    assert {highlight["subject"] for highlight in texts()["highlights"]} <= set(config.choices("subjects"))
    assert {case["category_id"] for case in texts()["cases"]} <= set(config.choices("categories"))
    assert set(texts()["talks"]) == set(config.choices("topics"))
    assert set(texts()["feedback"]) <= set(config.choices("rectification_source"))
    rows = [row for table in config.forms["statistics"].tables[1:] for row in table.rows]
    agreeing = {"n_special_meetings", "n_letters_due", "n_letters_signed", "n_bulletins_adopted"}
    assert {row.row_id for row in rows} - agreeing == set(texts()["ranges"])


def test_cases_are_closed_and_pending_and_the_gravest_is_outside_the_visits(
    clean: Sample, config: CycleConfig
) -> None:
    cases = clean.bureau.tables["cases"]
    visited = {visit.unit_id for visit in config.visits}
    assert {case["state"] for case in cases} == {"closed", "pending"}
    closed = {case["four_forms_level"]: case for case in cases if case["state"] == "closed"}
    assert set(closed) == {"1", "2", "3", "4"}
    assert closed["3"]["unit_id"] in visited and closed["4"]["unit_id"] not in visited
    assert all((case["closed_date"] is None) == (case["state"] == "pending") for case in cases)


def test_last_year_has_the_units_inspected_then(clean: Sample, config: CycleConfig) -> None:
    rows = clean.bureau.tables["last_scores_by_unit_item"]
    assert {row["unit_id"] for row in rows} == config.visited_last_cycle
    for unit_id in config.visited_last_cycle:
        points = {r["item_key"]: r["points"] for r in clean.bureau.rows("last_scores_by_unit_item", unit_id)}
        assert points.pop("total") == sum(points.values())
        this = clean.bureau.rows("statistics_by_unit_category_measure", unit_id, period="last")
        last = clean.bureau.rows("statistics_by_unit_category_measure", unit_id, period="last_return")
        by = {(row["category_id"], row["measure_id"]): row["value"] for row in last}
        assert all(by[row["category_id"], row["measure_id"]] == row["value"] for row in this)
