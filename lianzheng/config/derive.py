"""Forms filled in from the standard and the questionnaire: their fixed rows, and a tally's columns."""

from __future__ import annotations

from collections.abc import Iterator

from lianzheng.config.findings import FindingTaxonomy
from lianzheng.config.forms import Form, FormColumn, FormRow, FormTable
from lianzheng.config.models import Option, Questionnaire
from lianzheng.config.rules import Part, Veto
from lianzheng.config.standard import Item, Standard

NOTHING = "—"  # printed where a label has nothing to say; an empty label would merge with the row above


def fill_form(
    form: Form, standard: Standard, questionnaire: Questionnaire | None, findings: FindingTaxonomy | None
) -> Form:
    """The form with the rows and columns that its tables take from the standard and the questionnaire."""
    evidence = {named.id: named.label for named in findings.evidence_classes} if findings else {}
    tables = []
    for table in form.tables:
        update: dict[str, object] = {}
        if table.rows_from == "standard":
            update["rows"] = tuple(standard_rows(table, standard, evidence, form.sender == "unit"))
        if table.rows_from == "questions" and questionnaire:
            update["rows"] = tuple(question_rows(table, questionnaire))
        if table.columns_from == "scale" and questionnaire:
            update["columns"] = tuple(map(vote_column, questionnaire.scale))
        tables.append(table.model_copy(update=update))
    return form.model_copy(update={"tables": tuple(tables)})


def standard_rows(
    table: FormTable, standard: Standard, evidence: dict[str, str], is_for_unit: bool
) -> Iterator[FormRow]:
    """A row per item, and for teams one per part of it. A unit scores items and bonus; a team also the vetoes that

    no ledger decides. Rows of a block that counts for some types of units may stay blank.
    """
    number = 0
    for block in standard.blocks:
        shown = [item for item in block.items if is_scored_by_hand(item, is_for_unit)]
        for item in shown:
            number += 1
            words = {
                "number": str(number),
                "block": block.label if item is shown[0] else "",
                "name": item.name,
                "points": f"{item.max_points:g}" if block.kind != "veto" else NOTHING,
                "criterion": item.criterion,
                "counts": item.rule.counts or NOTHING,
                "evidence": "；".join(evidence.get(id_, id_) for id_ in item.evidence_classes) or NOTHING,
            }
            highest = item.max_points if block.kind != "veto" else None
            row = _row(table, item.item_id, words, {"item_id": item.item_id})
            is_required = block.kind == "points" and not block.unit_types
            more = {"aliases": item.aliases, "maximum": highest, "is_required": is_required}
            yield row.model_copy(update=more)
            for part in () if is_for_unit else item.parts:
                yield _part_row(table, item, part)
    if table.total_label:  # bonus points may lift the sum above 100
        words = {"name": table.total_label, "points": "100"}
        highest = sum(block.max_points for block in standard.blocks)
        total = _row(table, "total", words, {"item_id": "total"})
        yield total.model_copy(update={"role": "total", "maximum": highest})


def _part_row(table: FormTable, item: Item, part: Part) -> FormRow:
    """The row of a tier, a sub-item, a source or a further rule, below its item's."""
    points = NOTHING if part.max_points is None else f"{part.max_points:g}"
    words = {"name": f"{item.name}：{part.label}", "points": points, "counts": part.counts, "block": ""}
    keys = {"item_id": item.item_id, "part_id": part.part_id}
    row = _row(table, f"{item.item_id}.{part.part_id}", words, keys)
    return row.model_copy(update={"maximum": part.max_points, "is_required": False})


def is_scored_by_hand(item: Item, is_for_unit: bool) -> bool:
    """Whether people write something for the item: never for a veto that the case ledger decides."""
    return not isinstance(item.rule, Veto) or not (is_for_unit or item.rule.fact)


def _row(table: FormTable, row_id: str, words: dict[str, str], keys: dict[str, str]) -> FormRow:
    labels = tuple(words.get(column.shows, NOTHING) for column in table.label_columns)
    return FormRow(row_id=row_id, labels=labels, keys=keys)


def question_rows(table: FormTable, questionnaire: Questionnaire) -> Iterator[FormRow]:
    """A row per rated question."""
    for number, question in enumerate(questionnaire.rated, start=1):
        words, keys = {"number": str(number), "name": question.label}, {"question_id": question.question_id}
        yield _row(table, question.question_id, words, keys).model_copy(update={"aliases": question.aliases})


def vote_column(option: Option) -> FormColumn:
    """The column of votes for an option of the scale."""
    common = {"value": "count", "target": "n_votes", "is_required": True, "aliases": option.aliases}
    common |= {"column_id": option.option_id, "label": option.label, "keys": {"option_id": option.option_id}}
    return FormColumn.model_validate(common)
