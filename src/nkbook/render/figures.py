"""The figures of a book as files: picture, plotted data, provenance; the same bytes every time."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import typst

from nkbook.render.lowering import FigureRecord

SUFFIXES = (".svg", ".png", ".csv", ".json")
"""The forms in which an edition offers each figure."""

PNG_DPI = 192
"""Twice the 96 dots per inch of the web."""


def figure_files(figure: FigureRecord) -> dict[str, bytes]:
    """The files of one figure by name: `.svg`, `.csv` (what is plotted) and `.json` (provenance).

    Provenance holds no date and no commit, so that it changes only when the figure does.
    """
    picture = svg_bytes(figure)
    table = csv_bytes(figure)
    provenance = {
        "id": figure.id,
        "chapter": figure.chapter,
        "caption": figure.caption,
        "alt": figure.alt,
        "unit": figure.unit,
        "sources": list(figure.sources),
        "series": list(figure.series),
        "code": figure.code,
        "sha256": {"svg": _sha256(picture), "csv": _sha256(table)},
    }
    text = json.dumps(provenance, ensure_ascii=False, indent=2) + "\n"
    return {
        f"{figure.id}.svg": picture,
        f"{figure.id}.csv": table,
        f"{figure.id}.json": text.encode(),
    }


def svg_bytes(figure: FigureRecord) -> bytes:
    """The picture with its alt text as title and description, for whoever reuses the file."""
    body = re.sub(r"\A.*?(?=<svg)", "", figure.svg, count=1, flags=re.DOTALL)
    start, end = re.match(r"<svg\b[^>]*>", body, re.DOTALL).span()  # type: ignore[union-attr]
    label = f'role="img" aria-labelledby="{figure.id}-title {figure.id}-desc"'
    words = (
        f'<title id="{figure.id}-title">{escape(_plain(figure.caption))}</title>'
        f'<desc id="{figure.id}-desc">{escape(figure.alt)}</desc>'
    )
    opening = f"{body[start : end - 1]} {label}>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{opening}{words}{body[end:]}'.encode()


def csv_bytes(figure: FigureRecord) -> bytes:
    """The plotted data as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(figure.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in figure.rows)
    return out.getvalue().encode()


@functools.cache
def svg_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height of an SVG in CSS pixels, from its `viewBox`; `None` where it has none."""
    match = re.search(rb'viewBox="([\d.\s-]+)"', picture[:4000])
    if not match:
        return None
    _, _, width, height = map(float, match[1].split())
    return round(width * 96 / 72), round(height * 96 / 72)


def png_bytes(picture: bytes) -> bytes:
    """An SVG drawn as PNG at twice the web's resolution, by Typst."""
    source = (
        b"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n"
        b'#image(bytes(sys.inputs.svg), format: "svg")\n'
    )
    drawn = typst.compile(
        source,
        format="png",
        ppi=PNG_DPI,
        sys_inputs={"svg": picture.decode()},
        ignore_system_fonts=True,
    )
    return bytes(drawn)


def write_figures(figures: Sequence[FigureRecord], folder: Path) -> list[str]:
    """Write the files of all figures into `folder` and remove those of figures that are gone.

    Returns the names of the files that changed.
    """
    wanted = {name: data for figure in figures for name, data in figure_files(figure).items()}
    changed = []
    if wanted:
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in sorted(wanted.items()):
        file = folder / name
        if not file.is_file() or file.read_bytes() != data:
            temporary = file.with_name(f".{name}")
            temporary.write_bytes(data)
            temporary.replace(file)
            changed.append(name)
    for name in sorted(_written(folder) - wanted.keys()):
        (folder / name).unlink()
        changed.append(name)
    return changed


def compare_figures(figures: Sequence[FigureRecord], folder: Path) -> list[str]:
    """The names of files in `folder` that differ from what the chapters draw now."""
    wanted = {name: data for figure in figures for name, data in figure_files(figure).items()}
    gone = _written(folder) - wanted.keys()
    different = {
        name
        for name, data in wanted.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != data
    }
    return sorted(gone | different)


def _written(folder: Path) -> set[str]:
    """The names of files in `folder` that a build wrote: those whose provenance is beside them.

    A picture that an author drew and put there is not one of them, whatever its name.
    """
    names: set[str] = set()
    for file in folder.glob("fig-*.json"):
        try:
            provenance = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(provenance, dict) and {"id", "chapter", "sha256"} <= provenance.keys():
            present = (file.with_suffix(suffix) for suffix in (".svg", ".csv", ".json"))
            names |= {found.name for found in present if found.is_file()}
    return names


def _plain(markdown: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)(?:\{[^}]*\})?", r"\1", markdown)
    return re.sub(r"\s*\[-?@[^\]]*\]|[*_`]", "", text)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
