"""What one format shows of a chapter: conditional content, code cells, and links made concrete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nkbook.render import ast
from nkbook.render.addresses import host_of
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.code import cell_code, decorated, fenced_code, folded
from nkbook.render.document import Cell

ALIASES = {
    "html": {"html", "html:js"},
    "epub": {"html", "epub"},
    "pdf": {"typst", "pdf"},
}
"""The names by which `when-format` means each of our formats; EPUB is HTML too, as in Quarto."""

_NAMES = {"html": "html", "epub": "epub", "pdf": "typst"}


def visible_blocks(book: Book, chapter: Chapter, form: str) -> list[Node]:
    """The blocks of a chapter that `form` shows, with code cells as their options ask."""
    cells = {cell.number: cell for cell in chapter.document.cells}

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "CodeBlock":
            return _listing(node)
        if node["t"] not in {"Div", "Span"}:
            return None
        (_, classes, pairs), body = node["c"]
        if "content-visible" in classes or "content-hidden" in classes:
            return ast.walk(body, visit) if _shows(classes, dict(pairs), form) else []
        if "nk-cell" in classes:
            return _cell(cells[int(dict(pairs)["cell"])], body)
        return None

    def _cell(cell: Cell, body: list[Node]) -> list[Node]:
        shown: list[Node] = []
        below: list[Node] = []
        if view_option(book, chapter, cell, form, "include", True) is False:
            return []
        option = partial(view_option, book, chapter, cell, form)
        output, warning = option("output", True), option("warning", True)
        for node in body:
            code = cell_code(node)
            if code or _is_listing(node):
                echo = option("echo", True)
                if not echo:
                    continue
                listing = [node]
                if code:
                    rest = node["c"][1][1:] if node["t"] == "Div" else []
                    code = fenced_code(code, cell.header) if echo == "fenced" else code
                    listing = decorated(code, form, option)
                    if rest:
                        listing = [ast.div(node["c"][0], [*listing, *ast.walk(rest, visit)])]
                fold = option("code-fold", False)
                folds = form == "html" and fold in (True, "true", "show")
                summary = str(option("code-summary", chapter.language.word("Code")))
                # Folded code is for those who ask: it stands below what it made.
                below += folded(listing, summary, opened=fold == "show") if folds else []
                shown += [] if folds else listing
            elif output is not False and (warning or not _warns(node)):
                shown += ast.walk([node], visit)
        return shown + below

    def _listing(node: Node) -> list[Node]:
        option = partial(view_option, book, chapter, None, form)
        named = dict(node["c"][0][2])
        listing = decorated(node, form, option)
        fold = named.get("code-fold", "")
        if form == "html" and fold in {"true", "show"}:
            given = str(option("code-summary", chapter.language.word("Code")))
            summary = named.get("code-summary", given)
            return folded(listing, summary, opened=fold == "show")
        return listing

    walked: list[Node] = ast.walk(chapter.blocks, visit)
    return walked


def _is_listing(node: Node) -> bool:
    """Whether a block of a cell is its code with a label and a caption."""
    return node["t"] == "Div" and any(
        "cell-code" in code["c"][0][1] for code in ast.nodes(node, "CodeBlock")
    )


def _warns(node: Node) -> bool:
    return node["t"] == "Div" and "cell-output-stderr" in node["c"][0][1]


def view_option(
    book: Book, chapter: Chapter, cell: Cell | None, form: str, name: str, default: Any
) -> Any:
    """An option of a cell: its own, else its document's, else its format's."""
    if cell and name in cell.options:
        return cell.options[name]
    inherited = book.project.option(form, name, default)
    return chapter.document.option(_NAMES[form], name, inherited)


def _shows(classes: list[str], pairs: dict[str, str], form: str) -> bool:
    names = ALIASES[form]
    matches = all(
        (value in names) == (key == "when-format")
        for key, value in pairs.items()
        if key in {"when-format", "unless-format"}
    )
    return matches == ("content-visible" in classes)


def point_links(
    blocks: list[Node],
    chapter_href: Callable[[int, str], str],
    file_href: Callable[[str], str | None],
    image_href: Callable[[str], str],
) -> list[Node]:
    """Turn links and images independent of format into addresses of one format.

    A file link for which `file_href` gives `None` becomes plain text.
    """

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "Link":
            attributes, content, (address, title) = node["c"]
            content = ast.walk(content, visit)
            if address.startswith("nk:"):
                number, _, fragment = address.removeprefix("nk:").partition("#")
                address = chapter_href(int(number), fragment)
            elif address.startswith("nk-file:"):
                href = file_href(address.removeprefix("nk-file:"))
                if href is None:
                    return list(content)
                address = href
            return [{"t": "Link", "c": [attributes, content, [address, title]]}]
        if node["t"] == "Image":
            attributes, content, (address, title) = node["c"]
            address = address if host_of(address) else image_href(address)
            return [{"t": "Image", "c": [attributes, content, [address, title]]}]
        return None

    walked: list[Node] = ast.walk(blocks, visit)
    return walked
