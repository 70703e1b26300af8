"""References and notes that open beside the text.

A citation and a note marker are links to an entry at the foot of the page, as pandoc writes them.
Without a script the style sheet shows the entry that a link leads to as a sheet at the foot of the
window (`:target`), so that the reader keeps the place; with one, `notes.js` opens it beside the
link. The native `popover` attribute alone would not do: only buttons can open one, and a button
does not break across lines as the words of a citation must.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from nkbook.render import ast
from nkbook.render.ast import Node

CLOSE = '<a class="close" href="#_">Close</a>'
"""No element has the id `_`: the entry is no longer the target, and nothing moves."""


def closable_entries(blocks: list[Node]) -> list[Node]:
    """The blocks with a link in each entry of the references that puts it back into its list.

    An entry's address reads as people write it, and breaks where an address may.
    """

    def visit(node: Node) -> list[Node] | None:
        if node["t"] != "Div" or "csl-entry" not in node["c"][0][1]:
            return None
        attributes, body = node["c"]
        return [ast.div(attributes, [*ast.walk(body, _readable), ast.raw("html", CLOSE)])]

    walked: list[Node] = ast.walk(blocks, visit)
    return walked


def _readable(node: Node) -> list[Node] | None:
    """A link that shows its own address, with its letters decoded and places to break."""
    if node["t"] != "Link" or ast.stringify(node["c"][1]) != node["c"][2][0]:
        return None
    attributes, _, target = node["c"]
    words: list[Node] = []
    for part in re.split(r"(?<=[/?&=_])(?=[^/?&=_])", unquote(target[0])):
        words += [{"t": "Str", "c": part}, ast.raw_inline("html", "<wbr>")]
    return [{"t": "Link", "c": [attributes, words[:-1], target]}]
