"""The printed ballot (测评票) of 附件3: one rater, one A4 page, no name.

One ballot fills a page: ten questions in a size that is read without glasses, boxes that a pen can tick, and lines for
a comment leave no room for a second, and ballots cut apart by hand are told apart by their size.
"""

from __future__ import annotations

from collections.abc import Iterator

from lianzheng.config import CycleConfig
from lianzheng.config.models import Question, Questionnaire
from lianzheng.forms.code import LABEL, FormCode
from lianzheng.forms.layout import Layout, Placed, Sheet

NUMBER = "附件3"
BOX = "□"
_COMMENT_HEIGHT, _ROW_HEIGHT, _PARTS = 110.0, 34.0, 2  # points; label columns of the table
_LARGER = 2  # points: a ballot is filled in by pen, by people of any age


def ballot(config: CycleConfig, sheet: Questionnaire, owner: str, unit_name: str) -> Layout:
    """The ballot for a unit's raters: how to fill it in, their group, the questions with boxes, room for a comment."""
    code = FormCode(config.cycle.cycle, sheet.form_id, owner)
    wide = _PARTS + len(sheet.scale)
    told = f"版本：{sheet.version}　{LABEL}：{code}"
    cells = [
        Placed(1, 1, NUMBER, "mark", 1, 2),
        Placed(1, 3, told, "code", 1, wide - 2),
        Placed(2, 1, sheet.title, "title", 1, wide),
        Placed(3, 1, "受测单位：", "header_label"),
        Placed(3, 2, unit_name, "header_value", 1, wide - 1),
    ]
    for line in instructions(sheet):
        cells.append(Placed(cells[-1].row + 1, 1, line, "header_field", 1, wide))
    row = cells[-1].row + 1
    cells += _table(sheet, row)
    heights = [(row + i, _ROW_HEIGHT) for i in range(len(sheet.rated) + 1)]
    row += len(sheet.rated) + 1
    for question in (question for question in sheet.questions if question.kind == "comment"):
        cells += [Placed(row, 1, f"{question.label}（可不填）：", "caption", 1, wide)]
        cells += [Placed(row + 1, 1, None, "value", 1, wide)]
        heights += [(row + 1, _COMMENT_HEIGHT)]
        row += 2
    widths = (7.0, 44.0, *(8.0 for _ in sheet.scale))
    page = Sheet("测评票", tuple(cells), widths, heights=tuple(heights), larger_by=_LARGER)
    return Layout(sheet.form_id, (page,), code.properties(sheet.version))


def instructions(sheet: Questionnaire) -> Iterator[str]:
    """How to fill the ballot in, and what makes it void, by the rules of ``questionnaire.yml``."""
    words = [option.label for option in sheet.scale]
    yield "填写说明：1. 本票不记名，请勿写姓名。"
    yield f"2. 每项在“{'”“'.join(words)}”中只选一个，在所选的{BOX}内打“√”；多选的该项不计。"
    limits = [f"所答不足{sheet.minimum_answered_share:.0%}的票无效"] * (sheet.minimum_answered_share > 0)
    limits += ["各项选择完全相同的票无效"] * sheet.voids_identical_answers
    limits += [f"各项全选“{sheet.best.label}”的票无效"] * sheet.voids_full_marks
    unknown = [option.label for option in sheet.scale if option.coefficient is None]
    if unknown:
        limits.insert(0, f"不了解情况的选“{unknown[0]}”")
    yield f"3. {'；'.join([*limits, '填好后对折投入票箱'])}。"
    groups = f"{BOX} " + f"　　{BOX} ".join(group.label for group in sheet.rater_groups)
    asked = [question for question in sheet.questions if question.kind == "group"]
    yield from (f"{question.label}（必选）：　{groups}" for question in asked)


def _table(sheet: Questionnaire, row: int) -> Iterator[Placed]:
    labels = ("序号", "测评内容", *(option.label for option in sheet.scale))
    yield from (Placed(row, i, label, "column_label") for i, label in enumerate(labels, start=1))
    for number, question in enumerate(sheet.rated, start=1):
        yield from _question(sheet, question, number, row + number)


def _question(sheet: Questionnaire, question: Question, number: int, row: int) -> Iterator[Placed]:
    yield Placed(row, 1, str(number), "row_label")
    yield Placed(row, 2, question.label, "row_label")
    yield from (Placed(row, _PARTS + i, BOX, "value") for i in range(1, len(sheet.scale) + 1))
