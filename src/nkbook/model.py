"""The records of the book, frozen and free of behaviour that needs more than themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

FIGURE_MIME = "application/vnd.nkbook.figure+json"
"""What `show()` puts beside the picture: unit, sources, the plotted data, and what they are drawn
from (by kind and id, in words or as a digest that tells whether it has changed).

The pipeline writes `figures/<label>.csv` and `.json` from it, so that any book whose cells emit
this type gets figures that can be traced, whatever draws them.
"""


@dataclass(frozen=True)
class Source:
    """A document or dataset that can be cited. `id` is its citation key."""

    id: str
    type: str
    author: str
    title: str
    publisher: str
    year: str
    url: str
    url_certain: bool
    seen_via: str
    note: str


@dataclass(frozen=True)
class Statistic:
    """One number that the prose may use: a value or a range, its unit, date and sources.

    A number that follows from others has the `expression` that it was worked out from.
    """

    id: str
    fact_id: str
    theme: str
    label: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    qualifier: str
    as_of: str
    sources: tuple[str, ...]
    status: str
    verified: bool
    older: str
    note: str
    expression: str
    text: str
    """The number as the prose prints it, such as “53,000–65,000”."""


@dataclass(frozen=True)
class Testimony:
    """A person's or an institution's words, exactly as published, in at most forty words."""

    id: str
    fact_id: str
    kind: str
    speaker: str
    left: str
    left_certain: bool
    left_note: str
    theme: str
    excerpt: str
    source: str
    url: str
    content_note: str
    note: str

    @property
    def departure(self) -> str:
        """What is published about when the speaker left, with the doubt about it if there is."""
        return (
            self.left if self.left_certain else f"{self.left} (as published; the date is in doubt)"
        )


@dataclass(frozen=True)
class Place:
    """A camp, prison or town; coordinates in degrees, rounded as the source gives them."""

    id: str
    name: str
    kind: str
    lat: float | None
    lon: float | None
    status: str
    opened: str
    closed: str
    prisoners_low: float | None
    prisoners_high: float | None
    source: str
    verified: bool
    note: str


@dataclass(frozen=True)
class Observation:
    """One row of a series. `year` is kept as written: a year, a month or a period."""

    year: str
    entity: str
    value: float | None
    low: float | None
    high: float | None
    source: str
    verified: bool
    note: str


@dataclass(frozen=True)
class Series:
    """Observations of one quantity with one unit, and what a reader must know of them."""

    id: str
    title: str
    description: str
    unit: str
    rows: tuple[Observation, ...]

    def where(self, **wanted: str) -> Series:
        """The observations whose named fields equal the wanted values, such as `entity="PRK"`."""
        rows = tuple(
            row for row in self.rows if all(getattr(row, name) == v for name, v in wanted.items())
        )
        return Series(self.id, self.title, self.description, self.unit, rows)

    @property
    def years(self) -> list[int] | list[str]:
        """Years in row order; numbers when every one is a plain year."""
        texts = [row.year for row in self.rows]
        return [int(text) for text in texts] if all(map(str.isdigit, texts)) else texts

    @property
    def values(self) -> list[float | None]:
        """Values in row order; `None` where a row has only a range."""
        return [row.value for row in self.rows]

    @property
    def low(self) -> list[float | None]:
        """Lower bounds in row order."""
        return [row.low for row in self.rows]

    @property
    def high(self) -> list[float | None]:
        """Upper bounds in row order."""
        return [row.high for row in self.rows]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the rows, sorted, each once."""
        return tuple(sorted({row.source for row in self.rows}))


@dataclass(frozen=True)
class Term:
    """A word that the glossary explains. `forms` are the ways in which chapters write it."""

    id: str
    term: str
    hangul: str
    romanisation: str
    forms: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Event:
    """A row of the timeline. `date` is a year, a month, a day or a span of years."""

    id: str
    date: str
    event: str
    sources: tuple[str, ...]
    section: str
    """The id of the section that tells more."""


@dataclass(frozen=True)
class Passage:
    """A section of the page that the book answers, and the section of the book that answers it."""

    id: str
    section: str
    parent: str
    chapter: str
    anchor: str
    note: str


@dataclass(frozen=True)
class Claim:
    """A number or claim of the page that the book answers, and what the evidence says of it."""

    id: str
    section: str
    claim: str
    origin: str
    evidence: str
    verdict: str
    statistics: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Correction:
    """A value known to be wrong in a source, and what is read in its place on whose authority."""

    id: str
    table: str
    row: str
    """The row by its cells: `id=…`, or `year=2009;entity=PRK` in a series."""
    column: str
    original: str
    """What the source says, which the row must still hold."""
    corrected: str
    reason: str
    source: str
    date: str


@dataclass(frozen=True)
class Revision:
    """Why something that an edition printed is now another, or gone."""

    id: str
    edition: str
    """The recorded edition that it differs from."""
    kind: str
    record: str
    """The id of the statistic, testimony, figure, series, source or chapter."""
    successor: str
    """The id that stands in the place of one that is gone, if any does."""
    date: str
    reason: str


@dataclass(frozen=True)
class Library:
    """Everything in `data/`, by id."""

    sources: Mapping[str, Source]
    statistics: Mapping[str, Statistic]
    testimonies: Mapping[str, Testimony]
    places: Mapping[str, Place]
    series: Mapping[str, Series]
    glossary: Mapping[str, Term] = field(default_factory=dict)
    timeline: Mapping[str, Event] = field(default_factory=dict)
    coverage: Mapping[str, Passage] = field(default_factory=dict)
    audit: Mapping[str, Claim] = field(default_factory=dict)
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    changes: Mapping[str, Revision] = field(default_factory=dict)
    kinds: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """The places of each kind."""
    withdrawn: Collection[str] = ()
    """The ids of withdrawn testimonies: their words are gone, but a chapter may still name them."""
