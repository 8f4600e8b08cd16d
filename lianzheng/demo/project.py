"""A project of any size: this clone's rules, with an invented roster, leaders, teams and visits."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

from lianzheng.config import list_cycles
from lianzheng.demo.bureau import texts
from lianzheng.demo.draws import stream
from lianzheng.demo.papers import plain_layout
from lianzheng.errors import InputError
from lianzheng.forms import as_csv
from lianzheng.forms.layout import Scalar

RULES = Path(__file__).parents[2]  # the clone whose config/ is copied
UNITS_PER_TEAM = 3
Rows = list[Sequence[Scalar]]


def make_project(folder: Path, n_units: int, seed: int) -> None:
    """Write config/ of a new project into ``folder``: the YAML of this clone, and CSV for ``n_units`` units.

    Raises :class:`InputError` where the folder already has a config/ that is not this one's.
    """
    if n_units < 2:
        raise InputError(f"样例至少要有 2 个单位，现为 {n_units} 个", "--units 填 2 或更大的数")
    units = _units(n_units, seed)
    for cycle in list_cycles(RULES):
        tables = {"units": (UNIT_COLUMNS, units), **_people_and_visits(units, cycle, seed)}
        written = {
            f"config/{cycle}/{name}.csv": as_csv(plain_layout(*table), "utf-8")
            for name, table in tables.items()
        }
        _refuse_other(folder, written)
        for source in sorted((RULES / "config" / str(cycle)).glob("*.yml")):
            target = folder / "config" / str(cycle) / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        for name, data in written.items():
            (folder / name).write_bytes(data)


UNIT_COLUMNS = ("unit_id", "name", "short_name", "unit_type", "headcount", "head", "aliases")


def _refuse_other(folder: Path, written: dict[str, bytes]) -> None:
    for name, data in written.items():
        path = folder / name
        if path.exists() and path.read_bytes() != data:
            raise InputError(
                f"{path} 已经存在，且内容不同，没有写入任何内容", "换一个空文件夹，或删除其中的 config"
            )


def _units(n_units: int, seed: int) -> Rows:
    """Names out of a place and a kind, each pair once; seven institutions to five companies."""
    words, rng = texts()["project"], stream(seed, "roster")
    kinds = {"事业单位": words["institutions"], "企业单位": words["companies"]}
    rows: Rows = []
    for type_, n in (("事业单位", round(n_units * 7 / 12)), ("企业单位", n_units - round(n_units * 7 / 12))):
        pairs = [(place, kind) for kind in kinds[type_] for place in words["places"]]
        rng.shuffle(pairs)
        for i in range(n):
            (place, kind), again = pairs[i % len(pairs)], i // len(pairs)
            place += f"第{again + 1}" if again else ""
            head = rng.choice(words["surnames"]) + rng.choice(words["given"])
            short = place + kind[:2]
            rows.append(
                (
                    f"U{len(rows) + 1:03}",
                    place + kind,
                    short,
                    type_,
                    rng.randint(40, 400),
                    head,
                    f"{short}党委",
                )
            )
    return rows


def _people_and_visits(units: Rows, cycle: int, seed: int) -> dict[str, tuple[Sequence[str], Rows]]:
    words, rng = texts()["project"], stream(seed, "people")
    members: Rows = [
        (
            unit[0],
            f"{unit[0]}M{i}",
            unit[5] if i == 1 else rng.choice(words["surnames"]) + rng.choice(words["given"]),
            post,
        )
        for unit in units
        for i, post in enumerate(words["posts"], start=1)
    ]
    order = stream(seed, "visits", cycle)
    visited = sorted(order.sample([str(unit[0]) for unit in units], max(len(units) // 2, 1)))
    n_teams = max(len(visited) // UNITS_PER_TEAM, 1)
    teams: Rows = [
        (f"T{i}", f"第{i}检查组", rng.choice(words["surnames"]) + rng.choice(words["given"]), "")
        for i in range(1, n_teams + 1)
    ]
    visits: Rows = [
        (unit_id, f"T{i % n_teams + 1}", dt.date(cycle, 12, 4 + i // n_teams % 12))
        for i, unit_id in enumerate(visited)
    ]
    return {
        "members": (("unit_id", "member_id", "name", "position"), members),
        "teams": (("team_id", "name", "leader", "aliases"), teams),
        "visits": (("unit_id", "team_id", "visit_date"), visits),
    }
