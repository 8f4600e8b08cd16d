"""The sample notebook exported once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.publish.sample import export_all


@pytest.fixture(scope="session")
def product_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the products of the sample lie, as ``sample.html``, ``sample.pdf`` and ``sample.docx``."""
    return tmp_path_factory.mktemp("products")


@pytest.fixture(scope="session")
def products(product_folder: Path) -> dict[str, bytes]:
    """Suffix (``.html``) → bytes of the sample's publication."""
    return export_all(product_folder)
