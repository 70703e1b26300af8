"""Rules for what editions have published: nothing changes, and no id goes, without a reason."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from nkbook.errors import Findings, nearest
from nkbook.evidence.differences import Change, differences
from nkbook.evidence.editions import last_record, recorded_editions
from nkbook.model import Library

_FILES = {
    "statistic": "data/statistics.csv",
    "testimony": "data/testimonies.csv",
    "source": "data/sources.csv",
    "series": "data/series/{}.csv",
    "figure": "figures/{}.csv",
    "chapter": "notebooks/{}.ipynb",
}


_PAGES = {"figure": "figures/{}.html", "chapter": "notebooks/{}.html"}
"""What has a page of its own, whose address stays when it goes."""


def check(root: Path, library: Library, aliases: Collection[str], findings: Findings) -> None:
    """NC701: something is not what the last edition said. NC702: an id of that edition is gone.

    NC703: a reason for a change, or for an edition, that there is not. NC704: an address of that
    edition that leads nowhere: neither a page nor one of the `aliases`.
    """
    editions = recorded_editions(root)
    for row in library.changes.values():
        if row.edition not in editions:
            message = f"there is no record of edition {row.edition}"
            hint = f"Bring data/editions/{row.edition}.json back, or name another edition."
            findings.add("NC703", f"data/changes.csv, {row.id}", message, hint)
    record = last_record(root)
    if record is None:
        return
    changes = differences(root, record.edition)
    for change in changes:
        if not change.reason:
            _report(change, record.edition, findings)
        elif change.is_gone and change.kind in _PAGES:
            page = _PAGES[change.kind].format(change.record)
            if page not in aliases:
                hint = f"Put /{page} into the aliases: of the chapter that takes its place."
                message = f"{page} was a page of edition {record.edition} and leads nowhere now"
                findings.add("NC704", "notebooks/", message, hint)
    changed = {(change.kind, change.record) for change in changes}
    for row in library.changes.values():
        if row.edition == record.edition and (row.kind, row.record) not in changed:
            names = [name for kind, name in sorted(changed) if kind == row.kind]
            findings.add(
                "NC703",
                f"data/changes.csv, {row.id}",
                f"the {row.kind} “{row.record}” is what edition {row.edition} said",
                nearest(row.record, names, "Take the row out."),
            )


def _report(change: Change, edition: str, findings: Findings) -> None:
    place = _FILES[change.kind].format(change.record)
    row = f"{edition}, {change.kind}, {change.record}"
    if change.is_gone:
        message = f"edition {edition} had the {change.kind} “{change.record}”, which is gone"
        hint = "Readers may have cited it: bring it back"
        findings.add("NC702", place, message, f"{hint}, or say why in data/changes.csv ({row}, …).")
        return
    if change.before:
        message = f"“{change.record}” was {change.before} in edition {edition}, is {change.after}"
    else:
        message = f"the {change.kind} “{change.record}” is not what it was in edition {edition}"
    hint = f"Compare it with its source. If it is right, say why in data/changes.csv ({row}, …)."
    findings.add("NC701", place, message, hint)
