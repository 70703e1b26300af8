"""The checksums of an edition, as `sha256sum --check` reads them: one line a file, sorted by name.

The names are relative to the folder that holds the list, with forward slashes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

CHECKSUMS = "SHA256SUMS"
"""The file at the root of an edition, and of each zip of it, that lists all the others."""

_LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9a-f]{64}) [ *](?P<name>.+)")
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r"}


def sha256(content: Path | bytes) -> str:
    """The SHA-256 of a file or of bytes, in hexadecimal digits."""
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
        return stream_sha256(stream)


def stream_sha256(stream: IO[bytes]) -> str:
    """The SHA-256 of what a stream holds, read in pieces."""
    digest = hashlib.sha256()
    while piece := stream.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def files_of(folder: Path) -> dict[str, Path]:
    """Every file below a folder, by its name in the list of checksums."""
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file for file in found}


def checksums(files: Mapping[str, Path | bytes]) -> bytes:
    """The list for these files; the list itself cannot be among them."""
    return _listed({name: sha256(file) for name, file in files.items() if name != CHECKSUMS})


def seal(folder: Path) -> None:
    """Write the list for all that a folder holds: the last thing that is done to an edition."""
    (folder / CHECKSUMS).write_bytes(checksums(files_of(folder)))


def parse_checksums(data: bytes) -> dict[str, str]:
    """The digest of each file by name; raises `ValueError`, which says where a list is wrong."""
    sums: dict[str, str] = {}
    text = data.decode(errors="surrogateescape")
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} is not a checksum and a name")
        name = _unescaped(match["name"]) if match["escaped"] else match["name"]
        if climbs_out(name):
            raise ValueError(f"line {number} names a file elsewhere, “{name}”")
        if name in sums:
            raise ValueError(f"line {number} names “{name}” again")
        sums[name] = match["digest"]
    return sums


def climbs_out(name: str) -> bool:
    """Whether a name leads out of its folder."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


def one_digest(sums: Mapping[str, str]) -> str:
    """One digest over many, to compare at a glance: that of their list."""
    return sha256(_listed(sums))


def _listed(sums: Mapping[str, str]) -> bytes:
    lines = []
    for name, digest in sorted(sums.items()):
        # A name may hold what ends a line; GNU marks such a line with a backslash.
        written = "".join(_ESCAPES.get(letter, letter) for letter in name)
        mark = "\\" if written != name else ""
        lines.append(f"{mark}{digest}  {written}\n")
    return "".join(lines).encode(errors="surrogateescape")


def _unescaped(name: str) -> str:
    letters = {written: letter for letter, written in _ESCAPES.items()}
    return re.sub(r"\\[\\nr]", lambda match: letters[match[0]], name)
