"""One word for each job: `python3 tasks.py demo`, on Windows `py tasks.py demo`; `help` lists them all.

Standard library only. Makes .venv from requirements.lock when it is missing or out of date, then does the job in it.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Container
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python must come this far: no newer syntax in this file)
    sys.exit("lianzheng needs Python 3.11 or newer, not " + sys.version.split()[0] + ": install one, use it")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "lianzheng-stamp.txt"
SAMPLE_CYCLE = "2018"
SUCCESS, FINISHED_WITH_ISSUES = 0, 3
CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"}
LEAKS = "PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX UV_FIND_LINKS UV_INDEX UV_EXTRA_INDEX_URL".split()
LAB_SETTINGS = """{
  "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"},
  "@jupyterlab/completer-extension:manager": {"providerTimeout": 20000},
  "@jupyterlab/apputils-extension:notification": {"checkForUpdates": false, "fetchNews": "false"}
}
"""


def python_of(venv: Path) -> Path:
    """The interpreter inside a virtual environment, on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamps(root: Path = ROOT) -> tuple[str, str]:
    """What .venv depends on: Python and place (when changed, it is made anew) and packages (installed anew)."""
    place = hashlib.sha256(f"{sys.version} {root}".encode()).hexdigest()
    packages = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        packages.update((root / name).read_bytes().replace(b"\r\n", b"\n"))
    return place, packages.hexdigest()


def environment() -> dict[str, str]:
    """The caller's environment without what would reach into ours; output in UTF-8, our own Jupyter kernel first."""
    kept = {name: value for name, value in os.environ.items() if name not in LEAKS}
    return {**kept, "PYTHONIOENCODING": "utf-8", "PIP_USER": "0", "JUPYTER_PREFER_ENV_PATH": "1"}


def run(*command: object, allowed: Container[int] = (SUCCESS,), stdin: str | None = None) -> int:
    """Run a command in the project folder; an exit code that is not allowed ends the task with it."""
    line, settings = [str(part) for part in command], environment()
    code = subprocess.run(line, cwd=ROOT, env=settings, input=stdin, encoding="utf-8", check=False).returncode
    if code not in allowed:
        sys.exit(code if code > 0 else 1)
    return code


def python(*arguments: object, allowed: Container[int] = (SUCCESS,)) -> int:
    """Run the environment's Python."""
    return run(python_of(VENV), *arguments, allowed=allowed)


def install() -> None:
    """Make .venv as the lock says; at once if the last install is current."""
    wanted = stamps()
    seen = tuple(STAMP.read_text(encoding="utf-8").split()) if STAMP.is_file() else ()
    if seen == wanted:
        return
    print("Setting up .venv from requirements.lock, a few minutes this once …", flush=True)
    STAMP.unlink(missing_ok=True)
    is_new = seen[:1] != wanted[:1] and Path(sys.prefix).resolve() != VENV
    if is_new and run(sys.executable, "-m", "venv", "--clear", VENV, allowed=range(256)) != SUCCESS:
        sys.exit(
            "This Python makes no virtual environment; on Debian or Ubuntu: apt-get install python3-venv"
        )
    quiet = () if sys.stdout.isatty() else ("-q",)
    pip = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", *quiet)
    python(*pip, "--require-hashes", "-r", "requirements.lock")
    python(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
    STAMP.write_text("\n".join(wanted), encoding="utf-8")


def demo(*arguments: str) -> None:
    """Write the sample bureau into data/raw, do everything with it, say where the reports are"""
    install()
    python("-m", "lianzheng.cli", "demo", *arguments)
    python("-m", "lianzheng.cli", "run", SAMPLE_CYCLE, allowed=(SUCCESS, FINISHED_WITH_ISSUES))
    print(f"\nOpen {ROOT / 'reports' / SAMPLE_CYCLE / 'index.html'}")


def test(*arguments: str) -> None:
    """Run the tests, but for the long ones; arguments go to pytest"""
    install()
    python("-m", "pytest", "-q", "-m", "not soak", "-n", 2, "--dist", "loadgroup", *arguments)


def check() -> None:
    """Look at style, format and types, and print the house's measures room by room"""
    install()
    looks = ("ruff check .", "ruff format --check .", "mypy", "tests.house")
    failed = [look for look in looks if python("-m", *look.split(), allowed=range(256)) != SUCCESS]
    if failed:
        sys.exit("Failed: " + "; ".join(failed))


def lab(*arguments: str) -> None:
    """Open the notebooks in JupyterLab, in Chinese, without asking the network for news"""
    install()
    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(LAB_SETTINGS, encoding="utf-8")
    python("-m", "jupyterlab", "--notebook-dir=notebooks", "--LabApp.extension_manager=readonly", *arguments)


def bench(*arguments: str) -> None:
    """Measure, as whole processes, seconds, ratios and budgets; about an hour, or only the parts that are named"""
    install()
    python("-m", "benchmarks.run", *arguments)


def pictures() -> None:
    """Draw docs/looked-at from the demo's reports; needs Chromium, LibreOffice and poppler"""
    demo()
    python("-m", "tests.pictures")


def soak(*arguments: str) -> None:
    """Run the long tests"""
    install()
    python("-m", "pytest", "-q", "-m", "soak", *arguments)


def lock(*arguments: str) -> None:
    """Write requirements.lock anew from pyproject.toml, for every system; --upgrade takes newer versions"""
    import tomllib

    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    uv = shutil.which("uv")
    if uv is None:
        install()
        python("-m", "pip", "install", "-q", "uv")
        uv = str(python_of(VENV).with_name("uv.exe" if os.name == "nt" else "uv"))
    options = (
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "--all-extras",
        "--no-config",
        "-q",
    )
    output = ("--no-annotate", "--custom-compile-command", "python tasks.py lock", "-o", "requirements.lock")
    run(uv, "pip", "compile", *options, *output, *arguments, "pyproject.toml", "-", stdin="\n".join(build))


def leftovers(root: Path = ROOT) -> list[Path]:
    """What `clean` removes: .venv, caches and published reports; never a README, never anything under data/."""
    found = [root / name for name in (".venv", "build", "dist") if (root / name).exists()]
    found += [path for path in (root / "reports").glob("*") if path.name != "README.md"]
    for folder, inner, _ in os.walk(root):
        found += [Path(folder, name) for name in inner if name in CACHES or name.endswith(".egg-info")]
        skipped = CACHES | {".git", ".venv", "reports"} | ({"data"} if Path(folder) == root else set())
        inner[:] = [name for name in inner if name not in skipped]
    return sorted(found)


def clean() -> None:
    """Remove .venv, caches and reports; data/ stays as it is"""
    for path in leftovers():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def show_help() -> None:
    """List the tasks"""
    print("python3 tasks.py TASK, on Windows py tasks.py TASK, or make TASK:\n")
    print("\n".join(f"  {name:8} {task.__doc__}" for name, task in TASKS.items()))


TASKS = {task.__name__: task for task in (demo, test, check, lab, bench, pictures, soak, clean, lock)} | {
    "help": show_help
}


def main(name: str = "help", *arguments: str) -> None:
    """Do the task of that name; the other arguments go to it."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console or pipe may be cp936
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if name not in TASKS:
        sys.exit(f"There is no task {name}; there are: {', '.join(TASKS)}")
    TASKS[name](*arguments)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
