"""The structure of an edition: what readers find in it, whatever engine, theme and format it has.

It is plain data that JSON can hold: an edition has chapters in order and, where it has one list for
the whole book, a bibliography. A chapter has items of each kind, in the order of its text, and each
item is a few named words. An item says nothing of what it does not have.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

Item = dict[str, str]
"""What is told of one heading, figure, note …: words by name."""

KINDS = (
    "matter",
    "headings",
    "text",
    "references",
    "links",
    "figures",
    "tables",
    "images",
    "citations",
    "bibliography",
    "notes",
    "callouts",
    "tabs",
    "testimonies",
    "values",
    "code",
    "annotations",
    "math",
    "classes",
    "contents",
    "neighbours",
    "actions",
    "downloads",
    "footer",
)
"""Every kind of item, in the order in which disagreements are told.

`matter` is what a page prints below its title: subtitle, authors, date and abstract; `text` is a
run of words within one block, `references` are cross-references, `values` the computed numbers,
`tabs` sets of tabs, `code` the code of cells that readers see, `annotations` what is said of its
lines, `classes` the divs and spans that an author gave a class. The last five stand around the text
of a page: `contents` its own, `neighbours` the chapters before and after it, `actions` the ways to
its source.
"""


@dataclass
class Chapter:
    """One chapter: how readers find it, and its items by kind."""

    title: str
    number: str = ""
    part: str = ""
    items: dict[str, list[Item]] = field(default_factory=dict)

    def add(self, kind: str, /, **words: str) -> Item:
        """Add an item and return it; empty words are left out."""
        item = {name: word for name, word in words.items() if word}
        self.items.setdefault(kind, []).append(item)
        return item


@dataclass
class Structure:
    """An edition in one form."""

    chapters: list[Chapter] = field(default_factory=list)
    bibliography: list[Item] = field(default_factory=list)
    """The entries of a list for the whole book, by key; empty where each chapter has its own."""


def to_json(structure: Structure) -> dict[str, object]:
    """The structure as JSON holds it."""
    return asdict(structure)


def from_json(text: str) -> tuple[str, dict[str, Structure]]:
    """The version of Quarto and the structures by form that a recording holds.

    Raises `ValueError` where the text is no recording.
    """
    try:
        record = json.loads(text)
        structures = {}
        for form, one in record["structures"].items():
            chapters = [Chapter(**chapter) for chapter in one["chapters"]]
            structures[form] = Structure(chapters, one["bibliography"])
        return record["quarto"], structures
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no recorded structure: {error}") from error
