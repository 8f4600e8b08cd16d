"""The step as a whole: every score explains itself, the tables pass the gate, a second run changes nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig
from lianzheng.scoring import Scoring, run_scoring, write_scoring
from lianzheng.tables import Tables, check, conform, write_tables
from tests.unit.scoring import small
from tests.unit.scoring.small import (
    case,
    frames,
    own,
    perfect_vote,
    row,
    submission,
    team,
    unit,
    votes,
)

TABLES = {
    "score_lines", "scores_by_unit_item", "scores_by_unit_block", "scores_by_unit_component", "results_by_unit",
    "questionnaire_by_unit_question", "reliability_by_form", "grade_decisions",
}  # fmt: skip


def bureau() -> dict[str, pd.DataFrame]:
    """Four units: capped bonus and floors; redistribution and a veto; not visited; two teams and an open item."""
    return frames(
        [unit(1), unit(2, last=False), unit(3, visited=False), unit(4)],
        scores=[
            *team("U001", A1=0, A2=19, A3=25, B2=9, C1=5, C2=1), *own("U001", A1=25),
            *team("U002", B1=0.5, B2=1, V2=1), *own("U002", B2=15),
            *own("U003", B2=None), *team("U003"),
            *team("U004", A1=3, B3=0), *team("U004", "T2", A1=1), *own("U004", A2=None),
        ],
        tallies=[*perfect_vote("U001"), *votes("U004", {"Q01": (2, 2, 2, 2, 0), "Q02": (0, 0, 4, 0, 4)})],
        cases=[case("U001", "C1"), case("U002", "C2", level="4"), case("U003", "C3", state="pending")],
        submissions=[submission("U003", "statistics", 1, "accepted", True)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def scoring() -> Scoring:
    return run_scoring(small.config(), bureau())


def explained(scoring: Scoring, **key: Any) -> float:
    """Base of the first line + sum of the changes."""
    lines = scoring.frames["score_lines"]
    for column, value in key.items():
        lines = lines[lines[column] == value]
    lines = lines.sort_values("line_number")
    assert list(lines["line_number"]) == list(range(1, len(lines) + 1))
    return lines["base_points"].iloc[0] + lines["change_points"].sum() if len(lines) else float("nan")


def changes(scoring: Scoring, parts: float, **key: Any) -> float:
    """What the lines of a sum changed; the first of them starts from the plain sum of the parts."""
    told = explained(scoring, **key)
    if pd.isna(told):
        return 0.0
    lines = scoring.frames["score_lines"]
    first = row(lines[lines["line_number"] == 1], **key)
    assert first["base_points"] == pytest.approx(parts)
    return told - parts


def test_every_item_score_is_its_first_base_and_its_changes(scoring: Scoring) -> None:
    shown = 0
    for item in scoring.frames["scores_by_unit_item"].to_dict("records"):
        key = {"unit_id": item["unit_id"], "item_id": item["item_id"]}
        scorers = [t for t in ("T1", "T2") if not pd.isna(explained(scoring, **key, scorer=t))]
        assert len(scorers) == item["n_teams"]
        if scorers:
            teams = [explained(scoring, **key, scorer=t) for t in scorers]
            assert item["team_points"] == pytest.approx(sum(teams) / len(teams))
            shown += 1
        if pd.notna(item["self_points"]):
            assert item["self_points"] == pytest.approx(explained(scoring, **key, scorer="self"))
    assert shown == 8 + 7 + 8


def test_every_block_and_inspection_is_the_sum_of_its_parts_and_its_own_lines(scoring: Scoring) -> None:
    items = scoring.frames["scores_by_unit_item"].rename(
        columns={"self_points": "self", "team_points": "rule"}
    )
    items = items.assign(block_id=items["item_id"].str[0])
    blocks = scoring.frames["scores_by_unit_block"]
    compared = 0
    for block in blocks.to_dict("records"):
        parts = items[(items["unit_id"] == block["unit_id"]) & (items["block_id"] == block["block_id"])]
        for scorer, shown in (("rule", block["team_points"]), ("self", block["self_points"])):
            if pd.notna(shown):
                told = explained(scoring, unit_id=block["unit_id"], item_id=block["block_id"], scorer=scorer)
                assert shown == pytest.approx(parts[scorer].sum() if pd.isna(told) else told)
                compared += 1
    assert compared == 9 + 10
    for unit_id, parts in blocks.groupby("unit_id"):
        component = row(scoring.frames["scores_by_unit_component"], unit_id=unit_id, component="inspection")
        total = parts["team_points"].sum()
        if pd.notna(component["score"]):
            key = {"unit_id": unit_id, "item_id": "inspection", "scorer": "rule"}
            assert component["score"] == pytest.approx(total + changes(scoring, total, **key))


def test_every_deduction_is_the_sum_of_its_lines(scoring: Scoring) -> None:
    for component in (
        scoring.frames["scores_by_unit_component"].query("component == 'facts'").to_dict("records")
    ):
        told = explained(scoring, unit_id=component["unit_id"], item_id="facts")
        assert component["deduction_points"] == pytest.approx(0 if pd.isna(told) else -told)


def test_the_tables_pass_the_gate_and_are_complete(scoring: Scoring) -> None:
    assert set(scoring.frames) == TABLES
    for name, frame in scoring.frames.items():
        check(name, frame)
    assert (
        len(scoring.frames["results_by_unit"]) == 4 and len(scoring.frames["scores_by_unit_component"]) == 12
    )


def test_a_pending_case_is_named_nowhere(scoring: Scoring) -> None:
    everything = "".join(frame.to_csv() for frame in scoring.frames.values())
    assert "C1" in everything and "C3" not in everything


def stored(config: CycleConfig, project: Path) -> CycleConfig:
    """The cycle in another project, with the input tables already written."""
    moved = dataclasses.replace(config, project=project)
    earlier = {
        "issue_id": "I0",
        "code": "wrong_year",
        "severity": "return_file",
        "message": "m",
        "remedy": "r",
    }
    input_frames = {**bureau(), "issues": conform("issues", [earlier], small.CYCLE)}
    write_tables(moved.data_processed, input_frames, {})
    return moved


def test_a_second_run_writes_the_same_bytes_and_keeps_others_issues(tmp_path: Path) -> None:
    config = stored(small.config(), tmp_path)
    seen = []
    for _ in range(2):
        write_scoring(config, run_scoring(config, Tables(config.data_processed)))
        seen.append({path.name: path.read_bytes() for path in config.data_processed.iterdir()})
    assert seen[0] == seen[1]
    codes = Tables(config.data_processed)["issues"]["code"]
    assert set(codes) == {"wrong_year", "score_differs_from_rule", "reason_missing", "teams_differ"}


def test_an_issue_that_was_settled_disappears(tmp_path: Path) -> None:
    config = stored(small.config(), tmp_path)
    scoring = run_scoring(config, Tables(config.data_processed))
    write_scoring(config, scoring)
    write_scoring(config, Scoring(scoring.frames, ()))
    assert list(Tables(config.data_processed)["issues"]["code"]) == ["wrong_year"]


def test_a_bureau_that_sent_nothing_is_scored_without_a_total() -> None:
    scoring = run_scoring(small.config(), frames([unit(1), unit(2, visited=False)]))
    assert list(scoring.frames["results_by_unit"]["grade"]) == ["unverified", "unverified"]
    assert scoring.issues == () and scoring.frames["score_lines"].empty


def test_a_cycle_without_questionnaire_is_scored() -> None:
    config = small.config(weights={"inspection": 1, "perception": 0})
    scoring = run_scoring(dataclasses.replace(config, questionnaire=None), bureau())
    assert row(scoring.frames["results_by_unit"], unit_id="U002")["total"] == pytest.approx(60 + 25 * 40 / 30)
