"""The house rules, read from source text; `python -m tests.house` prints the measures, room by room.

A rule takes a module and yields sentences, one per fault. Nothing here imports lianzheng.
"""

from __future__ import annotations

import ast
import io
import json
import re
import statistics
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOUNDATIONS = frozenset(
    {"disk", "errors", "fonts", "issues", "config", "names", "processes", "project", "zips"}
)
LINE = ("tables", "forms", "intake", "scoring", "compare", "trace", "pages", "documents", "publish")
STANDS_ON = {
    **dict.fromkeys(FOUNDATIONS, FOUNDATIONS),
    **{room: FOUNDATIONS.union(LINE[: place + 1]) for place, room in enumerate(LINE)},
    "demo": FOUNDATIONS | {"tables", "forms", "demo"},
    "cli": FOUNDATIONS.union(LINE) | {"demo", "cli"},
}
DISK_ROOMS = {
    "disk",
    "processes",
    "project",
    "config",
    "fonts",
    "tables",
    "forms",
    "intake",
    "documents",
    "publish",
    "demo",
}
DISK_CALLS = set(
    "open read_text write_text read_bytes write_bytes mkdir unlink rmdir touch iterdir glob rglob exists is_file is_dir"
    " stat read_parquet to_parquet read_csv to_csv read_excel to_excel ExcelWriter rmtree copytree mkdtemp".split()
)
LONGEST_FUNCTION, LONGEST_MODULE, CODE_BUDGET = 60, 300, 24170
ROOM_BUDGETS = {
    "intake": 6560,
    "pages": 4010,
    "demo": 1450,
    "config": 1360,
    "scoring": 1100,
    "publish": 3060,
    "trace": 885,
    "forms": 1775,
    "cli": 695,
    "tables": 535,
    "compare": 410,
    "documents": 1700,
    "disk": 160,
    "processes": 145,
    "fonts": 110,
    "names": 100,
}
"""Lines of code that a room may have (docs/decisions/0004); a room that is not named, 80."""
NOTEBOOK_CELLS, NOTEBOOK_LINES = 10, 30
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MACHINE_PATHS = tuple("/" + rest for rest in ("work/", "root/", "tmp/w/", "opt/wheels", "opt/pypi"))
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("debian", "org"),
        ("anaconda", "org"),
    )
)


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name and its text."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS))

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the last part of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, getattr(node.func, "attr", getattr(node.func, "id", ""))


def modules(folder: Path) -> list[Module]:
    """Every Python file under a folder of the repository."""
    texts = {
        path.relative_to(REPOSITORY): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }
    return [Module(".".join(path.with_suffix("").parts), text) for path, text in texts.items()]


def code_lines(module: Module) -> int:
    """Lines without blank lines, comments and docstrings."""
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def function_lengths(some: Iterable[Module]) -> list[int]:
    """Lines from each `def` to its function's last line, docstring and blank lines included."""
    return [(node.end_lineno or 0) - node.lineno + 1 for module in some for node in module.functions()]


def percentile_90(lengths: list[int]) -> float:
    return statistics.quantiles(lengths, n=10, method="inclusive")[-1] if len(lengths) > 1 else sum(lengths)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything of lianzheng that a module imports, also late or by a string."""
    package = module.name.split(".")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (
                (node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] == "lianzheng"
            )
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            if base == "lianzheng":
                yield from ((node.lineno, f"lianzheng.{alias.name}") for alias in node.names)
            elif base.startswith("lianzheng."):
                yield node.lineno, base
    for call, name in module.calls():
        first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if name == "import_module" and isinstance(first, str) and first.split(".")[0] == "lianzheng":
            yield call.lineno, first


def arrows_that_point_back(module: Module) -> Iterator[str]:
    if module.name == "lianzheng.__init__":  # lazy
        return
    if module.room not in STANDS_ON:
        yield f"{module.name}: unknown room {module.room}; give it a place in tests/house.py"
        return
    for line, target in imports(module):
        room = target.partition(".")[2].split(".")[0]
        if room not in STANDS_ON[module.room] and room != "__version__":
            yield f"{module.name}:{line} imports {target}; {module.room} does not stand on it"


def disk_touched(module: Module) -> Iterator[str]:
    if module.room in DISK_ROOMS:
        return
    for call, name in module.calls():
        own_template = re.search(r"\b(__file__|_HERE)\b", ast.unparse(call.func))
        if name in DISK_CALLS and not own_template:
            yield f"{module.name}:{call.lineno} calls {name}; {module.room or 'this module'} does not touch the disk"


def too_long(module: Module) -> Iterator[str]:
    if (lines := module.text.count("\n")) > LONGEST_MODULE:
        yield f"{module.name} has {lines} lines"
    for node, length in zip(module.functions(), function_lengths([module]), strict=True):
        if length > LONGEST_FUNCTION:
            yield f"{module.name}:{node.lineno} {node.name} has {length} lines"


def undocumented(module: Module) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring; a nested function is not public."""
    waiting: list[tuple[str, ast.AST]] = [(module.name, module.tree)]
    while waiting:
        name, node = waiting.pop()
        if not ast.get_docstring(node):  # type: ignore[arg-type]
            yield f"{name} has no docstring"
        below = [] if isinstance(node, FUNCTIONS) else [*ast.iter_child_nodes(node)]
        for child in below:
            if isinstance(child, (ast.If, ast.Try)):
                below += ast.iter_child_nodes(child)
            elif isinstance(child, (*FUNCTIONS, ast.ClassDef)) and not child.name.startswith("_"):
                waiting.append((f"{name}.{child.name}", child))


def untyped(module: Module) -> Iterator[str]:
    for node in module.functions():
        given = node.args
        named = [
            *given.posonlyargs,
            *given.args,
            *given.kwonlyargs,
            *filter(None, (given.vararg, given.kwarg)),
        ]
        bare = [
            argument.arg
            for argument in named
            if not argument.annotation and argument.arg not in ("self", "cls")
        ]
        if bare or not node.returns:
            yield f"{module.name}:{node.lineno} {node.name} lacks types: {', '.join(bare) or 'return'}"


def text_without_encoding(module: Module) -> Iterator[str]:
    for call, name in module.calls():
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        is_second = ast.unparse(call.func) in ("open", "io.open")
        modes = [*call.args[1 if is_second else 0 :][:1], *filter(None, [given.get("mode")])]
        mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else None if modes else "r"
        is_text = {
            "open": isinstance(mode, str) and bool(re.fullmatch("[rwaxt+]+", mode)),
            "read_text": not call.args,
            "write_text": len(call.args) < 2,
            "NamedTemporaryFile": isinstance(mode, str) and bool(modes) and "b" not in mode,
        }.get(
            name,
            any(getattr(given.get(key), "value", None) is True for key in ("text", "universal_newlines")),
        )
        if is_text and "encoding" not in given and None not in given:
            yield f"{module.name}:{call.lineno} {name} without encoding="


def unportable_imports(module: Module) -> Iterator[str]:
    waiting: list[ast.AST] = [module.tree]
    while waiting:
        node = waiting.pop()
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in {"fcntl", "grp", "pwd", "resource", "termios"}.intersection(names):
            yield f"{module.name}:{node.lineno} imports {name} with the module; Windows has none"  # type: ignore[attr-defined]
        waiting += [] if isinstance(node, FUNCTIONS) else ast.iter_child_nodes(node)


def bad_habits(module: Module) -> Iterator[str]:
    """Changes in place, handlers that catch everything and pass on, printing from the library."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            is_raised_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if caught in ("everything", "Exception", "BaseException") and not is_raised_again:
                yield f"{module.name}:{node.lineno} catches {caught}"
    for call, name in module.calls():
        if any(key.arg == "inplace" and getattr(key.value, "value", True) for key in call.keywords):
            yield f"{module.name}:{call.lineno} changes in place"
        if isinstance(call.func, ast.Name) and name == "print" and module.room != "cli":
            yield f"{module.name}:{call.lineno} prints"


def notebook_faults(name: str, text: str) -> Iterator[str]:
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    n_lines = sum(
        bool(line.strip()) and not line.strip().startswith("#")
        for text in sources
        for line in text.splitlines()
    )
    if len(cells) > NOTEBOOK_CELLS:
        yield f"{name} has {len(cells)} code cells"
    if n_lines > NOTEBOOK_LINES:
        yield f"{name} has {n_lines} code lines"
    if any(cell["outputs"] or cell["execution_count"] is not None for cell in cells):
        yield f"{name} is committed with outputs"
    code = Module(name, "\n".join(sources))
    for node in ast.walk(code.tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While)):
            yield f"{name} holds a {type(node).__name__}"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            source = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if (source or "").split(".")[0] != "lianzheng":
                yield f"{name} imports {source}"
    if any(called == "filterwarnings" for _, called in code.calls()):
        yield f"{name} hides warnings"


def forbidden_strings(name: str, text: str) -> Iterator[str]:
    yield from (f"{name} names {found}" for found in (*MACHINE_PATHS, *REGISTRY_HOSTS) if found in text)


def tracked_texts() -> dict[str, str]:
    """Path and text of every text file in git; bytes that are no UTF-8 are replaced."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True
    ).stdout
    paths = [REPOSITORY / name for name in listing.decode("utf-8").split("\0") if name]
    contents = {
        path.relative_to(REPOSITORY).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }
    return {name: data.decode("utf-8", "replace") for name, data in contents.items() if b"\0" not in data}


def report() -> Iterator[str]:
    """The measures as lines of a table: each room, then the whole, then the tests."""
    package, tests = modules(REPOSITORY / "lianzheng"), modules(REPOSITORY / "tests")
    yield f"{'room':12}{'modules':>8}{'code':>7}{'functions':>10}{'median':>8}{'p90':>6}{'longest':>9}"
    rooms = {
        room: [module for module in package if module.room == room]
        for room in dict.fromkeys(m.room for m in package)
    }
    for name, inside in {**rooms, "all": package, "tests": tests}.items():
        lengths = function_lengths(inside) or [0]
        yield (
            f"{name:12}{len(inside):8}{sum(map(code_lines, inside)):7}{len(lengths):10}"
            f"{statistics.median(lengths):8.1f}{percentile_90(lengths):6.1f}{max(lengths):9}"
        )
    n_code, n_tests = sum(map(code_lines, package)), sum(map(code_lines, tests))
    yield f"budget {n_code} of {CODE_BUDGET} code lines; tests / code {n_tests / n_code:.2f}"


if __name__ == "__main__":
    print("\n".join(report()))
