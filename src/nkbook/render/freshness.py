"""Whether an edition is already what a build would make: then nothing is built.

A build leaves a record in `_cache/editions/` of all that its edition was made of, and of the files
that it made. Where all of that is as it was, the edition is, too. Whatever changes a file changes
its `ctime`, which no program can set, so no file is read. Nothing heavy is loaded either: Python's
own start is most of the time of a build in which nothing has changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nkbook.clock import edition_commit, edition_date
from nkbook.errors import Finding
from nkbook.paths import ASSETS, Paths
from nkbook.render.edition import Edition
from nkbook.render.now import SET, Now, date_variable
from nkbook.render.reads import Reads, as_json, find_difference, from_json
from nkbook.render.store import Store, name_of

_LAYOUT = 1
"""Of the record; one of another layout counts as none."""
_MADE = {"_cache", "__pycache__", "node_modules"}
_PACKAGE = Path(__file__).parents[1]
_OWN = "nkbook"
"""A hook that calls this program does what the sources say. Of others nobody knows."""

_PREPARED = name_of(["prepared"])

State = dict[str, list[int]]
"""Size, times and number of each file, by its path from the folder."""


@dataclass(frozen=True)
class Wish:
    """What a build was asked for."""

    formats: Sequence[str]
    lenient: bool

    @property
    def name(self) -> str:
        """What its record is called."""
        return name_of([str(_LAYOUT), *self.formats, str(self.lenient)])


def find_edition(root: Path, wish: Wish) -> Edition | None:
    """The edition that a build of the project at `root` would make, if it is there."""
    data = Store(Paths(root).editions).read(wish.name)
    try:
        record = json.loads(data or b"null")
        if not record or not _holds(root, record):
            return None
        output = root / record["output"]
        return Edition(
            output,
            {form: output / file for form, file in record["files"].items()},
            tuple(Finding(*remark) for remark in record["remarks"]),
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _holds(root: Path, record: Mapping[str, Any]) -> bool:
    output = root / record["output"]
    if _state(root, output) != record["sources"] or _state(output) != record["made"]:
        return False
    now = present(root, output)
    if record["surroundings"] != _surroundings(root, now):
        return False
    return not any(find_difference(from_json(reads), now) for reads in record["reads"])


class Watch:
    """Looks at the sources while an edition is made of them."""

    def __init__(self, root: Path, output: Path) -> None:
        self.root = root
        self.output = output
        self._before = _state(root, output)
        self._settled: State | None = None

    def settle(self) -> None:
        """Take the sources as they are when the build has written what it writes among them."""
        now = _state(self.root, self.output)
        before = self._before
        if now is not None and before is not None:
            other = {name for name in {*now, *before} if now.get(name) != before.get(name)}
            if all(name.startswith(("_", "figures/")) for name in other):
                self._settled = now

    def keep(
        self,
        edition: Edition,
        wish: Wish,
        reads: Collection[Reads],
        hooks: Collection[str],
        outside: Collection[str],
    ) -> None:
        """Leave a record, if all that the edition rests on is known and is still as it was.

        `hooks` are the commands that the project has run, `outside` the files that it names and
        that are not looked at with the others.
        """
        store = Store(Paths(self.root).editions)
        sources = _state(self.root, self.output)
        known = all(hook.split()[:1] == [_OWN] for hook in hooks) and not outside
        if not known or sources is None or sources != self._settled:
            return
        record = {
            "output": os.path.relpath(edition.output, self.root),
            "sources": sources,
            "made": _state(edition.output),
            "surroundings": _surroundings(self.root, present(self.root, self.output)),
            "reads": [as_json(one) for one in reads],
            "files": {form: file.name for form, file in edition.files.items()},
            "remarks": [[r.place, r.code, r.message, r.hint] for r in edition.remarks],
        }
        try:
            store.write(wish.name, json.dumps(record, ensure_ascii=False).encode())
            store.trim()
        except OSError:
            # The next build does again what it could have been spared.
            return


def is_prepared(root: Path) -> bool:
    """Whether `nkbook prepare` would make what is there."""
    return Store(Paths(root).editions).read(_PREPARED) == _prepared(root)


def keep_prepared(root: Path) -> None:
    """Say that it was just made."""
    with contextlib.suppress(OSError):
        Store(Paths(root).editions).write(_PREPARED, _prepared(root))


def _prepared(root: Path) -> bytes:
    """What it reads, what it writes, and what it runs on."""
    paths = Paths(root)
    made = [
        [file.stat().st_mtime_ns, file.stat().st_ctime_ns] if file.is_file() else None
        for file in (paths.variables, paths.references)
    ]
    copies = _state(paths.copies) if paths.copies.is_dir() else None
    runs = [sys.version, _state(_PACKAGE), Now(root).packages]
    return json.dumps([_state(paths.data), made, copies, runs], sort_keys=True).encode()


def is_watched(file: Path, root: Path) -> bool:
    """Whether a file is one of those that are looked at."""
    if not file.is_relative_to(root):
        return False
    return not any(name.startswith(".") or name in _MADE for name in file.relative_to(root).parts)


def _state(folder: Path, output: Path | None = None) -> State | None:
    """The state of all files in a folder but for `output`; `None` where they cannot be known."""
    found: State = {}
    try:
        for path, state in _files(folder, output):
            if stat.S_ISLNK(state.st_mode):
                return None
            times = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
            found[path.relative_to(folder).as_posix()] = times
    except OSError:
        return None
    return found


def _files(folder: Path, output: Path | None) -> Iterator[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith(".") or entry.name in _MADE or path == output:
                continue
            state = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(state.st_mode):
                yield from _files(path, output)
            else:
                yield path, state


def present(root: Path, output: Path) -> Now:
    """What chapters of the project at `root` would read now, of which none reads its `output`."""
    given = date_variable(root)
    return Now(root, [os.path.relpath(output, root)], {**os.environ, **SET, **given}, given)


def _surroundings(root: Path, now: Now) -> str:
    """A digest of all that an edition rests on beside its sources: programs, versions, history."""
    pandoc = shutil.which("pandoc") or ""
    parts = [
        now.program,
        json.dumps(now.packages, sort_keys=True),
        json.dumps([_state(_PACKAGE), _state(ASSETS)], sort_keys=True),
        edition_commit(root, digits=40),
        str(edition_date(root).timestamp()),
        os.environ.get("PYPANDOC_PANDOC", ""),
        pandoc and f"{pandoc} {Path(pandoc).stat().st_mtime_ns}",
    ]
    return name_of(parts)
