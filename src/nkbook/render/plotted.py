"""The plotted data of a figure as a table that people read: on the website and in the EPUB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nkbook.render.lowering import FigureRecord

ROWS_IN_CHAPTER = 24
"""A table with more rows than these stands on the figure's page only: chapters load fast."""

_FEW_WORDS = 36
"""Characters that a cell of a table holds in one line."""

_KEYS = {"series", "statistic", "place"}
"""Columns that name a row of the data for programs; readers have its label and its year."""


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
    shown = [index for index, name in enumerate(figure.columns) if name not in _KEYS]
    rows = [
        tuple(_cell(figure.columns[index], row[index], sources) for index in shown)
        for row in figure.rows
    ]
    columns = [
        Column(
            figure.columns[index],
            _words(figure.columns[index]),
            _kind(row[index] for row in figure.rows),
        )
        for index in shown
    ]
    same = {
        index
        for index in range(len(columns))
        if len(rows) > 1 and len({r[index] for r in rows}) < 2
    }
    return Table(
        columns=tuple(c for index, c in enumerate(columns) if index not in same),
        rows=tuple(tuple(c for index, c in enumerate(r) if index not in same) for r in rows),
        constants=tuple((columns[i], rows[0][i]) for i in sorted(same) if rows[0][i]),
        unit=figure.unit,
    )


def _cell(name: str, value: Any, sources: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if not _is_number(value):
        keys = str(value).split(";") if name == "source" else [str(value)]
        return "; ".join(sources.get(key, key) for key in keys)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if name == "year" else f"{value:,}"


def _kind(cells: Iterable[Any]) -> str:
    found = list(cells)
    if any(map(_is_number, found)):
        return "number"
    return "text" if any(len(str(cell)) > _FEW_WORDS for cell in found) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(name: str) -> str:
    """A column's name as words: `as_of` is “As of”."""
    text = re.sub(r"[_\s]+", " ", name).strip()
    return text[:1].upper() + text[1:]
