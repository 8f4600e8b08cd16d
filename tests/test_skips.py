"""A skip says why; in CI it is a failure, but for the shared folder where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import helpers

SUITE = """
import pytest
from tests import helpers

def test_passes(): pass

@pytest.mark.xfail(strict=True)
def test_fails_as_expected(): assert False

def test_skips(): pytest.skip("not today")

@pytest.mark.needs_poppler
def test_needs_a_program(): pass

@pytest.mark.needs_shared
def test_needs_shared(): pass

def test_asks_for_shared(shared_folder): pass
"""
MODULE = 'import pytest\npytest.importorskip("no_such_package")'


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite of its own under our rules, on a machine without programs and without the shared folder."""
    pytester.makepyfile(test_suite=SUITE, test_module=MODULE)
    monkeypatch.setenv("PYTHONPATH", str(helpers.REPOSITORY))
    monkeypatch.setenv("PATH", "")
    (pytester.path / "absent.py").write_text(
        "from pathlib import Path\nfrom tests import helpers\nhelpers.SHARED = Path('no-such-folder')",
        encoding="utf-8",
    )
    return pytester


def outcomes(suite: pytest.Pytester, *plugins: str) -> dict[str, int]:
    options = [word for plugin in ("tests.conftest", *plugins) for word in ("-p", plugin)]
    return suite.runpytest_subprocess(*options, "-p", "no:cacheprovider").parseoutcomes()


def test_a_skip_says_why_elsewhere(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(helpers.CI_VARIABLE, raising=False)
    found = outcomes(suite, "absent")
    assert (found["passed"], found["skipped"], found["xfailed"]) == (1, 5, 1)
    assert "failed" not in found


def test_a_skip_is_a_failure_in_ci(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(helpers.CI_VARIABLE, "1")
    suite.path.joinpath("test_module.py").unlink()
    found = outcomes(suite, "absent")
    assert (found["passed"], found["skipped"], found["xfailed"]) == (1, 2, 1)
    assert (found["failed"], found["errors"]) == (1, 1)  # the mark skips before its test begins


def test_a_skipped_module_is_an_error_in_ci(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(helpers.CI_VARIABLE, "1")
    assert outcomes(suite, "absent")["errors"] == 1


def test_only_a_truly_absent_shared_folder_excuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(helpers.CI_VARIABLE, "1")
    monkeypatch.setattr(helpers, "SHARED", tmp_path)
    assert helpers.is_skip_a_failure(helpers.SHARED_REASON)
    monkeypatch.setattr(helpers, "SHARED", tmp_path / "absent")
    assert not helpers.is_skip_a_failure(helpers.SHARED_REASON)
    assert helpers.is_skip_a_failure("chromium is not installed")


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert helpers.missing("needs_poppler") == "poppler is not installed: no program pdftotext"
