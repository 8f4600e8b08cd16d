"""Peers, changes and counts against figures worked out by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.compare import run_compare, write_compare
from lianzheng.compare.changes import changes_by_unit_measure
from lianzheng.compare.findings import finding_counts_by_class
from lianzheng.compare.measures import measures
from lianzheng.compare.peers import peers_by_type_measure
from lianzheng.compare.recurrences import recurrences
from lianzheng.compare.run import last_max_points
from lianzheng.scoring import run_scoring
from lianzheng.tables import Tables, check, conform
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, perfect_vote, row, team, unit


def bureau(*losses: float, unit_type: str = "甲类", **more: Any) -> dict[str, pd.DataFrame]:
    """Units whose members lose so many of A3's points, with a perfect questionnaire, scored."""
    numbers = range(1, len(losses) + 1)
    scores = [
        cell for n, loss in zip(numbers, losses, strict=True) for cell in team(f"U{n:03}", A3=20 - loss)
    ]
    tallies = [cell for n in numbers for cell in perfect_vote(f"U{n:03}")]
    units = [unit(n, unit_type) for n in numbers]
    return scored(**{"units": units, "scores": scores, "tallies": tallies, **more})


def scored(**rows: Any) -> dict[str, pd.DataFrame]:
    tables = frames(**rows)
    return {**tables, **run_scoring(small.config(), tables).frames}


def peer(
    tables: dict[str, pd.DataFrame], measure_key: str, unit_type: str = "甲类", minimum: int = 5
) -> dict[str, Any]:
    return row(peers_by_type_measure(tables, minimum), unit_type=unit_type, measure_key=measure_key)


def test_median_and_upper_quartile_by_linear_interpolation() -> None:
    tables = bureau(0, 10, 2, 5, 4, 8)  # A3: 20 18 16 15 12 10
    item = peer(tables, "item:A3")
    assert (item["n"], item["median"], item["is_shown"]) == (6, 15.5, True)
    assert item["upper_quartile"] == 17.5  # position 0.75·5 = 3.75 from below: 16 + 0.75·(18 − 16)
    assert peer(tables, "block:A")["median"] == 55.5 and peer(tables, "inspection")["median"] == 95.5
    assert peer(tables, "total")["median"] == pytest.approx(0.8 * 95.5 + 20)
    assert peer(tables, "perception")["upper_quartile"] == 100


@pytest.mark.parametrize(("n", "is_shown"), [(4, False), (5, True)])
def test_too_few_units_stand_behind_a_benchmark(n: int, is_shown: bool) -> None:
    found = peer(bureau(*range(n)), "total")
    assert (found["n"], found["is_shown"]) == (n, is_shown)
    assert pd.notna(found["median"]) == pd.notna(found["upper_quartile"]) == is_shown


def test_a_type_has_its_own_benchmark_and_the_bureau_has_all() -> None:
    units = [unit(n, "甲类" if n <= 3 else "乙类") for n in range(1, 9)]
    tables = bureau(*[0, 0, 0, 5, 5, 5, 5, 5], units=units)
    assert not peer(tables, "item:A3", "甲类")["is_shown"]
    assert peer(tables, "item:A3", "乙类")["median"] == 15 and peer(tables, "item:A3", "all")["n"] == 8


def test_what_does_not_apply_was_not_visited_or_is_provisional_is_no_peer() -> None:
    units = [unit(1), unit(2, last=False), unit(3, visited=False), unit(4)]
    tallies = [cell for n in (1, 2) for cell in perfect_vote(f"U{n:03}")]
    tables = bureau(0, 0, 0, 0, units=units, tallies=tallies)
    assert peer(tables, "item:B1")["n"] == 2  # U002 has no feedback of last year, U003 no visit
    assert peer(tables, "total")["n"] == 2  # U004 is provisional
    assert peer(tables, "inspection")["n"] == 3 and peer(tables, "perception")["n"] == 2
    assert not any(key.endswith("V2") or key == "facts" for key in measures(tables)["measure_key"])


def last(unit_id: str, **points: float) -> list[dict[str, Any]]:
    return [{"unit_id": unit_id, "item_key": key, "points": value} for key, value in points.items()]


def change(tables: dict[str, pd.DataFrame], measure_key: str, **last_max: float) -> dict[str, Any]:
    return row(changes_by_unit_measure(tables, 2.0, last_max), measure_key=measure_key)


@pytest.mark.parametrize(
    ("last_total", "difference", "is_stated"),
    [
        (94.0, 2.0, False),
        (93.99, 2.01, True),
        (98.0, -2.0, False),
        (98.01, -2.01, True),
        (93.996, 2.004, False),
    ],
)
def test_a_change_is_stated_only_beyond_two_points_of_the_published_figures(
    last_total: float, difference: float, is_stated: bool
) -> None:
    tables = bureau(5, last_scores_by_unit_item=last("U001", total=last_total))  # 0.8·95 + 20 = 96
    found = change(tables, "total")
    assert (found["value"], found["last_value"]) == (96, last_total)
    assert found["change"] == pytest.approx(difference) and found["is_stated"] == is_stated


def test_items_meet_by_item_key_in_this_years_points() -> None:
    tables = bureau(5, last_scores_by_unit_item=last("U001", a3=6, b2=20, gone=3))
    scaled = change(tables, "item:a3", a3=10, b2=20)  # 6 of 10 are 12 of 20
    assert (scaled["value"], scaled["last_value"], scaled["change"], scaled["is_stated"]) == (15, 12, 3, True)
    assert change(tables, "item:b2", a3=10, b2=20)["change"] == 0
    assert change(tables, "item:a3")["last_value"] == 6  # last year's standard is not known: as is
    assert set(changes_by_unit_measure(tables, 2.0, {})["measure_key"]) == {"item:a3", "item:b2"}


def test_no_change_without_last_year_or_with_a_provisional_total() -> None:
    tables = bureau(
        5, 5, tallies=perfect_vote("U002"), last_scores_by_unit_item=last("U001", total=50, a3=20)
    )
    found = changes_by_unit_measure(tables, 2.0, {})
    assert list(zip(found["unit_id"], found["measure_key"], strict=True)) == [("U001", "item:a3")]


def test_last_years_points_come_from_last_years_standard() -> None:
    points = last_max_points(small.config())
    assert points["special_meetings"] == 10 and points["annual_plan"] == 5
    assert last_max_points(small.config(previous_cycle=None)) == {}


def finding(unit_id: str, number: int, bulletin_class: str | None, confirmed: bool = True) -> dict[str, Any]:
    return {"finding_id": f"{unit_id}-{number}", "unit_id": unit_id, "team_id": "T1", "subject_id": "s", "defect_id": "d",
            "bulletin_class": bulletin_class, "finding_severity": "slight", "is_confirmed": confirmed, "text": "t"}  # fmt: skip


def test_confirmed_findings_are_counted_by_class_and_every_class_is_listed() -> None:
    units = [*(unit(n) for n in range(1, 7)), unit(7, visited=False)]
    findings = [
        finding("U001", 1, "talks"), finding("U001", 2, "talks"), finding("U002", 1, "talks"),
        finding("U003", 1, "talks", confirmed=False), finding("U007", 1, "talks"),
        finding("U001", 3, "learning"), finding("U001", 4, None),
    ]  # fmt: skip
    config = small.config(common_share=1 / 3)
    assert config.findings is not None
    counts = finding_counts_by_class(config, frames(units, findings=findings))
    assert set(counts["bulletin_class"]) == {kind.bulletin_class for kind in config.findings.bulletin_classes}
    talks, learning = row(counts, bulletin_class="talks"), row(counts, bulletin_class="learning")
    assert (talks["n_findings"], talks["n_units"], talks["is_common"]) == (3, 2, True)  # 2 of 6 are a third
    assert (talks["unit_ids"], learning["unit_ids"]) == ("U001|U002", "U001")
    assert (learning["n_findings"], learning["n_units"], learning["is_common"]) == (1, 1, False)
    others = counts[~counts["bulletin_class"].isin(["talks", "learning"])]
    assert (
        (others["n_findings"] == 0).all()
        and not others["is_common"].any()
        and others["unit_ids"].isna().all()
    )


def test_the_units_of_a_class_stand_in_roster_order() -> None:
    units = [{**unit(n), "order": 10 - n} for n in (1, 2, 3)]
    findings = [finding(unit_id, 1, "talks") for unit_id in ("U001", "U003", "U002")]
    counts = finding_counts_by_class(small.config(), frames(units, findings=findings))
    assert row(counts, bulletin_class="talks")["unit_ids"] == "U003|U002|U001"


def test_a_share_that_no_binary_number_meets_is_met() -> None:
    findings = [finding(f"U{n:03}", 1, "talks") for n in range(1, 12)]  # 11 of 20; in binary 0.55 · 20 > 11
    tables = frames([unit(n) for n in range(1, 21)], findings=findings)
    assert row(finding_counts_by_class(small.config(common_share=0.55), tables), bulletin_class="talks")[
        "is_common"
    ]
    assert not row(finding_counts_by_class(small.config(common_share=0.56), tables), bulletin_class="talks")[
        "is_common"
    ]


def test_nothing_is_common_where_nobody_was_visited() -> None:
    counts = finding_counts_by_class(small.config(), frames([unit(1, visited=False)]))
    assert len(counts) == 7 and not counts["is_common"].any()
    without = dataclasses.replace(small.config(), findings=None)
    assert finding_counts_by_class(without, frames()).empty


def test_the_tables_pass_the_gate_and_are_stored(tmp_path: Path) -> None:
    config = small.config()
    tables = bureau(
        0,
        1,
        2,
        3,
        4,
        last_scores_by_unit_item=last("U001", total=90),
        findings=[finding("U001", 1, "talks")],
        rectifications=[ledger_line("U001-R01")],
    )
    made = run_compare(config, tables)
    filled = "peers_by_type_measure changes_by_unit_measure recurrences finding_counts_by_class bulletin_figures".split()
    empty = ("statistic_changes_by_unit", "statistics_by_category_measure")
    assert {name: len(check(name, frame)) > 0 for name, frame in made.items()} == {
        **dict.fromkeys(filled, True), **dict.fromkeys(empty, False),
    }  # fmt: skip
    stored = dataclasses.replace(config, project=tmp_path)
    write_compare(stored, made)
    read = Tables(stored.data_processed)
    for name, frame in made.items():
        pd.testing.assert_frame_equal(read[name], conform(name, frame, small.CYCLE))


def test_a_bureau_without_data_is_compared() -> None:
    made = run_compare(small.config(), scored())
    assert made["peers_by_type_measure"].empty and made["changes_by_unit_measure"].empty
    assert len(made["finding_counts_by_class"]) == 7


def ledger_line(
    rectification_id: str, source: str = "patrol", state: str = "open", **more: Any
) -> dict[str, Any]:
    """A line of U001's ledger about 廉政约谈, raised this year."""
    line = {
        "rectification_id": rectification_id,
        "unit_id": "U001",
        "source": source,
        "state": state,
        "text": "问题",
    }
    return {
        **line,
        "origin_cycle": small.CYCLE,
        "origin_key": rectification_id,
        "subject_id": "talks",
        **more,
    }


def about(subject_id: str) -> dict[str, Any]:
    """A confirmed finding at U001."""
    return {**finding("U001", 1, subject_id), "subject_id": subject_id}


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        (ledger_line("R"), ["not_rectified", "repeated"]),
        (ledger_line("R", state="closed"), ["repeated"]),
        (ledger_line("R", state="to_verify", subject_id=None), ["not_rectified"]),
        (ledger_line("R", state="closed", subject_id="learning"), []),
        (ledger_line("R", source="inspection"), []),
        (ledger_line("R", source="inspection", origin_cycle=small.CYCLE - 1), ["not_rectified", "repeated"]),
        (ledger_line("R", unit_id="U002"), ["not_rectified"]),
    ],
)
def test_what_is_raised_again_and_what_was_never_rectified(line: dict[str, Any], kinds: list[str]) -> None:
    """U001 has a confirmed finding about talks this year, and one about learning that nobody confirmed."""
    tables = frames(
        [unit(1), unit(2)],
        rectifications=[line],
        findings=[about("talks"), {**about("learning"), "finding_id": "U001-2", "is_confirmed": False}],
    )
    found = recurrences(tables, small.CYCLE)
    assert sorted(found["kind"]) == kinds
    assert set(found.loc[found["kind"] == "repeated", "finding_id"]) <= {"U001-1"}
    assert set(found.loc[found["kind"] == "not_rectified", "finding_id"]) <= {""}


def test_a_unit_that_nobody_visited_has_no_findings_to_repeat_anything() -> None:
    tables = frames([unit(1, visited=False)], rectifications=[ledger_line("R")], findings=[about("talks")])
    assert recurrences(tables, small.CYCLE)["kind"].tolist() == ["not_rectified"]
