"""Forms filled in from the standard and the questionnaire: their fixed rows, and a tally's columns."""

from __future__ import annotations

from collections.abc import Iterator

from lianzheng.config.forms import Form, FormColumn, FormRow, FormTable
from lianzheng.config.models import FindingTaxonomy, Questionnaire
from lianzheng.config.standard import Item, Standard, Veto

NOTHING = "—"  # printed where a label has nothing to say; an empty label would merge with the row above


def fill_form(
    form: Form, standard: Standard, questionnaire: Questionnaire | None, findings: FindingTaxonomy | None
) -> Form:
    """The form with the rows and columns that its tables take from the standard and the questionnaire."""
    evidence = {named.id: named.label for named in findings.evidence_classes} if findings else {}
    tables = []
    for table in form.tables:
        if table.rows_from == "standard":
            table = table.model_copy(
                update={"rows": tuple(standard_rows(table, standard, evidence, form.sender == "unit"))}
            )
        if table.rows_from == "questions" and questionnaire:
            table = table.model_copy(update={"rows": tuple(question_rows(table, questionnaire))})
        if table.columns_from == "scale" and questionnaire:
            table = table.model_copy(update={"columns": scale_columns(questionnaire)})
        tables.append(table)
    return form.model_copy(update={"tables": tuple(tables)})


def standard_rows(
    table: FormTable, standard: Standard, evidence: dict[str, str], is_for_unit: bool
) -> Iterator[FormRow]:
    """A row per item. A unit scores items and bonus; a team also the vetoes that no ledger decides."""
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
            yield FormRow(
                row_id=item.item_id,
                labels=tuple(words.get(column.shows, NOTHING) for column in table.label_columns),
                aliases=item.aliases,
                keys={"item_id": item.item_id},
                maximum=item.max_points if block.kind != "veto" else None,
                is_required=block.kind == "points",
            )
    if table.total_label:
        yield total_row(table, standard)


def is_scored_by_hand(item: Item, is_for_unit: bool) -> bool:
    """Whether people write something for the item: never for a veto that the case ledger decides."""
    return not isinstance(item.rule, Veto) or not (is_for_unit or item.rule.fact)


def total_row(table: FormTable, standard: Standard) -> FormRow:
    """The sum below the items; bonus points may lift it above 100."""
    highest = sum(block.max_points for block in standard.blocks)
    labels = [NOTHING] * len(table.label_columns)
    labels[table.key_label] = table.total_label
    for index, column in enumerate(table.label_columns):
        if column.shows == "points":
            labels[index] = "100"
    return FormRow(
        row_id="total", labels=tuple(labels), role="total", keys={"item_id": "total"}, maximum=highest
    )


def question_rows(table: FormTable, questionnaire: Questionnaire) -> Iterator[FormRow]:
    """A row per rated question."""
    for number, question in enumerate(questionnaire.rated, start=1):
        words = {"number": str(number), "name": question.label}
        yield FormRow(
            row_id=question.question_id,
            labels=tuple(words.get(column.shows, NOTHING) for column in table.label_columns),
            aliases=question.aliases,
            keys={"question_id": question.question_id},
        )


def scale_columns(questionnaire: Questionnaire) -> tuple[FormColumn, ...]:
    """A column of votes per option of the scale."""
    return tuple(
        FormColumn(
            column_id=option.option_id,
            label=option.label,
            value="count",
            target="n_votes",
            aliases=option.aliases,
            keys={"option_id": option.option_id},
            is_required=True,
        )
        for option in questionnaire.scale
    )
