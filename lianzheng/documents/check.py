"""The check of an official document that people have edited: against the standard, and against the data."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.documents import check_figures, check_layout, check_leftovers, check_names, check_order
from lianzheng.documents.faults import Fault, Subject, told
from lianzheng.documents.kinds import kinds_of
from lianzheng.documents.marked import marked_copy
from lianzheng.documents.paper import Paper
from lianzheng.documents.read_paper import read_paper
from lianzheng.documents.roster import Roster
from lianzheng.documents.sources import Source, read_sources
from lianzheng.documents.values import Facts, Values
from lianzheng.errors import InputError
from lianzheng.pages.words import shortened
from lianzheng.tables import Tables

OF_THE_STANDARD = (*check_layout.CHECKS, *check_order.CHECKS, *check_leftovers.CHECKS)
OF_THE_DATA = (check_leftovers.leftovers, *check_figures.CHECKS, *check_names.CHECKS)
"""Every check; of two that tell of the same words the first is heard."""
_QUOTED, _MOST_QUOTED, _FEW, _AROUND = 18, 4, 3, 4


@dataclass(frozen=True)
class Report:
    """What the check found, in the order of the paper, and what could not be checked."""

    paper: Paper
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()
    unchecked: frozenset[str] = frozenset()

    def grades(self) -> dict[str, str]:
        """Each part of the check (版式, 序号, 遗留, 单位名称, 数字): 合格, or in how many places not.

        A part that could be checked only as far as its numbers were recognised is not called 合格.
        """
        counts = Counter(fault.part for fault in self.faults)
        good = {part: told()["not_all"] if part in self.unchecked else "合格" for part in told()["parts"]}
        return {
            name: f"{counts[part]}处" if counts[part] else good[part]
            for part, name in told()["parts"].items()
        }

    def lines(self) -> list[str]:
        """The report in Chinese: the grade of each part, then every fault with its place and remedy."""
        grades = [f"{part} {grade}" for part, grade in self.grades().items()]
        lines = ["检查结果：" + "；".join(grades)]
        for part, name in told()["parts"].items():
            mine = [fault for fault in self.faults if fault.part == part]
            told_once = itertools.groupby(mine, key=lambda fault: (fault.code, fault.paragraph, fault.remedy))
            alike = [self._line(list(group)) for _, group in told_once]
            lines += [f"{name}（{len(mine)}处）", *alike] if mine else []
        return [*lines, *(f"提示：{note}" for note in self.notes)]

    def _line(self, alike: Sequence[Fault]) -> str:
        """第4段“……”：what is wrong → what to do; of the same fault several times in a row only once."""
        fault, words = alike[0], dict.fromkeys(map(self._words, alike))
        first, last = self.paper.paragraphs[fault.paragraph], self.paper.paragraphs[fault.last]
        place = (
            first.place
            if first == last
            else f"{first.place.removesuffix('段')}—{last.place.removeprefix('第')}"
        )
        quoted = "".join(f"“{one}”" for one in [*words][:_MOST_QUOTED] if one)
        where = "全文" if fault.is_whole else place + quoted + (f"等{len(alike)}处" if len(alike) > 1 else "")
        return f"　{where}：{fault.message} → {fault.remedy}"

    def _words(self, fault: Fault) -> str:
        """The words at which a fault stands, with some around them where they are few."""
        text, more = (
            self.paper.paragraphs[fault.paragraph].text,
            _AROUND if fault.end - fault.start < _FEW else 0,
        )
        return shortened(text[max(fault.start - more, 0) : fault.end + more].strip(), _QUOTED)


def check_document(data: bytes, config: CycleConfig, tables: Tables, sources: Mapping[str, Source]) -> Report:
    """Check a .docx; raises :class:`InputError` for what is none."""
    return _check_paper(read_paper(data), config, tables, sources)


def _check_paper(paper: Paper, config: CycleConfig, tables: Tables, sources: Mapping[str, Source]) -> Report:
    subject, roster = Subject(paper, kinds_of(paper)), Roster(config)
    facts = Facts(sources, Values(tables, roster), roster, _class_counts(tables))
    found = [fault for check in OF_THE_STANDARD for fault in check(subject)]
    for check_with_facts in OF_THE_DATA:
        found += check_with_facts(subject, facts)
    in_order = sorted(_told_once(found), key=lambda fault: (fault.paragraph, fault.start))
    unchecked = frozenset() if facts.held(subject) else frozenset({"figures"})
    return Report(paper, tuple(in_order), _notes(subject, facts), unchecked)


def _told_once(faults: Iterable[Fault]) -> list[Fault]:
    """Of faults of one part at the same words the first; the layout of the same words may be wrong in several ways."""
    kept: list[Fault] = []
    for fault in faults:
        is_told = any(fault.part == other.part and fault.covers(other) for other in kept)
        if fault.part == "layout" or not is_told:
            kept.append(fault)
    return kept


def _class_counts(tables: Tables) -> dict[str, dict[str, Any]]:
    """Confirmed findings, units and their ids, by class."""
    counts = tables.public("finding_counts_by_class").set_index("bulletin_class")
    return {str(kind): row for kind, row in counts.to_dict("index").items()}


def _notes(subject: Subject, facts: Facts) -> tuple[str, ...]:
    known, n_unknown = told()["notes"], check_figures.unknown_bookmarks(subject, facts)
    if not facts.sources:
        return (known["no_sources"],)
    if not facts.held(subject):
        return (known["no_bookmarks"],)
    return (known["unknown_bookmark"].format(n=n_unknown),) if n_unknown else ()


def check_file(
    path: Path, config: CycleConfig, tables: Tables, marked: Path | None = None
) -> tuple[Report, Path | None]:
    """Check a file, and write a marked copy where there are faults (default: beside it, named …（标注）.docx).

    The file itself is never changed. Raises :class:`InputError` where it cannot be read or would be written over.
    """
    if not path.is_file():
        raise InputError(f"没有文件 {path}", "检查路径和文件名")
    target = marked or path.with_name(f"{path.stem}（标注）.docx")
    if target.resolve() == path.resolve():
        raise InputError("标注的副本不能写在原件上", "给 --marked 另一个文件名")
    data = path.read_bytes()
    paper = read_paper(data)
    report = _check_paper(paper, config, tables, sources_of(paper, config))
    if not report.faults:
        return report, None
    write_atomically(target, marked_copy(data, report.faults))
    return report, target


def sources_of(paper: Paper, config: CycleConfig) -> dict[str, Source]:
    """The sources of the edition under reports/<cycle>/ that knows most of a paper's bookmarks, and has fewest others.

    Of a paper without bookmarks all that there are. Raises :class:`InputError` for a broken list.
    """
    editions = [_read(path) for path in sorted(config.reports.rglob("*sources.csv"))]
    n_known = [len(paper.bookmarks.keys() & sources.keys()) for sources in editions]
    if not any(n_known):
        return {name: source for sources in editions for name, source in sources.items()}
    return max(zip(n_known, editions, strict=True), key=lambda one: (one[0], -len(one[1])))[1]


def _read(path: Path) -> dict[str, Source]:
    try:
        return read_sources(path.read_bytes())
    except (KeyError, ValueError) as error:
        raise InputError(f"数据来源清单 {path.name} 不完整", "运行 lianzheng publish 重新生成") from error
