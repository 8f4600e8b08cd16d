"""Formats that only an office program reads (.doc, .wps, .rtf, .odt, .xlsb): LibreOffice converts them, where it is.

Each conversion runs in a folder and with a profile of its own, so that several workers convert at once; it runs no
macros, fetches nothing, and is ended with its children after a time limit. A converter that dies or hangs costs its file and nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from lianzheng.disk import ensure_writable, writing
from lianzheng.intake.bounds import without_memory_limit
from lianzheng.intake.cells import BookError, Limits

TARGETS = {"doc": "docx", "word_xml": "docx", "rtf": "docx", "odt": "docx", "xlsb": "xlsx"}
NAMES = {
    "doc": "Word 97–2003 或 WPS 文字（.doc、.wps）", "word_xml": "Word XML 文件", "rtf": "RTF 文档", "odt": "OpenDocument 文字（.odt）",
    "xlsb": "Excel 二进制工作簿（.xlsb）",
}  # fmt: skip
_ENDINGS = {"word_xml": "xml"}
_ROOM = 10  # times its size that a file may need while it is converted
# What the profile forbids: macros, and fetching what a document refers to.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item></oor:items>"""
_PROGRAMS = ("soffice", "libreoffice")
_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)


def convert(data: bytes, format: str, limits: Limits) -> bytes:
    """The file as .docx or .xlsx; a BookError where there is no LibreOffice, or it dies, hangs or returns nothing."""
    program = find_program()
    if program is None:
        raise BookError("needs_conversion", f"{NAMES[format]}，本机没有安装 LibreOffice")
    with tempfile.TemporaryDirectory(prefix="lianzheng-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        received = folder / f"received.{_ENDINGS.get(format, format)}"
        profile = folder / "profile"
        with writing(received):  # a full disk is no fault of the file
            received.write_bytes(data)
            (profile / "user").mkdir(parents=True)
            (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        _run([program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--convert-to",
              TARGETS[format], "--outdir", str(folder / "converted"), str(received)], format, limits.conversion_seconds)  # fmt: skip
        converted = folder / "converted" / f"received.{TARGETS[format]}"
        if not converted.is_file():
            ensure_writable(folder, _ROOM * len(data))
            raise BookError("unreadable_file", f"{NAMES[format]}，LibreOffice 无法打开")
        if converted.stat().st_size > limits.file_bytes:
            raise BookError("too_large", f"转换后有 {converted.stat().st_size >> 20} MB")
        return converted.read_bytes()


def find_program() -> str | None:
    """LibreOffice on the PATH or where its installers put it; None where there is none."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return found or next((place for place in _PLACES if Path(place).is_file()), None)


def _run(command: list[str], format: str, seconds: float) -> None:
    """Run the converter to its end, or to the end of its time."""
    with without_memory_limit():
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise BookError(
            "needs_conversion", f"{NAMES[format]}，LibreOffice 转换超过 {seconds:g} 秒未完成"
        ) from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a converter that still runs, with the children it started."""
    if process.poll() is None:
        if sys.platform == "win32":
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
            )
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
