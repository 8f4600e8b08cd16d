"""Supporting material of the sample units: about one paper a class, named in the various ways of offices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lianzheng.config.models import Named
from lianzheng.config.standard import Item
from lianzheng.demo.bureau import Bureau
from lianzheng.demo.papers import Paper

if TYPE_CHECKING:
    from lianzheng.demo.faults import Planting

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_TENS = ("", "十", "二十", "三十")


@dataclass
class Material:
    """A file beside a unit's 附件1: what its name says that it serves (no item: the class as a whole), and its bytes."""

    path: str
    unit_id: str
    evidence_class: str
    item_ids: tuple[str, ...]
    data: bytes


def _numeral(number: int) -> str:
    return _TENS[number // 10].removeprefix("一") + ("", *"一二三四五六七八九")[number % 10]


# Each way names the file for printed numbers, items and a word for the class; those of the second list say no item.
_BY_ITEM: tuple[Callable[[Sequence[int], Sequence[Item], str], str], ...] = (
    lambda numbers, items, word: f"{'、'.join(f'{n:02}' for n in numbers)} {word}.txt",
    lambda numbers, items, word: f"{'，'.join(map(str, numbers)).translate(_WIDE)}　{word}.txt",
    lambda numbers, items, word: f"第{'、'.join(map(str, numbers))}项 {word}（1）.txt",
    lambda numbers, items, word: f"{'、'.join(item.item_id for item in items)} {word} v2.txt",
    lambda numbers, items, word: f"{'、'.join(f'{n:02}' for n in numbers)} {word}/20181120 扫描件.txt",
)
_OF_ONE_ITEM: tuple[Callable[[Sequence[int], Sequence[Item], str], str], ...] = (
    lambda numbers, items, word: f"{_numeral(numbers[0])}、{word}.txt",
    lambda numbers, items, word: f"{items[0].name}（12月）.txt",
    lambda numbers, items, word: f"{numbers[0]}-{word}.txt",
)
_BY_CLASS: tuple[Callable[[Sequence[int], Sequence[Item], str], str], ...] = (
    lambda numbers, items, word: f"{word}/2018年全年.txt",
    lambda numbers, items, word: f"2018年{word}（第2版）.txt",
)


def make_materials(bureau: Bureau, papers: Iterable[Paper]) -> list[Material]:
    """A small file for every class that an item asks for, beside each unit's 附件1; all together serve every item."""
    made = []
    numbers = {row.row_id: row.labels[0] for row in bureau.config.forms["standard"].tables[0].rows}
    for paper in (paper for paper in papers if paper.form.form_id == "standard"):
        rng = bureau.rng("papers", paper.unit_id)
        folder = rng.choice(bureau.config.cycle.materials_folders or ("佐证材料",))
        for kind in bureau.findings.evidence_classes:
            items = [i for i in bureau.config.standard.scored_items if i.evidence_classes[:1] == (kind.id,)]
            if not items:
                continue
            ways = (*_BY_ITEM, *_BY_CLASS, *(_OF_ONE_ITEM if len(items) == 1 else ()))
            way, word = rng.choice(ways), rng.choice(_words(kind))
            name = way([int(numbers[item.item_id]) for item in items], items, word)
            served = () if way in _BY_CLASS else tuple(item.item_id for item in items)
            path = f"{paper.stem.rpartition('/')[0]}/{folder}/{name}"
            data = f"{bureau.config.unit(paper.unit_id).name} {kind.label}（样例材料）\n".encode()
            made.append(Material(path, paper.unit_id, kind.id, served, data))
    return made


def _words(kind: Named) -> list[str]:
    return [alias for alias in kind.aliases if len(alias) > 2] or [kind.label]


def tell_materials(bureau: Bureau, materials: Iterable[Material]) -> None:
    """The rows that the materials make of the table of evidence."""
    for material in (material for material in materials if material.evidence_class):
        for item_id in material.item_ids or ("",):
            bureau.add("evidence_by_unit_class", {
                "unit_id": material.unit_id, "evidence_class": material.evidence_class, "item_id": item_id,
                "scorer": "self", "n_documents": 1,
            })  # fmt: skip


def _without_papers(planting: Planting, paper: Paper, spec: dict[str, Any]) -> None:
    """None of the unit's materials, or none of the class that an item asks for."""
    item = next((i for i in planting.bureau.config.standard.items if i.item_id in spec.get("at", ())), None)
    own = [material for material in planting.materials if material.unit_id == paper.unit_id]
    for material in own:
        if item is None or material.evidence_class in item.evidence_classes:
            planting.materials.remove(material)


def _odd_material(planting: Planting, paper: Paper, spec: dict[str, Any]) -> tuple[str, None]:
    """A file among the unit's materials whose name says nothing."""
    folder = (planting.bureau.config.cycle.materials_folders or ("佐证材料",))[0]
    path = f"{paper.stem.rpartition('/')[0]}/{folder}/{spec['file']}"
    planting.materials.append(Material(path, paper.unit_id, "", (), spec["value"].encode()))
    planting.used.discard(id(paper))
    return path, None


def _twin(planting: Planting, paper: Paper, spec: dict[str, Any]) -> tuple[str, None]:
    """One of the unit's materials is another unit's, byte for byte; both units are asked."""
    own = next(m for m in planting.materials if m.unit_id == paper.unit_id)
    others = [m for m in planting.materials if m.unit_id != own.unit_id]
    same = [material for material in others if material.evidence_class == own.evidence_class]
    twin = planting.bureau.rng("twin").choice(same)
    own.data = twin.data
    planting.planted.append((spec["code"], (twin.path, None), {}))
    planting.used.discard(id(paper))
    return own.path, None


MATERIAL_CHANGES: dict[str, Callable[[Planting, Paper, dict[str, Any]], tuple[str, None] | None]] = {
    "no_materials": _without_papers, "no_paper": _without_papers, "odd_material": _odd_material, "twin": _twin,
}  # fmt: skip
"""What the faults of materials change, by ``how`` of faults.yml."""
