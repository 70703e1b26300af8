"""What leaves the column of the text: notes in the margin, and blocks that are wider than it.

A note follows the outermost block that it was written in, whatever its place there: so it can stand
beside that block where a page has room, and below it elsewhere, and never breaks a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.labels import is_reference
from nkbook.render.layout import ATTRIBUTES

MARGIN = frozenset({"column-margin", "aside"})
"""Classes of what stands in the margin."""

_SIDES = ("", "-left", "-right")
WIDE = {
    **{f"column-body-outset{side}": "column-outset" for side in _SIDES},
    **{
        f"column-{page}{side}": "column-wide"
        for page in ("page", "page-inset", "screen", "screen-inset")
        for side in _SIDES
    },
    "column-screen-inset-shaded": "column-shaded",
}
"""Classes of what is wider than the text, each with that of our styles."""

COLUMNS = frozenset({"column-body", "column-margin", *WIDE})
"""What a cell may ask for with `column: …`, as classes."""

Take = Callable[[Node], "tuple[list[Node], Node] | None"]
"""What stays in the place of a node, and the note that it becomes; `None` if it is no note."""


@dataclass(frozen=True)
class Note:
    """A note in the margin."""

    id: str
    number: str
    """That of a footnote; empty for others."""
    reach: str
    """Beside how many blocks it stands, its own among them; empty where none has room for it."""
    blocks: list[Node]


def place_notes(blocks: list[Node], take: Take | None = None) -> list[Node]:
    """Blocks in which each note follows the outermost block that holds it.

    Notes are what has a class of the margin, or what `take` says.
    """
    out: list[Node] = []
    for block in blocks:
        if _is_flow(block):
            attributes, body = block["c"]
            out.append(ast.div(attributes, place_notes(body, take)))
        else:
            kept, notes = _parted(block, take or _marked)
            out += [*kept, *notes]
    return out


def widen(blocks: list[Node]) -> list[Node]:
    """Blocks in which each that is wider than the text stands in a division of that class."""
    walked: list[Node] = ast.walk(blocks, _widened)
    return walked


def note(blocks: list[Node], identifier: str = "", number: str = "") -> Node:
    """A note in the margin, as `note_parts` reads it."""
    return ast.div(ast.attr(identifier, ["nk-margin"], number=number), blocks)


def note_parts(node: Node) -> Note | None:
    """The parts of a note in the margin; `None` for other nodes."""
    if node["t"] != "Div" or "nk-margin" not in node["c"][0][1]:
        return None
    attributes, blocks = node["c"]
    named = ast.pairs_of(attributes)
    return Note(attributes[0], named["number"], named.get("reach", ""), blocks)


def _parted(block: Node, take: Take) -> tuple[list[Node], list[Node]]:
    """What stays of a block, and the notes that were in it."""
    notes: list[Node] = []

    def visit(node: Node) -> list[Node] | None:
        if found := take(node):
            stays, taken = found
            notes.append(taken)
            return stays
        # A footnote's own words stay together.
        return [node] if node["t"] == "Note" else None

    kept: list[Node] = ast.walk([block], visit)
    return [node for node in kept if not (notes and _is_empty(node))], notes


def _is_flow(block: Node) -> bool:
    """Whether a division is text like that around it, and not one thing that a note is beside."""
    if block["t"] != "Div":
        return False
    identifier, classes, pairs = block["c"][0]
    return not (
        is_reference(identifier)
        or MARGIN & set(classes)
        or ATTRIBUTES & dict(pairs).keys()
        or any(name.startswith(("callout", "nk-", "key-")) for name in classes if name != "nk-cell")
    )


def _is_empty(node: Node) -> bool:
    if node["t"] not in {"Para", "Plain"}:
        return False
    return all(inline["t"] in {"Space", "SoftBreak", "LineBreak"} for inline in node["c"])


def _marked(node: Node) -> tuple[list[Node], Node] | None:
    """What its author gave a class of the margin; a figure has that of its picture."""
    if node["t"] == "Figure":
        if not any(MARGIN & set(image["c"][0][1]) for image in ast.nodes(node["c"][2], "Image")):
            return None
        return [], note([_without(node, MARGIN)])
    attributes = ast.attributes(node)
    if not attributes or not MARGIN & set(attributes[1]):
        return None
    bare = _without(node, MARGIN)
    if node["t"] == "Div":
        return [], note(bare["c"][1] if bare["c"][0][:2] == ["", []] else [bare])
    if node["t"] == "Span":
        return [], note([ast.para(bare["c"][1] if bare["c"][0][:2] == ["", []] else [bare])])
    is_inline = node["t"] in {"Image", "Code", "Link"}
    return [], note([ast.para([bare])] if is_inline else [bare])


def _widened(node: Node) -> list[Node] | None:
    attributes = ast.attributes(node)
    found = {name for name in WIDE if attributes and name in attributes[1]}
    if node["t"] == "Figure":
        images = ast.nodes(node["c"][2], "Image")
        found = {name for image in images for name in image["c"][0][1] if name in WIDE}
    if not found or node["t"] not in {"Div", "Figure", "Table", "CodeBlock"}:
        return None
    bare = _without(node, frozenset(found))
    is_plain = bare["t"] == "Div" and bare["c"][0] == ["", [], []]
    inner = bare["c"][1] if is_plain else [bare]
    return [ast.div(ast.attr("", [WIDE[min(found)]]), widen(inner))]


def _without(node: Node, names: frozenset[str]) -> Node:
    """A node without these classes, on itself or, for a figure, on its picture."""

    def strip(inner: Node) -> list[Node] | None:
        attributes = ast.attributes(inner)
        if not attributes or not names & set(attributes[1]):
            return None
        attributes = [attributes[0], [n for n in attributes[1] if n not in names], attributes[2]]
        place = inner["c"].index(ast.attributes(inner))
        content = [*inner["c"][:place], attributes, *inner["c"][place + 1 :]]
        return [{"t": inner["t"], "c": ast.walk(content, strip)}]

    (bare,) = ast.walk([node], strip)
    return dict(bare)
