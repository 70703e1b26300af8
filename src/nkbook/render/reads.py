"""What a chapter read when it ran, and whether all of that is still so.

A kernel notes what its chapter reads (`tracing.py`). Files are kept as digests; what a chapter
asked of the records of the book (`nkbook.notebook`) as the states of these records, so that another
row of the same table changes nothing. All files of the project count where nobody can know what a
chapter read, since it starts other programs or uses a compiled module that may read by itself.

Python does not tell when code asks whether a file is there. So where the code of a chapter, or of a
module of the project, has a word such as `exists(`, the names of all files count.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nkbook.errors import BookError
from nkbook.render.now import CHANGED, Now

RECORDS = "nkbook.data.library"
"""What knows the states of records. It is loaded only where data that were asked for changed."""

_PACKAGE = Path(__file__).parents[1]
_ALWAYS = re.compile(
    r"TZ|LANG|LANGUAGE|LC_(ALL|COLLATE|CTYPE|MESSAGES|MONETARY|NUMERIC|TIME)|MPL\w+"
)
"""Variables that are also read behind Python's back, or before a chapter begins."""
_OF_KERNELS = re.compile(
    r"IPYTHONDIR|(JPY|IPYKERNEL)_\w+|TERM|(CLI|FORCE_)COLOR\w*|(GIT_)?PAGER|TE?MP(DIR)?"
)
"""Variables that each kernel sets for itself, and where temporary files are."""
_ASKS_NAMES = re.compile(r"\b(l?exists|is_?file|is_?dir|is_?symlink|islink)\s*\(")
_ASKS_STATE = re.compile(r"\b(l?stat|getsize|get[amc]time)\s*\(")


@dataclass(frozen=True)
class Files:
    """Files and folders, by name: relative to the project where they are inside."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Digests; empty where there was no such file."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Digests of the names in them; empty where there was no such folder."""


@dataclass(frozen=True)
class Reads:
    """All that the outputs of a chapter rest on, beside its own code."""

    program: str
    """A digest of what runs chapters, with the version of Python."""
    packages: Mapping[str, str]
    variables: Mapping[str, str]
    """Digests of variables of the environment; empty where one was not set."""
    own: Files
    """What it opened itself, and the modules that it imported from outside of packages."""
    sought: tuple[str, ...]
    """The modules that were looked for, ..."""
    modules: Mapping[str, tuple[str, ...]]
    """... and which of them lay in each folder outside of packages."""
    records: Mapping[str, Mapping[str, str]]
    """The states of records, by table and id, ..."""
    behind: Files
    """... and the files that they are made from."""
    names: tuple[str, ...] | None = None
    """All files of the project, where it may depend on which there are."""
    why: str = ""
    """Why it may."""


# Keeping ----------------------------------------------------------------------------------------


def gather_reads(notes: Path, codes: Iterable[str], now: Now) -> Reads:
    """What a chapter with these pieces of code read, from the notes of its kernel."""
    met = _Notes(now)
    try:
        lines = notes.read_text(encoding="utf-8").splitlines()
        for line in lines:
            met.take(*json.loads(line))
    except (OSError, ValueError, TypeError, LookupError):
        met.why = "its kernel tells too little"
    if met.version != sys.version:
        met.why = "nothing tells what its kernel reads"
    own = met.own.kept(now)
    names = None
    asked = "\n".join([*codes, *_sources(own, now)])
    if not met.why and _ASKS_STATE.search(asked):
        met.why = "it asks how files are"
    if met.why:
        own = Files({**now.all_files(met.own.made), **own.files}, own.folders)
        names = now.names
        met.variables |= now.given
    elif _ASKS_NAMES.search(asked):
        met.why = "it asks which files there are"
        names = tuple(sorted({*now.names, *(name for name in own.files if now.is_inside(name))}))
    always = filter(_ALWAYS.fullmatch, now.variables)
    asked_for = {name for name in met.variables if not _OF_KERNELS.fullmatch(name)}
    return Reads(
        program=now.program,
        packages=now.packages,
        variables={name: now.variable(name) for name in sorted({*always, *asked_for})},
        own=own,
        sought=tuple(sorted(met.sought)),
        modules={name: now.modules(name, met.sought) for name in sorted(met.path)},
        records=met.records,
        behind=met.behind.kept(now),
        names=names,
        why=met.why,
    )


class _Met:
    """Files and folders as the notes have them."""

    def __init__(self) -> None:
        self.files: dict[str, list[int] | None] = {}
        self.folders: dict[str, list[str] | None] = {}
        self.made: set[str] = set()

    def kept(self, now: Now) -> Files:
        """The same with digests: of what was read as it was then, of what was made as it is."""
        files = {name: now.file(name, stamp) if stamp else "" for name, stamp in self.files.items()}
        left = (name for name in self.made if self.files.get(name) is None)
        files |= {name: digest for name in left if (digest := now.left(name))}
        folders = {name: now.listed(name, found) for name, found in self.folders.items()}
        return Files(dict(sorted(files.items())), dict(sorted(folders.items())))


class _Notes:
    """The notes of one kernel, one by one."""

    def __init__(self, now: Now) -> None:
        self.now = now
        self.own, self.behind = _Met(), _Met()
        self.version = self.why = ""
        self.sought: set[str] = set()
        self.path: set[str] = set()
        self.variables: set[str] = set()
        self.records: dict[str, dict[str, str]] = {}

    def take(self, book: str, kind: str, *what: Any) -> None:
        """Take one in. Files that are read for the records of this book stand behind those."""
        here = str(self.now.root)
        met = self.behind if book == here else self.own
        name = self.now.relative(str(what[0]))
        match kind:
            case "file" | "folder" | "made" if self.now.is_temporary(name):
                pass
            case "file" if name in met.made:
                pass
            case "file":
                met.files.setdefault(name, what[1])
            case "folder":
                met.folders.setdefault(name, what[1])
            case "made":
                met.made.add(name)
            case "path":
                self.path.add(name)
            case "module":
                self.sought.add(name)
            case "variable":
                self.variables.add(name)
            case "record" if what[0] == here:
                self.records.setdefault(what[1], {})[what[2]] = what[3]
            case "unknown":
                self.why = self.why or name
            case "ready":
                self.version = name


def _sources(own: Files, now: Now) -> Iterator[str]:
    """The code of the modules of a project; what this package asks of files is known."""
    for name in own.files:
        file = now.root / name
        if file.suffix == ".py" and not file.is_relative_to(_PACKAGE):
            try:
                yield file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue


# Comparing --------------------------------------------------------------------------------------


def find_difference(reads: Reads, now: Now) -> str:
    """The first thing that is not as it was, in a few words; empty where all is."""
    return next(filter(None, _differences(reads, now)), "")


def _differences(reads: Reads, now: Now) -> Iterator[str]:
    if reads.program != now.program:
        yield "Python or what runs chapters changed"
    yield _package(reads.packages, now.packages)
    for name, was in reads.variables.items():
        if was != now.variable(name):
            yield f"{name} changed"
    changed = _file(reads.own, now) or _name(reads.names, now)
    yield f"{reads.why}, and {changed}" if changed and reads.names is not None else changed
    for folder, found in reads.modules.items():
        if other := {*found} ^ {*now.modules(folder, reads.sought)}:
            yield f"other modules in {now.told(folder)}: {min(other)}"
    yield _record(reads, now)


def _package(was: Mapping[str, str], now: Mapping[str, str]) -> str:
    if was == now:
        return ""
    name = min(name for name in {*was, *now} if was.get(name) != now.get(name))
    before, after = (versions.get(name, "").partition("+")[0] for versions in (was, now))
    if before == after:
        return f"{name} {after} was installed again"
    return f"{name} {before or '(none)'} → {after or '(none)'}"


def _file(was: Files, now: Now) -> str:
    for name, digest in was.files.items():
        found = now.file(name)
        if found != digest:
            what = "changed" if found and digest else "is gone" if digest else "appeared"
            return f"{now.told(name)} {what}{' while it ran' * (digest == CHANGED)}"
    for name, digest in was.folders.items():
        if now.folder(name) != digest:
            return f"other files in {now.told(name)}"
    return ""


def _name(was: tuple[str, ...] | None, now: Now) -> str:
    if was is None or was == now.names:
        return ""
    name = min({*was} ^ {*now.names})
    return f"{name} {'is gone' if name in was else 'appeared'}"


def _record(reads: Reads, now: Now) -> str:
    if not reads.records or not _file(reads.behind, now):
        return ""
    try:
        states = importlib.import_module(RECORDS).record_states(now.root, reads.records)
    except (BookError, AttributeError, TypeError):
        return "data have faults"
    for table, was in reads.records.items():
        for id, state in was.items():
            if states[table][id] != state:
                return f"{table} changed" if id == "*" else f"{id} in {table} changed"
    return ""


# As JSON ----------------------------------------------------------------------------------------


def as_json(reads: Reads) -> dict[str, Any]:
    """Reads as JSON has it."""
    return asdict(reads)


def from_json(content: Any) -> Reads:
    """Reads from JSON. Raises `TypeError`, `KeyError` or `AttributeError` where it has none."""
    names = content["names"]
    return Reads(
        program=_text(content["program"]),
        packages=_texts(content["packages"]),
        variables=_texts(content["variables"]),
        own=_files(content["own"]),
        sought=_list(content["sought"]),
        modules={name: _list(found) for name, found in content["modules"].items()},
        records={name: _texts(states) for name, states in content["records"].items()},
        behind=_files(content["behind"]),
        names=None if names is None else _list(names),
        why=_text(content["why"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _list(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or {*map(type, value)} - {str}:
        raise TypeError(f"{value!r} is no list of texts")
    return tuple(value)


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or {*map(type, value.values())} - {str}:
        raise TypeError(f"{value!r} has other values than texts")
    return value


def _files(value: Any) -> Files:
    return Files(_texts(value["files"]), _texts(value["folders"]))
