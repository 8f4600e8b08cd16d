"""The published bureaus, each made once."""

from __future__ import annotations

import pytest

from tests.layout.bureaus import lengthened
from tests.projects import Project


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A bureau of as many units as the parameter says."""
    return lengthened(tmp_path_factory.mktemp(f"layout{request.param}"), request.param)
