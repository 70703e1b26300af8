"""Chapters cut out of the book's tree, each whole in itself: an offprint, as printers say.

Numbers, labels and citations stay those of the book. What leads to another chapter leads to its
page where the book says where that is published (`site-url`), and is plain text where it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Book
from nkbook.render.pdf_markup import ELSEWHERE
from nkbook.render.single import REFERENCES, unique_names

IMPRINT = ast.raw("typst", "#imprint")
"""Where the offprint says what it is: below the chapter's title in the text, at the page's foot."""


def offprints(book: Book, tree: list[Node]) -> Iterator[list[Node]]:
    """The blocks of each chapter's offprint, in order; `tree` is the book's single document."""
    pages = _pages(book)
    references = {
        ast.identifier(node): node
        for node in ast.nodes(tree, "Div")
        if "csl-entry" in node["c"][0][1]
    }
    for head, *body in _chapters(tree):
        blocks = [_alone(head), IMPRINT, *body]
        wanted = _links(blocks) - ast.identifiers(blocks)
        if cited := [node for name, node in references.items() if name in wanted]:
            attributes = ast.attr(REFERENCES, ["unnumbered"], number="")
            blocks.append(
                ast.header(2, attributes, ast.inlines(book.project.references_title("pdf")))
            )
            blocks += cited
        yield _severed(blocks, pages)


def _pages(book: Book) -> dict[str, str]:
    """The address of everything that has an id in the single document, where it is published."""
    address = book.project.site_url
    if not address:
        return {}
    pages = {}
    for (number, own), name in unique_names(book).items():
        chapter = book.chapters[number]
        fragment = "" if own == chapter.id else f"#{own}"
        pages[name] = f"{address}{quote(chapter.entry.href)}{fragment}"
    return pages


def _chapters(tree: list[Node]) -> Iterator[list[Node]]:
    """The chapters that the book lists, each with its heading first."""
    chapter: list[Node] = []
    for node in tree:
        classes = set(node["c"][1][1]) if node["t"] == "Header" else set()
        if classes & {"part", "chapter"}:
            if chapter:
                yield chapter
            chapter = []
        if chapter or ("chapter" in classes and "references" not in classes):
            chapter.append(node)
    if chapter:
        yield chapter


def _alone(head: Node) -> Node:
    """A chapter's heading as it stands where there are no parts."""
    level, (name, classes, pairs), title = head["c"]
    pairs = [[key, value] for key, value in pairs if key != "part"]
    return ast.header(level, [name, classes, pairs], title)


def _links(blocks: list[Node]) -> set[str]:
    addresses = (node["c"][2][0] for node in ast.nodes(blocks, "Link"))
    return {address[1:] for address in addresses if address.startswith("#")}


def _severed(blocks: list[Node], pages: Mapping[str, str]) -> list[Node]:
    """Blocks whose links into the rest of the book lead to its pages or nowhere."""
    own = ast.identifiers(blocks)

    def visit(node: Node) -> list[Node] | None:
        if node["t"] != "Link":
            return None
        (name, classes, pairs), content, (address, title) = node["c"]
        if not address.startswith("#") or address[1:] in own:
            return None
        content = ast.walk(content, visit)
        if page := pages.get(address[1:]):
            attributes = [name, [*classes, ELSEWHERE], pairs]
            return [{"t": "Link", "c": [attributes, content, [page, title]]}]
        return [ast.span([name, classes, pairs], content)]

    severed: list[Node] = ast.walk(blocks, visit)
    return severed
