"""The whole intake against a bureau whose truth is known: issues equal the planted list, values equal the truth."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.compare import run_compare, write_compare
from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import write_demo
from lianzheng.intake import run_intake, write_intake
from lianzheng.scoring import run_scoring, write_scoring
from lianzheng.scoring.run import OWN_CODES
from lianzheng.tables import Tables, schemas

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("truth")
LINEAGE = ("file_id", "sheet", "cell")
Row = dict[str, Any]


@dataclass
class Bureau:
    """A bureau that was written, read and scored, beside its truth as it stands in the truth folder."""

    config: CycleConfig
    truth_folder: Path

    @cached_property
    def tables(self) -> Tables:
        return Tables(self.config.data_processed)

    @cached_property
    def planted(self) -> list[Row]:
        return json.loads((self.truth_folder / "planted.json").read_text(encoding="utf-8"))

    def truth(self, table: str) -> list[dict[str, str]]:
        with (self.truth_folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def paths(self) -> dict[str, str]:
        files = self.tables["files"]
        return dict(zip(files["file_id"], files["path"], strict=True))

    @cached_property
    def faulty_places(self) -> set[tuple[str, str, str]]:
        return {(row["file"], row["sheet"], row["cell"]) for row in self.planted if row["cell"]}

    @cached_property
    def excused_keys(self) -> set[tuple[str, str]]:
        """(table, key) of the rows that a planted cell fills, by the reader's own account of its cells."""
        cells, places = self.tables["cells"], self.faulty_places
        seen = zip(
            cells["file_id"].map(self.paths), cells["sheet"], cells["cell"], cells["target"], strict=True
        )
        targets = [target for *place, target in seen if tuple(place) in places and pd.notna(target)]
        return {(target.split("/")[0], target.rsplit("/", 1)[0]) for target in targets}

    def is_excused(self, table: str, key: tuple[str, ...], row: Row, read: Row) -> bool:
        """Whether a planted fault explains that a row is not what the truth says."""
        if table in ("rectification_events", "recurrences"):  # follow from the line's state
            return ("rectifications", f"rectifications/{key[0]}") in self.excused_keys
        place = (self.paths.get(read.get("file_id", "")), read.get("sheet"), read.get("cell"))
        if place in self.faulty_places or (table, f"{table}/{'|'.join(key)}") in self.excused_keys:
            return True
        forms = {
            "standard": "scores_by_unit_item_scorer",
            "statistics": "statistics_by_unit_category_measure",
            "self_report": "self_report_parts",
        }
        return any(
            "lost" in fault
            and forms.get(fault["form_id"]) == table
            and fault["unit_id"] == row["unit_id"]
            and row.get("scorer", "self") == "self"
            and row.get("period", "this") != "last_return"
            and all(row[name] == value for name, value in fault["lost"].items())
            for fault in self.planted
        )


def made(folder: Path, *, is_clean: bool) -> Bureau:
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = load_config(2018, folder)
    write_demo(config, is_clean=is_clean, truth_folder=folder / "truth")
    write_intake(config, run_intake(config, n_workers=2))
    write_scoring(config, run_scoring(config, Tables(config.data_processed)))
    write_compare(config, run_compare(config, Tables(config.data_processed)))
    return Bureau(config, folder / "truth")


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return made(tmp_path_factory.mktemp("truth"), is_clean=False)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return made(tmp_path_factory.mktemp("clean"), is_clean=True)


def issues_found(bureau: Bureau) -> set[tuple[str, str, str, str]]:
    issues = bureau.tables["issues"].fillna("")
    return {
        (bureau.paths.get(row["file_id"], ""), row["sheet"], row["cell"], row["code"])
        for row in issues.to_dict("records")
    }


def issues_planted(bureau: Bureau) -> set[tuple[str, str, str, str]]:
    return {(row["file"], row["sheet"], row["cell"], row["code"]) for row in bureau.planted}


@pytest.mark.parametrize("which", ["bureau", "clean"])
def test_issues_are_those_that_were_planted_no_more_and_no_fewer(
    which: str, request: pytest.FixtureRequest
) -> None:
    bureau = request.getfixturevalue(which)
    found, planted = issues_found(bureau), issues_planted(bureau)
    assert sorted(found - planted) == []
    assert sorted(planted - found) == []


def test_faults_of_many_kinds_are_planted_in_many_units(bureau: Bureau) -> None:
    grave = [row for row in bureau.planted if row["code"] != "all_zero_return"]
    assert len(grave) >= 40
    assert len({row["code"] for row in grave}) >= 35
    assert len({row["unit_id"] for row in grave}) >= 15


def test_the_clean_bureau_gives_nothing_above_a_note(clean: Bureau) -> None:
    assert set(clean.tables["issues"]["severity"]) <= {"note"}


def test_every_severity_occurs(bureau: Bureau) -> None:
    assert set(bureau.tables["issues"]["severity"]) == {"return_file", "return_item", "verify", "note"}


TRUE_TABLES = [
    "scores_by_unit_item_scorer", "statistics_by_unit_category_measure", "ballots", "answers_by_ballot_question",
    "tallies_by_unit_question_option", "ballot_counts", "evidence_by_unit_class", "site_visits", "interviews",
    "findings", "highlights", "cases", "rectifications", "rectification_events", "recurrences",
    "last_scores_by_unit_item", "submissions", "self_report_parts",
]  # fmt: skip


def as_read(bureau: Bureau, table: str) -> pd.DataFrame:
    """The processed table as the truth names it: ballots by unit and row; votes counted from ballots left out."""
    frame = bureau.tables[table]
    if "ballot_id" in frame:
        frame = frame.assign(ballot_id=frame["unit_id"] + "-" + frame["ballot_id"].str[-5:])
    if table == "tallies_by_unit_question_option":
        frame = frame[frame["source"] == "hand"]
    if table == "submissions":
        frame = frame[frame["received_at"].notna()]
    return frame


def same(written: str, read: Any) -> bool:
    """Whether a value of the truth's CSV and a value of the table say the same."""
    if pd.isna(read):
        return written == ""
    if isinstance(read, pd.Timestamp):
        return pd.Timestamp(written) == read
    if isinstance(read, bool):
        return written == str(read)
    if isinstance(read, int | float):
        return written != "" and abs(float(written) - read) < 1e-9
    return written == read


@pytest.mark.parametrize("table", TRUE_TABLES)
@pytest.mark.parametrize("which", ["bureau", "clean"])
def test_every_other_value_equals_the_truth(which: str, table: str, request: pytest.FixtureRequest) -> None:
    bureau = request.getfixturevalue(which)
    names = [name for name in schemas()[table].key if name != "cycle"]
    true_rows = {tuple(row[name] for name in names): row for row in bureau.truth(table)}
    read_rows = {tuple(str(row[n]) for n in names): row for row in as_read(bureau, table).to_dict("records")}
    assert len(true_rows) == len(bureau.truth(table)) > 0
    wrong = []
    for key in sorted(true_rows.keys() | read_rows.keys()):
        true, read = true_rows.get(key), read_rows.get(key)
        differing = (
            ["missing" if read is None else "too much"]
            if true is None or read is None
            else [name for name, value in true.items() if name in read and not same(value, read[name])]
        )
        if differing and not bureau.is_excused(table, key, true or read or {}, read or {}):
            wrong.append(
                (key, {name: ((true or {}).get(name), (read or {}).get(name)) for name in differing})
            )
    assert wrong == []


def test_rows_come_with_their_cells(bureau: Bureau) -> None:
    """Nothing that was read is without file, sheet and cell."""
    for table in TRUE_TABLES:
        frame = as_read(bureau, table)
        if set(LINEAGE) <= set(frame.columns) and table not in ("answers_by_ballot_question", "ballots"):
            without = {  # material is never opened; a part that is missing stands nowhere
                "evidence_by_unit_class": lambda rows: rows["scorer"].eq("self"),
                "self_report_parts": lambda rows: ~rows["is_present"],
            }.get(table, lambda rows: rows["cycle"].eq(0))
            assert frame["file_id"].notna().all(), table
            assert frame.loc[~without(frame), list(LINEAGE)].notna().all().all(), table


def test_the_ledger_says_the_same_before_and_after_it_is_written(bureau: Bureau) -> None:
    before = {name: bureau.tables[name] for name in ("rectifications", "rectification_events")}
    written = run_intake(bureau.config, n_workers=2, writes_ledger=True)
    assert written.n_lines_added == len(before["rectifications"]) and written.n_changes == 0
    for name, frame in before.items():
        pd.testing.assert_frame_equal(written.frames[name], frame)
    codes = written.frames["issues"]["code"]
    assert sorted(codes) == sorted(code for code in bureau.tables["issues"]["code"] if code not in OWN_CODES)
    ledger = bureau.config.data_office / "rectifications.xlsx"
    data = ledger.read_bytes()
    again = run_intake(bureau.config, n_workers=2, writes_ledger=True)
    assert again.n_lines_added == 0 and ledger.read_bytes() == data
    for name, frame in written.frames.items():
        pd.testing.assert_frame_equal(again.frames[name], frame)
    shutil.rmtree(ledger.parent)


def test_classes_and_states_of_the_ledger_are_counted_as_the_truth_says(clean: Bureau) -> None:
    visited = {visit.unit_id for visit in clean.config.visits}
    confirmed = [
        row for row in clean.truth("findings") if row["is_confirmed"] == "True" and row["unit_id"] in visited
    ]
    units: dict[str, set[str]] = {}
    for row in confirmed:
        units.setdefault(row["bulletin_class"], set()).add(row["unit_id"])
    found = {row["bulletin_class"]: row for row in clean.tables["finding_counts_by_class"].to_dict("records")}
    assert len(found) == 7 and set(units) <= set(found)
    for name, row in found.items():
        its = units.get(name, set())
        assert row["n_findings"] == sum(finding["bulletin_class"] == name for finding in confirmed)
        assert (row["n_units"], row["is_common"]) == (len(its), 3 * len(its) >= len(visited))
        assert set((row["unit_ids"] or "").split("|")) - {""} == its
    states = clean.tables["rectifications"]["state"].value_counts().to_dict()
    assert states == dict(Counter(row["state"] for row in clean.truth("rectifications"))) and len(states) >= 3


def test_every_item_that_a_team_scored_has_the_points_of_the_truth(clean: Bureau) -> None:
    written = {
        (row["unit_id"], row["item_id"]): float(row["points"])
        for row in clean.truth("scores_by_unit_item_scorer")
        if row["scorer"] != "self" and not row["member_id"] and row["points"]
    }
    scores = clean.tables["scores_by_unit_item"]
    scored = scores[scores["n_teams"] > 0].set_index(["unit_id", "item_id"])["team_points"].to_dict()
    assert set(scored) == set(written) and len(scored) > 350
    assert all(abs(points - written[place]) <= 0.005 + 1e-9 for place, points in scored.items())
