"""What a command says: on the terminal, and with the time in the log beside it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lianzheng.fonts import one_line
from lianzheng.processes import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

LOG = RunLog()


def say(*lines: str, stream: TextIO | None = None) -> None:
    """Print lines; what people wrote can neither break one nor steer the terminal."""
    told = [one_line(line) for line in lines]
    if told:
        print("\n".join(told), file=stream, flush=True)
        LOG.write(*told)


def say_error(*lines: str) -> None:
    """Print lines where errors go."""
    say(*lines, stream=sys.stderr)


class ProgressBar:
    """A progress bar for anything over a second; where there is no terminal only the log tells of it."""

    def __init__(self, label: str, total: int | None = None) -> None:
        from tqdm import tqdm

        self._label, self._n = label, 0
        self._bar = tqdm(total=total, desc=label, delay=1, leave=False, disable=None)
        LOG.write(f"{label}：开始")

    def __enter__(self) -> Callable[..., Any]:
        return self._advance

    def _advance(self, step: int = 1, total: int | None = None) -> None:
        if total is not None:
            self._bar.total = total
        self._n += step
        self._bar.update(step)

    def __exit__(self, *unused: object) -> None:
        self._bar.close()
        LOG.write(f"{self._label}：完成 {self._n}")
