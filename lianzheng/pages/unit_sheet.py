"""The sheet of one unit: what was sent in and seen there, short enough for two sides of A4; the rest stands in the annex."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.answers import answers_chart, method_line
from lianzheng.pages.blocks import Beside, Block, Blocks, Bullets, Chart, Heading, Paragraph, Table, TableCell
from lianzheng.pages.unit_scores import UnitScores
from lianzheng.pages.wording import label, say, table

MOST_FINDINGS, MOST_PRACTICES, MOST_FIGURES, MOST_STEPS, MOST_RAISED = 5, 2, 8, 6, 2
_FINDING, _PRACTICE, _RAISED, _STEP = 40, 60, 100, 24  # characters
_MAIN_MEASURES = 3
_CHART_MM = 112.0


class UnitSheet(UnitScores):
    """The second side of a scorecard: questionnaire and visit, findings and ledger, statistics, what to do next."""

    density = "sheet"

    def seen(self) -> Blocks:
        """The questionnaire, beside it the visit and the documents; of a unit that nobody visited, that it is so."""
        if not self.unit["is_visited"]:
            return Blocks(Paragraph(say("not_seen")))
        return Blocks(Beside(((self._answers(),), tuple(self._visit())), (58, 42)))

    def _answers(self) -> Chart | Paragraph:
        if self.questions.empty:
            return Paragraph(say(f"no_questionnaire_{self.where}"))
        form, everybody = self.questionnaire_form, self.returns[self.returns["rater_group"] == "all"]
        scored = self.questions.dropna(subset=["score"]).sort_values("score").to_dict("records")
        code = words.text(everybody["suppression_code"].max(), "none")
        title = say("lowest_question", **scored[0]) if scored else ""
        title = title or say(f"questions_{code}", threshold=self.threshold)
        source = say("returns", **everybody.iloc[0].to_dict()) if len(everybody) else ""
        short = {question.question_id: (*question.aliases, question.label)[0] for question in form.rated}
        rows = self.questions.assign(label=[short[id_] for id_ in self.questions.index])
        told = {"title": title, "source": source, "note": method_line(form, self.threshold, ["points"])}
        return answers_chart(form, rows, "score", told, _CHART_MM)

    def _visit(self) -> Iterator[Block]:
        visits = self.told(self.own("site_visits"))
        visits = visits.assign(quiz_mean=visits["quiz_mean_pct"] / 100, is_long=visits["report_minutes"] > 20)
        for row in visits.to_dict("records"):
            yield Paragraph(say("visit", **row))
        if visits.empty:
            yield Paragraph(say(f"no_visit_{self.where}"))
        yield self.evidence_state()

    def evidence_state(self) -> Table | Paragraph:
        """The seven classes of documents, handed in and seen."""
        return table("evidence_state", self.papers_by_class, n_lacking=len(self._faulty_classes()))

    def _faulty_classes(self) -> list[str]:
        """The classes of documents that lack something: a defect, none seen by the team, or none handed in."""
        papers = self.papers_by_class
        seen = papers["n_seen"] if self.unit["is_visited"] else papers["n_own"]
        is_marked = [isinstance(told, TableCell) for told in papers["defects"]]
        is_faulty = seen.eq(0).fillna(False).astype(bool) | pd.Series(is_marked, papers.index, bool)
        return papers.loc[is_faulty, "short"].to_list()

    def followed(self) -> Blocks:
        """The gravest findings and some good practice, beside them the ledger; what came back stands below."""
        short = self.confirmed.head(MOST_FINDINGS)
        short = short.assign(text=[words.shortened(text, _FINDING) for text in short["text"]])
        is_cut = len(self.confirmed) > len(short)
        facts = {"n_all": len(self.confirmed), "shown": say("shown_first", n=len(short)) if is_cut else ""}
        found: list[Block] = [table("findings", short, **facts)]
        if not len(self.own("findings")) + len(self.own("highlights")):
            found = [Paragraph(say(f"no_findings_{self.where}"))]
        told = [words.shortened(text, _PRACTICE) for text in self.practices[:MOST_PRACTICES]]
        more = len(self.practices) - len(told)
        told += [say("more_highlights", n=more)] if more > 0 else []
        found += [Bullets(tuple(told))] if told else []
        raised = tuple(self._raised())
        if not self.unit["is_visited"] and not len(short):
            return Blocks(Beside(((*found, self._ledger_table()), raised), (62, 38)))
        return Blocks(Beside((tuple(found), (self._ledger_table(), *raised)), (62, 38)))

    def _raised(self) -> Iterator[Paragraph]:
        told = list(self.raised_before())
        more = [say("more_raised", n=len(told) - MOST_RAISED)] if len(told) > MOST_RAISED else []
        shown = [words.shortened(text, _RAISED) for text in told[-MOST_RAISED:]]
        for text in [*shown, *more] or [say("nothing_raised")]:
            yield Paragraph(text, "note")

    def raised(self) -> tuple[Paragraph, ...]:
        """For the annex: in full what was raised before, where the sheet has only part of it."""
        told = list(self.raised_before())
        is_whole = len(told) <= MOST_RAISED and all(len(text) <= _RAISED for text in told)
        return () if is_whole else tuple(map(Paragraph, told))

    def _ledger_table(self) -> Table | Paragraph:
        lines = self.ledger
        if lines.empty:
            return Paragraph(say("no_lines"))
        counts = lines.assign(
            n=1, n_closed=~lines["is_open"], n_open=lines["is_open"], n_overdue=lines["is_late"]
        )
        by_source = (
            counts.groupby("source", sort=False)[["n", "n_closed", "n_open", "n_overdue"]]
            .sum()
            .astype("Int64")
        )
        rows = by_source.assign(label=[label("rectification_source", source) for source in by_source.index])
        return table("ledger_state", rows, n_lines=len(lines), n_overdue=int(lines["is_late"].sum()))

    def figures(self) -> Blocks:
        """The figures of 附件2 that changed most, beside them what to do next."""
        heading, steps = Heading(say("next_steps"), 3), tuple(self.next_steps())[:MOST_STEPS]
        advice = (heading, Bullets(steps) if steps else Paragraph(say("next_none")))
        return Blocks(Beside((tuple(self._main_figures()), advice), (58, 42)))

    def _main_figures(self) -> Iterator[Block]:
        told = self.figures_told
        if told.empty:
            yield from self.statistics() or (Paragraph(say("all_zero")),)
            return
        size = told["change"].abs() / told["last_value"].abs().clip(lower=1)
        main = told["measure_id"].isin(list(self.statistics_form.measures)[:_MAIN_MEASURES])
        is_problem = told["category_id"].eq("total") & main & told["value"].ne(0)
        order = told.assign(
            size=size.fillna(0.0), is_problem=is_problem, has_share=told["change_pct"].notna()
        )
        ranks = ["is_problem", "has_share", "size"]
        chosen = order.sort_values(ranks, ascending=False, kind="stable").head(MOST_FIGURES)
        facts = {"n_more": len(told) - len(chosen), "minimum": self.config.cycle.percentage_minimum}
        shown = told.loc[chosen.sort_index().index]
        shown = shown.assign(measured=shown["category"] + "·" + shown["measured"])
        yield table("main_figures", shown, cycle=self.cycle, **facts)

    def next_steps(self) -> Iterator[str]:
        """What the unit is to do, the most urgent first, each from the data and nothing else."""
        issues, lines = self.issues, self.ledger
        returned = issues[issues["severity"].isin(["return_file", "return_item"])]
        if len(returned):
            papers = "、".join(
                dict.fromkeys(self.told(returned)["form"].mask(lambda form: form == "", "其他文件"))
            )
            yield say("next_return", n=len(returned), papers=papers)
        overdue = lines[lines["is_late"]].sort_values("due_date")
        if len(overdue):
            first = overdue.iloc[0]
            yield say(
                "next_overdue",
                n=len(overdue),
                day=first["due_date"],
                text=words.shortened(first["text"], _STEP),
            )
        n_repeated = int((self.recurring["kind"] == "repeated").sum())
        if n_repeated:
            yield say("next_repeated", n=n_repeated)
        due = lines.loc[
            lines["source"].eq("inspection") & lines["origin_cycle"].eq(self.cycle), "due_date"
        ].max()
        if len(self.confirmed) and not pd.isna(due):
            yield say("next_findings", n=len(self.confirmed), day=due)
        yield from self.weakest()
        if kinds := self._faulty_classes():
            yield say("next_evidence", kinds=words.listed(kinds, 3, "类"))
        n_verify = int((issues["severity"] == "verify").sum())
        if n_verify:
            yield say("next_verify", n=n_verify)

    def weakest(self) -> Iterator[str]:
        """Sentences on the item that lost most and the question with the lowest score."""
        for row in self.losses.head(1).to_dict("records"):
            yield say("next_item", **row)
        if not self.questions.empty:
            for row in (
                self.questions.dropna(subset=["score"]).sort_values("score").head(1).to_dict("records")
            ):
                yield say("next_question", **row)
