"""Make docs/looked-at/*.png from the reports of the sample bureau: ``python tasks.py pictures``.

Needs what only tests need: poppler, Chromium, LibreOffice. The sentences beside the pictures are written by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from lianzheng.config import load_config
from lianzheng.documents.check import check_file
from lianzheng.forms.outgoing import write_forms
from lianzheng.tables import Tables
from tests import helpers
from tests.edited import FAULTS, edited
from tests.laboratory import jupyterlab, opened, run_all

REPOSITORY = Path(__file__).resolve().parents[1]
REPORTS = REPOSITORY / "reports" / "2018"
PICTURES = REPOSITORY / "docs" / "looked-at"
PDF_PAGES = {  # picture → (pdf, page)
    "scorecard": ("units/U001/scorecard.pdf", 1),
    "scorecard-2": ("units/U001/scorecard.pdf", 2),
    "scorecard-annex": ("units/U010/scorecard.pdf", 3),
    "scorecard-chain": ("units/U010/scorecard.pdf", 6),
    "scorecard-unit": ("editions/U010/scorecard.pdf", 1),
    "scorecard-not-visited": ("units/U002/scorecard.pdf", 1),
    "comparison": ("comparison.pdf", 1),
    "comparison-2": ("comparison.pdf", 2),
    "comparison-3": ("comparison.pdf", 3),
    "comparison-4": ("comparison.pdf", 4),
    "comparison-5": ("comparison.pdf", 5),
    "questionnaire": ("questionnaire.pdf", 1),
    "questionnaire-2": ("questionnaire.pdf", 2),
    "statistics": ("statistics.pdf", 1),
    "rectification": ("rectification.pdf", 1),
    "rectification-2": ("rectification.pdf", 4),
    "intake": ("intake.pdf", 1),
    "bulletin": ("bulletin.pdf", 1),
    "bulletin-2": ("bulletin.pdf", 5),
    "bulletin-end": ("bulletin.pdf", 8),
    "bulletin-charts": ("bulletin.pdf", 9),
    "bulletin-tables": ("bulletin.pdf", 12),
}
MARKED, CHECKED = "return-marked-copy", "bulletin-checked"
SPOILT = ("number_changed", "names_swapped", "that_township", "part_skipped", "half_comma")
"""What was done to the bulletin whose marked copy is shown (tests/edited.py)."""
OFFICE_PAGES = {  # what goes out, as LibreOffice sets it; of the marked copy the upper part, larger
    "bulletin-word": ("bulletin.docx", 1),
    CHECKED: ("bulletin（标注）.docx", 7),
    "form-self-score": ("forms/units/U003_南坡处/附件1_南坡处.xlsx", 1),
    "form-ballot": ("forms/units/U003_南坡处/附件3测评票_南坡处.docx", 1),
    "return-summary": ("returns/U014/退回补正单.xlsx", 1),
    "return-list": ("returns/U014/退回补正单.xlsx", 2),
    MARKED: ("returns/U014/附件2（标注）.xlsx", 1),
    "return-notice": ("returns/U014/补正通知.docx", 1),
}
BENCH = {  # the tour in JupyterLab: picture → the question that stands at its top
    "bench": "分析导览",
    "bench-answer": "二、哪些项目能把好单位和差单位区分开？",
}
HTML_PAGES = {
    "index": ("index.html", 1000, 1300),
    "index-phone": ("index.html", 390, 1300),
    "bulletin-html": ("bulletin.html", 1000, 1300),
    "scorecard-html": ("units/U001/scorecard.html", 1000, 1500),
}


def page_of_pdf(pdf: Path, page: int, picture: Path, ppi: int = 80) -> None:
    """One page as PNG, so many pixels to the inch."""
    stem = picture.with_suffix("")
    pages = ["-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run(["pdftoppm", "-r", str(ppi), "-png", *pages, str(pdf), str(stem)], check=True)


def page_of_office(document: Path, page: int, picture: Path, ppi: int = 80, share: float = 1) -> None:
    """One page as LibreOffice sets it, in shades of few colours: a form is black on white."""
    with tempfile.TemporaryDirectory() as folder:
        helpers.set_by_office(Path(folder), document)
        page_of_pdf(Path(folder) / f"{document.stem}.pdf", page, picture, ppi)
    with Image.open(picture) as drawn:
        upper = drawn.convert("RGB").crop((0, 0, drawn.width, int(drawn.height * share)))
    upper.quantize(32).save(picture, optimize=True)


def main() -> int:
    """Render every picture; returns 0."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    write_forms(load_config(2018, REPOSITORY), ["U003"])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FONTCONFIG_FILE"] = str(helpers.write_fontconfig(Path(folder)))
        draw()
    return 0


def draw() -> None:
    """Render every picture, with the fonts that the environment names."""
    for name, (pdf, page) in PDF_PAGES.items():
        page_of_pdf(REPORTS / pdf, page, PICTURES / f"{name}.png")
    spoil(REPORTS / "bulletin.docx")
    for name, (document, page) in OFFICE_PAGES.items():
        look = (120, 0.59) if name == MARKED else ()
        page_of_office(REPORTS / document, page, PICTURES / f"{name}.png", *look)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (page_name, width, height) in HTML_PAGES.items():
            page = browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page()
            page.goto((REPORTS / page_name).as_uri())
            page.screenshot(path=PICTURES / f"{name}.png")
        draw_bench(browser)
        browser.close()


def spoil(bulletin: Path) -> None:
    """An edited bulletin's marked copy beside the bulletin."""
    data, config = bulletin.read_bytes(), load_config(2018, REPOSITORY)
    for name in SPOILT:
        data = edited(data, FAULTS[name][1])
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / bulletin.name
        paper.write_bytes(data)
        check_file(
            paper, config, Tables(config.data_processed), bulletin.with_stem(f"{bulletin.stem}（标注）")
        )


def draw_bench(browser: Browser) -> None:
    """The tour, run in JupyterLab on a copy of the project: it saves what it runs."""
    with tempfile.TemporaryDirectory() as folder:
        project, home = Path(folder) / "project", Path(folder) / "home"
        for part in ("config", "notebooks", "data/processed"):
            shutil.copytree(REPOSITORY / part, project / part)
        with jupyterlab(project / "notebooks", home) as address:
            page = opened(address, browser, "00_tour", height=1000)
            run_all(page)
            for name, question in BENCH.items():
                heading = page.locator("h1, h2").filter(has_text=question).first
                heading.evaluate("element => element.scrollIntoView()")
                page.mouse.move(0, 0)
                page.wait_for_timeout(2000)  # the notebook draws what comes into view
                page.screenshot(path=PICTURES / f"{name}.png")
                with Image.open(PICTURES / f"{name}.png") as drawn:
                    drawn.convert("RGB").quantize(64).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
