"""What is read equals what was meant, and the issues are the planted faults, in every format.

Here some hundreds of cases that are always the same; `make soak` draws thousands of new ones (tests/soak/test_round_trip.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.blanks import blank_cases
from tests.properties.cases import FORMS, cases
from tests.properties.files import FORMATS
from tests.properties.meaning import meant_forms
from tests.properties.reading import check, contents

IN_CI = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
FEWER = settings(IN_CI, max_examples=20)
BLANKS = [(form_id, ending) for form_id in ("statistics", "standard") for ending in ("xlsx", "docx")]


@pytest.mark.parametrize("format", FORMATS)
@IN_CI
@given(data=st.data())
def test_what_is_read_is_what_was_meant(data: st.DataObject, format: str, tmp_path: Path) -> None:
    check(data.draw(cases(data.draw(st.sampled_from(FORMS)), format)), tmp_path)


@FEWER
@given(data=st.data())
def test_two_formats_of_one_form_say_the_same(data: st.DataObject, tmp_path: Path) -> None:
    form_id = data.draw(st.sampled_from(FORMS))
    meant = data.draw(meant_forms(form_id))
    one, other = (data.draw(cases(form_id, data.draw(st.sampled_from(FORMATS)), meant)) for _ in range(2))
    assert contents(one, tmp_path) == contents(other, tmp_path), f"{one.shown()}\n{other.shown()}"


@pytest.mark.parametrize(("form_id", "ending"), BLANKS)
@FEWER
@given(data=st.data())
def test_a_filled_blank_is_read_as_it_was_meant(
    data: st.DataObject, form_id: str, ending: str, tmp_path: Path
) -> None:
    check(data.draw(blank_cases(form_id, ending)), tmp_path)
