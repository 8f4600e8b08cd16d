"""The data dictionary is what the schemas and forms say today, and says all of it."""

from __future__ import annotations

from lianzheng.forms.dictionary import data_dictionary
from lianzheng.tables import schemas
from tests.unit.forms.test_layout import CONFIG, REPOSITORY

TEXT = data_dictionary(CONFIG)


def test_the_committed_dictionary_is_the_generated_one() -> None:
    committed = (REPOSITORY / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert committed == TEXT, "docs/data_dictionary.md is out of date; run: lianzheng dictionary 2018"


def test_every_table_and_column_is_in_it() -> None:
    sections = {part.split("\n", 1)[0]: part for part in TEXT.split("\n### ")[1:]}
    for table in schemas().values():
        for column in table.columns:
            assert f"\n| `{column.name}` |" in sections[table.name], (table.name, column.name)
    assert "| `message` | str | what is wrong, in Chinese |" in sections["issues"]
    assert "| `severity` | one of `severity` | how grave |" in sections["issues"]
    assert "| `unit_id` | id of `units`? | whose |" in sections["issues"]
    assert "| `value_seen` | str?, private | what stood there |" in sections["issues"]


def test_closed_lists_have_their_labels() -> None:
    assert (
        "| `severity` | `return_file` 退回文件; `return_item` 退回项目; `verify` 请核实; `note` 提示 |"
        in TEXT
    )


def test_every_form_column_says_what_it_asks_and_what_it_fills() -> None:
    assert (
        "| `n_problems` | 问题数 | whole number ≥ 0 | 起 |  | yes | `statistics_by_unit_category_measure.value`, "
        "period = `this`, measure_id = `n_problems` |"
    ) in TEXT
    assert (
        "| `polarity` | 倾向 | closed list |  | `polarity`: 肯定、反映问题、建议 | yes | `interviews.polarity` |"
        in TEXT
    )
    assert (
        "| `kind` | 性质 | closed list |  | `finding_kind`: 问题、亮点 | may be absent | `findings.kind` |"
        in TEXT
    )
    assert "| `S101` | 年度计划与任务分解 | points 0–3 |  | item_id = `S101` |" in TEXT
    assert "| `total` | 合计 (sum of the rows) |" in TEXT


def test_people_of_the_roster_stay_out() -> None:
    assert not any(member.name in TEXT for member in CONFIG.members)
    assert "data/raw/&lt;cycle>" in TEXT
