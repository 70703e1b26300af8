"""Rows of evidence, found among headings and text, so that the printed book can set them small."""

from __future__ import annotations

from itertools import groupby

from nkbook.render import ast
from nkbook.render.ast import Node


def records(blocks: list[Node]) -> list[Node]:
    """An unlisted heading with what follows it, such as a row of evidence, as one division."""
    grouped: list[Node] = []
    inside = False
    for node in blocks:
        if node["t"] == "Header":
            inside = "unlisted" in node["c"][1][1]
            if inside:
                grouped.append(ast.div(ast.attr("", ["evidence"]), [node]))
                continue
        if inside:
            grouped[-1]["c"][1].append(node)
        else:
            grouped.append(node)
    return _rows(grouped)


def _rows(blocks: list[Node]) -> list[Node]:
    """Long runs of rows of evidence, with the headings between them, as one division each."""
    result: list[Node] = []
    for together, nodes in groupby(blocks, lambda node: _is_row(node) or _is_section(node)):
        run = list(nodes)
        # The last heading belongs to the text that follows.
        end = len(run)
        while end and not _is_row(run[end - 1]):
            end -= 1
        if together and sum(map(_is_row, run)) >= _MANY_ROWS:
            result.append(ast.div(ast.attr("", ["evidence-rows"]), run[:end]))
            result.extend(run[end:])
        else:
            result.extend(run)
    return result


_MANY_ROWS = 24
"""So many rows fill several pages; fewer stay as wide as the text."""


def _is_row(node: Node) -> bool:
    return node["t"] == "Div" and "evidence" in node["c"][0][1]


def _is_section(node: Node) -> bool:
    return node["t"] == "Header" and not {"part", "chapter"} & set(node["c"][1][1])
