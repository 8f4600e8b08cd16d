"""From a stored figure to the rows and cells that it rests on: pure, over the processed tables and the configuration."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lianzheng.config import CycleConfig
from lianzheng.errors import ParameterError, TableError
from lianzheng.scoring.rounding import round_half_up, written
from lianzheng.tables import NOBODY, ColumnSchema, Tables, TableSchema, as_tables, labels, read_of, schemas
from lianzheng.trace.basis import Basis, Ref, Row, refs_to
from lianzheng.trace.cells import Cells
from lianzheng.trace.names import Names
from lianzheng.trace.registry import BASES, CONFIGURED
from lianzheng.trace.steps import HIDDEN, Place, Step

Frames = Tables | Mapping[str, pd.DataFrame]
DISCREET = frozenset({"interviews", "ballots", "answers_by_ballot_question"})
"""Tables of single persons' words and votes: their cells are counted, never shown."""
SAME_CELL = {("findings", "bulletin_class"): "subject_id"}
ROW = "*"
_TALLIES = "tallies_by_unit_question_option"
_POINTS = ("points", "score", "total", "median", "quartile", "low", "high", "change", "last_value")


@functools.cache
def names_of_columns() -> dict[str, Any]:
    """Chinese names of tables and columns, and the columns that stand for a row."""
    text = Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def key_of(schema: TableSchema, row: Row) -> str:
    """The key of a row in one piece."""
    return "|".join(str(row[name]) for name in schema.key)


class Chain:
    """The chains of one cycle's figures; each step is made once and shared.

    For the figures of ``unit_id`` other units' rows are read only where one of them is asked for. ``reads`` tells what
    was read beside the unit's own rows (:func:`lianzheng.tables.read_of`).
    """

    def __init__(self, config: CycleConfig, tables: Frames, unit_id: str = "") -> None:
        self.config, self.unit_id = config, unit_id
        self.tables = as_tables(tables)
        self.names, self._cells = Names(config), Cells(self.tables)
        self.reads: set[str] = set()
        self._steps: dict[Ref, Step] = {}
        self._rows: dict[tuple[str, str], dict[str, Row]] = {}
        self._found: dict[tuple[str, str], Row | None] = {}
        self._groups: dict[tuple[str, ...], dict[tuple[object, ...], list[Row]]] = {}

    def rows(self, table: str, unit_id: str = "") -> dict[str, Row]:
        """The rows of a table by key; with ``unit_id`` that unit's and nobody's."""
        self.reads |= set() if unit_id else {table}
        return self._known(table, unit_id)

    def _known(self, table: str, unit_id: str = "") -> dict[str, Row]:
        if (table, unit_id) not in self._rows:
            schema, whose = schemas()[table], (unit_id, NOBODY) if unit_id else ()
            records = self.tables.records(table, *whose)
            self._rows[table, unit_id] = {key_of(schema, row): row for row in records}
        return self._rows[table, unit_id]

    def found(self, table: str, key: str) -> Row | None:
        """A stored row, or None."""
        if (table, key) not in self._found:
            row = self._known(table, self.unit_id).get(key) or self._known(table).get(key)
            if not row or row.get("unit_id") != self.unit_id:
                self.reads.add(read_of(table, schemas()[table].key[0], key.partition("|")[0]))
            self._found[table, key] = row
        return self._found[table, key]

    def of(self, table: str, unit_id: str = "", **values: object) -> list[Row]:
        """The rows of a table (of a unit only, where one is named) that have these values."""
        scope = unit_id if unit_id == self.unit_id else ""
        if unit_id != self.unit_id:
            self.reads.add(read_of(table, "unit_id", unit_id) if unit_id else table)
        asked = {"unit_id": unit_id, **values} if unit_id else values
        if (table, scope, *asked) not in self._groups:
            groups = self._groups.setdefault((table, scope, *asked), {})
            for row in self._known(table, scope).values():
                groups.setdefault(tuple(row[name] for name in asked), []).append(row)
        return list(self._groups[table, scope, *asked].get(tuple(asked.values()), ()))

    def refs(self, table: str, column: str, unit_id: str = "", **values: object) -> tuple[Ref, ...]:
        """The addresses of a column in the rows of :meth:`of`."""
        return refs_to(table, self.of(table, unit_id, **values), column)

    def step(self, table: str, key: str, column: str) -> Step:
        """The chain of one value; ``*`` names the row as a whole. Raises ParameterError where there is none."""
        ref = Ref(table, key, column)
        if ref not in self._steps:
            self._steps[ref] = self._made(ref, self.row(table, key))
        return self._steps[ref]

    def row(self, table: str, key: str) -> Row:
        """A stored row; raises ParameterError where there is none or it is a pending case."""
        if table not in schemas():
            raise ParameterError(f"没有数据表 {table!r}", f"可取 {'、'.join(schemas())}")
        found = self.found(table, key)
        if found is None or (table == "cases" and found["state"] != "closed"):
            names = "|".join(schemas()[table].key)
            known = "、".join(list(self.rows(table))[:3]) if table != "cases" else ""
            remedy = f"主键写作 {names}" + (f"，如 {known}" if known else "；未结案件不能追溯")
            raise ParameterError(f"数据表 {table} 中没有 {key!r}", remedy)
        return found

    def whole(self, table: str, key: str) -> Step:
        """A row with the chains of the columns that say something."""
        row, schema = self.row(table, key), schemas()[table]
        silent = {"cycle", "file_id", "sheet", "cell", *schema.key}
        figures = names_of_columns()["figures"].get(table) or [n for n in schema.names if n not in silent]
        parts = [self.step(table, key, name) for name in figures if row[name] is not None]
        if len(parts) == 1:
            return parts[0]
        parts = parts or [self.step(table, key, ROW)]
        return Step(
            self.names.subject(row) or key, "", "", table, key, "", self._unit(row), parts=tuple(parts)
        )

    def _made(self, ref: Ref, row: Row) -> Step:
        schema = schemas()[ref.table]
        if ref.column not in {*schema.names, ROW}:
            raise ParameterError(
                f"数据表 {ref.table} 没有 {ref.column!r} 列", f"可取 {'、'.join(schema.names)}"
            )
        places = self._places(ref, row)
        basis = BASES[ref.table](self, row, ref.column) if ref.table in BASES and not places else Basis()
        if not places and not basis.refs and not basis.steps:
            places = self._row_place(row)
            basis = basis if places or basis.how else Basis(self._configured(ref.table))
        steps = tuple(self.step(*to) for to in dict.fromkeys(basis.refs)) + basis.steps
        how = "；".join(filter(None, (basis.how, *self._remarks(ref, row))))
        is_sum, known = basis.is_sum and row.get(ref.column) is not None, names_of_columns()
        kind, name = ("tables", ref.table) if ref.column == ROW else ("columns", ref.column)
        name = known[kind].get(name, name)
        value, unit = self._value(ref, row), self._unit(row)
        return Step(self.names.subject(row), name, value, *ref, unit, how, places, steps, is_sum)

    def _configured(self, table: str) -> str:
        """The file of the configuration that a row comes from; raises TableError for a table without a chain."""
        if table not in CONFIGURED:
            raise TableError(
                f"table {table} has no chain", "say what it rests on in lianzheng/trace/registry.py"
            )
        return f"config/{self.config.folder.name}/{CONFIGURED[table]}"

    def _unit(self, row: Row) -> str:
        return self.names.label("unit_id", str(row["unit_id"])) if row.get("unit_id") else ""

    def _value(self, ref: Ref, row: Row) -> str:
        columns = {column.name: column for column in schemas()[ref.table].columns}
        if ref.table in DISCREET or self.is_suppressed(ref.table, row):
            return HIDDEN
        if row.get("is_not_applicable") and row.get(ref.column, "") is None:
            return "不适用"
        if ref.column == ROW:
            told = names_of_columns()["rows"].get(ref.table, ())
            return "、".join(self.shown(columns[name], row[name]) for name in told if name in row)
        if (ref.table, ref.column) == ("score_lines", "change_points"):
            before, after = row["base_points"], row["base_points"] + row["change_points"]
            told = f"{round_half_up(before)}→{round_half_up(after)}" if before else f"{round_half_up(after)}"
            return told.replace("-", "−")
        return self.shown(columns[ref.column], row[ref.column])

    def shown(self, column: ColumnSchema, value: Any) -> str:
        """A value as a reader sees it: points with two decimals, states by their labels."""
        if column.is_private:
            return HIDDEN
        if value is None:
            return "（空）"
        if column.kind == "list":
            return labels(column.of)[value]
        if column.kind == "bool":
            return "是" if value else "否"
        if column.kind == "float":
            return (
                str(round_half_up(value)) if any(word in column.name for word in _POINTS) else written(value)
            )
        if column.kind in ("date", "datetime"):
            return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        return self.names.label(column.name, str(value))

    def _remarks(self, ref: Ref, row: Row) -> Iterable[str]:
        """What was done to a figure on its way: converted, corrected; and what lateness is measured by."""
        if ref[::2] in (("submissions", "is_late"), ("submissions", "is_paper_late")):
            yield f"截止{self.config.cycle.deadline}（cycle.yml deadline）"
        if ref.table == "statistics_by_unit_category_measure":
            yield row["conversion"] or ""
        for one in self._corrections.get(ref.table, {}).get(ref.key, ()):
            if ref.column in (one["column"], ROW):
                told = f"原填“{one['was']}”，更正为“{one['becomes']}”：{one['reason']}"
                told = HIDDEN if self.is_suppressed(ref.table, row) else told
                yield f"更正{one['correction_id']}，{told}（{one['who']}，{one['when']:%Y-%m-%d}，corrections.yml）"

    @functools.cached_property
    def _corrections(self) -> dict[str, dict[str, list[Row]]]:
        """The corrections by the table and key that they correct."""
        found: dict[str, dict[str, list[Row]]] = {}
        for row in self.rows("corrections").values() if self.config.corrections else ():
            found.setdefault(row["table"], {}).setdefault(row["key"] or "", []).append(row)
        return found

    @functools.cached_property
    def _receipts(self) -> list[str]:
        """The office's lists of receipts: what is known of a submission stands there, not in the file that was sent."""
        self.reads.add(read_of("files", "form_id", "receipts"))
        files = self._known("files", self.unit_id)
        return [id_ for id_, file in files.items() if file["form_id"] == "receipts"]

    def _place(self, file_id: str, sheet: str, cell: str, text: str, target: str) -> Place:
        file = self.row("files", file_id)
        shown = HIDDEN if target and self._is_private(target) else text
        return Place(file["path"], sheet, cell, shown, file["sha256"])

    def _is_private(self, target: str) -> bool:
        """Whether a cell's text is nobody's to read: words and votes of single persons, notes, pending cases."""
        table, key = target.split("/", 1)
        key, column = key.rsplit("/", 1)
        is_private = any(known.is_private for known in schemas()[table].columns if known.name == column)
        row = (self.found(table, key) or {}) if table in ("cases", _TALLIES) else {}
        is_pending = table == "cases" and row.get("state") != "closed"
        return table in DISCREET or is_private or is_pending or self.is_suppressed(table, row)

    def is_suppressed(self, table: str, row: Row) -> bool:
        """Whether these votes would tell those of a group that is too small, or complement it."""
        if table != _TALLIES or not row:
            return False
        results = self.of("questionnaire_by_unit_question", row["unit_id"], form_id=row["form_id"])
        return any(result["is_suppressed"] for result in results)

    def _places(self, ref: Ref, row: Row) -> tuple[Place, ...]:
        """The cells that fill a column (or, for ``*``, all public columns of the row)."""
        if ref.table == "files":
            return (Place(row["path"], "", "", "", row["sha256"]),)
        public = [column.name for column in schemas()[ref.table].columns if not column.is_private]
        names = public if ref.column == ROW else [SAME_CELL.get(ref[::2], ref.column)]
        targets = [f"{ref.table}/{ref.key}/{name}" for name in names]
        files = self._receipts if ref.table == "submissions" else filter(None, [row.get("file_id")])
        cells = (
            (cell, target) for id_ in files for target in targets for cell in self._cells.filling(target, id_)
        )
        return tuple(self._place(*cell, target) for cell, target in cells)

    def _row_place(self, row: Row) -> tuple[Place, ...]:
        """File, sheet and cell that a row names itself."""
        if row.get("file_id") is None:
            return ()
        sheet, cell = str(row.get("sheet") or ""), str(row.get("cell") or "")
        target, text = self._cells.target(row["file_id"], sheet, cell)
        return (self._place(row["file_id"], sheet, cell, text, target),)

    def beside(self, row: Row) -> tuple[Ref, ...]:
        """The row that the cell of an issue belongs to, if it can be shown."""
        target, _ = self._cells.target(row["file_id"], row["sheet"], row["cell"])
        table, _, key = target.rpartition("/")[0].partition("/")
        is_shown = target and not self._is_private(target) and self.found(table, key) is not None
        return (Ref(table, key, ROW),) if is_shown else ()

    def votes(self, unit_id: str, group: str, question_id: str = "") -> Step:
        """The answers to one question, or all that make a ballot valid, by a group (or ``all``); none is shown."""
        key = "|".join((unit_id, group, question_id))
        if ref := self._steps.get(Ref("ballots", key, ROW)):
            return ref
        cast = [row for row in self.of("ballots", unit_id) if group in (row["rater_group"], "all")]
        ballots = {row["ballot_id"] for row in cast}
        answers = [
            row for row in self.of("answers_by_ballot_question", unit_id)
            if row["ballot_id"] in ballots and question_id in ("", row["question_id"]) and row["cell"] is not None
        ]  # fmt: skip
        places = tuple(self._place(row["file_id"], row["sheet"], row["cell"], HIDDEN, "") for row in answers)
        name, unit = "作答" if question_id else "选票是否有效", self.names.label("unit_id", unit_id)
        step = Step("", name, f"{len(ballots)}张", "ballots", key, ROW, unit, "", places)
        return self._steps.setdefault(Ref("ballots", key, ROW), step)

    def tallied(self, votes: Sequence[Row]) -> Step:
        """The votes of a group on one question, all options in one step."""
        order = list(self.config.choices("scale"))
        votes = sorted(votes, key=lambda row: order.index(row["option_id"]))
        steps = [self.step(_TALLIES, key_of(schemas()[_TALLIES], row), "n_votes") for row in votes]
        told = "、".join(
            f"{self.names.label('option_id', row['option_id'])}{row['n_votes']}" for row in votes
        )
        value = HIDDEN if any(step.value == HIDDEN for step in steps) else told
        first, places = votes[0], tuple(place for step in steps for place in step.places)
        parts = tuple(dict.fromkeys(part for step in steps for part in step.parts))
        key = "|".join(first[name] for name in ("unit_id", "form_id", "rater_group", "question_id"))
        group = self.names.label("rater_group", first["rater_group"])
        return Step(
            group, "票数", value, _TALLIES, key, "n_votes", steps[0].unit, steps[0].how, places, parts
        )
