"""04 测评结果: how the raters at each unit answered, who they were, and what is not shown and why."""

from __future__ import annotations

import functools

import pandas as pd

from lianzheng.pages import words
from lianzheng.pages.answers import (
    ALL,
    METHOD,
    OF_SHARES,
    answers_chart,
    method,
    method_line,
    shares_of_units,
    why_hidden,
)
from lianzheng.pages.blocks import Blocks, Bullets, Chart, Paragraph, Table
from lianzheng.pages.charts import dots
from lianzheng.pages.page import EVERYBODY, Page
from lianzheng.pages.wording import chart, say, table, tiles
from lianzheng.scoring.reliability import MINIMUM_BALLOTS

ENOUGH_ALPHA = 0.7
"""The alpha from which a scale is usually called consistent (Nunnally 1978)."""


class QuestionnairePage(Page):
    """The questionnaire of the whole bureau; figures over units rest on those that each unit shows."""

    name = "questionnaire"

    @property
    def n_charts(self) -> int:
        """Answers by question, and two rater groups side by side, each where something may be shown."""
        return (not self.questions.empty) + (not self.two_groups.empty)

    @functools.cached_property
    def results(self) -> pd.DataFrame:
        """All results, with the words for their rater group."""
        form = self.questionnaire_form
        raters = {group.id: group.label for group in form.rater_groups} | {ALL: "合计"}
        results = self.frame("questionnaire_by_unit_question")
        named = results["rater_group"].map(raters).fillna("未注明类别的测评人")
        order = {id_: place for place, id_ in enumerate(raters)}
        return results.assign(rater=named, order=results["rater_group"].map(order))

    @functools.cached_property
    def held(self) -> pd.DataFrame:
        """The units that were visited or held the questionnaire, in roster order, with their results for everybody.

        ``state``: shown, few, void, none (no counted votes), missing (nothing came).
        """
        everybody = self.results.query(EVERYBODY).set_index("unit_id").drop(columns=["cycle", "order"])
        units = self.units.join(everybody)
        units = units[units["is_visited"] | units["n_valid"].notna()]
        state = units["suppression_code"].fillna("none").mask(units["score"].notna(), "shown")
        rate = (units["n_returned"] / units["n_issued"]).where(units["n_issued"] > 0).astype("float64")
        return units.assign(state=state.mask(units["n_valid"].isna(), "missing"), rate=rate)

    @property
    def shown(self) -> pd.DataFrame:
        """The units that have a result."""
        return self.held[self.held["state"] == "shown"]

    @property
    def left_out(self) -> str:
        """How many units with a questionnaire are not in a figure over units."""
        n_left = int(self.held["state"].isin(["few", "void", "none"]).sum())
        return say("left_out", n=n_left) if n_left else ""

    def note(self, *parts: str) -> str:
        """The parameters of the questionnaire (or only these parts) in one line."""
        return method_line(self.questionnaire_form, self.threshold, parts or METHOD)

    def overview(self) -> Blocks:
        """Title, how many took part, who got most and least, and key figures."""
        title = self.title(say("as_of", report_date=self.config.cycle.report_date), say("audience"))
        held, shown = self.held[self.held["state"] != "missing"], self.shown
        if held.empty:
            return Blocks(title, Paragraph(say("not_held"), "lead"))
        counts, scores = shown[["n_issued", "n_returned"]].dropna(), shown["score"]
        facts = {"n_held": len(held), "n_shown": len(shown), "n_counted": len(counts), **counts.sum()}
        facts |= {"rate": facts["n_returned"] / facts["n_issued"] if facts["n_issued"] else None}
        facts |= {"n_valid": shown["n_valid"].sum(), "median": scores.median()}
        facts |= {"low": scores.min(), "high": scores.max()}
        told = [say("held", **facts), say("returned", **facts) if facts["n_issued"] else "", self._ends()]
        lead = Paragraph("；".join(filter(None, told)) + "。", "lead")
        return Blocks(title, lead, tiles("questionnaire", facts))

    def _ends(self) -> str:
        """Who got the most and the least."""
        if len(self.shown) < 2:
            return ""
        ordered = self.shown.sort_values("score", kind="stable").rename(columns={"short_name": "unit"})
        worst, *_, best = (say("unit_score", **row) for row in ordered.to_dict("records"))
        return say("best_and_worst", best=best, worst=worst)

    def units_table(self) -> Blocks:
        """Every unit with 发出, 收回, 回收率, 有效, 得分 and what is hidden."""
        spans = zip(self.held["low"], self.held["high"], strict=True)
        told = [self._state(unit_id, state) for unit_id, state in self.held["state"].items()]
        rows = self.held.assign(unit=self.held["short_name"], told=told)
        rows = rows.assign(interval=[words.interval(*span) for span in spans])
        return Blocks(table("questionnaires", rows, note=self.note()))

    def _state(self, unit_id: object, state: str) -> str:
        """The state of a unit's questionnaire in words, with the rater groups that are not shown."""
        hidden = self._hidden_groups
        if state == "shown" and unit_id in hidden.index:
            return say("groups_hidden", raters="、".join(hidden.loc[[unit_id], "rater"]))
        visited = "visited" if state == "missing" else state
        return say(f"state_{visited}", threshold=self.threshold)

    @functools.cached_property
    def _hidden_groups(self) -> pd.DataFrame:
        """Rater groups that are not shown at units that have a result, by unit_id."""
        groups = self.results.query("question_id == 'all' and rater_group != 'all' and is_suppressed")
        shown = groups[groups["unit_id"].isin(self.shown.index)]
        return shown.sort_values(["unit_id", "order"]).set_index("unit_id")

    @functools.cached_property
    def questions(self) -> pd.DataFrame:
        """Shares by question over the units that show it; mean, lowest and highest of these units' scores."""
        form, tallies = self.questionnaire_form, self.frame("tallies_by_unit_question_option")
        shares = shares_of_units(form, self.results, tallies)
        if shares.empty:
            return shares
        scores = self.results.query("rater_group == 'all'").groupby("question_id")["score"]
        told = shares.assign(score=scores.mean(), low=scores.min(), high=scores.max())
        few = why_hidden("few", self.threshold)
        return told.assign(text=told["score"].map(lambda score: words.points(score, few)))

    def answers(self) -> Blocks:
        """The bureau's answers by question."""
        if self.questions.empty:
            return Blocks(Paragraph(say("nothing_shown")))
        lowest = self.questions.sort_values("score", kind="stable").iloc[0].to_dict()
        source = say("units_source", n_units=len(self.shown), left_out=self.left_out)
        told = {"title": say("lowest_mean", **lowest), "note": self.note("points", *OF_SHARES)}
        told |= {"source": source}
        return Blocks(answers_chart(self.questionnaire_form, self.questions, "mean", told))

    def question_table(self) -> Blocks:
        """The questions from the lowest mean to the highest."""
        rows = self.questions.sort_values("score", kind="stable") if len(self.questions) else self.questions
        return Blocks(table("questions", rows))

    @functools.cached_property
    def two_groups(self) -> pd.DataFrame:
        """Means of the first two rater groups by question, over the units that show both; empty without any."""
        ids = [group.id for group in self.questionnaire_form.rater_groups[:2]]
        scores = self.results.pivot(index=["unit_id", "question_id"], columns="rater_group", values="score")
        both = scores.reindex(columns=ids).dropna()
        labels = {question.question_id: question.label for question in self.questionnaire_form.rated}
        means = both.groupby(level="question_id").mean().reindex([*labels, ALL]).dropna()
        if len(ids) < 2 or ALL not in means.index:
            return means.head(0)
        n_units, gap = len(both.xs(ALL, level="question_id")), means[ids[0]] - means[ids[1]]
        return means.assign(difference=gap, n=n_units, label=pd.Series(labels))

    def groups(self) -> Blocks:
        """All rater groups in figures, and two of them side by side by question; only what units show."""
        return Blocks(self._groups_table(), self._groups_chart())

    def _groups_chart(self) -> Chart | Paragraph:
        means = self.two_groups
        if means.empty:
            return Paragraph(say("no_groups"))
        raters = {group.id: group.label for group in self.questionnaire_form.rater_groups[:2]}
        first, second = raters.values()
        rows = means.drop(index=ALL).assign(text=means["difference"].map(words.signed))
        rows = rows.assign(size=rows["difference"].abs(), is_higher=rows["difference"] > 0)
        widest = rows.loc[rows["size"].idxmax()].to_dict()
        gap = abs(means.at[ALL, "difference"])
        title = say("groups_alike", first=first, second=second, gap=gap, **widest)
        (figure,) = dots({"": rows}, raters, f"各单位平均得分；右侧为{first}−{second}")
        told = {"title": title, "note": self.note("minimum"), "n": widest["n"]}
        told |= {"first": first, "second": second}
        said = rows[list(raters)].map(words.points).agg("、".join, axis=1) + "、" + rows["text"]
        return chart("rater_groups", figure, rows.assign(text=said), **told)

    def _groups_table(self) -> Table | Paragraph:
        forms = self.results.query("question_id == 'all'").sort_values(["order", "rater"])
        scores = forms.groupby("rater", sort=False)["score"]
        told = scores.agg(["count", "mean", "min", "max"])
        told = told.set_axis(["n", "mean", "low", "high"], axis=1)
        codes = pd.crosstab(forms["rater"], forms["suppression_code"])
        hidden = codes.reindex(told.index, columns=["few", "complement", "void"], fill_value=0)
        return table("groups", told.join(hidden).rename_axis("rater").reset_index())

    def left_out_units(self) -> Blocks:
        """Units without a result and rater groups without a figure, each with the reason."""
        told = []
        for state in ("void", "missing", "few", "none"):
            units = self.held.loc[self.held["state"] == state, "short_name"]
            if len(units):
                told.append(say(f"left_{state}", units="、".join(units), threshold=self.threshold))
        for unit_id, rows in self._hidden_groups.groupby(level=0):
            by_code = rows.groupby("suppression_code", sort=False)["rater"].agg("、".join)
            limit, unit = self.threshold, self.units.at[unit_id, "short_name"]
            raters = [say(f"group_{code}", raters=who, threshold=limit) for code, who in by_code.items()]
            told.append(say("left_groups", unit=unit, raters="；".join(raters)))
        n_others = len(self.units) - len(self.held)
        told += [say("left_others", n=n_others)] if n_others else []
        return Blocks(Bullets(tuple(told or [say("nothing_left_out")])))

    def method(self) -> Blocks:
        """How consistent the answers are, and the parameters in words."""
        parts = [f"{part}。" for part in method(self.questionnaire_form, self.threshold)]
        return Blocks(*map(Paragraph, self._alphas()), Bullets(tuple(parts)))

    def _alphas(self) -> list[str]:
        """Cronbach's alpha with what it means and from how many ballots."""
        told = []
        for row in self.frame("reliability_by_form").to_dict("records"):
            name = "alpha_few" if pd.isna(row["alpha"]) else "alpha"
            judged = say("alpha_high" if row["alpha"] >= ENOUGH_ALPHA else "alpha_low")
            told.append(say(name, judged=judged, minimum=MINIMUM_BALLOTS, **row))
        return told
