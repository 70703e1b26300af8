"""References and notes that open beside the text.

A citation and a note marker are links to an entry at the foot of the page, as pandoc writes them.
Without a script the style sheet shows the entry that a link leads to as a sheet at the foot of the
window (`:target`), so that the reader keeps the place; with one, `notes.js` opens it beside the
link. The native `popover` attribute alone would not do: only buttons can open one, and a button
does not break across lines as the words of a citation must.
"""

from __future__ import annotations

import re

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.code import Option
from nkbook.render.columns import note, place_notes

CLOSE = '<a class="close" href="#_">Close</a>'
"""No element has the id `_`: the entry is no longer the target, and nothing moves."""


def closable_entries(blocks: list[Node]) -> list[Node]:
    """The blocks with a link in each entry of the references that puts it back into its list.

    An entry's address breaks where an address may, and says no more than people can read.
    """

    def visit(node: Node) -> list[Node] | None:
        if node["t"] != "Div" or "csl-entry" not in node["c"][0][1]:
            return None
        attributes, body = node["c"]
        return [ast.div(attributes, [*ast.walk(body, _readable), ast.raw("html", CLOSE)])]

    walked: list[Node] = ast.walk(blocks, visit)
    return walked


def set_beside(blocks: list[Node], option: Option, before: int) -> list[Node]:
    """Blocks with footnotes and references in the margin, where options of Quarto's ask for it.

    `before` footnotes of the page stand before these blocks.
    """
    if option("reference-location", "document") in {"margin", "block"}:
        blocks = _notes_beside(blocks, before)
    if option("citation-location", "document") == "margin":
        blocks = _references_beside(blocks)
    return blocks


def _notes_beside(blocks: list[Node], count: int) -> list[Node]:

    def take(node: Node) -> tuple[list[Node], Node] | None:
        nonlocal count
        if node["t"] != "Note":
            return None
        count += 1
        mark = (
            f'<a href="#fn{count}" class="footnote-ref" id="fnref{count}" role="doc-noteref">'
            f"<sup>{count}</sup></a>"
        )
        return [ast.raw_inline("html", mark)], note(node["c"], f"fn{count}", str(count))

    return place_notes(blocks, take)


def _references_beside(blocks: list[Node]) -> list[Node]:
    """Each entry of the references where it is first cited; the list has what no words cite."""
    if [ast.identifier(block) for block in blocks[-2:]] != ["references", "refs"]:
        return blocks
    entries = {
        ast.identifier(node): node
        for node in ast.nodes(blocks, "Div")
        if "csl-entry" in node["c"][0][1]
    }

    def take(node: Node) -> tuple[list[Node], Node] | None:
        if node["t"] != "Link":
            return None
        entry = entries.pop(node["c"][2][0].removeprefix("#"), None)
        # By its class an entry is an item of a list, to those who hear it.
        return ([node], note([ast.div(ast.attr("", ["csl-bib-body"]), [entry])])) if entry else None

    *text, heading, listed = place_notes(blocks, take)
    attributes, _ = listed["c"]
    left = list(entries.values())
    return [*text, heading, ast.div(attributes, left)] if left else text


def _readable(node: Node) -> list[Node] | None:
    """A link that shows its own address, with places to break, as far as it is not in code.

    Percent signs stand for letters of another alphabet. Decoded they would need a font of it.
    """
    if node["t"] != "Link" or ast.stringify(node["c"][1]) != node["c"][2][0]:
        return None
    attributes, _, target = node["c"]
    words: list[Node] = []
    shown = re.sub(r"%[0-9A-F]{2}.*", "…", target[0])
    for part in re.split(r"(?<=[/?&=_])(?=[^/?&=_])", shown):
        words += [{"t": "Str", "c": part}, ast.raw_inline("html", "<wbr>")]
    return [{"t": "Link", "c": [attributes, words[:-1], target]}]
