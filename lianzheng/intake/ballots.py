"""问卷星-style exports: one ballot a row, one question a column after six columns about the answering."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lianzheng.config.models import Question, Questionnaire
from lianzheng.fonts import uncovered
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.received import Received
from lianzheng.intake.records import Record
from lianzheng.intake.values import Demand, folded, read_moment
from lianzheng.names import plain

META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自ip")
_NUMBER = re.compile(r"^\s*\d+\s*[、.．:：]\s*")
_OTHER = re.compile(r"^(.*?)〖(.*)〗$", re.DOTALL)
_DURATION = re.compile(r"(?:(\d+)小?时)?(?:(\d+)分钟?)?(?:(\d+(?:\.\d+)?)秒?)?")
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


def read_ballots(received: Received, export: Export, rules: Questionnaire, group_of_path: str) -> None:
    """Add an export's ballots, answers and issues to its file; the path names the group where no question asks it."""
    questions = _match_questions(received, export, rules)
    seen: set[tuple[object, ...]] = set()
    for ballot in export.ballots:
        ids = {
            "ballot_id": f"{received.file_id}-{ballot.row:05d}",
            "unit_id": received.unit_id,
            "file_id": received.file_id,
        }
        answers = [
            {**ids, "question_id": question.question_id, "sheet": export.sheet, "cell": ballot.cells[i] or None, **answer}
            for i, (question, options) in questions.items()
            for answer in _coded(received, export, ballot, i, question, options)
        ]  # fmt: skip
        invalid = _invalid_code(answers, rules)
        identity = _identity(ballot)
        if identity in seen:
            received.report("duplicate_record", f"第{ballot.row - 1}份答卷", export.sheet, f"A{ballot.row}")
            invalid = "duplicate"
        seen |= {identity} if identity else set()
        asked = {question.question_id for question, _ in questions.values() if question.kind == "group"}
        group = next(
            (a["option_id"] for a in answers if a["question_id"] in asked and a["option_id"]), group_of_path
        )
        received.records.append(
            Record("ballots", {**ids, **_ballot_values(ballot, invalid), "rater_group": group})
        )
        received.records += [Record("answers_by_ballot_question", a, _cells_of(a)) for a in answers]


def _cells_of(answer: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return ((answer["sheet"], answer["cell"], "option_id"),) if answer["cell"] else ()


def _match_questions(
    received: Received, export: Export, rules: Questionnaire
) -> dict[int, tuple[Question, dict[str, str]]]:
    """Export column → question of the cycle and its options; unknown and missing questions become issues."""
    known = {
        plain(name): question for question in rules.questions for name in (*question.aliases, question.label)
    }
    found: dict[int, tuple[Question, dict[str, str]]] = {}
    for i, title in enumerate(export.questions):
        question = known.pop(plain(title), None)
        if question is None or question in [other for other, _ in found.values()]:
            received.report("unknown_column", title, export.sheet, export.question_cells[i].address)
        else:
            found[i] = (question, _options(question, rules))
    for question in rules.rated:
        if question not in [other for other, _ in found.values()]:
            received.report("missing_column", question.label, export.sheet, "A1", column=question.label)
    return found


def _options(question: Question, rules: Questionnaire) -> dict[str, str]:
    """Folded label, alias or code (1, 2 … in printed order) → option id."""
    scale = [(option.option_id, option.label, option.aliases) for option in rules.scale]
    groups = [(group.id, group.label, group.aliases) for group in rules.rater_groups]
    options = groups if question.kind == "group" else scale
    coded = {str(code): option_id for code, (option_id, *_) in enumerate(options, start=1)}
    return coded | {plain(name): id_ for id_, label, aliases in options for name in (*aliases, label)}


def _coded(
    received: Received,
    export: Export,
    ballot: ExportedBallot,
    i: int,
    question: Question,
    options: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """A question's answers with option ids; what is no option becomes an issue and counts as blank."""
    for answer in ballot.answers[i]:
        option_id, state, text = options.get(plain(answer.option), ""), answer.state, answer.other
        if question.kind == "comment":
            option_id, text = "", answer.option or answer.other
            codes = "、".join(f"U+{ord(character):04X}" for character in uncovered(text))
            if codes:
                received.report("uncovered_glyph", codes, export.sheet, ballot.cells[i], detail=codes)
        elif state == "chosen" and not option_id:
            words = {
                "row": f"第{ballot.row - 1}份答卷",
                "column": question.label,
                "allowed": "、".join(options),
            }
            received.report("not_a_choice", answer.option[:12], export.sheet, ballot.cells[i], **words)
            state = "blank"
        yield {"option_id": option_id, "answer_state": state, "text": text or None}


def _invalid_code(answers: Sequence[Mapping[str, Any]], rules: Questionnaire) -> str | None:
    rated = {question.question_id for question in rules.rated}
    chosen = [a["option_id"] for a in answers if a["question_id"] in rated and a["option_id"]]
    if len(chosen) < rules.minimum_answered_share * len(rated):
        return "incomplete"
    if rules.voids_full_marks and set(chosen) == {rules.best.option_id}:
        return "full_marks"
    return "identical_answers" if rules.voids_identical_answers and len(set(chosen)) == 1 else None


def _identity(ballot: ExportedBallot) -> tuple[object, ...]:
    """Two ballots are one sent twice when moment, address and all answers agree; empty where one is not exported."""
    known = [ballot.meta[name].text for name in ("提交答卷时间", "来自ip") if name in ballot.meta]
    return (*known, ballot.answers) if len(known) == 2 else ()


def _ballot_values(ballot: ExportedBallot, invalid: str | None) -> dict[str, Any]:
    submitted, spent = ballot.meta.get("提交答卷时间"), ballot.meta.get("所用时间")
    return {
        "form_id": "questionnaire", "is_valid": invalid is None, "invalid_code": invalid,
        "submitted_at": read_moment(submitted, Demand("datetime")).value if submitted else None,
        "duration_seconds": duration_seconds(spent.text) if spent else None,
    }  # fmt: skip


def duration_seconds(text: str) -> float | None:
    """125秒 → 125, 2分5秒 → 125, 125 → 125; None where it is no duration."""
    match = _DURATION.fullmatch(folded(text))
    hours, minutes, seconds = match.groups() if match else (None, None, None)
    if not (hours or minutes or seconds):
        return None
    return int(hours or 0) * 3600.0 + int(minutes or 0) * 60 + float(seconds or 0)


def tally(
    answers: Sequence[Mapping[str, Any]], ballots: Sequence[Mapping[str, Any]], rules: Questionnaire
) -> list[dict[str, Any]]:
    """Votes of valid ballots by unit, group, question and option; additive, so files may be tallied one by one."""
    group_of = {ballot["ballot_id"]: ballot["rater_group"] for ballot in ballots if ballot["is_valid"]}
    rated = [question.question_id for question in rules.rated]
    counted = [
        answer for answer in answers if answer["ballot_id"] in group_of and answer["question_id"] in rated
    ]
    votes = Counter(
        (a["unit_id"], group_of[a["ballot_id"]], a["question_id"], a["option_id"]) for a in counted
    )
    sources = {(a["unit_id"], group_of[a["ballot_id"]]): a["file_id"] for a in reversed(counted)}
    return [
        {
            "unit_id": unit_id, "form_id": "questionnaire", "rater_group": group, "question_id": question_id,
            "option_id": option.option_id, "n_votes": votes[unit_id, group, question_id, option.option_id],
            "coefficient": option.coefficient, "source": "ballots", "file_id": file_id,
        }
        for (unit_id, group), file_id in sources.items() for question_id in rated for option in rules.scale
    ]  # fmt: skip
