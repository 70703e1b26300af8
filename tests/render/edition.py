"""Whole Quarto projects of the tests, built in every format by the real command."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from click.testing import CliRunner
from lxml import etree, html

from nkbook.cli import main
from tests.conftest import ROOT

PROJECTS = ROOT / "tests" / "parity" / "projects"


@dataclass(frozen=True)
class Edition:
    """A built project."""

    folder: Path

    def page(self, name: str) -> Any:
        """The text of a chapter's page of the site, as a tree."""
        return html.parse(self.folder / f"{name}.html").getroot().find(".//main")

    @property
    def epub(self) -> Path:
        return next(self.folder.glob("*.epub"))

    def chapter(self, name: str) -> Any:
        """A chapter of the EPUB, as a tree of HTML without namespaces."""
        with zipfile.ZipFile(self.epub) as book:
            (file,) = (item for item in book.namelist() if item.endswith(f"-{name}.xhtml"))
            root = etree.fromstring(book.read(file))
        for element in root.iter("{*}*"):
            element.tag = etree.QName(element).localname
        return root

    def contents(self) -> list[str]:
        """The lines of the EPUB's contents."""
        with zipfile.ZipFile(self.epub) as book:
            root = etree.fromstring(book.read("EPUB/toc.ncx"))
        return ["".join(label.itertext()).strip() for label in root.iter("{*}navLabel")]

    def print(self) -> str:
        """The words of the PDF in one line."""
        document = pypdfium2.PdfDocument(self.epub.with_suffix(".pdf"))
        try:
            pages = [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()
        return " ".join("\n".join(pages).replace("\ufffe", "").split())


def build(project: str, folder: Path) -> Edition:
    """Build a project in `folder` in every format."""
    shutil.copytree(PROJECTS / project, folder)
    arguments = ["build", "--engine", "portable", "--format", "html,epub,pdf"]
    # In a thread of its own: the event loop of a browser may be running in this one.
    with ThreadPoolExecutor(1) as other:
        result = other.submit(
            CliRunner().invoke, main, ["--project", str(folder), *arguments]
        ).result()
    assert result.exit_code == 0, result.output
    return Edition(folder / "_book")


def words(node: Any) -> str:
    """What an element says, with single spaces."""
    return " ".join("".join(node.itertext()).split())


def references(node: Any) -> list[tuple[str, str]]:
    """The cross-references in an element: where each leads, and what it says."""
    links = node.iterfind(".//a[@class='quarto-xref']")
    return [(link.get("href"), words(link).replace("\u00a0", " ")) for link in links]
