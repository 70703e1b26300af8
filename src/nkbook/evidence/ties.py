"""Words tied to the data: `[more than half]{test="stat('survey-6351-women') > 50"}`.

A bracketed span of pandoc's, which both engines pass on as the words alone with an attribute
`data-test` where the format has attributes. What the attribute says is checked, not printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nkbook.data.expressions import ExpressionError, read

_ATTRIBUTES = re.compile(r"\{(?P<inside>[^{}]*\btest\s*=[^{}]*)\}")
_TEST = re.compile(r'test="(?P<test>[^"]*)"')
_WORDS = re.compile(r"\[(?P<words>[^\[\]]+)\]\Z")


@dataclass(frozen=True)
class Tie:
    """Words of a chapter and the test that they have to pass."""

    words: str
    """Empty where no words stand in brackets before the test."""
    test: str
    """Empty where the attribute cannot be read."""
    start: int
    end: int


def find_ties(text: str) -> Iterator[Tie]:
    """The ties in a chapter's text, and what looks like one and is none."""
    for match in _ATTRIBUTES.finditer(text):
        words = _WORDS.search(text, 0, match.start())
        test = _TEST.fullmatch(match["inside"])
        yield Tie(
            words["words"] if words else "",
            test["test"] if test else "",
            words.start() if words else match.start(),
            match.end(),
        )


def tied_ids(text: str) -> frozenset[str]:
    """The ids of statistics and series that the tests in a chapter's text name."""
    found: set[str] = set()
    for tie in find_ties(text):
        try:
            expression = read(tie.test)
        except ExpressionError:
            continue  # `nkbook check` says so.
        found |= expression.statistics | expression.series
    return frozenset(found)
