"""How two editions differ, for readers: what changed, by how much and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nkbook.data import load_library
from nkbook.data.wording import as_of, number
from nkbook.evidence.editions import (
    NOW,
    Digests,
    EditionRecord,
    Printed,
    find_record,
    recorded_editions,
)
from nkbook.model import Revision

WITHDRAWN = "Withdrawn."
"""What is said of words that were taken back, and nothing more."""

_ANEW = {
    "statistic": "The number is the same; its definition or its sources are others now.",
    "testimony": "Its words, its speaker or its source are others now.",
    "series": "Its unit or some of its rows are others now.",
    "figure": "Some of the data that it plots, or their sources, are others now.",
}
"""What is told of things of which an edition records no more than a digest."""


@dataclass(frozen=True)
class Change:
    """One thing that differs between two editions, in words for readers."""

    kind: str
    record: str
    label: str
    before: str
    after: str
    """Empty where it is gone; both are empty where only a digest tells."""
    amount: str
    """By how much a number changed: “+12 (+3%)”."""
    reason: str = ""
    date: str = ""
    successor: str = ""
    is_gone: bool = False

    @property
    def told(self) -> str:
        """What became of it, in a sentence."""
        if self.is_gone:
            instead = f"; see {self.successor}" if self.successor else ""
            return f"No longer in the book{instead}."
        if self.before:
            amount = f", {self.amount}" if self.amount else ""
            return f"Was {self.before}, is {self.after}{amount}."
        return _ANEW[self.kind]


def compare(before: EditionRecord, after: EditionRecord) -> list[Change]:
    """What `after` says otherwise than `before`, or no longer; new things are no change."""
    return [
        *_statistics(before.statistics, after.statistics),
        *_digests("testimony", before.testimonies, after.testimonies),
        *_digests("series", before.series, after.series),
        *_digests("figure", before.figures, after.figures),
        *_gone("source", before.sources, after.sources),
        *_gone("chapter", before.chapters, after.chapters),
    ]


def _statistics(before: Mapping[str, Printed], after: Mapping[str, Printed]) -> Iterator[Change]:
    for id, old in before.items():
        new = after.get(id)
        if new is None:
            yield Change("statistic", id, old.label, _dated(old), "", "", is_gone=True)
        elif (old.text, old.as_of) != (new.text, new.as_of):
            yield Change("statistic", id, new.label, _dated(old), _dated(new), _amount(old, new))
        elif (old.label, old.sources) != (new.label, new.sources):
            yield Change("statistic", id, new.label, "", "", "")


def _dated(item: Printed) -> str:
    return f"{item.text} ({as_of(item.as_of)})" if item.as_of else item.text


def _amount(old: Printed, new: Printed) -> str:
    """By how much; for ranges nothing, whose ends say it better."""
    if old.value is None or new.value is None or old.value == new.value:
        return ""
    change = new.value - old.value
    sign = "+" if change > 0 else ""
    share = round(change / old.value * 100, 1) if old.value else 0
    # A small change has a share that rounds to nothing, which would read as no change.
    told = f" ({sign}{number(share)}%)" if share else ""
    return f"{sign}{number(round(change, 6))}{told}"


def _digests(kind: str, before: Digests, after: Digests) -> Iterator[Change]:
    for id, digest in before.items():
        if id not in after:
            yield Change(kind, id, id, "", "", "", is_gone=True)
        elif after[id] != digest:
            yield Change(kind, id, id, "", "", "")


def _gone(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for id, label in before.items():
        if id not in after:
            yield Change(kind, id, label, label, "", "", is_gone=True)


def differences(root: Path, before: str, after: str = NOW) -> list[Change]:
    """What edition `after` says otherwise than edition `before`, with the reasons recorded.

    Editions are named as for `find_record`. Raises `BookError` where one is not found.
    """
    found = compare(find_record(root, before), find_record(root, after))
    library = load_library(root)
    of = {before} if before in recorded_editions(root) else set(recorded_editions(root))
    rows = [row for row in library.changes.values() if row.edition in of]
    reasons = {(row.kind, row.record): row for row in rows}
    return [_with_reason(change, reasons, library.withdrawn) for change in found]


def _with_reason(
    change: Change, reasons: Mapping[tuple[str, str], Revision], withdrawn: Collection[str]
) -> Change:
    """The change with the reason recorded for it.

    Words that were withdrawn need none: nobody has to say why they take them back.
    """
    if row := reasons.get((change.kind, change.record)):
        return replace(change, reason=row.reason, date=row.date, successor=row.successor)
    if change.kind == "testimony" and change.is_gone and change.record in withdrawn:
        return replace(change, reason=WITHDRAWN)
    return change


def changed_since_last(root: Path) -> dict[tuple[str, str], Change]:
    """What the sources say otherwise than the last published edition, by kind and id."""
    editions = recorded_editions(root)
    found = differences(root, editions[-1]) if editions else []
    return {(change.kind, change.record): change for change in found}
