"""One file, looked at: what it is recognised as, what was read from it, what is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.errors import InputError
from lianzheng.intake.books import read_book
from lianzheng.intake.files import from_book, make_setup
from lianzheng.intake.ledger_file import ledger_path
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords
from lianzheng.intake.places import shown_path
from lianzheng.intake.proposals import propose
from lianzheng.intake.received import Received
from lianzheng.intake.records import HIDDEN_TEXT
from lianzheng.issues import Issue
from lianzheng.names import plain
from lianzheng.tables import labels


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one file is and holds, as plain data: values by processed table, votes by question and option."""

    path: str
    format: str
    state: str
    form: str
    unit: str
    evidence: tuple[str, ...]
    n_values: dict[str, int]
    n_ballots: int
    votes: dict[str, dict[str, int]]
    issues: tuple[Issue, ...]
    proposal: tuple[str, ...] = ()

    def describe(self) -> list[str]:
        """The same as Chinese lines."""
        known = {"识别为": self.form, "单位": self.unit, "依据": "；".join(self.evidence)}
        lines = [f"文件：{self.path}（{self.format}）", f"状态：{labels('file_state')[self.state]}"]
        lines += [f"{name}：{said}" for name, said in known.items() if said]
        lines += [f"读取数据 {sum(self.n_values.values())} 个"] * bool(self.n_values)
        lines += [f"　{table}：{n}" for table, n in self.n_values.items()]
        lines += [f"答卷 {self.n_ballots} 份，题目 {len(self.votes)} 道"] * bool(self.votes)
        for question, votes in self.votes.items():
            lines.append(f"　{question}：" + "，".join(f"{option} {n}" for option, n in votes.items()))
        lines.append(f"数据问题 {len(self.issues)} 条")
        for issue in self.issues:
            place = " ".join(part for part in (issue.source.sheet, issue.source.cell) if part)
            lines.append(f"　{place}{'：' if place else ''}{issue.message} → {issue.remedy}")
        if self.proposal:
            lines += ["可抄入 layouts.yml 的对照（带 # ? 的是推测，请逐行核对）：", *self.proposal]
        return lines


def inspect_file(path: Path, config: CycleConfig, passwords: Passwords = NO_PASSWORDS) -> Inspection:
    """Look at one file, wherever it is, with the cycle's forms; raises :class:`InputError` where there is none."""
    if not path.is_file():
        raise InputError(f"没有这个文件：{path}", "检查路径")
    place, root = path.resolve(), config.data_raw.resolve()
    folder = root if place.is_relative_to(root) else place.parent
    name = shown_path(folder, place.relative_to(folder).as_posix())
    setup = make_setup(config, is_ledger=place == ledger_path(config).resolve())
    book = read_book(path, config.cycle.limits, passwords.of(name, config))
    file = from_book(book, name, setup)
    is_foreign = any(
        i.code in ("unknown_layout", "unknown_column") for part in file.parts for i in part.issues
    )
    proposal = propose(book, setup.known) if is_foreign else None
    return _inspection(file, path, config, tuple(proposal.block()) if proposal else ())


def _inspection(file: Received, path: Path, config: CycleConfig, proposal: tuple[str, ...]) -> Inspection:
    filled = Counter(
        record.into for part in file.parts for record in part.records
        for *_, column in record.cells if record.values.get(column) is not None
    )  # fmt: skip
    filled.update(target.partition("/")[0] for _, target in file.targets())
    exports, forms = file.exports, [config.forms[p.form_id] for p in file.parts if p.form_id in config.forms]
    titles = "、".join(f"{form.number}《{form.title}》" for form in forms)
    title = titles or (f"逐份答卷（{exports[0].service}）" if exports else "")
    counts: dict[str, Counter[str]] = {}
    for export in exports:
        for question, votes in export.counts.items():
            counts[question] = counts.get(question, Counter()) + votes
    told = {question: dict(votes.most_common()) for question, votes in counts.items()}
    sheet = config.questionnaire
    asked = [question for question in (sheet.questions if sheet else ()) if question.kind == "comment"]
    comments = {plain(name) for question in asked for name in (question.label, *question.aliases)}
    told |= {q: {HIDDEN_TEXT: counts[q].total()} for q in told if plain(q) in comments}
    unit = config.unit(file.unit_id).name if file.unit_id else ""
    n_ballots = sum(len(export.rows) for export in exports)
    state = "read" if exports else file.state
    evidence = tuple(told for part in file.parts for told in part.evidence)
    issues = tuple(issue for part in file.parts for issue in part.issues)
    return Inspection(
        str(path), file.format, state, title, unit, evidence, dict(filled), n_ballots, told, issues, proposal,
    )  # fmt: skip
