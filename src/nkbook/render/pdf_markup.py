"""The book's tree as Typst markup: which function of `assets/print/design.typ` sets which node.

Nodes for which pandoc's writer is right are left to it; the others get Typst code around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.columns import note_parts
from nkbook.render.elements import (
    Tab,
    callout_parts,
    equation_parts,
    float_parts,
    tabset_parts,
    theorem_parts,
)
from nkbook.render.layout import Row, layout_rows
from nkbook.render.pdf_index import INDEX_MARK
from nkbook.render.web import caption_parts

ELSEWHERE = "elsewhere"
"""The class of links from one chapter's own PDF into the rest of the book."""


_RENAMED = re.compile(r"\b(dot|times)\.circle\b")
"""Signs in circles by the names that pandoc writes; `sect` has its old name in `design.typ`."""
_FORBIDDEN = re.compile("[\ufeff\ufffe]")
"""Marks of byte order, as they begin files that a cell prints: no text of a PDF/A may have one."""


def typst_markup(blocks: list[Node], depth: int, place: str) -> str:
    """Blocks as Typst markup; contents list sections down to `depth`."""
    markup = pandoc.write(
        _Markup(depth).blocks(blocks),
        ["--to", "typst-smart-citations", "--wrap", "none", "--eol", "lf"],
        place=place,
    )
    return _RENAMED.sub(r"\1.o", _FORBIDDEN.sub("", markup))


def string(text: str) -> str:
    """`text` as a Typst string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f]", " ", escaped) + '"'


def array(values: Iterable[str]) -> str:
    """Typst values as an array."""
    return f"({''.join(value + ', ' for value in values)})"


def arguments(settings: Mapping[str, str]) -> str:
    """Typst values by their names, as arguments of a call."""
    return "".join(f"  {name}: {value},\n" for name, value in settings.items())


class _Markup:
    """Rewrites the tree for pandoc's Typst writer. Headings shift below the part they stand in."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.shift = 0
        self.above = [1]
        """The levels, as written, of the headings that a section stands under."""
        self.record = False
        self.cited = False
        self.key = False
        self.still = False

    def blocks(self, nodes: Any) -> Any:
        return ast.walk(nodes, self._visit)

    def _visit(self, node: Node) -> list[Node] | None:
        match node["t"]:
            case "Header":
                return self._heading(node)
            case "Div":
                return self._div(node)
            case "Span":
                return self._span(node)
            case "Image":
                return [_code_inline(_picture(node, block=False))]
            case "Para" | "Plain" if len(node["c"]) == 1 and node["c"][0]["t"] == "Image":
                return [_code(_picture(node["c"][0], block=True))]
            case "Figure":
                return self._figure(node)
            case "Table":
                return self._table(node, "", [])
            case "Link":
                return self._link(node)
            case "Cite":
                self.cited = True
                content = self.blocks(node["c"][1])
                self.cited = False
                return list(content)
            case "Math":
                text = node["c"][1]
                alt = string(" ".join(text.split()))
                return [_code_inline(f"#[#set math.equation(alt: {alt});"), node, _code_inline("]")]
        return None

    def _heading(self, node: Node) -> list[Node]:
        level, (name, classes, pairs), title = node["c"]
        named = dict(pairs)
        number = string(named.get("number", ""))
        if {"part", "chapter"} & set(classes):
            self.above = [1]
        if "part" in classes:
            self.shift = 0
            call = "#part("
        elif "chapter" in classes:
            self.shift = 1 if named.get("part") else 0
            kind = "appendix" if "appendix" in classes else "chapter"
            call = f'#chapter(level: {1 + self.shift}, kind: "{kind}", number: {number}'
        elif "unlisted" in classes:
            call = f"#entry(level: {self._nested(level)}"
        else:
            listed = str(level <= self.depth).lower()
            call = (
                f"#section(level: {self._nested(level)}, depth: {max(1, level - 1)}, "
                f"listed: {listed}, number: {number}"
            )
        return [_around(f"{call})[", self.blocks(ast.walk(title, _title_note)), "]" + _label(name))]

    def _nested(self, level: int) -> int:
        """The level of a section in the PDF: authors skip some, and PDF/UA lets none be skipped."""
        while self.above and self.above[-1] >= level:
            self.above.pop()
        self.above.append(level)
        return len(self.above) + self.shift

    def _div(self, node: Node) -> list[Node] | None:
        (name, classes, pairs), body = node["c"]
        if found := float_parts(node):
            inner = found.body
            if found.is_part:
                return self._float(
                    "figure-part", found.mark, found.caption, self.blocks(inner), name
                )
            if found.kind == "tbl" and len(inner) == 1 and inner[0]["t"] == "Table":
                return self._table(inner[0], found.label, found.caption, name, found.delimiter)
            function = _FLOATS[found.kind]
            return self._float(
                function, found.label, found.caption, self.blocks(inner), name, found.delimiter
            )
        if note := note_parts(node):
            outer, self.still = self.still, True
            inner = self.blocks(note.blocks)
            self.still = outer
            return [_code("#margin-note["), *inner, _code("]" + _label(note.id))]
        if theorem := theorem_parts(node):
            return [_code("#theorem["), *self.blocks(theorem.blocks), _code("]" + _label(name))]
        if rows := layout_rows(node):
            return list(chain.from_iterable(map(self._row, rows)))
        if tabset := tabset_parts(node):
            tabs = chain.from_iterable(map(self._tab, tabset.tabs))
            stacked = [*self.blocks(tabset.before), *tabs]
            return [ast.div(ast.attr(name), stacked)] if name else stacked
        if callout := callout_parts(node):
            kind, title, inner, _ = callout
            return [
                _around(f'#callout("{kind}", [', self.blocks(title), "])["),
                *self.blocks(inner),
                _code("]" + _label(name)),
            ]
        if "key-numbers" in classes:
            items = [item for node in body if node["t"] == "BulletList" for item in node["c"]]
            boxes = [self._key_number(item) for item in items]
            return [_code("#key-numbers("), *chain.from_iterable(boxes), _code(")" + _label(name))]
        if "pagebreak" in classes:
            return [_code("#pagebreak(weak: true)")]
        if call := next((_DIVS[css] for css in classes if css in _DIVS), ""):
            outer = self.record
            self.record = outer or call == "record"
            inner = self.blocks(body)
            if call == "record" and len(body) > 1 and _is_lead(body[0]):
                inner[:1] = [_around("#lead[", inner[0]["c"], "]")]
            self.record = outer
            return [_code(f"#{call}["), *inner, _code("]" + _label(name))]
        if lang := dict(pairs).get("lang", ""):
            start = f"#[#set text(lang: {string(lang)})"
            return [_code(start), *self.blocks(body), _code("]" + _label(name))]
        # A division that says nothing here would still close in the space around its lists.
        return None if name else list(self.blocks(body))

    def _row(self, row: Row) -> list[Node]:
        """A row of a layout. What stands in it cannot move to the head of a page."""
        shares = array(f"{share:g}fr" for share in row.shares)
        outer, self.still = self.still, True
        cells = [[_code("["), *self.blocks(cell), _code("],")] for cell in row.cells]
        self.still = outer
        call = f"#layout-row({shares}, {_ALIGNMENTS[row.valign]}, "
        return [_code(call), *chain.from_iterable(cells), _code(")")]

    def _tab(self, tab: Tab) -> list[Node]:
        """A tab on paper: its title as a heading that no contents list, and what it opens."""
        call = (
            f"#section(level: {self._nested(tab.level)}, depth: {max(1, tab.level - 1)}, "
            f"bookmarked: false)["
        )
        title = _around(call, self.blocks(tab.title), "]" + _label(tab.id))
        return [title, *self.blocks(tab.body)]

    def _key_number(self, item: list[Node]) -> list[Node]:
        """An item of the key numbers."""
        self.key = True
        box = [_code("["), *self.blocks(item), _code("],")]
        self.key = False
        return box

    def _span(self, node: Node) -> list[Node] | None:
        (name, classes, pairs), content = node["c"]
        if equation := equation_parts(node):
            call = f"#equation({string(equation.number)})["
            return [
                _code_inline(call),
                *self.blocks([equation.formula]),
                _code_inline("]" + _label(name)),
            ]
        if "stat" in classes and self.key:
            return self._number(self.blocks(content))
        if INDEX_MARK in classes:
            return [_code_inline(f"#occurrence({string(dict(pairs)['name'])})")]
        if "testimony-speaker" in classes:
            call, close = "#speaker[", "]"
        elif lang := dict(pairs).get("lang", ""):
            call, close = f"#text(lang: {string(lang)})[", "]"
        else:
            return None
        return [_code_inline(call), *self.blocks(content), _code_inline(close + _label(name))]

    def _link(self, node: Node) -> list[Node] | None:
        (_, classes, _), content, (address, _) = node["c"]
        content = self.blocks(content)
        own = address[1:] if address.startswith("#") else ""
        if not (classes or self.record or self.cited) and own:
            return _inside(f"see(label({string(own)}))", content)
        mark: list[Node] = []
        if "stat" in classes and not self.record:
            mark = [_code_inline(f"#evidence({string(own)})")] if own else []
            content = self._number(content)
        elif ELSEWHERE in classes:
            content = _inside("traced", content)
        return [*mark, {"t": "Link", "c": [["", [], []], content, [address, ""]]}]

    def _number(self, content: list[Node]) -> list[Node]:
        """A number that leads to its evidence; the first of a key number's box is the large one."""
        call, self.key = "key-number" if self.key else "traced", False
        return _inside(call, content)

    def _figure(self, node: Node) -> list[Node]:
        """A figure without a label: its caption, no number."""
        (name, _, _), caption, body = node["c"]
        return self._float("numbered-figure", "", _words(caption), self.blocks(body), name)

    def _table(
        self, node: Node, label: str, caption: list[Node], name: str = "", delimiter: str = ""
    ) -> list[Node]:
        (own, classes, pairs), given, *rest = node["c"]
        caption = caption or _words(given)
        attributes = ["", [*classes, "typst:no-figure"], pairs]
        table = {"t": "Table", "c": [attributes, [None, []], *self.blocks(rest)]}
        if not caption and not label:
            return [_code("#unnumbered-table["), table, _code("]" + _label(own))]
        return self._float("numbered-table", label, caption, [table], name or own, delimiter)

    def _float(
        self,
        function: str,
        label: str,
        caption: list[Node],
        body: list[Node],
        name: str,
        delimiter: str = "",
    ) -> list[Node]:
        named = f"name: {string(name) if name else 'none'}"
        if function != "figure-part":
            named += f", delimiter: {string(delimiter)}"
            named += ", moves: false" if self.still else ""
        start = [
            _code_inline(f"#{function}({named}, short: ["),
            *self.blocks(_short(caption)),
            _code_inline(f"], {string(label)}, ["),
        ]
        return [
            ast.plain([*start, *self.blocks(caption), _code_inline("])[")]),
            *body,
            _code("]"),
        ]


_FLOATS = {"fig": "numbered-figure", "tbl": "numbered-table", "lst": "numbered-listing"}

_ALIGNMENTS = {"top": "top", "center": "horizon", "bottom": "bottom"}

_DIVS = {
    "testimony": "testimony",
    "evidence": "record",
    "evidence-rows": "records",
    "csl-entry": "reference",
    "cell-output": "code-output",
    "chapter-matter": "chapter-matter",
    "subtitle": "subtitle",
    "byline": "byline",
    "abstract": "abstract",
    "code-filename": "code-filename",
    "numbered-code": "numbered-code",
}
"""Functions of `design.typ` for divisions by their class."""


def _words(caption: list[Any]) -> list[Node]:
    return [inline for block in caption[1] for inline in block["c"]]


def _title_note(node: Node) -> list[Node] | None:
    """A note at a title, so that contents and heads can leave it out."""
    if node["t"] != "Note":
        return None
    words = [inline for block in node["c"] if block["t"] == "Para" for inline in block["c"]]
    return _inside("title-note", words)


def _short(caption: list[Node]) -> list[Node]:
    """A caption's first sentence for the lists of figures and tables: no sources, no links."""

    def unlinked(node: Node) -> list[Node] | None:
        return list(ast.walk(node["c"][1], unlinked)) if node["t"] == "Link" else None

    sentence, _ = caption_parts(caption)
    words: list[Node] = []
    for node in sentence:
        if node["t"] not in {"Cite", "Note"}:
            words += ast.walk([node], unlinked)
        elif words and words[-1]["t"] in {"Space", "SoftBreak"}:
            words.pop()
    return words


def _picture(node: Node, *, block: bool) -> str:
    (_, _, pairs), _, (address, _) = node["c"]
    named = dict(pairs)
    width = ""
    if match := re.fullmatch(r"([\d.]+)(%|in|cm|mm|pt|px)", named.get("width", "")):
        number, unit = float(match[1]), match[2]
        width = f", width: {number * 0.75:g}pt" if unit == "px" else f", width: {number:g}{unit}"
    function = "picture" if block else "inline-picture"
    return f"#{function}({string(address)}, {string(named.get('alt', ''))}{width})"


def _is_lead(node: Node) -> bool:
    """Whether a paragraph of a row is like a heading: nothing but strong words, such as a date."""
    return node["t"] == "Para" and [inline["t"] for inline in node["c"]] == ["Strong"]


def _code(text: str) -> Node:
    return ast.raw("typst", text)


def _code_inline(text: str) -> Node:
    return ast.raw_inline("typst", text)


def _around(start: str, content: list[Node], end: str) -> Node:
    return ast.plain([_code_inline(start), *content, _code_inline(end)])


def _inside(call: str, content: list[Node]) -> list[Node]:
    return [_code_inline(f"#{call}["), *content, _code_inline("]")]


def _label(name: str) -> str:
    return f"#label({string(name)})" if name else ""
