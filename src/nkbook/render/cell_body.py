"""What a code cell shows, as Markdown: one figure or table, its parts, or several, in a layout.

Quarto's rules: several pictures under one caption are parts of one figure, `fig-x-1` and `fig-x-2`;
with a list of captions each is a figure of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from nkbook.render.document import Cell
from nkbook.render.layout import ATTRIBUTES, VALIGN

OUTPUT = "cell-output-display"
"""The class of the division that holds one output where outputs are laid out."""


@dataclass(frozen=True)
class Shown:
    """An output as Markdown."""

    text: str
    is_display: bool
    """Whether it is a picture, a table or the like, and not printed text."""


def lays_out(cell: Cell) -> bool:
    """Whether a cell asks for a layout of what it shows."""
    return not ATTRIBUTES.isdisjoint(cell.options)


def cell_body(cell: Cell, shown: Sequence[Shown]) -> str:
    """What a cell shows, with its captions and in its layout."""
    kind = cell.label.partition("-")[0]
    if kind not in {"fig", "tbl"} or not shown:
        return _laid_out(cell, _captioned(cell, shown))
    captions = cell.words(f"{kind}-cap")
    displays = sum(one.is_display for one in shown)
    if len(captions) > 1:
        return _laid_out(cell, _floats(cell, kind, captions, shown, are_parts=False))
    parts = cell.words(f"{kind}-subcap")
    if parts or cell.options.get(f"{kind}-subcap") or (kind == "fig" and displays > 1):
        texts = _floats(cell, kind, parts, shown, are_parts=True)
    else:
        texts = [one.text for one in shown]
    return float_markdown(cell.label, kind, "".join(captions), _laid_out(cell, texts))


def float_markdown(label: str, kind: str, caption: str, body: str, *, is_part: bool = False) -> str:
    """A figure or table in the form that `elements` reads."""
    part = " .nk-part" if is_part else ""
    return (
        f'::::: {{#{label} .nk-float{part} kind="{kind}"}}\n\n'
        f":::: {{.nk-caption}}\n\n{caption}\n\n::::\n\n"
        f":::: {{.nk-body}}\n\n{body}\n\n::::\n\n:::::"
    )


def _floats(
    cell: Cell, kind: str, captions: Sequence[str], shown: Sequence[Shown], *, are_parts: bool
) -> list[str]:
    """Outputs as parts of the figure that is the whole cell, or as figures of their own.

    Parts are `fig-x-1`, `fig-x-2`; the first figure of several has the label of the cell.
    """
    texts, count = [], 0
    for one in shown:
        text = one.text
        if one.is_display:
            caption = captions[count] if count < len(captions) else ""
            count += 1
            label = f"{cell.label}-{count}" if are_parts or count > 1 else cell.label
            text = float_markdown(label, kind, caption, text, is_part=are_parts)
        texts.append(text)
    return texts


def _captioned(cell: Cell, shown: Sequence[Shown]) -> list[str]:
    """Outputs of a cell without a label: a picture with a caption is a figure without a number."""
    captions = iter(cell.words("fig-subcap") or cell.words("fig-cap"))
    return [
        one.text.replace("![]", f"![{next(captions, '')}]", 1)
        if one.text.startswith("![]")
        else one.text
        for one in shown
    ]


def _laid_out(cell: Cell, texts: Sequence[str]) -> str:
    if not lays_out(cell):
        return "\n\n".join(texts)
    options = (name for name in (*ATTRIBUTES, VALIGN) if name in cell.options)
    named = " ".join(f"{name}='{_value(cell.options[name])}'" for name in sorted(options))
    held = (f"::: {{.{OUTPUT}}}\n\n{text}\n\n:::" for text in texts)
    return "\n\n".join([f":::: {{{named}}}", *held, "::::"])


def _value(given: object) -> str:
    """An option as the value of an attribute in single quotation marks."""
    text = given if isinstance(given, str) else json.dumps(given)
    return text.replace("\\", "\\\\").replace("'", "\\'")
