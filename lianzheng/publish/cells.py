"""The cells of one notebook, run in this process by the shell that Jupyter's own kernel has, but without a kernel.

What a cell shows is handed on as Jupyter's messages. What needs a kernel or a person at it raises
:class:`NeedsKernelError`, which names the stock engine.
"""

from __future__ import annotations

import builtins
import getpass
import io
import os
import sys
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import Any, Never

import comm
import numpy
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from lianzheng.errors import PublishError

Message = dict[str, Any]
LANGUAGE = {
    "name": "python",
    "version": sys.version.split()[0],
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
    "pygments_lexer": f"ipython{sys.version_info[0]}",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}
"""What a Python kernel says of itself in the notebook's metadata."""

_KERNEL_MAGICS = ("connect_info", "edit", "qtconsole", "subshell")


class NeedsKernelError(PublishError, AttributeError):
    """A cell asked for something that only a kernel has."""


def _refuse(*unused: Any, **also_unused: Any) -> Never:
    raise NeedsKernelError(
        "本引擎没有内核，也无人在场，不支持 input()、控件与内核专用命令",
        "改用标准引擎运行这个笔记本：papermill --engine nbclient",
    )


class _Wire(Session):
    """Takes the messages that a kernel would send and hands them on, their content as JSON would bring it."""

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, *unused: Any, **also_unused: Any
    ) -> Any:
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        self.tell({**message, "content": self.unpack(self.pack(message["content"]))})
        return message

    tell: Callable[[Message], Any] = staticmethod(lambda message: None)


class _KernellessShell(ZMQInteractiveShell):
    """The kernel's shell; where the kernel was, there is a refusal."""

    kernel = property(_refuse)

    def enable_gui(self, gui: Any = None) -> None:
        if gui is not None:
            _refuse()


_KernellessShell.__name__ = (
    ZMQInteractiveShell.__name__
)  # by which libraries know that they are in a notebook


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of cells, with what programs and libraries write past it."""

    encoding, errors = "UTF-8", "replace"

    def __init__(self, name: str, descriptor: int, wire: _Wire) -> None:
        self._name, self._descriptor, self._wire = name, descriptor, wire
        self._process, self._texts, self._taken = os.getpid(), list[str](), 0
        self._before = os.dup(descriptor), getattr(sys, name)
        self._file = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115
        os.dup2(self._file.fileno(), descriptor)
        setattr(sys, name, self)

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._take()
        self._texts.append(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written since; a process forked by a cell passes it on to the one that has the wire."""
        if os.getpid() == self._process:
            getattr(sys, f"__{self._name}__").flush()
            self._take()
        text, self._texts = "".join(self._texts), []
        if os.getpid() != self._process:
            os.write(self._descriptor, text.encode("utf-8", "replace"))
        elif text:
            self._wire.send(None, "stream", {"name": self._name, "text": text})

    def _take(self) -> None:
        """Add what was written past this stream, in its place among what was written to it."""
        if os.getpid() == self._process:
            self._file.seek(self._taken)
            data = self._file.read()
            self._taken += len(data)
            self._texts.append(data.decode("utf-8", "replace"))

    def restore(self) -> None:
        """Give the process back the stream that it had."""
        os.dup2(self._before[0], self._descriptor)
        setattr(sys, self._name, self._before[1])
        os.close(self._before[0])
        self._file.close()


class Cells:
    """IPython's shell for one notebook; as a context it has the streams of the process."""

    def __enter__(self) -> Cells:
        self._wire = _Wire()
        self._folder = tempfile.TemporaryDirectory(prefix="lianzheng-ipython-")
        settings = Config({"HistoryManager": {"enabled": False}})
        make: Any = _KernellessShell.instance
        self._shell = make(config=settings, ipython_dir=self._folder.name, compiler_class=XCachingCompiler)
        for publisher in (self._shell.displayhook, self._shell.display_pub):
            publisher.session = self._wire
        for name in _KERNEL_MAGICS:
            self._shell.register_magic_function(_refuse, "line", name)
        builtins.input = getpass.getpass = comm.create_comm = comm.get_comm_manager = _refuse
        numpy.random.seed()  # every fork of a process would draw the same numbers
        if "" not in sys.path:
            sys.path.insert(0, "")
        self._streams = [_Stream("stdout", 1, self._wire), _Stream("stderr", 2, self._wire)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams:
            stream.restore()
        self._folder.cleanup()

    def run(self, source: str, tell: Callable[[Message], Any]) -> Message:
        """Run one cell, telling its messages as they come; returns the content of a kernel's ``execute_reply``."""
        self._wire.tell = tell
        self._wire.send(None, "status", {"execution_state": "busy"})
        asked = {"code": source, "execution_count": self._shell.execution_count}
        self._wire.send(None, "execute_input", asked)
        result = self._shell.run_cell(source, store_history=True)
        for stream in self._streams:
            stream.flush()
        self._shell.payload_manager.clear_payload()
        if result.success and not getattr(self._shell, "_last_traceback_during_displayhook", False):
            return {"status": "ok"}
        error = result.error_before_exec or result.error_in_exec
        return {
            "status": "error",
            "ename": type(error).__name__,
            "evalue": str(error),
            "traceback": self._shell._last_traceback or [],
        }
