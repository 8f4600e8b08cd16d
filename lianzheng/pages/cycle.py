"""The analyst's bench: ``lianzheng.open_cycle(2018)`` gives tables, pages and answers of one cycle by name."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from lianzheng.compare.explore import rank_ranges, separating_items
from lianzheng.errors import ParameterError, UnknownNameError
from lianzheng.names import nearest
from lianzheng.pages.bench import Shown, bring_tables, prepare
from lianzheng.pages.blocks import Block, Blocks, Paragraph, Title
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.pages.chains import chain_rows
from lianzheng.pages.comparison import ComparisonPage
from lianzheng.pages.intake import IntakePage
from lianzheng.pages.page import Page
from lianzheng.pages.questionnaire import QuestionnairePage
from lianzheng.pages.rectification import RectificationPage
from lianzheng.pages.scorecard import ScorecardPage
from lianzheng.pages.statistics import StatisticsPage
from lianzheng.pages.telling import told
from lianzheng.pages.wording import say, table, tiles, wording
from lianzheng.scoring.rectification import days_over
from lianzheng.tables import labels, read_manifest, schemas
from lianzheng.trace import FileList, trace_words
from lianzheng.trace.chain import names_of_columns
from lianzheng.trace.names import Names


class Cycle:
    """One year's inspection: every processed table as an attribute (what is there completes), pages, answers.

    A table comes as pages see it, without private columns and pending cases, and without ``cycle``, which is the same
    in all its rows; each time as a frame of its own.
    ``data_dir`` as for the pages. Raises ParameterError for a cycle without configuration, UnknownNameError (with
    the nearest names, or with what to run) for a table that does not exist or is not made yet.
    """

    def __init__(self, cycle: int, *, data_dir: str = "") -> None:
        prepare()
        self._page = Page(cycle, data_dir=data_dir)
        self._where: dict[str, Any] = {"cycle": cycle, "data_dir": data_dir}
        bring_tables()

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._entries:
            return self._page.frame(name).drop(columns="cycle")
        if name in schemas():
            raise UnknownNameError(say("no_table", "cycle", name=name), say("run", "cycle", **self._where))
        raise UnknownNameError(
            say("no_name", "cycle", name=name), _look(name, [*schemas(), *_methods()], "look_tables")
        )

    def __dir__(self) -> list[str]:
        return [*self._entries, *_methods()]

    def __repr__(self) -> str:
        return f"<lianzheng {self._where['cycle']}: {len(self._entries)} tables>"

    def _repr_html_(self) -> str:
        return str(self.overview()._repr_mimebundle_()[0]["text/html"])

    @property
    def _entries(self) -> dict[str, Any]:
        """The tables that are there, by name, as the manifest has them now."""
        return dict(read_manifest(self._page.tables.folder).get("tables", {}))

    @functools.cached_property
    def _names(self) -> Names:
        return Names(self._page.config)

    @property
    def report_date(self) -> pd.Timestamp:
        """The day of the report, by which 逾期 is counted."""
        return pd.Timestamp(self._page.config.cycle.report_date)

    @property
    def tables(self) -> pd.DataFrame:
        """A row per processed table that is there: name, Chinese name, what a row is, rows, key, columns."""
        known = names_of_columns()["tables"]
        return pd.DataFrame(
            [
                {"table": name, "name": known.get(name, name), "row": schemas()[name].row, "n_rows": entry["n_rows"],
                 "key": "、".join(schemas()[name].key), "columns": "、".join(schemas()[name].names[1:])}
                for name, entry in self._entries.items()
            ]
        )  # fmt: skip

    def about(self, name: str) -> pd.DataFrame:
        """A row per column of a table: column, Chinese name, what it means, which values it may take.

        Raises UnknownNameError with the nearest names.
        """
        if name not in schemas():
            raise UnknownNameError(say("no_name", "cycle", name=name), _look(name, schemas(), "look_tables"))
        known = names_of_columns()["columns"]
        return pd.DataFrame(
            [
                {"column": column.name, "name": known.get(column.name, ""), "meaning": column.description,
                 "allowed": "、".join(map(" ".join, labels(column.of).items())) if column.kind == "list" else column.kind}
                for column in schemas()[name].columns if not column.is_private
            ]
        )  # fmt: skip

    def unit_id(self, name: str) -> str:
        """The id of a unit by id, full name, short name or alias; raises ParameterError with the nearest names."""
        config = self._page.config
        by_name = {unit.unit_id: unit.unit_id for unit in config.units}
        by_name |= {
            text: unit.unit_id
            for unit in config.units
            for text in (unit.name, unit.short_name, *unit.aliases)
        }
        found = config.unit_index.find(name) or by_name.get(str(name).strip().upper())
        if found:
            return found
        alike = dict.fromkeys(by_name[text] for text in nearest(str(name), by_name))
        near = [f"{unit_id} {config.unit(unit_id).short_name}" for unit_id in alike]
        rest = say("look_units", "cycle", first=config.units[0].unit_id, last=config.units[-1].unit_id)
        look = [say("look", "cycle", names="、".join(near))] * bool(near)
        raise ParameterError(say("no_unit", "cycle", name=name), "；".join([*look, rest]))

    def unit(self, name: str) -> pd.Series:
        """The unit's line of the roster, by id or any of its names."""
        unit_id = self.unit_id(name)
        return self._page.units.loc[unit_id]

    def told(self, frame: pd.DataFrame | pd.Series) -> pd.DataFrame:
        """Any frame in words: names beside the ids of units and items, labels for codes, Chinese headings."""
        return told(frame, self._names, self._page._paths)

    def show(self, frame: pd.DataFrame | pd.Series) -> Shown:
        """Any frame in words, as a table with search and sorting; without itables as pandas shows it."""
        return Shown(self.told(frame))

    def trace(self, *words: str) -> Blocks:
        """Where a number comes from, down to files and cells: ``trace("U007", "total")``, or table, key, column.

        The unit by id or name; the figure as ``lianzheng trace`` takes it. Raises ParameterError with what is allowed.
        """
        first, *rest = words
        asked = words if first in schemas() else (self.unit_id(first), *rest)
        step, files = trace_words(self._page.config, self._page.tables, asked), FileList()
        rows = pd.DataFrame(chain_rows(step, files))
        subject = " ".join(filter(None, (step.unit, step.subject, step.name)))
        listed = "；".join(f"[{number}] {path}（sha256 {sha256}）" for number, path, sha256 in files.listed())
        return Blocks(table("cycle_chain", rows, subject=subject, files=listed or "无"))

    def overview(self) -> Blocks:
        """What the cycle holds, how far it has come, and what to type next."""
        cycle, entries = self._page.config.cycle, self._entries
        title = Title(say("cycle", "titles", **self._where), cycle.bureau)
        if not {"units", "files", "issues", "rectifications"} <= entries.keys():
            return Blocks(title, Paragraph(say("empty", "cycle", **self._where), "lead"))
        return Blocks(title, *self._state(entries), self._next())

    def _state(self, entries: dict[str, Any]) -> list[Block]:
        is_scored = "results_by_unit" in entries
        scored = say("is_scored" if is_scored else "not_scored", "cycle", **self._where)
        told = say("state", "cycle", scored=scored, day=self._page.config.cycle.report_date)
        facts = {
            "n_units": len(self.units), "n_visited": self.units["is_visited"].sum(), "n_files": len(self.files),
            "n_issues": len(self.issues), "n_lines": len(self.rectifications),
            "n_open": self.rectifications["state"].ne("closed").sum(),
            "n_scored": self.results_by_unit["total"].notna().sum() if is_scored else None,
        }  # fmt: skip
        return [Paragraph(told, "lead"), tiles("cycle", facts)]

    def _next(self) -> Block:
        """What to type next, with a unit of this bureau as the example."""
        unit = self.units.sort_values(["is_visited", "order"], ascending=[False, True]).iloc[0]
        filled = {"{name}": unit["short_name"], "{unit_id}": unit["unit_id"]}
        rows = []
        for typed, got in wording()["cycle"]["next"]:
            for place, value in filled.items():
                typed = typed.replace(place, value)
            rows.append([typed, got])
        return table("cycle_next", rows)

    def overdue_days(self, rectifications: pd.DataFrame) -> pd.Series:
        """Whole days from due_date to the report, null where a line is closed or not yet due (逾期)."""
        return days_over(rectifications, self._page.config.cycle.report_date)

    def separating_items(self) -> pd.DataFrame:
        """Which items separate good units from bad: :func:`lianzheng.compare.explore.separating_items`."""
        return separating_items(self._page.tables, list(self._page.block_names))

    def rank_ranges(self) -> pd.DataFrame:
        """How sure each rank is: :func:`lianzheng.compare.explore.rank_ranges`."""
        weights = self._page.config.cycle.weights
        return rank_ranges(
            self._page.tables, list(self._page.block_names), weights.inspection, weights.perception
        )

    def scorecard(self, unit: str) -> ScorecardPage:
        """单位评分单 of a unit, by id or name."""
        return ScorecardPage(unit_id=self.unit_id(unit), **self._where)

    def intake(self) -> IntakePage:
        """材料报送情况."""
        return IntakePage(**self._where)

    def comparison(self) -> ComparisonPage:
        """横向比较."""
        return ComparisonPage(**self._where)

    def questionnaire(self) -> QuestionnairePage:
        """测评结果."""
        return QuestionnairePage(**self._where)

    def statistics(self) -> StatisticsPage:
        """自查统计汇总."""
        return StatisticsPage(**self._where)

    def rectification(self) -> RectificationPage:
        """问题整改台账."""
        return RectificationPage(**self._where)

    def bulletin(self) -> BulletinPage:
        """检查通报."""
        return BulletinPage(**self._where)


def _methods() -> list[str]:
    return [name for name in vars(Cycle) if not name.startswith("_")]


def _look(name: str, known: Any, otherwise: str) -> str:
    """The remedy for a wrong name: the nearest right ones, and where all of them are."""
    near = nearest(name, known)
    look = [say("look", "cycle", names="、".join(near))] * bool(near)
    return "；".join([*look, say(otherwise, "cycle")])
