"""Write the committed files of tests/forms out of their entries: ``python -m tests.forms.make``.

What no entry makes any more is removed, so the folders are exactly what :func:`made` gives.
"""

from __future__ import annotations

import io
import shutil
import sys
import zipfile

from tests.forms.accepts import ACCEPTS
from tests.forms.cases import FOLDER
from tests.forms.papers import base
from tests.forms.rejects import REJECTS


def made() -> dict[str, bytes]:
    """Every committed file below tests/forms: path → bytes."""
    files = {f"base/{path}": data for path, data in base().items()}
    for case in (*REJECTS, *ACCEPTS):
        for path, data in case.stored().items():
            if path in files:
                raise ValueError(f"two entries make {path}")
            files[path] = data
    return files


def contents(data: bytes) -> bytes | dict[str, bytes]:
    """What a file holds: a zip's parts by name (machines deflate differently), any other file's bytes."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def main() -> None:
    """Write all files anew and say how many."""
    files = made()
    for folder in ("base", "reject", "accept"):
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
    for path, data in files.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_bytes(data)
    sys.stdout.write(f"{len(files)} files, {sum(map(len, files.values())):,} bytes\n")


if __name__ == "__main__":
    main()
