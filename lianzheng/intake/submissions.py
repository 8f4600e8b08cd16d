"""Which version of a unit's form counts, whether it was in time, and whether the paper copy is in order."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form
from lianzheng.config.models import Unit
from lianzheng.intake.received import Received
from lianzheng.issues import Issue
from lianzheng.names import plain

SUBMITTED = ("standard", "statistics", "self_report")
Receipt = Mapping[str, Any]
Version = tuple[Received, Receipt]  # a file as it was received, and what the office registered of it
_NO_RECEIPT: Receipt = {}
_PAPER = ("paper_received_at", "is_signed", "signed_by", "is_sealed")
_KEPT = ("received_at", *_PAPER)


def receipts_by_path(files: Iterable[Received], cycle: int) -> dict[str, Receipt]:
    """What office/receipts.csv says of each path; a path without a file becomes an issue.

    A later line about the same file adds to the earlier one: the paper copy often comes days after.
    """
    known = {file.path for file in files}
    found: dict[str, Receipt] = {}
    for file in files:
        for record in file.records if file.form_id == "receipts" else ():
            path = _path(str(record.values.get("file") or ""), cycle)
            if path in known:
                said = {name: value for name, value in record.values.items() if value is not None}
                found[path] = {**found.get(path, _NO_RECEIPT), **said}
            elif path:
                sheet, cell, _ = next(place for place in record.cells if place[2] == "file")
                file.report("unknown_reference", path, sheet, cell, column="file")
    return found


def receipt_targets(
    files: Iterable[Received], submissions: Iterable[Mapping[str, Any]], cycle: int
) -> dict[tuple[str, str, str], str]:
    """Which column of a submission each cell of office/receipts.csv fills (file, sheet, cell → target)."""
    files = list(files)
    known = {file.path: (file.unit_id, file.form_id, file.sha256) for file in files}
    rows = {(row["unit_id"], row["form_id"], row.get("sha256")): row for row in submissions}
    targets = {}
    for file, record in [(f, r) for f in files if f.form_id == "receipts" for r in f.records]:
        row = rows.get(known.get(_path(str(record.values.get("file") or ""), cycle), ("", "", "")), {})
        key = f"submissions/{row.get('unit_id')}|{row.get('form_id')}|{row.get('round')}"
        for sheet, cell, column in record.cells if row else ():
            if column == "file" or (column in _KEPT and record.values.get(column) == row[column]):
                name = "file_id" if column == "file" else column
                targets[file.file_id, sheet, cell] = f"{key}/{name}"
    return targets


def _path(written: str, cycle: int) -> str:
    path = unicodedata.normalize("NFC", written.strip().replace("\\", "/")).removeprefix("./")
    return path.removeprefix("data/raw/").removeprefix(f"{cycle}/")


def settle_submissions(
    files: Sequence[Received], receipts: Mapping[str, Receipt], config: CycleConfig
) -> tuple[list[dict[str, Any]], list[Issue]]:
    """A row per unit, form and round, and what is missing; files that were replaced lose their records and issues."""
    rows: list[dict[str, Any]] = []
    missing: list[Issue] = []
    handed_in: dict[tuple[str, str], list[Version]] = {}
    for file in sorted(files, key=lambda file: file.path):
        handed_in.setdefault((file.unit_id, file.form_id), []).append(
            (file, receipts.get(file.path, _NO_RECEIPT))
        )
    for unit in config.units:
        for form in (config.forms[form_id] for form_id in SUBMITTED if form_id in config.forms):
            key = (unit.unit_id, form.form_id)
            ids = dict(zip(("unit_id", "form_id"), key, strict=True))
            versions = _distinct(handed_in.get(key, []), form)
            if not versions:
                rows.append({
                    **ids, "round": 1, "state": "missing", "is_counted": False, "reason": "nothing_received",
                    "n_return_issues": 0,
                })  # fmt: skip
                missing.append(Issue("missing_form", *key, words={"detail": name_of(form)}))
            rows += [{**ids, **row} for row in _rounds(versions, form, config)]
            _check_paper(versions, unit, form)
    return rows, missing


def name_of(form: Form) -> str:
    """附件2《…》."""
    return f"{form.number}《{form.title}》"


def _distinct(versions: Sequence[Version], form: Form) -> list[Version]:
    """Versions in the order of receipt (those without one first), each content once: the same bytes are no new round."""
    copies: dict[str, list[Version]] = {}
    for version in sorted(versions, key=lambda version: version[1].get("received_at") or dt.datetime.max):
        copies.setdefault(version[0].sha256, []).append(version)
    distinct: list[Version] = []
    for (first, receipt), *others in copies.values():
        for again, more in others:
            receipt = {**more, **receipt}
            _set_aside(again, "same_file_again", form, seen=PurePosixPath(first.path).name)
        distinct.append((first, receipt))
    return sorted(distinct, key=lambda version: version[1].get("received_at") or dt.datetime.min)


def _counted(files: Sequence[Received]) -> int:
    """Place of the latest version that is not returned; where all are, of the latest that can be read; else -1."""
    readable = [place for place, file in enumerate(files) if file.state == "read"]
    accepted = [place for place in readable if not files[place].n_return_issues]
    return max(accepted or readable, default=-1)


def _rounds(versions: Sequence[Version], form: Form, config: CycleConfig) -> Iterator[dict[str, Any]]:
    """A row per version: what it came to, whether it counts and why; only what still stands keeps its issues."""
    files, deadline = [file for file, _ in versions], config.cycle.deadline
    counted, n_wrong = _counted(files), [file.n_return_issues for file in files]
    for place, (file, receipt) in enumerate(versions):
        first = next((i for i in range(place, 0, -1) if not n_wrong[i - 1]), 0)
        papers = [earlier.get("paper_received_at") for _, earlier in versions[first : place + 1]]
        row = {
            "round": place + 1, "file_id": file.file_id, "sha256": file.sha256, "n_return_issues": n_wrong[place],
            "is_counted": place == counted, "reason": _reason(place, counted, n_wrong, receipt),
            "state": "returned" if n_wrong[place] else "accepted" if place == counted else "superseded",
            "is_late": _is_late([versions[first][1].get("received_at")], deadline),
            "is_paper_late": _is_late(papers, deadline),
            "is_all_zero": _is_all_zero(file), **{name: receipt.get(name) for name in _KEPT},
        }  # fmt: skip
        if place not in (counted, len(files) - 1):
            _set_aside(file, "superseded_version", form)
        elif place != counted:
            file.records, file.is_counted = [], False
        _report_receipt(file, row, form, deadline)
        yield row


def _reason(place: int, counted: int, n_wrong: Sequence[int], receipt: Receipt) -> str:
    """Why a version counts or does not, from the closed list round_reason."""
    has_good = counted >= 0 and not n_wrong[counted]
    if place == counted:
        kept = "only_version" if len(n_wrong) == 1 else "latest_acceptable"
        return "provisional" if not has_good else kept if place == len(n_wrong) - 1 else "kept_over_worse"
    if place > counted:
        return "worse_than_counted" if has_good else "not_usable"
    if receipt.get("received_at") is None:
        return "unregistered"
    return "corrected" if n_wrong[place] and has_good else "replaced"


def _set_aside(file: Received, code: str, form: Form, seen: str = "") -> None:
    """Nothing that the file says counts any more; only whose it is may stay a question."""
    file.state, file.is_counted = "superseded", False
    file.records, file.checks = [], []
    file.issues = [issue for issue in file.issues if issue.code == "unit_differs"]
    file.report(code, seen, detail=name_of(form))


def _is_late(moments: Iterable[dt.datetime | None], deadline: dt.date) -> bool | None:
    """Whether the first of them is after the deadline's day; on that day is in time, and nobody knows without one."""
    known = [moment for moment in moments if moment is not None]
    return bool(min(known).date() > deadline) if known else None


def _is_all_zero(file: Received) -> bool | None:
    """Whether every figure of self-found problems is 0; null where the form has none or they cannot be judged."""
    found = [checked for checked in file.checks if checked.check_id == "all_zero_return"]
    known = [bool(checked.issue_id) for checked in found if checked.outcome == "pass"]
    return known[0] if known else None


def _report_receipt(file: Received, row: Mapping[str, Any], form: Form, deadline: dt.date) -> None:
    """A version without a receipt, and one that stands and came late."""
    moment = row["received_at"]
    if moment is None:
        file.report("no_receipt", detail=name_of(form))
    elif row["is_late"] and file.state != "superseded":
        expected = f"{deadline.year}年{deadline.month}月{deadline.day}日"
        seen = f"{moment.year}年{moment.month}月{moment.day}日"
        file.report("late_file", seen, detail=name_of(form), expected=expected)


def _check_paper(versions: Sequence[Version], unit: Unit, form: Form) -> None:
    """Signature and seal of the paper copy that came with the version that counts, else of the latest that came."""
    counted = next(((number, *v) for number, v in enumerate(versions, 1) if v[0].is_counted), None)
    on_paper = [(number, r) for number, (_, r) in enumerate(versions, 1) if r.get("paper_received_at")]
    if counted is None or not on_paper:
        return
    number, file, _ = counted
    of, receipt = max(on_paper, key=lambda pair: (pair[0] == number, pair[0]))
    if of != number:
        file.report("paper_of_other_version", str(number), detail=name_of(form), expected=of)
    signed_by = receipt.get("signed_by")
    if receipt.get("is_signed") is False:
        file.report("paper_not_signed", detail=name_of(form))
    elif signed_by and plain(signed_by) != plain(unit.head):
        file.report("paper_signed_by_other", signed_by, detail=name_of(form), expected=unit.head)
    if receipt.get("is_sealed") is False:
        file.report("paper_not_sealed", detail=name_of(form))
