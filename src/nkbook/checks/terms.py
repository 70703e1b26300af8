"""Rules for the words of the glossary: a chapter explains or links one where it first comes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nkbook.errors import Findings
from nkbook.model import Term
from nkbook.render.document import Document

_SILENT = re.compile(
    r"^- \{\{< var stat.*|^#+ .*|\{\{<.*?>\}\}|(?<=\])\([^)]*\)|\{[^}]*\}|\[[^\]]*@[^\]]*\]"
    r"|@[\w:.-]+|`[^`]*`"
)
"""Key numbers and headings, which carry no links, and what is not read as text at all."""


def check(document: Document, terms: Iterable[Term], findings: Findings) -> None:
    """NC106: the first use of a term is neither a link to the glossary nor explained in Korean."""
    open_terms = {term.id: (term, _pattern(term)) for term in terms}
    for cell in document.cells:
        if cell.kind != "markdown":
            continue
        for line in cell.source.splitlines():
            spoken = _SILENT.sub(lambda match: " " * len(match[0]), line)
            for id, (term, pattern) in list(open_terms.items()):
                if not (match := pattern.search(spoken)):
                    continue
                del open_terms[id]
                explained = bool(term.hangul) and term.hangul in line
                if not explained and not _linked(line, match.start(), id):
                    findings.add(
                        "NC106",
                        document.place(cell),
                        f"“{match[0]}” is used before it is explained or linked",
                        f"Write [{match[0]}](#term-{id}).",
                    )


def _pattern(term: Term) -> re.Pattern[str]:
    # A form with a capital is a name, and the same words in lower case may mean anything.
    forms = (
        re.escape(form) if form != form.lower() else f"(?i:{re.escape(form)})"
        for form in sorted(term.forms, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])")


def _linked(line: str, position: int, id: str) -> bool:
    links = re.finditer(rf"\[[^\[\]]*\]\(#term-{re.escape(id)}\)", line)
    return any(link.start() <= position < link.end() for link in links)
