"""The processed tables: the contract is complete, the gate is closed, writing is atomic, reading is verified."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lianzheng import tables
from lianzheng.errors import TableError
from lianzheng.tables import store

A_FILE = {
    "file_id": "F1",
    "path": "units/a.xlsx",
    "sha256": "00",
    "size_bytes": 7,
    "format": "xlsx",
    "state": "read",
    "is_counted": True,
}
A_VISIT = {"unit_id": "U001", "team_id": "T1", "visit_date": "2018-12-04", "n_attending": 31, "n_quiz": None}


def files(*rows: dict[str, object]) -> pd.DataFrame:
    return tables.conform("files", rows, 2018)


def test_every_schema_names_its_key_and_only_known_kinds_lists_and_tables() -> None:
    for schema in tables.schemas().values():
        assert set(schema.key) <= set(schema.names), schema.name
        assert schema.row and all(column.description for column in schema.columns), schema.name
        for column in schema.columns:
            assert column.kind != "list" or tables.labels(column.of), column
            assert column.kind != "ref" or column.of in tables.schemas(), column
            assert not (column.name in schema.key and column.is_nullable), column


def test_closed_lists_have_plain_ids_and_chinese_labels() -> None:
    named = {column.of for s in tables.schemas().values() for column in s.columns if column.kind == "list"}
    for closed_list in named:
        for id_, label in tables.labels(closed_list).items():
            assert re.fullmatch(r"[a-z_]+", id_), (closed_list, id_)
            assert re.search(r"[\u4e00-\u9fff]", label), (closed_list, label)


def test_conform_orders_columns_sorts_by_key_and_gives_each_dtype() -> None:
    frame = files({**A_FILE, "file_id": "F2"}, A_FILE)
    assert list(frame.columns) == tables.schemas()["files"].names
    assert list(frame["file_id"]) == ["F1", "F2"]
    assert frame["cycle"].dtype == "int64" and frame["size_bytes"].dtype == "int64"
    assert frame["received_at"].dtype == "datetime64[us]" and frame["unit_id"].dtype == "str"
    assert frame["unit_id"].isna().all()


def test_a_blank_count_stays_blank_and_zero_stays_zero() -> None:
    frame = tables.conform("site_visits", [{**A_VISIT, "n_interviews": 0}], 2018)
    assert frame.loc[0, "n_interviews"] == 0
    assert frame.loc[0, "n_quiz"] is pd.NA


def test_conform_takes_what_pandas_takes() -> None:
    moments = [dt.date(2018, 12, 1), pd.Timestamp("2018-12-01"), dt.datetime(2018, 12, 1)]
    rows = [
        {**A_FILE, "file_id": f"F{i}", "size_bytes": size, "received_at": moment, "is_counted": counted}
        for i, (size, moment, counted) in enumerate(zip((7.0, "7", np.int32(7)), moments, (np.bool_(True), True, True), strict=True))
    ]  # fmt: skip
    from_rows = files(*rows)
    from_frame = tables.conform("files", pd.DataFrame(rows), 2018)
    pd.testing.assert_frame_equal(from_rows, from_frame)
    assert from_rows["size_bytes"].tolist() == [7] * 3 and from_rows["is_counted"].all()
    assert from_rows["received_at"].nunique() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "unknown columns"),
        ({"size_bytes": "seven"}, "size_bytes"),
        ({"size_bytes": 7.5}, "size_bytes"),
        ({"size_bytes": None}, "size_bytes"),
        ({"received_at": "no day"}, "received_at"),
    ],
)
def test_conform_refuses_strange_columns_and_values(change: dict[str, object], words: str) -> None:
    with pytest.raises(TableError, match=words):
        files({**A_FILE, **change})


def test_conform_refuses_a_missing_required_column() -> None:
    with pytest.raises(TableError, match="missing columns"):
        files({key: value for key, value in A_FILE.items() if key != "sha256"})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.assign(state="lost"),
        lambda frame: frame.assign(sha256=pd.Series([None, None], dtype="str")),
        lambda frame: frame.assign(file_id="F1"),
        lambda frame: frame.assign(size_bytes=frame["size_bytes"].astype("float64")),
        lambda frame: frame[frame.columns[::-1]],
        lambda frame: frame.drop(columns="format"),
    ],
    ids=["closed list", "null", "duplicate key", "dtype", "column order", "missing column"],
)
def test_the_gate_refuses(spoil) -> None:  # type: ignore[no-untyped-def]
    good = files(A_FILE, {**A_FILE, "file_id": "F2"})
    pd.testing.assert_frame_equal(tables.schemas()["files"].frame_of(tables.check("files", good)), good)
    with pytest.raises(TableError):
        tables.check("files", spoil(good))


def test_an_empty_table_passes_the_gate_and_comes_back_empty(tmp_path: Path) -> None:
    for name in tables.schemas():
        tables.check(name, tables.conform(name, [], 2018))
    tables.write_tables(tmp_path, {"cases": tables.conform("cases", [], 2018)}, {})
    assert tables.read_table(tmp_path, "cases").dtypes.equals(tables.schemas()["cases"].empty().dtypes)


def test_references_must_exist() -> None:
    visits = tables.conform("site_visits", [A_VISIT], 2018)
    unit = {"name": "a", "short_name": "a", "unit_type": "t", "headcount": 1, "order": 1}
    unit |= {"is_visited": True, "was_visited_last_cycle": False}
    units = tables.conform("units", [{**unit, "unit_id": "U001"}], 2018)
    tables.check_references({"site_visits": visits, "units": units})
    with pytest.raises(TableError, match="U001"):
        tables.check_references({"site_visits": visits, "units": units.assign(unit_id="U002")})


def test_what_is_written_is_read_back_equal_and_twice_the_same_bytes(tmp_path: Path) -> None:
    frame = tables.conform("site_visits", [A_VISIT], 2018)
    tables.write_tables(tmp_path, {"site_visits": frame}, {"library": "0"})
    pd.testing.assert_frame_equal(tables.read_table(tmp_path, "site_visits"), frame)
    renamed = frame.copy()
    renamed.attrs["note"] = "must not reach the file"
    assert tables.to_parquet_bytes("site_visits", renamed) == tables.to_parquet_bytes("site_visits", frame)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BATCH_ROWS", 3)
    monkeypatch.setattr(store, "RANGE_ROWS", 6)
    monkeypatch.setattr(store, "_SAMPLED", 2)


def scattered(n_frames: int, n_rows: int) -> list[pd.DataFrame]:
    """Files by ids that lie all over the frames."""
    ids = [f"F{number * 37 % 101:03d}" for number in range(n_frames * n_rows)]
    parts = [ids[first : first + n_rows] for first in range(0, len(ids), n_rows)]
    return [files(*({**A_FILE, "file_id": id_, "path": id_} for id_ in part)) for part in parts]


@pytest.mark.usefixtures("small_batches")
def test_a_table_that_comes_in_many_frames_is_stored_sorted_and_whole(tmp_path: Path) -> None:
    parts = scattered(n_frames=6, n_rows=10)
    with tables.TableStore(tmp_path) as made:
        for part in parts:
            made.add("files", part)
        made.add("files", parts[0].iloc[:0])
        made.commit({})
    whole = pd.concat(parts).sort_values("file_id", ignore_index=True)
    pd.testing.assert_frame_equal(tables.read_table(tmp_path, "files"), whole)
    stored = pq.ParquetFile(tmp_path / "files.parquet")
    sizes = [stored.metadata.row_group(i).num_rows for i in range(stored.num_row_groups)]
    assert len(sizes) > 5 and sum(sizes) == 60 and max(sizes) < 15
    assert tables.read_manifest(tmp_path)["tables"]["files"]["n_rows"] == 60


@pytest.mark.usefixtures("small_batches")
def test_a_key_that_comes_again_in_another_frame_does_not_pass_the_gate(tmp_path: Path) -> None:
    parts = scattered(n_frames=3, n_rows=10)
    with tables.TableStore(tmp_path) as made, pytest.raises(TableError, match="table files"):
        for part in (*parts, parts[1].iloc[4:5]):
            made.add("files", part)
        made.commit({})
    assert list(tmp_path.iterdir()) == []


def test_references_are_checked_over_all_frames(tmp_path: Path) -> None:
    visits = tables.conform("site_visits", [{**A_VISIT, "file_id": "F002"}], 2018)
    with tables.TableStore(tmp_path) as made:
        made.add("site_visits", visits)
        made.add("files", files({**A_FILE, "file_id": "F001"}))
        with pytest.raises(TableError, match="F002"):
            made.commit({})
        made.add("files", files({**A_FILE, "file_id": "F002"}))
        made.commit({})
    assert len(tables.read_table(tmp_path, "files")) == 2


def test_the_manifest_keeps_earlier_tables_and_facts(tmp_path: Path) -> None:
    tables.write_tables(tmp_path, {"files": files(A_FILE)}, {"inputs": {"a": "1"}})
    tables.write_tables(tmp_path, {"cases": tables.conform("cases", [], 2018)}, {"config": "2"})
    manifest = tables.read_manifest(tmp_path)
    assert set(manifest["tables"]) == {"files", "cases"}
    assert manifest["inputs"] == {"a": "1"} and manifest["config"] == "2"


def test_a_table_that_is_missing_or_altered_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"还没有数据表.*先在命令行运行 lianzheng run"):
        tables.read_table(tmp_path, "files")
    tables.write_tables(tmp_path, {"files": files(A_FILE)}, {})
    altered = tables.to_parquet_bytes("files", files({**A_FILE, "size_bytes": 8}))
    (tmp_path / "files.parquet").write_bytes(altered)
    with pytest.raises(TableError, match=r"与 manifest\.json 所记的不符"):
        tables.read_table(tmp_path, "files")


def test_a_new_table_that_waits_for_its_place_is_read_and_takes_it_with_the_next_run(tmp_path: Path) -> None:
    tables.write_tables(tmp_path, {"files": files(A_FILE)}, {})
    place, sha256 = tmp_path / "files.parquet", tables.read_manifest(tmp_path)["tables"]["files"]["sha256"]
    waiting = tmp_path / f".files.parquet.{sha256[:16]}.new"
    waiting.write_bytes(place.read_bytes())
    for old in (b"the old table", None):
        place.write_bytes(old) if old else place.unlink()
        pd.testing.assert_frame_equal(tables.read_table(tmp_path, "files"), files(A_FILE))
    tables.sweep_tables(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"files.parquet", "manifest.json"}
    pd.testing.assert_frame_equal(tables.read_table(tmp_path, "files"), files(A_FILE))


def test_a_reader_never_mixes_the_tables_of_two_runs(tmp_path: Path) -> None:
    cases = tables.conform("cases", [], 2018)
    tables.write_tables(tmp_path, {"files": files(A_FILE), "cases": cases}, {})
    reader = tables.Tables(tmp_path)
    assert reader["cases"].empty
    tables.write_tables(tmp_path, {"files": files({**A_FILE, "size_bytes": 8})}, {})
    with pytest.raises(TableError, match="被另一次运行更新了"):
        reader["files"]
    assert tables.Tables(tmp_path)["files"].loc[0, "size_bytes"] == 8


def test_nothing_is_written_when_one_frame_fails_the_gate(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        tables.write_tables(
            tmp_path,
            {"cases": tables.conform("cases", [], 2018), "files": files(A_FILE).assign(state="x")},
            {},
        )
    assert list(tmp_path.iterdir()) == []


def test_pages_see_no_private_column_and_no_pending_case(tmp_path: Path) -> None:
    case = {
        "unit_id": "U001",
        "category_id": "meals",
        "source": "direct",
        "four_forms_level": "1",
        "note": "secret",
    }
    cases = [{**case, "case_id": "C1", "state": "closed"}, {**case, "case_id": "C2", "state": "pending"}]
    talk = {"unit_id": "U001", "interview_number": 1, "remark_number": 1, "role": "staff", "topic_id": "t"}
    talks = [{**talk, "polarity": "negative", "text": "secret"}]
    frames = {
        "cases": tables.conform("cases", cases, 2018),
        "interviews": tables.conform("interviews", talks, 2018),
    }
    tables.write_tables(tmp_path, frames, {})
    opened = tables.Tables(tmp_path)
    assert list(opened.public("cases")["case_id"]) == ["C1"]
    assert "secret" not in opened.public("cases").to_csv() + opened.public("interviews").to_csv()
    assert "secret" in opened["interviews"].to_csv()
    assert opened["cases"] is opened["cases"]


def cells(file_id: str, n: int) -> pa.Table:
    rows = [
        {"file_id": file_id, "sheet": "S", "cell": f"A{i:03}", "raw_text": "x", "raw_type": "text", "number_format": "",
         "is_hidden": False, "fate": "value"}
        for i in range(n)
    ]  # fmt: skip
    return tables.arrange("cells", rows, 2018)


def test_a_first_file_that_fills_a_range_alone_leaves_none_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, n in (("BATCH_ROWS", 4), ("RANGE_ROWS", 8), ("_SAMPLED", 2)):
        monkeypatch.setattr(store, name, n)
    runs = tables.SortedRuns("cells", tmp_path)
    for part in (cells("F2", 3), cells("F1", 40)):
        runs.add(part)
    found = pa.concat_tables(runs.in_order())
    runs.close()
    assert found.equals(pa.concat_tables([cells("F1", 40), cells("F2", 3)]).combine_chunks())


def test_rows_with_a_value_come_whole_and_in_order_whatever_the_groups_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH_ROWS", 4)
    rows = pa.concat_tables([cells("F1", 6), cells("F2", 3), cells("F3", 6)]).combine_chunks()
    tables.write_tables(tmp_path, {"cells": tables.schemas()["cells"].frame_of(rows)}, {})
    opened = tables.Tables(tmp_path)
    for file_id, n in (("F1", 6), ("F2", 3), ("F3", 6), ("F9", 0)):
        found = opened.rows("cells", "file_id", [file_id], ["cell", "file_id"])
        assert found.column_names == ["cell", "file_id"]
        expected = [{"cell": f"A{i:03}", "file_id": file_id} for i in range(n)]
        assert found.to_pylist() == expected
    assert opened.rows("cells") == rows


def test_records_are_the_rows_of_the_frame(tmp_path: Path) -> None:
    issues = [
        {
            "issue_id": f"I{n}",
            "unit_id": unit_id,
            "code": "late_submission",
            "severity": "note",
            "message": "晚",
            "remedy": "补",
        }
        for n, unit_id in enumerate(["U001", "U002", None])
    ]
    tables.write_tables(tmp_path, {"issues": tables.conform("issues", issues, 2018)}, {})
    opened = tables.Tables(tmp_path)
    for whose, ids in (
        (("U001",), ["I0"]),
        (("U002", tables.NOBODY), ["I1", "I2"]),
        ((), ["I0", "I1", "I2"]),
    ):
        assert [row["issue_id"] for row in opened.records("issues", *whose)] == ids
        assert list(opened.of_unit("issues", *whose)["issue_id"]) == ids
    assert opened.records("issues")[2]["unit_id"] is None


@pytest.mark.parametrize(("named", "is_there"), [("F2", True), ("F1", True), ("F3", False)])
def test_what_lies_elsewhere_is_asked_for_only_where_the_part_before_does_not_have_it(
    named: str, is_there: bool
) -> None:
    asked: list[str] = []
    references = tables.References()
    file = {
        "path": "a.xlsx",
        "sha256": "0",
        "size_bytes": 1,
        "format": "xlsx",
        "state": "read",
        "is_counted": True,
    }

    def read(file_id: str) -> pa.Table:
        asked.append(file_id)
        return tables.arrange("files", [{**file, "file_id": file_id}], 2018)

    for file_id in ("F1", "F2"):
        references.add("files", read(file_id), partial(read, file_id))
    asked.clear()
    references.add("cells", cells(named, 1))
    if is_there:
        references.check()
    else:
        with pytest.raises(TableError, match="F3"):
            references.check()
    assert asked == ([] if named == "F2" else ["F1", "F2"])


@pytest.mark.parametrize("rows", [(0, 5, 3), (5, 0, 3), (30, 9, 1), (4, 0, 0)])
def test_what_can_be_read_again_is_not_kept_and_stored_all_the_same(
    rows: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, n in (("BATCH_ROWS", 4), ("RANGE_ROWS", 8), ("_SAMPLED", 2)):
        monkeypatch.setattr(store, name, n)
    parts = [cells(f"F{3 - i}", n) for i, n in enumerate(rows)]
    asked: list[int] = []

    def read(number: int) -> pa.Table:
        asked.append(number)
        return parts[number]

    runs, kept = tables.SortedRuns("cells", tmp_path), tables.SortedRuns("cells", tmp_path)
    for number, part in enumerate(parts):
        runs.add(part, partial(read, number) if number != 1 else None)  # the second lies in a file of ours
        kept.add(part)
    found, expected = list(runs.in_order()), list(kept.in_order())
    runs.close()
    kept.close()
    assert found == expected and sum(map(len, found)) == sum(rows)
    several = sum(map(bool, rows)) > 1
    assert asked == [number for number in (2, 0) if rows[number] and several]  # by key, each once


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], True), (["F1 A1"], True), (["F1 A1", "F1 A2", "F2 A1"], True), (["F1 A2", "F1 A1"], False),
        (["F2 A1", "F1 A2"], False), (["F1 A1", "F1 A1"], False),
    ],
)  # fmt: skip
def test_rows_are_in_order_where_each_key_is_greater_than_the_one_before(
    keys: list[str], expected: bool
) -> None:
    one, names = cells("F1", 1), ("file_id", "cell")
    made = one.slice(0, 0) if not keys else pa.concat_tables([one] * len(keys))
    for i, name in enumerate(names):
        column = pa.array([key.split()[i] for key in keys], pa.string())
        made = made.set_column(made.schema.get_field_index(name), made.schema.field(name), column)
    schema = tables.schemas()["cells"]
    assert schema.is_in_order(made) is expected
    told = schema.in_order(made).select(names).to_pylist()
    assert [" ".join(row.values()) for row in told] == sorted(keys)


@pytest.mark.parametrize("n", [0, 5])
def test_parts_of_a_stored_table_and_of_a_frame_say_the_same(tmp_path: Path, n: int) -> None:
    frame = tables.schemas()["cells"].frame_of(cells("F1", n))
    tables.write_tables(tmp_path, {"cells": frame}, {})
    names = ["file_id", "cell"]
    stored, held = (
        pa.concat_tables(tables.parts_of(where, "cells", names)).to_pandas().astype("str").to_dict("records")
        for where in (tables.Tables(tmp_path), {"cells": frame})
    )
    assert stored == held == [{"file_id": "F1", "cell": f"A{i:03}"} for i in range(n)]
