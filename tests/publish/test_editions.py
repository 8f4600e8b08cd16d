"""What one unit may see: its folder holds its pages and nothing else, and nothing in them tells of another unit."""

from __future__ import annotations

import io
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd
import pikepdf
import pytest
from nbconvert.exporters import get_exporter

from lianzheng.config import load_config
from lianzheng.pages.blocks import BLOCKS_MIME
from tests.gossip import make_gossip
from tests.projects import REPOSITORY, Project

pytestmark = [pytest.mark.xdist_group("bureau"), pytest.mark.needs_poppler]
Names = dict[str, tuple[str, ...]]


def folded(text: str) -> str:
    """Without blanks, width and case; written again here, so that a fault of the mask does not hide itself."""
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def told_of(text: str, unit_id: str, names: Names) -> set[str]:
    """Other units that a text tells of: the longest names are taken out first, whosever they are."""
    owners = {folded(name): owner for owner, own in names.items() for name in own if len(folded(name)) >= 3}
    owners |= {folded(name): unit_id for name in names[unit_id]}
    rest, found = folded(text), set()
    for name in sorted(owners, key=lambda name: (-len(name), owners[name] != unit_id)):
        if name in rest:
            found.add(owners[name])
            rest = rest.replace(name, "\0")
    found |= {owner for owner in names if re.search(rf"(?<![0-9a-z]){owner.casefold()}(?![0-9a-z])", rest)}
    return found - {unit_id}


def names_of(folder: Path) -> Names:
    return {unit.unit_id: unit.names for unit in load_config(2018, folder).units}


def html_texts(data: bytes) -> str:
    """The page with its attributes and its title, without the pictures' bytes."""
    return unescape(re.sub(r"data:image/svg\+xml;base64,[\w+/=]+", "", data.decode("utf-8")))


def pdf_texts(data: bytes) -> str:
    """Text, metadata, bookmarks and alternative texts."""
    drawn = subprocess.run(
        ["pdftotext", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        strings = [
            str(value) for found in pdf.objects if isinstance(found, pikepdf.Dictionary)
            for value in found.values() if isinstance(value, pikepdf.String)
        ]  # fmt: skip
        return "\n".join([drawn, str(pdf.docinfo), str(pdf.open_metadata()), *strings])


def chart_texts(notebook: dict[str, object]) -> str:
    """What is drawn on the charts, as their text artists say it, and everything else that the blocks hold."""
    return "\n".join(_strings([
        output["data"][BLOCKS_MIME] for cell in notebook["cells"] for output in cell.get("outputs", ())  # type: ignore[attr-defined]
        if BLOCKS_MIME in output.get("data", {})
    ]))  # fmt: skip


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for key, one in value.items() if key != "svg" for text in _strings(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _strings(one))
    elif isinstance(value, str):
        yield value


def test_the_search_finds_what_it_looks_for() -> None:
    names: Names = {"U001": ("信息中心",), "U002": ("和风信息中心", "和风HF公司"), "U003": ("机关",)}
    assert told_of("和风信息中心", "U001", names) == {"U002"}
    assert told_of("信息中心、机关、U0011、xu002", "U001", names) == set()
    assert told_of("和风 ＨＦ 公 司；u003", "U001", names) == {"U002", "U003"}
    assert told_of("和风信息中心", "U002", names) == set()


def test_each_folder_holds_one_unit_s_pages_and_nothing_else(bureau: Project) -> None:
    folders = sorted((bureau.reports / "editions").iterdir())
    assert [folder.name for folder in folders] == sorted(names_of(bureau.folder))
    for folder in folders:
        assert sorted(path.name for path in folder.rglob("*")) == ["scorecard.html", "scorecard.pdf"]


def test_no_edition_tells_of_another_unit(bureau: Project) -> None:
    names = names_of(bureau.folder)
    for unit_id in names:
        folder = bureau.reports / "editions" / unit_id
        executed = bureau.reports / "notebooks" / f"editions_{unit_id}_scorecard.ipynb"
        texts = {
            "html": html_texts((folder / "scorecard.html").read_bytes()),
            "pdf": pdf_texts((folder / "scorecard.pdf").read_bytes()),
            "charts": chart_texts(json.loads(executed.read_text(encoding="utf-8"))),
        }
        for kind, text in texts.items():
            assert told_of(text, unit_id, names) == set(), (unit_id, kind)
            assert folded(names[unit_id][0]) in folded(text), (
                "its own name shows that the search can find one"
            )


def test_no_edition_ranks_a_unit_or_has_words_for_the_bureau_only(bureau: Project) -> None:
    for path in sorted((bureau.reports / "editions").glob("*/scorecard.html")):
        text = html_texts(path.read_bytes())
        assert not re.search(
            r"列第\d|同类排名|<dd[^>]*>\d+/\d+<|个别谈话只按主题|待检查组确认|零报告", text
        ), path


def test_no_score_of_a_peer_can_be_told_from_an_edition(bureau: Project) -> None:
    """What is shown of peers is the same for all of a type and rests on five others; no other score is printed."""
    read = lambda name: pd.read_parquet(bureau.processed / f"{name}.parquet")  # noqa: E731
    units, totals = read("units").set_index("unit_id"), read("results_by_unit").set_index("unit_id")
    peers = read("peers_by_type_measure")
    seen: dict[str, set[str]] = {}
    for unit_id, unit in units.iterrows():
        text = html_texts((bureau.reports / "editions" / str(unit_id) / "scorecard.html").read_bytes())
        of_type = peers[(peers["unit_type"] == unit["unit_type"]) & (peers["measure_key"] == "total")].iloc[0]
        is_counted = bool(
            pd.notna(totals.loc[unit_id, "total"]) and not totals.loc[unit_id, "is_provisional"]
        )
        row = re.search(r"<td[^>]*>总分</td>(.*?)</tr>", text, re.DOTALL)
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1]) if row else []
        figures = {cell for cell in cells[3:5] if re.fullmatch(r"[\d.]+", cell)}
        if figures:
            assert of_type["n"] - is_counted >= 5, unit_id
            seen.setdefault(unit["unit_type"], set()).add("|".join(cells[3:5]))
        others = totals.drop(index=unit_id)["total"].dropna().map("{:.2f}".format)
        printed = set(re.findall(r"(?<![\d.])\d+\.\d\d(?![\d.])", re.sub(r"<[^>]+>", " ", text)))
        assert not (set(others) & printed) - figures - own_figures(bureau, str(unit_id)), unit_id
    assert all(
        len(told) == 1 for told in seen.values()
    )  # never one unit's peers without itself: two would tell a third


def own_figures(bureau: Project, unit_id: str) -> set[str]:
    """Every number that stands in a row of the unit, with two decimals: a peer's may be the same by chance."""
    found: set[str] = set()
    for path in bureau.processed.glob("*.parquet"):
        frame = pd.read_parquet(path)
        if "unit_id" in frame:
            numbers = (
                frame[frame["unit_id"] == unit_id].select_dtypes("number").to_numpy(dtype="float64").ravel()
            )
            found |= {f"{number:.2f}" for number in numbers if number == number}
    return found


@pytest.mark.xdist_group("gossip")
def test_names_written_anywhere_are_masked_and_logged(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = make_gossip(tmp_path_factory.mktemp("gossip"))
    names = names_of(project.folder)
    n_masked = 0
    for unit_id in names:
        executed = execute(project, unit_id)
        log = [
            line for cell in executed.cells for output in cell.get("outputs", ())
            for line in output.metadata.get(BLOCKS_MIME, {}).get("log", ())
        ]  # fmt: skip
        html, _ = get_exporter("lianzheng-html")().from_notebook_node(executed)  # type: ignore[no-untyped-call]
        pdf, _ = get_exporter("lianzheng-pdf")().from_notebook_node(executed)  # type: ignore[no-untyped-call]
        for text in (html_texts(html.encode()), pdf_texts(pdf), chart_texts(executed)):
            assert told_of(text, unit_id, names) == set(), unit_id
        n_here = html.count("某单位")
        assert log or not n_here, unit_id
        n_masked += n_here
    assert n_masked > 100


def execute(project: Project, unit_id: str) -> nbformat.NotebookNode:
    """The scorecard's notebook for a unit, its cells run in this process."""
    notebook = nbformat.read(REPOSITORY / "notebooks" / "02_unit_scorecard.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    given = {"cycle": 2018, "unit_id": unit_id, "edition": "unit", "data_dir": str(project.folder / "data")}
    names: dict[str, object] = {}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.execution_count = 1
        if "parameters" in cell.metadata.get("tags", []):
            names |= given
            continue
        *before, last = cell.source.splitlines()
        exec("\n".join(before), names)
        data, metadata = eval(last, names)._repr_mimebundle_()
        cell.outputs = [nbformat.v4.new_output("display_data", data, metadata=metadata)]  # type: ignore[no-untyped-call]
    return notebook
