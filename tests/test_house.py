"""The house rules hold, and each is seen failing on a planted source."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests import house
from tests.house import Module

PACKAGE = house.modules(house.REPOSITORY / "lianzheng")
TESTS = house.modules(house.REPOSITORY / "tests")
TOOLS = [Module("tasks", (house.REPOSITORY / "tasks.py").read_text(encoding="utf-8"))]
TOOLS += house.modules(house.REPOSITORY / "benchmarks")
NOTEBOOKS = sorted((house.REPOSITORY / "notebooks").glob("*.ipynb"))
Rule = Callable[[Module], Iterator[str]]


@pytest.mark.parametrize(
    ("rule", "subjects"),
    [
        (house.arrows_that_point_back, PACKAGE),
        (house.disk_touched, PACKAGE),
        (house.too_long, PACKAGE + TOOLS),
        (house.undocumented, PACKAGE),
        (house.text_without_encoding, PACKAGE + TESTS + TOOLS),
        (house.unportable_imports, PACKAGE + TESTS + TOOLS),
        (house.bad_habits, PACKAGE),
    ],
)
def test_rule_holds(rule: Rule, subjects: list[Module]) -> None:
    assert [fault for module in subjects for fault in rule(module)] == []


PLANTED = [
    (house.arrows_that_point_back, "lianzheng.scoring.x", "from lianzheng.pages.page import y", "lianzheng.pages.page"),
    (house.arrows_that_point_back, "lianzheng.tables", "import lianzheng.intake", "tables does not stand on it"),
    (house.arrows_that_point_back, "lianzheng.intake.x", "from ..scoring import y", "lianzheng.scoring"),
    (house.arrows_that_point_back, "lianzheng.intake.x", "from lianzheng import compare", "lianzheng.compare"),
    (house.arrows_that_point_back, "lianzheng.intake.x", "from lianzheng import Tables", "lianzheng.Tables"),
    (house.arrows_that_point_back, "lianzheng.names", "def f():\n  from lianzheng import tables", ":2 imports"),
    (house.arrows_that_point_back, "lianzheng.names", "import_module('lianzheng.tables')", "lianzheng.tables"),
    (house.arrows_that_point_back, "lianzheng.publish.x", "import lianzheng.demo", "lianzheng.demo"),
    (house.arrows_that_point_back, "lianzheng.demo.x", "import lianzheng.intake", "lianzheng.intake"),
    (house.arrows_that_point_back, "lianzheng.attic.x", "", "unknown room attic"),
    (house.disk_touched, "lianzheng.scoring.x", "open('a', 'rb')", "calls open"),
    (house.disk_touched, "lianzheng.pages.x", "Path('a').read_text(encoding='utf-8')", "calls read_text"),
    (house.disk_touched, "lianzheng.compare", "frame.to_parquet('a')", "calls to_parquet"),
    (house.too_long, "lianzheng.x", "def f():\n" + "    1\n" * 60, "f has 61 lines"),
    (house.too_long, "lianzheng.x", "x = 1\n" * 301, "has 301 lines"),
    (house.undocumented, "lianzheng.x", "x = 1", "lianzheng.x has no docstring"),
    (house.undocumented, "lianzheng.x", "'''a'''\nclass A:\n '''b'''\n def f(self): 1", "lianzheng.x.A.f has no"),
    (house.undocumented, "lianzheng.x", "'''a'''\nif y:\n def f(): 1", "lianzheng.x.f has no"),
    (house.untyped, "lianzheng.x", "def f(a: int, *b) -> int: ...", "f lacks types: b"),
    (house.untyped, "lianzheng.x", "class A:\n def f(self): ...", "f lacks types: return"),
    (house.text_without_encoding, "lianzheng.x", "open('a')", "open without"),
    (house.text_without_encoding, "lianzheng.x", "open('a', mode='w')", "open without"),
    (house.text_without_encoding, "lianzheng.x", "io.open('a', 'w')", "open without"),
    (house.text_without_encoding, "lianzheng.x", "path.open()", "open without"),
    (house.text_without_encoding, "lianzheng.x", "path.open('w')", "open without"),
    (house.text_without_encoding, "lianzheng.x", "path.read_text()", "read_text without"),
    (house.text_without_encoding, "lianzheng.x", "path.write_text(text)", "write_text without"),
    (house.text_without_encoding, "lianzheng.x", "subprocess.run(a, text=True)", "run without"),
    (house.text_without_encoding, "lianzheng.x", "NamedTemporaryFile('w')", "NamedTemporaryFile without"),
    (house.unportable_imports, "lianzheng.x", "import fcntl", "imports fcntl"),
    (house.unportable_imports, "lianzheng.x", "try:\n from resource import RLIMIT_AS\nexcept E: pass", "imports resource"),
    (house.bad_habits, "lianzheng.x", "try: f()\nexcept: pass", "catches everything"),
    (house.bad_habits, "lianzheng.x", "try: f()\nexcept Exception: pass", "catches Exception"),
    (house.bad_habits, "lianzheng.x", "frame.dropna(inplace=True)", "changes in place"),
    (house.bad_habits, "lianzheng.x", "print(1)", "prints"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "source", "words"), PLANTED)
def test_rule_is_seen_failing(rule: Rule, name: str, source: str, words: str) -> None:
    faults = list(rule(Module(name, source)))
    assert len(faults) == 1, faults
    assert words in faults[0]


ALLOWED = [
    (house.arrows_that_point_back, "lianzheng.scoring.x", "from lianzheng.intake import y\nfrom ..tables import z"),
    (house.arrows_that_point_back, "lianzheng.cli", "from lianzheng import __version__\nimport lianzheng.demo"),
    (house.arrows_that_point_back, "lianzheng.intake.__init__", "from .cells import y"),
    (house.disk_touched, "lianzheng.intake.x", "open('a', 'rb')"),
    (house.disk_touched, "lianzheng.pages.x", "(_HERE / 'blocks.css').read_bytes()"),
    (house.undocumented, "lianzheng.x", "'''a'''\ndef _f(): 1\ndef g():\n '''b'''\n def h(): 1"),
    (house.untyped, "lianzheng.x", "def f(a: int, *, b: str) -> None: ..."),
    (house.text_without_encoding, "lianzheng.x", "open('a', 'rb')\npath.open('wb')\nopen('a', encoding='utf-8')"),
    (house.text_without_encoding, "lianzheng.x", "package.open('part.xml')\npath.read_text('utf-8')\nf(text='a')"),
    (house.unportable_imports, "lianzheng.x", "def f():\n import fcntl"),
    (house.bad_habits, "lianzheng.cli", "print(1)\ntry: f()\nexcept Exception as e: raise E from e"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "source"), ALLOWED)
def test_rule_spares_what_is_allowed(rule: Rule, name: str, source: str) -> None:
    assert list(rule(Module(name, source))) == []


def test_code_lines_are_counted_as_by_hand() -> None:
    source = (
        '"""Title."""\n\nx = (1,\n     2)  # why\n# note\ndef f():\n    """Say."""\n    return """a\n\nb"""\n'
    )
    assert house.code_lines(Module("lianzheng.x", source)) == 6  # 3, 4, 6, 8, 9, 10
    assert house.function_lengths([Module("lianzheng.x", source)]) == [5]


def test_functions_stay_short() -> None:
    lengths = house.function_lengths(PACKAGE)
    assert statistics.median(lengths) <= 9
    assert house.percentile_90(lengths) <= 25


def test_package_stays_within_its_budget() -> None:
    assert sum(map(house.code_lines, PACKAGE)) <= house.CODE_BUDGET


def test_rooms_stay_within_their_budgets() -> None:
    sizes = Counter(dict.fromkeys(house.ROOM_BUDGETS, 0))
    for module in PACKAGE:
        sizes[module.room] += house.code_lines(module)
    assert all(sizes[room] for room in house.ROOM_BUDGETS), "a budget for a room that is not there"
    assert {room: n for room, n in sizes.items() if n > house.ROOM_BUDGETS.get(room, 80)} == {}


def test_types_are_nearly_everywhere() -> None:
    faults = [fault for module in PACKAGE for fault in house.untyped(module)]
    assert len(faults) <= 0.05 * len(house.function_lengths(PACKAGE)), faults


def test_tests_weigh_as_much_as_the_code() -> None:
    assert sum(map(house.code_lines, TESTS)) >= 0.9 * sum(map(house.code_lines, PACKAGE))


def test_notebooks_are_pages() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in NOTEBOOKS}
    assert [fault for name, text in texts.items() for fault in house.notebook_faults(name, text)] == []


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["1"] * 11, "11 code cells"),
        (["# note\n\n" + "x = 1\n" * 31], "31 code lines"),
        (["def f(): 1"], "FunctionDef"),
        (["for x in y: z"], "For"),
        (["import pandas"], "imports pandas"),
        (["w.filterwarnings('ignore')"], "hides warnings"),
        (["1", "output"], "outputs"),
    ],
)
def test_notebook_rule_is_seen_failing(sources: list[str], words: str) -> None:
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "execution_count": None,
            "outputs": [{}] * (source == "output"),
        }
        for source in sources
    ]
    (fault,) = house.notebook_faults("planted", json.dumps({"cells": cells}))
    assert words in fault


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    texts = house.tracked_texts()
    assert [fault for name, text in texts.items() for fault in house.forbidden_strings(name, text)] == []
    naming = [name for name, text in texts.items() if "/".join(("shared", "real")) in text]
    assert len(naming) <= 1
    assert all(name.startswith("tests/") for name in naming)


@pytest.mark.parametrize("planted", [*house.MACHINE_PATHS, *house.REGISTRY_HOSTS])
def test_forbidden_string_is_seen(planted: str) -> None:
    assert list(house.forbidden_strings("x.md", f"see {planted}y")) == [f"x.md names {planted}"]
