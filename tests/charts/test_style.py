from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from matplotlib import font_manager

from nkbook.charts import style
from nkbook.charts.style import Palette, colour, read_tokens
from nkbook.errors import BookError

TOGETHER = [
    ("north", "south", "world"),
    ("women", "men"),
    ("warm", "cool"),
    ("accent", "world"),
    ("accent", "world_tint", "paper"),
]
"""Colours that meet in one figure."""


def lightness(value: str) -> float:
    """CIE L*: what is left of a colour on a grey printer."""
    channels = [int(value[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * luminance ** (1 / 3) - 16


def test_tokens_come_from_the_first_root_block_only() -> None:
    css = """
    /* --chart-north: #000000; in the first :root block */
    :root { --colour-ink: #111111; --chart-north: #1D3A5C; --chart-seq-1: #e6edf3; }
    @media print { :root { --chart-north: #222222; --chart-late: #333333; } }
    """
    assert read_tokens(css) == {"north": "#1d3a5c", "seq_1": "#e6edf3"}


def test_the_book_has_every_role_that_charts_use() -> None:
    for role in {role for roles in TOGETHER for role in roles} | {"ink", "quiet", "grid", "land"}:
        assert getattr(colour, role).startswith("#")
    assert set(colour) >= {"north", "south"}
    assert len(colour) == len(list(colour))


def test_an_unknown_role_names_the_nearest() -> None:
    with pytest.raises(BookError, match=r"NF202.*womens[\s\S]*“women”"):
        _ = colour.womens


def test_a_stylesheet_without_chart_colours_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokens.css"
    for content in (None, ":root { --colour-ink: #111111; }"):
        if content is not None:
            file.write_text(content, encoding="utf-8")
        with pytest.raises(BookError, match="NF201"):
            _ = Palette(file).north


@pytest.mark.parametrize(
    "pair", [pair for roles in TOGETHER for pair in itertools.combinations(roles, 2)], ids=str
)
def test_colours_that_meet_differ_in_grey(pair: tuple[str, str]) -> None:
    first, second = (lightness(colour[role]) for role in pair)
    assert abs(first - second) >= 7


def test_the_fonts_of_the_book_are_used_and_no_others() -> None:
    style.apply()
    for family, weight in itertools.product((style.SANS, style.HANGUL), ("regular", "semibold")):
        font = font_manager.FontProperties(family=family, weight=weight)
        assert "Book" in Path(font_manager.findfont(font, fallback_to_default=False)).name
