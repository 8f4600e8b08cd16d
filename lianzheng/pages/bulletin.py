"""07 通报: the closing document to all units, three parts as the founding bulletin, from confirmed data only.

It names a unit only for what its team confirmed, prints no score, grade or rank of a unit unless the cycle's
``bulletin_shows`` allows it, and says nothing that was learnt in talks or open comments.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lianzheng.pages import words
from lianzheng.pages.answers import answers_chart, scale_note, shares_by_question
from lianzheng.pages.blocks import Blocks, Block, Chart, Column, Heading, Paragraph, Table, Title, chart_from_figure
from lianzheng.pages.charts import bars
from lianzheng.pages.page import Page, label

MOST_REMEDIES = 3
_SHOWN = {"scores": ("总分", "total"), "grades": ("等次", "grade"), "ranks": ("排名", "rank")}


@functools.cache
def _wording() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("bulletin.yml").read_text(encoding="utf-8"))


class BulletinPage(Page):
    """The bulletin; its numbering is closed because empty classes get no number."""

    name = "bulletin"

    @property
    def n_charts(self) -> int:
        """Problem classes, questionnaire and evidence, each where there is something to draw."""
        return (not self.classes.empty) + (not self._answers.empty) + (not self._evidence.empty)

    @functools.cached_property
    def visited(self) -> pd.Index:
        """The units on the visit list, in roster order."""
        return self.units.index[self.units["is_visited"]]

    @functools.cached_property
    def confirmed(self) -> pd.DataFrame:
        """The findings that teams confirmed; nothing else may be told."""
        findings = self.frame("findings")
        return findings[findings["is_confirmed"]]

    @functools.cached_property
    def classes(self) -> pd.DataFrame:
        """The bulletin's classes that have confirmed findings, in the order of the configuration."""
        kinds = self.config.findings.bulletin_classes
        order = pd.DataFrame(
            {"bulletin_class": [k.bulletin_class for k in kinds], "label": [k.label for k in kinds], "sentence": [k.sentence for k in kinds]}
        )
        counts = self.frame("finding_counts_by_class").query("n_findings > 0")
        return order.merge(counts, on="bulletin_class")

    def opening(self) -> Blocks:
        """Title, addressees and the sentence that says who inspected whom, when and how."""
        text = _wording()
        facts = self.document
        title = Title(text["title"].format(cycle=self.cycle), document=facts)
        return Blocks(title, Paragraph(text["addressees"]), Paragraph(self._opening_sentence()))

    def _opening_sentence(self) -> str:
        visits = self.frame("site_visits")
        dates = [visit.visit_date for visit in self.config.visits]
        ways = ["查阅资料"]
        ways = ["听取汇报", *ways] if visits["report_minutes"].notna().any() else ways
        ways += ["个别谈话"] if visits["n_interviews"].sum() else []
        ways += ["廉政测评"] if not self._answers.empty else []
        ways += ["现场测试"] if visits["n_quiz"].sum() else []
        n_others = len(self.units) - len(self.visited)
        return _wording()["opening"].format(
            dates=words.period(min(dates), max(dates)) if dates else f"{self.cycle}年",
            teams=len({visit.team_id for visit in self.config.visits}),
            ways="、".join(ways),
            visited=len(self.visited),
            cycle=self.cycle,
            others=f"，其余{n_others}个单位开展自查" if n_others else "",
        )

    def overall(self) -> Blocks:
        """一、总体情况: what was covered, in figures, then three sections with good practice by name."""
        blocks: list[Block] = [Paragraph(self._coverage())]
        for number, section in enumerate(_wording()["sections"], start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{section['title']}", 3))
            told = [text for text in (self._self_reported(section), self._good_practice(section)) if text]
            blocks.extend(Paragraph(text) for text in told or ["本次检查没有这方面可通报的数据。"])
        return Blocks(*blocks)

    def _coverage(self) -> str:
        return "".join(text for text in (self._papers(), self._visits(), self._ballots(), self._found()) if text)

    def _papers(self) -> str:
        sent = self.frame("submissions").query("state != 'missing' and state != 'superseded'")
        n = {form: sent.loc[sent["form_id"] == form, "unit_id"].nunique() for form in ("standard", "statistics")}
        late = sent["is_late"].eq(True).sum()
        on_time = f"其中迟报{late}份" if late else "没有迟报"
        return f"全局{len(self.units)}个局直单位中，{n['standard']}个报送自评材料，{n['statistics']}个报送自查统计表，{on_time}。"

    def _visits(self) -> str:
        visits = self.frame("site_visits")
        if visits.empty:
            return ""
        tested = visits.dropna(subset=["n_quiz", "quiz_mean_pct"])
        n_tested = tested["n_quiz"].sum()
        parts = [f"各检查组个别谈话{words.number(visits['n_interviews'].sum())}人次"]
        if n_tested:
            mean = (tested["quiz_mean_pct"] * tested["n_quiz"].astype(float)).sum() / n_tested
            parts.append(f"现场测试{words.number(n_tested)}人、平均正确率{words.share(mean / 100)}")
        seen = self.frame("evidence_by_unit_class").query("scorer != 'self'")["n_documents"].sum()
        return "，".join([*parts, *([f"查阅资料{words.number(seen)}份"] if seen else [])]) + "。"

    def _ballots(self) -> str:
        everybody = self.frame("questionnaire_by_unit_question").query("question_id == 'all' and rater_group == 'all'")
        known = everybody.dropna(subset=["n_issued", "n_returned"])
        if known.empty or not known["n_issued"].sum():
            return ""
        issued, returned = known["n_issued"].sum(), known["n_returned"].sum()
        return (
            f"廉政测评在{len(known)}个单位发出测评表{words.number(issued)}份，收回{words.number(returned)}份，"
            f"回收率{words.share(returned / issued)}，有效{words.number(known['n_valid'].sum())}份。"
        )

    def _found(self) -> str:
        highlights = self.frame("highlights").query("is_confirmed")
        n_units = self.confirmed["unit_id"].nunique()
        found = f"检查组确认问题{len(self.confirmed)}个，涉及{n_units}个单位" if n_units else "检查组没有确认需要通报的问题"
        return f"{found}；确认特色做法{len(highlights)}项。" if len(highlights) else f"{found}。"

    def _self_reported(self, section: dict[str, Any]) -> str:
        figures = self.frame("statistics_by_unit_category_measure").query("period == 'this'").dropna(subset=["value"])
        sums = figures.groupby(["category_id", "measure_id"])["value"].sum()
        told = [
            wording.format(n=words.number(sums[category, measure]))
            for category, measure, wording in section["figures"]
            if sums.get((category, measure), 0)
        ]
        n_units = figures["unit_id"].nunique()
        return _wording()["self_reported"].format(n=n_units, figures="，".join(told)) if told else ""

    def _good_practice(self, section: dict[str, Any]) -> str:
        highlights = self.frame("highlights").query("is_confirmed")
        mine = highlights[highlights["subject_id"].isin(section["subjects"])]
        told = [f"{self.units['name'][row.unit_id]}{_practice(row.text, self.units.loc[row.unit_id])}" for row in mine.itertuples()]
        if len(told) < 2:
            return f"特色做法有：{told[0]}。" if told else ""
        return "特色做法有：" + "；".join(f"{words.numeral(n)}是{text}" for n, text in enumerate(told, start=1)) + "。"

    def problems(self) -> Blocks:
        """二、存在的主要问题: the classes that occurred, renumbered, with counts and the units of confirmed findings."""
        if self.classes.empty:
            return Blocks(Paragraph("本次检查没有确认需要通报的问题。"))
        n_units = self.confirmed["unit_id"].nunique()
        blocks: list[Block] = [
            Paragraph(f"检查组确认问题{len(self.confirmed)}个，涉及{n_units}个单位，主要有以下{len(self.classes)}类（分布见附件图1）。")
        ]
        for number, kind in enumerate(self.classes.itertuples(), start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{kind.sentence}", 3))
            blocks.append(Paragraph(self._class_paragraph(kind)))
        return Blocks(*blocks)

    def _class_paragraph(self, kind: Any) -> str:
        findings = self.confirmed[self.confirmed["bulletin_class"] == kind.bulletin_class]
        told = self._told(findings)
        if kind.n_findings == 1:
            return f"检查发现此类问题1个：{told}。"
        extent = f"涉及{kind.n_units}个单位" if kind.n_units > 1 else "均在同一单位"
        common = "，较为普遍" if kind.is_common else ""
        return f"检查发现此类问题{kind.n_findings}个，{extent}{common}：{told}。"

    def _told(self, findings: pd.DataFrame) -> str:
        """甲和乙廉政约谈无签字；丙廉政约谈次数不足 — the defects with most units first."""
        subjects = {subject.id: subject.label for subject in self.config.findings.subjects}
        defects = {defect.id: defect.label for defect in self.config.findings.defects}
        groups = [
            (self.unit_names(rows["unit_id"]), f"{subjects.get(subject, subject)}{defects.get(defect, defect)}")
            for (subject, defect), rows in findings.groupby(["subject_id", "defect_id"], sort=False)
        ]
        ordered = sorted(groups, key=lambda group: -len(group[0]))
        return "；".join(f"{words.listed(names)}{what}" for names, what in ordered)

    def remedies(self) -> Blocks:
        """三、整改落实意见: by the common problems, then deadline and accountability."""
        text = _wording()
        if self.classes.empty:
            return Blocks(Paragraph(text["accountability"]))
        common = self.classes.query("is_common")
        chosen = common if len(common) else self.classes.nlargest(MOST_REMEDIES, ["n_units", "n_findings"])
        wanted = [self.config.findings.remedies.get(kind, "") for kind in chosen["bulletin_class"]]
        told = [f"{words.numeral(n)}要{remedy}" for n, remedy in enumerate(filter(None, wanted), start=1)]
        others = [text["others_remedied"]] if len(chosen) < len(self.classes) else []
        closing = [*others, text["deadline"], text["accountability"]]
        return Blocks(*(Paragraph(words_) for words_ in (text["remedies_opening"], *told, *closing)))

    def signature(self) -> Blocks:
        """Who signs, and the date."""
        cycle = self.config.cycle
        return Blocks(
            Paragraph(_wording()["signature"].format(bureau=cycle.bureau)), Paragraph(words.day(cycle.report_date))
        )

    def annex(self) -> Blocks:
        """附件: the charts and one table of counts; no unit is named unless the cycle allows it."""
        charts = [chart for chart in (self._classes_chart(), self._answers_chart(), self._evidence_chart()) if chart]
        tables = [table for table in (self._counts_table(), self._shown_results()) if table]
        return Blocks(*charts, *tables) if charts or tables else Blocks(Paragraph("没有可列入附件的数据。"))

    def _classes_chart(self) -> Chart | None:
        if self.classes.empty:
            return None
        rows = self.classes.sort_values(["n_units", "n_findings"], ascending=False, kind="stable")
        texts = [f"{row.n_units}家，{row.n_findings}个" for row in rows.itertuples()]
        rows = rows.assign(value=rows["n_units"], text=texts, is_marked=rows["is_common"])
        first = rows.iloc[0]
        title = f"图1 “{first['label']}”涉及单位最多（{first['n_units']}个单位）"
        alt = "各类问题涉及的单位数和问题数：" + "；".join(f"{r.label}{r.text}" for r in rows.itertuples()) + "。"
        share = words.share(self.config.cycle.common_share)
        source = f"检查组确认的问题，受检单位{len(self.visited)}个；涉及受检单位{share}以上的为普遍问题"
        figure = bars(rows, {"marked": "普遍问题", "other": "个别问题"})
        return chart_from_figure(figure, title=title, alt=alt, source=source)

    @functools.cached_property
    def _answers(self) -> pd.DataFrame:
        """The votes of all units whose result may be shown, by question, with the number of votes."""
        results = self.frame("questionnaire_by_unit_question")
        open_ = results.query("question_id == 'all' and rater_group == 'all' and not is_suppressed")["unit_id"]
        tallies = self.frame("tallies_by_unit_question_option")
        tallies = tallies[tallies["unit_id"].isin(open_)]
        if tallies.empty:
            return pd.DataFrame()
        form = self.config.questionnaire
        shares = shares_by_question(form, tallies)
        best = form.scale[0]
        texts = [words.share(value) for value in shares[best.option_id]]
        return shares.assign(label=[q.label for q in form.rated], text=texts)

    def _answers_chart(self) -> Chart | None:
        rows = self._answers
        if rows.empty:
            return None
        form = self.config.questionnaire
        best = form.scale[0]
        lowest = rows.sort_values(best.option_id, kind="stable").iloc[0]
        title = f"图2 “{lowest['label']}”选择“{best.label}”的比例最低（{lowest['text']}）"
        n = self.frame("tallies_by_unit_question_option")["unit_id"].nunique()
        source = f"附件3测评表，{n}个单位合计，不分单位"
        return answers_chart(form, rows, title=title, source=source, note="", heading=f"选择“{best.label}”的比例")

    @functools.cached_property
    def _evidence(self) -> pd.DataFrame:
        """Evidence classes with the number of inspected units where something was lacking."""
        seen = self.frame("evidence_by_unit_class").query("scorer != 'self' and item_id == ''")
        if seen.empty:
            return pd.DataFrame()
        lacking = seen[seen["defect_id"].notna() | seen["n_documents"].eq(0)]
        counts = lacking.groupby("evidence_class")["unit_id"].nunique()
        n_units = seen["unit_id"].nunique()
        kinds = self.config.findings.evidence_classes
        rows = pd.DataFrame({"label": [k.label for k in kinds], "value": [int(counts.get(k.id, 0)) for k in kinds]})
        rows = rows.assign(text=[f"{v}个单位（{words.share(v / n_units)}）" for v in rows["value"]])
        rows = rows.assign(is_marked=rows["value"] / n_units >= self.config.cycle.common_share)
        return rows.sort_values("value", ascending=False, kind="stable")

    def _evidence_chart(self) -> Chart | None:
        rows = self._evidence
        if rows.empty:
            return None
        first = rows.iloc[0]
        title = f"图3 “{first['label']}”缺失或有缺陷的单位最多（{first['value']}个）" if first["value"] else "图3 七类资料均无缺失"
        alt = "资料缺失或有缺陷的单位数：" + "；".join(f"{r.label}{r.text}" for r in rows.itertuples()) + "。"
        n = self.frame("evidence_by_unit_class").query("scorer != 'self'")["unit_id"].nunique()
        return chart_from_figure(
            bars(rows, {"marked": "普遍", "other": "个别"}), title=title, alt=alt, source=f"检查组查阅资料记录，{n}个单位"
        )

    def _counts_table(self) -> Table | None:
        if self.classes.empty:
            return None
        counts = pd.crosstab(self.confirmed["bulletin_class"], self.confirmed["defect_id"])
        defects = [defect for defect in self.config.findings.defects if defect.id in counts.columns]
        rows = tuple(
            (
                kind.label,
                *(words.number(counts.loc[kind.bulletin_class, defect.id]) for defect in defects),
                str(kind.n_findings),
                str(kind.n_units),
            )
            for kind in self.classes.itertuples()
        )
        columns = (
            Column("问题类别", width=22),
            *(Column(defect.label, "right", 6) for defect in defects),
            Column("合计", "right", 6),
            Column("单位数", "right", 7),
        )
        return Table("各类问题按缺陷分列（个）", columns, rows, source="检查组确认的问题")

    def _shown_results(self) -> Table | None:
        shown = [_SHOWN[kind] for kind in self.config.cycle.bulletin_shows]
        if not shown:
            return None
        results = self.frame("results_by_unit").set_index("unit_id").reindex(self.visited)
        rows = tuple(
            (self.units["name"][unit_id], *(_result_text(column, row[column]) for _, column in shown))
            for unit_id, row in results.iterrows()
        )
        return Table("检查结果", (Column("单位"), *(Column(name, "right") for name, _ in shown)), rows)


def _practice(text: str, unit: pd.Series) -> str:
    """The text of a highlight as the predicate of the unit's name, which it may repeat at its beginning."""
    told = words.sentence(text)
    for name in (unit["name"], unit["short_name"]):
        told = told.removeprefix(name).removeprefix("党委").lstrip("，,：: ")
    return told


def _result_text(column: str, value: Any) -> str:
    if pd.isna(value):
        return "不排名" if column == "rank" else words.DASH
    return {"total": words.points, "grade": lambda grade: label("grade", grade), "rank": str}[column](value)
