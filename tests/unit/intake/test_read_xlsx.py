from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Border, Side

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Book, Cell, Grid, Limits, Merge

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Write = Callable[..., Path]


def package(
    sheet: str, *, texts: str = "", styles: str = "", properties: str = "", space: str = MAIN
) -> dict[str, str]:
    """The parts of a workbook with one sheet, written by hand so that each detail is what the test says."""
    related = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [
                ("worksheet", "worksheets/sheet1.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ],
            1,
        )
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{RELATIONS}">{properties}'
        '<sheets><sheet name="附件2" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{related}</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{space}">{texts}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{space}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def sheet_xml(rows: str, after: str = "", before: str = "", space: str = MAIN) -> str:
    return f'<worksheet xmlns="{space}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_package(parts: dict[str, str]) -> Path:
        path = tmp_path / "book.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return path

    return write_package


def only_grid(book: Book) -> Grid:
    assert (book.problem_code, book.problem_detail) == (None, "")
    (grid,) = book.grids
    return grid


def cells_of(book: Book) -> dict[str, Cell]:
    return {cell.address: cell for cell in only_grid(book).cells.values()}


def texts_of(book: Book) -> dict[str, tuple[str, str]]:
    return {address: (cell.text, cell.raw_type) for address, cell in cells_of(book).items()}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[openpyxl.Workbook], Path]:
    def save(workbook: openpyxl.Workbook) -> Path:
        workbook.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return save


def test_a_workbook_as_openpyxl_writes_it(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "附件1"
    for row in (["  标题　", None], [7.0, 0.3846], [True, False], [dt.date(2018, 12, 1), dt.time(15, 20)]):
        sheet.append(row)
    sheet["A5"], sheet["B5"] = dt.datetime(2018, 12, 1, 9, 30), dt.timedelta(hours=36)
    sheet["B2"].number_format, sheet["A2"].number_format = "0.00%", "0000"
    sheet["A6"] = "#N/A"
    book = read_book(saved(workbook))
    assert (book.format, book.grids[0].name, book.size_bytes > 0, len(book.sha256)) == (
        "xlsx",
        "附件1",
        True,
        64,
    )
    assert texts_of(book) == {
        "A1": ("  标题　", "text"),
        "A2": ("7", "number"),
        "B2": ("0.3846", "number"),
        "A3": ("TRUE", "boolean"),
        "B3": ("FALSE", "boolean"),
        "A4": ("2018-12-01", "date"),
        "B4": ("15:20:00", "time"),
        "A5": ("2018-12-01 09:30:00", "datetime"),
        "B5": ("36:00:00", "duration"),
        "A6": ("#N/A", "error"),
    }
    cells = cells_of(book)
    assert (cells["B2"].number, cells["B2"].number_format, cells["A2"].number_format) == (
        0.3846,
        "0.00%",
        "0000",
    )
    assert cells["A5"].moment == dt.datetime(2018, 12, 1, 9, 30)
    assert (cells["A3"].number, cells["B3"].number) == (1.0, 0.0)


def test_hidden_rows_columns_and_sheets(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in range(1, 4):
        sheet.append([f"A{row}", f"B{row}", f"C{row}", f"D{row}"])
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    workbook.create_sheet("暗").sheet_state = "hidden"
    workbook.create_sheet("更暗").sheet_state = "veryHidden"
    workbook["暗"]["A1"] = workbook["更暗"]["A1"] = "x"
    book = read_book(saved(workbook))
    seen, *dark = book.grids
    assert {cell.address for cell in seen.cells.values() if cell.is_hidden} == {
        "A2",
        "B2",
        "C2",
        "D2",
        "C1",
        "C3",
    }
    assert [(grid.name, grid.is_hidden, grid.cells[1, 1].is_hidden) for grid in dark] == [
        ("暗", True, True),
        ("更暗", True, True),
    ]


def test_merged_ranges_and_the_places_they_cover(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"], sheet["A3"], sheet["F5"] = "标题", "党委", "末"
    for reference in ("A3:A4", "A1:F1"):
        sheet.merge_cells(reference)
    grid = only_grid(read_book(saved(workbook)))
    assert grid.merges == [Merge(1, 1, 1, 6), Merge(3, 1, 4, 1)]
    assert {cell.address: cell.merged_range for cell in grid.cells.values()} == {
        "A1": "A1:F1",
        "A3": "A3:A4",
        "F5": None,
    }
    assert grid.at(1, 6) is grid.cells[1, 1]
    assert grid.at(4, 1) is grid.cells[3, 1]


def test_formula_with_and_without_a_cached_value(write: Write) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>SUM(B1:B9)</f></c><c r="B1"><f>1+1</f><v>2</v></c><c r="C1"><f>B1</f><v></v></c>'
        '<c r="D1" t="str"><f>IF(1,"","x")</f><v></v></c><c r="E1" t="str"><f>"甲"</f><v>甲</v></c>'
        '<c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="G1"><f t="shared" si="0"/></c></row>'
    )
    assert texts_of(read_book(write(package(sheet_xml(rows))))) == {
        "A1": ("=SUM(B1:B9)", "formula"),
        "B1": ("2", "number"),
        "C1": ("=B1", "formula"),
        "E1": ("甲", "text"),
        "F1": ("#DIV/0!", "error"),
        "G1": ("=", "formula"),
    }


def test_shared_rich_and_inline_texts_keep_every_character(write: Write) -> None:
    texts = (
        "<si><t>甲</t></si><si><r><rPr/><t>党</t></r><r><t xml:space='preserve'> 委</t></r>"
        "<rPh sb='0' eb='1'><t>dǎng</t></rPh></si><si><t>一行_x000D_\n二行</t></si><si/>"
    )
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
        '<c r="D1" t="s"><v>3</v></c><c r="E1" t="inlineStr"><is><r><t>a&amp;</t></r><r><t>b</t></r></is></c>'
        '<c r="F1" t="inlineStr"><is><t><![CDATA[<c r="Z9"/>]]></t></is></c></row>'
    )
    assert {
        a: text for a, (text, _) in texts_of(read_book(write(package(sheet_xml(rows), texts=texts)))).items()
    } == {
        "A1": "甲",
        "B1": "党 委",
        "C1": "一行\r\n二行",
        "E1": "a&b",
        "F1": '<c r="Z9"/>',
    }


STYLES = (
    '<numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="14" formatCode="yyyy/m/d;@"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="31"/>'
    '<xf numFmtId="999"/></cellXfs>'
)


@pytest.mark.parametrize(
    ("properties", "date"), [("", "2018-12-01"), ('<workbookPr date1904="1"/>', "2022-12-02")]
)
def test_number_formats_and_both_date_systems(write: Write, properties: str, date: str) -> None:
    row = "".join(f'<c r="{column}1" s="{style}"><v>43435</v></c>' for style, column in enumerate("ABCDEFG"))
    parts = package(sheet_xml(f'<row r="1">{row}</row>'), styles=STYLES, properties=properties)
    cells = cells_of(read_book(write(parts)))
    assert {address: (cell.text, cell.number_format) for address, cell in cells.items()} == {
        "A1": ("43435", "General"),
        "B1": (date, 'yyyy"年"m"月"d"日"'),
        "C1": (date, "yyyy/m/d;@"),
        "D1": ("43435", "0.00%"),
        "E1": (date, 'yyyy"年"m"月"d"日"'),
        "F1": ("43435", "General"),
        "G1": ("43435", "General"),
    }


def test_prefixes_the_strict_namespace_and_foreign_elements(write: Write) -> None:
    rows = '<x:row r="2"><x:c r="B2"><x:v>5</x:v></x:c><x:c r="C2"><x:v>nan</x:v></x:c></x:row>'
    anchor = '<d:from xmlns:d="http://example.org/drawing"><d:col>1</d:col><d:row>9</d:row></d:from>'
    sheet = f'<x:worksheet xmlns:x="{STRICT}"><x:sheetData>{rows}</x:sheetData>{anchor}</x:worksheet>'
    book = read_book(write(package(sheet, space=STRICT)))
    assert texts_of(book) == {"B2": ("5", "number"), "C2": ("nan", "text")}


def test_cells_and_rows_without_addresses_stand_where_they_are_written(write: Write) -> None:
    rows = "<row><c/><c><v>1</v></c></row><row/><row><c><v>2</v></c><c><v>3</v></c></row>"
    assert set(cells_of(read_book(write(package(sheet_xml(rows)))))) == {"B1", "A3", "B3"}


def test_names_of_parts_in_other_case_and_absolute_targets(write: Write) -> None:
    parts = package(sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), texts="<si><t>甲</t></si>")
    parts["xl/SharedStrings.xml"] = parts.pop("xl/sharedStrings.xml")
    relations = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = relations.replace('"worksheets/', '"/xl/worksheets/')
    assert texts_of(read_book(write(parts))) == {"A1": ("甲", "text")}


def test_phantom_rows_make_no_cells_whatever_their_spelling(write: Write) -> None:
    spellings = (
        '<row r="{r}" s="1" customFormat="1" ht="20"/>',
        '<row r="{r}" spans="1:2"><c r="A{r}" s="1"/><c r="B{r}" s="1" t="n"></c></row>',
        '<row r="{r}" hidden="1"><c r="A{r}" s="1"></c></row>',
    )
    blank = "".join(spellings[r % 3].format(r=r) for r in range(3, 20_003))
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row>{blank}<row r="20003"><c r="B20003"><v>2</v></c></row>'
    grid = only_grid(read_book(write(package(sheet_xml(rows)))))
    assert list(grid.cells) == [(1, 1), (20_003, 2)]
    assert not any(cell.is_hidden for cell in grid.cells.values())
    # The same sheet with its blank cells left in (a comment forbids taking them out) reads the same.
    assert only_grid(read_book(write(package(sheet_xml("<!-- -->" + rows))))) == grid


def test_blank_bordered_cells_do_not_stretch_the_grid(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"] = "甲"
    for row in range(1, 60):
        sheet.cell(row, 9).border = Border(left=Side("thin"))
    grid = only_grid(read_book(saved(workbook)))
    assert (grid.n_rows, grid.n_columns, list(grid.cells)) == (1, 1, [(1, 1)])


def test_two_far_corners_are_refused(write: Write) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    book = read_book(write(package(sheet_xml(rows))))
    assert (book.problem_code, book.grids) == ("too_large", [])
    assert "1048576行×16384列" in book.problem_detail


@pytest.mark.parametrize(
    ("part", "limits"),
    [
        ("xl/worksheets/sheet1.xml", Limits(inflated_bytes=1 << 20)),
        ("xl/sharedStrings.xml", Limits(part_bytes=1 << 20)),
    ],
)
def test_a_part_that_inflates_beyond_the_limit_is_never_inflated(
    write: Write, part: str, limits: Limits
) -> None:
    parts = package(sheet_xml(""))
    parts[part] += " " * (2 << 20)
    path = write(parts)
    assert path.stat().st_size < 10_000
    book = read_book(path, limits)
    assert (book.problem_code, "2 MB" in book.problem_detail) == ("too_large", True)


def test_a_zip_that_lies_about_a_size_is_unreadable_not_endless(write: Write) -> None:
    path = write(package(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 100_000)))
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    data = path.read_bytes().replace(size.to_bytes(4, "little"), (300).to_bytes(4, "little"))
    path.write_bytes(data)
    assert read_book(path).problem_code == "unreadable_file"


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_document_types_are_refused_and_entities_never_expanded(write: Write, part: str) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>[&b;&x;]</t></is></c></row>'
    parts = package(
        sheet_xml(rows if "sheet1" in part else rows.replace("&b;&x;", "")), texts="<si><t>甲</t></si>"
    )
    if "shared" in part:
        parts[part] = parts[part].replace("甲", "[&b;&x;]")
    parts[part] = ENTITIES + parts[part]
    book = read_book(write(parts))
    assert (book.problem_code, "DOCTYPE" in book.problem_detail) == ("unreadable_file", True)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c>', "unreadable_file"),
        ('<row r="x"><c r="A1"><v>1</v></c></row>', "unreadable_file"),
        ('<row r="1"><c r="1A"><v>1</v></c></row>', "unreadable_file"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "unreadable_file"),
        ("", "empty_file"),
    ],
)
def test_broken_sheets_are_problems_with_a_reason(write: Write, rows: str, code: str) -> None:
    book = read_book(write(package(sheet_xml(rows))))
    assert (book.problem_code, book.grids, bool(book.problem_detail)) == (code, [], code != "empty_file")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
def test_a_missing_part_is_named(write: Write, part: str) -> None:
    parts = package(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'))
    del parts[part]
    book = read_book(write(parts))
    assert (book.problem_code, part in book.problem_detail) == ("unreadable_file", True)


def test_chart_sheets_are_left_out(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "甲"
    workbook.create_chartsheet("图")
    assert [grid.name for grid in read_book(saved(workbook)).grids] == ["Sheet"]


def test_a_macro_workbook_is_told_apart(write: Write) -> None:
    parts = package(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')) | {"xl/vbaProject.bin": "x"}
    assert read_book(write(parts)).format == "xlsm"


def test_what_openpyxl_reads_is_what_we_read(saved: Callable[[openpyxl.Workbook], Path]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in range(1, 40):
        sheet.append(
            [f"第{row}项", row, row / 7, None, dt.datetime(2018, 1, 1) + dt.timedelta(hours=row * 31)]
        )
    path = saved(workbook)
    theirs = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).active
    ours = cells_of(read_book(path))
    expected = {
        cell.coordinate: cell.value for line in theirs.iter_rows() for cell in line if cell.value is not None
    }
    assert {a: c.moment or (c.text if c.number is None else c.number) for a, c in ours.items()} == expected
