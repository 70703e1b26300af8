"""How far the notes in the margin of a page reach down it.

A style sheet can keep two notes apart only by the blocks that they stand beside, and cannot count
those, so it is foretold here. A note taken for shorter than it is makes room in the text; one taken
for longer keeps the next from its block. None ever covers another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from math import ceil

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.columns import note_parts

_TEXT, _NOTE = 66, 38
"""Letters to a line."""
_SCALE = 0.7
"""The height of a line of a note, in lines of the text."""
_PICTURE, _ROW, _GAP = 9, 1.8, 0.6
"""Heights in lines: of a picture, of a row of a table, and of what parts two blocks."""


def measure_notes(blocks: Sequence[Node]) -> list[Node]:
    """Blocks in which each note says beside how many of them it stands."""
    out: list[Node] = []
    row, taken = 0, 0  # of the last block, and the last that a note stands beside
    for index, block in enumerate(blocks):
        if note := note_parts(block):
            own = blocks[index - 1 : index] if index and row > taken else []
            after = takewhile(lambda node: node["t"] != "Header", blocks[index + 1 :])
            beside = [node for node in (*own, *after) if not note_parts(node)]
            # A note that has to wait for the one before it begins beside nothing.
            row = max(row, taken + 1)
            reach = _reach(note.blocks, beside) + (not own)
            taken = row + reach - 1
            (identifier, classes, pairs), body = block["c"]
            out.append(ast.div([identifier, classes, [*pairs, ["reach", str(reach)]]], body))
            continue
        row += 1
        if block["t"] == "Div":
            attributes, body = block["c"]
            block = ast.div(attributes, measure_notes(body))
        out.append(block)
    return out


def _reach(note: Sequence[Node], beside: Sequence[Node]) -> int:
    left: float = sum(_height(block, _NOTE) for block in note) * _SCALE
    for count, block in enumerate(beside, 1):
        left -= _height(block, _TEXT)
        if left <= 0:
            return count
    return len(beside)


def _height(block: Node, letters: int) -> float:
    """The height of a block in its own lines."""
    tables = list(ast.nodes(block, "Table"))
    rest = ast.walk([block], lambda node: [] if node["t"] == "Table" else None)
    texts = (ast.stringify(node) for node in ast.nodes(rest, "Para", "Plain", "Header"))
    lines: float = sum(max(1, ceil(len(text) / letters)) + _GAP for text in texts)
    lines += sum(str(node["c"][1]).count("\n") + 1 for node in ast.nodes(rest, "CodeBlock"))
    lines += _PICTURE * sum(1 for _ in ast.nodes(rest, "Image"))
    for table in tables:
        cells = sum(1 for _ in ast.nodes(table["c"][3:], "Para", "Plain"))
        lines += _GAP + _ROW * cells / len(table["c"][2])
    return lines
