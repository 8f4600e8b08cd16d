"""The edition for a unit: its own figures, no name of another in any text, no peer that could be told apart."""

from __future__ import annotations

import pytest

from lianzheng.pages.blocks import Blocks, KeyFigures, Table
from lianzheng.pages.scorecard import ScorecardPage
from tests.unit.pages.bureau import Sample, cells, of_kind, paragraphs, told

CELLS = "overview composition strengths_and_losses seen followed figures details annex".split()
OTHER, OTHER_SHORT = "西岭管理处", "西岭处"


def page(sample: Sample, unit_id: str = "U001") -> ScorecardPage:
    opened: ScorecardPage = sample.open(
        lambda cycle, unit: ScorecardPage(cycle, unit, edition="unit"), unit_id
    )
    return opened


def whole(sample: Sample, unit_id: str = "U001") -> list[Blocks]:
    opened = page(sample, unit_id)
    return [getattr(opened, cell)() for cell in CELLS]


def mention(sample: Sample, text: str) -> None:
    """Write a text into whatever people write about U001."""
    for table, column in (
        ("findings", "text"), ("highlights", "text"), ("score_lines", "reason"), ("rectifications", "text"),
        ("issues", "message"), ("issues", "remedy"), ("evidence_by_unit_class", "note"), ("results_by_unit", "grade_reason"),
    ):  # fmt: skip
        for row in sample.rows[table]:
            if row.get("unit_id") == "U001":
                row[column] = f"{row.get(column) or ''}{text}"
    for row in sample.rows["files"]:
        row["path"] = row["path"].replace("standard.xlsx", f"{OTHER}/standard.xlsx")


def test_no_text_names_another_unit_and_the_record_says_what_was_masked(sample: Sample) -> None:
    mention(sample, f"，与{OTHER}（U002）相同，照抄{OTHER_SHORT}")
    parts = whole(sample)
    said = told(*parts)
    assert OTHER not in said and OTHER_SHORT not in said and "U002" not in said
    assert "，与某单位（某单位）相同，照抄某单位" in said and "某单位/standard.xlsx" in said
    log = parts[-1].log
    assert {
        "findings",
        "highlights",
        "score_lines",
        "rectifications",
        "issues",
        "evidence_by_unit_class",
    } <= {line.split()[0] for line in log}
    assert any(line.startswith("findings ") and line.endswith(f" text：遮去“{OTHER}”") for line in log)


def test_its_own_names_stay(sample: Sample) -> None:
    own = next(unit for unit in sample.config.units if unit.unit_id == "U001")
    mention(sample, "、".join(own.names))
    assert "、".join(own.names) in told(*whole(sample)) and "某单位" not in told(*whole(sample)).replace(
        "某单位/standard", ""
    )


def test_nothing_of_another_unit_is_read(sample: Sample) -> None:
    opened = page(sample)
    assert list(opened.units.index) == ["U001"]
    assert set(opened.frame("results_by_unit")["unit_id"]) == {"U001"}
    assert opened.tables["ballots"].empty or set(opened.tables["ballots"]["unit_id"]) == {"U001"}


def test_rank_and_place_are_not_told(sample: Sample) -> None:
    title, *_ = parts = whole(sample)
    (strip,) = of_kind(KeyFigures, title)
    assert [tile.label for tile in strip.items] == [
        "总分",
        "等次",
        "检查得分",
        "测评得分",
        "事实扣分",
        "自评总分",
    ]
    assert "4/5" not in told(*parts) and "列第" not in told(*parts)


@pytest.mark.parametrize(("n", "shown"), [(5, ["不足5家", "不足5家"]), (6, ["88.00", "91.00"])])
def test_peers_stand_only_where_five_others_are_behind_them(sample: Sample, n: int, shown: list[str]) -> None:
    for row in sample.rows["peers_by_type_measure"]:
        row["n"] = n
    (table,) = of_kind(Table, page(sample).composition())
    assert cells(table)[-1][4:6] == shown


def test_what_only_the_bureau_is_to_know_is_left_out(sample: Sample) -> None:
    sample.rows["issues"].append(
        next(row for row in sample.rows["issues"] if row["unit_id"] == "U001") | {"issue_id": "N", "severity": "note", "message": "零报告"}
    )  # fmt: skip
    sample.rows["findings"] += [
        dict(sample.rows["findings"][0]) | {"finding_id": "U001-X", "is_confirmed": False, "text": "未定"}
    ]
    said = told(*whole(sample))
    assert "个别谈话只按主题计人数" not in said  # talks are for the bureau
    assert "零报告" not in said and "未定" not in said and "待检查组确认" not in said
    sample.rows["statistics_by_unit_category_measure"] = [
        row for row in sample.rows["statistics_by_unit_category_measure"] if row["value"] == 0
    ]
    assert "全部为0" not in told(*whole(sample)) and "本年度自查统计各项均为0。" in paragraphs(
        page(sample).figures()
    )


def test_the_edition_says_which_it_is(sample: Sample) -> None:
    title = page(sample).overview().blocks[0]
    assert title.facts[-1] == "单位版" and title.document.edition == "unit"  # type: ignore[union-attr]
