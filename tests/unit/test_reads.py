"""What a page has read stands for rows; its digest changes when one of them does, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng.tables import Tables, conform, digests, read_of, write_tables

OWN, OTHERS, NOBODYS, WHOLE = (
    read_of("site_visits", "unit_id", "U001"), read_of("site_visits", "unit_id", "U002"), read_of("site_visits", "unit_id", "U003"),
    "site_visits",
)  # fmt: skip
READS = [OWN, OTHERS, NOBODYS, WHOLE, "cases", read_of("cases", "unit_id", "U001")]


def visits(folder: Path, *attending: tuple[str, str, int]) -> Tables:
    """A table of visits: unit, team and how many attended."""
    rows = [
        {"unit_id": unit, "team_id": team, "visit_date": "2018-12-04", "n_attending": n} for unit, team, n in attending
    ]  # fmt: skip
    write_tables(folder, {"site_visits": conform("site_visits", rows, 2018)}, {})
    return Tables(folder)


@pytest.fixture
def before(tmp_path: Path) -> dict[str, str]:
    return digests(visits(tmp_path / "a", ("U001", "T1", 7), ("U002", "T1", 8)), READS)


def test_equal_rows_have_equal_digests_and_missing_ones_none(before: dict[str, str], tmp_path: Path) -> None:
    again = digests(visits(tmp_path / "b", ("U001", "T1", 7), ("U002", "T1", 8)), READS)
    assert again == before and set(before) == set(READS)
    assert before[NOBODYS] == before["cases"] == before[read_of("cases", "unit_id", "U001")] == ""
    assert len({before[OWN], before[OTHERS], before[WHOLE], ""}) == 4


@pytest.mark.parametrize(
    ("rows", "changed"),
    [
        ([("U001", "T1", 9), ("U002", "T1", 8)], {OWN, WHOLE}),
        ([("U001", "T1", 7), ("U001", "T2", 7), ("U002", "T1", 8)], {OWN, WHOLE}),
        ([("U002", "T1", 8)], {OWN, WHOLE}),
        ([("U001", "T1", 7), ("U002", "T1", 8), ("U003", "T1", 8)], {NOBODYS, WHOLE}),
        ([("U001", "T1", 8), ("U002", "T1", 7)], {OWN, OTHERS, WHOLE}),
    ],
)
def test_a_change_shows_where_it_is(
    before: dict[str, str], tmp_path: Path, rows: list[tuple[str, str, int]], changed: set[str]
) -> None:
    now = digests(visits(tmp_path / "b", *rows), READS)
    assert {read for read in READS if now[read] != before[read]} == changed


def test_a_value_may_hold_what_parts_the_words(tmp_path: Path) -> None:
    file = {
        "file_id": "F1",
        "path": "units/a/b.xlsx",
        "sha256": "0",
        "format": "xlsx",
        "state": "read",
        "is_counted": True,
    }
    read = read_of("files", "path", "units/a/b.xlsx")
    found = []
    for number, sha256 in enumerate("001"):
        rows = conform("files", [{**file, "sha256": sha256, "size_bytes": 1}], 2018)
        write_tables(tmp_path / str(number), {"files": rows}, {})
        found.append(digests(Tables(tmp_path / str(number)), [read])[read])
    assert found[0] == found[1] != found[2] and all(found)
