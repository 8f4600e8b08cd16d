"""The documentation shows every kind of page, and says of each picture what was changed after looking."""

from __future__ import annotations

import re

from tests import pictures

NAMES = {*pictures.PDF_PAGES, *pictures.OFFICE_PAGES, *pictures.HTML_PAGES, *pictures.BENCH}


def test_every_picture_is_there_and_has_its_sentence() -> None:
    table = (pictures.PICTURES / "README.md").read_text(encoding="utf-8")
    rows = {
        name: told
        for name, _, told in re.findall(r"^\| (\S+)\.png \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    }
    drawn = {path.stem for path in pictures.PICTURES.glob("*.png")}
    assert set(rows) == drawn == NAMES
    assert all(told.endswith(".") and len(told) > 40 for told in rows.values())


def test_each_notebook_has_a_picture() -> None:
    shown = {pdf.split("/")[-1].removesuffix(".pdf") for pdf, _ in pictures.PDF_PAGES.values()}
    notebooks = {
        path.stem.split("_", 1)[1] for path in (pictures.REPOSITORY / "notebooks").glob("0[1-9]_*.ipynb")
    }
    assert {name.removeprefix("unit_") for name in notebooks} == shown


def test_the_readme_shows_a_picture_that_is_there() -> None:
    readme = (pictures.REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\((\S+\.png)\)", readme)
    assert shown and all((pictures.REPOSITORY / path).is_file() for path in shown)
