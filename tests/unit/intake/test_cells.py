from __future__ import annotations

import datetime as dt
import pickle

import pytest

from lianzheng.forms.addresses import column_letters, column_number, sheet_address
from lianzheng.intake.cells import BookError, Cell, GridDraft, Limits, Merge


@pytest.mark.parametrize(
    ("column", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA"), (16_384, "XFD")]
)
def test_columns_have_letters_and_back(column: int, letters: str) -> None:
    assert column_letters(column) == letters
    assert column_number(letters) == column


@pytest.mark.parametrize("letters", ["", "A1", "ABCD", "甲", "-"])
def test_what_is_no_column_is_refused(letters: str) -> None:
    with pytest.raises(ValueError, match="not a column"):
        column_number(letters)


def test_address_names_column_then_row() -> None:
    assert sheet_address(7, 2) == "B7"


def test_cell_survives_pickling_with_every_field() -> None:
    moment = dt.datetime(2018, 12, 1)
    cell = Cell(7, 2, "B7", "2018-12-01", "date", None, moment, "yyyy/m/d", True, "B7:C7")
    copy = pickle.loads(pickle.dumps(cell))
    assert copy == cell
    assert (copy.row, copy.column, copy.merged_range, copy.moment) == (7, 2, "B7:C7", moment)


def draft_with(places: list[tuple[int, int]], limits: Limits | None = None) -> GridDraft:
    draft = GridDraft(limits or Limits())
    for row, column in places:
        draft.put_text(row, column, f"{row}.{column}")
    return draft


def test_a_merged_place_resolves_to_the_top_left_cell() -> None:
    draft = draft_with([(1, 1), (3, 3)])
    draft.merge(Merge(1, 1, 2, 3))
    grid = draft.finish("表")
    top_left = grid.cells[1, 1]
    assert [grid.at(row, column) for row in (1, 2) for column in (1, 2, 3)] == [top_left] * 6
    assert top_left.merged_range == "A1:C2"
    assert grid.at(3, 3) is grid.cells[3, 3]
    assert grid.at(3, 1) is None
    assert grid.cells[3, 3].merged_range is None


def test_text_under_a_merged_range_is_kept_as_hidden() -> None:
    draft = draft_with([(1, 1), (1, 2)])
    draft.merge(Merge(1, 1, 1, 2))
    grid = draft.finish("表")
    assert [grid.cells[1, column].is_hidden for column in (1, 2)] == [False, True]
    assert grid.at(1, 2) is grid.cells[1, 1]


def test_merges_are_sorted_unique_and_larger_than_one_place() -> None:
    draft = draft_with([(9, 9)])
    for merge in (Merge(5, 1, 5, 2), Merge(1, 1, 1, 6), Merge(5, 1, 5, 2), Merge(2, 2, 2, 2)):
        draft.merge(merge)
    assert draft.finish("表").merges == [Merge(1, 1, 1, 6), Merge(5, 1, 5, 2)]


def test_hidden_rows_columns_and_sheets_hide_their_cells() -> None:
    draft = draft_with([(1, 1), (1, 2), (2, 1)])
    draft.hidden_rows, draft.hidden_columns = {2}, {2}
    assert {c.address: c.is_hidden for c in draft.finish("表").cells.values()} == {
        "A1": False,
        "B1": True,
        "A2": True,
    }
    assert all(cell.is_hidden for cell in draft.finish("表", is_hidden=True).cells.values())


def test_cells_come_by_row_and_column_and_bound_the_grid() -> None:
    grid = draft_with([(4, 1), (2, 7), (2, 3)]).finish("表")
    assert list(grid.cells) == [(2, 3), (2, 7), (4, 1)]
    assert (grid.n_rows, grid.n_columns) == (4, 7)


def test_an_empty_text_is_no_cell_but_a_blank_is() -> None:
    draft = GridDraft(Limits())
    draft.put_text(9, 9, "")
    draft.put_text(1, 1, "　")
    grid = draft.finish("表")
    assert {place: cell.text for place, cell in grid.cells.items()} == {(1, 1): "　"}
    assert (grid.n_rows, grid.n_columns) == (1, 1)


def test_two_far_corners_are_refused_although_they_are_two_cells() -> None:
    draft = draft_with([(1, 1)])
    with pytest.raises(BookError) as caught:
        draft.put_text(1_048_576, 16_384, "x")
    assert caught.value.code == "too_large"


def test_the_limit_is_the_last_size_that_is_read() -> None:
    assert len(draft_with([(10, 10)], Limits(grid_places=100)).finish("表").cells) == 1
    with pytest.raises(BookError):
        draft_with([(10, 10), (1, 11)], Limits(grid_places=100))


def test_a_merge_of_whole_columns_is_cut_to_the_grid() -> None:
    draft = draft_with([(1, 1), (3, 1)])
    draft.merge(Merge(1, 1, 1_048_576, 1))
    grid = draft.finish("表")
    assert grid.anchors == {(2, 1): (1, 1), (3, 1): (1, 1)}
    assert grid.cells[1, 1].merged_range == "A1:A1048576"


def test_overlapping_or_endless_merges_are_refused() -> None:
    draft = draft_with([(10, 10)], Limits(grid_places=150, merges=3))
    draft.merge(Merge(1, 1, 10, 10))
    draft.merge(Merge(1, 1, 9, 10))
    with pytest.raises(BookError, match="重叠"):
        draft.finish("表")
    draft.merge(Merge(1, 1, 1, 2))
    with pytest.raises(BookError, match="超过3处"):
        draft.merge(Merge(1, 1, 1, 3))
