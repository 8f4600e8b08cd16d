"""The province's own rules as a further table of 附件2: configuration alone makes the form, the reader, the sums, the page."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from lianzheng.compare.statistics import (
    parts_of_totals,
    statistic_changes_by_unit,
    statistics_by_category_measure,
)
from lianzheng.config import load_config
from lianzheng.forms import as_docx, as_xlsx, lay_out
from lianzheng.intake import run_intake
from lianzheng.pages.blocks import Blocks, Table
from lianzheng.pages.scorecard import ScorecardPage
from lianzheng.pages.statistics import StatisticsPage
from lianzheng.tables import HeldTables, conform, schemas
from tests.unit.intake.sample import HEADERS, PROJECT
from tests.unit.pages.bureau import cells, of_kind

TABLE = """\
    - table_id: local_rules
      caption: 四、省级实施意见事项
      kind: matrix
      into: statistics_by_unit_category_measure
      label_columns:
        - {label: 序号, width: 5}
        - {label: 事项, width: 26}
        - {label: 计量单位, width: 10, aliases: [单位]}
      key_label: 1
      keys: {period: this, category_id: local_rules}
      columns:
        - {column_id: amount, label: 数量, value: count, target: value, is_required: true}
      rows:
        - {row_id: n_grassroots_visits, labels: ["1", 领导干部基层蹲点, 天], unit_of_measure: 天, keys: {measure_id: n_grassroots_visits}}
        - {row_id: signage_10k_yuan, labels: ["2", 展板制作费用, 万元], value: amount, unit_of_measure: 万元, keys: {measure_id: signage_10k_yuan}}
  notes:
"""
NAMES = {
    "categories": "  local_rules: 省级实施意见\n",
    "measures": "  n_grassroots_visits: 基层蹲点\n  signage_10k_yuan: 展板制作费用\n",
}


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The sample cycle, two units, with the table of two rows."""
    folder = tmp_path_factory.mktemp("local")
    shutil.copytree(PROJECT / "config", folder / "config")
    path = folder / "config/2018/statistics.yml"
    text = path.read_text(encoding="utf-8").replace("  notes:\n", TABLE, 1)
    for section, lines in NAMES.items():
        text = text.replace(f"\n{section}:\n", f"\n{section}:\n{lines}", 1)
    path.write_text(text, encoding="utf-8")
    for name in ("units", "members", "visits"):
        path = folder / "config/2018" / f"{name}.csv"
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line[:4] in ("U001", "U002")]
        path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    return load_config(2018, folder)


@pytest.fixture
def read(tmp_path, local):
    """Read 附件2 of U001 with these values of the two rows, written by ``write``."""
    config = dataclasses.replace(local, project=tmp_path)

    def read_back(visits, signage, write=as_xlsx, ending="xlsx"):
        form = local.forms["statistics"]
        matrix = {
            (table.table_id, r.row_id, c.column_id): 0
            for table in form.tables
            for r in table.rows
            for c in table.columns
        }
        matrix |= {
            ("local_rules", "n_grassroots_visits", "amount"): visits,
            ("local_rules", "signage_10k_yuan", "amount"): signage,
        }
        target = config.data_raw / f"units/东河处/附件2.{ending}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(write(lay_out(form, HEADERS["statistics"], matrix, {})))
        return run_intake(config, n_workers=0)

    return read_back


def rows_of(intake):
    figures = intake.frames["statistics_by_unit_category_measure"].query("category_id == 'local_rules'")
    columns = ["unit_id", "period", "measure_id", "value", "unit_of_measure", "value_state"]
    return [tuple(row) for row in figures[columns].itertuples(index=False)]


@pytest.mark.parametrize(("write", "ending"), [(as_xlsx, "xlsx"), (as_docx, "docx")])
def test_two_rows_arrive_with_category_measure_and_unit_of_measure(read, write, ending):
    intake = read(12, 1.25, write, ending)
    assert rows_of(intake) == [
        ("U001", "this", "n_grassroots_visits", 12.0, "天", "number"),
        ("U001", "this", "signage_10k_yuan", 1.25, "万元", "number"),
    ]
    statistics = [i.code for i in intake.issues if i.form_id == "statistics" and i.unit_id == "U001"]
    assert sorted(set(statistics)) == ["all_zero_return", "no_receipt"]


WRONG = [
    (2.5, 1, "not_an_integer", "“领导干部基层蹲点”"),
    (3, -1, "negative_value", "“展板制作费用”"),
    ("若干", 1, "not_a_number", "“领导干部基层蹲点”"),
    (None, 1, "missing_value", "“领导干部基层蹲点”"),
]


@pytest.mark.parametrize(("visits", "signage", "code", "row"), WRONG)
def test_a_wrong_value_raises_its_issue(read, visits, signage, code, row):
    (issue,) = [issue for issue in read(visits, signage).issues if issue.code == code]
    assert row in issue.message and issue.unit_id == "U001"


def test_the_bureau_sums_them_and_the_pages_show_them(read, local, monkeypatch):
    intake = read(12, 1.25)
    changes = statistic_changes_by_unit(intake.frames, 5)
    sums = statistics_by_category_measure(changes, parts_of_totals(local.statistics), 5)
    made = {"statistic_changes_by_unit": changes, "statistics_by_category_measure": sums}
    made = {name: conform(name, frame, 2018) for name, frame in made.items()}
    held = HeldTables({name: schemas()[name].empty() for name in schemas()} | intake.frames | made)
    monkeypatch.setattr("lianzheng.pages.page.open_cycle", lambda *_: (local, held))
    tables = of_kind(Table, StatisticsPage(2018).workload())
    assert [table.title for table in tables] == ["工作量（全局合计）", "省级实施意见事项（全局合计）"]
    assert cells(tables[1]) == [
        ["领导干部基层蹲点", "天", "1", "12", "—", "无上年数"],
        ["展板制作费用", "万元", "1", "1.25", "—", "无上年数"],
    ]
    (own,) = of_kind(Table, Blocks(*ScorecardPage(2018, "U001").statistics()))
    assert [row[:3] for row in cells(own)] == [
        ["省级实施意见", "基层蹲点（天）", "12"], ["省级实施意见", "展板制作费用（万元）", "1.25"],
    ]  # fmt: skip


def test_the_shipped_form_has_none():
    shipped = load_config(2018, PROJECT).statistics
    assert shipped is not None and [t.table_id for t in shipped.form.tables] == [
        "problems",
        "spending",
        "workload",
    ]
    assert "local_rules" not in shipped.categories
