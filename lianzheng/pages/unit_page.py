"""What one unit sent in and what was seen there: questionnaire, visit, findings, statistics, papers."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pandas as pd

from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.answers import (
    ALL,
    answers_chart,
    method,
    method_line,
    rows_of_unit,
    talk_counts,
    told_scores,
)
from lianzheng.pages.blocks import Block, Blocks, Bullets, Chart, Paragraph, Table, TableCell
from lianzheng.pages.figures import KEY, FiguresPage
from lianzheng.pages.page import EVERYBODY
from lianzheng.pages.visits import handed_in
from lianzheng.pages.wording import say, table
from lianzheng.scoring.rectification import is_overdue

PERIODS = ["value", "last", "last_return"]


class UnitPage(FiguresPage):
    """A page about one unit of the roster; raises ParameterError for a unit that is not in it."""

    def __init__(self, cycle: int, unit_id: str, *, data_dir: str = "", edition: str = "internal") -> None:
        super().__init__(cycle, data_dir=data_dir, edition=edition)
        if unit_id not in self.units.index:
            first, last = self.units.index[[0, -1]]
            raise ParameterError(f"没有单位 {unit_id!r}", f"unit_id 可取 {first} 至 {last}，见 units.csv")
        self.unit_id = unit_id
        self.unit = self.units.loc[unit_id]

    @functools.cached_property
    def block_names(self) -> dict[str, str]:
        """The blocks of the standard that count for units of this type."""
        unit_type, blocks = self.unit["unit_type"], self.config.standard.blocks
        counted = {block.block_id for block in blocks if block.is_for(unit_type)}
        return {id_: name for id_, name in super().block_names.items() if id_ in counted}

    def own(self, name: str) -> pd.DataFrame:
        """The unit's rows of a table."""
        frame = self.frame(name)
        return frame[frame["unit_id"] == self.unit_id].reset_index(drop=True)

    @property
    def where(self) -> str:
        """Part of the names of sentences that differ between visited units and others."""
        return "visited" if self.unit["is_visited"] else "not_visited"

    @functools.cached_property
    def questions(self) -> pd.DataFrame:
        """The rated questions for all raters together; empty where there is no questionnaire."""
        results = self.own("questionnaire_by_unit_question")
        tallies = self.own("tallies_by_unit_question_option")
        return rows_of_unit(self.questionnaire_form, results, tallies, self.threshold)

    def questionnaire(self) -> Blocks:
        """Returns by rater group, then votes by question with score and interval."""
        if self.questions.empty:
            return Blocks(Paragraph(say(f"no_questionnaire_{self.where}")))
        results = self.own("questionnaire_by_unit_question")
        rate = (results["n_returned"] / results["n_issued"]).where(results["n_issued"] > 0)
        results = results.assign(rate=rate.astype("float64"))
        return Blocks(self._raters_table(results), self._answers_chart(results.query(EVERYBODY)))

    def _answers_chart(self, everybody: pd.DataFrame) -> Chart:
        scored = self.questions.dropna(subset=["score"]).sort_values("score").to_dict("records")
        code = words.text(everybody["suppression_code"].max(), "none")
        title = say("lowest_question", **scored[0]) if scored else ""
        title = title or say(f"questions_{code}", threshold=self.threshold)
        source = say("returns", **everybody.iloc[0].to_dict()) if len(everybody) else ""
        note = method_line(self.questionnaire_form, self.threshold)
        told = {"title": title, "source": source, "note": note}
        return answers_chart(self.questionnaire_form, self.questions, "score", **told)

    def _raters_table(self, results: pd.DataFrame) -> Table | Paragraph:
        form = self.questionnaire_form
        groups = {group.id: group.label for group in form.rater_groups} | {ALL: "合计"}
        (minimum,) = method(form, self.threshold, ["minimum"])
        results = results.query("question_id == 'all'")
        spans = zip(results["low"], results["high"], strict=True)
        told = results.assign(
            order=[list(groups).index(group) if group in groups else -1 for group in results["rater_group"]],
            rater=results["rater_group"].map(groups),
            told=told_scores(results, self.threshold),
            interval=[words.interval(low, high) for low, high in spans],
        )
        return table("raters", told.sort_values("order"), note=say("method_below", minimum=minimum))

    def visit(self) -> Blocks:
        """Facts of the site visit, documents seen by class, and talks as counts."""
        visits = self.told(self.own("site_visits"))
        visits = visits.assign(quiz_mean=visits["quiz_mean_pct"] / 100, is_long=visits["report_minutes"] > 20)
        told = [say("visit", **row) for row in visits.to_dict("records")] or [say(f"no_visit_{self.where}")]
        talks = [Paragraph(self._talks(), "note")] if self.unit["is_visited"] else []
        return Blocks(*map(Paragraph, told), self._evidence_table(), *talks)

    def _evidence_table(self) -> Table | Paragraph:
        evidence, own = self.own("evidence_by_unit_class"), handed_in(self.own("files"))
        seen = self.told(evidence.query("item_id == '' and scorer != 'self'")).groupby("evidence_class")
        lacking = seen["defect"].agg(lambda names: "、".join(dict.fromkeys(filter(None, names))))
        told = pd.DataFrame(index=pd.Index(list(self.names("evidence_classes"))))
        told["kind"], told["n_seen"] = self.names("evidence_classes"), seen["n_documents"].sum()
        told["n_own"] = own.groupby("evidence_class")["sha256"].nunique().astype("Int64")
        told["n_own"] = told["n_own"].fillna(0) if len(own) else told["n_own"]
        told["note"] = seen["note"].agg(lambda notes: "；".join(notes.dropna()))
        told["defects"] = lacking.map(lambda names: TableCell(names, tone="warn") if names else "未发现")
        told["items"] = self._items_without_paper()
        return table("evidence", told if len(evidence) or len(own) else told.head(0))

    def _items_without_paper(self) -> pd.Series:
        """Names of the items that intake found without material, by the first class of documents that they ask for."""
        asked = self.own("issues").query("code == 'no_evidence'")[["file_id", "sheet", "cell"]]
        scores = self.own("scores_by_unit_item_scorer").query("scorer == 'self'")
        items = self.frame("items").merge(scores.merge(asked)["item_id"], on="item_id").sort_values("order")
        first = items["evidence_classes"].str.split("|").str[0]
        return items["name"].groupby(first).agg("、".join)

    def _talks(self) -> str:
        threshold = self.threshold
        counts = self.told(talk_counts(self.own("interviews"), threshold))
        told = [say("talk", **row) for row in counts.to_dict("records")]
        return say("talks_of_unit", threshold=threshold, told="；".join(told) or f"各主题均不足{threshold}人")

    def findings(self) -> Blocks:
        """Confirmed findings and good practice; unconfirmed ones are only counted."""
        findings, highlights = self.own("findings"), self.own("highlights")
        recurring = map(Paragraph, self._recurring())
        if findings.empty and highlights.empty:
            return Blocks(Paragraph(say(f"no_findings_{self.where}")), *recurring)
        confirmed, good = findings[findings["is_confirmed"]], highlights[highlights["is_confirmed"]]
        blocks: list[Block] = [table("findings", self.told(confirmed))]
        blocks += [Bullets(tuple(say("highlight", text=text) for text in good["text"]))] if len(good) else []
        n_open = len(findings) + len(highlights) - len(confirmed) - len(good)
        blocks += [Paragraph(say("unconfirmed", n=n_open), "note")] if n_open else []
        return Blocks(*blocks, *recurring)

    def _recurring(self) -> Iterator[str]:
        """What was raised before: 屡查屡犯, a sentence each, and how much is still open."""
        lines = self.own("rectifications")
        lines = lines.assign(is_late=is_overdue(lines, self.config.cycle.report_date))
        lines = lines.drop(columns="finding_id")
        found = self.own("findings").set_index("finding_id")["text"]
        matched = lines.merge(self.own("recurrences")[["rectification_id", "finding_id", "kind"]])
        matched = matched.assign(finding=matched["finding_id"].map(found))
        for row in matched[matched["kind"] == "repeated"].to_dict("records"):
            yield say("repeated", **row)
        left = matched[matched["kind"] == "not_rectified"]
        told = "；".join(say("open_line", **row) for row in left.to_dict("records"))
        if len(left):
            yield say("still_open", n=len(left), n_overdue=left["is_late"].sum(), told=told)

    def statistics(self) -> Blocks:
        """The figures of 附件2 that are not zero or not numbers, in the form's order, this year beside last."""
        figures = self.own("statistics_by_unit_category_measure")
        last = figures.pivot(index=KEY, columns="period", values="value").reindex(columns=PERIODS[1:])
        both = figures[figures["period"] == "this"].set_index(KEY).join(last).reset_index()
        told = both[both["value"].isna() | (both[PERIODS].fillna(0) != 0).any(axis=1)]
        if both.empty or told.empty:
            return Blocks(Paragraph(say("no_statistics" if both.empty else "zero_return", n=len(both))))
        changes = self.own("statistic_changes_by_unit")[[*KEY, "last_value", "change", "change_pct"]]
        told = self.with_changes(told.merge(changes, on=KEY, how="left"))
        facts = {"n_zero": len(both) - len(told), "minimum": self.config.cycle.percentage_minimum}
        return Blocks(table("statistics", self.told_figures(told), cycle=self.cycle, **facts))

    def papers(self) -> Blocks:
        """What came in when, and the data issues of the unit."""
        submissions = table("submissions", self.told(self.own("submissions")))
        return Blocks(submissions, self.issue_table(self.own("issues"), "issues"))
