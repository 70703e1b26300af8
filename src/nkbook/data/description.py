"""What `datapackage.json` says of its resources that follows from their rows: their sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nkbook.data.library import load_tables
from nkbook.data.package import Row, Table, read_properties
from nkbook.paths import Paths

_SOURCES = "sources"


def describe(root: Path) -> dict[str, Any]:
    """The data package of the book at `root` as it should be.

    Each table whose rows name one source each has these as its `sources`, in the form of the
    standard. Raises `BookError` where the data are at fault.
    """
    package, tables = read_properties(Paths(root).data), load_tables(root)
    return package | {
        "resources": [
            _described(resource, tables[resource["name"]], tables)
            if resource["name"] in tables
            else resource
            for resource in package["resources"]
        ]
    }


def outdated_resources(root: Path) -> tuple[str, ...]:
    """The resources whose `sources` are not those of their rows; raises as `describe` does."""
    said = read_properties(Paths(root).data)["resources"]
    return tuple(
        resource["name"]
        for resource, wanted in zip(said, describe(root)["resources"], strict=True)
        if resource != wanted
    )


def _described(
    resource: dict[str, Any], table: Table, tables: Mapping[str, Table]
) -> dict[str, Any]:
    known = {row.text("id"): row for row in tables[_SOURCES].rows}
    keys = {
        row.text(key.field)
        for key in table.schema.foreign_keys
        if key.table == _SOURCES
        for row in table.rows
    }
    # A list of its own keeps its place among the properties.
    return (
        resource | {_SOURCES: [_source(known[key]) for key in sorted(keys)]} if keys else resource
    )


def _source(row: Row) -> dict[str, str]:
    author, year = row.text("author"), row.text("year")
    title = f"{author}: {row.text('title')}" if author else row.text("title")
    address = {"path": row.text("url")} if row.flag("url_certain") and row.text("url") else {}
    return {"title": f"{title} ({year})", **address}
