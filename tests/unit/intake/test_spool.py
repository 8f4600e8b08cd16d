"""What waits on disk comes back as it was, as often as it is asked for."""

from __future__ import annotations

from pathlib import Path

from lianzheng.intake.received import Received
from lianzheng.intake.records import PackedRecords, Record
from lianzheng.intake.spool import open_spool

FINDING = Record("findings", {"unit_id": "U001", "text": "没有记录"}, (("表1", "B7", "text"),), True)
SCORE = Record("scores_by_unit_item_scorer", {"unit_id": "U002", "points": 3.5})
CELL = ("表1", "B7", "没有记录", "text", "", None, False, "value")


def test_sequences_come_back_from_the_spool_in_any_order(tmp_path: Path) -> None:
    several = [PackedRecords([FINDING, SCORE]), PackedRecords([]), PackedRecords([SCORE])]
    with open_spool(tmp_path) as spool:
        for packed in several:
            packed.move_to(spool)
            packed.move_to(spool)  # a second time moves nothing
        for _ in range(2):
            assert [list(packed) for packed in reversed(several)] == [[SCORE], [], [FINDING, SCORE]]
        assert list(map(len, several)) == [2, 0, 1]
        assert several[0][1] == SCORE and several[0][:1] == [FINDING] and not several[1]
    assert list(tmp_path.iterdir()) == []


def test_a_packed_file_knows_what_its_records_are_about(tmp_path: Path) -> None:
    part = Received("a.xlsx", "F1", "", 1, "xlsx", records=[FINDING])
    file = Received("a.xlsx", "F1", "", 1, "xlsx", records=[SCORE], cells=[CELL], also=(part,)).pack()
    assert (file.tables, file.units) == ({"scores_by_unit_item_scorer"}, {"U002"})
    with open_spool(tmp_path) as spool:
        file.move_to(spool)
        assert (list(file.records), list(file.cells), list(part.records)) == ([SCORE], [CELL], [FINDING])
        assert file.records_in("findings", "highlights") == [] and part.records_in("findings") == [FINDING]


def test_few_are_unpacked_to_find_records_of_a_table() -> None:
    class Unread(PackedRecords):
        def __iter__(self):
            raise AssertionError("unpacked")

    file = Received("a.xlsx", "F1", "", 1, "xlsx", records=[SCORE]).pack()
    file.records = Unread([SCORE])
    assert file.records_in("findings") == []
