"""What no engine could avoid in a first build: the least that pandoc, Typst and Python take.

    python -m benchmarks.floor BOOK         a book that was built just now, in all formats

Prints JSON, in seconds: importing the libraries once; drawing every figure, one after the other in
one warm process, shared by all cores; one pass of pandoc over the book's text for each format;
setting the PDF's source once. No kernel, no cache, no second look at anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from nkbook.clock import edition_date
from nkbook.errors import Findings
from nkbook.render import pandoc, pdf
from nkbook.render.chapter import Book
from nkbook.render.document import Document, load_documents
from nkbook.render.images import book_images
from nkbook.render.pdf_press import Press
from nkbook.render.portable import read_book
from nkbook.render.progress import Progress
from nkbook.render.project import Project, load_project
from nkbook.render.single import single_document

LIBRARIES = "nkbook.cli, nkbook.notebook, nbclient, matplotlib.backends.backend_agg"
"""What a build and its chapters import."""

WRITERS = {"html": "html5", "epub": "epub3", "pdf": "typst"}
"""What pandoc writes for each format."""


def importing() -> float:
    """One import of the libraries, in a new process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)
    return time.perf_counter() - started


def drawing(project: Project, documents: Sequence[Document]) -> float:
    """Every figure's own cell; the cells before it are run, too, and are not counted."""
    shell = InteractiveShell.instance()
    total = 0.0
    for document in documents:
        shell.reset(new_session=False)
        figures = set(map(id, document.figures))
        last = max((cell.number for cell in document.figures), default=0)
        with chdir((project.root / document.file).parent), capture_output():
            for cell in document.cells[:last]:
                if cell.kind == "code":
                    started = time.perf_counter()
                    shell.run_cell(cell.source).raise_error()
                    seconds = time.perf_counter() - started
                    total += seconds if id(cell) in figures else 0.0
    return total / (os.cpu_count() or 1)


def writing(book: Book, formats: Sequence[str]) -> float:
    """One pass of pandoc over the book's text for each format: read once, write once."""
    blocks = [block for chapter in book.chapters for block in chapter.blocks]
    text = pandoc.write(blocks, ["--to", "markdown", "--wrap", "none"], place="the book")
    command = [pandoc.binary(), "--from", pandoc.READER, "--quiet", "--output"]

    started = time.perf_counter()
    for form in formats:
        # Pandoc writes no EPUB to a terminal, but to any file.
        options = [os.devnull, "--to", WRITERS[form], "--metadata", "title=Book"]
        subprocess.run([*command, *options], input=text.encode(), check=True)
    return time.perf_counter() - started


class _Stopwatch(Press):
    """A press that says how long it works."""

    seconds = 0.0

    def set(self, name: str, source: str, documents: Sequence[Document]) -> bytes:
        started = time.perf_counter()
        done = super().set(name, source, documents)
        self.seconds = time.perf_counter() - started
        return done


def setting(book: Book, edition: Path) -> float:
    """Setting the PDF's source, with the pictures that its edition has already."""
    tree = single_document(book, "pdf")
    date = edition_date(book.project.root)
    press = _Stopwatch(edition, book_images(book, tree, edition), date)
    with press:
        pdf._set_book(press, book, tree)
    return press.seconds


def main(root: Path) -> None:
    """Measure and print."""
    project = load_project(root)
    # From the cache of the build before: nothing here depends on how it is read.
    book = read_book(project, Progress(quiet=True))
    parts = {
        "import": importing(),
        "figures": drawing(project, load_documents(project, Findings())),
        "pandoc": writing(book, project.formats),
        "typst": setting(book, project.output),
    }
    print(json.dumps({name: round(seconds, 2) for name, seconds in parts.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
