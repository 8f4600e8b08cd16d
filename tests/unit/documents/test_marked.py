"""The marked copy: a comment for each fault at its words, everything else as it was, and Word opens it."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from lianzheng.config import CycleConfig
from lianzheng.documents.check import check_document
from lianzheng.documents.faults import Fault
from lianzheng.documents.marked import marked_copy
from lianzheng.errors import InputError
from tests.edited import FAULTS, HARMLESS, Draft, edited
from tests.unit.documents.official import bulletin, tables

DATA, SOURCES = bulletin()
TOUCHED = {"word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"}
SPOILT = (
    "stars",
    "that_township",
    "half_bracket",
    "cell_changed",
    "name_misspelt",
    "title_left",
    "margin",
    "half_comma",
)


def spoilt() -> bytes:
    draft = Draft(DATA)
    HARMLESS["a_comment"](draft)
    for name in SPOILT:
        if name in FAULTS:
            FAULTS[name][1](draft)
    FAULTS["left_margin"][1](draft)
    return draft.saved()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def comments(data: bytes) -> list[str]:
    part = next(
        p
        for p in docx.Document(io.BytesIO(data)).part.package.iter_parts()
        if p.partname == "/word/comments.xml"
    )
    root = docx.oxml.parse_xml(part.blob)
    return ["".join(t.text or "" for t in one.iter(qn("w:t"))) for one in root]


def anchored(word: WordDocument) -> dict[str, str]:
    """The words between the marks of each comment."""
    found: dict[str, str] = {}
    open_ids: list[str] = []
    for element in word.element.body.iter():
        if element.tag == qn("w:commentRangeStart"):
            open_ids.append(element.get(qn("w:id")))
            found[open_ids[-1]] = ""
        elif element.tag == qn("w:commentRangeEnd"):
            open_ids.remove(element.get(qn("w:id")))
        elif element.tag == qn("w:t"):
            found.update({id_: found[id_] + (element.text or "") for id_ in open_ids})
    return found


@pytest.fixture(scope="module")
def faults(config: CycleConfig) -> tuple[Fault, ...]:
    return check_document(spoilt(), config, tables(), SOURCES).faults  # type: ignore[arg-type]


def test_every_fault_has_a_comment_at_its_words_and_those_of_others_stay(faults: tuple[Fault, ...]) -> None:
    data = marked_copy(spoilt(), faults)
    told = comments(data)
    assert len(faults) == 8 and len(told) == 9
    assert told[0] == "XX处请核。"
    assert any("该乡" in text and "→" not in text for text in told)
    words = anchored(docx.Document(io.BytesIO(data)))
    assert len(words) == 9
    assert {"***", "该乡", "（一)", "东何管理处", ","} <= set(words.values())


def test_the_text_stays_and_faulty_words_are_yellow(faults: tuple[Fault, ...]) -> None:
    before, after = (
        docx.Document(io.BytesIO(spoilt())),
        docx.Document(io.BytesIO(marked_copy(spoilt(), faults))),
    )
    assert [p.text for p in after.paragraphs] == [p.text for p in before.paragraphs]
    yellow = ["".join(r.text for r in p.runs if r.font.highlight_color) for p in after.paragraphs]
    assert "".join(yellow).count("***") == 1 and "".join(yellow).count("该乡") == 1
    plain = [r.font.size for p in before.paragraphs for r in p.runs]
    assert {r.font.size for p in after.paragraphs for r in p.runs} == set(plain)


def test_other_parts_stay_byte_for_byte_and_two_copies_are_equal(faults: tuple[Fault, ...]) -> None:
    before, after = parts(spoilt()), parts(marked_copy(spoilt(), faults))
    assert {n: d for n, d in after.items() if n not in TOUCHED} == {
        n: d for n, d in before.items() if n not in TOUCHED
    }
    assert marked_copy(spoilt(), faults) == marked_copy(spoilt(), faults)


def test_a_copy_checked_again_has_the_same_faults(faults: tuple[Fault, ...], config: CycleConfig) -> None:
    again = check_document(marked_copy(spoilt(), faults), config, tables(), SOURCES)  # type: ignore[arg-type]
    assert [(f.code, f.paragraph, f.start, f.end) for f in again.faults] == [
        (f.code, f.paragraph, f.start, f.end) for f in faults
    ]


@pytest.mark.parametrize("name", ["number_typed_over", "no_grid", "runs", "deep_heading"])
def test_any_spoilt_document_can_be_marked(name: str, config: CycleConfig) -> None:
    data = (
        edited(DATA, FAULTS[name][1])
        if name in FAULTS
        else edited(edited(DATA, HARMLESS["runs_split"]), FAULTS["stars"][1])
    )
    found = check_document(data, config, tables(), SOURCES).faults  # type: ignore[arg-type]
    assert len(comments(marked_copy(data, found))) == len(found) > 0


def test_a_signed_document_is_not_marked(faults: tuple[Fault, ...]) -> None:
    buffer = io.BytesIO(spoilt())
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<x/>")
    with pytest.raises(InputError, match="数字签名"):
        marked_copy(buffer.getvalue(), faults)


def test_a_document_with_an_unusual_inside_is_not_marked(faults: tuple[Fault, ...]) -> None:
    draft = Draft(spoilt())
    draft.parts["word/comments.xml"] = b""
    del draft.trees["word/comments.xml"]
    with pytest.raises(InputError, match="不能直接标注"):
        marked_copy(draft.saved(), faults)


@pytest.mark.needs_libreoffice
def test_libreoffice_opens_the_copy_with_its_comments(faults: tuple[Fault, ...], tmp_path: Path) -> None:
    path = tmp_path / "标注.docx"
    path.write_bytes(marked_copy(spoilt(), faults))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    line = ["soffice", profile, "--headless", "--convert-to", "odt", "--outdir", str(tmp_path), str(path)]
    subprocess.run(line, check=True, capture_output=True, timeout=180)
    with zipfile.ZipFile(tmp_path / "标注.odt") as package:
        text = package.read("content.xml").decode("utf-8")
    assert text.count("<office:annotation ") == len(faults) + 1
