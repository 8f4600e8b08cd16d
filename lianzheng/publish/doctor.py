"""`lianzheng doctor`: is everything here that a run needs, and if not, what to do."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lianzheng.errors import LianzhengError
from lianzheng.processes import left_folders

_LIBRARIES = "pandas pyarrow pydantic matplotlib papermill nbconvert typst".split()
_MINIMUM_FREE_BYTES = 500_000_000
_REINSTALL = "在项目文件夹运行 make test（Windows：py tasks.py test），它会重新安装运行环境"


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing looked at: what, what was seen, whether it is good, and what to do if not."""

    what: str
    seen: str
    is_good: bool
    remedy: str = ""


def examine(project: Path | None = None) -> list[Examination]:
    """Look at versions, fonts, the compilers, the kernel, configuration and folders; never raises."""
    looks = (_python, _libraries, _fonts, _typst, _kernel, lambda: _project(project))
    return [examination for look in looks for examination in _safely(look)]


def _safely(look: Callable[[], Iterator[Examination]]) -> list[Examination]:
    try:
        return list(look())
    except LianzhengError as error:
        return [Examination("项目", error.message, False, error.remedy)]
    except (ImportError, OSError, RuntimeError) as error:
        return [Examination(look.__name__.strip("_"), f"{type(error).__name__}: {error}", False, _REINSTALL)]


def _python() -> Iterator[Examination]:
    seen = ".".join(map(str, sys.version_info[:3]))
    yield Examination("Python", seen, sys.version_info >= (3, 11), "请安装 Python 3.11 或更高版本")


def _libraries() -> Iterator[Examination]:
    for name in _LIBRARIES:
        try:
            yield Examination(name, importlib.metadata.version(name), True)
        except importlib.metadata.PackageNotFoundError:
            yield Examination(name, "未安装", False, _REINSTALL)


def _fonts() -> Iterator[Examination]:
    from lianzheng import fonts

    uncovered = fonts.uncovered("党风廉政建设责任制〔2018〕①②③—…％℃")
    names = "、".join(path.name for path in fonts.font_paths())
    yield Examination("中文字体", names, not uncovered, _REINSTALL)


def _typst() -> Iterator[Examination]:
    import typst

    document = b"#set document(title: [x])\n= x"
    data = typst.compile(document, format="pdf", ignore_system_fonts=True)
    seen, is_good = f"{len(data or b'')} 字节的测试页", bool(data and data.startswith(b"%PDF"))
    yield Examination("PDF 编译器 Typst", seen, is_good, _REINSTALL)


def _kernel() -> Iterator[Examination]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    try:
        folder = KernelSpecManager().get_kernel_spec("python3").resource_dir
        yield Examination("Jupyter 内核 python3", folder, True)
    except NoSuchKernel:
        yield Examination("Jupyter 内核 python3", "未找到", False, _REINSTALL)


def _project(project: Path | None) -> Iterator[Examination]:
    from lianzheng.config import find_project, load_config

    config = load_config(None, project.resolve() if project else find_project())
    yield Examination("配置", f"{config.cycle.cycle} 年，单位 {len(config.units)} 个", True)
    for folder in (config.data_raw, config.data_processed, config.reports):
        nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
        is_writable = os.access(nearest, os.W_OK)
        yield Examination("可写文件夹", str(folder), is_writable, f"请取得 {nearest} 的写入权限")
    if left := left_folders():
        yield Examination("中断的运行", f"留下临时文件夹 {len(left)} 个，下次运行时自动清除", True)
    free = shutil.disk_usage(config.project).free
    is_enough = free > _MINIMUM_FREE_BYTES
    yield Examination("剩余磁盘", f"{free / 1e9:.1f} GB", is_enough, "请清理磁盘，至少留出 0.5 GB")
