"""What two editions of one book have that differs, as lines that people can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from nkbook.parity.structure import KINDS, Chapter, Item, Structure

NOTHING = "nothing"


@dataclass(frozen=True)
class Disagreement:
    """One item that the engines make in different ways, or that one of them does not make."""

    form: str
    """`html` or `epub`."""
    chapter: str
    kind: str
    """One of `KINDS`, or `chapters`."""
    quarto: str
    portable: str
    """What each engine has there, in words."""

    def __str__(self) -> str:
        return f"{self.kind}: Quarto has {self.quarto}; the portable engine has {self.portable}"


@dataclass(frozen=True)
class Known:
    """Disagreements that stay, and why."""

    form: str
    """`html`, `epub` or, for both, nothing."""
    kind: str
    pattern: str
    """A pattern that the words of both engines match as a whole: Quarto's ≠ ours."""
    reason: str

    def explains(self, one: Disagreement) -> bool:
        """Whether this is why the engines disagree here."""
        is_here = self.form in {"", one.form} and self.kind == one.kind
        text = f"{one.quarto} ≠ {one.portable}"
        return is_here and re.fullmatch(self.pattern, text, re.DOTALL) is not None


def compare(form: str, quarto: Structure, portable: Structure) -> list[Disagreement]:
    """Where an edition in one form differs between the engines, chapter by chapter."""
    return [
        Disagreement(form, chapter, kind, theirs, ours)
        for chapter, kind, theirs, ours in _differences(quarto, portable)
    ]


def split_known(
    found: Iterable[Disagreement], known: Sequence[Known]
) -> tuple[list[Disagreement], set[Known]]:
    """The disagreements that nothing explains, and what explained the others."""
    left: list[Disagreement] = []
    met: set[Known] = set()
    for one in found:
        why = next((each for each in known if each.explains(one)), None)
        if why is None:
            left.append(one)
        else:
            met.add(why)
    return left, met


def _differences(quarto: Structure, portable: Structure) -> Iterator[tuple[str, str, str, str]]:
    titles = [chapter.title for chapter in quarto.chapters], [c.title for c in portable.chapters]
    matcher = SequenceMatcher(None, *titles, autojunk=False)
    for tag, start, end, from_, to in matcher.get_opcodes():
        pairs = zip_longest(quarto.chapters[start:end], portable.chapters[from_:to])
        for theirs, ours in pairs:
            name = (theirs or ours).title
            if (described := _described(theirs)) != (mine := _described(ours)):
                yield name, "chapters", described, mine
            if tag == "equal" and theirs and ours:
                for kind in KINDS:
                    lists = theirs.items.get(kind, []), ours.items.get(kind, [])
                    yield from ((name, kind, *pair) for pair in _unequal(*lists))
    lists = quarto.bibliography, portable.bibliography
    yield from (("the book", "bibliography", *pair) for pair in _unequal(*lists))


def _unequal(quarto: Sequence[Item], portable: Sequence[Item]) -> Iterator[tuple[str, str]]:
    names = [_name(item) for item in quarto], [_name(item) for item in portable]
    for _, start, end, from_, to in SequenceMatcher(None, *names, autojunk=False).get_opcodes():
        for pair in zip_longest(quarto[start:end], portable[from_:to]):
            theirs, ours = map(_told, pair)
            if theirs != ours:
                yield theirs, ours


_NAMES = ("id", "key", "keys", "text", "title", "caption", "line", "tex", "name", "alt")


def _name(item: Item) -> str:
    """What an item is recognised by in the other edition, if something else about it differs."""
    return next((item[name] for name in _NAMES if name in item), "")


def _described(chapter: Chapter | None) -> str:
    if chapter is None:
        return NOTHING
    return _told({"number": chapter.number, "title": chapter.title, "part": chapter.part})


def _told(item: Item | None) -> str:
    """An item in words, such as “level “2”, text “Why””."""
    if item is None:
        return NOTHING
    told = ", ".join(f"{name} “{word}”" for name, word in item.items() if word)
    return told or "one without words"
