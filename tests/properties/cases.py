"""Cases: a meant form, ways of writing its values, mess around them, planted faults, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lianzheng.config.forms import FormTable
from tests.properties.bureau import columns_of, config, unit_names
from tests.properties.files import HOLDS, File, carried, file_of
from tests.properties.meaning import (
    HEADER,
    STRANGE,
    Key,
    Meant,
    break_rule,
    is_all_zero,
    meant_forms,
    spot_of,
)
from tests.properties.pages import (
    CHANGES,
    EXTRA,
    NUMBERINGS,
    STRAY,
    UNIT_STYLES,
    Builder,
    Mess,
    Paper,
    TableMess,
    stand_apart,
)
from tests.properties.writings import LEFTOVERS, MONEY, WAYS, Spot, Typed, faults

FORMS = (
    "statistics", "standard", "team_scores", "tally", "findings", "evidence", "site_visit", "receipts", "cases", "feedback",
    "last_year", "last_statistics",
)  # fmt: skip
RULES = {
    "statistics": ("sum_mismatch", "rounding_difference", "discipline_above_treatment", "rectified_above_problems", "letters_above_due"),
    "standard": ("sum_mismatch", "above_maximum"),
    "team_scores": ("above_maximum",),
    "tally": ("tally_not_conserved",),
}  # fmt: skip
SHAPES = (
    "unknown_row", "duplicate_record", "missing_row", "unknown_column", "missing_column", "missing_table", "unread_cell",
    "wrong_year", "unit_differs", "bad_header", "missing_header",
)  # fmt: skip
Issue = tuple[str, str, str]  # code, sheet, cell
Read = tuple[str, str, Any, str]  # table, column, value, state ("" where the table does not say it)


@dataclass(repr=False)
class Case:
    """A file to be read, and what must be read of it: values by sheet and cell, issues, keys of the records."""

    meant: Meant
    format: str
    file: File
    folder: str
    cells: dict[Key, Typed]
    header: dict[str, Typed]
    paper: Paper
    values: dict[tuple[str, str], Read] = field(default_factory=dict)
    keys: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    issues: set[Issue] = field(default_factory=set)
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where the file lies below data/raw/<cycle>."""
        return f"{self.folder}/{self.meant.form.form_id}.{self.file.suffix}"

    def _repr_pretty_(self, printer: Any, is_cyclic: bool) -> None:
        printer.text(f"{self.meant.form.form_id} as {self.format}")

    def shown(self) -> str:
        """The pages as they were written, a line a row, for whoever has to find out what went wrong."""
        lines = []
        for page in self.paper.pages:
            lines.append(f"[{page.name}] merged {page.merges} hidden {page.hidden}")
            for row, line in enumerate(page.lines, 1):
                texts = (
                    f"{column}:{str(t.value)[:30]!r}"
                    for column, t in sorted(line.items())
                    if t.value is not None
                )
                lines.append(f"{row:3} {' '.join(texts)}"[:400])
        return "\n".join(lines)


@st.composite
def cases(draw: st.DrawFn, form_id: str, format: str, meant: Meant | None = None) -> Case:
    """A case of a form in a format: what ``meant`` says, without faults, else anything, with faults or without."""
    has_faults, rules = meant is None, RULES.get(form_id, ())
    meant = meant or draw(meant_forms(form_id))
    plan = (
        draw(st.lists(st.sampled_from((*rules * 2, *SHAPES, *["cell"] * 12)), max_size=4))
        if has_faults
        else []
    )
    for code in plan:
        if code in rules:
            table = meant.form.tables[0]
            row, column = (
                draw(st.sampled_from(meant.rows(table))),
                draw(st.sampled_from(table.columns)).column_id,
            )
            if not meant.taken & {(table.table_id, row), (table.table_id, column)}:
                break_rule(meant, code, row, column)
    shapes = {code for code in plan if code in SHAPES}
    if meant.taken or "wrong_year" in shapes:
        shapes -= {"missing_row", "missing_column", "missing_header"}
    mess = draw(_messes(meant, format, shapes))
    cells = draw(_written(meant, mess, format, plan.count("cell")))
    header = draw(_header_written(meant, mess, format, shapes))
    paper = Builder(meant.form, header, cells, mess).build()
    folder = "收到"
    if (
        "unit_differs" in shapes and meant.form.scope == "unit" and form_id != "team_scores"
    ):  # whose members are one unit's
        other = next(u for u in config().units if u.unit_id != meant.header["unit_id"])
        folder = f"units/{other.name}"
    case = Case(meant, format, file_of(paper, format), folder, cells, header, paper)
    _expect(case, mess, shapes)
    return case


def _can(typed: Typed | None, format: str, kind: str) -> bool:
    """Whether the format holds what was typed; a text that needs a number elsewhere needs it here."""
    return typed is not None and (not typed.needs or typed.needs in HOLDS[format] or (typed.needs == "date"))


@st.composite
def _written(draw: st.DrawFn, meant: Meant, mess: Mess, format: str, n_faults: int) -> dict[Key, Typed]:
    """Each value in some writing, and faults at some of the cells."""
    cells: dict[Key, Typed] = {}
    spots: dict[Key, Spot] = {}
    for table in meant.form.tables:
        rows = {row.row_id: row for row in table.rows}
        columns = {column.column_id: column for column in table.columns}
        its = mess.tables.get(table.table_id)
        for key in (
            key
            for key in meant.values
            if its and key[0] == table.table_id and key[1] in its.rows and key[2] in its.columns
        ):
            row, column = rows.get(key[1]), columns[key[2]]
            seen = (its.units.get(f"{key[1]}@") or its.units.get(key[2], "")) if its else ""
            if not seen and mess.unit_line and column.unit_of_measure in MONEY:
                seen = mess.unit_line
            spots[key] = spot_of(table, column, row, seen, meant.header.get("unit_id", ""))
            cells[key] = draw(_ways(meant.values[key], spots[key], format))
    for _ in range(n_faults if cells else 0):
        key = draw(st.sampled_from(sorted(cells)))
        free = not meant.taken & {(key[0], key[1]), (key[0], key[2])} and key not in meant.planted
        if spots[key].kind == "text" and cells[key].value is not None:
            left = draw(st.sampled_from(LEFTOVERS))
            cells[key] = Typed(left, left, "text", ("placeholder_left",))
        elif free and key[2] != "kind":
            bad = [
                f for f in faults(spots[key], not spots[key].is_required) if _can(f, format, spots[key].kind)
            ]
            cells[key] = draw(st.sampled_from(bad)) if bad else cells[key]
    return cells


@st.composite
def _ways(draw: st.DrawFn, value: Any, spot: Spot, format: str) -> Typed:
    if value is None:
        return Typed(draw(st.sampled_from((None, None, " "))), None, "blank")
    ways = WAYS[spot.kind]
    typed = draw(st.sampled_from(ways))(value, spot)
    typed = typed if typed is not None and _can(typed, format, spot.kind) else ways[0](value, spot)
    assert typed is not None
    return typed


@st.composite
def _header_written(
    draw: st.DrawFn, meant: Meant, mess: Mess, format: str, shapes: set[str]
) -> dict[str, Typed]:
    """The header's fields; in one text with their labels they are texts."""
    header: dict[str, Typed] = {}
    bad = draw(st.sampled_from([f.field_id for f in meant.form.header])) if meant.form.header else ""
    for f in meant.form.header:
        spot = Spot(
            f.value,
            choices=config().choices(f.choices) if f.choices else {},
            units=unit_names(),
            is_required=f.is_required,
        )
        value = meant.header[f.field_id]
        if value is None:
            leftover = "    年  月  日" if f.value == "date" and draw(st.booleans()) else None
            header[f.field_id] = Typed(leftover, None, "blank")
            continue
        typed = draw(_ways(value, spot, format if mess.header_style == "beside" else "csv"))
        if f.value == "text" or not isinstance(typed.value, str):
            typed = (
                typed
                if mess.header_style == "beside"
                else Typed(_header_text(typed.value), typed.meant, typed.state, typed.codes)
            )
        if mess.header_style != "beside" and "\n" in str(typed.value):
            typed = Typed(str(typed.value).replace("\n", ""), typed.meant, typed.state, typed.codes)
        is_needed = f.field_id == "n_valid" and meant.taken
        if (
            f.field_id == bad
            and "bad_header" in shapes
            and not is_needed
            and f.value != "text"
            and f.field_id != "year"
        ):
            options = [
                x
                for x in faults(spot)
                if _can(x, "csv", f.value) and isinstance(x.value, str) and not {"\n", "_"} & set(x.value)
            ]
            typed = draw(st.sampled_from(options))
        if f.field_id == bad and "missing_header" in shapes and f.is_required:
            typed = Typed(None, None, "blank", ("missing_value",))
        header[f.field_id] = typed
    return header


def _header_text(value: Any) -> str:
    if isinstance(value, int | float | str):
        return str(value)
    return f"{value.year}年{value.month}月{value.day}日"


@st.composite
def _messes(draw: st.DrawFn, meant: Meant, format: str, shapes: set[str]) -> Mess:
    form, holds = meant.form, HOLDS[format]
    tables = list(form.tables)
    if "missing_table" in shapes and len(tables) > 1 and not meant.taken:
        tables.pop(draw(st.integers(0, len(tables) - 1)))
    empty = [t.table_id for t in tables if t.kind == "list" and not meant.rows(t) and t.is_optional]
    tables = [t for t in tables if t.table_id not in empty]
    tables = tables or [form.tables[0]]
    money = draw(st.sampled_from(("", "", "元", "千元")))
    mess = Mess({t.table_id: draw(_table_messes(meant, t, format, shapes, money)) for t in tables})
    mess.unit_line = money if any(c.unit_of_measure in MONEY for c in tables[0].columns) else ""
    is_office = form.sender == "office"
    styles = ("line", "rows") if format == "docx" else ("each", "line", "rows", "beside")
    mess.header_style = draw(st.sampled_from(styles))
    mess.header_below = draw(st.integers(0, 4)) == 4
    mess.header_alias = draw(st.integers(0, 2))
    mess.has_title = "wrong_year" in shapes or not is_office
    mess.title = (
        form.title
        if is_office
        else form.title.replace("2018年", draw(st.sampled_from(("2018年", "2018年度", "２０１８年"))))
    )
    if "wrong_year" in shapes:
        mess.title = f"2017年{form.title.replace('2018年', '')}"
    mess.change = draw(st.integers(0, len(CHANGES) - 1))
    mess.above = draw(st.integers(0, 2))
    mess.shift = draw(st.integers(0, 1)) if format != "docx" else 0
    mess.is_spread = len(tables) > 1 and "pages" in holds and draw(st.booleans())
    mess.has_notes, mess.has_signatures = draw(st.booleans()), draw(st.booleans())
    mess.empty_page = "pages" in holds and draw(st.booleans())
    mess.names = draw(st.sampled_from((("Sheet1",), ("附件2（终稿）", "第二页"), ("2018 年", "b", "c"))))
    if "unread_cell" in shapes:
        mess.stray = draw(
            st.sampled_from(("以上数据由财务科提供", "请王科长审阅", "12345", "=A1", "<script>"))
        )
    return mess


@st.composite
def _table_messes(
    draw: st.DrawFn, meant: Meant, table: FormTable, format: str, shapes: set[str], money: str
) -> TableMess:
    columns, rows = [c.column_id for c in table.columns], meant.rows(table)
    has_rows = table.kind == "matrix" and table is meant.form.tables[0]
    if draw(st.integers(0, 2)) == 2:
        columns = list(draw(st.permutations(columns)))
        if next(c for c in table.columns if c.column_id == columns[0]).value == "text":
            columns.reverse()  # a free text in a line's first cell may be a signature to the reader
    is_reordered = draw(st.integers(0, 2)) == 2
    if is_reordered:
        rows = list(draw(st.permutations(rows)))
    free = not any(taken[0] == table.table_id for taken in meant.taken)
    if "missing_column" in shapes and len(columns) > 4 and free:
        columns.remove(
            draw(st.sampled_from([name for name in columns if name != "kind"]))
        )  # else wording decides
    if "missing_row" in shapes and has_rows and free:
        rows.remove(draw(st.sampled_from(rows)))
    if "unknown_row" in shapes and has_rows:
        rows.insert(draw(st.integers(0, len(rows) - 1)), EXTRA)
    if "unknown_column" in shapes:
        columns.insert(draw(st.integers(0, len(columns))), EXTRA)
    labels = list(range(len(table.label_columns)))
    if labels and draw(st.booleans()):
        labels = [label for label in labels if label == table.key_label or draw(st.booleans())]
    mess = TableMess(columns, rows, labels)
    if draw(st.integers(0, 3)) == 3:
        mess.gap_column = draw(st.integers(1, len(labels) + len(columns)))
    mess.gap_rows = (
        tuple(draw(st.lists(st.integers(1, max(len(rows), 2) - 1), max_size=2)))
        if draw(st.booleans())
        else ()
    )
    if table.kind == "list" and not rows:
        mess.nothing = draw(st.sampled_from(("", "无", "—", "/")))
    mess.is_flat = draw(st.integers(0, 3)) == 3
    mess.is_repeated = is_reordered or stand_apart(table, columns) or draw(st.booleans())
    mess.is_merged = "merge" in HOLDS[format] and draw(st.booleans())
    mess.numbers = 0 not in labels and draw(st.booleans())
    mess.auxiliary = bool(labels) and draw(st.booleans())
    mess.unit_style = draw(st.integers(0, len(UNIT_STYLES) - 1)) if not money else 0
    mess.units = _units(table, labels, money, draw(st.sampled_from(("元", "百元", "万元"))), mess.unit_style)
    names = [*columns, *map(str, labels), *(row.row_id for row in table.rows)]
    odd = draw(st.lists(st.sampled_from(names), max_size=6))
    mess.alias = {name: draw(st.integers(0, 3)) for name in odd}
    mess.change = {
        name: draw(st.integers(0, len(CHANGES) - 1))
        for name in draw(st.lists(st.sampled_from(names), max_size=6))
    }
    if table.kind == "matrix":
        numbered = draw(st.lists(st.sampled_from([row.row_id for row in table.rows]), max_size=3))
        mess.change |= {f"{row}#": draw(st.integers(0, len(NUMBERINGS) - 1)) for row in numbered}
    mess.has_caption = "missing_table" in shapes or draw(st.integers(0, 5)) < 5
    if "duplicate_record" in shapes and has_rows:
        mess.twice = draw(st.sampled_from([row for row in rows if row != EXTRA]))
    if "hidden" in HOLDS[format] and rows and draw(st.integers(0, 5)) == 5:
        mess.hidden = draw(st.sampled_from(rows))
    return mess


def _units(table: FormTable, labels: list[int], money: str, other: str, style: int) -> dict[str, str]:
    """The unit that each column and row of money says; with a line 单位：… above, the columns say none."""
    says = "" if money or UNIT_STYLES[style]("x") == "" else other
    units = {c.column_id: says for c in table.columns if c.unit_of_measure in MONEY}
    is_shown = any(table.label_columns[label].label == "计量单位" for label in labels)
    return units | {
        f"{row.row_id}@": other for row in table.rows if row.unit_of_measure in MONEY and is_shown
    }


def _expect(case: Case, mess: Mess, shapes: set[str]) -> None:
    """What the table must hold and which issues there must be, from what was meant and where it was put."""
    at = {key: case.file.where(place) for key, place in case.paper.at.items()}
    form = case.meant.form
    if "wrong_year" in shapes:
        case.issues = {("wrong_year", *at["title", "", ""])}
        return
    header = _header_values(case)
    for table in form.tables:
        if table.table_id in mess.tables:
            _expect_table(case, table, mess.tables[table.table_id], at, header)
        elif not table.is_optional:
            case.issues.add(("missing_table", "", ""))
    for name, typed in case.header.items():
        case.issues |= {(code, *at[HEADER, name, ""]) for code in typed.codes}
    if mess.stray:
        case.issues.add(("unread_cell", *at[STRAY, "", ""]))
    if case.folder != "收到" and header.get("unit_id") and not case.header["unit_id"].codes:
        case.issues.add(("unit_differs", *at[HEADER, "unit_id", ""]))
    problems = [key for key in case.cells if key[0] == "problems" and key[1] != "total"]
    is_whole = len(problems) == len([k for k in case.meant.values if k[0] == "problems" and k[1] != "total"])
    if (
        form.form_id == "statistics"
        and problems
        and is_all_zero(
            case.meant,
        )
        and all(case.cells[k].meant is not None for k in problems)
        and is_whole
    ):
        first = min(case.paper.at[key][1:] for key in problems)
        place = next(key for key in problems if case.paper.at[key][1:] == first)
        case.issues.add(("all_zero_return", *at[place]))


def _header_values(case: Case) -> dict[str, Any]:
    """What the header gives to every record."""
    known = {name: typed.meant for name, typed in case.header.items() if typed.meant is not None}
    found = {name: known[name] for name in ("unit_id", "team_id", "rater_group") if name in known}
    if case.folder != "收到" and "unit_id" not in found:
        return found
    return found | ({"scorer": known["team_id"]} if "team_id" in known else {})


SAID_AS = {"points", "value", "n_votes"}


def _expect_table(
    case: Case, table: FormTable, mess: TableMess, at: dict[Key, tuple[str, str]], header: dict[str, Any]
) -> None:
    rows = {row.row_id: row for row in table.rows}
    for column in table.columns:
        for row_id in mess.rows if column.column_id in mess.columns else ():
            key = (table.table_id, row_id, column.column_id)
            if key in case.cells:
                expect_cell(case, table, key, at[key], rows.get(row_id), header)
    first = at[table.table_id, "", ""]
    missing = [row for row in rows if row not in mess.rows]
    lacking = [c.column_id for c in table.columns if c.column_id not in mess.columns and not c.is_optional]
    case.issues |= {("missing_row", *first) for _ in missing} | {("missing_column", *first) for _ in lacking}
    if EXTRA in mess.rows:
        case.issues.add(("unknown_row", *at[table.table_id, EXTRA, ""]))
    if EXTRA in mess.columns:
        case.issues.add(("unknown_column", *at[table.table_id, "", EXTRA]))
    for key, code in case.meant.planted.items():
        if key[0] == table.table_id and not key[2]:  # of a row as a whole it is told at its first figure
            first_figure = next(name for name in mess.columns if name != EXTRA)
            case.issues.add((code, *at[key[0], key[1], first_figure]))
    if mess.twice:
        case.issues.add(("duplicate_record", *at[table.table_id, f"{mess.twice}!", ""]))
    if ("hidden", table.table_id, "") in at:
        case.issues.add(("hidden_value", *at["hidden", table.table_id, ""]))


def expect_cell(
    case: Case, table: FormTable, key: Key, place: tuple[str, str], row: Any, header: dict[str, Any]
) -> None:
    typed, column = case.cells[key], next(c for c in table.columns if c.column_id == key[2])
    value, state = typed.meant, typed.state
    if column.value == "text" and isinstance(typed.value, str):
        value = carried(case.format, typed.value).strip() or None
    target = column.target or column.column_id
    into = table.into or table.table_id
    names = columns_of(into)
    if names and target not in names:  # 性质 tells the table, and is no column of it
        return
    is_said = target in SAID_AS and "value_state" in names
    case.values[place] = (into, target, value, state if is_said else "")
    known = {name: value for name, value in header.items() if name in names}
    case.keys[place] = {**known, **table.keys, **(row.keys if row else {}), **column.keys}
    own = [c.column_id for c in table.columns]
    case.keys[place] = {name: value for name, value in case.keys[place].items() if name not in own}
    codes = [*typed.codes, *[case.meant.planted[key] for _ in range(key in case.meant.planted)]]
    if (
        row
        and row.maximum is not None
        and column.value == "points"
        and value is not None
        and Decimal(repr(value)) > Decimal(str(row.maximum))
    ):
        codes.append("above_maximum")
    if isinstance(value, str) and column.value == "text" and any(c in value for c in STRANGE):
        codes.append("uncovered_glyph")
    case.issues |= {(code, *place) for code in codes}
    case.told[place] = f"{case.meant.form.form_id} {'/'.join(key)}: {typed.value!r} ({typed.number_format})"
