"""The index of the printed book: words that are explained and people who speak.

Both are found by generic markup. A heading whose id begins with `term-` explains the words it
holds; a span of the class `testimony-speaker` gives a name as published, up to the first comma. An
entry occurs wherever the text links to it or has its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node

INDEX_MARK = "index-mark"
"""The class of an empty span where the entry of its `name` occurs."""

_TERM = "term-"
_SPEAKER = "testimony-speaker"
_ASIDE = {"evidence", "csl-entry", "nk-caption"}
"""Divisions in which nothing is looked for: rows of evidence, references, captions."""

_UNBROKEN = ("\u00a0", " ")


@dataclass(frozen=True)
class IndexEntry:
    """A line of the index."""

    name: str
    rows: tuple[str, ...]
    """Ids of what the book says of it in a place of its own."""

    @property
    def key(self) -> str:
        """What sorts the index: the name without case and opening punctuation."""
        return re.sub(r"^\W+", "", self.name.casefold())


def index_entries(blocks: list[Node]) -> list[IndexEntry]:
    """Every term and every speaker of the book, in the order of the index."""
    rows: dict[str, list[str]] = {}
    for node in ast.nodes(blocks, "Header", "Span"):
        if node["t"] == "Header" and ast.identifier(node).startswith(_TERM):
            rows.setdefault(_plain(node["c"][2]), []).append(ast.identifier(node))
        elif _is_speaker(node):
            known = rows.setdefault(_name(node), [])
            known += [a for a in _own_links(node) if a not in known]
    entries = [IndexEntry(name, tuple(found)) for name, found in rows.items()]
    return sorted(entries, key=lambda entry: (entry.key, entry.name))


def mark_occurrences(blocks: list[Node], entries: Sequence[IndexEntry]) -> list[Node]:
    """Blocks with an empty span at each occurrence of an entry."""
    marked: list[Node] = _Marks(entries).walk(blocks)
    return marked


class _Marks:
    def __init__(self, entries: Sequence[IndexEntry]) -> None:
        self.by_row = {row: entry.name for entry in entries for row in entry.rows}
        # A name of one word, such as a surname, is found only where its bearer speaks.
        words = {
            entry.name
            for entry in entries
            if " " in entry.name or any(row.startswith(_TERM) for row in entry.rows)
        }
        self.by_words = {word.casefold(): word for word in words}
        longest = sorted(map(re.escape, words), key=lambda word: (-len(word), word))
        # English forms its plurals with an s.
        self.pattern = re.compile(
            rf"(?<!\w)({'|'.join(longest)})s?(?!\w)" if words else r"(?!)", re.I
        )

    def walk(self, value: Any) -> Any:
        if isinstance(value, list):
            out: list[Any] = []
            found = self._words(value)
            for position, item in enumerate(value):
                out += (
                    self._marked(item, found[position]) if position in found else self._items(item)
                )
            return out
        if isinstance(value, dict):
            return {key: self.walk(child) for key, child in value.items()}
        return value

    def _marked(self, word: Node, found: list[tuple[int, str]]) -> list[Node]:
        """A text cut where names begin."""
        out: list[Node] = []
        end = 0
        for start, name in found:
            out += [*ast.inlines(word["c"][end:start]), _mark(name)]
            end = start
        return [*out, *ast.inlines(word["c"][end:])]

    def _items(self, item: Any) -> list[Any]:
        if not isinstance(item, dict) or "t" not in item:
            return [self.walk(item)]
        match item["t"]:
            case "Header" | "Cite" | "Image":
                return [item]
            case "Div" if _ASIDE & set(item["c"][0][1]):
                return [item]
            case "Span" if _is_speaker(item):
                return [_mark(_name(item)), self.walk(item)]
            case "Link" if item["c"][2][0][1:] in self.by_row:
                return [_mark(self.by_row[item["c"][2][0][1:]]), item]
        return [self.walk(item)]

    def _words(self, items: list[Any]) -> dict[int, list[tuple[int, str]]]:
        """Where names begin in each text of a list of inlines."""
        found: dict[int, list[tuple[int, str]]] = {}
        for position, item in enumerate(items):
            if not isinstance(item, dict) or item.get("t") != "Str":
                continue
            for match in self.pattern.finditer(item["c"].replace(*_UNBROKEN)):
                if name := self.by_words.get(match[1].casefold()):
                    found.setdefault(position, []).append((match.start(), name))
        return found


def _mark(name: str) -> Node:
    return ast.span(ast.attr("", [INDEX_MARK], name=name), [])


def _is_speaker(node: Node) -> bool:
    return node["t"] == "Span" and _SPEAKER in node["c"][0][1]


def _own_links(node: Node) -> list[str]:
    """Ids to which links lead that are no citations."""
    uncited = ast.walk(node["c"], lambda inner: [] if inner["t"] == "Cite" else None)
    addresses = (link["c"][2][0] for link in ast.nodes(uncited, "Link"))
    return [address[1:] for address in addresses if address.startswith("#")]


def _name(node: Node) -> str:
    """The name of a speaker as published: what stands before the first comma."""
    uncited = ast.walk(node["c"][1], lambda inner: [] if inner["t"] == "Cite" else None)
    return _plain(uncited).partition(",")[0].strip(" —–-")


def _plain(inlines: list[Node]) -> str:
    return ast.stringify(inlines).replace(*_UNBROKEN)
