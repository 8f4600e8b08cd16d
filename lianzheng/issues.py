"""Data issues (数据问题): what is wrong with a received file or cell, in words for the person who filled it in.

Every issue has a code from the closed list :data:`KINDS`; its Chinese sentence stands there and nowhere else.
An issue is never an exception and never a finding (问题 that a team saw at a unit).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["return_file", "return_item", "verify", "note"]
SEVERITIES: dict[Severity, str] = {
    "return_file": "退回文件",
    "return_item": "退回项目",
    "verify": "请核实",
    "note": "提示",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was seen: file id, sheet and cell address; empty strings where it does not apply."""

    file_id: str = ""
    sheet: str = ""
    cell: str = ""


NOWHERE = Source()


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One closed code: its severity, what is wrong (message) and what to do (remedy), with ``{words}`` to fill."""

    severity: Severity
    message: str
    remedy: str


_RETURN_FILE = {
    "unreadable_file": ("文件无法打开：{detail}", "请用 Excel 或 WPS 打开原件，另存为 .xlsx 后重新报送"),
    "vanished_file": ("文件在读取时已不存在", "请确认文件已放回原处后重新读取"),
    "empty_file": ("文件是空的，没有任何内容", "请检查原件并重新报送"),
    "password_protected": ("文件设有打开密码，无法读取{detail}", "请取消密码后重新报送"),
    "unsupported_format": (
        "暂不支持的文件格式：{detail}",
        "请改用 .xlsx（表格）或 .docx（文字）重新报送；扫描件、图片和压缩包不能代替",
    ),
    "too_large": ("文件超出可读取的规模：{detail}", "请删除表格之外的内容或格式后另存，重新报送"),
    "unknown_form": ("未能识别为本年度的任何一种表：{detail}", "请使用下发的表样填写后重新报送"),
    "unknown_layout": (
        "表样与下发的不同，读不出数据：{detail}",
        "请改用下发的表样填写后重新报送；确系沿用旧表样的，请办公室在 layouts.yml 登记对照，如 {expected}",
    ),
    "wrong_year": (
        "表内年度为{seen}年，本次检查年度为{expected}年",
        "请改用{expected}年度表样填写后重新报送",
    ),
    "unknown_unit": (
        "填表单位“{seen}”与单位名册不符",
        "请按名册全称填写单位名称；如属简称，请告知办公室登记",
    ),
    "missing_table": ("缺少“{detail}”部分", "请使用完整的下发表样填写后重新报送"),
    "missing_form": ("未收到{detail}", "请尽快报送"),
    "needs_conversion": (
        "文件须先转换才能读取：{detail}",
        "请用 Word、Excel 或 WPS 打开，另存为 .docx（文字）或 .xlsx（表格）后重新报送",
    ),
}
_RETURN_ITEM = {
    "missing_row": ("缺少“{row}”一行", "请按表样补齐该行后重新报送"),
    "missing_column": ("缺少“{column}”一列", "请按表样补齐该列后重新报送"),
    "missing_value": ("“{row}”的“{column}”未填写", "请填写；应填数字而没有的填 0"),
    "not_a_number": ("“{row}”的“{column}”应填数字，现为“{seen}”", "请只填数字"),
    "not_a_date": ("“{row}”的“{column}”应填日期，现为“{seen}”", "请按 2018-12-01 的格式填写"),
    "not_a_choice": ("“{row}”的“{column}”应从固定选项中选填，现为“{seen}”", "请改填下列之一：{allowed}"),
    "negative_value": ("“{row}”的“{column}”为负数 {seen}", "请核对后填写不小于 0 的数字"),
    "not_an_integer": ("“{row}”的“{column}”应为整数，现为“{seen}”", "请核对后填写整数"),
    "above_maximum": ("“{row}”的“{column}”为 {seen}，超过该项分值 {maximum}", "请在该项分值以内填写"),
    "placeholder_left": ("“{row}”的“{column}”仍是未填写的占位文字“{seen}”", "请填写实际内容"),
    "sum_mismatch": (
        "“{column}”合计填 {seen}，各项相加为 {expected}",
        "请核对各项与合计，使两者一致",
    ),
    "tally_not_conserved": (
        "“{row}”各选项票数之和为 {seen}，与有效票数 {expected} 不符",
        "请重新计票，各选项与弃权之和应等于有效票数",
    ),
    "formula_without_value": (
        "“{row}”的“{column}”是公式“{seen}”，文件里没有保存计算结果",
        "请用 Excel 或 WPS 打开，保存后重新报送，或直接填写数字",
    ),
    "error_value": ("“{row}”的“{column}”显示为错误值“{seen}”", "请检查该格的公式，或直接填写数字"),
    "missing_part": ("自查报告缺少“{seen}”部分", "请按通知要求补写该部分后重新报送"),
}
_VERIFY = {
    "unit_differs": ("{expected}，{detail}却是“{seen}”", "请核实文件属于哪个单位"),
    "pending_value": ("“{row}”的“{column}”填写为“{seen}”，尚无结果", "请在有结果后补报数字"),
    "unknown_row": ("表样中没有“{seen}”这一行，没有计入", "请核实该行内容应归入哪一项，填入表样已有的行"),
    "unknown_column": ("表样中没有“{seen}”这一列，没有计入", "请核实该列内容应归入哪一栏，填入表样已有的列"),
    "unread_cell": (
        "表格之外有未能归类的内容“{seen}”，没有计入",
        "请核实；应当计入的填入表内相应栏目，不应计入的删去",
    ),
    "discipline_above_treatment": (
        "“{row}”给予处分 {seen} 人，多于涉及人数 {expected} 人",
        "请核实涉及人数与处分人数",
    ),
    "rectified_above_problems": (
        "“{row}”已整改与整改中合计 {seen} 起，多于问题数 {expected} 起",
        "请核实问题数与整改数",
    ),
    "ledger_overlap": (
        "“{row}”自查发现问题填 {seen} 起，局案件台账中本单位此类已办结案件有 {expected} 件，按附件2的注不应计入",
        "请核实是否已剔除局纪检监察室转办的信访件和直接查处的问题",
    ),
    "last_year_differs": (
        "“{row}”的上年数填 {seen}，上年所报为 {expected}",
        "请核实上年数；口径有调整的请说明",
    ),
    "returned_above_issued": (
        "{detail}测评票收回 {seen} 份，多于发出 {expected} 份",
        "请核实发出与收回的票数",
    ),
    "ratio_out_of_range": ("“{row}”的“{column}”应为 0 至 100% 的比率，现为“{seen}”", "请核实并按百分数填写"),
    "score_differs_from_rule": (
        "“{row}”检查组评 {seen} 分，按评分规则应为 {expected} 分",
        "请检查组核实；在核实之前按规则计算",
    ),
    "missing_observation": ("“{row}”没有核实数也没有评分", "请检查组补填核实数"),
    "reason_missing": ("“{row}”评 {seen} 分，扣了分而没有写明理由", "请检查组补写扣分理由"),
    "not_on_visit_list": ("“{seen}”不在现场检查名单内，却有检查组材料", "请核实检查名单"),
    "missing_team_scores": ("{detail}已列入现场检查，没有收到检查组评分表", "请检查组报送评分表"),
    "paper_not_signed": ("{detail}纸质件无单位主要负责人签字", "请补签后重新报送纸质件"),
    "paper_signed_by_other": ("{detail}纸质件由“{seen}”签字，不是单位主要负责人{expected}", "请核实签字人"),
    "paper_not_sealed": ("{detail}纸质件未盖章", "请补盖单位公章"),
    "duplicate_record": ("“{seen}”出现两次，只计入前一条", "请核实并保留一条"),
    "teams_differ": (
        "“{row}”各检查组评分最多相差 {seen} 分，超过该项分值的20%（{expected}分）",
        "请各检查组核实；在核实之前取平均分",
    ),
    "not_for_unit_type": ("“{row}”不适用于本单位类型，却填了 {seen}", "请核实单位类型和所用表样；该数不计入"),
    "closed_without_proof": (
        "“{row}”状态填为已销账，但没有{detail}",
        "请补填{detail}；补齐之前按待核验计",
    ),
    "state_without_date": (
        "“{row}”的状态改为“{seen}”，没有填状态日期",
        "请补填状态日期；补填之后记入变更记录",
    ),
    "unknown_reference": ("“{column}”中的“{seen}”没有对应的登记或文件", "请核实该编号、名称或文件路径"),
    "no_evidence": (
        "“{row}”自评 {seen} 分，佐证材料中没有这一项的材料",
        "请补报{expected}，并在文件名前写上该项序号",
    ),
    "missing_materials": ("报送了自评分，没有收到任何佐证材料", "请按附件1“需提供材料”一栏报送电子版"),
    "identical_material": (
        "佐证材料“{seen}”与另一单位报送的文件内容完全相同，疑似照抄雷同",
        "请核实，并报送本单位的材料",
    ),
    "finding_or_highlight": (
        "“{row}”{detail}，分不清是问题还是亮点，暂按未确认处理",
        "请检查组在“性质”一栏填“问题”或“亮点”",
    ),
    "paper_of_other_version": (
        "{detail}采用第{seen}版，收到的纸质件却是随第{expected}版报送的",
        "请核实纸质件与采用的电子版是否一致，不一致的补报纸质件",
    ),
    "letters_above_due": ("“{row}”填 {seen} 份，多于应签 {expected} 份", "请核实应签数与签订数"),
    "returned_differs": (
        "{detail}登记收回 {expected} 份，读到的答卷为 {seen} 份",
        "请核实是否有答卷漏报、多报",
    ),
    "duplicate_file": (
        "与“{seen}”内容重复，重复的内容没有计入两次",
        "请核实以哪一份为准；应为另一份的请补报",
    ),
    "part_too_short": ("自查报告“{row}”部分只有 {seen} 个字", "请核实是否漏写，并补充内容"),
    "report_not_signed": (
        "自查报告末尾没有单位主要负责人{expected}的署名",
        "请由单位主要负责人签字后重新报送",
    ),
    "report_signed_by_other": ("自查报告由“{seen}”署名，不是单位主要负责人{expected}", "请核实签字人"),
    "report_leftover": (
        "自查报告中有“{seen}”，像是未替换的占位文字或别处文稿的用语",
        "请核实并改为本单位的实际情况",
    ),
}
_NOTE = {
    "late_file": ("{detail}于{seen}收到，晚于截止日期{expected}", "按迟报登记，无需重报"),
    "no_receipt": ("{detail}没有收件登记，无法判断是否按时", "请办公室补登收件时间"),
    "superseded_version": (
        "{detail}有多个版本，本件已被后收到的版本取代",
        "无需处理；如取错版本请告知办公室",
    ),
    "approximate_value": ("“{row}”的“{column}”填写为约数“{seen}”，按 {expected} 计入", "如有准确数字请补报"),
    "ledger_line_missing": (
        "整改台账中的“{seen}”一行已不在表中",
        "来源登记仍在的，下次写台账时补回；确已整改的请保留该行并改为已销账",
    ),
    "hidden_value": (
        "隐藏的行、列或工作表中有内容“{seen}”",
        "请核对是否应当计入；隐藏在表格之内的已按所填计入",
    ),
    "uncovered_glyph": ("文字中有字体不支持的字符 {detail}，报告中以代码显示", "无需处理"),
    "all_zero_return": ("本年度自查发现问题各项全部为 0", "仅供分析时留意，不影响评分"),
    "praise_among_findings": (
        "“{row}”写在发现问题表内，文字却是肯定（“{seen}”），已按亮点登记",
        "如确是问题，请在“性质”一栏填“问题”",
    ),
    "material_unassigned": (
        "佐证材料中有 {seen} 份认不出属于哪一项：{detail}",
        "请在文件夹名或文件名前写附件1的序号，如“03 会议记录”；一份用于几项的写“3、10、11 会议记录”",
    ),
    "rounding_difference": (
        "“{column}”合计填 {seen}，各项相加为 {expected}，在四舍五入允许范围内",
        "无需处理",
    ),
    "same_file_again": (
        "{detail}与此前报送的“{seen}”内容完全相同，不算新的一版",
        "无需处理；如本意是报送补正后的版本，请核对后另报",
    ),
    "check_failed_to_run": (
        "核对事项“{detail}”因程序出错（{seen}）没有完成",
        "无需填表人处理；请办公室告知维护人员",
    ),
}
_BY_SEVERITY: dict[Severity, dict[str, tuple[str, str]]] = {
    "return_file": _RETURN_FILE,
    "return_item": _RETURN_ITEM,
    "verify": _VERIFY,
    "note": _NOTE,
}
KINDS: dict[str, IssueKind] = {
    code: IssueKind(severity, message, remedy)
    for severity, kinds in _BY_SEVERITY.items()
    for code, (message, remedy) in kinds.items()
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with what was received: code, whose, where, what was seen."""

    code: str
    unit_id: str = ""
    form_id: str = ""
    source: Source = NOWHERE
    value_seen: str = ""
    words: dict[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        assert self.code in KINDS, f"unknown issue code {self.code}"

    @property
    def severity(self) -> Severity:
        """How grave it is, from the closed list :data:`SEVERITIES`."""
        return KINDS[self.code].severity

    @property
    def message(self) -> str:
        """What is wrong and what was seen, one Chinese sentence."""
        return KINDS[self.code].message.format_map({"seen": self.value_seen, **self.words})

    @property
    def remedy(self) -> str:
        """What to do about it, one Chinese sentence."""
        return KINDS[self.code].remedy.format_map({"seen": self.value_seen, **self.words})

    @property
    def issue_id(self) -> str:
        """Stable id: a hash of code, unit, form, file, sheet, cell and the value seen."""
        where = (self.source.file_id, self.source.sheet, self.source.cell)
        parts = (self.code, self.unit_id, self.form_id, *where, self.value_seen)
        return "I" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

    def as_row(self) -> dict[str, str | None]:
        """A row of the issues table; what does not apply is null."""
        row = {
            "issue_id": self.issue_id, "unit_id": self.unit_id, "form_id": self.form_id, "code": self.code,
            "severity": self.severity, "value_seen": self.value_seen, "message": self.message,
            "remedy": self.remedy, "file_id": self.source.file_id, "sheet": self.source.sheet,
            "cell": self.source.cell,
        }  # fmt: skip
        return {name: value or None for name, value in row.items()}
