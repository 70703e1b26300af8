"""The words that the renderer itself puts into a book, in the book's language.

They are listed in `assets/words.csv`: by the name that Quarto's `language:` gives each, in every
language that has them. Code names a word by its English, and reads as the book does.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from nkbook.paths import ASSETS


@dataclass(frozen=True)
class Language:
    """The language of a book, and the words that the book has instead of ours."""

    tag: str = "en"
    """As `lang` gives it: `de`, `pt-BR`."""
    own: Mapping[str, str] = field(default_factory=dict)
    """The section `language:` of a book: words by Quarto's name."""

    def word(self, english: str) -> str:
        """A word of the renderer; the English one where the language is not among ours."""
        key, words = _words()[english]
        return self.own.get(key, words.get(self.tag.partition("-")[0].lower(), english))


@cache
def keys() -> frozenset[str]:
    """Every name that `language:` can give a word of its own."""
    return frozenset(key for key, _ in _words().values())


def translations(english: str) -> frozenset[str]:
    """A word of the renderer in every language that has it."""
    return frozenset(filter(None, _words()[english][1].values()))


@cache
def _words() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """By English word: Quarto's name for it, and the word by language."""
    text = (ASSETS / "words.csv").read_text(encoding="utf-8")
    return {row["en"]: (row.pop("key"), row) for row in csv.DictReader(text.splitlines())}
