"""The scorecard: what it says of a unit that was visited, of one that was not, and of one without questionnaire."""

from __future__ import annotations

import dataclasses

import pytest

from lianzheng.pages.blocks import Blocks, Bullets, KeyFigures, Table
from lianzheng.pages.scorecard import ScorecardPage
from tests.unit.pages.bureau import Sample, cells, charts, of_kind, paragraphs, told


def page(sample: Sample, unit_id: str = "U001") -> ScorecardPage:
    opened: ScorecardPage = sample.open(ScorecardPage, unit_id)
    return opened


def tiles(sample: Sample, unit_id: str = "U001") -> dict[str, str]:
    (strip,) = of_kind(KeyFigures, page(sample, unit_id).overview())
    return {tile.label: tile.value for tile in strip.items}


def test_the_first_sentence_says_total_grade_rank_and_the_worst(sample: Sample) -> None:
    lead, reason = paragraphs(page(sample).overview())
    assert lead == (
        "总分84.62分，等次良好；在参加排名的5家事业单位中列第4；失分最多的是“项目S101”（失1.50分）和“项目S201”（失1.00分）。"
    )
    assert reason == "等次依据：U001的等次理由。"


def test_key_figures_round_half_up(sample: Sample) -> None:
    assert tiles(sample) == {
        "总分": "84.62", "等次": "良好", "同类排名": "4/5", "检查得分": "84.62", "测评得分": "90.00", "自评总分": "96.00",
    }  # fmt: skip


def test_states_are_words_never_zeros(sample: Sample) -> None:
    assert tiles(sample, "U002") == {
        "总分": "未核验", "等次": "未核验", "同类排名": "不排名", "检查得分": "未现场检查", "测评得分": "未现场检查", "自评总分": "96.00",
    }  # fmt: skip
    assert tiles(sample, "U015") | {"自评总分": ""} == {
        "总分": "70.00", "等次": "合格", "同类排名": "不排名", "检查得分": "70.00", "测评得分": "无有效测评", "自评总分": "",
    }  # fmt: skip


def test_a_unit_that_was_not_visited_gets_a_shorter_page(sample: Sample) -> None:
    short = page(sample, "U002")
    assert paragraphs(short.overview())[0].startswith("未列入本年度现场检查，没有总分和排名")
    (chart,) = charts(short.composition())
    assert "自评得分率（未核验）" in chart.texts and "同类中位数" not in chart.texts
    assert paragraphs(short.composition()) == ["没有资料报送和查阅的记录。"]
    assert paragraphs(short.strengths_and_losses()) == ["没有检查组评分，不作逐项比较；自评分见附表。"]
    assert paragraphs(short.seen()) == ["未列入本年度现场检查，没有组织测评，没有检查组的评分和查阅记录。"]
    assert short.n_charts == 1


def test_a_provisional_total_is_the_inspection_alone(sample: Sample) -> None:
    (table,) = of_kind(Table, page(sample, "U015").composition())
    inspection, perception, facts, total = cells(table)
    assert inspection == ["检查", "70.00", "1", "70.00", "不足5家", "不足5家", "3项"]
    assert perception[:4] == ["测评", "无有效测评", "0.2", "—"]
    assert facts == ["事实", "扣分", "", "0.00", "—", "—", "没有扣分事实"]
    assert total[3] == "70.00"
    assert "暂定等次合格" in paragraphs(page(sample, "U015").overview())[0]


def test_the_total_is_shown_in_its_parts_beside_the_peers(sample: Sample) -> None:
    table, *_ = of_kind(Table, page(sample).composition())
    assert cells(table) == [
        ["检查", "84.62", "0.8", "67.69", "不足5家", "不足5家", "3项"],
        ["测评", "90.00", "0.2", "18.00", "不足5家", "不足5家", "有效票20张"],
        ["事实", "扣分", "", "−0.50", "—", "—", "1项，见下"],
        ["总分", "", "", "84.62", "88.00", "91.00", ""],
    ]
    assert paragraphs(page(sample).composition())[0] == "事实扣分0.50分：迟报1份，扣0.5分。"
    assert "总分＝0.8×检查＋0.2×测评−事实扣分" in table.note


def test_the_profile_compares_with_self_and_peers(sample: Sample) -> None:
    (chart,) = charts(page(sample).composition())
    legend = {"得分率", "自评", "同类中位数", "上四分位数"}
    assert legend | {
        "总分",
        "84.62 / 100",
        "测评",
        "90.00 / 100",
        "党委主体责任",
        "30.00 / 40",
        "未评 / 15",
    } <= set(chart.texts)
    assert chart.title == "得分率最低的部分是党委主体责任（75.0%）"
    assert "党委主体责任 30.00 / 40；纪委监督责任 15.00 / 20" in chart.alt


@pytest.mark.parametrize(
    ("unit_id", "expected"),
    [
        ("U001", ["总分比上年上升4.62分（上年80.00分）。"]),
        ("U003", ["总分比上年变化未超过2.00分，不作升降判断。"]),
        ("U004", ["上年没有可比的总分。"]),
    ],
)
def test_change_on_last_year_is_stated_only_beyond_the_limit(
    sample: Sample, unit_id: str, expected: list[str]
) -> None:
    told_below = paragraphs(page(sample, unit_id).composition())
    assert [text for text in told_below if not text.startswith("事实扣分")] == expected


def test_items_that_moved_are_named(sample: Sample) -> None:
    changed = {"unit_id": "U001", "value": 4.0, "last_value": 1.0, "change": -3.0, "is_stated": True}
    small = changed | {"measure_key": "item:superior_decisions", "change": 0.5, "is_stated": False}
    sample.rows["changes_by_unit_measure"] += [changed | {"measure_key": "item:annual_plan"}, small]
    assert paragraphs(page(sample).composition())[2] == "变化超过2.00分的项目：项目S101−3.00。"


def test_the_bureau_sees_the_first_the_last_and_the_units_beside_it_by_name(sample: Sample) -> None:
    _, table = of_kind(
        Table, page(sample).composition()
    )  # U005 95.50, U004 91.00, U006 88.00, U001 84.62, U003 79.00
    assert table.title == "在参加排名的5家事业单位中的位置（分；首末和相邻的单位）"
    names = {unit.unit_id: unit.short_name for unit in sample.config.units}
    assert cells(table) == [
        ["1", names["U005"], "95.50", "95.50", "90.00", "优秀", "+10.89"],
        ["3", names["U006"], "88.00", "88.00", "90.00", "良好", "+3.39"],
        ["4", "本单位", "84.62", "84.62", "90.00", "良好", "0.00"],
        ["5", names["U003"], "79.00", "79.00", "90.00", "合格", "−5.62"],
    ]
    assert len(of_kind(Table, page(sample, "U015").composition())) == 1  # provisional, not ranked


def test_losses_come_with_reasons_and_strengths_against_the_median(sample: Sample) -> None:
    losses, strengths = of_kind(Table, page(sample).strengths_and_losses())
    assert losses.title == "失分最多的2项，占全部失分2.50分的100.0%"
    assert cells(losses) == [
        ["项目S101", "4", "2.50", "−1.50", "4.00", "缺任务分解，扣1.5分"],
        ["项目S201", "5", "4.00", "−1.00", "不足5家", "检查组未写明"],
    ]
    assert cells(strengths)[0] == ["项目S102", "4", "4.00", "0.00", "3.50", "核实为有，不扣分"]


def test_a_benchmark_of_too_few_units_is_not_shown(sample: Sample) -> None:
    few = {"unit_type": "事业单位", "measure_key": "item:S201", "n": 4, "median": 3.0, "upper_quartile": 4.0}
    sample.rows["peers_by_type_measure"].append(few | {"is_shown": False})
    losses, strengths = of_kind(Table, page(sample).strengths_and_losses())
    assert cells(losses)[1][4] == "不足5家" and len(cells(strengths)) == 1


def test_full_marks_and_items_that_do_not_apply_lose_nothing(sample: Sample) -> None:
    sample.change("scores_by_unit_item", "U001", team_points=1.0, is_not_applicable=True)
    assert paragraphs(page(sample).strengths_and_losses())[0] == "各项均得满分。"
    items, *_ = of_kind(Table, page(sample).annex())
    assert cells(items)[1][2:4] == ["不适用", "不适用"]


def test_a_question_with_too_few_raters_is_drawn_as_such(sample: Sample) -> None:
    (chart,) = charts(page(sample).seen())
    assert "不足5人" in chart.texts and "90.00（88.00–92.00）" in chart.texts and "50%" in chart.texts
    assert "选人用人 不足5人" in chart.alt
    assert chart.title == "“班子成员履行‘一岗双责’情况”得分最低（80.00分）"
    assert chart.source == "附件3测评表，发出25份，收回22份，回收率88.0%，有效20份"
    assert "好100、较好80、一般60、差40，弃权不计入分母" in chart.note


@pytest.mark.parametrize(
    ("code", "words", "text"),
    [
        ("few", "各题作答人数不足5人，结果不予显示", "不足5人"),
        ("void", "收回票数多于发出票数，本次测评作废，各题不计分", "作废"),
        (None, "没有计分的票，各题没有得分", "无计分票"),
    ],
)
def test_a_questionnaire_without_a_score_says_why(
    sample: Sample, code: str | None, words: str, text: str
) -> None:
    for row in sample.rows["questionnaire_by_unit_question"]:
        row |= {"suppression_code": code, "score": None, "low": None, "high": None}
    (chart,) = charts(page(sample).seen())
    assert chart.title == words
    assert text in chart.texts
    assert ("50%" in chart.texts) == (code is None)  # hidden votes are not drawn


def test_rater_groups_below_the_threshold_are_hidden(sample: Sample) -> None:
    (table,) = of_kind(Table, Blocks(*page(sample).raters()))
    assert [row[0] for row in cells(table)] == ["中层干部", "职工代表", "合计"]
    assert [row[4:] for row in cells(table)] == [
        ["4", "不足5人", "—"],
        ["16", "为保护不足5人的群体不显示", "—"],
        ["20", "90.00", "88.00–92.00"],
    ]
    assert "；有效票不足5张的测评人类别" in table.note and "好100、较好80、一般60、差40" in table.note


def test_a_return_rate_needs_the_number_issued(sample: Sample) -> None:
    sample.change("questionnaire_by_unit_question", "U001", n_issued=None)
    (chart,) = charts(page(sample).seen())
    assert "发出（未记录）份，收回22份，回收率数据不足" in chart.source
    (table,) = of_kind(Table, Blocks(*page(sample).raters()))
    assert {row[3] for row in cells(table)} == {"数据不足"}


def test_the_visit_in_facts_documents_and_counts(sample: Sample) -> None:
    sample.hand_in("U001", "rules_records", "a", "b", "a")  # the same bytes twice
    sample.hand_in("U001", "division_of_duties|meeting_talk_records", "c")
    opened = page(sample)
    (fact,), (talks,) = paragraphs(opened.seen()), paragraphs(Blocks(*opened.evidence()))
    assert fact == (
        "2018年12月4日，第一检查组到单位检查：汇报25分钟（超过规定的20分钟），参会30人，个别谈话8人，现场测试10人，平均正确率86.5%。"
    )
    (table,) = of_kind(Table, Blocks(*opened.evidence()))
    seen = {row[0]: row[1:] for row in cells(table)}
    assert seen["规章制度及执行记录"] == ["2", "—", "3", "无签字", "两份无签字"]
    assert seen["年度党风廉政建设计划或任务分解计划"] == ["0", "—", "2", "未发现", ""]
    assert seen["“三重一大”制度及执行情况"] == ["0", "—", "未查阅", "—", ""]
    assert seen["领导班子成员职责分工（体现一岗双责）"][0] == seen["会议记录本和班子成员谈话记录"][0] == "1"
    assert talks == "个别谈话只按主题计人数，不足5人的不显示：作风建设（反映问题）6人。"


def test_items_that_lack_material_stand_at_their_class(sample: Sample) -> None:
    for item, kinds in zip(
        sample.rows["items"], ("annual_plan", "", "annual_plan|rules_records", ""), strict=True
    ):
        item["evidence_classes"] = kinds
    for row in sample.rows["scores_by_unit_item_scorer"]:
        row["cell"] = f"G{row['item_id']}"
    for unit_id, item_id, code in (
        ("U001", "S101", "no_evidence"), ("U001", "S201", "no_evidence"), ("U003", "S102", "no_evidence"), ("U001", "S102", "above_maximum"),
    ):  # fmt: skip
        sample.rows["issues"].append({
            "issue_id": f"{unit_id}{item_id}", "unit_id": unit_id, "form_id": "standard", "code": code, "severity": "verify",
            "message": "甲", "remedy": "乙", "file_id": f"F{unit_id}standard", "sheet": "附件1", "cell": f"G{item_id}",
        })  # fmt: skip
    (table,) = of_kind(Table, Blocks(*page(sample).evidence()))
    lacking = {row[0]: row[2] for row in cells(table)}
    assert lacking.pop("年度党风廉政建设计划或任务分解计划") == "项目S101、项目S201"
    assert set(lacking.values()) == {"—"}


def test_a_unit_that_sent_nothing_is_not_said_to_have_sent_zero(sample: Sample) -> None:
    (table,) = of_kind(Table, Blocks(*page(sample).evidence()))
    assert {row[1] for row in cells(table)} == {"未报"}
    assert "没有资料报送和查阅的记录。" in paragraphs(Blocks(*page(sample, "U016").evidence()))


def test_talks_under_the_threshold_are_not_mentioned(sample: Sample) -> None:
    sample.rows["interviews"] = [row for row in sample.rows["interviews"] if row["topic_id"] == "education"]
    assert (
        paragraphs(Blocks(*page(sample).evidence()))[-1]
        == "个别谈话只按主题计人数，不足5人的不显示：各主题均不足5人。"
    )


def test_only_confirmed_findings_and_practice_are_listed(sample: Sample) -> None:
    own = Blocks(*page(sample).findings())
    (table,) = of_kind(Table, own)
    assert cells(table) == [["廉政约谈", "无签字", "一般", "记录0"]]
    assert of_kind(Bullets, own)[0].items == ("亮点：东河管理处实行月记实制度〔U+1F44D〕。",)
    unsure = Blocks(*page(sample, "U004").findings())
    assert paragraphs(unsure) == ["检查组没有确认的问题。", "另有2条登记待检查组确认，不列出。"]
    assert "每周通报" not in told(unsure) and "记录4" not in told(unsure)
    assert paragraphs(Blocks(*page(sample, "U005").findings())) == []
    assert paragraphs(Blocks(*page(sample, "U016").findings())) == [
        "未现场检查，没有检查组登记的问题和亮点。"
    ]


def test_unconfirmed_practice_beside_confirmed_is_only_counted(sample: Sample) -> None:
    first = sample.rows["highlights"][0]
    sample.rows["highlights"].append(
        first | {"highlight_id": "U001-H2", "is_confirmed": False, "text": "未定"}
    )
    own = Blocks(*page(sample).findings())
    assert len(of_kind(Bullets, own)[0].items) == 1 and "未定" not in told(own)
    assert paragraphs(own)[0] == "另有1条登记待检查组确认，不列出。"


def test_what_was_raised_before_stands_beside_what_was_found_again(sample: Sample) -> None:
    assert list(page(sample).raised_before()) == [
        "上年检查（2017年）提出“问题U001-R01”，现为已销账；本年检查又发现“记录0”，属屡查屡犯。",
        "以前提出的问题尚有1条未销账（其中逾期1条）：节日检查“问题U001-R02”。",
    ]
    told_of_others = paragraphs(page(sample, "U002").followed())
    assert told_of_others[1:] == ["以前提出的问题尚有1条未销账（其中逾期0条）：巡察反馈“问题U002-R01”。"]


def test_statistics_leave_zeros_out_and_say_what_is_no_number(sample: Sample) -> None:
    (table,) = of_kind(Table, Blocks(*page(sample).statistics()))
    assert cells(table) == [
        ["合计", "问题数（起）", "待定", "—", "—", "无上年数", ""],
        ["工作量", "党委专题研究党风廉政建设（次）", "2", "—", "2", "持平", ""],
    ]
    assert (
        table.note.startswith("另有1项为0，未列出。变化以上年所报为基数") and "基数不足5的不算" in table.note
    )
    sample.rows["statistics_by_unit_category_measure"] = [
        row for row in sample.rows["statistics_by_unit_category_measure"] if row["value"] == 0
    ]
    assert paragraphs(Blocks(*page(sample).statistics()))[0].startswith("本年度1项统计全部为0。零报告")
    assert paragraphs(Blocks(*page(sample, "U003").statistics())) == ["没有收到自查统计表。"]


def test_papers_and_data_issues(sample: Sample) -> None:
    sample.change("submissions", "U001", is_late=None, is_sealed=False, signed_by=None)
    papers, issues = of_kind(Table, Blocks(*page(sample).papers()))
    assert cells(papers)[0] == [
        "自评表（附件1）", "1", "通过", "11月30日 09:05", "无登记", "11月30日 09:05", "已签", "未盖",
    ]  # fmt: skip
    assert cells(issues) == [["退回项目", "statistics.xlsx · 附件2 · C9", "应填数字", "请只填数字"]]
    assert paragraphs(Blocks(*page(sample, "U003").papers())) == ["报送数据没有发现问题。"]


def test_every_figure_has_its_chain(sample: Sample) -> None:
    for row in sample.rows["score_lines"]:
        if row["scorer"] == "self":
            row |= {"fact_table": "scores_by_unit_item_scorer", "fact_key": f"U001|{row['item_id']}|self||"}
    items, chain, files = of_kind(Table, page(sample).annex())
    assert cells(items)[0] == ["party部分"]
    assert cells(items)[1] == ["项目S101", "4", "4.00", "2.50", "+1.50", "缺任务分解，扣1.5分"]
    told = cells(chain)
    assert told[:3] == [
        ["总分"],
        ["总分", "84.62", "0.8×检查＋0.2×测评−事实，限于0–100（cycle.yml weights）", ""],
        ["　检查", "84.62", "各部分之和，连同加分，以100分为限（cycle.yml inspection_cap）", ""],
    ]
    assert told[3] == ["　　党委主体责任", "30.00", "各项之和", ""]
    assert told[4][:3] == ["　　　S101 年度计划与任务分解", "2.50", "缺任务分解，扣1.5分（standard.yml R）"]
    own = told[told.index(["自评总分"]) :]
    assert [row[3] for row in own if "S101" in row[0]] == ["[1] 附件1·G5"]
    assert told[-1] == ["工作量 党委专题研究党风廉政建设", "2", "", "[2] 附件2·C8"]
    assert cells(files) == [
        ["[1]", "units/U001/standard.xlsx", "0"],
        ["[2]", "units/U001/statistics.xlsx", "0"],
    ]


def test_a_unit_that_was_not_visited_shows_the_chain_of_what_it_sent_in(sample: Sample) -> None:
    _, chain, *_ = of_kind(Table, page(sample, "U002").annex())
    assert [row[0] for row in cells(chain) if len(row) == 1] == ["事实", "自评总分"]


def test_the_chain_tells_of_votes_only_where_they_stand(sample: Sample) -> None:
    _, chain, *_ = of_kind(Table, page(sample).annex())
    assert any(row[0].strip() == "主要负责人履行第一责任人职责情况" for row in cells(chain))
    assert not any("好10" in cell or "较好" in cell or cell == "10" for row in cells(chain) for cell in row)


def test_where_two_teams_scored_an_item_each_reason_names_its_team(sample: Sample) -> None:
    line = next(
        line for line in sample.rows["score_lines"] if line["scorer"] == "T1" and line["item_id"] == "S101"
    )
    sample.rows["score_lines"].append(
        line | {"scorer": "T2", "change_points": -2.0, "reason": "资料不全，扣2分"}
    )
    reasons = page(sample).items.set_index("item_id")["why"]
    assert reasons["S101"] == "第一检查组：缺任务分解，扣1.5分；第二检查组：资料不全，扣2分"
    assert reasons["S102"] is None or "检查组" not in str(reasons["S102"])  # one team: no name needed


def test_a_block_for_another_type_of_unit_is_not_on_the_page(sample: Sample) -> None:
    opened = page(sample)
    assert "党委主体责任" in opened.block_names.values()
    blocks = opened.config.standard.blocks
    other = tuple(
        b.model_copy(update={"unit_types": ("企业单位",)}) if b.block_id == "party" else b for b in blocks
    )
    standard = opened.config.standard.model_copy(update={"blocks": other})
    opened.config = dataclasses.replace(opened.config, standard=standard)
    del opened.__dict__["block_names"]
    assert "党委主体责任" not in opened.block_names.values() and len(opened.block_names) == 4


def set_scores(
    sample: Sample, inspection: float, perception: float, total: float, facts: float = 0.0
) -> None:
    """What U001's total is made of."""
    scores = {"inspection": inspection, "perception": perception}
    for row in sample.rows["scores_by_unit_component"]:
        if row["unit_id"] == "U001":
            name = row["component"]
            row |= {
                "score": scores.get(name),
                "weight": {"inspection": 0.8, "perception": 0.2}.get(name, 0.0),
            }
            row |= {"deduction_points": facts} if name == "facts" else {}
    sample.change("results_by_unit", "U001", total=total)


def test_parts_of_the_total_that_do_not_add_up_say_so(sample: Sample) -> None:
    set_scores(sample, 77.005, 86.07, 78.818)  # 61.604 → 61.60, 17.214 → 17.21, together 78.81
    table, *_ = of_kind(Table, page(sample).composition())
    assert "。各部分四舍五入后相加为78.81，与总分78.82相差0.01，系四舍五入所致。同类" in table.note
    set_scores(sample, 80.0, 90.0, 81.5, 0.5)  # 64 + 18 − 0.5
    table, *_ = of_kind(Table, page(sample).composition())
    assert "四舍五入" not in table.note and [row[3] for row in cells(table)] == [
        "64.00",
        "18.00",
        "−0.50",
        "81.50",
    ]


def test_blocks_that_do_not_add_up_to_the_inspection_say_so_and_the_bonus_is_named(sample: Sample) -> None:
    blocks = [row for row in sample.rows["scores_by_unit_block"] if row["unit_id"] == "U001"]
    for row, points in zip(blocks, (31.004, 15.004), strict=True):
        row |= {"team_points": points}
    set_scores(sample, 46.008, 90.0, 54.8064)
    assert charts(page(sample).composition())[0].note == (
        "各部分四舍五入后相加为46.00，与检查得分46.01相差0.01，系四舍五入所致"
    )
    sample.rows["scores_by_unit_block"].append(
        {**blocks[0], "block_id": "bonus", "block_label": "加分", "team_points": 1.5, "max_points": 3.0}
    )
    set_scores(sample, 47.508, 90.0, 56.0064)
    assert charts(page(sample).composition())[0].note == (
        "检查得分另含加分1.50分。各部分与加分四舍五入后相加为47.50，与检查得分47.51相差0.01，系四舍五入所致"
    )
