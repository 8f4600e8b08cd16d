"""The answer to each unit (退回补正单): list, marked copies or pictures, originals and notice, a folder per unit."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from openpyxl.utils import quote_sheetname

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.errors import InputError
from lianzheng.forms.layout import Link
from lianzheng.forms.marking import Mark, mark_workbook
from lianzheng.intake.places import list_received, shown_path
from lianzheng.pages.wording import say
from lianzheng.publish.returns_items import Item, ReturnedFile, UnitReturn, unit_returns
from lianzheng.publish.returns_notice import NOTICE, notice_document, notice_docx, notice_pdf, terms
from lianzheng.publish.returns_pictures import draw_pictures
from lianzheng.publish.returns_workbook import LIST, return_list
from lianzheng.tables import Tables, schemas

FOLDER, ORIGINALS = "returns", "原件"
_MARKABLE = ("xlsx", "xlsm")


def write_returns(
    config: CycleConfig, unit_ids: Sequence[str] = (), on_done: Callable[..., Any] = lambda step, total: None
) -> list[UnitReturn]:
    """Write reports/<cycle>/returns/<unit_id>/ for every unit that has something to correct; the same bytes every time.

    With ``unit_ids`` only those units'; ``on_done(1, total)`` is called after each. A folder of a unit that has nothing left to correct, or is none any more, goes away. Raises
    :class:`InputError` where a received file is no longer the one that was read.
    """
    tables = Tables(config.data_processed)
    wanted = [config.unit(unit_id).unit_id for unit_id in unit_ids] or [unit.unit_id for unit in config.units]
    found = [made for made in unit_returns(config, tables) if made.unit.unit_id in wanted]
    places = {shown_path(config.data_raw, path): path for path in list_received(config.data_raw)}
    for returned in found:
        originals = {f.file_id: _original(config, f, places) for f in returned.files if f.is_enclosed}
        files = return_folder(config, tables, returned, originals)
        _settle(config.reports / FOLDER / returned.unit.unit_id, files)
        on_done(1, len(found))
    for folder in (config.reports / FOLDER).glob("*"):
        is_kept = folder.name in {returned.unit.unit_id for returned in found}
        if not is_kept and (folder.name in wanted or not config.has_unit(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)
    return found


def return_folder(
    config: CycleConfig, tables: Tables, returned: UnitReturn, originals: Mapping[str, bytes]
) -> dict[str, bytes]:
    """What a unit's folder holds, by path; ``originals`` by file_id as received."""
    files: dict[str, bytes] = {}
    told: dict[str, str] = {}
    links: dict[int, Link] = {}
    for file in returned.files:
        if file.file_id in originals:
            data = originals[file.file_id]
            shown, its_links, why = _shown(config, file, data, tables)
            files |= shown | {f"{ORIGINALS}/{file.name}": data}
            told |= dict.fromkeys(shown, why)
            links |= its_links
    enclosed = [LIST.partition(".")[0]]
    enclosed += [say("n_marked", "returns", n=len(told))] if told else []
    enclosed += [say("n_originals", "returns", n=len(files) - len(told))] if files else []
    document = notice_document(config, returned, enclosed)
    told |= {name: say("as_received", "returns") for name in files if name not in told}
    return {
        LIST: return_list(config, returned, links, told),
        f"{NOTICE}.docx": notice_docx(document),
        f"{NOTICE}.pdf": notice_pdf(document),
        **files,
    }


def _shown(
    config: CycleConfig, file: ReturnedFile, data: bytes, tables: Tables
) -> tuple[dict[str, bytes], dict[int, Link], str]:
    """The marked copy of a file, else pictures of its faulty cells; where each item is in them; what to say of them."""
    items, why = [item for item in file.items if item.cell], say("picture_told", "returns")
    if file.format in _MARKABLE and items:
        try:
            marks = [Mark(i.sheet, i.cell, note(i), "bad" if i.is_grave else "warn") for i in items]
            marked = mark_workbook(data, marks, terms(config)["office"])
            name = f"{PurePosixPath(file.name).stem}（标注）.{file.format}"
            links = {item.number: (name, f"{quote_sheetname(item.sheet)}!{item.cell}") for item in items}
            return {name: marked}, links, say("marked_told", "returns")
        except InputError as error:
            why = say("unmarked_told", "returns", why=error.message)
    cells = schemas()["cells"]
    pictures = draw_pictures(
        file, cells.frame_of(tables.rows("cells", "file_id", [file.file_id], cells.names))
    )
    counted = {
        f"{file.name}（标注图{n if len(pictures) > 1 else ''}）.png": picture
        for n, picture in enumerate(pictures, start=1)
    }
    links = {number: (name, "") for name, (_, numbers) in counted.items() for number in numbers}
    return {name: picture for name, (picture, _) in counted.items()}, links, why


def note(item: Item) -> str:
    """What the comment at a cell says."""
    told = {"label": item.label, "number": item.number, "message": item.message, "remedy": item.remedy}
    return say("note_text", "returns", **told)


def _original(config: CycleConfig, file: ReturnedFile, places: Mapping[str, str]) -> bytes:
    """A file as received, checked against what was read."""
    path = config.data_raw / places.get(file.path, file.path)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(
            f"{file.path} 与读取时不同，或已不在原处", f"请先运行 lianzheng intake {config.cycle.cycle}"
        )
    return data


def _settle(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files, and take away what the folder held besides."""
    for name, data in files.items():
        write_atomically(folder / name, data)
    kept = {folder / name for name in files}
    try:
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path not in kept:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
    except PermissionError as error:
        raise InputError(f"旧文件正被打开，无法删除：{folder}", "请关闭打开它的程序后重试") from error
