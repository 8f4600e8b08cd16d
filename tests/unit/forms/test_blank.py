"""Blank forms as a person and as Excel see them: what is locked, what is offered, what is accepted, what is printed."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from docx import Document
from openpyxl.utils import range_boundaries

from lianzheng.config.derive import fill_form
from lianzheng.forms import Formula, Layout, as_docx, as_xlsx
from lianzheng.forms.blank import PAGE_WIDTHS, blank_form
from lianzheng.forms.outgoing import score_sheet, tally, team_sheet
from lianzheng.forms.rules import OPTIONS
from tests.unit.forms.test_layout import CONFIG, SMALL

SENT = [form for form in CONFIG.forms.values() if form.sender in ("unit", "team") and form.tables]
UNIT, TEAM = CONFIG.unit("U003"), CONFIG.teams[0]


def small(**header: Any) -> Layout:
    return blank_form(CONFIG, SMALL, "U003", {"unit_id": "南坡管理处", **header})


def book_of(layout: Layout) -> Any:
    return openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))


def blanks() -> dict[str, Layout]:
    """Every form that goes out, as it goes out."""
    made = {}
    for form in SENT:
        if form.form_id == "tally":
            made[form.form_id] = tally(CONFIG, "U003", UNIT.name)
        elif form.sender == "unit":
            made[form.form_id] = blank_form(CONFIG, form, "U003", {"unit_id": UNIT.name, "year": 2018})
        else:
            made[form.form_id] = (
                score_sheet(CONFIG, form, TEAM, UNIT)
                if form.scope == "unit"
                else team_sheet(CONFIG, form, TEAM)
            )
    return made


BLANKS = blanks()


def rules_at(page: Any, address: str) -> list[Any]:
    return [check for check in page.data_validations.dataValidation if address in check.sqref]


def test_number_version_and_code_stand_in_the_first_line() -> None:
    page = book_of(small())["附件9"]
    assert (page["A1"].value, page["C1"].value) == ("附件9", "版本：2018.1　表样编号：2018-small-U003")
    assert (page["A1"].font.name, page["C1"].alignment.horizontal) == ("黑体", "right")
    assert page["A2"].value == "小表" and page["A2"].font.size == 16


def test_the_file_says_of_itself_what_it_is() -> None:
    properties = {item.name: item.value for item in book_of(small()).custom_doc_props.props}
    assert properties == {
        "lianzheng_form": "small", "lianzheng_version": "2018.1", "lianzheng_cycle": "2018", "lianzheng_unit": "U003",
    }  # fmt: skip


def test_header_fields_have_a_locked_label_and_an_open_value_with_a_line_below() -> None:
    page = book_of(small())["附件9"]
    line = [cell for cell in page[3] if cell.value is not None]
    assert [cell.value for cell in line] == [
        "填表单位（盖章）：",
        "南坡管理处",
    ]  # a unit's name gets 28 digits of room
    label, value = line
    assert label.protection.locked and not value.protection.locked
    assert value.border.bottom.style == "thin" and label.border.bottom.style is None
    assert value.number_format == "General"
    layout = small()
    _, day = next(
        (s, c)
        for s in layout.sheets
        for c in s.cells
        if c.keys == (("header", "filled_on", ""),) and c.is_open
    )
    assert day.number_format == 'yyyy"年"m"月"d"日"'
    (rule,) = rules_at(page, day.address)
    assert rule.type == "date"


def test_only_values_are_open_and_a_total_is_a_sum() -> None:
    layout = small()
    page = book_of(layout)["附件9"]
    for cell in layout.sheets[0].cells:
        is_value = cell.role == "header_value" or (cell.role == "value" and cell.keys[0][1] != "total")
        assert page[cell.address].protection.locked is not is_value, cell
    (_, first), (_, last), (_, total) = (layout.find(("counts", row, "n")) for row in ("a", "c", "total"))
    span = f"{first.address}:{last.address}"
    assert total.value == Formula(f'=IF(COUNT({span})=0,"",SUM({span}))', "")
    assert page[total.address].value == f'=IF(COUNT({span})=0,"",SUM({span}))'


def test_the_sheet_is_protected_without_password_but_can_be_sized_and_lengthened() -> None:
    for page in book_of(small()).worksheets:
        lock = page.protection
        assert lock.sheet and not lock.password
        assert not (lock.formatColumns or lock.formatRows or lock.insertRows or lock.deleteRows)
        assert lock.formatCells


def test_a_sheet_prints_on_numbered_pages_with_its_header_repeated() -> None:
    page = book_of(small())["附件9"]
    assert page.oddFooter.center.text == "第 &P 页　共 &N 页"
    first_label = small().find(("counts", "", "n"))[1]
    assert page.print_title_rows == f"$1:${first_label.row + 1}"
    assert page.freeze_panes == f"A{first_label.row + 2}"
    assert page.page_setup.fitToWidth == 1 and page.page_setup.fitToHeight == 0


@pytest.mark.parametrize("form_id", list(BLANKS))
def test_every_sheet_fills_the_width_of_a_page_and_no_more(form_id: str) -> None:
    for page, sheet in zip(book_of(BLANKS[form_id]).worksheets, BLANKS[form_id].sheets, strict=False):
        width = sum(dimension.width for dimension in page.column_dimensions.values())
        assert width == pytest.approx(PAGE_WIDTHS[sheet.orientation], abs=0.1)


@pytest.mark.parametrize("form_id", list(BLANKS))
def test_every_open_place_that_asks_for_more_than_text_has_one_rule(form_id: str) -> None:
    form, book = CONFIG.forms[form_id], book_of(BLANKS[form_id])
    for sheet in BLANKS[form_id].sheets:
        for cell in (cell for cell in sheet.cells if cell.is_open):
            table_id, row_id, column_id = cell.keys[0]
            places = form.header if table_id == "header" else form.table(table_id).columns
            wanted = row_id if table_id == "header" else column_id
            (asked,) = [
                p for p in places if wanted in (getattr(p, "field_id", ""), getattr(p, "column_id", ""))
            ]
            is_free = asked.value == "text" or (table_id == "header" and asked.value == "unit")
            checks = rules_at(book[sheet.name], cell.address)
            assert len(checks) == (not is_free), (cell.address, asked)
            for check in checks:
                assert check.showErrorMessage and check.error and len(check.error) <= 225
                assert check.type in {"choice": ["list"], "boolean": ["list"], "unit": ["list"], "date": ["date"]}.get(
                    asked.value, ["whole", "decimal", "custom"]
                )  # fmt: skip


def offered(book: Any, page: Any, address: str) -> list[str]:
    """The words of a cell's drop-down, as Excel finds them."""
    (check,) = rules_at(page, address)
    if check.formula1.startswith('"'):
        return check.formula1.strip('"').split(",")
    sheet, _, reference = book.defined_names[check.formula1].attr_text.rpartition("!")
    column, first, _, last = range_boundaries(reference.replace("$", ""))
    assert sheet.strip("'") == OPTIONS
    return [book[OPTIONS].cell(row, column).value for row in range(first, last + 1)]


@pytest.mark.parametrize(
    ("form_id", "table_id", "column_id", "choices"),
    [
        ("findings", "findings", "subject_id", "subjects"), ("findings", "findings", "defect_id", "defects"),
        ("findings", "findings", "item_id", "items"), ("findings", "findings", "evidence_class", "evidence_classes"),
        ("evidence", "evidence", "evidence_class", "evidence_classes"), ("site_visit", "talks", "topic_id", "topics"),
        ("site_visit", "talks", "polarity", "polarity"), ("site_visit", "ballot_counts", "rater_group", "rater_groups"),
    ],
)  # fmt: skip
def test_a_drop_down_offers_exactly_the_closed_list(
    form_id: str, table_id: str, column_id: str, choices: str
) -> None:
    sheet, cell = BLANKS[form_id].find((table_id, "1", column_id))
    book = book_of(BLANKS[form_id])
    assert offered(book, book[sheet.name], cell.address) == [
        label for label, _ in CONFIG.choices(choices).values()
    ]


def test_a_long_list_stands_on_a_hidden_sheet_under_a_name() -> None:
    book = book_of(BLANKS["findings"])
    assert book[OPTIONS].sheet_state == "hidden"
    assert len(",".join(label for label, _ in CONFIG.choices("items").values())) > 255
    assert list(book.defined_names) == ["list_items"]


def test_lists_are_narrowed_to_the_team_and_the_unit() -> None:
    visited = [CONFIG.unit(v.unit_id).name for v in CONFIG.visits if v.team_id == "T1"]
    sheet, cell = BLANKS["findings"].find(("findings", "5", "unit_id"))
    book = book_of(BLANKS["findings"])
    assert (
        offered(book, book[sheet.name], cell.address)
        == visited
        == ["东河管理处", "南坡管理处", "金穗建设工程有限责任公司"]
    )
    sheet, cell = BLANKS["team_scores"].find(("member_scores", "6", "member_id"))
    book = book_of(BLANKS["team_scores"])
    assert offered(book, book[sheet.name], cell.address) == [
        member.name for member in CONFIG.members if member.unit_id == "U003"
    ]


def test_points_stop_at_the_points_of_their_row_and_shares_are_percents() -> None:
    page = book_of(BLANKS["standard"])["附件1"]
    _, cell = BLANKS["standard"].find(("self_scores", "S105", "points"))  # 责任书个性化，2分
    (rule,) = rules_at(page, cell.address)
    assert (
        rule.formula1
        == f'IF(ISNUMBER({cell.address}),AND({cell.address}>=0,{cell.address}<=2),OR({cell.address}="不适用"))'
    )
    _, share = BLANKS["team_scores"].find(("scores", "S104", "observed_value"))  # 责任书签订率
    _, number = BLANKS["team_scores"].find(("scores", "S103", "observed_value"))
    assert (share.number_format, number.number_format) == ("0.00%", "General")


def test_a_team_s_lists_come_with_units_dates_groups_and_classes_filled_in() -> None:
    def told(form_id: str, table_id: str, *columns: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        while True:
            try:
                found = [BLANKS[form_id].find((table_id, str(len(rows) + 1), c))[1].value for c in columns]
            except KeyError:
                return rows
            rows.append(tuple(found))

    visits = [(CONFIG.unit(v.unit_id).name, v.visit_date) for v in CONFIG.visits if v.team_id == "T1"]
    assert told("site_visit", "visits", "unit_id", "visit_date") == [*visits, (None, None)]
    groups = [(name, group) for name, _ in visits for group in ("中层干部", "职工代表")]
    assert told("site_visit", "ballot_counts", "unit_id", "rater_group") == [*groups, *[(None, None)] * 2]
    evidence = told("evidence", "evidence", "unit_id", "evidence_class")
    assert [name for name, _ in evidence[:8]] == ["东河管理处"] * 7 + ["南坡管理处"]
    assert len(evidence) == 3 * 7 + 3
    assert told("team_scores", "member_scores", "item_id")[:2] == [("一岗双责部署与记录",)] * 2


def test_a_further_sheet_repeats_only_what_is_filled_in_of_the_header() -> None:
    first, *later = BLANKS["site_visit"].sheets
    fields = [[c.keys[0][1] for c in s.cells if c.role == "header_value"] for s in (first, *later)]
    assert fields == [["team_id", "filled_on"], ["team_id"], ["team_id"]]


def test_pages_break_between_the_tables_of_a_form_or_before_its_last_row() -> None:
    wide = CONFIG.forms["statistics"].tables[0]
    tables = tuple(wide.model_copy(update={"caption": f"第{i}张表"}) for i in range(1, 4))
    (sheet,) = blank_form(CONFIG, SMALL.model_copy(update={"tables": tables}), "U003").sheets
    captions = [cell.row for cell in sheet.cells if cell.role == "caption"]
    assert sheet.breaks and set(sheet.breaks) <= {row - 1 for row in captions[1:]}
    (sheet,) = BLANKS["standard"].sheets
    last = max(cell.row for cell in sheet.cells if cell.role == "value")
    assert sheet.breaks and max(sheet.breaks) < last


def test_narrow_tables_behind_a_wide_one_fill_an_upright_page_of_their_own() -> None:
    wide, narrow = BLANKS["statistics"].sheets
    assert [(sheet.orientation, sheet.breaks) for sheet in (wide, narrow)] == [
        ("landscape", ()),
        ("portrait", ()),
    ]
    captions = [c.value for sheet in (wide, narrow) for c in sheet.cells if c.role == "caption"]
    assert captions == ["一、本年度自查发现问题情况", "二、落实八项规定精神情况", "三、工作量"]
    edges = {c.row: c.last[1] for c in sorted(narrow.cells, key=lambda c: c.column) if c.role == "value"}
    assert set(edges.values()) == {5}  # the third table has four columns: its last is two wide
    notes = [[c.value for c in sheet.cells if c.role == "note"] for sheet in (wide, narrow)]
    assert len(notes[0]) == 2 and notes[1] == ["单位主要负责人签字："]


def test_a_form_ends_with_its_signatures() -> None:
    texts = [c.value for c in BLANKS["tally"].sheets[1].cells]
    assert texts[-1] == "计票人签字：　　　　　　　　　　　　监票人签字："


def test_word_has_the_same_table_header_line_and_room_for_the_date() -> None:
    document = Document(io.BytesIO(as_docx(BLANKS["statistics"])))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:3] == [
        "附件2\t版本：2018　表样编号：2018-statistics-U003",
        "示例局直属单位2018年落实中央八项规定精神自查统计表",
        "填表单位（盖章）：南坡管理处\t填表人：\t审核人：\t时间：　　　年　　月　　日",
    ]
    assert [len(table.columns) for table in document.tables] == [12, 5, 5]
    assert [section.page_width > section.page_height for section in document.sections] == [True, False]
    rows = document.tables[0].rows
    assert [row._tr.trPr.find(f"{{{row._tr.nsmap['w']}}}tblHeader") is not None for row in rows[:3]] == [
        True,
        True,
        False,
    ]
    assert texts[-1] == "单位主要负责人签字："
    assert sum(len(table.rows) for table in document.tables) == (2 + 10) + (1 + 11) + (1 + 13)


def test_no_page_ends_with_the_first_row_of_a_block() -> None:
    items = CONFIG.standard.blocks[0].items
    longer = [item.model_copy(update={"criterion": "长" * 46 * n}) for n, item in enumerate(items, start=1)]
    for n_items in range(5, len(items) + 1):  # blocks end at every height of a page
        block = CONFIG.standard.blocks[0].model_copy(update={"items": tuple(longer[:n_items])})
        blocks = (block, *CONFIG.standard.blocks[1:])
        standard = CONFIG.standard.model_copy(update={"blocks": blocks})
        assert standard.form is not None
        form = fill_form(standard.form, standard, CONFIG.questionnaire, CONFIG.findings)
        (sheet,) = blank_form(CONFIG, form, "U003").sheets
        firsts = {cell.row for cell in sheet.cells if cell.role == "row_label" and cell.n_rows > 3}
        assert sheet.breaks and not firsts & set(sheet.breaks)
