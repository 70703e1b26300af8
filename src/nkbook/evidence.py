"""The pages of evidence: every number, testimony and source of the book, with who uses it.

Each page is Markdown made from `data/` and from a reading of the chapters, so that it cannot
disagree with either. Anchors are permanent: `stat-…`, `testimony-…` and `src-…`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nkbook.data import load_library
from nkbook.data.wording import SYMBOLS, as_of
from nkbook.model import Library, Source, Statistic, Testimony
from nkbook.paths import Paths, find_root

PAGES = frozenset({"statistics", "testimonies", "sources"})
"""The pages of evidence themselves, which do not count as using anything."""

THEMES = {
    "isolation": "Isolation",
    "indoctrination": "Indoctrination",
    "repression": "Repression",
    "poverty": "Poverty",
    "food": "Food",
    "health": "Health",
    "refugees": "People who leave",
    "exploitation": "Exploitation",
    "change": "Change",
    "un-record": "The record of the United Nations",
}

STATUSES = {
    "source page": "printed on the page that this book answers",
    "published": "as its source gives it",
    "updated": "newer than the page that this book answers",
    "contested": "contested, or from a weak source",
    "computed": "our arithmetic",
    "single source": "one account",
}

CONTENT = {
    "moderate": "Content note: may be hard to read.",
    "high": "Content note: violence, hunger or death.",
}

KINDS = {
    "report": "Reports",
    "article": "Journal articles",
    "book": "Books",
    "talk": "Talks",
    "law": "Laws",
    "leaked document": "Leaked documents",
    "dataset": "Datasets",
    "survey": "Surveys",
    "index": "Indices",
    "press": "Press",
    "blog": "Blogs",
    "web page": "Web pages",
    "encyclopedia": "Encyclopedias",
    "computation": "Our own arithmetic",
}

Item = TypeVar("Item")

_VARIABLE = re.compile(r"\{\{<\s*var\s+stat\.([a-z0-9-]+)\s*>\}\}")
_CITED = re.compile(r"(?<![\w.])@([A-Za-z]\w*)")
_STRING = re.compile(r"""(["'])([^"'\\\n]*)\1""")
_HEADING = re.compile(r"^#\s+(.+?)\s*(?:\{[^}]*\})?\s*$", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>@#$~^|{}])")


@dataclass(frozen=True)
class Markdown:
    """Text that a notebook shows as Markdown."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True)
class Chapter:
    """A chapter and the ids it names, of whatever kind."""

    link: str
    title: str
    names: frozenset[str]
    variables: frozenset[str]
    citations: frozenset[str]


def read_chapters(root: Path) -> list[Chapter]:
    """The chapters of the book at `root`, by file name, each with the ids it names."""
    files = sorted({*root.glob("*.qmd"), *Paths(root).notebooks.glob("*.ipynb")})
    return [_read_chapter(root, file) for file in files if file.stem not in PAGES]


def _read_chapter(root: Path, file: Path) -> Chapter:
    prose, code = file.read_text("utf-8"), ""
    if file.suffix == ".ipynb":
        cells = json.loads(prose)["cells"]
        prose, code = (
            "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)
            for kind in ("markdown", "code")
        )
    heading = _HEADING.search(prose)
    # The pages of evidence stand among the notebooks; everything else is one folder up.
    link = file.name if file.parent == Paths(root).notebooks else f"../{file.name}"
    return Chapter(
        link,
        heading[1] if heading else file.stem,
        # Every id that code names is a string in it: quote("…"), sources=["…"], a list of keys.
        frozenset(match[2] for match in _STRING.finditer(code)),
        frozenset(_VARIABLE.findall(prose)),
        frozenset(_CITED.findall(prose)),
    )


def list_statistics(root: Path | None = None) -> Markdown:
    """Every verified number by theme: its range, date, status, sources and chapters."""
    root = root or find_root()
    library = load_library(root)
    known = {id: s for id, s in library.statistics.items() if s.verified}
    chapters = read_chapters(root)
    newer = {statistic.older: statistic for statistic in known.values() if statistic.older}
    parts: list[str] = []
    for theme, title, group in _grouped(known.values(), THEMES, lambda s: s.theme):
        parts.append(_heading("statistics", theme, title))
        for item in group:
            used = [c for c in chapters if item.id in c.variables or item.id in c.names]
            sources = "Source" if len(item.sources) == 1 else "Sources"
            details = [
                f"As of {as_of(item.as_of)}; {STATUSES[item.status]}.",
                f"{sources}: {_source_links(item.sources, library.sources)}.",
                _other("Earlier", known.get(item.older)),
                _other("Later", newer.get(item.id)),
                _plain(item.note),
            ]
            # A heading, not a div: by its id alone Quarto finds only headings of other chapters.
            mark = f"{{#stat-{item.id} .evidence .unnumbered .unlisted}}"
            parts += [
                f"### {_capital(_plain(item.label))} {mark}",
                f"**{_value(item)}**",
                *filter(None, (" ".join(filter(None, details)), _used(used))),
            ]
    return Markdown("\n\n".join(parts) + "\n")


def list_testimonies(root: Path | None = None) -> Markdown:
    """Every testimony by theme, as published, with what is known of it. Withdrawn ones are not."""
    root = root or find_root()
    library = load_library(root)
    chapters = read_chapters(root)
    parts: list[str] = []
    for theme, title, group in _grouped(library.testimonies.values(), THEMES, lambda t: t.theme):
        parts.append(_heading("testimonies", theme, title))
        parts += [_testimony(item, library.sources, chapters) for item in group]
    return Markdown("\n\n".join(parts) + "\n")


def _testimony(item: Testimony, sources: Mapping[str, Source], chapters: Sequence[Chapter]) -> str:
    used = [
        Chapter(f"{c.link}#quo-{item.id}", c.title, c.names, c.variables, c.citations)
        for c in chapters
        if item.id in c.names
    ]
    known = f"**{_plain(item.speaker)}**" + (f", {_plain(item.left)}" if item.left else "")
    details = [
        "Finding of an institution." if item.kind == "institution" else "One person’s account.",
        f"Words as published: {_source_links([item.source], sources)}.",
        _plain(item.left_note),
        _plain(item.note),
    ]
    quoted = "\n".join(f"> {_plain(line)}" for line in item.excerpt.splitlines())
    return _div(
        f"testimony-{item.id}",
        known + ".",
        CONTENT.get(item.content_note, ""),
        quoted,
        " ".join(filter(None, details)),
        _used(used),
    )


def list_sources(root: Path | None = None) -> Markdown:
    """Every source that the book rests on, by kind, with how it was read and who cites it."""
    root = root or find_root()
    library = load_library(root)
    chapters = read_chapters(root)
    behind = _sources_behind(library, chapters)
    cited = [library.sources[key] for key in sorted(behind)]
    parts: list[str] = []
    for kind, title, group in _grouped(cited, KINDS, lambda source: source.type):
        parts.append(_heading("sources", kind, title))
        for item in sorted(group, key=lambda s: (s.author or s.title).casefold()):
            used = [c for c in chapters if item.id in c.citations or item.id in c.names]
            numbers = sum(item.id in s.sources for s in library.statistics.values() if s.verified)
            behind_numbers = f"Behind {numbers} number{'s' * (numbers > 1)}." if numbers else ""
            parts.append(
                _div(
                    f"src-{item.id}",
                    _reference(item),
                    " ".join(filter(None, (_reading(item), _plain(item.note)))),
                    " ".join(filter(None, (_used(used), behind_numbers))),
                )
            )
    return Markdown("\n\n".join(parts) + "\n")


def _sources_behind(library: Library, chapters: Sequence[Chapter]) -> set[str]:
    """Keys cited by a number, a testimony, a place, a series that is drawn, or a chapter."""
    named = {name for chapter in chapters for name in chapter.names | chapter.citations}
    keys = {key for s in library.statistics.values() if s.verified for key in s.sources}
    keys |= {testimony.source for testimony in library.testimonies.values()}
    for id, series in library.series.items():
        if id in named:
            keys |= {row.source for row in series.rows if row.verified}
    kinds = {place.kind for place in library.places.values()} & named
    keys |= {place.source for place in library.places.values() if place.kind in kinds}
    return keys | (named & set(library.sources))


# Markdown -------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Text from a data file, so that Markdown reads nothing into it."""
    return _SPECIAL.sub(r"\\\1", text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _heading(page: str, group: str, title: str) -> str:
    # In the ebook all pages are one document, so the id says which page.
    return f"## {title} {{#{page}-{group.replace(' ', '-')}}}"


def _div(anchor: str, *paragraphs: str) -> str:
    inside = "\n\n".join(filter(None, paragraphs))
    return f"::: {{#{anchor} .evidence}}\n{inside}\n:::"


def _grouped(
    items: Iterable[Item], titles: Mapping[str, str], group: Callable[[Item], str]
) -> Iterator[tuple[str, str, list[Item]]]:
    """Name, title and items of each group that has any, in the order of `titles`."""
    everything = list(items)
    for name, title in titles.items():
        if members := [item for item in everything if group(item) == name]:
            yield name, title, members


def _value(item: Statistic) -> str:
    return _plain(item.text if item.unit in SYMBOLS else f"{item.text} {item.unit}")


def _other(word: str, item: Statistic | None) -> str:
    if item is None:
        return ""
    return f"{word}: [{_value(item)}](#stat-{item.id}), {as_of(item.as_of)}."


def _source_links(keys: Iterable[str], sources: Mapping[str, Source]) -> str:
    return "; ".join(
        f"[{_plain(f'{_body(sources[key])}, {sources[key].year}')}](sources.ipynb#src-{key})"
        for key in keys
    )


def _body(source: Source) -> str:
    return source.author or source.publisher or source.title


def _used(chapters: Sequence[Chapter]) -> str:
    links = [f"[{chapter.title}]({chapter.link})" for chapter in chapters]
    return f"Used in: {', '.join(links)}." if links else ""


def _reference(item: Source) -> str:
    author = f"{_plain(item.author)}. " if item.author else ""
    publisher = item.publisher if item.publisher != item.author else ""
    end = f" {_plain(publisher)}." if publisher else ""
    return f"{author}*{_plain(item.title)}*. {_plain(item.year)}.{end}"


def _reading(item: Source) -> str:
    parts = []
    if item.url:
        checked = "" if item.url_certain else " (address not checked)"
        parts.append(f"<{item.url}>{checked}.")
    if item.seen_via:
        parts.append(f"Read through: {_plain(item.seen_via)}.")
    return " ".join(parts)
