"""A million ballots in 400 files, from bytes to scores, against reading them with pandas: `python -m benchmarks.run ballots`.

Every unit has two exports as 问卷星 writes them, one .xlsx and one .csv, of 2,500 ballots each. What they come to is
known from writing them, and held against the tallies that `lianzheng intake` stores. Seconds of the clock and of the
processor are those of whole processes with all that they start; memory is that of the largest single process.
`python -m benchmarks.ballots FOLDER N_UNITS` writes such a project and no more.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

import pyarrow.parquet as pq

from benchmarks.measure import LIANZHENG, Cost, cost
from lianzheng.config import CycleConfig, list_cycles, load_config
from lianzheng.config.models import Question
from lianzheng.demo import make_project
from lianzheng.forms.addresses import sheet_address
from lianzheng.zips import write_zip

N_UNITS, N_BALLOTS, N_VOID, N_TWICE = 200, 2_500, 7, 3
"""Units; ballots in a file; how many of them leave more than half blank; how many were sent twice."""
_SEED, _BLANK, _COMMENTS = 2018, 0.01, ("", "", "", "", "", "希望多公开", "班子作风务实", "建议加强学习")
_META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")
_TALLIES, _QUESTIONS = "tallies_by_unit_question_option", "questionnaire_by_unit_question"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_KIND}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATED}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}  # fmt: skip
ANALYST = """
import json, pathlib, sys, pandas
folder, rules = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
frames = []
for path in sorted(folder.glob("*.*")):
    reads = pandas.read_csv if path.suffix == ".csv" else pandas.read_excel
    frame = reads(path) if path.suffix == ".csv" else reads(path, engine="openpyxl")
    frame.columns = [name.partition("、")[2].strip() or name for name in frame.columns]
    frames.append(frame[rules["questions"]].assign(unit=path.stem.partition("测评")[0]))
ballots = pandas.concat(frames)
answers = ballots.melt(id_vars="unit", var_name="question", value_name="answer").dropna()
votes = answers.groupby(["unit", "question", "answer"]).size().rename("n").reset_index()
votes["share"] = votes["n"] / votes.groupby(["unit", "question"])["n"].transform("sum")
votes["worth"] = votes["answer"].map(rules["points"])
votes = votes.dropna(subset="worth")
votes["points"] = votes["worth"] * votes["n"]
sums = votes.groupby(["unit", "question"])[["points", "n"]].sum()
score = (sums["points"] / sums["n"]).groupby(level="unit").mean()
print(len(ballots), len(score), round(float(score.mean()), 6))
"""
Row = tuple[object, ...]


def write_ballots(folder: Path, n_units: int = N_UNITS) -> Counter[tuple[str, str]]:
    """Write a project of two exports a unit; the votes of valid ballots by question and option. Equal every time."""
    make_project(folder, n_units, _SEED)
    config = load_config(max(list_cycles(folder)), folder)
    raw, votes = config.data_raw / "questionnaires", Counter[tuple[str, str]]()
    raw.mkdir(parents=True)
    for unit in config.units:
        for number, (ending, written) in enumerate(((".xlsx", _as_xlsx), (".csv", _as_csv)), start=1):
            rows = list(_rows(config, Random(f"{_SEED}/{unit.unit_id}/{number}"), number, votes))
            (raw / f"{unit.short_name}测评{number}{ending}").write_bytes(written(rows))
    return votes


def _rows(config: CycleConfig, rng: Random, number: int, votes: Counter[tuple[str, str]]) -> Iterator[Row]:
    """Header and ballots of one export; the first ballots leave most blank, the last ones are earlier ones again."""
    rules = config.questionnaire
    assert rules is not None
    yield (*_META, *(f"{i}、{question.label}" for i, question in enumerate(rules.questions, start=1)))
    options, weak = {option.label: option.option_id for option in rules.scale}, rng.uniform(0.5, 3)
    weights = [8, 4 * weak, weak, weak / 4, 0.4][: len(options)]
    group = rules.rater_groups[number % len(rules.rater_groups)].label
    start, sent = dt.datetime(2018, 11, 5, 9), list[Row]()
    for n in range(1, N_BALLOTS - N_TWICE + 1):
        drawn = rng.choices(list(options), weights, k=len(rules.questions))
        is_void, n_rated, answers = n <= N_VOID, 0, list[str]()
        for question, option in zip(rules.questions, drawn, strict=True):
            n_rated += question in rules.rated
            is_blank = rng.random() < _BLANK or (is_void and n_rated > 3)
            answers.append(_answer(question, group, rng, "" if is_blank else option))
            if question in rules.rated and answers[-1] and not is_void:
                votes[question.question_id, options[answers[-1]]] += 1
        moment = start + dt.timedelta(seconds=n * 7 + rng.randrange(7))
        told = f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}"
        ip = f"10.{number}.{n // 250}.{n % 250}"
        sent.append((n, told, f"{rng.randint(45, 400)}秒", "微信", "N/A", ip, *answers))
    yield from sent
    yield from sent[-N_TWICE:]


def _answer(question: Question, group: str, rng: Random, option: str) -> str:
    if question.kind == "group":
        return group
    return rng.choice(_COMMENTS) if question.kind == "comment" else option


def _as_csv(rows: Sequence[Row]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _as_xlsx(rows: Sequence[Row]) -> bytes:
    """A workbook with a table of its texts, as services and spreadsheet programs write it."""
    texts, lines = dict[str, int](), list[str]()
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, value in enumerate(row, start=1):
            place = sheet_address(number, column)
            if isinstance(value, str) and value:
                cells.append(f'<c r="{place}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>')
            elif value:
                cells.append(f'<c r="{place}"><v>{value}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    shared = f'<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    parts = {**_WORKBOOK, "xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared}
    heading = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return write_zip({name: (heading + part).encode() for name, part in parts.items()})


def cost_of_ours(project: Path) -> tuple[Cost, Cost]:
    """`lianzheng intake` with two workers, and `lianzheng score`."""
    return cost((*LIANZHENG, "intake", "--workers", "2"), project), cost((*LIANZHENG, "score"), project)


def cost_of_theirs(project: Path) -> Cost:
    """What an analyst would do."""
    config = load_config(max(list_cycles(project)), project)
    rules = config.questionnaire
    assert rules is not None
    points = {o.label: o.coefficient for o in rules.scale if o.coefficient is not None}
    told = json.dumps({"questions": [question.label for question in rules.rated], "points": points})
    return cost((sys.executable, "-c", ANALYST, str(config.data_raw / "questionnaires"), told), project)


def check_votes(project: Path, expected: Counter[tuple[str, str]]) -> int:
    """The ballots counted of all that were sent; ends the benchmark where a single vote is not where it belongs."""
    folder = load_config(max(list_cycles(project)), project).data_processed
    names = ["question_id", "option_id", "n_votes"]
    found = Counter[tuple[str, str]]()
    for row in pq.read_table(folder / f"{_TALLIES}.parquet", columns=names).to_pylist():
        found[row["question_id"], row["option_id"]] += row["n_votes"]
    is_valid = pq.read_table(folder / "ballots.parquet", columns=["is_valid"]).column(0)
    n_files = 2 * len(load_config(max(list_cycles(project)), project).units)
    n_valid = sum(is_valid.to_pylist())
    if +found != +expected or len(is_valid) != n_files * N_BALLOTS:
        sys.exit(
            f"votes differ: {len(is_valid)} ballots, {found - expected} too many, {expected - found} lost"
        )
    if n_valid != n_files * (N_BALLOTS - N_VOID - N_TWICE):
        sys.exit(f"{n_valid} valid ballots")
    return n_valid


def measure_ballots(
    n_units: int = N_UNITS, n_runs: int = 3
) -> tuple[list[tuple[Cost, Cost]], list[Cost], list[float]]:
    """What intake and score of the ballots took, what pandas took, and the largest process by the number of files, in MB."""
    peaks = []
    with tempfile.TemporaryDirectory() as name:
        for part in (n_units // 4, n_units // 2):
            project = Path(name, str(part))
            expected = write_ballots(project, part)
            peaks.append(max(cost.peak_mb for cost in cost_of_ours(project)))
            check_votes(project, expected)
        project = Path(name, str(n_units))
        expected = write_ballots(project, n_units)
        ours, theirs = [], []
        for _ in range(n_runs):
            ours.append(cost_of_ours(project))
            theirs.append(cost_of_theirs(project))
        check_votes(project, expected)
    return ours, theirs, [*peaks, max(cost.peak_mb for pair in ours for cost in pair)]


if __name__ == "__main__":
    write_ballots(Path(sys.argv[1]), int(sys.argv[2]))
