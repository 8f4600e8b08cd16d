"""The short form of an address: a unit and a word for one of its figures."""

from __future__ import annotations

from collections.abc import Sequence

from lianzheng.config import CycleConfig
from lianzheng.errors import ParameterError
from lianzheng.names import plain
from lianzheng.tables import schemas
from lianzheng.trace.chain import Chain, Frames
from lianzheng.trace.names import bare
from lianzheng.trace.steps import Step

_WORDS = {
    "results_by_unit": {
        "total": "total 总分", "self_total": "self_total 自评总分", "grade": "grade 等次", "rank": "rank 排名",
    },
    "scores_by_unit_component|inspection": {"score": "inspection 检查"},
    "scores_by_unit_component|perception": {"score": "questionnaire perception 测评"},
    "scores_by_unit_component|facts": {"deduction_points": "facts 事实"},
}  # fmt: skip
_FIGURES = "statistics_by_unit_category_measure"
_MOST = 12
_GENERAL = ("results", "scores_by_unit_c")
Address = tuple[str, str, str]


def trace(config: CycleConfig, tables: Frames, table: str, key: str, column: str = "") -> Step:
    """The chain of a stored value, or of a row's figures without a column.

    Raises :class:`ParameterError` for a table, key or column that does not exist, and for a pending case.
    """
    chain = Chain(config, tables)
    return chain.step(table, key, column) if column else chain.whole(table, key)


def trace_words(config: CycleConfig, tables: Frames, words: Sequence[str]) -> Step:
    """The chain for what stands on the command line: TABLE KEY [COLUMN], or UNIT WORD.

    Raises :class:`ParameterError` where the words fit nothing or several things, with what is allowed.
    """
    first, *rest = words
    if first in schemas() and 1 <= len(rest) <= 2:
        return trace(config, tables, first, *rest)
    unit_id = config.unit_index.find(first) or (
        first if any(u.unit_id == first for u in config.units) else ""
    )
    if not unit_id:
        allowed = f"单位可取 {config.units[0].unit_id} 至 {config.units[-1].unit_id} 或其名称；数据表可取 {'、'.join(schemas())}"
        raise ParameterError(f"没有单位或数据表 {first!r}", allowed)
    if len(rest) != 1:
        raise ParameterError(f"{first} 之后应有一个词，得到 {len(rest)} 个", "如 total、S103、公务接待/金额")
    table, key, column = _meant(config, unit_id, rest[0])
    return trace(config, tables, table, key, column)


def _meant(config: CycleConfig, unit_id: str, word: str) -> Address:
    """The one address that a word stands for: exactly, else as a part of names."""
    names, sought = _names(config, unit_id), plain(word)
    exact = {address for address, known in names.items() if sought in map(plain, known)}
    within = {address for address, known in names.items() if _is_part(sought, known)}
    found = exact or within
    if len(found) == 1:
        return found.pop()
    told = [names[address][-1] for address in names if address in found]
    if found:
        raise ParameterError(f"{word!r} 可指 {len(found)} 个数", f"请写全，可取 {_listed(told)}")
    items = "、".join(item.item_id for item in config.standard.items)
    general = "、".join(known[-1] for (table, *_), known in names.items() if table.startswith(_GENERAL))
    figures = "统计数写作 类别/指标，如 meetings/n_meetings"
    remedy = f"可取 {general}；项目 {items} 或其名称；部分的名称；{figures}"
    raise ParameterError(f"没有叫 {word!r} 的数", remedy)


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST]) + (f"等{len(names)}个" if len(names) > _MOST else "")


def _is_part(sought: str, known: Sequence[str]) -> bool:
    """Whether the word is a part of a name; of a figure of 附件2, of category and measure each."""
    name = plain(known[-1])
    if "/" in name or "/" in sought:
        halves = zip(sought.split("/"), name.split("/"), strict=False)
        return sought.count("/") == name.count("/") and all(half in of for half, of in halves)
    return sought in name


def _names(config: CycleConfig, unit_id: str) -> dict[Address, list[str]]:
    """Every address of a unit with its names, the Chinese one last."""
    found: dict[Address, list[str]] = {}
    for place, columns in _WORDS.items():
        table, _, component = place.partition("|")
        for column, names in columns.items():
            found[table, "|".join(filter(None, (unit_id, component))), column] = names.split()
    for block in (block for block in config.standard.blocks if block.kind != "veto"):
        for item in block.items:
            address = ("scores_by_unit_item", f"{unit_id}|{item.item_id}", "")
            found[address] = [item.item_id, item.item_key, item.name]
        address = ("scores_by_unit_block", f"{unit_id}|{block.block_id}", "")
        found[address] = [block.block_id, block.label, bare(block.label)]
    return found | _statistics(config, unit_id)


def _statistics(config: CycleConfig, unit_id: str) -> dict[Address, list[str]]:
    """The figures of 附件2 that the form has, by ids and by labels."""
    found: dict[Address, list[str]] = {}
    statistics = config.statistics
    for table in statistics.form.tables if statistics else ():
        places = ({**table.keys, **row.keys, **column.keys} for row in table.rows for column in table.columns)
        for keys in places:
            category, measure = keys.get("category_id"), keys.get("measure_id")
            if statistics and category and measure and keys.get("period", "this") == "this":
                label = f"{statistics.categories.get(category, category)}/{statistics.measures.get(measure, measure)}"
                address = (_FIGURES, f"{unit_id}|this|{category}|{measure}", "value")
                found[address] = [f"{category}/{measure}", label]
    return found
