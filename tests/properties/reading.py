"""What the library reads of a case, in the same terms as what was meant, and where the two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lianzheng.intake.files import read_received
from lianzheng.intake.received import Received
from tests.properties.bureau import setup
from tests.properties.cases import SAID_AS, Case


def check(case: Case, folder: Path) -> None:
    """Fail with a line for each difference, and the pages as they were written, unless all is as it was meant."""
    wrong = differences(case, read(case, folder))
    assert not wrong, "\n".join([*wrong, case.shown()])


def contents(case: Case, folder: Path) -> list[str]:
    """The records that are read of a case, without their places, sorted; white space is what formats make of it."""
    records = [record for part in read(case, folder).parts for record in part.records]
    told = [
        [f"{name}={' '.join(str(value).split())}" for name, value in sorted(record.values.items()) if name not in _OF_THE_FILE]
        for record in records
    ]  # fmt: skip
    return sorted(f"{record.into} {', '.join(its)}" for record, its in zip(records, told, strict=True))


_OF_THE_FILE = ("file_id", "sheet", "cell", "raw_text", "conversion", "value_state")


def read(case: Case, folder: Path) -> Received:
    """Write the case's file below ``folder`` and read it as a received one."""
    target = folder / case.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(case.file.data)
    return read_received(folder, case.path, setup())


def differences(case: Case, received: Received) -> list[str]:
    """A line for each value, key or issue that is not what was meant, and for each cell without its right fate."""
    lines = []
    values, keys = _values(received)
    for place in sorted(case.values.keys() | values.keys()):
        meant, found = case.values.get(place), values.get(place)
        if meant and found and not meant[3]:
            found = (*found[:3], "")
        if meant != found:
            lines.append(
                f"{case.format} {'!'.join(place)} {case.told.get(place, '')}: meant {meant}, read {found}"
            )
        wrong = {
            k: (v, keys[place].get(k))
            for k, v in case.keys.get(place, {}).items()
            if place in keys and keys[place].get(k) != v
        }
        if wrong:
            lines.append(
                f"{case.format} {'!'.join(place)} {case.told.get(place, '')}: keys (meant, read) {wrong}"
            )
    issues = {(i.code, i.source.sheet, i.source.cell) for i in received.issues}
    seen = {(i.code, i.source.sheet, i.source.cell): i.value_seen for i in received.issues}
    lines += [
        f"{case.format} {one}: planted and not told; {case.told.get(one[1:], '')}"
        for one in sorted(case.issues - issues)
    ]
    lines += [
        f"{case.format} {one}: told {seen[one]!r} and not planted; {case.told.get(one[1:], '')}"
        for one in sorted(issues - case.issues)
    ]
    return lines + _wrong_fates(case, received)


def _values(received: Received) -> tuple[dict[tuple[str, str], Any], dict[tuple[str, str], dict[str, Any]]]:
    values: dict[tuple[str, str], Any] = {}
    keys: dict[tuple[str, str], dict[str, Any]] = {}
    for record in (record for part in received.parts for record in part.records if not record.is_fallback):
        for sheet, cell, column in record.cells:
            is_said = column in SAID_AS and record.values.get("cell") == cell
            state = record.values.get("value_state", "") if is_said else ""
            values[sheet, cell] = (record.into, column, record.values[column], state)
            keys[sheet, cell] = record.values
    return values, keys


def _wrong_fates(case: Case, received: Received) -> list[str]:
    """A cell whose value was read is a value, one of which nothing could be read an issue."""
    fates = {(row[0], row[1]): row[-1] for part in received.parts for row in part.cells}
    lines = []
    for place, (_, _, value, _) in case.values.items():
        if place in fates:
            is_lost = value is None and any(issue[1:] == place for issue in case.issues)
            wanted = {"issue"} if is_lost else {"value"}
            if fates[place] not in wanted | ({"value"} if value is None else set()):
                lines.append(f"{case.format} {'!'.join(place)}: fate {fates[place]}, wanted {wanted}")
    return lines
