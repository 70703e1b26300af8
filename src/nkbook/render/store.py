"""Results that are kept in `_cache/`, each under a name: safe to delete.

Pandoc and Typst make the same of the same, and take most of the time of a build. What they are
given, with the files that they read and their versions, is the name under which the result lies.
There is nothing to find out about what has changed: what has, has another name.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_MOST_FILES, _MOST_BYTES = 20_000, 500_000_000
"""What a folder may hold, beside what the last build used."""
_LEFT_OVER = 3600
"""Seconds after which a file that is being written belongs to a build that was killed."""

_store: Store | None = None


class Store:
    """Results in a folder. Builds may use it at the same time, and it may be read-only."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.folder = folder
        self.fresh = fresh
        """Whether what lies there is made again."""
        self._used: set[str] = set()

    def read(self, name: str) -> bytes | None:
        """The result of this name, if it is there and whole."""
        if self.fresh:
            return None
        path = self._path(name)
        try:
            digest, _, data = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != _digest(data) or path.is_symlink():
            return None
        self._used.add(path.name)
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def write(self, name: str, data: bytes) -> None:
        """Keep a result. Raises `OSError` where that cannot be."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(suffix=".new", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_digest(data) + b"\n" + data)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._used.add(path.name)

    def names(self, beginning: str) -> list[str]:
        """The names that begin with these letters, at least two, the one used last first."""
        found = sorted(self._states(f"{beginning[:2]}/{beginning[2:]}*"), reverse=True)
        return [path.parent.name + path.name for *_, path in found if path.suffix != ".new"]

    def trim(self) -> None:
        """Forget the results that were used longest ago, beyond what the folder may hold."""
        count, size = 0, 0
        for used, bytes_, path in sorted(self._states("*/*"), reverse=True):
            count, size = count + 1, size + bytes_
            is_over = count > _MOST_FILES or size > _MOST_BYTES
            if path.suffix == ".new":
                is_over = time.time() - used > _LEFT_OVER
            if is_over and path.name not in self._used:
                path.unlink(missing_ok=True)

    def _states(self, pattern: str) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob(pattern):
            with contextlib.suppress(OSError):
                state = path.lstat()
                yield state.st_mtime, state.st_size, path

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]


@contextlib.contextmanager
def keeping(folder: Path, *, fresh: bool = False) -> Iterator[None]:
    """Within the block results are kept in `folder`, and used again unless `fresh`.

    One for the whole process, whose threads all render the same book.
    """
    global _store
    before = _store
    store = before if before and before.folder == folder else Store(folder, fresh=fresh)
    _store = store
    try:
        yield
    finally:
        _store = before
        if store is not before:
            store.trim()


def made(given: Iterable[str | bytes], make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or gave before. `given` is everything that this depends on, in order."""
    if _store is None:
        return make()
    name = name_of(given)
    data = _store.read(name)
    if data is None:
        data = make()
        with contextlib.suppress(OSError):
            _store.write(name, data)
    return data


@functools.cache
def edition_of(package: str) -> str:
    """The name and version of a package."""
    return f"{package} {importlib.metadata.version(package)}"


def named(file: Path) -> str:
    """A file's name and digest, for what depends on it. Raises `OSError`."""
    return f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def name_of(given: Iterable[str | bytes]) -> str:
    """The name of what depends on these, in order: no part runs into the next."""
    whole = hashlib.sha256()
    for part in given:
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        whole.update(b"%d\n" % len(data))
        whole.update(data)
    return whole.hexdigest()


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
