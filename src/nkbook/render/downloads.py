"""What readers take along besides the pages: archives of the site, of the figures, of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nkbook.clock import day
from nkbook.render.archive import content_of, write_zip
from nkbook.render.figures import SUFFIXES
from nkbook.render.lowering import FigureRecord
from nkbook.render.project import Project

CHECKSUMS = "SHA256SUMS"
"""What `sha256sum --check` reads."""

_PURPOSES = {
    "EPUB": "The book for e-readers and phones",
    "PDF": "The book for paper and for the archive",
    "Offline edition": "This site in a folder, for a stick or a classroom without internet",
    "All figures": "Every figure as SVG, PDF, PNG and plotted data",
    "Data": "All numbers, series and sources, with checksums",
}


@dataclass(frozen=True)
class Download:
    """A file that the home page offers."""

    label: str
    format: str
    file: str
    size: int

    @property
    def size_text(self) -> str:
        """The size as readers know it: “2.4 MB”."""
        kilobytes = self.size / 1000
        return f"{kilobytes / 1000:.1f} MB" if kilobytes >= 1000 else f"{max(1, kilobytes):.0f} kB"

    @property
    def detail(self) -> str:
        """Format and size, as far as they are known and the label does not say so."""
        format = "" if self.format.lower() == self.label.lower() else self.format
        return ", ".join(filter(None, (format, self.size_text if self.size else "")))

    @property
    def purpose(self) -> str:
        """What it is good for, in a few words."""
        return _PURPOSES.get(self.label, "")


def offer(label: str, file: Path) -> Download:
    """The download of a file that is at the root of the site."""
    return Download(label, file.suffix.removeprefix("."), file.name, file.stat().st_size)


def pack_site(project: Project, staging: Path, date: datetime) -> Download:
    """The site as it is now, in a folder of its own: the offline edition."""
    name = f"{project.output_file}-offline"
    files = (file for file in staging.rglob("*") if file.is_file())
    return _pack("Offline edition", staging / f"{name}.zip", _named(files, staging, name), date)


def pack_figures(
    project: Project, figures: Sequence[FigureRecord], staging: Path, date: datetime
) -> Download | None:
    """All figures in every form, or nothing where there are none."""
    if not figures:
        return None
    name = f"{project.output_file}-figures"
    folder = staging / "figures"
    files = (folder / f"{figure.id}{suffix}" for figure in figures for suffix in SUFFIXES)
    entries = _named(files, folder, name)
    entries[f"{name}/README.txt"] = _readme(project, date, _FIGURES)
    return _pack("All figures", staging / f"{name}.zip", entries, date)


def pack_data(
    project: Project, resources: Sequence[Path], staging: Path, date: datetime
) -> Download | None:
    """The files that the project offers as resources, with checksums; nothing without any."""
    if not resources:
        return None
    name = f"{project.output_file}-data"
    entries = _named(
        (staging / file.relative_to(project.root) for file in resources), staging, name
    )
    guides = [
        f"Start with {entry.removeprefix(f'{name}/')}, which tells what is here.\n"
        for entry in entries
        if entry.endswith("/README.md")
    ]
    entries[f"{name}/README.txt"] = _readme(project, date, "".join((_DATA, *guides)))
    sums = "".join(
        f"{hashlib.sha256(content_of(entry)).hexdigest()}  {path.removeprefix(f'{name}/')}\n"
        for path, entry in sorted(entries.items())
    )
    entries[f"{name}/{CHECKSUMS}"] = sums.encode()
    return _pack("Data", staging / f"{name}.zip", entries, date)


_FIGURES = """\
Each figure is here five times: <id>.svg (the picture), <id>.pdf (the same for slides and print),
<id>.png (the same at twice a screen's resolution), <id>.csv (what is plotted) and <id>.json
(caption, words for those who cannot see it, sources, what it was drawn from, the code that draws
it, checksums). The picture as SVG carries its title, description, sources and licence in it.
"""

_DATA = f"""\
The data behind the book. To see that nothing is missing or changed: sha256sum --check {CHECKSUMS}
"""


def _readme(project: Project, date: datetime, words: str) -> bytes:
    lines = [
        project.title,
        *filter(None, (project.subtitle, " & ".join(project.authors))),
        f"Edition of {day(date)}",
        *([project.licence] if project.licence else []),
        *([project.site_url] if project.site_url else []),
        "",
        words,
        "Please cite the edition, and the source behind each number.",
        "",
    ]
    return "\n".join(lines).encode()


def _named(files: Iterable[Path], folder: Path, top: str) -> dict[str, Path | bytes]:
    return {f"{top}/{file.relative_to(folder).as_posix()}": file for file in files}


def _pack(
    label: str, target: Path, entries: Mapping[str, Path | bytes], date: datetime
) -> Download:
    write_zip(target, entries, date)
    return offer(label, target)
