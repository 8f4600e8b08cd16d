"""Protected files: named as such, opened where the office was told the password, which is then seen nowhere."""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
from pathlib import Path

import docx
import openpyxl
import pytest
import xlwt

from lianzheng.errors import InputError
from lianzheng.intake.books import read_book
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords, load_passwords
from tests import formats
from tests.unit.intake.sample import config
from tests.unit.intake.test_books import renamed_stream

WORD = "Lian-2018，密"
DEFAULT = "VelvetSweatshop"  # with which Office encrypts what only changing is forbidden in


def workbook() -> bytes:
    made = openpyxl.Workbook()
    made.active["B2"] = 3.5
    made.save(buffer := io.BytesIO())
    return buffer.getvalue()


def document() -> bytes:
    made = docx.Document()
    made.add_paragraph("3.5")
    made.save(buffer := io.BytesIO())
    return buffer.getvalue()


def old_workbook(password: str) -> bytes:
    made = xlwt.Workbook()
    for name in ("表", "另一张表"):
        sheet = made.add_sheet(name)
        for row in range(300):
            sheet.write(row, 1, f"第{row}行")
            sheet.write(row, 2, row + 0.5)
    return formats.protected_xls(made, password)


def write(folder: Path, data: bytes, name: str = "附件2.xlsx") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize(("make", "format_"), [(workbook, "xlsx"), (document, "docx")])
def test_the_right_password_opens(tmp_path: Path, make, format_: str) -> None:
    path = write(tmp_path, formats.protected(make(), WORD))
    book = read_book(path, passwords=("falsch", WORD))
    assert (book.format, book.problem_code) == (format_, None)
    assert [cell.text for cell in book.grids[0].cells.values()] == ["3.5"]
    assert book.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert book.size_bytes == path.stat().st_size


def test_the_right_password_opens_an_old_workbook(tmp_path: Path) -> None:
    path = write(tmp_path, old_workbook("密码2018"))
    assert read_book(path).problem_code == "password_protected"
    book = read_book(path, passwords=("密码2018",))
    assert (book.format, book.problem_code) == ("xls", None)
    assert [grid.name for grid in book.grids] == ["表", "另一张表"]
    assert all(
        (grid.cells[300, 2].text, grid.cells[300, 3].number) == ("第299行", 299.5) for grid in book.grids
    )
    assert book.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


LOCKED = {
    "xlsx": lambda: formats.protected(workbook(), WORD),
    "docx": lambda: formats.protected(document(), WORD),
    "xls": lambda: old_workbook(WORD[:12]),
    "broken": lambda: renamed_stream("EncryptedPackage"),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_without_the_right_password_the_file_goes_back(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, LOCKED[kind]())
    book = read_book(path)
    assert (book.problem_code, book.problem_detail, book.grids) == ("password_protected", "", [])
    book = read_book(path, passwords=("falsch", "错"))
    assert (book.problem_code, book.grids) == ("password_protected", [])
    assert book.problem_detail == "（密码文件中给出的密码打不开它）"


def test_a_locked_word_document_says_so(tmp_path: Path) -> None:
    """The head of a Word document: its mark, and at byte 10 the bit that says encrypted."""
    head = b"\xec\xa5\xc1\0" + bytes(6) + b"\0\x01" + bytes(4084)
    place = renamed_stream("WordDocument")
    start = place.index(b"\x09\x08\x10\0")
    data = place[:start] + head[:200] + place[start + 200 :]
    book = read_book(write(tmp_path, data, "a.wps"))
    assert (book.format, book.problem_code) == ("doc", "password_protected")


@pytest.mark.parametrize(
    "make", [lambda: formats.protected(workbook(), DEFAULT), lambda: old_workbook(DEFAULT)]
)
def test_what_office_opens_without_asking_is_not_protected(tmp_path: Path, make) -> None:
    assert read_book(write(tmp_path, make())).problem_code is None


LINES = f"""\ufeff# 谁的文件,密码
units/东河处/附件2.xlsx,一
附件2.xlsx, 二
东河处，三
U002,四
东河管理处,{WORD}

*,五,带逗号
"""


@pytest.fixture
def passwords(tmp_path: Path) -> Passwords:
    (tmp_path / "p.csv").write_text(LINES, encoding="utf-8")
    return load_passwords(tmp_path / "p.csv", config())


@pytest.mark.parametrize(
    ("path", "expected"),
    [("units/东河处/附件2.xlsx", ("一", "二", "三", WORD, "五,带逗号")), ("units/东河处/附件1.xlsx", ("三", WORD, "五,带逗号")),
     ("units/西岭管理处/附件2.xlsx", ("二", "四", "五,带逗号")), ("teams/x.xlsx", ("五,带逗号",))],
)  # fmt: skip
def test_whose_password_is_tried(passwords: Passwords, path: str, expected: tuple[str, ...]) -> None:
    assert passwords.of(path, config()) == expected


def test_no_file_is_no_password() -> None:
    assert load_passwords(None, config()) is NO_PASSWORDS
    assert NO_PASSWORDS.of("units/东河处/附件2.xlsx", config()) == ()


def test_a_file_of_an_old_spreadsheet_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("东河处,密码\r\n", encoding="gb18030")
    assert load_passwords(tmp_path / "p.csv", config()).of("units/东河处/x", config()) == ("密码",)


@pytest.mark.parametrize("line", ["东河处", "东河处,", ",geheim", "geheim"])
def test_a_line_without_a_password_is_refused_without_showing_it(tmp_path: Path, line: str) -> None:
    (tmp_path / "p.csv").write_text(f"*,一\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="第 2 行") as raised:
        load_passwords(tmp_path / "p.csv", config())
    assert "geheim" not in str(raised.value)


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="无法打开"):
        load_passwords(tmp_path / "none.csv", config())


def test_passwords_are_shown_nowhere(
    passwords: Passwords, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    path = write(tmp_path, formats.protected(workbook(), WORD))
    books = [read_book(path, passwords=(WORD,)), read_book(path, passwords=("falsch",))]
    shown = f"{passwords!r} {passwords} {books} {caplog.text} {''.join(capfd.readouterr())}"
    assert not [word for word in (WORD, "falsch", "带逗号") if word in shown]
    assert pickle.loads(pickle.dumps(passwords)) == passwords


def test_nothing_that_was_opened_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    for kind in ("xlsx", "xls"):
        assert read_book(write(tmp_path, LOCKED[kind]()), passwords=(WORD, WORD[:12])).problem_code is None
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["temporary", "附件2.xlsx"]
