"""Workbooks that people edit, made out of configuration: a form and its values → a layout → .xlsx, .docx, .csv."""

from lianzheng.forms.layout import Formula, Key, Layout, Placed, Sheet, lay_out
from lianzheng.forms.writers import as_csv, as_docx, as_xlsx

__all__ = ["Formula", "Key", "Layout", "Placed", "Sheet", "as_csv", "as_docx", "as_xlsx", "lay_out"]
