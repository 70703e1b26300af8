"""The books that are built, and the changes that an author makes in them."""

from __future__ import annotations

import csv
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.books import chapter_file, write_book
from nkbook.render.project import load_project

ROOT = Path(__file__).parents[1]

REAL = "this book"
_ALL = ("html", "epub", "pdf")
_WHOLE = 64
"""Synthetic books of up to so many chapters are built in all formats, too; longer ones would take
most of an hour for a PDF of thousands of pages that nobody prints."""


@dataclass(frozen=True)
class Subject:
    """A book to build, and what its author changes in it."""

    name: str
    root: Path
    chapters: int
    formats: tuple[str, ...]
    chapter: str
    """The chapter whose text changes."""
    series: str = ""
    """The table in which a row changes; empty for a book without data."""

    @property
    def title(self) -> str:
        """The book and its formats in words: “16 chapters, website”."""
        return f"{self.name}, {'website' if self.formats == ('html',) else 'all formats'}"

    def change_text(self, sentence: str = "One more sentence.") -> None:
        """Add a sentence at the end of a chapter."""
        file = self.root / self.chapter
        notebook = json.loads(file.read_text(encoding="utf-8"))
        cell = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"][-1]
        cell["source"] = "".join(cell["source"]) + f"\n{sentence}"
        file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")

    def change_data(self) -> None:
        """Count one more in the last row of a series."""
        file = self.root / self.series
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        place = rows[0].index("value")
        rows[-1][place] = str(int(rows[-1][place]) + 1)
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)


def real_book(folder: Path) -> Subject:
    """The book of this repository, with its history: pages tell when they were last changed."""
    root = folder / "real"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    series = "data/series/refugee_arrivals_kor.csv"
    chapters = len(load_project(root).entries)
    return Subject(REAL, root, chapters, _ALL, "notebooks/leaving.ipynb", series)


def synthetic_books(folder: Path, chapters: int) -> list[Subject]:
    """A book of so many chapters as a website, and, if it is not too long, in all formats."""
    subjects = []
    for formats in (("html",), _ALL) if chapters <= _WHOLE else (("html",),):
        root = folder / f"{chapters}-{'-'.join(formats)}"
        write_book(root, chapters)
        middle = chapter_file((chapters + 1) // 2)
        name = f"{chapters:,} chapter{'s' * (chapters != 1)}"
        subjects.append(Subject(name, root, chapters, formats, middle))
    return subjects
