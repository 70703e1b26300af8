"""The figures of a book as files: picture, plotted data, provenance; the same bytes every time."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import typst

from nkbook.render.licence import licence_url
from nkbook.render.lowering import FigureRecord
from nkbook.render.project import Project
from nkbook.render.store import edition_of, made

SUFFIXES = (".svg", ".pdf", ".png", ".csv", ".json")
"""The forms in which an edition offers each figure."""

COMMITTED = (".svg", ".csv", ".json")
"""The forms that lie in the project's `figures/`; an edition makes the others from the picture."""

PNG_DPI = 192
"""Twice the 96 dots per inch of the web."""


_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
"""What the program that drew the picture says of it: no more than that it is one."""

_SHEET = b"""\
#let words = json(bytes(sys.inputs.words))
#set document(title: words.title, author: words.authors, description: words.alt, date: none)
#set text(lang: words.lang)
#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg", alt: words.alt)
"""
"""A page of the picture's own size, for Typst."""

_SILENT = {"title": "", "authors": [], "alt": "", "lang": "en"}
"""Words for a picture of pixels, which carries none."""


def figure_files(figure: FigureRecord, project: Project) -> dict[str, bytes]:
    """The committed files of one figure by name: `.svg`, `.csv` (what is plotted) and `.json`.

    The last is its provenance. It holds no date and no commit, so that it changes only when the
    figure does.
    """
    picture = svg_bytes(figure, project)
    table = csv_bytes(figure)
    provenance = {
        "id": figure.id,
        "chapter": figure.chapter,
        "caption": figure.caption,
        "alt": figure.alt,
        "unit": figure.unit,
        "sources": list(figure.sources),
        "drawn_from": figure.drawn_from,
        "code": figure.code,
        "sha256": {"svg": checksum(picture), "csv": checksum(table)},
    }
    text = json.dumps(provenance, ensure_ascii=False, indent=2) + "\n"
    return {
        f"{figure.id}.svg": picture,
        f"{figure.id}.csv": table,
        f"{figure.id}.json": text.encode(),
    }


def edition_files(figure: FigureRecord, project: Project) -> dict[str, bytes]:
    """The files of one figure in every form that an edition offers, by name."""
    files = figure_files(figure, project)
    picture = files[f"{figure.id}.svg"]
    return {
        **files,
        f"{figure.id}.pdf": pdf_bytes(figure, picture, project),
        f"{figure.id}.png": png_bytes(picture),
    }


def svg_bytes(figure: FigureRecord, project: Project) -> bytes:
    """The picture with title, description and rights in it, for whoever meets the file alone."""
    body = re.sub(r"\A.*?(?=<svg)", "", figure.svg, count=1, flags=re.DOTALL)
    body = _METADATA.sub("", body, count=1)
    start, end = re.match(r"<svg\b[^>]*>", body, re.DOTALL).span()  # type: ignore[union-attr]
    label = f'role="img" aria-labelledby="{figure.id}-title {figure.id}-desc"'
    words = (
        f'<title id="{figure.id}-title">{escape(_plain(figure.caption))}</title>'
        f'<desc id="{figure.id}-desc">{escape(figure.alt)}</desc>'
    )
    opening = f"{body[start : end - 1]} {label}>"
    head = f'<?xml version="1.0" encoding="utf-8"?>\n{opening}{words}'
    return f"{head}\n{_metadata(figure, project)}{body[end:]}".encode()


def _metadata(figure: FigureRecord, project: Project) -> str:
    """Dublin Core and the licence as RDF, which editors of drawings and search engines read."""
    said = [
        ("title", _plain(figure.caption)),
        ("description", figure.alt),
        *(("creator", author) for author in project.authors),
        *(("source", key) for key in figure.sources),
        ("rights", project.licence),
        ("language", project.lang),
    ]
    licence = licence_url(project.licence)
    lines = [
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"',
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#">',
        '<cc:Work rdf:about="">',
        "<dc:format>image/svg+xml</dc:format>",
        '<dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>',
        *(f"<dc:{name}>{escape(text, quote=False)}</dc:{name}>" for name, text in said if text),
        *([f'<cc:license rdf:resource="{licence}"/>'] if licence else []),
        "</cc:Work></rdf:RDF></metadata>",
    ]
    return "\n".join(lines)


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
    """An SVG drawn as PNG at twice the web's resolution; raises `TypstError` where it is none."""
    return _typst(picture, _SILENT, format="png", ppi=PNG_DPI)


def pdf_bytes(figure: FigureRecord, picture: bytes, project: Project) -> bytes:
    """The picture of a figure as PDF, for slides and print: still lines and areas, not pixels."""
    words = {
        "title": _plain(figure.caption),
        "authors": project.authors,
        "alt": figure.alt,
        "lang": project.lang.partition("-")[0],
    }
    return _typst(picture, words, format="pdf")


def _typst(picture: bytes, words: Mapping[str, Any], **options: Any) -> bytes:
    inputs = {"svg": picture.decode(errors="replace"), "words": json.dumps(words)}
    return made(
        ["typst", edition_of("typst"), _SHEET, *inputs.values(), json.dumps(options)],
        lambda: bytes(
            typst.compile(_SHEET, sys_inputs=inputs, ignore_system_fonts=True, **options)
        ),
    )


def write_figures(
    figures: Sequence[FigureRecord], project: Project, folder: Path, *, whole: bool = True
) -> list[str]:
    """Write the files of figures into `folder`; returns the names of the files that changed.

    If these are the figures of the `whole` book, files of any others are removed.
    """
    wanted = {
        name: data for figure in figures for name, data in figure_files(figure, project).items()
    }
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
    if whole:
        gone = read_provenance(folder).keys() - {figure.id for figure in figures}
        for file in (folder / f"{id}{suffix}" for id in sorted(gone) for suffix in COMMITTED):
            if file.is_file():
                file.unlink()
                changed.append(file.name)
    return changed


def read_provenance(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The provenance of each figure in `folder` that a build wrote, by id.

    A picture that an author drew and put there has none, whatever its name.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("fig-*.json")):
        try:
            provenance = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(provenance, dict) and {"id", "chapter", "sha256"} <= provenance.keys():
            found[file.stem] = provenance
    return found


def _plain(markdown: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)(?:\{[^}]*\})?", r"\1", markdown)
    return re.sub(r"\s*\[-?@[^\]]*\]|[*_`]", "", text)


def checksum(data: bytes) -> str:
    """The checksum of a file, as provenance has it."""
    return hashlib.sha256(data).hexdigest()
