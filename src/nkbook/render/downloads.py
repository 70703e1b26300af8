"""What readers take along besides the pages: archives of the site, of the figures, of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nkbook.clock import day
from nkbook.render.archive import write_zip
from nkbook.render.checksums import CHECKSUMS, checksums, files_of
from nkbook.render.figures import SUFFIXES
from nkbook.render.lowering import FigureRecord
from nkbook.render.project import Project
from nkbook.render.provenance import PROVENANCE

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
    return _pack("Offline edition", staging, name, files_of(staging), date)


def pack_figures(
    project: Project, figures: Sequence[FigureRecord], staging: Path, date: datetime
) -> Download | None:
    """All figures in every form, or nothing where there are none."""
    if not figures:
        return None
    name = f"{project.output_file}-figures"
    names = (f"{figure.id}{suffix}" for figure in figures for suffix in SUFFIXES)
    files: dict[str, Path | bytes] = {file: staging / "figures" / file for file in names}
    files["README.txt"] = _readme(project, date, _FIGURES)
    return _pack("All figures", staging, name, files, date)


def pack_data(
    project: Project, resources: Sequence[Path], staging: Path, date: datetime
) -> Download | None:
    """The files that the project offers as resources; nothing without any."""
    if not resources:
        return None
    name = f"{project.output_file}-data"
    names = (file.relative_to(project.root).as_posix() for file in resources)
    files: dict[str, Path | bytes] = {file: staging / file for file in names}
    guides = [
        f"Start with {file}, which tells what is here.\n"
        for file in files
        if file.endswith("README.md")
    ]
    files["README.txt"] = _readme(project, date, "".join(("The data behind the book.\n", *guides)))
    return _pack("Data", staging, name, files, date)


_FIGURES = """\
Each figure is here five times: <id>.svg (the picture), <id>.pdf (the same for slides and print),
<id>.png (the same at twice a screen's resolution), <id>.csv (what is plotted) and <id>.json
(caption, words for those who cannot see it, sources, what it was drawn from, the code that draws
it, checksums). The picture as SVG carries its title, description, sources and licence in it.
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
        f"To see that nothing is missing or changed: sha256sum --check {CHECKSUMS}",
        "Please cite the edition, and the source behind each number.",
        "",
    ]
    return "\n".join(lines).encode()


def _pack(
    label: str, staging: Path, name: str, files: Mapping[str, Path | bytes], date: datetime
) -> Download:
    """A zip of one folder, which can be checked wherever it goes: it says what it is made of."""
    held = {**files, PROVENANCE: staging / PROVENANCE}
    held[CHECKSUMS] = checksums(held)
    target = staging / f"{name}.zip"
    write_zip(target, {f"{name}/{file}": content for file, content in held.items()}, date)
    return offer(label, target)
