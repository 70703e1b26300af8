"""One chapter of a tiny book in all three formats, to compare what readers of each meet."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pypdfium2
from lxml import html

from tests.books import TinyBook, code


def stored(source: str, *outputs: dict[str, Any]) -> nbformat.NotebookNode:
    """A cell of code with outputs kept in the file."""
    cell = code(source)
    cell.outputs = [
        nbformat.v4.new_output("stream", **output)
        if "name" in output
        else nbformat.v4.new_output("error", **output)
        if "ename" in output
        else nbformat.v4.new_output("display_data", data=output)
        for output in outputs
    ]
    return cell


class Editions:
    """The words and the trees of a book's three formats, of its chapter `one`."""

    def __init__(self, book: TinyBook, *arguments: str) -> None:
        book.save()
        formats = ("--format", "html,epub,pdf")
        self.result = book.run("build", "--engine", "portable", *formats, *arguments)
        assert self.result.exit_code == 0, self.result.output
        site = book.root / "_site"
        self.html = html.fromstring(book.page("notebooks/one.html")).cssselect("div.prose")[0]
        with zipfile.ZipFile(site / "Tiny-book.epub") as epub:
            (name,) = (n for n in epub.namelist() if n.startswith("EPUB/text/") and "one" in n)
            self.epub = html.fromstring(epub.read(name))
        self.pdf = self.words(site / "notebooks" / "one.pdf")

    @staticmethod
    def words(file: Path) -> str:
        """All words of a PDF."""
        with pypdfium2.PdfDocument(file) as pdf:
            pages = (page.get_textpage().get_text_range() for page in pdf)
            return " ".join(" ".join(pages).split())

    def said(self) -> tuple[str, str, str]:
        """All words of HTML, EPUB and PDF."""
        web, ebook = (" ".join(t.text_content().split()) for t in (self.html, self.epub))
        return web, ebook, self.pdf
