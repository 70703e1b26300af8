"""Headings and titles as pages show them: a tree of contents, anchors, titles without links."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Heading


def heading_tree(
    headings: Sequence[Heading], titles: Sequence[str], depth: int
) -> list[dict[str, Any]]:
    """Headings as a tree, down to `depth` (the chapter's title is level 1)."""
    out: list[dict[str, Any]] = []
    stack: list[tuple[int, list[dict[str, Any]]]] = [(1, out)]
    for heading, title in zip(headings, titles, strict=True):
        if heading.level > depth or not heading.id or not heading.listed:
            continue
        item: dict[str, Any] = {
            "id": heading.id,
            "title_html": title,
            "children": [],
        }
        while len(stack) > 1 and stack[-1][0] >= heading.level:
            stack.pop()
        stack[-1][1].append(item)
        stack.append((heading.level, item["children"]))
    return out


def anchored(node: Node) -> list[Node] | None:
    """A heading that links to itself, so that a reader can point at it."""
    if node["t"] != "Header" or not (identifier := node["c"][1][0]):
        return None
    level, attributes, content = node["c"]
    label = 'aria-label="Link to this section"'
    mark = f'<a class="heading-link" href="#{html.escape(identifier)}" {label}>#</a>'
    return [ast.header(level, attributes, [*content, ast.raw_inline("html", mark)])]


def unlinked(node: Node) -> list[Node] | None:
    """Titles in contents are links themselves: they hold no other link and no note."""
    return [] if node["t"] == "Note" else unlinked_only(node, unlinked)


def unlinked_only(
    node: Node, visit: Callable[[Node], list[Node] | None] | None = None
) -> list[Node] | None:
    """A link as its words."""
    if node["t"] != "Link":
        return None
    return list(ast.walk(node["c"][1], visit or unlinked_only))
