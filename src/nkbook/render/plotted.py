"""The plotted data of a figure as a table that people read: on the website and in the EPUB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nkbook.render.lowering import FigureRecord

ROWS_IN_CHAPTER = 24
"""A table with more rows than these stands on the figure's page only: chapters load fast."""

_FEW_WORDS = 36
"""Characters that a cell of a table holds in one line."""

_KEYS = {"series", "statistic", "place"}
"""Columns that name a row of the data for programs; readers have its label and its year."""

_SAME = {"year": "as_of", "entity": "label"}
"""What rows of series and single numbers call the same thing."""


@dataclass(frozen=True)
class Column:
    """A column of a data table."""

    name: str
    """As programs know it: `as_of`, `source`."""
    label: str
    kind: str
    """`number`, `text` where a cell is longer than a few words, or nothing."""


@dataclass(frozen=True)
class Table:
    """Plotted data as readers see them. What is the same in every row is said once, before it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    constants: tuple[tuple[Column, str], ...]
    unit: str

    @property
    def is_short(self) -> bool:
        """Whether a chapter shows it below the picture."""
        return 0 < len(self.rows) <= ROWS_IN_CHAPTER


def data_table(figure: FigureRecord, sources: Mapping[str, str]) -> Table:
    """The plotted data of a figure; `sources` are the printed names of sources by key."""
    figure = _in_one_shape(figure)
    shown = [index for index, name in enumerate(figure.columns) if name not in _KEYS]
    rows = [
        tuple(_cell(figure.columns[index], row[index], sources) for index in shown)
        for row in figure.rows
    ]
    columns = [
        Column(
            figure.columns[index],
            _words(figure.columns[index]),
            _kind([row[index] for row in figure.rows], [row[place] for row in rows]),
        )
        for place, index in enumerate(shown)
    ]
    same = {
        index
        for index in range(len(columns))
        if len(rows) > 1 and len({r[index] for r in rows}) < 2
    }
    table = Table(
        columns=tuple(c for index, c in enumerate(columns) if index not in same),
        rows=tuple(tuple(c for index, c in enumerate(r) if index not in same) for r in rows),
        constants=tuple((columns[i], rows[0][i]) for i in sorted(same) if rows[0][i]),
        unit=figure.unit,
    )
    return _with_ranges(table)


def _in_one_shape(figure: FigureRecord) -> FigureRecord:
    """Rows of series and single numbers under the same columns, where a figure plots both."""
    columns, rows = list(figure.columns), [list(row) for row in figure.rows]
    for name, other in _SAME.items():
        if name in columns and other in columns:
            here, there = columns.index(name), columns.index(other)
            for row in rows:
                moved = row.pop(there)
                row[here] = moved if row[here] is None else row[here]
            del columns[there]
    return replace(figure, columns=tuple(columns), rows=tuple(map(tuple, rows)))


def _with_ranges(table: Table) -> Table:
    """Low and high in one column, and empty where they only repeat the value."""
    names = [column.name for column in table.columns]
    if not {"low", "high"} <= set(names):
        return table
    low, high = names.index("low"), names.index("high")
    value = names.index("value") if "value" in names else -1
    rows = []
    for row in table.rows:
        ends = {row[low], row[high]} - {""}
        text = "–".join(filter(None, (row[low], row[high]))) if len(ends) > 1 else "".join(ends)
        if value >= 0 and text == row[value]:
            text = ""
        rows.append((*row[:low], text, *row[low + 1 : high], *row[high + 1 :]))
    column = replace(table.columns[low], name="range", label="Range")
    columns = (*table.columns[:low], column, *table.columns[low + 1 : high])
    return replace(table, columns=columns + table.columns[high + 1 :], rows=tuple(rows))


def _cell(name: str, value: Any, sources: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if not _is_number(value):
        keys = str(value).split(";") if name == "source" else [str(value)]
        return "; ".join(sources.get(key, key) for key in keys)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if name == "year" else f"{value:,}"


def _kind(values: Iterable[Any], printed: Iterable[str]) -> str:
    if any(map(_is_number, values)):
        return "number"
    return "text" if any(len(cell) > _FEW_WORDS for cell in printed) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(name: str) -> str:
    """A column's name as words: `as_of` is “As of”."""
    text = re.sub(r"[_\s]+", " ", name).strip()
    return text[:1].upper() + text[1:]
