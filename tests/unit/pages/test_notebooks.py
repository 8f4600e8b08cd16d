"""The notebooks: what they call exists, and what they show can be published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from lianzheng.pages.bulletin import BulletinPage
from lianzheng.publish.notebook import Document, read_document
from tests import house
from tests.unit.pages.bureau import Sample, told

NOTEBOOKS = sorted((house.REPOSITORY / "notebooks").glob("0[1-9]_*.ipynb"))  # 00 is the analyst's, no page


def executed(path: Path, sample: Sample) -> tuple[Any, Document]:
    """Run the code cells here, with the last line of each as its output; returns the page and the document."""
    sample.open(BulletinPage)
    notebook, names = nbformat.read(path, as_version=4), {}  # type: ignore[no-untyped-call, var-annotated]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            *before, last = cell.source.splitlines()
            exec("\n".join(before), names)
            cell.execution_count = 1
            if "parameters" in cell.metadata.get("tags", []):
                exec(last, names)
                continue
            bundle, _ = eval(last, names)._repr_mimebundle_()
            cell.outputs = [nbformat.v4.new_output("display_data", bundle)]  # type: ignore[no-untyped-call]
    return names["page"], read_document(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_its_document_is_whole(path: Path, sample: Sample) -> None:
    page, document = executed(path, sample)
    assert len(document.charts) == page.n_charts
    assert document.blocks[0] is document.title and "笔记本" not in str(document.blocks)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_public_cell_of_the_page_is_shown(path: Path, sample: Sample) -> None:
    page, _ = executed(path, sample)
    source = path.read_text(encoding="utf-8")
    shown = [name for name in dir(type(page)) if _gives_blocks(type(page), name)]
    assert shown and all(f"page.{name}()" in source for name in shown)


def _gives_blocks(page: type, name: str) -> bool:
    annotations = getattr(getattr(page, name), "__annotations__", {})
    return not name.startswith("_") and annotations.get("return") == "Blocks"


def test_there_are_those_of_this_edition() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_intake",
        "02_unit_scorecard",
        "03_comparison",
        "04_questionnaire",
        "05_statistics",
        "06_rectification",
        "07_bulletin",
    ]


def test_the_bulletin_reads_as_one_paper(sample: Sample) -> None:
    _, document = executed(NOTEBOOKS[-1], sample)
    assert document.headings == (
        "关于各局直单位2018年落实党风廉政建设责任制监督检查情况的通报",
        "一、总体情况",
        "（一）落实“两个责任”情况",
        "（二）党员干部教育和日常监督管理情况",
        "（三）作风纪律建设和专项整治情况",
        "二、存在的主要问题",
        "（一）廉政约谈不规范，有的未约谈或次数不足，约谈记录不完整",
        "（二）重业务、轻党风廉政建设，反馈问题整改不到位",
        "三、整改落实意见",
        "检查情况图",
        "检查情况表",
    )
    assert "docs/" not in told() + str(document.blocks)
