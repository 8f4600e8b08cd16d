"""Every figure that the bulletin tells of several rows: what is counted, over which rows, by what.

Only what may be told is ever counted: findings and good practice that teams confirmed at units of the visit list,
questionnaires whose result may be shown, rounds of papers that stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.lines import Frames

QUESTIONS, TALLIES = "questionnaire_by_unit_question", "tallies_by_unit_question_option"
EVIDENCE, CLASSES = "evidence_by_unit_class", "finding_counts_by_class"
COUNTS = ("n_issued", "n_returned", "n_valid")
STATISTICS = "statistics_by_unit_category_measure"
Chosen = Callable[[CycleConfig, Frames], pd.DataFrame]
Taken = Callable[[pd.DataFrame], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, or one for each value of ``by``: ``chosen`` gives the rows of ``table``, ``taken`` the number.

    Without ``taken`` it is the sum of its first column; else ``columns`` are what the number rests on (the rows as a
    whole, where none is named). ``label`` says in Chinese how it comes about. A ``table`` that is a file of
    config/<cycle>/ has no rows to be traced.
    """

    figure_id: str
    label: str
    table: str
    chosen: Chosen
    taken: Taken | None = len
    columns: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def is_sum(self) -> bool:
        """Whether it changes whenever one of the values does."""
        return self.taken is None and len(self.columns) == 1

    def groups(self, config: CycleConfig, tables: Frames) -> Iterator[tuple[str, pd.DataFrame]]:
        """The rows behind each number, by its id: that of the figure, with the values of ``by`` after colons."""
        rows = self.chosen(config, tables)
        if not self.by:
            yield self.figure_id, rows
            return
        for values, group in rows.groupby(list(self.by), sort=True):
            yield ":".join(map(str, (self.figure_id, *values))), group


def bulletin_figures(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """figure_id, label, value (null where nothing is known) and day (for dates)."""
    return pd.DataFrame([
        {"figure_id": id_, "label": one.label, **_taken(one, rows)}
        for one in FIGURES
        for id_, rows in one.groups(config, tables)
    ])  # fmt: skip


def _taken(figure: Figure, rows: pd.DataFrame) -> dict[str, object]:
    value = figure.taken(rows) if figure.taken else _sum(figure.columns[0])(rows)
    if isinstance(value, pd.Timestamp):
        return {"value": None, "day": value}
    return {"value": float(value), "day": None}


def _units(rows: pd.DataFrame) -> float:
    return rows["unit_id"].nunique()


def _sum(column: str) -> Taken:
    """Null where no row has a figure."""
    return lambda rows: rows[column].astype("float64").sum(min_count=1)


def _ratio(part: str, whole: str) -> Taken:
    """The share of one sum in another; null where the whole is nothing."""
    return lambda rows: _sum(part)(rows) / (_sum(whole)(rows) or float("nan"))


def _day(which: str) -> Taken:
    return lambda rows: pd.Timestamp(getattr(rows["visit_date"], which)()) if len(rows) else float("nan")


def _quiz_mean(rows: pd.DataFrame) -> float:
    """The mean share of right answers, every person tested counted once."""
    known = rows[rows["n_quiz"].notna() & rows["quiz_mean_pct"].notna()].astype(
        {"n_quiz": "float64", "quiz_mean_pct": "float64"}
    )
    return (known["n_quiz"] * known["quiz_mean_pct"]).sum() / 100 / (known["n_quiz"].sum() or float("nan"))


def visited(tables: Frames) -> pd.Series:
    """The ids of the units on the visit list."""
    units = tables["units"]
    return units.loc[units["is_visited"].astype(bool), "unit_id"]


def confirmed(table: str) -> Chosen:
    """The findings or highlights that teams confirmed at units of the visit list: nothing else may be told."""

    def chosen(config: CycleConfig, tables: Frames) -> pd.DataFrame:
        rows = tables[table]
        return rows[rows["is_confirmed"].astype(bool) & rows["unit_id"].isin(visited(tables))]

    return chosen


def _listed(is_visited: bool | None) -> Chosen:
    def chosen(config: CycleConfig, tables: Frames) -> pd.DataFrame:
        units = tables["units"]
        return units if is_visited is None else units[units["is_visited"].astype(bool) == is_visited]

    return chosen


def _planned(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    visits = [visit.model_dump() for visit in config.visits]
    return pd.DataFrame(visits, columns=["unit_id", "team_id", "visit_date"])


def _cycle(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    cycle = config.cycle
    return pd.DataFrame(
        [{"cycle": cycle.cycle, "days": cycle.rectification_days, "share": cycle.common_share}]
    )


def _standing(*form_ids: str) -> Chosen:
    """The round of each paper that stands, of some forms or of all: the one that counts, else the last."""

    def chosen(config: CycleConfig, tables: Frames) -> pd.DataFrame:
        rows = tables["submissions"].sort_values(["unit_id", "form_id", "is_counted", "round"])
        rows = rows.drop_duplicates(["unit_id", "form_id"], keep="last")
        return rows[rows["form_id"].isin(form_ids)] if form_ids else rows

    return chosen


def _senders(rows: pd.DataFrame) -> float:
    """The units that sent the paper; null where nobody had to."""
    return _units(rows[rows["state"] != "missing"]) if len(rows) else float("nan")


def _late(rows: pd.DataFrame) -> float:
    return ((rows["state"] != "missing") & rows["is_late"].fillna(False).astype(bool)).sum()


def _reported(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    return tables[STATISTICS].query("period == 'this'").dropna(subset=["value"])


def _visits(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    return tables["site_visits"]


def _votes(is_known: bool, needed: tuple[str, ...] = ("score", *COUNTS)) -> Chosen:
    """The whole questionnaire's results by unit: those that may be shown with all that is needed, or the others."""

    def chosen(config: CycleConfig, tables: Frames) -> pd.DataFrame:
        rows = tables[QUESTIONS]
        rows = rows[(rows["question_id"] == "all") & (rows["rater_group"] == "all")]
        return rows[rows[list(needed)].notna().all(axis=1) == is_known]

    return chosen


def _answers(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """The votes on questions whose result may be shown for everybody at the unit; ``n_best`` those for the best option."""
    results, votes = tables[QUESTIONS], tables[TALLIES]
    shown = results[(results["rater_group"] == "all") & results["score"].notna()][["unit_id", "question_id"]]
    rows = votes[votes["rater_group"] != "all"].merge(shown, on=["unit_id", "question_id"])
    best = config.questionnaire.best.option_id if config.questionnaire else ""
    return rows.assign(n_best=rows["n_votes"].where(rows["option_id"] == best, 0))


def _seen(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    """What teams saw of the evidence classes at units of the visit list; ``n_seen``: at how many units."""
    rows = tables[EVIDENCE]
    rows = rows[(rows["scorer"] != "self") & (rows["item_id"] == "") & rows["unit_id"].isin(visited(tables))]
    is_lacking = rows["defect_id"].notna() | rows["n_documents"].eq(0).fillna(False).astype(bool)
    return rows.assign(is_lacking=is_lacking, n_seen=rows["unit_id"].nunique())


def _lacking(rows: pd.DataFrame) -> float:
    return _units(rows[rows["is_lacking"]])


def _common(config: CycleConfig, tables: Frames) -> pd.DataFrame:
    return tables[CLASSES].query("is_common == True")


_FINDINGS, _PRACTICE = confirmed("findings"), confirmed("highlights")
_CLASS = ("evidence_class",)
_PROBLEM = ("bulletin_class", "subject_id", "defect_id")
FIGURES = (
    Figure("cycle", "年度", "cycle.yml", _cycle, None, ("cycle",)),
    Figure("rectification_days", "报送整改情况的日数", "cycle.yml", _cycle, None, ("days",)),
    Figure("common_share", "达到受检单位的这一比例称普遍", "cycle.yml", _cycle, None, ("share",)),
    Figure("n_teams", "检查组数", "visits.csv", _planned, lambda rows: rows["team_id"].nunique()),
    Figure("first_day", "最早的检查日期", "visits.csv", _planned, _day("min")),
    Figure("last_day", "最晚的检查日期", "visits.csv", _planned, _day("max")),
    Figure("n_units", "名册中的单位数", "units", _listed(None)),
    Figure("n_visited", "受检单位数", "units", _listed(True)),
    Figure("n_others", "未受检单位数", "units", _listed(False)),
    Figure("n_standard", "报送自评材料的单位数", "submissions", _standing("standard"), _senders, ("state",)),
    Figure("n_statistics", "报送自查统计表的单位数", "submissions", _standing("statistics"), _senders, ("state",)),
    Figure("n_self_reports", "报送自查报告的单位数", "submissions", _standing("self_report"), _senders, ("state",)),
    Figure("n_reported", "自查统计表中有数的单位数", STATISTICS, _reported, _units, ("value",)),
    Figure("n_late", "迟报的份数", "submissions", _standing(), _late, ("state", "is_late")),
    Figure("n_reports", "听取汇报的单位数", "site_visits", _visits, lambda rows: (rows["report_minutes"] > 0).sum()),
    Figure("n_interviews", "个别谈话人次之和", "site_visits", _visits, None, ("n_interviews",)),
    Figure("n_quiz", "现场测试人数之和", "site_visits", _visits, None, ("n_quiz",)),
    Figure("quiz_mean", "按测试人数加权的平均正确率", "site_visits", _visits, _quiz_mean, ("n_quiz", "quiz_mean_pct")),
    Figure("n_documents", "查阅资料份数之和", EVIDENCE, _seen, None, ("n_documents",)),
    Figure("n_rated", "测评有效的单位数", QUESTIONS, _votes(True), columns=("score", *COUNTS)),
    Figure("n_not_rated", "测评没有有效结果或份数不全的单位数", QUESTIONS, _votes(False), columns=("score", *COUNTS)),
    Figure("n_scored", "测评结果能显示的单位数", QUESTIONS, _votes(True, ("score",)), columns=("score",)),
    Figure("n_hidden", "测评结果不能显示的单位数", QUESTIONS, _votes(False, ("score",)), columns=("score",)),
    Figure("n_issued", "发出测评表之和", QUESTIONS, _votes(True), None, ("n_issued", "score")),
    Figure("n_returned", "收回测评表之和", QUESTIONS, _votes(True), None, ("n_returned", "score")),
    Figure("return_rate", "收回之和÷发出之和", QUESTIONS, _votes(True), _ratio("n_returned", "n_issued"), ("n_returned", "n_issued", "score")),
    Figure("n_valid", "有效测评表之和", QUESTIONS, _votes(True), None, ("n_valid", "score")),
    Figure("best_share", "选最好一档的票数÷各档票数", TALLIES, _answers, _ratio("n_best", "n_votes"), ("n_votes",), ("question_id",)),
    Figure("n_answered", "此题结果能显示的单位数", TALLIES, _answers, _units, ("n_votes",), ("question_id",)),
    Figure("n_findings", "检查组确认的问题数", "findings", _FINDINGS),
    Figure("n_found_units", "有确认问题的单位数", "findings", _FINDINGS, _units),
    Figure("n_classes", "有确认问题的类数", "findings", _FINDINGS, lambda rows: rows["bulletin_class"].nunique()),
    Figure("n_by_defect", "此类问题中这种缺陷的问题数", "findings", _FINDINGS, by=("bulletin_class", "defect_id")),
    Figure("n_by_problem", "有这种问题的单位数", "findings", _FINDINGS, _units, by=_PROBLEM),
    Figure("n_highlights", "检查组确认的特色做法数", "highlights", _PRACTICE),
    Figure("n_seen", "查阅过资料的单位数", EVIDENCE, _seen, _units),
    Figure("n_lacking", "此类资料缺失或有缺陷的单位数", EVIDENCE, _seen, _lacking, ("defect_id", "n_documents"), _CLASS),
    Figure("share_lacking", "此类资料缺失或有缺陷的单位÷查阅过资料的单位", EVIDENCE, _seen,
           lambda rows: _lacking(rows) / rows["n_seen"].iloc[0], ("defect_id", "n_documents"), _CLASS),
    Figure("n_common", "普遍问题的类数", CLASSES, _common, columns=("is_common",)),
)  # fmt: skip
"""Everything in the table ``bulletin_figures``, in its order."""
