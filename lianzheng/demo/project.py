"""A project of any size: this clone's rules, with an invented roster, leaders, teams and visits."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from random import Random

from lianzheng.config import list_cycles
from lianzheng.demo.bureau import texts
from lianzheng.demo.draws import stream
from lianzheng.disk import write_atomically
from lianzheng.errors import InputError

RULES = Path(__file__).parents[2]  # the clone whose config/ is copied
UNITS_PER_TEAM, INSTITUTION_SHARE = 3, 7 / 12
Rows = list[tuple[object, ...]]
_COLUMNS = {
    "units": "unit_id name short_name unit_type headcount head aliases", "members": "unit_id member_id name position",
    "teams": "team_id name leader aliases", "visits": "unit_id team_id visit_date",
}  # fmt: skip


def make_project(folder: Path, n_units: int, seed: int) -> None:
    """Write config/ of a new project into ``folder``: the YAML of this clone, and CSV for ``n_units`` units.

    Raises :class:`InputError` for fewer than two units, or where the folder holds another config/.
    """
    if n_units < 2:
        raise InputError(f"样例至少要有 2 个单位，现为 {n_units} 个", "--units 填 2 或更大的数")
    files: dict[Path, bytes] = {}
    units, members = _roster(n_units, seed)
    for cycle in list_cycles(RULES):
        teams, visits = _visits([str(unit[0]) for unit in units], cycle, seed)
        tables = {"units": units, "members": members, "teams": teams, "visits": visits}
        files |= {folder / f"config/{cycle}/{name}.csv": _csv(name, rows) for name, rows in tables.items()}
        sources = sorted((RULES / "config" / str(cycle)).glob("*.yml"))
        files |= {folder / f"config/{cycle}/{source.name}": source.read_bytes() for source in sources}
    for path, data in files.items():
        if path.exists() and path.read_bytes() != data:
            told = f"{path} 已经存在，且内容不同，没有写入任何内容"
            raise InputError(told, "换一个空文件夹，或删除其中的 config")
    for path, data in files.items():
        write_atomically(path, data)


def _csv(name: str, rows: Sequence[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([_COLUMNS[name].split(), *rows])
    return buffer.getvalue().encode("utf-8")


def _people(rng: Random, n: int) -> list[str]:
    """Different invented names."""
    words = texts()["project"]
    return rng.sample([surname + given for surname in words["surnames"] for given in words["given"]], n)


def _roster(n_units: int, seed: int) -> tuple[Rows, Rows]:
    """Units named by a place and a kind, each pair once; seven institutions to five companies; their leaders."""
    words, rng = texts()["project"], stream(seed, "roster")
    n_institutions = round(n_units * INSTITUTION_SHARE)
    units: Rows = []
    members: Rows = []
    for type_, kinds, n in (
        ("事业单位", words["institutions"], n_institutions),
        ("企业单位", words["companies"], n_units - n_institutions),
    ):
        pairs = [(place, kind) for place in words["places"] for kind in kinds]
        rng.shuffle(pairs)
        for i in range(n):
            again, (place, kind) = i // len(pairs), pairs[i % len(pairs)]
            place += f"第{again + 1}" if again else ""
            unit_id, short = f"U{len(units) + 1:03}", place + kind[:2]
            people, size = _people(rng, len(words["posts"])), rng.randint(40, 400)
            units.append((unit_id, place + kind, short, type_, size, people[0], f"{short}党委"))
            named = enumerate(zip(people, words["posts"], strict=True), start=1)
            members += [(unit_id, f"{unit_id}M{j}", name, post) for j, (name, post) in named]
    return units, members


def _visits(unit_ids: list[str], cycle: int, seed: int) -> tuple[Rows, Rows]:
    """Half of the units, another half each year, three or so to a team."""
    rng = stream(seed, "visits", cycle)
    visited = sorted(rng.sample(unit_ids, max(len(unit_ids) // 2, 1)))
    n_teams = max(len(visited) // UNITS_PER_TEAM, 1)
    leaders = _people(rng, n_teams) if n_teams < 100 else [f"组长{i}" for i in range(n_teams)]
    teams: Rows = [(f"T{i}", f"第{i}检查组", leader, "") for i, leader in enumerate(leaders, start=1)]
    days = [dt.date(cycle, 12, 4 + i // n_teams % 12) for i in range(len(visited))]
    return teams, [(unit_id, f"T{i % n_teams + 1}", days[i]) for i, unit_id in enumerate(visited)]
