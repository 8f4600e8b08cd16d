"""One clear issue for each hostile file, through the real intake, and the good files beside them as if nothing had been."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.intake import run_intake, write_intake
from lianzheng.intake.run import TABLES
from tests.forms.cases import FOLDER
from tests.forms.harness import Desk, kept
from tests.hostile.kinds import KINDS, Hostile

LIMITS = """
limits: {inflated_bytes: 50_000_000, part_bytes: 30_000_000}
"""


@dataclass
class Result:
    """What a run gave: frames, the bytes of stored tables, and whom the server heard of meanwhile."""

    frames: dict[str, pd.DataFrame]
    stored: dict[str, bytes]
    requests: list[str] = field(default_factory=list)

    def of_file(self, path: str) -> tuple[dict[str, object], list[dict[str, object]]]:
        """The row of a file, and its issues."""
        files = self.frames["files"]
        (row,) = files[files["path"] == path].to_dict("records")
        issues = self.frames["issues"]
        return row, issues[issues["file_id"] == row["file_id"]].to_dict("records")


def run(config: CycleConfig) -> Result:
    """The whole intake in two workers, stored."""
    intake = run_intake(config, n_workers=2)
    write_intake(config, intake)
    return Result(
        intake.frames, {name: (config.data_processed / f"{name}.parquet").read_bytes() for name in TABLES}
    )


def project(folder: Path, limits: str = LIMITS) -> Desk:
    """The desk of the tiny configuration, with limits in its cycle.yml, and the base papers on it."""
    shutil.copytree(FOLDER / "config", folder / "config")
    with (folder / "config/2018/cycle.yml").open("a", encoding="utf-8") as file:
        file.write(limits)
    desk = Desk(load_config(2018, folder), kept(FOLDER / "base"))
    desk.lay_out({})
    return desk


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", heard
        listening.shutdown()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, server: tuple[str, list[str]]) -> tuple[Result, Result]:
    """The base papers alone, and with every hostile file beside them in the same unit's folder."""
    address, heard = server
    desk = project(tmp_path_factory.mktemp("hostile"))
    before = run(desk.config)
    desk.lay_out({kind.path: kind.make(address) for kind in KINDS})
    after = run(desk.config)
    after.requests = heard
    return before, after


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_hostile_file_costs_itself_and_says_why(kind: Hostile, runs: tuple[Result, Result]) -> None:
    row, issues = runs[1].of_file(kind.path)
    assert [issue["code"] for issue in issues] == [kind.code]
    assert (row["unit_id"], row["is_counted"]) == ("U001", False)
    assert kind.words in f"{issues[0]['message']} {row['format']}"
    assert issues[0]["severity"] == "return_file" and issues[0]["remedy"]
    assert not any(secret in issues[0]["message"] for secret in ("root:", "哈哈"))


def test_the_good_files_are_read_as_if_nothing_had_been(runs: tuple[Result, Result]) -> None:
    before, after = runs
    bad = {after.of_file(kind.path)[0]["file_id"] for kind in KINDS}
    same = [name for name in TABLES if before.stored[name] == after.stored[name]]
    assert set(TABLES) - set(same) == {"files", "issues"}
    for name in ("files", "issues"):
        frame = after.frames[name]
        good = frame[~frame["file_id"].isin(bad)].reset_index(drop=True)
        pd.testing.assert_frame_equal(good, before.frames[name])


def test_nothing_was_fetched(runs: tuple[Result, Result]) -> None:
    assert runs[1].requests == []
