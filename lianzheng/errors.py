"""Errors that stop the work: one root, few children, each with a remedy.

Bad data is never an error (it becomes an :class:`lianzheng.issues.Issue`), and a fault of our own is an
``assert``. What stands here is the third kind: something outside the program keeps it from going on.
"""

from __future__ import annotations

import os


def is_notebook_by_hand() -> bool:
    """Whether this is the kernel of a notebook that a person has open; papermill's kernels and scripts are not."""
    return "JPY_SESSION_NAME" in os.environ  # set by jupyter_server for the kernels of its sessions


class LianzhengError(Exception):
    """Something keeps the work from going on; ``message`` says what, ``remedy`` what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} → {self.remedy}"

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: to a person once the sentence and the remedy, after ``%tb`` and to programs all of it."""
        from IPython import get_ipython

        if is_notebook_by_hand() and not hasattr(self, "_is_told"):
            self._is_told = True
            return in_a_sentence(self.message, self.remedy)
        whole: list[str] = get_ipython().InteractiveTB.structured_traceback(
            type(self), self, self.__traceback__
        )
        return whole


def in_a_sentence(message: str, remedy: str) -> list[str]:
    """An error for a person at a notebook: what is wrong, what to do, and where the rest is."""
    return [message, f"→ {remedy}", "（程序内部的经过：另起一格运行 %tb）"]


class ConfigError(LianzhengError):
    """The cycle's configuration is wrong: names the file, the key, what is wrong and what is allowed."""


class InputError(LianzhengError):
    """A file or folder that the command needs is missing, locked, or not what it must be."""


class ClusterError(LianzhengError):
    """The machines that a run was to use cannot be reached, have gone, or differ from this one."""


class BusyError(LianzhengError):
    """Another run is under way in the project."""


class TableError(LianzhengError):
    """A processed table is missing, does not keep its schema, or is not the one the manifest names."""


class ParameterError(LianzhengError):
    """A notebook or command got an unknown, missing or mistyped parameter."""


class UnknownNameError(ParameterError, AttributeError):
    """There is no table or method of that name, or no table yet; completion takes it as any missing attribute."""


class PublishError(LianzhengError):
    """A page cannot be published: its notebook failed, or the product does not pass its checks."""
