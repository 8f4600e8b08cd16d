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
from lianzheng.pages.answers import answers_chart, shares_by_question
from lianzheng.pages.blocks import Block, Blocks, Chart, Heading, Paragraph, Table
from lianzheng.pages.page import EVERYBODY
from lianzheng.pages.problems import ProblemsPage, marked_bars
from lianzheng.pages.wording import chart, label, table, wording

MOST_REMEDIES = 3
_SHOWN = {"scores": ("总分", "total"), "grades": ("等次", "grade"), "ranks": ("排名", "rank")}


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

    @functools.cached_property
    def confirmed(self) -> pd.DataFrame:
        """The findings that teams confirmed; nothing else may be told."""
        return self.frame("findings").query("is_confirmed == True")

    @functools.cached_property
    def highlights(self) -> pd.DataFrame:
        """The good practice that teams confirmed."""
        return self.frame("highlights").query("is_confirmed == True")

    def opening(self) -> Blocks:
        """Title, addressees and the sentence that says who inspected whom, when and how."""
        return Blocks(
            self.title(subtitle=""), Paragraph(_say("addressees"), "address"), Paragraph(self._opening_sentence())
        )

    def _opening_sentence(self) -> str:
        visits, n_others = self.config.visits, len(self.units) - len(self.visited)
        dates = sorted(visit.visit_date for visit in visits)
        return _say(
            "opening",
            dates=words.period(dates[0], dates[-1]) if dates else f"{self.cycle}年",
            teams=len({visit.team_id for visit in visits}),
            ways="、".join(self._ways()),
            visited=len(self.visited),
            cycle=self.cycle,
            others=f"，其余{n_others}个单位开展自查" if n_others else "",
        )

    def _ways(self) -> list[str]:
        """How the teams inspected, as far as the data show it."""
        visits = self.frame("site_visits")
        seen = {
            "听取汇报": visits["report_minutes"],
            "个别谈话": visits["n_interviews"],
            "现场测试": visits["n_quiz"],
        }
        return [
            "查阅资料",
            *(way for way, n in seen.items() if n.sum() > 0),
            *(["廉政测评"] if len(self.answers) else []),
        ]

    def overall(self) -> Blocks:
        """一、总体情况: what was covered, in figures, then three sections with good practice by name."""
        blocks: list[Block] = [Paragraph(self._papers() + self._visits() + self._ballots() + self._found())]
        for number, section in enumerate(wording()["bulletin"]["sections"], start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{section['title']}", 3))
            told = [text for text in (self._self_reported(section), self._good_practice(section)) if text]
            blocks += [Paragraph(text) for text in told or [_say("nothing_told")]]
        return Blocks(*blocks)

    def _papers(self) -> str:
        sent = self.frame("submissions").query("state not in ['missing', 'superseded']")
        n = {
            form: sent.loc[sent["form_id"] == form, "unit_id"].nunique()
            for form in ("standard", "statistics")
        }
        n_late = sent["is_late"].eq(True).sum()
        return _say(
            "papers", n_units=len(self.units), late=f"其中迟报{n_late}份" if n_late else "没有迟报", **n
        )

    def _visits(self) -> str:
        visits = self.frame("site_visits")
        tested = visits.dropna(subset=["n_quiz", "quiz_mean_pct"])
        n_tested = tested["n_quiz"].sum()
        if visits.empty or not n_tested:
            return ""
        mean = (tested["quiz_mean_pct"] * tested["n_quiz"].astype("float64")).sum() / n_tested
        seen = (
            self.frame("evidence_by_unit_class")
            .query("scorer != 'self' and item_id == ''")["n_documents"]
            .sum()
        )
        counts = {"interviews": visits["n_interviews"].sum(), "quiz": n_tested, "documents": seen}
        return _say(
            "visits", mean=words.share(mean / 100), **{key: words.number(n) for key, n in counts.items()}
        )

    def _ballots(self) -> str:
        known = (
            self.frame("questionnaire_by_unit_question")
            .query(EVERYBODY)
            .dropna(subset=["n_issued", "n_returned"])
        )
        issued, returned, valid = (known[name].sum() for name in ("n_issued", "n_returned", "n_valid"))
        if not issued:
            return ""
        counts = {
            "issued": words.number(issued),
            "returned": words.number(returned),
            "valid": words.number(valid),
        }
        return _say("ballots", n_units=len(known), rate=words.share(returned / issued), **counts)

    def _found(self) -> str:
        n_units, n_good = self.confirmed["unit_id"].nunique(), len(self.highlights)
        found = (
            f"检查组确认问题{len(self.confirmed)}个，涉及{n_units}个单位"
            if n_units
            else "检查组没有确认需要通报的问题"
        )
        return f"{found}；确认特色做法{n_good}项。" if n_good else f"{found}。"

    def _self_reported(self, section: dict[str, Any]) -> str:
        figures = (
            self.frame("statistics_by_unit_category_measure")
            .query("period == 'this'")
            .dropna(subset=["value"])
        )
        sums = figures.groupby(["category_id", "measure_id"])["value"].sum()
        told = [
            text.format(n=words.number(sums[c, m]))
            for c, m, text in section["figures"]
            if sums.get((c, m), 0)
        ]
        return _say("self_reported", n=figures["unit_id"].nunique(), figures="，".join(told)) if told else ""

    def _good_practice(self, section: dict[str, Any]) -> str:
        """一是甲…；二是乙和丙…: units with the same practice are named together."""
        mine = self.highlights[self.highlights["subject_id"].isin(section["subjects"])]
        told = mine.assign(
            practice=[_practice(row.text, self.units.loc[row.unit_id]) for row in mine.itertuples()]
        )
        groups = told.groupby("practice", sort=False)["unit_id"]
        listed = [f"{words.listed(self.unit_names(units))}{practice}" for practice, units in groups]
        if len(listed) > 1:
            listed = [f"{words.numeral(n)}是{text}" for n, text in enumerate(listed, start=1)]
        return f"特色做法有：{'；'.join(listed)}。" if listed else ""

    def problems(self) -> Blocks:
        """二、存在的主要问题: the classes that occurred, renumbered, with counts and the units of confirmed findings."""
        if self.classes.empty:
            return Blocks(Paragraph(_say("no_problems")))
        n = {
            "n": len(self.confirmed),
            "n_units": self.confirmed["unit_id"].nunique(),
            "n_classes": len(self.classes),
        }
        blocks: list[Block] = [Paragraph(_say("problems", **n))]
        for number, kind in enumerate(self.classes.itertuples(), start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{words.sentence(kind.sentence)}", 3))
            blocks.append(Paragraph(self._class_paragraph(kind)))
        return Blocks(*blocks)

    def _class_paragraph(self, kind: Any) -> str:
        told = self._told(self.confirmed[self.confirmed["bulletin_class"] == kind.bulletin_class])
        if kind.n_findings == 1:
            return f"检查发现此类问题1个：{told}。"
        extent = f"涉及{kind.n_units}个单位" if kind.n_units > 1 else "均在同一单位"
        common = "，较为普遍" if kind.is_common else ""
        return f"检查发现此类问题{kind.n_findings}个，{extent}{common}：{told}。"

    def _told(self, findings: pd.DataFrame) -> str:
        """甲和乙廉政约谈无签字；丙廉政约谈次数不足 — the defects with most units first."""
        subjects, defects = self.names("subjects"), self.names("defects")
        groups = [
            (self.unit_names(rows["unit_id"]), _problem(subjects[subject], defects[defect]))
            for (subject, defect), rows in findings.groupby(["subject_id", "defect_id"], sort=False)
        ]
        ordered = sorted(groups, key=lambda group: -len(group[0]))
        return "；".join(words.listed(names) + what for names, what in ordered)

    def remedies(self) -> Blocks:
        """三、整改落实意见: by the common problems (else the most frequent), then deadline and accountability."""
        if self.classes.empty:
            return Blocks(Paragraph(_say("accountability")))
        common = self.classes.query("is_common == True")
        chosen = common if len(common) else self.classes.nlargest(MOST_REMEDIES, ["n_units", "n_findings"])
        wanted = [self.taxonomy.remedies.get(kind, "") for kind in chosen["bulletin_class"]]
        told = [f"{words.numeral(n)}要{remedy}" for n, remedy in enumerate(filter(None, wanted), start=1)]
        closing = [
            *(["others_remedied"] if len(chosen) < len(self.classes) else []),
            "deadline",
            "accountability",
        ]
        return Blocks(*map(Paragraph, [_say("remedies_opening"), *told, *map(_say, closing)]))

    def signature(self) -> Blocks:
        """Who signs, and the date."""
        cycle = self.config.cycle
        lines = _say("signature", bureau=cycle.bureau), words.day(cycle.report_date)
        return Blocks(*(Paragraph(line, "signature") for line in lines))

    def annex(self) -> Blocks:
        """附件: the charts and one table of counts; no unit is named unless the cycle allows it."""
        n_source = f"受检单位{len(self.visited)}家"
        told: list[Block | None] = [self.classes_chart(n_source, "图1　"), self._answers_chart(), self._evidence_chart()]
        told += [self._defects_table(), self._shown_results()]
        return Blocks(*(block for block in told if block))

    @functools.cached_property
    def answers(self) -> pd.DataFrame:
        """The votes of all units whose result may be shown, as shares by question."""
        open_units = self.frame("questionnaire_by_unit_question").query(f"{EVERYBODY} and not is_suppressed")[
            "unit_id"
        ]
        tallies = self.frame("tallies_by_unit_question_option")
        tallies = tallies[tallies["unit_id"].isin(open_units)]
        if tallies.empty:
            return pd.DataFrame()
        shares = shares_by_question(self.questionnaire_form, tallies)
        best = self.questionnaire_form.scale[0].option_id
        return shares.assign(
            best=shares[best], text=shares[best].map(words.share), n_units=tallies["unit_id"].nunique()
        )

    def _answers_chart(self) -> Chart | None:
        if self.answers.empty:
            return None
        heading = f"选“{self.questionnaire_form.scale[0].label}”的比例"
        lowest = self.answers.sort_values("best", kind="stable").iloc[0]
        title = f"图2　{words.quoted(lowest['label'])}{heading}最低（{lowest['text']}）"
        source = f"附件3测评表，{lowest['n_units']}个单位合计，不分单位"
        return answers_chart(
            self.questionnaire_form, self.answers, title=title, source=source, heading=heading
        )

    @functools.cached_property
    def evidence(self) -> pd.DataFrame:
        """Evidence classes by the number of inspected units where something was lacking."""
        seen = self.frame("evidence_by_unit_class").query("scorer != 'self' and item_id == ''")
        if seen.empty:
            return pd.DataFrame()
        lacking = seen[seen["defect_id"].notna() | seen["n_documents"].eq(0)]
        kinds, n_units = self.names("evidence_classes"), seen["unit_id"].nunique()
        counts = lacking.groupby("evidence_class")["unit_id"].nunique().reindex(list(kinds), fill_value=0)
        texts = [f"{n}家（{words.share(n / n_units)}）" for n in counts]
        rows = pd.DataFrame({"label": list(kinds.values()), "value": counts.to_numpy(), "text": texts})
        return rows.assign(n_units=n_units).sort_values(
            "value", ascending=False, kind="stable", ignore_index=True
        )

    def _evidence_chart(self) -> Chart | None:
        if self.evidence.empty:
            return None
        first = self.evidence.iloc[0]
        title = (
            f"{words.quoted(first['label'])}缺失或有缺陷的单位最多（{first['text']}）"
            if first["value"]
            else "七类资料均无缺失"
        )
        is_common = self.evidence["value"] / first["n_units"] >= self.config.cycle.common_share
        return chart(
            "evidence", marked_bars(self.evidence, is_common), self.evidence, title=title, n=first["n_units"]
        )

    def _defects_table(self) -> Table | None:
        if self.classes.empty:
            return None
        counts = pd.crosstab(self.confirmed["bulletin_class"], self.confirmed["defect_id"])
        names = {defect: name for defect, name in self.names("defects").items() if defect in counts.columns}
        rows = [
            [k.label, *map(str, counts.loc[k.bulletin_class, list(names)]), str(k.n_findings), str(k.n_units)]
            for k in self.classes.itertuples()
        ]
        return table("defects", rows, defects="\n".join(f"{name}:6>" for name in names.values()))

    def _shown_results(self) -> Table | None:
        shown = [_SHOWN[kind] for kind in self.config.cycle.bulletin_shows]
        results = self.frame("results_by_unit").set_index("unit_id").reindex(self.visited)
        rows = [
            [self.units["name"][unit_id], *(_result(column, row[column]) for _, column in shown)]
            for unit_id, row in results.iterrows()
        ]
        return table("shown", rows, shown="\n".join(f"{name}>" for name, _ in shown)) if shown else None


def _say(name: str, **facts: object) -> str:
    return str(wording()["bulletin"][name]).format(**facts)


def _problem(subject: str, defect: str) -> str:
    """廉政约谈 + 无签字; 上年反馈问题整改 + 未整改 does not say 整改 twice."""
    return subject.removesuffix(defect.removeprefix("未")) + defect


def _practice(text: str, unit: pd.Series) -> str:
    """What a unit does well, without its own name at the beginning and without what no font draws (emoji)."""
    told = words.sentence(text.translate({ord(character): None for character in uncovered(text)}))
    for name in (unit["name"], unit["short_name"]):
        told = told.removeprefix(name).removeprefix("党委").lstrip("，,：: ")
    return told


def _result(column: str, value: Any) -> str:
    if pd.isna(value):
        return "不排名" if column == "rank" else words.DASH
    return words.points(value) if column == "total" else label("grade", value) if column == "grade" else str(value)
