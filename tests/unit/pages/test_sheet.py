"""The scorecard's sheet: two sides of A4 and then the annex, whatever is written into it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from lianzheng.publish.notebook import Document
from lianzheng.publish.pdf import LianzhengPDFExporter
from tests import house
from tests.unit.pages.bureau import Sample
from tests.unit.pages.test_notebooks import executed

NOTEBOOK = house.REPOSITORY / "notebooks" / "02_unit_scorecard.ipynb"
LONG = (
    "检查组现场查阅会议记录本和个别谈话记录时发现，第三季度有两次专题会议没有形成完整的书面记录，参会人员签到表缺失，"
    * 4
)


def scorecard(sample: Sample) -> Document:
    return executed(Path(NOTEBOOK), sample)[1]


def annex_page(document: Document) -> int:
    """The page, from 1, on which the annex begins."""
    with pikepdf.open(io.BytesIO(LianzhengPDFExporter().write(document))) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        with pdf.open_outline() as outline:
            found = [
                numbers[_page(item, pdf)] for item in _items(outline.root) if item.title.startswith("附：")
            ]
    (page,) = found
    return page


def _items(items: Any) -> Any:
    for item in items:
        yield item
        yield from _items(item.children)


def _page(item: Any, pdf: pikepdf.Pdf) -> tuple[int, int]:
    target = item.destination
    if not isinstance(target, pikepdf.Array):
        names = pikepdf.NameTree(pdf.Root.Names.Dests)
        target = names[str(target)]
        target = target.D if isinstance(target, pikepdf.Dictionary) else target
    objgen: tuple[int, int] = target[0].objgen
    return objgen


def fill(sample: Sample) -> None:
    """Everything that a unit's sheet can hold, at its longest."""
    name = "工程质量监督检测与安全评价中心（筹备组）办"
    assert len(name) >= 20
    sample.change("units", "U001", name=name, short_name=name)
    sample.change("results_by_unit", "U001", grade_reason=LONG)
    _more_items(sample)
    _more_figures(sample)
    for row in sample.rows["items"]:
        row["name"] = f"落实党风廉政建设责任制专题研究部署{row['item_id']}"
    lines = sample.rows["score_lines"]
    sample.rows["score_lines"] += [
        line | {"line_number": line["line_number"] + 10 * n, "reason": LONG} for n in (1, 2) for line in lines if line["unit_id"] == "U001"
    ]  # fmt: skip
    first = sample.rows["findings"][0]
    sample.rows["findings"] += [
        first | {"finding_id": f"U001-Z{n}", "text": LONG, "finding_severity": "grave"} for n in range(30)
    ]
    good = sample.rows["highlights"][0]
    sample.rows["highlights"] += [good | {"highlight_id": f"U001-Y{n}", "text": LONG} for n in range(12)]
    known = next(row for row in sample.rows["rectifications"] if row["unit_id"] == "U001")
    sources = ("last_inspection", "debrief", "holiday", "special_meeting", "patrol", "inspection")
    sample.rows["rectifications"] += [
        known | {"rectification_id": f"U001-X{n}", "source": sources[n % 6], "text": LONG, "state": "open"} for n in range(60)
    ]  # fmt: skip
    again = next(row for row in sample.rows["recurrences"] if row["unit_id"] == "U001")
    sample.rows["recurrences"] += [
        again | {"rectification_id": f"U001-X{n}", "finding_id": f"U001-Z{n % 30}", "kind": kind}
        for n in range(60) for kind in ("repeated" if n % 2 else "not_rectified",)
    ]  # fmt: skip
    visit = next(row for row in sample.rows["site_visits"] if row["unit_id"] == "U001")
    sample.rows["site_visits"] += [visit | {"team_id": "T2"}]
    issue = next(row for row in sample.rows["issues"] if row["unit_id"] == "U001")
    sample.rows["issues"] += [issue | {"issue_id": f"Q{n}", "message": LONG} for n in range(20)]


def _more_items(sample: Sample) -> None:
    """Eight items with a loss and eight without."""
    item, score = sample.rows["items"][0], sample.rows["scores_by_unit_item"][0]
    line = next(
        line for line in sample.rows["score_lines"] if line["unit_id"] == "U001" and line["scorer"] == "T1"
    )
    for n in range(16):
        item_id, points = f"S1{n + 10}", 2.0 if n % 2 else 4.0
        sample.rows["items"].append(item | {"item_id": item_id, "order": 10 + n, "item_key": item_id})
        sample.rows["scores_by_unit_item"].append(
            score
            | {"unit_id": "U001", "item_id": item_id, "team_points": points, "max_points": 4.0, "n_teams": 1}
        )
        sample.rows["score_lines"].append(line | {"item_id": item_id, "change_points": points - 4.0})


def _more_figures(sample: Sample) -> None:
    """Every problem figure of 附件2, doubled since last year."""
    form = sample.config.statistics
    assert form
    known, change = (
        sample.rows[name][0] for name in ("statistics_by_unit_category_measure", "statistic_changes_by_unit")
    )
    places = [
        {"category_id": category, "measure_id": measure, "unit_of_measure": "万元"}
        for category in list(form.categories)[:4] for measure in list(form.measures)[:5]
    ]  # fmt: skip
    sample.rows["statistics_by_unit_category_measure"] = [
        known | place | {"period": period, "value": value, "value_state": "number", "raw_text": str(value)}
        for place in places for period, value in (("this", 24680.5), ("last_return", 12340.25))
    ]  # fmt: skip
    sample.rows["statistic_changes_by_unit"] = [
        change | place | {"value": 24680.5, "last_value": 12340.25, "change": 12340.25, "change_pct": 100.0, "base_source": "last_return"}
        for place in places
    ]  # fmt: skip


@pytest.mark.parametrize("is_full", [False, True])
def test_the_annex_begins_on_the_third_page(sample: Sample, is_full: bool) -> None:
    if is_full:
        fill(sample)
    assert annex_page(scorecard(sample)) == 3


def test_what_the_sheet_leaves_out_stands_in_the_annex(sample: Sample) -> None:
    fill(sample)
    document = scorecard(sample)
    start = document.headings.index("附：明细与数字出处")
    assert start > 0
    told = str(
        document.blocks[[getattr(b, "text", "") for b in document.blocks].index("附：明细与数字出处") :]
    )
    assert told.count(LONG.rstrip("，")) >= 30
