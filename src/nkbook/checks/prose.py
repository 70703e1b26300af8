"""Rules for the text of chapters: numbers come from data, figures can be traced, one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    rf"\b\d{{1,2}}(?:[–-]\d{{1,2}})? (?:{_MONTH})\b"  # a date
    r"|\b(?:1[89]|20)\d\d(?:[–-](?:\d\d)?\d\d)?s?\b"  # a year, a span of years, a decade
    r"|\b\d+(?:st|nd|rd|th)\b"  # an ordinal
    r"|\b(?:Camps?|No\.|Articles?|ARTICLE|Bureau|Office|Room|Resolution|Section|Chapter|Unit|Group"
    r"|Python|EPUB|BY)\s\d+(?:\.\d+)*(?:(?:,| and| or|,? to)\s\d+)*"  # a name
    r"|\b\d{1,2}:\d\d\b"  # an hour
    r"|\b38 North\b"  # a journal
)

_HEADING = re.compile(r"^(#+)\s", re.MULTILINE)
_CODE = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(
    r"!\[(?P<words>[^\]]*)\]\((?P<address>[^)\s]+)[^)]*\)(?P<attributes>\{[^}]*\})?"
)
_TITLES = re.compile(r"\*[^*\n]+\*|“[^”]*”|^>.*$", re.MULTILINE)
"""What keeps the spelling of others: titles in italics and quotations."""

_AMERICAN = re.compile(
    r"\b(?:\w*(?:organiz|realiz|recogniz|criticiz|emphasiz|mobiliz|specializ|legaliz|liberaliz"
    r"|normaliz|summariz|symboliz|stabiliz|minimiz|authoriz|memoriz|nationaliz|penaliz|apologiz"
    r"|analyz|paralyz)\w*|(?:labor|color|favor|honor|neighbor|behavior|rumor|harbor|flavor)"
    r"(?:s|ed|ing|er|ers|hood|hoods|able|ite|ites)?|centers?|theaters?|defense|offense"
    r"|travel(?:ed|ing|ers?)|cancel(?:ed|ing)|fulfill?ment|skeptic\w*|plow\w*|gray"
    r"|program(?:s|mes)?(?= of (?:aid|work|reform)))\b"
)


def check(document: Document, findings: Findings) -> None:
    """Check the Markdown and the figure cells of one chapter."""
    for cell in document.cells:
        if cell.kind == "markdown":
            _typed_numbers(document, cell, findings)
            _spelling(document, cell, findings)
            _pictures(document, cell, findings)
        elif cell.kind == "code" and cell.label.startswith("fig-"):
            _untraced_figure(document, cell, findings)
    _skipped_levels(document, findings)


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


def _pictures(document: Document, cell: Cell, findings: Findings) -> None:
    """NC109: a picture that says nothing to those who do not see it, or is not the book's own."""
    for match in _PICTURE.finditer(_CODE.sub("", cell.source)):
        address, place = match["address"], document.place(cell)
        if not match["words"].strip() and not re.search(r"\balt=", match["attributes"] or ""):
            hint = "Say what it shows, in the brackets or with `fig-alt=`."
            findings.add("NC109", place, f"the picture “{address}” has no alt text", hint)
        if "//" in address:
            hint = "Keep a copy inside the project: our pages ask nothing of other hosts."
            findings.add("NC109", place, f"the picture “{address}” is on another host", hint)


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


def _skipped_levels(document: Document, findings: Findings) -> None:
    """NC104: a heading more than one level below the heading before it."""
    above = 0
    for cell, level in _headings(document):
        if above and level > above + 1:
            message = f"a heading of level {level} follows one of level {above}"
            findings.add("NC104", document.place(cell), message, f"Write {'#' * (above + 1)}.")
        above = level


def _headings(document: Document) -> Iterator[tuple[Cell, int]]:
    for cell in document.cells:
        if cell.kind == "markdown":
            for match in _HEADING.finditer(_CODE.sub("", cell.source)):
                yield cell, len(match[1])


def _spelling(document: Document, cell: Cell, findings: Findings) -> None:
    """NC105: American spelling. Names with a capital keep theirs, as do titles and quotations."""
    prose = _TITLES.sub(" ", _NOT_PROSE.sub(" ", cell.source))
    for match in _AMERICAN.finditer(prose):
        findings.add(
            "NC105",
            document.place(cell),
            f"“{match[0]}” is American spelling",
            "This book spells as in Britain: organisation, labour, centre, defence.",
        )
