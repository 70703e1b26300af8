"""Elements with a number or parts of their own, each in one form whatever way it was written.

`lower_elements` makes the forms from pandoc's tree, in which the same figure can stand as an image,
a division or a cell. Formats read them with the functions that give an element's parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.labels import FLOATS

_FORMS = {"nk-float", "nk-equation"}
_EQUATION = re.compile(r"\{#(?P<label>eq-[\w-]+)\}")


@dataclass(frozen=True)
class Float:
    """A figure or table."""

    id: str
    kind: str
    label: str
    """“Figure 2.1”."""
    caption: list[Node]
    """Inlines."""
    body: list[Node]


@dataclass(frozen=True)
class Equation:
    """A displayed formula with a number."""

    id: str
    number: str
    formula: Node


def lower_elements(blocks: list[Node]) -> list[Node]:
    """Bring every way to write an element into its form."""
    walked: list[Node] = ast.walk(blocks, _lower)
    return walked


def numbered_kind(node: Node) -> str:
    """The kind of a form that is numbered; an empty string for any other node."""
    if node["t"] not in {"Div", "Span"} or not _FORMS & set(node["c"][0][1]):
        return ""
    return ast.pairs_of(node["c"][0]).get("kind", "")


def float_parts(node: Node) -> Float | None:
    """The parts of a figure or table; `None` for other nodes."""
    if node["t"] != "Div" or "nk-float" not in node["c"][0][1]:
        return None
    (identifier, _, pairs), (caption, body) = node["c"]
    named = dict(pairs)
    words = [inline for block in caption["c"][1] for inline in block["c"]]
    return Float(identifier, named["kind"], named["label"], words, body["c"][1])


def equation_parts(node: Node) -> Equation | None:
    """The parts of a numbered equation; `None` for other nodes."""
    if node["t"] != "Span" or "nk-equation" not in node["c"][0][1]:
        return None
    attributes, (formula,) = node["c"]
    return Equation(attributes[0], ast.pairs_of(attributes)["number"], formula)


def _lower(node: Node) -> list[Node] | None:
    match node["t"]:
        case "Figure":
            attributes, caption, body = node["c"]
            body = ast.walk(body, _alt_text)
            if attributes[0].startswith("fig-"):
                return [_float(attributes[0], "fig", caption[1], body)]
            return [{"t": "Figure", "c": [attributes, caption, body]}]
        case "Table" if node["c"][0][0].startswith("tbl-"):
            attributes, caption, *rest = node["c"]
            table = {"t": "Table", "c": [["", *attributes[1:]], [None, []], *rest]}
            return [_float(attributes[0], "tbl", caption[1], [table])]
        case "Div":
            return _division(node)
        case "Para" | "Plain":
            return [{"t": node["t"], "c": ast.walk(_with_equations(node["c"]), _lower)}]
        case "Image":
            return _alt_text(node)
    return None


def _division(node: Node) -> list[Node] | None:
    (identifier, classes, _), body = node["c"]
    kind = identifier.split("-")[0]
    if kind in FLOATS and "nk-float" not in classes and body:
        caption = [body[-1]] if body[-1]["t"] == "Para" else []
        inner = body[: -1 if caption else None]
        inner = [
            ast.para(child["c"][2][0]["c"][0:1]) if child["t"] == "Figure" else child
            for child in inner
        ]
        return [_float(identifier, kind, caption, ast.walk(inner, _alt_text))]
    return None


def _float(identifier: str, kind: str, caption: list[Node], body: list[Node]) -> Node:
    return ast.div(
        ast.attr(identifier, ["nk-float"], kind=kind),
        [ast.div(ast.attr("", ["nk-caption"]), caption), ast.div(ast.attr("", ["nk-body"]), body)],
    )


def _alt_text(node: Node) -> list[Node] | None:
    """Quarto's `fig-alt` is the `alt` of an image; without one its caption text is."""
    if node["t"] != "Image":
        return None
    (identifier, classes, pairs), caption, target = node["c"]
    named = dict(pairs)
    alt = named.pop("fig-alt", None) or named.pop("alt", None) or ast.stringify(caption)
    rest = [[key, value] for key, value in named.items() if key != "alt"]
    return [{"t": "Image", "c": [[identifier, classes, [*rest, ["alt", alt]]], [], target]}]


def _with_equations(content: list[Node]) -> list[Node]:
    """Inlines in which a displayed formula and the `{#eq-…}` behind it are one span."""
    out: list[Node] = []
    for node in content:
        label = _EQUATION.fullmatch(node["c"]) if node["t"] == "Str" else None
        before = out[:-1] if out and out[-1]["t"] in {"Space", "SoftBreak"} else out
        if label and before and _is_displayed(before[-1]):
            attributes = ast.attr(label["label"], ["nk-equation"], kind="eq")
            out = [*before[:-1], ast.span(attributes, before[-1:])]
        else:
            out.append(node)
    return out


def _is_displayed(node: Node) -> bool:
    return node["t"] == "Math" and bool(node["c"][0]["t"] == "DisplayMath")
