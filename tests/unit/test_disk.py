"""Writing files: whole or not at all, several at one moment, and one sentence for what the disk refuses."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from lianzheng import disk
from lianzheng.errors import InputError


def named(path: Path, sha256: str) -> bytes:
    """The bytes that a manifest names."""
    file = disk.open_named(path, sha256)
    assert file is not None
    with file:
        return file.read()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failed_replace_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def refuse(self: Path, destination: Path) -> None:
        raise PermissionError("held open")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(disk.time, "sleep", lambda seconds: None)
    with pytest.raises(InputError, match="文件正被打开"):
        disk.write_atomically(target, b"new")
    assert target.read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_replace_that_succeeds_late_is_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []
    replace = Path.replace

    def busy_twice(source: Path, destination: Path) -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise PermissionError("held open")
        replace(source, destination)

    monkeypatch.setattr(Path, "replace", busy_twice)
    monkeypatch.setattr(disk.time, "sleep", lambda seconds: None)
    disk.write_atomically(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new" and len(attempts) == 3


def test_a_block_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    with pytest.raises(KeyError), disk.atomic_file(tmp_path / "a.bin") as temporary:
        temporary.write_bytes(b"half")
        raise KeyError
    assert (tmp_path / "a.bin").read_bytes() == b"old" and names(tmp_path) == ["a.bin"]


def test_a_name_as_long_as_a_name_may_be_is_written(tmp_path: Path) -> None:
    name = "表" * 83 + ".xlsx"
    assert len(os.fsencode(name)) == 254
    disk.write_atomically(tmp_path / name, b"new")
    assert names(tmp_path) == [name]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="文件名或路径太长：表表"):
        disk.write_atomically(tmp_path / ("表" * 86), b"new")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "磁盘已满或超出配额：{folder}，所在磁盘剩余 "),
        (errno.EDQUOT, "磁盘已满或超出配额：{folder}，所在磁盘剩余 "),
        (errno.EFBIG, "磁盘已满或超出配额：{folder}，所在磁盘剩余 "),
        (errno.EROFS, "{folder} 所在的磁盘是只读的"),
        (errno.EACCES, "没有写入权限：{folder}"),
        (errno.EPERM, "没有写入权限：{folder}"),
        (errno.ENAMETOOLONG, "文件名或路径太长：a.bin"),
        (errno.EIO, "磁盘或网络盘出错：{folder}（"),
        (errno.ESTALE, "磁盘或网络盘出错：{folder}（"),
        (errno.ENOTDIR, "读写 {folder} 时出错（"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence_with_a_remedy(code: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised, disk.writing(tmp_path / "a.bin"):
        raise OSError(code, os.strerror(code))
    assert words.format(folder=tmp_path) in raised.value.message
    assert raised.value.remedy.startswith("请") and "原有的表没有改动" in raised.value.remedy


def test_too_little_room_is_told_in_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 3_200_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage)
    disk.ensure_writable(tmp_path / "new", 3_200_000)
    with pytest.raises(InputError, match=r"剩余 3\.2 MB，本次估计需要 5\.0 GB"):
        disk.ensure_writable(tmp_path / "new", 5_000_000_000)
    assert names(tmp_path / "new") == []


def test_several_files_are_read_new_from_the_manifest_on(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    with disk.Renewal(tmp_path) as renewal:
        for name in ("a.bin", "b.bin"):
            with renewal.file(name) as temporary:
                temporary.write_bytes(b"new " + name.encode())
        assert renewal.sha256["b.bin"] == hashlib.sha256(b"new b.bin").hexdigest()
        assert (tmp_path / "a.bin").read_bytes() == b"old" and not (tmp_path / "b.bin").exists()
        assert named(tmp_path / "b.bin", renewal.sha256["b.bin"]) == b"new b.bin"
        renewal.commit("manifest.json", b"{}")
    assert names(tmp_path) == ["a.bin", "b.bin", "manifest.json"]
    assert (tmp_path / "a.bin").read_bytes() == b"new a.bin"


def test_without_a_commit_nothing_has_happened(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    with pytest.raises(KeyError), disk.Renewal(tmp_path) as renewal:
        with renewal.file("a.bin") as temporary:
            temporary.write_bytes(b"new")
        raise KeyError
    assert (tmp_path / "a.bin").read_bytes() == b"old" and names(tmp_path) == ["a.bin"]


def test_a_file_that_another_program_holds_waits_beside_and_is_read_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    replace = Path.replace

    def held(source: Path, destination: Path) -> None:
        if destination.name == "a.bin":
            raise PermissionError("held open")
        replace(source, destination)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(disk.time, "sleep", lambda seconds: None)
    with disk.Renewal(tmp_path) as renewal:
        with renewal.file("a.bin") as temporary:
            temporary.write_bytes(b"new")
        sha256 = renewal.sha256["a.bin"]
        renewal.commit("manifest.json", b"{}")
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert named(tmp_path / "a.bin", sha256) == b"new"
    monkeypatch.undo()
    disk.sweep(tmp_path, {"a.bin": sha256})
    assert names(tmp_path) == ["a.bin", "manifest.json"] and (tmp_path / "a.bin").read_bytes() == b"new"


def test_the_sweep_takes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    kept = [
        ".gitkeep",
        ".hidden.xlsx",
        ".lianzheng-demo.json",
        "a.tmp",
        "b.parquet",
        ".~lock.a.xlsx#",
        ".c.tmp",
    ]
    left = [".0123456789ab.77.tmp", ".b.parquet.77.tmp", ".b.parquet.0123456789abcdef.new"]
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    for name in (*kept, *left):
        (folder / name).write_bytes(b"x")
    disk.sweep(tmp_path)
    assert names(folder) == sorted(kept)
