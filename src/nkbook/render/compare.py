"""Compares two editions file by file, and says of each difference where it begins."""

from __future__ import annotations

import filecmp
import io
import zipfile
import zlib
from itertools import zip_longest
from pathlib import Path

from nkbook.errors import Finding
from nkbook.render.checksums import CHECKSUMS, files_of

_BLOCK = 1 << 16
_EXCERPT = 60
"""Letters of a line that a finding quotes."""

_HINT = "Was the edition changed by hand, or does what makes this file depend on the computer?"


def compare_folders(edition: Path, again: Path) -> list[Finding]:
    """A finding for each file that is not the same in the edition and in the one built again."""
    first, second = files_of(edition), files_of(again)
    # The list of checksums differs wherever anything does: it tells nothing more.
    names = sorted((first.keys() | second.keys()) - {CHECKSUMS})
    findings = []
    for name in names:
        if name not in second:
            message = "is in the edition, but its sources do not give it"
            findings.append(Finding(name, "NV212", message, _HINT))
        elif name not in first:
            message = "is not in the edition, but its sources give it"
            findings.append(Finding(name, "NV213", message, _HINT))
        else:
            findings += compare_files(first[name], second[name], name)
    return findings


def compare_files(edition: Path, again: Path, name: str) -> list[Finding]:
    """A finding if two files differ."""
    if filecmp.cmp(edition, again, shallow=False):
        return []
    message = f"differs at {difference(edition.read_bytes(), again.read_bytes())}"
    return [Finding(name, "NV211", message, _HINT)]


def difference(edition: bytes, again: bytes) -> str:
    """Where two contents begin to differ: a line, a member of a zip, or a byte."""
    try:
        if all(zipfile.is_zipfile(io.BytesIO(data)) for data in (edition, again)):
            return _zip_difference(edition, again)
        if b"\0" not in edition + again:
            return _line_difference(edition.decode(), again.decode())
    except (UnicodeDecodeError, zipfile.BadZipFile, zlib.error):
        pass  # neither text nor a zip that holds together
    return f"byte {_offset(edition, again):,} (of {len(edition):,}, built again {len(again):,})"


def _line_difference(edition: str, again: str) -> str:
    lines = zip_longest(edition.splitlines(), again.splitlines(), fillvalue="")
    for number, (first, second) in enumerate(lines, 1):
        if first != second:
            start = max(0, _offset(first, second) - _EXCERPT // 3)
            shown = (f"“{line[start : start + _EXCERPT].strip()}”" for line in (first, second))
            return f"line {number}: {', built again '.join(shown)}"
    return "the ends of lines"


def _zip_difference(edition: bytes, again: bytes) -> str:
    with (
        zipfile.ZipFile(io.BytesIO(edition)) as first,
        zipfile.ZipFile(io.BytesIO(again)) as second,
    ):
        for ours, theirs in zip_longest(first.infolist(), second.infolist()):
            name, other = (entry.filename if entry else "nothing" for entry in (ours, theirs))
            if name != other:
                return f"{name} in it (built again, {other} stands there)"
            data = first.read(ours), second.read(theirs)
            if data[0] != data[1]:
                return f"{name} in it, {difference(*data)}"
    return f"byte {_offset(edition, again):,}, in how its files are packed"


def _offset(edition: bytes | str, again: bytes | str) -> int:
    """The first place where two contents differ."""
    shorter = min(len(edition), len(again))
    for start in range(0, shorter, _BLOCK):
        block = slice(start, min(start + _BLOCK, shorter))
        if edition[block] != again[block]:
            return next(i for i in range(start, shorter) if edition[i] != again[i])
    return shorter
