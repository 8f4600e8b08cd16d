"""The proof that no cell of a recognised form was lost: every cell, told by other readers, against the processed tables."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lianzheng.tables import schemas
from tests.golden.other_readers import Cells, Content, cells_of, says
from tests.golden.printed_words import COUNTER, EMPTY, NOTHING, NUMBERING, Printed, fold, plain, row_fold

Row = dict[str, Any]
Place = tuple[str, str]  # sheet, address
LONG_LISTS = "选项"
LONGEST_HEAD = 40
SET_BACK = (("is_confirmed", "finding_or_highlight", False), ("state", "closed_without_proof", "to_verify"))
"""Column, code, and what counts until somebody has answered the issue in the row."""
SERVICE = {plain(name) for name in (
    "序号 编号 票号 选票编号 选票序号 答卷编号 答卷序号 提交答卷时间 结束答题时间 提交时间 填写时间 开始答题时间 所用时间 答题时长 来自IP IP 来源 来源详情"
    " 地理位置国家 地理位置国家和地区 地理位置省 地理位置市 清洗数据结果 清洗原因 自定义字段 用户ID 用户昵称 UA 终端 浏览器 操作系统 渠道 总分 得分 是否完成"
).split()}  # fmt: skip
SUMS = re.compile(r"(?:合计|小计|总计|平均)[数分值]?:?|[\d.,%]*")
NO_TICK = {"", "□", "☐", "否", "无", "×", "✗", "✘", "x", "n", "no", "false", "0", "没有", "未", "不是"}
TRUE = set("是 有 √ ✓ ✔ ☑ y yes true 1 对 已 确认 已确认 已签 已盖".split())
DIGITS = {word: n for n, word in enumerate("〇一二三四五六七八九十")} | {
    "零": 0,
    "两": 2,
    "十二": 12,
    "十五": 15,
}
NO_NUMBER = {"word_none": 0, "dash": 0, "numeral_dash": 0}


class Proof:
    """A cycle's processed tables against its files; :meth:`faults` are the cells for which the proof fails."""

    def __init__(
        self, frames: Mapping[str, pd.DataFrame], project: Path, cycle: int, passwords: Mapping[str, str]
    ) -> None:
        self.frames, self.passwords = frames, passwords
        self.project, self.raw = project, project / "data" / "raw" / str(cycle)
        self.printed = Printed(project / "config" / str(cycle))
        self.files = rows_of(frames["files"])
        self.cells, self.issues = by_file(frames["cells"]), by_file(frames["issues"])
        self.headers = by_file(frames["header_fields"])
        self._rows: dict[str, dict[str, Row]] = {}

    def faults(self) -> list[str]:
        """One line for each cell, or file, that is not accounted for."""
        return [f"{file['path']} {fault}" for file in self.files for fault in self._of_file(file)]

    @property
    def n_cells(self) -> int:
        return len(self.frames["cells"])

    def unread(self, paths: set[str]) -> tuple[int, int]:
        """Cells that ended as ``unread_cell``, their rows told at one of them, and all cells; of these files."""
        n_unread = n = 0
        for file in self.files:
            if file["path"] in paths:
                rows = {
                    (i["sheet"], row_of(i["cell"]))
                    for i in self.issues.get(file["file_id"], ())
                    if i["code"] == "unread_cell"
                }
                own = self.cells.get(file["file_id"], [])
                n += len(own)
                n_unread += sum(c["fate"] == "issue" and (c["sheet"], row_of(c["cell"])) in rows for c in own)
        return n_unread, n

    def rows(self, table: str) -> dict[str, Row]:
        """The rows of a table by key as targets write it."""
        if table not in self._rows:
            key, frame = schemas()[table].key, self.frames[table]
            self._rows[table] = {"|".join(str(row[part]) for part in key): row for row in rows_of(frame)}
        return self._rows[table]

    @cached_property
    def names(self) -> dict[str, set[str]]:
        """Id of a closed list → its names, folded."""
        found: dict[str, set[str]] = {}
        for known in self.printed.lists.values():
            for id_, label in known.items():
                found.setdefault(id_, {plain(id_)}).add(plain(label))
        _collect(self.printed.of, found)
        for name in ("units", "members", "teams"):
            path = self.printed.folder / f"{name}.csv"
            for row in rows_of(pd.read_csv(path, dtype=str, keep_default_na=False)) if path.is_file() else ():
                id_, *_ = (row[key] for key in (f"{name[:-1]}_id", "unit_id") if key in row)
                found.setdefault(id_, {plain(id_)}).update(
                    plain(part) for key, text in row.items() if key in ("name", "short_name", "aliases", "label") for part in text.split("|") if part
                )  # fmt: skip
        return found

    def _of_file(self, file: Row) -> Iterator[str]:
        stored = {(c["sheet"], c["cell"]): c for c in self.cells.get(file["file_id"], ())}
        issues = self.issues.get(file["file_id"], [])
        if not stored and file["state"] not in ("read", "office"):
            if file["state"] != "material" and not issues:
                yield "is not recognised, and nobody is told"
            return
        folder = self.project if file["path"].startswith("data/office/") else self.raw
        received = cells_of((folder / file["path"]).read_bytes(), self.passwords.get(file["path"], ""))
        for place in sorted(received.keys() - stored.keys()):
            yield f"{place}: {received[place]!r} is in the file and not in cells"
        for place in sorted(stored.keys() - received.keys()):
            yield f"{place}: {stored[place]['raw_text']!r} is in cells and not in the file"
        for place in sorted(stored.keys() & received.keys()):
            if not says(stored[place]["raw_text"], received[place]) and not self._is_corrected(file, place):
                yield f"{place}: {received[place]!r} in the file, {stored[place]['raw_text']!r} in cells"
        yield from FileProof(self, file, stored, received, issues).faults()

    def _is_corrected(self, file: Row, place: Place) -> bool:
        corrected = rows_of(self.frames["corrections"])
        return any((c["file_id"], c["sheet"], c["cell"]) == (file["file_id"], *place) for c in corrected)


class FileProof:
    """The proof for one file."""

    def __init__(
        self, proof: Proof, file: Row, stored: dict[Place, Row], received: Cells, issues: list[Row]
    ) -> None:
        self.proof, self.file, self.stored, self.received, self.issues = proof, file, stored, received, issues
        self.texts = {place: cell["raw_text"] for place, cell in stored.items()}
        self.is_report = file["form_id"] == "self_report"
        self.is_ballots = file["form_id"] == "questionnaire"
        self.form_ids = sorted(
            {h["form_id"] for h in proof.headers.get(file["file_id"], ())} | {file["form_id"]}
        )
        forms = [f for f in self.form_ids if f != "self_report"]
        self.labels = {text for form_id in forms for text in proof.printed.labels(form_id)}
        self.fields = {text for form_id in forms for text in proof.printed.fields(form_id)}
        layouts = [layout for form_id in forms for layout in proof.printed.layouts(form_id)]
        self.ignored = {
            row_fold(t)
            for layout in layouts
            for table in layout["tables"].values()
            for t in table.get("ignored", ())
        }
        self.is_working_file = any(proof.printed.forms.get(f, {}).get("allows_more") for f in forms)
        self.by_column: dict[tuple[str, str], list[str]] = {}
        self.by_row: dict[tuple[str, str], list[str]] = {}
        self._folded: dict[tuple[str, str], set[str]] = {}
        for (sheet, cell), text in sorted(self.texts.items(), key=lambda item: order(item[0][1])):
            self.by_column.setdefault((sheet, column_of(cell)), []).append(text)
            self.by_row.setdefault((sheet, row_of(cell)), []).append(text)

    def faults(self) -> Iterator[str]:
        yield from self._counted_text() if self.is_report else ()
        checks = {"value": self._value, "label": self._label, "issue": self._issue, "aside": self._aside}
        for place, cell in self.stored.items():
            if not checks[cell["fate"]](place, cell):
                yield f"{place}: {cell['raw_text']!r} is no {cell['fate']} (target {cell['target']})"

    def _heads(self, place: Place) -> set[str]:
        """The texts of the cell's column, folded."""
        column = place[0], column_of(place[1])
        if column not in self._folded:
            self._folded[column] = {row_fold(text) for text in self.by_column[column]}
        return self._folded[column]

    # label: exactly what the YAML prints
    def _label(self, place: Place, cell: Row) -> bool:
        text = cell["raw_text"]
        if place[0] == LONG_LISTS:
            return plain(text) in self.proof.printed.choices
        if re.fullmatch(r"[\d.]+", text):
            is_points = row_fold(text) in self.labels and bool(self._heads(place) & {"分值", "标准分"})
            return is_points or (text.isdigit() and bool(self._heads(place) & set(NUMBERING)))
        if self.is_ballots:
            return row_fold(text) in self.labels
        is_measure = plain(text) in self.proof.printed.units_of_measure
        key = fold(text)
        return (
            is_measure or key in self.labels or row_fold(text) in self.labels
            or any(self._is_mark(key, form_id) for form_id in self.form_ids) or self._left(plain(text), ()) == ""
        )  # fmt: skip

    def _is_mark(self, key: str, form_id: str) -> bool:
        """附件2 版本：2018 表样编号：2018-statistics-U001; a number before the title; a line 单位：万元."""
        form = self.proof.printed.forms.get(form_id, {})
        number, version = fold(form.get("number", "")), plain(str(form.get("version", "")))
        said = key.removeprefix(number).lstrip(":")
        money = "|".join(self.proof.printed.units_of_measure)
        mark = rf"(?:版本号?:?(?:{re.escape(version)})?)?(?:表样编号:?-?{plain(form_id)}(?:-[a-z]+\d+)?)?"
        return said in self.labels or bool(
            re.fullmatch(rf"{mark}|\(?(?:计量|金额)?单位:(?:{money})\)?", said)
        )

    def _left(self, text: str, said: tuple[str, ...]) -> str:
        """What is left of a line of fields without its labels, what they say, and dates that nobody filled in."""
        for part in sorted(said, key=len, reverse=True):
            text = text.replace(":" + part, ":\0", 1)
        pieces = re.split(r"[:\0]", text)
        pieces = [piece if piece else "" for piece in pieces]
        left = []
        for piece in pieces:
            bare = re.sub(r"\([^()]*\)$", "", piece)
            tail = next((f for f in sorted(self.fields, key=len, reverse=True) if bare.endswith(f)), "")
            rest = bare[: len(bare) - len(tail)] if tail else piece
            left.append("" if EMPTY.fullmatch(rest) else rest)
        return "".join(left)

    # issue: somebody is told, at the cell, its row, its column's header, or of a sheet that is no part of the form
    def _issue(self, place: Place, cell: Row) -> bool:
        sheet, address = place
        told = {(i["sheet"] or "", i["cell"] or "", i["code"]) for i in self.issues}
        is_told = any(s == sheet and c and (c == address or row_of(c) == row_of(address)) for s, c, _ in told)
        heads = [
            c
            for s, c, code in told
            if s == sheet and code in ("unknown_column", "missing_column", "unread_cell")
        ]
        is_headed = any(self._stands_over(sheet, head, address) for head in heads)
        first = next(iter(sorted((a for s, a in self.stored if s == sheet), key=order)))
        is_strange_sheet = (sheet, first, "unread_cell") in told and all(
            c["fate"] == "issue" for (s, _), c in self.stored.items() if s == sheet
        )
        return is_told or is_headed or is_strange_sheet or (not self.file["is_counted"] and bool(self.issues))

    def _stands_over(self, sheet: str, head: str, address: str) -> bool:
        span = self.stored.get((sheet, head), {}).get("merged_range")
        first, last = (number(column_of(part)) for part in (span.split(":") if span else (head, head)))
        return first <= number(column_of(address)) <= last

    # aside: the closed list
    def _aside(self, place: Place, cell: Row) -> bool:
        text, heads = cell["raw_text"], self._heads(place)
        row = self.by_row[place[0], row_of(place[1])]
        if EMPTY.fullmatch(plain(text)) or self.is_working_file or self.is_report:
            return True
        if self.is_ballots:
            of_service = {plain(t) for t in self.by_column[place[0], column_of(place[1])]} & SERVICE
            is_sum = plain(row[0]).startswith(("合计", "小计", "总计", "平均")) and SUMS.fullmatch(
                plain(text)
            )
            return bool(of_service or is_sum or plain(text) in NO_TICK or heads & self._repeated)
        is_counting = len(row) > 1 and all(COUNTER.fullmatch(plain(t)) for t in row)
        is_numbering = COUNTER.fullmatch(plain(text)) and heads & set(NUMBERING)
        is_nothing = NOTHING.fullmatch(plain(text)) and all(
            NOTHING.fullmatch(plain(t)) or COUNTER.fullmatch(plain(t)) for t in row
        )
        is_ignored = heads & self.ignored or self.ignored & {row_fold(t) for t in row}
        return bool(is_counting or is_numbering or is_nothing or is_ignored)

    @cached_property
    def _repeated(self) -> set[str]:
        """The questions that the header of ballots asks more than once."""
        is_asked = lambda texts: sum(row_fold(text) in self.labels for text in texts)  # noqa: E731
        header = max(self.by_row.values(), key=is_asked, default=[])
        return {text for text, n in Counter(map(row_fold, header)).items() if n > 1}

    # value: some row carries it, and says the same
    def _value(self, place: Place, cell: Row) -> bool:
        if self.is_report:
            return True  # _counted_text
        told = [
            h for h in self.proof.headers.get(self.file["file_id"], ()) if (h["sheet"], h["cell"]) == place
        ]
        if told:
            return self._left(plain(cell["raw_text"]), tuple(plain(h["text"]) for h in told)) == "" or any(
                plain(h["text"]) == plain(cell["raw_text"]) for h in told
            )
        target = cell["target"]
        if target is None:
            return self._value_without_row(place, cell)
        table, _, rest = target.partition("/")
        key, _, column = rest.rpartition("/")
        row = self.proof.rows(table).get(key)
        for name, code, instead in SET_BACK:
            if column == name and self._is_told(place, code):
                return row is not None and row[column] == instead
        if row is not None and cell["raw_type"] == "formula":
            return row[column] == self._sum(place[0], cell["raw_text"])
        return row is not None and agrees(
            self.proof, table, column, row, cell["raw_text"], self.received[place]
        )

    def _is_told(self, place: Place, code: str) -> bool:
        """Whether an issue of this code points at the cell's row."""
        return any(
            i["code"] == code and (i["sheet"], row_of(i["cell"])) == (place[0], row_of(place[1]))
            for i in self.issues
        )

    def _value_without_row(self, place: Place, cell: Row) -> bool:
        """A file that was replaced, or a row that is not complete, is told about; 性质 names the table of its row."""
        if not self.file["is_counted"]:
            return bool(self.issues) or any(
                s["file_id"] == self.file["file_id"] and not s["is_counted"]
                for s in rows_of(self.proof.frames["submissions"])
            )
        if self._issue(place, cell) or any(i["code"] == "duplicate_file" for i in self.issues):
            return True
        if self.file["form_id"] == "receipts":
            return self._is_receipt(place, cell)
        if self._heads(place) & {"性质", "类型", "类别"}:
            table = {"问题": "findings", "亮点": "highlights"}[cell["raw_text"].strip()]
            rows = self.proof.rows(table).values()
            return any(
                (r["file_id"], r["sheet"], row_of(r["cell"]))
                == (self.file["file_id"], place[0], row_of(place[1]))
                for r in rows
            )
        return False

    def _is_receipt(self, place: Place, cell: Row) -> bool:
        """Of a file that is no round of its own: when it came stands in ``files``."""
        names = {plain(text).replace("\\", "/") for text in self.by_row[place[0], row_of(place[1])]}
        named = [f for f in self.proof.files if any(name.endswith(plain(f["path"])) for name in names)]
        is_path = plain(cell["raw_text"]) in names and any(
            plain(cell["raw_text"]).endswith(plain(f["path"])) for f in named
        )
        return is_path or any(
            f["received_at"] is not None and is_moment(pd.Timestamp(f["received_at"]).to_pydatetime(), cell["raw_text"], self.received[place])
            for f in named
        )  # fmt: skip

    def _sum(self, sheet: str, formula: str) -> float | None:
        """What a formula that adds up a column comes to, by the texts of its cells."""
        found = re.search(r"SUM\(([A-Z]+)(\d+):\1(\d+)\)", formula)
        if found is None:
            return None
        cells = (
            self.texts.get((sheet, f"{found[1]}{row}"), "") for row in range(int(found[2]), int(found[3]) + 1)
        )
        return sum(float(text) for text in cells if re.fullmatch(r"[-\d.]+", text))

    def _counted_text(self) -> Iterator[str]:
        """Every line of a report's values lies in a run of lines that a part begins and whose characters it counts."""
        known = [place for place in self.received if place in self.texts]  # in the document's order
        lines = [(place, line) for place in known for line in self.texts[place].split("\n") if folded(line)]
        counted: set[Place] = set()
        for part in self.proof.frames["self_report_parts"].astype(object).to_dict("records"):
            if part["file_id"] != self.file["file_id"] or not part["is_present"]:
                continue
            starts = [i for i, (place, _) in enumerate(lines) if place == (part["sheet"], part["cell"])]
            found = [run_of(lines, start, part["heading"] or "", part["n_characters"]) for start in starts]
            if not any(found):
                yield f"part {part['part_id']}: no run of lines has {part['n_characters']} characters"
            counted |= {place for run in found for place, _ in run}
        for place, cell in self.stored.items():
            if cell["fate"] == "value" and place not in counted:
                yield f"{place}: {cell['raw_text'][:20]!r} is counted in no part"
            if cell["fate"] in ("label",):
                yield f"{place}: a report has no labels"


def run_of(lines: list[tuple[Place, str]], start: int, heading: str, n: int) -> list[tuple[Place, str]]:
    """The longest run from ``start`` whose characters come to ``n``; a heading (a short line) may count or not."""
    longest, first = [], folded(lines[start][1])
    totals = {len(first), len(first.removeprefix(heading).lstrip("。;:"))}
    for end in range(start, len(lines)):
        size = len(folded(lines[end][1])) if end > start else 0
        totals = {total + size for total in totals} | (totals if size <= LONGEST_HEAD else set())
        if n in totals:
            longest = lines[start : end + 1]
    return longest


def agrees(proof: Proof, table: str, column: str, row: Row, text: str, content: Content) -> bool:
    """Whether a row's value is what a cell says."""
    known = {c.name: c for c in schemas()[table].columns}.get(column)
    if known is None or column not in row:
        return False
    value, written = row[column], plain(text)
    if value is None:
        return _says_why(proof, row, written)
    if known.kind in ("float", "int", "count"):
        return bool(row.get("conversion")) or is_number(
            float(value), row.get("value_state"), written, content
        )
    if known.kind in ("date", "datetime"):
        return is_moment(pd.Timestamp(value).to_pydatetime(), text, content)
    if known.kind == "bool":
        return bool(value) == (written in TRUE)
    if table == "answers_by_ballot_question" and column == "option_id":
        return _is_answer(proof, row, written)
    if column == "file_id":
        [own] = [f["sha256"] for f in proof.files if f["file_id"] == value]
        return any(
            written.replace("\\", "/").endswith(plain(f["path"])) for f in proof.files if f["sha256"] == own
        )
    names = proof.names.get(str(value), set())
    if written in names or (column == "unit_id" and any(name in written for name in names if len(name) > 1)):
        return True
    return plain(str(value)) == written


def _says_why(proof: Proof, row: Row, written: str) -> bool:
    return row.get("value_state") == "not_applicable" and written in ("不适用", "不涉及", "n/a", "na")


def _is_answer(proof: Proof, row: Row, written: str) -> bool:
    if not row["option_id"]:
        is_said = row["text"] is not None and plain(row["text"]) == written
        return is_said or (row["answer_state"] != "chosen" and written in ("-3", "-2", "(跳过)", "(空)"))
    sheet = proof.printed.of["questionnaire"]
    known = next(q for q in sheet["questions"] if q["question_id"] == row["question_id"])
    codes = sheet.get("codes", {})
    kind = "rater_groups" if known.get("kind") == "group" else "scale"
    order_ = (
        codes.get(row["question_id"])
        or codes.get(kind)
        or [o.get("option_id", o.get("id")) for o in sheet[kind]]
    )
    number_ = str(order_.index(row["option_id"]) + 1) if row["option_id"] in order_ else ""
    said = re.sub(r"^[a-z][.,:]", "", written)
    return written in (number_, f"{number_}.0") or said in proof.names[row["option_id"]] or said in TRUE


def is_number(value: float, state: str | None, written: str, content: Content) -> bool:
    """A number, or a word for none; with a unit of measure behind it, or in words up to twenty."""
    if isinstance(content, int | float):
        return abs(float(content) - value) <= 1e-9 * max(1.0, abs(value))
    if NOTHING.fullmatch(written) or re.fullmatch("一{1,4}", written):
        return value == NO_NUMBER.get(state or "", 0)
    if written in DIGITS:
        return value == DIGITS[written]
    found = re.fullmatch(
        r"(\d+)小?时|(?:(\d+)分)?(\d+)秒|(\d\d):(\d\d):(\d\d)|[约共]?([-+]?[\d,]*\.?\d+)(%)?\D{0,4}", written
    )
    if found is None:
        return False
    hours, minutes, seconds, h, m, s, figure, share = found.groups()
    if figure is not None:
        return abs(float(figure.replace(",", "")) / (100 if share else 1) - value) < 1e-9
    return value == 3600 * int(hours or h or 0) + 60 * int(minutes or m or 0) + int(seconds or s or 0)


def is_moment(value: dt.datetime, text: str, content: Content) -> bool:
    """The same day (and time, where it is kept); a date without year is of the cycle."""
    if isinstance(content, dt.datetime):
        return value in (content, content.replace(hour=0, minute=0, second=0, microsecond=0))
    wide = unicodedata.normalize("NFKC", text)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", wide):
        return value.date() == (dt.datetime(1899, 12, 30) + dt.timedelta(days=float(wide))).date()
    digits = list(map(int, re.findall(r"\d+", wide)))
    if re.fullmatch(r"\d{8}", wide):
        digits = [int(wide[:4]), int(wide[4:6]), int(wide[6:])]
    said = [value.year, value.month, value.day, value.hour, value.minute, value.second]
    said = said if digits and digits[0] > 31 else said[1:]
    return digits[: len(said)] == said[: len(digits)] or (digits[:3] == said[:3] and not any(said[3:]))


def folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("\u200b", "").replace("\ufeff", "")


def rows_of(frame: pd.DataFrame) -> list[Row]:
    columns = [[None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame]
    return [dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def by_file(frame: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows_of(frame):
        found.setdefault(row["file_id"], []).append(row)
    return found


def row_of(address: str | None) -> str:
    """``7`` of ``B7``, ``t1r3`` of ``t1r3c2``, ``p4`` of ``p4``."""
    word = re.fullmatch(r"(t\d+r\d+)c\d+|(p\d+)", address or "")
    return (word[1] or word[2]) if word else re.sub(r"[A-Z]+", "", address or "")


def column_of(address: str) -> str:
    """``B`` of ``B7``, ``t1c2`` of ``t1r3c2``, ``p4`` of ``p4``."""
    word = re.fullmatch(r"(t\d+)r\d+(c\d+)|(p\d+)", address)
    return (word[3] or f"{word[1]}{word[2]}") if word else re.sub(r"\d+", "", address)


def number(column: str) -> int:
    """A column's number, also in Word."""
    if column.isalpha():
        return sum(26**i * (ord(c) - 64) for i, c in enumerate(reversed(column)))
    return int(re.findall(r"\d+", column)[-1])


def order(address: str) -> tuple[int, ...]:
    word = re.findall(r"\d+", address)
    return (int(word[0]), number(column_of(address))) if address[0].isupper() else tuple(map(int, word))


def _collect(node: Any, found: dict[str, set[str]]) -> None:
    """Ids and names out of YAML: of mappings with an id and a label, and of mappings from id to label."""
    if isinstance(node, list):
        for child in node:
            _collect(child, found)
    if not isinstance(node, dict):
        return
    ids = [node[key] for key in node if (key == "id" or key.endswith("_id")) and isinstance(node[key], str)]
    names = [node.get("label"), node.get("name"), *(node.get("aliases") or ())]
    for id_ in ids:
        found.setdefault(id_, {plain(id_)}).update(plain(name) for name in names if isinstance(name, str))
    for key, child in node.items():
        if isinstance(child, str) and key.isidentifier():
            found.setdefault(key, {plain(key)}).add(plain(child))
        _collect(child, found)
