"""The sample bureau on disk: everything under data/raw/<cycle>/, and the truth where it is asked for."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.demo import returns, scores, visits
from lianzheng.demo.bureau import Bureau, Row, draw_bureau
from lianzheng.demo.papers import Paper, plain_layout, questionnaire_papers, team_papers, unit_papers
from lianzheng.demo.truth import Truth
from lianzheng.errors import InputError
from lianzheng.forms import as_csv
from lianzheng.forms.layout import Scalar
from lianzheng.tables import schemas, write_atomically

MARKER = ".lianzheng-demo.json"
STEPS = (
    visits.tell_highlights, returns.tell_feedback, scores.tell_scores, returns.tell_statistics, visits.tell_questionnaire,
    visits.tell_findings, visits.tell_evidence, visits.tell_site_visits, returns.tell_cases, returns.tell_last_year,
)  # fmt: skip
OFFICE = {"cases": "cases", "feedback": "rectifications", "last_year": "last_scores_by_unit_item",
          "last_statistics": "statistics_by_unit_category_measure"}  # fmt: skip


def write_demo(
    config: CycleConfig, *, seed: int = 2018, is_clean: bool = False, truth_folder: Path | None = None
) -> None:
    """Write the sample bureau into ``config.data_raw``, and the truth into ``truth_folder`` where one is given.

    Refuses with :class:`InputError` where data/raw/<cycle> holds anything that this function did not write.
    """
    refuse_foreign(config.data_raw)
    truth, files = make_bureau(config, seed, is_clean)
    for path in config.data_raw.rglob("*") if config.data_raw.exists() else ():
        if path.is_file() and path.relative_to(config.data_raw).as_posix() not in files:
            path.unlink()
    marker = {
        "seed": seed,
        "is_clean": is_clean,
        "files": {name: sha256(data) for name, data in files.items()},
    }
    write_atomically(config.data_raw / MARKER, as_json(marker))
    for name, data in files.items():
        write_atomically(config.data_raw / name, data)
    if truth_folder:
        write_truth(truth, truth_folder)


def make_bureau(config: CycleConfig, seed: int, is_clean: bool) -> tuple[Truth, dict[str, bytes]]:
    """The truth, and the bytes of every file by its path below data/raw/<cycle>."""
    bureau, truth = draw_bureau(config, seed), Truth()
    for step in STEPS:
        step(bureau, truth)
    papers = unit_papers(bureau, truth, is_clean)
    receipts = make_receipts(bureau, papers)
    papers += team_papers(bureau, truth, is_clean) + questionnaire_papers(bureau, truth)
    files = {paper.path: paper.data() for paper in papers}
    files |= materials(bureau, papers)
    files |= office_files(config, truth, receipts)
    return truth, dict(sorted(files.items()))


def refuse_foreign(folder: Path) -> None:
    """Raise :class:`InputError` where the folder holds files that no demo wrote, or that were changed since."""
    present = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    marker = present.pop(MARKER, None)
    known = json.loads(marker.read_text(encoding="utf-8"))["files"] if marker else {}
    foreign = [name for name, path in present.items() if known.get(name) != sha256(path.read_bytes())]
    if foreign:
        raise InputError(
            f"{folder} 中有不是样例写入的文件（{foreign[0]}{' 等' if len(foreign) > 1 else ''}），没有写入任何内容",
            "把这些文件移到别处，或换一个项目文件夹运行",
        )


def sha256(data: bytes) -> str:
    """The hash that the marker keeps of a file."""
    return hashlib.sha256(data).hexdigest()


def as_json(value: object) -> bytes:
    """Readable JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode("utf-8")


def make_receipts(bureau: Bureau, papers: Iterable[Paper]) -> list[Row]:
    """A line per file of a unit: received in time, on paper too, signed by the head, sealed."""
    receipts = []
    for paper in papers:
        rng = bureau.rng("receipt", paper.path)
        day = bureau.config.cycle.deadline - dt.timedelta(days=rng.randint(0, 9))
        received = dt.datetime.combine(day, dt.time(rng.randint(8, 17), rng.randrange(60)))
        head = bureau.config.unit(paper.unit_id).head
        receipts.append({"file": paper.path, "received_at": received, "is_signed": True, "signed_by": head, "is_sealed": True,
                         "paper_received_at": received + dt.timedelta(hours=rng.randint(1, 30))})  # fmt: skip
    return receipts


def office_files(config: CycleConfig, truth: Truth, receipts: Sequence[Row]) -> dict[str, bytes]:
    """The office's ledgers as CSV under the ids that it writes itself."""
    rows: Mapping[str, Sequence[Row]] = {
        "receipts": receipts, **{form_id: truth.rows(table) for form_id, table in OFFICE.items()}
    }  # fmt: skip
    files = {}
    for form_id, records in rows.items():
        columns = config.forms[form_id].tables[0].columns
        records = [r for r in records if r.get("period", "last_return") == "last_return"]
        table = [[_written(row.get(c.target or c.column_id)) for c in columns] for row in records]
        files[f"office/{form_id}.csv"] = as_csv(plain_layout([c.label for c in columns], table), "utf-8")
    return files


def _written(value: Scalar) -> Scalar:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else value


def materials(bureau: Bureau, papers: Iterable[Paper]) -> dict[str, bytes]:
    """A few small files by item number beside each unit's forms; nobody opens them."""
    folder = (bureau.config.cycle.materials_folders or ("佐证材料",))[0]
    files = {}
    for paper in papers:
        if paper.form and paper.form.form_id == "standard":
            rng = bureau.rng("materials", paper.unit_id)
            items = [item for item in bureau.config.standard.scored_items if item.evidence_classes]
            for item in rng.sample(items, min(6, len(items))):
                place = paper.stem.rpartition("/")[0]
                files[f"{place}/{folder}/{item.item_id} {item.name}.txt"] = (
                    f"{item.name}（样例材料）\n".encode()
                )
    return files


def write_truth(truth: Truth, folder: Path) -> None:
    """One CSV per processed table in its columns (those that are known), and the private markers."""
    for table, rows in truth.tables.items():
        names = [n for n in schemas()[table].names if any(n in row for row in rows)]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(folder / f"{table}.csv", buffer.getvalue().encode("utf-8"))
    write_atomically(folder / "private.json", as_json(truth.private))
