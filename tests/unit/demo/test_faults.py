"""The list of faults itself, and that each is planted where its line says."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
import yaml

import lianzheng.demo
from lianzheng.config import CycleConfig
from lianzheng.demo import faults
from lianzheng.demo.files import Sample
from lianzheng.forms import lay_out
from lianzheng.issues import KINDS

SPECS = yaml.safe_load((Path(lianzheng.demo.__file__).parent / "faults.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec['code']}-{spec['form']}")
def test_each_line_names_a_known_code_a_known_change_and_a_place_of_its_form(
    spec: dict, config: CycleConfig
) -> None:
    assert spec["code"] in KINDS
    assert set(spec.get("also", {})) <= set(KINDS)
    assert spec["how"] in faults._CHANGES.keys() | faults._EDITS.keys()
    assert set(spec) <= set("code form of how at by value least report also lost file was".split())
    form = config.forms[spec["form"]]
    places = (cell for sheet in lay_out(form).sheets for cell in sheet.cells) if form.tables else ()
    keys = {key for cell in places for key in cell.keys}
    keys |= {("parts", part.part_id, column) for part in form.parts for column in ("heading", "text")}
    for at in (spec.get("at"), spec.get("report"), *spec.get("also", {}).values()):
        if at and "*" not in at and at[0] != "extra" and at[1] + at[2] != at[2]:
            assert tuple(at) in keys, at


def test_most_codes_that_a_file_can_provoke_are_planted() -> None:
    planted = {spec["code"] for spec in SPECS} | {code for spec in SPECS for code in spec.get("also", {})}
    assert len(planted) >= 38
    severities = Counter(KINDS[code].severity for code in planted)
    assert min(severities.values()) >= 5 and len(severities) == 4


def test_the_whole_list_is_planted_into_the_sample(messy: Sample) -> None:
    planted = Counter(row["code"] for row in messy.planted)
    wanted = Counter(spec["code"] for spec in SPECS) + Counter(
        c for spec in SPECS for c in spec.get("also", {})
    )
    wanted["identical_material"] += 1  # both units that have the file are asked
    assert {code: planted[code] for code in wanted} == dict(wanted)
    assert set(planted) - set(wanted) == {"all_zero_return"}


def test_planted_files_exist_and_a_file_has_one_fault_with_its_consequences(messy: Sample) -> None:
    assert {row["file"] for row in messy.planted if row["code"] != "missing_form"} <= set(messy.files)
    codes: dict[str, set[str]] = {}
    for row in messy.planted:
        if row["code"] not in ("all_zero_return", "ledger_overlap"):  # these change nothing in the file
            codes.setdefault(row["file"], set()).add(row["code"])
    also = [{spec["code"], *spec.get("also", {})} for spec in SPECS]
    assert all(found in also for found in codes.values())


def test_no_two_planted_faults_share_a_place(messy: Sample) -> None:
    places = [(row["file"], row["sheet"], row["cell"], row["code"]) for row in messy.planted]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("code", "form", "value"),
    [
        ("not_a_number", "standard", "优"),
        ("pending_value", "statistics", "待评定"),
        ("unknown_row", "statistics", "违规打高尔夫球"),
        ("unknown_column", "standard", "联系人"),
        ("unread_cell", "standard", "待财务科核对"),
        ("hidden_value", "standard", "备份数据见办公室电脑"),
        ("ratio_out_of_range", "team_scores", "120%"),
        ("not_a_choice", "findings", "说不清"),
        ("missing_value", "statistics", None),
    ],
)
def test_the_named_cell_holds_the_fault(code: str, form: str, value: object, messy: Sample) -> None:
    rows = [row for row in messy.planted if (row["code"], row["form_id"]) == (code, form)]
    row = next(row for row in rows if code == "hidden_value" or row["sheet"] != "备份")
    data = messy.files[row["file"]]
    if row["file"].endswith(".xlsx"):
        assert openpyxl.load_workbook(io.BytesIO(data))[row["sheet"]][row["cell"]].value == value
    else:
        assert (
            value is None
            or row["file"].endswith(".xls")
            or str(value).encode("gb18030") in data
            or str(value).encode() in data
        )


def test_the_clean_sample_has_nothing_but_notes_of_zero_returns(clean: Sample) -> None:
    assert {row["code"] for row in clean.planted} == {"all_zero_return"}


def test_a_file_that_broke_off_cannot_be_opened(messy: Sample) -> None:
    row = next(row for row in messy.planted if row["code"] == "unreadable_file")
    assert len(messy.files[row["file"]]) == faults.CUT
    with pytest.raises(Exception, match="zip"):
        openpyxl.load_workbook(io.BytesIO(messy.files[row["file"]]))


def test_of_two_versions_the_older_was_received_first(messy: Sample) -> None:
    row = next(row for row in messy.planted if row["code"] == "superseded_version")
    receipts = messy.files["office/receipts.csv"].decode()
    moments = {line.split(",")[0]: line.split(",")[1] for line in receipts.splitlines()}
    assert moments[row["file"]] < moments[row["file"].replace("（初稿）", "")]
