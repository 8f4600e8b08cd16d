"""Everything that people write comes out inert and readable: one bureau full of payloads, looked for in every product."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import unicodedata
import zipfile
from html import unescape
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

import nbformat
import openpyxl
import pandas as pd
import pikepdf
import pytest
from lxml import etree, html

from lianzheng.config import bulletin as bulletin_
from lianzheng.config import findings as findings_
from lianzheng.config import forms as forms_
from lianzheng.config import layouts as layouts_
from lianzheng.config import models as models_
from lianzheng.config import rules as rules_
from lianzheng.config import standard as standard_
from lianzheng.fonts import displayable
from lianzheng.pages.blocks import BLOCKS_MIME
from lianzheng.tables import schemas
from tests.injected import ADDRESS, FORMULAS, GROUPS, TEXTS, WORDS
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("injected")
ORIGINALS = "原件"  # in a unit's return folder: the bytes that it sent itself
PRIVATE = ("self_report.text", "interviews.text", "cases.note", "ballots.comment")
SHOWN = {
    "findings.text", "highlights.text", "team_scores.reason", "evidence_by_unit_class.note", "rectifications.text",
    "rectifications.owner", "rectifications.accountability_form", "submissions.signed_by", "number", "choice", "row",
    "column", "beside", "receipts.file", "corrections.reason", "corrections.becomes", "corrections.who",
}  # fmt: skip
"""What pages show."""
_MARK = re.compile(r"‹([\w.]+)\.(\d+)›")
_OWN_FORMULA = re.compile(r"=[A-Z0-9!$:.,+*/()<>='\"逐项得分逾期已销账有无不适用待定、&%;≥≤\-]*")


def products(project: Project, *suffixes: str) -> list[Path]:
    """What we wrote, by suffix; not the files that units get back as they sent them."""
    found = [path for path in project.reports.rglob("*") if path.is_file() and path.parent.name != ORIGINALS]
    return sorted(path for path in found if path.suffix.lstrip(".") in suffixes)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def garbled(text: str) -> list[str]:
    """The payloads in a text that do not stand there whole, as they are to be seen."""
    found = squeezed(displayable(text))
    wrong = []
    for mark in _MARK.finditer(found):
        n = int(mark[2])
        before = squeezed(displayable(FORMULAS[n % len(FORMULAS)]))
        after = squeezed(displayable(GROUPS[n % len(GROUPS)])) + "‹/›"
        pairs = zip(after, found[mark.end() :], strict=False)
        n_alike = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        is_cut = n_alike > 2 and found[mark.end() + n_alike :][:1] in "”…"
        if not ((n_alike == len(after) or is_cut) and found[: mark.start()].endswith(before)):
            wrong.append(found[mark.start() - 40 : mark.end() + len(after)])
    return wrong


def unseen(text: str, kept: str = "\n") -> set[str]:
    """Controls, bidi marks, zero-width characters and the like in a text."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {f"U+{ord(one):04X}" for one in text if unicodedata.category(one) in kinds} - {
        f"U+{ord(one):04X}" for one in kept
    }


def test_html_holds_no_element_of_theirs_and_shows_every_payload(injected: Project) -> None:
    allowed = set(
        "html head meta title style body main header footer div p span h1 h2 h3 h4 ul li dl dt dd figure figcaption img"
        " table caption colgroup col thead tbody tr th td a br".split()
    )
    controls = set(
        "nav label input select option button script".split()
    )  # of the index, which has our own script
    seen: set[str] = set()
    for path in products(injected, "html"):
        page = html.document_fromstring(path.read_text(encoding="utf-8"))
        is_index = path.name == "index.html"
        assert {element.tag for element in page.iter(etree.Element)} <= allowed | (
            controls if is_index else set()
        ), path
        assert len(page.xpath("//script")) == int(is_index), path
        names = [name for element in page.iter(etree.Element) for name in element.attrib]
        assert not [name for name in names if name.startswith("on")], path
        links = [link for element in page.iter("a") if not (link := element.get("href")).startswith("#")]
        assert all((injected.reports / link).is_file() for link in links), (path, links)
        sources = {element.get("src", "").partition(",")[0] for element in page.iter("img")}
        assert sources <= {"data:image/svg+xml;base64"}, path
        for style in page.xpath("//style|//title"):
            assert ADDRESS not in (style.text or "") or style.tag == "title"
        text = "\n".join(page.itertext())
        assert garbled(text) == [] and unseen(text) == set(), path
        seen |= {mark[1] for mark in _MARK.finditer(text)}
    assert seen >= SHOWN, SHOWN - seen
    assert not seen & set(PRIVATE)


@pytest.mark.needs_poppler
def test_pdf_has_no_link_action_or_attachment_and_shows_every_payload(injected: Project) -> None:
    seen: set[str] = set()
    for path in products(injected, "pdf"):
        with pikepdf.open(path) as pdf:
            keys = {key for found in pdf.objects if isinstance(found, pikepdf.Dictionary) for key in found}
            assert not keys & {
                "/URI",
                "/OpenAction",
                "/AA",
                "/JS",
                "/JavaScript",
                "/EmbeddedFiles",
                "/Annots",
            }, path
            assert not unseen(str(pdf.docinfo.get("/Title", "")))
        shown = subprocess.run(
            ["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True
        ).stdout.decode()
        assert unseen(shown, "\n\f") == set(), path
        whole = squeezed(shown)
        seen |= {mark[1] for mark in _MARK.finditer(whole) if not garbled(whole[: mark.end() + 400][-900:])}
    assert seen >= SHOWN, SHOWN - seen


def test_word_files_have_only_our_page_numbers_as_fields(injected: Project) -> None:
    n_texts = 0
    for path in products(injected, "docx"):
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        assert not [
            name for name in parts if "embeddings" in name or "vba" in name or "externalLinks" in name
        ]
        roots = {
            name: etree.fromstring(data) for name, data in parts.items() if name.endswith((".xml", ".rels"))
        }
        fields = [e.get(f"{{{e.nsmap['w']}}}instr") for r in roots.values() for e in r.iter("{*}fldSimple")]
        assert {str(field).strip() for field in fields} <= {"PAGE", "NUMPAGES"}, path
        for name, root in roots.items():
            tags = {etree.QName(element).localname for element in root.iter(etree.Element)}
            assert not tags & {"instrText", "altChunk", "hyperlink", "object", "fldChar", "subDoc"}, (
                path,
                name,
            )
            assert not [e for e in root.iter("{*}Relationship") if e.get("TargetMode") == "External"], (
                path,
                name,
            )
        document = roots["word/document.xml"]
        for paragraph in document.iter("{*}p"):
            text = "".join(str(piece.text) for piece in paragraph.iter("{*}t") if piece.text)
            assert garbled(text) == [] and not unseen(text), path
            n_texts += text.count("‹names›")
    assert n_texts >= 20


def test_workbooks_hold_what_people_wrote_as_text(injected: Project) -> None:
    seen: set[str] = set()
    for path in [
        *products(injected, "xlsx"),
        injected.folder / "data" / "office" / "2018" / "rectifications.xlsx",
    ]:
        with zipfile.ZipFile(path) as package:
            parts = {
                name: package.read(name).decode("utf-8")
                for name in package.namelist()
                if name.endswith(("xml", "rels"))
            }
        is_marked = "（标注）" in path.name  # the unit's own workbook: only comments were added
        assert not [name for name in parts if "externalLink" in name or "connections" in name]
        assert "ddeLink" not in "".join(parts.values())
        targets = [
            t
            for n, p in parts.items()
            if n.endswith("rels")
            for t in re.findall(r'Target="([^"]*)"[^>]*External', p)
        ]
        for target in targets:
            assert (path.parent / unquote(unescape(target))).is_file(), (path, target)
        book = openpyxl.load_workbook(path)
        for cell in (cell for page in book.worksheets for row in page.iter_rows() for cell in row):
            told = cell.comment.text if cell.comment else ""
            told += cell.value if isinstance(cell.value, str) and not is_marked else ""
            assert garbled(told) == [] and not unseen(told, "\n\t"), (path, cell.coordinate)
            seen |= {mark[1] for mark in _MARK.finditer(told)}
            if cell.data_type == "f" and not is_marked:
                assert _OWN_FORMULA.fullmatch(cell.value) and "‹" not in cell.value, (
                    path,
                    cell.coordinate,
                    cell.value,
                )
            elif isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t")):
                assert cell.data_type == "s", (path, cell.coordinate)
    shown = {f"rectifications.{column}" for column in TEXTS["rectifications"]}
    assert seen >= shown | {
        "submissions.signed_by",
        "number",
        "decisions.reason",
        "decisions.by",
    } and not seen & set(PRIVATE)


def test_executed_notebooks_hold_payloads_as_plain_text(injected: Project) -> None:
    for path in products(injected, "ipynb"):
        notebook = nbformat.read(path, as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert {kind for o in outputs for kind in o.get("data", {})} <= {
            "text/plain",
            "text/html",
            BLOCKS_MIME,
        }
        for output in outputs:
            page = html.fromstring(f"<div>{output['data']['text/html']}</div>")
            assert not list(page.iter("script", "svg", "iframe", "a", "object")), path
            assert garbled("\n".join(page.itertext())) == [], path
            assert "‹" not in output["data"]["text/plain"], path
            assert not unseen(json.dumps(output["data"][BLOCKS_MIME], ensure_ascii=False)), path


def test_logs_and_terminal_have_one_record_a_line_and_no_control(injected: Project) -> None:
    log = (injected.reports / "run.log").read_text(encoding="utf-8")
    assert not unseen(log) and not unseen(injected.output)
    assert garbled(injected.output.replace("⏎", "")) == []
    assert "‹number." in injected.output and "〔U+202E〕" in injected.output
    rows = list(
        csv.reader(io.StringIO((injected.reports / "runs.csv").read_text(encoding="utf-8-sig"), newline=""))
    )
    assert len(rows) == 18 and not [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))
    ]
    assert (
        len(log.splitlines()) >= 17 and sum(line.startswith("published ") for line in log.splitlines()) == 17
    )


def test_issues_show_what_nobody_sees(injected: Project) -> None:
    issues = pd.read_parquet(injected.processed / "issues.parquet")
    assert not unseen("".join(issues["message"]) + "".join(issues["remedy"]), "\n\t")
    assert issues["message"].str.contains("〔U+202E〕", regex=False).any()


DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def test_every_name_below_reports_is_one_that_every_system_takes(injected: Project) -> None:
    paths = [path.relative_to(injected.reports) for path in injected.reports.rglob("*")]
    assert len(paths) > 100 and any("〔U+202E〕" in str(path) for path in paths)
    for name in {part for path in paths for part in path.parts}:
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name) and not unseen(name, ""), name
        assert name == name.strip(" ") and not name.endswith(".") and len(name.encode()) <= 240, name
        assert name.partition(".")[0].casefold() not in DEVICES, name


def test_each_payload_was_read_into_the_tables(injected: Project) -> None:
    """The searches above prove something only if what they look for was read."""
    for table, columns in {**TEXTS, "submissions": ("signed_by",)}.items():
        stored = pd.read_parquet(injected.processed / f"{table}.parquet", columns=list(columns))
        for column in columns:
            text = "".join(stored[column].dropna())
            assert f"‹{table}.{column}." in text, (table, column)
    assert unseen("".join(pd.read_parquet(injected.processed / "findings.parquet")["text"]), "\n\t")
    cells = "".join(pd.read_parquet(injected.processed / "cells.parquet", columns=["raw_text"])["raw_text"])
    assert "‹self_report.text." in cells and "‹beside." in cells
    answers = pd.read_parquet(injected.processed / "answers_by_ballot_question.parquet", columns=["text"])
    assert "‹ballots.comment." in "".join(answers["text"].dropna())


POISONED_OTHERWISE = {
    "files.path": "the name of a file", "cells.raw_text": "spoiled cells", "issues.value_seen": "spoiled cells",
    "issues.message": "spoiled cells", "issues.remedy": "the words of closed lists", "submissions.signed_by": "receipts",
    "header_fields.text": "private; the header is poisoned",
    "self_report_parts.heading": "private; its text is poisoned", "units.name": "config", "units.short_name": "config",
    "units.unit_type": "config", "results_by_unit.rank_group": "config", "peers_by_type_measure.unit_type": "config",
    "items.name": "config", "items.block_label": "config", "scores_by_unit_block.block_label": "config",
    "grade_decisions.reason": "config", "grade_decisions.by": "config", "results_by_unit.grade_reason": "of decisions",
    "corrections.was": "config", "corrections.becomes": "config", "corrections.reason": "config",
    "corrections.who": "config", "statistics_by_unit_category_measure.raw_text": "spoiled cells; numbers else",
    "rectification_events.by": "from the ledger's lines", "rectification_events.proof": "from the ledger's lines",
    "answers_by_ballot_question.text": "ballots.comment", "score_lines.reason": "of scores", "bulletin_figures.label": "ours",
}  # fmt: skip
IDS = set(
    # ids of config and closed lists, joined ones too; what we work out ourselves: hashes, addresses, kinds, keys
    "sha256 format form_version code cell number_format merged_range target table key column settles scorer rule_type"
    " fact_table fact_key decided_by evidence_class evidence_classes bulletin_class focal_points item_key measure_key"
    " rater_group four_forms_level origin_key unit_of_measure conversion".split()
) | {"sheet"}  # the name of a sheet: spoiled too, in every table with lineage


def test_no_column_of_text_is_forgotten() -> None:
    """A new column that people write in must be poisoned, or stand in one of the lists with a reason."""
    columns = {
        f"{table}.{column.name}"
        for table, schema in schemas().items()
        for column in schema.columns
        if column.kind == "str" and column.name not in IDS and not column.name.endswith(("_id", "_ids"))
    }
    poisoned = {f"{table}.{column}" for table, names in TEXTS.items() for column in names}
    assert columns == poisoned | set(POISONED_OTHERWISE)


READ_ONLY = set(
    # ids and names of closed lists; words that are looked for in received texts and never shown
    "form_id version cycle table_id column_id row_id field_id part_id layout_id block_id item_id rule_id unit_id team_id"
    " member_id question_id option_id id grade grade_decision_id correction_id from_grade to_grade bulletin_class item_key"
    " into target choices keys key table column where codes subjects evidence_classes focal_points unit_types aliases"
    " titles headings excludes openings leftovers praise_words problem_words neutral_words materials_folders"
    " number_words columns rows units ignored lacks header tables treatment number unit_of_measure counts of whole parts defects category measure".split()
)
CSV_FIELDS = {"Unit": "name short_name unit_type head", "Member": "name position", "Team": "name leader"}
RECORDED = {"Decision": "reason by", "Correction": "was becomes reason who"}
NAMED_LIKE_OTHERS = {
    "Part.label", "SourceShare.label", "SubItem.label", "Tier.label",  # of rules: printed as the names of items are
    "FormTable.total_label", "Standard.title",
}  # fmt: skip


def test_no_field_of_the_configuration_is_forgotten() -> None:
    models = [
        kind
        for module in (models_, forms_, standard_, layouts_, rules_, findings_, bulletin_)
        for kind in vars(module).values()
    ]
    fields = {
        f"{kind.__name__}.{name}"
        for kind in models
        if isinstance(kind, type) and issubclass(kind, models_.Model)
        for name, info in kind.model_fields.items()
        if re.search(r"\bstr\b", str(info.annotation)) and name not in READ_ONLY
    }
    listed = {f"{kind}.{name}" for kind, names in WORDS.items() for name in names}
    listed |= {f"{k}.{n}" for k, names in {**CSV_FIELDS, **RECORDED}.items() for n in names.split()}
    assert fields <= listed | NAMED_LIKE_OTHERS, fields - listed - NAMED_LIKE_OTHERS
