"""A blank form that was filled in reads as the plain one with the same values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lianzheng.forms import Layout, as_docx, as_xlsx
from lianzheng.forms.blank import blank_form
from lianzheng.forms.layout import Placed
from tests.unit.intake.sample import config, layout_of
from tests.unit.intake.test_run import Bureau
from tests.unit.intake.test_side_by_side import said


@pytest.mark.parametrize(("ending", "write"), [("xlsx", as_xlsx), ("docx", as_docx)])
def test_the_two_papers_of_the_statistics_form_read_as_the_one_that_they_were(
    tmp_path: Path, ending: str, write: Callable[[Layout], bytes]
) -> None:
    plain = layout_of("statistics", Bureau.figures())
    values = {c.keys: c.value for sheet in plain.sheets for c in sheet.cells if c.role == "value"}
    unit = config().unit("U001")
    blank = blank_form(config(), config().forms["statistics"], "U001", {"unit_id": unit.name})
    assert len(blank.sheets) == 2

    def fill(cell: Placed) -> Placed:
        return replace(cell, value=values[cell.keys]) if cell.role == "value" else cell

    expected = said(tmp_path, "U001.xlsx", as_xlsx(plain))
    filled = said(tmp_path, f"U001 填.{ending}", write(blank.change(fill)))
    assert filled == expected and len(filled[0]) == 135
