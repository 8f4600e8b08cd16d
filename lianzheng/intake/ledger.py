"""The rectification ledger: what feedback and findings bring, merged with what the office keeps in its workbook.

The office's file wins wherever it says something; what it lacks (new lines, changes of state, ids of lines that were
added by hand) is what gets written. Reading before and after writing gives the same lines and the same events.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.intake.records import Record
from lianzheng.issues import Issue, Source
from lianzheng.names import plain
from lianzheng.tables import labels, schemas

Row = dict[str, Any]
Place = tuple[str, str, str]  # file_id, sheet, cell
LINES, EVENTS = "rectifications", "rectification_events"
_LINE_ID = re.compile(r"(.+)-R(\d+)")
ORIGIN = ("unit_id", "source", "origin_cycle", "text")
REMAINING = (*ORIGIN, "subject_id")  # an empty cell of these does not unsay what the line began with
PROOF = {"proof": "销账材料", "verified_by": "核验人"}
OFFICE = "办公室"
_LINEAGE = ("file_id", "sheet", "cell")


@dataclass(slots=True)
class Ledger:
    """The merged lines and events, what is wrong with them, and what the office's file lacks.

    ``unwritten`` lines, ``unrecorded`` events and ``unnamed`` lines (added by hand; by the file's own record) are not
    in the file. ``targets`` lead from cells to table, key and column.
    """

    lines: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    unwritten: list[Row] = field(default_factory=list)
    unrecorded: list[Row] = field(default_factory=list)
    unnamed: list[tuple[Record, Row]] = field(default_factory=list)
    targets: dict[Place, str] = field(default_factory=dict)
    file_id: str = ""

    def place(self, record: Record, column: str = "rectification_id") -> Place:
        """The cell of the office's file that fills a column of a record."""
        return self.file_id, *next(((s, c) for s, c, name in record.cells if name == column), ("", ""))

    def point(self, record: Record, row: str) -> None:
        """Let the cells of a record name the table and key that they fill."""
        self.targets |= {(self.file_id, s, c): f"{row}/{name}" for s, c, name in record.cells}

    def report(self, code: str, unit_id: str, place: Place, seen: str, **words: object) -> None:
        """Add an issue about a cell."""
        self.issues.append(Issue(code, unit_id, "ledger", Source(*place), seen, words))


def fingerprint(row: Mapping[str, Any]) -> str:
    """Where a line came from, whatever becomes of it later: a hash of unit, source, year and problem."""
    unit_id, source, cycle, text = (row[name] for name in ORIGIN)
    parts = "\x1f".join((unit_id, source, str(int(cycle)), plain(text)))
    return hashlib.sha256(parts.encode()).hexdigest()[:10]


def subject_named(config: CycleConfig, text: str) -> str | None:
    """The subject whose longest label or alias occurs in a text; None where no name occurs."""
    subjects = config.findings.subjects if config.findings else ()
    names = [(plain(name), subject.id) for subject in subjects for name in (subject.label, *subject.aliases)]
    found = [(len(name), id_) for name, id_ in names if name in plain(text)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def lines_of_findings(findings: Iterable[Row], config: CycleConfig) -> Iterator[Row]:
    """A line of 本次检查 for every confirmed finding at a visited unit, due ``rectification_days`` after the report."""
    visited = {visit.unit_id for visit in config.visits}
    day = dt.datetime.combine(config.cycle.report_date, dt.time())
    due = day + dt.timedelta(days=config.cycle.rectification_days)
    began = {"source": "inspection", "origin_cycle": config.cycle.cycle, "due_date": due, "state": "open"}
    shared = ("unit_id", "finding_id", "subject_id", "text", *_LINEAGE)
    for finding in findings:
        if finding["is_confirmed"] and finding["unit_id"] in visited:
            line = {**began, **{name: finding.get(name) for name in shared}}
            yield {**line, "origin_key": fingerprint(line)}


def merge(
    origins: Iterable[Row], targets: Mapping[Place, str], kept: Sequence[Record], config: CycleConfig, file_id: str = ""
) -> Ledger:  # fmt: skip
    """The ledger out of this cycle's feedback and findings and the records of the office's file; pure.

    ``targets`` say which cell fills which column of the ``origins``.
    """
    ledger, by_key, places = Ledger(file_id=file_id), _by_key(origins), _cells_of_lines(targets)
    history = _history(ledger, kept, config)
    matched = _matched(ledger, kept, by_key, history, config)
    _report_missing(ledger, history, {line["rectification_id"] for line, _ in matched}, config)
    there = {line["origin_key"] for line, _ in matched}
    fresh = [
        ({**line, "rectification_id": None, "state": None}, None)
        for key, line in by_key.items()
        if key not in there
    ]
    ids = {str(events[0]["origin_key"]): id_ for id_, events in history.items()}
    last = _last_numbers([*(line["rectification_id"] for line, _ in matched), *history])
    for line, record in [*matched, *fresh]:
        began = by_key.get(line["origin_key"], {})
        own = line["rectification_id"] or ids.get(line["origin_key"]) or _next_id(line["unit_id"], last)
        line["rectification_id"] = own
        cells = places.get(str(began.get("rectification_id")), {})
        ledger.targets |= {at: f"{LINES}/{own}/{column}" for column, at in cells.items()}
        at = cells.get("state", ("", "", ""))
        if record is not None:
            ledger.point(record, f"{LINES}/{own}")
            at = ledger.place(record, "state")
            ledger.unnamed += [(record, line)] if record.values.get("rectification_id") is None else []
        said = _settle(ledger, line, history.get(own, []), began.get("state"), at)
        ledger.unwritten += [{**line, "state": said}] if record is None else []
    return ledger


def _cells_of_lines(targets: Mapping[Place, str]) -> dict[str, dict[str, Place]]:
    """The cell behind each column of the lines of feedback, by the id that they got on reading."""
    found: dict[str, dict[str, Place]] = {}
    for place, target in targets.items():
        table, line_id, column = target.rsplit("/", 2)
        if table == LINES:
            found.setdefault(line_id, {})[column] = place
    return found


def _by_key(origins: Iterable[Row]) -> dict[str, Row]:
    """The lines by fingerprint; what says the same a second time gets a number behind it."""
    found: dict[str, Row] = {}
    times: Counter[str] = Counter()
    for line in origins:
        key = line["origin_key"]
        times[key] += 1
        key += f"-{times[key]}" if times[key] > 1 else ""
        found[key] = {**line, "origin_key": key}
    return found


def _history(ledger: Ledger, kept: Sequence[Record], config: CycleConfig) -> dict[str, list[Row]]:
    """The recorded events by line, in their order; what is incomplete already has an issue."""
    found: dict[str, dict[int, Row]] = {}
    for record in kept:
        event = record.values
        if record.into != EVENTS or any(
            event.get(n) is None for n in ("rectification_id", "event_number", "to_state", "by")
        ):
            continue  # fmt: skip
        line_id, number = event["rectification_id"], int(event["event_number"])
        if number in found.setdefault(line_id, {}):
            ledger.report(
                "duplicate_record", _unit_of(line_id, config), ledger.place(record), f"{line_id}/{number}"
            )
            continue
        found[line_id][number] = {**event, "event_number": number, "_place": ledger.place(record)}
        ledger.point(record, f"{EVENTS}/{line_id}|{number}")
    return {id_: [events[n] for n in sorted(events)] for id_, events in found.items()}


def _unit_of(rectification_id: str, config: CycleConfig) -> str:
    unit_id = rectification_id.partition("-")[0]
    return unit_id if config.has_unit(unit_id) else ""


def _matched(
    ledger: Ledger, kept: Sequence[Record], by_key: Mapping[str, Row], history: Mapping[str, list[Row]],
    config: CycleConfig,
) -> list[tuple[Row, Record | None]]:  # fmt: skip
    """The lines of the office's file, each joined with its origin; a second one of the same id or origin is none."""
    found: list[tuple[Row, Record | None]] = []
    seen: set[str] = set()
    for record in (record for record in kept if record.into == LINES):
        own = record.values.get("rectification_id")
        events = history.get(str(own), [])
        said = {
            name: value for name, value in record.values.items() if value is not None or name not in REMAINING
        }
        said = {"origin_cycle": config.cycle.cycle, **said}
        known = record.values.get("origin_key") or (events and events[0]["origin_key"])
        if not known and any(said.get(name) is None for name in ORIGIN):
            continue  # the form's reader has said what is missing
        key = str(known or fingerprint(said))
        origin = by_key.get(key, {})
        line = {**origin, **said, "origin_key": key, "rectification_id": own}
        line |= {name: origin[name] for name in _LINEAGE if name in origin}
        line["subject_id"] = line.get("subject_id") or subject_named(config, str(line.get("text")))
        if seen & {key, str(own)}:
            unit_id, seen_text = str(said.get("unit_id") or ""), str(own or line["text"][:20])
            ledger.report("duplicate_record", unit_id, ledger.place(record), seen_text)
        elif all(line.get(name) is not None for name in ORIGIN):
            seen |= {key, own} if own else {key}
            found.append((line, record))
    return found


def _last_numbers(used: Iterable[str | None]) -> dict[str, int]:
    """The highest number of each unit among the ids of lines."""
    last: dict[str, int] = {}
    for match in (_LINE_ID.fullmatch(id_ or "") for id_ in used):
        if match:
            last[match[1]] = max(int(match[2]), last.get(match[1], 0))
    return last


def _next_id(unit_id: str, last: dict[str, int]) -> str:
    """The next free number of a unit: U001-R07."""
    last[unit_id] = last.get(unit_id, 0) + 1
    return f"{unit_id}-R{last[unit_id]:02d}"


def _settle(ledger: Ledger, line: Row, events: Sequence[Row], began: str | None, at: Place) -> str:
    """The line's state by what proves it, and its history with what is not recorded yet; returns the state as said."""
    last = events[-1]["to_state"] if events else None
    said = line.get("state") or last or began or "open"
    lacking = [label for name, label in PROOF.items() if not line.get(name)] if said == "closed" else []
    line["state"] = "to_verify" if lacking else said
    named = f"{line['rectification_id']} {line['text'][:16]}"
    if lacking:
        ledger.report(
            "closed_without_proof", line["unit_id"], at, "已销账", row=named, detail="和".join(lacking)
        )
    names = [name for name in schemas()[EVENTS].names if name != "cycle"]
    whose = {name: line[name] for name in ("rectification_id", "unit_id", "origin_key")}
    ledger.lines.append(line)
    ledger.events += [{**{name: event.get(name) for name in names}, **whose} for event in events]
    if line["state"] == last:
        return str(said)
    number = events[-1]["event_number"] + 1 if events else 1
    by = line.get("verified_by") or line.get("owner") or OFFICE
    event = {"from_state": last, "to_state": line["state"], "at": line.get("state_date"), "by": by}
    ledger.events.append({**whose, **event, "event_number": number, "proof": line.get("proof")})
    if last is not None and line.get("state_date") is None:
        ledger.report(
            "state_without_date", line["unit_id"], at, labels("rectification_state")[line["state"]], row=named
        )
    else:
        ledger.unrecorded.append(ledger.events[-1])
    return str(said)


def _report_missing(
    ledger: Ledger, history: Mapping[str, list[Row]], there: set[str], config: CycleConfig
) -> None:
    """Lines that have a history and were deleted; their cells fill nothing any more."""
    for line_id, events in history.items():
        if line_id not in there:
            ledger.report("ledger_line_missing", _unit_of(line_id, config), events[0]["_place"], line_id)
            gone = f"{EVENTS}/{line_id}|"
            ledger.targets = {at: row for at, row in ledger.targets.items() if not row.startswith(gone)}
