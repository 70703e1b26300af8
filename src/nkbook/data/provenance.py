"""What a figure is drawn from, in a form that tells later whether it is still so.

A series is its digest, which changes with any cell that a chapter may draw. A number and a place
are few words, so that whoever reads them sees what has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple

from nkbook.data import wording
from nkbook.model import Library, Place, Series, Statistic

KINDS: Mapping[str, type[Series] | type[Statistic] | type[Place]] = {
    "series": Series,
    "statistics": Statistic,
    "places": Place,
}
"""What can be drawn, by its name in the library."""


def drawn_from(items: Iterable[object], library: Library) -> dict[str, dict[str, str]]:
    """The records of `library` among `items`, by kind and id: the state of each."""
    found: dict[str, dict[str, str]] = {}
    for item in items:
        for kind, record in KINDS.items():
            if isinstance(item, record) and (now := state(library, kind, item.id)):
                found.setdefault(kind, {})[item.id] = now
    return {kind: dict(sorted(states.items())) for kind, states in sorted(found.items())}


def state(library: Library, kind: str, id: str) -> str:
    """What `library` says of a record now; empty where there is no such record.

    Of a series these are its verified rows, whichever of them a figure picks, and its unit.
    """
    record = getattr(library, kind).get(id)
    match record:
        case Series():
            rows = [astuple(row) for row in record.rows if row.verified]
            text = json.dumps([record.unit, rows], ensure_ascii=False)
            return hashlib.sha256(text.encode()).hexdigest()
        case Statistic():
            number = wording.counted(record.text, record.unit)
            return f"{number} ({record.as_of}; {'; '.join(record.sources)})"
        case Place():
            position = ", ".join(f"{n:g}" for n in (record.lat, record.lon) if n is not None)
            return "; ".join(filter(None, (record.name, position, record.status, record.source)))
    return ""
