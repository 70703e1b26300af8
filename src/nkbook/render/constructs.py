"""Constructs of Quarto's Markdown that this engine does not render: named, never dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nkbook.errors import Findings, nearest
from nkbook.render import ast, layout
from nkbook.render.ast import Node
from nkbook.render.document import Document
from nkbook.render.labels import CALLOUTS

CLASSES = {
    "panel-input": "input panels",
    "panel-sidebar": "side panels",
}
"""Classes that Quarto gives a meaning, and what they make."""

ATTRIBUTES = {
    "when-profile": "profiles",
    "unless-profile": "profiles",
    "when-meta": "conditions on metadata",
    "unless-meta": "conditions on metadata",
}
"""Attributes that Quarto gives a meaning, and what they make."""

CHUNK = re.compile(
    r"^(?P<fence>[ \t]*`{3,})[ \t]*\{(?P<language>[A-Za-z]\w*)\b[^\n}]*\}", re.MULTILINE
)
"""The first line of code that Quarto would run."""

_ENGINES = {"r", "julia", "ojs", "mermaid", "dot"}
"""Languages that Quarto runs or draws beside Python."""

_EQUATION = re.compile(r"\$\$\s*\{#(?P<label>eq-[\w-]+)(?!\}(?:\s|\Z)|[\w-])")
_HINT = "Write it another way, or render this book with Quarto."


def check_constructs(document: Document, blocks: Sequence[Node], findings: Findings) -> None:
    """Add a finding (NB304) for each construct of a chapter that would be lost."""
    has_code = any(cell.kind == "code" for cell in document.cells)
    for cell in document.cells:
        if cell.kind != "markdown":
            continue
        for match in CHUNK.finditer(cell.source):
            if has_code and match["language"] not in _ENGINES:
                continue  # as in Quarto, one kernel runs a chapter and leaves the rest as it is
            what = f"a code chunk in “{match['language']}” cannot be run here"
            findings.add("NB304", document.place(cell), what, _HINT)
        for match in _EQUATION.finditer(cell.source):
            what = f"“{match['label']}”: the label of an equation does not stand alone"
            hint = "Write `$$ {#eq-…}` without other attributes, and a space behind it."
            findings.add("NB304", document.place(cell), what, hint)
    for node in ast.nodes(list(blocks)):
        for name, message, hint in _unsupported(node):
            findings.add("NB304", document.find(name), f"“{name}”: {message}", hint)


def _unsupported(node: Node) -> Iterator[tuple[str, str, str]]:
    if node["t"] not in {"Div", "Span", "CodeBlock", "Image", "Figure", "Table"}:
        return
    classes, pairs = node["c"][0][1], dict(node["c"][0][2])
    for name in classes:
        if what := CLASSES.get(name):
            yield name, f"{what} are not supported", _HINT
        kind = name.removeprefix("callout-")
        if node["t"] == "Div" and kind != name and kind not in CALLOUTS:
            hint = nearest(name, [f"callout-{known}" for known in CALLOUTS], _HINT)
            yield name, "there is no callout of this kind", hint
    if layout.ATTRIBUTES & pairs.keys() and not layout.is_layout(pairs):
        name = next(key for key in pairs if key.startswith("layout"))
        hint = 'Write whole numbers above 0, or `layout="[[1, 2], [1]]"`.'
        yield name, "this layout cannot be read", hint
    for name in pairs:
        if what := ATTRIBUTES.get(name):
            yield name, f"{what} are not supported", _HINT
