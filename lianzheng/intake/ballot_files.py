"""What is checked of files of ballots as a whole: whose they are, whether every cell was read and every ballot counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config import CycleConfig
from lianzheng.config.models import Questionnaire
from lianzheng.intake.assemble import Row, Rows
from lianzheng.intake.ballot_tables import TARGETS, Counts
from lianzheng.intake.ballots import FORM, Matched
from lianzheng.intake.cells import Cell
from lianzheng.intake.checks import GRAVITY, Outcome
from lianzheng.intake.exports import ASIDE, BY_HAND, NO_TICK, SERVICE_COLUMNS, SERVICES, Export
from lianzheng.intake.form_maps import FormMap
from lianzheng.intake.received import PackedCells, Received, cell_batch
from lianzheng.intake.records import HIDDEN_TEXT, Record
from lianzheng.intake.submissions import SUBMITTED
from lianzheng.issues import Issue, Source
from lianzheng.names import plain

UNKNOWN = "unknown"
_COUNTED = ("tallies_by_unit_question_option", "ballot_counts")


def unit_of_exports(received: Received, config: CycleConfig) -> str:
    """The rated unit: named above the ballots, else by the path; where both are there and differ, somebody has to look."""
    above = ((export, cell) for export in received.exports for cell in export.above)
    for export, cell in above:
        found, folder_unit = config.unit_index.find_inside(cell.text), received.unit_id
        if found:
            received.unit_id = found
            if folder_unit not in ("", found):
                seen = config.unit(found).name
                received.report_other_unit(config.unit(folder_unit).name, seen, export.sheet, cell.address)
            break
    return received.unit_id


def group_named(names: Sequence[str], export: Export, groups: Mapping[str, str]) -> str:
    """The group of raters whose name is the longest in the path, the sheet's name or above the ballots."""
    texts = plain("|".join((*names, *(cell.text for cell in export.above))))
    said = [word for word in groups if len(word) > 1 and word in texts]
    return groups[max(said, key=len)] if said else UNKNOWN


def evidence_of(export: Export, matched: Matched) -> str:
    """What told that a sheet holds ballots, and how many of its questions are the cycle's."""
    known = f"{len(matched)}道题与本年度测评表一致"
    if export.service == BY_HAND:
        return f"“{export.sheet}”的表头中{known}，每行一份答卷"
    return f"{export.service}导出的列名“{'、'.join(SERVICES[export.service])}”，{known}"


def read_around(received: Received, export: Export, form: FormMap, names: Callable[[str], bool]) -> None:
    """What stands around the ballots: fields, signatures and what ``names`` unit or group are kept, the rest is asked about.

    It may be a rater's own words.
    """
    for cell in (*export.above, *export.others):
        fields = form.fields(cell.text)
        told = [(field.field_id, text) for field, text in fields if text]
        if not fields and cell in export.above and names(cell.text):
            told = [("above", cell.text.strip())]
        place = {"file_id": received.file_id, "sheet": export.sheet, "cell": cell.address}
        whose = {"unit_id": received.unit_id, "form_id": received.form_id}
        for field_id, text in told:
            row = {**place, **whose, "field_id": field_id, "text": text}
            received.take([Record("header_fields", row, ((export.sheet, cell.address, "text"),))])
        is_known = bool(told or fields) or form.is_label(cell.text) or not cell.text.strip()
        if form.before_fields(cell.text) or not is_known:
            received.report("unread_cell", HIDDEN_TEXT, export.sheet, cell.address)


def cells_of(received: Received, export: Export, matched: Matched, words: Collection[str]) -> PackedCells:
    """The cells of an export with their fates, column by column as they are stored."""
    columns, filled = export.grid.columns, received.ballots[-1].tables[TARGETS].batch()
    addresses = pa.array(columns.address, pa.string())
    target = filled.column("target").take(pc.index_in(addresses, filled.column("cell")))
    fates = _fates_of(received, export, matched, words, addresses, target.is_valid())
    stored = (columns.text, columns.raw_type, columns.number_format, columns.merged_range, columns.is_hidden)
    cells = cell_batch((pa.repeat(export.sheet, len(target)), addresses, *stored, fates), target)
    return PackedCells(cells.take(pc.sort_indices(addresses)))


def _fates_of(
    received: Received, export: Export, matched: Matched, words: Collection[str], addresses: pa.Array, is_value: pa.Array
) -> pa.Array:  # fmt: skip
    """What fills a table is a value; the service's own columns, sums and blank ticks stand aside; the rest is asked about.

    ``words`` are the options and groups; ``is_value``: what fills the tables of ballots. A column gets one issue at its
    header, a ballot one for all that is unread.
    """
    columns, (first, last), rows = export.grid.columns, export.header, np.array(export.grid.columns.row, int)
    heads = [columns.cell(n) for n in _where(pa.array((rows >= first) & (rows <= last)))]
    _report_columns(received, export, heads, words)
    reported = _reported(received, export)
    around = {cell for record in received.records for sheet, cell, _ in record.cells if sheet == export.sheet}
    is_value = pc.or_(is_value, pc.is_in(addresses, pa.array(around, pa.string())))
    strange = {cell.column for cell in heads if cell.address in reported}
    again = {c.column for i, c in enumerate(export.question_cells) if i not in matched} - strange
    aside = again | {cell.column for cell in heads if plain(cell.text) in ASIDE}
    is_ballot = np.isin(rows, export.rows)
    is_aside = pa.array(is_ballot & np.isin(columns.column, list(aside)))
    others = {cell.address for cell in (*export.above, *export.others)}

    def fate_of(number: int) -> str:
        cell = columns.cell(number)
        if first <= cell.row <= last:
            return "aside" if plain(cell.text) in SERVICE_COLUMNS else "label"
        if is_ballot[number] and plain(cell.text) not in NO_TICK | {""}:
            return "issue"
        return "label" if cell.address in others else "aside"

    is_known = pc.or_(is_value, is_aside)
    few = pa.array([fate_of(n) for n in _where(pc.invert(is_known))], pa.string())
    fates = pc.replace_with_mask(pc.if_else(is_value, "value", "aside"), pc.invert(is_known), few)
    fates = pc.if_else(pc.is_in(addresses, pa.array(reported, pa.string())), "issue", fates)
    unread = [columns.cell(n) for n in _where(pc.equal(fates, "issue"))]
    _report_unread(received, export, unread, strange)
    return fates


def _where(is_meant: pa.Array) -> list[int]:
    return pc.indices_nonzero(is_meant).to_pylist()


def _reported(received: Received, export: Export) -> set[str]:
    issues = [issue for issue in received.issues if issue.code != "uncovered_glyph"]
    return {issue.source.cell for issue in issues if issue.source.sheet == export.sheet}


def _report_columns(
    received: Received, export: Export, heads: Sequence[Cell], words: Collection[str]
) -> None:
    """Columns that are neither a question, nor an option, nor what a service adds."""
    asked = {cell.address for cell in export.question_cells}
    for cell in heads:
        if cell.address not in asked and plain(cell.text) not in SERVICE_COLUMNS | {"", *words}:
            received.report("unknown_column", cell.text.strip(), export.sheet, cell.address)


def _report_unread(
    received: Received, export: Export, unread: Sequence[Cell], strange: Collection[int]
) -> None:
    """One issue for each ballot with a cell that became nothing, in a column that nobody has been asked about."""
    reported = _reported(received, export)
    asked = {cell.row for cell in unread if cell.address in reported}
    for cell in unread:
        if cell.column not in strange and cell.row not in asked:
            received.report("unread_cell", HIDDEN_TEXT, export.sheet, cell.address)
            asked.add(cell.row)


def drop_copies(files: Iterable[Received]) -> None:
    """The same file under another name counts once; ballots that lie under two units count for neither.

    Units may send a form twice: the rounds of ``submissions`` tell these apart.
    """
    firsts: dict[tuple[str, str], Received] = {}
    for file in sorted(files, key=lambda file: file.path):
        if not file.is_counted or file.form_id in SUBMITTED:
            continue
        first = firsts.setdefault((file.sha256, file.form_id), file)
        if first is not file:
            dropped = [file] if file.unit_id == first.unit_id else [file, first]
            for copy, other in zip(dropped, (first, file), strict=False):
                _drop(copy, other)


def _drop(file: Received, other: Received) -> None:
    file.state, file.is_counted = "superseded", False
    file.records, file.ballots, file.checks, file.issues = [], [], [], []
    file.report("duplicate_file", other.path.rpartition("/")[2])


def check_ballots(
    rows: Rows, files: Sequence[Received], own: Iterable[Received], config: CycleConfig
) -> tuple[list[Issue], list[Row]]:
    """Every ballot of a unit is counted once in every question, and as many were read as came back; issues, checks.

    ``own`` are those of the files that belong to the units themselves.
    """
    issues: list[Issue] = []
    checks: list[Row] = []
    rules = config.questionnaire
    if rules is None:
        return issues, checks
    groups = {group.id: group.label for group in rules.rater_groups}
    by_unit: dict[str, Rows] = {}
    counts: dict[str, Counts] = {}
    for file in own:
        for ballots in file.ballots:
            counts[file.unit_id] = counts.get(file.unit_id, Counts()) + ballots.counts
    for name in _COUNTED:
        for row in rows.get(name, []):
            by_unit.setdefault(row["unit_id"], {}).setdefault(name, []).append(row)
    places = {
        (file.file_id, record.values.get("unit_id"), record.values.get("rater_group")): (sheet, cell)
        for file in files for record in file.records_in("ballot_counts")
        for sheet, cell, column in record.cells if column == "n_returned"
    }  # fmt: skip
    forms = {file.file_id: file.form_id for file in files}
    for unit_id, counted in sorted(
        (unit_id, counted) for unit_id, counted in counts.items() if counted.n_read
    ):
        known = by_unit.get(unit_id, {})
        verdicts = returned_differs(known, counted, places, forms, unit_id, groups)
        raised = [issue for _, issue in verdicts if issue is not None]
        issues += raised
        outcomes = [outcome for outcome, _ in verdicts]
        gravest = max(outcomes, key=GRAVITY.index, default="insufficient_data")
        found = {
            "votes_conserved": (votes_conserved(known, counted, rules), None),
            "returned_differs": (gravest, raised[0].issue_id if raised else None),
        }
        checks += [
            {"unit_id": unit_id, "form_id": FORM, "check_id": check_id, "outcome": outcome, "issue_id": issue_id}
            for check_id, (outcome, issue_id) in found.items()
        ]  # fmt: skip
    return issues, checks


def votes_conserved(rows: Rows, counts: Counts, rules: Questionnaire) -> Outcome:
    """Whether the votes of each question (弃权 is one) and its missing answers come to a unit's valid ballots.

    A question that the file does not have makes it insufficient data; anything else would be our own fault.
    """
    expected, counted, asked = counts.n_valid, Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows.get("tallies_by_unit_question_option", []):
        if row["source"] == "ballots":
            counted[row["rater_group"], row["question_id"]] += row["n_votes"]
    from_ballots = {group for group, _ in counted}
    for (group, question_id, option_id), n in counts.votes.items():
        asked[group, question_id] += n
        counted[group, question_id] += 0 if option_id else n
    pairs = [(group, question.question_id) for group in sorted(from_ballots) for question in rules.rated]
    if any(asked[pair] != expected[pair[0]] for pair in pairs):
        return "insufficient_data"
    return "pass" if all(counted[pair] == expected[pair[0]] for pair in pairs) else "execution_error"


def returned_differs(
    rows: Rows, counts: Counts, places: Mapping[tuple[Any, ...], tuple[str, str]], forms: Mapping[str, str], unit_id: str,
    groups: Mapping[str, str],
) -> list[tuple[Outcome, Issue | None]]:  # fmt: skip
    """Of each group, as many ballots were read as the site visit's 收回; nothing is said where votes were counted by hand.

    ``places`` are the cells of 收回 by file, unit and group, ``forms`` those of the files.
    """
    read, tallies = counts.n_read, rows.get("tallies_by_unit_question_option", [])
    by_hand = {row["rater_group"] for row in tallies if row["source"] == "hand"}
    found: list[tuple[Outcome, Issue | None]] = []
    for row in rows.get("ballot_counts", []):
        group, returned, issued = row["rater_group"], row["n_returned"], row.get("n_issued")
        if (
            group in by_hand
            or returned is None
            or UNKNOWN in read
            or (issued is not None and returned > issued)
        ):
            found.append(("insufficient_data", None))
        elif read[group] == returned:
            found.append(("pass", None))
        else:
            source = Source(row["file_id"], *places.get((row["file_id"], unit_id, group), ("", "")))
            words: dict[str, object] = {"detail": groups.get(group, group), "expected": f"{returned:g}"}
            issue = Issue("returned_differs", unit_id, forms[row["file_id"]], source, str(read[group]), words)
            found.append(("fail", issue))
    return found
