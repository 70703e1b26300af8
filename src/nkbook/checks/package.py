"""Rules for what `datapackage.json` says of the data."""

from __future__ import annotations

from pathlib import Path

from nkbook.data.description import outdated_resources
from nkbook.errors import Findings


def check(root: Path, findings: Findings) -> None:
    """NC801: the sources of a resource that are not those of its rows."""
    for name in outdated_resources(root):
        message = f"the sources of resource {name} are not those of its rows"
        findings.add("NC801", "data/datapackage.json", message, "Run `make describe`.")
