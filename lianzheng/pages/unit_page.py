"""What one unit sent in and what was seen there: questionnaire, visit, findings, statistics, papers."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pandas as pd

from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.answers import ALL, method_line, rows_of_unit, talk_counts, told_scores
from lianzheng.pages.blocks import Block, Bullets, Paragraph, Table, TableCell
from lianzheng.pages.edition import UNIT_EDITION, UnitTables, name_mask
from lianzheng.pages.figures import KEY, FiguresPage
from lianzheng.pages.returned import returned_issues
from lianzheng.pages.visits import handed_in
from lianzheng.pages.wording import say, table
from lianzheng.scoring.rectification import is_overdue
from lianzheng.tables import NOBODY, labels, read_of, schemas

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
        of_units = [name for name, schema in schemas().items() if "unit_id" in schema.names]
        self.reads |= {read_of(name, "unit_id", unit_id) for name in of_units}
        if self.is_for_unit:
            self.tables = UnitTables(self.tables, unit_id, name_mask(self.config, unit_id))
            del self.units  # the other units' names, which were needed to know this one

    @property
    def is_for_unit(self) -> bool:
        """Whether this is the edition that the unit itself gets."""
        return self.edition == UNIT_EDITION

    @functools.cached_property
    def block_names(self) -> dict[str, str]:
        """The blocks of the standard that count for units of this type."""
        unit_type, blocks = self.unit["unit_type"], self.config.standard.blocks
        counted = {block.block_id for block in blocks if block.is_for(unit_type)}
        return {id_: name for id_, name in super().block_names.items() if id_ in counted}

    def own(self, name: str, **values: str) -> pd.DataFrame:
        """The unit's rows of a table, those of them that have these values."""
        frame = self.tables.public(name, self.unit_id)
        for column, value in values.items():
            frame = frame[frame[column] == value]
        return frame.reset_index(drop=True) if values else frame

    @functools.cached_property
    def _own_paths(self) -> dict[str, str]:
        files = self.tables.public("files", self.unit_id, NOBODY)
        return dict(zip(files["file_id"], files["path"], strict=True))

    def path_of(self, file_id: str) -> str:
        """The path of a file: hardly ever one of another unit, so these are looked at last."""
        return self._own_paths.get(file_id) or super().path_of(file_id)

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

    @functools.cached_property
    def returns(self) -> pd.DataFrame:
        """The results of the whole form by rater group, with the ``rate`` of return (null where 发出 is unknown)."""
        results = self.own("questionnaire_by_unit_question", question_id="all")
        rate = (results["n_returned"] / results["n_issued"]).where(results["n_issued"] > 0)
        return results.assign(rate=rate.astype("float64"))

    def raters(self) -> tuple[Block, ...]:
        """Returns and score by rater group, with the method of counting; nothing where there is no questionnaire."""
        return (self._raters_table(self.returns),) * (not self.questions.empty)

    def _raters_table(self, results: pd.DataFrame) -> Table | Paragraph:
        form = self.questionnaire_form
        groups = {group.id: group.label for group in form.rater_groups} | {ALL: "合计"}
        spans = zip(results["low"], results["high"], strict=True)
        told = results.assign(
            order=[list(groups).index(group) if group in groups else -1 for group in results["rater_group"]],
            rater=results["rater_group"].map(groups),
            told=told_scores(results, self.threshold),
            interval=[words.interval(low, high) for low, high in spans],
        )
        return table("raters", told.sort_values("order"), note=method_line(form, self.threshold))

    def evidence(self) -> tuple[Block, ...]:
        """Documents by class with the team's notes, and talks as counts (in the bureau's edition)."""
        is_told = bool(self.unit["is_visited"]) and not self.is_for_unit
        return (table("evidence", self.papers_by_class), *[Paragraph(self._talks(), "note")] * is_told)

    @functools.cached_property
    def papers_by_class(self) -> pd.DataFrame:
        """The seven classes of documents: kind (and short), n_own handed in, n_seen by the team, defects, notes, items without any.

        Empty where nothing was handed in or seen.
        """
        evidence, sent = self.own("evidence_by_unit_class"), handed_in(self.own("files"))
        is_seen = (evidence["item_id"] == "") & (evidence["scorer"] != "self")
        seen = self.told(evidence[is_seen]).to_dict("records")
        lacking, rows = self._items_without_paper(), []
        for kind in self.taxonomy.evidence_classes if len(evidence) or len(sent) else ():
            lines = [line for line in seen if line["evidence_class"] == kind.id]
            names = "、".join(dict.fromkeys(line["defect"] for line in lines if line["defect"]))
            rows.append({
                "kind": kind.label, "short": (*kind.aliases, kind.label)[0], "items": lacking.get(kind.id),
                "n_seen": sum(line["n_documents"] for line in lines if not pd.isna(line["n_documents"])) if lines else None,
                "n_own": sent.loc[sent["evidence_class"] == kind.id, "sha256"].nunique() if len(sent) else None,
                "note": "；".join(line["note"] for line in lines if not pd.isna(line["note"])),
                "defects": TableCell(names, tone="warn") if names else "未发现" if lines else None,
            })  # fmt: skip
        told = pd.DataFrame(rows, columns=["kind", "short", "items", "n_seen", "n_own", "note", "defects"])
        return told.astype({"n_seen": "Int64", "n_own": "Int64"})

    def _items_without_paper(self) -> dict[str, str]:
        """Names of the items that intake found without material, by the first class of documents that they ask for."""
        asked = self.own("issues", code="no_evidence")[["file_id", "sheet", "cell"]]
        if asked.empty:
            return {}
        scores = self.own("scores_by_unit_item_scorer", scorer="self")
        items = self.frame("items").merge(scores.merge(asked)["item_id"], on="item_id").sort_values("order")
        first = items["evidence_classes"].str.split("|").str[0]
        return dict(items["name"].groupby(first).agg("、".join))

    def _talks(self) -> str:
        threshold = self.threshold
        counts = self.told(talk_counts(self.own("interviews"), threshold))
        told = [say("talk", **row) for row in counts.to_dict("records")]
        return say("talks_of_unit", threshold=threshold, told="；".join(told) or f"各主题均不足{threshold}人")

    @functools.cached_property
    def confirmed(self) -> pd.DataFrame:
        """The unit's confirmed findings, the gravest first."""
        findings, order = self.own("findings"), list(labels("finding_severity"))[::-1]
        found = self.told(findings[findings["is_confirmed"]])
        return found.sort_values("finding_severity", key=lambda codes: codes.map(order.index), kind="stable")

    @functools.cached_property
    def practices(self) -> list[str]:
        """The unit's confirmed good practice, a sentence each."""
        highlights = self.own("highlights")
        return [say("highlight", text=text) for text in highlights.loc[highlights["is_confirmed"], "text"]]

    def findings(self) -> tuple[Block, ...]:
        """Confirmed findings and good practice in full; unconfirmed ones are only counted, for the bureau."""
        n_seen = len(self.own("findings")) + len(self.own("highlights"))
        if not n_seen:
            return (Paragraph(say(f"no_findings_{self.where}")),)
        blocks: list[Block] = [table("findings", self.confirmed, n_all=len(self.confirmed), shown="")]
        blocks += [Bullets(tuple(self.practices))] if self.practices else []
        n_open = 0 if self.is_for_unit else n_seen - len(self.confirmed) - len(self.practices)
        blocks += [Paragraph(say("unconfirmed", n=n_open), "note")] if n_open else []
        return tuple(blocks)

    @functools.cached_property
    def ledger(self) -> pd.DataFrame:
        """The unit's lines of the rectification ledger, with ``is_open`` and ``is_late`` on the report date."""
        lines = self.own("rectifications")
        is_late = is_overdue(lines, self.config.cycle.report_date)
        return lines.assign(is_open=lines["state"] != "closed", is_late=is_late)

    @functools.cached_property
    def recurring(self) -> pd.DataFrame:
        """Lines of the ledger that are raised again (``kind`` repeated) or still open from before, with the ``finding``."""
        found = self.own("findings").set_index("finding_id")["text"]
        matched = self.own("recurrences")[["rectification_id", "finding_id", "kind"]]
        lines = self.ledger.drop(columns="finding_id").merge(matched, on="rectification_id")
        return lines.assign(finding=lines["finding_id"].map(found))

    def raised_before(self) -> Iterator[str]:
        """What was raised before: 屡查屡犯, a sentence each, and how much is still open."""
        for row in self.recurring[self.recurring["kind"] == "repeated"].to_dict("records"):
            yield say("repeated", **row)
        left = self.recurring[self.recurring["kind"] == "not_rectified"]
        told = "；".join(say("open_line", **row) for row in left.to_dict("records"))
        if len(left):
            yield say("still_open", n=len(left), n_overdue=left["is_late"].sum(), told=told)

    @functools.cached_property
    def figures_told(self) -> pd.DataFrame:
        """The figures of 附件2 that are not zero or not numbers, in the form's order, this year beside last."""
        figures = self.own("statistics_by_unit_category_measure")
        last = figures.pivot(index=KEY, columns="period", values="value").reindex(columns=PERIODS[1:])
        both = figures[figures["period"] == "this"].set_index(KEY).join(last).reset_index()
        changes = self.own("statistic_changes_by_unit")[[*KEY, "last_value", "change", "change_pct"]]
        told = both[both["value"].isna() | (both[PERIODS].fillna(0) != 0).any(axis=1)]
        return self.told_figures(self.with_changes(told.merge(changes, on=KEY, how="left")))

    def statistics(self) -> tuple[Block, ...]:
        """All figures of 附件2 that say something; for the bureau, that all of them are zero."""
        n_all = int((self.own("statistics_by_unit_category_measure")["period"] == "this").sum())
        if not n_all or self.figures_told.empty:
            name = "" if n_all and self.is_for_unit else "zero_return" if n_all else "no_statistics"
            return (Paragraph(say(name, n=n_all)),) if name else ()
        facts = {"n_zero": n_all - len(self.figures_told), "minimum": self.config.cycle.percentage_minimum}
        return (table("statistics", self.figures_told, cycle=self.cycle, **facts),)

    @functools.cached_property
    def issues(self) -> pd.DataFrame:
        """The unit's data issues; what the unit itself is told are those on its own papers, without mere notes."""
        issues = self.own("issues")
        if not self.is_for_unit:
            return issues
        return returned_issues(self.config, issues, self.own("files"))

    def papers(self) -> tuple[Block, ...]:
        """What came in when, and the data issues of the unit."""
        submissions = table("submissions", self.told(self.own("submissions")))
        return (submissions, self.issue_table(self.issues, "issues"))
