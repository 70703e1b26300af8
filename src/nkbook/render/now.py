"""What is the case while a build runs: each file is read, and each folder listed, once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nkbook.clock import edition_date
from nkbook.render import tracing

CHANGED = "?"
"""Stands for the digest of what did not stay the same while a chapter ran: it equals none."""

_VERSION = re.compile(r"(?P<name>.+?)-(?P<version>\d.*?)(-py[\d.]+)?\.(dist|egg)-info")
_MODULES = (".py", ".pyc", ".so", ".pyd")

_RUNNERS = ("kernels", "nursery", "tracing", "now", "execution", "reads")
"""The modules that run chapters and note what they read."""

Stamp = list[int]
"""Time and size of a file, as `tracing` notes them; zeros for what is no file."""


SET = {"PYTHONHASHSEED": "0", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
"""Variables that every chapter finds set, in every project."""


def date_variable(root: Path) -> dict[str, str]:
    """The variable that tells the chapters of a project the date of its edition."""
    return {"SOURCE_DATE_EPOCH": str(int(edition_date(root).timestamp()))}


class Now:
    """Files, packages and variables as they are. `given` are the variables that a build sets."""

    def __init__(
        self,
        root: Path,
        ignore: Iterable[str] = (),
        variables: Mapping[str, str] | None = None,
        given: Iterable[str] = (),
    ) -> None:
        self.root = root.resolve()
        self.variables = variables or {}
        self.given = frozenset(given)
        self._skipped = {"figures", "tests", *ignore}
        self._began = time.time_ns()
        self._files: dict[str, tuple[Stamp | None, str]] = {}
        self._folders: dict[str, list[str] | None] = {}
        self._listings: dict[str, str] = {}

    def file(self, name: str, stamp: Stamp | None = None) -> str:
        """The digest of a file, empty where there is none; with a `stamp`, if that is still so."""
        known = self._files.get(name)
        if known is None or (stamp is not None and known[0] != stamp):
            known = self._files[name] = _read(self.root / name)
        return known[1] if stamp is None or known[0] == stamp else CHANGED

    def left(self, name: str) -> str:
        """The digest of a file as a chapter left it."""
        self._files.pop(name, None)
        return self.file(name)

    def all_files(self, made: Iterable[str]) -> dict[str, str]:
        """The digests of all files of the project, but of none that another hand has changed."""
        found = {}
        for name in self.names:
            digest = self.left(name) if name in made else self.file(name)
            since = (self._files[name][0] or [0])[0] >= self._began
            found[name] = CHANGED if since and name not in made else digest
        return found

    def folder(self, name: str) -> str:
        """A digest of the names in a folder; empty where there is none."""
        if name not in self._listings:
            self._listings[name] = self.listed(name, self._list(name))
        return self._listings[name]

    def listed(self, name: str, found: Iterable[str] | None) -> str:
        """The same for names that were found there earlier."""
        if found is None:
            return ""
        kept = (one for one in found if not self._is_made(name, one))
        return _digest(json.dumps(sorted(kept)).encode())

    def modules(self, name: str, sought: Iterable[str]) -> tuple[str, ...]:
        """Which of the modules that are sought lie in a folder."""
        there = {
            one.partition(".")[0]
            for one in self._list(name) or ()
            if "." not in one or one.endswith(_MODULES)
        }
        return tuple(sorted(there.intersection(sought)))

    def variable(self, name: str) -> str:
        """The digest of a variable; empty where it is not set. No value is ever kept."""
        return _digest(os.fsencode(self.variables[name])) if name in self.variables else ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files of the project, without those that builds make."""
        return tuple(self._below(""))

    @cached_property
    def program(self) -> str:
        """A digest of what runs chapters, with the version of Python."""
        files = (_read(Path(__file__).with_name(f"{name}.py"))[1] for name in _RUNNERS)
        return _digest("".join([sys.version, *files]).encode())

    @cached_property
    def packages(self) -> dict[str, str]:
        """The versions of installed packages, by the names of the folders that describe them."""
        found: dict[str, str] = {}
        for folder in tracing.INSTALLED:
            for name in sorted(_names(Path(folder)) or ()):
                if match := _VERSION.fullmatch(name):
                    version = match["version"]
                    if (Path(folder) / name / "direct_url.json").exists():
                        # It was built here, and may be built again under the same number.
                        version += f"+{_read(Path(folder) / name / 'RECORD')[1][:12]}"
                    found.setdefault(match["name"], version)
        return found

    def relative(self, name: str) -> str:
        """A name as it is kept: without the place of the project."""
        return name.removeprefix(f"{self.root}{os.sep}") if name != str(self.root) else ""

    def is_inside(self, name: str) -> bool:
        """Whether a name is that of something in the project."""
        return not Path(name).is_absolute()

    def is_temporary(self, name: str) -> bool:
        """Whether a name is that of something elsewhere that will be gone."""
        folder = tempfile.gettempdir()
        return any(map(Path(name).is_relative_to, (folder, os.path.realpath(folder))))

    def told(self, name: str) -> str:
        """A name as people are told it."""
        return name or "the project’s folder"

    def _list(self, name: str) -> list[str] | None:
        if name not in self._folders:
            self._folders[name] = _names(self.root / name)
        return self._folders[name]

    def _below(self, folder: str) -> Iterator[str]:
        for name in sorted(_names(self.root / folder) or ()):
            below = _joined(folder, name)
            child = self.root / below
            if self._is_made(folder, name):
                continue
            if child.is_dir() and not child.is_symlink():
                yield from self._below(below)
            elif child.is_file():
                yield below

    def _is_made(self, folder: str, name: str) -> bool:
        made = (".", "_cache", "__pycache__")
        return name.startswith(made) or _joined(folder, name) in self._skipped


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _names(folder: Path) -> list[str] | None:
    try:
        return [child.name for child in folder.iterdir()]
    except (OSError, ValueError):
        return None


def _read(file: Path) -> tuple[Stamp | None, str]:
    """Stamp and digest of a file."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return [0, 0], "no file"
        stamp = [found.st_mtime_ns, found.st_size]
        with file.open("rb") as stream:
            return stamp, hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except (OSError, ValueError):
        return None, "cannot be read"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
