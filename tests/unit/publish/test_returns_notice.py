"""The one-page notice: what it says, that it stays on a page, and that the files are sound."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.models import ReturnTerms
from lianzheng.errors import PublishError
from lianzheng.pages.blocks import Paragraph
from lianzheng.publish.returns_items import Item, UnitReturn
from lianzheng.publish.returns_notice import counted, notice_document, notice_docx, notice_pdf, terms
from tests.unit.publish.returned import REPOSITORY, round_of
from tests.unit.publish.sample import HOSTILE

CONFIG = load_config(2018, REPOSITORY)


def told(**returns: Any) -> CycleConfig:
    changed = CONFIG.cycle.model_copy(update={"returns": ReturnTerms(**returns)})
    return replace(CONFIG, cycle=changed)


def returned(papers: dict[str, str], *rounds: dict[str, Any]) -> UnitReturn:
    """A unit with items by paper, a letter each: f 退回文件, i 退回项目, v 请核实."""
    severities = {"f": "return_file", "i": "return_item", "v": "verify"}
    flat = [(paper, severities[letter]) for paper, letters in papers.items() for letter in letters]
    items = [
        Item(n, paper, "F1", "附件", "", "", "", "有误", "请更正", s)
        for n, (paper, s) in enumerate(flat, start=1)
    ]
    return UnitReturn(CONFIG.unit("U003"), tuple(items), (), rounds)


def lines(
    made: UnitReturn, config: CycleConfig = CONFIG, enclosed: tuple[str, ...] = ("退回补正单",)
) -> list[str]:
    return [b.text for b in notice_document(config, made, enclosed).blocks if isinstance(b, Paragraph)]


@pytest.mark.parametrize(
    ("returns", "deadline", "office", "day"),
    [
        (
            {"date": dt.date(2018, 12, 28), "days": 5},
            "于2019年1月2日前",
            "中共示例局委员会",
            "2018年12月28日",
        ),
        ({"days": 5, "office": "检查办"}, "在收到本通知之日起5日内", "检查办", ""),
        (
            {"date": dt.date(2018, 12, 5), "office": "检查办", "contact": "电话 1"},
            "尽快",
            "检查办（电话 1）",
            "2018年12月5日",
        ),
        ({}, "尽快", "中共示例局委员会", ""),
    ],
)
def test_until_when_and_to_whom(returns: dict[str, Any], deadline: str, office: str, day: str) -> None:
    said = lines(returned({"附件1": "i"}), told(**returns))
    assert f"上述材料请{deadline}报送{office}。" in said
    assert said[-1] == (day or office.partition("（")[0])


def test_without_a_signature_the_bureau_signs() -> None:
    config = told()
    config = replace(config, cycle=config.cycle.model_copy(update={"signature": ""}))
    assert terms(config)["office"] == "示例局"


def test_each_paper_has_a_line_and_the_rest_one_together() -> None:
    papers = {"附件1": "iiiv", "附件2": "f", "自查报告": "v", "其他文件": "ff", "佐证材料": "v"}
    said = lines(returned(papers, {**round_of("statistics", "missing"), "paper": "附件2"}))
    assert said[0] == f"{CONFIG.unit('U003').name}："
    assert "有9项需要补正或者核实" in said[1]
    assert said[2:6] == [
        "1. 附件1：退回项目3项、请核实1项。",
        "2. 附件2：未报。",
        "3. 自查报告：请核实1项。",
        "4. 其余2种材料：共3项，见补正清单。",
    ]


def test_what_there_is_none_of_is_not_counted() -> None:
    made = returned({"附件1": "iv", "附件2": "f"})
    assert (counted(made), counted(made, "附件1"), counted(made, "附件3")) == (
        "退回文件1份、退回项目1项、请核实1项",
        "退回项目1项、请核实1项",
        "",
    )


def fullest() -> tuple[CycleConfig, UnitReturn, tuple[str, ...]]:
    """As much as a notice can have to say, with long names."""
    config = told(
        date=dt.date(2018, 12, 28),
        days=5,
        office="示例局党风廉政建设责任制落实情况监督检查工作领导小组办公室",
        contact="联系人：张三，电话：00000000",
    )
    made = returned(dict.fromkeys(("附件1", "附件2", "自查报告", "其他文件", "佐证材料"), "fiv" * 40))
    unit = made.unit.model_copy(update={"name": "示例局下属" + "很长的" * 8 + "有限责任公司"})
    return config, replace(made, unit=unit), ("退回补正单", "标注件12份", "原件12份")


def test_the_fullest_notice_stays_on_one_page_as_pdf() -> None:
    config, made, enclosed = fullest()
    document = notice_document(config, made, enclosed)
    assert notice_pdf(document).startswith(b"%PDF") and notice_pdf(document) == notice_pdf(document)


def test_a_second_page_is_refused() -> None:
    config, made, _ = fullest()
    with pytest.raises(PublishError, match="应为一页"):
        notice_pdf(notice_document(config, made, ("很多" * 1500,)))


@pytest.mark.needs_libreoffice
@pytest.mark.needs_poppler
def test_the_fullest_notice_stays_on_one_page_in_word(tmp_path: Path) -> None:
    config, made, enclosed = fullest()
    (tmp_path / "补正通知.docx").write_bytes(notice_docx(notice_document(config, made, enclosed)))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "补正通知.docx"),
    ]
    subprocess.run(
        command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)}
    )
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "补正通知.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    assert text.count("\f") == 1 and "2018" in text


def test_hostile_text_is_only_text() -> None:
    made = returned({"附件1": "i"})
    made = replace(made, unit=made.unit.model_copy(update={"name": "".join(HOSTILE)}))
    document = notice_document(CONFIG, made, HOSTILE)
    assert notice_pdf(document) and notice_docx(document)
