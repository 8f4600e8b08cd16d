"""问卷星-style exports: one ballot a row, one question a column after six columns about the answering."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lianzheng.config.models import Question, Questionnaire
from lianzheng.fonts import uncovered
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.records import Record
from lianzheng.intake.values import Demand, folded, read_moment
from lianzheng.issues import Issue, Source
from lianzheng.names import plain

META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自ip")
_NUMBER = re.compile(r"^\s*\d+\s*[、.．:：]\s*")
_OTHER = re.compile(r"^(.*?)〖(.*)〗$", re.DOTALL)
_DURATION = re.compile(r"(?:(\d+)小时|(\d+)时)?(?:(\d+)分钟?)?(?:(\d+(?:\.\d+)?)秒?)?")
_MISSING = {"-3": "skipped", "(跳过)": "skipped", "-2": "blank", "(空)": "blank", "": "blank"}
_SEPARATOR = "┋"


@dataclass(frozen=True, slots=True)
class Answer:
    """One chosen option (its text as exported), or why there is none; ``other`` is the text of 其他〖…〗."""

    option: str
    state: str = "chosen"
    other: str = ""


@dataclass(frozen=True, slots=True)
class ExportedBallot:
    """A row of the export: its number, what is known about the answering, and the answers by question."""

    row: int
    meta: Mapping[str, Cell]
    answers: tuple[tuple[Answer, ...], ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A questionnaire export: question titles without number and padding, and the ballots."""

    sheet: str
    questions: tuple[str, ...]
    question_cells: tuple[Cell, ...]
    ballots: tuple[ExportedBallot, ...]

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """Votes by question and option text."""
        return {
            question: Counter(a.option for b in self.ballots for a in b.answers[i] if a.state == "chosen")
            for i, question in enumerate(self.questions)
        }


def find_export(book: Book) -> Grid | None:
    """The sheet that is an export: its first row begins with the six columns (or most of them)."""
    for grid in book.grids:
        names = {plain(cell.text) for (row, _), cell in grid.cells.items() if row == 1}
        if len(names & set(META)) >= 4:
            return grid
    return None


def read_export(grid: Grid) -> Export:
    """Read an export whatever its questions are; nothing is validated."""
    header = [cell for (row, _), cell in sorted(grid.cells.items()) if row == 1]
    meta = {cell.column: plain(cell.text) for cell in header if plain(cell.text) in META}
    asked = [cell for cell in header if cell.column not in meta]
    questions = tuple(_NUMBER.sub("", cell.text).strip() for cell in asked)
    rows = sorted({row for row, _ in grid.cells if row > 1})
    return Export(grid.name, questions, tuple(asked), tuple(_ballot(grid, row, meta, asked) for row in rows))


def _ballot(grid: Grid, row: int, meta: Mapping[int, str], asked: Sequence[Cell]) -> ExportedBallot:
    known = {name: cell for column, name in meta.items() if (cell := grid.cells.get((row, column)))}
    cells = [grid.cells.get((row, question.column)) for question in asked]
    answers = tuple(tuple(_answers(cell.text if cell else "")) for cell in cells)
    return ExportedBallot(row, known, answers, tuple(cell.address if cell else "" for cell in cells))


def _answers(text: str) -> Iterator[Answer]:
    written = text.strip()
    if folded(written) in _MISSING:
        yield Answer("", _MISSING[folded(written)])
        return
    for option in written.split(_SEPARATOR):
        match = _OTHER.match(option.strip())
        yield Answer(match[1].strip(), other=match[2].strip()) if match else Answer(option.strip())


@dataclass(slots=True)
class BallotReading:
    """What an export says about a unit: records, issues and the fate of cells."""

    file_id: str
    unit_id: str
    sheet: str
    records: list[Record] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def report(self, code: str, cell: str, seen: str, **words: object) -> None:
        """Add an issue about a cell of the export."""
        source = Source(self.file_id, self.sheet, cell)
        self.issues.append(Issue(code, self.unit_id, "questionnaire", source, seen, words))


def read_ballots(
    export: Export, rules: Questionnaire, file_id: str, unit_id: str, path_group: str, cycle: int
) -> BallotReading:
    """Ballots and answers of an export; ``path_group`` is the group of raters that the path names, if any."""
    reading = BallotReading(file_id, unit_id, export.sheet)
    asked = _match_questions(export, rules, reading)
    seen: set[tuple[object, ...]] = set()
    for ballot in export.ballots:
        ballot_id = f"{file_id}-{ballot.row:05d}"
        answers = list(_coded(ballot, ballot_id, asked, rules, reading))
        invalid = _invalid_code(answers, rules)
        identity = _identity(ballot)
        if identity in seen:
            invalid = "duplicate"
            reading.report("duplicate_record", f"A{ballot.row}", f"第{ballot.row - 1}份答卷")
        seen.add(identity or (ballot.row,))
        group = (
            next((str(a["option_id"]) for a in answers if a["question_id"] in _groups(rules)), "")
            or path_group
        )
        reading.records.append(_ballot_record(ballot, ballot_id, reading, group or "unknown", invalid, cycle))
        reading.records += [_answer_record(answer, reading) for answer in answers]
    return reading


def _match_questions(export: Export, rules: Questionnaire, reading: BallotReading) -> dict[int, Question]:
    """Export column → question of the cycle; unknown and missing questions become issues."""
    known = {
        plain(name): question for question in rules.questions for name in (*question.aliases, question.label)
    }
    found: dict[int, Question] = {}
    for i, title in enumerate(export.questions):
        question = known.get(plain(title))
        if question is None or question in found.values():
            reading.report("unknown_column", export.question_cells[i].address, title)
        else:
            found[i] = question
    for question in rules.rated:
        if question not in found.values():
            reading.report("missing_column", "A1", question.label, column=question.label)
    return found


def _coded(
    ballot: ExportedBallot,
    ballot_id: str,
    asked: Mapping[int, Question],
    rules: Questionnaire,
    reading: BallotReading,
) -> Iterator[dict[str, Any]]:
    """The answers with ids of questionnaire.yml; what is no option of its question becomes an issue."""
    for i, question in asked.items():
        options = _options(question, rules)
        for answer in ballot.answers[i]:
            row = {
                "ballot_id": ballot_id,
                "question_id": question.question_id,
                "cell": ballot.cells[i] or None,
            }
            if question.kind == "comment":
                text = answer.option or answer.other
                _note_glyphs(text, ballot.cells[i], reading)
                yield {**row, "option_id": "", "answer_state": answer.state, "text": text or None}
                continue
            option_id = options.get(plain(answer.option), "")
            if answer.state == "chosen" and not option_id:
                allowed = "、".join(option.label for option in rules.scale)
                words = {"row": f"第{ballot.row - 1}份答卷", "column": question.label, "allowed": allowed}
                reading.report("not_a_choice", ballot.cells[i], answer.option[:12], **words)
            state = answer.state if option_id or answer.state != "chosen" else "blank"
            yield {**row, "option_id": option_id, "answer_state": state, "text": answer.other or None}


def _options(question: Question, rules: Questionnaire) -> dict[str, str]:
    """Folded label, alias or code (1, 2 … in printed order) → option id."""
    scale = [(option.option_id, option.label, option.aliases) for option in rules.scale]
    groups = [(group.id, group.label, group.aliases) for group in rules.rater_groups]
    options = groups if question.kind == "group" else scale
    coded = {str(code): option_id for code, (option_id, *_) in enumerate(options, start=1)}
    return coded | {plain(name): id_ for id_, label, aliases in options for name in (*aliases, label)}


def _groups(rules: Questionnaire) -> set[str]:
    return {question.question_id for question in rules.questions if question.kind == "group"}


def _invalid_code(answers: Sequence[Mapping[str, Any]], rules: Questionnaire) -> str | None:
    rated = {question.question_id for question in rules.rated}
    chosen = [
        answer["option_id"] for answer in answers if answer["question_id"] in rated and answer["option_id"]
    ]
    if len(chosen) < rules.minimum_answered_share * len(rated):
        return "incomplete"
    return "identical_answers" if rules.voids_identical_answers and len(set(chosen)) == 1 else None


def _identity(ballot: ExportedBallot) -> tuple[object, ...]:
    """Two ballots are one sent twice when moment, address and all answers agree; empty where one is not exported."""
    known = [ballot.meta[name].text for name in ("提交答卷时间", "来自ip") if name in ballot.meta]
    return (*known, ballot.answers) if len(known) == 2 else ()


def _ballot_record(
    ballot: ExportedBallot,
    ballot_id: str,
    reading: BallotReading,
    group: str,
    invalid: str | None,
    cycle: int,
) -> Record:
    submitted = ballot.meta.get("提交答卷时间")
    spent = ballot.meta.get("所用时间")
    values = {
        "ballot_id": ballot_id, "unit_id": reading.unit_id, "form_id": "questionnaire", "rater_group": group,
        "submitted_at": read_moment(submitted, Demand("datetime", cycle=cycle)).value if submitted else None,
        "duration_seconds": duration_seconds(spent.text) if spent else None,
        "is_valid": invalid is None, "invalid_code": invalid, "file_id": reading.file_id,
    }  # fmt: skip
    return Record("ballots", values)


def duration_seconds(text: str) -> float | None:
    """125秒 → 125, 2分5秒 → 125, 125 → 125; None where it is no duration."""
    match = _DURATION.fullmatch(folded(text))
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = match[1] or match[2] or 0, match[3] or 0, match[4] or 0
    return int(hours) * 3600.0 + int(minutes) * 60 + float(seconds)


def _answer_record(answer: Mapping[str, Any], reading: BallotReading) -> Record:
    place = {"unit_id": reading.unit_id, "file_id": reading.file_id, "sheet": reading.sheet}
    cells = ((reading.sheet, answer["cell"], "option_id"),) if answer["cell"] else ()
    return Record("answers_by_ballot_question", {**answer, **place}, cells)


def _note_glyphs(text: str, cell: str, reading: BallotReading) -> None:
    codes = "、".join(f"U+{ord(character):04X}" for character in uncovered(text))
    if codes:
        reading.report("uncovered_glyph", cell, codes, detail=codes)


def tally(
    answers: Sequence[Mapping[str, Any]], ballots: Sequence[Mapping[str, Any]], rules: Questionnaire
) -> list[dict[str, Any]]:
    """Votes of valid ballots by unit, group, question and option; additive, so files may be tallied one by one."""
    group_of = {ballot["ballot_id"]: ballot["rater_group"] for ballot in ballots if ballot["is_valid"]}
    rated = [question.question_id for question in rules.rated]
    votes: Counter[tuple[str, str, str, str]] = Counter()
    sources: dict[tuple[str, str], str] = {}
    for answer in answers:
        group = group_of.get(answer["ballot_id"])
        if group is not None and answer["question_id"] in rated:
            votes[answer["unit_id"], group, answer["question_id"], answer["option_id"]] += bool(
                answer["option_id"]
            )
            sources.setdefault((answer["unit_id"], group), answer["file_id"])
    return [
        {
            "unit_id": unit_id, "form_id": "questionnaire", "rater_group": group, "question_id": question_id,
            "option_id": option.option_id, "n_votes": votes[unit_id, group, question_id, option.option_id],
            "coefficient": option.coefficient, "source": "ballots", "file_id": file_id,
        }
        for (unit_id, group), file_id in sources.items() for question_id in rated for option in rules.scale
    ]  # fmt: skip
