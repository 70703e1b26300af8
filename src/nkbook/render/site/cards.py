"""The picture that stands for a page where its address is shared: its title, and nothing it tells.

Each is drawn by Typst from `assets/site/card.typ`, and anew where its words change. A card names
part, chapter, title and book; a testimony or a number never stands on it, out of its context.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import typst
from PIL import Image

from nkbook.paths import ASSETS
from nkbook.render.store import edition_of, made, named

SIZE = (1200, 630)
"""Width and height in pixels: what Open Graph and Twitter show whole."""

COLOURS = 48
"""Flat grounds and the edges of letters need no more."""

_DESIGN = ASSETS / "site" / "card.typ"
_TITLE = 120
_LINE = 60
_WORD = 26


@dataclass(frozen=True)
class Card:
    """The words of a card."""

    title: str
    head: str = ""
    """What stands beside the mark: the book's title."""
    kicker: str = ""
    """What stands above the title: part and number."""
    more: str = ""
    """What stands below the title."""


def draw_cards(cards: Sequence[Card], mark: str, lang: str) -> list[bytes]:
    """The cards as PNG files, in their order; `mark` is an SVG for their corner, or empty."""
    folder = ASSETS / "fonts" / "print"
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
    files = [_DESIGN, ASSETS / "tokens.css", *sorted(folder.rglob("*.?tf"))]
    given = [edition_of("typst"), edition_of("pillow"), *map(named, files)]

    def draw(card: Card) -> bytes:
        content = {**_fitting(card), "lang": lang.partition("-")[0], "mark": mark}
        words = json.dumps(content, ensure_ascii=False)
        return made(["card", *given, words], lambda: small_png(_drawn(words, fonts)))

    # Typst and Pillow work outside of Python: threads fill all cores.
    with ThreadPoolExecutor() as pool:
        return list(pool.map(draw, cards))


def _drawn(words: str, fonts: typst.Fonts) -> bytes:
    compiler = typst.Compiler(
        str(_DESIGN), root=str(ASSETS), font_paths=fonts, sys_inputs={"card": words}
    )
    picture = compiler.compile(format="png", ppi=72)
    assert isinstance(picture, bytes)
    return picture


def small_png(picture: bytes) -> bytes:
    """A PNG of flat colours with a palette in place of a colour for each pixel."""
    with Image.open(io.BytesIO(picture)) as image:
        solid = image.getextrema()[-1] == (255, 255) or "A" not in image.getbands()
        few = image.convert("RGB" if solid else "RGBA").quantize(
            COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def shortened(text: str, length: int) -> str:
    """`text` cut at a word's end where it is longer than `length` characters, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[:length]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:–—") + "…"


def _fitting(card: Card) -> Mapping[str, str]:
    """A card's words, so that none is wider than the card: an endless word may break anywhere."""
    return {
        name: re.sub(
            rf"\S{{{_WORD},}}",
            lambda word: "\u200b".join(word[0]),
            shortened(text, _TITLE if name == "title" else _LINE),
        )
        for name, text in asdict(card).items()
    }
