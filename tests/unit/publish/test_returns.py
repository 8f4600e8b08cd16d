"""A unit's folder: what is in it, that originals are the bytes received, and that old folders go away."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lianzheng.config import CycleConfig
from lianzheng.errors import ConfigError, InputError
from lianzheng.publish.returns import write_returns
from tests.unit.forms.packages import plain_parts, unzipped, zipped
from tests.unit.publish.returned import BOOK, cell, frames, issue, project, received, round_of

SIGNED = zipped(plain_parts() | {"_xmlsignatures/sig1.xml": "<Signature/>"})
CSV = "项目,本年\n会议,三\n".encode("gb18030")
CONTENTS = {
    "units/南坡处/附件2.xlsx": BOOK,
    "units/南坡处/电子签.xlsx": SIGNED,
    "units/南坡处/附件1.csv": CSV,
    "units/南坡处/坏的.xlsx": b"PK",
    "units/南坡处/佐证材料/01 计划.txt": b"plan",
    "units/北渠灌区处/附件2.xlsx": BOOK,
}
IDS = {path: f"F{i}" for i, path in enumerate(CONTENTS)}


def made(folder: Path) -> CycleConfig:
    """U003 with a file of each kind, U004 with one whose owner is uncertain, U005 with a note only."""
    files = [
        received(IDS[path], path, data, unit_id="U004" if "北渠" in path else "U003", state="material" if "佐证" in path else "read")
        for path, data in CONTENTS.items()
    ]  # fmt: skip
    xlsx, signed, csv, broken, material, other = IDS.values()
    issues = [
        issue("not_a_number", xlsx, "B4", "优"), issue("pending_value", xlsx, "D9", "待定"), issue("paper_not_sealed", xlsx),
        issue("not_a_number", signed, "A3", "良"), issue("not_a_number", csv, "B2", "三", sheet="csv", form_id="standard"),
        issue("unreadable_file", broken, words={"detail": "损坏"}), issue("identical_material", material, seen="01 计划.txt", form_id="standard"),
        issue("unit_differs", other, "A1", "甲", unit_id="U004"), issue("all_zero_return", xlsx, unit_id="U005"),
    ]  # fmt: skip
    cells = [
        cell(signed, "A3", "良"),
        cell(csv, "A2", "会议", sheet="csv"),
        cell(csv, "B2", "三", sheet="csv"),
    ]
    tables = frames(issues, files, cells, [round_of("statistics", "returned", file_id=xlsx)])
    return project(folder, tables, CONTENTS)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> CycleConfig:
    config = made(tmp_path_factory.mktemp("bureau"))
    write_returns(config)
    return config


def folder_of(config: CycleConfig, unit_id: str) -> dict[str, bytes]:
    folder = config.reports / "returns" / unit_id
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


PAPERS = {"退回补正单.xlsx", "补正通知.docx", "补正通知.pdf"}


def test_a_folder_for_each_unit_that_has_something_to_correct(config: CycleConfig) -> None:
    assert sorted(path.name for path in (config.reports / "returns").iterdir()) == ["U003", "U004"]
    assert set(folder_of(config, "U003")) == PAPERS | {
        "附件2（标注）.xlsx", "电子签.xlsx（标注图）.png", "附件1.csv（标注图）.png",
        "原件/附件2.xlsx", "原件/电子签.xlsx", "原件/附件1.csv", "原件/坏的.xlsx",
    }  # fmt: skip
    assert set(folder_of(config, "U004")) == PAPERS, "nobody knows yet whose file that is"


def test_originals_are_the_bytes_received(config: CycleConfig) -> None:
    files = folder_of(config, "U003")
    for path, data in CONTENTS.items():
        name = "原件/" + path.rpartition("/")[2]
        assert files.get(name, data) == data


def test_the_marked_copy_says_what_the_list_says(config: CycleConfig) -> None:
    files = folder_of(config, "U003")
    page = load_workbook(io.BytesIO(files["附件2（标注）.xlsx"]))["附件2"]
    comments = {c.coordinate: c.comment.text for row in page.iter_rows() for c in row if c.comment}
    lines = load_workbook(io.BytesIO(files["退回补正单.xlsx"]))["补正清单"].iter_rows(
        min_row=4, values_only=True
    )
    told = {line[4]: line for line in lines if line[2] == "附件2.xlsx" and line[4] != "—"}
    assert comments == {
        at: f"【{line[8]}】补正清单第{line[0]}条：{line[6]}\n→ {line[7]}" for at, line in told.items()
    }
    assert set(comments) == {"B4", "D9"}
    assert unzipped(files["附件2（标注）.xlsx"]).keys() > unzipped(BOOK).keys()


def test_where_a_copy_cannot_be_marked_the_list_says_why(config: CycleConfig) -> None:
    page = load_workbook(io.BytesIO(folder_of(config, "U003")["退回补正单.xlsx"]))["汇总"]
    told = {row[0]: row[2] for row in page.iter_rows(values_only=True) if row[0]}
    assert told["电子签.xlsx（标注图）.png"] == "标注图（文件有数字签名，标注会使签名失效，所以没有标注件）"
    assert told["附件2（标注）.xlsx"].startswith("标注件：") and told["原件/坏的.xlsx"].startswith("原件：")


def test_a_second_run_gives_the_same_bytes_and_takes_away_what_is_old(tmp_path: Path) -> None:
    config = made(tmp_path)
    write_returns(config)
    first = folder_of(config, "U003")
    stale = config.reports / "returns" / "U003" / "原件" / "旧" / "附件2.xlsx"
    stale.parent.mkdir()
    stale.write_bytes(b"old")
    (config.reports / "returns" / "U005").mkdir()
    assert [made.unit.unit_id for made in write_returns(config)] == ["U003", "U004"]
    assert folder_of(config, "U003") == first and not stale.parent.exists()
    assert not (config.reports / "returns" / "U005").exists()


def test_only_the_units_asked_for(tmp_path: Path) -> None:
    config = made(tmp_path)
    (config.reports / "returns" / "U005").mkdir(parents=True)
    assert [made.unit.unit_id for made in write_returns(config, ["U004"])] == ["U004"]
    assert sorted(path.name for path in (config.reports / "returns").iterdir()) == ["U004", "U005"]
    with pytest.raises(ConfigError, match="U999"):
        write_returns(config, ["U999"])


def test_a_file_that_is_no_longer_what_was_read_stops_the_work(tmp_path: Path) -> None:
    config = made(tmp_path)
    (config.data_raw / "units/南坡处/附件2.xlsx").write_bytes(BOOK + b" ")
    with pytest.raises(InputError, match=r"与读取时不同.*lianzheng intake 2018"):
        write_returns(config)
