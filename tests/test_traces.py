"""Editions tell of the book, and nothing of the machine or the person that made them."""

from __future__ import annotations

import getpass
import io
import socket
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from tests.conftest import ROOT

PNG = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"pHYs"}
"""Kinds of chunks of a PNG that are the picture, and its size on paper."""


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of an edition, and every file in its archives."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield from unpacked(file.relative_to(folder).as_posix(), file.read_bytes())


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                yield from unpacked(f"{name}/{entry.filename}", archive.read(entry))


def chunks(picture: bytes) -> Iterator[bytes]:
    """The kinds of chunks in a PNG."""
    place = 8
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        yield picture[place + 4 : place + 8]
        place += length + 12


def test_no_byte_names_the_machine_or_who_sits_at_it(site: Path) -> None:
    names = [str(ROOT), str(site.parent), f"{Path.home()}/", socket.gethostname(), "ipykernel_"]
    if getpass.getuser() != "root":
        names.append(getpass.getuser())
    # A short name may stand anywhere by chance.
    names = [told for told in names if len(told) > 5]
    for name, data in files(site):
        for told in names:
            assert told.encode() not in data, (name, told)


def test_pictures_hold_nothing_but_themselves(site: Path) -> None:
    pictures = [(name, data) for name, data in files(site) if name.endswith(".png")]
    assert len(pictures) > 100
    for name, data in pictures:
        assert set(chunks(data)) <= PNG, name
    assert not [name for name, data in files(site) if name.endswith((".jpg", ".jpeg"))]
    for name, data in files(site):
        if name.endswith(".svg"):
            for trace in (b"inkscape", b"sodipodi", b"<dc:date", b"Matplotlib v"):
                assert trace not in data, (name, trace)


def test_archives_name_no_owner(site: Path) -> None:
    archives = [file for file in site.rglob("*") if file.suffix in {".zip", ".epub"}]
    assert len(archives) >= 4
    for file in archives:
        with zipfile.ZipFile(file) as archive:
            assert archive.comment == b""
            for entry in archive.infolist():
                assert (entry.extra, entry.comment) == (b"", b""), entry.filename
                assert entry.external_attr >> 16 == 0o100644, entry.filename
            assert len({entry.date_time for entry in archive.infolist()}) == 1


def test_printed_editions_name_the_book_alone(site: Path) -> None:
    printed = sorted(site.rglob("*.pdf"))
    assert len(printed) > 30
    for file in printed:
        with pikepdf.open(file) as pdf:
            told = {str(key): str(value) for key, value in (pdf.docinfo or {}).items()}
            assert told.get("/Creator", "").startswith("Typst"), file
            assert set(told) <= {
                *("/Title", "/Author", "/Subject", "/Keywords"),
                *("/Creator", "/Producer", "/CreationDate", "/ModDate"),
            }, file
