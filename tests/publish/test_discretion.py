"""Discretion (保密): a talk note, an open comment and a pending case reach no page, searched for in every byte."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
import zlib
from html import unescape
from pathlib import Path

import pikepdf
import pytest

from tests.projects import Project

pytestmark = pytest.mark.xdist_group("bureau")


def private_markers(bureau: Project) -> list[str]:
    markers = json.loads((bureau.folder / "truth" / "private.json").read_text(encoding="utf-8"))
    flat = markers if isinstance(markers, list) else [text for texts in markers.values() for text in texts]
    assert len(flat) >= 10 and all(len(marker) >= 6 for marker in flat)
    return flat


def texts_of(path: Path) -> list[str]:
    """Everything that can be read out of a file: its bytes, its zip parts, its inflated PDF streams, its PDF text."""
    data = path.read_bytes()
    found = [data.decode("utf-8", "replace"), data.decode("utf-16-be", "replace")]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            found += [unescape(package.read(name).decode("utf-8", "replace")) for name in package.namelist()]
    if path.suffix == ".pdf":
        with pikepdf.open(path) as pdf:
            found += [str(pdf.docinfo), str(pdf.open_metadata())]
            found += [o.read_bytes().decode("utf-8", "replace") for o in pdf.objects if _is_plain_stream(o)]
            found += [
                str(v)
                for o in pdf.objects
                if isinstance(o, pikepdf.Dictionary)
                for v in o.values()
                if isinstance(v, pikepdf.String)
            ]
        found.append(
            subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
        )
    if path.suffix == ".ipynb":
        found.append(json.dumps(json.loads(data), ensure_ascii=False))
    return [re.sub(r"\s+", "", text) for text in found]


def _is_plain_stream(candidate: pikepdf.Object) -> bool:
    if not isinstance(candidate, pikepdf.Stream):
        return False
    try:
        candidate.read_bytes()
    except (pikepdf.PdfError, zlib.error):
        return False
    return True


OWN = "原件"  # in a unit's return folder: the bytes that it sent itself (tests/unit/publish/test_returns.py)


@pytest.mark.needs_poppler
def test_nothing_private_is_anywhere_under_reports(bureau: Project) -> None:
    markers = [re.sub(r"\s+", "", marker) for marker in private_markers(bureau)]
    searched = 0
    for path in sorted(p for p in bureau.reports.rglob("*") if p.is_file() and p.parent.name != OWN):
        for text in texts_of(path):
            searched += len(text)
            hits = [marker for marker in markers if marker in text]
            assert hits == [], (path, hits)
    assert searched > 1_000_000


@pytest.mark.needs_poppler
def test_a_unit_s_return_list_names_no_other_unit(bureau: Project) -> None:
    """What we write to a unit; its own files, enclosed and marked, say what it wrote itself."""
    import pandas as pd

    names = dict(pd.read_parquet(bureau.processed / "units.parquet")[["unit_id", "name"]].to_numpy().tolist())
    folders = sorted(path for path in (bureau.reports / "returns").iterdir() if path.is_dir())
    assert len(folders) >= 20
    for folder in folders:
        written = [folder / name for name in ("退回补正单.xlsx", "补正通知.docx", "补正通知.pdf")]
        for path in written:
            text = "".join(texts_of(path))
            told = [unit_id for unit_id, name in names.items() if name in text]
            assert set(told) <= {folder.name}, (path, told)
            assert told or path.suffix == ".pdf", "a unit's own name shows that the search can find one"


def test_the_markers_are_really_in_the_data(bureau: Project) -> None:
    """The search above proves something only if what it looks for was read into the tables."""
    import pyarrow.parquet as pq

    stored = ""
    places = (
        ("interviews", "text"),
        ("answers_by_ballot_question", "text"),
        ("cases", "note"),
        ("cells", "raw_text"),
    )
    for table, column in places:
        values = (
            pq.read_table(bureau.processed / f"{table}.parquet", columns=[column]).column(column).to_pylist()
        )
        stored += "\n".join(value for value in values if value)
    assert all(marker in stored for marker in private_markers(bureau))


def test_charts_keep_their_texts_so_that_they_can_be_searched(bureau: Project) -> None:
    """Glyphs in a chart are outlines; what was written stands in the executed notebook's block as ``texts``."""
    notebook = json.loads((bureau.reports / "notebooks" / "comparison.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    shown = [
        b
        for o in outputs
        for m, bs in o.get("data", {}).items()
        if m.startswith("application/vnd.lianzheng")
        for b in bs
    ]
    charts = [block for block in shown if block["kind"] == "Chart"]
    assert charts and all(len(chart["texts"]) >= 3 for chart in charts)
