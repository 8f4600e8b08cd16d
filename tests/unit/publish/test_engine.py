"""Our engine beside papermill's own: the same outputs and errors, and notebooks that cannot harm each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from lianzheng.errors import PublishError
from lianzheng.publish import children, engine
from lianzheng.publish.children import Child
from tests.executed import executed, notebook, shown, timeless

pytestmark = [
    pytest.mark.xdist_group("engine"),
    pytest.mark.skipif(sys.platform == "win32", reason="cells of these tests are for a POSIX system"),
]

ODD_CELLS = [
    "print('a'); import sys; print('b', file=sys.stderr); print('c')",
    "1 + 1",
    "'shown by nobody';",
    "from IPython.display import HTML, clear_output, display, update_display\ndisplay(HTML('<b>x</b>')); print('after'); {'a': 1}",
    "display('first', display_id='one'); update_display('second', display_id='one')",
    "update_display('third', display_id='one')",
    "print('gone'); clear_output(); print('kept')",
    "print('gone'); clear_output(wait=True); display('kept')",
    "sys.stdout.write('begun '); sys.stdout.flush(); print('and ended', end='')",
    "!echo from a program; exit 3",
    "%%bash\necho in bash\necho badly >&2",
    "1/0",
    "def f(:",
    "raise SystemExit(3)",
    "sys.exit(0)",
    "raise KeyError('钥')",
    "import nothing_there",
    "class Bad:\n    def __repr__(self): raise ValueError('no text')\nBad()",
    "import warnings; warnings.warn('careful')",
    "await __import__('asyncio').sleep(0.01); 5",
    "_ + 1, In[2], Out[2]",
    "import matplotlib; matplotlib.get_backend(), matplotlib.rcParams['font.family'], matplotlib.rcParams['backend']",
    "from matplotlib import pyplot; figure = pyplot.figure(figsize=(1, 1)); figure.text(0, 0, 'x');",
    "__name__, __import__('__main__').__dict__ is globals(), sys.stdout.isatty(), type(get_ipython()).__name__",
    "import pickle\nclass Point: pass\ntype(pickle.loads(pickle.dumps(Point()))) is Point",
    "import threading; thread = threading.Thread(target=print, args=('of a thread',)); thread.start(); thread.join()",
    "%%capture told\nprint('hidden')",
    "told.stdout",
    "len?",
    "import logging; logging.warning('logged')",
    "import os; os.environ['MPLBACKEND'], os.environ['TERM'], len(os.environ['HOME']) > 0",
]


@pytest.fixture(params=["forkserver", "spawn"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children forked from a warm process, and children started anew as where there is no fork."""
    monkeypatch.setattr(children, "METHOD", request.param)


def comparable(made: Any) -> Any:
    """The cells without the number of the process, which stands in the names of compiled cells."""
    return [
        [re.sub(r"ipykernel_\d+|0x[0-9a-f]+", "N", str(output)) for output in cell["outputs"]]
        + [cell["state"], cell["execution_count"], cell["metadata"]]
        for cell in timeless(made)
    ]


@pytest.mark.usefixtures("method")
def test_outputs_and_errors_are_those_of_the_stock_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [*ODD_CELLS, "raise ValueError('the end')", "print('never')"]
    made = {}
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    for name in (engine.NAME, engine.STOCK):
        book = notebook(sources, ["raises-exception"])
        book.cells[-2].metadata.tags = []
        made[name] = executed(book, name)
    ours, stock = (comparable(made[name]) for name in (engine.NAME, engine.STOCK))
    for source, mine, theirs in zip(sources, ours, stock, strict=True):
        assert mine == theirs, source
    assert made[engine.NAME].metadata["language_info"] == made[engine.STOCK].metadata["language_info"]
    last, unrun = timeless(made[engine.NAME])[-2:]
    assert [last["outputs"][0][part] for part in ("ename", "evalue")] == ["ValueError", "the end"]
    assert last["state"] == ("failed", True) and unrun["outputs"] == []


def test_what_programs_print_stands_where_they_printed_it() -> None:
    cell = "import os; print('one'); os.system('echo two'); print('three'); os.system('echo ill >&2');"
    outputs = executed(notebook([cell])).cells[0].outputs
    assert [(output.name, output.text) for output in outputs] == [
        ("stdout", "one\ntwo\nthree\n"), ("stderr", "ill\n"),
    ]  # fmt: skip


NEEDS_KERNEL = [
    "input('?')",
    "import getpass; getpass.getpass()",
    "import comm; comm.create_comm(target_name='widget')",
    "get_ipython().kernel.session",
    "%connect_info",
    "%gui qt",
    "exit()",
]


def test_what_needs_a_kernel_is_refused_and_the_stock_engine_named() -> None:
    cells = executed(
        notebook([*NEEDS_KERNEL, "hasattr(get_ipython(), 'kernel')"], ["raises-exception"])
    ).cells
    for cell in cells[:-1]:
        assert cell.outputs[-1].get("ename", "told") == (
            "told" if "%gui" in cell.source else "NeedsKernelError"
        )
        assert "--engine nbclient" in shown(cell), cell.source
    assert shown(cells[-1]) == "False"


def test_another_language_is_refused() -> None:
    with pytest.raises(PublishError, match=r"这一个是 R.*--engine nbclient"):
        executed(notebook(["1"], language="R"))


SPOILING = """import builtins, os, sys, locale, random, matplotlib, pandas
os.environ["SPOILED"] = "yes"; os.chdir("/"); sys.path.append("/spoiled"); sys.modules["spoiled"] = sys
matplotlib.rcParams["font.size"] = 99; pandas.set_option("display.max_rows", 3); builtins.spoiled = True
os.umask(0o777); del os.environ["PATH"]; sys.stdout = None; matplotlib.pyplot = None"""
SPOILED = """import builtins, os, sys, matplotlib.pyplot, pandas
[os.environ.get("SPOILED"), "/spoiled" in sys.path, "spoiled" in sys.modules, matplotlib.rcParams["font.size"] == 99,
 pandas.get_option("display.max_rows") == 3, hasattr(builtins, "spoiled"), os.umask(0o022) == 0o777, "PATH" in os.environ,
 os.getcwd() == "/", matplotlib.pyplot is None, "x" in globals()]"""


@pytest.mark.usefixtures("method")
def test_a_notebook_that_changes_everything_changes_nothing_for_the_next() -> None:
    executed(notebook(["x = 1", SPOILING]))
    assert shown(executed(notebook([SPOILED])).cells[0]) == str([None, *[False] * 6, True, *[False] * 3])


def test_each_notebook_draws_other_random_numbers() -> None:
    cell = "import numpy, random, uuid; numpy.random.rand(), random.random(), uuid.uuid4()"
    assert shown(executed(notebook([cell])).cells[0]) != shown(executed(notebook([cell])).cells[0])


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os; os._exit(7)", "退出码 7"),
        ("import os; os._exit(0)", "退出码 0"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "内存不足"),
    ],
)
def test_a_notebook_that_dies_is_told_and_harms_no_other(cell: str, said: str) -> None:
    book = notebook(["1", cell, "2"])
    with pytest.raises(DeadKernelError, match=said):
        executed(book)
    assert [c.execution_count for c in book.cells] == [1, 2, None]
    assert shown(executed(notebook(["6 * 7"])).cells[0]) == "42"


def test_a_notebook_that_takes_too_much_memory_gets_an_error() -> None:
    cell = executed(notebook([f"taken = bytearray({children.MEMORY_BYTES})"])).cells[0]
    assert cell.outputs[0].ename == "MemoryError"


@pytest.mark.usefixtures("method")
def test_a_cell_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    cell = f"""import os, subprocess, time
program = subprocess.Popen(["sleep", "1000"])
open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{program.pid}}"); time.sleep(1000)"""
    with pytest.raises(CellTimeoutError, match="timed out"):
        executed(notebook(["1", cell]), execution_timeout=2)
    for number in (tmp_path / "pids").read_text(encoding="utf-8").split():
        assert is_gone(int(number))


@pytest.mark.usefixtures("method")
def test_programs_left_running_end_with_the_notebook() -> None:
    cell = "import subprocess; program = subprocess.Popen(['sleep', '1000']); program.pid"
    cells = executed(notebook([cell])).cells
    assert is_gone(int(shown(cells[0])))


def is_gone(process: int, seconds: float = 10) -> bool:
    """Whether a process is no more, or is only waiting for somebody to ask how it ended."""
    stat, waiting = Path(f"/proc/{process}/stat"), threading.Event()
    for _ in range(int(seconds * 20)):
        try:
            if stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        waiting.wait(0.05)
    return False


def say(connection: Any, number: int) -> None:
    connection.send(number)


def in_a_row(n_children: int) -> None:
    """So many children, one after the other; none is lost and none leaves anything open."""
    Child(say, 0).end()
    opened = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for number in range(n_children):
        child = Child(say, number)
        assert child.receive(60) == number
        child.end()
    assert len(os.listdir("/proc/self/fd")) == opened  # noqa: PTH208


def test_two_hundred_children_in_a_row() -> None:
    in_a_row(200)


def test_it_works_from_the_shell_warm_and_without_a_thread_where_it_forks(tmp_path: Path) -> None:
    """By its entry point, which stands in a folder of its own in case the package here was installed before it had one."""
    points = tmp_path / "points" / "lianzheng_points-0.dist-info" / "entry_points.txt"
    points.parent.mkdir(parents=True)
    points.write_text(
        "[papermill.engine]\nlianzheng = lianzheng.publish.engine:WarmEngine\n", encoding="utf-8"
    )
    look = """import os, pathlib, sys
server = int(pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[1])
n_threads = len(os.listdir(f"/proc/{server}/task"))
value, "lianzheng.publish.warm" in sys.modules, n_threads, os.getcwd() == folder"""
    book = notebook(["value = 0; folder = ''", look])
    book.cells[0].metadata.tags = ["parameters"]
    nbformat.write(book, tmp_path / "made.ipynb")
    words = [
        "made.ipynb",
        "done.ipynb",
        "--engine",
        "lianzheng",
        "-p",
        "value",
        "5",
        "-p",
        "folder",
        str(tmp_path),
    ]
    paths = os.pathsep.join([str(tmp_path / "points"), *sys.path])
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", *words]
    settings = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(tmp_path / "done.ipynb", as_version=4).cells
    assert shown(cells[-1]) == ("(5, True, 1, True)" if children.METHOD == "forkserver" else shown(cells[-1]))
