"""The sample bureau on disk: everything under data/raw/<cycle>/, and the truth where it is asked for."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.demo import papers as written
from lianzheng.demo import returns, scores, visits
from lianzheng.demo.bureau import Bureau, Row, draw_bureau
from lianzheng.demo.faults import Planting, listed, note_zero_returns, plant
from lianzheng.demo.materials import make_materials, tell_materials
from lianzheng.demo.papers import Paper, Records
from lianzheng.demo.self_reports import self_report_papers, tell_self_reports
from lianzheng.disk import write_atomically
from lianzheng.errors import InputError
from lianzheng.forms.ledger_places import FILE
from lianzheng.issues import KINDS
from lianzheng.tables import schemas

MARKER = ".lianzheng-demo.json"
Progress = Callable[[int, int], object]
STEPS = (
    visits.tell_highlights, returns.tell_feedback, scores.tell_scores, returns.tell_statistics, visits.tell_questionnaire,
    visits.tell_findings, returns.tell_ledger, visits.tell_evidence, visits.tell_site_visits, returns.tell_cases, returns.tell_last_year,
    tell_self_reports,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A bureau ready to be written: what is true, the bytes by path below data/raw/<cycle>, the planted faults."""

    bureau: Bureau
    files: dict[str, bytes]
    planted: list[Row]


def write_demo(
    config: CycleConfig,
    *,
    seed: int = 2018,
    is_clean: bool = False,
    truth_folder: Path | None = None,
    on_done: Progress = lambda step, total: None,
) -> None:
    """Write the sample bureau into ``config.data_raw``, and the truth into ``truth_folder`` where one is given.

    ``on_done(1, total)`` is called after each form, for a progress bar.
    Raises :class:`InputError`, before anything is touched, where data/raw/<cycle> holds what no demo wrote, or the
    office keeps a ledger of another bureau, which the invented lines would join.
    """
    refuse_foreign(config.data_raw)
    refuse_ledger(config, seed)
    sample = make_sample(config, seed, is_clean, on_done)
    if config.data_raw.exists():
        shutil.rmtree(config.data_raw)
    hashes = {name: _sha256(data) for name, data in sample.files.items()}
    write_atomically(config.data_raw / MARKER, _json({"seed": seed, "is_clean": is_clean, "files": hashes}))
    for name, data in sample.files.items():
        write_atomically(config.data_raw / name, data)
    if truth_folder:
        write_truth(sample, truth_folder)


def make_sample(
    config: CycleConfig, seed: int, is_clean: bool, on_done: Progress = lambda step, total: None
) -> Sample:
    """Draw the truth, write the papers, plant the faults; the same arguments give the same bytes."""
    bureau = draw_bureau(config, seed)
    for step in STEPS:
        step(bureau)
    handed_in = [*written.unit_papers(bureau, is_clean), *self_report_papers(bureau, is_clean)]
    materials = make_materials(bureau, handed_in)
    receipts = Paper("office/receipts", config.forms["receipts"], "", "csv utf-8", is_plain=True)
    receipts.records["receipts"] = lines = make_receipts(bureau, handed_in)
    others = [
        *written.team_papers(bureau, is_clean), *written.questionnaire_papers(bureau), *written.office_papers(bureau), receipts,
    ]  # fmt: skip
    planting = Planting(bureau, [*handed_in, *others], lines, materials)
    if not is_clean:
        plant(planting)
    note_zero_returns(planting)
    tell_materials(bureau, materials)
    files = {material.path: material.data for material in materials}
    for paper in planting.papers:
        files[paper.path] = paper.data(bureau.rng("mess", paper.path))
        on_done(1, len(planting.papers))
    files |= planting.strays
    _tell_submissions(bureau, planting)
    return Sample(bureau, dict(sorted(files.items())), listed(planting))


def refuse_foreign(folder: Path) -> None:
    """Raise :class:`InputError` where the folder holds files that no demo wrote, or that were changed since."""
    present = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    marker = present.pop(MARKER, None)
    known = json.loads(marker.read_text(encoding="utf-8"))["files"] if marker else {}
    foreign = [name for name, path in present.items() if known.get(name) != _sha256(path.read_bytes())]
    if foreign:
        seen = f"{foreign[0]}{' 等' if len(foreign) > 1 else ''}"
        told = f"{folder} 中有不是样例写入的文件（{seen}），没有写入任何内容"
        raise InputError(told, "把这些文件移到别处，或换一个项目文件夹运行")


def refuse_ledger(config: CycleConfig, seed: int) -> None:
    """Raise :class:`InputError` where a ledger is kept that does not come from the sample of this seed."""
    ledger, marker = config.data_office / FILE, config.data_raw / MARKER
    known = json.loads(marker.read_text(encoding="utf-8"))["seed"] if marker.exists() else None
    if ledger.exists() and known != seed:
        raise InputError(f"{ledger} 不是这个样例的整改台账，没有写入任何内容", "把台账移到别处后再写样例")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def make_receipts(bureau: Bureau, papers: Iterable[Paper]) -> Records:
    """A line per file of a unit: received in time, on paper too, signed by the head, sealed."""
    receipts: Records = []
    for paper in papers:
        rng = bureau.rng("receipt", paper.path)
        day = bureau.config.cycle.deadline - dt.timedelta(days=rng.randint(0, 9))
        received = dt.datetime.combine(day, dt.time(rng.randint(8, 17), rng.randrange(60)))
        on_paper = {"is_signed": "是", "signed_by": bureau.config.unit(paper.unit_id).head, "is_sealed": "是"}
        later = received + dt.timedelta(hours=rng.randint(1, 30))
        receipts.append({"file": paper.path, "received_at": received, "paper_received_at": later, **on_paper})
    return receipts


def _tell_submissions(bureau: Bureau, planting: Planting) -> None:
    """What the receipts and the planted faults say of each form, as the table of submissions has it."""
    papers = {paper.path: paper for paper in planting.papers}
    deadline = bureau.config.cycle.deadline
    for line in sorted(planting.receipts, key=lambda line: str(line["received_at"])):
        paper, received = papers.get(str(line["file"])), line["received_at"]
        if paper is not None and isinstance(received, dt.datetime):
            form_id, faults = paper.form.form_id, [p for p in planting.planted if p[1][0] is paper]
            codes = [spec.get("was", code) for code, _, spec in faults]
            n_wrong = sum(KINDS[code].severity.startswith("return") for code in codes)
            is_older = any(spec.get("how") == "older_version" for *_, spec in faults)
            state = "superseded" if is_older else "accepted"
            said = {name: {"是": True, "否": False}.get(str(value), value) for name, value in line.items()}
            number = len(bureau.rows("submissions", paper.unit_id, form_id=form_id)) + 1
            bureau.add("submissions", {
                **said, "unit_id": paper.unit_id, "form_id": form_id, "round": number, "is_late": received.date() > deadline,
                "n_return_issues": n_wrong, "state": "returned" if n_wrong else state,
            })  # fmt: skip


def write_truth(sample: Sample, folder: Path) -> None:
    """One CSV per processed table, in those of its columns that are known; the planted faults; the private markers."""
    for table, rows in sample.bureau.tables.items():
        names = [name for name in schemas()[table].names if any(name in row for row in rows)]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(folder / f"{table}.csv", buffer.getvalue().encode("utf-8"))
    write_atomically(folder / "planted.json", _json(sample.planted))
    write_atomically(folder / "private.json", _json(sample.bureau.private))
