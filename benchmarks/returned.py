"""Projects with any number of returned .xlsx forms, made quickly: `python benchmarks/returned.py FOLDER N_FORMS [SOFFICE]`.

附件1 and 附件2 of each unit, with values of its own: every other unit has filled in the blank forms of `lianzheng
forms` and saved them, the others have written the sample bureau's messy layout. A library saves a workbook once for
each arrangement of cells, with a mark (a number of seven digits) in every cell that differs from unit to unit; then the
units' own texts and numbers are put there in the XML, all texts in a table of their own (xl/sharedStrings.xml), where
Excel, WPS and LibreOffice keep them. With SOFFICE, LibreOffice's program, every form is opened and saved by it at last.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl

from lianzheng.config import CycleConfig, list_cycles, load_config
from lianzheng.demo import make_project
from lianzheng.demo.bureau import draw_bureau
from lianzheng.demo.papers import Paper, unit_papers
from lianzheng.demo.returns import tell_statistics
from lianzheng.demo.scores import tell_scores
from lianzheng.forms import as_xlsx
from lianzheng.forms.blank import blank_form
from lianzheng.forms.layout import Formula, Key, Layout, Scalar
from lianzheng.forms.outgoing import UNIT_ID, UNIT_NAME
from lianzheng.forms.writers import MOMENT
from lianzheng.zips import normalise_package, read_zip, write_zip

Parts = Mapping[str, bytes]
_FIRST_MARK, _FIRST_DAY = 9_000_000, dt.date(1899, 12, 30)
_MARKED = re.compile(
    r'(<c r="[A-Z]+\d+"(?: s="\d+")?)(?: t="\w+")?>(<f>[^<]*</f>)?<v>(9\d{6})</v></c>', re.ASCII
)
_NO_RESULT = re.compile(r'(<c r="([A-Z]+\d+)"[^<>]*><f>[^<]*</f>)(?:<v ?/>|<v></v>)', re.ASCII)
_INLINE = re.compile(
    r'(<c r="[A-Z]+\d+"(?: s="\d+")?) t="inlineStr"><is><t[^<>]*>([^<]*)</t></is></c>', re.ASCII
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_LINKS = (
    ("[Content_Types].xml", "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}"/>'),
    ("xl/_rels/workbook.xml.rels", "</Relationships>",
     f'<Relationship Id="shared" Type="{_RELATED}" Target="sharedStrings.xml"/>'),
)  # fmt: skip
_CHUNK, _SEED = 20, 2018


def write_returned(folder: Path, n_forms: int) -> None:
    """Write a new project into ``folder``: config/ and ``n_forms`` returned forms; equal arguments give equal bytes."""
    n_units = max(-(-n_forms // 2), 2)
    make_project(folder, n_units, _SEED)
    with ProcessPoolExecutor() as pool:
        list(pool.map(functools.partial(_write_units, folder, n_forms), range(0, n_units, _CHUNK)))


def save_again(folder: Path, program: str) -> None:
    """Have LibreOffice open and save every form of a project, as a unit's spreadsheet program did: styles, blanks and all."""
    paths = sorted(folder.rglob("*.xlsx"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(
            pool.map(
                functools.partial(_save_again, program),
                (paths[i : i + 100] for i in range(0, len(paths), 100)),
            )
        )


def _save_again(program: str, paths: Sequence[Path]) -> None:
    with tempfile.TemporaryDirectory() as name:
        opened, saved = Path(name, "opened"), Path(name, "saved")
        opened.mkdir()
        for number, path in enumerate(paths):
            shutil.copyfile(path, opened / f"{number}.xlsx")
        profile = f"-env:UserInstallation={Path(name, 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(saved)]
        files = [str(path) for path in opened.iterdir()]
        subprocess.run([*command, *files], check=True, capture_output=True)
        for number, path in enumerate(paths):
            shutil.copyfile(saved / f"{number}.xlsx", path)


@functools.cache
def _config(folder: Path) -> CycleConfig:
    return load_config(max(list_cycles(folder)), folder)


def _write_units(folder: Path, n_forms: int, first: int) -> None:
    """Write the forms of the units from this number (from 0) on, as many as are wanted."""
    config = _config(folder)
    few = replace(config, units=config.units[first : first + _CHUNK])
    bureau = draw_bureau(few, _SEED)
    tell_scores(bureau)
    tell_statistics(bureau)
    for i, paper in enumerate(unit_papers(bureau, is_clean=False)[: n_forms - 2 * first]):
        folder = config.data_raw / "units" / few.unit(paper.unit_id).name
        folder.mkdir(parents=True, exist_ok=True)
        is_blank = i // 2 % 2 == 0
        data = _filled(few, paper) if is_blank else _own(paper.lay_out(bureau.rng("mess", paper.stem)))
        (folder / f"{paper.form.number}.xlsx").write_bytes(data)


def _filled(config: CycleConfig, paper: Paper) -> bytes:
    """The unit's blank form, filled in."""
    keys, parts = _blank(config.project, paper.form.form_id)
    told = {("header", name, ""): value for name, value in paper.header.items()} | paper.matrix
    told |= {("header", "filled_on", ""): config.cycle.deadline - dt.timedelta(days=3)}
    words = {UNIT_ID: paper.unit_id, UNIT_NAME: config.unit(paper.unit_id).name}
    return _stamped(parts, [told.get(key) for key in keys], words)


@functools.cache
def _blank(project: Path, form_id: str) -> tuple[list[Key], Parts]:
    """The blank form with a mark in every cell that is open or computed, saved by openpyxl; the cells' keys."""
    config = _config(project)
    header: dict[str, Scalar] = {"year": config.cycle.cycle, "unit_id": UNIT_NAME}
    layout = blank_form(config, config.forms[form_id], UNIT_ID, header)
    book, keys = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout))), list[Key]()
    marks: dict[str, dict[str, int]] = {}
    for number, sheet in enumerate(layout.sheets, start=1):
        marks[f"xl/worksheets/sheet{number}.xml"] = results = {}
        for cell in sheet.cells:
            if isinstance(cell.value, Formula):
                results[cell.address] = _FIRST_MARK + len(keys)
            elif cell.is_open and cell.value is None:
                book[sheet.name][cell.address] = _FIRST_MARK + len(keys)
            else:
                continue
            keys.append(cell.keys[0])
    buffer = io.BytesIO()
    book.save(buffer)
    saved = read_zip(normalise_package(buffer.getvalue(), MOMENT))
    return keys, {name: _with_results(part, marks.get(name, {})) for name, part in saved.items()}


def _with_results(part: bytes, marks: Mapping[str, int]) -> bytes:
    """A sheet's XML with marks for what its formulas come to, which a spreadsheet program saves and openpyxl does not."""
    return _NO_RESULT.sub(lambda found: f"{found[1]}<v>{marks[found[2]]}</v>", part.decode()).encode()


def _own(layout: Layout) -> bytes:
    """The workbook of a layout, all of whose cells are marked; layouts that differ in values alone share one."""
    values = [cell.value for sheet in layout.sheets for cell in sheet.cells]
    return _stamped(_arranged(layout.change(lambda cell: replace(cell, value=None, keys=()))), values, {})


@functools.cache
def _arranged(bare: Layout) -> Parts:
    """The parts of a workbook with a mark in every cell."""
    marks = itertools.count(_FIRST_MARK)
    return read_zip(as_xlsx(bare.change(lambda cell: replace(cell, value=next(marks)))))


def _stamped(parts: Parts, values: Sequence[Scalar | Formula], words: Mapping[str, str]) -> bytes:
    """A workbook with values in place of the marks and words in place of the placeholders."""

    def write(found: re.Match[str]) -> str:
        start, formula, value = found[1], found[2] or "", values[int(found[3]) - _FIRST_MARK]
        if isinstance(value, str):
            return f'{start} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        number = (value - _FIRST_DAY).days if isinstance(value, dt.date) else value
        return start + ("/>" if number is None else f">{formula}<v>{number!r}</v></c>")

    written = {}
    for name, part in parts.items():
        text = part.decode()
        for placeholder, word in words.items():
            text = text.replace(placeholder, escape(word))
        written[name] = _MARKED.sub(write, text) if "/worksheets/" in name else text
    return write_zip({name: text.encode() for name, text in _sharing(written).items()})


def _sharing(parts: dict[str, str]) -> dict[str, str]:
    """The parts with every text of a cell in the workbook's table of texts, each once."""
    texts: dict[str, int] = {}

    def share(found: re.Match[str]) -> str:
        return f'{found[1]} t="s"><v>{texts.setdefault(found[2], len(texts))}</v></c>'

    shared = {
        name: _INLINE.sub(share, text) if "/worksheets/" in name else text for name, text in parts.items()
    }
    items = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in texts)
    shared["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">{items}</sst>'
    for name, end, new in _LINKS:
        shared[name] = shared[name].replace(end, new + end)
    return shared


if __name__ == "__main__":
    write_returned(Path(sys.argv[1]), int(sys.argv[2]))
    for program in sys.argv[3:]:
        save_again(Path(sys.argv[1], "data", "raw"), program)
