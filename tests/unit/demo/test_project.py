"""Projects of any size: their configuration loads and is in proportion."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.demo import make_project
from lianzheng.errors import InputError


@pytest.mark.parametrize(("n_units", "n_institutions"), [(2, 1), (6, 4), (24, 14), (400, 233)])
def test_a_roster_of_any_size_loads(tmp_path: Path, n_units: int, n_institutions: int) -> None:
    make_project(tmp_path, n_units, seed=3)
    config = load_config(None, tmp_path)
    assert config.cycle.cycle == 2018
    types = Counter(unit.unit_type for unit in config.units)
    assert types == {"事业单位": n_institutions, "企业单位": n_units - n_institutions}
    assert len({name for unit in config.units for name in unit.names}) == 3 * n_units
    assert len(config.visits) == max(n_units // 2, 1)
    assert {visit.team_id for visit in config.visits} == {team.team_id for team in config.teams}
    assert len(config.visited_last_cycle) == len(config.visits)
    for unit in config.units:
        assert config.unit_index.find_inside(f"{unit.short_name}评分表") == unit.unit_id
        members = [member for member in config.members if member.unit_id == unit.unit_id]
        assert members[0].name == unit.head and len({m.name for m in members}) == len(members) >= 3


def test_the_same_seed_gives_the_same_project_and_another_another(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_project(tmp_path / folder, 6, seed)
    a, b, c = ((tmp_path / folder / "config/2018/units.csv").read_bytes() for folder in "abc")
    assert a == b != c


def test_a_second_project_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    make_project(tmp_path, 6, seed=1)
    make_project(tmp_path, 6, seed=1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    with pytest.raises(InputError, match=r"已经存在"):
        make_project(tmp_path, 7, seed=1)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize("n_units", [1, 0, -3])
def test_a_bureau_has_at_least_two_units(tmp_path: Path, n_units: int) -> None:
    with pytest.raises(InputError, match="2"):
        make_project(tmp_path, n_units, seed=1)
    assert list(tmp_path.iterdir()) == []
