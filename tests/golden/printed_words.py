"""What the configuration prints on forms, straight from its YAML; the one folding by which a label may differ from it."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

_PUNCTUATION = str.maketrans("（）【】〔〕［］：；，。、“”‘’—－", "()[][][]:;,.,\"\"''--")
_MONEY = "元 圆 百元 千元 万 万元 十万元 百万元 千万元 亿 亿元".split()
_NUMBERED = re.compile(r"(?:\(?[一二三四五六七八九十\d]{1,3}[,.:)]+|其中:?|#)+(?=.)")
_MEASURED = re.compile(r"/?[(\[](?:单位:)?(?:[^()\[\]]{1,3}|\d+(?:\.\d+)?分)[)\]]$")
_COPY = re.compile(r"\((?:电子版|纸质版|打印版|扫描版|盖章版|初稿|终稿|定稿)\)$")
_YEAR = re.compile(r"20\d\d(?:年度?)?")
_NO_DATE = re.compile(r"[年月日/._-]*")
EMPTY = re.compile(rf"{_NO_DATE.pattern}|第\d+页(?:[,/]?共\d+页)?")
NUMBERING = "序号 行次 栏次 编号 no. no".split()
COUNTER = re.compile(r"栏次|行次|序号|[甲乙丙丁戊己]|\(?\d{1,3}\)?[.,]?|[①-⑳]|\d{1,2}")
NOTHING = re.compile(
    r"(?:无|没有|暂无|未发生|没有发生|未发现|无此(?:项|情况|类(?:情况|问题)?))[。.]?|[-‐‑‒–—―−－─━ー/\\]+"
)


@functools.lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """Width, punctuation, blanks and case folded."""
    return re.sub(
        r"[\s\u200b-\u200f\ufeff_＿]+", "", unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    ).casefold()


@functools.lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """The documented folding of printed texts: plain, without year, mark of the copy and the colon behind."""
    return _COPY.sub("", _YEAR.sub("", plain(text))).rstrip(":")


@functools.lru_cache(maxsize=1 << 16)
def row_fold(text: str) -> str:
    """Of names of rows and columns moreover without numbering, 其中 and the unit of measure or points in brackets."""
    return _NUMBERED.sub("", fold(_MEASURED.sub("", plain(text))), count=1)


@functools.lru_cache(maxsize=64)
def load(text: str) -> Any:
    """A YAML text, read once."""
    return yaml.safe_load(text)


class Printed:
    """The words of a cycle's configuration by form."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.of = {path.stem: load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yml")}
        lists = Path(__file__).parents[2] / "lianzheng" / "tables.yml"
        self.lists = load(lists.read_text(encoding="utf-8"))["lists"]

    @cached_property
    def forms(self) -> dict[str, dict[str, Any]]:
        forms = [self.of["standard"]["form"], self.of["statistics"]["form"], *self.of["team_sheets"]["forms"]]
        return {form["form_id"]: form for form in forms}

    def layouts(self, form_id: str) -> list[dict[str, Any]]:
        """Foreign layouts of a form."""
        return [layout for layout in self.of.get("layouts") or [] if layout["form_id"] == form_id]

    @cached_property
    def units_of_measure(self) -> set[str]:
        said = (_values(self.of, "unit_of_measure"), _MONEY)
        return {plain(unit) for units in said for unit in units}

    @cached_property
    def choices(self) -> set[str]:
        """Every word of a closed list, and the names of units, teams and members."""
        words = {plain(str(word)) for key in ("label", "name", "aliases") for word in _values(self.of, key)}
        words |= {plain(word) for known in self.lists.values() for word in known.values()} | {"是", "否"}
        for path in (*self.folder.glob("*.csv"),):
            with path.open(encoding="utf-8-sig", newline="") as file:
                words |= {plain(part) for row in csv.reader(file) for text in row for part in text.split("|")}
        return words

    def fields(self, form_id: str) -> dict[str, str]:
        """Folded label → field: of the header, of signatures, of what else asks to be signed."""
        form = self.forms["tally" if form_id == "questionnaire" else form_id]
        known = {
            name: f["field_id"]
            for f in form.get("header", ())
            for name in (f["label"], *f.get("aliases", ()))
        }
        signed = [*form.get("signatures", ()), *(r for r in form.get("remarks", ()) if r.endswith("："))]
        known |= {line.rstrip("："): line.rstrip("：") for line in signed}
        for layout in self.layouts(form_id):
            known |= layout.get("header", {})
        return {re.sub(r"\([^()]*\)$", "", plain(name)): field_id for name, field_id in known.items()}

    def labels(self, form_id: str) -> set[str]:
        """Every text that the form prints, folded both ways."""
        return {f(text) for text in self._texts(form_id) for f in (fold, row_fold)} | set(
            self.fields(form_id)
        )

    def _texts(self, form_id: str) -> Iterator[str]:
        sheet = self.of.get("questionnaire", {})
        asked = [
            w
            for known in ("questions", "scale", "rater_groups")
            for w in _values(sheet.get(known), "label", "aliases")
        ]
        if form_id == "questionnaire":
            yield from asked
            form_id = "tally"
        form = self.forms[form_id]
        yield from (
            form["title"],
            form.get("number", ""),
            *form.get("notes", ()),
            *form.get("signatures", ()),
            *form.get("remarks", ()),
        )
        for table in form["tables"]:
            yield table.get("caption", "")
            yield table.get("total_label", "")
            for name in _values([table.get("columns"), table.get("label_columns")], "label", "aliases"):
                yield from (name.replace("/", ""), *name.split("/"))
            yield from (
                str(t) for row in table.get("rows", ()) for t in (*row["labels"], *row.get("aliases", ()))
            )
            yield from self._standard() if table.get("rows_from") == "standard" else ()
            yield from (*asked, "—") if table.get("rows_from") == "questions" else ()
        for layout in self.layouts(form_id):
            yield from (*layout.get("titles", ()), *layout.get("ignored", ()))
            for table in layout["tables"].values():
                names = (*table.get("columns", ()), *table.get("rows", ()), *table.get("ignored", ()))
                yield from (part for name in names for part in (name.replace("/", ""), *name.split("/")))

    def _standard(self) -> Iterator[str]:
        """What the rows print that a standard gives."""
        classes = (self.of.get("findings") or {}).get("evidence_classes", ())
        evidence = {known["id"]: known["label"] for known in classes}
        yield from ("—", "100")
        for block in self.of["standard"]["blocks"]:
            yield block["label"]
            for item in block["items"]:
                yield from (
                    item["name"],
                    item["criterion"],
                    f"{item['max_points']:g}",
                    *item.get("aliases", ()),
                )
                yield "；".join(evidence.get(id_, id_) for id_ in item.get("evidence_classes", ()))
                rules = [item["rule"], item.get("further_rules", ())]
                yield from _values(rules, "counts")
                yield from (f"{item['name']}：{label}" for label in _values(rules, "label"))
                yield from (f"{points:g}" for points in _values(rules, "max_points", "points"))


def _values(node: Any, *keys: str) -> Iterator[Any]:
    """Every value below these keys, lists one by one."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ():
        yield from _values(child, *keys)
    for key in keys if isinstance(node, dict) else ():
        found = node.get(key, ())
        yield from found if isinstance(found, list | tuple) else (found,)
