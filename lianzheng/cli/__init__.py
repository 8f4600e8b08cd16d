"""The command line: the only place that parses arguments and prints."""

from __future__ import annotations

import os
import sys

from lianzheng.cli.parser import BUSY, FAILURE, INTERRUPTED, build_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Nothing here multiplies matrices, and threads take long to start; Arrow's own pools keep what the system could have back."""
_COLLECT_AFTER = 10_000
"""So many new objects before unused circles among them are looked for: a run makes millions, and few circles."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code and never shows a traceback for an error of ours.

    What only explains itself (``--help``, ``--version``) imports nothing but the parser.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles default to cp936
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    import atexit
    import gc
    from pathlib import Path

    from lianzheng.cli.commands import COMMANDS
    from lianzheng.cli.told import LOG, say_error
    from lianzheng.disk import refusal
    from lianzheng.errors import BusyError, LianzhengError

    gc.set_threshold(_COLLECT_AFTER)
    atexit.register(gc.freeze)  # the end of the process gives everything back, circles or not
    told: LianzhengError
    try:
        code = COMMANDS[options.command](options)
        LOG.write(f"结束，退出码 {code}")
        return code
    except LianzhengError as error:
        told = error
    except OSError as error:
        told = refusal(error, Path(str(error.filename or options.project or Path.cwd())))
    except KeyboardInterrupt:
        print("已中断；原有的表没有改动", file=sys.stderr)
        return INTERRUPTED
    say_error(f"错误：{told.message}", f"处理：{told.remedy}")
    return BUSY if isinstance(told, BusyError) else FAILURE
