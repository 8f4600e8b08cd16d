"""The index page over the hand-made bureau: what it counts, what it links, what is stale, how its columns sort."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from lianzheng.config import CycleConfig
from lianzheng.errors import PublishError
from lianzheng.publish import index
from lianzheng.publish.index import index_facts, renew_index, write_index
from tests.indexed import write_small_index


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> CycleConfig:
    return write_small_index(tmp_path_factory.mktemp("index"))


@pytest.fixture
def page(config: CycleConfig) -> Any:
    return html.parse(str(config.reports / "index.html")).getroot()


def squeezed(element: Any) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def row(page: Any, unit_id: str) -> dict[str, Any]:
    """The cells of a unit's line by the label that they carry."""
    (line,) = [line for line in page.xpath("//table[@id='units']/tbody/tr") if line[0].text == unit_id]
    return {cell.get("data-label"): cell for cell in line}


def test_the_tiles_count_what_the_tables_hold(page: Any) -> None:
    tiles = [[squeezed(part) for part in tile] for tile in page.xpath("//dl[@class='figures']/div")]
    assert tiles == [
        ["单位", "8个", "现场检查6个"],
        ["已评等次", "6个", "暂定1个，未核验2个"],
        ["材料通过", "16/16份", "未报0份"],
        ["需退回补正", "1条", "请核实0条，提示1条"],
        ["确认的问题", "4个", "涉及4个单位"],
        ["整改销账", "1/4条", "逾期1条"],
    ]


def test_grades_are_counted_in_all_and_by_type_with_bars_as_long_as_the_shares(page: Any) -> None:
    (table,) = page.xpath("//table[@class='grades']")
    assert (
        squeezed(table.find("caption"))
        == "8个单位中，6个评出等次：优秀2个，良好2个，合格2个，不合格0个，未核验2个"
    )
    head, *lines = [[squeezed(cell) for cell in line] for line in table.iter("tr")]
    assert head == ["等次", "全部单位（8个）", "事业单位（6个）", "企业单位（2个）"]
    assert lines == [
        ["●优秀", "225%", "233%", "0"],
        ["良好", "225%", "233%", "0"],
        ["合格", "225%", "117%", "150%"],
        ["■不合格", "0", "0", "0"],
        ["未核验", "225%", "117%", "150%"],
    ]
    last = table.xpath(".//tr[last()]//span[contains(@class, 'bar')]")
    assert [bar.get("class") for bar in last] == ["bar hollow"] * 3, "no grade is drawn as such"
    assert [bar.get("style") for bar in last] == ["width:25.0%", "width:16.7%", "width:50.0%"]


def test_a_unit_is_told_in_words_and_sorts_by_what_is_behind_them(page: Any) -> None:
    told = {
        unit_id: [squeezed(row(page, unit_id)[label]) for label in ("等次", "总分", "名次")]
        for unit_id in ("U001", "U002", "U015")
    }
    assert told == {
        "U001": ["良好", "84.62", "4/5"],
        "U002": ["未核验", "未现场检查", "不排名"],
        "U015": ["合格（暂定）", "70.00", "不排名"],
    }
    keys = {
        unit_id: "|".join(cell.get("data-key") for cell in row(page, unit_id).values())
        for unit_id in ("U001", "U002", "U005", "U015", "U016")
    }
    assert keys == {
        "U001": "1|东河管理处|0|1|84.62|4|0|0|1",
        "U002": "2|西岭管理处|0||||0|2|0",
        "U005": "5|上湾综合服务中心|0|0|95.50|1|1|2|1",
        "U015": "7|金穗建设工程有限责任公司|1|2|70.00||0|2|1",
        "U016": "8|新埠物资供应有限公司|1||||2|2|1",
    }


def test_a_unit_is_found_by_every_name_and_its_number(page: Any) -> None:
    (line,) = page.xpath("//tr[@data-search][td='U001']")
    assert line.get("data-search") == "U001 东河管理处 东河处 东河管理处党委 东河处党委 原东河管理所"
    assert (line.get("data-type"), line.get("data-grade")) == ("事业单位", "良好")


def test_what_is_published_is_linked_and_what_is_not_says_so(page: Any, config: CycleConfig) -> None:
    links = {
        label: [link.get("href") for link in cell.iter("a")] for label, cell in row(page, "U001").items()
    }
    assert links["单位"] == ["units/U001/scorecard.html"]
    assert links["评分单"] == ["units/U001/scorecard.html", "units/U001/scorecard.pdf"]
    assert links["单位版"] == ["editions/U001/scorecard.html", "editions/U001/scorecard.pdf"]
    assert [link.get("href") for link in row(page, "U002")["退回补正"].iter("a")] == [
        "returns/U002/退回补正单.xlsx"
    ]
    missing = row(page, "U016")
    assert [squeezed(missing[label]) for label in ("评分单", "单位版", "退回补正")] == [
        "尚未生成",
        "尚未生成",
        "—",
    ]
    assert not list(missing["单位"].iter("a"))
    pages = {squeezed(item).split()[0]: item for item in page.xpath("//ul[@class='pages']/li")}
    assert "尚未生成" in squeezed(pages["检查通报尚未生成"])
    names = [link.get("aria-label") or squeezed(link) for link in page.iter("a")]
    assert len(set(names)) == len(names), "two links that lead elsewhere are told apart by their names"


def test_stale_pages_are_marked_and_named_at_the_top(page: Any) -> None:
    (warning,) = page.find_class("warning")
    told = "■过期：报送情况、上湾综合服务中心评分单和南坡管理处评分单（单位版）。"
    assert squeezed(warning).startswith(told)
    assert len(page.find_class("stale")) == 3
    assert squeezed(row(page, "U005")["评分单"]).endswith("过期")
    assert squeezed(row(page, "U003")["单位版"]).endswith("过期")


def test_without_editions_there_is_no_column_for_them(tmp_path: Path) -> None:
    config = write_small_index(tmp_path, has_editions=False)
    assert "单位版" not in (config.reports / "index.html").read_text(encoding="utf-8")
    assert index_facts(config)["has_editions"] is False


def test_the_policy_allows_the_one_script_and_nothing_else(page: Any) -> None:
    (script,) = page.iter("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert (
        policy
        == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )


def test_a_page_that_must_not_be_published_is_not_written(
    config: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (config.reports / "index.html").read_bytes()
    monkeypatch.setattr(index, "_returned", lambda *_: {"清单": "https://elsewhere.example/"})
    with pytest.raises(PublishError, match="href"):
        write_index(config)
    assert (config.reports / "index.html").read_bytes() == before


def test_the_same_bytes_again_and_only_where_there_is_one(config: CycleConfig, tmp_path: Path) -> None:
    before = (config.reports / "index.html").read_bytes()
    renew_index(config)
    assert (config.reports / "index.html").read_bytes() == before
    renew_index(dataclasses.replace(config, project=tmp_path))
    assert list(tmp_path.iterdir()) == []
