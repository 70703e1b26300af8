"""The fonts that the book ships can print the book."""

from __future__ import annotations

import re
import subprocess
import sys

from fontTools.ttLib import TTFont

from tests.conftest import ROOT

WEB = ROOT / "assets" / "fonts" / "web"


def test_fonts_hold_every_hangul_syllable_of_the_book() -> None:
    script = ROOT / "scripts" / "build_fonts.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nHint: run `make fonts`."


def test_a_chapter_loads_little_type() -> None:
    core = [
        file
        for name in ("serif", "serif-italic", "serif-semibold", "sans")
        for file in WEB.glob(f"book-{name}.core.woff2")
    ]
    assert len(core) == 4
    assert sum(file.stat().st_size for file in core) < 55_000


def test_old_style_figures_are_proportional_without_tabular_ones_between() -> None:
    font = TTFont(WEB / "book-serif.core.woff2")
    plain = font.getBestCmap()[ord("0")]
    [feature] = {
        record.Feature.LookupListIndex[0]
        for record in font["GSUB"].table.FeatureList.FeatureRecord
        if record.FeatureTag == "onum"
    }
    old_style = font["GSUB"].table.LookupList.Lookup[feature].SubTable[0].mapping[plain]
    one = (
        font["GSUB"]
        .table.LookupList.Lookup[feature]
        .SubTable[0]
        .mapping[font.getBestCmap()[ord("1")]]
    )
    widths = font["hmtx"]
    assert old_style != plain
    assert widths[old_style][0] != widths[one][0]


def test_every_part_of_the_hangul_has_its_own_range() -> None:
    css = (WEB.parent / "fonts.css").read_text(encoding="utf-8")
    for family in ("serif", "sans"):
        parts = {
            part: set(TTFont(WEB / f"book-hangul-{family}.{part}.woff2").getBestCmap())
            for part in ("core", "extended")
        }
        assert not parts["core"] & parts["extended"]
        for part, characters in parts.items():
            face = css.partition(f"book-hangul-{family}.{part}.woff2")[2].partition("}")[0]
            assert characters <= _covered(face)
            assert not parts["extended" if part == "core" else "core"] & _covered(face)


def _covered(face: str) -> set[int]:
    """The characters of a face's `unicode-range`."""
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face)
    return {point for a, b in ranges for point in range(int(a, 16), int(b or a, 16) + 1)}
