"""01 报送情况: who sent what and when, what could not be read, and every data issue with its cell."""

from __future__ import annotations

import functools
import re

import pandas as pd

from lianzheng.issues import KINDS
from lianzheng.pages import words
from lianzheng.pages.bars import stacked
from lianzheng.pages.blocks import Blocks, Chart, Paragraph, Table, TableCell
from lianzheng.pages.charts import PALE, RAMP, fitting
from lianzheng.pages.chase import PAPER, chase_list, paper_names, standing_rounds
from lianzheng.pages.page import Page
from lianzheng.pages.planes import steps
from lianzheng.pages.wording import chart, columns, say, table, tiles, toned, wording
from lianzheng.tables import labels

MOST_BARS = 15
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
        """The round that stands of each unit and paper due, with how it got there and the first receipt."""
        rounds = self.frame("submissions")
        first = rounds.groupby(PAPER)["received_at"].min().rename("first_received_at")
        return standing_rounds(rounds).join(first, on=PAPER).set_index(PAPER)

    @functools.cached_property
    def papers(self) -> dict[str, str]:
        """The papers due of every unit, by form_id."""
        return paper_names(self.frame("submissions"), self.config)

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
            "n_unknown": (late.isna() & self.submissions["state"].ne("missing")).sum(),
        }
        is_accepted = self.submissions["now"].eq("accepted")
        return counts | {
            "n_units": len(self.units),
            "n_received": (self.submissions["state"] != "missing").sum(),
            "n_accepted": is_accepted.sum(),
            "n_corrected": (is_accepted & self.submissions["n_returned"].gt(0)).sum(),
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
            papers="、".join(self.config.forms[form].number or name for form, name in self.papers.items()),
            missing=f"未报：{missing}" if missing else "全部报送",
            late=f"迟报：{late}" if late else "没有迟报",
            unused=f"{n_unused}份文件无法采用" if n_unused else "文件全部可读",
        )

    def _figures(self) -> dict[str, object]:
        files, n_due = self.frame("files"), len(self.units) * len(self.papers)
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
        scores = self.frame("scores_by_unit_item_scorer").query("scorer != 'self'")
        scorers = self.told(scores.rename(columns={"scorer": "team_id"})).groupby("unit_id")["team"]
        seen = [scorers.first(), "有效" + self.everybody["n_valid"].astype("str") + "份"]
        counts = self.frame("issues")["unit_id"].value_counts()
        rows = []
        for unit_id, unit in self.units.iterrows():
            none = (
                TableCell("未报", tone="bad") if unit["is_visited"] else TableCell("未列入检查", tone="muted")
            )
            papers = [*(self._paper_cell(unit_id, form) for form in self.papers), self._signed_cell(unit_id)]
            n_issues = str(counts.get(unit_id, 0))
            rows.append([unit["short_name"], *papers, *(part.get(unit_id, none) for part in seen), n_issues])
        return Blocks(table("matrix", rows, papers=columns(self.papers.values(), ":19")))

    def _paper_cell(self, unit_id: object, form_id: str) -> TableCell:
        row = self.submissions.loc[(unit_id, form_id)]
        if row["now"] == "missing":
            return toned("submission_state", "missing")
        if row["now"] == "returned":
            return TableCell(f"退回（{words.number(row['n_open'])}处）", tone="bad")
        again = f"（第{row['round']}版）" if row["n_rounds"] > 1 else ""
        again = "（退回后补正）" if row["n_returned"] else again
        if pd.isna(row["is_late"]):
            return TableCell(f"无收件登记{again}", tone="muted")
        when = words.moment(row["received_at"]).split()[0] + again
        return TableCell(f"迟报 {when}", tone="warn") if row["is_late"] else TableCell(f"按时 {when}")

    def _signed_cell(self, unit_id: object) -> TableCell:
        """The paper copies of what was sent: how many came, and what is wrong with them."""
        rows = self.submissions.query("unit_id == @unit_id and state != 'missing'")
        n_paper = int(rows["paper_received_at"].notna().sum())
        if not n_paper:
            is_registered = rows["received_at"].notna().any()
            return TableCell("未到" if is_registered else "无登记", tone="warn" if is_registered else "muted")
        asked = {"is_signed": "未签字", "is_sealed": "未盖章"}
        lacking = [word for column, word in asked.items() if rows[column].eq(False).any()]
        lacking = [f"到{n_paper}/{len(rows)}份"] * (n_paper < len(rows)) + lacking
        return TableCell("、".join(lacking), tone="warn") if lacking else TableCell("已签字盖章")

    def timeline(self) -> Blocks:
        """When the papers came in, against the deadline."""
        first = self.submissions["first_received_at"].dropna()
        of_form = {form: first[first.index.get_level_values("form_id") == form] for form in self.papers}
        received = {self.papers[form]: list(times.dt.to_pydatetime()) for form, times in of_form.items()}
        texts = [f"{len(times)}份" for times in received.values()]
        rows = pd.DataFrame({"label": received.keys(), "text": texts})
        deadline = self.config.cycle.deadline
        figure = steps(received, deadline, len(self.units))
        return Blocks(chart("receipts", figure, rows, deadline=deadline, **self.counts))

    def chase(self) -> Blocks:
        """催报名单 on the date of the report: what is missing, was not corrected, or lacks its paper copy."""
        cycle = self.config.cycle
        rows = chase_list(self.frame("submissions"), self.frame("issues"), cycle.deadline, cycle.report_date)
        told = self.told(rows).assign(form=rows["form_id"].map(self.papers))
        return Blocks(table("chase", told, day=cycle.report_date, n_units=rows["unit_id"].nunique()))

    def rounds(self) -> Blocks:
        """The history of what was sent more than once: what went back, what corrected it, which version counts."""
        rounds = self.frame("submissions")
        several = rounds[rounds.groupby(PAPER)["round"].transform("max") > 1].sort_values([*PAPER, "round"])
        n_same = int(self.frame("issues")["code"].eq("same_file_again").sum())
        again = say("same_files", n=n_same) if n_same else ""
        facts = {"n_papers": several.groupby(PAPER).ngroups, "n_corrected": self.counts["n_corrected"]}
        facts |= {"again": again}
        told = self.told(several).assign(form=several["form_id"].map(self.papers))
        return Blocks(table("rounds", told, **facts))

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
        return Blocks(self._kinds_table(issues), self._issues_chart(issues))

    def _issues_chart(self, issues: pd.DataFrame) -> Chart:
        severities = labels("severity")
        counts = pd.crosstab(issues["unit"], issues["severity"]).reindex(
            columns=list(severities), fill_value=0
        )
        total = counts.sum(axis=1).sort_values(ascending=False, kind="stable")
        rows = counts.loc[total.index].assign(label=total.index, text=[f"{n}条" for n in total])
        colours = dict(zip(severities, (*RAMP[:3], PALE), strict=True))
        drawn = fitting(rows.head(MOST_BARS))
        figure = stacked(drawn, severities, colours, is_share=False)
        n_none = int((~self.units["short_name"].isin(total.index)).sum())
        others = say("other_senders", n=len(rows) - len(drawn)) if len(rows) > len(drawn) else ""
        facts = rows[["label", "text"]].iloc[0].to_dict() | {
            "n": len(issues),
            "n_none": n_none,
            "note": others,
        }
        return chart("issues", figure, rows, **facts)

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
        n_zero = int(self.frame("submissions").query("is_counted")["is_all_zero"].eq(True).sum())
        zeros = say("zero_returns", n=n_zero) if n_zero else ""
        checked = table("checks", rows, outcomes=columns(outcomes.values(), ":10>"), zeros=zeros)
        return Blocks(checked, table("corrections", corrections))

    def all_issues(self) -> Blocks:
        """The full list, by severity and unit."""
        return Blocks(self.issue_table(self.frame("issues"), "issues_of_units"))


def kind_words(code: str) -> str:
    """An issue code as a sentence without its particulars; an unknown id as it is."""
    if code not in KINDS:
        return str(wording()["check_words"].get(code, code))
    general = KINDS[code].message.replace("“{row}”的“{column}”", "单元格").replace("：{detail}", "")
    return re.sub(r"“?\{\w+\}”?", "…", general.replace("{detail}", "材料"))
