"""Which version of a unit's form counts, whether it was in time, and whether the paper copy is in order."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form
from lianzheng.config.models import Unit
from lianzheng.intake.received import Received
from lianzheng.issues import Issue
from lianzheng.names import plain

SUBMITTED = ("standard", "statistics")
Receipt = Mapping[str, Any]
_NO_RECEIPT: Receipt = {}
_KEPT = ("received_at", "paper_received_at", "is_signed", "signed_by", "is_sealed")


def receipts_by_path(files: Iterable[Received], cycle: int) -> dict[str, Receipt]:
    """The lines of office/receipts.csv by the path they name; a path without a file becomes an issue."""
    known = {file.path for file in files}
    found: dict[str, Receipt] = {}
    for file in files:
        for record in file.records if file.form_id == "receipts" else ():
            path = _path(str(record.values.get("file") or ""), cycle)
            if path in known:
                found[path] = record.values
            elif path:
                sheet, cell, _ = next(place for place in record.cells if place[2] == "file")
                file.report("unknown_reference", path, sheet, cell, column="file")
    return found


def receipt_targets(
    files: Iterable[Received], submissions: Iterable[Mapping[str, Any]], cycle: int
) -> dict[tuple[str, str, str], str]:
    """Which column of a submission each cell of office/receipts.csv fills (file, sheet, cell → target)."""
    files = list(files)
    ids = {file.path: file.file_id for file in files}
    keys = {row.get("file_id"): f"{row['unit_id']}|{row['form_id']}|{row['round']}" for row in submissions}
    lines = {
        _path(str(record.values.get("file") or ""), cycle): (file, record)
        for file in files if file.form_id == "receipts" for record in file.records
    }  # fmt: skip
    return {
        (file.file_id, sheet, cell): f"submissions/{keys[ids[path]]}/{'file_id' if column == 'file' else column}"
        for path, (file, record) in lines.items() if ids.get(path) in keys
        for sheet, cell, column in record.cells if column in ("file", *_KEPT)
    }  # fmt: skip


def _path(written: str, cycle: int) -> str:
    path = unicodedata.normalize("NFC", written.strip().replace("\\", "/")).removeprefix("./")
    return path.removeprefix("data/raw/").removeprefix(f"{cycle}/")


def settle_submissions(
    files: Sequence[Received], receipts: Mapping[str, Receipt], config: CycleConfig
) -> tuple[list[dict[str, Any]], list[Issue]]:
    """A row per unit, form and round, and what is missing; superseded files lose their records and issues."""
    rows: list[dict[str, Any]] = []
    missing: list[Issue] = []
    handed_in: dict[tuple[str, str], list[Received]] = {}
    for file in sorted(files, key=lambda file: (_received_at(receipts, file) or dt.datetime.min, file.path)):
        handed_in.setdefault((file.unit_id, file.form_id), []).append(file)
    for unit in config.units:
        for form in (config.forms[form_id] for form_id in SUBMITTED if form_id in config.forms):
            versions = handed_in.get((unit.unit_id, form.form_id), [])
            if not versions:
                ids = (unit.unit_id, form.form_id)
                rows.append({"unit_id": ids[0], "form_id": ids[1], "round": 1, "state": "missing"})
                missing.append(Issue("missing_form", *ids, words={"detail": name_of(form)}))
            rows += _rounds(versions, receipts, unit, form, config)
    return rows, missing


def name_of(form: Form) -> str:
    """附件2《…》."""
    return f"{form.number}《{form.title}》"


def _received_at(receipts: Mapping[str, Receipt], file: Received) -> dt.datetime | None:
    return receipts.get(file.path, _NO_RECEIPT).get("received_at")


def _counted(versions: Sequence[Received]) -> Received | None:
    """The latest version that is not returned; where all are, the latest that can be read."""
    readable = [file for file in versions if file.state == "read"]
    accepted = [file for file in readable if not file.is_returned]
    return next(reversed(accepted or readable), None)


def _rounds(
    versions: Sequence[Received], receipts: Mapping[str, Receipt], unit: Unit, form: Form, config: CycleConfig
) -> list[dict[str, Any]]:
    counted = _counted(versions)
    rows = []
    for number, file in enumerate(versions, start=1):
        is_before = counted is not None and number - 1 < versions.index(counted)
        if is_before and file.state == "read":
            _supersede(file, form)
        elif file is not counted:
            file.records, file.is_counted = [], False
        receipt = receipts.get(file.path, _NO_RECEIPT)
        state = "superseded" if file.state == "superseded" else "returned" if file.is_returned else "accepted"
        rows.append({
            "unit_id": unit.unit_id, "form_id": form.form_id, "round": number, "file_id": file.file_id, "state": state,
            "is_late": _is_late(file, receipt, form, config), **{name: receipt.get(name) for name in _KEPT},
        })  # fmt: skip
        if file is counted:
            _check_paper(file, receipt, unit, form)
    return rows


def _supersede(file: Received, form: Form) -> None:
    """Nothing that the file says counts any more; only whose it is may stay a question."""
    file.state, file.is_counted = "superseded", False
    file.records, file.checks = [], []
    file.issues = [issue for issue in file.issues if issue.code == "unit_differs"]
    file.report("superseded_version", detail=name_of(form))


def _is_late(file: Received, receipt: Receipt, form: Form, config: CycleConfig) -> bool | None:
    """After the deadline's day; on that day is in time. Without a receipt nobody can say."""
    moment, deadline = receipt.get("received_at"), config.cycle.deadline
    if moment is None:
        file.report("no_receipt", detail=name_of(form))
        return None
    is_late = bool(moment.date() > deadline)
    if is_late and file.state != "superseded":
        seen = f"{moment.year}年{moment.month}月{moment.day}日"
        expected = f"{deadline.year}年{deadline.month}月{deadline.day}日"
        file.report("late_file", seen, detail=name_of(form), expected=expected)
    return is_late


def _check_paper(file: Received, receipt: Receipt, unit: Unit, form: Form) -> None:
    """Signature and seal, only where a paper copy was received."""
    if receipt.get("paper_received_at") is None:
        return
    signed_by = receipt.get("signed_by")
    if receipt.get("is_signed") is False:
        file.report("paper_not_signed", detail=name_of(form))
    elif signed_by and plain(signed_by) != plain(unit.head):
        file.report("paper_signed_by_other", signed_by, detail=name_of(form), expected=unit.head)
    if receipt.get("is_sealed") is False:
        file.report("paper_not_sealed", detail=name_of(form))
