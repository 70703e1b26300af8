"""The copies for analysts hold what the library holds, in the same bytes wherever made."""

from __future__ import annotations

import csv
import importlib.metadata
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from nkbook.data import load_library, write_copies
from nkbook.data.library import load_tables
from nkbook.data.package import read_properties
from nkbook.data.relations import relations
from nkbook.errors import BookError
from nkbook.model import Library
from tests.data.conftest import ROOT, WITHDRAWN, Copy

DATABASE = "north-korean-peoples-challenges.sqlite"
WRITE = "import sys, pathlib, nkbook.data as d; d.write_copies(pathlib.Path(sys.argv[1]))"

LIBRARY = load_library(ROOT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copies of the book's own data."""
    root = tmp_path_factory.mktemp("book")
    (root / "data").symlink_to(ROOT / "data")
    write_copies(root)
    return root / "_data"


@pytest.fixture
def database(made: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(made / DATABASE)
    yield connection
    connection.close()


def ask(made: Path, query: str) -> list[tuple[object, ...]]:
    """The answer of DuckDB, with each table named by its file."""
    with duckdb.connect() as connection:
        for file in (made / "parquet").glob("*.parquet"):
            connection.execute(f"CREATE VIEW \"{file.stem}\" AS FROM '{file}'")
        return connection.execute(query).fetchall()


def records(library: Library, name: str) -> dict[str, object]:
    return dict(getattr(library, name))


@pytest.mark.parametrize("name", ["sources", "statistics", "testimonies", "places", "glossary"])
def test_every_record_of_the_library_is_in_both_copies(
    made: Path, database: sqlite3.Connection, name: str
) -> None:
    ids = [(id,) for id in sorted(records(LIBRARY, name))]
    assert database.execute(f"SELECT id FROM {name} ORDER BY rowid").fetchall() == ids
    assert ask(made, f"SELECT id FROM {name}") == ids


def test_values_of_statistics_are_those_of_the_library(
    made: Path, database: sqlite3.Connection
) -> None:
    query = "SELECT id, label, value, low, high, unit, as_of, verified, older FROM statistics"
    expected = [
        (s.id, s.label, s.value, s.low, s.high, s.unit, s.as_of, s.verified, s.older or None)
        for _, s in sorted(LIBRARY.statistics.items())
    ]
    assert database.execute(query).fetchall() == expected
    assert ask(made, query) == expected


def test_observations_of_all_series_are_those_of_the_library(
    made: Path, database: sqlite3.Connection
) -> None:
    query = "SELECT series, year, entity, value, low, high, source, verified FROM observations"
    expected = sorted(
        (id, row.year, row.entity, row.value, row.low, row.high, row.source, row.verified)
        for id, series in LIBRARY.series.items()
        for row in series.rows
    )
    assert database.execute(query).fetchall() == expected
    assert ask(made, query) == expected
    titles = "SELECT id, title, description, unit FROM series"
    assert ask(made, titles) == [
        (s.id, s.title, s.description, s.unit) for _, s in sorted(LIBRARY.series.items())
    ]


def test_what_nobody_verified_keeps_its_flag(made: Path) -> None:
    recalled = sum(not row.verified for s in LIBRARY.series.values() for row in s.rows)
    assert recalled
    assert ask(made, "SELECT count(*) FROM observations WHERE NOT verified") == [(recalled,)]


def test_lists_of_ids_are_links_in_their_order(made: Path, database: sqlite3.Connection) -> None:
    query = "SELECT audit_id, statistics_id FROM audit_statistics ORDER BY audit_id, position"
    expected = [
        (claim.id, id) for _, claim in sorted(LIBRARY.audit.items()) for id in claim.statistics
    ]
    assert database.execute(query).fetchall() == expected
    assert ask(made, query) == expected


def test_keys_hold(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    keys = database.execute('SELECT "from", "table" FROM pragma_foreign_key_list(\'audit\')')
    assert keys.fetchall() == [("section", "coverage")]
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in tables:
        columns = database.execute(f'PRAGMA table_info("{name}")').fetchall()
        assert any(column[-1] for column in columns), f"{name} has no primary key"
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        database.execute("UPDATE places SET verified = 'maybe'")


def test_a_view_has_a_row_for_each_source(database: sqlite3.Connection) -> None:
    found = database.execute(
        "SELECT source_id, source_title FROM statistics_with_sources WHERE id = ?",
        ["border-fence-new-hrw"],
    ).fetchall()
    expected = LIBRARY.statistics["border-fence-new-hrw"].sources
    assert len(expected) == 2
    assert found == [(id, LIBRARY.sources[id].title) for id in expected]
    assert database.execute("SELECT count(*) FROM observations_with_sources").fetchone() == (
        sum(len(series.rows) for series in LIBRARY.series.values()),
    )


def test_a_row_without_sources_is_in_its_view(copy: Copy) -> None:
    at = next(at for at, row in enumerate(copy.rows("audit.csv")) if row["sources"] == "seed")
    copy.change("audit.csv", at, sources="")
    write_copies(copy.root)
    connection = sqlite3.connect(copy.root / "_data" / DATABASE)
    query = "SELECT source_id FROM audit_with_sources WHERE id = ?"
    found = connection.execute(query, [copy.rows("audit.csv")[at]["id"]]).fetchall()
    connection.close()
    assert found == [(None,)]


def test_both_copies_have_the_same_tables_and_say_what_they_hold(
    made: Path, database: sqlite3.Connection
) -> None:
    names = {
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert names == {file.stem for file in (made / "parquet").glob("*.parquet")}
    for name in names - {"tables", "columns", "package"}:
        found = database.execute(f'PRAGMA table_info("{name}")').fetchall()
        described = database.execute(
            'SELECT name, description FROM columns WHERE "table" = ? ORDER BY position', [name]
        ).fetchall()
        assert [column for column, _ in described] == [column[1] for column in found]
        assert all(words for _, words in described), name
    licence = ask(made, "SELECT value FROM package WHERE property = 'license'")
    assert licence == [("https://creativecommons.org/licenses/by/4.0/",)]


def test_types_are_those_of_the_data_package(made: Path) -> None:
    types = dict(
        ask(made, "SELECT column_name, column_type FROM (DESCRIBE places)")  # type: ignore[arg-type]
    )
    assert (types["lat"], types["verified"], types["name"]) == ("DOUBLE", "BOOLEAN", "VARCHAR")


def test_the_bytes_depend_on_the_data_alone(tmp_path: Path) -> None:
    results = []
    for number, (zone, folder) in enumerate([("UTC", "a"), ("Asia/Pyongyang", "책 'b'")]):
        copy = Copy(tmp_path / folder)
        copy.root.mkdir()
        (copy.root / "data").mkdir()
        for file in (ROOT / "data").rglob("*.*"):
            target = copy.file(str(file.relative_to(ROOT / "data")))
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
        if number:
            copy.write("statistics.csv", copy.rows("statistics.csv")[::-1])
        environment = {"TZ": zone, "PYTHONHASHSEED": str(number), "LC_ALL": "C"}
        subprocess.run(
            [sys.executable, "-c", WRITE, str(copy.root)],
            env={**os.environ, **environment},
            check=True,
        )
        made = copy.root / "_data"
        results.append({file.relative_to(made): file.read_bytes() for file in made.rglob("*.*")})
    assert results[0] == results[1]


def test_the_header_tells_nothing_of_the_machine(made: Path) -> None:
    header = (made / DATABASE).read_bytes()[:100]
    assert header[24:28] == header[92:96] == b"\0\0\0\1"
    assert header[96:] == bytes(4)
    assert header[68:72] == b"NKPC"


def test_copies_are_made_again_only_when_something_changed(copy: Copy) -> None:
    assert write_copies(copy.root)
    assert write_copies(copy.root) == ()
    series = copy.root / "_data" / "parquet" / "series.parquet"
    series.unlink()
    (series.with_name("gone.parquet")).write_bytes(b"of a table that is no more")
    assert write_copies(copy.root) == (series,)
    assert not series.with_name("gone.parquet").exists()
    copy.change("glossary.csv", 0, meaning="Another meaning.")
    changed = {file.name for file in write_copies(copy.root)}
    assert changed == {DATABASE, "glossary.parquet"}


def test_bad_data_leave_the_last_good_copies(copy: Copy) -> None:
    files = {file: file.read_bytes() for file in write_copies(copy.root)}
    copy.change("sources.csv", 0, title="")
    with pytest.raises(BookError):
        write_copies(copy.root)
    assert {file: file.read_bytes() for file in files} == files


def test_withdrawn_words_are_in_no_byte_of_the_copies(copy: Copy) -> None:
    row = copy.rows("testimonies.csv")[1]
    words = row["excerpt"][:30].encode()
    before = {file.name for file in write_copies(copy.root) if words in file.read_bytes()}
    assert DATABASE in before
    copy.change("testimonies.csv", 1, **WITHDRAWN)
    write_copies(copy.root)
    files = [file for file in (copy.root / "_data").rglob("*") if file.is_file()]
    assert not [file for file in files if words in file.read_bytes()]
    found = ask(copy.root / "_data", "SELECT id, excerpt FROM testimonies")
    assert row["id"] not in dict(found)  # type: ignore[arg-type]
    assert row["excerpt"] not in dict(found).values()  # type: ignore[arg-type]


def test_a_withdrawn_row_is_left_out_whatever_it_holds() -> None:
    tables = load_tables(ROOT)
    first, *rest = tables["testimonies"].rows
    gone = replace(first, cells={**first.cells, "withdrawn": True})
    tables["testimonies"] = replace(tables["testimonies"], rows=(gone, *rest))
    held = relations(tables, read_properties(ROOT / "data"))
    words = [cell for table in held for row in table.rows for cell in row.cells.values()]
    assert first.text("excerpt") not in words


def test_a_new_column_and_a_new_table_are_copied_as_described(copy: Copy) -> None:
    def add(package: dict[str, list[dict[str, dict[str, list[dict[str, object]]]]]]) -> None:
        fields = package["resources"][1]["schema"]["fields"]
        fields.append({"name": "remark", "type": "string", "description": "A column of later."})

    copy.change_json("datapackage.json", add)
    rows = copy.rows("statistics.csv")
    copy.write("statistics.csv", [{**row, "remark": f"As {row['id']}"} for row in rows])
    write_copies(copy.root)
    found = ask(copy.root / "_data", "SELECT id, remark FROM statistics")
    assert found == [(id, f"As {id}") for id in sorted(row["id"] for row in rows)]


def test_the_long_table_is_the_csv_files(made: Path) -> None:
    with (ROOT / "data" / "series" / "refugee_arrivals_kor.csv").open(encoding="utf-8") as file:
        plain = [(row["year"], float(row["value"])) for row in csv.DictReader(file)]
    query = "SELECT year, value FROM observations WHERE series = 'refugee_arrivals_kor'"
    assert ask(made, query) == sorted(plain)


def test_missing_writer_of_parquet_is_named(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other books do without DuckDB, and so does a plain `pip install`."""
    version = importlib.metadata.version

    def without(name: str) -> str:
        if name == "duckdb":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without)
    with pytest.raises(BookError) as caught:
        write_copies(copy.root)
    (finding,) = caught.value.findings
    assert finding.code == "ND150"
    assert "pip install '.[book]'" in finding.hint
