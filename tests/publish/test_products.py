"""The finished reports of the sample bureau, judged as files: no exit code counts here."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pikepdf
import pytest

from lianzheng.pages.blocks import BLOCKS_MIME
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.pages.comparison import ComparisonPage
from lianzheng.pages.intake import IntakePage
from lianzheng.pages.page import Page
from lianzheng.pages.questionnaire import QuestionnairePage
from lianzheng.pages.rectification import RectificationPage
from lianzheng.pages.scorecard import ScorecardPage
from lianzheng.pages.statistics import StatisticsPage
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("bureau")


def executed(bureau: Project, page: Path) -> nbformat.NotebookNode:
    """The executed notebook behind a published page."""
    stem = page.relative_to(bureau.reports).with_suffix("").as_posix().replace("/", "_")
    return nbformat.read(bureau.reports / "notebooks" / f"{stem}.ipynb", as_version=4)


def blocks(notebook: nbformat.NotebookNode) -> list[dict]:  # type: ignore[type-arg]
    """All blocks that a notebook's cells returned, in order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    found = [block for output in outputs for block in output.get("data", {}).get(BLOCKS_MIME, [])]
    inside = (
        [one for column in block["columns"] for one in column]
        if "columns" in block and block["kind"] == "Beside"
        else [block]
        for block in found
    )
    return [block for blocks in inside for block in blocks]


def headings(notebook: nbformat.NotebookNode) -> list[str]:
    """Title and headings in order, from Markdown cells and blocks alike, read without our own reader."""
    found: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "notes-for-analyst" not in cell.metadata.get("tags", []):
            found += re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE)
        for output in cell.get("outputs", []):
            shown = output.get("data", {}).get(BLOCKS_MIME, [])
            found += [block["text"] for block in shown if block["kind"] in ("Title", "Heading")]
    return found


def test_every_unit_has_its_scorecard_and_the_bureau_its_pages(bureau: Project) -> None:
    units = {f"{place}/U{number:03}/scorecard" for place in ("units", "editions") for number in range(1, 25)}
    expected = {
        f"{stem}.{suffix}"
        for stem in units
        | {
            "comparison",
            "questionnaire",
            "statistics",
            "rectification",
            "intake",
            "bulletin",
            "bulletin_anonymous",
        }
        for suffix in ("html", "pdf")
    }
    expected |= {"index.html", "run.html"} | {
        f"{b}.{e}" for b in ("bulletin", "bulletin_anonymous") for e in ("docx", "sources.csv")
    }
    published = {
        path.relative_to(bureau.reports).as_posix()
        for s in ("html", "pdf", "docx", "sources.csv")
        for path in bureau.pages(s)
    }
    assert published == expected
    assert (bureau.reports / "results.xlsx").is_file()
    assert (bureau.reports / "submissions.xlsx").is_file()
    assert bureau.exit_code == 3, "the sample bureau has data issues, and the exit code says so"


def test_each_unit_gets_its_own_file_back_unchanged_and_marked(bureau: Project) -> None:
    """Every paper that is listed at a cell of an .xlsx has a marked copy that differs in the marked sheet alone."""
    folders = sorted(path for path in (bureau.reports / "returns").iterdir())
    received = {
        hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (bureau.folder / "data" / "raw").rglob("*")
        if p.is_file()
    }
    n_marked = 0
    for folder in folders:
        assert {"退回补正单.xlsx", "补正通知.docx", "补正通知.pdf"} <= {
            path.name for path in folder.iterdir()
        }
        originals = list((folder / "原件").iterdir()) if (folder / "原件").exists() else []
        assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in originals} <= received
        for copy in folder.glob("*（标注）.xls?"):
            n_marked += 1
            with (
                zipfile.ZipFile(copy) as marked,
                zipfile.ZipFile(folder / "原件" / copy.name.replace("（标注）", "")) as own,
            ):
                changed = {n for n in own.namelist() if own.read(n) != marked.read(n)}
            assert all(
                n.startswith(
                    ("xl/worksheets/", "xl/styles.xml", "[Content", "xl/comments", "xl/drawings/vml")
                )
                for n in changed
            )
    assert len(folders) >= 20 and n_marked >= 10
    index = (bureau.reports / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="returns/(U\d+)/', index)) == {folder.name for folder in folders}


class Addresses(HTMLParser):
    """Everything in a page that could reach outside, and everything that could run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.policy = self.language = ""
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.append(tag)
        self.addresses += [
            v or "" for k, v in attrs if k in ("src", "href", "srcset", "action", "data", "poster")
        ]
        self.language = facts.get("lang") or self.language
        if (facts.get("http-equiv") or "").lower() == "content-security-policy":
            self.policy = facts.get("content") or ""
        if tag == "img":
            self.images.append(facts)


def test_no_page_but_the_index_has_a_script_and_none_an_external_address(bureau: Project) -> None:
    for page in bureau.pages("html"):
        text = page.read_text(encoding="utf-8")
        parsed = Addresses()
        parsed.feed(text)
        assert not {"iframe", "link", "object", "embed"} & set(parsed.tags), page
        assert parsed.tags.count("script") == int(page.name == "index.html"), page
        local = [a for a in parsed.addresses if not a.startswith(("data:image/", "#"))]
        if page.name == "index.html":
            assert local and all((bureau.reports / address).is_file() for address in local)
        else:
            assert local == [], page
        assert not re.search(r"https?://(?!www\.w3\.org/)", text), page
        assert parsed.language == "zh-CN" and "default-src 'none'" in parsed.policy, page


def test_charts_are_as_many_as_the_page_says_and_each_has_words(bureau: Project) -> None:
    for page in bureau.pages("pdf"):
        charts = [block for block in blocks(executed(bureau, page)) if block["kind"] == "Chart"]
        parsed = Addresses()
        parsed.feed(page.with_suffix(".html").read_text(encoding="utf-8"))
        assert len(parsed.images) == len(charts), page
        assert [image["alt"] for image in parsed.images] == [chart["alt"] for chart in charts], page
        with pikepdf.open(page) as pdf:
            figures = [
                obj
                for obj in pdf.objects
                if isinstance(obj, pikepdf.Dictionary) and obj.get("/S") == "/Figure"
            ]
            assert sorted(str(figure.Alt) for figure in figures) == sorted(
                chart["alt"] for chart in charts
            ), page


def page_behind(bureau: Project, stem: str) -> Page:
    """The page class that made a published page."""
    data = str(bureau.folder / "data")
    if "/" in stem:
        place, unit_id, _ = stem.split("/")
        edition = {"units": "internal", "editions": "unit"}[place]
        return ScorecardPage(2018, unit_id, data_dir=data, edition=edition)
    pages = {
        "intake": IntakePage, "comparison": ComparisonPage, "questionnaire": QuestionnairePage,
        "statistics": StatisticsPage, "rectification": RectificationPage, "bulletin": BulletinPage,
        "bulletin_anonymous": partial(BulletinPage, edition="anonymous"),
    }  # fmt: skip
    return pages[stem](2018, data_dir=data)  # type: ignore[operator]


def test_each_page_shows_as_many_charts_as_its_class_says(bureau: Project) -> None:
    for page in bureau.pages("pdf"):
        stem = page.relative_to(bureau.reports).with_suffix("").as_posix()
        with pikepdf.open(page) as pdf:
            figures = [
                o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"
            ]
        assert len(figures) == page_behind(bureau, stem).n_charts, stem


def fonts_of(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return [
        obj
        for obj in pdf.objects
        if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
    ]


def test_every_pdf_is_tagged_archival_and_has_its_fonts_inside(bureau: Project) -> None:
    for page in bureau.pages("pdf"):
        with pikepdf.open(page) as pdf:
            assert "/StructTreeRoot" in pdf.Root and str(pdf.Root.Lang).startswith("zh"), page
            assert bool(pdf.Root.MarkInfo.Marked), page
            metadata = pdf.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A"), page
            assert metadata["pdfuaid:part"] == "1", page
            assert metadata["dc:title"], page
            descriptors = fonts_of(pdf)
            assert descriptors, page
            assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d.keys()) for d in descriptors), page


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.needs_poppler
def test_headings_come_out_of_the_pdf_exact_and_in_order(bureau: Project) -> None:
    for page in bureau.pages("pdf"):
        text = squeezed(
            subprocess.run(["pdftotext", str(page), "-"], capture_output=True, check=True).stdout.decode()
        )
        position = 0
        for heading in headings(executed(bureau, page)):
            found = text.find(squeezed(heading), position)
            assert found >= 0, (page, heading)
            position = found + len(squeezed(heading))


@pytest.mark.needs_libreoffice
@pytest.mark.needs_poppler
def test_the_bulletin_opens_in_libreoffice_with_headings_table_and_page_numbers(
    bureau: Project, tmp_path: Path
) -> None:
    source = bureau.reports / "bulletin.docx"
    shutil.copy(source, tmp_path / "bulletin.docx")
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    for target in ("pdf", "txt:Text (encoded):UTF8"):
        command = [*office, target, "--outdir", str(tmp_path), str(tmp_path / "bulletin.docx")]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    content = squeezed((tmp_path / "bulletin.txt").read_text(encoding="utf-8-sig"))
    notebook = executed(bureau, bureau.reports / "bulletin.pdf")
    for heading in headings(notebook):
        assert squeezed(heading) in content, heading
    table = next(block for block in blocks(notebook) if block["kind"] == "Table")
    for row in table["rows"]:
        cells = [cell if isinstance(cell, str) else cell["text"] for cell in row]
        assert squeezed("".join(cells)) in content, cells
    printed = ["pdftotext", "-layout", str(tmp_path / "bulletin.pdf"), "-"]
    text = subprocess.run(printed, capture_output=True, check=True).stdout.decode()
    pages = text.split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert re.search(rf"—\s*{number}\s*—", page), f"page {number} has no number"


def test_published_pages_show_no_code_and_no_error(bureau: Project) -> None:
    for page in [p for p in bureau.pages("html") if p.name != "index.html"]:
        text = page.read_text(encoding="utf-8")
        assert "Traceback" not in text and "import lianzheng" not in text and "In [" not in text, page
        assert "nan" not in re.sub(r"<[^>]+>|data:[^\"]+", " ", text).lower().split(), page


def test_the_run_is_recorded(bureau: Project) -> None:
    pages = json.loads((bureau.reports / "manifest.json").read_text(encoding="utf-8"))["pages"]
    assert len(pages) == 55 and not any(page["is_stale"] for page in pages.values())
    rows = (bureau.reports / "runs.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 56 and all(",published," in row for row in rows[1:])


def test_the_word_file_is_a_plain_package(bureau: Project) -> None:
    with zipfile.ZipFile(bureau.reports / "bulletin.docx") as package:
        assert package.testzip() is None
        assert not any(
            name.endswith((".bin", ".emf")) or "vba" in name.lower() for name in package.namelist()
        )
