"""The properties of tests/properties on thousands of new cases; a failing one is printed with what reproduces it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import test_round_trip as properties
from tests.properties.blanks import blank_cases
from tests.properties.cases import FORMS, cases
from tests.properties.files import FORMATS
from tests.properties.meaning import meant_forms
from tests.properties.reading import check, contents

pytestmark = pytest.mark.soak
MANY = settings(properties.IN_CI, max_examples=500, derandomize=False, print_blob=True)
SOME = settings(MANY, max_examples=150)


@pytest.mark.parametrize("form_id", FORMS)
@MANY
@given(data=st.data())
def test_what_is_read_is_what_was_meant(data: st.DataObject, form_id: str, tmp_path: Path) -> None:
    check(data.draw(cases(form_id, data.draw(st.sampled_from(FORMATS)))), tmp_path)


@SOME
@given(data=st.data())
def test_two_formats_of_one_form_say_the_same(data: st.DataObject, tmp_path: Path) -> None:
    form_id = data.draw(st.sampled_from(FORMS))
    meant = data.draw(meant_forms(form_id))
    one, other = (data.draw(cases(form_id, data.draw(st.sampled_from(FORMATS)), meant)) for _ in range(2))
    assert contents(one, tmp_path) == contents(other, tmp_path), f"{one.shown()}\n{other.shown()}"


@pytest.mark.parametrize(("form_id", "ending"), properties.BLANKS)
@SOME
@given(data=st.data())
def test_a_filled_blank_is_read_as_it_was_meant(
    data: st.DataObject, form_id: str, ending: str, tmp_path: Path
) -> None:
    check(data.draw(blank_cases(form_id, ending)), tmp_path)
