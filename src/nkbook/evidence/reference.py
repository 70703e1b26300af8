"""The glossary and the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nkbook.data import load_library
from nkbook.data.exports import fill_variables
from nkbook.data.wording import as_of
from nkbook.evidence.markdown import (
    Markdown,
    division,
    document,
    ended,
    heading,
    last_date,
    plain,
    row_heading,
    used_in,
)
from nkbook.evidence.usage import Section, read_chapters, read_sections
from nkbook.model import Event, Library, Term
from nkbook.paths import find_root

PERIODS = {
    "1900": "Before 1990",
    "1990": "1990 to 1999",
    "2000": "2000 to 2009",
    "2010": "2010 to 2019",
    "2020": "Since 2020",
}
"""The first year of each period of the timeline, and its heading."""


def list_terms(root: Path | None = None) -> Markdown:
    """Every term of the glossary in the order of the alphabet, with the chapters that use it."""
    root = root or find_root()
    chapters = read_chapters(root)
    parts: list[str] = []
    terms = load_library(root).glossary.values()
    for term in sorted(terms, key=lambda term: term.term.casefold()):
        parts += [
            row_heading(f"term-{term.id}", plain(term.term)),
            " ".join(filter(None, (_korean(term), plain(term.meaning)))),
            used_in([chapter for chapter in chapters if term.id in chapter.terms]),
        ]
    return document(filter(None, parts))


def _korean(term: Term) -> str:
    if not term.hangul:
        return ""
    return f"[{term.hangul}]{{lang=ko}}, *{plain(term.romanisation)}*."


def list_events(root: Path | None = None) -> Markdown:
    """The timeline, by period, each event with its sources and the section that tells more."""
    root = root or find_root()
    library = load_library(root)
    sections = read_sections(root)
    events = sorted(library.timeline.values(), key=lambda event: event.date.replace("/", "-"))
    parts: list[str] = []
    for start, title in PERIODS.items():
        if rows := [event for event in events if _period(event) == start]:
            parts.append(heading("timeline", start, title))
            parts += [_event(event, library, sections) for event in rows]
    return document(parts)


def _period(event: Event) -> str:
    return max(start for start in PERIODS if start <= event.date[:4])


def _event(event: Event, library: Library, sections: Mapping[str, Section]) -> str:
    text = fill_variables(event.event, library).removesuffix(".")
    cited = "; ".join(f"@{key}" for key in event.sources)
    more = ""
    if section := sections.get(event.section):
        more = ended(f"More in [{section.place}](#{event.section})", section.place)
    return division(
        f"event-{event.id}",
        f"**{as_of(event.date)}**",
        f"{text} [{cited}].",
        more,
        date=last_date(event.date),
    )
