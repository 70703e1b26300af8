"""Elements with a number or parts of their own, each in one form whatever way it was written.

`lower_elements` makes the forms from pandoc's tree, in which the same figure can stand as an image,
a division or a cell. Formats read them with the functions that give an element's parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.labels import CALLOUT_KINDS, FLOATS, PROOFS, THEOREMS
from nkbook.render.layout import is_layout, lay_out

_FORMS = {"nk-float", "nk-equation", "nk-theorem", "nk-callout"}
_CALLOUTS = {f"callout-{kind}": prefix for prefix, kind in CALLOUT_KINDS.items()}
_PROOFS = {word.lower(): kind for kind, word in PROOFS.items()}
_WORDS = re.compile(r"[\w\s,.;:?!()-]*")
"""Words alone, which need no pandoc to read them."""
_EQUATION = re.compile(r"\{#(?P<label>eq-[\w-]+)\}(?= |\Z)")


@dataclass(frozen=True)
class Float:
    """A figure, table or listing."""

    id: str
    kind: str
    label: str
    """“Figure 2.1”, or “Figure 2.1 (a)” for a part of one."""
    mark: str
    """How its caption begins: its label, or “(a)”."""
    delimiter: str
    """What stands between mark and caption, without a space."""
    is_part: bool
    """Whether it stands in another figure or table, which it shares a number with."""
    caption: list[Node]
    """Inlines."""
    body: list[Node]


@dataclass(frozen=True)
class Equation:
    """A displayed formula with a number."""

    id: str
    number: str
    formula: Node


@dataclass(frozen=True)
class Theorem:
    """A theorem, a proof, or what is set like one."""

    id: str
    classes: list[str]
    """Those of Quarto, such as `theorem lemma`."""
    blocks: list[Node]
    """The text, with label and title before its first words."""


@dataclass(frozen=True)
class Tab:
    """One of a set of tabs: a title and what it opens."""

    id: str
    level: int
    """That of the heading which is its title where all tabs are open."""
    title: list[Node]
    """Inlines."""
    body: list[Node]


@dataclass(frozen=True)
class Tabset:
    """A set of tabs."""

    id: str
    group: str
    """Sets of one group show the tabs of the same title."""
    before: list[Node]
    tabs: list[Tab]


def lower_elements(blocks: list[Node]) -> list[Node]:
    """Bring every way to write an element into its form."""
    walked: list[Node] = ast.walk(blocks, _lower)
    return walked


def numbered_kind(node: Node) -> str:
    """The kind of a form that is numbered; an empty string for any other node."""
    if node["t"] not in {"Div", "Span"} or not _FORMS & set(node["c"][0][1]):
        return ""
    kind = ast.pairs_of(node["c"][0]).get("kind", "")
    return kind if kind and node["c"][0][0].startswith(f"{kind}-") else ""


def unnumbered_kind(node: Node) -> str:
    """The kind of a callout or proof without a number; an empty string for any other node."""
    is_form = node["t"] == "Div" and not {"nk-callout", "nk-theorem"}.isdisjoint(node["c"][0][1])
    return ast.pairs_of(node["c"][0])["kind"] if is_form and not numbered_kind(node) else ""


def is_part(node: Node) -> bool:
    """Whether a form is part of another, such as a figure in a figure."""
    return "nk-part" in node["c"][0][1]


def float_parts(node: Node) -> Float | None:
    """The parts of a figure, table or listing; `None` for other nodes."""
    if node["t"] != "Div" or "nk-float" not in node["c"][0][1]:
        return None
    (identifier, _, pairs), (caption, body) = node["c"]
    named = dict(pairs)
    words = [inline for block in caption["c"][1] for inline in block["c"]]
    label, mark = named["label"], named.get("mark", "")
    delimiter = named["delimiter"] if words and not mark else ""
    return Float(
        identifier, named["kind"], label, mark or label, delimiter, bool(mark), words, body["c"][1]
    )


def equation_parts(node: Node) -> Equation | None:
    """The parts of a numbered equation; `None` for other nodes."""
    if node["t"] != "Span" or "nk-equation" not in node["c"][0][1]:
        return None
    attributes, (formula,) = node["c"]
    return Equation(attributes[0], ast.pairs_of(attributes)["number"], formula)


def theorem_parts(node: Node) -> Theorem | None:
    """The parts of a theorem or proof; `None` for other nodes."""
    if node["t"] != "Div" or "nk-theorem" not in node["c"][0][1]:
        return None
    (identifier, _, pairs), (title, body) = node["c"]
    named = dict(pairs)
    kind, label = named["kind"], ast.inlines(named["label"])
    words = [inline for block in title["c"][1] for inline in block["c"]]
    name = [*ast.inlines(" ("), *words, *ast.inlines(")")] if words else []
    if kind in THEOREMS:
        family, word = "theorem", THEOREMS[kind]
        heading = [{"t": "Strong", "c": [*label, *name]}]
    else:
        family, word = "proof", PROOFS[kind]
        heading = [{"t": "Emph", "c": label}, *name, *ast.inlines(".")]
    blocks = body["c"][1]
    opening = [ast.span(ast.attr("", [f"{family}-title"]), heading)]
    if blocks and blocks[0]["t"] in {"Para", "Plain"}:
        opening += [{"t": "Space"}, *blocks[0]["c"]]
        blocks = blocks[1:]
    classes = list(dict.fromkeys([family, word.lower()]))
    return Theorem(identifier, classes, [ast.para(opening), *blocks])


def callout_parts(node: Node) -> tuple[str, list[Node], list[Node], str] | None:
    """Kind, title, body and `collapse` of a callout div; `None` for any other node."""
    if node["t"] != "Div":
        return None
    (_, classes, pairs), body = node["c"]
    if "nk-callout" not in classes:
        return None
    kind = next(CALLOUT_KINDS[_CALLOUTS[name]] for name in classes if name in _CALLOUTS)
    named = dict(pairs)
    title, label = ast.inlines(named.get("title", "")), ast.inlines(named["label"])
    if body and body[0]["t"] == "Div" and "nk-title" in body[0]["c"][0][1]:
        title, body = body[0]["c"][1][0]["c"], body[1:]
    if title and numbered_kind(node):
        title = [*label, *ast.inlines(f"{named['delimiter']} "), *title]
    return kind, title or label, body, named.get("collapse", "")


def tabset_parts(node: Node) -> Tabset | None:
    """The parts of a set of tabs; `None` for other nodes."""
    if node["t"] != "Div" or "nk-tabset" not in node["c"][0][1]:
        return None
    (identifier, _, pairs), (before, *divisions) = node["c"]
    tabs = []
    for division in divisions:
        attributes, (title, body) = division["c"]
        level = int(ast.pairs_of(attributes)["level"])
        tabs.append(Tab(attributes[0], level, title["c"][1][0]["c"], body["c"][1]))
    return Tabset(identifier, dict(pairs).get("group", ""), before["c"][1], tabs)


def _lower(node: Node) -> list[Node] | None:
    match node["t"]:
        case "Figure":
            attributes, caption, body = node["c"]
            if attributes[0].startswith("fig-"):
                return [_float(attributes[0], "fig", caption[1], body)]
            words = ast.stringify(caption[1])
            body = ast.walk(body, lambda image: _alt_text(image, words))
            return [{"t": "Figure", "c": [attributes, caption, body]}]
        case "Table" if node["c"][0][0].startswith("tbl-"):
            attributes, caption, *rest = node["c"]
            table = {"t": "Table", "c": [["", *attributes[1:]], [None, []], *rest]}
            return [_float(attributes[0], "tbl", caption[1], [table])]
        case "CodeBlock":
            return _listing(node)
        case "Div":
            return _division(node)
        case "Para" if len(node["c"]) == 1 and ast.identifier(node["c"][0]).startswith("fig-"):
            return _image(node["c"][0])
        case "Para" if figure := _linked_figure(node):
            return _lower(figure)
        case "Para" | "Plain":
            return [{"t": node["t"], "c": ast.walk(_with_equations(node["c"]), _lower)}]
        case "Image":
            return _alt_text(node)
    return None


def _division(node: Node) -> list[Node] | None:
    (identifier, classes, pairs), body = node["c"]
    kind, is_label, _ = identifier.partition("-")
    if is_label and kind in THEOREMS | PROOFS:
        return [_theorem(node, kind)]
    if proof := next((name for name in classes if name in _PROOFS), ""):
        return [_theorem(node, _PROOFS[proof])]
    if callout := next((name for name in classes if name in _CALLOUTS), ""):
        return [_callout(node, kind if kind in CALLOUT_KINDS else _CALLOUTS[callout])]
    if "panel-tabset" in classes:
        return [_tabset(node)]
    named = dict(pairs)
    if "nk-float" in classes:
        # A cell's, as `lowering` writes it.
        caption, inner = (lower_elements(child["c"][1]) for child in body)
        made = _float(identifier, named["kind"], caption, inner)
        return [_parts(made) if "nk-part" in classes else made]
    lays_out = is_layout(named)
    if kind in FLOATS and body:
        given = named.get(f"{kind}-cap", "")
        last = [body[-1]] if not given and body[-1]["t"] == "Para" else []
        inner = body[:-1] if last else body
        if lays_out:
            inner = [_parts(lower_elements([lay_out(inner, named)])[0])]
        elif any(ast.identifier(child).startswith(f"{kind}-") for child in ast.nodes(inner)):
            inner = [_parts(child) for child in lower_elements(inner)]
        else:
            inner = [
                ast.para(child["c"][2][0]["c"][0:1]) if child["t"] == "Figure" else child
                for child in inner
            ]
        return [_float(identifier, kind, last or _written(given), inner)]
    if lays_out:
        rows = lower_elements([lay_out(body, named)])
        return [ast.div([identifier, classes, []], rows)] if identifier or classes else rows
    return None


def _parts(node: Node) -> Node:
    """A node in which figures and tables are parts of the one that holds it."""

    def mark(inner: Node) -> list[Node] | None:
        if inner["t"] != "Div" or "nk-float" not in inner["c"][0][1]:
            return None
        (identifier, classes, pairs), parts = inner["c"]
        return [ast.div([identifier, [*classes, "nk-part"], pairs], parts)]

    marked: list[Node] = ast.walk([node], mark)
    return marked[0]


def _image(node: Node) -> list[Node] | None:
    """An image with a label and no caption: pandoc makes no figure of it."""
    (identifier, *rest), caption, target = node["c"]
    if node["t"] != "Image":
        return None
    image = {"t": "Image", "c": [["", *rest], caption, target]}
    return [_float(identifier, "fig", [], [ast.para([image])])]


def _linked_figure(paragraph: Node) -> Node | None:
    """A picture with a caption that is a link and alone in its paragraph, as a figure.

    Pandoc makes a figure of such a picture only where it is no link.
    """
    match paragraph["c"]:
        case [{"t": "Link", "c": [attributes, [{"t": "Image", "c": picture}], target]}]:
            (identifier, classes, pairs), caption, source = picture
        case _:
            return None
    if not caption:
        return None
    image = {"t": "Image", "c": [["", classes, pairs], caption, source]}
    body = ast.plain([{"t": "Link", "c": [attributes, [image], target]}])
    return {"t": "Figure", "c": [ast.attr(identifier), [None, [ast.plain(caption)]], [body]]}


def _listing(node: Node) -> list[Node] | None:
    """A block of code with a label and a caption."""
    (identifier, classes, pairs), code = node["c"]
    named = dict(pairs)
    caption = named.pop("lst-cap", "")
    if not caption or not identifier.startswith("lst-"):
        return None
    block = {"t": "CodeBlock", "c": [["", classes, [*map(list, named.items())]], code]}
    return [_float(identifier, "lst", _written(caption), [block])]


def _float(identifier: str, kind: str, caption: list[Node], body: list[Node]) -> Node:
    """A figure, table or listing; its caption stands for a picture that has no words of its own."""
    words = ast.stringify(caption)
    body = ast.walk(body, lambda node: _alt_text(node, words))
    return ast.div(
        ast.attr(identifier, ["nk-float"], kind=kind),
        [ast.div(ast.attr("", ["nk-caption"]), caption), ast.div(ast.attr("", ["nk-body"]), body)],
    )


def _theorem(node: Node, kind: str) -> Node:
    """A theorem or proof."""
    (identifier, _, pairs), body = node["c"]
    title = _written(dict(pairs).get("name", ""))
    if not title:
        title, body = _headed(body)
    return ast.div(
        ast.attr(identifier, ["nk-theorem"], kind=kind),
        [
            ast.div(ast.attr("", ["nk-title"]), title),
            ast.div(ast.attr("", ["nk-body"]), lower_elements(body)),
        ],
    )


def _callout(node: Node, kind: str) -> Node:
    """A callout whose title, if it is a heading, is none that the chapter's contents count."""
    (identifier, classes, pairs), body = node["c"]
    given = dict(pairs).get("title", "")
    title: list[Node] = []
    if not given:
        title, body = _headed(body)
    elif not _WORDS.fullmatch(given):
        title = _written(given)
        pairs = [pair for pair in pairs if pair[0] != "title"]
    heading = [ast.div(ast.attr("", ["nk-title"]), title)] if title else []
    attributes = [identifier, [*classes, "nk-callout"], [*pairs, ["kind", kind]]]
    return ast.div(attributes, [*heading, *lower_elements(body)])


def _tabset(node: Node) -> Node:
    """A set of tabs, whose titles are no sections of the chapter: headings of the first's level."""
    (identifier, _, pairs), body = node["c"]
    level = next((block["c"][0] for block in body if block["t"] == "Header"), 0)
    parts: list[tuple[Node | None, list[Node]]] = [(None, [])]
    for block in body:
        if block["t"] == "Header" and block["c"][0] == level:
            parts.append((block, []))
        else:
            parts[-1][1].append(block)
    divisions = [
        ast.div(
            ast.attr(ast.identifier(heading), ["nk-tab"], level=str(level)),
            [
                ast.div(ast.attr("", ["nk-title"]), [ast.plain(heading["c"][2])]),
                ast.div(ast.attr("", ["nk-body"]), lower_elements(blocks)),
            ],
        )
        for heading, blocks in parts
        if heading
    ]
    before = ast.div(ast.attr("", ["nk-body"]), lower_elements(parts[0][1]))
    attributes = ast.attr(identifier, ["nk-tabset"], group=dict(pairs).get("group", ""))
    return ast.div(attributes, [before, *divisions])


def _headed(body: list[Node]) -> tuple[list[Node], list[Node]]:
    """The heading that opens `body`, as text, and the rest."""
    if body and body[0]["t"] == "Header":
        return [ast.plain(body[0]["c"][2])], body[1:]
    return [], body


def _written(text: str) -> list[Node]:
    """What an attribute says, in Markdown, as one block or none."""
    return pandoc.parse(text, place=f"“{text}”")[:1] if text else []


def _alt_text(node: Node, otherwise: str = "") -> list[Node] | None:
    """Quarto's `fig-alt` is the `alt` of an image; without one its caption text is."""
    if node["t"] != "Image":
        return None
    (identifier, classes, pairs), caption, target = node["c"]
    named = dict(pairs)
    alt = (
        named.pop("fig-alt", None) or named.pop("alt", None) or ast.stringify(caption) or otherwise
    )
    rest = [[key, value] for key, value in named.items() if key != "alt"]
    return [{"t": "Image", "c": [[identifier, classes, [*rest, ["alt", alt]]], [], target]}]


def _with_equations(content: list[Node]) -> list[Node]:
    """Inlines in which a displayed formula and the `{#eq-…}` behind it are one span."""
    out: list[Node] = []
    for node in content:
        label = _EQUATION.match(node["c"]) if node["t"] == "Str" else None
        before = out[:-1] if out and out[-1]["t"] in {"Space", "SoftBreak"} else out
        if label and before and _is_displayed(before[-1]):
            attributes = ast.attr(label["label"], ["nk-equation"], kind="eq")
            rest = ast.inlines(node["c"][label.end() :])
            out = [*before[:-1], ast.span(attributes, before[-1:]), *rest]
        else:
            out.append(node)
    return out


def _is_displayed(node: Node) -> bool:
    return node["t"] == "Math" and bool(node["c"][0]["t"] == "DisplayMath")
