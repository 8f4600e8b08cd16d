"""A workbook that holds several forms on sheets of their own: each is read as if it had come alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd

from lianzheng.forms import Layout, Placed, Sheet, as_xlsx
from lianzheng.intake import inspect_file
from tests.unit.intake.sample import filled_standard, layout_of, receive
from tests.unit.intake.test_corrections import correction, run
from tests.unit.intake.test_run import FIRST, Bureau, bureau, codes, template  # noqa: F401

PATH = "units/东河处/附件1和附件2.xlsx"


def together(*layouts: Layout, **changes: object) -> Layout:
    first, *others = layouts
    more = (Sheet("说明", (Placed(1, 1, "以上各表由办公室填报", "note"),)),) if changes.get("stray") else ()
    sheets = [sheet for layout in others for sheet in layout.sheets]
    return replace(first, sheets=(*first.sheets, *sheets, *more))


def both(figures=None) -> Layout:
    statistics = layout_of("statistics", figures or Bureau.figures())
    return together(layout_of("standard", filled_standard()), statistics)


def test_each_form_is_read_with_its_own_tables_and_checks() -> None:
    file = receive(both(), PATH)
    assert [part.form_id for part in file.parts] == ["standard", "statistics"]
    alone = (
        receive(layout_of("standard", filled_standard())),
        receive(layout_of("statistics", Bureau.figures())),
    )
    for part, single in zip(file.parts, alone, strict=True):
        assert [record.values | {"file_id": ""} for record in part.records] == [
            record.values | {"file_id": ""} for record in single.records
        ]
        assert part.checks == [replace(c, issue_id="") for c in part.checks] and part.issues == []
        assert part.unit_id == "U001" and part.is_counted
    sheets = [{row[0] for row in part.cells} for part in file.parts]
    assert sheets == [{"附件1"}, {"附件2"}]


def test_the_order_of_sheets_does_not_matter_and_a_stray_sheet_is_asked_about_once() -> None:
    forms = layout_of("statistics", Bureau.figures()), layout_of("standard", filled_standard())
    file = receive(together(*forms, stray=True), PATH)
    assert {part.form_id for part in file.parts} == {"standard", "statistics"}
    assert [i.code for part in file.parts for i in part.issues] == ["unread_cell"]


def test_lists_of_a_team_may_come_in_one_workbook() -> None:
    evidence = [{"unit_id": "东河处", "evidence_class": "年度计划", "n_documents": 3}]
    finding = {"unit_id": "东河处", "subject_id": "一岗双责", "defect_id": "无记录", "finding_severity": "较重", "is_confirmed": "是", "text": "没有记录"}  # fmt: skip
    layouts = layout_of("findings", records={"findings": [finding]}), layout_of("evidence", records={"evidence": evidence})  # fmt: skip
    parts = receive(together(*layouts), "teams/第一检查组/材料.xlsx").parts
    assert sorted((part.form_id, *dict(Counter(r.into for r in part.records)).items()) for part in parts) == [
        ("evidence", ("evidence_by_unit_class", 1), ("header_fields", 2)),
        ("findings", ("findings", 1), ("header_fields", 4)),
    ]


def test_both_papers_are_submitted_and_the_file_is_listed_once(bureau) -> None:  # noqa: F811
    bureau.both_units()
    for name in ("附件1", "附件2"):
        (bureau.config.data_raw / f"units/东河处/{name}.xlsx").unlink()
    bureau.put(PATH, as_xlsx(both(Bureau.figures() | {("problems", "other", "n_problems"): "若干"})))
    bureau.receipts = [{**FIRST, "file": PATH}, *bureau.receipts[2:]]
    intake = bureau.run()
    rows = intake.frames["submissions"].query("unit_id == 'U001' and form_id != 'self_report'")
    assert rows[["form_id", "state", "n_return_issues"]].values.tolist() == [
        ["standard", "accepted", 0], ["statistics", "returned", 1],
    ]  # fmt: skip
    assert rows["received_at"].nunique() == 1 and pd.isna(rows["is_late"]).sum() == 0
    files = intake.frames["files"]
    assert (files["path"] == PATH).sum() == 1 and files["file_id"].is_unique
    assert len(intake.frames["cells"].query("file_id in @rows.file_id")["sheet"].unique()) == 2


def test_a_cell_of_the_second_form_can_be_corrected(bureau) -> None:  # noqa: F811
    bureau.both_units()
    (bureau.config.data_raw / "units/东河处/附件1.xlsx").unlink()
    (bureau.config.data_raw / "units/东河处/附件2.xlsx").unlink()
    bureau.put(PATH, as_xlsx(both(Bureau.figures() | {("problems", "other", "n_problems"): "若干"})))
    bureau.receipts = [{**FIRST, "file": PATH}, *bureau.receipts[2:]]
    key = {"unit_id": "U001", "period": "this", "category_id": "other", "measure_id": "n_problems"}
    table = "statistics_by_unit_category_measure"
    intake = run(bureau, correction(table, key, "value", "若干", "1"))
    frame = intake.frames[table].query(
        "unit_id == 'U001' and category_id == 'other' and measure_id == 'n_problems'"
    )
    assert frame["value"].tolist() == [1.0]
    assert "not_a_number" not in codes(intake)


def test_inspect_names_both(bureau, tmp_path) -> None:  # noqa: F811
    (tmp_path / "合并.xlsx").write_bytes(as_xlsx(both()))
    lines = inspect_file(tmp_path / "合并.xlsx", bureau.config).describe()
    assert any("附件1" in line and "附件2" in line for line in lines if line.startswith("识别为"))
