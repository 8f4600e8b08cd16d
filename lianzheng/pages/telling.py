"""Any frame in words: names beside ids, Chinese labels for codes, Chinese headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lianzheng.tables import labels, schemas
from lianzheng.trace.chain import names_of_columns
from lianzheng.trace.names import Names

_WHOLE = {"all": "全体", "rule": "规则"}
_TOTAL = {"total": "总分"}  # of a unit; elsewhere it is a row's 合计


def told(frame: pd.DataFrame | pd.Series, names: Names, places: Mapping[str, str]) -> pd.DataFrame:
    """The frame as people read it; a named index becomes columns, ``cycle`` and an index that only counts fall away.

    Units, items and members keep their id before the name; other codes are replaced by their label, file ids by
    ``places``. What is no id or code stays as it is, numbers as numbers. Headings that are codes (after unstack or
    pivot) are told too.
    """
    rows = _as_frame(frame)
    is_counted = rows.index.names == [None] and rows.index.dtype.kind == "i"
    rows = rows.reset_index(drop=is_counted).drop(columns="cycle", errors="ignore")
    columns = [str(name) for name in rows]
    made = {}
    for place, name in enumerate(rows):
        values = rows.iloc[:, place]
        if values.dtype == "str":
            values = _in_words(str(name), values, columns, names, places)
        made[_heading(name, rows.columns.names, columns, names)] = values
    return pd.DataFrame(made)


def _as_frame(frame: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """A column as a frame of one column, a row (a unit's line) as a frame of one row."""
    if isinstance(frame, pd.DataFrame):
        return frame
    is_row = frame.index.name is None and frame.index.dtype == "str"
    return frame.to_frame().T.infer_objects().rename_axis("unit_id") if is_row else frame.to_frame()


def _in_words(
    name: str, values: pd.Series, columns: Sequence[str], names: Names, places: Mapping[str, str]
) -> pd.Series:
    """The values of a column with what they stand for; of a column of lists, each of their parts."""
    parts = (
        values.dropna().str.split("|")
        if name.endswith("_ids")
        else values.dropna().map(lambda value: [value])
    )
    known = list(dict.fromkeys(part for of_row in parts for part in of_row))
    said = places if name == "file_id" else _words(name.removesuffix("s"), known, columns, names)
    told = parts.map(lambda of_row: "、".join(said.get(part, part) for part in of_row))
    return told.reindex(values.index).astype("str")


def _heading(name: Any, levels: Sequence[Any], columns: Sequence[str], names: Names) -> str:
    """A column's heading: the label of a code where the columns are codes, else the Chinese name of the column."""
    parts = name if isinstance(name, tuple) else (name,)
    known = names_of_columns()["columns"]
    found = [
        _words(str(level), [str(part)], columns, names).get(str(part)) or known.get(part, str(part))
        for part, level in zip(parts, levels, strict=True)
    ]
    return " ".join(filter(None, found))


def _words(column: str, values: Sequence[str], columns: Sequence[str], names: Names) -> dict[str, str]:
    """Code → label for what a column of that name holds; nothing for what has none, or could have two."""
    said = {value: names.label(column, value) or _WHOLE.get(value, value) for value in values}
    said |= _TOTAL if column == "measure_key" else {}
    said = {value: word for value, word in said.items() if word != value}
    return said or _listed(column, set(values), set(columns))


def _listed(column: str, values: set[str], columns: set[str]) -> dict[str, str]:
    """The closed list of a column of that name, by the table that has most of the frame's columns."""
    found: dict[int, list[dict[str, str]]] = {}
    for schema in schemas().values():
        for of in (c.of for c in schema.columns if c.name == column and c.kind == "list"):
            if values <= labels(of).keys():
                said = {value: labels(of)[value] for value in sorted(values)}
                found.setdefault(len(columns & set(schema.names)), []).append(said)
    likeliest = found[max(found)] if found else [{}]
    return likeliest[0] if all(said == likeliest[0] for said in likeliest) else {}
