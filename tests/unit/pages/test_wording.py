"""The engine behind wording.yml, and wording.yml itself."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from lianzheng.pages import words
from lianzheng.pages.wording import _spec, chart, columns, table, toned, wording
from lianzheng.tables import labels, schemas
from tests import house
from tests.unit.pages.bureau import cells


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("项目", ("", "项目", None, "left")),
        ("得分:9>", ("", "得分", 9.0, "right")),
        ("状态^", ("", "状态", None, "center")),
        ("同类/中位数:10> = median | points ? 不足5家", ("同类", "中位数", 10.0, "right")),
    ],
)
def test_a_column_is_read(monkeypatch: pytest.MonkeyPatch, column: str, expected: tuple[Any, ...]) -> None:
    monkeypatch.setitem(wording()["tables"], "tried", {"title": "表", "columns": column})
    (read,) = table("tried", []).columns
    assert (read.group, read.label, read.width, read.align) == expected


def test_a_frame_is_formatted_by_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = "项目 = name\n得分> = points | points ? 不足5家\n等次 = grade | @grade\n差距> = gap | signed"
    monkeypatch.setitem(
        wording()["tables"], "tried", {"title": "前{n}项", "columns": columns, "note": "共{n}项"}
    )
    frame = pd.DataFrame({
        "name": ["甲", None], "points": [2.675, None], "grade": ["excellent", "good"], "gap": [-1.0, None], "type": ["一", "二"],
    })  # fmt: skip
    made = table("tried", frame, "type", n=2)
    assert cells(made) == [["一"], ["甲", "2.68", "优秀", "−1.00"], ["二"], ["", "不足5家", "良好", "—"]]
    assert (made.title, made.note, made.body[1][2].tone, made.body[0][0].column_span) == (
        "前2项",
        "共2项",
        "good",
        4,
    )


def test_an_unreadable_column_is_our_fault() -> None:
    with pytest.raises(AssertionError, match="cannot be read"):
        _spec("项目 = = name")


def test_the_words_of_an_alternative_text_are_those_of_the_chart() -> None:
    figure = Figure()
    figure.subplots().set_title("甲")
    rows = pd.DataFrame({"label": ["甲", "乙"], "text": ["3条", "1条"]})
    made = chart("issues", figure, rows, n=4, label="甲", text="3条", n_none=0, note="")
    assert made.alt == "数据问题条数：甲 3条；乙 1条。"
    assert made.title.startswith("数据问题4条，最多的是甲（3条）")


def test_every_column_of_every_table_can_be_made() -> None:
    for name, spec in wording()["tables"].items():
        for line in spec["columns"].splitlines():
            if line.startswith("{"):
                continue
            form = _spec(line.format(cycle=2018))["format"]
            assert not form or form in words.FORMATS or form.count("/") == 2 or labels(form[1:]), (name, line)


def test_tones_belong_to_states_that_exist() -> None:
    for closed_list, tones in wording()["tones"].items():
        assert set(tones) <= set(labels(closed_list)), closed_list
        assert {toned(closed_list, state).tone for state in tones} == set(tones.values())


def test_nothing_is_left_of_the_founding_text_s_faults() -> None:
    """No placeholder XX or *** and no pasted 该乡 or 我县; every brace is a field."""
    words_said = [text for part in ("titles", "sentences") for text in wording()[part].values()]
    words_said += (
        house.REPOSITORY.joinpath("config/2018/bulletin.yml").read_text(encoding="utf-8").splitlines()
    )
    words_said = [text for text in words_said if not text.startswith("#")]
    for text in words_said:
        assert not any(left in text for left in ("X", "*", "该乡", "我县", "…")), text
        assert text.count("{") == text.count("}"), text


def test_forms_named_are_forms_and_submissions_have_a_form_id() -> None:
    assert "form_id" in schemas()["submissions"].names
    assert set(wording()["forms"]) == {"standard", "statistics", "questionnaire", "self_report"}


def test_a_label_may_hold_the_marks_of_the_language_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wording()["tables"], "tried", {"title": "表", "columns": "项目\n{more}"})
    labels_ = ["甲/乙:3>", "=x = y | points ? 无", "a\nb^"]
    read = table("tried", [], more=columns(labels_, ":7>")).columns
    assert [(c.label, c.group, c.width, c.align) for c in read[1:]] == [
        ("甲/乙:3>", "", 7.0, "right"), ("=x = y | points ? 无", "", 7.0, "right"), ("a b^", "", 7.0, "right"),
    ]  # fmt: skip
