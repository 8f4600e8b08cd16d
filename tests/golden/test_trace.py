"""The trace proved by mutation: one input cell changes, and exactly the figures that rest on it change, no other.

Every mutation goes through the whole run: the sample bureau's files, one cell of one of them changed, are read,
scored and compared again, and every number and state of every stored table is held against the run before.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.compare import run_compare
from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import write_demo
from lianzheng.documents.sources import sources_of
from lianzheng.errors import ParameterError, TableError
from lianzheng.intake import run_intake
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.scoring import run_scoring
from lianzheng.tables import HeldTables, schemas
from lianzheng.trace import Chain, Step, cells_of
from lianzheng.trace.chain import key_of
from lianzheng.trace.registry import BASES
from tests.golden.mutations import write_cell

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("truth")
NOT_FIGURES = {
    "files": "size and state of a file are its own",
    "cells": "a cell is where every chain ends",
    "issues": "an issue names its cell; what it was compared with stands in its words",
    "checks": "a check looks at a whole form; the issue that it raised names the cell",
}
"""Tables that no mutation is held against, and why; all others must be traceable."""
OF_FILES = {("submissions", c) for c in ("state", "is_counted", "reason", "n_return_issues", "is_all_zero")}
"""What follows from whole files, each cell of which may be at fault."""
FIGURES = {"int", "count", "float", "bool", "list", "date", "datetime"}
OF_ALL_UNITS = {("results_by_unit", column) for column in ("rank", "n_ranked", "is_ranked")}
Address = tuple[str, str, str]
Cell = tuple[str, str, str]
Frames = dict[str, pd.DataFrame]


@dataclass(eq=False)
class Run:
    """What the files of a project give: all tables, and the chains over them."""

    config: CycleConfig
    frames: Frames
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def chain(self) -> Chain:
        return Chain(self.config, self.frames)

    @cached_property
    def values(self) -> dict[Address, Any]:
        """Every number and state by its address; what nobody may see (pending cases) left out."""
        found = {}
        for table in schemas().keys() - NOT_FIGURES.keys():
            silent = {"cycle", *schemas()[table].key, *(c for t, c in OF_FILES if t == table)}
            columns = [c.name for c in schemas()[table].columns if c.kind in FIGURES and c.name not in silent]
            for key, row in self.chain.rows(table).items():
                if table != "cases" or row["state"] == "closed":
                    name = self.lasting(key, row)
                    self.keys[table, name] = key
                    found |= {(table, name, column): row[column] for column in columns}
        return found

    def lasting(self, key: str, row: Mapping[str, Any]) -> str:
        """The key, with what the ledger calls its line in place of its number, which moves with the lines before."""
        line = self.chain.rows("rectifications").get(row.get("rectification_id") or "", {})
        return key.replace(line["rectification_id"], line["origin_key"]) if "origin_key" in line else key

    def step(self, address: Address) -> Step | None:
        """The chain of a figure, None where this run has no such row."""
        table, key, column = address
        return self.chain.step(table, self.keys[table, key], column) if address in self.values else None

    def place(self, table: str, column: str, **values: object) -> tuple[str, str, str]:
        """The cell that fills a column of the one row with these values."""
        (key,) = [
            key
            for key, row in self.chain.rows(table).items()
            if all(row[name] == v for name, v in values.items())
        ]
        cells = self.frames["cells"]
        (cell,) = cells[cells["target"] == f"{table}/{key}/{column}"].to_dict("records")
        return self.chain.rows("files")[cell["file_id"]]["path"], cell["sheet"], cell["cell"]


def run(config: CycleConfig) -> Run:
    frames = run_intake(config, n_workers=1).frames
    frames = {**frames, **run_scoring(config, frames).frames}
    return Run(config, {**frames, **run_compare(config, frames)})


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("trace")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = load_config(2018, folder)
    write_demo(config)
    return run(config)


SCORES, TALLIES = "scores_by_unit_item_scorer", "tallies_by_unit_question_option"
ITEM = {"member_id": "", "scorer": "T3", "unit_id": "U010"}
U010_SUMS = [  # what any change of a point of U010 must move
    "scores_by_unit_component U010|inspection score", "results_by_unit U010 total", "changes_by_unit_measure U010|total value",
]  # fmt: skip
U010_PERCEPTION = [
    "questionnaire_by_unit_question U010|questionnaire|all|all score", "scores_by_unit_component U010|perception score",
    "results_by_unit U010 total",
]  # fmt: skip
MUTATIONS: dict[str, tuple[str, str, dict[str, Any], str, list[str]]] = {
    # what: table, column, the row, the cell's new text, figures that must change (by hand)
    "verified number, 2 of 2 meetings": (SCORES, "observed_value", {**ITEM, "item_id": "S103"}, "1", [
        "scores_by_unit_item U010|S103 team_points", "scores_by_unit_item U010|S103 gap_points",
        "scores_by_unit_block U010|party team_points", *U010_SUMS,
    ]),
    "verified number that no rule reacts to": (SCORES, "observed_value", {**ITEM, "item_id": "S103"}, "3", []),
    "deduction of a judged item": (SCORES, "observed_value", {**ITEM, "item_id": "S102"}, "1", [
        "scores_by_unit_item U010|S102 team_points", "scores_by_unit_block U010|party team_points", *U010_SUMS,
    ]),
    "points that only repeat what the rule gives": (SCORES, "points", {**ITEM, "item_id": "S103"}, "3.5", []),
    "points of a member": (SCORES, "points", {"unit_id": "U010", "item_id": "S107", "member_id": "U010M1"}, "4", [
        "scores_by_unit_item U010|S107 team_points", "scores_by_unit_block U010|party team_points", *U010_SUMS,
    ]),
    "item whose points are redistributed": (SCORES, "observed_value",
        {"unit_id": "U017", "item_id": "S502", "scorer": "T2", "member_id": ""}, "0", [
        "scores_by_unit_item U017|S502 team_points", "scores_by_unit_block U017|rectification team_points",
        "score_lines U017|rectification|rule|1 base_points", "score_lines U017|rectification|rule|1 change_points",
        "scores_by_unit_component U017|inspection score", "results_by_unit U017 total",
    ]),
    "self score": (SCORES, "points", {"unit_id": "U010", "item_id": "S101", "scorer": "self"}, "2", [
        "scores_by_unit_item U010|S101 self_points", "scores_by_unit_item U010|S101 gap_points",
        "scores_by_unit_block U010|party self_points", "results_by_unit U010 self_total",
    ]),
    "statistic": ("statistics_by_unit_category_measure", "value",
        {"unit_id": "U010", "period": "this", "category_id": "workload", "measure_id": "n_rules"}, "5", [
        "statistics_by_unit_category_measure U010|this|workload|n_rules value",
        "statistics_by_category_measure workload|n_rules total",
    ]),
    "votes of a hand tally": (TALLIES, "n_votes",
        {"unit_id": "U017", "rater_group": "staff", "question_id": "Q01", "option_id": "average"}, "4", [
        f"{TALLIES} U017|questionnaire|staff|Q01|average n_votes",
        "questionnaire_by_unit_question U017|questionnaire|staff|Q01 score",
        "questionnaire_by_unit_question U017|questionnaire|all|Q01 score",
        "questionnaire_by_unit_question U017|questionnaire|all|all score",
        "scores_by_unit_component U017|perception score", "results_by_unit U017 total",
    ]),
    "answer of a ballot": ("answers_by_ballot_question", "option_id",
        {"unit_id": "U010", "question_id": "Q01", "ballot_id": "first"}, "差", [
        f"{TALLIES} U010|questionnaire|middle_managers|Q01|poor n_votes", *U010_PERCEPTION, "bulletin_figures best_share:Q01 value",
    ]),
    "ballots issued, fewer than came back": ("ballot_counts", "n_issued", {"unit_id": "U010", "rater_group": "staff"}, "20", [
        *U010_PERCEPTION, "results_by_unit U010 is_provisional", "results_by_unit U010 is_ranked", "results_by_unit U001 n_ranked",
        *(f"bulletin_figures {name} value" for name in "n_rated n_not_rated n_scored n_hidden n_issued n_returned return_rate n_valid".split()),
    ]),
    "pending case is closed": ("cases", "state", {"case_id": "AJ2018010"}, "closed", [
        "score_lines U015|facts|rule|1 change_points", "scores_by_unit_component U015|facts deduction_points",
        "results_by_unit U015 total",
    ]),
    "closed case is pending": ("cases", "state", {"case_id": "AJ2018006"}, "pending", [
        "score_lines U001|facts|rule|1 change_points", "scores_by_unit_component U001|facts deduction_points",
        "results_by_unit U001 total",
    ]),
    "veto falls away": ("cases", "state", {"case_id": "AJ2018008"}, "pending", [
        "score_lines U013|veto|rule|1 change_points", "results_by_unit U013 grade", "results_by_unit U013 veto_code",
    ]),
    "receipt after the deadline": ("submissions", "received_at", {"unit_id": "U010", "form_id": "standard"}, "2018-12-05 09:00", [
        "submissions U010|standard|1 received_at", "submissions U010|standard|1 is_late",
        "score_lines U010|facts|rule|1 change_points", "scores_by_unit_component U010|facts deduction_points",
        "results_by_unit U010 total",
    ]),
    "last year's total": ("last_scores_by_unit_item", "points", {"unit_id": "U010", "item_key": "total"}, "70", [
        "last_scores_by_unit_item U010|total points", "changes_by_unit_measure U010|total last_value",
        "changes_by_unit_measure U010|total change",
    ]),
    "finding is no longer confirmed": ("findings", "is_confirmed", {"finding_id": "U010-F01"}, "否", [
        "findings U010-F01 is_confirmed", "finding_counts_by_class talks n_findings", "finding_counts_by_class talks n_units",
        "bulletin_figures n_findings value", "bulletin_figures n_by_defect:talks:too_few value",
        "bulletin_figures n_by_problem:talks:talks:too_few value",
    ]),
    "documents seen": ("evidence_by_unit_class", "n_documents",
        {"unit_id": "U010", "evidence_class": "annual_plan", "item_id": "", "scorer": "T3"}, "9", [
        "evidence_by_unit_class U010|annual_plan||T3 n_documents", "bulletin_figures n_documents value",
    ]),
    "persons at the meeting": ("site_visits", "n_attending", {"unit_id": "U010"}, "77", ["site_visits U010|T3 n_attending"]),
}  # fmt: skip


def filled(run: Run, table: str, values: dict[str, Any]) -> dict[str, Any]:
    """The row's values with the first ballot of the unit where one is asked for."""
    if values.get("ballot_id") != "first":
        return values
    ballots = sorted(row["ballot_id"] for row in run.chain.of("ballots", values["unit_id"]))
    return {**values, "ballot_id": ballots[0]}


def differing(before: Run, after: Run) -> set[Address]:
    """Figures with another value, and all figures of rows that came or went."""
    missing = object()
    every = before.values.keys() | after.values.keys()
    return {at for at in every if before.values.get(at, missing) != after.values.get(at, missing)}


def unexplained(changed: set[Address], place: Cell, *runs: Run) -> set[Address]:
    """Changed figures that do not rest on the cell in any run; of a row that came or went, one must."""
    resting = {at for at in changed if any(place in cells_of(step) for step in steps_of(at, *runs))}
    whole = {at[:2] for at in changed if any(at not in one.values for one in runs)} & {
        at[:2] for at in resting
    }
    return {at for at in changed - resting if at[:2] not in whole}


def steps_of(address: Address, *runs: Run) -> Iterator[Step]:
    for one in runs:
        if (step := one.step(address)) is not None:
            yield step


def sums_that_stand_still(changed: set[Address], before: Run, after: Run) -> set[Address]:
    """Figures that are sums of parts of which one changed, and did not change."""
    units = {step.unit for at in changed for step in steps_of(at, before, after)} - {""}
    unchanged = {
        at for at in before.values.keys() - changed for step in steps_of(at, before) if step.unit in units
    }
    return {
        at
        for at in unchanged
        for step in steps_of(at, before, after)
        if step.is_sum and any((part.table, part.key, part.column) in changed for part in step.parts)
    }


@functools.lru_cache(maxsize=2)
def bulletin_tells(run: Run) -> dict[str, tuple[tuple[str, str], str]]:
    """What the bulletin shows at each of its bookmarks (charts apart), and the table and key that it comes from."""
    page = BulletinPage.__new__(BulletinPage)
    page.config, page.tables, page.cycle, page.edition = run.config, HeldTables(run.frames), 2018, "internal"
    page.reads = set()
    parts = "opening overall problems remedies signature".split()
    blocks = [block for part in parts for block in getattr(page, part)().blocks] + page.attached_tables()
    return {source.bookmark: ((source.table, source.key), source.shown) for source in sources_of(blocks)}


def addressed(line: str) -> Address:
    """“table key column” as an address; keys may hold blanks."""
    table, _, rest = line.partition(" ")
    key, _, column = rest.rpartition(" ")
    return table, key, column


@pytest.mark.parametrize("what", MUTATIONS)
def test_exactly_what_rests_on_a_cell_changes_with_it(before: Run, what: str) -> None:
    table, column, values, text, by_hand = MUTATIONS[what]
    place = before.place(table, column, **filled(before, table, values))
    path = before.config.data_raw / place[0]
    kept = path.read_bytes()
    try:
        write_cell(path, place[1], place[2], text)
        after = run(before.config)
    finally:
        path.write_bytes(kept)
    changed, hand = differing(before, after), set(map(addressed, by_hand))
    assert sorted(hand - changed) == []
    assert (
        sorted(unexplained(changed, place, before, after)) == []
    )  # every change rests on the cell, none else
    assert sorted(sums_that_stand_still(changed, before, after)) == []
    told, now = bulletin_tells(before), bulletin_tells(after)
    moved = {
        told.get(name, now.get(name))[0]
        for name in told.keys() | now.keys()
        if told.get(name) != now.get(name)
    }  # type: ignore[index]
    assert (
        sorted(moved - {at[:2] for at in changed}) == []
    )  # the bulletin says nothing new but what changed in the tables
    cited = {row for row, _ in (*told.values(), *now.values())}
    assert sorted({at[:2] for at in hand} & cited - moved) == []  # and all of it
    if not by_hand:  # nothing but the figure as written
        assert {(at[0], at[2]) for at in changed} == {(table, column)}
    resting = {at: step for at in before.values for step in steps_of(at, before) if place in cells_of(step)}
    own = {at for at in resting.keys() - changed if at[0] == table and at[2] == column}
    assert sorted(own) == []  # what was read from the cell changes
    others = {at for at, step in resting.items() if step.unit and (at[0], at[2]) not in OF_ALL_UNITS}
    assert len({resting[at].unit for at in others}) <= 1  # a cell of one unit moves no other unit but in rank
    assert len(resting) < len(before.values) / 100


def test_every_figure_of_every_table_has_a_chain_to_cells_or_configuration(before: Run) -> None:
    """A new table without a chain fails here (``Chain`` raises TableError), or is named above with a reason."""
    lost = set()
    for address, value in before.values.items():
        step = before.step(address)
        if value is not None and step is not None and not is_founded(step):
            lost.add((address[0], address[2], step.how))
    assert sorted(lost) == []


def is_founded(step: Step) -> bool:
    """Whether a chain ends in a file, in the configuration, or says that nothing came."""
    words = (".yml", ".csv", "没有收到", "没有评分表")
    return bool(step.places) or any(word in step.how for word in words) or any(map(is_founded, step.parts))


def test_a_table_without_a_chain_is_refused(before: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BASES, "peers_by_type_measure")
    with pytest.raises(TableError, match="peers_by_type_measure has no chain"):
        Chain(before.config, before.frames).step("peers_by_type_measure", "事业单位|total", "median")


def test_a_pending_case_has_no_chain(before: Run) -> None:
    with pytest.raises(ParameterError, match="AJ2018010") as refused:
        before.chain.step("cases", "AJ2018010", "state")
    assert "未结案件不能追溯" in str(refused.value) and "AJ2018001" not in str(refused.value)
    assert key_of(schemas()["cases"], {"case_id": "AJ2018010"}) in before.chain.rows("cases")
