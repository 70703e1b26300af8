"""Layouts: blocks beside one another, in rows whose columns have shares of the width."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from nkbook.render import ast
from nkbook.render.ast import Node

ATTRIBUTES = {"layout", "layout-ncol", "layout-nrow"}
"""Each of these asks for a layout."""

VALIGN = "layout-valign"
"""Says how the cells of a row stand."""

_VALIGNS = {"default": "top", "top": "top", "center": "center", "bottom": "bottom"}

_INLINE_GAPS = {"Space", "SoftBreak", "LineBreak"}


@dataclass(frozen=True)
class Row:
    """One row: the shares of its columns, and what stands in each; nothing in a gap."""

    shares: list[float]
    cells: list[list[Node]]
    valign: str
    """`top`, `center` or `bottom`."""


def is_layout(named: Mapping[str, str]) -> bool:
    """Whether a division with these attributes is a layout, and one that can be read."""
    try:
        _rows(named, 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return False
    return named.get(VALIGN, "top") in _VALIGNS


def lay_out(blocks: list[Node], named: Mapping[str, str]) -> Node:
    """The rows of a division with the attributes `named`."""
    cells = _cells(blocks)
    valign = _VALIGNS[named.get(VALIGN, "top")]
    rows = []
    for shares in _rows(named, len(cells)):
        row = [[] if share < 0 or not cells else cells.pop(0) for share in shares]
        widths = " ".join(f"{abs(share):g}" for share in shares)
        divisions = [ast.div(ast.attr(), cell) for cell in row]
        rows.append(ast.div(ast.attr("", ["nk-row"], shares=widths, valign=valign), divisions))
    return ast.div(ast.attr("", ["nk-layout"]), rows)


def layout_rows(node: Node) -> list[Row] | None:
    """The rows of a layout; `None` for other nodes."""
    if node["t"] != "Div" or "nk-layout" not in node["c"][0][1]:
        return None
    rows = []
    for row in node["c"][1]:
        attributes, cells = row["c"]
        named = ast.pairs_of(attributes)
        shares = [float(share) for share in named["shares"].split()]
        rows.append(Row(shares, [cell["c"][1] for cell in cells], named["valign"]))
    return rows


def _rows(named: Mapping[str, str], count: int) -> list[list[float]]:
    """The shares of each row for `count` cells; what is left over goes on as in the last row."""
    if "layout" in named:
        given = json.loads(named["layout"])
        rows = given if given and isinstance(given[0], list) else [given]
        rows = [[float(share) for share in row] for row in rows]
    elif "layout-nrow" in named:
        rows = [[1.0] * math.ceil(count / int(named["layout-nrow"]))]
    else:
        rows = [[1.0] * int(named["layout-ncol"])]
    if not all(any(share > 0 for share in row) for row in rows):
        raise ValueError("a row without a column")
    while sum(share > 0 for row in rows for share in row) < count:
        rows.append(rows[-1])
    return rows


def _cells(blocks: list[Node]) -> list[list[Node]]:
    """What stands together: a heading and all below it, an image, or any other block."""
    level = min((block["c"][0] for block in blocks if block["t"] == "Header"), default=0)
    cells: list[list[Node]] = []
    for block in blocks:
        inlines = block["c"] if block["t"] == "Para" else []
        images = [inline for inline in inlines if inline["t"] == "Image"]
        if level and cells and not (block["t"] == "Header" and block["c"][0] == level):
            cells[-1].append(block)
        elif images and all(inline["t"] in {"Image", *_INLINE_GAPS} for inline in inlines):
            cells += [[ast.para([image])] for image in images]
        else:
            cells.append([block])
    return cells
