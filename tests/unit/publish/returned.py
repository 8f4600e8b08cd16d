"""What a unit sent and what is wrong with it, by hand: frames as intake stores them, and the files themselves."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig, load_config
from lianzheng.issues import Issue, Source
from lianzheng.tables import conform, write_tables
from tests.unit.forms.packages import plain_parts, zipped

REPOSITORY = Path(__file__).resolve().parents[3]
BOOK = zipped(plain_parts())
Rows = list[dict[str, Any]]


def received(file_id: str, path: str, data: bytes = b"x", **facts: Any) -> dict[str, Any]:
    """A row of ``files``."""
    common = {
        "unit_id": "U003",
        "format": path.rpartition(".")[2],
        "form_id": "statistics",
        "state": "read",
        "is_counted": True,
    }
    return {
        "file_id": file_id,
        "path": path,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        **common,
        **facts,
    }


def issue(code: str, file_id: str = "", cell: str = "", seen: str = "", **facts: Any) -> dict[str, Any]:
    """A row of ``issues``, as intake makes it."""
    told = {"unit_id": "U003", "form_id": "statistics", "sheet": "附件2", **facts}
    words = {
        "row": "会议",
        "column": "本年",
        "detail": "附件2《统计表》",
        "expected": "7",
        "maximum": 2,
        "allowed": "甲、乙",
        **told.pop("words", {}),
    }
    source = Source(file_id, told["sheet"] if cell else "", cell)
    return dict(Issue(code, told["unit_id"], told["form_id"], source, seen, words).as_row())


def cell(
    file_id: str, at: str, text: str, fate: str = "value", sheet: str = "附件2", **facts: Any
) -> dict[str, Any]:
    """A row of ``cells``."""
    common = {"raw_type": "text", "number_format": "General", "is_hidden": False}
    return {"file_id": file_id, "sheet": sheet, "cell": at, "raw_text": text, "fate": fate, **common, **facts}


def frames(issues: Rows, files: Rows, cells: Rows = (), submissions: Rows = ()) -> dict[str, pd.DataFrame]:  # type: ignore[assignment]
    """The tables that the return lists are made from."""
    rows = {"issues": issues, "files": files, "cells": cells, "submissions": submissions}
    return {name: conform(name, list(its), 2018) for name, its in rows.items()}


def round_of(form_id: str, state: str, number: int = 1, **facts: Any) -> dict[str, Any]:
    """A row of ``submissions`` of U003."""
    plain = {"is_counted": state == "accepted", "reason": "only_version", "n_return_issues": 0}
    return {"unit_id": "U003", "form_id": form_id, "round": number, "state": state, **plain, **facts}


def project(folder: Path, tables: dict[str, pd.DataFrame], files: dict[str, bytes]) -> CycleConfig:
    """A project with the repository's rules, these tables as processed and these files as received."""
    shutil.copytree(REPOSITORY / "config", folder / "config", dirs_exist_ok=True)
    config = load_config(2018, folder)
    write_tables(config.data_processed, tables, {})
    for path, data in files.items():
        (config.data_raw / path).parent.mkdir(parents=True, exist_ok=True)
        (config.data_raw / path).write_bytes(data)
    return config
