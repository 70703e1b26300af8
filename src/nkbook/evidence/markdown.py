"""Markdown made from data: escaping, headings, divisions, links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nkbook.data.wording import EN_DASH
from nkbook.evidence.usage import Chapter
from nkbook.model import Source

Item = TypeVar("Item")

ANCHORS = {"statistic": "stat-", "testimony": "testimony-", "source": "src-"}
"""How the id of a row begins, by what has rows on the pages of evidence."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>@#$~^|{}])")


@dataclass(frozen=True)
class Markdown:
    """Text that a notebook shows as Markdown."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


def document(parts: Iterable[str]) -> Markdown:
    """Paragraphs, headings and divisions as one text."""
    return Markdown("\n\n".join(parts) + "\n")


def plain(text: str) -> str:
    """Text from a data file, so that Markdown reads nothing into it."""
    return _SPECIAL.sub(r"\\\1", text)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def ended(text: str, said: str) -> str:
    """The text with a full stop, unless what is said ends in a mark of its own."""
    return text if said.endswith((".", "?", "!")) else f"{text}."


def heading(page: str, group: str, title: str, level: int = 2) -> str:
    """The heading of a group of rows."""
    # In the ebook all pages are one document, so the id says which page.
    return f"{'#' * level} {title} {{#{page}-{group.replace(' ', '-')}}}"


def row_heading(anchor: str, title: str, level: int = 3, **data: str) -> str:
    """The heading of a row that other chapters link to, with a permanent id.

    `data` are what readers can filter and sort by, as `data-…` attributes.
    """
    # A heading, not a div: by its id alone Quarto finds only headings of other chapters.
    attributes = f"#{anchor} .evidence .unnumbered .unlisted{_carried(data)}"
    return f"{'#' * level} {title} {{{attributes}}}"


def division(anchor: str, *paragraphs: str, **data: str) -> str:
    """A row without a heading; `data` as for `row_heading`."""
    inside = "\n\n".join(filter(None, paragraphs))
    return f"::: {{#{anchor} .evidence{_carried(data)}}}\n{inside}\n:::"


def _carried(data: Mapping[str, str]) -> str:
    return "".join(f' data-{name}="{value}"' for name, value in data.items() if value)


def last_date(text: str) -> str:
    """The last year of a date or span, with its month if it has one, such as `2025-10`; or nothing.

    Dates in data files are ISO 8601, spans of years have a dash: `2013-2014`.
    """
    if match := re.fullmatch(r"(\d{4})-(\d{2})(?:-\d{2})?", text):
        return f"{match[1]}-{match[2]}"
    return max(re.findall(r"(?<!\d)\d{4}(?!\d)", text), default="")


def grouped(
    items: Iterable[Item], titles: Mapping[str, str], group: Callable[[Item], str]
) -> Iterator[tuple[str, str, list[Item]]]:
    """Name, title and items of each group that has any, in the order of `titles`."""
    everything = list(items)
    for name, title in titles.items():
        if members := [item for item in everything if group(item) == name]:
            yield name, title, members


def source_links(keys: Iterable[str], names: Mapping[str, str]) -> str:
    """Names of sources, each linked to its row; `names` are those of `name_sources`."""
    return "; ".join(f"[{names[key]}](sources.ipynb#src-{key})" for key in keys)


def name_sources(sources: Mapping[str, Source]) -> dict[str, str]:
    """A short name in Markdown for each source, by key, so that no two are named alike.

    Who stands behind it and the year; the title where others have the same, and who published
    it where even that is the same.
    """
    # No letters as in “2024a”: each chapter counts its own, so that none would hold on all pages.
    names: dict[str, str] = {}
    waiting = dict(sources)
    for name in (_dated, _titled, _published):
        found = {key: name(source) for key, source in waiting.items()}
        counts = Counter(found.values())
        names |= {key: text for key, text in found.items() if counts[text] == 1}
        waiting = {key: source for key, source in waiting.items() if key not in names}
    return names | {key: _published(source) for key, source in waiting.items()}


def _dated(source: Source) -> str:
    return plain(f"{body(source)}, {years(source)}")


def _titled(source: Source) -> str:
    return f"{_dated(source)}, *{plain(source.title)}*"


def _published(source: Source) -> str:
    return f"{_titled(source)}, {plain(source.publisher)}"


def body(source: Source) -> str:
    """Who stands behind a source."""
    return source.author or source.publisher or source.title


def years(source: Source) -> str:
    """The year of a source, or its years with a dash between them."""
    return source.year.replace("-", EN_DASH)


def used_in(chapters: Sequence[Chapter]) -> str:
    """A sentence with links to the chapters that use something; nothing if none does."""
    links = [f"[{chapter.title}]({chapter.link})" for chapter in chapters]
    # Titles have commas of their own.
    return f"Used in: {'; '.join(links)}." if links else ""
