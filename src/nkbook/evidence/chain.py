"""The whole chain behind an id: what it says, where that comes from, and who uses it.

A chain is plain data, the same for the terminal and for programs: text, lists and mappings, in the
order in which a person reads them. What is empty is left out.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from posixpath import normpath
from typing import Any

from nkbook.data import load_library
from nkbook.data.expressions import read, work_out
from nkbook.data.wording import as_of, counted
from nkbook.errors import BookError, Finding, nearest
from nkbook.evidence.differences import Change, changed_since_last
from nkbook.evidence.editions import (
    digest_series,
    digest_testimony,
    last_record,
)
from nkbook.evidence.markdown import ANCHORS, body, years
from nkbook.evidence.pages import STATUSES
from nkbook.evidence.usage import read_chapters
from nkbook.evidence.uses import Use, find_uses
from nkbook.model import Library, Source, Statistic
from nkbook.paths import Paths

Chain = dict[str, Any]

_PREFIXES = (*ANCHORS.values(), "stat.", "quo-", "@")
"""What stands before an id in addresses, in prose and in citations."""

_PROVENANCE = {"chapter", "caption", "alt", "unit", "sources", "code", "sha256"}
"""What is recorded of a figure that a chapter draws."""

_DRAWN_WITH = ("matplotlib", "numpy", "nkbook")
"""Packages whose version can change how a figure looks."""


def explain(root: Path, id: str) -> Chain:
    """The chain behind a statistic, testimony, figure, series, source or chapter.

    Raises `BookError` where the book has nothing of that id, or where its data or the provenance
    of its figures have faults.
    """
    return _Book(root).explain(id)


@dataclass(frozen=True)
class _Book:
    root: Path

    @cached_property
    def library(self) -> Library:
        return load_library(self.root)

    @cached_property
    def figures(self) -> Mapping[str, Mapping[str, Any]]:
        """The provenance of the committed figures, by id."""
        found = {}
        for file in sorted(Paths(self.root).figures.glob("fig-*.json")):
            try:
                made = json.loads(file.read_text("utf-8"))
            except ValueError as error:
                hint = f"Run `nkbook figures {file.stem}`, look at the picture, and commit it."
                message = f"is no provenance that can be read: {error}"
                raise BookError(
                    [Finding(f"figures/{file.name}", "NE106", message, hint)]
                ) from error
            # What an author drew and put there has none, whatever its name.
            if isinstance(made, dict) and made.keys() >= _PROVENANCE:
                found[file.stem] = made
        return found

    @cached_property
    def chapters(self) -> Mapping[str, str]:
        """Titles of the chapters, by the name of their file."""
        return {Path(item.link).stem: item.title for item in read_chapters(self.root)}

    def explain(self, id: str) -> Chain:
        library = self.library
        kinds: list[tuple[Iterable[str], Callable[[str], Chain]]] = [
            (library.statistics, self._statistic),
            (library.testimonies, self._testimony),
            (library.series, self._series),
            (library.sources, self._source),
            (self.figures, self._figure),
            (self.chapters, self._chapter),
        ]
        # Of an address that was copied: what stands behind the #, else the name of the page.
        id = id.rpartition("#")[2].rpartition("/")[2].removesuffix(".html")
        names = [id, *(id.removeprefix(prefix) for prefix in _PREFIXES if id.startswith(prefix))]
        for name in names:
            for known, tell in kinds:
                if name in known:
                    return _filled(tell(name))
        for change in self._changes.values():
            if change.is_gone and change.record in names:
                hint = change.reason or "No reason is recorded."
                raise BookError([Finding(id, "NE103", change.told, hint)])
        everything = [name for known, _ in kinds for name in known]
        hint = nearest(id, everything, "See the pages of evidence for what there is.")
        raise BookError([Finding(id, "NE103", "the book has nothing of this id", hint)])

    # What each kind of thing rests on ---------------------------------------------------------

    def _statistic(self, id: str) -> Chain:
        library, item = self.library, self.library.statistics[id]
        newer = [other for other in library.statistics.values() if other.older == id]
        return {
            "statistic": id,
            "says": _says(item),
            "what": item.label,
            "as of": as_of(item.as_of),
            "status": STATUSES[item.status],
            "verified": "yes" if item.verified else "no: it is not printed as fact",
            "note": item.note,
            "worked out": self._worked_out(item),
            "sources": self._sources(item.sources),
            "goes into": [
                self._other(other.id)
                for other in library.statistics.values()
                if other.expression and id in read(other.expression).statistics
            ],
            "earlier": self._other(item.older),
            "later": [self._other(other.id) for other in newer],
            "used in": self._uses(f"stat.{id}", id),
            "drawn in": self._drawing("statistics", id),
            "corrections": self._corrections("statistics", f"id={id}"),
            "last edition": self._last("statistic", id),
            "row": f"data/statistics.csv, id {id}",
            "page": f"notebooks/statistics.html#stat-{id}",
        }

    def _testimony(self, id: str) -> Chain:
        item = self.library.testimonies[id]
        return {
            "testimony": id,
            "words": item.excerpt,
            "speaker": item.speaker,
            "left": item.departure if item.left else "",
            "known of them": item.left_note,
            "note": item.note,
            "published at": item.url,
            "sources": self._sources([item.source]),
            "used in": self._uses(id),
            "last edition": self._last("testimony", id),
            "sha256": digest_testimony(item),
            "row": f"data/testimonies.csv, id {id}",
            "page": f"notebooks/testimonies.html#testimony-{id}",
        }

    def _series(self, id: str) -> Chain:
        item = self.library.series[id]
        rows = [row for row in item.rows if row.verified]
        return {
            "series": id,
            "what": item.title,
            "unit": item.unit,
            "description": item.description,
            "rows": [
                {
                    "year": row.year,
                    "of": row.entity,
                    "value": _number(row.value),
                    "low": _number(row.low),
                    "high": _number(row.high),
                    "source": row.source,
                    "note": row.note,
                }
                for row in rows
            ],
            "sources": self._sources({row.source for row in rows}),
            "used in": self._uses(id),
            "drawn in": self._drawing("series", id),
            "last edition": self._last("series", id),
            "sha256": digest_series(item),
            "file": f"data/series/{id}.csv",
        }

    def _source(self, id: str) -> Chain:
        library, item = self.library, self.library.sources[id]
        behind = [s for s in library.statistics.values() if id in s.sources and s.verified]
        series = [s.id for s in library.series.values() if id in s.sources]
        return {
            "source": id,
            **self._reference(item),
            "note": item.note,
            "statistics": [{"id": s.id, "says": _says(s), "what": s.label} for s in behind],
            "testimonies": [t.id for t in library.testimonies.values() if t.source == id],
            "series": series,
            "places": [p.id for p in library.places.values() if p.source == id],
            "figures": [name for name, made in self.figures.items() if id in made["sources"]],
            "used in": self._uses(f"@{id}", id),
            "last edition": self._last("source", id),
            "row": f"data/sources.csv, id {id}",
            "page": f"notebooks/sources.html#src-{id}",
        }

    def _figure(self, id: str) -> Chain:
        made = self.figures[id]
        cells = [use for use in find_uses(self.root, self.library, id) if use.words == id]
        return {
            "figure": id,
            "says": made["caption"],
            "shows": made["alt"],
            "unit": made["unit"],
            "chapter": self.chapters.get(Path(made["chapter"]).stem, made["chapter"]),
            "cell": cells[0].place if cells else made["chapter"],
            "code": made["code"],
            "series": [
                {"id": name, "what": self.library.series[name].title}
                for name in _drawn(made, "series")
                if name in self.library.series
            ],
            "statistics": [self._other(name) for name in _drawn(made, "statistics")],
            "places": _drawn(made, "places"),
            "sources": self._sources(made["sources"]),
            "used in": self._uses(id),
            "files": {f"figures/{id}.{kind}": digest for kind, digest in made["sha256"].items()},
            "drawn here with": _versions(),
            "last edition": self._last("figure", id),
            "page": f"figures/{id}.html",
        }

    def _chapter(self, id: str) -> Chain:
        chapter = next(item for item in read_chapters(self.root) if Path(item.link).stem == id)
        file = normpath(f"notebooks/{chapter.link}")
        library = self.library
        statistics = [s for s in library.statistics if s in chapter.variables | chapter.names]
        cited = chapter.citations | (chapter.names & set(library.sources))
        return {
            "chapter": id,
            "title": chapter.title,
            "statistics": [self._other(name) for name in statistics],
            "testimonies": [name for name in library.testimonies if name in chapter.names],
            "series": [name for name in library.series if name in chapter.names],
            "figures": [n for n, made in self.figures.items() if Path(made["chapter"]).stem == id],
            "sources": self._sources(cited & set(library.sources)),
            "last edition": self._last("chapter", id),
            "file": file,
            "page": f"{file.removesuffix(Path(file).suffix)}.html",
        }

    # Links of the chain -----------------------------------------------------------------------

    def _sources(self, keys: Iterable[str]) -> list[Chain]:
        found = [self.library.sources[key] for key in sorted(keys)]
        return [{"id": item.id, **self._reference(item)} for item in found]

    def _reference(self, item: Source) -> Chain:
        publisher = item.publisher if item.publisher != item.author else ""
        told = ". ".join(filter(None, (f"{body(item)}, {years(item)}", item.title, publisher)))
        return {
            "reference": told,
            "address": item.url,
            "address checked": "" if item.url_certain or not item.url else "no",
            "read through": item.seen_via,
        }

    def _other(self, id: str) -> Chain:
        if id not in self.library.statistics:
            return {}
        item = self.library.statistics[id]
        return {"id": id, "says": _says(item), "as of": as_of(item.as_of)}

    def _worked_out(self, item: Statistic) -> Chain:
        """How a number follows from others; nothing for one that does not."""
        if not item.expression:
            return {}
        expression = read(item.expression)
        library = self.library
        return {
            "as": str(
                work_out(expression, library.statistics, library.series, item.unit, item.as_of)
            ),
            "declared": item.expression,
            "from": [self._other(name) for name in sorted(expression.statistics)],
        }

    def _uses(self, *names: str) -> list[Chain]:
        return [_use(use) for use in find_uses(self.root, self.library, *names)]

    def _drawing(self, kind: str, id: str) -> list[str]:
        return [name for name, made in self.figures.items() if id in _drawn(made, kind)]

    def _corrections(self, table: str, row: str) -> list[Chain]:
        return [
            {
                "column": entry.column,
                "source has": entry.original or "nothing",
                "read as": entry.corrected or "nothing",
                "because": entry.reason,
                "says who": self._sources([entry.source]),
                "since": entry.date,
            }
            for entry in self.library.corrections.values()
            if (entry.table, entry.row) == (table, row)
        ]

    @cached_property
    def _changes(self) -> Mapping[tuple[str, str], Change]:
        return changed_since_last(self.root)

    def _last(self, kind: str, id: str) -> Chain:
        """What the last published edition said, and why this is another."""
        record = last_record(self.root)
        if record is None:
            return {}
        known = getattr(record, _PLURALS.get(kind, f"{kind}s"))
        if id not in known:
            return {"edition": record.edition, "had": "nothing of this id"}
        change = self._changes.get((kind, id))
        if change is None:
            return {"edition": record.edition, "had": "the same"}
        return {
            "edition": record.edition,
            "had": change.before or "something else",
            "changed by": change.amount,
            "because": change.reason or "no reason is recorded",
            "since": change.date,
        }


_PLURALS = {"series": "series", "testimony": "testimonies"}


def _says(item: Statistic) -> str:
    return counted(item.text, item.unit)


def _drawn(made: Mapping[str, Any], kind: str) -> list[str]:
    """The ids of one kind that a figure was drawn from."""
    return list(made.get("drawn_from", {}).get(kind, {}))


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() else value


def _use(use: Use) -> Chain:
    section = "" if use.section == use.chapter else use.section
    return {"chapter": use.chapter, "section": section, "place": use.place, "words": use.words}


def _versions() -> Chain:
    """What draws figures on this machine."""
    found = {name: metadata.version(name) for name in _DRAWN_WITH}
    return {"python": platform.python_version(), **found}


def _filled(chain: Chain) -> Chain:
    """The chain without what is empty."""
    return {
        key: value for key, value in map(_kept, chain.items()) if value not in ("", [], {}, None)
    }


def _kept(item: tuple[str, Any]) -> tuple[str, Any]:
    key, value = item
    if isinstance(value, dict):
        return key, _filled(value)
    if isinstance(value, list):
        return key, [_filled(v) if isinstance(v, dict) else v for v in value if v not in ("", {})]
    return key, value
