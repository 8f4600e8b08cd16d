"""Each kind of mess: what it makes of a small form, and that nothing is lost by it."""

from __future__ import annotations

from random import Random

import pytest

from lianzheng.config import CycleConfig
from lianzheng.demo import mess
from lianzheng.forms import Layout, lay_out

KEYS = {
    ("problems", "gifts", "n_problems"): 12.0,
    ("problems", "gifts", "amount_10k_yuan"): 1.25,
    ("problems", "other", "n_problems"): 0.0,
    ("workload", "n_rules", "amount"): 3.0,
}


@pytest.fixture
def layout(config: CycleConfig) -> Layout:
    header = {"unit_id": "东河处", "filled_by": "张三", "reviewed_by": "李四", "filled_on": "2018.11.26"}
    return lay_out(config.forms["statistics"], header, KEYS)


class Always(Random):
    """Chance that always says yes, and takes the first of what is offered."""

    def random(self) -> float:
        return 0.0

    def choice(self, seq):  # type: ignore[no-untyped-def]
        return seq[0]

    def randint(self, a: int, b: int) -> int:
        return a


def values(layout: Layout) -> dict[tuple[str, str, str], object]:
    return {key: layout.find(key)[1].value for key in KEYS}


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (mess.full_width, ["１２", "１．２５", 0.0, "３"]),
        (mess.in_words, [12.0, 1.25, 0.0, "三"]),
        (mess.words_for_zero, [12.0, 1.25, "无", 3.0]),
        (mess.counted, [12.0, 1.25, 0.0, "3项"]),
        (mess.in_yuan, [12.0, "12,500", 0.0, 3.0]),
        (mess.other_formats, [12.0, 1.25, 0.0, 3.0]),
        (mess.indented, [12.0, 1.25, 0.0, 3.0]),
    ],
)
def test_numbers_are_written_anew(
    kind: mess.Mess, written: list[object], layout: Layout, config: CycleConfig
) -> None:
    assert list(values(kind(layout, config.forms["statistics"], Always())).values()) == written


@pytest.mark.parametrize("kind", mess.MESSES)
@pytest.mark.parametrize("form_id", ["standard", "statistics"])
def test_no_kind_of_mess_loses_a_place(kind: mess.Mess, form_id: str, config: CycleConfig) -> None:
    form = config.forms[form_id]
    before = lay_out(form, {"unit_id": "东河处"})
    after = kind(before, form, Random(3))
    keys = {key for sheet in before.sheets for cell in sheet.cells for key in cell.keys}
    assert keys == {key for sheet in after.sheets for cell in sheet.cells for key in cell.keys}
    assert after != before or kind in (
        mess.full_width,
        mess.words_for_zero,
        mess.counted,
        mess.other_formats,
        mess.in_yuan,
        mess.in_words,
    )
    for sheet in after.sheets:
        places = [(cell.row, cell.column) for cell in sheet.cells]
        assert len(places) == len(set(places))


def test_labels(layout: Layout, config: CycleConfig) -> None:
    form = config.forms["statistics"]
    key = ("problems", "buildings", "")
    assert mess.indented(layout, form, Always()).find(key)[1].value == "　　楼堂馆所违规"
    assert mess.other_labels(layout, form, Always()).find(key)[1].value == "楼堂馆所违规问题"
    total = ("problems", "total", "")
    assert mess.other_labels(layout, form, Always()).find(total)[1].value == "合计"
    assert (
        mess.in_yuan(layout, form, Always()).find(("problems", "", "amount_10k_yuan"))[1].value
        == "涉及金额（元）"
    )


def test_a_counting_row_stands_below_each_header(layout: Layout, config: CycleConfig) -> None:
    after = mess.counting_row(layout, config.forms["statistics"], Always())
    _, gifts = after.find(("problems", "gifts", "n_problems"))
    _, before = layout.find(("problems", "gifts", "n_problems"))
    assert gifts.row == before.row + 1
    _, rules = after.find(("workload", "n_rules", "amount"))
    assert rules.row == layout.find(("workload", "n_rules", "amount"))[1].row + 3
    header = after.find(("problems", "", "n_problems"))[1].last[0]
    marks = [c.value for c in after.sheets[0].cells if c.row == header + 1]
    assert marks == ["甲", "乙", *map(str, range(1, 11))]


def test_the_header_line_moves_whole(layout: Layout, config: CycleConfig) -> None:
    form = config.forms["statistics"]
    _, unit = mess.one_line_header(layout, form, Always()).find(("header", "unit_id", ""))
    assert unit.value == "填表单位（盖章）：东河处      填表人：张三      审核人：李四      时间：2018.11.26"
    assert len(unit.keys) == 4
    sheet, below = mess.header_below(layout, form, Always()).find(("header", "unit_id", ""))
    assert below.row == sheet.n_rows > max(c.row for c in sheet.cells if c.role == "value")


def test_what_stands_below_and_behind(layout: Layout, config: CycleConfig) -> None:
    form = config.forms["statistics"]
    signed = mess.signatures(layout, form, Always()).sheets[0]
    assert [c.value for c in signed.cells][-2].startswith("注：")
    hidden = mess.helper_sheet(layout, form, Always()).sheets[-1]
    assert hidden.is_hidden and hidden.cells == ()
    title = mess.other_title(layout, form, Always()).find(("title", "", ""))[1].value
    assert title == "示例局直属单位2018年度落实中央八项规定精神自查统计表　"


def test_a_messy_form_has_several_kinds(layout: Layout, config: CycleConfig) -> None:
    form = config.forms["statistics"]
    made = {str(mess.make_messy(layout, form, Random(seed)).sheets) for seed in range(12)}
    assert len(made) >= 10
    assert mess.make_messy(layout, form, Random(5)) == mess.make_messy(layout, form, Random(5))
