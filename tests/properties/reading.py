"""What the library reads of a case, in the same terms as what was meant, and where the two differ."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

from lianzheng.intake.files import read_received
from lianzheng.intake.received import Received
from tests.properties.bureau import setup
from tests.properties.cases import SAID_AS, Case
from tests.properties.meaning import HEADER

HEADER_FIELDS = "header_fields"


def check(case: Case, folder: Path) -> None:
    """Fail with a line for each difference, and the pages as they were written, unless all is as it was meant."""
    wrong = differences(case, read(case, folder))
    assert not wrong, "\n".join([*wrong, case.shown()])


def contents(case: Case, folder: Path) -> list[str]:
    """The records that are read of a case, without their places, sorted; white space is what formats make of it."""
    records = [r for part in read(case, folder).parts for r in part.records if r.into != HEADER_FIELDS]
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
    return lines + _wrong_header(case, received) + _wrong_fates(case, received)


def _wrong_header(case: Case, received: Received) -> list[str]:
    """Each field of the header that says something is kept where it stands, with its words."""
    if not received.is_counted or not case.header:
        return []
    said = {
        (name, *case.file.where(case.paper.at[HEADER, name, ""])): _bare(typed.value)
        for name, typed in case.header.items() if typed.value is not None and not _UNFILLED.fullmatch(str(typed.value))
    }  # fmt: skip
    found = {
        (record.values["field_id"], record.values["sheet"], record.values["cell"]): _bare(record.values["text"])
        for record in received.records if record.into == HEADER_FIELDS
    }  # fmt: skip
    wrong = {place for place in said.keys() | found.keys() if place not in said or place not in found}
    wrong |= {
        place
        for place in said.keys() & found.keys()
        if isinstance(case.header[place[0]].value, str) and said[place] != found[place]
    }
    return [
        f"{case.format} {place}: header {said.get(place)}, read {found.get(place)}" for place in sorted(wrong)
    ]


_UNFILLED = re.compile(r"[年月日\s]*")


def _bare(text: object) -> str:
    """Without white space and width, which a line of text with several fields does not keep."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split())


def _values(received: Received) -> tuple[dict[tuple[str, str], Any], dict[tuple[str, str], dict[str, Any]]]:
    values: dict[tuple[str, str], Any] = {}
    keys: dict[tuple[str, str], dict[str, Any]] = {}
    records = [record for part in received.parts for record in part.records if record.into != HEADER_FIELDS]
    for record in (record for record in records if not record.is_fallback):
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
            codes = {issue[0] for issue in case.issues if issue[1:] == place}
            wanted = (
                {"value"}
                if value is not None
                else {"issue"}
                if codes - {"missing_value"}
                else {"value", "aside"}
            )
            if fates[place] not in wanted:
                lines.append(f"{case.format} {'!'.join(place)}: fate {fates[place]}, wanted {wanted}")
    return lines
