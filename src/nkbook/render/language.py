"""Korean text marked as Korean, so that it is read aloud, broken and set as Korean.

Authors may mark it themselves (`[사람]{lang=ko}`); what they leave is found by its letters.
"""

from __future__ import annotations

import operator
import re
from typing import Any

from markupsafe import Markup, escape

from nkbook.render import ast
from nkbook.render.ast import Node

_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
_RUN = re.compile(rf"[{_HANGUL}](?:[\W\d_{_HANGUL}]*[{_HANGUL}])?")
"""From a Korean letter to the last one before a letter of another script."""

_SPACES = {"Space", "SoftBreak"}


def mark_korean(blocks: list[Node], lang: str) -> list[Node]:
    """Blocks with Hangul in spans of Korean, for a book in the language `lang`."""
    marked: list[Node] = blocks if _is_korean(lang) else _walk(blocks)
    return marked


def mark_korean_text(text: str, lang: str) -> Markup:
    """Plain text as HTML, in which Hangul stands in spans of Korean."""
    if _is_korean(lang):
        return escape(text)
    parts: list[Markup] = []
    end = 0
    for run in _RUN.finditer(text):
        before, korean = text[end : run.start()], run[0]
        parts.append(Markup('{}<span lang="ko">{}</span>').format(before, korean))
        end = run.end()
    return Markup("").join([*parts, escape(text[end:])])


def _is_korean(lang: str) -> bool:
    return lang.lower().partition("-")[0] == "ko"


def _walk(value: Any) -> Any:
    """A value with its Korean marked; the same object where it has none."""
    if isinstance(value, list):
        return _marked(value)
    if not isinstance(value, dict) or isinstance(value.get("c", value), str):
        return value
    attributes = ast.attributes(value) if "t" in value else None
    if attributes is not None and "lang" in dict(attributes[2]):
        return value
    walked = {key: _walk(child) for key, child in value.items()}
    return value if all(walked[key] is value[key] for key in value) else walked


def _marked(items: list[Any]) -> list[Any]:
    """A list of inlines, or of anything, with its runs of Korean words in spans."""
    if not any(_is_korean_word(item) for item in items):
        walked = [_walk(item) for item in items]
        return items if all(map(operator.is_, walked, items)) else walked
    out: list[Any] = []
    words: list[Node] = []

    def close() -> None:
        rest = []
        while words and words[-1]["t"] in _SPACES:
            rest.append(words.pop())
        out.extend([*_spans(words), *rest])
        words.clear()

    for item in items:
        kind = item.get("t") if isinstance(item, dict) else ""
        if _is_korean_word(item) or (kind in _SPACES and words):
            words.append(item)
        else:
            close()
            out.append(_walk(item))
    close()
    return out


def _is_korean_word(item: Any) -> bool:
    if not isinstance(item, dict) or item.get("t") != "Str" or item["c"].isascii():
        return False
    return _RUN.search(item["c"]) is not None


def _spans(words: list[Node]) -> list[Node]:
    """Words of which each holds Hangul, with what is Korean of them in spans."""
    text = "".join(word["c"] if word["t"] == "Str" else " " for word in words)
    out: list[Node] = []
    end = 0
    for run in _RUN.finditer(text):
        korean = ast.span(ast.attr(lang="ko"), ast.inlines(run[0]))
        out += [*ast.inlines(text[end : run.start()]), korean]
        end = run.end()
    return [*out, *ast.inlines(text[end:])]
