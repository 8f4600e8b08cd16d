"""A small bureau in which every text that a person can write carries something that would do harm if it were taken at
its word, each with a marker of its own: ``‹findings.text.3›…‹/›``."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from lianzheng.config import load_config
from lianzheng.config.bulletin import Bulletin
from lianzheng.config.files import ConfigFolder
from lianzheng.config.findings import FindingTaxonomy
from lianzheng.config.forms import Form, Statistics
from lianzheng.config.load import TeamSheets
from lianzheng.config.models import Cycle, Model, Questionnaire
from lianzheng.config.standard import Standard
from lianzheng.demo import files as demo
from lianzheng.demo import make_project
from lianzheng.demo.bureau import Bureau
from lianzheng.fonts import visible
from lianzheng.intake.read_csv import decode
from tests.projects import REPOSITORY, Project

ADDRESS = "evil.example"
FORMULAS = (
    "=cmd|' /C calc'!A0",
    f'=HYPERLINK("http://{ADDRESS}/")',
    "+1+cmd",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\n=1+1",
    "＝1＋1",
)
GROUPS = (
    f'<script>window.hit=1</script><img src=x onerror="hit=1"><svg onload=hit=1></style></title>"\'><a href=//{ADDRESS}>&lt;&amp;',
    f"](http://{ADDRESS}) ![x](http://{ADDRESS}/x.png) `a` # | b | $$x$$ {{{{ 7*7 }}}}{{% raw %}} %s%n{{0}}{{seen}}{{cycle}} javascript:hit=1",
    '#read("/etc/passwd") #import "@preview/x:1": * $x$ @ref *a* _b_ \\ // /* ~ <label> \\input{/etc/passwd} #sys.inputs',
    f'{{ INCLUDEPICTURE "http://{ADDRESS}" }} DDEAUTO c:\\cmd.exe </w:t></w:r><w:fldSimple w:instr="DATE"/> ]]> <!-- <?x ?> &#x202E;',
    "a\u202eb\u2066c\u2069\u200e\u200b\u200d\ufeff\u00ad\u2028\u2029\x85\x1b[31m\x07\x08\U0001f600",
    "W" * 160 + " ../../x CON a:b.",
)
"""What stands between the markers, in turn."""
LABEL = " <i>#$x${0}‹"
"""What the labels of forms and lists carry: they have a syntax of their own (``/``, brackets at the end)."""

FILE = f"=1+1 {LABEL} \u202e\x1b[31m\n附件2: \\..\\..\\x {'长' * 40}.xlsx"
"""The name of a file as a unit may send it."""

TEXTS = {
    "scores_by_unit_item_scorer": ("reason",), "evidence_by_unit_class": ("note",), "interviews": ("text",),
    "findings": ("text",), "highlights": ("text",), "cases": ("note",),
    "rectifications": ("text", "remedy_measure", "owner", "proof", "verified_by", "accountability_form"),
}  # fmt: skip
"""The columns of the truth that get a payload before the papers are written."""
WORDS = {
    "Cycle": ("bureau", "classification", "document_number", "signature"), "ReturnTerms": ("office", "contact"),
    "FactRule": ("label",), "GradeBand": ("label",), "Named": ("label",), "BulletinClass": ("label",), "Clause": ("text",),
    "FindingTaxonomy": ("remedies",), "Option": ("label",), "Question": ("label",), "Questionnaire": ("title",),
    "Statistics": ("categories", "measures"), "Block": ("label",), "Item": ("name", "criterion"), "Standard": ("note",),
    "Form": ("title", "notes", "remarks", "signatures"), "FormTable": ("caption",), "LabelColumn": ("label",),
    "Bulletin": ("title", "sentences", "subjects", "problems"), "Section": ("title",), "SectionFigure": ("text",),
    "Cases": ("none", "one", "two", "many", "all"), "Clauses": ("before", "between", "after"),
    "FormColumn": ("label",), "HeaderField": ("label",), "FormRow": ("labels",), "DocumentPart": ("label",),
}  # fmt: skip
"""The fields of the YAML that get one."""
_FILES: dict[str, Any] = {
    "cycle.yml": Cycle, "standard.yml": Standard, "statistics.yml": Statistics, "questionnaire.yml": Questionnaire,
    "self_report.yml": Form, "findings.yml": FindingTaxonomy, "team_sheets.yml": TeamSheets, "bulletin.yml": Bulletin,
}  # fmt: skip
_CODE = re.compile("(?:〔|&#12308;)U\\+([0-9A-F]{4,5})(?:〕|&#12309;)")
_count: Counter[str] = Counter()


def payload(name: str) -> str:
    """The next text for a field: a formula at the very beginning, and one of the groups between the markers."""
    n = _count[name]
    _count[name] += 1
    return f"{FORMULAS[n % len(FORMULAS)]}‹{name}.{n}›{GROUPS[n % len(GROUPS)]}‹/›"


def poison_truth(bureau: Bureau) -> None:
    """Put a payload into every text of the truth that a person writes, open comments and reasons of scores too."""
    for table, columns in TEXTS.items():
        for row in bureau.tables.get(table, []):
            for column in columns:
                row[column] = payload(f"{table}.{column}")
    for (form_id, *_), matrix in bureau.matrices.items():
        for key in [key for key in matrix if key[2] == "reason"]:
            matrix[key] = payload(f"{form_id}.reason")
        for key in [key for key in matrix if form_id == "self_report" and key[2] == "text"]:
            matrix[key] = f"{matrix[key]}\n{payload('self_report.text')}" if matrix[key] else matrix[key]
    comments = [
        question.question_id for question in bureau.questionnaire.questions if question.kind == "comment"
    ]
    for row in bureau.tables["ballots"]:
        row["answers"] |= {question_id: payload("ballots.comment") for question_id in comments}


def poison_config(folder: Path) -> None:
    """Put a payload into names, titles, labels and notes of config/2018."""
    files = ConfigFolder(folder, 2018)
    for name, shape in _FILES.items():
        model = files.required(name, shape)
        data = _poisoned(model).model_dump(mode="json", exclude_unset=True)
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        text = text.replace("{0}", "") if name == "bulletin.yml" else text  # braces are its syntax
        (folder / "config" / "2018" / name).write_text(text, encoding="utf-8")
    (folder / "config" / "2018" / "layouts.yml").unlink()  # it quotes the labels as they were
    named = {
        "units": ("name", "short_name", "unit_type", "head"),
        "members": ("name", "position"),
        "teams": ("name", "leader"),
    }
    for name, columns in named.items():
        path = folder / "config" / "2018" / f"{name}.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for row in rows:
            row |= {column: f"=1+{row[column]}<i>#$x$:‹names›" for column in columns}
        _write_csv(path, rows)


def _worded(part: Any) -> Any:
    if isinstance(part, Model):
        return _poisoned(part)
    return part if part.isascii() else part + LABEL


def _poisoned(model: Any) -> Any:
    words = WORDS.get(type(model).__name__, ())
    changed = {}
    for name in model.model_fields_set:
        value = getattr(model, name)
        if name in words and value:
            changed[name] = _each(value, _worded)
        elif name != "form" or type(model).__name__ == "Statistics":
            changed[name] = _each(value, lambda part: _poisoned(part) if isinstance(part, Model) else part)
    return model.model_copy(update=changed)


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(change(part) for part in value)
    if isinstance(value, dict):
        return {key: change(part) for key, part in value.items()}
    return change(value)


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")


def bring_back_unseen(folder: Path) -> None:
    """What our own writers show as 〔U+202E〕 becomes the character again, as another program would have written it."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix in (".xlsx", ".docx") and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                parts = {name: package.read(name) for name in package.namelist()}
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
                for name, data in parts.items():
                    is_text = name.endswith(".xml")
                    package.writestr(name, _CODE.sub(_in_xml, data.decode()).encode() if is_text else data)
        elif path.suffix == ".csv" and (text := decode(path.read_bytes())):
            path.write_bytes(_CODE.sub(_in_csv, text).encode("utf-8-sig"))


def _in_csv(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if code < 32 else chr(code)  # a file with these is no text for us


def _in_xml(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return f"_x{code:04X}_" if code < 32 else chr(code)


def spoil_papers(project: Project) -> None:
    """Payloads where forms want something else: numbers, labels, sheet names, file names, receipts, beside the table."""
    raw = project.folder / "data" / "raw" / "2018"
    source = next(path for path in sorted((raw / "units").rglob("附件2.xlsx")))
    source.write_bytes(_spoiled_statistics(source))
    source.rename(source.with_name(FILE))
    source.with_name(f"javascript:alert(1) {LABEL}.xlsx").write_bytes(b"PK\x03\x04 broken")
    receipts = raw / "office" / "receipts.csv"
    rows = list(csv.DictReader(io.StringIO(receipts.read_text(encoding="utf-8-sig"), newline="")))
    for row in rows[:4]:
        row["signed_by"] = payload("submissions.signed_by")
    rows.append({**rows[0], "file": payload("receipts.file")})
    _write_csv(receipts, rows)
    findings = next((raw / "teams").rglob("*亮点清单*.xlsx"))
    book = openpyxl.load_workbook(findings)
    page = book.worksheets[0]
    cells = [cell for row in page.iter_rows(min_row=5) for cell in row if isinstance(cell.value, str)]
    for cell in [cell for cell in cells if cell.column == 3][-2:]:
        cell.value = visible(payload("choice"))
        cell.data_type = "s"
    book.save(findings)


def _spoiled_statistics(source: Path) -> bytes:
    book = openpyxl.load_workbook(source)
    page = book.worksheets[0]
    page.title = "'=1+1'<i>#$x$&{0}"[1:31].strip("'")
    numbers = [c for row in page.iter_rows(min_row=5) for c in row if isinstance(c.value, int | float)]
    for cell in numbers[24:34]:
        _write(page, cell.coordinate, payload("number"))
    labels = [c for row in page.iter_rows(min_row=5, max_col=2) for c in row if isinstance(c.value, str)]
    _write(page, labels[3].coordinate, payload("row"))
    wide, top = page.max_column + 1, numbers[0].row - 1
    _write(page, page.cell(top, wide).coordinate, payload("column"))
    page.cell(top + 1, wide).value = 3
    _write(page, page.cell(page.max_row + 2, 3).coordinate, payload("beside"))
    page.row_dimensions[page.max_row].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write(page: Any, address: str, text: str) -> None:
    target = next((r for r in page.merged_cells.ranges if address in r), None)
    if target is not None and target.start_cell.coordinate != address:
        return
    page[address].value = visible(text)
    page[address].data_type = "s"


def record_decisions(project: Project, unit_id: str) -> None:
    """A departure from the computed grade and a reviewed correction, with payloads in their words."""
    decision = {
        "grade_decision_id": "D1",
        "unit_id": unit_id,
        "from_grade": "unverified",
        "to_grade": "unqualified",
    }
    decision |= {"reason": payload("decisions.reason"), "by": payload("decisions.by"), "at": "2018-12-27"}
    raw = project.folder / "data" / "raw" / "2018"
    path = next((raw / "teams").rglob("*亮点清单*.xlsx"))
    rows = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    cell = next(cell for row in rows for cell in row if "‹findings.text.0›" in str(cell.value))
    key = {"file": path.relative_to(raw).as_posix(), "cell": cell.coordinate}
    correction = {"correction_id": "C1", "table": "findings", "key": key, "column": "text", "was": cell.value}
    correction |= {word: payload(f"corrections.{word}") for word in ("becomes", "reason", "who")}
    correction |= {"when": "2018-12-10"}
    for name, entry in (("decisions", decision), ("corrections", correction)):
        text = yaml.safe_dump([entry])  # what nobody sees stands there in escapes
        (project.folder / "config" / "2018" / f"{name}.yml").write_text(text, encoding="utf-8")


def make_injected(folder: Path) -> Project:
    """The bureau of five units, written and run: what every command made of it stands in its folder."""
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks")
    make_project(folder, 5, 2018)
    poison_config(folder)
    config = load_config(2018, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "STEPS", (*demo.STEPS, poison_truth))
        demo.write_demo(config, is_clean=True)
    project = Project(folder)
    ids = [unit.unit_id for unit in config.units]
    spoil_papers(project)
    bring_back_unseen(config.data_raw)
    visited = {visit.unit_id for visit in config.visits}
    record_decisions(project, next(id_ for id_ in ids if id_ not in visited))
    said = [
        project.command(*line.split()) for line in ("run 2018", "forms 2018", "status 2018", "alias 2018")
    ]
    inspected = next((config.data_raw / "units").rglob("=1+1*.xlsx"))
    said.append(project.command("inspect", str(inspected)))
    assert all(done.returncode in (0, 3) for done in said), [done.stdout + done.stderr for done in said]
    return Project(folder, "\n".join(done.stdout + done.stderr for done in said), said[0].returncode)
