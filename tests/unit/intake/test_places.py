from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng.intake.places import kind_of_place, list_received, shown_path


def test_files_are_listed_by_their_paths_and_folders_are_searched(tmp_path: Path) -> None:
    for name in ("b/附件2.xlsx", "a.csv", "b/c.xlsx/d.csv", "..两点.csv", "b/.隐藏.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list_received(tmp_path) == ["..两点.csv", "a.csv", "b/.隐藏.csv", "b/c.xlsx/d.csv", "b/附件2.xlsx"]


@pytest.mark.parametrize("name", ["~$附件2.xlsx", ".~lock.附件2.xlsx#", "._附件2.xlsx", ".DS_Store", ".gitkeep", "Thumbs.db", "desktop.ini"])  # fmt: skip
def test_what_programs_leave_behind_was_not_received(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert list_received(tmp_path) == []


def test_a_file_or_nothing_may_be_opened_and_a_listed_folder_may_not(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert [kind_of_place(tmp_path / name) for name in ("a", "gone")] == ["", ""]
    assert kind_of_place(tmp_path) == "没有打开这个文件夹的权限"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("units/e\u0301/a\u0308.csv", "units/\u00e9/\u00e4.csv"),
        ("东河处/附件2.xlsx", "东河处/附件2.xlsx"),
        ("\udcff.csv", "\\udcff.csv"),
    ],
)
def test_a_path_is_shown_composed_and_writable(tmp_path: Path, path: str, shown: str) -> None:
    assert shown_path(tmp_path, path) == shown
