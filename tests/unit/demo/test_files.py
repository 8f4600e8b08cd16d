"""The files of the sample bureau: how many of what, the same bytes each time, never over somebody's own."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
import xlrd

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import make_project, write_demo
from lianzheng.demo.files import MARKER, Sample
from lianzheng.demo.xls import as_xls
from lianzheng.errors import InputError
from tests.unit.forms.test_layout import FILLED

REPOSITORY = Path(__file__).resolve().parents[3]
PRINT_HASH = """
import hashlib, sys
from pathlib import Path
from lianzheng.config import load_config
from lianzheng.demo.files import make_sample
sample = make_sample(load_config(2018, Path(sys.argv[1])), 7, is_clean=False)
print(hashlib.sha256(repr((sorted(sample.files.items()), sample.planted)).encode()).hexdigest())
"""


@pytest.fixture
def small(tmp_path: Path) -> CycleConfig:
    make_project(tmp_path, 4, seed=7)
    return load_config(2018, tmp_path)


def test_files_are_as_many_as_the_bureau_needs(clean: Sample, config: CycleConfig) -> None:
    names = [name for name in clean.files if not is_material(name)]
    folders = Counter(name.split("/")[0] for name in names)
    assert folders == {"units": 48 + 24, "questionnaires": 12, "teams": 12 + 4 * 3, "office": 5}
    assert sum("测评汇总" in name for name in names) == 4
    assert len(clean.files) - len(names) == 24 * 7  # one paper for each class of documents
    assert {
        f"office/{name}.csv" for name in "receipts cases feedback last_year last_statistics".split()
    } < set(names)


def is_material(name: str) -> bool:
    return "佐证材料" in name.split("/") or "材料" in name.split("/")


def test_units_write_in_all_formats_and_encodings(clean: Sample) -> None:
    unit_files = {
        name: data
        for name, data in clean.files.items()
        if name.startswith("units/") and not is_material(name)
    }
    endings = Counter(name.rpartition(".")[2] for name in unit_files)
    assert set(endings) == {"xlsx", "csv", "xls", "docx"}
    assert endings["xlsx"] > 24 and min(endings.values()) >= 3
    texts = [data for name, data in unit_files.items() if name.endswith(".csv")]
    assert any(data.startswith(b"\xef\xbb\xbf") for data in texts)
    assert any(_is_only_gb18030(data) for data in texts)
    assert {data[:4] for name, data in unit_files.items() if name.endswith(".xls")} == {b"\xd0\xcf\x11\xe0"}
    assert {data[:2] for name, data in unit_files.items() if name.endswith((".xlsx", ".docx"))} == {b"PK"}


def _is_only_gb18030(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "填表单位" in data.decode("gb18030")
    return False


def test_the_clean_statistics_say_the_truth(clean: Sample, config: CycleConfig) -> None:
    """Read by address with openpyxl alone: row and column counted on the printed form."""
    seen = 0
    for unit in config.units:
        path = f"units/{unit.name}/附件2.xlsx"
        if path not in clean.files:
            continue
        page = openpyxl.load_workbook(io.BytesIO(clean.files[path]))["附件2"]
        truth = {
            (row["category_id"], row["measure_id"]): row["value"]
            for row in clean.bureau.rows("statistics_by_unit_category_measure", unit.unit_id, period="this")
        }
        assert page["A2"].value == "示例局直属单位2018年落实中央八项规定精神自查统计表"
        assert page["A3"].value == f"填表单位（盖章）：{unit.name}"
        assert (page["B7"].value, page["B16"].value) == ("违规公款吃喝", "合计")
        assert page["C7"].value == truth["dining_public_money", "n_problems"]
        assert page["L12"].value == truth["allowances", "returned_10k_yuan"]
        assert page["C16"].value == sum(page.cell(row, 3).value for row in range(7, 16))
        assert page["E16"].value == pytest.approx(sum(page.cell(row, 5).value for row in range(7, 16)))
        assert page["B32"].value == "党委专题研究党风廉政建设"
        assert page["D32"].value == truth["workload", "n_special_meetings"]
        seen += 1
    assert seen >= 10


def test_ballots_are_as_many_as_the_site_visit_counted(clean: Sample, config: CycleConfig) -> None:
    sizes = []
    for visit in config.visits:
        counts = {
            r["rater_group"]: r["n_returned"] for r in clean.bureau.rows("ballot_counts", visit.unit_id)
        }
        ballots = Counter(r["rater_group"] for r in clean.bureau.rows("ballots", visit.unit_id))
        assert ballots in ({}, counts)
        sizes += [sum(ballots.values())] * bool(ballots)
        short = config.unit(visit.unit_id).short_name
        assert any(name.startswith(f"questionnaires/{short}测评") for name in clean.files)
    assert len(sizes) == 8
    assert all(26 <= size <= 60 for size in sizes)
    groups = [r["n_returned"] for v in config.visits for r in clean.bureau.rows("ballot_counts", v.unit_id)]
    assert sum(n < config.cycle.suppression_threshold for n in groups) == 1


def test_an_export_looks_like_the_real_one(clean: Sample) -> None:
    name = next(
        n for n in clean.files if n.startswith("questionnaires/") and "汇总" not in n and n.endswith(".xlsx")
    )
    page = openpyxl.load_workbook(io.BytesIO(clean.files[name])).worksheets[0]
    header = [cell.value for cell in page[1]]
    assert header[:6] == ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    assert header[6].strip() == "1、您的身份" and header[8].endswith(" ")
    assert page.max_row - 1 == int(name.rpartition(".")[0].rpartition("_")[2])
    assert page["A2"].value == 1 and page["C2"].value.endswith("秒")


def test_private_texts_occur_once_and_are_in_the_files(clean: Sample) -> None:
    markers = [marker for texts in clean.bureau.private.values() for marker in texts]
    assert set(clean.bureau.private) == {"talks", "comments", "cases", "reports"}
    assert len(markers) == len(set(markers)) > 150
    cases = clean.files["office/cases.csv"].decode()
    assert all(cases.count(marker) == 1 for marker in clean.bureau.private["cases"])
    assert "pending" in cases and "closed" in cases


def test_two_runs_with_another_hash_seed_and_folder_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for seed in ("0", "4711"):
        folder = tmp_path / seed
        make_project(folder, 4, seed=7)
        done = subprocess.run(
            [sys.executable, "-c", PRINT_HASH, str(folder)],
            capture_output=True, text=True, encoding="utf-8", check=True, cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        hashes.append(done.stdout.strip())
    assert len(hashes[0]) == 64 and hashes[0] == hashes[1]


def test_writing_again_changes_nothing_and_another_seed_leaves_nothing_behind(small: CycleConfig) -> None:
    write_demo(small, seed=7)
    first = tree(small.data_raw)
    write_demo(small, seed=7)
    assert tree(small.data_raw) == first
    write_demo(small, seed=8)
    marker = json.loads((small.data_raw / MARKER).read_text(encoding="utf-8"))
    assert set(marker["files"]) | {MARKER} == set(tree(small.data_raw))
    assert marker["seed"] == 8 and tree(small.data_raw) != first


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_a_folder_of_somebody_else_is_left_alone(small: CycleConfig) -> None:
    own = small.data_raw / "units" / "附件2.xlsx"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    with pytest.raises(InputError, match="附件2"):
        write_demo(small)
    assert tree(small.data_raw) == {"units/附件2.xlsx": hashlib.sha256(b"mine").hexdigest()}


@pytest.mark.parametrize("change", ["edit", "add"])
def test_a_sample_that_somebody_worked_on_is_left_alone(small: CycleConfig, change: str) -> None:
    write_demo(small, seed=7)
    path = small.data_raw / "office" / ("cases.csv" if change == "edit" else "new.csv")
    path.write_bytes(b"worked on")
    before = tree(small.data_raw)
    with pytest.raises(InputError, match=path.name):
        write_demo(small, seed=7)
    assert tree(small.data_raw) == before


def test_a_file_that_is_missing_does_not_keep_the_demo_from_writing(small: CycleConfig) -> None:
    write_demo(small, seed=7)
    before = tree(small.data_raw)
    shutil.rmtree(small.data_raw / "office")
    write_demo(small, seed=7)
    assert tree(small.data_raw) == before


def test_the_truth_is_written_only_on_request(small: CycleConfig, tmp_path: Path) -> None:
    write_demo(small, seed=7)
    assert not (tmp_path / "truth").exists()
    assert not any("planted" in name or "truth" in name for name in tree(small.data_raw))
    write_demo(small, seed=7, truth_folder=tmp_path / "truth")
    rows = list(csv.DictReader((tmp_path / "truth" / "site_visits.csv").open(encoding="utf-8", newline="")))
    assert {row["unit_id"] for row in rows} == {visit.unit_id for visit in small.visits}
    planted = json.loads((tmp_path / "truth" / "planted.json").read_text(encoding="utf-8"))
    assert all(set(row) >= {"file", "sheet", "cell", "code", "unit_id", "form_id"} for row in planted)


def test_the_old_binary_workbook_read_back_is_the_layout() -> None:
    book = xlrd.open_workbook(file_contents=as_xls(FILLED), formatting_info=True)
    assert book.sheet_names() == [sheet.name for sheet in FILLED.sheets]
    for sheet in FILLED.sheets:
        page = book.sheet_by_name(sheet.name)
        for cell in sheet.cells:
            read = page.cell(cell.row - 1, cell.column - 1)
            value = (
                xlrd.xldate_as_datetime(read.value, 0).date()
                if read.ctype == xlrd.XL_CELL_DATE
                else read.value
            )
            assert (value or None) == cell.value, cell
    assert (4, 5, 3, 5) in book.sheet_by_index(0).merged_cells
    assert as_xls(FILLED) == as_xls(FILLED)


def test_without_xlwt_the_demo_says_what_to_install(
    small: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlwt", None)
    with pytest.raises(InputError, match=r"xlwt.*\[demo\]"):
        write_demo(small, seed=7)
    assert not small.data_raw.exists()


def test_a_ledger_of_another_bureau_is_not_joined(small: CycleConfig) -> None:
    ledger = small.data_office / "rectifications.xlsx"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"of the office")
    with pytest.raises(InputError, match="整改台账"):
        write_demo(small, seed=7)
    ledger.unlink()
    write_demo(small, seed=7)
    ledger.write_bytes(b"of this sample")
    write_demo(small, seed=7)
    with pytest.raises(InputError, match="没有写入任何内容"):
        write_demo(small, seed=8)
    assert ledger.read_bytes() == b"of this sample"
