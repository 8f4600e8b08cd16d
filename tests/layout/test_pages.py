"""Published PDFs of bureaus with 3, 24 and 60 units: every word on its place, every long table with its header.

Charts are paths in a PDF, so their texts are measured where they are drawn: here and in test_charts.py.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure

from lianzheng.pages import wording
from lianzheng.pages.blocks import BLOCKS_MIME, Chart, Table, from_data, leaves
from lianzheng.pages.drawn import chart_from_figure
from lianzheng.pages.measured import text_faults
from tests.layout.bureaus import SCORECARDS, long_name
from tests.projects import Project

pytestmark = [pytest.mark.needs_poppler]
BUREAUS = pytest.mark.parametrize(
    "published",
    [
        pytest.param(3, marks=pytest.mark.xdist_group("layout3")),
        pytest.param(24, marks=pytest.mark.xdist_group("layout24")),
        pytest.param(60, marks=[pytest.mark.xdist_group("layout60"), pytest.mark.soak]),
    ],
    indirect=True,
)
PAGES = ("comparison", "questionnaire", "statistics", "rectification", "intake", "bulletin")
MM, HIGHEST_MM = 72 / 25.4, 215
SIDE_MM, NARROW_SIDE_MM, EDGE_MM = 22.0, 12.0, 8.0
"""Type area of the bureau's pages at the sides, of the dense scorecard, and what no printer reaches at all."""
_CLOSING, _OPENING = "，。、；：！？）》”’〕", "“（《‘〔"
_XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Sheet:
    """A page of a PDF: its size in points, its words and their boxes (left, top, right, bottom)."""

    width: float
    height: float
    words: list[str]
    boxes: np.ndarray

    @property
    def inked(self) -> np.ndarray:
        """The boxes without the blank half of a mark at either end, which the setter trims."""
        half = 0.5 * (self.boxes[:, 3] - self.boxes[:, 1])
        left = half * [word[:1] in _OPENING for word in self.words]
        right = half * [word[-1:] in _CLOSING for word in self.words]
        return self.boxes + np.column_stack([left, 0 * half, -right, 0 * half])

    def text(self, *, above_mm: float = 400.0) -> str:
        """The words, without blanks, of the part above a height."""
        tops = self.boxes[:, 1]
        return "".join(word for word, top in zip(self.words, tops, strict=True) if top < above_mm * MM)


def sheets_of(pdf: Path) -> list[Sheet]:
    """The pages as poppler finds their words."""
    done = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, check=True)
    found = ElementTree.fromstring(done.stdout)
    return [_sheet(page) for page in found.iter(f"{_XHTML}page")]


def _sheet(page: ElementTree.Element) -> Sheet:
    words = list(page.iter(f"{_XHTML}word"))
    boxes = [[float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")] for word in words]
    width, height = float(page.attrib["width"]), float(page.attrib["height"])
    return Sheet(width, height, [word.text or "" for word in words], np.array(boxes).reshape(-1, 4))


def outside(sheet: Sheet, side_mm: float) -> list[str]:
    """Words that leave the type area."""
    left, top, right, bottom = sheet.inked.T
    side, edge = side_mm * MM - 1.0, EDGE_MM * MM
    is_out = (left < side) | (right > sheet.width - side) | (top < edge) | (bottom > sheet.height - edge)
    return [word for word, out in zip(sheet.words, is_out, strict=True) if out]


def colliding(sheet: Sheet) -> list[tuple[str, str]]:
    """Words that lie over each other: their boxes, without the air above and below the letters, meet."""
    boxes = sheet.inked
    air = np.column_stack([np.full(len(boxes), 0.4), 0.22 * (boxes[:, 3] - boxes[:, 1])])
    low, high = boxes[:, :2] + air, boxes[:, 2:] - air
    meets = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
    return [(sheet.words[one], sheet.words[other]) for one, other in np.argwhere(np.triu(meets, 1))]


def pdfs(published: Project) -> dict[str, Path]:
    """The published papers by stem: those of the bureau and the scorecards in both editions."""
    cards = [f"{place}/{unit_id}/scorecard" for place in ("units", "editions") for unit_id in SCORECARDS]
    stems = [*PAGES, *cards]
    return {stem: published.reports / f"{stem}.pdf" for stem in stems}


@BUREAUS
def test_no_word_leaves_the_type_area_and_no_two_lie_over_each_other(published: Project) -> None:
    for stem, pdf in pdfs(published).items():
        side = NARROW_SIDE_MM if "/" in stem else SIDE_MM
        for number, sheet in enumerate(sheets_of(pdf), start=1):
            assert sheet.words, (stem, number)
            assert outside(sheet, side) == [], (stem, number)
            assert colliding(sheet) == [], (stem, number)


@BUREAUS
def test_every_long_name_is_whole_in_the_tables_of_all_units(published: Project) -> None:
    n_units = units(published)
    names = [long_name(f"U{number:03}") for number in range(1, n_units + 1)]
    for stem in ("comparison", "intake", "statistics"):
        told = {cell.text for table in tables(published, stem) for row in table.body for cell in row}
        assert [name for name in names if name not in told] == [], stem
        text = "".join(sheet.text() for sheet in sheets_of(pdfs(published)[stem]))
        assert [n for n in range(1, n_units + 1) if f"第{n:02}水情" not in text] == [], stem


@BUREAUS
def test_a_table_that_goes_on_repeats_its_header(published: Project) -> None:
    n_continued = 0
    for stem in PAGES:
        sheets = sheets_of(pdfs(published)[stem])
        for table in tables(published, stem):
            for sheet in continued(table, sheets):
                short = [c.label for c in table.columns if 0 < len(c.label) <= 4 and not c.group]
                head = sheet.text(above_mm=52.0)
                assert [label for label in short if label not in head] == [], (stem, table.title)
                n_continued += len(short) > 1
    assert n_continued >= (1 if units(published) < 24 else 3)


@BUREAUS
def test_every_chart_fits_a_page(published: Project) -> None:
    for stem in PAGES:
        charts = [block for block in blocks(published, stem) if isinstance(block, Chart)]
        for chart in charts:
            found = re.search(
                r'width="([\d.]+)pt" height="([\d.]+)pt"|height="([\d.]+)pt"[^>]*width="([\d.]+)pt"',
                chart.svg,
            )
            assert found, chart.title
            width, height = (
                (float(found[1]), float(found[2])) if found[1] else (float(found[4]), float(found[3]))
            )
            assert height / width * chart.width_mm <= HIGHEST_MM, chart.title


@BUREAUS
def test_the_texts_of_all_charts_keep_clear_of_each_other(
    published: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: dict[str, list[str]] = {}

    def measured(figure: Figure, **told: Any) -> Chart:
        if wrong := text_faults(figure):
            faults[told["title"]] = wrong
        return chart_from_figure(figure, **told)

    monkeypatch.setattr(wording, "chart_from_figure", measured)
    drawn = [block for stem in pdfs(published) for block in drawn_again(published, stem)]
    assert sum(isinstance(block, Chart) for block in drawn) >= 15
    assert faults == {}


def drawn_again(published: Project, stem: str) -> list[object]:
    """Run the cells of a paper's notebook here, on the published bureau's tables."""
    name = stem.replace("/", "_")
    notebook = nbformat.read(published.reports / "notebooks" / f"{name}.ipynb", as_version=4)
    names: dict[str, Any] = {}
    found: list[object] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            *before, last = cell.source.strip().splitlines()
            exec("\n".join(before), names)
            if re.match(r"[\w.]+\(", last):
                found += leaves(eval(last, names).blocks)
            else:
                exec(last, names)
    return found


def test_what_is_wrong_is_found() -> None:
    words = ["在内", "叠", "出界", "行末。", "下缘"]
    places = [
        (70, 100, 90, 112),
        (88, 101, 99, 113),
        (520, 100, 540, 112),
        (520, 200, 535, 212),
        (70, 830, 90, 840),
    ]
    sheet = Sheet(595.3, 841.9, words, np.array(places, dtype="float64"))
    assert outside(sheet, SIDE_MM) == [
        "出界",
        "下缘",
    ]  # the right edge of the type area is 532.9; half a mark is blank
    assert colliding(sheet) == [("在内", "叠")]


def units(published: Project) -> int:
    """How many units the roster has."""
    roster = published.folder / "config/2018/units.csv"
    return len(roster.read_text(encoding="utf-8").splitlines()) - 1


def blocks(published: Project, stem: str) -> list[object]:
    """What the notebook behind a paper returned."""
    notebook = nbformat.read(published.reports / "notebooks" / f"{stem}.ipynb", as_version=4)
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    found = (data for output in outputs for data in output.get("data", {}).get(BLOCKS_MIME, []))
    return list(leaves(map(from_data, found)))


def tables(published: Project, stem: str) -> list[Table]:
    """The tables of a paper."""
    return [block for block in blocks(published, stem) if isinstance(block, Table)]


def continued(table: Table, sheets: list[Sheet]) -> list[Sheet]:
    """The pages on which a table with remarks goes on after its first; none where only its remarks do."""
    texts, title = [sheet.text() for sheet in sheets], re.sub(r"\s", "", table.title)
    first = next((n for n, text in enumerate(texts) if title in text), None)
    if first is None or not table.remarks:
        return []
    ending = re.sub(r"\s", "", table.remarks[0])[:12]
    last = next(
        (
            n
            for n in range(first, len(texts))
            if ending in texts[n][texts[n].find(title) if n == first else 0 :]
        ),
        first,
    )
    if ending in sheets[last].text(above_mm=34.0):
        last -= 1
    return sheets[first + 1 : last + 1]
