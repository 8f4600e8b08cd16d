"""What a blank workbook offers and accepts, cell by cell: drop-downs of closed lists, numbers in bounds, dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form, FormColumn, FormRow, HeaderField, ValueKind, value_kind
from lianzheng.forms.layout import Placed, Rule

Words = tuple[str, ...]
OPTIONS = "选项"
"""The hidden sheet with the lists that are too long to stand in a rule."""
DATE = Rule("", "date", "请填日期，格式如 2018-12-01", ("36526",))  # from 2000-01-01 on
_LONGEST_LIST = 255  # characters of a list that stands in the workbook as text
_SHOWN = 60  # characters of a list in its message


def is_short(words: Words) -> bool:
    """Whether a list may stand in a rule as text."""
    return len(",".join(words)) <= _LONGEST_LIST and not any(set(',"') & set(word) for word in words)


def offered_words(config: CycleConfig, column: FormColumn | HeaderField, unit_id: str = "") -> Words:
    """The words that a place takes from a closed list, as printed; none where anything may be written."""
    if column.value == "boolean":
        return ("是", "否")
    if column.value == "unit":
        return tuple(unit.name for unit in config.units)
    known = config.choices(column.choices, unit_id) if column.choices else {}
    return tuple(dict.fromkeys(label for label, _ in known.values()))


def list_rule(where: str, words: Words, name: str = "") -> Rule:
    """A drop-down, which takes nothing else."""
    shown = "、".join(words)
    told = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN].rpartition('、')[0]}等"
    return Rule(where, "list", f"请从下拉选项中选择：{told}", (), name, words)


def number_rule(kind: ValueKind, words: Words, maximum: float | None, is_share: bool = False) -> Rule | None:
    """What a number must be, or the words that may stand in its place; None for what is no number."""
    if kind not in ("count", "amount", "number", "points", "ratio", "observed"):
        return None
    highest = 1.0 if kind == "ratio" or is_share else maximum
    what = "整数" if kind == "count" else "数字"
    told = f"请填 0 至 {highest:g} 之间的{what}" if highest is not None else f"请填不小于 0 的{what}"
    told = "请填 0 至 100% 之间的比率" if highest == 1 and kind != "points" else told
    words = (*words, "有", "无") if kind == "observed" and not is_share else words
    told += "，不带单位" if kind in ("count", "amount", "number") else ""
    if not words:
        limits = ("0",) if highest is None else ("0", f"{highest:g}")
        return Rule("", "whole" if kind == "count" else "decimal", told, limits)
    tests = ["{cell}>=0"] + ([f"{{cell}}<={highest:g}"] if highest is not None else [])
    tests += ["{cell}=INT({cell})"] if kind == "count" else []
    written = ",".join(f'{{cell}}="{word}"' for word in words)
    test = f"IF(ISNUMBER({{cell}}),AND({','.join(tests)}),OR({written}))"
    return Rule("", "custom", f"{told}，也可填“{'”“'.join(words)}”", (test,))


def rules_of(
    config: CycleConfig, form: Form, cells: Sequence[Placed], offered: Mapping[str, Words]
) -> Iterator[Rule]:
    """The rules of a sheet's open cells, one for each run of cells in a column that ask for the same.

    ``offered`` narrows closed lists (``unit`` and ``members`` too) to the words that make sense here.
    """
    ordered = sorted((cell for cell in cells if cell.is_open and cell.keys), key=lambda c: (c.column, c.row))
    asked = [(cell, _rule_of(config, form, cell, offered)) for cell in ordered]
    numbered = [(rule, cell.column, cell.row - i, cell) for i, (cell, rule) in enumerate(asked)]
    for (rule, *_), run in groupby(numbered, key=lambda found: found[:3]):
        if rule is not None:
            places = [cell.address for *_, cell in run]
            where = places[0] if len(places) == 1 else f"{places[0]}:{places[-1]}"
            limits = tuple(limit.replace("{cell}", places[0]) for limit in rule.limits)
            yield replace(rule, where=where, limits=limits)


def _rule_of(config: CycleConfig, form: Form, cell: Placed, offered: Mapping[str, Words]) -> Rule | None:
    table_id, row_id, column_id = cell.keys[0]
    row: FormRow | None = None
    asked: FormColumn | HeaderField
    if table_id == "header":
        asked = next(field for field in form.header if field.field_id == row_id)
        kind = asked.value
    else:
        table = form.table(table_id)
        asked = next(column for column in table.columns if column.column_id == column_id)
        row = next((row for row in table.rows if row.row_id == row_id), None)
        kind = value_kind(asked, row)
    if kind == "date" or kind == "datetime":
        return DATE
    name = asked.choices or kind
    words = offered.get(name) or offered_words(config, asked)
    if words and (kind != "unit" or table_id != "header"):
        return list_rule("", words, name)
    maximum = row.maximum if row and kind == "points" else None
    return number_rule(kind, form.number_words, maximum, "%" in cell.number_format)
