"""``--cluster ADDRESS``: an executor of a Dask cluster; nothing else knows Dask, and nothing imports it without the flag.

Workers must see the project and the library at the same paths and have the same environment: that is looked at before
anything is given to them, and once in every worker that joins later.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import multiprocessing
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, InvalidStateError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lianzheng.errors import ClusterError, LianzhengError
from lianzheng.processes import RUN_LOCK, holder
from lianzheng.project import list_cycles
from lianzheng.publish.record import surroundings

if TYPE_CHECKING:
    from lianzheng.config import CycleConfig

CONNECT_SECONDS, EMPTY_SECONDS, _LOOK_SECONDS = 15, 120.0, 5.0
_SHARED = "请在该机器的同一路径挂载同一共享存储"
_PARTS = {
    "config": "配置", "library": "程序", "fonts": "字体", "notebooks": "笔记本", "environment": "Python、字体设置或程序包的版本",
}  # fmt: skip
Facts = Mapping[str, str]


@contextlib.contextmanager
def on_cluster(config: CycleConfig, address: str | None) -> Iterator[Executor | None]:
    """The executor of the cluster at an address, as long as the block runs; None where no address is given.

    Raises :class:`ClusterError` where there is none, it has no workers, or one of them would make something else.
    """
    if address is None:
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _connected(address) as client:
            project, cycle = config.project, config.cycle.cycle
            wanted = {"run": holder(project / RUN_LOCK), **surroundings(project, cycle)}
            _examine(client, address, project, cycle, wanted)
            executor = ClusterExecutor(
                client, functools.partial(examined, project, cycle, tuple(wanted.items()))
            )
            try:
                yield executor
            finally:
                executor.shutdown(wait=False)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("没有安装集群所需的程序包 distributed", 'pip install -e ".[cluster]"') from error
    for name in [*logging.root.manager.loggerDict]:  # what is to be said of the cluster is said here
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        remedy = "请检查地址（如 tcp://10.0.0.1:8786）、调度器是否已启动、防火墙和 TLS 设置"
        raise ClusterError(f"连接不上 {address} 的调度器（{type(error).__name__}）", remedy) from error
    with client:
        yield client


def _examine(client: Any, address: str, project: Path, cycle: int, wanted: Facts) -> None:
    """Let every worker look at what it sees; raises what is wrong with the first that is not fit."""
    found = client.run(examined, project, cycle, tuple(wanted.items()), on_error="return")
    if not found:
        remedy = f"请启动工作进程：dask worker {address} --nthreads 1 --no-nanny"
        raise ClusterError(f"{address} 的集群没有工作进程", remedy)
    for worker, error in sorted(found.items()):
        if isinstance(error, BaseException):
            told = error if isinstance(error, LianzhengError) else _unlike(error)
            raise ClusterError(f"工作进程 {worker}：{told.message}", told.remedy)


def _unlike(error: BaseException) -> ClusterError:
    told = f"没有本程序，或版本不同（{type(error).__name__}: {error}）"
    return ClusterError(told, "请在各机器安装同一版本的程序，并重新启动工作进程")


@functools.lru_cache(maxsize=8)
def examined(project: Path, cycle: int, wanted: tuple[tuple[str, str], ...]) -> None:
    """In a worker, once a run: does it see what the run sees? Its processes for files and pages get ready meanwhile.

    Raises :class:`ClusterError` for what differs.
    """
    from lianzheng.disk import ensure_writable
    from lianzheng.publish.children import warm_up

    told = dict(wanted)
    if multiprocessing.current_process().daemon:
        remedy = "启动时加 --no-nanny，或设 DASK_DISTRIBUTED__WORKER__DAEMON=False"
        raise ClusterError("不能启动自己的进程", remedy)
    if cycle not in list_cycles(project):
        raise ClusterError(f"看不到项目文件夹 {project}", _SHARED)
    if holder(project / RUN_LOCK) != told.pop("run"):
        raise ClusterError(f"看到的 {project} 是另一个文件夹", _SHARED)
    ensure_writable(project / "reports")
    warm_up(project, cycle, "lianzheng.intake.files")
    seen = surroundings(project, cycle)
    seen |= {kind: _LOADED.setdefault(kind, seen[kind]) for kind in ("library", "fonts", "environment")}
    if differing := [_PARTS[kind] for kind in told if seen[kind] != told[kind]]:
        remedy = "请在各机器安装同一版本，共享同一项目，并重新启动工作进程"
        raise ClusterError(f"{'、'.join(differing)}与本机不同", remedy)


_LOADED: dict[str, str] = {}
"""What this process has imported, or is about to: later changes on the disk do not reach it."""


class ClusterExecutor(Executor):
    """Tasks on a cluster; whatever befalls them is an error of ours."""

    def __init__(self, client: Any, examine: Callable[[], None]) -> None:
        self._client, self._examine = client, examine
        self._tasks = client.get_executor(pure=False)
        self._pending, self._is_over = set[Future[Any]](), threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Have a worker call a function, which it imports by name; another one where that one dies."""
        ours = Future[Any]()
        self._pending.add(ours)
        ours.add_done_callback(self._pending.discard)
        try:
            theirs = self._tasks.submit(_call, self._examine, function, *arguments, **named)
            theirs.add_done_callback(functools.partial(_hand_on, ours))
        except (RuntimeError, OSError) as error:
            _fail(ours, _gone(f"与调度器的连接已中断（{type(error).__name__}）"))
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up what is not done, unless it is to be waited for."""
        self._is_over.set()
        self._tasks.shutdown(wait and not cancel_futures)

    def _watch(self) -> None:
        """A cluster that has been without workers for a while is given up: nobody may be there to mend it."""
        since = time.monotonic()
        while not self._is_over.wait(_LOOK_SECONDS):
            if self._has_workers():
                since = time.monotonic()
            elif time.monotonic() - since > EMPTY_SECONDS:
                for future in list(self._pending):
                    _fail(future, _gone(f"{EMPTY_SECONDS:g} 秒以来没有工作进程"))

    def _has_workers(self) -> bool:
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            return bool(self._client.nthreads())
        return False


def _call(examine: Callable[[], None], function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    examine()
    return function(*arguments, **named)


def _hand_on(ours: Future[Any], theirs: Future[Any]) -> None:
    error = _gone("任务被取消，与调度器的连接多半已中断") if theirs.cancelled() else theirs.exception()
    if error is None:
        with contextlib.suppress(InvalidStateError):
            ours.set_result(theirs.result())
    elif isinstance(error, LianzhengError):
        _fail(ours, error)
    else:  # it may be the task's own fault, so others go on
        told = f"集群没有完成任务（{type(error).__name__}: {error}）"
        _fail(ours, LianzhengError(told, "请查看工作进程的日志（dask worker），然后重新运行"))


def _gone(what: str) -> ClusterError:
    return ClusterError(what, "请检查调度器、工作进程和网络后重新运行；已做好的页面不再重做")


def _fail(ours: Future[Any], error: LianzhengError) -> None:
    with contextlib.suppress(InvalidStateError):  # it has been given up before
        ours.set_exception(error)
