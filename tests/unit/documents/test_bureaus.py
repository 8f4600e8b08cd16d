"""Bulletins of very different bureaus, made into Word and checked: each is numbered, complete and says what the data say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from lianzheng.documents.check import check_document
from lianzheng.documents.sources import Source, sources_of
from lianzheng.pages.blocks import Block, Heading, Title
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.publish.notebook import Document
from lianzheng.publish.word import LianzhengWordExporter
from tests.unit.pages.bureau import VISITED, Frames, Sample
from tests.unit.pages.crowds import crowd, with_one_visited

HEADINGS = ("一、总体情况", "二、存在的主要问题", "三、整改落实意见")


def as_it_is(sample: Sample) -> None:
    """Six units visited, two classes of problems."""


def without_findings(sample: Sample) -> None:
    for table in ("findings", "finding_counts_by_class"):
        sample.rows[table] = []


def with_sixty(sample: Sample) -> None:
    crowd(sample, 60)


def with_nobody_visited(sample: Sample) -> None:
    without_findings(sample)
    for unit_id in VISITED:
        sample.change("units", unit_id, is_visited=False)
    sample.config = dataclasses.replace(sample.config, visits=())


def with_results(sample: Sample) -> None:
    sample.cycle(bulletin_shows=("scores", "grades", "ranks"))


def blocks_of(page: BulletinPage) -> list[Block]:
    """What the notebook shows, with its own headings."""
    parts: list[Block] = [*page.opening().blocks]
    for heading, cell in zip(HEADINGS, (page.overall, page.problems, page.remedies), strict=True):
        parts += [Heading(heading), *cell().blocks]
    return [*parts, *page.signature().blocks, *page.annex().blocks]


def in_word(sample: Sample, edition: str) -> tuple[bytes, dict[str, Source]]:
    """The sample's bulletin as a Word file, and its sources by bookmark."""
    page: BulletinPage = sample.open(lambda cycle: BulletinPage(cycle, edition=edition))
    blocks = blocks_of(page)
    title = next(block for block in blocks if isinstance(block, Title))
    assert title.document
    data = LianzhengWordExporter().write(Document(title, title.document, tuple(blocks)))
    return data, {source.bookmark: source for source in sources_of(blocks)}


@pytest.mark.parametrize("edition", ["internal", "anonymous"])
@pytest.mark.parametrize(
    "bureau", [as_it_is, without_findings, with_one_visited, with_sixty, with_nobody_visited, with_results]
)
def test_a_bulletin_of_any_bureau_passes_the_check(
    sample: Sample, bureau: Callable[[Sample], None], edition: str
) -> None:
    bureau(sample)
    data, sources = in_word(sample, edition)
    report = check_document(data, sample.config, Frames(sample.rows, sample.config), sources)
    assert [fault.message for fault in report.faults] == [] and report.notes == ()
    assert report.paper.bookmarks.keys() == sources.keys()


def test_a_grade_typed_over_is_found(sample: Sample) -> None:
    with_results(sample)
    data, sources = in_word(sample, "internal")
    for row in sample.rows["results_by_unit"]:
        row |= {"grade": "excellent"} if row["unit_id"] == "U001" else {}
    report = check_document(data, sample.config, Frames(sample.rows, sample.config), sources)
    assert [fault.message for fault in report.faults] == ["此处为良好，数据为优秀"]
