"""run.txt and run.html: what a run did, what failed, and which data issues are new or gone since the last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.fonts import one_line
from lianzheng.pages.blocks import DocumentFacts, Title
from lianzheng.pages.html import style_sheet, template_environment, to_html
from lianzheng.pages.wording import say, table, tiles
from lianzheng.publish.checks import check_html
from lianzheng.publish.notebook import Document
from lianzheng.publish.run import Outcome
from lianzheng.tables import Tables, labels

NAME = "run.html"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Run:
    """When a run began, whether it read the received files anew and why, and the issues of the run before (None: no such)."""

    began: dt.datetime
    tables: str
    issues_before: Mapping[str, str] | None


def issues_in_words(tables: Tables) -> dict[str, str]:
    """The data issues by id, each in a line: unit, severity, what is wrong."""
    severities = labels("severity")
    return {
        row["issue_id"]: one_line(f"{row['unit_id'] or ''} {severities[row['severity']]}：{row['message']}".strip())
        for row in tables.public("issues").astype(object).where(lambda f: f.notna(), None).to_dict("records")
    }  # fmt: skip


def write_summary(
    config: CycleConfig, run: Run, outcomes: Sequence[Outcome], issues: Mapping[str, str]
) -> None:
    """Write run.txt and run.html; both hold the time of the run."""
    words, before = ("run_first", issues) if run.issues_before is None else ("run", run.issues_before)
    changes = [(say("issue_new", "run"), told) for id_, told in issues.items() if id_ not in before]
    changes += [(say("issue_gone", "run"), told) for id_, told in before.items() if id_ not in issues]
    failed = [(one_line(one.stem), one_line(one.message)) for one in outcomes if one.state == "failed"]
    facts = _counts(outcomes) | {
        "n_new": len(issues.keys() - before.keys()), "n_gone": len(before.keys() - issues.keys()), "n_issues": len(issues),
    }  # fmt: skip
    seconds = round((dt.datetime.now() - run.began).total_seconds())
    told = say(
        "lead", "run", began=f"{run.began:%Y-%m-%d %H:%M}", minutes=seconds // 60, seconds=seconds % 60
    )
    title = Title(say("run", "titles", cycle=config.cycle.cycle), config.cycle.bureau, (told, run.tables))
    lines = [title.text, told, run.tables, *_lines(facts, failed, changes, words)]
    write_atomically(config.reports / "run.txt", "\n".join([*lines, ""]).encode("utf-8"))
    lists = (table("run_failed", failed), table("run_issues", changes, unchanged=say("unchanged", words)))
    _write_page(config, title, to_html([title, tiles(words, facts), *lists]))


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Pages and units by what became of them."""
    counts = dict[str, int]()
    for state in ("published", "kept", "failed"):
        found = [one for one in outcomes if one.state == state]
        counts |= {f"n_{state}": len(found), f"u_{state}": len({one.unit_id for one in found if one.unit_id})}
    return counts


def _lines(
    facts: Mapping[str, int],
    failed: Sequence[tuple[str, str]],
    changes: Sequence[tuple[str, str]],
    words: str,
) -> Iterator[str]:
    yield say("pages", "run", **facts)
    yield from (f"  {message}" for _, message in failed)
    yield say("issues", words, **facts)
    yield from (f"  {what}  {told}" for what, told in changes)


def _write_page(config: CycleConfig, title: Title, body: str) -> None:
    cycle = config.cycle
    facts = DocumentFacts("run", cycle.cycle, cycle.report_date, classification=cycle.classification)
    document: dict[str, Any] = {"document": Document(title, facts, ()), "style": style_sheet(), "body": body}
    template = template_environment(_TEMPLATES).get_template("lianzheng/index.html.j2")
    page = template.render(resources={"lianzheng": document})
    check_html(page, n_charts=0)
    write_atomically(config.reports / NAME, page.encode("utf-8"))
