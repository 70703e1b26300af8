"""Rules for the shape of a numbered chapter: what every reader can count on finding in it."""

from __future__ import annotations

import re

from nkbook.errors import Findings
from nkbook.render.document import Document

SHORTEST, LONGEST = 900, 1800
"""The words of prose of a chapter: enough to answer its question, and no more than a sitting."""

_KEY_NUMBERS = re.compile(r"^:{3,} \{\.key-numbers\}\n(?P<items>.*?)^:{3,}$", re.M | re.S)
_NOTE = re.compile(r"^:{3,} \{\.callout-warning\b", re.M)
_HOW = re.compile(r"^## How we know\b", re.M)
_APART = re.compile(
    r"^(?:#|\||:).*$|\{\{<[^>]*>\}\}|\[[^\]]*@[^\]]*\]|\]\([^)]*\)|\{[^}]*\}|@[\w-]+",
    re.M,
)
"""Headings, tables, fences, citations, addresses: what is not prose."""
_TITLE = re.compile(r"^# .*$", re.M)


def is_chapter(document: Document) -> bool:
    """Whether this is a numbered chapter, and not a preface."""
    title = _TITLE.search(_text(document))
    return title is not None and ".unnumbered" not in title[0]


def check(document: Document, findings: Findings) -> None:
    """NC201 to NC207: what every chapter has, how long it is, how it begins."""
    text, place = _text(document), document.place()
    found = _KEY_NUMBERS.search(text)
    items = len(re.findall(r"^- \{\{< var stat\.", found["items"], re.M)) if found else 0
    if not 2 <= items <= 4:
        findings.add(
            "NC201",
            place,
            f"has {items or 'no'} key number{'s' * (items != 1)}",
            "Put two to four list items that begin with a number into ::: {.key-numbers}.",
        )
    if not any(cell.label.startswith("fig-") for cell in document.cells):
        hint = "Add a code cell labelled fig-… that ends in show()."
        findings.add("NC202", place, "has no figure", hint)
    if not _HOW.search(text):
        hint = "End the chapter with ## How we know."
        findings.add("NC203", place, "has no section “How we know”", hint)
    words = count_words(document)
    if not SHORTEST <= words <= LONGEST:
        hint = f"A chapter has {SHORTEST:,} to {LONGEST:,} words."
        findings.add("NC204", place, f"has {words:,} words of prose", hint)
    opening = _opening(text)
    if len(re.findall(r"[.?!](?=\s|$)", _APART.sub(" ", opening))) != 1:
        hint = "Answer the chapter's question in one sentence before everything else."
        findings.add("NC205", place, "does not open with one sentence", hint)
    if not document.front.get("description"):
        hint = "Put description: “…” into the first raw cell."
        findings.add("NC206", place, "has no description", hint)
    # A note further down warns of its own section.
    note = _NOTE.search(text.partition("\n## ")[0])
    if found and note and note.start() > found.start():
        hint = "Put the ::: {.callout-warning} between the opening sentence and the numbers."
        findings.add("NC207", place, "has its content note after the key numbers", hint)


def count_words(document: Document) -> int:
    """The words of a chapter's own prose; a number from the data counts as none."""
    return len(re.findall(r"\w[\w’'-]*", _APART.sub(" ", _text(document))))


def _opening(text: str) -> str:
    """The first paragraph after the title."""
    title = _TITLE.search(text)
    rest = text[title.end() :].strip("\n") if title else text
    return rest.partition("\n\n")[0]


def _text(document: Document) -> str:
    return "\n\n".join(cell.source for cell in document.cells if cell.kind == "markdown")
