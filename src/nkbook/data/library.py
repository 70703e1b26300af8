"""The records of the book, read from `data/` and checked, or a full list of what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

from nkbook.data import wording
from nkbook.data.computed import STATUS, check_computed, compute
from nkbook.data.corrections import apply_corrections
from nkbook.data.package import Row, Table, read_tables
from nkbook.data.records import LOADED, LOADING, Records
from nkbook.errors import Findings, nearest
from nkbook.model import (
    Claim,
    Correction,
    Event,
    Library,
    Observation,
    Passage,
    Place,
    Revision,
    Series,
    Source,
    Statistic,
    Term,
    Testimony,
)
from nkbook.paths import Paths

EXCERPT_WORDS = 40
"""The longest excerpt of a person's words that the book prints."""

_CUT = "[…]"
_TABLES: Mapping[str, type] = {
    "sources": Source,
    "statistics": Statistic,
    "testimonies": Testimony,
    "places": Place,
    "glossary": Term,
    "timeline": Event,
    "coverage": Passage,
    "audit": Claim,
    "corrections": Correction,
    "changes": Revision,
}
_SERIES = "series"
_COLUMN_TYPES = {
    "str": "string",
    "tuple[str, ...]": "string",
    "float | None": "number",
    "bool": "boolean",
}
_MADE_HERE = {"text"}
OF_A_PERSON = ("speaker", "left", "left_note", "excerpt", "note")
_NOT_IN_RECORD = {"testimonies": {"withdrawn": "boolean"}}


class _Record(Protocol):
    """A record of the model."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> str: ...


class _Dated(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_R = TypeVar("_R", bound=_Record)
_D = TypeVar("_D", bound=_Dated)


def load_library(root: Path) -> Library:
    """Everything in the `data/` folder of the book at `root`, by id.

    Raises `BookError` with every fault in every file. Withdrawn testimonies are left out. The files
    are read again only once one of them has changed. Each record tells when it is asked for.
    """
    sys.audit(LOADING, str(root))
    try:
        return _read(root, _stamps(Paths(root).data))
    finally:
        sys.audit(LOADED, str(root))


def record_states(root: Path, asked: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """The states, by table and id, of what was asked for once, as it is now.

    Raises `BookError` with every fault in every file.
    """
    library = load_library(root)
    return {
        table: {id: getattr(library, table).state(id) for id in ids} for table, ids in asked.items()
    }


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes with any file of a folder: names, times and sizes."""
    found = ((file, file.stat()) for file in sorted(folder.rglob("*")))
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in found)


@lru_cache(maxsize=2)
def _read(root: Path, _: object) -> Library:
    tables = load_tables(root)
    rows = {name: table.rows for name, table in tables.items()}
    rows["testimonies"] = tuple(row for row in rows["testimonies"] if not row.flag("withdrawn"))
    withdrawn = [row for row in tables["testimonies"].rows if row.flag("withdrawn")]
    found: dict[str, Mapping[str, Any]] = {
        name: _records(kind, rows[name]) for name, kind in _TABLES.items() if name != "statistics"
    }
    found["statistics"] = _by_id(map(_statistic, rows["statistics"]))
    found["series"] = _by_id(_series(table) for table in tables.values() if is_series(table))
    found["kinds"] = _by_kind(found["places"].values())
    found["withdrawn"] = {id: id for id in (row.text("id") for row in withdrawn)}
    return Library(**{name: Records(str(root), name, found[name]) for name in found})


def load_tables(root: Path) -> dict[str, Table]:
    """The tables of `data/` of the book at `root`, by name, all rows, corrected and worked out.

    Raises `BookError` with every fault in every file.
    """
    folder = Paths(root).data
    findings = Findings()
    tables = read_tables(folder, findings)
    _check_description(tables, folder, findings)
    if not all(name in tables for name in _TABLES):
        findings.raise_any()
    tables = apply_corrections(tables, findings)
    for table in tables.values():
        _check_rows(table, findings)
    _check_lineage(tables["statistics"], findings)
    _check_strays(folder, tables, findings)
    findings.raise_any()
    tables["statistics"] = _work_out(tables, findings)
    findings.raise_any()
    return tables


def _work_out(tables: Mapping[str, Table], findings: Findings) -> Table:
    """The statistics, those that follow from others with the numbers that they come to."""
    table = tables["statistics"]
    series = _by_id(_series(table) for table in tables.values() if is_series(table))
    found = compute(table.rows, _by_id(map(_statistic, table.rows)), series, findings)
    rows = []
    for row in table.rows:
        item = found[row.text("id")]
        numbers = {"value": item.value, "low": item.low, "high": item.high}
        rows.append(replace(row, cells={**row.cells, **numbers}))
    return replace(table, rows=tuple(rows))


def is_series(table: Table) -> bool:
    """Whether a table holds values over time: all do that are no table of records."""
    return table.name not in _TABLES


def _by_id(records: Iterable[_R]) -> Mapping[str, _R]:
    return MappingProxyType({record.id: record for record in records})


def _by_kind(places: Iterable[Place]) -> Mapping[str, tuple[Place, ...]]:
    found: dict[str, tuple[Place, ...]] = {}
    for place in places:
        found[place.kind] = (*found.get(place.kind, ()), place)
    return found


def _check_description(tables: Mapping[str, Table], folder: Path, findings: Findings) -> None:
    """The package must describe every column that the records are made of, with its type."""
    place = f"{folder.name}/datapackage.json"
    if findings and not tables:
        return
    for name in _TABLES:
        if name not in tables:
            findings.add("ND101", place, f"no resource “{name}”", nearest(name, tables))
    for name, table in tables.items():
        record = _TABLES.get(name, Observation)
        wanted = {
            field.name: _COLUMN_TYPES[str(field.type)]
            for field in fields(record)
            if field.name not in _MADE_HERE
        }
        described = {field.name: field.type for field in table.schema.fields}
        for column, kind in (wanted | _NOT_IN_RECORD.get(name, {})).items():
            if described.get(column) != kind:
                message = f"resource {name} needs a column “{column}” of type {kind}"
                findings.add("ND101", place, message)
        if name not in _TABLES and not table.unit:
            findings.add("ND117", place, f"series {name} has no unit", "Add “unit” to it.")
    if any(finding.code == "ND101" for finding in findings):
        findings.raise_any()


def _check_rows(table: Table, findings: Findings) -> None:
    for row in table.rows:
        if table.name == "statistics":
            check_computed(row, findings)
            if row.text("status") != STATUS and not row.text("expression"):
                _check_number(row, findings)
            _check_date(row, findings, "as_of")
        elif table.name == "timeline":
            _check_date(row, findings, "date")
        elif table.name == "testimonies":
            _check_testimony(row, findings)
        elif table.name == "places":
            _check_range(row, "prisoners_low", "prisoners_high", findings)
            _check_position(row, findings)
        elif table.name not in _TABLES:
            _check_observation(row, findings)


def _check_range(row: Row, low: str, high: str, findings: Findings) -> None:
    bottom, top = row.number(low), row.number(high)
    if bottom is not None and top is not None and bottom > top:
        message = f"{wording.number(bottom)} is over the high end, {wording.number(top)}"
        findings.add("ND113", row.place(low), message, f"Exchange {low} and {high}.")


def _check_number(row: Row, findings: Findings) -> None:
    """A statistic is a value, or a range, or a quantity in words."""
    if row.faulty & {"value", "low", "high", "qualifier"}:
        return
    _check_range(row, "low", "high", findings)
    value, low, high = row.number("value"), row.number("low"), row.number("high")
    in_words = row.text("qualifier") in wording.QUANTITIES_IN_WORDS
    hint = "Give a value, or a low and a high end."
    if value is not None and (low is not None or high is not None):
        findings.add("ND114", row.place("value"), "a value and a range", hint)
    elif (low is None) != (high is None):
        missing = "low" if low is None else "high"
        findings.add("ND114", row.place(missing), "one end of the range is missing", hint)
    elif value is None and low is None and not in_words:
        findings.add("ND114", row.place("value"), "neither a value nor a range", hint)
    elif in_words and (value is not None or low is not None):
        message = f"“{row.text('qualifier')}” stands for a number and cannot stand before one"
        findings.add("ND114", row.place("qualifier"), message, "Take one of them out.")


def _check_date(row: Row, findings: Findings, column: str) -> None:
    if not row.text(column):
        return
    try:
        wording.as_of(row.text(column))
    except ValueError as error:
        findings.add("ND115", row.place(column), str(error), "Such as 2025, 2025-10 or 2016/2020.")


def _check_observation(row: Row, findings: Findings) -> None:
    """An observation has a value, a range, or both; one end alone is “up to” or “at least”."""
    numbers = {"value", "low", "high"}
    if row.faulty & numbers:
        return
    _check_range(row, "low", "high", findings)
    if all(row.number(column) is None for column in numbers):
        message = "neither a value nor an end of a range"
        findings.add("ND114", row.place("value"), message, "Give a value, or a low and a high end.")


def _check_testimony(row: Row, findings: Findings) -> None:
    if row.flag("withdrawn"):
        # The file itself is offered to readers, so a flag alone would still hand the words on.
        for column in filter(row.text, OF_A_PERSON):
            hint = "Empty the cell: readers get this file as it is."
            findings.add(
                "ND140", row.place(column), "the row is withdrawn, the words are not", hint
            )
        return
    if row.faulty & {"withdrawn", "excerpt", "speaker"}:
        return
    for column in ("speaker", "excerpt"):
        if not row.text(column):
            hint = "It may be empty only in a withdrawn row."
            findings.add("ND107", row.place(column), "the cell is empty", hint)
    words = len(row.text("excerpt").replace(_CUT, " ").split())
    if words > EXCERPT_WORDS:
        message = f"{words} words, at most {EXCERPT_WORDS} are allowed"
        findings.add("ND116", row.place("excerpt"), message, f"Cut it, and mark cuts with {_CUT}.")


def _check_position(row: Row, findings: Findings) -> None:
    if row.faulty & {"lat", "lon"}:
        return
    if (row.number("lat") is None) != (row.number("lon") is None):
        message = "a position needs both lat and lon"
        findings.add("ND114", row.place("lat"), message, "Give both, or neither.")


def _check_lineage(table: Table, findings: Findings) -> None:
    older = {row.text("id"): row.text("older") for row in table.rows}
    for row in table.rows:
        seen, name = set(), row.text("id")
        while name and name not in seen:
            seen.add(name)
            name = older.get(name, "")
        if name and name == row.text("id"):
            message = f"“{name}” is its own earlier value"
            findings.add("ND118", row.place("older"), message, "Break the circle.")


def _check_strays(folder: Path, tables: Mapping[str, Table], findings: Findings) -> None:
    described = {table.path for table in tables.values()}
    for file in sorted((folder / _SERIES).glob("*")):
        path = f"{_SERIES}/{file.name}"
        if path not in described:
            hint = "Add a resource with its title, description and unit, or remove the file."
            message = "no resource of datapackage.json describes it"
            findings.add("ND117", f"{folder.name}/{path}", message, hint)


_READERS: Mapping[str, Callable[[Row, str], object]] = {
    "str": Row.text,
    "float | None": Row.number,
    "bool": Row.flag,
    "tuple[str, ...]": Row.items,
}
"""How a cell is read for the type of its field."""


def _record(kind: type[_D], row: Row, **made: object) -> _D:
    """A row as a record of the model; `made` are the fields that no column holds."""
    read = {
        field.name: _READERS[str(field.type)](row, field.name)
        for field in fields(kind)
        if field.name not in made
    }
    return kind(**read, **made)


def _records(kind: type[_R], rows: Iterable[Row]) -> Mapping[str, _R]:
    return _by_id(_record(kind, row) for row in rows)


def _statistic(row: Row) -> Statistic:
    value, low, high = row.number("value"), row.number("low"), row.number("high")
    text = wording.quantity(value, low, high, row.text("unit"), row.text("qualifier"))
    return _record(Statistic, row, text=text)


def _series(table: Table) -> Series:
    rows = tuple(_record(Observation, row) for row in table.rows)
    return Series(table.name, table.title, table.description, table.unit, rows)
