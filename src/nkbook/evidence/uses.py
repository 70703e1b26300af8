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
    file: str
    cell: int
    words: str
    """The sentence as readers see it; for a code cell, its label or the line that names it."""

    @property
    def place(self) -> str:
        """The file and the cell, as findings name them."""
        return f"{self.file}, cell {self.cell}"


def find_uses(root: Path, library: Library, *names: str) -> list[Use]:
    """Every place that has one of `names` as a whole word, in the order of files and cells.

    `names` are ids as chapters write them: `stat.…`, `@key`, or the bare id in code.
    """
    # A hyphen is part of an id: “arrivals-2025” does not name “arrivals-2025-direct”.
    wanted = re.compile(
        "|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-])" for name in sorted(names))
    )
    titles = {chapter.link: chapter.title for chapter in read_chapters(root)}
    return [
        use
        for file in sorted(Paths(root).notebooks.glob("*.ipynb"))
        if file.name in titles
        for use in _read(root, file, titles[file.name], library, wanted)
    ]


def _read(
    root: Path, file: Path, chapter: str, library: Library, wanted: re.Pattern[str]
) -> Iterator[Use]:
    name = file.relative_to(root).as_posix()
    section, anchor = chapter, ""
    for number, cell in enumerate(json.loads(file.read_text("utf-8"))["cells"], start=1):
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            if wanted.search(text):
                label = _LABEL.search(text)
                words = label[1] if label else _first_line(text, wanted)
                yield Use(chapter, section, anchor, name, number, words)
        elif cell["cell_type"] == "markdown":
            # Chapters are written with a sentence on each line.
            for line in text.splitlines():
                if heading := _HEADING.match(line):
                    section, anchor = heading["title"], heading["id"] or ""
                if wanted.search(line):
                    yield Use(chapter, section, anchor, name, number, _words(line, library))


def _first_line(code: str, wanted: re.Pattern[str]) -> str:
    return next(line.strip() for line in code.splitlines() if wanted.search(line))


def _words(line: str, library: Library) -> str:
    """A line of Markdown as readers see it, near enough to find it."""
    return _MARKUP.sub(r"\1", _CITATION.sub("", print_variables(line, library))).strip()
