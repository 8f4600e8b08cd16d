"""01 报送情况: who sent what and when, what could not be read, and every data issue with its cell."""

from __future__ import annotations

import functools
import re

import pandas as pd

from lianzheng.issues import KINDS
from lianzheng.pages import words
from lianzheng.pages.blocks import Blocks, Chart, Paragraph, Table, TableCell
from lianzheng.pages.charts import PALE, RAMP, stacked
from lianzheng.pages.page import EVERYBODY, Page
from lianzheng.pages.planes import steps
from lianzheng.pages.wording import chart, say, table, tiles, toned, wording
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

    @functools.cached_property
    def counts(self) -> dict[str, int]:
        """How many papers were received, on time, late or without receipt."""
        late = self.submissions["is_late"]
        counts = {
            "n_on_time": late.eq(False).sum(),
            "n_late": late.eq(True).sum(),
            "n_unknown": late.isna().sum(),
        }
        return counts | {
            "n_units": len(self.units),
            "n_received": (self.submissions["state"] != "missing").sum(),
        }

    def overview(self) -> Blocks:
        """Title, the state of things in a sentence and key figures."""
        cycle = self.config.cycle
        facts = say("deadline", deadline=cycle.deadline), say("as_of", report_date=cycle.report_date)
        return Blocks(self.title(*facts), Paragraph(self._lead(), "lead"), tiles("intake", self._figures()))

    def _lead(self) -> str:
        """Who has not sent, who was late, what cannot be used."""
        missing, late = (
            words.listed(self.unit_names(rows.index.get_level_values("unit_id"), "short_name"))
            for rows in (
                self.submissions.query("state == 'missing'"),
                self.submissions.query("is_late == True"),
            )
        )
        n_unused = int((self.unused["state"] != "superseded").sum())
        return say(
            "all_papers",
            n_units=len(self.units),
            missing=f"未报：{missing}" if missing else "全部报送",
            late=f"迟报：{late}" if late else "没有迟报",
            unused=f"{n_unused}份文件无法采用" if n_unused else "文件全部可读",
        )

    def _figures(self) -> dict[str, object]:
        files, n_due = self.frame("files"), len(self.units) * len(UNIT_FORMS)
        n = self.frame("issues")["severity"].value_counts().reindex(list(labels("severity")), fill_value=0)
        n_return = n["return_file"] + n["return_item"]
        return self.counts | {
            "n_files": (files["form_id"] != "ledger").sum(),
            "n_material": (files["state"] == "material").sum(),
            "received": f"{self.counts['n_received']}/{n_due}",
            "n_return": TableCell(str(n_return), tone="bad" if n_return else "good"),
            "n_verify": TableCell(str(n["verify"]), tone="warn" if n["verify"] else "good"),
            "n_note": TableCell(str(n["note"]), tone="muted"),
        }

    def matrix(self) -> Blocks:
        """Units × papers: on time, late, returned, missing, or not due."""
        scorers = self.told(
            self.frame("scores_by_unit_item_scorer")
            .query("scorer != 'self'")
            .rename(columns={"scorer": "team_id"})
        )
        everybody = self.frame("questionnaire_by_unit_question").query(EVERYBODY).set_index("unit_id")
        seen = [
            scorers.groupby("unit_id")["team"].first(),
            "有效" + everybody["n_valid"].astype("str") + "份",
        ]
        counts = self.frame("issues")["unit_id"].value_counts()
        rows = []
        for unit_id, unit in self.units.iterrows():
            none = (
                TableCell("未报", tone="bad") if unit["is_visited"] else TableCell("未列入检查", tone="muted")
            )
            papers = [*(self._paper_cell(unit_id, form) for form in UNIT_FORMS), self._signed_cell(unit_id)]
            n_issues = str(counts.get(unit_id, 0))
            rows.append([unit["short_name"], *papers, *(part.get(unit_id, none) for part in seen), n_issues])
        return Blocks(table("matrix", rows))

    def _paper_cell(self, unit_id: object, form_id: str) -> TableCell:
        if (unit_id, form_id) not in self.submissions.index:
            return TableCell("未报", tone="bad")
        row = self.submissions.loc[(unit_id, form_id)]
        again = f"（第{row['n_rounds']}版）" if row["n_rounds"] > 1 else ""
        if row["state"] in ("missing", "returned"):
            return toned("submission_state", row["state"])
        if pd.isna(row["is_late"]):
            return TableCell(f"无收件登记{again}", tone="muted")
        when = words.moment(row["received_at"]).split()[0] + again
        return TableCell(f"迟报 {when}", tone="warn") if row["is_late"] else TableCell(f"按时 {when}")

    def _signed_cell(self, unit_id: object) -> TableCell:
        rows = self.submissions.query("unit_id == @unit_id and state != 'missing'")
        if rows[["is_signed", "is_sealed"]].isna().all(axis=None):
            return TableCell("无登记", tone="muted")
        asked = {"is_signed": "未签字", "is_sealed": "未盖章"}
        lacking = "、".join(word for column, word in asked.items() if rows[column].eq(False).any())
        return TableCell(lacking, tone="warn") if lacking else TableCell("已签字盖章")

    def timeline(self) -> Blocks:
        """When the papers came in, against the deadline."""
        first = self.submissions["first_received_at"].dropna()
        of_form = {form: first[first.index.get_level_values("form_id") == form] for form in UNIT_FORMS}
        received = {
            wording()["forms"][form]: list(times.dt.to_pydatetime()) for form, times in of_form.items()
        }
        rows = pd.DataFrame(
            {"label": received.keys(), "text": [f"{len(times)}份" for times in received.values()]}
        )
        deadline = self.config.cycle.deadline
        figure = steps(received, deadline, len(self.units))
        return Blocks(chart("receipts", figure, rows, deadline=deadline, **self.counts))

    def unreadable(self) -> Blocks:
        """Files that were not used, each with the reason and what to do."""
        reasons = self.frame("issues").sort_values("severity").drop_duplicates("file_id")
        files = self.unused.merge(reasons[["file_id", "message", "remedy"]], on="file_id", how="left")
        files = files.drop(columns="file_id").assign(name=files["path"].str.rsplit("/", n=1).str[-1])
        return Blocks(table("unused", self.told(files)))

    def issues(self) -> Blocks:
        """How many issues of which severity at which unit, and of which kind."""
        issues = self.told(self.frame("issues"))
        if issues.empty:
            return self.all_issues()
        return Blocks(self._issues_chart(issues), self._kinds_table(issues))

    def _issues_chart(self, issues: pd.DataFrame) -> Chart:
        severities = labels("severity")
        counts = pd.crosstab(issues["unit"], issues["severity"]).reindex(
            columns=list(severities), fill_value=0
        )
        total = counts.sum(axis=1).sort_values(ascending=False, kind="stable")
        rows = counts.loc[total.index].assign(label=total.index, text=[f"{n}条" for n in total])
        colours = dict(zip(severities, (*RAMP[:3], PALE), strict=True))
        figure = stacked(rows.head(MOST_BARS), severities, colours, is_share=False)
        n_none = int((~self.units["short_name"].isin(total.index)).sum())
        return chart("issues", figure, rows, n=len(issues), n_none=n_none, **rows[["label", "text"]].iloc[0])

    def _kinds_table(self, issues: pd.DataFrame) -> Table | Paragraph:
        kinds = issues.groupby(["severity", "code"]).agg(n=("code", "size"), n_units=("unit_id", "nunique"))
        kinds = kinds.reset_index().sort_values("n", ascending=False, kind="stable")
        order = {severity: place for place, severity in enumerate(labels("severity"))}
        kinds = kinds.sort_values("severity", key=lambda severities: severities.map(order), kind="stable")
        return table("kinds", kinds.assign(kind=kinds["code"].map(kind_words)))

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
        return Blocks(table("checks", rows, outcomes=columns), table("corrections", corrections))

    def all_issues(self) -> Blocks:
        """The full list, by severity and unit."""
        return Blocks(self.issue_table(self.frame("issues"), "issues_of_units"))


def kind_words(code: str) -> str:
    """An issue code as a sentence without its particulars; an unknown id as it is."""
    if code not in KINDS:
        return code
    general = KINDS[code].message.replace("“{row}”的“{column}”", "单元格").replace("：{detail}", "")
    return re.sub(r"“?\{\w+\}”?", "…", general.replace("{detail}", "材料"))
