"""What a chapter imports: numbers, testimony and figures, each traceable to its source.

    from nkbook.notebook import chart, quote, series, show, statistic

The project is found from the working directory and its data are read once per process.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from matplotlib.figure import Figure

from nkbook import charts as chart
from nkbook.data import load_library
from nkbook.data.exports import linked_number
from nkbook.data.provenance import drawn_from
from nkbook.errors import BookError, Finding, Findings, nearest
from nkbook.model import FIGURE_MIME, Library, Place, Series, Source, Statistic, Testimony
from nkbook.paths import find_root

__all__ = ["chart", "library", "places", "quote", "series", "show", "statistic"]

Cell = str | float | int | None
Datum = Series | Statistic | Place | Mapping[str, Cell]
Record = TypeVar("Record")


def library() -> Library:
    """Everything in the book's `data/`."""
    return _load(find_root())


@cache
def _load(root: Path) -> Library:
    return load_library(root)


def _find(records: Mapping[str, Record], id: str, kind: str, code: str) -> Record:
    if id not in records:
        hint = nearest(id, records, "See the files in data/ for what there is.")
        raise BookError([Finding(id, code, f"there is no {kind} of this id", hint)])
    return records[id]


def series(id: str, since: int = 0) -> Series:
    """A series of observations, if wanted from the year `since` on.

    Rows that nobody could verify are left out.
    """
    found = _find(library().series, id, "series", "NF210")
    rows = tuple(row for row in found.rows if row.verified and _begins(row.year) >= since)
    return Series(found.id, found.title, found.description, found.unit, rows)


def _begins(year: str) -> int:
    digits = re.search(r"\d{4}", year)
    return int(digits[0]) if digits else 0


class LinkedStatistic(Statistic):
    """A statistic that shows itself in a notebook as its number, linked to the evidence."""

    def _repr_markdown_(self) -> str:
        return linked_number(self)


def statistic(id: str) -> LinkedStatistic:
    """One number with its unit, date and sources. A number that nobody verified is refused."""
    found = _find(library().statistics, id, "statistic", "NF211")
    if not found.verified:
        message = "this number is not verified and is not printed as fact"
        raise BookError([Finding(id, "NF218", message, "Name another, or verify this one.")])
    return LinkedStatistic(**{field.name: getattr(found, field.name) for field in fields(found)})


def places(*kinds: str) -> list[Place]:
    """The places of the given kinds (all, if none is given), by id."""
    known = library().kinds
    findings = Findings()
    for kind in kinds:
        if kind not in known:
            hint = nearest(kind, known, f"Known: {', '.join(sorted(known))}.")
            findings.add("NF219", kind, "there is no place of this kind", hint)
    findings.raise_any()
    found = [place for kind in sorted({*(kinds or known)}) for place in known[kind]]
    return sorted(found, key=lambda place: place.id)


# Testimony ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quotation:
    """A testimony as a chapter shows it; nothing, if it was withdrawn."""

    testimony: Testimony | None

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        if self.testimony is None:
            return {"text/markdown": "", "text/plain": ""}
        return {
            "text/markdown": quotation(self.testimony),
            "text/plain": f"“{self.testimony.excerpt}” — {self.testimony.speaker}",
        }


def quote(id: str) -> Quotation:
    """A person's or an institution's words, exactly as published. End a cell with it.

    Words that were withdrawn disappear, and no chapter has to be changed for it.
    """
    if id in library().withdrawn:
        return Quotation(None)
    return Quotation(_find(library().testimonies, id, "testimony", "NF212"))


def quotation(testimony: Testimony) -> str:
    """A testimony in Markdown, the same in every edition, linked to its row of evidence."""
    name = f"[{testimony.speaker}](testimonies.ipynb#testimony-{testimony.id})"
    said = f"— {name}, {testimony.departure}" if testimony.left else f"— {name}"
    return "\n".join(
        (
            f"::: {{#quo-{testimony.id} .testimony}}",
            *(f"> {line}".rstrip() for line in testimony.excerpt.splitlines()),
            "",
            f"[{said} [@{testimony.source}]]{{.testimony-speaker}}",
            ":::",
        )
    )


# Figures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A finished figure: the picture, the data plotted in it, and where they come from."""

    svg: str
    provenance: Mapping[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        rows = len(self.provenance["rows"])
        return {
            "image/svg+xml": self.svg,
            "text/plain": f"Figure: {self.provenance['unit']}, {rows} rows of data",
            FIGURE_MIME: dict(self.provenance),
        }


def show(
    fig: Figure,
    data: Datum | Iterable[Datum],
    *,
    unit: str = "",
    sources: Sequence[str] = (),
    notes: str = "",
) -> Shown:
    """Finish a figure: print its sources, keep its data. The last expression of its cell.

    `unit` and `sources` default to those of the series or statistics in `data`. `notes` are
    printed above the sources. A figure without unit, sources or data is refused.
    """
    items: list[Datum] = (
        [data] if isinstance(data, (Series, Statistic, Place, Mapping)) else list(data)
    )
    named = list(sources) or sorted({source for item in items for source in _sources(item)})
    units = [unit] if unit else list(dict.fromkeys(filter(None, map(_unit, items))))
    columns, rows = _table(items)
    book = library()
    known = book.sources
    findings = Findings()
    place = "show()"
    if not units:
        findings.add("NF214", place, "the figure has no unit", 'Add unit="…".')
    if not named:
        findings.add("NF215", place, "the figure has no sources", 'Add sources=["…"].')
    if not rows:
        findings.add("NF216", place, "the figure has no data", "Pass what is plotted as data=.")
    for source in named:
        if source not in known:
            hint = nearest(source, known, "Add it to data/sources.csv.")
            findings.add("NF213", place, f"there is no source “{source}”", hint)
    findings.raise_any()
    chart.footer(fig, [f"Note: {notes}" if notes else "", source_line([known[n] for n in named])])
    picture = chart.svg(fig)
    # A figure made with pyplot would be drawn a second time at the end of the cell.
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    return Shown(
        picture,
        {
            "unit": "; ".join(units),
            "sources": named,
            "drawn_from": drawn_from(items, book),
            "columns": columns,
            "rows": rows,
        },
    )


def source_line(sources: Iterable[Source]) -> str:
    """“Source: …” from short names, each body once with its years."""
    years: dict[str, set[str]] = {}
    for source in sources:
        years.setdefault(short_name(source), set()).update(re.findall(r"\d{4}", source.year))
    parts = []
    for name, found in years.items():
        span = sorted({min(found), max(found)}) if found else []
        parts.append(f"{name} ({'–'.join(span)})" if span else name)
    return f"{'Source' if len(parts) == 1 else 'Sources'}: {'; '.join(parts)}"


def short_name(source: Source) -> str:
    """Who stands behind a source, in a few words: surnames of people, names of bodies."""
    # People are written “Surname, Given”, bodies without a comma; “;” stands between authors.
    authors = [
        re.sub(r"\s*\([^)]*\)$", "", author.partition(",")[0].strip())
        for author in (source.author or source.publisher or source.title).split(";")
    ]
    if len(authors) < 3:
        return " and ".join(authors)
    return f"{authors[0]} and others"


def _sources(item: Datum) -> tuple[str, ...]:
    if isinstance(item, (Series, Statistic)):
        return tuple(item.sources)
    return (item.source,) if isinstance(item, Place) else ()


def _unit(item: Datum) -> str:
    return item.unit if isinstance(item, (Series, Statistic)) else ""


def _table(items: Iterable[Datum]) -> tuple[list[str], list[list[Cell]]]:
    """What is plotted, as one table: the columns that hold anything, in order of appearance."""
    records: list[dict[str, Cell]] = []
    for item in items:
        if isinstance(item, Series):
            records += [
                {
                    "series": item.id,
                    "year": row.year,
                    "entity": row.entity,
                    "value": row.value,
                    "low": row.low,
                    "high": row.high,
                    "source": row.source,
                    "note": row.note,
                }
                for row in item.rows
            ]
        elif isinstance(item, Statistic):
            records.append(
                {
                    "statistic": item.id,
                    "label": item.label,
                    "as_of": item.as_of,
                    "qualifier": item.qualifier,
                    "value": item.value,
                    "low": item.low,
                    "high": item.high,
                    "unit": item.unit,
                    "source": ";".join(item.sources),
                    "note": item.note,
                }
            )
        elif isinstance(item, Place):
            records.append(
                {
                    "place": item.id,
                    "name": item.name,
                    "kind": item.kind,
                    "lat": item.lat,
                    "lon": item.lon,
                    "status": item.status,
                    "source": item.source,
                    "note": item.note,
                }
            )
        else:
            records.append(dict(item))
    names = dict.fromkeys(name for record in records for name in record)
    columns = [
        name for name in names if any(record.get(name) not in (None, "") for record in records)
    ]
    return columns, [[record.get(name) for name in columns] for record in records]
