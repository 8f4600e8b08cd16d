"""What a machine must have for some tests, how they skip elsewhere, and the fonts that other programs are shown."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
CI_VARIABLE = "LIANZHENG_CI"
PROGRAMS = {"needs_chromium": "chromium", "needs_libreoffice": "soffice", "needs_poppler": "pdftotext"}
"""Mark → the program that must be on the PATH."""
SHARED_REASON = "the folder shared beside the repository is absent"

_FONTCONFIG = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
{aliases}
</fontconfig>
"""
_ALIAS = '  <alias binding="same"><family>{family}</family><prefer><family>{shown}</family></prefer></alias>'
_OFFICE_FONTS = {
    "方正小标宋简体": "Noto Serif SC",
    "仿宋_GB2312": "Noto Serif SC",
    "楷体_GB2312": "Noto Serif SC",
    "宋体": "Noto Serif SC",
    "黑体": "Noto Sans SC",
}


def missing(mark: str) -> str:
    """Why a test of that mark cannot run here; empty where it can."""
    if mark == "needs_shared":
        return "" if SHARED.is_dir() else SHARED_REASON
    program = PROGRAMS[mark]
    return (
        ""
        if shutil.which(program)
        else f"{mark.removeprefix('needs_')} is not installed: no program {program}"
    )


def is_skip_a_failure(reason: str) -> bool:
    """In CI no test may be skipped, but for the shared folder where there really is none."""
    is_excused = SHARED_REASON in reason and not SHARED.is_dir()
    return os.environ.get(CI_VARIABLE) == "1" and not is_excused


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a report of a skip into a failure where skips are failures; expected failures stay what they are."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if is_skip_a_failure(reason):
            report.outcome = "failed"
            report.longrepr = f"{report.nodeid} was skipped, which {CI_VARIABLE}=1 forbids: {reason}"


def write_fontconfig(folder: Path) -> Path:
    """A fontconfig file by which LibreOffice and Chromium find the embedded fonts, also under the office's names."""
    import pylopdf_fonts_zh_cn

    aliases = "\n".join(_ALIAS.format(family=family, shown=shown) for family, shown in _OFFICE_FONTS.items())
    content = _FONTCONFIG.format(folder=pylopdf_fonts_zh_cn.serif_path().parent, aliases=aliases)
    path = folder / "fonts.conf"
    path.write_text(content, encoding="utf-8")
    return path


def set_by_office(folder: Path, *documents: Path) -> None:
    """PDFs of documents as LibreOffice sets them, into ``folder``, which holds its profile too."""
    office = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    command = [*office, "--outdir", str(folder), *map(str, documents)]
    environment = {**os.environ, "HOME": str(folder)}
    subprocess.run(command, check=True, capture_output=True, timeout=180, env=environment)
