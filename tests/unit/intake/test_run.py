"""The whole intake on a few written files: which version counts, what is missing, what the tables say."""

from __future__ import annotations

import csv
import dataclasses
import functools
import hashlib
import shutil

import pandas as pd
import pytest

from lianzheng.config import load_config
from lianzheng.config.models import Correction
from lianzheng.errors import ConfigError, InputError
from lianzheng.forms import as_csv, as_docx, as_xlsx
from lianzheng.intake import converters, inspect_file, load_passwords, run_intake, write_intake
from lianzheng.intake.run import TABLES, list_received
from lianzheng.tables import Tables, check_references, read_manifest
from tests import formats
from tests.unit.intake.sample import PROJECT, filled_standard, layout_of, zeros
from tests.unit.intake.test_checks import votes

RECEIPT = {
    "received_at": "2018-11-28 10:00",
    "paper_received_at": "2018-11-29 10:00",
    "is_signed": "是",
    "signed_by": "周立明",
    "is_sealed": "是",
}
FIRST = {"file": "units/东河处/附件1.xlsx", **RECEIPT}
SECOND = {"file": "units/东河处/附件2.xlsx", **RECEIPT}
NAMES = ("file", "received_at", "paper_received_at", "is_signed", "signed_by", "is_sealed")
FINDING = {
    "unit_id": "东河处",
    "subject_id": "一岗双责",
    "defect_id": "无记录",
    "finding_severity": "较重",
    "is_confirmed": "是",
    "text": "没有记录",
}


class Bureau:
    """A project folder for the sample configuration cut down to two units, one of them visited."""

    def __init__(self, folder, template):
        self.folder, self.template = folder, template
        cycle = template.cycle.model_copy(update={"materials_folders": ()})  # test_materials.py has those
        self.config = dataclasses.replace(template, project=folder, cycle=cycle)

    def put(self, path, data):
        target = self.config.data_raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def office(self, name, rows, columns=None):
        target = self.config.data_raw / "office" / f"{name}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def unit(self, unit_id="东河管理处", folder="东河处"):
        for name, data in clean_forms(unit_id).items():
            self.put(f"units/{folder}/{name}.xlsx", data)

    @staticmethod
    def figures(**changes):
        cells = {("problems", "other", "n_problems"): 1, ("problems", "total", "n_problems"): 1}
        return {
            **zeros("statistics"),
            **cells,
            **{("problems", "other", name): v for name, v in changes.items()},
        }

    def both_units(self):
        """Everything in order: two units, one score sheet, receipts."""
        self.unit()
        self.unit("西岭管理处", "西岭处")
        self.put(
            "teams/第一检查组/东河处评分表.xlsx",
            as_xlsx(layout_of("team_scores", {("scores", "S101", "points"): 3})),
        )
        west = [
            {**RECEIPT, "file": row["file"].replace("东河处", "西岭处"), "signed_by": "吴建宁"}
            for row in (FIRST, SECOND)
        ]
        self.receipts = [dict(FIRST), dict(SECOND), *west]

    def run(self, **options):
        if getattr(self, "receipts", None):
            self.office("receipts", self.receipts, NAMES)
        return run_intake(self.config, n_workers=0, **options)


@functools.cache
def clean_forms(unit_id):
    """The bytes of both forms of a unit without a fault."""
    layouts = {"附件1": layout_of("standard", filled_standard(), unit_id=unit_id),
               "附件2": layout_of("statistics", Bureau.figures(), unit_id=unit_id)}  # fmt: skip
    return {name: as_xlsx(layout) for name, layout in layouts.items()}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "config", folder / "config")
    for name, units in (("units", ("U001", "U002")), ("members", ("U001", "U002")), ("visits", ("U001",))):
        path = folder / "config/2018" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], *(x for x in lines if x[:4] in units)]) + "\n", encoding="utf-8")
    (folder / "config/2018/self_report.yml").unlink()  # test_self_reports.py has those
    return load_config(2018, folder)


@pytest.fixture
def bureau(tmp_path, template):
    """In order, and read in this process: only the test of the workers starts any."""
    made = Bureau(tmp_path, template)
    made.both_units()
    return made


def codes(intake):
    return sorted(intake.frames["issues"]["code"])


def one(intake, code):
    frame = intake.frames["issues"]
    (row,) = frame[frame["code"] == code].to_dict("records")
    return row


def submissions(intake, unit_id="U001", form_id="statistics"):
    frame = intake.frames["submissions"]
    return frame[(frame["unit_id"] == unit_id) & (frame["form_id"] == form_id)].to_dict("records")


def test_a_bureau_in_order_gives_every_table_and_no_issue(bureau):
    seen = []
    intake = bureau.run(on_done=lambda step, total: seen.append((step, total)))
    assert codes(intake) == []
    assert list(intake.frames) == TABLES
    assert seen == [(1, 6)] * 6
    assert {row["state"] for row in intake.frames["submissions"].to_dict("records")} == {"accepted"}
    assert intake.frames["submissions"]["is_late"].tolist() == [False] * 4
    assert intake.frames["files"]["is_counted"].all()
    assert list(intake.frames["files"].query("state == 'office'")["path"]) == ["office/receipts.csv"]
    check_references(intake.frames)


def test_a_value_leads_back_to_its_cell(bureau):
    intake = bureau.run()
    figures = intake.frames["statistics_by_unit_category_measure"]
    key = {"unit_id": "U001", "period": "this", "category_id": "other", "measure_id": "n_problems"}
    (row,) = figures[(figures[list(key)] == pd.Series(key)).all(axis=1)].to_dict("records")
    cells = intake.frames["cells"]
    (cell,) = cells.query(
        "file_id == @row['file_id'] and sheet == @row['sheet'] and cell == @row['cell']"
    ).to_dict("records")
    assert (row["value"], row["unit_of_measure"], row["value_state"], row["cell"]) == (
        1.0,
        "起",
        "number",
        "C15",
    )
    assert (cell["raw_text"], cell["fate"]) == ("1", "value")
    assert cell["target"] == "statistics_by_unit_category_measure/U001|this|other|n_problems/value"


def test_tables_pass_the_gate_and_are_written_with_their_inputs(bureau):
    intake = bureau.run()
    write_intake(bureau.config, intake)
    manifest = read_manifest(bureau.config.data_processed)
    assert set(manifest["inputs"]) == set(list_received(bureau.config.data_raw))
    assert manifest["config"] == bureau.config.sha256
    assert len(manifest["fonts"]) >= 2 and all(len(digest) == 64 for digest in manifest["fonts"].values())
    assert len(Tables(bureau.config.data_processed)["units"]) == 2


def test_nothing_received_is_an_error_with_a_remedy(tmp_path, template):
    with pytest.raises(InputError, match="没有收到的文件"):
        Bureau(tmp_path, template).run()


def test_what_programs_leave_in_folders_is_not_received(bureau):
    for name in (".DS_Store", "~$附件1.xlsx", "Thumbs.db"):
        bureau.put(f"units/东河处/{name}", b"x")
    assert len(bureau.run().frames["files"]) == 6


def late(bureau):
    bureau.receipts[1]["received_at"] = "2018-12-02 00:01"


def last_minute(bureau):
    bureau.receipts[1]["received_at"] = "2018年12月1日 23时59分"


def no_receipt(bureau):
    del bureau.receipts[1]


def not_signed(bureau):
    bureau.receipts[1].update(is_signed="否", signed_by="")


def signed_by_other(bureau):
    bureau.receipts[1]["signed_by"] = "吕海斌"


def not_sealed(bureau):
    bureau.receipts[1]["is_sealed"] = "否"


def no_paper(bureau):
    bureau.receipts[1].update(paper_received_at="", is_signed="否", signed_by="", is_sealed="否")


def unknown_receipt(bureau):
    bureau.receipts.append({**SECOND, "file": "units/东河处/附件3.xlsx"})


def windows_path(bureau):
    bureau.receipts[1]["file"] = "2018\\units\\东河处\\附件2.xlsx"


def decomposed_name(bureau):
    """As macOS writes it; the receipt names the composed one."""
    composed, decomposed = "units/东河处/附件2 \u00e9.xlsx", "units/东河处/附件2 e\u0301.xlsx"
    (bureau.config.data_raw / SECOND["file"]).rename(bureau.config.data_raw / decomposed)
    bureau.receipts[1]["file"] = composed


def missing(bureau):
    (bureau.config.data_raw / SECOND["file"]).unlink()
    del bureau.receipts[1]


def unreadable(bureau):
    bureau.put(SECOND["file"], b"PK\x03\x04 broken")


def strange(bureau):
    bureau.put("units/东河处/说明.csv", "随函报送材料\n".encode())


def no_scores(bureau):
    (bureau.config.data_raw / "teams/第一检查组/东河处评分表.xlsx").unlink()


def not_visited(bureau):
    bureau.put(
        "teams/第一检查组/清单.xlsx",
        as_xlsx(layout_of("findings", records={"findings": [{**FINDING, "unit_id": "西岭处"}]})),
    )


def returned_above_issued(bureau):
    bureau.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", votes(), n_issued=9)))


def all_returned(bureau):
    bureau.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", votes(), n_issued=10)))


def counts_of_nobody(bureau):
    counts = [{"unit_id": "东河处", "rater_group": "门卫", "n_issued": 9, "n_returned": 10}]
    visits = [{"unit_id": "东河处", "visit_date": "2018-12-04"}]
    bureau.put(
        "teams/第一检查组/现场.xlsx",
        as_xlsx(layout_of("site_visit", records={"visits": visits, "ballot_counts": counts})),
    )


def double_evidence(bureau):
    rows = [{"unit_id": "东河处", "evidence_class": "年度计划", "n_documents": n} for n in (3, 4)]
    bureau.put("teams/第一检查组/资料.xlsx", as_xlsx(layout_of("evidence", records={"evidence": rows})))


def unknown_unit_in_a_ledger(bureau):
    bureau.office("last_year", [{"unit_id": "U009", "item_key": "total", "points": 90}])


FAULTS = [
    (late, ["late_file"], "附件2.xlsx"),
    (last_minute, [], None),
    (no_receipt, ["no_receipt"], "附件2.xlsx"),
    (not_signed, ["paper_not_signed"], "附件2.xlsx"),
    (signed_by_other, ["paper_signed_by_other"], "附件2.xlsx"),
    (not_sealed, ["paper_not_sealed"], "附件2.xlsx"),
    (no_paper, [], None),
    (unknown_receipt, ["unknown_reference"], "receipts.csv"),
    (windows_path, [], None),
    (decomposed_name, [], None),
    (missing, ["missing_form"], None),
    (unreadable, ["unreadable_file"], "附件2.xlsx"),
    (strange, ["unknown_form"], "说明.csv"),
    (no_scores, ["missing_team_scores"], None),
    (not_visited, ["not_on_visit_list"], "清单.xlsx"),
    (returned_above_issued, ["returned_above_issued"], "东河处汇总.xlsx"),
    (all_returned, [], None),
    (counts_of_nobody, ["not_a_choice", "returned_above_issued"], None),
    (double_evidence, ["duplicate_record"], "资料.xlsx"),
    (unknown_unit_in_a_ledger, ["unknown_unit"], "last_year.csv"),
]


@pytest.mark.parametrize(("change", "expected", "name"), FAULTS, ids=[case[0].__name__ for case in FAULTS])
def test_each_fault_gives_its_issue_and_no_other(bureau, change, expected, name):
    change(bureau)
    intake = bureau.run()
    assert codes(intake) == expected
    if name:
        paths = intake.frames["files"].set_index("file_id")["path"]
        assert paths[one(intake, expected[0])["file_id"]].rpartition("/")[2] == name


def test_lateness_is_unknown_without_a_receipt(bureau):
    no_receipt(bureau)
    (row,) = submissions(bureau.run())
    assert row["is_late"] is None or pd.isna(row["is_late"])
    assert row["state"] == "accepted"


def test_a_late_file_still_counts(bureau):
    late(bureau)
    intake = bureau.run()
    (row,) = submissions(intake)
    assert (row["is_late"], row["state"]) == (True, "accepted")
    assert one(intake, "late_file")["message"].endswith("于2018年12月2日收到，晚于截止日期2018年12月1日")


def test_a_missing_form_is_a_round_without_a_file(bureau):
    missing(bureau)
    intake = bureau.run()
    (row,) = submissions(intake)
    assert (row["state"], row["round"], pd.isna(row["file_id"])) == ("missing", 1, True)
    assert one(intake, "missing_form")["message"].startswith("未收到附件2《")


def second_version(bureau, received_at, **changes):
    path = "units/东河处/附件2 更正.xlsx"
    bureau.put(path, as_xlsx(layout_of("statistics", bureau.figures(**changes))))
    bureau.receipts.append({**SECOND, "file": path, "received_at": received_at})


def value_of(intake, measure):
    frame = intake.frames["statistics_by_unit_category_measure"]
    row = frame.query("unit_id == 'U001' and category_id == 'other' and measure_id == @measure")
    return row["value"].tolist()


def test_the_later_version_counts(bureau):
    second_version(bureau, "2018-11-30 09:00")
    bureau.put(SECOND["file"], as_xlsx(layout_of("statistics", bureau.figures(n_rectified="若干"))))
    intake = bureau.run()
    assert [(row["round"], row["state"]) for row in submissions(intake)] == [
        (1, "returned"),
        (2, "accepted"),
    ]
    assert codes(intake) == ["superseded_version"]
    assert value_of(intake, "n_rectified") == [0.0]


def test_a_full_round_back_and_forth(bureau):
    """Planted faults → returned; the same file again changes nothing; the corrected file passes, both rounds shown."""
    bureau.put(
        SECOND["file"], as_xlsx(layout_of("statistics", bureau.figures(n_rectified="若干", n_persons=-1)))
    )
    first = bureau.run()
    assert [(r["state"], r["reason"], r["n_return_issues"]) for r in submissions(first)] == [
        ("returned", "provisional", 2)
    ]
    bureau.put("units/东河处/附件2（再报）.xlsx", (bureau.config.data_raw / SECOND["file"]).read_bytes())
    again = bureau.run()
    assert codes(again) == ["negative_value", "not_a_number", "same_file_again"]
    assert submissions(again) == submissions(first)
    second_version(bureau, "2018-12-06 09:00")
    last = bureau.run()
    assert [(r["round"], r["state"], r["is_counted"], r["n_return_issues"], r["is_late"]) for r in submissions(last)] == [
        (1, "returned", False, 2, False), (2, "accepted", True, 0, False),
    ]  # fmt: skip
    assert codes(last) == ["same_file_again", "superseded_version"]
    assert value_of(last, "n_persons") == [0.0]
    write_intake(bureau.config, last)


def test_a_later_version_that_goes_back_does_not_replace_a_good_one(bureau):
    second_version(bureau, "2018-11-30 09:00", n_rectified="若干")
    intake = bureau.run()
    assert [(row["round"], row["state"]) for row in submissions(intake)] == [(1, "accepted"), (2, "returned")]
    assert value_of(intake, "n_rectified") == [0.0]
    assert codes(intake) == ["not_a_number"]


def test_where_all_go_back_the_latest_counts_as_far_as_it_can_be_read(bureau):
    bureau.put(SECOND["file"], as_xlsx(layout_of("statistics", bureau.figures(n_rectified="若干"))))
    second_version(bureau, "2018-11-30 09:00", n_rectified="一些")
    intake = bureau.run()
    assert [(row["round"], row["state"]) for row in submissions(intake)] == [
        (1, "returned"),
        (2, "returned"),
    ]
    frame = intake.frames["statistics_by_unit_category_measure"]
    assert frame.query("unit_id == 'U001' and measure_id == 'n_rectified' and category_id == 'other'")[
        "raw_text"
    ].tolist() == ["一些"]
    assert value_of(intake, "n_problems") == [1.0]


def test_a_form_of_another_year_is_returned_and_not_missing(bureau):
    layout = layout_of("statistics", bureau.figures())
    layout = layout.change(
        lambda c: (
            c.__class__(c.row, c.column, c.value.replace("2018", "2017"), c.role, 1, c.n_columns)
            if c.role == "title"
            else c
        )
    )
    bureau.put(SECOND["file"], as_xlsx(layout))
    intake = bureau.run()
    assert codes(intake) == ["wrong_year"]
    assert [row["state"] for row in submissions(intake)] == ["returned"]
    assert value_of(intake, "n_problems") == []


@pytest.mark.parametrize(
    ("ending", "write"),
    [("csv", as_csv), ("docx", as_docx), ("csv", lambda layout: as_csv(layout, "gb18030"))],
)
def test_other_formats_say_the_same(bureau, ending, write):
    figures = bureau.figures(amount_10k_yuan=1.25, n_rectified=1)
    figures["problems", "total", "amount_10k_yuan"] = 1.25
    figures["problems", "total", "n_rectified"] = 1
    (bureau.config.data_raw / SECOND["file"]).unlink()
    bureau.put(f"units/东河处/附件2.{ending}", write(layout_of("statistics", figures)))
    bureau.receipts[1]["file"] = f"units/东河处/附件2.{ending}"
    intake = bureau.run()
    assert codes(intake) == []
    assert (value_of(intake, "amount_10k_yuan"), value_of(intake, "n_rectified")) == ([1.25], [1.0])


def test_findings_are_numbered_within_their_unit_and_classed_by_subject(bureau):
    rows = [FINDING, {**FINDING, "subject_id": "读书笔记", "is_confirmed": "否"}]
    bureau.put("teams/第一检查组/清单.xlsx", as_xlsx(layout_of("findings", records={"findings": rows})))
    found = bureau.run().frames["findings"]
    assert found["finding_id"].tolist() == ["U001-F01", "U001-F02"]
    assert found["bulletin_class"].tolist() == ["dual_duty", "learning"]
    assert found["is_confirmed"].tolist() == [True, False]
    assert found["team_id"].tolist() == ["T1", "T1"]


def test_a_unit_named_below_the_table_owns_the_issues_above(bureau):
    layout = layout_of("statistics", bureau.figures(n_rectified="若干"))
    last = layout.sheets[0].n_rows + 2
    layout = layout.change(lambda c: dataclasses.replace(c, row=last) if c.role == "header_field" else c)
    (bureau.config.data_raw / SECOND["file"]).unlink()
    bureau.put("units/甲/附件2.xlsx", as_xlsx(layout))
    bureau.receipts[1]["file"] = "units/甲/附件2.xlsx"
    intake = bureau.run()
    assert codes(intake) == ["not_a_number"]
    assert one(intake, "not_a_number")["unit_id"] == "U001"
    checks = intake.frames["checks"].query(
        "unit_id == 'U001' and check_id == 'not_a_number' and form_id == 'statistics'"
    )
    assert checks["issue_id"].tolist() == [one(intake, "not_a_number")["issue_id"]]
    check_references(intake.frames)


def test_a_record_without_its_required_values_is_an_issue_not_a_row(bureau):
    rows = [{**FINDING, "subject_id": "不知所云"}, FINDING]
    bureau.put("teams/第一检查组/清单.xlsx", as_xlsx(layout_of("findings", records={"findings": rows})))
    intake = bureau.run()
    assert codes(intake) == ["not_a_choice"]
    assert intake.frames["findings"]["finding_id"].tolist() == ["U001-F01"]


def test_a_finding_carries_its_evidence_class(bureau):
    rows = [
        {**FINDING, "text": "甲无记录", "item_id": "一岗双责部署与记录", "evidence_class": "教育记录"},
        {**FINDING, "text": "乙无记录", "item_id": "专题研究党风廉政建设"},
        {**FINDING, "text": "丙无记录", "item_id": "一岗双责部署与记录"},  # two classes: nobody knows which
        {**FINDING, "text": "丁无记录"},
    ]
    bureau.put("teams/第一检查组/清单.xlsx", as_xlsx(layout_of("findings", records={"findings": rows})))
    intake = bureau.run()
    assert codes(intake) == []
    kinds = intake.frames["findings"]["evidence_class"]
    assert kinds.fillna("").tolist() == ["education_records", "meeting_talk_records", "", ""]


def test_praise_and_materials_reach_their_tables(bureau, template):
    bureau.config = dataclasses.replace(bureau.config, cycle=template.cycle)
    for unit in ("东河处", "西岭处"):
        bureau.put(f"units/{unit}/佐证材料/03、10 会议记录.txt", f"{unit}会议".encode())
    bureau.put("units/东河处/佐证材料/照片.jpg", b"x")
    rows = [{"unit_id": "东河处", "subject_id": "约谈", "is_confirmed": "是", "text": "约谈扎实"}]
    bureau.put("teams/第一检查组/清单.xlsx", as_xlsx(layout_of("findings", records={"findings": rows})))
    intake = bureau.run()
    assert intake.frames["findings"].empty and intake.frames["highlights"]["text"].tolist() == ["约谈扎实"]
    evidence = intake.frames["evidence_by_unit_class"]
    assert evidence[["unit_id", "item_id", "n_documents"]].to_numpy().tolist() == [
        [unit, item, 1] for unit in ("U001", "U002") for item in ("S103", "S110")
    ]
    files = intake.frames["files"].query("state == 'material'").sort_values("path")
    assert files["item_ids"].fillna("").tolist() == ["S103|S110", "", "S103|S110"]
    assert set(files["evidence_class"].dropna()) == {"meeting_talk_records"}
    # every item got a point and asks for papers: 29 items less S103 and S110 lack them at either unit
    found = codes(intake)
    assert (found.count("no_evidence"), found.count("material_unassigned")) == (2 * 27, 1)
    outcomes = intake.frames["checks"].query("check_id == 'no_evidence'")
    assert outcomes["outcome"].tolist() == ["fail", "fail"] and outcomes["issue_id"].notna().all()
    check_references(intake.frames)


def test_the_offices_ledgers_fill_their_tables(bureau):
    bureau.office("cases", [{"case_id": "AJ1", "unit_id": "U001", "category_id": "gifts", "source": "transferred", "n_persons": 1,
                             "four_forms_level": 2, "state": "closed", "closed_date": "2018-06-01", "note": "密"}])  # fmt: skip
    bureau.office("feedback", [{"unit_id": "东河处", "source": "patrol", "origin_cycle": 2017, "problem": "台账不全", "remedy_measure": "",
                                "owner": "", "due_date": "2018-12-28", "state": "open", "verified_by": "", "accountability": ""}])  # fmt: skip
    bureau.office("last_year", [{"unit_id": "U001", "item_key": "total", "points": 90.5}])
    bureau.office(
        "last_statistics",
        [{"unit_id": "U001", "category_id": "workload", "measure_id": "n_special_meetings", "value": 12}],
    )
    intake = bureau.run()
    assert codes(intake) == []
    frames = {
        name: intake.frames[name].to_dict("records")
        for name in ("cases", "rectifications", "last_scores_by_unit_item")
    }
    assert (frames["cases"][0]["four_forms_level"], frames["cases"][0]["closed_date"]) == (
        "2",
        pd.Timestamp("2018-06-01"),
    )
    assert (frames["rectifications"][0]["rectification_id"], frames["rectifications"][0]["text"]) == (
        "U001-R01",
        "台账不全",
    )
    assert frames["last_scores_by_unit_item"][0]["points"] == 90.5
    (last,) = (
        intake.frames["statistics_by_unit_category_measure"]
        .query("period == 'last_return'")
        .to_dict("records")
    )
    assert (last["value"], last["unit_of_measure"]) == (12.0, "次")
    write_intake(bureau.config, intake)


def test_ballot_counts_of_the_site_visit_go_before_those_of_a_tally(bureau):
    bureau.put("questionnaires/东河处汇总.xlsx", as_xlsx(layout_of("tally", votes())))
    assert bureau.run().frames["ballot_counts"]["n_issued"].tolist() == [12]
    counts = [{"unit_id": "东河处", "rater_group": "职工代表", "n_issued": 15, "n_returned": 10}]
    visits = [{"unit_id": "东河处", "visit_date": "2018-12-04"}]
    bureau.put(
        "teams/第一检查组/现场.xlsx",
        as_xlsx(layout_of("site_visit", records={"visits": visits, "ballot_counts": counts})),
    )
    intake = bureau.run()
    assert codes(intake) == []
    assert intake.frames["ballot_counts"]["n_issued"].tolist() == [15]


CORRECTION = Correction(
    correction_id="C1", table="statistics_by_unit_category_measure", column="value", was="1", becomes="5", reason="来电",
    key={"unit_id": "U001", "period": "this", "category_id": "other", "measure_id": "n_problems"}, who="经办人", when="2018-12-10",
)  # fmt: skip


def test_a_reviewed_correction_replaces_exactly_what_it_names(bureau):
    bureau.config = dataclasses.replace(bureau.config, corrections=(CORRECTION,))
    intake = bureau.run()
    assert value_of(intake, "n_problems") == [5.0]
    frame = intake.frames["statistics_by_unit_category_measure"]
    assert frame["correction_id"].dropna().tolist() == ["C1"]
    wrong = CORRECTION.model_copy(update={"was": "2"})
    bureau.config = dataclasses.replace(bureau.config, corrections=(wrong,))
    with pytest.raises(ConfigError, match="C1: was '2', but the files say"):
        bureau.run()


def test_inspect_says_what_a_file_is_and_what_is_wrong(bureau):
    bureau.put(SECOND["file"], as_xlsx(layout_of("statistics", bureau.figures(n_rectified="若干"))))
    lines = inspect_file(bureau.config.data_raw / SECOND["file"], bureau.config).describe()
    assert "识别为：附件2《示例局直属单位2018年落实中央八项规定精神自查统计表》" in lines
    assert "单位：东河管理处" in lines
    assert "读取数据 138 个" in lines and "　header_fields：4" in lines
    assert any("“其他”的“整改情况已整改”应填数字，现为“若干”" in line for line in lines)


def test_inspect_looks_at_a_file_anywhere(bureau, tmp_path):
    (tmp_path / "x.csv").write_text("你好\n", encoding="utf-8")
    assert [issue.code for issue in inspect_file(tmp_path / "x.csv", bureau.config).issues] == [
        "unknown_form"
    ]
    with pytest.raises(InputError, match="没有这个文件"):
        inspect_file(tmp_path / "y.csv", bureau.config)


def test_workers_give_the_same_frames(bureau):
    one_by_one = bureau.run()
    together = run_intake(bureau.config, n_workers=2)
    for name, frame in one_by_one.frames.items():
        pd.testing.assert_frame_equal(frame, together.frames[name])


def protected_bureau(bureau, password):
    """Both units in order, one form of each behind a password."""
    for folder in ("东河处", "西岭处"):
        path = bureau.config.data_raw / f"units/{folder}/附件2.xlsx"
        path.write_bytes(formats.protected(path.read_bytes(), password))


def password_file(bureau, text):
    path = bureau.folder / "passwords.csv"
    path.write_text(text, encoding="utf-8")
    return load_passwords(path, bureau.config)


def test_protected_files_go_back_unless_the_office_knows_the_password(bureau):
    protected_bureau(bureau, "geheim-1")
    intake = bureau.run(passwords=password_file(bureau, "西岭处,geheim-1\n"))
    returned = one(intake, "password_protected")
    assert (returned["unit_id"], returned["message"]) == ("U001", "文件设有打开密码，无法读取")
    opened = intake.frames["files"].set_index("path").loc["units/西岭处/附件2.xlsx"]
    received = (bureau.config.data_raw / "units/西岭处/附件2.xlsx").read_bytes()
    assert (opened["format"], opened["sha256"]) == ("xlsx", hashlib.sha256(received).hexdigest())
    intake = bureau.run(passwords=password_file(bureau, "*,geheim-1\n"))
    assert codes(intake) == []


def test_a_password_that_does_not_fit_is_said_and_shown_nowhere(bureau, capfd, caplog):
    caplog.set_level("DEBUG")
    protected_bureau(bureau, "geheim-1")
    intake = bureau.run(passwords=password_file(bureau, "*,geheim-2\nU002,geheim-1\n"))
    returned = one(intake, "password_protected")
    assert returned["message"] == "文件设有打开密码，无法读取（密码文件中给出的密码打不开它）"
    write_intake(bureau.config, intake)
    written = b"".join(
        path.read_bytes() for path in bureau.config.data_processed.rglob("*") if path.is_file()
    )
    shown = (
        "".join(frame.to_csv() for frame in intake.frames.values())
        + "".join(capfd.readouterr())
        + caplog.text
    )
    assert b"geheim" not in written and "geheim" not in shown


def test_inspect_opens_a_protected_file(bureau):
    protected_bureau(bureau, "geheim-1")
    path = bureau.config.data_raw / "units/东河处/附件2.xlsx"
    assert [issue.code for issue in inspect_file(path, bureau.config).issues] == ["password_protected"]
    found = inspect_file(path, bureau.config, password_file(bureau, "units/东河处/附件2.xlsx,geheim-1"))
    assert (found.format, found.state, found.issues) == ("xlsx", "read", ())


def test_without_libreoffice_an_old_word_file_goes_back_with_what_to_do(bureau, monkeypatch):
    monkeypatch.setattr(converters, "find_program", lambda: None)
    (bureau.config.data_raw / "units/东河处/附件2.xlsx").unlink()
    bureau.put("units/东河处/附件2.doc", rb"{\rtf1 a}")
    issue = one(bureau.run(), "needs_conversion")
    assert (issue["unit_id"], issue["form_id"], issue["severity"]) == ("U001", "statistics", "return_file")
    assert issue["message"] == "文件须先转换才能读取：RTF 文档，本机没有安装 LibreOffice"
    assert issue["remedy"].startswith("请用 Word、Excel 或 WPS 打开，另存为 .docx")
