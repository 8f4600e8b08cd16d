"""What is read equals what was meant, and the issues are the planted faults, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.bureau import setup
from tests.properties.cases import FORMS, cases
from tests.properties.files import FORMATS
from tests.properties.reading import differences, read

IN_CI = settings(
    max_examples=30, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
@IN_CI
@given(data=st.data())
def test_what_is_read_is_what_was_meant(data: st.DataObject, format: str, tmp_path: Path) -> None:
    form_id = data.draw(st.sampled_from(FORMS), label="form")
    case = data.draw(cases(form_id, format))
    wrong = differences(case, read(case, tmp_path, setup()))
    assert not wrong, "\n".join(wrong)
