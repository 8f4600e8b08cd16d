"""The analyst's bench: what a cycle gives by name, and what it says when there is no such name."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import lianzheng
from lianzheng.errors import LianzhengError, ParameterError, UnknownNameError
from lianzheng.pages import bench
from lianzheng.pages.bench import Shown, as_text, parts_of
from lianzheng.pages.blocks import KeyFigures, Paragraph, Table
from lianzheng.pages.comparison import ComparisonPage
from lianzheng.pages.cycle import Cycle
from lianzheng.tables import conform, schemas, write_tables
from tests import house
from tests.unit.pages.bureau import CYCLE, SECRET, _rows, told


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-made bureau on a disk, without the tables of the comparison."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(house.REPOSITORY / "config", folder / "config")
    frames = {
        name: conform(name, rows, CYCLE) for name, rows in _rows().items() if name != "peers_by_type_measure"
    }
    write_tables(folder / "data" / "processed" / "2018", frames, {})
    return folder


@pytest.fixture
def cycle(project: Path) -> Cycle:
    return Cycle(CYCLE, data_dir=str(project / "data"))


def empty(folder: Path) -> Cycle:
    shutil.copytree(house.REPOSITORY / "config", folder / "config")
    return Cycle(CYCLE, data_dir=str(folder / "data"))


def test_it_is_what_lianzheng_opens(project: Path) -> None:
    assert isinstance(lianzheng.open_cycle(2018, data_dir=str(project / "data")), Cycle)


def test_completion_offers_the_tables_that_are_there_and_the_methods(cycle: Cycle) -> None:
    offered = dir(cycle)
    assert {*schemas()} - set(offered) == {"peers_by_type_measure"}
    assert {"scorecard", "trace", "show", "tables", "unit", "separating_items"} <= set(offered)
    assert not any(name.startswith("_") for name in offered)
    assert all(getattr(cycle, name) is not None for name in offered)


def test_a_table_is_what_a_page_may_see_of_it(cycle: Cycle) -> None:
    assert list(cycle.units)[:2] == ["unit_id", "name"] and len(cycle.units) == 8
    assert "text" not in cycle.interviews and "value_seen" not in cycle.issues and cycle.cases.empty
    changed = cycle.units
    changed["name"] = ""
    assert cycle.units["name"].to_list()[0] == "东河管理处"


@pytest.mark.parametrize("name", ["东河管理处", "东河处", "东河处党委", "东 河 处", "U001", "u001 "])
def test_a_unit_answers_to_any_of_its_names(cycle: Cycle, name: str) -> None:
    assert cycle.unit(name)["name"] == "东河管理处" and cycle.unit(name).name == "U001"
    assert cycle.scorecard(name).unit_id == "U001"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda cycle: cycle.result_by_unit, "没有叫 result_by_unit 的数据表或方法 → 相近的有 results_by_unit"),
        (lambda cycle: cycle.scorecad, "相近的有 scorecard"),
        (lambda cycle: cycle.qwxyz, "的数据表或方法 → 运行 cycle.show.cycle.tables. 查看全部数据表"),
        (lambda cycle: cycle.about("unit"), "相近的有 units"),
        (lambda cycle: cycle.peers_by_type_measure, "还没有数据表 peers_by_type_measure → 先在命令行运行 lianzheng run 2018"),
        (lambda cycle: cycle.unit("东河出"), "没有单位“东河出” → 相近的有 U001 东河处；可用 U001 至 U024"),
        (lambda cycle: cycle.scorecard("U999"), "没有单位“U999” → 可用 U001 至 U024"),
        (lambda cycle: cycle.trace("东河出", "total"), "相近的有 U001 东河处"),
        (lambda cycle: cycle.trace("U001", "总总分"), "没有叫 '总总分' 的数"),
        (lambda _: Cycle(1999, data_dir=str(house.REPOSITORY / "data")), "cycle 可取 2017、2018"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_the_nearest_right_ones(cycle: Cycle, wrong: object, words: str) -> None:
    with pytest.raises(LianzhengError, match=words):
        wrong(cycle)  # type: ignore[operator]


def test_a_missing_name_is_a_missing_attribute_to_programs(cycle: Cycle) -> None:
    assert not hasattr(cycle, "foo") and not hasattr(cycle, "_ipython_display_")
    assert issubclass(UnknownNameError, AttributeError) and issubclass(UnknownNameError, ParameterError)


def test_the_display_says_how_far_it_is_and_what_to_type(cycle: Cycle) -> None:
    _, state, figures, following = cycle.overview().blocks
    assert isinstance(state, Paragraph) and state.text == "材料已读取，已评分；报告日期2018年12月28日。"
    assert isinstance(figures, KeyFigures)
    told_figures = {tile.label: (tile.value, tile.note) for tile in figures.items}
    assert told_figures["单位"] == ("8", "受检6家") and told_figures["有总分"] == ("6", "")
    assert told_figures["台账问题"] == ("4", "未销账3条")
    assert isinstance(following, Table)
    typed = [row[0] for row in following.rows]
    assert 'cycle.scorecard("U001")' in typed and 'cycle.unit("东河处")' in typed
    assert "2018年度检查的数据" in cycle._repr_html_() and SECRET not in told(cycle.overview())


def test_what_the_display_proposes_can_be_typed(cycle: Cycle) -> None:
    following = cycle.overview().blocks[-1]
    assert isinstance(following, Table)
    lines = [str(row[0]) for row in following.rows if "Tab" not in str(row[0])]
    assert len(lines) >= 6
    for line in "、".join(lines).split("、"):
        assert eval(line, {"cycle": cycle}) is not None


def test_a_cycle_without_data_says_what_to_run(tmp_path: Path) -> None:
    cycle = empty(tmp_path)
    assert "请先在命令行运行 lianzheng run 2018" in told(cycle.overview())
    assert cycle.tables.empty and "units" not in dir(cycle)
    with pytest.raises(UnknownNameError, match="还没有数据表 units → 先在命令行运行 lianzheng run 2018"):
        _ = cycle.units


def test_the_overview_of_tables_is_the_contract(cycle: Cycle) -> None:
    table = cycle.tables.set_index("table").loc["scores_by_unit_item"]
    assert (
        table["name"] == "项目" and table["row"] == "an item's result" and table["n_rows"] == 32
    )  # 8 units, 4 items
    assert table["key"] == "unit_id、item_id" and "team_points" in table["columns"]


def test_about_a_table_says_what_its_columns_mean(cycle: Cycle) -> None:
    about = cycle.about("results_by_unit").set_index("column")
    assert about.loc["grade", "name"] == "等次" and "excellent 优秀" in about.loc["grade", "allowed"]
    assert "value_seen" not in cycle.about("issues")["column"].to_list()


def test_a_number_is_traced_by_name_down_to_its_cell(cycle: Cycle) -> None:
    (table,) = cycle.trace("东河处", "S102").blocks
    assert isinstance(table, Table) and table.title == "U001 东河处 S102 上级决策部署落实的来历"
    assert "G5" in str(table.rows) and "units/U001/standard.xlsx" in table.note


def test_values_are_shown_as_a_reader_sees_them() -> None:
    frame = pd.DataFrame({
        "points": [84.615, None, 2.0], "whole": [3.0, 4.0, None], "count": pd.Series([1, None, 3], dtype="Int64"),
        "yes": pd.Series([True, None, False], dtype="boolean"),
        "day": pd.to_datetime(["2018-12-01", None, "2018-12-02"]),
        "moment": pd.to_datetime(["2018-12-01 09:05", None, "2018-12-02 00:00"]),
        "text": pd.Series(["<b>", None, "a"], dtype="str"),
    })  # fmt: skip
    assert as_text(frame).to_dict("list") == {
        "points": ["84.62", "", "2.00"], "whole": ["3", "4", ""], "count": ["1", "", "3"], "yes": ["是", "", "否"],
        "day": ["2018-12-01", "", "2018-12-02"], "moment": ["2018-12-01 09:05:00", "", "2018-12-02 00:00:00"],
        "text": ["<b>", "", "a"],
    }  # fmt: skip


def test_a_searchable_table_speaks_chinese_and_needs_no_network(cycle: Cycle) -> None:
    html = cycle.show(cycle.units.assign(name="<script>x"))._repr_html_()
    assert json.dumps("搜索：") in html and "U001 东河处" in html and "<script>x" not in html
    assert "unpkg" not in html and 'src="http' not in html


def test_a_long_table_says_that_it_is_cut() -> None:
    html = Shown(pd.DataFrame({"数": range(2_001)}))._repr_html_()
    assert "共2001行，只显示前2000行" in html


def test_without_itables_pandas_shows_the_table_and_it_says_how_to_get_it(
    cycle: Cycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(bench, "find_spec", lambda name: None if name == "itables" else known(name))
    html = cycle.show(cycle.units)._repr_html_()
    assert "py tasks.py lab" in html and "U001 东河处" in html and "搜索" not in html.replace("不能搜索", "")


def test_a_page_shows_its_opening_and_names_the_rest(cycle: Cycle) -> None:
    page = cycle.comparison()
    assert isinstance(page, ComparisonPage) and parts_of(page)[0] == "overview"
    html = bench.page_html(page)
    assert "横向比较" in html and "page.totals()" in html
