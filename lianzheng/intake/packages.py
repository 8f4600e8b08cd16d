"""Office files that are zips of XML parts: opened from bytes, read by part name within limits, never expanding entities."""

from __future__ import annotations

import functools
import io
import posixpath
import re
import zipfile
from typing import IO, TypeVar

from lxml import etree

from lianzheng.intake.cells import BookError, Limits
from lianzheng.zips import CUSTOM

# Received XML is never allowed to fetch or to expand anything.
XML_OPTIONS: dict[str, bool] = {
    "resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True,
}  # fmt: skip


_SMALL = 1 << 18
_IDLE = {
    "宏": re.compile(r"/vbaproject\.bin|^(?:basic|scripts)/", re.M),
    "外部链接": re.compile("/externallinks/"),
}
Read = TypeVar("Read")


class Package:
    """A zip of parts; names are found without regard to case or to the direction of slashes."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile as error:
            raise BookError("unreadable_file", f"压缩结构损坏，文件可能没有传完（{error}）") from error
        self._parts = {_plain_name(entry.filename): entry for entry in self._zip.infolist()}
        self._limits = limits
        self._inflated = sum(entry.file_size for entry in self._parts.values())
        if any(entry.flag_bits & 1 for entry in self._parts.values()):
            raise BookError("password_protected")

    def __contains__(self, name: str) -> bool:
        return _plain_name(name) in self._parts

    @property
    def names(self) -> str:
        """The names of all parts, a line each."""
        return "\n".join(self._parts)

    def open(self, name: str) -> IO[bytes]:
        """A stream of the part's inflated bytes."""
        return self._zip.open(self._entry(name))

    def read(self, name: str) -> bytes:
        """The inflated bytes of a part."""
        entry = self._entry(name)
        if entry.file_size > self._limits.part_bytes:
            raise BookError("too_large", f"{name} 展开后有 {entry.file_size >> 20} MB")
        return self._zip.read(entry)

    def xml(self, name: str) -> etree._Element:
        """The root of a part read whole; comments and processing instructions are left out."""
        return parsed(self.read(name))

    def related(self, name: str) -> list[tuple[str, str, str]]:
        """What a part refers to: (relationship id, the last word of its type, name of the part)."""
        folder, file = posixpath.split(name)
        data = self.read(posixpath.join(folder, "_rels", f"{file}.rels"))
        related = remembered(_related, data)
        return [(identity, kind, posixpath.join(folder, target)) for identity, kind, target in related]

    def _entry(self, name: str) -> zipfile.ZipInfo:
        """Where a part stands; zipfile never inflates more than the zip declares, so that is held against the limit."""
        if self._inflated > self._limits.inflated_bytes:
            raise BookError("too_large", f"展开后共 {self._inflated >> 20} MB")
        try:
            return self._parts[_plain_name(name)]
        except KeyError as error:
            raise BookError("unreadable_file", f"文件内缺少 {name}") from error


@functools.lru_cache(maxsize=1)
def package_of(data: bytes, limits: Limits) -> Package:
    """The package of these bytes; what a file is, its sheets and its properties are asked for one after the other."""
    return Package(data, limits)


def told_beside(data: bytes, limits: Limits) -> tuple[dict[str, str], str]:
    """The custom properties of an Office file that is a zip, and what it holds that is neither run nor fetched."""
    idle = ""
    try:
        package = package_of(data, limits)
        idle = "、".join(word for word, part in _IDLE.items() if part.search(package.names))
        root = package.xml(CUSTOM)
    except (BookError, etree.LxmlError):
        return {}, idle
    finally:
        package_of.cache_clear()  # nothing else is asked of a file, which may be large
    return {item.get("name", ""): "".join(map(str, item.itertext())) for item in root}, idle


def remembered(read: functools._lru_cache_wrapper[Read], data: bytes) -> Read:
    """What a part says, kept for the next book where it is small: books that came from the same blank have the same."""
    return read(data) if len(data) < _SMALL else read.__wrapped__(data)


@functools.lru_cache(maxsize=32)
def _related(data: bytes) -> list[tuple[str, str, str]]:
    return [
        (element.get("Id", ""), element.get("Type", "").rpartition("/")[2], element.get("Target", ""))
        for element in parsed(data)
    ]


@functools.lru_cache(maxsize=1 << 10)
def _plain_name(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")


def plain_xml(root: etree._Element) -> etree._Element:
    """The root of a parsed part, refused where it declares a document type: Office writes none, bombs do."""
    if root.getroottree().docinfo.doctype:
        raise BookError("unreadable_file", "文件内的 XML 带有 DOCTYPE 声明")
    return root


def whole_xml(data: bytes, limits: Limits) -> etree._Element:
    """The root of a file that is one piece of XML."""
    if len(data) > limits.part_bytes:
        raise BookError("too_large", f"文件有 {len(data) >> 20} MB")
    return parsed(data)


def parsed(data: bytes) -> etree._Element:
    """The root of XML read whole; comments and processing instructions are left out."""
    return plain_xml(etree.fromstring(data, etree.XMLParser(**XML_OPTIONS)))


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace (transitional and strict files differ in it)."""
    return str(element.tag).rpartition("}")[2]
