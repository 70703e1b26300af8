"""The results of executed chapters, kept in `_cache/execution/`.

Each is found by the chapter's own code and says what else its outputs rest on (`reads.py`). What is
no whole result of ours counts as none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nkbook.render.reads import Reads, as_json, from_json
from nkbook.render.store import Store

Given = Sequence[Mapping[str, Any]] | str
"""What a piece of code gave: the outputs of a cell, or the text of a value within a sentence."""

_DAMAGED = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


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
        self._store = Store(folder)

    def find(self, file: str, code: Sequence[str]) -> Entry | None:
        """The entry of a chapter with this code."""
        entry = self._load(_name(file, code))
        return entry if entry and (entry.file, entry.code) == (file, tuple(code)) else None

    def last(self, file: str) -> Entry | None:
        """The entry of a chapter that was used last, whatever code it had."""
        entries = map(self._load, self._store.names(_beginning(file)))
        return next((entry for entry in entries if entry and entry.file == file), None)

    def keep(self, entry: Entry) -> None:
        """Write an entry. Raises `OSError` where that cannot be."""
        content = {
            "file": entry.file,
            "code": entry.code,
            "given": entry.given,
            "reads": as_json(entry.reads),
            "seconds": entry.seconds,
        }
        text = json.dumps(content, sort_keys=True)
        self._store.write(_name(entry.file, entry.code), text.encode())

    def trim(self) -> None:
        """Forget the entries that were used longest ago, beyond what the folder may hold."""
        self._store.trim()

    def _load(self, name: str) -> Entry | None:
        data = self._store.read(name)
        if data is None:
            return None
        try:
            content = json.loads(data)
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
    if isinstance(content, list) and all(isinstance(one["output_type"], str) for one in content):
        return content
    raise TypeError("is no output")


def _name(file: str, code: Sequence[str]) -> str:
    return f"{_beginning(file)}-{_digest(json.dumps(code))}"


def _beginning(file: str) -> str:
    return _digest(file)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
