"""What the questionnaire, the comparisons, the bulletin's counts and the records of intake rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lianzheng.compare.bulletin import FIGURES as BULLETIN_FIGURES
from lianzheng.scoring.rounding import written
from lianzheng.tables import schemas
from lianzheng.trace.basis import (
    ALL,
    BLOCKS,
    COMPONENTS,
    COUNTS,
    ITEMS,
    LAST,
    QUESTIONS,
    RESULTS,
    TALLIES,
    WHOLE,
    Basis,
    Ref,
    Row,
    refs_to,
)

if TYPE_CHECKING:
    from lianzheng.trace.chain import Chain
    from lianzheng.trace.steps import Step


FIGURES, CHANGES = "statistics_by_unit_category_measure", "statistic_changes_by_unit"


def question(chain: Chain, row: Row, column: str) -> Basis:
    """questionnaire_by_unit_question: votes by option; the form from its questions; 发出 and 收回 as written."""
    unit_id, group, question_id = row["unit_id"], row["rater_group"], row["question_id"]
    counts = [c for c in chain.of(COUNTS, unit_id) if group in (ALL, c["rater_group"])]
    if column in ("n_issued", "n_returned"):
        return Basis("各类测评人之和" if group == ALL else "", refs_to(COUNTS, counts, column), True)
    tallied: tuple[Step, ...] = ()
    votes = [v for v in chain.of(TALLIES, unit_id) if group in (ALL, v["rater_group"])]
    of_question = [v for v in votes if question_id in (ALL, v["question_id"])]
    asked = [q for q in chain.of(QUESTIONS, unit_id, rater_group=group) if q["question_id"] != ALL]
    is_by_hand = any(v["source"] == "hand" for v in votes)
    ballots = () if is_by_hand and group != ALL else (chain.votes(unit_id, group),)
    ballots = ballots if any(step.places for step in ballots) else ()
    refs, how = refs_to(QUESTIONS, asked, "score"), "各题得分的平均"
    if question_id != ALL or column == "n_valid":
        refs, how = (), "有效选票数" if column == "n_valid" else "各选项票数×折算分值之和÷计票数"
        groups: dict[tuple[str, str], list[Row]] = {}
        for vote in of_question:
            groups.setdefault((vote["rater_group"], vote["question_id"]), []).append(vote)
        tallied = tuple(chain.tallied(group) for group in groups.values())
    if column != "n_valid":
        refs = chain.refs(COUNTS, WHOLE, unit_id) + refs
        how = f"{how}（questionnaire.yml scale）；有效票不足{chain.config.cycle.suppression_threshold}张或收回多于发出的不计"
    whole = ballots if question_id == ALL else ()
    return Basis(how, refs, column == "n_valid" and question_id != ALL, tallied + whole)


def tally(chain: Chain, row: Row, column: str) -> Basis:
    """tallies_by_unit_question_option: counted from ballots (a hand count has its own cell)."""
    if column != "n_votes":
        return Basis("questionnaire.yml scale")
    unit_id, group, question_id = row["unit_id"], row["rater_group"], row["question_id"]
    steps = chain.votes(unit_id, group, question_id), chain.votes(unit_id, group)
    return Basis("有效选票中选此项的张数", steps=steps)


def ballot(chain: Chain, row: Row, column: str) -> Basis:
    """ballots: the answers of the whole group's file; a single ballot is not told apart."""
    return Basis("", steps=(chain.votes(row["unit_id"], row["rater_group"]),))


def measured(chain: Chain, unit_id: str, measure_key: str) -> tuple[Ref, ...]:
    """The figure of a unit that a measure stands for; items by id or by item_key."""
    kind, _, id_ = measure_key.partition(":")
    if kind == "total":
        return chain.refs(RESULTS, "total", unit_id)
    if kind in ("block", "item"):
        table, ids = (BLOCKS, {id_}) if kind == "block" else (ITEMS, {id_})
        ids |= {r["item_id"] for r in chain.of("items", item_key=id_) if kind == "item"}
        rows = [r for r in chain.of(table, unit_id) if r[f"{kind}_id"] in ids]
        return refs_to(table, rows, "team_points")
    return chain.refs(COMPONENTS, "score", unit_id, component=kind)


def peer(chain: Chain, row: Row, column: str) -> Basis:
    """peers_by_type_measure: the figure of every unit of the type that has one."""
    units = [u for u in chain.rows("units").values() if row["unit_type"] in (ALL, u["unit_type"])]
    refs = tuple(ref for u in units for ref in measured(chain, u["unit_id"], row["measure_key"]))
    refs = tuple(ref for ref in refs if chain.row(ref.table, ref.key)[ref.column] is not None)
    least = f"满{chain.config.cycle.peer_minimum}家才给出（cycle.yml peer_minimum）"
    return Basis(f"{row['unit_type']}中有此数的{row['n']}家，{least}；暂定总分不计", refs)


def change(chain: Chain, row: Row, column: str) -> Basis:
    """changes_by_unit_measure: this year's figure and last year's, brought to this year's points."""
    key = row["measure_key"].removeprefix("item:")
    last = chain.refs(LAST, "points", row["unit_id"], item_key=key)
    this = measured(chain, row["unit_id"], row["measure_key"])
    if column == "value":
        return Basis("", this, True)
    if column == "last_value":
        return Basis("上年得分按本年分值折算", last, True)
    how = f"本年减上年，超过{written(chain.config.cycle.min_change)}分才说升降（cycle.yml min_change）"
    return Basis(how, this + last, column == "change")


def finding_count(chain: Chain, row: Row, column: str) -> Basis:
    """finding_counts_by_class: the confirmed findings of the class at visited units."""
    found = chain.of("findings", bulletin_class=row["bulletin_class"], is_confirmed=True)
    found = [f for f in found if chain.row("units", f["unit_id"])["is_visited"]]
    how = f"受检单位中检查组确认的问题；涉及受检单位{written(chain.config.cycle.common_share * 100)}%以上为普遍（cycle.yml common_share）"
    return Basis(how, refs_to("findings", found, WHOLE), column == "n_findings")


def bulletin_figure(chain: Chain, row: Row, column: str) -> Basis:
    """bulletin_figures: the rows that the figure is counted over, or the file of the configuration."""
    name, _, group = row["figure_id"].partition(":")
    figure = next(one for one in BULLETIN_FIGURES if one.figure_id == name)
    if figure.table not in schemas():
        return Basis(f"{row['label']}（config/{chain.config.folder.name}/{figure.table}）")
    rows = dict(figure.groups(chain.config, chain.tables)).get(row["figure_id"])
    records = [] if rows is None else rows.to_dict("records")
    columns = figure.columns or (WHOLE,)
    refs = refs_to(figure.table, records, *columns)
    if figure.table == TALLIES:  # which units' votes are counted depends on whether their result may be shown
        refs += chain.refs(QUESTIONS, "score", question_id=group, rater_group=ALL)
    return Basis(row["label"], refs, figure.is_sum)


def rectification(chain: Chain, row: Row, column: str) -> Basis:
    """rectifications: a line without cells of its own was made from this year's finding."""
    found = chain.refs("findings", WHOLE, row["unit_id"], finding_id=row["finding_id"])
    return Basis("由本年检查组确认的问题转入" if found else "", found)


def event(chain: Chain, row: Row, column: str) -> Basis:
    """rectification_events: the line of the ledger as it was read."""
    return Basis(
        "按整改台账",
        chain.refs("rectifications", WHOLE, row["unit_id"], rectification_id=row["rectification_id"]),
    )


def recurrence(chain: Chain, row: Row, column: str) -> Basis:
    """recurrences: the line of the ledger, and this year's finding of the same subject."""
    line = chain.refs("rectifications", WHOLE, row["unit_id"], rectification_id=row["rectification_id"])
    found = chain.refs("findings", WHOLE, row["unit_id"], finding_id=row["finding_id"])
    return Basis("本年确认的问题与上次同一事项" if found else "上次的问题还没有销账", line + found)


def reliability(chain: Chain, row: Row, column: str) -> Basis:
    """reliability_by_form: the complete ballots of the units whose result is shown."""
    shown = chain.of(QUESTIONS, question_id=ALL, rater_group=ALL)
    units = [q["unit_id"] for q in shown if q["score"] is not None]
    steps = tuple(step for step in (chain.votes(unit_id, ALL) for unit_id in units) if step.places)
    refs = refs_to(QUESTIONS, shown, "score")
    return Basis("有结果的各单位答全的有效选票合并计算（questionnaire.yml）", refs, steps=steps)


def statistic_change(chain: Chain, row: Row, column: str) -> Basis:
    """statistic_changes_by_unit: this year's figure, and last year's as returned or as this year's form says."""
    place = {name: row[name] for name in ("category_id", "measure_id")}
    figures = chain.of(FIGURES, row["unit_id"], **place)
    is_this = column in ("value", "unit_of_measure")
    used = [f for f in figures if is_this == (f["period"] == "this") or column in ("change", "change_pct")]
    how = "本年减上年；上年以上年所报为准，没有的用本年表内所填" if not is_this else ""
    return Basis(how, refs_to(FIGURES, used, "value"), column == "value")


def statistic_sum(chain: Chain, row: Row, column: str) -> Basis:
    """statistics_by_category_measure: the units' figures; of a total row, those of its parts."""
    parts = _categories(chain, row["category_id"])
    changes = [c for c in chain.of(CHANGES, measure_id=row["measure_id"]) if c["category_id"] in parts]
    columns = {"n_units": ("value",), "total": ("value",), "last_total": ("value", "last_value")}
    wanted = columns.get(column, ("value", "last_value"))
    known = [c for c in changes if any(c[name] is not None for name in wanted)]
    how = "报送单位之和；比较的各数只含两年都有数的单位"
    return Basis(how, refs_to(CHANGES, known, *wanted), column == "total")


def _categories(chain: Chain, category_id: str) -> tuple[str, ...]:
    """The rows of 附件2 that a total row sums, or the category itself."""
    form = chain.config.statistics
    for table in form.form.tables if form else ():
        totals = {row.keys.get("category_id") for row in table.rows if row.role == "total"}
        if category_id in totals:
            return tuple(row.keys["category_id"] for row in table.rows if row.role == "data")
    return (category_id,)


def submission(chain: Chain, row: Row, column: str) -> Basis:
    """submissions: lateness from the receipts of this round and of those it corrects; the rest from whole files."""
    rounds = chain.of("submissions", row["unit_id"], form_id=row["form_id"])
    upto = [other for other in rounds if other["round"] <= row["round"] and other["file_id"] is not None]
    moment = {"is_late": "received_at", "is_paper_late": "paper_received_at"}.get(column)
    told = [other for other in upto if moment and other[moment] is not None]
    if moment and told:
        return Basis("补正的版本按所补正的一版计", refs_to("submissions", told, moment))
    files = [chain.row("files", other["file_id"]) for other in rounds if other["file_id"] is not None]
    return Basis("按收到先后和是否退回" if files else "没有收到", refs_to("files", files, WHOLE))


def correction(chain: Chain, row: Row, column: str) -> Basis:
    """corrections: the entry of corrections.yml, and the row that it corrects."""
    is_there = row["key"] is not None and row["key"] in chain.rows(row["table"])
    refs = (Ref(row["table"], row["key"], row["column"]),) if is_there else ()
    return Basis("corrections.yml", refs)


def issue(chain: Chain, row: Row, column: str) -> Basis:
    """issues: the row that the cell belongs to."""
    return Basis(f"{row['message']}；{row['remedy']}", chain.beside(row))


def checked(chain: Chain, row: Row, column: str) -> Basis:
    """checks: the issue that a check raised."""
    return Basis("核对整张表", chain.refs("issues", WHOLE, issue_id=row["issue_id"]))
