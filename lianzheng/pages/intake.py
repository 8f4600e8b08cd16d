"""01 报送情况: who sent what and when, what could not be read, and every data issue with its cell."""

from __future__ import annotations

import functools
import re

import pandas as pd

from lianzheng.issues import KINDS
from lianzheng.pages import words
from lianzheng.pages.blocks import (
    Blocks,
    Chart,
    Column,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Table,
    TableCell,
    Title,
    chart_from_figure,
)
from lianzheng.pages.charts import RAMP, stacked
from lianzheng.pages.page import FORM_LABELS, SEVERITY_TONES, Page, issue_table, label, place
from lianzheng.pages.planes import steps
from lianzheng.tables import labels

UNIT_FORMS = ("standard", "statistics")
MOST_ROWS = 40
_NOT_READ = ("unreadable", "unrecognised", "wrong_year", "superseded")
_SEVERITY_COLOURS = dict(zip(SEVERITY_TONES, (RAMP[0], RAMP[1], RAMP[2], "#f1f1ee"), strict=True))


class IntakePage(Page):
    """What the bureau received, before anything is scored."""

    name = "intake"

    @property
    def n_charts(self) -> int:
        """Receipts over time, and issues by unit where there are any."""
        return 1 + (not self.frame("issues").empty)

    @functools.cached_property
    def submissions(self) -> pd.DataFrame:
        """The last round of each unit and form, with the number of rounds and the first receipt."""
        rounds = self.frame("submissions").sort_values("round").groupby(["unit_id", "form_id"])
        last = rounds.tail(1).set_index(["unit_id", "form_id"]).sort_index()
        return last.assign(n_rounds=rounds["round"].max(), first_received_at=rounds["received_at"].min())

    @functools.cached_property
    def not_read(self) -> pd.DataFrame:
        """Files whose values do not count because they could not be read or recognised, or are of another year."""
        files = self.frame("files")
        return files[files["state"].isin(_NOT_READ)].sort_values(["state", "path"])

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        cycle = self.config.cycle
        title = Title(
            f"{self.cycle}年党风廉政建设责任制检查材料报送情况",
            f"{cycle.bureau}党风廉政建设责任制落实情况检查",
            (f"截止 {words.day(cycle.deadline)}（当日收到算按时）", f"数据截至 {words.day(cycle.report_date)}"),
            self.document,
        )
        return Blocks(title, Paragraph(self._lead(), "lead"), KeyFigures(self._key_figures()))

    def _lead(self) -> str:
        state, late = self.submissions["state"], self.submissions["is_late"]
        missing = self.unit_names(self.submissions[state == "missing"].index.get_level_values("unit_id"), "short_name")
        tardy = self.unit_names(self.submissions[late.eq(True)].index.get_level_values("unit_id"), "short_name")
        parts = [f"名册内{len(self.units)}个单位应报附件1、附件2"]
        parts.append(f"未报：{words.listed(missing)}" if missing else "全部报送")
        parts.append(f"迟报：{words.listed(tardy)}" if tardy else "没有迟报")
        unread = int(self.not_read["state"].isin(["unreadable", "unrecognised", "wrong_year"]).sum())
        parts.append(f"{unread}份文件无法采用" if unread else "文件全部可读")
        return "；".join(parts) + "。"

    def _key_figures(self) -> tuple[KeyFigure, ...]:
        files, late = self.frame("files"), self.submissions["is_late"]
        counts = self.frame("issues")["severity"].value_counts()
        n_received = int((self.submissions["state"] != "missing").sum())
        n_return = int(counts.get("return_file", 0) + counts.get("return_item", 0))
        return (
            KeyFigure("收到文件", f"{len(files)}", "份", f"其中佐证材料{(files['state'] == 'material').sum()}份，不打开"),
            KeyFigure("附件1、附件2", f"{n_received}/{len(self.units) * len(UNIT_FORMS)}", "份"),
            KeyFigure("按时", f"{late.eq(False).sum()}", "份", f"迟报{late.eq(True).sum()}份"),
            KeyFigure("需退回补正", f"{n_return}", "条", tone="bad" if n_return else "good"),
            KeyFigure("请核实", f"{counts.get('verify', 0)}", "条", tone="warn" if counts.get("verify") else "good"),
            KeyFigure("提示", f"{counts.get('note', 0)}", "条", "无需重报", tone="muted"),
        )

    def matrix(self) -> Blocks:
        """Units × papers: on time, late, returned, missing, or not due."""
        teams = self.frame("scores_by_unit_item_scorer").query("scorer != 'self'").groupby("unit_id")["scorer"].first()
        names = {team.team_id: team.name for team in self.config.teams}
        everybody = self.frame("questionnaire_by_unit_question").query("rater_group == 'all' and question_id == 'all'")
        votes = everybody.set_index("unit_id")["n_valid"]
        counts = self.frame("issues")["unit_id"].value_counts()
        rows = tuple(
            (
                unit["short_name"],
                *(self._paper_cell(unit_id, form) for form in UNIT_FORMS),
                self._signed_cell(unit_id),
                _due_cell(names.get(teams.get(unit_id, "")), is_due=unit["is_visited"]),
                _due_cell(f"有效{votes[unit_id]}份" if unit_id in votes else None, is_due=unit["is_visited"]),
                str(counts.get(unit_id, 0)),
            )
            for unit_id, unit in self.units.iterrows()
        )
        columns = (
            Column("单位", width=16), *(Column(FORM_LABELS[form], width=18) for form in UNIT_FORMS),
            Column("纸质件", width=14), Column("检查组评分", width=14), Column("测评", width=13),
            Column("数据问题", "right", 9),
        )  # fmt: skip
        return Blocks(Table("各单位报送情况一览", columns, rows, source="收件登记、收到的文件"))

    def _paper_cell(self, unit_id: str, form_id: str) -> TableCell:
        if (unit_id, form_id) not in self.submissions.index:
            return TableCell("未报", tone="bad")
        row = self.submissions.loc[(unit_id, form_id)]
        again = f"（第{row['n_rounds']}版）" if row["n_rounds"] > 1 else ""
        if row["state"] in ("missing", "returned"):
            return TableCell(label("submission_state", row["state"]) + again, tone="bad")
        if pd.isna(row["is_late"]):
            return TableCell(f"无收件登记{again}", tone="muted")
        when = f"{row['received_at'].month}月{row['received_at'].day}日{again}"
        return TableCell(f"迟报 {when}", tone="warn") if row["is_late"] else TableCell(f"按时 {when}")

    def _signed_cell(self, unit_id: str) -> TableCell:
        rows = self.submissions.query("unit_id == @unit_id and state != 'missing'")
        if rows.empty or rows[["is_signed", "is_sealed"]].isna().all(axis=None):
            return TableCell("无登记", tone="muted")
        lacking = [word for column, word in (("is_signed", "未签字"), ("is_sealed", "未盖章")) if rows[column].eq(False).any()]
        return TableCell("、".join(lacking), tone="warn") if lacking else TableCell("已签字盖章")

    def timeline(self) -> Blocks:
        """When the papers came in, against the deadline."""
        return Blocks(self._timeline_chart())

    def _timeline_chart(self) -> Chart:
        first = self.submissions["first_received_at"].dropna()
        received = {
            FORM_LABELS[form]: [moment.to_pydatetime() for moment in first[first.index.get_level_values("form_id") == form]]
            for form in UNIT_FORMS
        }
        late = self.submissions["is_late"]
        counts = "、".join(f"{name}{len(moments)}份" for name, moments in received.items())
        deadline = self.config.cycle.deadline
        title = f"截止日前收到{late.eq(False).sum()}份，迟报{late.eq(True).sum()}份，无收件登记{len(late) - late.notna().sum()}份"
        alt = f"按收到时间累计：{counts}；应报各{len(self.units)}份，截止{words.day(deadline)}。{title}。"
        figure = steps(received, deadline, len(self.units))
        return chart_from_figure(figure, title=title, alt=alt, source="office/receipts.csv，按每种材料首次收到的时间")

    def unreadable(self) -> Blocks:
        """Files that were not used, each with the reason and what to do."""
        if self.not_read.empty:
            return Blocks(Paragraph("收到的文件全部读出并采用。"))
        issues = self.frame("issues").sort_values("severity").drop_duplicates("file_id").set_index("file_id")
        rows = tuple(
            (
                words.text(self.units["short_name"].get(row.unit_id), words.DASH),
                row.path.rsplit("/", 1)[-1],
                TableCell(label("file_state", row.state), tone="muted" if row.state == "superseded" else "bad"),
                words.text(issues["message"].get(row.file_id), words.DASH),
                words.text(issues["remedy"].get(row.file_id), words.DASH),
            )
            for row in self.not_read.itertuples()
        )
        columns = (
            Column("单位", width=12), Column("文件", width=22), Column("状态", width=12),
            Column("原因", width=28), Column("处理", width=26),
        )  # fmt: skip
        return Blocks(Table(f"未采用的文件{len(rows)}份", columns, rows))

    def issues(self) -> Blocks:
        """How many issues of which severity at which unit, and of which kind."""
        issues = self.frame("issues")
        if issues.empty:
            return Blocks(Paragraph("没有发现数据问题。"))
        return Blocks(self._issues_chart(issues), self._kinds_table(issues))

    def _issues_chart(self, issues: pd.DataFrame) -> Chart:
        names = self.units["short_name"]
        owner = issues["unit_id"].map(names).fillna("检查组与办公室")
        counts = pd.crosstab(owner, issues["severity"]).reindex(columns=list(SEVERITY_TONES), fill_value=0)
        total = counts.sum(axis=1)
        counts = counts.loc[total.sort_values(ascending=False, kind="stable").index]
        rows = counts.assign(text=[f"{total[name]}条" for name in counts.index]).rename_axis("label").reset_index()
        n_none = len(names) - int(names.isin(owner).sum())
        title = f"数据问题{len(issues)}条，最多的是{rows['label'].iloc[0]}（{rows['text'].iloc[0]}）；{n_none}个单位没有问题"
        alt = "各单位数据问题条数：" + "；".join(f"{row.label}{row.text}" for row in rows.itertuples()) + "。"
        figure = stacked(rows.head(MOST_ROWS), labels("severity"), _SEVERITY_COLOURS, is_share=False)
        return chart_from_figure(figure, title=title, alt=alt, source="逐格核对收到的表格")

    def _kinds_table(self, issues: pd.DataFrame) -> Table:
        kinds = issues.groupby(["severity", "code"]).agg(n=("code", "size"), n_units=("unit_id", "nunique")).reset_index()
        order = list(SEVERITY_TONES)
        kinds = kinds.sort_values(["severity", "n"], key=lambda c: c.map(order.index) if c.name == "severity" else -c)
        rows = tuple(
            (
                TableCell(label("severity", row.severity), tone=SEVERITY_TONES[row.severity]),
                kind_words(row.code),
                str(row.n),
                str(row.n_units),
            )
            for row in kinds.itertuples()
        )
        columns = (Column("级别", width=12), Column("问题种类", width=56), Column("条数", "right", 8), Column("单位数", "right", 8))
        return Table("数据问题的种类", columns, rows)

    def checks(self) -> Blocks:
        """Outcomes of the checks (only 不通过 accuses anyone) and the reviewed corrections."""
        checks = self.frame("checks")
        outcomes = labels("outcome")
        counts = pd.crosstab(checks["check_id"], checks["outcome"]).reindex(columns=list(outcomes), fill_value=0)
        rows = tuple((kind_words(str(name)), *(str(n) for n in row)) for name, row in zip(counts.index, counts.to_numpy(), strict=True))
        columns = (Column("核对事项", width=44), *(Column(word, "right", 10) for word in outcomes.values()))
        table = Table("核对结果（单位×表）", columns, rows) if rows else Paragraph("没有核对记录。")
        return Blocks(table, self._corrections())

    def _corrections(self) -> Table | Paragraph:
        corrections = self.config.corrections
        if not corrections:
            return Paragraph("本年度没有经审核的更正。")
        rows = tuple(
            (c.correction_id, " / ".join(map(str, c.key.values())), c.was, c.becomes, c.reason, c.who, words.day(c.when))
            for c in corrections
        )
        columns = tuple(map(Column, ("编号", "数据", "原值", "更正为", "理由", "审核人", "日期")))
        return Table(f"经审核的更正{len(rows)}条", columns, rows)

    def all_issues(self) -> Blocks:
        """The full list, by severity and unit."""
        issues = self.frame("issues")
        if issues.empty:
            return Blocks(Paragraph("没有发现数据问题。"))
        return Blocks(issue_table(issues, self.files, f"全部数据问题{len(issues)}条", self.units["short_name"]))


def kind_words(code: str) -> str:
    """An issue code as a sentence without its particulars; an unknown id as it is."""
    if code not in KINDS:
        return code
    general = KINDS[code].message.replace("“{row}”的“{column}”", "单元格").replace("：{detail}", "")
    return re.sub(r"“?\{\w+\}”?", "…", general.replace("{detail}", "材料"))


def _due_cell(text: str | None, *, is_due: bool) -> TableCell:
    if text:
        return TableCell(text)
    return TableCell("未报", tone="bad") if is_due else TableCell("未列入检查", tone="muted")
