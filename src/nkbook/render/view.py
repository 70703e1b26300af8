"""What one format shows of a chapter: conditional content, code cells, and links made concrete."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
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
        if _option(book, chapter, cell, form, "include", True) is False:
            return []
        output = _option(book, chapter, cell, form, "output", True)
        for node in body:
            if any("cell-code" in code["c"][0][1] for code in ast.nodes(node, "CodeBlock")):
                if _option(book, chapter, cell, form, "echo", True):
                    fold = _option(book, chapter, cell, form, "code-fold", False)
                    folds = form == "html" and fold in (True, "true", "show")
                    summary = str(_option(book, chapter, cell, form, "code-summary", "Code"))
                    # Folded code is for those who ask: it stands below what it made.
                    below += _folded(node, summary, fold == "show") if folds else []
                    shown += [] if folds else [node]
            elif output is not False:
                shown += ast.walk([node], visit)
        return shown + below

    walked: list[Node] = ast.walk(chapter.blocks, visit)
    return walked


def _folded(code: Node, summary: str, opened: bool) -> list[Node]:
    start = f'<details class="code-fold"{" open" if opened else ""}>'
    return [
        ast.raw("html", f"{start}<summary>{escape(summary)}</summary>"),
        code,
        ast.raw("html", "</details>"),
    ]


def _option(book: Book, chapter: Chapter, cell: Cell, form: str, name: str, default: Any) -> Any:
    """An option of a cell: its own, else its document's, else its format's."""
    if name in cell.options:
        return cell.options[name]
    front = chapter.document.front
    for level in (front.get("format"), front):
        own = level.get(_NAMES[form]) if isinstance(level, dict) and level is not front else level
        if isinstance(own, dict):
            if name in own:
                return own[name]
            if isinstance(own.get("execute"), dict) and name in own["execute"]:
                return own["execute"][name]
    return book.project.option(form, name, default)


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
            return [{"t": "Image", "c": [attributes, content, [image_href(address), title]]}]
        return None

    walked: list[Node] = ast.walk(blocks, visit)
    return walked
