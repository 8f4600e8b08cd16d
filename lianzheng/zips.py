"""Zip containers (.docx, .xlsx) whose bytes depend on their contents alone."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from xml.sax.saxutils import escape

CUSTOM = "docProps/custom.xml"
"""The part of an Office file that holds its custom properties."""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_CUSTOM_PART = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">{{}}</Properties>'
)
_CUSTOM_LINKS = {
    "[Content_Types].xml": (
        b"</Types>",
        f'<Override PartName="/{CUSTOM}" '
        'ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/>'.encode(),
    ),
    "_rels/.rels": (
        b"</Relationships>",
        f'<Relationship Id="rIdCustom" Type="{_OFFICE}/relationships/custom-properties" Target="{CUSTOM}"/>'.encode(),
    ),
}
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


def read_zip(data: bytes) -> dict[str, bytes]:
    """The parts of a zip that a library of ours wrote, in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def normalise_package(
    data: bytes,
    moment: dt.datetime,
    edit: Callable[[str, bytes], bytes] = lambda name, part: part,
    properties: Iterable[tuple[str, str]] = (),
) -> bytes:
    """An Office file as saved by a library, rewritten so that only ``moment`` dates it.

    ``edit`` changes its parts; ``properties`` become the custom properties that File → Info shows.
    """
    stamp = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    parts = {name: edit(name, part) for name, part in read_zip(data).items()}
    if core := parts.get("docProps/core.xml"):
        parts["docProps/core.xml"] = _STAMP.sub(rb"\g<1>" + stamp, core)
    if told := list(properties):
        parts[CUSTOM] = _custom_part(told)
        for name, (end, addition) in _CUSTOM_LINKS.items():
            parts[name] = parts[name].replace(end, addition + end)
    return write_zip(parts)


def _custom_part(properties: Iterable[tuple[str, str]]) -> bytes:
    lines = [
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{i}" name="{name}">'
        f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property>"
        for i, (name, text) in enumerate(properties, start=2)
    ]
    return _CUSTOM_PART.format("".join(lines)).encode("utf-8")
