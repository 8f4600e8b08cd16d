"""A fault of our own program on strange cells costs the file, is said where it is, and repeats nothing of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng import cli
from lianzheng.intake import files
from lianzheng.intake.cells import Book
from tests.forms.papers import EAST, as_csv
from tests.hostile.test_files import project

SECRET = "谈话记录"


@pytest.mark.parametrize(
    "error", [KeyError(SECRET), RecursionError(SECRET), AssertionError(SECRET), ValueError(SECRET)]
)
def test_a_fault_of_ours_costs_its_file_and_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    desk = project(tmp_path)
    desk.lay_out({f"{EAST}/电话.csv": as_csv({"A1": SECRET})})
    real = files.recognise

    def recognise(book: Book, known: files.KnownForms) -> object:
        if book.path.endswith("电话.csv"):
            raise error
        return real(book, known)

    monkeypatch.setattr(files, "recognise", recognise)
    assert cli.main(["--project", str(tmp_path), "intake", "2018", "--workers", "0"]) == 3
    said = capsys.readouterr()
    assert "数据问题 1 条" in said.out
    assert "程序出错 1 处" in said.err
    from lianzheng.tables import Tables

    (issue,) = Tables(desk.config.data_processed)["issues"].to_dict("records")
    assert (issue["code"], issue["severity"], issue["unit_id"]) == ("check_failed_to_run", "note", "U001")
    assert issue["message"].startswith(
        f"核对事项“读取文件”因程序出错（{type(error).__name__}，test_faults.py 第 "
    )
    assert SECRET not in issue["message"] + said.out + said.err
