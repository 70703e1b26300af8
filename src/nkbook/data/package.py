"""The Frictionless data package: what `datapackage.json` says, and tables read against it.

Only the part of the standard that the data uses is read here, and a construct outside that part
is a fault rather than something to pass over. The real `frictionless` package checks the same
files in the tests.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from nkbook.characters import find_hidden, is_formula
from nkbook.errors import Findings, nearest

Cell = str | float | bool | None
"""What a cell holds: text, a number, yes or no, or nothing."""

_ENTRY = "datapackage.json"
_TYPES = ("string", "number", "boolean")
_LIST = ";"
_FIELD_KEYS = {
    "name",
    "type",
    "title",
    "description",
    "unit",
    "listOf",
    "constraints",
    "trueValues",
    "falseValues",
}
"""Keys of the standard, and two of ours: what a number counts, and the table whose ids are listed
in the cell, separated by `;`, which the standard has no foreign key for."""
_CONSTRAINTS = {"required", "unique", "enum", "pattern", "minimum", "maximum"}
_SCHEMA_KEYS = {"fields", "missingValues", "primaryKey", "foreignKeys"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True)
class Field:
    """One column: what it holds, its type, and what its cells must satisfy."""

    name: str
    type: str
    description: str = ""
    unit: str = ""
    list_of: str = ""
    """The table whose ids the cells list; empty where they list none."""
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForeignKey:
    """A column whose cells must be ids of another table."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order, and its keys."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()


@dataclass(frozen=True)
class Row:
    """One record: its cells by column, where it stands in its file, and which cells are faulty."""

    cells: Mapping[str, Cell]
    file: str
    line: int
    faulty: frozenset[str] = frozenset()

    def place(self, column: str = "") -> str:
        """Where a fault in this row, or in one of its columns, is found."""
        place = f"{self.file}, row {self.line}"
        return f"{place}, column {column}" if column else place

    def text(self, column: str) -> str:
        """A text cell; empty where the cell is."""
        cell = self.cells[column]
        return cell if isinstance(cell, str) else ""

    def number(self, column: str) -> float | None:
        """A number cell, or nothing."""
        cell = self.cells[column]
        return cell if isinstance(cell, float) else None

    def flag(self, column: str) -> bool:
        """A yes-or-no cell; an empty one is a no."""
        return self.cells[column] is True

    def items(self, column: str) -> tuple[str, ...]:
        """What a text cell lists, separated by `;`."""
        return tuple(self.text(column).split(_LIST)) if self.text(column) else ()


@dataclass(frozen=True)
class Table:
    """A tabular resource: what it is about, and its records. `path` starts in the data folder."""

    name: str
    title: str
    description: str
    unit: str
    path: str
    schema: Schema
    rows: tuple[Row, ...] = ()


def read_tables(folder: Path, findings: Findings) -> dict[str, Table]:
    """All tables of the data package in `folder`, by name, with every fault in `findings`.

    A row with a faulty cell is kept with that cell empty, so that one run finds all faults. Where
    the description of the package itself is at fault there is nothing to hold the tables against,
    and none is read.
    """
    described = _read_description(folder, findings)
    if findings:
        return {}
    tables = {
        table.name: replace(table, rows=tuple(_read_rows(folder, table, findings)))
        for table in described
    }
    for table in tables.values():
        _check_keys(table, tables, findings)
    return tables


def read_properties(folder: Path) -> dict[str, Any]:
    """What `datapackage.json` in `folder` says, as it stands; raises `BookError`."""
    findings = Findings()
    properties = _read_json(folder / _ENTRY, f"{folder.name}/{_ENTRY}", findings)
    findings.raise_any()
    return properties or {}


def _read_description(folder: Path, findings: Findings) -> list[Table]:
    place = f"{folder.name}/{_ENTRY}"
    package = _read_json(folder / _ENTRY, place, findings) or {}
    tables: list[Table] = []
    resources = package.get("resources", [])
    for number, resource in enumerate(resources if isinstance(resources, list) else [], start=1):
        try:
            if resource.get("profile") == "tabular-data-resource":
                tables.append(_read_resource(folder, resource, place, findings))
        except (AttributeError, KeyError, IndexError, TypeError):
            hint = "See https://specs.frictionlessdata.io/tabular-data-package/"
            message = f"resource {number} is not built as the standard has it"
            findings.add("ND101", place, message, hint)
    names = [table.name for table in tables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.add("ND101", place, f"two resources are named “{name}”")
    with_ids = [t.name for t in tables if any(field.name == "id" for field in t.schema.fields)]
    for table in tables:
        for field in table.schema.fields:
            if field.list_of and field.list_of not in with_ids:
                message = f"{table.name}, column {field.name}: “{field.list_of}” has no ids to list"
                findings.add("ND101", place, message, nearest(field.list_of, with_ids))
    return tables


def _read_resource(folder: Path, resource: dict[str, Any], place: str, findings: Findings) -> Table:
    name, path = resource["name"], PurePosixPath(resource["path"])
    if path.is_absolute() or ".." in path.parts:
        findings.add("ND101", place, f"the path {path} leads out of {folder.name}/")
    source = resource["schema"]
    if isinstance(source, str):
        place = f"{folder.name}/{source}"
        source = _read_json(folder / source, place, findings)
    else:
        place = f"{place}, resource {name}"
    return Table(
        name,
        resource.get("title", ""),
        resource.get("description", ""),
        resource.get("unit", ""),
        str(path),
        _read_schema(source or {}, place, findings),
    )


def _read_json(file: Path, place: str, findings: Findings) -> dict[str, Any] | None:
    text = _read_text(file, place, findings)
    if text is None:
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        findings.add("ND101", f"{place}, line {error.lineno}", f"not JSON: {error.msg}")
        return None
    if not isinstance(content, dict):
        findings.add("ND101", place, "not a JSON object")
        return None
    return content


def _read_text(file: Path, place: str, findings: Findings) -> str | None:
    try:
        raw = file.read_bytes()
    except OSError as error:
        hint = nearest(file.name, [near.name for near in file.parent.glob("*")])
        findings.add("ND102", place, f"cannot be read: {error.strerror}", hint)
        return None
    try:
        # Spreadsheets write a byte order mark; it carries nothing.
        text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        findings.add("ND102", f"{place}, row {line}", "not UTF-8", "Save the file as UTF-8.")
        return None
    return text


def _read_schema(content: dict[str, Any], place: str, findings: Findings) -> Schema:
    _refuse_unknown(content, _SCHEMA_KEYS, "key of a schema", place, findings)
    fields = tuple(_read_field(item, place, findings) for item in content.get("fields", []))
    foreign_keys = []
    for key in content.get("foreignKeys", []):
        reference = key["reference"]
        foreign_keys.append(
            ForeignKey(_one(key["fields"]), reference["resource"], _one(reference["fields"]))
        )
    primary = content.get("primaryKey", [])
    keys = (primary,) if isinstance(primary, str) else tuple(primary)
    known = [field.name for field in fields]
    for name in (*keys, *(key.field for key in foreign_keys)):
        if name not in known:
            message = f"a key names the unknown column “{name}”"
            findings.add("ND101", place, message, nearest(name, known))
    return Schema(fields, keys, tuple(foreign_keys))


def _read_field(content: dict[str, Any], place: str, findings: Findings) -> Field:
    name, kind = str(content.get("name", "")), str(content.get("type", "string"))
    place = f"{place}, column {name}"
    _refuse_unknown(content, _FIELD_KEYS, "key of a column", place, findings)
    constraints = content.get("constraints", {})
    _refuse_unknown(constraints, _CONSTRAINTS, "constraint", place, findings)
    if kind not in _TYPES:
        findings.add("ND101", place, f"unknown type “{kind}”", nearest(kind, _TYPES))
    pattern = str(constraints.get("pattern", ""))
    try:
        re.compile(pattern)
    except re.error as error:
        findings.add("ND101", place, f"the pattern is no regular expression: {error}")
        pattern = ""
    return Field(
        name,
        kind,
        str(content.get("description", content.get("title", ""))),
        str(content.get("unit", "")),
        str(content.get("listOf", "")),
        bool(constraints.get("required", False)),
        bool(constraints.get("unique", False)),
        tuple(map(str, constraints.get("enum", ()))),
        pattern,
        constraints.get("minimum"),
        constraints.get("maximum"),
        tuple(content.get("trueValues", ("true",))),
        tuple(content.get("falseValues", ("false",))),
    )


def _refuse_unknown(
    content: Mapping[str, Any], known: set[str], what: str, place: str, findings: Findings
) -> None:
    for key in content.keys() - known:
        hint = nearest(key, known, f"Known: {', '.join(sorted(known))}.")
        findings.add("ND101", place, f"unknown {what} “{key}”", hint)


def _one(fields: str | list[str]) -> str:
    return fields if isinstance(fields, str) else fields[0]


def _read_rows(folder: Path, table: Table, findings: Findings) -> list[Row]:
    name = f"{folder.name}/{table.path}"
    text = _read_text(folder / table.path, name, findings)
    return [] if text is None else read_rows(text, name, table.schema, findings)


def read_rows(text: str, name: str, schema: Schema, findings: Findings) -> list[Row]:
    """The rows of a CSV file with this text; faults go to `findings`, with `name` as their file."""
    columns = [field.name for field in schema.fields]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    start = 1
    try:
        for record in reader:
            line, start = start, reader.line_num + 1
            if line == 1:
                if record != columns:
                    _report_header(record, columns, f"{name}, row 1", findings)
                    return []
            elif len(record) != len(columns):
                message = f"{len(record)} cells, expected {len(columns)}"
                hint = "A cell that holds a comma needs quotation marks."
                findings.add("ND105", f"{name}, row {line}", message, hint)
            else:
                rows.append(_read_row(record, name, line, schema, findings))
    except csv.Error as error:
        hint = "Double a quotation mark inside a quoted cell, and close every quoted cell."
        findings.add("ND105", f"{name}, row {start}", f"broken quoting: {error}", hint)
    if not rows and start == 1:
        findings.add("ND104", name, "the file is empty", f"Its header is {','.join(columns)}")
    return rows


def _report_header(
    found: Sequence[str], wanted: Sequence[str], place: str, findings: Findings
) -> None:
    if len(found) > 3 * len(wanted):
        hint = f"Its header is {','.join(wanted)}"
        findings.add("ND104", place, f"{len(found):,} columns, expected {len(wanted)}", hint)
        return
    for name in found:
        if name not in wanted:
            findings.add("ND104", place, f"unknown column “{name}”", nearest(name, wanted))
    for name in wanted:
        if name not in found:
            findings.add("ND104", place, f"the column “{name}” is missing")
    if sorted(found) == sorted(wanted):
        hint = f"The order is {','.join(wanted)}"
        findings.add("ND104", place, "the columns are in another order", hint)
    elif len(found) != len(set(found)):
        findings.add("ND104", place, "a column appears twice")


def _read_row(
    record: Sequence[str], file: str, line: int, schema: Schema, findings: Findings
) -> Row:
    row = Row({}, file, line)
    cells: dict[str, Cell] = {}
    faulty = set()
    for field, text in zip(schema.fields, record, strict=True):
        before = len(findings.items)
        cells[field.name] = read_cell(text, field, row.place(field.name), findings)
        if len(findings.items) > before:
            faulty.add(field.name)
    return replace(row, cells=cells, faulty=frozenset(faulty))


def read_cell(text: str, field: Field, place: str, findings: Findings) -> Cell:
    """The cell that `text` stands for in the column `field`; faults go to `findings`."""
    if not text:
        if field.required:
            findings.add("ND107", place, "the cell is empty", "This column is required.")
        return None
    if "\0" in text:
        findings.add("ND103", place, "a NUL character", "Take it out.")
        return None
    cell = _PARSERS[field.type](text, field, place, findings)
    if field.enum and text not in field.enum:
        hint = nearest(text, field.enum, f"Known: {', '.join(field.enum)}.")
        findings.add("ND108", place, f"unknown value “{text}”", hint)
        return None
    if field.pattern and not re.fullmatch(field.pattern, text):
        hint = f"It must match {field.pattern}"
        findings.add("ND109", place, f"“{text}” has another form", hint)
        return None
    return cell


def _parse_text(text: str, _field: Field, place: str, findings: Findings) -> Cell:
    if text != text.strip():
        findings.add("ND109", place, "white space around the text", "Take it out.")
    if is_formula(text):
        message = f"“{text[:40]}” begins like a formula, which a reader’s spreadsheet would run"
        findings.add("ND128", place, message, "Begin with a word.")
    if hidden := find_hidden(text):
        message = f"a character that nobody sees ({hidden})"
        findings.add("ND129", place, message, "Type the cell again.")
    return text


def _parse_number(text: str, field: Field, place: str, findings: Findings) -> Cell:
    if not _NUMBER.fullmatch(text):
        hint = "Write digits with a point and without commas, units or words, such as 53000 or 88.8"
        findings.add("ND106", place, f"“{text}” is not a number", hint)
        return None
    number = float(text)
    if not math.isfinite(number):
        findings.add("ND110", place, "a number too large to count with")
        return None
    if field.minimum is not None and number < field.minimum:
        findings.add("ND110", place, f"{text} is under the minimum of {field.minimum}")
    if field.maximum is not None and number > field.maximum:
        findings.add("ND110", place, f"{text} is over the maximum of {field.maximum}")
    return number


def _parse_boolean(text: str, field: Field, place: str, findings: Findings) -> Cell:
    if text in field.true_values:
        return True
    if text not in field.false_values:
        known = " or ".join((*field.true_values, *field.false_values))
        findings.add("ND106", place, f"“{text}” is not {known}")
    return False


_PARSERS: Mapping[str, Callable[[str, Field, str, Findings], Cell]] = {
    "string": _parse_text,
    "number": _parse_number,
    "boolean": _parse_boolean,
}


def _check_keys(table: Table, tables: Mapping[str, Table], findings: Findings) -> None:
    unique = [(field.name,) for field in table.schema.fields if field.unique]
    for columns in filter(None, (table.schema.primary_key, *unique)):
        first: dict[tuple[Cell, ...], int] = {}
        for row in table.rows:
            key = tuple(row.cells[column] for column in columns)
            if None in key:
                continue
            if key in first:
                words = ", ".join(f"“{part}”" for part in key)
                message = f"{words} is already in row {first[key]}"
                findings.add("ND111", row.place(columns[-1]), message, "Keys are used once.")
            first.setdefault(key, row.line)
    for foreign in table.schema.foreign_keys:
        target = tables.get(foreign.table) if foreign.table else table
        known = {row.text(foreign.target) for row in target.rows} if target else set()
        for row in table.rows:
            _check_reference(row.text(foreign.field), known, row.place(foreign.field), findings)
    for field in table.schema.fields:
        if field.list_of:
            known = {row.text("id") for row in tables[field.list_of].rows}
            for row in table.rows:
                for name in row.items(field.name):
                    _check_reference(name, known, row.place(field.name), findings)


def _check_reference(name: str, known: set[str], place: str, findings: Findings) -> None:
    if name and name not in known:
        hint = "Bring its row back, or take the id out here."
        findings.add("ND112", place, f"unknown id “{name}”", nearest(name, known, hint))
