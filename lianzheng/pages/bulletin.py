"""07 通报: the closing document to all units, three parts as the founding bulletin, from confirmed data only.

It names a unit only for what its team confirmed, prints no score, grade or rank of a unit unless the cycle's
``bulletin_shows`` allows it, and says nothing that was learnt in talks or open comments. Every number and every name
of a unit carries the address that it comes from. The anonymous edition names nobody.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from lianzheng.config.bulletin import Section
from lianzheng.fonts import uncovered
from lianzheng.names import NameMask
from lianzheng.pages import words
from lianzheng.pages.attachments import SUMS, AttachmentsPage
from lianzheng.pages.blocks import Block, Blocks, Heading, Paragraph
from lianzheng.pages.citations import Address, Cited, cite
from lianzheng.pages.edition import ANONYMOUS, name_mask
from lianzheng.pages.wording import filled

Groups = dict[str, pd.DataFrame]
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


class BulletinPage(AttachmentsPage):
    """The bulletin; its numbering is closed because empty classes get no number."""

    name = "bulletin"
    editions = ("internal", ANONYMOUS)
    density = "official"

    def opening(self) -> Blocks:
        """Title, addressees and the sentence that says who inspected whom, when and how."""
        title = filled(self.texts.title, {"cycle": self.figure("cycle")})
        sentence = self.say("opening", days=self._days(), units=self._listed(self.visited, "units"))
        return Blocks(
            self.title(subtitle="", text=title),
            Paragraph(self.say("addressee"), "address"),
            Paragraph(sentence),
        )

    def _days(self) -> str:
        """2018年12月3日至7日, year and month said once, each day with its address."""
        first, last = self.figure("first_day", "day").value, self.figure("last_day", "day").value
        if pd.isna(first):
            return ""
        form = "day" if first.year != last.year else "day_of_year"
        form = "day_of_month" if (first.year, first.month) == (last.year, last.month) else form
        ends = [self.figure("first_day", "day")] + [self.figure("last_day", form)] * (first != last)
        return "至".join(filled("{day}", {"day": day}) for day in ends)

    def overall(self) -> Blocks:
        """一、总体情况: what was covered, in figures, then the sections with good practice by name."""
        blocks: list[Block] = [Paragraph(self.say("coverage"))]
        for number, section in enumerate(self.texts.sections, start=1):
            blocks.append(Heading(f"（{words.numeral(number)}）{section.title}", 3))
            told = filter(None, (self._self_reported(section), self._good_practice(section)))
            blocks += map(Paragraph, list(told) or [self.say("nothing_told")])
        return Blocks(*blocks)

    def _self_reported(self, section: Section) -> str:
        sums = self.frame(SUMS).set_index(["category_id", "measure_id"])["total"]
        told = []
        for figure in section.figures:
            address = Address(SUMS, f"{figure.category}|{figure.measure}", "total")
            n = sums.get((figure.category, figure.measure))
            told += [filled(figure.text, {"n": Cited(n, address)})] if n is not None and n > 0 else []
        return self.say("self_reported", figures="，".join(told)) if told else ""

    def _good_practice(self, section: Section) -> str:
        """一是甲…；二是乙和丙…: units with the same practice are named together."""
        mine = self.confirmed("highlights")
        mine = mine[mine["subject_id"].isin(section.subjects)]
        practices = [self._practice(row.text, self.units.loc[row.unit_id]) for row in mine.itertuples()]
        mine = mine.assign(practice=practices)
        groups: Groups = dict(list(mine.groupby("practice", sort=False)))
        listed = [self._who(rows, "highlights") + self._quoted(text, rows) for text, rows in groups.items()]
        told = "；".join(_in_order(listed, "是"))
        return self.say("good_practice", practices_told=told) if told else ""

    def _practice(self, text: str, unit: pd.Series) -> str:
        """What a unit does well, without its own name at the beginning and without what no font draws (emoji)."""
        told = words.sentence(text.translate({ord(character): None for character in uncovered(text)}))
        for name in (unit["name"], unit["short_name"]):
            told = told.removeprefix(name).removeprefix("党委").lstrip("，,：: ")
        return self.mask(told) if self.is_anonymous else told

    def _quoted(self, text: str, rows: pd.DataFrame) -> str:
        """The numbers in what a team wrote, each with the address of the text, which names a unit."""
        if self.is_anonymous:
            return text
        address = Address("highlights", rows["highlight_id"].iloc[0], "text", "part")
        return _NUMBER.sub(lambda found: cite(found[0], address), text)

    def problems(self) -> Blocks:
        """二、存在的主要问题: the classes that occurred, renumbered, with counts and the units of confirmed findings."""
        if self.classes.empty:
            return Blocks(Paragraph(self.say("no_problems")))
        kinds = self.classes.to_dict("records")
        blocks: list[Block] = [
            Paragraph(self.say("problems", label=kinds[0]["label"], attachment=self.attachment_number(0)))
        ]
        for number, kind in enumerate(kinds, start=1):
            rows = self.confirmed("findings").query("bulletin_class == @kind['bulletin_class']")
            if len(kinds) > 1:
                blocks.append(Heading(f"（{words.numeral(number)}）{self._heading(kind, rows)}", 3))
            blocks.append(Paragraph(self._told_class(kind, rows)))
        return Blocks(*blocks)

    def _heading(self, kind: dict[str, Any], rows: pd.DataFrame) -> str:
        """The class and those of its clauses that its findings show."""
        shown = [
            clause["text"] for clause in kind["clauses"] if rows["defect_id"].isin(clause["defects"]).any()
        ]
        return "，".join((kind["label"], *shown))

    def _told_class(self, kind: dict[str, Any], rows: pd.DataFrame) -> str:
        by_problem = rows.groupby(["bulletin_class", "subject_id", "defect_id"], sort=False)
        groups = {":".join(key): group for key, group in by_problem}
        ordered = dict(sorted(groups.items(), key=lambda one: -one[1]["unit_id"].nunique()))
        is_named = kind["names_units"] and not self.is_anonymous
        facts = {**self.class_figures(kind), "units": self._who(rows, "findings"), "common": ""}
        if kind["is_common"] and len(self.visited) > 1:
            facts["common"] = self.say("common")
        told = "；".join(self._named(ordered)) if is_named else "，".join(self._counted(ordered))
        return self.say("class_named" if is_named else "class_counted", told=told, **facts)

    def _named(self, groups: Groups) -> list[str]:
        """甲和乙廉政约谈没有签字; 丙廉政约谈次数不足. Where all is one unit's, its name has been said."""
        is_one = len({unit for rows in groups.values() for unit in rows["unit_id"]}) == 1
        is_said = is_one and sum(map(len, groups.values())) > 1
        who = {id_: "" if is_said else self._who(rows, "findings", id_) for id_, rows in groups.items()}
        return [who[id_] + self._problem(rows) for id_, rows in groups.items()]

    def _counted(self, groups: Groups) -> list[str]:
        """2个单位廉政约谈没有签字, or the problem alone where there is one finding."""
        if sum(map(len, groups.values())) == 1:
            return [self._problem(rows) for rows in groups.values()]
        return [
            self.say("of_units", n=self.figure(f"n_by_problem:{id_}"), problem=self._problem(rows))
            for id_, rows in groups.items()
        ]

    def _problem(self, rows: pd.DataFrame) -> str:
        """Subject and defect as a sentence says them."""
        subject, defect = rows["subject_id"].iloc[0], rows["defect_id"].iloc[0]
        problems = self.texts.problems
        text = problems.get(f"{subject}|{defect}", problems[defect])
        return filled(text, {"subject": self.texts.subjects.get(subject, self.names("subjects")[subject])})

    def _who(self, rows: pd.DataFrame, table: str, problem: str = "") -> str:
        """The units of findings or highlights by name, each with its address; in the anonymous edition no name."""
        if self.is_anonymous:
            return self.say("some_units")
        key = table.removesuffix("s") + "_id"
        first = rows.drop_duplicates("unit_id").set_index("unit_id")[key]
        return self._listed([id_ for id_ in self.units.index if id_ in first], table, first, problem)

    def _listed(
        self, unit_ids: Iterable[str], table: str, keys: pd.Series | None = None, problem: str = ""
    ) -> str:
        """甲 / 甲和乙 / 甲、乙和丙 / 甲、乙等8个单位, each name with the address that says so."""
        if self.is_anonymous:
            return self.say("some_units")
        ids = list(unit_ids)
        told = [
            cite(
                self.units.loc[id_, "name"],
                Address(table, id_ if keys is None else keys[id_], "unit_id", "name"),
            )
            for id_ in ids
        ]
        if problem and len(ids) > self.texts.most_units:
            more = self.say("more_units", n=self.figure(f"n_by_problem:{problem}"))
            return "、".join(told[: self.texts.most_units]) + more
        return "和".join(filter(None, ("、".join(told[:-1]), *told[-1:])))

    def remedies(self) -> Blocks:
        """三、整改落实意见: by the common problems (else the most frequent), then deadline and accountability."""
        if self.classes.empty:
            return Blocks(Paragraph(self.say("keep_going")))
        ordered = self.classes.sort_values(["n_units", "n_findings"], ascending=False, kind="stable")
        common = ordered[ordered["is_common"].astype(bool)]
        chosen = common if len(common) else ordered.head(self.texts.most_remedies)
        wanted = [
            self.say("remedy", label=kind["label"], remedy=remedy, **self.class_figures(kind))
            for kind in chosen.to_dict("records")
            if (remedy := self.taxonomy.remedies.get(kind["bulletin_class"], "").rstrip("。"))
        ]
        others = ["others_remedied"] * (len(chosen) < len(self.classes))
        closing = [self.say(name) for name in (*others, "deadline", "accountability")]
        told = [f"{text}。" for text in _in_order(wanted, "要")]
        return Blocks(*map(Paragraph, [self.say("remedies_opening"), *told, *closing]))

    def signature(self) -> Blocks:
        """What is attached, who signs, and the date."""
        titles = self.attached
        named = [
            self.say("enclosed_one" if len(titles) == 1 else "enclosed_first", title=t) for t in titles[:1]
        ]
        named += [f"{n}. {title}" for n, title in enumerate(titles[1:], start=2)]
        cycle = self.config.cycle
        signed = cycle.signature or cycle.bureau, words.day(cycle.report_date)
        return Blocks(
            *(Paragraph(text, "enclosures") for text in named),
            *(Paragraph(line, "signature") for line in signed),
        )

    @functools.cached_property
    def mask(self) -> NameMask:
        """Takes every unit's name out of a text."""
        return name_mask(self.config, None)


def _in_order(texts: Sequence[str], word: str) -> list[str]:
    """一是…, 二是… (一要…, 二要…) where there are several; one alone is only 要…."""
    if len(texts) > 1:
        return [f"{words.numeral(n)}{word}{text}" for n, text in enumerate(texts, start=1)]
    return [f"{word if word == '要' else ''}{text}" for text in texts]
