"""The command line: the only place that parses arguments and prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lianzheng.cli.commands import COMMANDS, FAILURE
from lianzheng.cli.parser import build_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code and never shows a traceback for an error of ours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles default to cp936
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    from lianzheng.errors import LianzhengError

    try:
        return COMMANDS[options.command](options)
    except LianzhengError as error:
        print(f"错误：{error.message}\n处理：{error.remedy}", file=sys.stderr)
        return FAILURE
