"""Proves that an edition is whole: every file has the checksum that the edition lists.

An edition is a folder, a zip of one, or a single file with the list beside it. It may come from
anywhere: a zip is read and never unpacked, and nothing that it says is trusted.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import IO

from nkbook.errors import BookError, Finding
from nkbook.render.checksums import (
    CHECKSUMS,
    climbs_out,
    files_of,
    parse_checksums,
    sha256,
    stream_sha256,
)
from nkbook.render.provenance import PROVENANCE, Provenance, parse_provenance, printable

_LARGEST = 64_000_000
"""The most that is read of a list or a record at once, in bytes: a zip may hold far more."""

_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What a damaged disk or zip raises; `RuntimeError` stands for encryption and rare packing."""

_WHOLE = 2_000_000_000
"""Bytes to which a zip of an edition may unpack: forty times what this book does."""
_AGAIN = "Take the edition again from where it is published."


@dataclass(frozen=True)
class Contents:
    """What an edition holds: the names of its files, and a way to read each."""

    names: frozenset[str]
    open: Callable[[str], IO[bytes]]

    def read(self, name: str) -> bytes:
        """A small file of the edition; empty if it is not there or cannot be read."""
        try:
            with self.open(name) as stream:
                return stream.read(_LARGEST)
        except (KeyError, *_UNREADABLE):
            return b""


def check_edition(edition: Path) -> str:
    """What is proven of an edition, in words; raises `BookError` with each file that is not so."""
    if not edition.exists():
        hint = "Build one (nkbook build), or name another."
        raise BookError([Finding(edition.name, "NV104", "there is no edition here", hint)])
    if edition.is_dir():
        with contents(edition) as held:
            return _check(held)
    beside = _check_beside(edition)
    if beside and not zipfile.is_zipfile(edition):
        return beside
    with contents(edition) as held:
        # An EPUB is a zip, too, but holds no list.
        if beside and CHECKSUMS not in held.names:
            return beside
        return "\n".join(filter(None, (beside, _check(held))))


def read_provenance(edition: Path) -> Provenance:
    """The record that an edition carries; raises `BookError` where there is none."""
    with contents(edition) as held:
        found = _provenance(held.read(PROVENANCE))
    if found is None:
        message = "is missing or cannot be read"
        hint = "Only an edition that says what it is made of can be built again."
        raise BookError([Finding(PROVENANCE, "NV104", message, hint)])
    return found


@contextmanager
def contents(edition: Path) -> Iterator[Contents]:
    """Open an edition, a folder or a zip; raises `BookError` where it cannot be read."""
    if edition.is_dir():
        files = files_of(edition)
        yield Contents(frozenset(files), lambda name: files[name].open("rb"))
        return
    try:
        archive = zipfile.ZipFile(edition)
    except _UNREADABLE as error:
        message = f"is no zip that can be read, and no {CHECKSUMS} beside it names it"
        raise BookError([Finding(edition.name, "NV104", message, _AGAIN)]) from error
    with archive:
        members = _members(archive)
        yield Contents(frozenset(members), lambda name: archive.open(members[name]))


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip by their names below the folder of its list of checksums.

    Raises `BookError` for a zip that would write elsewhere, or differently, where it is unpacked.
    """
    entries = archive.infolist()
    if min((entry.header_offset for entry in entries), default=0):
        # Such as a zip of which only the last file is left, if that is an EPUB.
        message = "is cut off, or something stands before its first file"
        raise BookError([Finding(Path(str(archive.filename)).name, "NV104", message, _AGAIN)])
    names = [entry.orig_filename for entry in entries]
    seen: set[str] = set()
    findings = []
    for name in names:
        place = normpath(name)
        # Windows takes a backslash for a slash, and a letter with a colon for a drive.
        elsewhere = climbs_out(name.replace("\\", "/")) or re.match("[A-Za-z]:", name)
        if elsewhere or "\0" in name or place in seen:
            message = "leads out of the zip’s folder" if elsewhere else "is in the zip twice"
            hint = f"Do not unpack it. {_AGAIN}"
            findings.append(Finding(printable(name), "NV105", message, hint))
        seen.add(place)
    size = sum(entry.file_size for entry in entries)
    if size > _WHOLE:
        message = f"would unpack to {size / 1e9:.1f} GB"
        findings.append(Finding(Path(str(archive.filename)).name, "NV105", message, _AGAIN))
    if findings:
        raise BookError(findings)
    tops = [PurePosixPath(name).parent for name in names if PurePosixPath(name).name == CHECKSUMS]
    top = min(tops, key=lambda path: len(path.parts), default=PurePosixPath())
    return {relpath(entry.filename, top): entry for entry in entries if not entry.is_dir()}


def _check(held: Contents) -> str:
    listed = held.read(CHECKSUMS)
    sums = _parsed(listed)
    names = sorted((sums.keys() | held.names) - {CHECKSUMS})
    if findings := [fault for name in names if (fault := _fault(held, name, sums.get(name)))]:
        raise BookError(findings)
    count = "1 file is" if len(sums) == 1 else f"{len(sums):,} files are"
    return (
        f"{count}, byte for byte, {_words(_provenance(held.read(PROVENANCE)), 'those')}.\n"
        f"{CHECKSUMS} itself has the SHA-256 {sha256(listed)}: "
        "compare it with that of the edition where it is published."
    )


def _fault(held: Contents, name: str, digest: str | None) -> Finding | None:
    place = printable(name)
    if digest is None:
        hint = "Take it away. What a computer leaves by itself, as .DS_Store, does no harm."
        return Finding(place, "NV103", "is not a file of this edition", hint)
    if name not in held.names:
        return Finding(place, "NV102", "is missing", _AGAIN)
    try:
        with held.open(name) as stream:
            same = stream_sha256(stream) == digest
    except _UNREADABLE as error:
        return Finding(place, "NV101", f"cannot be read: {error}", _AGAIN)
    return None if same else Finding(place, "NV101", "was changed", _AGAIN)


def _check_beside(file: Path) -> str:
    """What the list beside a single file proves of it; empty where none names it."""
    folder = file.resolve().parent
    if not (folder / CHECKSUMS).is_file():
        return ""
    with contents(folder) as held:
        sums = _parsed(held.read(CHECKSUMS))
        if file.name not in sums:
            return ""
        if fault := _fault(held, file.name, sums[file.name]):
            raise BookError([fault])
        listed = not _fault(held, PROVENANCE, sums.get(PROVENANCE))
        record = _provenance(held.read(PROVENANCE)) if listed else None
    return f"{file.name} is, byte for byte, {_words(record, 'that')}."


def _parsed(listed: bytes) -> dict[str, str]:
    hint = f"Name the folder, or the zip, that holds {CHECKSUMS}. {_AGAIN}"
    if not listed:
        raise BookError([Finding(CHECKSUMS, "NV104", "is missing or cannot be read", hint)])
    try:
        return parse_checksums(listed)
    except ValueError as error:
        raise BookError([Finding(CHECKSUMS, "NV104", printable(str(error)), _AGAIN)]) from error


def _words(record: Provenance | None, which: str) -> str:
    return f"{which} of {record.words}" if record else f"what {CHECKSUMS} lists"


def _provenance(data: bytes) -> Provenance | None:
    try:
        return parse_provenance(data)
    except ValueError:
        return None
