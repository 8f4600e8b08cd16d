"""The forms as handed in: who writes what, under which name, in which file format."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from lianzheng.config.forms import Form
from lianzheng.config.models import Unit, Visit
from lianzheng.demo.bureau import Bureau, Row
from lianzheng.demo.mess import make_messy
from lianzheng.demo.truth import Truth
from lianzheng.errors import InputError
from lianzheng.forms import Layout, Placed, Sheet, as_csv, as_docx, as_xlsx, lay_out
from lianzheng.forms.layout import Scalar

FORMATS = ("xlsx",) * 7 + ("csv utf-8", "csv utf-8-sig", "csv gb18030", "xls", "docx")
EXPORTS = ("xlsx", "xls", "xlsx", "csv utf-8-sig", "xlsx", "csv gb18030", "xls", "xlsx")
META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")
_DATES = (
    "{:%Y.%m.%d}",
    "{:%Y-%m-%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.month}月{0.day}日",
    "{:%Y/%m/%d}",
)


@dataclass
class Paper:
    """A file to be: path without ending below data/raw/<cycle>, what stands in it, how it is written, whose it is."""

    stem: str
    layout: Layout
    written_as: str = "xlsx"
    unit_id: str = ""
    form: Form | None = None

    @property
    def path(self) -> str:
        """The path with the ending of its format."""
        return f"{self.stem}.{self.written_as.split()[0]}"

    def data(self) -> bytes:
        """The bytes of the file."""
        kind, _, encoding = self.written_as.partition(" ")
        if kind == "csv":
            return as_csv(self.layout, encoding)
        return {"xlsx": as_xlsx, "docx": as_docx, "xls": as_xls}[kind](self.layout)

    def place(self, key: tuple[str, str, str]) -> tuple[str, str]:
        """Sheet and cell address that a reader names for what ``key`` says."""
        sheet, cell = self.layout.find(key)
        return ("csv" if self.written_as.startswith("csv") else sheet.name), cell.address


def as_xls(layout: Layout) -> bytes:
    """The old binary workbook; needs xlwt, which the extra ``demo`` installs."""
    try:
        import xlwt
    except ImportError as error:
        raise InputError("写 .xls 文件需要 xlwt，尚未安装", "运行：pip install -e .[demo]") from error
    book = xlwt.Workbook(encoding="utf-8")
    for sheet in layout.sheets:
        page = book.add_sheet(sheet.name)
        page.visibility = int(sheet.is_hidden)
        for cell in sheet.cells:
            style = _xls_style(cell.number_format)
            last_row, last_column = cell.last
            page.write_merge(cell.row - 1, last_row - 1, cell.column - 1, last_column - 1, cell.value, style)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _xls_style(number_format: str) -> Any:
    import xlwt

    return xlwt.easyxf(num_format_str=number_format)


def unit_papers(bureau: Bureau, truth: Truth, is_clean: bool) -> list[Paper]:
    """附件1 and 附件2 of every unit, in a folder under one of the unit's names."""
    formats = [FORMATS[i % len(FORMATS)] for i in range(2 * len(bureau.config.units))]
    bureau.rng("formats").shuffle(formats)
    papers = []
    for i, unit in enumerate(bureau.config.units):
        folder = unit.name if is_clean else bureau.rng("folder", unit.unit_id).choice(unit.names)
        for j, (form_id, scorer, short) in enumerate(
            (("standard", "self", "自评分表"), ("statistics", "", "自查统计表"))
        ):
            form, rng = bureau.config.forms[form_id], bureau.rng("paper", unit.unit_id, form_id)
            header = _unit_header(bureau, unit, rng, is_clean)
            layout = lay_out(form, header, truth.matrices[form_id, unit.unit_id, scorer])
            layout = layout if is_clean else make_messy(layout, form, rng)
            stem = f"units/{folder}/{form.number}{'' if is_clean else rng.choice(['', short, f' {short}'])}"
            papers.append(Paper(stem, layout, formats[2 * i + j], unit.unit_id, form))
    return papers


def _unit_header(bureau: Bureau, unit: Unit, rng: Random, is_clean: bool) -> dict[str, Scalar]:
    people = [member.name for member in bureau.config.members if member.unit_id == unit.unit_id] or [
        unit.head
    ]
    filled_on = bureau.config.cycle.deadline - dt.timedelta(days=rng.randint(3, 12))
    name = rng.choice([*unit.names, f"{unit.name}（盖章）", "　".join(unit.short_name), unit.name])
    return {
        "year": bureau.config.cycle.cycle, "unit_id": unit.name if is_clean else name, "filled_by": people[-1],
        "reviewed_by": unit.head, "filled_on": filled_on if is_clean else rng.choice(_DATES).format(filled_on),
    }  # fmt: skip


def team_papers(bureau: Bureau, truth: Truth, is_clean: bool) -> list[Paper]:
    """Score sheets per visited unit and three lists per team."""
    papers = [_score_sheet(bureau, truth, visit, is_clean) for visit in bureau.config.visits]
    lists = {
        "findings": {"findings": "findings", "highlights": "highlights"},
        "evidence": {"evidence": "evidence_by_unit_class"},
        "site_visit": {"visits": "site_visits", "ballot_counts": "ballot_counts", "talks": "interviews"},
    }
    for team in bureau.config.teams:
        units = [visit.unit_id for visit in bureau.config.visits if visit.team_id == team.team_id]
        for form_id, tables in lists.items():
            form = bureau.config.forms[form_id]
            records = {
                table_id: labelled(
                    bureau, form, table_id, [r for r in truth.rows(into) if r["unit_id"] in units]
                )
                for table_id, into in tables.items()
            }
            header = {
                "team_id": team.name,
                "filled_on": bureau.config.cycle.report_date - dt.timedelta(days=9),
            }
            stem = f"teams/{team.name}/{form.title.removeprefix(bureau.config.cycle.bureau)}"
            papers.append(Paper(stem, lay_out(form, header, records=records), form=form))
    return papers


def _score_sheet(bureau: Bureau, truth: Truth, visit: Visit, is_clean: bool) -> Paper:
    form, unit = bureau.config.forms["team_scores"], bureau.config.unit(visit.unit_id)
    team = next(team for team in bureau.config.teams if team.team_id == visit.team_id)
    rng = bureau.rng("score sheet", visit.unit_id)
    header: Mapping[str, Scalar] = {
        "unit_id": unit.name if is_clean else rng.choice(unit.names), "visit_date": visit.visit_date,
        "team_id": team.name if is_clean else rng.choice([team.name, *team.aliases]),
    }  # fmt: skip
    members = [
        r
        for r in truth.rows("scores_by_unit_item_scorer", unit_id=visit.unit_id, scorer=visit.team_id)
        if r["member_id"]
    ]
    records = {"member_scores": labelled(bureau, form, "member_scores", members)}
    layout = lay_out(form, header, truth.matrices["team_scores", visit.unit_id, visit.team_id], records)
    return Paper(f"teams/{team.name}/{unit.short_name}评分表", layout, unit_id=visit.unit_id, form=form)


def labelled(bureau: Bureau, form: Form, table_id: str, rows: Iterable[Row]) -> list[dict[str, Scalar]]:
    """Rows of a processed table as people write them: labels for ids, 是 and 否."""
    config, columns = bureau.config, form.table(table_id).columns
    labels = {
        c.column_id: {id_: label for id_, (label, _) in config.choices(c.choices).items()}
        for c in columns
        if c.choices
    }
    labels["unit_id"] = {unit.unit_id: unit.name for unit in config.units}
    said_by = {True: "是", False: "否"}
    return [
        {c.column_id: said_by[v] if isinstance(v := row.get(c.column_id), bool) else labels.get(c.column_id, {}).get(v, v)
         for c in columns} for row in rows
    ]  # fmt: skip


def questionnaire_papers(bureau: Bureau, truth: Truth) -> list[Paper]:
    """Exports with one row per ballot, and workbooks of hand tallies with a sheet per group."""
    papers, n_exports = [], 0
    for visit in bureau.config.visits:
        unit = bureau.config.unit(visit.unit_id)
        ballots = truth.rows("ballots", unit_id=visit.unit_id)
        if ballots:
            stem = f"questionnaires/{unit.short_name}测评_{len(ballots)}_{len(ballots)}"
            written_as = EXPORTS[n_exports % len(EXPORTS)]
            papers.append(Paper(stem, _export(bureau, ballots), written_as, visit.unit_id))
            n_exports += 1
        elif any(key[:2] == ("tally", visit.unit_id) for key in truth.matrices):
            papers.append(
                Paper(
                    f"questionnaires/{unit.short_name}测评汇总",
                    _tallies(bureau, truth, visit),
                    "xlsx",
                    visit.unit_id,
                )
            )
    return papers


def _export(bureau: Bureau, ballots: Sequence[Row]) -> Layout:
    questionnaire = bureau.config.questionnaire
    assert questionnaire
    titles = [
        f"{i}、{question.label}{' ' * (i % 3 == 0)}"
        for i, question in enumerate(questionnaire.questions, start=1)
    ]
    options = {option.option_id: option.label for option in questionnaire.scale}
    groups = {group.id: group.label for group in questionnaire.rater_groups}
    rows = []
    for number, ballot in enumerate(ballots, start=1):
        moment = ballot["submitted_at"]
        meta = (number, f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}", f"{ballot['duration_seconds']:g}秒", "微信", "N/A",
                f"10.0.{number // 250}.{number % 250}")  # fmt: skip
        said_of = {"group": groups[ballot["rater_group"]], "comment": ballot["comment"]}
        answers = [
            said_of.get(q.kind) or options.get(ballot["answers"].get(q.question_id, ""), "")
            for q in questionnaire.questions
        ]
        rows.append([*meta, *answers])
    return plain_layout((*META, *titles), rows)


def _tallies(bureau: Bureau, truth: Truth, visit: Visit) -> Layout:
    form, sheets = bureau.config.forms["tally"], []
    assert bureau.config.questionnaire
    for group in bureau.config.questionnaire.rater_groups:
        counts = truth.rows("ballot_counts", unit_id=visit.unit_id, rater_group=group.id)[0]
        header = {"unit_id": bureau.config.unit(visit.unit_id).name, "rater_group": group.label, "n_issued": counts["n_issued"],
                  "n_returned": counts["n_returned"], "n_valid": counts["n_returned"]}  # fmt: skip
        sheets += lay_out(
            form, header, truth.matrices["tally", visit.unit_id, group.id], sheet_name=group.label
        ).sheets
    return Layout(form.form_id, tuple(sheets))


def plain_layout(header: Sequence[str], rows: Iterable[Sequence[Scalar]], name: str = "Sheet1") -> Layout:
    """A table with a header in row 1 and nothing around it."""
    table = [header, *rows]
    cells = [
        Placed(r, c, v if v != "" else None, "value")
        for r, row in enumerate(table, 1)
        for c, v in enumerate(row, 1)
    ]
    return Layout("", (Sheet(name, tuple(cells)),))
