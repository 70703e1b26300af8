"""Labels that `@` can refer to: the kind that each prefix names, and its word in print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nkbook.render.words import Language

FLOATS = {"fig": "Figure", "tbl": "Table", "lst": "Listing"}
"""What stands apart from the text, with a caption."""

THEOREMS = {
    "thm": "Theorem",
    "lem": "Lemma",
    "cor": "Corollary",
    "prp": "Proposition",
    "cnj": "Conjecture",
    "def": "Definition",
    "exm": "Example",
    "exr": "Exercise",
    "alg": "Algorithm",
}
"""What is stated, under a title in bold."""

PROOFS = {"prf": "Proof", "sol": "Solution", "rem": "Remark"}
"""What is said of it, under a title in italics. These need no label: their class is the word."""

CALLOUTS = {
    "note": "Note",
    "tip": "Tip",
    "warning": "Warning",
    "important": "Important",
    "caution": "Caution",
}
"""Kinds of callout and the titles of those that have none of their own."""

CALLOUT_KINDS = dict(zip(("nte", "tip", "wrn", "imp", "cau"), CALLOUTS, strict=True))
"""The prefix of the labels of each kind of callout."""

KINDS = {
    **FLOATS,
    **THEOREMS,
    **PROOFS,
    **{prefix: CALLOUTS[kind] for prefix, kind in CALLOUT_KINDS.items()},
    "sec": "Section",
    "eq": "Equation",
}
"""Prefixes of labels, and what a printed reference says."""

CROSSREF = re.compile(rf"(?:{'|'.join(KINDS)})-")
"""How a label begins that references can name; other keys are citations."""


def label_of(key: str) -> str:
    """The label that a key names: `@Fig-x` is `@fig-x` where a sentence begins."""
    label = key[:1].lower() + key[1:]
    return label if CROSSREF.match(label) else key


def is_reference(key: str) -> bool:
    """Whether a key after `@` names a part of the book, such as `fig-…`, and not a source."""
    return bool(CROSSREF.match(key))


TITLED = frozenset([*FLOATS, *THEOREMS]) - {"alg"}
"""Kinds whose word in captions and titles a book can change with `crossref: fig-title`."""

PREFIXED = TITLED | {"eq"}
"""Kinds whose word in references a book can change with `crossref: fig-prefix`."""


@dataclass(frozen=True)
class Words:
    """The words of a book for what has a label."""

    titles: Mapping[str, str]
    """In captions and titles, by kind: “Figure”."""
    prefixes: Mapping[str, str]
    """In references, by kind."""
    delimiter: str
    """Between a label and a caption."""


def label_words(crossref: Mapping[str, object], language: Language) -> Words:
    """The words that the section `crossref:` of a book asks for, else those of its language."""

    def changed(kinds: frozenset[str], what: str) -> dict[str, str]:
        given = {kind: crossref.get(f"{kind}-{what}") for kind in kinds}
        own = {kind: language.word(english) for kind, english in KINDS.items()}
        return own | {kind: str(word) for kind, word in given.items() if word is not None}

    delimiter = str(crossref.get("title-delim", ":")).strip()
    return Words(changed(TITLED, "title"), changed(PREFIXED, "prefix"), delimiter)
