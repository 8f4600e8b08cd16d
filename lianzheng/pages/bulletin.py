"""07 通报: the closing document to all units, three parts as the founding bulletin, from confirmed data only.

It names a unit only for what its team confirmed, prints no score, grade or rank of a unit unless the cycle's
``bulletin_shows`` allows it, and says nothing that was learnt in talks or open comments.
"""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from lianzheng.fonts import uncovered
from lianzheng.pages import words
from lianzheng.pages.answers import OF_SHARES, answers_chart, method_line, shares_of_units
from lianzheng.pages.blocks import Block, Blocks, Chart, Heading, Paragraph
from lianzheng.pages.chase import standing_rounds
from lianzheng.pages.problems import ProblemsPage, marked_bars
from lianzheng.pages.wording import chart, columns, say, table, wording

MOST_REMEDIES = 3
COUNTS = ["n_issued", "n_returned", "n_valid"]
_SHOWN = {
    "scores": "总分> = total | points",
    "grades": "等次> = grade | @grade",
    "ranks": "排名> = rank ? 不排名",
}
_say = functools.partial(say, part="bulletin")


class BulletinPage(ProblemsPage):
    """The bulletin; its numbering is closed because empty classes get no number."""

    name = "bulletin"

    @property
    def n_charts(self) -> int:
        """Problem classes, questionnaire and evidence, each where there is something to draw."""
        return sum(not part.empty for part in (self.classes, self.answers, self.evidence))

    @functools.cached_property
    def visited(self) -> pd.Index:
        """The units on the visit list, in roster order."""
        return self.units.index[self.units["is_visited"]]

    def confirmed(self, name: str) -> pd.DataFrame:
        """The findings or highlights that teams confirmed at the units of the visit list; nothing else may be told."""
        confirmed = self.frame(name).query("is_confirmed == True")
        return self.told(confirmed[confirmed["unit_id"].isin(self.visited)])

    def opening(self) -> Blocks:
        """Title, addressees and the sentence that says who inspected whom, when and how."""
        visits, n_others = self.config.visits, len(self.units) - len(self.visited)
        dates = sorted(visit.visit_date for visit in visits)
        sentence = _say(
            "opening",
            dates=words.period(dates[0], dates[-1]) if dates else f"{self.cycle}年",
            teams=len({visit.team_id for visit in visits}),
            ways="、".join(self._ways()),
            visited=len(self.visited),
            cycle=self.cycle,
            others=f"，其余{n_others}个单位开展自查" if n_others else "",
        )
        return Blocks(self.title(subtitle=""), Paragraph(_say("addressees"), "address"), Paragraph(sentence))

    def _ways(self) -> list[str]:
        """How the teams inspected, as far as the data show it."""
        visits = self.frame("site_visits")
        figures = {"听取汇报": "report_minutes", "个别谈话": "n_interviews", "现场测试": "n_quiz"}
        seen = [way for way, figure in figures.items() if visits[figure].sum() > 0]
        return ["查阅资料", *seen, *(["廉政测评"] if len(self.answers) else [])]

    def overall(self) -> Blocks:
        """一、总体情况: what was covered, in figures, then three sections with good practice by name."""
        blocks: list[Block] = [Paragraph(self._papers() + self._visits() + self._ballots() + self._found())]
        for number, section in enumerate(wording()["bulletin"]["sections"], start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{section['title']}", 3))
            told = filter(None, (self._self_reported(section), self._good_practice(section)))
            blocks += [Paragraph(text) for text in list(told) or [_say("nothing_told")]]
        return Blocks(*blocks)

    def _papers(self) -> str:
        sent = standing_rounds(self.frame("submissions")).query("state != 'missing'")
        n_late, n_units = sent["is_late"].eq(True).sum(), sent.groupby("form_id")["unit_id"].nunique()
        late = _say("late", n=n_late) if n_late else "没有迟报"
        return _say("papers", n_units=len(self.units), late=late, **n_units.to_dict())

    def _visits(self) -> str:
        visits = self.frame("site_visits")
        weights, means = visits["n_quiz"].astype("float64"), visits["quiz_mean_pct"]
        weights = weights.where(means.notna(), 0.0).fillna(0.0)
        if not weights.sum():
            return ""
        quiz_mean = (means.fillna(0.0) * weights).sum() / weights.sum() / 100
        n_documents = self.seen_evidence["n_documents"].sum()
        sums = visits[["n_interviews", "n_quiz"]].sum().to_dict() | {"n_documents": n_documents}
        return _say("visits", quiz_mean=quiz_mean, **sums)

    def _ballots(self) -> str:
        known = self.everybody.dropna(subset=[*COUNTS, "score"])
        sums, n_left = known[COUNTS].sum(), len(self.everybody) - len(known)
        if not sums["n_issued"]:
            return ""
        left_out = _say("ballots_left_out", n=n_left) if n_left else ""
        rate = sums["n_returned"] / sums["n_issued"]
        return _say("ballots", n_units=len(known), rate=rate, left_out=left_out, **sums)

    def _found(self) -> str:
        findings, n_good = self.confirmed("findings"), len(self.confirmed("highlights"))
        found = _say("found", n=len(findings), n_units=findings["unit_id"].nunique())
        good = "；" + _say("practices", n=n_good) if n_good else ""
        return f"{found if len(findings) else _say('nothing_found')}{good}。"

    def _self_reported(self, section: dict[str, Any]) -> str:
        figures = self.frame("statistics_by_unit_category_measure").query("period == 'this'")
        figures = figures.dropna(subset=["value"])
        sums = figures.groupby(["category_id", "measure_id"])["value"].sum()
        known = [(sums.get((c, m), 0), text) for c, m, text in section["figures"]]
        told = [text.format(n=words.number(n)) for n, text in known if n]
        return _say("self_reported", n=figures["unit_id"].nunique(), figures="，".join(told)) if told else ""

    def _good_practice(self, section: dict[str, Any]) -> str:
        """一是甲…；二是乙和丙…: units with the same practice are named together."""
        mine = self.confirmed("highlights")
        mine = mine[mine["subject_id"].isin(section["subjects"])]
        practices = [_practice(row.text, self.units.loc[row.unit_id]) for row in mine.itertuples()]
        groups = mine.assign(practice=practices).groupby("practice", sort=False)["unit_id"]
        listed = [f"{words.listed(self.unit_names(units))}{practice}" for practice, units in groups]
        if len(listed) > 1:
            listed = [f"{words.numeral(n)}是{text}" for n, text in enumerate(listed, start=1)]
        return f"特色做法有：{'；'.join(listed)}。" if listed else ""

    def problems(self) -> Blocks:
        """二、存在的主要问题: the classes that occurred, renumbered, with counts and the units of confirmed findings."""
        if self.classes.empty:
            return Blocks(Paragraph(_say("no_problems")))
        findings = self.confirmed("findings")
        n = {"n": len(findings), "n_units": findings["unit_id"].nunique(), "n_classes": len(self.classes)}
        blocks: list[Block] = [Paragraph(_say("problems", **n))]
        for number, kind in enumerate(self.classes.to_dict("records"), start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{words.sentence(kind['sentence'])}", 3))
            told = self._told_by_unit(findings[findings["bulletin_class"] == kind["bulletin_class"]])
            extent = "one_unit" if kind["n_units"] == 1 else "findings"
            extent = "one_finding" if kind["n_findings"] == 1 else extent
            blocks.append(Paragraph(_say(extent, told=told, **kind)))
        return Blocks(*blocks)

    def _told_by_unit(self, findings: pd.DataFrame) -> str:
        """甲和乙廉政约谈无签字；丙廉政约谈次数不足 — the defects with most units first."""
        by_kind = findings.groupby(["subject", "defect"], sort=False)["unit_id"]
        groups = [(self.unit_names(unit_ids), _problem(*kind)) for kind, unit_ids in by_kind]
        ordered = sorted(groups, key=lambda group: -len(group[0]))
        return "；".join(words.listed(names) + what for names, what in ordered)

    def remedies(self) -> Blocks:
        """三、整改落实意见: by the common problems (else the most frequent), then deadline and accountability."""
        if self.classes.empty:
            return Blocks(Paragraph(_say("accountability")))
        common = self.classes.query("is_common == True")
        chosen = common if len(common) else self.classes.nlargest(MOST_REMEDIES, ["n_units", "n_findings"])
        wanted = filter(None, (self.taxonomy.remedies.get(kind, "") for kind in chosen["bulletin_class"]))
        told = [f"{words.numeral(n)}要{remedy}" for n, remedy in enumerate(wanted, start=1)]
        others = [_say("others_remedied")] if len(chosen) < len(self.classes) else []
        deadline = _say("deadline", days=self.config.cycle.rectification_days)
        closing = [*others, deadline, _say("accountability")]
        return Blocks(*map(Paragraph, [_say("remedies_opening"), *told, *closing]))

    def signature(self) -> Blocks:
        """Who signs, and the date."""
        cycle = self.config.cycle
        lines = cycle.signature or cycle.bureau, words.day(cycle.report_date)
        return Blocks(*(Paragraph(line, "signature") for line in lines))

    def annex(self) -> Blocks:
        """附件: the charts and one table of counts; no unit is named unless the cycle allows it."""
        n_source = f"受检单位{len(self.visited)}家"
        charts = self.classes_chart(n_source, "图1　"), self._answers_chart(), self._evidence_chart()
        tables = [self._defects_table()] if len(self.classes) else []
        if self.config.cycle.bulletin_shows:
            results = self.frame("results_by_unit").set_index("unit_id").reindex(self.visited)
            shown = "\n".join(_SHOWN[kind] for kind in self.config.cycle.bulletin_shows)
            tables.append(table("shown", results.assign(name=self.units["name"]), shown=shown))
        return Blocks(*(drawn for drawn in charts if drawn), *tables)

    @functools.cached_property
    def answers(self) -> pd.DataFrame:
        """The votes of all units with a valid result that may be shown, as shares by question."""
        form, tallies = self.questionnaire_form, self.frame("tallies_by_unit_question_option")
        shares = shares_of_units(form, self.frame("questionnaire_by_unit_question"), tallies)
        if shares.empty:
            return shares
        best = shares[form.best.option_id]
        return shares.assign(share=best, text=best.map(words.share))

    def _answers_chart(self) -> Chart | None:
        if self.answers.empty:
            return None
        lowest = self.answers.sort_values("share", kind="stable").iloc[0].to_dict()
        form, scores = self.questionnaire_form, self.everybody["score"]
        title = _say("lowest_answer", best=form.best.label, **lowest)
        n_units, n_left = scores.notna().sum(), scores.isna().sum()
        source = _say("answers_source", n_units=n_units, left_out=say("left_out", n=n_left) if n_left else "")
        note = method_line(form, self.threshold, OF_SHARES)
        told = {"title": title, "source": source, "note": note}
        return answers_chart(form, self.answers, "best", told)

    @functools.cached_property
    def seen_evidence(self) -> pd.DataFrame:
        """What teams saw of the evidence classes at the units of the visit list."""
        seen = self.frame("evidence_by_unit_class").query("scorer != 'self' and item_id == ''")
        return seen[seen["unit_id"].isin(self.visited)]

    @functools.cached_property
    def evidence(self) -> pd.DataFrame:
        """Evidence classes by the number of inspected units where something was lacking."""
        seen = self.seen_evidence
        lacking = seen[seen["defect_id"].notna() | seen["n_documents"].eq(0)]
        kinds, n_units = self.names("evidence_classes"), seen["unit_id"].nunique()
        counts = lacking.groupby("evidence_class")["unit_id"].nunique().reindex(list(kinds), fill_value=0)
        rows = pd.DataFrame({"label": list(kinds.values()), "value": counts.to_numpy()})
        texts = [f"{n}家，{words.share(n / n_units if n_units else None)}" for n in rows["value"]]
        rows = rows.assign(n_units=n_units, text=texts).query("n_units > 0")
        return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)

    def _evidence_chart(self) -> Chart | None:
        if self.evidence.empty:
            return None
        is_common = self.evidence["value"] / self.evidence["n_units"] >= self.config.cycle.common_share
        figure = marked_bars(self.evidence, is_common)
        return chart("evidence", figure, self.evidence, **self.evidence.iloc[0])

    def _defects_table(self) -> Block:
        findings = self.confirmed("findings")
        counts = pd.crosstab(findings["bulletin_class"], findings["defect"])
        names = [name for name in self.names("defects").values() if name in counts.columns]
        rows = [
            [kind.label, *map(str, [*counts.loc[kind.bulletin_class, names], kind.n_findings, kind.n_units])]
            for kind in self.classes.itertuples()
        ]
        return table("defects", rows, defects=columns(names, ":6>"))


def _problem(subject: str, defect: str) -> str:
    """廉政约谈 + 无签字; 上年反馈问题整改 + 未整改 does not say 整改 twice."""
    return subject.removesuffix(defect.removeprefix("未")) + defect


def _practice(text: str, unit: pd.Series) -> str:
    """What a unit does well, without its own name at the beginning and without what no font draws (emoji)."""
    told = words.sentence(text.translate({ord(character): None for character in uncovered(text)}))
    for name in (unit["name"], unit["short_name"]):
        told = told.removeprefix(name).removeprefix("党委").lstrip("，,：: ")
    return told
