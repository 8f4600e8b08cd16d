"""The hand-made bureau as a fixture."""

from __future__ import annotations

import pytest

from tests.unit.pages.bureau import Sample


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Eight units made by hand; pages opened by it read nothing from the disk."""
    return Sample(
        lambda config, tables: monkeypatch.setattr(
            "lianzheng.pages.page.open_cycle", lambda *_: (config, tables)
        )
    )
