"""Formats that LibreOffice converts: where it is, where it is not, and when it dies or hangs."""

from __future__ import annotations

import http.server
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docx
import pytest

from lianzheng.intake import converters
from lianzheng.intake.books import read_book
from lianzheng.intake.cells import BookError, Limits
from tests import formats

LIMITS = Limits()
needs_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="a converter written as a shell script")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A converter of the test's own; what it writes to ``$TRACE`` is there afterwards."""
    path = tmp_path / "soffice"
    monkeypatch.setattr(converters, "find_program", lambda: str(path))
    monkeypatch.setenv("TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return path


def write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def folders(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("lianzheng-*"))


def test_without_libreoffice_the_issue_says_how_to_convert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(converters, "_PLACES", ())
    assert converters.find_program() is None
    with pytest.raises(BookError) as raised:
        converters.convert(b"x", "doc", LIMITS)
    assert (raised.value.code, raised.value.detail) == (
        "needs_conversion",
        "Word 97–2003 或 WPS 文字（.doc、.wps），本机没有安装 LibreOffice",
    )


def test_libreoffice_is_looked_for_where_installers_put_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "soffice.exe").write_bytes(b"")
    monkeypatch.setattr(converters, "_PLACES", (str(tmp_path / "none"), str(tmp_path / "soffice.exe")))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert converters.find_program() == str(tmp_path / "soffice.exe")
    monkeypatch.setattr(
        "shutil.which", lambda name: "/usr/bin/libreoffice" if name == "libreoffice" else None
    )
    assert converters.find_program() == "/usr/bin/libreoffice"


@needs_a_shell
def test_each_conversion_has_a_profile_and_a_folder_of_its_own(program: Path, tmp_path: Path) -> None:
    settings = "${1#-env:UserInstallation=file://}/user/registrymodifications.xcu"
    write(
        program,
        f'echo "$1" >> "$TRACE"; cat "{settings}" >> "$TRACE.xcu"; mkdir "$7"; cp "$8" "$7/received.docx"',
    )
    assert [converters.convert(data, "doc", LIMITS) for data in (b"a", b"b")] == [b"a", b"b"]
    profiles = (tmp_path / "trace").read_text(encoding="utf-8").split()
    assert len(set(profiles)) == 2
    forbidden = (tmp_path / "trace.xcu").read_text(encoding="utf-8")
    assert (forbidden.count("DisableMacrosExecution"), forbidden.count("BlockUntrustedRefererLinks")) == (
        2,
        2,
    )
    assert all(profile.startswith("-env:UserInstallation=file:///") for profile in profiles)
    assert folders(tmp_path) == []


@needs_a_shell
@pytest.mark.parametrize("script", ["exit 1", "exit 0", "kill -9 $$"])
def test_a_converter_that_dies_or_returns_nothing_costs_the_file(
    program: Path, tmp_path: Path, script: str
) -> None:
    write(program, script)
    (tmp_path / "a.wps").write_bytes(rb"{\rtf1 a}")
    book = read_book(tmp_path / "a.wps")
    assert (book.problem_code, book.problem_detail) == ("unreadable_file", "RTF 文档，LibreOffice 无法打开")
    assert folders(tmp_path) == []


@needs_a_shell
def test_a_converter_that_hangs_is_ended_with_its_children(program: Path, tmp_path: Path) -> None:
    write(program, 'sleep 600 & echo $! > "$TRACE"; wait')
    with pytest.raises(BookError) as raised:
        converters.convert(b"x", "odt", Limits(conversion_seconds=1))
    assert raised.value.code == "needs_conversion"
    assert raised.value.detail == "OpenDocument 文字（.odt），LibreOffice 转换超过 1 秒未完成"
    child = int((tmp_path / "trace").read_text(encoding="utf-8"))
    assert is_gone(child)
    assert folders(tmp_path) == []


def is_gone(process: int) -> bool:
    """Whether a process ends: gone, or a zombie that nobody has collected yet."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{process}/stat")
        if stat.exists() and stat.read_text(encoding="utf-8").split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


@needs_a_shell
def test_what_grows_too_large_is_refused(program: Path) -> None:
    write(program, 'mkdir "$7"; cp "$8" "$7/received.docx"')
    with pytest.raises(BookError) as raised:
        converters.convert(b"x" * 100, "doc", Limits(file_bytes=99))
    assert raised.value.code == "too_large"


def document(folder: Path, number: int) -> Path:
    made = docx.Document()
    made.add_paragraph(f"第{number}份")
    made.add_table(1, 2).cell(0, 1).text = "右"
    path = folder / f"{number}.docx"
    made.add_paragraph("完")
    made.save(path)
    return path


@pytest.mark.needs_libreoffice
def test_several_are_converted_at_once(tmp_path: Path) -> None:
    names = [document(tmp_path, number).name for number in range(3)]
    made = formats.by_libreoffice(tmp_path, "doc", *names)
    for path in made:
        path.rename(path.with_suffix(".wps"))
    with ThreadPoolExecutor(3) as pool:
        books = list(pool.map(read_book, [path.with_suffix(".wps") for path in made]))
    assert [(book.format, book.problem_code) for book in books] == [("doc", None)] * 3
    assert [[cell.text for cell in book.grids[0].cells.values()] for book in books] == [
        [f"第{number}份", "右", "完"] for number in range(3)
    ]
    assert [cell.address for cell in books[0].grids[0].cells.values()] == ["p1", "t1r1c2", "p2"]


@pytest.mark.needs_libreoffice
def test_a_broken_document_is_one_problem(tmp_path: Path) -> None:
    (made,) = formats.by_libreoffice(tmp_path, "doc", document(tmp_path, 1).name)
    made.write_bytes(made.read_bytes()[:3000])
    assert read_book(made).problem_code == "unreadable_file"


PICTURE_ELSEWHERE = """<?xml version="1.0"?><office:document
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>甲<draw:frame>
 <draw:image xlink:href="http://127.0.0.1:{port}/picture.png"/></draw:frame></text:p></office:text></office:body></office:document>"""


@pytest.mark.needs_libreoffice
def test_nothing_that_a_document_refers_to_is_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_GET  # noqa: N815 (names that the server asks for)

        def log_message(self, *unused: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "a.odt").write_text(PICTURE_ELSEWHERE.format(port=server.server_port), encoding="utf-8")
        book = read_book(tmp_path / "a.odt")
        server.shutdown()
    assert (book.format, book.problem_code, book.grids[0].cells[1, 1].text) == ("odt", None, "甲")
    assert asked == []
