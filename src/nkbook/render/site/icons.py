"""The book's favicon as the pictures that home screens and installed apps ask for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import typst
from PIL import Image

from nkbook.errors import BookError, Finding
from nkbook.paths import CONFIG
from nkbook.render.site.cards import small_png
from nkbook.render.site.tokens import colour

APPLE = "assets/icons/apple-touch-icon.png"
"""The icon of iOS, which wants no transparent corners."""

ICONS: Mapping[str, tuple[int, str]] = {
    "assets/icons/icon-192.png": (192, "any"),
    "assets/icons/icon-512.png": (512, "any"),
    "assets/icons/icon-maskable-512.png": (512, "maskable"),
}
"""The icons of the manifest: width in pixels and purpose, by path in the site."""

SAFE = 0.8
"""The part of a maskable icon that every mask leaves."""

_LARGEST = 512


def draw_icons(favicon: Path) -> dict[str, bytes]:
    """The icons as PNG files by path in the site. Raises `BookError` if it is no picture."""
    try:
        mark = _drawn(favicon)
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        message = f"book.favicon: {favicon.name} cannot be drawn: {error}"
        raise BookError([Finding(CONFIG, "NB112", message, "Use an SVG or a PNG file.")]) from error
    # A mark with a ground of its own continues it to the edges; others stand on paper.
    edge = mark.getpixel((_LARGEST // 2, 0))
    opaque = isinstance(edge, tuple) and edge[3] == 255
    ground = edge if opaque else colour("paper")
    pictures = {APPLE: _on(ground, mark, 180, 1.0 if opaque else SAFE)}
    for path, (size, purpose) in ICONS.items():
        pictures[path] = (
            _on(ground, mark, size, SAFE) if purpose == "maskable" else _scaled(mark, size)
        )
    return {path: _png(picture) for path, picture in pictures.items()}


def _drawn(favicon: Path) -> Image.Image:
    """The favicon as a square picture of the largest size."""
    data = favicon.read_bytes()
    if favicon.suffix == ".svg":
        source = (
            f"#set page(width: {_LARGEST}pt, height: {_LARGEST}pt, margin: 0pt, fill: none)\n"
            '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)\n'
        )
        data = bytes(
            typst.compile(
                source.encode(),
                format="png",
                ppi=72,
                sys_inputs={"svg": data.decode()},
                ignore_system_fonts=True,
            )
        )
    with Image.open(io.BytesIO(data)) as image:
        square = Image.new("RGBA", (max(image.size),) * 2)
        left, top = ((square.width - side) // 2 for side in image.size)
        square.paste(image.convert("RGBA"), (left, top))
    return _scaled(square, _LARGEST)


def _scaled(mark: Image.Image, size: int) -> Image.Image:
    return mark.resize((size, size), Image.Resampling.LANCZOS)


def _on(ground: object, mark: Image.Image, size: int, part: float) -> Image.Image:
    """The mark in the middle of a square of one colour, of whose side it takes a `part`."""
    picture = Image.new("RGBA", (size, size), ground)  # type: ignore[arg-type]
    inner = _scaled(mark, round(size * part))
    offset = (size - inner.width) // 2
    picture.alpha_composite(inner, (offset, offset))
    return picture


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return small_png(out.getvalue())
