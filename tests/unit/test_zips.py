from __future__ import annotations

import datetime as dt
import io
import time
import zipfile

import openpyxl

from lianzheng.zips import normalise_package, read_zip, write_zip

MOMENT = dt.datetime(2018, 12, 31, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "廉政"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_zip_keeps_the_order_and_the_bytes_of_its_parts() -> None:
    parts = {"b.xml": b"<b/>", "目录/a.xml": b"x" * 1000}
    data = write_zip(parts)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {name: package.read(name) for name in package.namelist()} == parts
        assert package.namelist() == list(parts)
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert len(data) < 600


def test_a_workbook_saved_at_two_moments_becomes_the_same_bytes() -> None:
    first = workbook()
    time.sleep(2.1)
    second = workbook()
    assert first != second, "openpyxl writes the time, or this test shows nothing"
    assert normalise_package(first, MOMENT) == normalise_package(second, MOMENT)


def test_the_workbook_still_opens_and_has_the_date_that_it_was_given() -> None:
    book = openpyxl.load_workbook(io.BytesIO(normalise_package(workbook(), MOMENT)))
    assert book.active["A1"].value == "廉政"
    assert book.properties.modified == dt.datetime(2018, 12, 30, 16)


def test_parts_can_be_edited_on_the_way() -> None:
    made = normalise_package(workbook(), MOMENT, lambda name, part: b"<t/>" if "theme" in name else part)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        changed = [name for name in package.namelist() if package.read(name) == b"<t/>"]
    assert changed == ["xl/theme/theme1.xml"]


def test_properties_are_what_file_info_shows() -> None:
    told = (("lianzheng_form", "statistics"), ("lianzheng_unit", "A&B<C>"))
    book = openpyxl.load_workbook(io.BytesIO(normalise_package(workbook(), MOMENT, properties=told)))
    assert [(item.name, item.value) for item in book.custom_doc_props.props] == list(told)
    assert book.active["A1"].value == "廉政"
    plain = normalise_package(workbook(), MOMENT)
    with zipfile.ZipFile(io.BytesIO(plain)) as package:
        assert "docProps/custom.xml" not in package.namelist()


def test_reading_a_zip_undoes_writing_it() -> None:
    parts = {"b.xml": b"<b/>", "a.xml": b"x"}
    assert list(read_zip(write_zip(parts)).items()) == list(parts.items())
