"""What lies in the folder under strange names, or is no file at all, or goes away: listed, one issue each, nothing hangs."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from lianzheng.intake import run_intake
from lianzheng.intake.places import list_received
from lianzheng.intake.run import TABLES
from tests.forms.papers import EAST
from tests.hostile.test_files import project, run

CONTENT = "姓名,电话\n张三,8001\n".encode()
COMPOSED, DECOMPOSED = "Caf\u00e9 名单.csv", "Cafe\u0301 名单.csv"
NAMES = {
    "dots": "..附件2..csv", "two_dots_before": "..．．.csv", "control": "附件\x01\x1b[31m2.csv", "newline": "附件\n2.csv", "tab": "附件\t2.csv",
    "right_to_left": "附件\u202exslx.csv", "isolate": "\u2067附件2\u2069.csv", "emoji": "附件2😀👨‍👩‍👧.csv", "quotes": "附件'\"`$(2).csv",
    "backslash": "units\\附件2.csv", "255_bytes": "长" * 83 + "ab.csv", "blank_end": "附件2.csv ", "formula": "=cmd|'calc'!A1.csv",
    "markup": "<b>附件2&amp;</b>.csv".replace("/", "⁄"), "long_suffix": "附件2." + "x" * 200,
}  # fmt: skip
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX: links, pipes, permissions")
FOLDER = f"{EAST}/来件"


def strange_places(folder: Path) -> None:
    """Everything that may lie in a folder and is no plain file under a plain name."""
    for name in NAMES.values():
        (folder / name).write_bytes(CONTENT)
    (folder / DECOMPOSED.replace("名单", "花名册")).write_bytes(CONTENT)
    (folder / "附件2.xlsx").mkdir()
    (folder / "附件2.xlsx" / "电话.csv").write_bytes(CONTENT)
    (folder / "空.xlsx").mkdir()
    for name in ("没了.csv", "锁着.csv", "坏盘.csv", "佐证材料/1 没了.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(CONTENT)
    if os.name == "posix":
        strange_to_posix(folder)


def strange_to_posix(folder: Path) -> None:
    (folder / COMPOSED).write_bytes(CONTENT)
    (folder / DECOMPOSED).write_bytes(CONTENT + b"1,2\n")
    (folder / os.fsdecode("附件2.csv".encode("gb18030"))).write_bytes(CONTENT)
    os.mkfifo(folder / "pipe.csv")
    os.mkfifo(folder / "佐证材料" / "2 会议记录.pdf")
    outside = folder.parents[3] / "outside.csv"
    outside.write_bytes(CONTENT)
    (folder / "outside.csv").symlink_to(outside)
    (folder / "nowhere.csv").symlink_to(folder / "none.csv")
    (folder / "again").symlink_to(folder)
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    here = Path.cwd()
    try:
        os.chdir(folder)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.csv")  # its name has to be short
        for _ in range(1500):  # deeper than Python recurses; longer than a path may be
            Path("夹").mkdir()
            os.chdir("夹")
        Path("电话.csv").write_bytes(CONTENT)
    finally:
        os.chdir(here)


def failing(patch: pytest.MonkeyPatch) -> None:
    """Some files go away, are locked, or lie on a bad disk, when a worker opens them."""
    real, errors = (
        Path.open,
        {"锁着.csv": PermissionError(13, "locked"), "坏盘.csv": OSError(5, "Input/output error")},
    )

    def opened(path: Path, *arguments: str, **options: str) -> object:
        if path.name.endswith("没了.csv"):
            path.unlink(missing_ok=True)
        if path.name in errors:
            raise errors[path.name]
        return real(path, *arguments, **options)

    patch.setattr(Path, "open", opened)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str]]]:
    """Of every strange place by its path in the folder: code and message of its only issue; the base papers are unharmed."""
    desk = project(tmp_path_factory.mktemp("places"))
    before = run(desk.config)
    folder = desk.config.data_raw / FOLDER
    folder.mkdir()
    strange_places(folder)
    with pytest.MonkeyPatch.context() as patch:
        failing(patch)
        after = run(desk.config)
    files, issues = after.frames["files"], after.frames["issues"]
    new = files[~files["path"].isin(before.frames["files"]["path"])]
    assert [name for name in TABLES if after.stored[name] != before.stored[name]] == ["files", "issues"]
    known = files[~files["file_id"].isin(new["file_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, before.frames["files"])
    said = issues[issues["file_id"].isin(new["file_id"])]
    assert sorted(said["file_id"]) == sorted(new["file_id"])
    paths = {
        id_: path.removeprefix(f"{FOLDER}/") for id_, path in zip(new["file_id"], new["path"], strict=True)
    }
    yield {paths[row["file_id"]]: (row["code"], row["message"]) for row in said.to_dict("records")}
    if os.name == "posix":
        subprocess.run(["rm", "-rf", str(folder)], check=True)  # too deep for Python


Told = dict[str, tuple[str, str]]


def test_the_places_are_these(told: Told) -> None:
    """Each has its own test below; none is missing, none is invented."""
    assert len(told) == len(NAMES) + 6 + (11 if os.name == "posix" else 0)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_is_known_by_its_name_whatever_that_is(told: Told, name: str) -> None:
    assert told[name][0] == "unknown_form"


@ON_POSIX
def test_names_that_differ_only_in_their_composition_are_two_files(told: Told) -> None:
    assert {COMPOSED, "Cafe\\u0301 名单.csv"} < told.keys()


def test_a_decomposed_name_is_shown_composed(told: Told) -> None:
    assert COMPOSED.replace("名单", "花名册") in told


@ON_POSIX
def test_bytes_that_are_no_text_are_shown_by_their_codes(told: Told) -> None:
    assert "\\udcb8\\udcbd\\udcbc\\udcfe2.csv" in told


@ON_POSIX
@pytest.mark.parametrize("name", ["outside.csv", "nowhere.csv", "again", "loop.csv"])
def test_a_link_is_not_followed(told: Told, name: str) -> None:
    assert told[name] == ("unreadable_file", "文件无法打开：这是链接")


@ON_POSIX
@pytest.mark.parametrize("name", ["pipe.csv", "socket.csv", "佐证材料/2 会议记录.pdf"])
def test_what_is_no_file_is_not_opened(told: Told, name: str) -> None:
    assert told[name] == ("unreadable_file", "文件无法打开：这不是文件，是管道或设备")


def test_a_folder_named_like_a_file_is_a_folder(told: Told) -> None:
    assert told["附件2.xlsx/电话.csv"][0] == "unknown_form"
    assert "空.xlsx" not in told and "附件2.xlsx" not in told


@ON_POSIX
def test_a_folder_too_deep_to_be_opened_is_said(told: Told) -> None:
    ((code, _),) = [issue for path, issue in told.items() if path.startswith("夹/夹/")]
    assert code == "unreadable_file"


@pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="the worker has to inherit the change"
)
@pytest.mark.parametrize(
    ("name", "issue"),
    [
        ("没了.csv", ("vanished_file", "文件在读取时已不存在")),
        ("佐证材料/1 没了.csv", ("vanished_file", "文件在读取时已不存在")),
        ("锁着.csv", ("unreadable_file", "文件无法打开：没有读取它的权限，或者它正被别的程序占用")),
        ("坏盘.csv", ("unreadable_file", "文件无法打开：Input/output error")),
    ],
)
def test_a_file_that_goes_away_or_fails_while_it_is_read(
    told: Told, name: str, issue: tuple[str, str]
) -> None:
    assert told[name] == issue


def without_root(act: Callable[[], list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """What ``act`` returns in a child that has given up root, if this process has it."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        if IS_ROOT:
            os.setgroups([])
            os.setgid(65_534)
            os.setuid(65_534)
        theirs.send(act())

    process = context.Process(target=child)
    process.start()
    theirs.close()
    said: list[tuple[str, str]] = ours.recv()
    process.join()
    return said


@ON_POSIX
def test_what_may_not_be_opened_is_said_and_the_rest_is_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        open_to_all = Path(name)
        desk = project(open_to_all / "project")
        raw = desk.config.data_raw
        closed, secret = raw / EAST / "来件", raw / EAST / "保密.csv"
        closed.mkdir()
        (closed / "电话.csv").write_bytes(CONTENT)
        secret.write_bytes(CONTENT)
        for path in (open_to_all, *open_to_all.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        closed.chmod(0)
        secret.chmod(0)

        def act() -> list[tuple[str, str]]:
            frames = run_intake(desk.config, n_workers=0).frames
            told = frames["issues"].merge(frames["files"][["file_id", "path"]], on="file_id")
            return sorted(zip(told["path"], told["message"], strict=True))

        act()  # what it imports and draws on may be closed to the child
        try:
            said = without_root(act)
            assert said == [
                (f"{EAST}/保密.csv", "文件无法打开：没有读取它的权限，或者它正被别的程序占用"),
                (f"{EAST}/来件", "文件无法打开：没有打开这个文件夹的权限"),
            ]
        finally:
            closed.chmod(0o755)


def test_files_that_programs_leave_are_none(tmp_path: Path) -> None:
    for name in ("~$附件2.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "附件2.xlsx"):
        (tmp_path / name).write_bytes(CONTENT)
    assert list_received(tmp_path) == ["附件2.xlsx"]
