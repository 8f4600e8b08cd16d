"""A full round: blank forms out, filled with planted faults, return lists, corrected files back, all through commands."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from docx import Document

from lianzheng import cli
from lianzheng.config import CycleConfig, load_config
from lianzheng.demo.bureau import Bureau, draw_bureau
from lianzheng.demo.files import STEPS
from lianzheng.tables import Tables
from tests.filled import FilledBook, FilledDocument, Key

N_UNITS, SEED = 5, 7
COPY, LISTED = "标注", "退回补正单.xlsx"
Place = tuple[str, str, str, str]  # code, path, sheet, cell
STANDARD, STATISTICS, REPORT = "standard", "statistics", "self_report"
FOLDERS = {"U001": "新埠设施养护管理所", "U002": "下渡设施养护管理所", "U003": "上湾技术培训学校", "U004": "东河勘测设计有限公司", "U005": "远山物业服务有限公司"}  # fmt: skip
FINDINGS = "teams/第1检查组/党风廉政建设责任制检查发现问题和亮点清单.xlsx"


def points(row_id: str) -> Key:
    return "self_scores", row_id, "points"


def workload(row_id: str) -> Key:
    return "workload", row_id, "amount"


# What a person writes wrongly, into which cell of which paper, and the code that it must give.
PLANTED: dict[tuple[str, str], list[tuple[Key, Any, str]]] = {
    ("U001", STANDARD): [
        (("header", "filled_on", ""), "十一月下旬", "not_a_date"),
        (points("S101"), 9, "above_maximum"),
        (points("S104"), None, "missing_value"),
    ],
    ("U001", STATISTICS): [
        (workload("n_special_meetings"), "若干", "not_a_number"),
        (workload("n_letters_signed"), 9999, "letters_above_due"),
    ],
    ("U002", STATISTICS): [
        (("problems", "total", "n_problems"), 77, "sum_mismatch"),
        (workload("n_group_talks"), -3, "negative_value"),
    ],
    ("U003", STATISTICS): [
        (workload("n_rules"), 2.5, "not_an_integer"),
        (workload("n_letters_due"), "x 份", "placeholder_left"),
    ],
}  # fmt: skip
IN_WORD = [("U002", STANDARD), ("U002", STATISTICS)]
NAMES = {
    ("U003", STATISTICS): "统计（最终版）.xlsx",
    ("U004", STANDARD): "自评.xlsx",
}  # saved under names of their own
NOT_SENT = ("U005", STANDARD)


@dataclass
class Snapshot:
    """What stands after an intake and the return lists: tables, the units' folders, the lines of status."""

    frames: dict[str, pd.DataFrame]
    returns: dict[str, dict[str, bytes]]
    codes: dict[str, int]
    status: tuple[int, str]

    def issues(self) -> set[Place]:
        """Code, path, sheet and cell of every issue."""
        paths = self.frames["files"].set_index("file_id")["path"]
        rows = self.frames["issues"].fillna("").to_dict("records")
        return {(r["code"], paths.get(r["file_id"], ""), r["sheet"], r["cell"]) for r in rows}

    def rounds(self, unit_id: str, form_id: str) -> list[dict[str, Any]]:
        """The rounds of a paper, as the ledger has them."""
        rows = self.frames["submissions"]
        rows = rows[(rows["unit_id"] == unit_id) & (rows["form_id"] == form_id)].sort_values("round")
        return rows.astype(object).where(rows.notna(), None).to_dict("records")

    def status_of(self, short_name: str, paper: str) -> str:
        """The line of status about a paper."""
        lines = self.status[1].split("\n\n")[0].splitlines()
        return next(line for line in lines if line.startswith(short_name) and paper in line)


@dataclass
class Office:
    """The office and its units: a project folder, the hands that filled the forms, the receipts."""

    folder: Path
    config: CycleConfig
    bureau: Bureau
    hands: dict[tuple[str, str], FilledBook | FilledDocument] = field(default_factory=dict)
    sent: dict[tuple[str, str], list[tuple[str, bytes]]] = field(default_factory=dict)
    planted: dict[tuple[str, str], list[Place]] = field(default_factory=dict)

    def command(self, *words: str) -> tuple[int, str]:
        """Exit code and output of a command."""
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = cli.main(["--project", str(self.folder), *words])
        return code, told.getvalue()

    @property
    def raw(self) -> Path:
        return self.folder / "data/raw/2018"

    def blank(self, unit_id: str, form_id: str, ending: str) -> bytes:
        """The blank form that went out to a unit."""
        number = self.config.forms[form_id].number
        (found,) = self.folder.glob(f"reports/2018/forms/units/{unit_id}_*/{number}_*.{ending}")
        return found.read_bytes()

    def matrix(self, unit_id: str, form_id: str) -> dict[Key, Any]:
        """What the unit means to say."""
        return self.bureau.matrices[form_id, unit_id, "self" if form_id == STANDARD else ""]

    def send(
        self, paper: tuple[str, str], name: str, data: bytes, day: int, month: int, has_copy: bool = True
    ) -> str:
        """Put a file where the office puts what it received, and register it."""
        path = f"units/{FOLDERS[paper[0]]}/{name}"
        (self.raw / path).write_bytes(data)
        self.sent.setdefault(paper, []).append((path, data))
        self.register(
            paper[0], path, f"2018-{month}-{day} 09:30", f"2018-{month}-{day} 16:00" if has_copy else ""
        )
        return path

    def register(self, unit_id: str, path: str, received: str, on_paper: str) -> None:
        """Add a line to office/receipts.csv."""
        signed = ["是", self.config.unit(unit_id).head, "是"] if on_paper else ["", "", ""]
        with (self.raw / "office/receipts.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([path, received, on_paper, *signed])

    def look(self) -> Snapshot:
        """Intake, return lists and status, as the office runs them."""
        codes = {name: self.command(name, "2018")[0] for name in ("intake", "returns")}
        tables = Tables(self.folder / "data/processed/2018")
        names = "issues files submissions scores_by_unit_item_scorer statistics_by_unit_category_measure self_report_parts"
        root = self.folder / "reports/2018/returns"
        returns = {
            folder.name: {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            for folder in (root.iterdir() if root.is_dir() else ())
        }  # fmt: skip
        frames = {name: tables[name].copy() for name in names.split()}
        return Snapshot(frames, returns, codes, self.command("status", "2018"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A bureau of five units, whose forms lie filled and unsent; the rest is as the demo writes it."""
    folder = tmp_path_factory.mktemp("round")
    words = [
        "--project",
        str(folder),
        "demo",
        str(folder),
        "--units",
        str(N_UNITS),
        "--seed",
        str(SEED),
        "--clean",
    ]
    assert cli.main(words) == 0
    config = load_config(2018, folder)
    bureau = draw_bureau(config, SEED)
    for step in STEPS:
        step(bureau)
    made = Office(folder, config, bureau)
    assert {unit.unit_id: unit.name for unit in config.units} == FOLDERS
    assert made.command("forms", "2018")[0] == 0
    lines = (made.raw / "office/receipts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (made.raw / "office/receipts.csv").write_text(
        "".join(line for line in lines if "附件" not in line), encoding="utf-8"
    )
    for path in made.raw.glob("units/*/附件?.*"):
        path.unlink()
    return made


def fill(office: Office, unit_id: str, form_id: str) -> None:
    """A person fills the blank form, and writes some of it wrongly."""
    paper = unit_id, form_id
    ending = "docx" if paper in IN_WORD else "xlsx"
    form, head = office.config.forms[form_id], office.config.unit(unit_id).head
    blank = office.blank(unit_id, form_id, ending)
    hand = (FilledDocument if ending == "docx" else FilledBook)(form, blank)
    hand.header(filled_by=head, reviewed_by=head, filled_on="2018年11月20日")
    hand.fill(office.matrix(unit_id, form_id))
    office.hands[paper] = hand
    name = NAMES.get(paper, f"{form.number}.{ending}")
    path = f"units/{FOLDERS[unit_id]}/{name}"
    for key, value, code in PLANTED.get(paper, []):
        cell = hand.type_at(key, value)
        office.planted.setdefault(paper, []).append((code, path, hand.sheet_of(key), cell))
    if paper != NOT_SENT:
        office.send(paper, name, hand.saved(), 20, 11)


def without_plans(data: bytes) -> bytes:
    """A self-report whose last part was forgotten."""
    document = Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    first = max(i for i, text in enumerate(texts) if text[1:2] == "、")
    last = next(i for i, text in enumerate(texts) if "负责人（签字）" in text)
    for paragraph in document.paragraphs[first:last]:
        paragraph._p.getparent().remove(paragraph._p)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def meant(office: Office, paper: tuple[str, str], key: Key) -> Any:
    """What should have stood there."""
    return "2018年11月20日" if key[0] == "header" else office.matrix(*paper)[key]


def correct_marked(office: Office, paper: tuple[str, str], returns: dict[str, bytes]) -> None:
    """The person types into the coloured cells of the marked copy, and sends that."""
    number, hand = office.config.forms[paper[1]].number, office.hands[paper]
    book = openpyxl.load_workbook(io.BytesIO(returns[f"{number}（标注）.xlsx"]))
    for key, _, _ in PLANTED[paper]:
        book[hand.sheet_of(key)][hand.cells[key]] = meant(office, paper, key)
    buffer = io.BytesIO()
    book.save(buffer)
    office.send(paper, f"{number}（更正）.xlsx", buffer.getvalue(), 8, 12)


def correct_original(
    office: Office, paper: tuple[str, str], name: str, keys: list[Key], day: int, has_copy: bool = True
) -> str:
    """The person corrects the file on the own machine, and sends it again."""
    for key in keys:
        office.hands[paper].type_at(key, meant(office, paper, key))
    return office.send(paper, name, office.hands[paper].saved(), day, 12, has_copy)


@pytest.fixture(scope="module")
def rounds(office: Office) -> list[Snapshot]:
    """What stands after each of three days on which files came: 20 November, 8 and 12 December."""
    for unit_id in FOLDERS:
        for form_id in (STANDARD, STATISTICS):
            fill(office, unit_id, form_id)
    report, team = office.raw / f"units/{FOLDERS['U003']}/自查报告.docx", office.raw / FINDINGS
    whole, right = report.read_bytes(), team.read_bytes()
    report.write_bytes(without_plans(whole))
    office.sent["U003", REPORT] = [(f"units/{FOLDERS['U003']}/自查报告.docx", report.read_bytes())]
    book = openpyxl.load_workbook(team)
    book.worksheets[0]["D6"] = "比较严重"
    book.save(team)
    days = [office.look()]

    team.write_bytes(right)
    for form_id in (STANDARD, STATISTICS):
        correct_marked(office, ("U001", form_id), days[0].returns["U001"])
    both = [key for key, _, _ in PLANTED["U002", STATISTICS]]
    without_copy = correct_original(office, ("U002", STATISTICS), "附件2第二次.docx", both, 8, has_copy=False)
    first, second = (key for key, _, _ in PLANTED["U003", STATISTICS])
    correct_original(office, ("U003", STATISTICS), "统计（最终版2）.xlsx", [first], 8)
    office.send(("U003", REPORT), "自查报告（补）.docx", whole, 8, 12)
    office.send(NOT_SENT, "附件1.xlsx", office.hands[NOT_SENT].saved(), 8, 12)
    days.append(office.look())

    correct_original(office, ("U003", STATISTICS), "统计（最终版3）.xlsx", [second], 12)
    office.register("U002", without_copy, "", "2018-12-12 10:00")
    days.append(office.look())
    return days


def path_of(unit_id: str, name: str) -> str:
    return f"units/{FOLDERS[unit_id]}/{name}"


def notes(office: Office, day: int) -> set[Place]:
    """The notes that the filled forms must give: returns without any problem, versions that were replaced, late ones."""
    found: set[Place] = set()
    for unit_id in FOLDERS:
        hand = office.hands[unit_id, STATISTICS]
        problems = [v for (table, row, _), v in office.matrix(unit_id, STATISTICS).items() if (table, row != "total") == ("problems", True)]  # fmt: skip
        if not any(problems):
            sheet = "正文" if isinstance(hand, FilledDocument) else "附件2"
            first = hand.form.tables[0].rows[0].row_id
            path = office.sent[unit_id, STATISTICS][min(day, len(office.sent[unit_id, STATISTICS]) - 1)][0]
            found.add(("all_zero_return", path, sheet, hand.cells["problems", first, "n_problems"]))
    for paper in [*PLANTED, ("U003", REPORT)]:
        replaced = office.sent[paper][:-1][:day]
        found |= {("superseded_version", path, "", "") for path, _ in replaced}
    if day:
        found.add(("late_file", path_of("U005", "附件1.xlsx"), "", ""))
    return found


def faults(office: Office, day: int) -> dict[str, set[Place]]:
    """What each unit has to correct or to look at after a day's files came."""
    if day == 0:
        by_unit = {unit_id: {p for paper, its in office.planted.items() if paper[0] == unit_id for p in its} for unit_id in FOLDERS}  # fmt: skip
        by_unit["U003"].add(("missing_part", path_of("U003", "自查报告.docx"), "", ""))
        by_unit["U005"].add(("missing_form", "", "", ""))
        return {unit_id: places for unit_id, places in by_unit.items() if places}
    if day == 1:
        code, _, sheet, cell = office.planted["U003", STATISTICS][1]
        return {
            "U002": {("paper_of_other_version", path_of("U002", "附件2第二次.docx"), "", "")},
            "U003": {(code, path_of("U003", "统计（最终版2）.xlsx"), sheet, cell)},
        }
    return {}


@pytest.mark.parametrize("day", [0, 1, 2])
def test_the_issues_are_the_planted_faults_no_more_and_no_fewer(
    office: Office, rounds: list[Snapshot], day: int
) -> None:
    expected = set().union(*faults(office, day).values(), notes(office, day))
    expected |= {("not_a_choice", FINDINGS, "一、发现问题", "D6")} if day == 0 else set()
    found = rounds[day].issues()
    assert sorted(found - expected) == []
    assert sorted(expected - found) == []


@pytest.mark.usefixtures("rounds")
def test_the_faults_of_the_first_day_are_of_many_kinds(office: Office) -> None:
    codes = {code for places in faults(office, 0).values() for code, *_ in places}
    assert len(codes) == 11 and sum(map(len, faults(office, 0).values())) == 11


def listed(data: bytes) -> set[tuple[str, ...]]:
    """File, sheet and cell of each line of a return list."""
    rows = [
        row for page in openpyxl.load_workbook(io.BytesIO(data)) for row in page.iter_rows(values_only=True)
    ]
    head = next(i for i, row in enumerate(rows) if "单元格" in row)
    columns = [rows[head].index(label) for label in ("文件", "工作表", "单元格")]
    return {
        tuple(str(row[column]) for column in columns) for row in rows[head + 1 :] if isinstance(row[0], int)
    }


def told(place: Place) -> tuple[str, str, str]:
    """How a return list says where something stands."""
    _, path, sheet, cell = place
    word = re.fullmatch(r"t(\d+)r(\d+)c(\d+)", cell)
    shown = "第{}个表第{}行第{}列".format(*word.groups()) if word else cell
    return path.rpartition("/")[2] or "—", sheet or "—", shown or "—"


@pytest.mark.parametrize("day", [0, 1, 2])
def test_each_unit_gets_its_own_faults_and_nobody_else_a_folder(
    office: Office, rounds: list[Snapshot], day: int
) -> None:
    expected = faults(office, day)
    assert rounds[day].returns.keys() == expected.keys()
    assert rounds[day].codes["returns"] == (3 if expected else 0)
    for unit_id, places in expected.items():
        assert listed(rounds[day].returns[unit_id][LISTED]) == {told(place) for place in places}


def test_the_notice_names_the_papers_that_go_back_and_no_other(
    office: Office, rounds: list[Snapshot]
) -> None:
    papers = {"U001": {"附件1", "附件2"}, "U002": {"附件2"}, "U003": {"附件2", "自查报告"}, "U005": {"附件1"}}
    for unit_id, named in papers.items():
        files = rounds[0].returns[unit_id]
        text = "\n".join(p.text for p in Document(io.BytesIO(files["补正通知.docx"])).paragraphs)
        numbered = "\n".join(line for line in text.splitlines() if re.match(r"[（(]?\d", line))
        assert {name for name in ("附件1", "附件2", "自查报告") if name in numbered} == named
        assert office.config.unit(unit_id).name in text
        assert not any(unit.name in text for unit in office.config.units if unit.unit_id != unit_id)
        assert files["补正通知.pdf"].startswith(b"%PDF")


@pytest.mark.parametrize("day", [0, 1])
def test_the_original_goes_back_as_it_came(office: Office, rounds: list[Snapshot], day: int) -> None:
    came = {path: data for versions in office.sent.values() for path, data in versions}
    for unit_id, places in faults(office, day).items():
        files = rounds[day].returns[unit_id]
        enclosed = {name.partition("/")[2]: data for name, data in files.items() if name.startswith("原件/")}
        assert enclosed == {path.rpartition("/")[2]: came[path] for _, path, _, _ in places if path}


def colour(cell: Any) -> tuple[str, Any]:
    """What fills a cell."""
    return cell.fill.patternType, cell.fill.fgColor.rgb


@pytest.mark.parametrize("day", [0, 1])
def test_the_marked_copy_colours_and_comments_exactly_the_faulty_cells(
    office: Office, rounds: list[Snapshot], day: int
) -> None:
    n_marked = 0
    for unit_id, places in faults(office, day).items():
        files = rounds[day].returns[unit_id]
        by_name: dict[str, set[str]] = {}
        for _, path, _, cell in places:
            if cell and path.endswith(".xlsx"):
                by_name.setdefault(path.rpartition("/")[2].removesuffix(".xlsx"), set()).add(cell)
        assert {name for name in files if COPY in name and name.endswith(".xlsx")} == {
            f"{n}（标注）.xlsx" for n in by_name
        }
        for name, cells in by_name.items():
            before = openpyxl.load_workbook(io.BytesIO(files[f"原件/{name}.xlsx"]))
            after = openpyxl.load_workbook(io.BytesIO(files[f"{name}（标注）.xlsx"]))
            pairs = [
                (old, after[page.title][old.coordinate])
                for page in before
                for row in page.iter_rows()
                for old in row
            ]
            assert {new.coordinate for old, new in pairs if colour(old) != colour(new)} == cells
            assert {new.coordinate for _, new in pairs if new.comment} == cells
            assert [old.value for old, _ in pairs] == [new.value for _, new in pairs]
            n_marked += len(cells)
    assert n_marked == (7, 1)[day]


def test_a_word_file_goes_back_with_pictures(rounds: list[Snapshot]) -> None:
    pictures = [data for name, data in rounds[0].returns["U002"].items() if name.endswith(".png")]
    assert pictures and all(picture.startswith(b"\x89PNG") for picture in pictures)


# Per round: state, number of things that go back, whether it counts, why.
GOOD = ("accepted", 0, True, "only_version")
CAME_BACK = ("accepted", 0, True, "latest_acceptable")
LEDGER: dict[tuple[str, str], tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    ("U001", STANDARD): ([("returned", 3, True, "provisional")], [("returned", 3, False, "corrected"), CAME_BACK]),
    ("U001", STATISTICS): ([("returned", 1, True, "provisional")], [("returned", 1, False, "corrected"), CAME_BACK]),
    ("U002", STANDARD): ([GOOD], [GOOD]),
    ("U002", STATISTICS): ([("returned", 2, True, "provisional")], [("returned", 2, False, "corrected"), CAME_BACK]),
    ("U003", STANDARD): ([GOOD], [GOOD]),
    ("U003", STATISTICS): (
        [("returned", 2, True, "provisional")],
        [("returned", 2, False, "corrected"), ("returned", 1, False, "corrected"), CAME_BACK],
    ),
    ("U003", REPORT): ([("returned", 1, True, "provisional")], [("returned", 1, False, "corrected"), CAME_BACK]),
    ("U004", STANDARD): ([GOOD], [GOOD]),
    ("U004", STATISTICS): ([GOOD], [GOOD]),
    ("U005", STANDARD): ([("missing", 0, False, "nothing_received")], [GOOD]),
    ("U005", STATISTICS): ([GOOD], [GOOD]),
}  # fmt: skip


@pytest.mark.parametrize("day", [0, 2])
def test_the_ledger_shows_every_round(office: Office, rounds: list[Snapshot], day: int) -> None:
    for paper, expected in LEDGER.items():
        found = rounds[day].rounds(*paper)
        told = [(row["state"], row["n_return_issues"], row["is_counted"], row["reason"]) for row in found]
        assert told == expected[day > 0], paper
        came = [hashlib.sha256(data).hexdigest() for _, data in office.sent[paper]]
        assert [row["sha256"] for row in found if row["state"] != "missing"] == [
            sha256 for sha256, row in zip(came, found, strict=False) if row["state"] != "missing"
        ], paper
    late = rounds[2].frames["submissions"]
    assert set(late.loc[late["is_late"].eq(True), "unit_id"]) == {"U005"}  # who corrects was in time


def test_a_second_return_is_provisional_until_the_third_version_comes(rounds: list[Snapshot]) -> None:
    found = [
        (r["state"], r["n_return_issues"], r["is_counted"], r["reason"])
        for r in rounds[1].rounds("U003", STATISTICS)
    ]
    assert found == [("returned", 2, False, "replaced"), ("returned", 1, True, "provisional")]


def test_every_value_is_what_was_meant(office: Office, rounds: list[Snapshot]) -> None:
    last = rounds[2].frames
    scores = last["scores_by_unit_item_scorer"]
    own = scores[scores["scorer"] == "self"].set_index(["unit_id", "item_id"])["points"]
    points = {
        (row["unit_id"], row["item_id"]): row["points"]
        for row in office.bureau.tables["scores_by_unit_item_scorer"] if row["scorer"] == "self"
    }  # fmt: skip
    assert same(own.to_dict(), points) == [] and len(points) > 150
    frame = last["statistics_by_unit_category_measure"]
    names = ["unit_id", "period", "category_id", "measure_id"]
    read = frame[frame["period"] != "last_return"].set_index(names)["value"].to_dict()
    values = {
        tuple(row[name] for name in names): row["value"]
        for row in office.bureau.tables["statistics_by_unit_category_measure"] if row["period"] != "last_return"
    }  # fmt: skip
    assert same(read, values) == [] and len(values) > 600
    parts = last["self_report_parts"]
    assert parts["is_present"].equals(parts["is_required"]) and len(parts) == 4 * N_UNITS


def same(read: Mapping[Any, Any], true: Mapping[Any, Any]) -> list[Any]:
    """The keys whose numbers differ."""

    def number(value: Any) -> float | None:
        return None if value is None or pd.isna(value) else round(float(value), 9)

    return [
        (key, read.get(key), true.get(key)) for key in {**read, **true}
        if key not in read or key not in true or number(read[key]) != number(true[key])
    ]  # fmt: skip


def test_status_says_who_is_to_be_reminded(office: Office, rounds: list[Snapshot]) -> None:
    short = {unit.unit_id: unit.short_name for unit in office.config.units}
    assert [snapshot.status[0] for snapshot in rounds] == [3, 3, 0]
    assert "应报 15 份：通过 9，退回 5，未报 1" in rounds[0].status[1]
    assert "退回3处" in rounds[0].status_of(short["U001"], "附件1") and "未报" in rounds[0].status_of(
        short["U005"], "附件1"
    )
    assert reminders(rounds[0]) == {
        (short["U001"], "退回未补正", "第1版退回，3处须补正"), (short["U001"], "退回未补正", "第1版退回，1处须补正"),
        (short["U002"], "退回未补正", "第1版退回，2处须补正"), (short["U003"], "退回未补正", "第1版退回，1处须补正"),
        (short["U003"], "退回未补正", "第1版退回，2处须补正"), (short["U005"], "未报", "截止2018年12月1日，已逾期27天"),
    }  # fmt: skip
    assert {(name, kind) for name, kind, _ in reminders(rounds[1])} == {
        (short["U002"], "纸质件待核实"), (short["U003"], "退回未补正"),
    }  # fmt: skip
    assert "第2版退回，1处须补正" in rounds[1].status[1]
    assert "应报 15 份：通过 15，退回 0，未报 0" in rounds[2].status[1] and "无需催报" in rounds[2].status[1]
    for unit_id, form_id in LEDGER:
        paper = {STANDARD: "附件1", STATISTICS: "附件2", REPORT: "自查报告"}[form_id]
        assert "通过" in rounds[2].status_of(short[unit_id], paper)
    assert re.search(r"\s3(\s|$)", rounds[2].status_of(short["U003"], "附件2"))  # the version that counts


def reminders(snapshot: Snapshot) -> set[tuple[str, str, str]]:
    """Unit, kind and words of each line below the head of the list of reminders."""
    lines = snapshot.status[1].split("催报名单")[-1].splitlines()[1:]
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines if line.strip()]
    return {(row[0], row[2], row[3]) for row in cells}
