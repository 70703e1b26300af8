"""Korean text marked as Korean, so that it is read aloud, broken and set as Korean.

Authors may mark it themselves (`[사람]{lang=ko}`); what they leave is found by its letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from nkbook.render import ast
from nkbook.render.ast import Node

_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
_RUN = re.compile(rf"[{_HANGUL}](?:[\W\d_{_HANGUL}]*[{_HANGUL}])?")
"""From a Korean letter to the last one before a letter of another script."""

_WORDS = re.compile(rf"[^ ]*[{_HANGUL}][^ ]*(?: [^ ]*[{_HANGUL}][^ ]*)*")
"""Words that follow each other and each hold a Korean letter."""


def mark_korean(blocks: list[Node], lang: str) -> list[Node]:
    """Blocks with Hangul in spans of Korean, for a book in the language `lang`."""
    marked: list[Node] = blocks if _is_korean(lang) else ast.walk(blocks, _visit)
    return marked


def mark_korean_text(text: str, lang: str) -> Markup:
    """Plain text as HTML, in which Hangul stands in spans of Korean."""
    if _is_korean(lang):
        return escape(text)
    span = Markup('<span lang="ko">{}</span>')
    parts = (span.format(part) if korean else escape(part) for part, korean in _parts(text))
    return Markup("").join(parts)


def _is_korean(lang: str) -> bool:
    return lang.lower().partition("-")[0] == "ko"


def _visit(node: Node) -> list[Node] | None:
    if node["t"] == "Str":
        return None if node["c"].isascii() else _spans(node)
    attributes = ast.attributes(node)
    return [node] if attributes and "lang" in dict(attributes[2]) else None


def _spans(word: Node) -> list[Node]:
    """A text with what is Korean of it in spans."""
    out: list[Node] = []
    for part, korean in _parts(word["c"]):
        inlines = ast.inlines(part)
        out += [ast.span(ast.attr(lang="ko"), inlines)] if korean else inlines
    return out


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """A text cut into what is Korean and what is not."""
    end = 0
    for words in _WORDS.finditer(text):
        for run in _RUN.finditer(text, words.start(), words.end()):
            yield text[end : run.start()], False
            yield run[0], True
            end = run.end()
    yield text[end:], False
