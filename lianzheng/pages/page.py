"""What all pages share: the cycle they open, the frames they may see, the checks of their parameters."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd

from lianzheng.config import CycleConfig, find_project, list_cycles, load_config
from lianzheng.config.findings import FindingTaxonomy
from lianzheng.config.forms import Statistics
from lianzheng.config.models import Questionnaire
from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, DocumentFacts, Paragraph, Table, Title
from lianzheng.pages.citations import uncited
from lianzheng.pages.wording import say, table, wording
from lianzheng.tables import Tables, labels, read_of

Part = TypeVar("Part")
BREAK = "|"
OTHERS = "检查组与办公室"
EVERYBODY = "question_id == 'all' and rater_group == 'all'"


def open_cycle(cycle: int, data_dir: str = "") -> tuple[CycleConfig, Tables]:
    """The configuration and the processed tables of a cycle.

    ``data_dir`` is the folder that holds processed/<cycle>, its parent the project; without it the project is
    the nearest parent of the working folder with config/. Raises ParameterError for a cycle without config.
    """
    project = Path(data_dir).resolve().parent if data_dir else find_project()
    known = list_cycles(project)
    if cycle not in known:
        allowed = f"cycle 可取 {'、'.join(map(str, known)) or '（无）'}"
        raise ParameterError(f"没有 {cycle!r} 年度的配置", allowed)
    data = Path(data_dir).resolve() if data_dir else project / "data"
    return load_config(cycle, project), Tables(data / "processed" / str(cycle))


class Page:
    """Base of the page classes; a method answers for one notebook cell and returns ``Blocks``.

    Raises ParameterError, saying what is allowed, for an unknown cycle or edition.
    """

    name = ""
    editions: tuple[str, ...] = ("internal",)
    density: Literal["report", "sheet", "official"] = "report"

    def __init_subclass__(cls) -> None:
        for name, method in list(vars(cls).items()):
            if getattr(method, "__annotations__", {}).get("return") == "Blocks":
                setattr(cls, name, _telling_reads(method))

    def __init__(self, cycle: int, *, data_dir: str = "", edition: str = "internal") -> None:
        self.reads: set[str] = set()
        if edition not in self.editions:
            raise ParameterError(f"没有 {edition!r} 版", f"这一页的 edition 可取 {'、'.join(self.editions)}")
        self.config, self.tables = open_cycle(cycle, data_dir)
        self.cycle, self.edition = cycle, edition

    @property
    def n_charts(self) -> int:
        """How many charts the finished page must show; tests and the publication check it."""
        raise NotImplementedError

    def title(self, *facts: str, subtitle: str | None = None, text: str = "", **filled: str) -> Title:
        """The page's title block with what the publication says of itself; ``|`` in ``text`` begins a new line."""
        cycle = self.config.cycle
        text = text or say(self.name, "titles", cycle=self.cycle, **filled)
        below = say("subtitle", "titles", bureau=cycle.bureau) if subtitle is None else subtitle
        number = cycle.document_number if self.name == "bulletin" else ""
        text, *rest = text.split(BREAK)
        breaks = [len(uncited("".join((text, *rest[:n])))) for n in range(len(rest))]
        about = (self.cycle, cycle.report_date, self.edition, cycle.classification, number)
        document = DocumentFacts(self.name, *about, self.density)
        return Title("".join((text, *rest)), below, facts, document, tuple(breaks))

    @property
    def taxonomy(self) -> FindingTaxonomy:
        """Subjects, defects, classes and topics of findings.yml."""
        return configured(self.config.findings, "findings.yml")

    @property
    def questionnaire_form(self) -> Questionnaire:
        """附件3 as configured."""
        return configured(self.config.questionnaire, "questionnaire.yml")

    @property
    def statistics_form(self) -> Statistics:
        """附件2 as configured."""
        return configured(self.config.statistics, "statistics.yml")

    @property
    def threshold(self) -> int:
        """Raters below which nothing is shown."""
        return self.config.cycle.suppression_threshold

    def frame(self, name: str) -> pd.DataFrame:
        """What a page may see of a processed table; it is made anew where any row of it is another."""
        self.reads.add(name)
        return self.tables.public(name)

    def rows(self, name: str, column: str, *values: str) -> pd.DataFrame:
        """As :meth:`frame`, but only the rows that have one of these values; no other row matters to the page."""
        self.reads |= {read_of(name, column, value) for value in values}
        frame = self.tables.public(name)
        return frame[frame[column].isin(values)]

    @functools.cached_property
    def units(self) -> pd.DataFrame:
        """The roster in its order, by unit_id."""
        return self.frame("units").sort_values("order").set_index("unit_id").drop(columns="cycle")

    @functools.cached_property
    def everybody(self) -> pd.DataFrame:
        """The questionnaire's results of all raters and questions together, by unit_id."""
        results = self.frame("questionnaire_by_unit_question").query(EVERYBODY)
        return results.set_index("unit_id", drop=False)

    def unit_names(self, unit_ids: Iterable[str], column: str = "name") -> list[str]:
        """Names of units, each once, in roster order; ``column`` is name or short_name."""
        return self.units.loc[self.units.index.isin(list(unit_ids)), column].to_list()

    def names(self, closed_list: str) -> dict[str, str]:
        """Labels by id of a closed list of findings.yml: subjects, defects, topics, evidence_classes."""
        return {named.id: named.label for named in getattr(self.taxonomy, closed_list)}

    @functools.cached_property
    def block_names(self) -> dict[str, str]:
        """The blocks of the standard that make up its 100 points, without the points in their labels."""
        blocks = (block for block in self.config.standard.blocks if block.kind == "points")
        return {block.block_id: block.label.split("（")[0].split("、")[-1] for block in blocks}

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with words for their ids (``unit`` for unit_id …), and ``place`` where they have a source.

        What belongs to no unit came from a team or the office.
        """
        added: dict[str, list[str]] = {
            column.removesuffix("_id"): [
                known.get(id_, words.text(id_, OTHERS if column == "unit_id" else "")) for id_ in rows[column]
            ]
            for column, known in self._words_by_id.items()
            if column in rows
        }
        if {"file_id", "sheet", "cell"} <= set(rows):
            where = zip(rows["file_id"], rows["sheet"], rows["cell"], strict=True)
            added["place"] = [self._place(*at) for at in where]
        return rows.assign(**{name: pd.Series(told, rows.index, "str") for name, told in added.items()})

    @functools.cached_property
    def _words_by_id(self) -> dict[str, dict[Any, str]]:
        """By column of ids; a list of findings.yml may be missing in a cycle that needs none."""
        known = {"unit_id": self.units["short_name"].to_dict(), "form_id": wording()["forms"]}
        known |= {"category_id": self.statistics_form.categories, "measure_id": self.statistics_form.measures}
        known |= {f"{one}_id": self.names(f"{one}s") for one in ("subject", "defect", "topic")}
        return known | {"team_id": {team.team_id: team.name for team in self.config.teams}}

    @functools.cached_property
    def _paths(self) -> dict[str, str]:
        files = self.tables.public("files")  # no read: a file_id stands for its path
        return dict(zip(files["file_id"], files["path"], strict=True))

    def path_of(self, file_id: str) -> str:
        """The path of a file, empty for none."""
        return self._paths.get(file_id, "") if file_id else ""

    def _place(self, file_id: object, sheet: object, cell: object) -> str:
        """File name, sheet and cell, as far as known."""
        name = self.path_of(words.text(file_id)).rsplit("/", 1)[-1]
        return " · ".join(filter(None, (name, words.text(sheet), words.text(cell)))) or words.DASH

    def issue_table(self, issues: pd.DataFrame, name: str) -> Table | Paragraph:
        """Data issues, the gravest first: severity, unit, place, what is wrong, what to do."""
        order = issues["severity"].map({severity: n for n, severity in enumerate(labels("severity"))})
        told = self.told(issues).assign(order=order)
        return table(name, told.sort_values(["order", "unit_id", "file_id", "sheet", "cell"]))


def _telling_reads(method: Callable[..., Blocks]) -> Callable[..., Blocks]:
    """The method, whose blocks tell what the page has read so far."""

    @functools.wraps(method)
    def telling(page: Page, *arguments: Any, **options: Any) -> Blocks:
        blocks = method(page, *arguments, **options)
        blocks.reads = page.reads
        return blocks

    return telling


def configured(part: Part | None, file: str) -> Part:
    """A part of the configuration that a page cannot do without; raises ParameterError where it is missing."""
    if part is None:
        raise ParameterError(f"这一年度的配置没有 {file}，不能出这一页", "请补上该文件，或换一个年度")
    return part
