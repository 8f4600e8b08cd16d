"""What one unit sent in and what was seen there: questionnaire, visit, findings, statistics, papers."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.answers import ALL, answers_chart, rows_of_unit, score_text, talk_counts
from lianzheng.pages.blocks import Block, Blocks, Bullets, Chart, Paragraph, Table, TableCell
from lianzheng.pages.page import EVERYBODY, Page, label
from lianzheng.pages.wording import say, table, wording
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
            title = f"“{scored['label'].iloc[0]}”得分最低（{words.points(scored['score'].iloc[0])}分）"
        everybody = self.own("questionnaire_by_unit_question").query(EVERYBODY)
        source = say("returns", **_returns(everybody.iloc[0])) if len(everybody) else "附件3测评表"
        facts = {"title": title, "source": source, "heading": "得分（95%区间）"}
        return answers_chart(self.questionnaire_form, self.questions, **facts)

    def _raters_table(self) -> Table:
        names = {group.id: group.label for group in self.questionnaire_form.rater_groups}
        results = (
            self.own("questionnaire_by_unit_question").query("question_id == 'all'").set_index("rater_group")
        )
        order = [
            group
            for group in [*names, *results.index.difference([*names, ALL]), ALL]
            if group in results.index
        ]
        return table(
            "raters",
            [[names.get(g, "合计" if g == ALL else "未注明"), *_rater_cells(results.loc[g])] for g in order],
        )

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
        subjects, defects = self.names("subjects"), self.names("defects")
        rows = [
            [
                subjects[row.subject_id],
                defects[row.defect_id],
                label("finding_severity", row.finding_severity),
                row.text,
            ]
            for row in confirmed.itertuples()
        ]
        blocks: list[Block] = [
            table("findings", rows, n=len(rows)) if rows else Paragraph("检查组没有确认的问题。")
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
        form = self.statistics_form
        order = {key: place for place, key in enumerate([*form.categories, *form.measures])}
        values = figures.pivot(index=["category_id", "measure_id"], columns="period", values="value")
        this = figures[figures["period"] == "this"].set_index(["category_id", "measure_id"])
        both = this.join(values.reindex(columns=["last", "last_return"]))
        told = both[
            both["value"].isna() | (both[["value", "last", "last_return"]].fillna(0) != 0).any(axis=1)
        ]
        told = told.sort_index(key=lambda ids: ids.map(lambda id_: order.get(id_, len(order))))
        rows = [self._statistics_row(*key, row) for key, row in told.iterrows()]
        n_zero = len(both) - len(rows)
        if not rows:
            return Blocks(Paragraph(say("zero_return", n=n_zero)))
        return Blocks(table("statistics", rows, cycle=self.cycle, n_zero=n_zero))

    def _statistics_row(self, category: str, measure: str, row: pd.Series) -> list[str]:
        form = self.statistics_form
        value = words.number(row["value"], label("value_state", row["value_state"]))
        about = "按更正登记计" if pd.notna(row["correction_id"]) else words.text(row["conversion"])
        measured = f"{form.measures.get(measure, measure)}（{row['unit_of_measure']}）"
        last = [words.number(row[period]) for period in ("last", "last_return")]
        return [form.categories.get(category, category), measured, value, *last, about]

    def papers(self) -> Blocks:
        """What came in when, and the data issues of the unit."""
        rows = [_submission_cells(row) for _, row in self.own("submissions").iterrows()]
        issues = self.own("issues")
        told = Paragraph("报送数据没有发现问题。")
        return Blocks(
            table("submissions", rows) if rows else Paragraph("没有报送记录。"),
            self.issue_table(issues, f"报送数据的问题{len(issues)}条") if len(issues) else told,
        )


def _returns(row: pd.Series) -> dict[str, str]:
    """发出, 收回, 回收率 (数据不足 without 发出), 有效."""
    is_known = pd.notna(row["n_issued"]) and pd.notna(row["n_returned"]) and row["n_issued"] > 0
    rate = words.share(row["n_returned"] / row["n_issued"]) if is_known else "数据不足"
    issued, returned, valid = (words.number(row[name], "—") for name in ("n_issued", "n_returned", "n_valid"))
    return {"issued": issued, "returned": returned, "rate": rate, "valid": valid}


def _rater_cells(row: pd.Series) -> list[str]:
    score, _, interval = score_text(row).rstrip("）").partition("（")
    shown = ["不足5人", words.DASH] if row["is_suppressed"] else [score, interval or words.DASH]
    return [*_returns(row).values(), *shown]


def _submission_cells(row: pd.Series) -> list[str | TableCell]:
    tone = {"missing": "bad", "returned": "warn"}.get(row["state"], "neutral")
    signed = (
        words.text(row["signed_by"], "已签")
        if row["is_signed"] is True
        else _told(row["is_signed"], "", "未签")
    )
    return [
        wording()["forms"].get(row["form_id"], row["form_id"]),
        f"第{row['round']}次",
        TableCell(label("submission_state", row["state"]), tone=tone),
        words.moment(row["received_at"]),
        _told(row["is_late"], "迟报", "按时"),
        words.moment(row["paper_received_at"]),
        signed,
        _told(row["is_sealed"], "已盖", "未盖"),
    ]


def _told(value: object, yes: str, no: str) -> str:
    return "无登记" if pd.isna(value) else yes if value else no
