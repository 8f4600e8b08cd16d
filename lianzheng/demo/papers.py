"""The files as handed in, before they are written: who writes what on which form, under which name and format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from lianzheng.config.forms import Form, FormColumn, FormTable
from lianzheng.config.models import Unit
from lianzheng.demo.bureau import Bureau, Matrix, Row, texts
from lianzheng.demo.mess import make_messy
from lianzheng.demo.xls import as_xls
from lianzheng.forms import Key, Layout, Placed, Sheet, as_csv, as_docx, as_xlsx, lay_out
from lianzheng.forms.layout import TABLE_ROLES, Scalar, labelled

Records = list[dict[str, Scalar]]
SCORES = "scores_by_unit_item_scorer"


@dataclass
class Paper:
    """A file to be: path without ending below data/raw/<cycle>, form and values, format, whose it is.

    ``edits`` change the layout after the mess; ``more`` are further sheets of the same workbook; a plain paper is a
    header line and rows, nothing around; ``cut`` bytes are left of a file that broke off.
    """

    stem: str
    form: Form
    unit_id: str = ""
    written_as: str = "xlsx"
    header: dict[str, Scalar] = field(default_factory=dict)
    matrix: Matrix = field(default_factory=dict)
    records: dict[str, Records] = field(default_factory=dict)
    sheet_name: str = ""
    is_messy: bool = False
    is_plain: bool = False
    edits: list[Callable[[Layout], Layout]] = field(default_factory=list)
    more: list[Paper] = field(default_factory=list)
    cut: int | None = None
    layout: Layout | None = None

    @property
    def path(self) -> str:
        """The path with the ending of its format."""
        return f"{self.stem}.{self.written_as.split()[0]}"

    def lay_out(self, rng: Random) -> Layout:
        """The values in their places, with mess and edits where wanted."""
        make = plain_layout if self.is_plain else lay_out
        layout = make(self.form, self.header, self.matrix, self.records, self.sheet_name)
        layout = make_messy(layout, self.form, rng) if self.is_messy else layout
        for edit in self.edits:
            layout = edit(layout)
        more = [sheet for paper in self.more for sheet in paper.lay_out(rng).sheets]
        return replace(layout, sheets=(*layout.sheets, *more))

    def data(self, rng: Random) -> bytes:
        """The bytes of the file; from then on places can be asked for."""
        self.layout = layout = self.lay_out(rng)
        kind, _, encoding = self.written_as.partition(" ")
        if kind == "csv":
            return as_csv(layout, encoding)
        return {"xlsx": as_xlsx, "docx": as_docx, "xls": as_xls}[kind](layout)[: self.cut]

    def place(self, key: Key) -> tuple[str, str]:
        """Sheet and cell that a reader names for what ``key`` says; in Word the sheet is 正文, a cell ``t1r3c2``."""
        assert self.layout, "the paper was not written yet"
        sheet, cell = self.layout.find(key)
        if self.written_as == "docx":
            return "正文", word_address(sheet, cell)
        return "csv" if self.written_as.startswith("csv") else sheet.name, cell.address


def word_address(sheet: Sheet, cell: Placed) -> str:
    """``t1r3c2`` for the third row of the first run of table rows, ``p4`` for the fourth row outside of tables."""
    if cell.role not in TABLE_ROLES:
        return f"p{len({c.row for c in sheet.cells if c.role not in TABLE_ROLES and c.row <= cell.row})}"
    rows = {c.row for c in sheet.cells if c.role in TABLE_ROLES and c.row <= cell.row}
    starts = sorted(row for row in rows if row - 1 not in rows)
    return f"t{len(starts)}r{cell.row - starts[-1] + 1}c{cell.column}"


def plain_layout(
    form: Form, header: object, matrix: object, records: Mapping[str, Records], name: str
) -> Layout:
    """The form's first table as a header in row 1 and rows below, nothing around it."""
    table = form.tables[0]
    lines: Records = [{column.column_id: column.label for column in table.columns}, *records[table.table_id]]
    ids = [column.column_id for column in table.columns]
    cells = [
        Placed(r + 1, c, line.get(id_), "value", keys=((table.table_id, str(r), id_),))
        for r, line in enumerate(lines) for c, id_ in enumerate(ids, start=1)
    ]  # fmt: skip
    return Layout(form.form_id, (Sheet(name or "Sheet1", tuple(cells)),))


def unit_papers(bureau: Bureau, is_clean: bool) -> list[Paper]:
    """附件1 and 附件2 of every unit, in a folder under one of the unit's names."""
    known, papers = texts()["formats"], []
    formats = [known[i % len(known)] for i in range(2 * len(bureau.config.units))]
    bureau.rng("formats").shuffle(formats)
    for unit in bureau.config.units:
        folder = unit.name if is_clean else bureau.rng("folder", unit.unit_id).choice(unit.names)
        for form_id, endings in texts()["unit_forms"].items():
            form, rng = bureau.config.forms[form_id], bureau.rng("paper", unit.unit_id, form_id)
            stem = f"units/{folder}/{form.number}{'' if is_clean else rng.choice(endings)}"
            paper = Paper(stem, form, unit.unit_id, formats.pop(), is_messy=not is_clean)
            paper.header = _unit_header(bureau, unit, rng, is_clean)
            paper.matrix |= bureau.matrices[form_id, unit.unit_id, "self" if form_id == "standard" else ""]
            papers.append(paper)
    return papers


def _unit_header(bureau: Bureau, unit: Unit, rng: Random, is_clean: bool) -> dict[str, Scalar]:
    filled_on = bureau.config.cycle.deadline - dt.timedelta(days=rng.randint(3, 12))
    name = rng.choice([*unit.names, f"{unit.name}（盖章）", "　".join(unit.short_name), unit.name])
    return {
        "year": bureau.config.cycle.cycle, "unit_id": unit.name if is_clean else name, "filled_by": unit.head,
        "reviewed_by": unit.head, "filled_on": filled_on if is_clean else rng.choice(texts()["dates"]).format(filled_on),
    }  # fmt: skip


def team_papers(bureau: Bureau, is_clean: bool) -> list[Paper]:
    """A score sheet per visited unit, and three lists per team."""
    config, papers = bureau.config, []
    for team in config.teams:
        rng = bureau.rng("team", team.team_id)
        visits = [visit for visit in config.visits if visit.team_id == team.team_id]
        name = team.name if is_clean else rng.choice([team.name, *team.aliases])
        for unit, visit in ((config.unit(visit.unit_id), visit) for visit in visits):
            stem = f"teams/{team.name}/{unit.short_name}评分表"
            paper = Paper(stem, config.forms["team_scores"], unit.unit_id)
            called = unit.name if is_clean else rng.choice(unit.names)
            paper.header = {"unit_id": called, "team_id": name, "visit_date": visit.visit_date}
            paper.matrix |= bureau.matrices["team_scores", unit.unit_id, team.team_id]
            _in_percent(bureau, paper, as_text=not is_clean and rng.random() < 0.5)
            given = bureau.rows(SCORES, unit.unit_id, scorer=team.team_id)
            members = [row for row in given if row["member_id"]]
            paper.records["member_scores"] = labelled(config, paper.form.table("member_scores"), members)
            papers.append(paper)
        for form_id, tables in texts()["team_forms"].items():
            form = config.forms[form_id]
            paper = Paper(f"teams/{team.name}/{form.title.removeprefix(config.cycle.bureau)}", form)
            paper.header = {"team_id": name, "filled_on": config.cycle.report_date - dt.timedelta(days=9)}
            for table_id, into in tables.items():
                rows = [row for visit in visits for row in bureau.rows(into, visit.unit_id)]
                paper.records[table_id] = labelled(bureau.config, form.table(table_id), rows)
            papers.append(paper)
    return papers


def _in_percent(bureau: Bureau, paper: Paper, as_text: bool) -> None:
    """Shares that a team verified, as numbers shown in percent or as text: 0.87 or 87%."""
    kinds = ("ratio_threshold", "proportional")
    items = {item.item_id for item in bureau.config.standard.items if item.rule.rule_type in kinds}
    seen_of = {key: seen for key, seen in paper.matrix.items() if key[2] == "observed_value"}
    keys = {key: seen for key, seen in seen_of.items() if key[1] in items and seen is not None}
    paper.matrix |= {key: f"{seen:.0%}" for key, seen in keys.items()} if as_text else {}

    def edit(cell: Placed) -> Placed:
        return replace(cell, number_format="0%") if cell.keys and cell.keys[0] in keys else cell

    paper.edits.append(lambda layout: layout.change(edit))


def questionnaire_papers(bureau: Bureau) -> list[Paper]:
    """Exports with one row per ballot, and workbooks of hand tallies with a sheet per group."""
    papers, formats = [], list(texts()["exports"])
    for unit in (bureau.config.unit(visit.unit_id) for visit in bureau.config.visits):
        ballots = bureau.rows("ballots", unit.unit_id)
        stem = f"questionnaires/{unit.short_name}测评"
        if ballots:
            formats.append(formats.pop(0))
            stem += f"_{len(ballots)}_{len(ballots)}"
            papers.append(Paper(stem, export_form(bureau), unit.unit_id, formats[-1], is_plain=True))
            papers[-1].records["ballots"] = _exported(bureau, ballots)
        else:
            groups = bureau.questionnaire.rater_groups
            sheets = [_tally(bureau, unit, group.id, group.label, f"{stem}汇总") for group in groups]
            papers.append(replace(sheets[0], more=sheets[1:]))
    return papers


def _tally(bureau: Bureau, unit: Unit, group: str, label: str, stem: str) -> Paper:
    counts = bureau.rows("ballot_counts", unit.unit_id, rater_group=group)[0]
    paper = Paper(stem, bureau.config.forms["tally"], unit.unit_id, sheet_name=label)
    paper.header = {**counts, "n_valid": counts["n_returned"], "unit_id": unit.name, "rater_group": label}
    paper.matrix |= bureau.matrices["tally", unit.unit_id, group]
    return paper


def export_form(bureau: Bureau) -> Form:
    """The columns of a 问卷星 export: six about the answering, then the numbered questions, some padded."""
    questions = enumerate(bureau.questionnaire.questions, start=1)
    numbered = [f"{i}、{question.label}{' ' * (i % 3 == 0)}" for i, question in questions]
    titles = [*texts()["export_columns"], *numbered]
    columns = tuple(FormColumn(column_id=title, label=title, value="text") for title in titles)
    table = FormTable(table_id="ballots", kind="list", columns=columns)
    return Form(form_id="export", title="", version="", sender="team", scope="unit", tables=(table,))


def _exported(bureau: Bureau, ballots: Iterable[Row]) -> Records:
    titles = [column.column_id for column in export_form(bureau).tables[0].columns]
    labels = {option.option_id: option.label for option in bureau.questionnaire.scale}
    labels |= {group.id: group.label for group in bureau.questionnaire.rater_groups}
    rows = []
    for number, ballot in enumerate(ballots, start=1):
        moment, seconds = ballot["submitted_at"], ballot["duration_seconds"]
        sent = f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}"
        meta = (number, sent, f"{seconds:g}秒", "微信", "N/A", f"10.0.0.{number}")
        answers = [labels.get(answer, answer) or None for answer in ballot["answers"].values()]
        rows.append(dict(zip(titles, (*meta, *answers), strict=True)))
    return rows


def office_papers(bureau: Bureau) -> list[Paper]:
    """The office's ledgers as CSV, under the ids that it writes itself."""
    papers = []
    for form_id, tables in texts()["office_forms"].items():
        paper = Paper(f"office/{form_id}", bureau.config.forms[form_id], "", "csv utf-8", is_plain=True)
        for table_id, into in tables.items():
            known = [row for row in bureau.tables.get(into, []) if row.get("source") != "inspection"]
            rows = [row for row in known if row.get("period", "last_return") == "last_return"]
            told = labelled(bureau.config, paper.form.table(table_id), rows, is_office=True)
            written = texts()["subjects_written"]
            paper.records[table_id] = [
                {c: v for c, v in row.items() if c != "subject_id" or row["text"] in written} for row in told
            ]
        papers.append(paper)
    return papers
