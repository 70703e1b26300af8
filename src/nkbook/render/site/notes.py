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


def notes_beside(blocks: list[Node], before: int) -> list[Node]:
    """Blocks with their footnotes in the margin, after `before` others of the page."""
    count = before

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
