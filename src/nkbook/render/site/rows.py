"""Pages with rows of evidence, above which a script puts a bar to filter and sort them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nkbook.render import ast
from nkbook.render.ast import Node

FEWEST = 8
"""Rows that a page must have before a bar is worth its place."""

_ROOM = ast.raw("html", '<div class="filter-room"></div>')


def has_rows(blocks: Sequence[Node]) -> bool:
    """Whether a page lists so much evidence that readers want to filter it."""
    return sum(1 for _ in filter(_is_row, ast.nodes(blocks, "Div", "Header"))) >= FEWEST


def make_room(blocks: list[Node]) -> list[Node]:
    """Keep a place for the bar on pages that begin with rows, so that nothing moves when it comes.

    Elsewhere it comes far below the first screen.
    """
    groups = [place for place, block in enumerate(blocks) if block["t"] == "Header"]
    if not groups or not has_rows(blocks) or not _begins_with_row(blocks[groups[0] + 1 :]):
        return blocks
    return [*blocks[: groups[0]], _ROOM, *blocks[groups[0] :]]


def _begins_with_row(blocks: Iterable[Node]) -> bool:
    found = (_is_row(block) for block in blocks if block["t"] == "Header" or _is_row(block))
    return next(found, False)


def _is_row(node: Node) -> bool:
    identifier, classes, _ = ast.attributes(node) or ("", [], [])
    return bool(identifier) and "evidence" in classes
