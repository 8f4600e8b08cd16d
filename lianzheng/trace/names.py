"""Chinese names of what ids stand for in a chain."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.tables import labels

_WHOLE = {"facts": "事实", "veto": "否决", "inspection": "检查", "perception": "测评"} | dict.fromkeys(
    ("total", "all"), "合计"
)
_LISTS = {
    "rater_group": "rater_groups", "subject_id": "subjects", "defect_id": "defects", "four_forms_level": "four_forms",
    "option_id": "scale", "scorer": "teams", "team_id": "teams", "bulletin_class": "bulletin_classes",
    "evidence_class": "evidence_classes",
}  # fmt: skip
_SUBJECT = (
    "form_id item_id block_id component period category_id measure_id rater_group question_id option_id measure_key"
    " scorer member_id part_id bulletin_class evidence_class"
).split()
_OWN = ("finding_id", "highlight_id", "case_id", "rectification_id")
FORMS = {"standard": "附件1", "statistics": "附件2", "questionnaire": "附件3", "self_report": "自查报告"}


def bare(label: str) -> str:
    """A block's label without its number and points."""
    return label.partition("（")[0].rpartition("、")[2]


class Names:
    """Names of the ids of one cycle's configuration."""

    def __init__(self, config: CycleConfig) -> None:
        self._config = config

    @functools.cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        config, sheet = self._config, self._config.questionnaire
        blocks = {block.block_id: bare(block.label) for block in config.standard.blocks}
        items = {item.item_id: f"{item.item_id} {item.name}" for item in config.standard.items}
        lists = {column: config.choices(of) for column, of in _LISTS.items()}
        known = {column: {id_: names[0] for id_, names in of.items()} for column, of in lists.items()}
        known["scorer"] = {**known["scorer"], "self": "自评", "rule": ""}
        known["rater_group"] = {**known["rater_group"], "all": ""}
        questions = {question.question_id: question.label for question in sheet.questions} if sheet else {}
        positions = {member.member_id: f"{member.member_id} {member.position}" for member in config.members}
        parts = {part.part_id: part.label for form in config.all_forms for part in form.parts}
        units = {unit.unit_id: f"{unit.unit_id} {unit.short_name}" for unit in config.units}
        return known | {
            "unit_id": units, "item_id": _WHOLE | blocks | items, "block_id": blocks, "member_id": positions, "form_id": FORMS,
            "question_id": {"all": "全卷", **questions}, "component": labels("component"), "period": {**labels("period"), "this": ""},
            "category_id": getattr(config.statistics, "categories", {}),
            "measure_id": getattr(config.statistics, "measures", {}), "part_id": parts,
        }  # fmt: skip

    def label(self, column: str, value: str) -> str:
        """What an id of a column stands for; a value that is no id is its own name."""
        if column == "measure_key":
            kind, _, id_ = value.partition(":")
            keys = {item.item_key: item.item_id for item in self._config.standard.items}
            return (
                self._known["item_id"].get(keys.get(id_, id_) or kind, id_) if id_ else _WHOLE.get(kind, kind)
            )
        return self._known.get(column, {}).get(value, value)

    def subject(self, row: Mapping[str, Any]) -> str:
        """What a row is about: unit and item, question, figure …"""
        given = [(column, row[column]) for column in _SUBJECT if row.get(column)]
        if "question_id" in row or "component" in row:
            given = [pair for pair in given if pair[0] != "form_id"]
        named = [self.label(column, str(value)) for column, value in given]
        own = [str(row[column]) for column in _OWN if row.get(column)]
        return " ".join(filter(None, own[:1] or named))
