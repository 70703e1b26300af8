"""The data as a relational database has them: what a CSV package cannot say, said in tables.

All series stand in one long table of observations, a cell that lists ids becomes a table of links,
and what `datapackage.json` says of package, tables and columns stands in tables of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nkbook.data.library import is_series
from nkbook.data.package import Cell, Field, ForeignKey, Row, Schema, Table

INTEGER = "integer"
"""The type of positions, beside those of the data package."""

_WITHDRAWN = "withdrawn"
_ID = Field("id", "string", "Permanent id.", required=True)


def relations(tables: Mapping[str, Table], package: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables of the database, each with its rows in the order of their keys.

    `tables` are those of the data package whose properties `package` holds. Withdrawn rows are
    left out. Ids are used once: the tables are taken as checked.
    """
    records = [_in_order(table) for table in tables.values() if not is_series(table)]
    series = [table for table in tables.values() if is_series(table)]
    links = [
        _links(table, field) for table in records for field in table.schema.fields if field.list_of
    ]
    held = [*records, _catalogue(series), _observations(series), *links]
    return (*held, *_dictionary(held), _properties(package))


def _in_order(table: Table) -> Table:
    present = (row for row in table.rows if row.cells.get(_WITHDRAWN) is not True)
    keys = table.schema.primary_key or tuple(field.name for field in table.schema.fields)
    return replace(table, rows=tuple(sorted(present, key=lambda row: _key(row, keys))))


def _key(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.cells[column]) for column in columns)


def _catalogue(series: Iterable[Table]) -> Table:
    fields = (
        _ID,
        Field("title", "string", "What it counts.", required=True),
        Field("description", "string", "What a reader must know of it."),
        Field("unit", "string", "The unit of its values.", required=True),
    )
    rows = sorted((table.name, table.title, table.description, table.unit) for table in series)
    description = "One row for each series: its observations are in the table of that name."
    return _table("series", "Series", description, Schema(fields, ("id",)), rows)


def _observations(series: Iterable[Table]) -> Table:
    series = sorted(series, key=lambda table: table.name)
    fields = {field.name: field for table in series for field in table.schema.fields}
    foreign = {key: None for table in series for key in table.schema.foreign_keys}
    keys = {column: None for table in series for column in table.schema.primary_key}
    schema = Schema(
        (Field("series", "string", "Id of the series.", required=True), *fields.values()),
        ("series", *keys),
        (ForeignKey("series", "series", "id"), *foreign),
    )
    rows = [
        (table.name, *(row.cells.get(name) for name in fields))
        for table in series
        for row in _in_order(table).rows
    ]
    return _table("observations", "Observations", "The values of all series.", schema, rows)


def link_name(table: Table, field: Field) -> str:
    """The name of the table of links for a column that lists ids."""
    return f"{table.name}_{field.name}"


def _links(table: Table, field: Field) -> Table:
    own, other = f"{table.name}_id", f"{field.list_of}_id"
    fields = (
        Field(own, "string", f"Id in {table.name}.", required=True),
        Field("position", INTEGER, "Place in the list, from 1.", required=True),
        Field(other, "string", f"Id in {field.list_of}.", required=True),
    )
    foreign = (ForeignKey(own, table.name, "id"), ForeignKey(other, field.list_of, "id"))
    rows = [
        (row.text("id"), position, id)
        for row in table.rows
        for position, id in enumerate(row.items(field.name), start=1)
    ]
    title = f"{table.title}: {field.name}"
    description = f"The list in the column {field.name} of {table.name}, one row for each item."
    schema = Schema(fields, (own, "position"), foreign)
    return _table(link_name(table, field), title, description, schema, rows)


def _dictionary(tables: Sequence[Table]) -> tuple[Table, Table]:
    """What the tables and their columns mean."""
    described = sorted((table.name, table.title, table.description) for table in tables)
    columns = [
        (table.name, number, field.name, field.type, field.unit, field.description)
        for table in sorted(tables, key=lambda table: table.name)
        for number, field in enumerate(table.schema.fields, start=1)
    ]
    name = Field("name", "string", "Its name.", required=True)
    description = Field("description", "string", "What it holds.")
    of_tables = (name, Field("title", "string", "Its title."), description)
    of_columns = (
        Field("table", "string", "The table it is in.", required=True),
        Field("position", INTEGER, "Its place in the table, from 1.", required=True),
        name,
        Field("type", "string", "Text, number, yes or no.", required=True),
        Field("unit", "string", "The unit of its numbers."),
        description,
    )
    return (
        _table("tables", "Tables", "", Schema(of_tables, ("name",)), described),
        _table(
            "columns",
            "Columns",
            "",
            Schema(of_columns, ("table", "name"), (ForeignKey("table", "tables", "name"),)),
            columns,
        ),
    )


def _properties(package: Mapping[str, Any]) -> Table:
    """What the package says of itself in one sentence each, with its licence."""
    said = {name: value for name, value in package.items() if isinstance(value, str)}
    licences = package.get("licenses", ())
    said["license"] = "; ".join(str(licence.get("path", licence["name"])) for licence in licences)
    fields = (
        Field("property", "string", "Its name in datapackage.json.", required=True),
        Field("value", "string", "What is said."),
    )
    return _table("package", "Package", "", Schema(fields, ("property",)), sorted(said.items()))


def _table(
    name: str, title: str, description: str, schema: Schema, rows: Iterable[Sequence[Cell]]
) -> Table:
    names = [field.name for field in schema.fields]
    made = tuple(Row(dict(zip(names, row, strict=True)), name, 0) for row in rows)
    return Table(name, title, description, "", "", schema, made)
