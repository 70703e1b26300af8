"""Blocks of code: names of their files, numbers of their lines, folding, and annotations.

An annotation is a mark `# <1>` at the end of a line, explained by item 1 of the list that follows.
The mark stays in the code as `# (1)`, so that the two belong together for every reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node

ANNOTATED = "code-annotated"
"""The class of a division of annotated code and the list that explains it."""

_MARK = re.compile(r"(?P<comment>#|//|--|%|;|<!--)\s*<(?P<number>\d+)>(?=\s*(?:-->)?[ \t]*$)", re.M)

Option = Callable[[str, Any], Any]
"""Gives an option of Quarto's by its name, or the default."""


def annotate(blocks: list[Node]) -> list[Node]:
    """Blocks in which annotated code and the list right after it are one division."""
    out: list[Node] = []
    for node in blocks:
        if node["t"] == "OrderedList" and out and (joined := _with_list(out[-1], node)):
            out[-1] = joined
        elif node["t"] == "Div":
            attributes, body = node["c"]
            out.append(ast.div(attributes, annotate(body)))
        else:
            out.append(node)
    return out


def _with_list(node: Node, explained: Node) -> Node | None:
    """Code, or the cell that begins with it, with its list; `None` if it has no annotations."""
    if node["t"] == "CodeBlock" and _MARK.search(node["c"][1]):
        attributes, text = node["c"]
        marked = _MARK.sub(r"\g<comment> (\g<number>)", text)
        code = {"t": "CodeBlock", "c": [attributes, marked]}
        return ast.div(ast.attr("", [ANNOTATED]), [code, explained])
    if node["t"] == "Div" and "nk-cell" in node["c"][0][1] and node["c"][1]:
        attributes, (first, *rest) = node["c"]
        if joined := _with_list(first, explained):
            return ast.div(attributes, [joined, *rest])
    return None


def cell_code(node: Node) -> Node | None:
    """The code of a cell in the block of it that holds the code; `None` for any other block."""
    if node["t"] == "Div" and ANNOTATED in node["c"][0][1]:
        node = node["c"][1][0]
    return node if node["t"] == "CodeBlock" and "cell-code" in node["c"][0][1] else None


def fenced_code(code: Node, header: str) -> Node:
    """The code of a cell with its fence and its option lines, as its author wrote it."""
    lines = [line for line in header.split("\n") if line and not re.match(r"#\|\s*echo:", line)]
    text = "\n".join(["```{python}", *lines, code["c"][1], "```"])
    return {"t": "CodeBlock", "c": [ast.attr("", ["markdown", "cell-code"]), text]}


def decorated(code: Node, form: str, option: Option) -> list[Node]:
    """A block of code with its file's name and numbers of lines, where they are asked for."""
    (identifier, classes, pairs), text = code["c"]
    own = dict(pairs)

    def asked(name: str) -> Any:
        return own.get(name, option(name, False))

    numbers = asked("code-line-numbers") not in (False, "false")
    wraps = asked("code-overflow") == "wrap"
    name = str(asked("filename") or "")
    added = ["number-lines"] * numbers + ["code-wrap"] * wraps
    kept = [pair for pair in pairs if pair[0] not in _READ]
    if not added and len(kept) == len(pairs) and not name:
        return [code]
    block = {"t": "CodeBlock", "c": [[identifier, [*classes, *added], kept], text]}
    if numbers and form == "pdf":
        block = ast.div(ast.attr("", ["numbered-code"]), [block])
    if not name:
        return [block]
    label = ast.para([{"t": "Strong", "c": ast.inlines(name)}])
    head = ast.div(ast.attr("", ["code-filename"]), [label])
    return [ast.div(ast.attr("", ["code-with-filename"]), [head, block])]


_READ = {"code-line-numbers", "code-overflow", "filename", "code-fold", "code-summary"}


def folded(blocks: list[Node], summary: str, *, opened: bool) -> list[Node]:
    """Code that a page of the site shows when its reader asks."""
    start = f'<details class="code-fold"{" open" if opened else ""}>'
    return [
        ast.raw("html", f"{start}<summary>{escape(summary)}</summary>"),
        *blocks,
        ast.raw("html", "</details>"),
    ]
