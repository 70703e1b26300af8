"""The numbers, testimonies and sources of the book, one row each, with who uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from nkbook.data import load_library
from nkbook.data.expressions import Operand, Part, read, work_out
from nkbook.data.wording import as_of, counted
from nkbook.evidence.differences import Change, changed_since_last
from nkbook.evidence.errata import gone_rows
from nkbook.evidence.markdown import (
    Markdown,
    capital,
    division,
    document,
    ended,
    grouped,
    heading,
    last_date,
    name_sources,
    plain,
    row_heading,
    source_links,
    used_in,
    years,
)
from nkbook.evidence.usage import Chapter, read_users
from nkbook.model import Library, Source, Statistic, Testimony
from nkbook.paths import find_root

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
    "source page": "On the page answered by this book",
    "published": "As published by its source",
    "updated": "Updated since the page that this book answers",
    "contested": "Contested, or from a weak source",
    "computed": "Our arithmetic",
    "single source": "One account",
}

SHORT_STATUSES = {
    "source page": "On the page answered",
    "published": "As published",
    "updated": "Updated",
    "contested": "Contested",
    "computed": "Our arithmetic",
    "single source": "One account",
}
"""The same for a list to choose from."""

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

ENTITIES = {"PRK": "North Korea", "KOR": "South Korea"}
"""Codes of countries in series, in words."""


def list_statistics(root: Path | None = None) -> Markdown:
    """Every verified number by theme: its range, date, status, sources and chapters."""
    root = root or find_root()
    library = load_library(root)
    known = {id: s for id, s in library.statistics.items() if s.verified}
    chapters = read_users(root, library)
    names = name_sources(library.sources)
    changed = changed_since_last(root)
    newer = {statistic.older: statistic for statistic in known.values() if statistic.older}
    results = _results(known.values())
    parts: list[str] = []
    for theme, title, group in grouped(known.values(), THEMES, lambda s: s.theme):
        parts.append(heading("statistics", theme, title))
        for item in group:
            used = [c.at(item.id) for c in chapters if item.id in c.variables or item.id in c.names]
            sources = "Source" if len(item.sources) == 1 else "Sources"
            details = [
                f"As of {as_of(item.as_of)}. {STATUSES[item.status]}.",
                f"{sources}: {source_links(item.sources, names)}.",
                _other("Earlier", known.get(item.older)),
                _other("Later", newer.get(item.id)),
                _worked_out(item, library),
                _goes_into(results.get(item.id, ())),
                _drawn_in(item.id, chapters),
                plain(item.note),
                _before(changed.get(("statistic", item.id))),
            ]
            parts += [
                row_heading(
                    f"stat-{item.id}",
                    capital(plain(item.label)),
                    status=SHORT_STATUSES[item.status],
                    date=last_date(item.as_of),
                ),
                f"**{_value(item)}**",
                *filter(None, (" ".join(filter(None, details)), used_in(used))),
            ]
    return document([*parts, *gone_rows(root, library, "statistics", "statistic")])


def list_testimonies(root: Path | None = None) -> Markdown:
    """Every testimony by theme, as published, with what is known of it. Withdrawn ones are not."""
    root = root or find_root()
    library = load_library(root)
    chapters = read_users(root, library)
    names = name_sources(library.sources)
    parts: list[str] = []
    for theme, title, group in grouped(library.testimonies.values(), THEMES, lambda t: t.theme):
        parts.append(heading("testimonies", theme, title))
        parts += [_testimony(item, names, chapters) for item in group]
    return document(parts)


def _testimony(item: Testimony, names: Mapping[str, str], chapters: Sequence[Chapter]) -> str:
    used = [Chapter(f"{c.link}#quo-{item.id}", c.title) for c in chapters if item.id in c.names]
    known = f"**{plain(item.speaker)}**" + (f", {plain(item.departure)}" if item.left else "")
    details = [
        "Finding of an institution." if item.kind == "institution" else "One person’s account.",
        f"Words as published: {source_links([item.source], names)}.",
        plain(item.left_note),
        plain(item.note),
    ]
    quoted = "\n".join(f"> {plain(line)}" for line in item.excerpt.splitlines())
    return division(
        f"testimony-{item.id}",
        known + ".",
        CONTENT.get(item.content_note, ""),
        quoted,
        " ".join(filter(None, details)),
        used_in(used),
        speaker="An institution" if item.kind == "institution" else "A person",
        date=last_date(item.left),
    )


def list_sources(root: Path | None = None) -> Markdown:
    """Every source that the book rests on, by kind, with how it was read and who cites it."""
    root = root or find_root()
    library = load_library(root)
    chapters = read_users(root, library)
    behind = _sources_behind(library, chapters)
    cited = [library.sources[key] for key in sorted(behind)]
    parts: list[str] = []
    for kind, title, group in grouped(cited, KINDS, lambda source: source.type):
        parts.append(heading("sources", kind, title))
        for item in sorted(group, key=lambda s: (s.author or s.title).casefold()):
            used = [c for c in chapters if item.id in c.citations or item.id in c.names]
            numbers = sum(item.id in s.sources for s in library.statistics.values() if s.verified)
            behind_numbers = f"Behind {numbers} number{'s' * (numbers > 1)}." if numbers else ""
            parts.append(
                division(
                    f"src-{item.id}",
                    _reference(item),
                    " ".join(filter(None, (_reading(item), plain(item.note)))),
                    " ".join(filter(None, (used_in(used), behind_numbers))),
                    read="At second hand" if item.seen_via else "In the original",
                    date=last_date(item.year),
                )
            )
    return document([*parts, *gone_rows(root, library, "sources", "source")])


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


def _value(item: Statistic) -> str:
    return plain(counted(item.text, item.unit))


def _before(change: Change | None) -> str:
    """What the last edition had in the place of a number, and why it is another."""
    if change is None:
        return ""
    before = f"In the last edition: {change.before}." if change.before else change.told
    return plain(f"{before} {change.reason}".rstrip())


def _other(word: str, item: Statistic | None) -> str:
    if item is None:
        return ""
    return f"{word}: [{_value(item)}](#stat-{item.id}), {as_of(item.as_of)}."


def _worked_out(item: Statistic, library: Library) -> str:
    """How a computed number follows from others, each linked to its row."""
    if not item.expression:
        return ""
    answer = work_out(
        read(item.expression), library.statistics, library.series, item.unit, item.as_of
    )
    told = "".join(_operand(part, library) for part in answer.parts)
    return f"Worked out: {told}."


def _operand(part: Part, library: Library) -> str:
    if not isinstance(part, Operand):
        return plain(part)
    if not part.years:
        return f"[{plain(part.text)}](#stat-{part.id})"
    named = (library.series[part.id].title, ENTITIES.get(part.entity, part.entity), part.years)
    told = plain(f"{part.text} ({', '.join(filter(None, named))})")
    return f"[{told}](../data/series/{part.id}.csv)"


def _results(items: Iterable[Statistic]) -> Mapping[str, Sequence[Statistic]]:
    """The computed numbers that follow from each number, by its id."""
    found: dict[str, list[Statistic]] = {}
    for item in items:
        for id in read(item.expression).statistics if item.expression else ():
            found.setdefault(id, []).append(item)
    return found


def _goes_into(results: Iterable[Statistic]) -> str:
    links = [f"[{_value(item)}](#stat-{item.id})" for item in results]
    return f"Goes into: {'; '.join(links)}." if links else ""


def _drawn_in(id: str, chapters: Iterable[Chapter]) -> str:
    found = [label for c in chapters for label, names in c.drawn.items() if id in names]
    return f"Drawn in {', '.join(f'@{label}' for label in found)}." if found else ""


def _reference(item: Source) -> str:
    publisher = item.publisher if item.publisher != item.author else ""
    printed = f"*{plain(item.title)}*"
    title = ended(f"[{printed}](<{item.url}>)" if item.url else printed, item.title)
    parts = (item.author, years(item), publisher)
    author, year, end = (ended(plain(part), part) if part else "" for part in parts)
    return " ".join(filter(None, (author, title, year, end)))


def _reading(item: Source) -> str:
    parts = []
    if item.url:
        # The title carries the whole address; its host says at a glance whose page that is.
        host = (urlsplit(item.url).hostname or item.url).removeprefix("www.")
        checked = "" if item.url_certain else " (address not checked)"
        parts.append(f"At {plain(host)}{checked}.")
    if item.seen_via:
        parts.append(f"Read through: {plain(item.seen_via)}.")
    return " ".join(parts)
