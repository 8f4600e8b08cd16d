"""What all pages share: the cycle they open, the frames they may see, and the checks of their parameters."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lianzheng.config import CycleConfig, find_project, load_config
from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.blocks import Column, DocumentFacts, Table, TableCell
from lianzheng.tables import Tables, labels

EDITIONS = ("internal",)
FORM_LABELS = {"standard": "自评表（附件1）", "statistics": "自查统计表（附件2）", "questionnaire": "测评表（附件3）"}
SEVERITY_TONES = {"return_file": "bad", "return_item": "bad", "verify": "warn", "note": "muted"}


def open_cycle(cycle: int, data_dir: str = "") -> tuple[CycleConfig, Tables]:
    """The configuration and the processed tables of a cycle.

    ``data_dir`` is the folder that holds processed/<cycle>, its parent the project; without it the project is
    the nearest parent of the working folder with config/. Raises ParameterError for a cycle without config.
    """
    project = Path(data_dir).resolve().parent if data_dir else find_project(Path.cwd())
    known = sorted(int(folder.name) for folder in (project / "config").glob("[0-9]*") if folder.is_dir())
    if cycle not in known or isinstance(cycle, bool):
        raise ParameterError(f"没有 {cycle!r} 年度的配置", f"cycle 可取 {'、'.join(map(str, known)) or '（无）'}")
    data = Path(data_dir).resolve() if data_dir else project / "data"
    return load_config(cycle, project), Tables(data / "processed" / str(cycle))


class Page:
    """Base of the page classes; a method answers for one notebook cell and returns ``Blocks``.

    Raises ParameterError, saying what is allowed, for an unknown cycle or edition.
    """

    name = ""

    def __init__(self, cycle: int, *, data_dir: str = "", edition: str = "internal") -> None:
        if edition not in EDITIONS:
            raise ParameterError(f"没有 {edition!r} 版", f"目前 edition 只能取 {'、'.join(EDITIONS)}")
        self.config, self.tables = open_cycle(cycle, data_dir)
        self.cycle, self.edition = cycle, edition

    @property
    def n_charts(self) -> int:
        """How many charts the finished page must show; tests and the publication check it."""
        raise NotImplementedError

    @property
    def document(self) -> DocumentFacts:
        """What the publication says of itself."""
        cycle = self.config.cycle
        return DocumentFacts(self.name, self.cycle, cycle.report_date, self.edition, cycle.classification)

    @functools.cached_property
    def units(self) -> pd.DataFrame:
        """The roster in its order, by unit_id."""
        return self.frame("units").sort_values("order").set_index("unit_id")

    def frame(self, name: str) -> pd.DataFrame:
        """What a page may see of a processed table."""
        return self.tables.public(name)

    def unit_names(self, unit_ids: Iterable[str], column: str = "name") -> list[str]:
        """Names of units, each once, in roster order; ``column`` is name or short_name."""
        wanted = set(unit_ids)
        return [str(name) for unit_id, name in self.units[column].items() if unit_id in wanted]

    @functools.cached_property
    def block_labels(self) -> dict[str, str]:
        """The blocks of the standard that make up its 100 points, with labels free of their points."""
        return {
            block.block_id: block.label.split("（")[0]
            for block in self.config.standard.blocks
            if block.kind == "points"
        }

    @functools.cached_property
    def files(self) -> pd.Series:
        """Path of each received file by file_id."""
        return self.frame("files").set_index("file_id")["path"]


def label(closed_list: str, value: object) -> str:
    """The Chinese label of a stored state."""
    return labels(closed_list)[str(value)]


def place(row: pd.Series, files: pd.Series) -> str:
    """Where a value stands: file name, sheet and cell, as far as known."""
    path = files.get(row["file_id"]) if pd.notna(row["file_id"]) else None
    parts = [str(path).rsplit("/", 1)[-1] if path else "", row["sheet"], row["cell"]]
    return " · ".join(str(part) for part in parts if pd.notna(part) and part) or words.DASH


def issue_table(issues: pd.DataFrame, files: pd.Series, title: str, units: pd.Series | None = None) -> Table:
    """Data issues, the gravest first: severity, (unit,) place, what is wrong, what to do."""
    order = {severity: number for number, severity in enumerate(labels("severity"))}
    ordered = issues.assign(order=issues["severity"].map(order)).sort_values(["order", "unit_id", "sheet", "cell"])
    rows = []
    for _, row in ordered.iterrows():
        severity = TableCell(label("severity", row["severity"]), tone=SEVERITY_TONES[row["severity"]])
        whose = () if units is None else (units.get(row["unit_id"], words.DASH),)
        rows.append((severity, *whose, place(row, files), row["message"], row["remedy"]))
    owner = () if units is None else (Column("单位", width=14),)
    columns = (Column("级别", width=10), *owner, Column("位置", width=24), Column("问题", width=34), Column("处理", width=26))
    return Table(title, columns, tuple(rows))
