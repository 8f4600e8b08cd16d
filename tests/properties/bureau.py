"""The sample configuration, loaded once: forms, closed lists and names that random cases are drawn from."""

from __future__ import annotations

import functools

import yaml

from lianzheng.config import CycleConfig, load_config
from lianzheng.intake.files import Setup, make_setup
from tests.helpers import REPOSITORY


@functools.cache
def config() -> CycleConfig:
    """The configuration of the sample bureau."""
    return load_config(2018, REPOSITORY)


@functools.cache
def setup() -> Setup:
    """What every file is read with."""
    return make_setup(config())


@functools.cache
def unit_names() -> dict[str, tuple[str, ...]]:
    """Every unit's names as the roster gives them."""
    return {u.unit_id: (u.name, u.short_name, *u.aliases) for u in config().units}


@functools.cache
def columns_of(table: str) -> frozenset[str]:
    """The columns of a processed table, as tables.yml lists them; of an office list, none."""
    text = (REPOSITORY / "lianzheng" / "tables.yml").read_text(encoding="utf-8")
    tables = yaml.load(text, Loader=yaml.CSafeLoader)["tables"]
    return frozenset(tables[table]["columns"]) if table in tables else frozenset()
