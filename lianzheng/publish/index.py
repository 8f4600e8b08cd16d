"""The index page: what a leader opens first, offline, linking every published page with its state."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.pages import words
from lianzheng.pages.blocks import MARKS, DocumentFacts, Title
from lianzheng.pages.chase import standing_rounds
from lianzheng.pages.html import style_sheet, template_environment, to_html
from lianzheng.pages.wording import say, tiles, toned
from lianzheng.publish.checks import check_html
from lianzheng.publish.notebook import Document
from lianzheng.publish.results import NAME as RESULTS
from lianzheng.publish.returns import FOLDER
from lianzheng.publish.returns_notice import NOTICE
from lianzheng.publish.returns_workbook import LIST
from lianzheng.publish.run import data_version, read_reports_manifest
from lianzheng.publish.submissions import NAME as SUBMISSIONS
from lianzheng.publish.summary import NAME as RUN
from lianzheng.scoring.rectification import is_overdue
from lianzheng.tables import Tables, labels

_TEMPLATES = Path(__file__).parent / "templates"
_SCORECARD, _EDITION = "units/{}/scorecard", "editions/{}/scorecard"
_NO_TOTAL = {True: "评分不全", False: "未现场检查"}
_EVERY_TYPE, _UNVERIFIED = "全部单位", "unverified"
_FORMATS = ("HTML", "PDF", "DOCX", "CSV")
_BUREAU_PAGES = (
    ("bulletin", "检查通报", "总体情况、主要问题、整改意见；CSV 为数字来源"),
    ("bulletin_anonymous", "检查通报（不具名版）", "同一通报，不写单位名称"), ("comparison", "横向比较", "总分、各部分、问题的比较"),
    ("questionnaire", "测评结果", "回收率、各题得分、各类测评人"), ("statistics", "自查统计", "单位自报的问题和处理"),
    ("rectification", "整改台账", "销账、逾期、屡查屡犯"), ("intake", "报送情况", "材料、数据问题、催报名单"),
)  # fmt: skip

_WORKBOOKS = (
    (RESULTS, "年度考核结果", "总分、等次和依据"), (SUBMISSIONS, "报送台账", "各版材料和催报名单"),
    (RUN, "运行情况", "最近一次运行：完成、失败、数据问题的变化"),
)  # fmt: skip


def write_index(config: CycleConfig) -> None:
    """Write reports/<cycle>/index.html from the tables and the record of published pages.

    Its one script is allowed by its sha256 alone. Raises PublishError where the page is not what a page must be.
    """
    script = (_TEMPLATES / "index.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = template_environment(_TEMPLATES).get_template("index.html.j2")
    page = template.render(index_facts(config), marks=MARKS, script=script, script_sha256=digest)
    check_html(page, n_charts=0, allowed_scripts=[digest])
    write_atomically(config.reports / "index.html", page.encode("utf-8"))


def renew_index(config: CycleConfig) -> None:
    """Write the index anew where there is one: what goes back to units has changed."""
    if (config.reports / "index.html").exists():
        write_index(config)


def index_facts(config: CycleConfig) -> dict[str, Any]:
    """What the index shows: counts, one row a unit, links with a stale mark (过期) where a page is not renewed."""
    tables = Tables(config.data_processed)
    results = tables.public("units").merge(tables.public("results_by_unit"), on=["cycle", "unit_id"])
    results = results.sort_values("order", ignore_index=True)
    pages, version = read_reports_manifest(config.reports), data_version(config)
    names = _page_names(results)
    links = {stem: _links(pages.get(stem, {}), version) for stem in names}
    document = _document(config)
    body = to_html([document.title, tiles("index", _state_of_the_cycle(config, tables, results))])
    return {
        "resources": {"lianzheng": {"document": document, "style": style_sheet(), "body": body}},
        "stale": words.listed([names[stem] for stem in names if links[stem]["is_stale"]], counter="页"),
        "grades": _grades(results),
        "bureau_pages": [
            *((label, told, links[stem]) for stem, label, told in _BUREAU_PAGES),
            *((label, told, _workbook(config, name)) for name, label, told in _WORKBOOKS),
        ],
        "units": _unit_rows(config, results, links),
        "has_editions": any(links[_EDITION.format(unit_id)]["links"] for unit_id in results["unit_id"]),
    }


def _page_names(results: pd.DataFrame) -> dict[str, str]:
    """What every page that may be published is called, by its stem."""
    names = {stem: label for stem, label, _ in _BUREAU_PAGES}
    for stem, word in ((_SCORECARD, "评分单"), (_EDITION, "评分单（单位版）")):
        units = zip(results["unit_id"], results["name"], strict=True)
        names |= {stem.format(unit_id): f"{name}{word}" for unit_id, name in units}
    return names


def _document(config: CycleConfig) -> Document:
    """What the index says of itself, in the words of the other pages."""
    cycle = config.cycle
    facts = DocumentFacts("index", cycle.cycle, cycle.report_date, classification=cycle.classification)
    subtitle = say("subtitle", "titles", bureau=cycle.bureau)
    told = say("as_of", report_date=cycle.report_date), say("audience")
    return Document(Title(say("index", "titles", cycle=cycle.cycle), subtitle, told), facts, ())


def _state_of_the_cycle(config: CycleConfig, tables: Tables, results: pd.DataFrame) -> dict[str, Any]:
    """The counts on the tiles."""
    papers = standing_rounds(tables.public("submissions"))["now"]
    severity, is_unverified = tables.public("issues")["severity"], results["grade"] == _UNVERIFIED
    findings, ledger = tables.public("findings").query("is_confirmed"), tables.public("rectifications")
    return {
        "n_units": len(results),
        "n_visited": results["is_visited"].sum(),
        "n_graded": (~is_unverified).sum(),
        "n_unverified": is_unverified.sum(),
        "n_provisional": results["is_provisional"].sum(),
        "accepted": f"{(papers == 'accepted').sum()}/{len(papers)}",
        "n_missing": (papers == "missing").sum(),
        "n_return": severity.isin(["return_file", "return_item"]).sum(),
        "n_verify": (severity == "verify").sum(),
        "n_note": (severity == "note").sum(),
        "n_findings": len(findings),
        "n_found": findings["unit_id"].nunique(),
        "closed": f"{(ledger['state'] == 'closed').sum()}/{len(ledger)}",
        "n_overdue": is_overdue(ledger, config.cycle.report_date).sum(),
    }


def _grades(results: pd.DataFrame) -> dict[str, Any]:
    """Units by grade, in all and by type: the groups with their sizes, and a row of counts and shares per grade."""
    counts = pd.crosstab(results["grade"], results["unit_type"]).reindex(labels("grade"), fill_value=0)
    counts = counts[list(dict.fromkeys(results["unit_type"]))]
    every = counts.sum(axis=1)
    counts = counts if len(counts.columns) == 1 else pd.concat([every.rename(_EVERY_TYPE), counts], axis=1)
    told = "，".join(f"{labels('grade')[id_]}{n}个" for id_, n in every.items())
    n_graded = len(results) - every[_UNVERIFIED]
    return {
        "title": say("grades", n_units=len(results), n_graded=n_graded, told=told),
        "groups": counts.sum().to_dict(),
        "rows": [
            (toned("grade", id_), id_ == _UNVERIFIED, list(zip(row, row / counts.sum(), strict=True)))
            for id_, row in counts.iterrows()
        ],
        "note": say("grades_note"),
    }


def _unit_rows(config: CycleConfig, results: pd.DataFrame, links: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row per unit in roster order; ``sort`` has by column what it sorts by, empty for what always stands last."""
    types, grades = list(dict.fromkeys(results["unit_type"])), list(labels("grade"))
    names = {unit.unit_id: " ".join((unit.unit_id, *unit.names)) for unit in config.units}
    rows = []
    for unit in results.to_dict("records"):
        id_, grade = unit["unit_id"], unit["grade"]
        row = unit | {
            "grade": toned("grade", grade),
            "total": words.points(unit["total"], _NO_TOTAL[unit["is_visited"]]),
            "rank": say("rank", **unit) if unit["is_ranked"] else "不排名",
            "scorecard": links[_SCORECARD.format(id_)],
            "edition": links[_EDITION.format(id_)],
            "returned": _returned(config, id_),
            "search": names.get(id_, id_),
        }
        row["sort"] = {
            "编号": unit["order"],
            "单位": unit["name"],
            "类型": types.index(unit["unit_type"]),
            "等次": "" if grade == _UNVERIFIED else grades.index(grade),
            "总分": words.points(unit["total"], ""),
            "名次": words.number(unit["rank"], ""),
            "评分单": _readiness(row["scorecard"]),
            "单位版": _readiness(row["edition"]),
            "退回补正": int(not row["returned"]),
        }
        rows.append(row)
    return rows


def _readiness(page: Mapping[str, Any]) -> int:
    """0 for a page that is up to date, 1 for a stale one, 2 for none."""
    return int(page["is_stale"]) if page["links"] else 2


def _returned(config: CycleConfig, unit_id: str) -> dict[str, str]:
    """What goes back to a unit that has something to correct."""
    paths = {"清单": f"{FOLDER}/{unit_id}/{LIST}", "通知": f"{FOLDER}/{unit_id}/{NOTICE}.pdf"}
    return {label: path for label, path in paths.items() if (config.reports / path).exists()}


def _workbook(config: CycleConfig, name: str) -> dict[str, Any]:
    """A workbook or page that every publication writes anew."""
    return {
        "links": {name.rpartition(".")[2].upper(): name} if (config.reports / name).exists() else {},
        "is_stale": False,
    }


def _links(page: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The files of a page by format, HTML first, and whether the page is stale."""
    names = {name.rpartition(".")[2].upper(): name for name in page.get("files", {})}
    links = {suffix: names[suffix] for suffix in _FORMATS if suffix in names}
    return {"links": links, "is_stale": bool(page) and (page["is_stale"] or page["data_version"] != version)}
