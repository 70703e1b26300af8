"""What an edition is made of: its sources, their commit, and the programs that made it of them.

It stands at the root of the edition as `provenance.json`, the word that the book uses for the same
of a figure. (A site has two other lists, for machines: `manifest.webmanifest` is what a browser
installs, `assets/edition.json` what it keeps.) It holds no clock, no path, no host and no user, and
names no file of the project but those that readers of the edition meet in it.
"""

from __future__ import annotations

import filecmp
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from nkbook import __version__
from nkbook.clock import day, edition_commit, edition_date
from nkbook.paths import ASSETS, CONFIG
from nkbook.render import pandoc
from nkbook.render.checksums import files_of, one_digest, sha256
from nkbook.render.project import FORMATS, Project

PROVENANCE = "provenance.json"

_CITATION = "CITATION.cff"
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Provenance:
    """The record of one edition."""

    title: str
    version: str
    """The version of the book that `CITATION.cff` gives, or an empty string."""
    date: datetime
    commit: str
    """The whole name of the commit, or an empty string outside a checkout."""
    engine: str
    formats: tuple[str, ...]
    """The formats that were built together, in our names."""
    kept: tuple[str, ...]
    """Formats that an earlier build left in the folder: of these, only their bytes are known."""
    tools: Mapping[str, str]
    """Versions of all whose code shapes an edition: Python, the engine and nkbook's packages."""
    code: str
    """One digest over nkbook's own code and assets, which change between versions."""
    sources: Mapping[str, str]
    """The digest of each source by its name in the project."""

    @property
    def words(self) -> str:
        """The edition in words: “Title”, edition of 23 November 2026 (commit 0123456789)."""
        commit = f" (commit {self.commit[:10]})" if self.commit else ""
        return f"“{self.title}”, edition of {day(self.date)}{commit}"

    def write(self, folder: Path) -> None:
        """Write the record into the folder of the edition."""
        content = {
            "title": self.title,
            "version": self.version,
            "date": self.date.astimezone(UTC).isoformat(),
            "commit": self.commit,
            "engine": self.engine,
            "formats": self.formats,
            "kept": self.kept,
            "tools": self.tools,
            "code": self.code,
            "sources": {"digest": one_digest(self.sources), "files": self.sources},
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / PROVENANCE).write_text(f"{text}\n", encoding="utf-8")


def parse_provenance(data: bytes) -> Provenance:
    """Read a record, which anybody may have written; raises `ValueError` if it is none."""
    try:
        content = json.loads(data)
        record = Provenance(
            title=printable(str(content["title"])),
            version=str(content["version"]),
            date=datetime.fromisoformat(content["date"]).astimezone(UTC),
            commit=_one_of(r"(?:[0-9a-f]{40,64})?", content["commit"]),
            engine=_one_of("[a-z]+", content["engine"]),
            formats=tuple(_one_of("[a-z]+", form) for form in content["formats"]),
            kept=tuple(_one_of("[a-z]+", form) for form in content["kept"]),
            tools=_texts(content["tools"]),
            code=str(content["code"]),
            sources=_texts(content["sources"]["files"]),
        )
    except (AttributeError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not record.formats:
        raise ValueError("no formats")
    return record


def provenance(
    project: Project, folder: Path, engine: str, formats: Sequence[str], version: str = ""
) -> Provenance:
    """The record of the edition in `folder`; `version` is that of an engine which is not ours.

    Files of the project that lie in the folder as they are, such as photographs, are sources, too.
    """
    present = (form for form in FORMATS.values() if (folder / project.main_file(form)).is_file())
    named = {file for file in named_files(project) if file.is_file()}
    sources = named | set(_copied(project, folder))
    return Provenance(
        title=project.title,
        version=_book_version(project.root),
        date=edition_date(project.root),
        commit=edition_commit(project.root, digits=40),
        engine=engine,
        formats=tuple(form for form in FORMATS.values() if form in formats),
        kept=tuple(form for form in present if form not in formats),
        tools={**tools(), **({engine: version} if version else {})},
        code=code_digest(),
        sources={
            file.relative_to(project.root).as_posix(): sha256(file) for file in sorted(sources)
        },
    )


def tools() -> dict[str, str]:
    """The versions of what runs here: Python, nkbook, the packages that it requires, pandoc."""
    try:
        required = importlib.metadata.requires("nkbook") or []
    except importlib.metadata.PackageNotFoundError:
        required = []
    found = {}
    for name in (_name(line) for line in required if "extra ==" not in line):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "nkbook": __version__,
        "pandoc": pandoc.version(),
        **dict(sorted(found.items())),
    }


def code_digest() -> str:
    """One digest over the code and the assets of the nkbook that runs here."""
    code = {f"code/{name}": file for name, file in files_of(_PACKAGE).items() if name[-3:] == ".py"}
    assets = {f"assets/{name}": file for name, file in files_of(ASSETS).items()}
    # What a desktop leaves in a folder, such as .DS_Store, is neither.
    ours = {name: file for name, file in (code | assets).items() if "/." not in name}
    return one_digest({name: sha256(file) for name, file in ours.items()})


def named_files(project: Project) -> Iterator[Path]:
    """The files that a project names, of which some may not be there."""
    yield project.root / CONFIG
    yield project.root / "_variables.yml"
    yield from (project.root / entry.file for entry in project.entries)
    yield from project.bibliography
    yield from filter(None, (project.csl,))
    yield from (project.root / name for name in (project.cover_image, project.favicon) if name)
    yield from project.resource_files()


def _copied(project: Project, folder: Path) -> Iterator[Path]:
    for name, file in files_of(folder).items():
        original = project.root / name
        # Pictures of figures lie in both because they were drawn, not copied.
        drawn = name.startswith("figures/")
        if not drawn and original.is_file() and filecmp.cmp(original, file, shallow=False):
            yield original


def _book_version(root: Path) -> str:
    try:
        content = yaml.safe_load((root / _CITATION).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    return str(content.get("version", "")) if isinstance(content, dict) else ""


def _name(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    return match[0] if match else requirement


def printable(text: str) -> str:
    """Text of unknown origin without what would command a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _one_of(pattern: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"unexpected {value!r}")
    return value


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in content.items()}
