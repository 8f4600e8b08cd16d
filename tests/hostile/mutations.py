"""Random harm to good files: of their bytes, of the parts of a package, of the XML inside them, and what intake may say of it."""

from __future__ import annotations

import io
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lianzheng.intake.files import Setup, read_received
from lianzheng.intake.received import Received
from lianzheng.issues import KINDS
from tests.forms.cases import FOLDER

Harm = Callable[[bytes, random.Random], bytes]
_NUMBERS = (b"0", b"-1", b"1048577", b"2147483648", b"99999999999999999999", b"1e999", b"NaN", b"", b"abc", b"\xef\xbc\x91", b"1.5", b"A1:XFD1048576",
            b"ZZZZ1", b"$A$1", b"true", b"x" * 5000)  # fmt: skip
_ATTRIBUTE = re.compile(rb'([\w:-]+)="([^"<>]*)"')
_TAG = re.compile(rb"<(/?)([\w:-]+)([^<>]*)>")
_TEXT = re.compile(rb">([^<>]+)<")
_TEXTS = (b"\xe4\xb8\x80" * 300, b"1" * 500, b"-" * 400, b"&#x202e;", b"&amp;" * 200, b"9e999", b"=1/0", b"2018-13-45", b"\xe7\xba\xa6" * 300, b" " * 3000,
          b"0.0000000000000000000000001", b"\xe9\x9b\xb6" * 5000, b"&#9;&#10;", b"\xef\xbc\x88" * 800, b"U001", b"\xe2\x85\xab\xc2\xb2")  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A harmed file and how it came about."""

    name: str
    seed: int
    data: bytes


def of_bytes(data: bytes, dice: random.Random) -> bytes:
    """Some bytes changed, taken out, put in, cut off, or stretches of them changed about."""
    harmed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5, 30))):
        at, n = dice.randrange(len(harmed) + 1), dice.randint(1, 64)
        match dice.randrange(6):
            case 0 | 1:
                harmed[at : at + 1] = bytes([dice.randrange(256)])
            case 2:
                del harmed[at : at + n]
            case 3:
                harmed[at:at] = dice.randbytes(n)
            case 4:
                other = dice.randrange(len(harmed) + 1)
                harmed[at : at + n] = harmed[other : other + n]
            case _:
                del harmed[dice.randrange(len(harmed) + 1) :]
    return bytes(harmed)


def of_xml(data: bytes, dice: random.Random) -> bytes:
    """Attributes with huge, negative or senseless values; tags left out, doubled or moved; strange texts."""
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        pattern = dice.choice((_ATTRIBUTE, _ATTRIBUTE, _TAG, _TEXT))
        found = list(pattern.finditer(data))
        if not found:
            continue
        match, new = dice.choice(found), b""
        if pattern is _ATTRIBUTE:
            new = dice.choice((b"", b'%b="%b"' % (match[1], dice.choice(_NUMBERS))))
        elif pattern is _TEXT:
            new = b">%b<" % dice.choice((*_NUMBERS, *_TEXTS))
        else:
            other = dice.choice(found)[0]
            new = dice.choice((b"", match[0] * 2, match[0] * 200, other, match[0] + other))
        data = data[: match.start()] + new + data[match.end() :]
    return data


def of_package(data: bytes, dice: random.Random) -> bytes:
    """A zip with parts taken away, doubled, exchanged or harmed."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [(entry.filename, package.read(entry)) for entry in package.infolist()]
    at, other = dice.randrange(len(parts)), dice.randrange(len(parts))
    match dice.randrange(10):
        case 0:
            del parts[at]
        case 1:
            parts.append((parts[at][0], parts[other][1]))
        case 2:
            parts[at], parts[other] = (parts[at][0], parts[other][1]), (parts[other][0], parts[at][1])
        case 3:
            parts[at] = (parts[at][0], of_bytes(parts[at][1] + b" ", dice))
        case 4:
            parts[at] = (parts[at][0].upper().replace("/", "\\"), parts[at][1])
        case _:
            parts[at] = (parts[at][0], of_xml(parts[at][1], dice))
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package,
        warnings.catch_warnings(action="ignore"),
    ):
        for name, content in parts:
            package.writestr(name, content)
    return buffer.getvalue()


def harms_of(data: bytes) -> tuple[Harm, ...]:
    """What can be done to a file: bytes always; parts where it is a zip, tags where it is text with tags."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        return (of_bytes, of_package, of_package, of_package)
    return (of_bytes, of_xml) if data.lstrip(b"\xef\xbb\xbf")[:1] == b"<" else (of_bytes,)


def originals() -> list[tuple[str, bytes]]:
    """The accepted files and the base papers, by name."""
    paths = sorted(p for name in ("accept", "base") for p in (FOLDER / name).rglob("*") if p.is_file())
    return [("_".join(path.relative_to(FOLDER).parts[1:]), path.read_bytes()) for path in paths]


def mutants(seeds: Sequence[int]) -> Iterator[Mutant]:
    """A harmed file for each seed; the files take turns, and each seed says all that is done."""
    files = originals()
    for seed in seeds:
        name, data = files[seed % len(files)]
        dice = random.Random(seed)
        yield Mutant(name, seed, dice.choice(harms_of(data))(data, dice))


def read_mutant(path: str | Path, root: Path, setup: Setup) -> Received:
    """Read one file as a worker does."""
    return read_received(root, Path(path).relative_to(root).as_posix(), setup)


def faults(received: object) -> list[str]:
    """What is wrong with what intake made of a harmed file; nothing where it was read with all cells, or refused in one issue."""
    if not isinstance(received, Received):
        return [f"ended its worker: {received}"]
    said = [issue for part in received.parts for issue in part.issues]
    wrong = [issue.message for issue in said if issue.code == "check_failed_to_run"]
    cells = [cell for part in received.parts for cell in part.cells]
    if received.state in ("unreadable", "unrecognised", "wrong_year"):
        severities = [KINDS[issue.code].severity for issue in said]
        wrong += [] if severities == ["return_file"] else [f"{received.state} with {severities}"]
    elif not cells or not {cell[-1] for cell in cells} <= {"value", "label", "aside", "issue"}:
        wrong.append(f"{received.state} with cells {len(cells)}")
    return wrong
