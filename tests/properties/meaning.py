"""What somebody means to report: random valid values for every cell of a form, from its description in the configuration.

The rules that the values keep (sums, signed ≤ due, disciplined ≤ involved, rectified ≤ problems, votes = valid ballots,
points ≤ maximum) are written here by hand; a planted fault breaks one of them at one place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lianzheng.config.forms import Form, FormColumn, FormRow, FormTable, value_kind
from tests.properties.bureau import config, unit_names
from tests.properties.writings import Spot

Key = tuple[str, str, str]
HEADER = "header"
STRANGE = "😀🙏𠮷\u202e"
"""Characters that the reports' fonts cannot show: each gives a note."""
TEXTS = (
    "按季度对账", "会议记录不完整（3月）", "=1+1", "=SUM(A1:A9)", "+86 10", "-1", "@张三", "=cmd|' /C calc'!A0", "１２３", "007", "12", "3.50",
    "2018年12月1日", "1e5", "TRUE", "#N/A", "无", "—", "一", "待定", "0", "第一行\n第二行", "逐项落实😀", "𠮷野同志", "右\u202e左", "“引号”、顿号；",
    'a,b;"c"\td', "<b>粗</b> & &amp;", "'12", "１．５万元", "%", "100%", "约3次", "\\n", "[1] 见附表", "一、二、三", "：", "说明：见附件",
    "责任书签订率100%，较上年提高3个百分点。" * 60, "第一段\n\n第三段", "甲\u3000乙", "①②③", "{row}", "……", "2018", "43435", "U001", "合计", "单位：元",
)  # fmt: skip
_LETTERS = "廉政检查整改落实会议记录责任书签订个别谈话按季对账分工明确一二三年月日（），。；：“”、！？abcXYZ0123456789０１２ＡＢ .,;:'\"()[]+-=/@#$%&<>|_~^\n"
_FORMULA_FREE = str.maketrans("", "", "xX×*")  # of which placeholders are made


@dataclass(repr=False)
class Meant:
    """A form's values by key; a list's row is its number. ``planted`` are faults against its rules: key → code.

    ``taken`` are (table, column) and (table, row) that a planted fault needs to be readable.
    """

    form: Form
    header: dict[str, Any]
    values: dict[Key, Any]
    planted: dict[Key, str] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)

    def _repr_pretty_(self, printer: Any, is_cyclic: bool) -> None:
        printer.text(f"{self.form.form_id} with {len(self.values)} values")

    def rows(self, table: FormTable) -> list[str]:
        """Ids of a table's rows, numbers in a list, in their order."""
        return list(dict.fromkeys(row for table_id, row, _ in self.values if table_id == table.table_id))


@st.composite
def free_texts(draw: st.DrawFn) -> str:
    """Tricky texts first, then random ones; no placeholder in them."""
    if draw(st.booleans()):
        return draw(st.sampled_from(TEXTS))
    text = draw(st.text(_LETTERS, min_size=1, max_size=12)).translate(_FORMULA_FREE).strip()
    return text or "空"


def spot_of(table: FormTable, column: FormColumn, row: FormRow | None, seen: str, unit_id: str = "") -> Spot:
    """The place where a row and a column cross."""
    kind, unit = value_kind(column, row), (row.unit_of_measure if row else "") or column.unit_of_measure
    maximum = row.maximum if row and kind == "points" else None
    return Spot(
        kind, unit, seen, config().choices(column.choices, unit_id) if column.choices else {}, unit_names(),
        None if maximum is None else Decimal(str(maximum)), column.is_required and (row.is_required if row else True),
    )  # fmt: skip


def money(largest: int = 50) -> st.SearchStrategy[Decimal]:
    """万元 with up to four decimals, often nothing."""
    return st.integers(0, largest * 10_000).map(lambda n: Decimal(n) / 10_000) | st.just(Decimal(0))


COUNTS = st.integers(0, 30) | st.sampled_from((100, 105, 110, 1234, 10_500, 120_000))
DAYS = st.dates(dt.date(2016, 1, 1), dt.date(2019, 12, 31))
MOMENTS = st.datetimes(dt.datetime(2018, 1, 1), dt.datetime(2019, 12, 31)).map(
    lambda m: m.replace(second=0, microsecond=0)
) | st.sampled_from([dt.datetime(2018, 11, 30, hour, 5) for hour in (0, 11, 12, 13, 23)])


NAMES = st.sampled_from(
    ("units/东河管理处/附件1.xlsx", "A-01", "2018-003", "units/U002/附件2 (1).xlsx", "十三号案")
)
"""What a list's lines are called by, where this comes first: a free text there may be a signature line to the reader."""


def any_value(spot: Spot) -> st.SearchStrategy[Any]:
    """A valid value of a kind."""
    kinds: dict[str, Any] = {
        "count": lambda: COUNTS.map(Decimal),
        "amount": money,
        "number": lambda: st.integers(0, 30).map(Decimal) | st.integers(0, 99_999).map(lambda n: Decimal(n) / 100),
        "points": lambda: st.integers(0, int((spot.maximum or Decimal(5)) * 20)).map(lambda n: Decimal(n) / 20),
        "observed": lambda: st.integers(0, 9).map(Decimal) | st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000),
        "date": lambda: DAYS,
        "datetime": lambda: MOMENTS,
        "boolean": st.booleans,
        "choice": lambda: st.sampled_from(sorted(spot.choices)),
        "unit": lambda: st.sampled_from(sorted(spot.units)),
        "text": free_texts,
    }  # fmt: skip
    value = kinds[spot.kind]()
    return value if spot.is_required else value | st.none()


@st.composite
def meant_forms(draw: st.DrawFn, form_id: str) -> Meant:
    """A form with values that keep all its rules."""
    form = config().forms[form_id]
    header = draw(_headers(form))
    values: dict[Key, Any] = {}
    for table in form.tables:
        rows: list[tuple[str, FormRow | None]] = [(row.row_id, row) for row in table.rows]
        least = 0 if table.is_optional or table is not form.tables[0] else 1
        rows = rows or [(str(i + 1), None) for i in range(draw(st.integers(least, 4)))]
        for row_id, row in rows:
            for column in table.columns:
                spot = spot_of(table, column, row, "", header.get("unit_id", ""))
                is_name = table.kind == "list" and column is table.columns[0] and column.value == "text"
                value = NAMES if is_name else any_value(spot)
                values[table.table_id, row_id, column.column_id] = draw(value)
    meant = Meant(form, header, values)
    draw(_kept_rules(meant))
    return meant


@st.composite
def _headers(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    header: dict[str, Any] = {}
    for f in form.header:
        choices = config().choices(f.choices) if f.choices else {}
        spot = Spot(f.value, choices=choices, units=unit_names(), is_required=f.is_required)
        names = st.sampled_from(("李二", "欧阳晓 明", "Li Er", "王（代）"))
        value = names if f.value == "text" else st.just(2018) if f.field_id == "year" else any_value(spot)
        header[f.field_id] = draw(value if f.is_required else value | st.none())
    if "n_issued" in header:
        header |= zip(
            ("n_valid", "n_returned", "n_issued"),
            sorted(draw(st.tuples(*[st.integers(0, 60)] * 3))),
            strict=True,
        )
    return {name: Decimal(value) if isinstance(value, int) else value for name, value in header.items()}


@st.composite
def _kept_rules(draw: st.DrawFn, meant: Meant) -> None:
    values, form_id = meant.values, meant.form.form_id
    if form_id == "statistics":
        for row in (row for row in meant.rows(meant.form.tables[0]) if row != "total"):
            at = {
                column.column_id: ("problems", row, column.column_id)
                for column in meant.form.tables[0].columns
            }
            persons = int(values[at["n_persons"]])
            for name in ("n_party_discipline", "n_government_discipline"):
                values[at[name]] = Decimal(draw(st.integers(0, min(persons, 40))))
            n = draw(st.tuples(*[st.integers(0, 15)] * 3))
            values |= {
                at["n_rectified"]: Decimal(n[0]),
                at["n_rectifying"]: Decimal(n[1]),
                at["n_problems"]: Decimal(sum(n)),
            }
        letters = draw(st.tuples(st.integers(0, 40), st.integers(0, 20)))
        values["workload", "n_letters_signed", "amount"] = Decimal(letters[0])
        values["workload", "n_letters_due", "amount"] = Decimal(sum(letters))
    if form_id == "tally":
        for row in meant.rows(meant.form.tables[0]):
            _share_out(draw, meant, row)
    if form_id in ("findings", "site_visit"):
        _settle_lists(meant)
    add_up(meant)


def _share_out(draw: st.DrawFn, meant: Meant, row: str) -> None:
    """The valid ballots among the options."""
    options = [column.column_id for column in meant.form.tables[0].columns]
    left = int(meant.header["n_valid"])
    for option in options[:-1]:
        n = draw(st.integers(0, left))
        meant.values["votes", row, option] = Decimal(n)
        left -= n
    meant.values["votes", row, options[-1]] = Decimal(left)


def _settle_lists(meant: Meant) -> None:
    """性质 says what a row of the findings form is: wording is judged elsewhere."""
    for (table_id, row, column), _ in list(meant.values.items()):
        if column == "kind":
            meant.values[table_id, row, column] = "finding" if table_id == "findings" else "highlight"


def add_up(meant: Meant) -> None:
    """Every total is the sum of its rows."""
    for table in meant.form.tables:
        total = next((row for row in table.rows if row.role == "total"), None)
        for column in table.columns if total else ():
            if column.value != "text" and total:
                parts = [
                    meant.values.get((table.table_id, row.row_id, column.column_id))
                    for row in table.rows
                    if row.role == "data"
                ]
                meant.values[table.table_id, total.row_id, column.column_id] = sum(
                    (p for p in parts if p is not None), Decimal(0)
                )


def is_all_zero(meant: Meant) -> bool:
    """Whether nothing at all is reported in 附件2's first table."""
    found = [v for (table, row, _), v in meant.values.items() if table == "problems" and row != "total"]
    return bool(found) and not any(found)


def break_rule(meant: Meant, code: str, row: str, column: str) -> None:
    """Break one rule at one row (or total of a column), so that exactly ``code`` must be told; nothing where it has no such rule."""
    values, at = meant.values, ("problems", row, column)
    if code not in ("sum_mismatch", "rounding_difference") and any(
        key[1] == "total" for key in meant.planted
    ):
        return  # a total is wrong already, and would be put right
    if (
        code == "above_maximum"
        and (form_row := _row(meant, row))
        and form_row.maximum
        and form_row.role == "data"
    ):
        key = (meant.form.tables[0].table_id, row, "points")
        values[key] = Decimal(str(form_row.maximum)) + 1
        meant.taken |= {(key[0], row)}
        add_up(meant)
    elif code == "letters_above_due" and meant.form.form_id == "statistics":
        key = ("workload", "n_letters_signed", "amount")
        values[key] = values["workload", "n_letters_due", "amount"] + 1
        _plant(meant, key, code, ("workload", "n_letters_due"))
    elif code == "tally_not_conserved" and meant.form.form_id == "tally":
        values["votes", row, meant.form.tables[0].columns[0].column_id] += 1
        _plant(meant, ("votes", row, ""), code, ("votes", row))
    elif (
        code in ("discipline_above_treatment", "rectified_above_problems") and at in values and row != "total"
    ):
        name, limit = ("n_party_discipline", "n_persons") if code[0] == "d" else ("n_rectified", "n_problems")
        other = "n_government_discipline" if code[0] == "d" else "n_rectifying"
        values["problems", row, name] = values["problems", row, limit] + values["problems", row, other] + 1
        _plant(meant, ("problems", row, name), code, ("problems", row))
        add_up(meant)
    elif code in ("sum_mismatch", "rounding_difference"):
        _break_sum(meant, code, column)


def _break_sum(meant: Meant, code: str, column: str) -> None:
    table = meant.form.tables[0]
    key = (table.table_id, "total", column)
    column_of = next((c for c in table.columns if c.column_id == column), None)
    if key not in meant.values or column_of is None or column_of.value == "text" or key in meant.planted:
        return
    if code == "rounding_difference":
        parts = [
            v for (t, r, c), v in meant.values.items() if (t, c) == (table.table_id, column) and r != "total"
        ]
        digits = max((-int(v.normalize().as_tuple().exponent) for v in parts if v), default=0)
        if column_of.unit_of_measure != "万元" or digits < 1:
            return
        meant.values[key] += Decimal(1).scaleb(-digits)
    else:
        meant.values[key] += 7 if column_of.unit_of_measure != "万元" else 25
        if table.rows[-1].maximum and meant.values[key] > Decimal(str(table.rows[-1].maximum)):
            meant.values[key] -= 14
    _plant(meant, key, code, (table.table_id, column))


def _plant(meant: Meant, key: Key, code: str, *taken: tuple[str, str]) -> None:
    meant.planted[key] = code
    meant.taken |= {(key[0], key[1]), *taken}


def _row(meant: Meant, row_id: str) -> FormRow | None:
    return next((row for row in meant.form.tables[0].rows if row.row_id == row_id), None)
