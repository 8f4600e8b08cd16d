"""What is declared, locked and named for conda agree, and everything imported is declared."""

from __future__ import annotations

import ast
import glob
import importlib.metadata
import re
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import house

PROJECT = tomllib.loads((house.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
CORE = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
EXTRAS = [
    Requirement(line) for group in PROJECT["project"]["optional-dependencies"].values() for line in group
]
BUILD = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
DECLARED = CORE + EXTRAS + BUILD
LOCK = (house.REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
CONDA = yaml.safe_load((house.REPOSITORY / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
CONDA_NAMES = {
    "jinja2": "Jinja2",
    "matplotlib-base": "matplotlib",
    "nbconvert-core": "nbconvert",
}
"""Where conda-forge names a package otherwise."""
PARTS = {"packaging": "pytest", "pillow": "matplotlib", "pydantic-core": "pydantic"}
"""Packages that another one always brings and that may be imported with it."""
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def locked_lines(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with its hashes."""
    logical = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE)).splitlines()
    split = [line.partition(" --hash=") for line in logical if line.strip()]
    return [(Requirement(head), re.findall(r"sha256:[0-9a-f]{64}\b", tail)) for head, _, tail in split]


def lock_faults(lock: str) -> list[str]:
    """What makes a lock no lock: an address, an option, a loose version, a missing hash."""
    faults = [word for word in ("://", "--index-url", "--find-links", "file:", "-e ") if word in lock]
    for requirement, hashes in locked_lines(lock):
        is_pinned = [specifier.operator for specifier in requirement.specifier] == ["=="]
        if not is_pinned or "*" in str(requirement.specifier) or requirement.url or not hashes:
            faults.append(str(requirement))
    return faults


def test_lock_pins_everything_by_hash_and_names_no_address() -> None:
    assert lock_faults(LOCK) == []


@pytest.mark.parametrize(
    "line", ["six==1.17.0", "six>=1 --hash=sha256:" + "0" * 64, "six==1.* --hash=sha256:" + "0" * 64]
)
def test_lock_fault_is_seen(line: str) -> None:
    assert len(lock_faults(LOCK + line + "\n")) == 1


def test_an_address_in_the_lock_is_seen() -> None:
    assert lock_faults(LOCK + "# from https://example.test\n") == ["://"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", ["3.11.0", "3.12.1", "3.13.0"])
def test_lock_gives_every_system_one_version_that_fits(system: str, python: str) -> None:
    here = {**SYSTEMS[system], "python_full_version": python, "python_version": python.rpartition(".")[0]}
    chosen: dict[str, str] = {}
    for requirement, _ in locked_lines(LOCK):
        if requirement.marker is None or requirement.marker.evaluate(here):
            name = canonicalize_name(requirement.name)
            assert name not in chosen
            chosen[name] = str(requirement.specifier).removeprefix("==")
    assert names(DECLARED) - set(chosen) == set()
    for requirement in DECLARED:
        assert requirement.specifier.contains(chosen[canonicalize_name(requirement.name)]), requirement


def conda_requirements() -> list[Requirement]:
    """Everything that environment.yml names, under the names that pip knows, Python and pip left out."""
    pip = [line for entry in CONDA if isinstance(entry, dict) for line in entry["pip"]]
    parts = [entry.partition(" ") for entry in CONDA if isinstance(entry, str)]
    conda = [CONDA_NAMES.get(name, name) + version for name, _, version in parts]
    return [Requirement(line) for line in conda + pip if Requirement(line).name not in ("python", "pip")]


def test_conda_environment_names_what_pyproject_names() -> None:
    found = conda_requirements()
    assert names(found) == names(DECLARED)
    assert len(found) == len(names(found))
    assert {canonicalize_name(r.name): str(r.specifier) for r in found} == {
        canonicalize_name(r.name): str(r.specifier) for r in DECLARED
    }


def imported(module: house.Module) -> set[str]:
    """The top names of all packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found - set(sys.stdlib_module_names) - {"lianzheng", "tests", "tasks", "benchmarks"}


@pytest.mark.parametrize(
    ("folder", "declared"), [("lianzheng", CORE), ("tests", DECLARED), ("benchmarks", DECLARED)]
)
def test_everything_imported_is_declared(folder: str, declared: list[Requirement]) -> None:
    parts = {part for part, whole in PARTS.items() if whole in names(declared)}
    allowed = (
        names(declared) | parts | {"xlwt", "itables", "distributed"}
    )  # extras: the code says so where they are missing
    distributions = importlib.metadata.packages_distributions()
    for module in house.modules(house.REPOSITORY / folder):
        for package in imported(module):
            offered = {canonicalize_name(name) for name in distributions.get(package, [package])}
            assert offered & allowed, f"{module.name} imports {package}"


def test_entry_points_lead_somewhere() -> None:
    exporters = PROJECT["project"]["entry-points"]["nbconvert.exporters"]
    for name, value in {**PROJECT["project"]["scripts"], **exporters}.items():
        assert callable(importlib.metadata.EntryPoint(name, value, "any").load())


def test_every_file_of_the_package_is_package_data() -> None:
    package = house.REPOSITORY / "lianzheng"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["lianzheng"]
    found = [glob.glob(pattern, root_dir=package, recursive=True) for pattern in patterns]  # noqa: PTH207 (as setuptools)
    packed = {package / name for names_found in found for name in names_found}
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert files - packed == set()


def test_python_versions_agree() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "python >=3.11" in CONDA
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"
    assert PROJECT["tool"]["mypy"]["python_version"] == "3.11"
