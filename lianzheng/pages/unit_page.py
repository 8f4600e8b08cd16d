"""What one unit sent in and what was seen there: questionnaire, visit, findings, statistics, papers, sources."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pandas as pd

from lianzheng.errors import ParameterError
from lianzheng.pages import words
from lianzheng.pages.answers import ALL, answers_chart, rows_of_unit, scale_note, talk_counts
from lianzheng.pages.blocks import Blocks, Bullets, Chart, Column, Paragraph, Table, TableCell
from lianzheng.pages.page import FORM_LABELS, Page, issue_table, label

_STATE_TONES = {"missing": "bad", "returned": "warn"}


class UnitPage(Page):
    """A page about one unit of the roster; raises ParameterError for a unit that is not in it."""

    def __init__(self, cycle: int, unit_id: str, *, data_dir: str = "", edition: str = "internal") -> None:
        super().__init__(cycle, data_dir=data_dir, edition=edition)
        if unit_id not in self.units.index:
            known = list(self.units.index)
            raise ParameterError(f"没有单位 {unit_id!r}", f"unit_id 可取 {known[0]} 至 {known[-1]}，见 units.csv")
        self.unit_id = unit_id

    def own(self, name: str) -> pd.DataFrame:
        """The unit's rows of a table."""
        frame = self.frame(name)
        return frame[frame["unit_id"] == self.unit_id].reset_index(drop=True)

    @functools.cached_property
    def unit(self) -> pd.Series:
        """The unit's line of the roster."""
        return self.units.loc[self.unit_id]

    @functools.cached_property
    def questions(self) -> pd.DataFrame:
        """The rated questions for all raters together: label, shares by option, score, interval, state."""
        return rows_of_unit(
            self.config.questionnaire,
            self.own("questionnaire_by_unit_question"),
            self.own("tallies_by_unit_question_option"),
        )

    @property
    def has_questionnaire_chart(self) -> bool:
        """Whether there is an answered questionnaire to draw (suppressed questions are drawn as such)."""
        return not self.questions.empty

    def questionnaire(self) -> Blocks:
        """Votes by question with score and interval, then returns by rater group."""
        if not self.has_questionnaire_chart:
            return Blocks(Paragraph(self._no_questionnaire()))
        return Blocks(self._answers_chart(), self._groups_table())

    def _no_questionnaire(self) -> str:
        return "无有效测评：没有收到测评表。" if self.unit["is_visited"] else "未现场检查，没有组织测评。"

    def _answers_chart(self) -> Chart:
        questions = self.questions
        scored = questions.dropna(subset=["score"]).sort_values("score")
        title = "各题作答人数不足5人，结果不予显示"
        if not scored.empty:
            title = f"“{scored['label'].iloc[0]}”得分最低（{words.points(scored['score'].iloc[0])}分）"
        overall = self.own("questionnaire_by_unit_question").query("question_id == 'all' and rater_group == 'all'")
        form = self.config.questionnaire
        words_of = {"source": self._returns(overall), "note": scale_note(form), "heading": "得分（95%区间）"}
        return answers_chart(form, questions, title=title, **words_of)

    def _returns(self, overall: pd.DataFrame) -> str:
        if overall.empty:
            return "附件3测评表"
        row = overall.iloc[0]
        rate = words.share(row["n_returned"] / row["n_issued"] if row["n_issued"] else None, "数据不足")
        counted = [words.number(row[name], "无记录") for name in ("n_issued", "n_returned", "n_valid")]
        return f"附件3测评表，发出{counted[0]}份，收回{counted[1]}份，回收率{rate}，有效{counted[2]}份"

    def _groups_table(self) -> Table:
        groups = {group.id: group.label for group in self.config.questionnaire.rater_groups} | {ALL: "合计"}
        results = self.own("questionnaire_by_unit_question").query("question_id == 'all'").set_index("rater_group")
        rows = tuple(
            (name, *self._group_cells(results.loc[group])) for group, name in groups.items() if group in results.index
        )
        columns = ("测评人", "发出", "收回", "回收率", "有效", "得分", "95%区间")
        return Table("各类测评人的回收与得分", tuple(Column(c, "right" if c != "测评人" else "left") for c in columns), rows)

    def _group_cells(self, row: pd.Series) -> tuple[str, ...]:
        issued, returned = row["n_issued"], row["n_returned"]
        rate = words.share(returned / issued, "数据不足") if pd.notna(issued) and issued else "数据不足"
        interval = f"{words.points(row['low'])}–{words.points(row['high'])}" if pd.notna(row["low"]) else words.DASH
        score = "不足5人" if row["is_suppressed"] else words.points(row["score"], "无有效测评")
        return (words.number(issued), words.number(returned), rate, words.number(row["n_valid"]), score, interval)

    def visit(self) -> Blocks:
        """Facts of the site visit, documents seen by class, and talks as counts."""
        visits = self.own("site_visits")
        if visits.empty and not self.unit["is_visited"]:
            return Blocks(Paragraph("未现场检查。"), *self._evidence())
        facts = [self._visit_sentence(row) for _, row in visits.iterrows()] or ["没有收到现场检查情况表。"]
        return Blocks(*(Paragraph(text) for text in facts), *self._evidence(), self._talks())

    def _visit_sentence(self, row: pd.Series) -> str:
        team = next((team.name for team in self.config.teams if team.team_id == row["team_id"]), row["team_id"])
        minutes = words.number(row["report_minutes"], "未记录")
        over = "，超过20分钟" if pd.notna(row["report_minutes"]) and row["report_minutes"] > 20 else ""
        quiz = words.number(row["quiz_mean_pct"], "未记录")
        return (
            f"{words.day(row['visit_date'])}，{team}到单位检查：汇报时长（分钟）{minutes}{over}；"
            f"参会{words.number(row['n_attending'], '未记录')}人，个别谈话{words.number(row['n_interviews'], '未记录')}人，"
            f"现场测试{words.number(row['n_quiz'], '未记录')}人，平均正确率（%）{quiz}。"
        )

    def _evidence(self) -> Iterator[Table]:
        seen = self.own("evidence_by_unit_class")
        if seen.empty:
            return
        defects = {defect.id: defect.label for defect in self.config.findings.defects}
        teams = seen[(seen["scorer"] != "self") & (seen["item_id"] == "")].groupby("evidence_class")
        handed_in = seen[seen["scorer"] == "self"].groupby("evidence_class")["n_documents"].sum()
        rows = []
        for kind in self.config.findings.evidence_classes:
            lines = teams.get_group(kind.id) if kind.id in teams.groups else seen.head(0)
            found = list(dict.fromkeys(defects.get(d, d) for d in lines["defect_id"].dropna()))
            n_seen = words.number(lines["n_documents"].sum(min_count=1), "未查阅")
            tone = "warn" if found else "neutral"
            remark = "；".join(dict.fromkeys(lines["note"].dropna()))
            cells = (kind.label, words.number(handed_in.get(kind.id)), n_seen, TableCell("、".join(found) or "无", tone=tone))
            rows.append((*cells, remark))
        columns = (
            Column("材料类别", width=26), Column("报送份数", "right", 9), Column("查阅份数", "right", 9),
            Column("缺陷", width=14), Column("检查组说明", width=32),
        )  # fmt: skip
        yield Table("七类资料的报送与查阅", columns, tuple(rows))

    def _talks(self) -> Paragraph:
        threshold = self.config.cycle.suppression_threshold
        counts = talk_counts(self.own("interviews"), self.config.findings.topics)
        shown = [
            f"{row.topic}（{row.direction}）{row.n_talks}人" for row in counts.itertuples() if row.n_talks >= threshold
        ]
        listed = "；".join(shown) or "各主题均不足5人，不予显示"
        return Paragraph(f"个别谈话只按主题计人数，不足{threshold}人的不显示：{listed}。", "note")

    def findings(self) -> Blocks:
        """Confirmed findings and good practice; unconfirmed ones are only counted."""
        findings, highlights = self.own("findings"), self.own("highlights")
        if findings.empty and highlights.empty:
            none = "检查组没有登记问题和亮点。" if self.unit["is_visited"] else "未现场检查，没有检查组登记的问题和亮点。"
            return Blocks(Paragraph(none))
        confirmed = findings[findings["is_confirmed"]]
        blocks = [self._findings_table(confirmed)] if len(confirmed) else [Paragraph("检查组没有确认的问题。")]
        good = highlights[highlights["is_confirmed"]]["text"]
        if len(good):
            blocks.append(Bullets(tuple(f"亮点——{words.sentence(text)}" for text in good)))
        n_open = len(findings) - len(confirmed) + len(highlights) - len(good)
        if n_open:
            blocks.append(Paragraph(f"另有{n_open}条登记待检查组确认，不列出。", "note"))
        return Blocks(*blocks)

    def _findings_table(self, findings: pd.DataFrame) -> Table:
        subjects = {subject.id: subject.label for subject in self.config.findings.subjects}
        defects = {defect.id: defect.label for defect in self.config.findings.defects}
        rows = tuple(
            (
                subjects.get(row.subject_id, row.subject_id),
                defects.get(row.defect_id, row.defect_id),
                label("finding_severity", row.finding_severity),
                words.sentence(row.text),
            )
            for row in findings.itertuples()
        )
        columns = (Column("事项", width=20), Column("缺陷", width=10), Column("程度", width=8), Column("检查组记录", width=50))
        return Table(f"检查组确认的问题{len(rows)}个", columns, rows)

    def statistics(self) -> Blocks:
        """The rows of 附件2 that are not zero, this year beside last."""
        figures = self.own("statistics_by_unit_category_measure")
        if figures.empty:
            return Blocks(Paragraph("没有收到自查统计表。"))
        wide = figures.pivot(index=["category_id", "measure_id"], columns="period", values="value")
        wide = wide.reindex(columns=["this", "last", "last_return"])
        this = figures[figures["period"] == "this"].set_index(["category_id", "measure_id"])
        keys = [key for key in this.index if (wide.loc[key].fillna(0) != 0).any() or pd.isna(this.loc[key, "value"])]
        rows = tuple(self._statistics_row(key, this.loc[key], wide.loc[key]) for key in keys)
        n_zero = len(this) - len(keys)
        if not rows:
            return Blocks(Paragraph(f"本年度{n_zero}项统计全部为0。零报告只供分析时留意，不影响评分。"))
        columns = (
            Column("类别", width=22), Column("指标", width=18), Column("单位", width=7),
            Column(f"{self.cycle}年", "right", 10), Column("本年表内", "right", 10, "上年"),
            Column("上年所报", "right", 10, "上年"), Column("说明", width=20),
        )  # fmt: skip
        note = f"另有{n_zero}项均为0，未列出。" if n_zero else ""
        source = "附件2自查统计表（单位自报）"
        return Blocks(Table("自查统计中不为零的各项", columns, rows, note=note, source=source))

    def _statistics_row(self, key: tuple[str, str], row: pd.Series, values: pd.Series) -> tuple[str, ...]:
        category, measure = key
        form = self.config.statistics
        remark = "按更正登记计" if pd.notna(row["correction_id"]) else words.text(row["conversion"])
        return (
            form.categories.get(category, category),
            form.measures.get(measure, measure),
            row["unit_of_measure"],
            words.number(row["value"], label("value_state", row["value_state"])),
            words.number(values["last"]),
            words.number(values["last_return"]),
            remark,
        )

    def papers(self) -> Blocks:
        """What came in when, and the data issues of the unit."""
        submissions = self.own("submissions")
        rows = tuple(self._submission_row(row) for _, row in submissions.iterrows())
        columns = ("材料", "次数", "状态", "电子版收到", "是否迟报", "纸质版收到", "签字", "盖章")
        tables = [Table("报送情况", tuple(map(Column, columns)), rows)] if rows else [Paragraph("没有报送记录。")]
        issues = self.own("issues")
        if issues.empty:
            return Blocks(*tables, Paragraph("报送数据没有发现问题。"))
        return Blocks(*tables, issue_table(issues, self.files, f"报送数据的问题{len(issues)}条"))

    def _submission_row(self, row: pd.Series) -> tuple[str | TableCell, ...]:
        return (
            FORM_LABELS.get(row["form_id"], row["form_id"]),
            f"第{row['round']}次",
            TableCell(label("submission_state", row["state"]), tone=_STATE_TONES.get(row["state"], "neutral")),
            words.moment(row["received_at"]),
            _yes_no(row["is_late"], "迟报", "按时"),
            words.moment(row["paper_received_at"]),
            words.text(row["signed_by"], "已签") if row["is_signed"] is True else _yes_no(row["is_signed"], "已签", "未签"),
            _yes_no(row["is_sealed"], "已盖", "未盖"),
        )


def _yes_no(value: object, yes: str, no: str) -> str:
    return "无登记" if pd.isna(value) else yes if value else no
