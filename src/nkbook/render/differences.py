"""How committed figures differ from those that the chapters draw now: in words and as a picture."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import typst
from PIL import Image, ImageChops, ImageFilter

from nkbook.errors import Finding, Findings
from nkbook.paths import Paths
from nkbook.render.figures import figure_files, png_bytes, read_provenance
from nkbook.render.lowering import FigureRecord
from nkbook.render.project import Project

_MOST = 5
"""So many differences of one file are told; the others are counted."""

_GAP = 24
"""Pixels between the pictures that stand side by side."""

_SPREAD = 7
"""Pixels by which a mark is wider than what differs, so that a single dot is seen."""

_WHITE = (255, 255, 255)
_MARK = (208, 0, 0)
_GROUND = (128, 128, 128)


def compare_figures(
    figures: Sequence[FigureRecord], project: Project, paths: Paths, *, whole: bool = True
) -> list[Finding]:
    """A finding (NB212) for each committed file that is not, byte for byte, what is drawn now.

    Pictures of the differences take the place of any earlier ones in the cache. If these are the
    figures of the `whole` book, committed files of any others are findings as well.
    """
    shutil.rmtree(paths.differences, ignore_errors=True)
    findings = Findings()
    for figure in figures:
        _compare(figure, figure_files(figure, project), paths, findings)
    if whole:
        gone = read_provenance(paths.figures).keys() - {figure.id for figure in figures}
        for id in sorted(gone):
            message = "is committed, but no chapter draws it"
            hint = "Run `nkbook figures`, which removes its files, and commit that."
            findings.add("NB212", f"figures/{id}.svg", message, hint)
    return list(findings)


def _compare(
    figure: FigureRecord, drawn: Mapping[str, bytes], paths: Paths, findings: Findings
) -> None:
    hint = f"Run `nkbook figures {figure.id}`, look at the picture, and commit its files."
    present = {
        name: (paths.figures / name).read_bytes()
        for name in drawn
        if (paths.figures / name).is_file()
    }
    if not present:
        message = f"is not committed, and {figure.chapter} draws it"
        findings.add("NB212", f"figures/{figure.id}.svg", message, hint)
        return
    different = [name for name, data in drawn.items() if present.get(name) != data]
    for name in different:
        place = f"figures/{name}"
        if name not in present:
            findings.add("NB212", place, "is missing beside the other files of its figure", hint)
            continue
        picture, seen = b"", ""
        match Path(name).suffix:
            case ".svg":
                words, picture = _picture(present[name], drawn[name])
            case ".csv":
                words = _data(present[name], drawn[name])
            case _:
                words = _provenance(present[name], drawn[name])
        if words == _CHECKSUMS and len(different) > 1:
            continue  # they follow from the other files
        if picture:
            file = paths.differences / f"{figure.id}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture)
            shown = file.relative_to(paths.root).as_posix()
            seen = f"See {shown}: committed, drawn now, the difference. "
        message = f"differs from what {figure.chapter} draws now: {words}"
        findings.add("NB212", place, message, seen + hint)


_CHECKSUMS = "sha256"


def _picture(old: bytes, new: bytes) -> tuple[str, bytes]:
    """How much of a picture differs, and a PNG that shows where; empty where no pixel does."""
    try:
        before, now = _on_one_size(_drawn(old), _drawn(new))
    except typst.TypstError:
        return "the committed file is no SVG that can be drawn", b""
    mask = _mask(before, now)
    if not mask.getbbox():
        return "both look the same; only code or metadata in the file differ", b""
    share = mask.histogram()[255] / (mask.width * mask.height)
    words = f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
    return f"{words} of the picture", _side_by_side(before, now, mask)


def _data(old: bytes, new: bytes) -> str:
    (old_columns, *before), (new_columns, *now) = _rows(old), _rows(new)
    if old_columns != new_columns:
        gone = [name for name in old_columns if name not in new_columns]
        more = [name for name in new_columns if name not in old_columns]
        told = [f"column “{name}” is gone" for name in gone]
        told += [f"column “{name}” is new" for name in more]
        return _some(told or ["the order of the columns"])
    told = []
    for kind, i, end, j, stop in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        both = min(end - i, stop - j)
        # Rows are counted as lines of the file, where the first holds the names of columns.
        for a, b, line in zip(before[i:end], now[j:stop], range(j + 2, stop + 2), strict=False):
            told += [
                f"row {line}, {column}: {_cell(was)} → {_cell(is_)}"
                for column, was, is_ in zip(new_columns, a, b, strict=False)
                if was != is_
            ]
        told += [f"row {line} is gone" for line in range(i + both + 2, end + 2)]
        told += [f"row {line} is new" for line in range(j + both + 2, stop + 2)]
    return _some(told or ["line ends or quotation marks, but no cell"])


def _rows(data: bytes) -> list[tuple[str, ...]]:
    text = io.StringIO(data.decode(errors="replace"), newline="")
    return list(map(tuple, csv.reader(text))) or [()]


def _cell(text: str) -> str:
    return text or "nothing"


def _provenance(old: bytes, new: bytes) -> str:
    try:
        before = json.loads(old)
    except ValueError:
        before = None
    if not isinstance(before, dict):
        return "the committed file is no provenance that can be read"
    now = json.loads(new)
    names = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    return ", ".join(names) or "order or spacing, but no field"


def _some(told: Sequence[str]) -> str:
    rest = len(told) - _MOST
    return "; ".join([*told[:_MOST], *([f"and {rest} more"] if rest > 0 else [])])


def _side_by_side(before: Image.Image, now: Image.Image, mask: Image.Image) -> bytes:
    """Two pictures of one size, and the second again with a mark where they differ, as PNG."""
    marked = Image.blend(now, Image.new("RGB", now.size, _WHITE), 0.8)
    marked.paste(_MARK, mask=mask.filter(ImageFilter.MaxFilter(_SPREAD)))
    sheet = Image.new("RGB", (3 * now.width + 2 * _GAP, now.height), _GROUND)
    for index, picture in enumerate((before, now, marked)):
        sheet.paste(picture, (index * (now.width + _GAP), 0))
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


def _drawn(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png_bytes(picture))).convert("RGB")


def _on_one_size(*pictures: Image.Image) -> list[Image.Image]:
    size = (max(p.width for p in pictures), max(p.height for p in pictures))
    # Grey, not white: where only one of them reaches, they differ.
    sheets = [Image.new("RGB", size, _GROUND) for _ in pictures]
    for sheet, picture in zip(sheets, pictures, strict=True):
        sheet.paste(picture)
    return sheets


def _mask(before: Image.Image, now: Image.Image) -> Image.Image:
    """White where two pictures of one size differ in any channel, black elsewhere."""
    difference = ImageChops.difference(before, now)
    lightest = Image.new("L", difference.size)
    for channel in difference.split():
        lightest = ImageChops.lighter(lightest, channel)
    return lightest.point([0, *[255] * 255])
