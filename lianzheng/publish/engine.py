"""An engine for papermill (``--engine lianzheng``): each notebook in a process forked from one that is warm.

papermill asks for ``WarmEngine`` while it is itself being imported, so this module imports nothing of it before then.
What differs from the stock engine stands in docs/decisions/0012.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from lianzheng.errors import PublishError
from lianzheng.publish.children import Child

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

NAME, STOCK = "lianzheng", "nbclient"
RunCell = Callable[[str, Callable[[dict[str, Any]], Any]], dict[str, Any]]
"""What runs one cell: its source and who is told its messages → the content of the reply."""


def __getattr__(name: str) -> Any:
    if name != "WarmEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from papermill.engines import Engine

    class WarmEngine(Engine):
        """papermill's engine ``lianzheng``."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            """Execute the notebook that ``nb_man`` holds; see :func:`execute_managed`."""
            execute_managed(nb_man, kernel_name, **options)

    return globals().setdefault(name, WarmEngine)


def execute_managed(
    nb_man: NotebookExecutionManager,
    kernel_name: str,
    run_cell: RunCell | None = None,
    execution_timeout: float | None = None,
    **options: Any,
) -> None:
    """Execute a managed notebook in a child, or with ``run_cell``; ``execution_timeout`` is in seconds a cell.

    Raises nbclient's CellTimeoutError and DeadKernelError as the stock engine does, and PublishError for a notebook
    in another language than Python.
    """
    language = nb_man.nb.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        wrong = f"本引擎只运行 Python 笔记本，这一个是 {language}"
        raise PublishError(wrong, f"改用标准引擎：papermill --engine {STOCK}")
    given = {name: value for name, value in options.items() if name not in ("input_path", "start_timeout")}
    client = _client_class()(nb_man, kernel_name=kernel_name, **given)
    seconds = execution_timeout or options.get("timeout")
    remote = contextlib.nullcontext(run_cell) if run_cell else _remote_cells(seconds)
    with remote as client.run_cell:
        client.execute()


def _client_class() -> type:
    """The client of kernels that papermill has, which turns messages into outputs, with our cells for a kernel."""
    from nbclient.client import timestamp
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from papermill.clientwrap import PapermillNotebookClient

    class Client(PapermillNotebookClient):
        run_cell: Any

        def execute(self, **unused: Any) -> Any:
            from lianzheng.publish.cells import LANGUAGE

            self.reset_execution_trackers()
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = LANGUAGE
            return self.nb

        def execute_cell(self, cell: Any, cell_index: int, **unused: Any) -> Any:
            if self.on_cell_start:
                self.on_cell_start(cell=cell, cell_index=cell_index)
            tags = cell.metadata.get("tags", ())
            if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
                return cell
            cell.outputs, cell.metadata["execution"] = [], {}
            self.clear_before_next_output = False
            try:
                reply = self.run_cell(cell.source, lambda said: self.process_message(said, cell, cell_index))
            except TimeoutError as error:
                said, seconds = "Cell execution timed out", int(error.args[0])
                raise CellTimeoutError.error_from_timeout_and_cell(said, seconds, cell) from error
            cell.metadata["execution"]["shell.execute_reply"] = timestamp()
            if reply["status"] == "error" and not self._is_allowed(reply, tags):
                raise CellExecutionError.from_cell_and_msg(cell, reply)
            return cell

        def _is_allowed(self, reply: Any, tags: Any) -> bool:
            is_named = reply["ename"] in self.allow_error_names or "raises-exception" in tags
            return not self.force_raise_errors and (self.allow_errors or is_named)

    return Client


@contextlib.contextmanager
def _remote_cells(seconds: float | None) -> Iterator[RunCell]:
    """A child that runs cells as long as the block does."""
    from nbclient.exceptions import DeadKernelError

    child = Child(_serve)

    def run_cell(source: str, tell: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        until = time.monotonic() + seconds if seconds else None
        try:
            child.connection.send(source)
            while True:
                is_reply, said = child.receive(until and max(until - time.monotonic(), 0))
                if is_reply:
                    return dict(said)
                tell(said)
        except TimeoutError as error:
            raise TimeoutError(seconds) from error
        except (EOFError, ConnectionError) as error:
            raise DeadKernelError(f"Kernel died: {child.how_it_died()}") from error

    try:
        yield run_cell
    finally:
        child.end()


def _serve(connection: Connection) -> None:
    """What the child does: it runs the cells that it is sent until nobody sends any more."""
    from lianzheng.publish.cells import Cells

    with contextlib.suppress(EOFError), Cells() as cells:
        while True:
            source = connection.recv()
            connection.send((True, cells.run(source, lambda said: connection.send((False, said)))))
