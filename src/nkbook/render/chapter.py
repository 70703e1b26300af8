"""The book as one structure, before any format: chapters, and what can be referred to in them.

Every format starts from here, so all of them agree on what a reader can point at.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from nkbook.errors import Finding
from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.document import Document
from nkbook.render.labels import CROSSREF
from nkbook.render.lowering import FigureRecord
from nkbook.render.project import Entry, Project
from nkbook.render.reads import Reads
from nkbook.render.words import Language


@dataclass(frozen=True)
class Target:
    """Something with an id: what references to it print and which chapter holds it."""

    id: str
    chapter: int
    kind: str
    """`chapter`, `anchor` or one of `labels.KINDS`."""
    number: str = ""
    title: str = ""

    @property
    def is_label(self) -> bool:
        """Whether its id was given to be referred to: a heading “Equal-sized” makes `eq-…`, too."""
        prefix = CROSSREF.match(self.id)
        return prefix is not None and (self.kind != "sec" or prefix[0] == "sec-")


@dataclass(frozen=True)
class Heading:
    """A heading below the chapter's title."""

    id: str
    level: int
    number: str
    content: tuple[Node, ...]
    listed: bool = True
    """Whether tables of contents name it (`{.unnumbered .unlisted}` keeps it out)."""


@dataclass
class Chapter:
    """One chapter: its blocks without the title, and what is known of them."""

    entry: Entry
    document: Document
    title: list[Node]
    id: str
    number: str
    """What is printed before its title: empty if the book or the chapter has no numbers."""
    count: int
    """Its place among the chapters or appendices that count; 0 if it does not."""
    blocks: list[Node]
    language: Language
    """That of the book, in which its label is written."""
    part: str = ""
    """The title of the part it stands in, or an empty string."""
    headings: list[Heading] = field(default_factory=list)
    figures: list[FigureRecord] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)

    @property
    def title_text(self) -> str:
        """The title without markup."""
        return ast.stringify(self.title)

    @property
    def label(self) -> str:
        """What stands before the title: “Chapter 2”, “Appendix A” or nothing."""
        if not self.number:
            return ""
        kind = "Appendix" if self.entry.kind == "appendix" else "Chapter"
        return f"{self.language.word(kind)} {self.number}"

    def ordinal(self, more: int = 0) -> str:
        """“2” or “B”: what the numbers of its sections, figures and tables begin with.

        Each further heading of level 1 begins with the next, `more` places on, as in Quarto.
        """
        count = self.count + more
        return letters(count) if self.entry.kind == "appendix" else str(count)

    @functools.cached_property
    def description(self) -> str:
        """The chapter in a sentence: its front matter's, else the first of its text.

        Every page of the site names it, so it is found once, when the book is whole.
        """
        if given := self.document.front.get("description"):
            return " ".join(str(given).split())
        first = next((node for node in self.blocks if node["t"] == "Para"), None)
        plain = ast.walk([first], lambda node: [] if node["t"] == "Cite" else None) if first else []
        text = ast.stringify(plain)
        sentence = re.match(r".{20,}?[.!?](?=\s|$)", text)
        return sentence[0] if sentence else text

    @functools.cached_property
    def minutes(self) -> int:
        """Reading time in minutes, at 230 words a minute (Brysbaert 2019: 238 for non-fiction)."""
        return max(1, round(len(ast.stringify(self.blocks).split()) / 230))


@dataclass
class Book:
    """All chapters in order, and everything in them that has an id."""

    project: Project
    chapters: list[Chapter]
    targets: Mapping[str, Target]
    anchors: Mapping[tuple[int, str], Target]
    remarks: tuple[Finding, ...] = ()
    """What has no effect or was left out, to be told when the book is built."""
    reads: tuple[Reads, ...] = ()
    """What the outputs of its chapters rest on beside their code."""

    @property
    def figures(self) -> list[FigureRecord]:
        """The figures of all chapters in order."""
        return [figure for chapter in self.chapters for figure in chapter.figures]

    @functools.cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each chapter, by its file."""
        return {chapter.entry.file: index for index, chapter in enumerate(self.chapters)}


def letters(count: int) -> str:
    """A, B, … Z, AA, AB, …"""
    before, last = divmod(count - 1, 26)
    return (letters(before) if before else "") + string.ascii_uppercase[last]
