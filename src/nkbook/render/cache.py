"""The results of executed chapters, one file each in `_cache/execution/`: safe to delete.

A file is found by the chapter's own code and says what else its outputs rest on (`reads.py`). What
is no whole file of ours counts as none. Builds may run at the same time: a file is written under
another name and then takes the place of the old one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nkbook.render.reads import Reads, as_json, from_json

Given = Sequence[Mapping[str, Any]] | str
"""What a piece of code gave: the outputs of a cell, or the text of a value within a sentence."""

_MOST_FILES, _MOST_BYTES = 1000, 500_000_000
"""What the folder may hold, beside the results that the last build used."""
_LEFT_OVER = 3600
"""Seconds after which a file that is being written belongs to a build that was killed."""
_HEAD = '{"sha256": "'
_BODY = '", "entry": '
_DAMAGED = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Entry:
    """What the code of a chapter gave, and what that rests on."""

    file: str
    code: tuple[str, ...]
    """A digest of each piece of code, in order."""
    given: tuple[Given, ...]
    reads: Reads
    seconds: float
    """How long it ran."""


class Cache:
    """The entries in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def find(self, file: str, code: Sequence[str]) -> Entry | None:
        """The entry of a chapter with this code."""
        path = self._path(file, code)
        entry = _load(path)
        if entry is None or (entry.file, entry.code) != (file, tuple(code)):
            return None
        self._used.add(path.name)
        with contextlib.suppress(OSError):
            os.utime(path)
        return entry

    def last(self, file: str) -> Entry | None:
        """The entry of a chapter that was used last, whatever code it had."""
        paths = sorted(self.folder.glob(f"{_short(file)}-*.json"), key=_age)
        found = (entry for path in paths if (entry := _load(path)) and entry.file == file)
        return next(found, None)

    def keep(self, entry: Entry) -> None:
        """Write an entry. Raises `OSError` where that cannot be."""
        body = json.dumps(
            {
                "file": entry.file,
                "code": entry.code,
                "given": entry.given,
                "reads": as_json(entry.reads),
                "seconds": entry.seconds,
            },
            sort_keys=True,
        )
        text = f"{_HEAD}{_checksum(body.encode())}{_BODY}{body}}}\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(entry.file, entry.code)
        descriptor, temporary = tempfile.mkstemp(prefix=path.stem, suffix=".new", dir=self.folder)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._used.add(path.name)

    def trim(self) -> None:
        """Forget the entries that were used longest ago, beyond what the folder may hold."""
        now, count, size = time.time(), 0, 0
        for path in sorted(self.folder.glob("*"), key=_age):
            with contextlib.suppress(OSError):
                found = path.lstat()
                if path.suffix == ".new":
                    is_over = now - found.st_mtime > _LEFT_OVER
                else:
                    count, size = count + 1, size + found.st_size
                    is_over = count > _MOST_FILES or size > _MOST_BYTES
                if is_over and path.name not in self._used:
                    path.unlink()

    def _path(self, file: str, code: Collection[str]) -> Path:
        return (
            self.folder
            / f"{_short(file)}-{_checksum(json.dumps([file, *code]).encode())[:32]}.json"
        )


def _load(path: Path) -> Entry | None:
    """The entry in a file, if it is whole and ours."""
    if path.is_symlink():
        return None
    try:
        text = path.read_bytes().removesuffix(b"}\n")
        head, found, body = text.partition(_BODY.encode())
        if not found or head != f"{_HEAD}{_checksum(body)}".encode():
            return None
        content = json.loads(body)
        return Entry(
            str(content["file"]),
            tuple(map(str, content["code"])),
            tuple(map(_given, content["given"])),
            from_json(content["reads"]),
            float(content["seconds"]),
        )
    except _DAMAGED:
        return None


def _given(content: Any) -> Given:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(
        isinstance(one.get("output_type"), str) for one in content
    ):
        return content
    raise TypeError("is no output")


def _age(path: Path) -> float:
    """What sorts paths by their last use, the latest first."""
    try:
        return -path.lstat().st_mtime
    except OSError:
        return 0.0


def _short(file: str) -> str:
    return _checksum(os.fsencode(file))[:16]


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
