"""Layouts as the old binary workbook .xls, which some units still send."""

from __future__ import annotations

import functools
import io
from typing import Any

from lianzheng.errors import InputError
from lianzheng.forms import Layout


def as_xls(layout: Layout) -> bytes:
    """An .xls workbook; raises :class:`InputError` without xlwt, which the extra ``demo`` installs."""
    try:
        import xlwt
    except ImportError as error:
        raise InputError("写 .xls 文件需要 xlwt，尚未安装", "运行：pip install -e .[demo]") from error

    @functools.cache
    def style(number_format: str) -> Any:
        return xlwt.easyxf(num_format_str=number_format)

    book = xlwt.Workbook(encoding="utf-8")
    for sheet in layout.sheets:
        page = book.add_sheet(sheet.name)
        page.visibility = int(sheet.is_hidden)
        for cell in sheet.cells:
            last_row, last_column = cell.last
            place = (cell.row - 1, last_row - 1, cell.column - 1, last_column - 1)
            page.write_merge(*place, cell.value, style(cell.number_format))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
