"""results.xlsx: every formula comes to what is shown and to what was scored; who has no total is told why."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

from lianzheng.config.models import Decision
from lianzheng.forms import as_xlsx
from lianzheng.publish.results import NAME, results_layout, write_results
from lianzheng.scoring import run_scoring
from lianzheng.scoring.rounding import round_half_up
from lianzheng.tables import write_tables
from tests.unit.publish.formulas import Book
from tests.unit.scoring import small
from tests.unit.scoring.small import case, frames, own, perfect_vote, row, score, team, unit, votes

RESULTS, ITEMS, ABOUT = "年度考核结果", "逐项得分", "说明"
HOSTILE = '=HYPERLINK("x")'


def tables() -> dict[str, pd.DataFrame]:
    """Six units: whole; without B1; provisional; not visited and vetoed; one item open; above the cap."""
    units = [
        unit(1), unit(2, last=False), unit(3), {**unit(4, visited=False), "name": HOSTILE}, unit(5), unit(6),
    ]  # fmt: skip
    scores = [
        *team("U001", B2=2), *own("U001"), *team("U002", A1=0, B2=2), *team("U003"), *team("U005", A1=None),
        *team("U006", C1=3, C2=3),
    ]  # fmt: skip
    tallies = [line for n in (1, 2, 5, 6) for line in perfect_vote(f"U00{n}")]
    tallies[:10] = votes("U001", {"Q01": (7, 2, 1, 0, 0), "Q02": (10, 0, 0, 0, 0)})
    cases = [case("U001", "K1"), case("U004", "K4", "4")]
    return frames(units, scores=scores, tallies=tallies, cases=cases)


def config(**cycle: Any) -> Any:
    return small.config(**cycle)


def scored(**cycle: Any) -> tuple[Any, dict[str, pd.DataFrame]]:
    made, given = config(**cycle), tables()
    return made, {**given, **run_scoring(made, given).frames}


@pytest.fixture(scope="module")
def both() -> tuple[Book, dict[str, pd.DataFrame]]:
    made, given = scored()
    return Book(as_xlsx(results_layout(made, given, "abc123"))), given


def line(book: Book, sheet: str, name: str, column: int = 2) -> list[Any]:
    """What a previewer shows in a unit's line."""
    (found,) = [r for r in book.shown[sheet].iter_rows(min_row=6, values_only=True) if r[column - 1] == name]
    return list(found)


def test_every_formula_comes_to_what_is_shown(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, _ = both
    assert len(book.formulas()) >= 5 * 5
    for sheet, address in book.formulas():
        shown = book.shown[sheet][address].value
        assert isinstance(shown, int | float), (sheet, address)
        assert shown == pytest.approx(book.value(sheet, address), abs=1e-9), (sheet, address)


def test_totals_and_components_are_those_that_were_scored(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, given = both
    for n in (1, 2, 3, 6):
        result = row(given["results_by_unit"], unit_id=f"U00{n}")
        cells = line(book, RESULTS, f"单位{n}")
        assert cells[6] == float(round_half_up(result["total"])), n
        inspection = row(given["scores_by_unit_component"], unit_id=f"U00{n}", component="inspection")[
            "score"
        ]
        assert cells[3] == pytest.approx(inspection, abs=1e-12)
        assert book.written[RESULTS][f"G{n + 5}"].value.startswith("=ROUND(MAX(0,MIN(100,")


def test_worked_out_by_hand(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, _ = both
    # U001: 检查 as the items give it, 测评 (70·100 + 20·80 + 10·60)/100 = 92 and 100 → 96, one case 1 point
    cells = line(book, RESULTS, "单位1")
    assert cells[4:6] == [96, 1] and cells[7:9] == ["优秀", "不排名"]
    assert cells[6] == float(round_half_up(0.8 * cells[3] + 0.2 * 96 - 1))


def test_a_share_out_is_a_formula_that_shows_how_it_came_about(
    both: tuple[Book, dict[str, pd.DataFrame]],
) -> None:
    book, given = both
    written = [c.value for c in book.written[ITEMS][7]]
    shared = [str(value) for value in written if "SUMIF" in str(value)]
    assert len(shared) == 1 and '"<>不适用"' in shared[0] and "不适用" in written
    stored = row(given["scores_by_unit_block"], unit_id="U002", block_id="B")["team_points"]
    assert stored in [c.value for c in book.shown[ITEMS][7]]
    assert not any("SUMIF" in str(c.value) for c in book.written[ITEMS][6])  # U001: a plain sum


def test_who_has_no_total_is_told_why_and_is_never_a_zero(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, _ = both
    vetoed, open_item = line(book, RESULTS, HOSTILE), line(book, RESULTS, "单位5")
    assert vetoed[3:5] == ["未现场检查", "未现场检查"] and vetoed[6:9] == ["未核验", "不合格", "不排名"]
    assert vetoed[10] == "一票否决"
    assert open_item[3] == "评分不全" and open_item[6:8] == ["评分不全", "未核验"]
    provisional = line(book, RESULTS, "单位3")
    assert provisional[4] == "无有效测评" and provisional[7].startswith("暂定")
    assert book.written[RESULTS]["G8"].value == "=ROUND(MAX(0,MIN(100,D8-F8)),2)"
    assert "暂定" in book.written[RESULTS]["G8"].number_format


def test_text_that_begins_like_a_formula_stays_text(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, _ = both
    cell = next(c for c in book.written[RESULTS]["B"] if c.value == HOSTILE)
    assert cell.data_type == "s"


def test_where_no_formula_fits_stands_the_figure_and_a_note() -> None:
    made, given = scored()
    blocks = given["scores_by_unit_block"].copy()
    is_one = (blocks["unit_id"] == "U001") & (blocks["block_id"] == "A")
    blocks.loc[is_one, "team_points"] = 12.345
    given["scores_by_unit_block"] = blocks
    book = Book(as_xlsx(results_layout(made, given, "")))
    cells = [c.value for c in book.written[ITEMS][6]]
    assert 12.345 in cells
    notes = [str(r[0]) for r in book.shown[ITEMS].iter_rows(values_only=True) if r[0]]
    assert (
        sum("单位1的“" in note and "所列为按评分标准计算的结果" in note for note in notes) == 2
    )  # A and 检查
    for sheet, address in book.formulas():
        assert book.shown[sheet][address].value == pytest.approx(book.value(sheet, address), abs=1e-9)


def test_without_a_weight_the_questionnaire_is_not_in_the_formula() -> None:
    made, given = scored(weights={"inspection": 1, "perception": 0})
    book = Book(as_xlsx(results_layout(made, given, "")))
    assert book.written[RESULTS]["G6"].value == "=ROUND(MAX(0,MIN(100,C$3*D6-F6)),2)"
    assert line(book, RESULTS, "单位3")[6] == float(
        round_half_up(row(given["results_by_unit"], unit_id="U003")["total"])
    )


def test_a_recorded_departure_is_told() -> None:
    decision = Decision(
        grade_decision_id="D1", unit_id="U001", from_grade="excellent", to_grade="good", reason="班子调整", by="局党委",
        at=dt.date(2018, 12, 20),
    )  # fmt: skip
    made, given = config(), tables()
    made = dataclasses.replace(made, decisions=(decision,))
    given = {**given, **run_scoring(made, given).frames}
    cells = line(Book(as_xlsx(results_layout(made, given, ""))), RESULTS, "单位1")
    assert cells[7] == "良好" and cells[11] == "D1：2018年12月20日局党委由优秀改为良好：班子调整"


def test_the_third_sheet_prints_the_parameters(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    book, _ = both
    told = {r[0]: r[1] for r in book.shown[ABOUT].iter_rows(min_row=4, values_only=True)}
    assert told["总分"].startswith("0.8×检查＋0.2×测评") and told["事实扣分上限"] == 5
    assert told["报告日期"] == "2018年12月28日" and told["数据版本（sha256）"] == "abc123"
    assert "良好 80分至不足90分" in told["等次（按四舍五入后的总分）"]


def test_the_same_bytes_twice_and_on_the_disk(tmp_path: Path) -> None:
    made, given = scored()
    stored = dataclasses.replace(made, project=tmp_path)
    write_tables(stored.data_processed, given, {})
    write_results(stored)
    first = (stored.reports / NAME).read_bytes()
    write_results(stored)
    assert (stored.reports / NAME).read_bytes() == first
    assert b"2018-12-28" in _core(first)


def _core(data: bytes) -> bytes:
    import io
    import zipfile

    return zipfile.ZipFile(io.BytesIO(data)).read("docProps/core.xml")


@pytest.mark.needs_libreoffice
def test_libreoffice_works_the_formulas_out_alike(
    tmp_path: Path, both: tuple[Book, dict[str, pd.DataFrame]]
) -> None:
    """The copy that LibreOffice gets has no stored results, so that it must compute them."""
    book, _ = both
    bare: Workbook = book.written
    bare.save(tmp_path / "bare.xlsx")
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    subprocess.run(
        [*office, "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")],
        check=True, capture_output=True, timeout=180, env=dict(os.environ),
    )  # fmt: skip
    computed = Book((tmp_path / "out" / "bare.xlsx").read_bytes())
    for sheet, address in book.formulas():
        assert computed.shown[sheet][address].value == pytest.approx(
            book.shown[sheet][address].value, abs=1e-9
        )


def test_scores_of_a_member_mean_stay_unrounded(both: tuple[Book, dict[str, pd.DataFrame]]) -> None:
    given = frames([unit(1)], scores=[*team("U001", A3=19.333), score("U001", "A1", None, 3, scorer="self")])
    made = config()
    given = {**given, **run_scoring(made, given).frames}
    book = Book(as_xlsx(results_layout(made, given, "")))
    assert 19.333 in [c.value for c in book.written[ITEMS][6]]
