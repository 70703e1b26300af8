"""Copies of the data for analysts: a SQLite database, and a Parquet file for each table.

Both hold the same tables. The same data give the same bytes, and copies are made again only when
something that they are made of has changed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from nkbook.data.exports import replace_file
from nkbook.data.library import load_tables
from nkbook.data.package import Field, Table, read_properties
from nkbook.data.relations import INTEGER, link_name, relations
from nkbook.errors import BookError, Finding
from nkbook.paths import Paths

_APPLICATION_ID = 0x4E4B5043
"""“NKPC”, by which `file` and others can tell our databases."""
_LAYOUT = 1
"""The version of the layout of the tables, as SQLite's `user_version`."""
_SQLITE_TYPES = {"string": "TEXT", "number": "REAL", "boolean": "INTEGER", INTEGER: "INTEGER"}
_PARQUET_TYPES = {
    "string": "VARCHAR",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    INTEGER: "INTEGER",
}
_SOURCES = "sources"
_DATA = "data"
"""The name of the database of a package that has none."""


def write_copies(root: Path) -> tuple[Path, ...]:
    """Write the copies of the data of the book at `root` into `_data/`, if they are out of date.

    Returns the files written. Raises `BookError` where the data are at fault.
    """
    paths = Paths(root)
    stamp = paths.cache / "copies"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == _digest(paths):
        return ()
    package, tables = read_properties(paths.data), load_tables(root)
    held = relations(tables, package)
    with tempfile.TemporaryDirectory(prefix="nkbook-") as folder:
        made = Path(folder)
        name = PurePosixPath(package.get("name", _DATA)).name
        _write_sqlite(held, made / f"{name}.sqlite")
        _write_parquet(held, made / "parquet")
        written = tuple(_install(made, paths.copies))
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(_digest(paths), encoding="utf-8")
    return written


def _digest(paths: Paths) -> str:
    """A digest of all that copies are made of, and of the copies that are there."""
    try:
        versions = [sqlite3.sqlite_version, importlib.metadata.version("duckdb")]
    except importlib.metadata.PackageNotFoundError as error:
        hint = "Install the package with what this book needs: pip install '.[book]'"
        message = "the package duckdb, which writes Parquet, is not installed"
        raise BookError([Finding("_data/parquet", "ND150", message, hint)]) from error
    digest = hashlib.sha256(" ".join(versions).encode())
    for folder in (Path(__file__).parent, paths.data, paths.copies):
        for file in _files(folder):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix != ".pyc" and file.is_file())


def _install(made: Path, folder: Path) -> Iterator[Path]:
    """Put the files of `made` into `folder`, each in one step, and take out what is not made."""
    names = [file.relative_to(made) for file in _files(made)]
    for file in _files(folder):
        if file.relative_to(folder) not in names:
            file.unlink()
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if replace_file(target, (made / name).read_bytes()):
            yield target


def _write_sqlite(tables: Sequence[Table], file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.executescript(
            f"""
            PRAGMA page_size = 4096;
            PRAGMA encoding = 'UTF-8';
            PRAGMA auto_vacuum = NONE;
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA application_id = {_APPLICATION_ID};
            PRAGMA user_version = {_LAYOUT};
            """
        )
        connection.execute("BEGIN")
        for table in tables:
            connection.execute(_sqlite_table(table))
            names = [field.name for field in table.schema.fields]
            places = ", ".join("?" * len(names))
            cells = ([row.cells[name] for name in names] for row in table.rows)
            connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({places})", cells)
        for view in _sqlite_views(tables):
            connection.execute(view)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()
    content = bytearray(file.read_bytes())
    # The header counts changes and names the version of the library that made the last one
    # (https://sqlite.org/fileformat2.html): it tells of the machine and nothing of the data. Both
    # counters have to agree, or readers distrust the size that the header gives.
    content[24:28] = content[92:96] = (1).to_bytes(4, "big")
    content[96:100] = bytes(4)
    file.write_bytes(content)


def _sqlite_table(table: Table) -> str:
    lines = [_sqlite_column(field) for field in table.schema.fields]
    if table.schema.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(map(_quoted, table.schema.primary_key))})")
    lines += [
        f"FOREIGN KEY ({_quoted(key.field)}) "
        f"REFERENCES {_quoted(key.table or table.name)} ({_quoted(key.target)})"
        for key in table.schema.foreign_keys
    ]
    return f"CREATE TABLE {_quoted(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def _sqlite_column(field: Field) -> str:
    name = _quoted(field.name)
    column = f"{name} {_SQLITE_TYPES[field.type]}{' NOT NULL' if field.required else ''}"
    return f"{column} CHECK ({name} IN (0, 1))" if field.type == "boolean" else column


def _sqlite_views(tables: Sequence[Table]) -> Iterator[str]:
    """A view of each table whose rows name sources: one row for each row and source of it."""
    sources = next(table for table in tables if table.name == _SOURCES)
    columns = ", ".join(
        f"s.{_quoted(field.name)} AS {_quoted(f'source_{field.name}')}"
        for field in sources.schema.fields
    )
    lists = [(table, field) for table in tables for field in table.schema.fields if field.list_of]
    links = {link_name(table, field) for table, field in lists}
    joins = {
        table.name: f"LEFT JOIN {_quoted(_SOURCES)} s ON s.id = t.{_quoted(key.field)}"
        for table in tables
        for key in table.schema.foreign_keys
        if key.table == _SOURCES and table.name not in links
    }
    joins |= {
        table.name: f"LEFT JOIN {_quoted(link_name(table, field))} l "
        f"ON l.{_quoted(f'{table.name}_id')} = t.id\n"
        f"LEFT JOIN {_quoted(_SOURCES)} s ON s.id = l.{_quoted(f'{_SOURCES}_id')}"
        for table, field in lists
        if field.list_of == _SOURCES
    }
    for name, join in joins.items():
        yield (
            f"CREATE VIEW {_quoted(f'{name}_with_sources')} AS\n"
            f"SELECT t.*, {columns}\nFROM {_quoted(name)} t\n{join}"
        )


def _write_parquet(tables: Sequence[Table], folder: Path) -> None:
    # Not at the top: most runs find the copies up to date and need not wait for it.
    import duckdb

    folder.mkdir()
    # One thread, so that rows are written in their order.
    with duckdb.connect(config={"threads": 1, "autoload_known_extensions": False}) as connection:
        for table in tables:
            name, fields = _quoted(table.name), table.schema.fields
            columns = ", ".join(
                f"{_quoted(field.name)} {_PARQUET_TYPES[field.type]}"
                f"{' NOT NULL' if field.required else ''}"
                for field in fields
            )
            connection.execute(f"CREATE TABLE {name} ({columns})")
            # A column at a time: row by row would take seconds.
            lists = ", ".join(f"unnest(?::{_PARQUET_TYPES[field.type]}[])" for field in fields)
            cells = [[row.cells[field.name] for row in table.rows] for field in fields]
            connection.execute(f"INSERT INTO {name} SELECT {lists}", cells)
            target = str(folder / f"{table.name}.parquet").replace("'", "''")
            connection.execute(f"COPY {name} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
