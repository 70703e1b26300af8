"""Values that are known to be wrong in a source, put right by a recorded entry.

A row keeps what its source says. `corrections.csv` says what is read in its place, why, and on
whose authority; it holds the value that it expects to find, so that it fails once the row changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nkbook.data.package import Cell, Field, Row, Table, read_cell
from nkbook.errors import Findings, nearest

TABLE = "corrections"
_NOTE = "note"


def apply_corrections(tables: Mapping[str, Table], findings: Findings) -> dict[str, Table]:
    """The tables with every recorded correction applied and told in the note of its row.

    A correction that does not fit the data as they are is a finding, and changes nothing.
    """
    corrected = dict(tables)
    for entry in tables[TABLE].rows if TABLE in tables else ():
        if entry.faulty:
            continue
        name = entry.text("table")
        if name not in tables or name == TABLE:
            hint = nearest(name, tables)
            findings.add("ND130", entry.place("table"), f"there is no table “{name}”", hint)
            continue
        corrected[name] = _correct(corrected[name], entry, findings)
    return corrected


def _correct(table: Table, entry: Row, findings: Findings) -> Table:
    columns = {field.name: field for field in table.schema.fields}
    column = entry.text("column")
    if column not in columns or _NOTE not in columns:
        hint = nearest(column, columns, "Name a column of a table that has notes.")
        message = f"{table.name} has no column “{column}” to correct"
        findings.add("ND130", entry.place("column"), message, hint)
        return table
    matching = _matching(table, entry.text("row"))
    if len(matching) != 1:
        message = f"{len(matching)} rows of {table.name} are meant, not one"
        hint = "Name cells that one row has and no other, such as year=2009;entity=PRK."
        findings.add("ND131", entry.place("row"), message, hint)
        return table
    row, field = table.rows[matching[0]], columns[column]
    expected, wanted = (
        read_cell(entry.text(key), field, entry.place(key), findings)
        for key in ("original", "corrected")
    )
    if row.cells[column] != expected:
        message = (
            f"expects “{entry.text('original')}” in {row.place(column)}, "
            f"where “{_written(row.cells[column])}” stands now"
        )
        hint = "The row has changed: take the correction out, or check it again and renew it."
        findings.add("ND132", entry.place("original"), message, hint)
        return table
    rows = list(table.rows)
    note = _told(row.text(_NOTE), field, entry)
    rows[matching[0]] = replace(row, cells={**row.cells, column: wanted, _NOTE: note})
    return replace(table, rows=tuple(rows))


def _matching(table: Table, condition: str) -> Sequence[int]:
    """The places of the rows whose cells are those of `column=value;column=value`."""
    wanted = dict(part.partition("=")[::2] for part in condition.split(";"))
    return [
        place
        for place, row in enumerate(table.rows)
        if all(name in row.cells and _written(row.cells[name]) == wanted[name] for name in wanted)
    ]


def _written(cell: Cell) -> str:
    """A cell as it stands in its file."""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return "" if cell is None else str(cell)


def _told(note: str, field: Field, entry: Row) -> str:
    """The note of a row with what was corrected in it, in words that every edition prints."""
    what = field.name.replace("_", " ")
    before = entry.text("original") or "nothing"
    told = (
        f"Corrected: the source has {before} ({what}), "
        f"read here as {entry.text('corrected') or 'nothing'}. {entry.text('reason')}"
    )
    return " ".join(filter(None, (note, told)))
