"""The ballot: no name, a box for every answer, and instructions that follow the rules of the questionnaire."""

from __future__ import annotations

import io

from docx import Document

from lianzheng.forms import as_docx
from lianzheng.forms.ballot import ballot, instructions
from tests.unit.forms.test_layout import CONFIG

SHEET = CONFIG.questionnaire
assert SHEET is not None
PAPER = ballot(CONFIG, SHEET, "U003", "南坡管理处")


def test_every_question_has_a_box_for_every_option() -> None:
    document = Document(io.BytesIO(as_docx(PAPER)))
    table, comment = document.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["序号", "测评内容", "好", "较好", "一般", "差", "弃权"]
    assert rows[1] == ["1", "党委履行党风廉政建设主体责任情况", *"□□□□□"]
    assert len(rows) == 11 and all(row[2:] == ["□"] * 5 for row in rows[1:])
    assert [cell.text for cell in comment.rows[0].cells] == [""] * 7


def test_it_says_how_to_tick_asks_the_group_and_no_name() -> None:
    texts = [paragraph.text for paragraph in Document(io.BytesIO(as_docx(PAPER))).paragraphs]
    assert texts[:3] == [
        "附件3\t版本：2018　表样编号：2018-questionnaire-U003",
        "示例局直属单位2018年党风廉政建设责任制落实情况测评表",
        "受测单位：南坡管理处",
    ]
    assert "您的身份（必选）：　□ 中层干部　　□ 职工代表" in texts
    assert "您的意见和建议（可不填）：" in texts
    assert not any(word in text for text in texts for word in ("姓名：", "签名", "签字"))


def test_the_instructions_follow_the_rules() -> None:
    assert list(instructions(SHEET))[:3] == [
        "填写说明：1. 本票不记名，请勿写姓名。",
        "2. 每项在“好”“较好”“一般”“差”“弃权”中只选一个，在所选的□内打“√”；多选的该项不计。",
        "3. 不了解情况的选“弃权”；所答不足50%的票无效；填好后对折投入票箱。",
    ]
    strict = SHEET.model_copy(
        update={"minimum_answered_share": 0, "voids_full_marks": True, "voids_identical_answers": True}
    )
    assert list(instructions(strict))[2] == (
        "3. 不了解情况的选“弃权”；各项选择完全相同的票无效；各项全选“好”的票无效；填好后对折投入票箱。"
    )


def test_a_question_s_rows_fit_one_page() -> None:
    (page,) = PAPER.sheets
    assert (
        sum(height for _, height in page.heights) < 520
    )  # of 750 points between the margins; text above needs 130
