"""Where the chapters name an id of evidence: file, cell, section and sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nkbook.data.exports import print_variables
from nkbook.evidence.usage import read_chapters
from nkbook.model import Library
from nkbook.paths import Paths

_HEADING = re.compile(r"^#+\s+(?P<title>.+?)\s*(?:\{#(?P<id>[\w-]+)[^}]*\})?\s*$")
_LABEL = re.compile(r"^#\|\s*label:\s*(\S+)", re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_CITATION = re.compile(r"\s*\[[^\[\]]*@[^\[\]]*\]")
_MARKUP = re.compile(r"\[([^\[\]]*)\](?:\([^)]*\)|\{[^}]*\})+|[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}|^- ")


@dataclass(frozen=True)
class Use:
    """A place in a chapter that names something."""

    chapter: str
    """The chapter's title."""
    section: str
    """The title of the section; that of the chapter before its first section."""
    anchor: str
    """The section's id; empty where it has none of its own."""
    place: str
    """The file and the cell, line or row, as findings name them."""
    words: str
    """The sentence as readers see it; for a code cell, its label or the line that names it."""


def find_uses(root: Path, library: Library, *names: str) -> list[Use]:
    """Every place that has one of `names` as a whole word, in the order of files and cells.

    `names` are ids as chapters write them: `stat.…`, `@key`, or the bare id in code.
    """
    # A hyphen is part of an id: “arrivals-2025” does not name “arrivals-2025-direct”.
    wanted = re.compile(
        "|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-])" for name in sorted(names))
    )
    titles = {chapter.link: chapter.title for chapter in read_chapters(root)}
    found: list[Use] = []
    for file in sorted([*root.glob("*.qmd"), *Paths(root).notebooks.glob("*.ipynb")]):
        link = file.name if file.suffix == ".ipynb" else f"../{file.name}"
        if title := titles.get(link):
            found += _read(root, file, title, library, wanted)
    return [*found, *_in_tables(library, wanted)]


def _read(
    root: Path, file: Path, chapter: str, library: Library, wanted: re.Pattern[str]
) -> Iterator[Use]:
    section, anchor = chapter, ""
    for place, kind, text in _cells(file, file.relative_to(root).as_posix()):
        if kind == "code":
            if wanted.search(text):
                label = _LABEL.search(text)
                words = label[1] if label else _first_line(text, wanted)
                yield Use(chapter, section, anchor, place, words)
            continue
        # Chapters are written with a sentence on each line.
        for line in text.splitlines():
            if heading := _HEADING.match(line):
                section, anchor = heading["title"], heading["id"] or ""
            if wanted.search(_CODE.sub("", line)):
                yield Use(chapter, section, anchor, place, _words(line, library))


def _cells(file: Path, name: str) -> Iterator[tuple[str, str, str]]:
    """Place, kind and text of the cells of a notebook, or of the lines of another file."""
    text = file.read_text("utf-8")
    if file.suffix == ".ipynb":
        for number, cell in enumerate(json.loads(text)["cells"], start=1):
            if cell["cell_type"] in ("code", "markdown"):
                yield f"{name}, cell {number}", cell["cell_type"], "".join(cell["source"])
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            yield f"{name}, line {number}", "markdown", line


def _in_tables(library: Library, wanted: re.Pattern[str]) -> Iterator[Use]:
    """The rows of the timeline and of the audit, whose text is printed on pages of their own."""
    for event in library.timeline.values():
        if wanted.search(event.event):
            place = f"data/timeline.csv, id {event.id}"
            yield Use("Timeline", "", "", place, _words(event.event, library))
    for claim in library.audit.values():
        if wanted.search(claim.evidence):
            place = f"data/audit.csv, id {claim.id}"
            yield Use("The source page, audited", "", "", place, _words(claim.evidence, library))


def _first_line(code: str, wanted: re.Pattern[str]) -> str:
    return next(line.strip() for line in code.splitlines() if wanted.search(line))


def _words(line: str, library: Library) -> str:
    """A line of Markdown as readers see it, near enough to find it."""
    return _MARKUP.sub(r"\1", _CITATION.sub("", print_variables(line, library))).strip()
