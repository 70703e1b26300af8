"""Rules for the text of chapters: numbers come from data, figures can be traced."""

from __future__ import annotations

import re

from nkbook.errors import Findings
from nkbook.render.document import Cell, Document

_NOT_PROSE = re.compile(
    r"^(?:`{3,}).*?^(?:`{3,})|`[^`]*`|\{\{<.*?>\}\}|\]\([^)]*\)|\{[^}]*\}|\[[^\]]*@[^\]]*\]|@[\w:.-]+|https?://\S+"
    r"|^\[\^[^\]]+\]|\[\^[^\]]+\]",
    re.MULTILINE | re.DOTALL,
)
"""Code, shortcodes, link targets, attributes, citations, footnote marks."""

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_ALLOWED = re.compile(
    rf"\b\d{{1,2}} (?:{_MONTH})\b"  # a date
    r"|\b(?:1[89]|20)\d\d(?:[–-](?:\d\d)?\d\d)?s?\b"  # a year, a span of years, a decade
    r"|\b\d+(?:st|nd|rd|th)\b"  # an ordinal
    r"|\b(?:Camps?|No\.|Articles?|Bureau|Office|Room|Resolution|Section|Chapter|Unit)\s\d+"
    r"(?:(?:,| and| or)\s\d+)*"  # a name
    r"|\b\d{1,2}:\d\d\b"  # an hour
    r"|\b38 North\b"  # a journal
)


def check(document: Document, findings: Findings) -> None:
    """Check the Markdown and the figure cells of one chapter."""
    for cell in document.cells:
        if cell.kind == "markdown":
            _typed_numbers(document, cell, findings)
        elif cell.kind == "code" and cell.label.startswith("fig-"):
            _untraced_figure(document, cell, findings)


def _typed_numbers(document: Document, cell: Cell, findings: Findings) -> None:
    """NC101: a digit typed by hand that is not a date, an ordinal or a name."""
    prose = _ALLOWED.sub(" ", _NOT_PROSE.sub(" ", cell.source))
    for match in re.finditer(r"[^\s|]*\d[^\s|]*", prose):
        findings.add(
            "NC101",
            document.place(cell),
            f"the number “{match[0].strip('.,;:()*')}” is typed by hand",
            "Give it a row in data/statistics.csv and write {{< var stat.… >}}.",
        )


def _untraced_figure(document: Document, cell: Cell, findings: Findings) -> None:
    """NC102: a figure that does not end in `show`, so that nobody can trace it."""
    last = cell.source.rstrip().splitlines()[-1:] or [""]
    if "show(" not in cell.source or last[0].startswith((" plt", "plt.")):
        findings.add(
            "NC102",
            document.place(cell),
            "the figure does not end in show()",
            "Hand the figure with its data, unit and sources to show(fig, data=…).",
        )
