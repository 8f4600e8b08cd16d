"""Zip containers (.docx, .xlsx) whose bytes depend on their contents alone."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write_zip(parts: Mapping[str, bytes]) -> bytes:
    """A zip of the parts in their order, without times or traces of the machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o600 << 16,
            )
            package.writestr(entry, data, compresslevel=6)
    return buffer.getvalue()


def normalise_package(
    data: bytes, moment: dt.datetime, edit: Callable[[str, bytes], bytes] = lambda name, part: part
) -> bytes:
    """An Office file as saved by a library, rewritten so that only ``moment`` dates it; ``edit`` changes its parts."""
    stamp = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: edit(name, package.read(name)) for name in package.namelist()}
    if core := parts.get("docProps/core.xml"):
        parts["docProps/core.xml"] = _STAMP.sub(rb"\g<1>" + stamp, core)
    return write_zip(parts)
