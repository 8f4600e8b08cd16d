"""Where elements stand, side by side with what is written there; edits change those places and nothing else."""

from __future__ import annotations

import pytest

from lianzheng.errors import InputError
from lianzheng.forms.xml_places import appended, read_elements, splice, with_attributes


def test_elements_are_found_with_their_tags() -> None:
    data = (
        '<?xml version="1.0"?><x:a 名="1"><!-- <b/> --><b k=\'<>\'/><c>字<![CDATA[<b>]]></c></x:a>'.replace(
            "<>", "&lt;>"
        ).encode()
    )
    a, b, c = read_elements(data)
    assert [(e.prefix, e.name, e.depth) for e in (a, b, c)] == [("x:", "a", 0), ("", "b", 1), ("", "c", 1)]
    assert data[b.start : b.end] == b"<b k='&lt;>'/>"
    assert data[c.start : c.opened] == b"<c>" and data[c.close : c.end] == b"</c>"
    assert data[a.close :] == b"</x:a>" and a.end == len(data)
    assert (a.is_empty, b.is_empty, c.is_empty) == (False, True, False)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<a><b></a>", "不完整"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "DOCTYPE"),
        ("<a/>".encode("utf-16"), "UTF-8"),
        (b"", "不完整"),
    ],
)
def test_what_is_no_plain_xml_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_elements(data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<a><b/></a>", "<a><b/>+</a>"),
        ("<x:a />", "<x:a >+</x:a>"),
        ("<a></a>", "<a>+</a>"),
        ('<a k="/>"/>', '<a k="/>">+</a>'),
    ],
)
def test_something_is_put_behind_all_that_an_element_holds(before: str, after: str) -> None:
    data = before.encode()
    assert splice(data, [appended(read_elements(data)[0], b"+")]).decode() == after


def test_edits_may_come_in_any_order_and_insertions_keep_theirs() -> None:
    assert splice(b"0123456789", [(8, 9, b"x"), (2, 4, b""), (2, 2, b"a"), (2, 2, b"b")]) == b"01ab4567x9"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<c r="A1"/>', '<c r="A1" s="7"/>'),
        ('<c r="A1" s="2">', '<c r="A1" s="7">'),
        ("<c s = '2' r='A1'>", "<c s=\"7\" r='A1'>"),
        ('<c spans="2">', '<c spans="2" s="7">'),
        ('<c x:s="2"/>', '<c x:s="2" s="7"/>'),
    ],
)
def test_an_attribute_is_set(before: str, after: str) -> None:
    assert with_attributes(before.encode(), s=7).decode() == after


def test_an_attribute_is_taken_away() -> None:
    assert with_attributes(b'<row r="1" spans="1:3" ht="9">', spans=None) == b'<row r="1" ht="9">'
