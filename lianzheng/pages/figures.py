"""Figures of 附件2 as pages tell them: in the form's order, with labels, and what became of them since last year."""

from __future__ import annotations

import pandas as pd

from lianzheng.config.forms import FormTable
from lianzheng.pages import words
from lianzheng.pages.page import Page
from lianzheng.tables import labels

KEY = ["category_id", "measure_id"]


class FiguresPage(Page):
    """A page that tells figures of 附件2."""

    def in_form_order(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Figures in the order of the configured categories and measures, with labels (``measured`` with the unit)."""
        form = self.statistics_form
        order = {key: place for place, key in enumerate([*form.categories, *form.measures])}
        told = self.told(figures.sort_values(KEY, key=lambda ids: ids.map(order), kind="stable"))
        return told.assign(measured=told["measure"] + "（" + told["unit_of_measure"] + "）")

    def told_figures(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Figures of 附件2 in the form's order, with labels, states and what happened to a value."""
        told = self.in_form_order(figures)
        states = told["value_state"].map(labels("value_state"))
        return told.assign(
            told=[words.number(value, state) for value, state in zip(told["value"], states, strict=True)],
            remark=told["conversion"].mask(told["correction_id"].notna(), "按更正登记计"),
        )

    def row_names(self, form_table: FormTable) -> dict[tuple[str, str], str]:
        """The printed labels of a table's rows by the category and measure that they ask for."""
        return {
            (keys["category_id"], keys["measure_id"]): row.labels[form_table.key_label]
            for row in form_table.rows
            for column in form_table.columns
            if {"category_id", "measure_id"} <= set(keys := {**form_table.keys, **row.keys, **column.keys})
        }

    def with_changes(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Add ``change_told``: the change on ``last_value`` in words, or why there is none."""
        minimum = self.config.cycle.percentage_minimum
        changes = zip(figures["last_value"], figures["change"], figures["change_pct"], strict=True)
        told = [words.changed(last, change, percent, minimum) for last, change, percent in changes]
        return figures.assign(change_told=pd.Series(told, figures.index, "str"))
