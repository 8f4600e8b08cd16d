"""What one unit sent in and what was seen there: questionnaire, visit, findings, statistics, papers."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pandas as pd

from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.answers import ALL, answers_chart, rows_of_unit, talk_counts
from lianzheng.pages.blocks import Block, Blocks, Bullets, Chart, Paragraph, Table, TableCell
from lianzheng.pages.page import EVERYBODY, Page
from lianzheng.pages.wording import label, say, table, wording
from lianzheng.tables import labels


class UnitPage(Page):
    """A page about one unit of the roster; raises ParameterError for a unit that is not in it."""

    def __init__(self, cycle: int, unit_id: str, *, data_dir: str = "", edition: str = "internal") -> None:
        super().__init__(cycle, data_dir=data_dir, edition=edition)
        if unit_id not in self.units.index:
            first, last = self.units.index[[0, -1]]
            raise ParameterError(f"没有单位 {unit_id!r}", f"unit_id 可取 {first} 至 {last}，见 units.csv")
        self.unit_id = unit_id
        self.unit = self.units.loc[unit_id]

    def own(self, name: str) -> pd.DataFrame:
        """The unit's rows of a table."""
        frame = self.frame(name)
        return frame[frame["unit_id"] == self.unit_id].reset_index(drop=True)

    @functools.cached_property
    def questions(self) -> pd.DataFrame:
        """The rated questions for all raters together; empty where there is no questionnaire."""
        results, tallies = (
            self.own("questionnaire_by_unit_question"),
            self.own("tallies_by_unit_question_option"),
        )
        return rows_of_unit(self.questionnaire_form, results, tallies)

    def questionnaire(self) -> Blocks:
        """Votes by question with score and interval, then returns by rater group."""
        if self.questions.empty:
            none = "无有效测评：没有收到测评表。" if self.unit["is_visited"] else "未现场检查，没有组织测评。"
            return Blocks(Paragraph(none))
        return Blocks(self._answers_chart(), self._raters_table())

    def _answers_chart(self) -> Chart:
        scored = self.questions.dropna(subset=["score"]).sort_values("score")
        title = "各题作答人数不足5人，结果不予显示"
        if not scored.empty:
            title = f"{words.quoted(scored['label'].iloc[0])}得分最低（{words.points(scored['score'].iloc[0])}分）"
        everybody = self.own("questionnaire_by_unit_question").query(EVERYBODY)
        source = say("returns", **_returns(everybody.iloc[0])) if len(everybody) else "附件3测评表"
        facts = {"title": title, "source": source, "heading": "得分（95%区间）"}
        return answers_chart(self.questionnaire_form, self.questions, **facts)

    def _raters_table(self) -> Table:
        names = self.rater_names | {ALL: "合计"}
        results = self.own("questionnaire_by_unit_question").query("question_id == 'all'")
        told = results.assign(
            order=[list(names).index(group) if group in names else -1 for group in results["rater_group"]],
            rater=[names.get(group, "未注明") for group in results["rater_group"]],
            rate=(results["n_returned"] / results["n_issued"])
            .where(results["n_issued"] > 0)
            .astype("float64"),
            told=results["score"].map(words.points).mask(results["is_suppressed"].astype(bool), "不足5人"),
            interval=[
                words.interval(low, high) for low, high in zip(results["low"], results["high"], strict=True)
            ],
        )
        return table("raters", told.sort_values("order"))

    @property
    def rater_names(self) -> dict[str, str]:
        """Labels of the rater groups by id."""
        return {group.id: group.label for group in self.questionnaire_form.rater_groups}

    def visit(self) -> Blocks:
        """Facts of the site visit, documents seen by class, and talks as counts."""
        visits, evidence = self.own("site_visits"), self._evidence_table()
        if not self.unit["is_visited"]:
            return Blocks(Paragraph("未现场检查。"), *evidence)
        told = [self._visit_sentence(row) for _, row in visits.iterrows()] or ["没有收到现场检查情况表。"]
        return Blocks(*map(Paragraph, told), *evidence, Paragraph(self._talks(), "note"))

    def _visit_sentence(self, row: pd.Series) -> str:
        unknown = "（未记录）"
        is_long = pd.notna(row["report_minutes"]) and row["report_minutes"] > 20
        return say(
            "visit",
            day=words.day(row["visit_date"]),
            team=self.team_names.get(row["team_id"], row["team_id"]),
            minutes=words.number(row["report_minutes"], unknown),
            over="（超过规定的20分钟）" if is_long else "",
            attending=words.number(row["n_attending"], unknown),
            interviews=words.number(row["n_interviews"], unknown),
            quiz=words.number(row["n_quiz"], unknown),
            mean=words.share(row["quiz_mean_pct"] / 100, unknown),
        )

    def _evidence_table(self) -> list[Table]:
        """One table, or none where nothing was handed in or seen."""
        evidence = self.own("evidence_by_unit_class").query("item_id == ''")
        defects = self.names("defects")
        evidence = evidence.assign(
            is_own=evidence["scorer"] == "self", defect=evidence["defect_id"].map(defects)
        )
        rows = []
        for kind, name in self.names("evidence_classes").items():
            lines = evidence[evidence["evidence_class"] == kind]
            seen = lines[~lines["is_own"]]
            own, team = (part["n_documents"].sum(min_count=1) for part in (lines[lines["is_own"]], seen))
            lacking = "、".join(seen["defect"].dropna().unique())
            none = "未发现" if len(seen) else words.DASH
            cell = TableCell(lacking or none, tone="warn" if lacking else "neutral")
            rows.append(
                [
                    name,
                    words.number(own),
                    words.number(team, "未查阅"),
                    cell,
                    "；".join(seen["note"].dropna()),
                ]
            )
        return [table("evidence", rows)] if len(evidence) else []

    def _talks(self) -> str:
        threshold = self.config.cycle.suppression_threshold
        counts = talk_counts(self.own("interviews")).query("n_persons >= @threshold")
        topics, directions = self.names("topics"), labels("polarity")
        told = [
            f"{topics[r.topic_id]}（{directions[r.polarity]}）{r.n_persons}人" for r in counts.itertuples()
        ]
        return say("talks_of_unit", threshold=threshold, told="；".join(told) or f"各主题均不足{threshold}人")

    def findings(self) -> Blocks:
        """Confirmed findings and good practice; unconfirmed ones are only counted."""
        findings, highlights = self.own("findings"), self.own("highlights")
        if findings.empty and highlights.empty:
            where = (
                "检查组没有登记问题和亮点。"
                if self.unit["is_visited"]
                else "未现场检查，没有检查组登记的问题和亮点。"
            )
            return Blocks(Paragraph(where))
        confirmed, good = findings[findings["is_confirmed"]], highlights[highlights["is_confirmed"]]
        told = confirmed.assign(
            subject=confirmed["subject_id"].map(self.names("subjects")),
            defect=confirmed["defect_id"].map(self.names("defects")),
        )
        blocks: list[Block] = [
            table("findings", told, n=len(told)) if len(told) else Paragraph("检查组没有确认的问题。")
        ]
        if len(good):
            blocks.append(Bullets(tuple(f"亮点：{words.sentence(text)}。" for text in good["text"])))
        n_open = len(findings) + len(highlights) - len(confirmed) - len(good)
        return Blocks(*blocks, *([Paragraph(say("unconfirmed", n=n_open), "note")] if n_open else []))

    def statistics(self) -> Blocks:
        """The figures of 附件2 that are not zero or not numbers, in the form's order, this year beside last."""
        figures = self.own("statistics_by_unit_category_measure")
        if figures.empty:
            return Blocks(Paragraph("没有收到自查统计表。"))
        values = figures.pivot(index=["category_id", "measure_id"], columns="period", values="value")
        this = figures[figures["period"] == "this"].set_index(["category_id", "measure_id"])
        both = this.join(values.reindex(columns=["last", "last_return"]))
        told = both[
            both["value"].isna() | (both[["value", "last", "last_return"]].fillna(0) != 0).any(axis=1)
        ]
        if told.empty:
            return Blocks(Paragraph(say("zero_return", n=len(both))))
        return Blocks(
            table("statistics", self._told_figures(told), cycle=self.cycle, n_zero=len(both) - len(told))
        )

    def _told_figures(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Figures by category and measure in the form's order, with their labels and what happened to the value."""
        form = self.statistics_form
        order = {key: place for place, key in enumerate([*form.categories, *form.measures])}
        ordered = figures.sort_index(
            key=lambda ids: ids.map(lambda id_: order.get(id_, len(order)))
        ).reset_index()
        states = zip(ordered["value"], ordered["value_state"], strict=True)
        return ordered.assign(
            category=ordered["category_id"].map(lambda id_: form.categories.get(id_, id_)),
            measure=ordered["measure_id"].map(lambda id_: form.measures.get(id_, id_))
            + "（"
            + ordered["unit_of_measure"]
            + "）",
            told=[words.number(value, label("value_state", state)) for value, state in states],
            remark=ordered["conversion"].mask(ordered["correction_id"].notna(), "按更正登记计"),
        )

    def papers(self) -> Blocks:
        """What came in when, and the data issues of the unit."""
        rounds, issues = self.own("submissions"), self.own("issues")
        signed = zip(rounds["is_signed"], rounds["signed_by"], strict=True)
        told = rounds.assign(
            form=rounds["form_id"].map(lambda form_id: wording()["forms"].get(form_id, form_id)),
            late=rounds["is_late"].map(_yes_no("迟报", "按时")),
            signed=[_yes_no(words.text(name, "已签"), "未签")(is_signed) for is_signed, name in signed],
            sealed=rounds["is_sealed"].map(_yes_no("已盖", "未盖")),
        )
        title = f"报送数据的问题{len(issues)}条"
        return Blocks(
            table("submissions", told) if len(told) else Paragraph("没有报送记录。"),
            self.issue_table(issues, "issues", title=title)
            if len(issues)
            else Paragraph("报送数据没有发现问题。"),
        )


def _returns(row: pd.Series) -> dict[str, str]:
    """发出, 收回, 回收率 (数据不足 without 发出), 有效."""
    is_known = pd.notna(row["n_issued"]) and pd.notna(row["n_returned"]) and row["n_issued"] > 0
    rate = words.share(row["n_returned"] / row["n_issued"]) if is_known else "数据不足"
    issued, returned, valid = (
        words.number(row[name], "（未记录）") for name in ("n_issued", "n_returned", "n_valid")
    )
    return {"issued": issued, "returned": returned, "rate": rate, "valid": valid}


def _yes_no(yes: str, no: str) -> Callable[[object], str]:
    return lambda value: "无登记" if pd.isna(value) else yes if value else no
