"""The office's workbook: made once, edited by people and other programs, added to without losing anything."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill

from lianzheng.errors import InputError
from lianzheng.intake import inspect_file
from lianzheng.intake.ledger_file import keep_ledger, ledger_path
from tests.unit.intake.sample import config
from tests.unit.intake.test_ledger import origin

FIRST = [
    origin(),
    origin("会议偏少", 2, unit_id="U002", rectification_id="U002-R01", due_date=dt.datetime(2018, 6, 28)),
]
LATER = origin("新反馈", 2, source="holiday", due_date=dt.datetime(2018, 12, 1))
SHEET, HISTORY = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
SHAPE = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:absoluteAnchor><xdr:pos x="0" y="0"/>'
    '<xdr:ext cx="900000" cy="300000"/><xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="印章"/>'
    '<xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom></xdr:spPr></xdr:sp>'
    "<xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>"
)


@pytest.fixture
def project(tmp_path):
    return dataclasses.replace(config(), project=tmp_path)


def keep(project, origins=FIRST, is_written=True):
    """Merge and write; returns the ledger, the file as read and what was lacking."""
    rows = {"rectifications": [dict(line) for line in origins], "findings": []}
    return keep_ledger(rows, {}, project, is_written)


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def pack(contents):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in contents.items():
            package.writestr(name, data)
    return buffer.getvalue()


def book(project):
    return openpyxl.load_workbook(ledger_path(project))


def edit(project, change):
    """Change the workbook as a person would, by openpyxl."""
    workbook = book(project)
    change(workbook["整改台账"], workbook)
    workbook.save(ledger_path(project))


def headers(sheet):
    return {cell.value: cell.column for cell in sheet[4] if cell.value}


def codes(ledger, file):
    return [issue.code for issue in (*ledger.issues, *(file.issues if file else ()))]


def seen(ledger):
    """The lines and events by what they say, apart from where they stand."""
    lines = [
        {k: v for k, v in line.items() if k not in ("file_id", "sheet", "cell") and v is not None}
        for line in ledger.lines
    ]
    return sorted(lines, key=lambda line: line["rectification_id"]), ledger.events


def test_nothing_is_written_unless_asked_for(project):
    _, file, additions = keep(project, is_written=False)
    assert file is None and len(additions.lines) == 2 and not ledger_path(project).exists()


def test_reading_before_and_after_writing_says_the_same(project):
    before = keep(project, is_written=False)[0]
    after, file, additions = keep(project)
    assert seen(before) == seen(after) and file.form_id == "ledger" and file.is_counted
    assert codes(after, file) == [] and len(additions.lines) == 2
    assert file.path == "data/office/2018/rectifications.xlsx"
    assert {row[-1] for row in file.cells} == {"value", "label", "aside"}


def test_what_has_nothing_to_add_is_not_touched(project):
    keep(project)
    path = ledger_path(project)
    edit(project, lambda sheet, _: sheet.cell(5, 30, "备忘"))
    data, stamp = path.read_bytes(), path.stat().st_mtime_ns
    _, _, additions = keep(project)
    assert not additions and path.read_bytes() == data and path.stat().st_mtime_ns == stamp


def test_a_new_workbook_guides_the_office(project):
    keep(project)
    sheet = book(project)["整改台账"]
    columns = headers(sheet)
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.auto_filter.ref) == (
        "A5",
        "landscape",
        "A4:R6",
    )
    offered = {str(check.sqref): check.formula1 for check in sheet.data_validations.dataValidation}
    assert '"待整改,整改中,待核验,已销账"' in offered.values() and "36526" in offered.values()
    assert sheet.cell(6, columns["是否逾期"]).value == (
        '=IF(AND(ISNUMBER(J6),J6<DATE(2018,12,28),NOT(AND(K6="已销账",M6<>"",N6<>""))),"逾期","")'
    )
    assert sheet.cell(6, columns["整改期限"]).value == dt.datetime(2018, 6, 28)
    assert max(sheet.row_dimensions[row].height or 0 for row in (5, 6)) <= 45


def change_of_hand(sheet, workbook):
    """Columns of the office's own, colours, a comment, a condition, another order, a hidden row, another sheet."""
    sheet.insert_cols(6)
    sheet["F4"], sheet["F5"], sheet["F6"] = "局领导批示", "请尽快", "阅"
    sheet["X4"], sheet["X5"] = "天数", "=J5-43000"
    columns = headers(sheet)
    sheet.cell(4, columns["整改期限"]).value = "完成时限"  # an alias
    upper, lower = ([cell.value for cell in sheet[row]] for row in (5, 6))
    for column, (first, second) in enumerate(zip(upper, lower, strict=True), start=1):
        sheet.cell(5, column).value, sheet.cell(6, column).value = second, first
    sheet["C5"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["C5"].comment = Comment("请核对", "局纪委")
    sheet.conditional_formatting.add(
        "A5:A6", FormulaRule(formula=['A5="逾期"'], fill=PatternFill("solid", bgColor="FF0000"))
    )
    sheet.row_dimensions[6].hidden = True
    workbook.create_sheet("联系人")["A1"] = "张三 123"


def with_shape_and_values(data):
    """Add what openpyxl does not write: a drawing with a shape, a cached value, a rich comment."""
    contents = parts(data)
    sheet = contents[SHEET].decode()
    sheet = sheet.replace("<v></v>", "<v>77</v>").replace("<v/>", "<v>77</v>").replace("<v />", "<v>77</v>")
    sheet = sheet.replace(
        "<legacyDrawing",
        '<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rIdS"/><legacyDrawing',
    )
    contents[SHEET] = sheet.encode()
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"
    added = f'<Relationship Id="rIdS" Type="{kind}" Target="/xl/drawings/drawing9.xml"/></Relationships>'
    contents[rels] = contents[rels].replace(b"</Relationships>", added.encode())
    contents["xl/drawings/drawing9.xml"] = SHAPE.encode()
    types = '<Override PartName="/xl/drawings/drawing9.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>'
    contents["[Content_Types].xml"] = contents["[Content_Types].xml"].replace(b"</Types>", types.encode())
    comments = next(name for name in contents if "comment" in name.lower() and name.endswith(".xml"))
    contents[comments] = re.sub(
        rb"<t[ >].*?</t>", b"<r><rPr><b/></rPr><t>!</t></r>", contents[comments], count=1
    )
    return pack(contents)


@pytest.fixture
def edited(project):
    """A ledger that people have worked on; returns the project and the parts as they left them."""
    keep(project)
    edit(project, change_of_hand)
    path = ledger_path(project)
    path.write_bytes(with_shape_and_values(path.read_bytes()))
    return project, parts(path.read_bytes())


def test_what_people_made_of_it_is_read_without_an_issue(edited):
    project, _ = edited
    ledger, file, additions = keep(project)
    assert codes(ledger, file) == [] and not additions
    assert {row[-1] for row in file.cells} == {"value", "label", "aside"}
    assert seen(ledger)[0][1]["due_date"] == dt.datetime(2018, 6, 28)


def test_adding_loses_nothing(edited):
    """Every part that need not change is the same bytes, and the sheet differs by its new rows alone."""
    project, before = edited
    assert (
        b"rIdS" in before[SHEET] and b"<v>77</v>" in before[SHEET] and any(".vml" in name for name in before)
    )
    ledger, file, _ = keep(project, [*FIRST, LATER])
    after = parts(ledger_path(project).read_bytes())
    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} == {SHEET, HISTORY, "xl/workbook.xml"}
    for name, first, grown in ((SHEET, 7, b"7"), (HISTORY, 7, b"7")):
        row = after[name].index(f'<row r="{first}">'.encode())
        end = after[name].index(b"</row>", row) + len(b"</row>")
        without = after[name][:row] + after[name][end:]
        for element in (b"<dimension", b"<autoFilter", b"<conditionalFormatting"):
            if element in without:
                at = without.index(element)
                stop = without.index(b">", at)
                without = without[:at] + without[at:stop].replace(grown + b'"', b'6"') + without[stop:]
        assert without == before[name]
    assert codes(ledger, file) == [] and [line["rectification_id"] for line in ledger.lines][-1] == "U001-R02"


def test_the_new_line_stands_in_the_columns_as_they_are_now(edited):
    project, _ = edited
    keep(project, [*FIRST, LATER])
    sheet = book(project)["整改台账"]
    columns = headers(sheet)
    row = {name: sheet.cell(7, column).value for name, column in columns.items()}
    assert (row["编号"], row["单位"], row["问题来源"], row["问题"]) == (
        "U001-R02",
        "东河管理处",
        "节日检查",
        "新反馈",
    )
    assert row["完成时限"] == dt.datetime(2018, 12, 1) and row["局领导批示"] is None and row["天数"] is None
    assert row["是否逾期"].startswith("=IF(AND(ISNUMBER(K7)")
    assert [str(rule.sqref) for rule in sheet.conditional_formatting] == ["A5:A7"]
    assert (
        sheet["C5"].comment and sheet["C5"].fill.fgColor.rgb == "00FFFF00" and sheet.row_dimensions[6].hidden
    )
    values = openpyxl.load_workbook(ledger_path(project), data_only=True)["整改台账"]
    assert values.cell(7, columns["是否逾期"]).value == "逾期"


def test_a_line_added_by_hand_gets_its_id_and_keeps_the_rest(project):
    keep(project)

    def add(sheet, _):
        columns = headers(sheet)
        for name, value in {
            "单位": "东河处",
            "问题来源": "专题会议点评",
            "问题": "研究不深",
            "状态": "整改中",
        }.items():
            sheet.cell(8, columns[name]).value = value  # below a line that was left free

    edit(project, add)
    later = {**LATER, "unit_id": "U002"}
    ledger, file, additions = keep(project, [*FIRST, later])
    assert codes(ledger, file) == [] and list(additions.ids) == [8]
    sheet = book(project)["整改台账"]
    assert sheet.cell(9, headers(sheet)["问题"]).value == "新反馈"
    assert (sheet.cell(8, 2).value, sheet.cell(8, 3).value) == ("U001-R02", "东河处")
    assert [e["to_state"] for e in ledger.events if e["rectification_id"] == "U001-R02"] == ["in_progress"]
    data = ledger_path(project).read_bytes()
    keep(project, [*FIRST, later])
    assert ledger_path(project).read_bytes() == data


def test_a_change_of_state_is_kept_as_history_on_the_second_sheet(project):
    keep(project)

    def close(sheet, _):
        columns = headers(sheet)
        for name, value in {
            "状态": "已销账",
            "状态日期": "2018.12.20",
            "销账材料": "报告",
            "核验人": "党委办",
        }.items():
            sheet.cell(5, columns[name]).value = value

    edit(project, close)
    before = keep(project, is_written=False)[0]
    after = keep(project)[0]
    assert seen(before) == seen(after)
    rows = [[cell.value for cell in row][:7] for row in book(project)["状态变更记录"].iter_rows(min_row=5)]
    assert rows[-1] == ["U001-R01", 2, "待整改", "已销账", dt.datetime(2018, 12, 20), "党委办", "报告"]
    assert len(rows) == 3


def test_an_unknown_state_goes_through_the_ordinary_reader(project):
    keep(project)
    edit(project, lambda sheet, _: sheet.cell(5, headers(sheet)["状态"]).__setattr__("value", "快好了"))
    ledger, file, additions = keep(project)
    assert codes(ledger, file) == ["not_a_choice"] and not additions and ledger.lines[0]["state"] == "open"


def test_closed_without_proof_is_written_as_said_and_told_until_it_is_proved(project):
    lines = [origin(state="closed", due_date=dt.datetime(2018, 6, 28))]
    for _ in range(2):
        ledger, file, _ = keep(project, lines)
        assert codes(ledger, file) == ["closed_without_proof"] and ledger.lines[0]["state"] == "to_verify"
    sheet = book(project)["整改台账"]
    assert sheet.cell(5, headers(sheet)["状态"]).value == "已销账"


@pytest.mark.parametrize("data", [b"no workbook", b"PK\x03\x04broken"])
def test_a_file_that_cannot_be_read_is_an_issue_and_left_alone(project, data):
    path = ledger_path(project)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    ledger, file, _ = keep(project)
    assert len(codes(ledger, file)) == 1 and path.read_bytes() == data and len(ledger.lines) == 2


def test_a_ledger_without_its_table_is_left_alone(project):
    keep(project)
    edit(project, lambda sheet, _: sheet.delete_rows(4))
    data = ledger_path(project).read_bytes()
    ledger, file, _ = keep(project, [*FIRST, LATER])
    assert "missing_table" in codes(ledger, file) and ledger_path(project).read_bytes() == data


def test_without_the_second_sheet_lines_are_still_added(project):
    keep(project)
    edit(project, lambda _, workbook: workbook.remove(workbook["状态变更记录"]))
    ledger, file, _ = keep(project, [*FIRST, LATER])
    assert codes(ledger, file) == ["missing_table"] and book(project)["整改台账"].max_row == 7


def test_a_file_that_is_open_elsewhere_says_so(project, monkeypatch):
    keep(project)

    def held(self, target):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.replace", held)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(InputError, match="文件正被打开"):
        keep(project, [*FIRST, LATER])


def test_inspect_knows_the_ledger_by_its_place(project):
    keep(project)
    found = inspect_file(ledger_path(project), project)
    assert "整改台账" in found.form and found.issues == ()
    copy = ledger_path(project).with_name("副本.xlsx")
    shutil.copy(ledger_path(project), copy)
    assert [issue.code for issue in inspect_file(copy, project).issues] == ["unknown_form"]


@pytest.mark.needs_libreoffice
def test_a_file_saved_by_libreoffice_is_read_and_added_to(project, tmp_path):
    keep(project)
    path = ledger_path(project)
    office = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run(
        [*office, "--outdir", str(tmp_path / "out"), str(path)], check=True, capture_output=True, timeout=180
    )
    shutil.copy(tmp_path / "out" / path.name, path)
    ledger, file, additions = keep(project, [*FIRST, LATER])
    assert codes(ledger, file) == [] and len(additions.lines) == 1
    assert book(project)["整改台账"].cell(7, 2).value == "U001-R02"
