"""Questionnaires with one ballot a row → questions and ballots: exports of 问卷星 and 腾讯问卷, and sheets typed by hand.

Which service made an export is told by its columns about the answering. A sheet typed by hand is told by a header of
the cycle's own questions, with the chosen option below each, or with a row of options below and a tick in one.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from lianzheng.config.models import Questionnaire
from lianzheng.intake.ballot_tables import Repeated
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.values import FALSE, TRUE, folded
from lianzheng.names import plain, remembered

SERVICES = {
    "问卷星": ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自ip"),
    "腾讯问卷": ("编号", "开始答题时间", "结束答题时间", "答题时长"),
}
BY_HAND = "逐份登记表"
_ROLES = {
    "number": "序号 编号 票号 选票编号 选票序号 答卷编号 答卷序号".split(), "submitted_at": "提交答卷时间 结束答题时间 提交时间 填写时间".split(),
    "started_at": ["开始答题时间"], "duration": "所用时间 答题时长".split(), "ip": ["来自ip", "ip"], "source": ["来源", "来源详情"],
}  # fmt: skip
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
_BESIDE = (
    "地理位置国家 地理位置国家和地区 地理位置省 地理位置市 清洗数据结果 清洗原因 自定义字段 用户id 用户昵称 ua 终端 浏览器 操作系统 渠道 总分 得分 是否完成"
).split()
SERVICE_COLUMNS = frozenset((*_ROLE_OF, *_BESIDE))
"""What questionnaire services write about the answering."""
ASIDE = SERVICE_COLUMNS - {name for role in ("submitted_at", "duration") for name in _ROLES[role]}
"""Those of them that nobody takes."""
_ENOUGH = 3  # of a service's columns
_FIRST_ROWS = 10  # a header stands in one of them
_NUMBER = re.compile(r"^\s*\d+\s*[、.．:：]\s*")
_LETTER = re.compile(r"^[a-z][.,:]")
_OTHER = re.compile(r"^(.*?)〖(.*)〗$", re.DOTALL)
_MARGIN = re.compile(r"(?:[^:]{2,12}|注):")  # how a note or a line of signatures begins
_SUMS = ("合计", "小计", "总计", "平均")
_COUNTED = re.compile(rf"(?:{'|'.join(_SUMS)})[数分值]?:?|[\d.,%]*")
_MISSING = {"-3": "skipped", "(跳过)": "skipped", "-2": "blank", "(空)": "blank", "": "blank"}
NO_TICK = FALSE | {"□", "☐"}
_SEPARATOR = "┋"


class Answer(NamedTuple):
    """One chosen option (its text as exported), or why there is none; ``other`` is the text of 其他〖…〗."""

    option: str
    state: str = "chosen"
    other: str = ""


Answers = tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A sheet of ballots: who made it, question titles without number and padding, and the ballots.

    ``rows`` are the ballots' in the sheet; ``meta`` holds by role the number of the sheet's cell that tells it of the
    answering, ``answers`` and ``cells`` by question what was answered and the number of the cell that says so, each with
    a place for every ballot (−1: no cell). ``above`` are the cells before the header (its first and last row), ``others``
    those below it that are part of no ballot and no sum.
    """

    grid: Grid
    service: str
    questions: tuple[str, ...]
    question_cells: tuple[Cell, ...]
    rows: tuple[int, ...]
    meta: Mapping[str, np.ndarray]
    answers: tuple[Repeated[Answers], ...]
    cells: tuple[np.ndarray, ...]
    above: tuple[Cell, ...] = ()
    others: tuple[Cell, ...] = ()
    header: tuple[int, int] = (1, 1)

    @property
    def sheet(self) -> str:
        """The sheet's name."""
        return self.grid.name

    def told(self, role: str) -> list[str | None]:
        """What every ballot's cell of a role says; None where there is no cell."""
        texts, numbers = self.grid.columns.text, self.meta.get(role, np.full(len(self.rows), -1))
        return [texts[n] if n >= 0 else None for n in numbers.tolist()]

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """Votes by question and option text."""
        return {
            question: Counter(a.option for answers in given for a in answers if a.state == "chosen")
            for question, given in zip(self.questions, self.answers, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Known:
    """What tells a sheet typed by hand: questions by folded title, folded names of options and of groups of raters."""

    questions: Mapping[str, str]
    options: frozenset[str]
    groups: frozenset[str]


NOTHING = Known({}, frozenset(), frozenset())


def known_of(rules: Questionnaire) -> Known:
    """The cycle's questions and the options of its scale."""
    questions = {
        plain(name): question.question_id
        for question in rules.questions for name in (*question.aliases, question.label)
    }  # fmt: skip
    options = frozenset(plain(name) for option in rules.scale for name in (*option.aliases, option.label))
    groups = frozenset(plain(name) for group in rules.rater_groups for name in (*group.aliases, group.label))
    return Known(questions, options, groups)


def find_exports(book: Book, known: Known = NOTHING) -> list[Export]:
    """The sheets of a book that hold ballots, row by row; nothing is validated."""
    found = []
    for grid in book.grids:
        first = grid.rows(range(bisect.bisect_right(grid.columns.row, _FIRST_ROWS)))
        if export := _service_export(grid, first.get(1, []), known) or _typed(grid, first, known):
            found.append(export)
    return found


@remembered
def bare_title(text: str) -> str:
    """A question's title folded and without its number."""
    return plain(_NUMBER.sub("", text))


Rows = dict[int, list[Cell]]


def _service_export(grid: Grid, header: Sequence[Cell], known: Known) -> Export | None:
    names = {plain(cell.text) for cell in header}
    service = next((s for s, columns in SERVICES.items() if len(names & set(columns)) >= _ENOUGH), None)
    if service is None:
        return None
    meta = _meta_columns(header)
    asked = [cell for cell in header if cell.column not in meta]
    if any(_NUMBER.match(cell.text) for cell in asked):  # what has no number is no question either
        asked = [c for c in asked if _NUMBER.match(c.text) or bare_title(c.text) in known.questions]
    rows = sorted(set(grid.columns.row) - {1})
    return _export(grid, service, (1, 1), meta, asked, rows, {})


def _meta_columns(header: Sequence[Cell]) -> dict[int, str]:
    return {cell.column: _ROLE_OF[plain(cell.text)] for cell in header if plain(cell.text) in _ROLE_OF}


def _export(
    grid: Grid, service: str, header: tuple[int, int], meta: Mapping[int, str], asked: Sequence[Cell],
    rows: Sequence[int], ticked: Mapping[int, list[Cell]],
) -> Export:  # fmt: skip
    """The export of these rows; ``header`` is its first and last row, ``ticked`` the options below a question."""
    at, left = _places(grid, rows)
    texts, told = pa.array(grid.columns.text, pa.string()), dict[str, np.ndarray]()
    for column, role in meta.items():
        found = at[:, column]
        told[role] = np.where(found >= 0, found, told.get(role, found))
    seen = [
        _ticked(texts, at, ticked[c.column]) if c.column in ticked else (_seen(texts, at[:, c.column]), at[:, c.column])
        for c in asked
    ]  # fmt: skip
    answers, places = tuple(given for given, _ in seen), tuple(where for _, where in seen)
    titles = tuple(_NUMBER.sub("", cell.text).strip() for cell in asked)
    lines = grid.rows(left)
    above = tuple(cell for row, line in lines.items() if row < header[0] for cell in line)
    below = [line for row, line in lines.items() if row > header[1]]
    others = tuple(
        c for line in below for c in line if not (_is_sum(line) and _COUNTED.fullmatch(plain(c.text)))
    )
    return Export(
        grid, service, titles, tuple(asked), tuple(rows), told, answers, places, above, others, header
    )


def _places(grid: Grid, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
    """The numbers of the cells by ballot and column of the sheet, −1 where there is none; the numbers of all the others."""
    row, column = np.array(grid.columns.row, int), np.array(grid.columns.column, int)
    ballot = np.full(row.max(initial=0) + 1, -1)
    ballot[list(rows)] = np.arange(len(rows))
    numbers, places = ballot[row], np.full((len(rows), column.max(initial=0) + 1), -1)
    inside = np.flatnonzero(numbers >= 0)
    places[numbers[inside], column[inside]] = inside
    return places, np.flatnonzero(numbers < 0).tolist()


def taken(texts: pa.Array, numbers: np.ndarray) -> pa.Array:
    """The texts of these numbers, null for −1."""
    return texts.take(pa.array(numbers, mask=numbers < 0))


def _seen(texts: pa.Array, numbers: np.ndarray) -> Repeated[Answers]:
    """The answers of a question's column; a text is taken apart once, however many ballots say it."""
    given = taken(texts, numbers).fill_null("").dictionary_encode()
    known = given.dictionary.to_pylist()
    return Repeated([tuple(_answers(text)) for text in known], given.indices.to_numpy())


def _ticked(texts: pa.Array, at: np.ndarray, options: Sequence[Cell]) -> tuple[Repeated[Answers], np.ndarray]:
    """What is ticked in each row below a question's options, and the first of the ticks."""
    columns = [taken(texts, at[:, option.column]).to_pylist() for option in options]
    found, places = list[Answers](), list[int]()
    for numbers, line in zip(at, zip(*columns, strict=True), strict=True):
        written = [(o, text) for o, text in zip(options, line, strict=True) if text]
        marked = [(o, text) for o, text in written if plain(text) not in NO_TICK]
        answers = [Answer((o.text if plain(text) in TRUE else text).strip()) for o, text in marked]
        found.append(tuple(answers) or (Answer("", "blank"),))
        places.append(numbers[marked[0][0].column if marked else 0])  # no cell stands in column 0
    return Repeated(found), np.array(places, int)


def _answers(text: str) -> Iterator[Answer]:
    written = text.strip()
    if folded(written) in _MISSING:
        yield Answer("", _MISSING[folded(written)])
        return
    for option in written.split(_SEPARATOR):
        match = _OTHER.match(option.strip())
        yield Answer(match[1].strip(), other=match[2].strip()) if match else Answer(option.strip())


def _typed(grid: Grid, early: Rows, known: Known) -> Export | None:
    """A sheet typed by hand: a header of half of the questions or more, and options or ticks below."""
    enough = max(len(set(known.questions.values())) / 2, 2)
    for row, first in early.items():
        asked = [cell for cell in first if bare_title(cell.text) in known.questions]
        if len({known.questions[bare_title(cell.text)] for cell in asked}) < enough:
            continue
        meta, lines = _meta_columns(first), grid.rows()
        asked += [cell for cell in lines[row] if cell not in asked and cell.column not in meta]
        ticked = _tick_columns(lines.get(row + 1, []), asked, known)
        last = row + (sum(map(len, ticked.values())) >= len(asked))
        if last == row and not _is_of_options(grid, row, asked, known):
            return None
        columns = {c.column for c in asked} | {c.column for options in ticked.values() for c in options}
        rows = [at for at, line in lines.items() if at > last and _is_ballot(line, meta, columns)]
        return _export(grid, BY_HAND, (row, last), meta, asked, rows, ticked if last > row else {})
    return None


def _tick_columns(below: Sequence[Cell], asked: Sequence[Cell], known: Known) -> dict[int, list[Cell]]:
    """The options in the row below the questions, by the column where the question above begins."""
    starts = sorted(cell.column for cell in asked)
    found: dict[int, list[Cell]] = {}
    for cell in below:
        above = max((start for start in starts if start <= cell.column), default=None)
        if above is not None and plain(cell.text) in known.options | known.groups:
            found.setdefault(above, []).append(cell)
    return {start: options for start, options in found.items() if len(options) > 1}


def _is_of_options(grid: Grid, row: int, asked: Sequence[Cell], known: Known) -> bool:
    """Whether most of what stands below the questions are options, and no option names a row (as in a tally)."""
    columns, allowed = {cell.column for cell in asked}, known.options | known.groups
    below = [(column, plain(cell.text)) for (at, column), cell in grid.cells.items() if at > row]
    filled = [_LETTER.sub("", text) for column, text in below if column in columns]
    is_tally = any(text in known.options for column, text in below if column not in columns)
    return not is_tally and bool(filled) and sum(text in allowed for text in filled) >= len(filled) / 2


def _is_ballot(line: Sequence[Cell], meta: Mapping[int, str], columns: set[int]) -> bool:
    """A row with an answer, or at least with the number of a ballot that was left blank; no sum."""
    is_numbered = any(meta.get(cell.column) == "number" and cell.text.strip().isdigit() for cell in line)
    is_margin = _is_sum(line) or _MARGIN.match(plain(line[0].text))
    return not is_margin and (is_numbered or any(cell.column in columns for cell in line))


def _is_sum(line: Sequence[Cell]) -> bool:
    return plain(line[0].text).startswith(_SUMS)
