"""Execute the notebook of a job with one of papermill's engines, in this process or in a kernel, and export it."""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from lianzheng.publish.engine import NAME
from lianzheng.publish.jobs import Job

NOTEBOOK_SECONDS = 300
_MEMORY = "memory:"


class _Kept:
    """papermill's handler for a notebook that is not to be written to a file: its text, kept."""

    text = ""

    def write(self, text: str, path: str) -> None:
        self.text = text

    def pretty_path(self, path: str) -> str:
        return path


def execute(job: Job, engine: str, on_cell: Callable[[int], Any]) -> tuple[Any, str, int, str]:
    """Run the notebook, saying which cell it is at; returns it, its text, the failing cell (or 0) and what went wrong.

    Cells are numbered from 1 as the analyst sees them. With our engine they run in this process. The text is what
    papermill writes at the end in any case; to write it again takes as long as a table.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from papermill.iorw import papermill_io

    _register_engine()
    papermill_io.register(_MEMORY, kept := _Kept())
    for attempt in (1, 2, 3):  # kernels that start at the same moment can race for a port
        numbers = [0]

        def on_cell_start(cell: Any, cell_index: int, numbers: list[int] = numbers) -> None:
            numbers.append(numbers[-1] + ("injected-parameters" not in cell.metadata.get("tags", ())))
            on_cell(numbers[-1])

        try:
            with _means(engine) as means:
                notebook = papermill.execute_notebook(
                    str(job.notebook),
                    _MEMORY + job.stem,
                    parameters=dict(job.parameters),
                    engine_name=engine,
                    progress_bar=False,
                    request_save_on_cell_execute=False,
                    cwd=str(job.notebook.parent),
                    on_cell_start=on_cell_start,
                    **means,
                )
            return notebook, kept.text, 0, ""
        except PapermillExecutionError as error:
            return None, "", numbers[error.cell_index + 1], f"{error.ename}: {error.evalue}"
        except RuntimeError as error:
            if attempt == 3:
                return None, "", 0, f"kernel did not start: {error}"
    raise AssertionError("unreachable")


@contextlib.contextmanager
def _means(engine: str) -> Iterator[dict[str, Any]]:
    """What an engine needs: ours a shell in this process, the stock one a place for its kernel's sockets.

    Local sockets, where there are any: nothing listens, and no ports to race for.
    """
    if engine == NAME:
        from lianzheng.publish.cells import Cells

        with Cells() as cells:
            yield {"run_cell": cells.run}
        return
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="lianzheng-") as folder:
        sockets = {"transport": "ipc", "ip": f"{folder}/kernel"} if os.name == "posix" else {}
        yield {"config": Config({"KernelManager": sockets}), "execution_timeout": NOTEBOOK_SECONDS}


def _register_engine() -> None:
    """Let papermill find our engine also where the package runs without being installed, and its entry point is unknown."""
    from papermill.engines import papermill_engines

    from lianzheng.publish import engine

    papermill_engines.register(NAME, engine.WarmEngine)


@functools.cache
def exporter(name: str) -> Any:
    """The exporter of that name, made once in a process."""
    from nbconvert.exporters import get_exporter

    made = get_exporter(name)()
    with contextlib.suppress(AttributeError):
        made.template  # noqa: B018  (compiles it)
    return made


def export(notebook: Any, name: str) -> bytes:
    """What an exporter makes of an executed notebook; raises PublishError for what must not be published."""
    body, _ = exporter(name).from_notebook_node(notebook)
    return body.encode("utf-8") if isinstance(body, str) else bytes(body)
