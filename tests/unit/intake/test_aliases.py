"""`lianzheng alias`: names that match nothing, suggestions that nobody applies, and aliases that a person confirms."""

from __future__ import annotations

import shutil

import pytest

from lianzheng.cli import main
from lianzheng.config import load_config
from lianzheng.errors import ConfigError, ParameterError
from lianzheng.forms import as_xlsx
from lianzheng.intake import run_intake, write_intake
from lianzheng.intake.aliases import add_alias, suggestions, unknown_names
from lianzheng.intake.files import from_book, make_setup
from lianzheng.tables import Tables
from tests.unit.intake.sample import PROJECT, book_of_layout, layout_of, zeros
from tests.unit.intake.test_run import Bureau, bureau, template  # noqa: F401


@pytest.fixture
def config(tmp_path):
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    return load_config(2018, tmp_path)


def roster(config):
    return (config.folder / "units.csv").read_bytes()


def test_names_in_files_and_of_folders_that_match_nothing_are_listed_with_suggestions(bureau):  # noqa: F811
    bureau.put(
        "units/东河养护处/附件2.xlsx",
        as_xlsx(layout_of("statistics", Bureau.figures(), unit_id="东河管里处")),
    )
    write_intake(bureau.config, bureau.run())
    names = unknown_names(bureau.config, Tables(bureau.config.data_processed))
    assert [name.name for name in names] == ["东河养护处", "东河管里处"]
    folder, written = names
    assert folder.places == ("units/东河养护处",)
    assert written.places[0].startswith("units/东河养护处/附件2.xlsx 附件2 ") or written.places[0].startswith(
        "units/东河养护处/附件2.xlsx "
    )
    likeness, unit_id, name = written.suggestions[0]
    assert (round(likeness), unit_id, name) == (80, "U001", "东河管理处")  # 4 of 5 characters, twice over ten
    assert "可能是 U001 东河管理处（80）" in written.describe()


def test_a_bureau_in_order_has_no_unknown_name(bureau, capsys):  # noqa: F811
    write_intake(bureau.config, bureau.run())
    assert unknown_names(bureau.config, Tables(bureau.config.data_processed)) == []


def test_suggestions_are_the_likeliest_three_each_unit_once(config):
    found = list(suggestions(config, "信息化中心党委（盖章）"))
    assert (
        found[0][1] == "U007" and len(found) <= 3 and len({unit_id for _, unit_id, _ in found}) == len(found)
    )
    assert [one[0] for one in found] == sorted((one[0] for one in found), reverse=True)
    assert list(suggestions(config, "ABC")) == []


def test_a_confirmed_alias_is_written_and_known_from_then_on(config):
    layout = layout_of("statistics", zeros("statistics"), unit_id="信息化中心")
    before = from_book(book_of_layout(layout), "x.xlsx", make_setup(config))
    assert "unknown_unit" in [issue.code for issue in before.issues]
    assert add_alias(config, "信息化中心", "U007")
    changed = load_config(2018, config.project)
    assert changed.unit("U007").aliases == ("局信息中心", "信息中心党支部", "信息化中心")
    after = from_book(book_of_layout(layout), "x.xlsx", make_setup(changed))
    assert after.unit_id == "U007" and "unknown_unit" not in [issue.code for issue in after.issues]
    assert not add_alias(changed, "信息化中心（盖章）", "U007")  # known already, nothing is written


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b""),
        (b"\n", b"\r\n"),
        ("局信息中心|信息中心党支部".encode(), '"局信息中心|信息中心党支部"'.encode()),
        ("局信息中心|信息中心党支部".encode(), b""),
        ("局信息中心|信息中心党支部".encode(), b'""'),
        ("朱思远".encode(), '"朱思远"'.encode()),
    ],
)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_other_byte_stays_as_it_was(config, old, new, bom):
    data = bom + (roster(config).replace(old, new) if old else roster(config))
    (config.folder / "units.csv").write_bytes(data)
    config = load_config(2018, config.project)
    known = config.unit("U007").aliases
    add_alias(config, "信息化中心", "U007")
    written = roster(config)
    added = "|信息化中心".encode() if known else "信息化中心".encode()
    assert written.replace(added, b"", 1) == data if b'""' not in data else added in written
    assert len(written) - len(data) in (len(added), len(added) - 2)
    assert load_config(2018, config.project).unit("U007").aliases == (*known, "信息化中心")


def test_the_last_line_without_a_line_end_and_a_column_in_another_place(config):
    lines = roster(config).decode().rstrip("\n").split("\n")
    moved = []
    for line in lines:
        fields = line.split(",")
        moved.append(",".join([fields[0], fields[6], *fields[1:6]]))
    (config.folder / "units.csv").write_bytes("\n".join(moved).encode())
    config = load_config(2018, config.project)
    last = config.units[-1]
    add_alias(config, "某某新名称", last.unit_id)
    again = load_config(2018, config.project)
    assert again.unit(last.unit_id).aliases == (*last.aliases, "某某新名称")
    assert roster(config).decode().replace("|某某新名称", "") == "\n".join(moved)


@pytest.mark.parametrize(
    ("written", "unit_id", "told"),
    [
        ("东河处", "U002", "已是 U001 东河管理处 的名称"),
        ("东河处（盖章）", "U002", "已是 U001"),
        ("中共东河管理处委员会", "U002", "已是 U001"),
        ("服务中心", "U005", "也可能指 U006"),  # several units end so
        ("东河", "U001", "也可能指 U023"),
        ("党委", "U001", "不能作单位名称"),
        ("　", "U001", "不能作单位名称"),
        ("甲|乙", "U001", "不能作单位名称"),
        ("甲,乙", "U001", "不能作单位名称"),
        ('甲"乙', "U001", "不能作单位名称"),
    ],
)
def test_an_alias_of_another_unit_or_of_two_is_refused_and_nothing_is_written(config, written, unit_id, told):
    before = roster(config)
    with pytest.raises(ParameterError, match=told):
        add_alias(config, written, unit_id)
    assert roster(config) == before


def test_an_unknown_unit_is_refused(config):
    with pytest.raises(ConfigError, match="U099"):
        add_alias(config, "某处", "U099")


def test_a_roster_without_the_column_says_what_to_add(config):
    text = "\n".join(line.rpartition(",")[0] for line in roster(config).decode().splitlines())
    (config.folder / "units.csv").write_bytes(text.encode())
    with pytest.raises(ParameterError, match="没有 aliases 列"):
        add_alias(load_config(2018, config.project), "信息化中心", "U007")


def test_the_command_lists_confirms_and_refuses(config, capsys):
    folder = config.data_raw / "units" / "信息化中心"
    folder.mkdir(parents=True)
    (folder / "附件2.xlsx").write_bytes(
        as_xlsx(layout_of("statistics", zeros("statistics"), unit_id="信息化中心"))
    )
    command = ["--project", str(config.project), "alias"]
    write_intake(config, run_intake(config, n_workers=1))
    assert main([*command, "2018"]) == 3
    shown = capsys.readouterr().out
    assert (
        "不合名册的单位名称 1 个" in shown
        and "“信息化中心” ← " in shown
        and "等2处：可能是 U007 信息中心（89）" in shown
    )
    assert main([*command, "2018", "信息化中心"]) == 1
    assert "没有说“信息化中心”是哪个单位" in capsys.readouterr().err


def test_only_the_confirmed_alias_ends_the_list(config, capsys):
    folder = config.data_raw / "units" / "信息化中心"
    folder.mkdir(parents=True)
    (folder / "附件2.xlsx").write_bytes(
        as_xlsx(layout_of("statistics", zeros("statistics"), unit_id="信息化中心"))
    )
    write_intake(config, run_intake(config, n_workers=1))
    assert main(["--project", str(config.project), "alias", "2018", "信息化中心", "U007"]) == 0
    assert "“信息化中心” = U007 信息中心：已记入 units.csv" in capsys.readouterr().out
    again = load_config(2018, config.project)
    write_intake(again, run_intake(again, n_workers=1))
    assert main(["--project", str(config.project), "alias"]) == 0
    frame = Tables(again.data_processed)["files"]
    assert frame.set_index("path").loc["units/信息化中心/附件2.xlsx", "unit_id"] == "U007"
