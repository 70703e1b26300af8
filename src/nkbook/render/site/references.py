"""Citations of the website: with a list of references on each page, or one for the book.

As in Quarto, the list of the whole book stands in the first chapter with a division `#refs`, if
there is one; pages then have no lists of their own, and citations lead there.
"""

from __future__ import annotations

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import Book
from nkbook.render.view import visible_blocks

_LIST = "refs"
"""The id that pandoc gives a list of references."""


class Citations:
    """Resolves the citations of chapters."""

    def __init__(self, book: Book) -> None:
        self._book = book
        # A list may be there for another format alone.
        listing = (i for i, chapter in enumerate(book.chapters) if _has_list(chapter.blocks))
        self._holder = next((i for i in listing if _has_list(self._visible(i))), None)
        self._chapters = self._resolve_all() if self._holder is not None else []

    def resolve(self, index: int) -> list[Node]:
        """A chapter as the website shows it, citations and references in place."""
        if self._chapters:
            return self._chapters[index]
        book, blocks = self._book, self._visible(index)
        if not book.project.nocite and not any(ast.nodes(blocks, "Cite")):
            return blocks
        cited = self._cite(blocks, book.chapters[index].document.file)
        if cited and ast.identifier(cited[-1]) == _LIST:
            title = ast.inlines(book.project.references_title("html"))
            cited.insert(-1, ast.header(2, ast.attr("references"), title))
        return cited

    def _visible(self, index: int) -> list[Node]:
        return visible_blocks(self._book, self._book.chapters[index], "html")

    def _resolve_all(self) -> list[list[Node]]:
        """All chapters at once, so that numbers and letters of works are those of the one list."""
        indexes = range(len(self._book.chapters))
        together = [ast.div(ast.attr(), self._visible(index)) for index in indexes]
        resolved = self._cite(together, "the website")
        return [ast.walk(chapter["c"][1], self._to_list) for chapter in resolved]

    def _cite(self, blocks: list[Node], place: str) -> list[Node]:
        project = self._book.project
        if not project.bibliography:
            return blocks
        return pandoc.cite(
            blocks, project.bibliography, project.csl, project.lang, project.nocite, place=place
        )

    def _to_list(self, node: Node) -> list[Node] | None:
        """Lead a citation to the chapter that has the list."""
        if node["t"] != "Link" or not node["c"][2][0].startswith("#ref-"):
            return None
        attributes, content, (address, title) = node["c"]
        return [{"t": "Link", "c": [attributes, content, [f"nk:{self._holder}{address}", title]]}]


def _has_list(blocks: list[Node]) -> bool:
    return any(ast.identifier(node) == _LIST for node in ast.nodes(blocks, "Div"))
