"""All that a folder holds, down to the files in its archives and the text of its documents."""

from __future__ import annotations

import gzip
import html
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pikepdf
import pypdfium2


def contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file under `folder` by name, as text in every form in which a reader could find it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield from _unpacked(file.relative_to(folder).as_posix(), file.read_bytes())


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    text = data.decode("utf-8", "replace")
    yield name, text
    if b"\0" in data:
        yield f"{name} (UTF-16)", data.decode("utf-16-le", "replace")
    else:
        yield f"{name} (entities)", html.unescape(text)
        yield f"{name} (escapes)", text.encode().decode("unicode_escape", "replace")
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from _unpacked(f"{name}/{inner}", archive.read(inner))
    elif data.startswith(b"\x1f\x8b"):
        yield from _unpacked(f"{name}/gz", gzip.decompress(data))
    elif data.startswith(b"%PDF"):
        yield f"{name} (pages)", _pages(data)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for item in pdf.objects:
                if isinstance(item, pikepdf.Stream):
                    yield f"{name} (stream)", item.read_bytes().decode("utf-8", "replace")
                else:
                    yield f"{name} (object)", str(item)
    elif data.startswith(b"SQLite"):
        with sqlite3.connect(":memory:") as database:
            database.deserialize(data)
            yield f"{name} (rows)", "\n".join(database.iterdump())
    elif data.startswith(b"PAR1"):
        yield f"{name} (rows)", _rows(data)


def _pages(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(texts).replace("\ufffe", "").split())


def _rows(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(data)
        file.flush()
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{file.name}')").fetchall()
    return json.dumps(rows, ensure_ascii=False, default=str)
