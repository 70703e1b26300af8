"""Who uses what: the chapters of the book and the ids of evidence that each of them names."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from nkbook.evidence.ties import tied_ids
from nkbook.model import Library
from nkbook.paths import Paths

PAGES = frozenset(
    ["changes", "glossary", "source-page", "sources", "statistics", "testimonies", "timeline"],
)
"""The pages of evidence themselves, whose text does not count as using anything."""

_VARIABLE = re.compile(r"\{\{<\s*var\s+stat\.([a-z0-9-]+)\s*>\}\}")
_CITED = re.compile(r"(?<![\w.])@([A-Za-z]\w*)")
_TERM = re.compile(r"\(#term-([a-z0-9-]+)\)")
_FIGURE = re.compile(r"^#\|\s*label:\s*(fig-[\w-]+)", re.MULTILINE)
_HEADING = re.compile(r"^#\s+(.+?)\s*(?:\{[^}]*\})?\s*$", re.MULTILINE)
_SECTION = re.compile(r"^#+\s+(?P<title>.+?)\s*\{#(?P<id>[\w-]+)[^}]*\}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Chapter:
    """A chapter and the ids it names, of whatever kind."""

    link: str
    title: str
    names: frozenset[str] = frozenset()
    """Every string in its code, and every id that the tests of its words name."""
    variables: frozenset[str] = frozenset()
    citations: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    sections: Mapping[str, str] = field(default_factory=dict)
    """Where its text first names a number: the id of the section by that of the number."""
    drawn: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The strings in the code of each of its figures, by the figure's label."""

    def at(self, number: str) -> Chapter:
        """The chapter with a link that leads to the section which first names a number."""
        section = self.sections.get(number)
        return replace(self, link=f"{self.link}#{section}") if section else self


@dataclass(frozen=True)
class Section:
    """A section with an id, or a chapter itself, which holds all of its text."""

    title: str
    chapter: str
    """The title of its chapter."""

    @property
    def place(self) -> str:
        """Its title, which alone may say little, after that of its chapter."""
        return self.title if self.title == self.chapter else f"{self.chapter}: {self.title}"


def read_chapters(root: Path) -> list[Chapter]:
    """The chapters of the book at `root`, by file name, each with the ids it names."""
    files = sorted({*root.glob("*.qmd"), *Paths(root).notebooks.glob("*.ipynb")})
    return [_read_chapter(root, file) for file in files if file.stem not in PAGES]


def read_users(root: Path, library: Library) -> list[Chapter]:
    """The chapters, and the audit and the timeline, which name their evidence in `data/`."""
    return [*read_chapters(root), _audit(library), _timeline(library)]


def read_sections(root: Path) -> dict[str, Section]:
    """All sections of the chapters that have an id, by that id."""
    found: dict[str, Section] = {}
    for file in sorted(Paths(root).notebooks.glob("*.ipynb")):
        prose, _ = _read(file)
        chapter = _title(file, prose)
        found |= {m["id"]: Section(m["title"], chapter) for m in _SECTION.finditer(prose)}
    return found


def _read(file: Path) -> tuple[str, str]:
    """The prose and the code of a chapter's file."""
    text = file.read_text("utf-8")
    if file.suffix != ".ipynb":
        return text, ""
    cells = json.loads(text)["cells"]
    prose, code = (
        "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)
        for kind in ("markdown", "code")
    )
    return prose, code


def _title(file: Path, prose: str) -> str:
    heading = _HEADING.search(prose)
    return heading[1] if heading else file.stem


@lru_cache(maxsize=1024)
def _strings(code: str) -> frozenset[str]:
    """Every id that code names is a string in it: `quote("…")`, `sources=["…"]`, a key.

    It is kept, because one check asks for the chapters again for each page of evidence.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        # Running the chapter will say where; here it names nothing.
        return frozenset()
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


def _read_chapter(root: Path, file: Path) -> Chapter:
    prose, code = _read(file)
    # The pages of evidence stand among the notebooks; everything else is one folder up.
    link = file.name if file.parent == Paths(root).notebooks else f"../{file.name}"
    return Chapter(
        link,
        _title(file, prose),
        _strings(code) | tied_ids(prose),
        frozenset(_VARIABLE.findall(prose)),
        frozenset(_CITED.findall(prose)),
        frozenset(_TERM.findall(prose)),
        _sections(prose),
        {label: _strings(cell) for label, cell in _figures(file)},
    )


def _figures(file: Path) -> Iterator[tuple[str, str]]:
    """The label and the code of each cell that draws a figure."""
    if file.suffix == ".ipynb":
        for cell in json.loads(file.read_text("utf-8"))["cells"]:
            code = "".join(cell["source"])
            if cell["cell_type"] == "code" and (label := _FIGURE.search(code)):
                yield label[1], code


def _sections(prose: str) -> dict[str, str]:
    """The section in which each number first stands; nothing for those in one without an id."""
    found: dict[str, str] = {}
    section = ""
    for line in prose.splitlines():
        if line.startswith("#"):
            heading = _SECTION.match(line)
            section = heading["id"] if heading else ""
        for number in _VARIABLE.findall(line):
            found.setdefault(number, section)
    return found


def _audit(library: Library) -> Chapter:
    claims = library.audit.values()
    named = {key for claim in claims for key in claim.statistics}
    return Chapter(
        "source-page.ipynb",
        "The source page, audited",
        variables=frozenset(named | _variables(claim.evidence for claim in claims)),
        citations=frozenset(key for claim in claims for key in claim.sources),
    )


def _timeline(library: Library) -> Chapter:
    events = library.timeline.values()
    return Chapter(
        "timeline.ipynb",
        "Timeline",
        variables=frozenset(_variables(event.event for event in events)),
        citations=frozenset(key for event in events for key in event.sources),
    )


def _variables(texts: Iterable[str]) -> set[str]:
    return {id for text in texts for id in _VARIABLE.findall(text)}
