"""The figures of the bulletin by address, and its attachments: charts, and tables that name no unit unless allowed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from lianzheng.config.bulletin import FIGURES, Bulletin
from lianzheng.pages import words
from lianzheng.pages.answers import OF_SHARES, answers_chart, method_line, shares_of_units
from lianzheng.pages.blocks import Block, Blocks, Chart, Heading
from lianzheng.pages.citations import Address, Cited, cite
from lianzheng.pages.edition import ANONYMOUS
from lianzheng.pages.figures import FiguresPage
from lianzheng.pages.grammar import Teller
from lianzheng.pages.page import configured
from lianzheng.pages.problems import ProblemsPage, listed_labels, marked_bars
from lianzheng.pages.spreads import about_zero
from lianzheng.pages.wording import chart, columns, filled, say, table

FIGURE_TABLE, SUMS, CLASSES = "bulletin_figures", "statistics_by_category_measure", "finding_counts_by_class"
RESULTS = "results_by_unit"
_SHARES = frozenset({"quiz_mean", "return_rate", "best_share", "share_lacking", "common_share"})
_SHOWN = {
    "scores": "总分> = total | points",
    "grades": "等次> = grade | @grade",
    "ranks": "排名> = rank ? 不排名",
}


class AttachmentsPage(ProblemsPage, FiguresPage):
    """A page that tells figures with their addresses, and draws them."""

    @property
    def texts(self) -> Bulletin:
        """bulletin.yml."""
        return configured(self.config.bulletin, "bulletin.yml")

    @property
    def is_anonymous(self) -> bool:
        """Whether no unit may be named."""
        return self.edition == ANONYMOUS

    @property
    def n_charts(self) -> int:
        """Problem classes, questionnaire, evidence, change on last year, each where there is something to draw."""
        return sum(not part.empty for part in (self.classes, self.answers, self.evidence, self.changes))

    @functools.cached_property
    def visited(self) -> pd.Index:
        """The units on the visit list, in roster order."""
        return self.units.index[self.units["is_visited"]]

    def confirmed(self, name: str) -> pd.DataFrame:
        """The findings or highlights that teams confirmed at the units of the visit list; nothing else may be told."""
        confirmed = self.frame(name).query("is_confirmed == True")
        return self.told(confirmed[confirmed["unit_id"].isin(self.visited)])

    @functools.cached_property
    def _figures(self) -> pd.DataFrame:
        return self.frame(FIGURE_TABLE).set_index("figure_id")

    def figure(self, figure_id: str, form: str = "") -> Cited:
        """A figure of the bulletin with its address, null where there is none; ``form`` is how it is shown."""
        column = "day" if form.startswith("day") else "value"
        form = form or ("share" if figure_id.partition(":")[0] in _SHARES else "number")
        value = self._figures[column].get(figure_id)
        return Cited(value, Address(FIGURE_TABLE, figure_id, column, form))

    def class_figures(self, kind: dict[str, Any]) -> dict[str, Cited]:
        """How many findings of a class there are, and at how many units."""
        key = kind["bulletin_class"]
        return {name: Cited(kind[name], Address(CLASSES, key, name)) for name in ("n_findings", "n_units")}

    @functools.cached_property
    def _teller(self) -> Teller:
        return Teller(self.texts, {name: self.figure(name) for name in FIGURES})

    def say(self, name: str, **facts: Any) -> str:
        """A sentence of bulletin.yml."""
        return self._teller.say(name, **facts)

    @functools.cached_property
    def attached(self) -> list[str]:
        """The titles of the attachments that there are."""
        parts = (("charts_attached", self.n_charts), ("tables_attached", len(self.attached_tables())))
        return [self.say(name) for name, n_parts in parts if n_parts]

    def attachment_number(self, place: int) -> str:
        """The number of an attachment, where there are several."""
        return str(place + 1) if len(self.attached) > 1 else ""

    def annex(self) -> Blocks:
        """The attachments, each on a new page; no unit is named unless the cycle allows it."""
        blocks: list[Block] = []
        contents = filter(None, (self._charts(), self.attached_tables()))
        for place, (title, drawn) in enumerate(zip(self.attached, contents, strict=True)):
            label = f"附件{self.attachment_number(place)}"
            blocks += [Heading(title, 2, starts_page=True, label=label), *drawn]
        return Blocks(*blocks)

    def _charts(self) -> list[Block]:
        n_source = filled("受检单位{n}家", {"n": self.figure("n_visited")})
        drawers = (
            lambda before: self.classes_chart(n_source, before, share=self.figure("common_share"), n_common=self.figure("n_common")),
            self._answers_chart, self._evidence_chart, self._changes_chart,
        )  # fmt: skip
        return _numbered("图", drawers)

    def attached_tables(self) -> list[Block]:
        """The tables of the attachments, numbered."""
        return _numbered("表", (self._defects_table, self._changes_table, self._results_table))

    @functools.cached_property
    def answers(self) -> pd.DataFrame:
        """The votes of all units with a valid result that may be shown, as shares by question."""
        form, tallies = self.questionnaire_form, self.frame("tallies_by_unit_question_option")
        shares = shares_of_units(form, self.frame("questionnaire_by_unit_question"), tallies)
        if shares.empty:
            return shares
        best = shares[form.best.option_id]
        return shares.assign(share=best, text=best.map(words.share))

    def _answers_chart(self, before: str) -> Chart | None:
        if self.answers.empty:
            return None
        form, hidden = self.questionnaire_form, self.figure("n_hidden")
        lowest = self.answers[self.answers["share"] == self.answers["share"].min()]
        share = self.figure(f"best_share:{lowest.index[0]}")
        title = say(
            "lowest_answer", before=before, best=form.best.label, labels=listed_labels(lowest), share=share
        )
        left_out = say("left_out", n=hidden) if hidden.value else ""
        source = say("answers_source", n_units=self.figure("n_scored"), left_out=left_out)
        told = {"title": title, "source": source, "note": method_line(form, self.threshold, OF_SHARES)}
        return answers_chart(form, self.answers, "best", told)

    @functools.cached_property
    def evidence(self) -> pd.DataFrame:
        """Evidence classes by the number of inspected units where something was lacking."""
        kinds = self.names("evidence_classes")
        figures = {
            name: self._figures["value"].reindex([f"{name}:{k}" for k in kinds]).to_numpy()
            for name in ("n_lacking", "share_lacking")
        }
        rows = pd.DataFrame(
            {
                "kind": list(kinds),
                "label": list(kinds.values()),
                "value": figures["n_lacking"],
                "share": figures["share_lacking"],
            }
        )
        rows = rows.dropna(subset=["value"])
        texts = [f"{words.number(row.value)}家，{words.share(row.share)}" for row in rows.itertuples()]
        return rows.assign(text=texts).sort_values("value", ascending=False, kind="stable", ignore_index=True)

    def _evidence_chart(self, before: str) -> Chart | None:
        if self.evidence.empty:
            return None
        figure = marked_bars(self.evidence, self.evidence["share"] >= self.config.cycle.common_share - 1e-9)
        most = self.evidence[self.evidence["value"] == self.evidence["value"].max()]
        n, share = (self.figure(f"{name}:{most['kind'].iloc[0]}") for name in ("n_lacking", "share_lacking"))
        title = say("none_lacking")
        if n.value:
            title = say("most_lacking", labels=listed_labels(most), n_lacking=n, share_lacking=share)
        return chart("evidence", figure, self.evidence, told=before + title, n_units=self.figure("n_seen"))

    @functools.cached_property
    def changes(self) -> pd.DataFrame:
        """What units reported of spending and work beside last year, where the base is large enough for a percentage."""
        names: dict[tuple[str, str], str] = {}
        for form_table in self.statistics_form.form.tables if self.config.statistics else ():
            names |= self.row_names(form_table) if form_table.table_id != "problems" else {}
        rows = self.frame(SUMS).dropna(subset=["change_pct"]).set_index(["category_id", "measure_id"])
        rows = rows.loc[[key for key in names if key in rows.index]]
        rows = rows.assign(name=[names[key] for key in rows.index], value=rows["change_pct"] / 100)
        numbers = [map(words.number, rows[name]) for name in ("total_compared", "last_total")]
        told = zip(*numbers, map(words.percent, rows["change_pct"]), strict=True)
        return rows.assign(
            label=[
                name if name.endswith(unit) else f"{name}（{unit}）"
                for name, unit in zip(rows["name"], rows["unit_of_measure"], strict=True)
            ],
            text=[f"{this}，上年{last}（{change}）" for this, last, change in told],
        )

    def _changes_chart(self, before: str) -> Chart | None:
        if self.changes.empty:
            return None
        ordered = self.changes.sort_values("value", kind="stable")
        ends = (("grew_most", ordered.tail(1), 1), ("shrank_most", ordered.head(1), -1))
        told = [
            say(name, label=row["name"].iloc[0], change=self._cited_sum(row, "change_pct", "percent")[0])
            for name, row, sign in ends
            if row["value"].iloc[0] * sign > 0
        ]
        title = "，".join([say("beside_last_year"), *told]) if told else say("nothing_changed")
        return chart("bulletin_changes", about_zero(self.changes), self.changes, told=before + title)

    def _cited_sum(self, rows: pd.DataFrame, column: str, form: str = "number") -> list[Cited]:
        return [Cited(v, Address(SUMS, "|".join(key), column, form)) for key, v in rows[column].items()]

    def _changes_table(self, before: str) -> Block | None:
        rows = self.changes
        if rows.empty:
            return None
        sums = {name: self._cited_sum(rows, name) for name in ("total_compared", "last_total", "n_compared")}
        rows = rows.assign(**sums, change_pct=self._cited_sum(rows, "change_pct", "percent"))
        return table("bulletin_changes", rows, before=before)

    def _defects_table(self, before: str) -> Block | None:
        if self.classes.empty:
            return None
        told = {id_.rpartition(":")[2] for id_ in self._figures.index if id_.startswith("n_by_defect:")}
        names = {id_: name for id_, name in self.names("defects").items() if id_ in told}
        rows = [
            [kind["label"], *(self._shown(self.figure(f"n_by_defect:{kind['bulletin_class']}:{id_}")) for id_ in names),
             *map(self._shown, self.class_figures(kind).values())]
            for kind in self.classes.to_dict("records")
        ]  # fmt: skip
        return table("defects", rows, defects=columns(names.values(), ":6>"), before=before)

    def _shown(self, figure: Cited) -> str:
        return words.DASH if figure.value is None else filled("{n}", {"n": figure})

    def _results_table(self, before: str) -> Block | None:
        """The results of the visited units; what has no value (不排名) has no address."""
        shown = () if self.is_anonymous else self.config.cycle.bulletin_shows
        if not shown:
            return None
        results = self.frame(RESULTS).set_index("unit_id").reindex(self.visited)
        cited = {
            column: [
                None if pd.isna(value) else Cited(value, Address(RESULTS, id_, column))
                for id_, value in results[column].items()
            ]
            for column in ("total", "grade", "rank")
        }
        names = [
            cite(self.units.loc[id_, "name"], Address(RESULTS, id_, "unit_id", "name"))
            for id_ in results.index
        ]
        rows = results.assign(name=names, **cited)
        return table("shown", rows, shown="\n".join(_SHOWN[kind] for kind in shown), before=before)


def _numbered(word: str, drawers: Iterable[Callable[[str], Block | None]]) -> list[Block]:
    """What there is to show, each given its number (图1, 表1) to stand before its title."""
    drawn: list[Block] = []
    for draw in drawers:
        one = draw(f"{word}{len(drawn) + 1}　")
        drawn += [one] if one else []
    return drawn
