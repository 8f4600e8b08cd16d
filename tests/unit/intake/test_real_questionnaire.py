"""A real 问卷星 export, read completely; the oracle counts the raw cells with xlrd and knows nothing of the reader."""

from __future__ import annotations

from collections import Counter

import pytest
import xlrd

from lianzheng.intake import inspect_file
from lianzheng.intake.books import read_book
from lianzheng.intake.exports import find_exports
from tests.unit.intake.sample import config

NAME = "问卷星_800_800_0.xls"


@pytest.fixture(scope="module")
def path(shared_folder):
    return shared_folder / "real" / NAME


@pytest.fixture(scope="module")
def plain_counts(path):
    """Question → option → count, over the raw cells."""
    sheet = xlrd.open_workbook(path).sheet_by_index(0)
    counts = {}
    for column in range(6, sheet.ncols):
        title = sheet.cell_value(0, column).split("、", 1)[1].strip()
        chosen = [part for row in range(1, sheet.nrows) for part in sheet.cell_value(row, column).split("┋")]
        counts[title] = Counter(option.split("〖")[0] for option in chosen)
    return counts


@pytest.mark.needs_shared
def test_every_ballot_and_every_vote_is_read(path, plain_counts):
    (export,) = find_exports(read_book(path))
    assert (len(export.rows), len(export.questions)) == (800, 8)
    assert export.counts == plain_counts
    assert sum(export.counts["兴趣爱好"].values()) > 3000


@pytest.mark.needs_shared
def test_inspect_shows_a_useful_summary(path, plain_counts):
    lines = "\n".join(inspect_file(path, config()).describe())
    assert "答卷 800 份，题目 8 道" in lines
    assert f"性别：男 {plain_counts['性别']['男']}，女 {plain_counts['性别']['女']}" in lines
