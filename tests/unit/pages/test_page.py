"""What every page checks, opens and may see."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from lianzheng.errors import LianzhengError, ParameterError
from lianzheng.pages.bulletin import BulletinPage
from lianzheng.pages.comparison import ComparisonPage
from lianzheng.pages.intake import IntakePage
from lianzheng.pages.page import Page, open_cycle
from lianzheng.pages.questionnaire import QuestionnairePage
from lianzheng.pages.rectification import RectificationPage
from lianzheng.pages.scorecard import ScorecardPage
from lianzheng.pages.statistics import StatisticsPage
from tests import house
from tests.unit.pages.bureau import SECRET, Sample, charts, told

CELLS = {  # page → (class, its cells in the notebook's order)
    "intake": (IntakePage, "overview matrix timeline unreadable issues checks all_issues"),
    "scorecard": (
        ScorecardPage,
        "overview composition strengths_and_losses seen followed figures details annex",
    ),
    "comparison": (
        ComparisonPage,
        "overview totals changes blocks views problems method",
    ),
    "questionnaire": (
        QuestionnairePage,
        "overview units_table answers question_table groups left_out_units method",
    ),
    "rectification": (
        RectificationPage,
        "overview sources by_unit overdue recurring accountability method",
    ),
    "statistics": (
        StatisticsPage,
        "overview problems treatment spending workload reconciliation units_table",
    ),
    "bulletin": (BulletinPage, "opening overall problems remedies signature annex"),
}


def opened(sample: Sample, name: str, unit_id: str = "U001") -> Page:
    page = CELLS[name][0]
    return sample.open(page, unit_id) if page is ScorecardPage else sample.open(page)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CELLS)
def test_a_page_shows_as_many_charts_as_it_says_and_nothing_private(sample: Sample, name: str) -> None:
    page = opened(sample, name)
    parts = [getattr(page, cell)() for cell in CELLS[name][1].split()]
    assert len(charts(*parts)) == page.n_charts > 0
    assert SECRET not in told(*parts)
    assert not any(SECRET in text for chart in charts(*parts) for text in (*chart.texts, chart.alt))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("unit_id", ["U002", "U015", "U016"])
def test_a_page_also_stands_without_visits_questionnaires_or_issues(
    sample: Sample, name: str, unit_id: str
) -> None:
    empty = "reliability_by_form questionnaire_by_unit_question tallies_by_unit_question_option site_visits findings"
    empty += " highlights issues rectifications recurrences"
    for table in f"{empty} finding_counts_by_class evidence_by_unit_class interviews checks".split():
        sample.rows[table] = []
    for row in sample.rows["results_by_unit"]:
        row |= {"total": None, "is_ranked": False, "rank": None, "grade": "unverified"}
    for table in ("scores_by_unit_component", "scores_by_unit_block", "scores_by_unit_item"):
        for row in sample.rows[table]:
            row |= {key: None for key in ("score", "team_points", "gap_points") if key in row}
            row |= {"state": "not_visited"} if "state" in row else {}
    sample.rows["peers_by_type_measure"] = sample.rows["changes_by_unit_measure"] = []
    page = opened(sample, name, unit_id)
    parts = [getattr(page, cell)() for cell in CELLS[name][1].split()]
    assert len(charts(*parts)) == page.n_charts
    assert " nan" not in told(*parts) and "None" not in told(*parts) and "<NA>" not in told(*parts)


def test_only_what_a_page_may_see_is_given_to_it(sample: Sample) -> None:
    page = opened(sample, "intake")
    assert "text" not in page.frame("interviews") and "value_seen" not in page.frame("issues")
    assert page.frame("cases").empty


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"cycle": 1999}, "cycle 可取 2017、2018"),
        ({"cycle": "2018"}, "没有 '2018' 年度"),
        ({"cycle": True}, "没有 True 年度"),
        ({"cycle": 2018, "edition": "unit"}, "这一页的 edition 可取 internal"),
        ({"cycle": 2018, "edition": "内部"}, "没有 '内部' 版"),
    ],
)
def test_a_wrong_parameter_says_what_is_allowed(parameters: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        IntakePage(**parameters, data_dir=str(house.REPOSITORY / "data"))  # type: ignore[arg-type]


def test_an_unknown_unit_says_which_there_are(sample: Sample) -> None:
    with pytest.raises(ParameterError, match="unit_id 可取 U001 至 U016"):
        sample.open(ScorecardPage, "001")


def test_the_project_is_found_from_the_notebooks_folder_or_from_data_dir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(house.REPOSITORY / "config", tmp_path / "config")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    config, tables = open_cycle(2018)
    assert (config.project, tables.folder) == (tmp_path, tmp_path / "data" / "processed" / "2018")
    monkeypatch.chdir("/")
    config, tables = open_cycle(2018, str(tmp_path / "data"))
    assert (config.project, tables.folder) == (tmp_path, tmp_path / "data" / "processed" / "2018")
    with pytest.raises(LianzhengError, match="config"):
        open_cycle(2018)


def test_a_year_without_a_form_says_which_file_is_missing(sample: Sample) -> None:
    page = opened(sample, "scorecard")
    page.config = dataclasses.replace(page.config, findings=None)
    with pytest.raises(ParameterError, match=r"findings\.yml"):
        _ = page.taxonomy


def test_the_publication_knows_itself(sample: Sample) -> None:
    document = opened(sample, "bulletin").title(text="通报").document
    assert document and (document.page, document.cycle, document.edition) == ("bulletin", 2018, "internal")
    assert document.number == "示例纪〔2018〕12号"
    assert opened(sample, "intake").title().document.number == ""  # type: ignore[union-attr]
