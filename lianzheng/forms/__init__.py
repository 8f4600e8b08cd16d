"""Workbooks that people edit, made out of configuration: a form and its values → a layout → .xlsx, .docx, .csv."""

from typing import Any

from lianzheng.forms.layout import Formula, Key, Layout, Placed, Sheet, lay_out

__all__ = ["Formula", "Key", "Layout", "Placed", "Sheet", "as_csv", "as_docx", "as_xlsx", "lay_out"]


def __getattr__(name: str) -> Any:
    """The writers when they are asked for: what only reads forms need not wait for the libraries that write them."""
    if name not in __all__:
        raise AttributeError(name)
    from lianzheng.forms import writers

    return getattr(writers, name)
