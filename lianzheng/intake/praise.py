"""Problems and good practice told apart: the column 性质, else the wording, says what a row of the findings form is.

Teams write praise among the problems. A row moves only where nothing speaks against it; where the words contradict
each other or the table, it stays, is not confirmed, and the team is asked. A finding is never a highlight.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lianzheng.config.findings import FindingTaxonomy
from lianzheng.intake.reading import Entry, Reading
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.issues import Issue, Source
from lianzheng.names import plain
from lianzheng.tables import schemas

FINDINGS, HIGHLIGHTS = "findings", "highlights"
_TABLES = {"finding": FINDINGS, "highlight": HIGHLIGHTS}
_SHOWN_WORDS = 3
Row = dict[str, Entry]


@functools.lru_cache(maxsize=8)
def _tell_tales(*lists: tuple[str, ...]) -> tuple[dict[str, int], re.Pattern[str]]:
    """Folded word → number of its list, and what finds the longest of them first."""
    kinds = {plain(word): number for number, words in enumerate(lists) for word in words}
    longest_first = sorted(kinds, key=lambda word: (-len(word), word))
    return kinds, re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def tell_tale_words(text: str, taxonomy: FindingTaxonomy) -> tuple[list[str], list[str]]:
    """Words of praise and words of a problem in a text, each once; of two at one place the longer: 未发现问题 is no 未."""
    kinds, pattern = _tell_tales(taxonomy.praise_words, taxonomy.problem_words, taxonomy.neutral_words)
    found = list(dict.fromkeys(pattern.findall(plain(text))))
    return [word for word in found if kinds[word] == 0], [word for word in found if kinds[word] == 1]


def split_findings(reading: Reading, taxonomy: FindingTaxonomy | None) -> None:
    """Bring every row of the findings form under the table that it belongs to; moved rows come last."""
    if reading.map.form.form_id != FINDINGS:
        return
    rows: dict[tuple[str, int], Row] = {}
    for entry in reading.entries:
        rows.setdefault((entry.table_id, entry.record), {})[entry.column] = entry
    placed = [(row, *_place(reading, row, taxonomy)) for row in rows.values()]
    placed.sort(key=lambda one: one[1] != _table_of(one[0]))
    reading.entries = [
        entry for row, into, is_sure in placed for entry in _settled(reading, row, into, is_sure)
    ]


def _table_of(row: Row) -> str:
    return next(iter(row.values())).into


def _place(reading: Reading, row: Row, taxonomy: FindingTaxonomy | None) -> tuple[str, bool]:
    """The table that a row belongs to, and whether nothing speaks against it; what people must know is reported."""
    into, text = _table_of(row), row.get("text")
    kind = row["kind"].value.value if "kind" in row else None
    if isinstance(kind, str):
        return _TABLES[kind], True
    if text is None or taxonomy is None:
        return into, True
    praise, problems = tell_tale_words(text.raw_text, taxonomy)
    has_defect = "defect_id" in row and row["defect_id"].value.value is not None
    place = {"sheet": text.sheet, "cell": text.cell, "row": text.row_label}
    if into == FINDINGS and praise and not problems and not has_defect:
        reading.report("praise_among_findings", seen="、".join(praise[:_SHOWN_WORDS]), **place)
        return HIGHLIGHTS, True
    doubt = _doubt(into == FINDINGS, praise, problems, has_defect) if text.raw_text.strip() else ""
    if doubt:
        reading.report("finding_or_highlight", detail=doubt, **place)
    return into, not doubt


def _doubt(is_finding: bool, praise: list[str], problems: list[str], has_defect: bool) -> str:
    """Why nobody can tell what a row without 性质 is; empty where it is plain."""
    good, bad = ("、".join(words[:_SHOWN_WORDS]) for words in (praise, problems))
    if not is_finding:
        return f"写在特色亮点表内，却有问题用语“{bad}”" if problems else ""
    if praise and problems:
        return f"既有肯定用语“{good}”，又有问题用语“{bad}”"
    if praise:
        return f"填了缺陷类型，文字却是肯定（“{good}”）"
    return "" if problems or has_defect else "没有填缺陷类型，文字也看不出问题"


def _settled(reading: Reading, row: Row, into: str, is_sure: bool) -> Iterator[Entry]:
    """A row's entries under their table; what that table does not ask for is nobody's omission."""
    names = schemas()[into].names
    if into != _table_of(row):
        gone = {(entry.sheet, entry.cell) for column, entry in row.items() if column not in names}
        reading.issues = [i for i in reading.issues if (i.source.sheet, i.source.cell) not in gone]
        if into == FINDINGS and not {"defect_id", "finding_severity"} <= set(row):
            place = row.get("text", next(iter(row.values())))
            words = {"row": place.row_label, "column": "缺陷类型、严重程度"}
            reading.report("missing_value", place.sheet, place.cell, **words)
    for column, entry in row.items():
        if column in names:
            is_open = column == "is_confirmed" and entry.value.value is not None and not is_sure
            value = replace(entry.value, value=False) if is_open else entry.value
            yield entry._replace(into=into, value=value)


def part_twins(files: Iterable[Received]) -> None:
    """The same words about a unit as a finding and as a highlight: the finding stays, unconfirmed, and somebody is asked."""
    held = [(file, list(file.records)) for file in files if file.records_in(FINDINGS, HIGHLIGHTS)]
    said = {_said(record): record for _, records in held for record in records if record.into == FINDINGS}
    for file, records in held:
        file.records = records  # twins are taken out, and findings changed
    for file, record in [(file, record) for file, records in held for record in records]:
        twin = said.get(_said(record)) if record.into == HIGHLIGHTS else None
        if twin is not None and record.values.get("unit_id"):
            twin.values["is_confirmed"] = False
            file.records = [other for other in file.records if other is not record]
            sheet, cell, _ = next(place for place in record.cells if place[2] == "text")
            words: dict[str, object] = {"row": "特色亮点", "detail": "与发现问题表中的一条文字相同"}
            whose = str(record.values["unit_id"]), file.form_id, Source(file.file_id, sheet, cell)
            file.issues.append(Issue("finding_or_highlight", *whose, words=words))


def _said(record: Record) -> tuple[object, str]:
    """What is said of whom; a row without words is like no other."""
    return record.values.get("unit_id"), plain(str(record.values.get("text") or record.cells))
