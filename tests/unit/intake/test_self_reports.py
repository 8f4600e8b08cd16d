"""Self-reports: parts under the headings that offices write, who signs, leftovers; a report accuses nobody falsely."""

from __future__ import annotations

import io

import docx
import pytest

from lianzheng.intake.books import format_of
from lianzheng.intake.cells import DEFAULT_LIMITS, Book
from lianzheng.intake.files import from_book
from lianzheng.intake.read_docx import read_docx
from tests.unit.intake.sample import config, layout_of, receive, setup, zeros
from tests.unit.intake.small import book_of, grid_of

TITLE = "东河管理处关于2018年度党风廉政建设责任制落实情况的自查报告"
INTRO = "按照通知要求，现将我处有关情况报告如下："
BASIC = "年初召开专题会议研究部署党风廉政建设工作，把年度任务分解到每位班子成员和每个科室，按季度对账，六月份组织了一次集中督查，情况良好。"
FIXED = "对检查组反馈的三个问题逐条建立台账，明确责任人和完成时限，目前已全部完成。"
PROBLEMS = "个别班子成员对分管领域的廉政风险分析还不够深入，安排业务多、检查廉政少。"
PLANS = "继续完善责任清单，把党风廉政建设与业务工作同部署、同检查、同考核，抓好落实。"
SIGNED = ["单位主要负责人（签字）：周立明", "东河管理处", "2018年11月20日"]
TEXTS = {"basic": BASIC, "rectification": FIXED, "problems": PROBLEMS, "plans": PLANS}
HEADINGS = {"basic": "一、基本情况", "rectification": "二、2017年反馈问题整改落实情况", "problems": "三、存在的主要问题", "plans": "四、下一步打算和建议"}  # fmt: skip
EVERY = {"basic", "rectification", "problems", "plans"}


def report(headings=HEADINGS, title=(TITLE,), end=SIGNED, texts=TEXTS, opening=("局党委：", INTRO)):
    """The paragraphs of a report: a heading and a text for every part."""
    parts = [line for part_id, heading in headings.items() for line in (heading, texts.get(part_id))]
    return [*title, *opening, *(line for line in parts if line), *end]


def read(lines, path="units/东河处/自查报告.docx"):
    """Read paragraphs as the reader of Word documents gives them; U001 was inspected last year."""
    return from_book(book_of(grid_of([[line] for line in lines], "正文")), path, setup())


def parts(found):
    return {r.values["part_id"]: r.values for r in found.records if r.into == "self_report_parts"}


def present(found):
    return {part_id for part_id, values in parts(found).items() if values["is_present"]}


def codes(found):
    return [issue.code for issue in found.issues]


def test_a_report_in_order():
    found = read(report())
    assert (found.form_id, found.unit_id, found.state, found.is_counted) == (
        "self_report",
        "U001",
        "read",
        True,
    )
    assert found.issues == []
    assert {p: v["n_characters"] for p, v in parts(found).items()} == {p: len(t) for p, t in TEXTS.items()}
    assert {p: values["cell"] for p, values in parts(found).items()} == {
        "basic": "A4", "rectification": "A6", "problems": "A8", "plans": "A10",
    }  # fmt: skip
    assert {check.outcome for check in found.checks} == {"pass"} and len(found.checks) == 5
    assert TITLE in found.evidence[0]
    assert found.evidence[1] == "写有基本情况、上年反馈问题整改落实情况、存在的问题、下一步打算和建议"


def test_every_paragraph_of_a_part_is_a_value_and_the_rest_is_for_people():
    lines = report()
    fates = {cell: (text, fate) for _, cell, text, *_, fate in read(lines).cells}
    assert [text for text, _ in fates.values()] == lines
    assert [fate for _, fate in fates.values()] == [
        "aside", "aside", "aside", *["value", "value"] * 4, "aside", "aside", "aside",
    ]  # fmt: skip


LAYOUTS = {
    "headings in brackets": {"basic": "（一）基本情况", "rectification": "（二）上年度检查反馈问题整改情况", "problems": "（三）存在问题及原因分析", "plans": "（四）今后的工作打算"},
    "arabic numbers": {"basic": "1、主要做法和成效", "rectification": "2、去年反馈意见的整改", "problems": "3、存在的不足", "plans": "4、2019年工作计划"},
    "bold lines without numbers": {"basic": "责任制落实情况", "rectification": "2017年度检查反馈问题整改", "problems": "存在的问题", "plans": "下一步工作"},
    "another order": {"basic": "一、总体情况", "problems": "二、主要问题", "rectification": "三、反馈问题整改落实情况", "plans": "四、努力方向"},
    "parts by number": {"basic": "第一部分 基本情况", "rectification": "第二部分 上年反馈问题整改", "problems": "第三部分 存在问题", "plans": "第四部分 下步打算"},
    "problems with their remedy": {"basic": "一、工作开展情况", "rectification": "二、2017年责任制检查各检查组反馈问题的整改落实情况", "problems": "三、存在的问题及整改措施", "plans": "四、今后的工作打算和对局党委的工作建议"},
    "letters of full width": {"basic": "一．基本情况", "rectification": "二．上年反馈问题整改", "problems": "三．存在问题", "plans": "四．下一步打算"},
}  # fmt: skip


@pytest.mark.parametrize("headings", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_headings_as_offices_write_them(headings):
    found = read(report(headings))
    assert (codes(found), present(found)) == ([], EVERY)
    assert {p: v["n_characters"] for p, v in parts(found).items()} == {p: len(t) for p, t in TEXTS.items()}


def test_headings_and_text_in_one_paragraph():
    lines = [f"{heading}。{TEXTS[part_id]}" for part_id, heading in HEADINGS.items()]
    found = read([TITLE, "局党委：", INTRO, *lines, *SIGNED])
    assert (codes(found), present(found)) == ([], EVERY)
    assert {p: v["n_characters"] for p, v in parts(found).items()} == {p: len(t) for p, t in TEXTS.items()}
    assert {fate for _, cell, *_, fate in found.cells if cell in ("A4", "A5", "A6", "A7")} == {"value"}


def test_nested_headings():
    found = read([
        TITLE, "一、自查工作", "（一）基本情况", BASIC, "1、加强教育", BASIC, "（二）反馈问题整改", FIXED, "（三）存在的问题", "1.学习方面", PROBLEMS,
        "2.监督方面", PROBLEMS, "二、今后打算", PLANS, *SIGNED,
    ])  # fmt: skip
    assert (codes(found), present(found)) == ([], EVERY)
    assert parts(found)["basic"]["n_characters"] == 2 * len(BASIC) + len("1、加强教育")
    assert parts(found)["problems"]["n_characters"] == 2 * len(PROBLEMS) + len("1.学习方面2.监督方面")


@pytest.mark.parametrize("ending", ["……1", "\t1", ".....12", ""])
def test_a_table_of_contents_is_no_part(ending):
    contents = ["目　录", *(f"{heading}{ending}" for heading in HEADINGS.values())]
    found = read(report(opening=contents))
    assert codes(found) == []
    assert {p: v["n_characters"] for p, v in parts(found).items()} == {p: len(t) for p, t in TEXTS.items()}
    lone = read([TITLE, *contents, BASIC, *SIGNED])  # contents alone make no parts
    assert codes(lone) == (["missing_part"] * 4 if ending else ["part_too_short"] * 3)


def test_one_heading_for_two_parts():
    headings = {
        "basic": "一、基本情况",
        "rectification": "二、上年反馈整改",
        "problems": "三、存在问题及下一步打算",
    }
    found = read(report(headings))
    assert (codes(found), present(found)) == ([], EVERY)


def test_a_paragraph_may_open_a_part_without_a_heading():
    headings = {part_id: HEADINGS[part_id] for part_id in ("basic", "rectification", "problems")}
    texts = {
        **TEXTS,
        "problems": f"{PROBLEMS}\n今后，我们将进一步统一思想，提高认识，重点做好学习和监督两项工作。",
    }
    assert codes(read(report(headings, texts=texts))) == []


def test_a_long_beginning_without_heading_is_the_basic_situation():
    headings = {part_id: HEADINGS[part_id] for part_id in ("rectification", "problems", "plans")}
    assert codes(read(report(headings))) == ["missing_part"]
    assert codes(read(report(headings, opening=("局党委：", *[BASIC] * 4)))) == []


@pytest.mark.parametrize("part_id", sorted(EVERY))
def test_a_missing_part_goes_back(part_id):
    found = read(report({p: heading for p, heading in HEADINGS.items() if p != part_id}))
    (issue,) = found.issues
    label = next(p.label for p in config().forms["self_report"].parts if p.part_id == part_id)
    assert (issue.code, issue.severity, issue.unit_id) == ("missing_part", "return_item", "U001")
    assert issue.message == f"自查报告缺少“{label}”部分"
    assert [check.outcome for check in found.checks if check.check_id == "missing_part"] == ["fail"]
    missing = parts(found)[part_id]
    assert (missing["is_present"], missing["heading"], missing["cell"], missing["n_characters"]) == (
        False,
        None,
        None,
        0,
    )


def test_two_missing_parts_are_two_issues():
    found = read(report({p: HEADINGS[p] for p in ("basic", "rectification")}))
    assert len({issue.issue_id for issue in found.issues}) == 2


def test_rectification_is_required_only_where_last_year_was_inspected():
    assert "U001" in config().visited_last_cycle and "U003" not in config().visited_last_cycle
    headings = {p: HEADINGS[p] for p in ("basic", "problems", "plans")}
    end = ["单位主要负责人（签字）：郑文涛", "南坡管理处"]
    found = read(report(headings, (TITLE.replace("东河", "南坡"),), end), "units/南坡处/自查报告.docx")
    assert (codes(found), found.unit_id) == ([], "U003")
    assert {p: v["is_required"] for p, v in parts(found).items()} == {
        **dict.fromkeys(EVERY, True),
        "rectification": False,
    }


@pytest.mark.parametrize(
    "heading",
    ["二、2017年存在问题整改情况", "二、上年反馈存在问题的整改落实情况"],
)
def test_last_years_problems_are_not_this_years(heading):
    found = read(report({"basic": "一、基本情况", "rectification": heading, "plans": "三、下一步打算"}))
    assert codes(found) == ["missing_part"] and present(found) == EVERY - {"problems"}


def test_a_part_that_says_nothing_is_asked_about():
    found = read(report(texts={**TEXTS, "problems": "无。"}))
    (issue,) = found.issues
    assert (issue.code, issue.severity, issue.source.cell) == ("part_too_short", "verify", "A8")
    assert issue.message == "自查报告“存在的问题”部分只有 2 个字"


SIGNATURES = [  # the last lines, code, what was seen
    (SIGNED, None, ""),
    (["东河管理处", "主要负责人签字：周立明　　2018年11月20日"], None, ""),
    (["单位负责人：", "周立明", "二〇一八年十一月二十日"], None, ""),
    (["党委书记　周立明", "东河管理处党委", "2018.11.20"], None, ""),
    (["单位主要负责人（签字）：周 立 明"], None, ""),
    ([*SIGNED, "（联系人：吕海斌，联系电话：12345）"], None, ""),
    (["单位主要负责人（签字）：吕海斌", "东河管理处"], "report_signed_by_other", "吕海斌"),
    (["负责人签名：张三　2018年11月20日"], "report_signed_by_other", "张三"),
    (["单位主要负责人（签字）：", "东河管理处", "2018年11月20日"], "report_not_signed", ""),
    (["单位主要负责人（签字）：________"], "report_not_signed", ""),
    (["单位主要负责人（签字）：XXX　　年　月　日"], "report_not_signed", ""),
    (["东河管理处", "2018年11月20日"], "report_not_signed", ""),
    ([], "report_not_signed", ""),
]  # fmt: skip


@pytest.mark.parametrize(("end", "code", "seen"), SIGNATURES)
def test_the_head_of_the_unit_signs(end, code, seen):
    found = read(report(end=end))
    assert codes(found) == [code] * bool(code)
    for issue in found.issues:
        assert (issue.value_seen, issue.severity) == (seen, "verify") and "周立明" in issue.message
    assert parts(found)["plans"]["n_characters"] == len(PLANS)


def test_a_signature_on_the_cover():
    assert codes(read(report(title=(TITLE, "单位主要负责人：周立明"), end=["2018年11月20日"]))) == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("邀请了省委党校教授***作辅导", "***"),
        ("由XX同志负责", "XX"),
        ("x月召开会议", "x"),
        ("按照我县统一部署", "我县"),
        ("会议室面积3×4米", None),
        ("与某单位交流", None),
    ],
)
def test_leftovers_of_other_texts(text, seen):
    found = read(report(texts={**TEXTS, "basic": f"{BASIC}{text}。"}))
    assert [(issue.code, issue.value_seen, issue.source.cell) for issue in found.issues] == (
        [("report_leftover", seen, "A5")] if seen else []
    )
    assert all(BASIC[:8] not in issue.message for issue in found.issues)


TITLES = [
    (TITLE,),
    ("东河管理处关于2018年度党风廉政建设责任制", "落实情况的自查报告"),
    ("东河处党委〔2018〕12号", "关于党风廉政建设责任制落实情况自查情况的报告"),
    ("附件", "落实党风廉政建设责任制情况汇报"),
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_titles_by_which_a_report_is_known(title):
    found = read(report(title=title))
    assert (found.form_id, codes(found)) == ("self_report", [])


@pytest.mark.parametrize("title", ["东河管理处2018年工作总结", "关于召开会议的通知", "述职述廉报告"])
def test_other_documents_are_no_self_reports(title):
    found = read(report(title=(title,)))
    assert (found.form_id, codes(found)) == ("", ["unknown_form"])


def test_a_workbook_is_no_report():
    found = from_book(
        book_of(grid_of([[line] for line in report()], "Sheet1")), "units/东河处/自查报告.xlsx", setup()
    )
    assert codes(found) == ["unknown_form"]


def test_a_form_in_word_stays_a_form():
    layout = layout_of("statistics", zeros("statistics"))
    assert receive(layout).form_id == "statistics"


def test_a_report_that_names_the_forms_is_a_report():
    names = [
        f"附件{i}：{config().forms[form_id].title}" for i, form_id in ((1, "standard"), (2, "statistics"))
    ]
    found = read([*report(end=[]), *names, *SIGNED])
    assert (found.form_id, codes(found)) == ("self_report", [])


def test_another_unit_inside():
    found = read(report(), "units/西岭处/自查报告.docx")
    assert (found.unit_id, codes(found)) == ("U001", ["unit_differs"])
    assert found.issues[0].message == "文件放在“西岭管理处”名下，文件内的单位却是“东河管理处”"


def test_the_signature_names_the_unit_where_title_and_folder_do_not():
    title = ("2018年度党风廉政建设责任制落实情况自查报告",)
    assert read(report(title=title), "收件/自查报告.docx").unit_id == "U001"
    nobody = read(report(title=title, end=[]), "收件/自查报告.docx")
    assert (nobody.state, codes(nobody), nobody.records) == ("unrecognised", ["unknown_unit"], [])


def test_the_report_of_another_year_counts_for_nothing():
    found = read(report(title=(TITLE.replace("2018", "2017"),)))
    assert (found.state, found.is_counted, codes(found), found.records) == (
        "wrong_year",
        False,
        ["wrong_year"],
        [],
    )
    both = (TITLE.replace("2018年度", "2017年度反馈问题整改及2018年度"),)
    assert codes(read(report(title=both))) == []


def test_a_report_that_cannot_be_opened_is_known_by_its_name():
    broken = Book("x", "0" * 64, 1, "doc", [], "unsupported_format", "旧版 Word")
    assert from_book(broken, "units/东河处/党风廉政自查情况报告.doc", setup()).form_id == "self_report"
    assert from_book(broken, "units/东河处/附件2.doc", setup()).form_id == "statistics"


def test_a_written_document_with_a_small_table():
    document = docx.Document()
    for line in report()[:5]:
        document.add_paragraph(line)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("学习教育", "4次", "集中督查", "1次"), strict=True):
        cell.text = text
    for line in report()[5:]:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    data = buffer.getvalue()
    book = Book("x", "0" * 64, len(data), format_of(data), read_docx(data, DEFAULT_LIMITS))
    found = from_book(book, "units/东河处/自查报告.docx", setup())
    assert (found.form_id, codes(found)) == ("self_report", [])
    assert parts(found)["basic"]["n_characters"] == len(BASIC) + len("学习教育4次集中督查1次")
    assert parts(found)["rectification"]["cell"] == "p6"


@pytest.mark.needs_shared
def test_the_founding_documents_own_report(shared_folder):
    """Its headings: 一、…的主要做法, 三、存在的问题及整改措施; 今后，我们将… opens a paragraph; *** stands for names."""
    (path,) = (shared_folder / "seed").glob("*.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    first = max(i for i, line in enumerate(lines) if line.strip() == "落实党风廉政建设责任制情况汇报")
    last = next(i for i in range(first, len(lines)) if lines[i].startswith("关于对全局各局直"))
    found = read([line for line in lines[first:last] if line.strip()])
    assert present(found) == EVERY - {"rectification"}
    assert set(codes(found)) == {"missing_part", "report_not_signed", "report_leftover"}
    assert {issue.value_seen.strip("*") for issue in found.issues if issue.code == "report_leftover"} == {""}


def test_a_part_ends_where_a_higher_heading_begins_another_matter():
    found = read([
        TITLE, "一、自查工作", "（一）基本情况", BASIC, "（二）反馈问题整改", FIXED, "（三）存在的问题", PROBLEMS, "二、党建业务融合", BASIC,
        "三、今后打算", PLANS, *SIGNED,
    ])  # fmt: skip
    assert codes(found) == [] and parts(found)["problems"]["n_characters"] == len(PROBLEMS)
