"""Which data issues a unit is told: those on its own papers that ask something of it."""

from __future__ import annotations

import pandas as pd

from lianzheng.config import CycleConfig

SEVERITIES = ("return_file", "return_item", "verify")
"""What a unit is told; notes (提示) ask nothing of it."""
OWNER = "unit_differs"
_OWN_FOLDER = "units/"


def returned_issues(config: CycleConfig, issues: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """The issues that go back to units: of forms that units send, and of stray files in their folders.

    Of a file whose owner is uncertain only that is told. ``files`` says where a file lies.
    """
    asks = issues["severity"].isin(SEVERITIES) & issues["unit_id"].notna()
    own = [form.form_id for form in config.forms.values() if form.sender == "unit"]
    paths = issues["file_id"].map(files.set_index("file_id")["path"]).astype("str")
    is_stray = issues["form_id"].isna() & paths.str.startswith(_OWN_FOLDER).fillna(False).astype(bool)
    told = issues[asks & (issues["form_id"].isin(own) | is_stray)]
    uncertain = told.loc[told["code"] == OWNER, "file_id"]
    return told[(told["code"] == OWNER) | ~told["file_id"].isin(uncertain)]
