"""01 报送情况: who sent what and when, what could not be read, and every data issue with its cell."""

from __future__ import annotations

import functools
import re

import pandas as pd

from lianzheng.issues import KINDS
from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Chart, KeyFigure, KeyFigures, Paragraph, Table, TableCell
from lianzheng.pages.charts import PALE, RAMP, stacked
from lianzheng.pages.page import EVERYBODY, Page
from lianzheng.pages.planes import steps
from lianzheng.pages.wording import chart, label, table, wording
from lianzheng.tables import labels

UNIT_FORMS = ("standard", "statistics")
MOST_BARS = 40
_UNUSED = ("unreadable", "unrecognised", "wrong_year", "superseded")


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
    def unused(self) -> pd.DataFrame:
        """Files whose values do not count: unreadable, unrecognised, of another year, or superseded."""
        files = self.frame("files")
        return files[files["state"].isin(_UNUSED)].sort_values(["state", "path"])

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        cycle = self.config.cycle
        facts = (
            f"截止 {words.day(cycle.deadline)}（当日收到算按时）",
            f"数据截至 {words.day(cycle.report_date)}",
        )
        return Blocks(self.title(*facts), Paragraph(self._lead(), "lead"), self._tiles())

    def _lead(self) -> str:
        missing, late = (
            self.unit_names(rows.index.get_level_values("unit_id"), "short_name")
            for rows in (
                self.submissions.query("state == 'missing'"),
                self.submissions.query("is_late == True"),
            )
        )
        n_unused = int((self.unused["state"] != "superseded").sum())
        told = [
            f"名册内{len(self.units)}个单位应报附件1、附件2",
            f"未报：{words.listed(missing)}" if missing else "全部报送",
            f"迟报：{words.listed(late)}" if late else "没有迟报",
            f"{n_unused}份文件无法采用" if n_unused else "文件全部可读",
        ]
        return "；".join(told) + "。"

    def _tiles(self) -> KeyFigures:
        files, late = self.frame("files"), self.submissions["is_late"]
        n = self.frame("issues")["severity"].value_counts().reindex(list(labels("severity")), fill_value=0)
        n_return, n_received = (
            n["return_file"] + n["return_item"],
            (self.submissions["state"] != "missing").sum(),
        )
        tiles = (
            KeyFigure(
                "收到文件",
                f"{len(files)}",
                "份",
                f"其中佐证材料{(files['state'] == 'material').sum()}份，不打开",
            ),
            KeyFigure("附件1、附件2", f"{n_received}/{len(self.units) * len(UNIT_FORMS)}", "份"),
            KeyFigure("按时", f"{late.eq(False).sum()}", "份", f"迟报{late.eq(True).sum()}份"),
            KeyFigure("需退回补正", f"{n_return}", "条", tone="bad" if n_return else "good"),
            KeyFigure("请核实", f"{n['verify']}", "条", tone="warn" if n["verify"] else "good"),
            KeyFigure("提示", f"{n['note']}", "条", "无需重报", tone="muted"),
        )
        return KeyFigures(tiles)

    def matrix(self) -> Blocks:
        """Units × papers: on time, late, returned, missing, or not due."""
        scorers = self.frame("scores_by_unit_item_scorer").query("scorer != 'self'")
        teams = scorers.groupby("unit_id")["scorer"].first().map(self.team_names).to_dict()
        everybody = self.frame("questionnaire_by_unit_question").query(EVERYBODY)
        votes = {row.unit_id: f"有效{row.n_valid}份" for row in everybody.itertuples()}
        counts = self.frame("issues")["unit_id"].value_counts()
        rows = [
            [
                unit["short_name"], *(self._paper_cell(unit_id, form) for form in UNIT_FORMS), self._signed_cell(unit_id),
                *(_due_cell(papers.get(unit_id), is_due=unit["is_visited"]) for papers in (teams, votes)),
                str(counts.get(unit_id, 0)),
            ]
            for unit_id, unit in self.units.iterrows()
        ]  # fmt: skip
        return Blocks(table("matrix", rows))

    def _paper_cell(self, unit_id: str, form_id: str) -> TableCell:
        if (unit_id, form_id) not in self.submissions.index:
            return TableCell("未报", tone="bad")
        row = self.submissions.loc[(unit_id, form_id)]
        again = f"（第{row['n_rounds']}版）" if row["n_rounds"] > 1 else ""
        if row["state"] in ("missing", "returned"):
            return TableCell(label("submission_state", row["state"]) + again, tone="bad")
        if pd.isna(row["is_late"]):
            return TableCell(f"无收件登记{again}", tone="muted")
        when = words.moment(row["received_at"]).split()[0] + again
        return TableCell(f"迟报 {when}", tone="warn") if row["is_late"] else TableCell(f"按时 {when}")

    def _signed_cell(self, unit_id: str) -> TableCell:
        rows = self.submissions.query("unit_id == @unit_id and state != 'missing'")
        if rows.empty or rows[["is_signed", "is_sealed"]].isna().all(axis=None):
            return TableCell("无登记", tone="muted")
        asked = {"is_signed": "未签字", "is_sealed": "未盖章"}
        lacking = [word for column, word in asked.items() if rows[column].eq(False).any()]
        return TableCell("、".join(lacking), tone="warn") if lacking else TableCell("已签字盖章")

    def timeline(self) -> Blocks:
        """When the papers came in, against the deadline."""
        first = self.submissions["first_received_at"].dropna().rename("at").reset_index()
        received = {
            wording()["forms"][form]: first.loc[first["form_id"] == form, "at"].dt.to_pydatetime().tolist()
            for form in UNIT_FORMS
        }
        late, deadline = self.submissions["is_late"], self.config.cycle.deadline
        rows = pd.DataFrame(
            [(name, f"{len(times)}份") for name, times in received.items()], columns=["label", "text"]
        )
        counts = {
            "n_on_time": late.eq(False).sum(),
            "n_late": late.eq(True).sum(),
            "n_unknown": late.isna().sum(),
        }
        figure = steps(received, deadline, len(self.units))
        return Blocks(
            chart("receipts", figure, rows, n_units=len(self.units), deadline=words.day(deadline), **counts)
        )

    def unreadable(self) -> Blocks:
        """Files that were not used, each with the reason and what to do."""
        if self.unused.empty:
            return Blocks(Paragraph("收到的文件全部读出并采用。"))
        reasons = self.frame("issues").sort_values("severity").drop_duplicates("file_id")
        files = self.unused.merge(reasons[["file_id", "message", "remedy"]], on="file_id", how="left")
        told = files.assign(unit=self.owners(files), name=files["path"].str.rsplit("/", n=1).str[-1])
        return Blocks(table("unused", told, n=len(told)))

    def issues(self) -> Blocks:
        """How many issues of which severity at which unit, and of which kind."""
        issues = self.frame("issues")
        return Blocks(self._issues_chart(issues), self._kinds_table(issues)) if len(issues) else _no_issues()

    def _issues_chart(self, issues: pd.DataFrame) -> Chart:
        owner = pd.Series(self.owners(issues), index=issues.index)
        counts = pd.crosstab(owner, issues["severity"]).reindex(
            columns=list(labels("severity")), fill_value=0
        )
        total = counts.sum(axis=1).sort_values(ascending=False, kind="stable")
        rows = counts.loc[total.index].assign(label=total.index, text=[f"{n}条" for n in total])
        n_none = int((~self.units["short_name"].isin(owner)).sum())
        colours = dict(zip(labels("severity"), (*RAMP[:3], PALE), strict=True))
        figure = stacked(rows.head(MOST_BARS), labels("severity"), colours, is_share=False)
        facts = {"n": len(issues), "most": total.index[0], "n_most": rows["text"].iloc[0], "n_none": n_none}
        return chart("issues", figure, rows, **facts)

    def _kinds_table(self, issues: pd.DataFrame) -> Table:
        kinds = (
            issues.groupby(["severity", "code"])
            .agg(n=("code", "size"), n_units=("unit_id", "nunique"))
            .reset_index()
        )
        order = kinds["severity"].map({severity: place for place, severity in enumerate(labels("severity"))})
        kinds = kinds.assign(order=order, kind=kinds["code"].map(kind_words))
        return table("kinds", kinds.sort_values(["order", "n"], ascending=[True, False], kind="stable"))

    def checks(self) -> Blocks:
        """Outcomes of the checks (only 不通过 accuses anyone) and the reviewed corrections."""
        checks, outcomes = self.frame("checks"), labels("outcome")
        counts = pd.crosstab(checks["check_id"], checks["outcome"]).reindex(
            columns=list(outcomes), fill_value=0
        )
        rows = [[kind_words(str(check)), *map(str, ns)] for check, *ns in counts.itertuples()]
        columns = "\n".join(f"{word}:10>" for word in outcomes.values())
        corrections = [
            [
                c.correction_id,
                " / ".join(c.key.values()),
                c.was,
                c.becomes,
                c.reason,
                c.who,
                words.day(c.when),
            ]
            for c in self.config.corrections
        ]
        none = Paragraph("本年度没有经审核的更正。")
        return Blocks(
            table("checks", rows, outcomes=columns) if rows else Paragraph("没有核对记录。"),
            table("corrections", corrections, n=len(corrections)) if corrections else none,
        )

    def all_issues(self) -> Blocks:
        """The full list, by severity and unit."""
        issues = self.frame("issues")
        return Blocks(self.issue_table(issues, "issues_of_units")) if len(issues) else _no_issues()


def kind_words(code: str) -> str:
    """An issue code as a sentence without its particulars; an unknown id as it is."""
    if code not in KINDS:
        return code
    general = KINDS[code].message.replace("“{row}”的“{column}”", "单元格").replace("：{detail}", "")
    return re.sub(r"“?\{\w+\}”?", "…", general.replace("{detail}", "材料"))


def _no_issues() -> Blocks:
    return Blocks(Paragraph("没有发现数据问题。"))


def _due_cell(text: str | None, *, is_due: bool) -> TableCell:
    if text:
        return TableCell(text)
    return TableCell("未报", tone="bad") if is_due else TableCell("未列入检查", tone="muted")
