"""Pandoc's document tree as plain data: the few constructors and walks that the engine needs.

A node is `{"t": type, "c": content}` as in pandoc's JSON. Attributes are `[id, classes, pairs]`.
See https://hackage.haskell.org/package/pandoc-types for every type's content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Node = dict[str, Any]
Attr = list[Any]
Visit = Callable[[Node], "list[Node] | None"]

_HOLDERS = (list, dict)
"""What nodes can be in."""
_WORD_GAPS = {"Space", "SoftBreak"}
"""What stands between two words of a line."""
_BOXES = {"☐", "☒"}
"""Words by which pandoc knows a list of things to do."""
_GAPS = {*_WORD_GAPS, "LineBreak"}


_ATTRIBUTES = {
    "Header": 1,
    **dict.fromkeys(("Div", "Span", "CodeBlock", "Code", "Link", "Image", "Figure", "Table"), 0),
}
"""Where attributes stand in the content of a node, by its type."""
ATTRIBUTED = tuple(_ATTRIBUTES)
"""Types of nodes that have attributes."""
_PLAIN = {
    *("Para", "Plain", "Emph", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps"),
    *("Underline", "Note", "BlockQuote", "BulletList", "LineBlock", "Cite"),
}
"""Types of nodes of which all content is nodes, or lists of them."""
_NESTED = {
    **dict.fromkeys(("Div", "Span", "Link", "Image", "Quoted", "OrderedList"), 1),
    "Header": 2,
}
"""Where the nodes stand that a node holds, by its type, where all else in it holds none."""


def walk(value: Any, visit: Visit) -> Any:
    """A copy of `value` in which each node, from the outside in, is replaced by what `visit` gives.

    `visit` returns `None` to keep a node and look inside it, or a list to put in its place; what it
    returns is not visited again. Nodes that hold nothing but text are shared with `value`.
    """
    # A tree read from JSON holds no subclasses, and this is the innermost loop of every format.
    if type(value) is list:
        out: list[Any] = []
        for item in value:
            if type(item) is dict and "t" in item:
                replaced = visit(item)
                if replaced is not None:
                    out += replaced
                elif type(item.get("c")) is list:
                    out.append(walk_inside(item, visit))
                else:
                    out.append(item)
            elif type(item) is list or type(item) is dict:
                out.append(walk(item, visit))
            else:
                out.append(item)
        return out
    if type(value) is dict:
        return {key: walk(child, visit) for key, child in value.items()}
    return value


def walk_inside(node: Node, visit: Visit) -> Node:
    """A copy of a node, with attributes of its own, in which all that it holds is walked."""
    kind, content = node["t"], node["c"]
    if kind in _PLAIN:
        return {"t": kind, "c": walk(content, visit)}
    if kind in _NESTED:
        out = list(content)
        out[_NESTED[kind]] = walk(content[_NESTED[kind]], visit)
        if kind in _ATTRIBUTES:
            name, classes, pairs = content[_ATTRIBUTES[kind]]
            out[_ATTRIBUTES[kind]] = [name, list(classes), list(pairs)]
        return {"t": kind, "c": out}
    if kind == "Table":
        (name, classes, pairs), caption, columns, head, bodies, foot = content

        def rows(found: list[Any]) -> list[Any]:
            return [
                [own, [[*cell[:4], walk(cell[4], visit)] for cell in cells]] for own, cells in found
            ]

        out = [
            [name, list(classes), list(pairs)],
            walk(caption, visit),
            columns,
            [head[0], rows(head[1])],
            [[own, heads, rows(first), rows(rest)] for own, heads, first, rest in bodies],
            [foot[0], rows(foot[1])],
        ]
        return {"t": kind, "c": out}
    return {key: walk(child, visit) for key, child in node.items()}


def nodes(value: Any, *types: str) -> Iterator[Node]:
    """Every node in `value`, outermost first; only those of the named types, if any are named."""
    # With a stack of its own: a generator in each generator would cost more than all that is found.
    waiting = [value] if type(value) in _HOLDERS else []
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            waiting += [child for child in reversed(item) if type(child) in _HOLDERS]
            continue
        kind = item.get("t")
        if kind is None:
            waiting.append([*item.values()])
            continue
        if not types or kind in types:
            yield item
        if kind == "Str":
            continue
        content: Any = item.get("c")
        if kind in _NESTED:
            waiting.append(content[_NESTED[kind]])
        elif kind == "Table":
            waiting.append([content[1], *_cells(content)])
        elif type(content) in _HOLDERS:
            waiting.append(content)


def _cells(table: list[Any]) -> Iterator[list[Node]]:
    """The blocks of each cell of a table, in the order in which they are read."""
    _, _, _, head, bodies, foot = table
    parts = [head[1], *(rows for body in bodies for rows in body[2:]), foot[1]]
    return (cell[4] for rows in parts for _, cells in rows for cell in cells)


def stringify(value: Any) -> str:
    """The text of inlines or blocks, without markup and without notes."""
    parts: list[str] = []
    _gather(value if isinstance(value, list) else [value], parts)
    return " ".join("".join(parts).split(" ")).strip()


def _gather(value: Any, parts: list[str]) -> None:
    """Add the text in `value` to `parts`."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and item.get("t") == "Str":
                parts.append(item["c"])
            elif isinstance(item, dict) and item.get("t") in _GAPS:
                parts.append(" ")
            elif isinstance(item, _HOLDERS):
                _gather(item, parts)
        return
    match value.get("t"):
        case "Code" | "Math" | "CodeBlock":
            parts.append(value["c"][1])
        case "Note" | "RawInline" | "RawBlock":
            return
        case "Quoted":
            single = value["c"][0]["t"] == "SingleQuote"
            parts.append("‘" if single else "“")
            _gather(value["c"][1], parts)
            parts.append("’" if single else "”")
        case "Para" | "Plain" | "Header":
            _gather(value["c"], parts)
            parts.append(" ")
        case _:
            _gather([*value.values()], parts)


def attr(identifier: str = "", classes: Sequence[str] = (), **pairs: str) -> Attr:
    """Attributes; underscores in the names of pairs become hyphens."""
    return [identifier, list(classes), [[k.replace("_", "-"), v] for k, v in pairs.items()]]


def pairs_of(attributes: Attr) -> dict[str, str]:
    """The key-value pairs of attributes."""
    return dict(attributes[2])


def attributes(node: Node) -> Attr | None:
    """The attributes of a node; `None` for one that has none."""
    place = _ATTRIBUTES.get(node["t"])
    if place is None:
        return None
    found: Attr = node["c"][place]
    return found


def identifiers(value: Any) -> set[str]:
    """The ids of all nodes in `value`."""
    return {name for node in nodes(value, *_ATTRIBUTES) if (name := identifier(node))}


def identifier(node: Node) -> str:
    """The id of a node, or an empty string."""
    found = attributes(node)
    return str(found[0]) if found else ""


def inlines(text: str) -> list[Node]:
    """Plain text as inlines."""
    inner = text.strip(" ")
    if not inner:
        return [{"t": "Space"}] if text else []
    before: list[Node] = [{"t": "Space"}] if text[0] == " " else []
    after: list[Node] = [{"t": "Space"}] if text[-1] == " " else []
    return [*before, {"t": "Str", "c": inner}, *after]


def join_words(value: Any) -> Any:
    """A copy of `value` in which words that follow each other are one text.

    Pandoc gives each word and each space a node of its own, nine of ten in a book. As one they
    print the same, and everything that walks the tree has a tenth of the way. Spaces beside other
    inlines stay nodes.
    """
    if isinstance(value, dict):
        return {key: join_words(child) for key, child in value.items()}
    if not isinstance(value, list):
        return value
    out: list[Any] = []
    words: list[str] = []
    gaps: list[Node] = []

    def close() -> None:
        if words:
            out.append({"t": "Str", "c": "".join(words)})
        out.extend(gaps)
        words.clear()
        gaps.clear()

    for item in value:
        kind = item.get("t") if isinstance(item, dict) else None
        if kind == "Str" and item["c"] not in _BOXES:
            words += " " * len(gaps)
            words.append(item["c"])
            gaps.clear()
        elif kind in _WORD_GAPS and words:
            gaps.append(item)
        else:
            close()
            out.append(item if kind in _WORD_GAPS or kind == "Str" else join_words(item))
    close()
    return out


def para(content: Iterable[Node]) -> Node:
    """A paragraph."""
    return {"t": "Para", "c": list(content)}


def plain(content: Iterable[Node]) -> Node:
    """Inlines in the place of a block, without a paragraph around them."""
    return {"t": "Plain", "c": list(content)}


def div(attributes: Attr, blocks: Iterable[Node]) -> Node:
    """A division of blocks."""
    return {"t": "Div", "c": [attributes, list(blocks)]}


def span(attributes: Attr, content: Iterable[Node]) -> Node:
    """A span of inlines."""
    return {"t": "Span", "c": [attributes, list(content)]}


def link(content: Iterable[Node], target: str, attributes: Attr | None = None) -> Node:
    """A link."""
    return {"t": "Link", "c": [attributes or attr(), list(content), [target, ""]]}


def cite(key: str, mode: str = "NormalCitation", words: Iterable[Node] = ()) -> Node:
    """A citation of one source; `words` stand there where citations are not resolved."""
    item = {
        "citationId": key,
        "citationPrefix": [],
        "citationSuffix": [],
        "citationMode": {"t": mode},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return {"t": "Cite", "c": [[item], list(words)]}


def code(text: str) -> Node:
    """Inline code."""
    return {"t": "Code", "c": [attr(), text]}


def raw(form: str, text: str) -> Node:
    """A block handed as it is to the writer of one format."""
    return {"t": "RawBlock", "c": [form, text]}


def raw_inline(form: str, text: str) -> Node:
    """Inline text handed as it is to the writer of one format."""
    return {"t": "RawInline", "c": [form, text]}


def header(level: int, attributes: Attr, content: Iterable[Node]) -> Node:
    """A heading."""
    return {"t": "Header", "c": [level, attributes, list(content)]}
