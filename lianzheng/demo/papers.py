"""The files as handed in, before they are written: who writes what on which form, under which name and format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from lianzheng.config.forms import Form
from lianzheng.config.models import Unit
from lianzheng.demo.bureau import Bureau, Row
from lianzheng.demo.mess import make_messy
from lianzheng.demo.truth import Matrix, Truth
from lianzheng.demo.xls import as_xls
from lianzheng.forms import Key, Layout, Placed, Sheet, as_csv, as_docx, as_xlsx, lay_out
from lianzheng.forms.layout import Scalar

FORMATS = ("xlsx",) * 7 + ("csv utf-8", "csv utf-8-sig", "csv gb18030", "xls", "docx")
EXPORTS = ("xlsx", "xls", "xlsx", "csv utf-8-sig", "xlsx", "csv gb18030", "xls", "xlsx")
META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")
UNIT_FORMS = (("standard", "self", "自评分表"), ("statistics", "", "自查统计表"))
TEAM_FORMS = {
    "findings": {"findings": "findings", "highlights": "highlights"},
    "evidence": {"evidence": "evidence_by_unit_class"},
    "site_visit": {"visits": "site_visits", "ballot_counts": "ballot_counts", "talks": "interviews"},
}
OFFICE_FORMS = {"cases": "cases", "feedback": "rectifications", "last_year": "last_scores_by_unit_item",
                "last_statistics": "statistics_by_unit_category_measure"}  # fmt: skip
_DATES = (
    "{:%Y.%m.%d}",
    "{:%Y-%m-%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.month}月{0.day}日",
    "{:%Y/%m/%d}",
)
Records = list[dict[str, Scalar]]


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

    def data(self, rng: Random) -> bytes:
        """Lay the values out, make a mess of them where wanted, and write the file's bytes."""
        make = plain_layout if self.is_plain else lay_out
        layout = make(self.form, self.header, self.matrix, self.records, self.sheet_name)
        for edit in ([lambda made: make_messy(made, self.form, rng)] if self.is_messy else []) + self.edits:
            layout = edit(layout)
        others = [lay_out(p.form, p.header, p.matrix, p.records, p.sheet_name) for p in self.more]
        self.layout = layout = replace(
            layout, sheets=(*layout.sheets, *(sheet for other in others for sheet in other.sheets))
        )
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
    """``t1r3c2`` for the third row of the first run of table rows."""
    rows = sorted(
        {c.row for c in sheet.cells if c.role in ("column_label", "row_label", "value") and c.row <= cell.row}
    )
    starts = [row for row in rows if row - 1 not in rows]
    return f"t{len(starts)}r{cell.row - starts[-1] + 1}c{cell.column}"


def plain_layout(
    form: Form, header: object, matrix: object, records: Mapping[str, Records], name: str
) -> Layout:
    """The form's first table as a header in row 1 and rows below, nothing around it."""
    table = form.tables[0]
    columns = [(column.column_id, column.label) for column in table.columns]
    cells = [Placed(1, c, label, "value") for c, (_, label) in enumerate(columns, 1)]
    for r, row in enumerate(records[table.table_id], 1):
        cells += [
            Placed(r + 1, c, row.get(id_), "value", keys=((table.table_id, str(r), id_),))
            for c, (id_, _) in enumerate(columns, 1)
        ]
    return Layout(form.form_id, (Sheet(name or "Sheet1", tuple(cells)),))


def unit_papers(bureau: Bureau, truth: Truth, is_clean: bool) -> list[Paper]:
    """附件1 and 附件2 of every unit, in a folder under one of the unit's names."""
    formats = [FORMATS[i % len(FORMATS)] for i in range(2 * len(bureau.config.units))]
    bureau.rng("formats").shuffle(formats)
    papers = []
    for unit in bureau.config.units:
        folder = unit.name if is_clean else bureau.rng("folder", unit.unit_id).choice(unit.names)
        for form_id, scorer, short in UNIT_FORMS:
            form, rng = bureau.config.forms[form_id], bureau.rng("paper", unit.unit_id, form_id)
            name = form.number + ("" if is_clean else rng.choice(["", short, f" {short}"]))
            matrix = dict(truth.matrices[form_id, unit.unit_id, scorer])
            header = _unit_header(bureau, unit, rng, is_clean)
            papers.append(
                Paper(
                    f"units/{folder}/{name}",
                    form,
                    unit.unit_id,
                    formats.pop(),
                    header,
                    matrix,
                    is_messy=not is_clean,
                )
            )
    return papers


def _unit_header(bureau: Bureau, unit: Unit, rng: Random, is_clean: bool) -> dict[str, Scalar]:
    filled_on = bureau.config.cycle.deadline - dt.timedelta(days=rng.randint(3, 12))
    name = rng.choice([*unit.names, f"{unit.name}（盖章）", "　".join(unit.short_name), unit.name])
    return {
        "year": bureau.config.cycle.cycle, "unit_id": unit.name if is_clean else name, "filled_by": unit.head,
        "reviewed_by": unit.head, "filled_on": filled_on if is_clean else rng.choice(_DATES).format(filled_on),
    }  # fmt: skip


def team_papers(bureau: Bureau, truth: Truth, is_clean: bool) -> list[Paper]:
    """A score sheet per visited unit, and three lists per team."""
    config, papers = bureau.config, []
    for team in config.teams:
        visits = [visit for visit in config.visits if visit.team_id == team.team_id]
        rng = bureau.rng("team", team.team_id)
        name = team.name if is_clean else rng.choice([team.name, *team.aliases])
        for visit in visits:
            unit, form = config.unit(visit.unit_id), config.forms["team_scores"]
            rows = truth.rows("scores_by_unit_item_scorer", unit_id=unit.unit_id, scorer=team.team_id)
            header: dict[str, Scalar] = {
                "unit_id": unit.name if is_clean else rng.choice(unit.names),
                "team_id": name,
                "visit_date": visit.visit_date,
            }
            matrix = dict(truth.matrices["team_scores", unit.unit_id, team.team_id])
            records = {
                "member_scores": labelled(
                    bureau, form, "member_scores", [row for row in rows if row["member_id"]]
                )
            }
            papers.append(
                Paper(
                    f"teams/{team.name}/{unit.short_name}评分表",
                    form,
                    unit.unit_id,
                    "xlsx",
                    header,
                    matrix,
                    records,
                )
            )
        units = {visit.unit_id for visit in visits}
        for form_id, tables in TEAM_FORMS.items():
            form = config.forms[form_id]
            records = {
                id_: labelled(bureau, form, id_, (r for r in truth.rows(into) if r["unit_id"] in units))
                for id_, into in tables.items()
            }
            header = {"team_id": name, "filled_on": config.cycle.report_date - dt.timedelta(days=9)}
            papers.append(
                Paper(
                    f"teams/{team.name}/{form.title.removeprefix(config.cycle.bureau)}",
                    form,
                    "",
                    "xlsx",
                    header,
                    {},
                    records,
                )
            )
    return papers


def labelled(bureau: Bureau, form: Form, table_id: str, rows: Iterable[Row]) -> Records:
    """Rows of a processed table as people write them: labels for ids, 是 and 否; the office writes ids."""
    config, columns = bureau.config, form.table(table_id).columns
    labels: dict[str, dict[Scalar, Scalar]] = {}
    if form.sender != "office":
        labels = {
            c.column_id: {id_: label for id_, (label, _) in config.choices(c.choices).items()}
            for c in columns
            if c.choices
        }
        labels["unit_id"] = {unit.unit_id: unit.name for unit in config.units}
    for column in columns:
        if column.value == "boolean":
            labels[column.column_id] = {True: "是", False: "否"}
    return [
        {
            c.column_id: labels.get(c.column_id, {}).get(value, value)
            for c in columns
            if (value := row.get(c.target or c.column_id)) is not None
        }
        for row in rows
    ]


def questionnaire_papers(bureau: Bureau, truth: Truth) -> list[Paper]:
    """Exports with one row per ballot, and workbooks of hand tallies with a sheet per group."""
    config, papers, exports = bureau.config, [], list(EXPORTS)
    for visit in config.visits:
        unit = config.unit(visit.unit_id)
        if ballots := truth.rows("ballots", unit_id=visit.unit_id):
            form, records = export_form(bureau), {"ballots": _exported(bureau, ballots)}
            stem = f"questionnaires/{unit.short_name}测评_{len(ballots)}_{len(ballots)}"
            exports.append(exports.pop(0))
            papers.append(Paper(stem, form, unit.unit_id, exports[-1], records=records, is_plain=True))
            continue
        sheets = []
        for group in bureau.questionnaire.rater_groups:
            counts = truth.rows("ballot_counts", unit_id=unit.unit_id, rater_group=group.id)[0]
            header = {"unit_id": unit.name, "rater_group": group.label, "n_issued": counts["n_issued"],
                      "n_returned": counts["n_returned"], "n_valid": counts["n_returned"]}  # fmt: skip
            matrix = dict(truth.matrices["tally", unit.unit_id, group.id])
            stem = f"questionnaires/{unit.short_name}测评汇总"
            sheets.append(
                Paper(
                    stem, config.forms["tally"], unit.unit_id, "xlsx", header, matrix, sheet_name=group.label
                )
            )
        sheets[0].more = sheets[1:]
        papers.append(sheets[0])
    return papers


def export_form(bureau: Bureau) -> Form:
    """The columns of a 问卷星 export: six about the answering, then the numbered questions, some padded."""
    questions = enumerate(bureau.questionnaire.questions, start=1)
    titles = [*META, *(f"{i}、{question.label}{' ' * (i % 3 == 0)}" for i, question in questions)]
    columns = [{"column_id": title, "label": title, "value": "text"} for title in titles]
    table = {"table_id": "ballots", "kind": "list", "columns": columns}
    return Form.model_validate(
        {
            "form_id": "export",
            "title": "问卷",
            "version": "",
            "sender": "team",
            "scope": "unit",
            "tables": [table],
        }
    )


def _exported(bureau: Bureau, ballots: Sequence[Row]) -> Records:
    titles = [column.column_id for column in export_form(bureau).tables[0].columns]
    labels = {option.option_id: option.label for option in bureau.questionnaire.scale}
    labels |= {group.id: group.label for group in bureau.questionnaire.rater_groups}
    rows = []
    for number, ballot in enumerate(ballots, start=1):
        moment = ballot["submitted_at"]
        meta = (number, f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}", f"{ballot['duration_seconds']:g}秒", "微信", "N/A",
                f"10.0.{number // 250}.{number % 250}")  # fmt: skip
        answers = [labels.get(answer, answer) or None for answer in ballot["answers"].values()]
        rows.append(dict(zip(titles, (*meta, *answers), strict=True)))
    return rows


def office_papers(bureau: Bureau, truth: Truth) -> list[Paper]:
    """The office's ledgers as CSV, under the ids that it writes itself."""
    papers = []
    for form_id, into in OFFICE_FORMS.items():
        form = bureau.config.forms[form_id]
        rows = [row for row in truth.rows(into) if row.get("period", "last_return") == "last_return"]
        records = {form.tables[0].table_id: labelled(bureau, form, form.tables[0].table_id, rows)}
        papers.append(Paper(f"office/{form_id}", form, "", "csv utf-8", records=records, is_plain=True))
    return papers
