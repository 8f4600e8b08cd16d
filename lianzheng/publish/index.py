"""The index page: what a leader opens first, offline, linking every published page with its state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.pages import words
from lianzheng.pages.chase import standing_rounds
from lianzheng.pages.html import template_environment
from lianzheng.publish.results import NAME as RESULTS
from lianzheng.publish.returns import FOLDER
from lianzheng.publish.returns_notice import NOTICE
from lianzheng.publish.returns_workbook import LIST
from lianzheng.publish.run import data_version, read_reports_manifest
from lianzheng.publish.submissions import NAME as SUBMISSIONS
from lianzheng.tables import Tables, labels

_NO_TOTAL = {True: "评分不全", False: "未现场检查"}
_BUREAU_PAGES = (
    ("bulletin", "检查通报"), ("comparison", "横向比较"), ("questionnaire", "测评结果"), ("statistics", "自查统计"),
    ("rectification", "整改台账"), ("intake", "报送情况"),
)  # fmt: skip

_WORKBOOKS = ((RESULTS, "年度考核结果"), (SUBMISSIONS, "报送台账和催报名单"))


def write_index(config: CycleConfig) -> None:
    """Write reports/<cycle>/index.html from the tables and the record of published pages."""
    templates = template_environment(Path(__file__).parent / "templates")
    page = templates.get_template("index.html.j2").render(index_facts(config))
    write_atomically(config.reports / "index.html", page.encode("utf-8"))


def renew_index(config: CycleConfig) -> None:
    """Write the index anew where there is one: what goes back to units has changed."""
    if (config.reports / "index.html").exists():
        write_index(config)


def index_facts(config: CycleConfig) -> dict[str, Any]:
    """What the index shows: counts, one row a unit, links with a stale mark (过期) where a page is not renewed."""
    tables = Tables(config.data_processed)
    pages = read_reports_manifest(config.reports)
    version = data_version(config)
    results = tables["units"].merge(tables["results_by_unit"], on=["cycle", "unit_id"]).sort_values("order")
    return {
        "bureau": config.cycle.bureau,
        "cycle": config.cycle.cycle,
        "classification": config.cycle.classification,
        "report_date": words.day(config.cycle.report_date),
        "facts": _state_of_the_cycle(tables, results),
        "bureau_pages": [
            *({"label": label, **_links(pages, stem, version)} for stem, label in _BUREAU_PAGES),
            *(
                {"label": label, "links": _workbook(config, name), "is_stale": False}
                for name, label in _WORKBOOKS
            ),
        ],
        "units": [
            {**_unit_row(unit, pages, version), "returned": _returned(config, unit["unit_id"])}
            for unit in results.to_dict("records")
        ],
    }


def _state_of_the_cycle(tables: Tables, results: pd.DataFrame) -> list[tuple[str, str]]:
    papers = standing_rounds(tables["submissions"])
    severities = tables["issues"]["severity"].value_counts()
    grades = results["grade"].value_counts()
    return [
        ("单位", f"{len(results)} 个，现场检查 {int(results['is_visited'].sum())} 个"),
        (
            "应报材料",
            f"{len(papers)} 份，通过 {int((papers['now'] == 'accepted').sum())} 份，未报 {int((papers['now'] == 'missing').sum())} 份",
        ),
        ("等次", "，".join(f"{label} {grades.get(id_, 0)}" for id_, label in labels("grade").items())),
        (
            "数据问题",
            "，".join(f"{label} {severities.get(id_, 0)}" for id_, label in labels("severity").items()),
        ),
    ]


def _unit_row(unit: dict[str, Any], pages: dict[str, dict[str, Any]], version: str) -> dict[str, Any]:
    return {
        "unit_id": unit["unit_id"],
        "name": unit["name"],
        "unit_type": unit["unit_type"],
        "grade": labels("grade")[unit["grade"]] + ("（暂定）" if unit["is_provisional"] else ""),
        "total": words.points(unit["total"], _NO_TOTAL[unit["is_visited"]]),
        "rank": f"{unit['rank']} / {unit['n_ranked']}" if pd.notna(unit["rank"]) else "—",
        **_links(pages, f"units/{unit['unit_id']}/scorecard", version),
    }


def _returned(config: CycleConfig, unit_id: str) -> dict[str, str]:
    """What goes back to a unit that has something to correct."""
    paths = {"清单": f"{FOLDER}/{unit_id}/{LIST}", "通知": f"{FOLDER}/{unit_id}/{NOTICE}.pdf"}
    return {label: path for label, path in paths.items() if (config.reports / path).exists()}


def _workbook(config: CycleConfig, name: str) -> dict[str, str]:
    """A workbook, which every publication writes anew."""
    return {"XLSX": name} if (config.reports / name).exists() else {}


def _links(pages: dict[str, dict[str, Any]], stem: str, version: str) -> dict[str, Any]:
    page = pages.get(stem, {})
    names = {name.rpartition(".")[2].upper(): name for name in page.get("files", {})}
    is_stale = bool(page) and (page["is_stale"] or page["data_version"] != version)
    return {"links": names, "is_stale": is_stale}
