"""通用40 + 差异60: blocks by type of unit, two sources 80/20折算, a rank, sub-items, the mean of the group."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.load import lint
from lianzheng.forms.layout import Scalar, lay_out
from lianzheng.forms.writers import as_docx, as_xlsx
from lianzheng.intake import run_intake
from lianzheng.issues import Issue
from lianzheng.scoring import Scoring, run_scoring
from tests.oracle.test_recompute import differences
from tests.standards import sheets
from tests.standards.sheets import AWAY, Expected, Sheet

SHEETS: dict[str, Sheet] = {
    "U001": {"G1": {"year_end": 90, "daily": 8}, "G2": 12, "G3": 1, "W1": {"openness": 14.5, "complaints": 1},
             "W2": {"": 2, "W2.2": 0}},
    "U002": {"G1": {"year_end": 100, "daily": 10}, "G2": 30, "G3": AWAY, "W1": {"openness": 16, "complaints": 0},
             "W2": {"": 0, "W2.2": 0}},
    "U003": {"G1": {"year_end": 75, "daily": 5}, "G2": 12, "G3": 3, "W1": {"openness": 10, "complaints": 12},
             "W2": {"": 1, "W2.2": 1}},
    "U004": {"G1": {"year_end": 85, "daily": 9}, "G2": 5, "G3": AWAY, "E1": 0.88, "E2": {"": 1, "E2.2": 4}},
    "U005": {"G1": {"year_end": 60, "daily": 10}, "G2": 0, "G3": 0, "E1": 1.0, "E2": {"": 2, "E2.2": 0}},
}  # fmt: skip
EXPECTED: Expected = {
    # G1 20·(0.8·90/100 + 0.2·8/10) = 20·0.88; G2 12 is second with U003; G3 10 − 2; W1 14.5 + (20 − 2); W2 24 − 2·3
    # 31.6 + 50.5
    "U001": {"G1": 17.6, "G2": 6, "G3": 8, "W1": 32.5, "W2": 18, "common": 31.6, "service": 50.5,
             "inspection": 82.1, "total": 82.1, "grade": "good"},
    # G2 the most; G3 does not apply: the mean of U001's 8 and U003's 4; 36 + 60
    "U002": {"G1": 20, "G2": 10, "G3": 6, "W1": 36, "W2": 24, "common": 36, "service": 60,
             "inspection": 96, "total": 96, "grade": "excellent"},
    # G1 20·(0.6 + 0.1); G3 10 − 3·2; W1 10 + (20 − 24, 扣完为止); W2 24 − 3 = 21, then 凡出现1起不得分; 24 + 10
    "U003": {"G1": 14, "G2": 6, "G3": 4, "W1": 10, "W2": 0, "common": 24, "service": 10,
             "inspection": 34, "total": 34, "grade": "unqualified"},
    # G1 20·(0.68 + 0.18); G2 5 is fourth; G3 the mean of U005's 10; E1 12 points below are 2 steps: 30 − 2·1.5
    # E2 30 − 5 = 25, − 4; 29.2 + 48
    "U004": {"G1": 17.2, "G2": 2, "G3": 10, "E1": 27, "E2": 21, "common": 29.2, "business": 48,
             "inspection": 77.2, "total": 77.2, "grade": "qualified"},
    # G1 20·(0.48 + 0.2); G2 0 is fifth, behind the last class; E2 30 − 2·5; 23.6 + 50
    "U005": {"G1": 13.6, "G2": 0, "G3": 10, "E1": 30, "E2": 20, "common": 23.6, "business": 50,
             "inspection": 73.6, "total": 73.6, "grade": "qualified"},
}  # fmt: skip
OWN = {
    "U001": {"G1": 18, "G2": 10, "G3": 10, "W1": 36, "W2": 24},
    "U004": {"G1": 20, "G2": 8, "G3": AWAY, "E1": 30, "E2": 30},
}
Read = tuple[CycleConfig, dict[str, pd.DataFrame], tuple[Issue, ...]]


@pytest.fixture(scope="module")
def config() -> CycleConfig:
    return sheets.read("conversion")


@pytest.fixture(scope="module")
def scoring(config: CycleConfig) -> Scoring:
    return run_scoring(config, sheets.tables(config, SHEETS))


def test_the_standard_passes_every_check() -> None:
    assert [wrong for found in lint(2018, sheets.project("conversion")).values() for wrong in found] == []


def test_scores_made_by_hand(scoring: Scoring) -> None:
    sheets.assert_scored(scoring, EXPECTED)


def test_the_recomputation_agrees(config: CycleConfig, scoring: Scoring) -> None:
    assert differences(config, sheets.tables(config, SHEETS), scoring) == []


def test_ranks_are_within_the_type_and_only_where_there_are_enough(scoring: Scoring) -> None:
    ranks = scoring.frames["results_by_unit"].set_index("unit_id")["rank"]
    assert ranks.loc[["U002", "U001", "U003"]].tolist() == [1, 2, 3]
    assert ranks.loc[["U004", "U005"]].isna().all()  # two of rank_minimum 3


def test_a_units_blocks_are_those_of_its_type(scoring: Scoring) -> None:
    blocks = scoring.frames["scores_by_unit_block"].groupby("unit_id")["block_id"].agg(set)
    assert blocks["U001"] == {"common", "service"} and blocks["U004"] == {"common", "business"}


# The same figures by way of real files


def cells_of(config: CycleConfig, unit_id: str) -> dict[tuple[str, str, str], Scalar]:
    """A unit's sheet as cells of the form: a row for each item and each of its parts."""
    matrix: dict[tuple[str, str, str], Scalar] = {}
    for row in sheets.written(config, {unit_id: SHEETS[unit_id]}):
        place = ".".join(filter(None, (row["item_id"], row["part_id"])))
        points = AWAY if row["value_state"] == "not_applicable" else row["points"]
        matrix |= {
            ("scores", place, "observed_value"): row["observed_value"],
            ("scores", place, "points"): points,
        }
        matrix["scores", place, "reason"] = row["reason"]
    return matrix


def fill(config: CycleConfig) -> None:
    """The team's sheets (one in Word) and two units' own forms, as received."""
    for unit in config.units:
        header: dict[str, Scalar] = {"unit_id": unit.name, "team_id": "第一考核组"}
        layout = lay_out(config.forms["team_scores"], header, cells_of(config, unit.unit_id))
        is_word = unit.unit_id == "U003"
        path = config.data_raw / f"teams/{unit.short_name}.{'docx' if is_word else 'xlsx'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_docx(layout) if is_word else as_xlsx(layout))
        if unit.unit_id in OWN:
            own = {("self_scores", item_id, "points"): said for item_id, said in OWN[unit.unit_id].items()}
            layout = lay_out(config.forms["standard"], {"unit_id": unit.name}, own)
            path = config.data_raw / f"units/{unit.name}/附件1.xlsx"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_xlsx(layout))


@pytest.fixture(scope="module")
def from_files(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("conversion")
    shutil.copytree(sheets.project("conversion") / "config", folder / "config")
    config = load_config(2018, Path(folder))
    fill(config)
    intake = run_intake(config, n_workers=1)
    return config, intake.frames, intake.issues


def test_forms_print_a_row_for_each_part(config: CycleConfig) -> None:
    rows: dict[str, Any] = {row.row_id: row for row in config.forms["team_scores"].table("scores").rows}
    assert [row_id for row_id in rows if row_id[0] in "GW"] == [
        "G1", "G1.year_end", "G1.daily", "G2", "G3", "W1", "W1.openness", "W1.complaints", "W2", "W2.W2.2"]  # fmt: skip
    own = [row.row_id for row in config.forms["standard"].table("self_scores").rows]
    assert own == ["G1", "G2", "G3", "W1", "W2", "E1", "E2"]


def test_filled_forms_are_read_and_scored_to_the_same_figures(
    from_files: Read,
) -> None:
    config, frames, _ = from_files
    scoring = run_scoring(config, frames)
    sheets.assert_scored(scoring, EXPECTED)
    assert differences(config, frames, scoring) == []
    own = scoring.frames["results_by_unit"].set_index("unit_id")["self_total"]
    assert own["U001"] == 98  # 18 + 10 + 10 + 36 + 24
    assert own["U004"] == pytest.approx(
        97 + 1 / 3
    )  # no other of its type gave itself G3: (20 + 8)·40/30 + 60


def test_nothing_that_was_filled_in_properly_is_complained_of(from_files: Read) -> None:
    _, frames, issues = from_files
    told = [(issue.code, issue.unit_id) for issue in issues if issue.severity != "note"]
    assert told == [("missing_form", unit_id) for unit_id in ("U002", "U003", "U005")]
    assert set(frames["files"]["state"]) == {"read"}
