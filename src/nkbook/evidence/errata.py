"""What has changed since an edition was published, and what became of ids that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from nkbook.data import load_library
from nkbook.data.wording import as_of
from nkbook.evidence.differences import Change, differences
from nkbook.evidence.editions import NOW, read_record, recorded_editions, records_folder
from nkbook.evidence.markdown import (
    ANCHORS,
    Markdown,
    capital,
    division,
    document,
    heading,
    name_sources,
    plain,
    row_heading,
    source_links,
)
from nkbook.model import Library
from nkbook.paths import find_root


def list_changes(root: Path | None = None) -> Markdown:
    """What each edition says otherwise than the one before it, newest first, and why."""
    root = root or find_root()
    names = [*recorded_editions(root), NOW]
    library = load_library(root)
    parts: list[str] = []
    for before, after in reversed(list(pairwise(names))):
        published = as_of(_record_date(root, before))
        title = f"Since edition {before}" if after == NOW else f"From edition {before} to {after}"
        parts.append(heading("changes", before.replace(".", "-"), title))
        rows = [_row(change, before, library) for change in differences(root, before, after)]
        nothing = (
            f"Nothing that readers of edition {before}, of {published}, could cite has changed."
        )
        parts += rows or [nothing]
    return document(parts)


def _record_date(root: Path, edition: str) -> str:
    return read_record(records_folder(root) / f"{edition}.json").date


def _row(change: Change, edition: str, library: Library) -> str:
    why = f"{plain(change.reason)} ({as_of(change.date)})" if change.date else plain(change.reason)
    return division(
        f"change-{edition.replace('.', '-')}-{change.kind}-{change.record}",
        f"**{_name(change, library)}**",
        plain(change.told),
        why,
        kind=capital(change.kind),
        date=change.date[:7],
    )


def _name(change: Change, library: Library) -> str:
    """What changed, with a link to it or to what is left of it."""
    if change.kind == "figure" and not change.is_gone:
        return f"@{change.record}"
    if change.kind == "series" and change.record in library.series:
        return plain(library.series[change.record].title)
    anchor = ANCHORS.get(change.kind)
    label = capital(plain(change.label))
    return f"[{label}](#{anchor}{change.record})" if anchor else label


def list_corrections(root: Path | None = None) -> Markdown:
    """Every value that is known to be wrong in a source, and what the book reads in its place."""
    library = load_library(root or find_root())
    names = name_sources(library.sources)
    rows = [
        division(
            f"correction-{entry.id}",
            f"**{plain(entry.table)}, {plain(entry.row)}, {plain(entry.column)}**",
            f"The source has {plain(entry.original or 'nothing')}, "
            f"this book reads {plain(entry.corrected or 'nothing')}.",
            f"{plain(entry.reason)} Shown by {source_links([entry.source], names)}; "
            f"recorded on {as_of(entry.date)}.",
        )
        for entry in library.corrections.values()
    ]
    return document(rows or ["At present the book corrects no value of a source."])


@dataclass(frozen=True)
class Gone:
    """Something that an edition had and the book no longer has."""

    id: str
    label: str
    said: str
    edition: str
    """The last edition that had it."""
    reason: str
    successor: str


def find_gone(root: Path, library: Library, kind: str) -> Iterator[Gone]:
    """The statistics or sources of earlier editions that are gone, so that their ids stay.

    Testimony is never among them: words that are withdrawn leave nothing behind.
    """
    reasons = {row.record: row for row in library.changes.values() if row.kind == kind}
    here = library.statistics if kind == "statistic" else library.sources
    last: dict[str, Gone] = {}
    for name in recorded_editions(root):
        record = read_record(records_folder(root) / f"{name}.json")
        if kind == "statistic":
            had = {id: (item.label, item.text) for id, item in record.statistics.items()}
        else:
            had = {id: (label, "") for id, label in record.sources.items()}
        for id, (label, said) in had.items():
            row = reasons.get(id)
            reason, successor = (row.reason, row.successor) if row else ("", "")
            last[id] = Gone(id, label, said, name, reason, successor)
    return (item for id, item in sorted(last.items()) if id not in here)


def gone_rows(root: Path, library: Library, page: str, kind: str) -> Iterator[str]:
    """Rows for ids that are gone, under a heading of their own; nothing where none are."""
    anchor = ANCHORS[kind]
    for number, item in enumerate(find_gone(root, library, kind)):
        if number == 0:
            yield heading(page, "gone", "No longer in the book")
        said = f": {plain(item.said)}" if item.said else ""
        now = f"See [{item.successor}](#{anchor}{item.successor})." if item.successor else ""
        yield row_heading(f"{anchor}{item.id}", capital(plain(item.label)))
        yield " ".join(
            filter(None, (f"Last in edition {item.edition}{said}.", plain(item.reason), now))
        )
