"""Errors that stop the work: one root, few children, each with a remedy.

Bad data is never an error (it becomes an :class:`lianzheng.issues.Issue`), and a fault of our own is an
``assert``. What stands here is the third kind: something outside the program keeps it from going on.
"""

from __future__ import annotations


class LianzhengError(Exception):
    """Something keeps the work from going on; ``message`` says what, ``remedy`` what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} → {self.remedy}"


class ConfigError(LianzhengError):
    """The cycle's configuration is wrong: names the file, the key, what is wrong and what is allowed."""


class InputError(LianzhengError):
    """A file or folder that the command needs is missing, locked, or not what it must be."""


class BusyError(LianzhengError):
    """Another run is under way in the project."""


class TableError(LianzhengError):
    """A processed table is missing, does not keep its schema, or is not the one the manifest names."""


class ParameterError(LianzhengError):
    """A notebook or command got an unknown, missing or mistyped parameter."""


class PublishError(LianzhengError):
    """A page cannot be published: its notebook failed, or the product does not pass its checks."""
