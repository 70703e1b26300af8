"""Build the book's fonts in assets/fonts/ from published packages.

    python scripts/build_fonts.py            build again (needs npm and the network)
    python scripts/build_fonts.py --check    is every Hangul syllable of the book in the fonts?

The upstream fonts are open (SIL Open Font License), but the name "Source" is reserved:
a changed font may not carry it. Ours are changed (subset, fixed to one optical size), so
they are called Book Serif, Book Sans and Book Hangul. Same packages, same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from packages import fetch_package

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "assets" / "fonts"
MADE_HERE = "/* Made by scripts/build_fonts.py: change it there. */"

# Package and version, integrity of its archive.
PACKAGES = {
    "serif": (
        "source-serif@4.5.1",
        "sha512-NUAh5IzF7KiUu2gTpqE+ed9MNbMe4st7LIIXZ0OHHSPc6gg86H67j04M8sIhU2qqFd26btXaFQ2ge5u/p72j0Q==",
    ),
    "sans": (
        "source-sans@3.52.0",
        "sha512-xsm7qlMI/JwxwNdp6pvpR6l+aZjn90fzOzoeUz/qoohIYbKbDwQNRIz5/ItYs7/hvqLirQNUoDFGXSVA3TU9tw==",
    ),
    "hangul-serif": (
        "@expo-google-fonts/noto-serif-kr@0.4.3",
        "sha512-thoZx9Dcr4CrjFdhOAVJXuv31rkirogUHkY0XUBybyC97NBO18Q2/achY+KfvLVabEZvmEEAH829Y9YUALZbIQ==",
    ),
    "hangul-sans": (
        "@expo-google-fonts/noto-sans-kr@0.4.3",
        "sha512-EVS/uJPcf1TgJtjmQmrFr0oGdcl7ml09CSu0E/AyGzR0UfzdR2pBbzWWPsnuzZiGUl643ODYwYiXK5+B+fLjhQ==",
    ),
}
LICENCES = {
    "serif": ("LICENSE.md", "OFL-Book-Serif.txt"),
    "sans": ("LICENSE.md", "OFL-Book-Sans.txt"),
    "hangul-serif": ("LICENSE_FONT", "OFL-Book-Hangul-Serif.txt"),
    "hangul-sans": ("LICENSE_FONT", "OFL-Book-Hangul-Sans.txt"),
}
SERIF = ("serif", "VAR/SourceSerif4Variable-Roman.ttf")
SERIF_ITALIC = ("serif", "VAR/SourceSerif4Variable-Italic.ttf")
SANS = ("sans", "VF/SourceSans3VF-Upright.ttf")
SANS_ITALIC = ("sans", "VF/SourceSans3VF-Italic.ttf")
HANGUL_SERIF = ("hangul-serif", "400Regular/NotoSerifKR_400Regular.ttf")
HANGUL_SANS = ("hangul-sans", "400Regular/NotoSansKR_400Regular.ttf")

# What nearly every page needs, and so what every reader downloads: letters, figures and marks of
# English, the commonest accents, and the signs of our own typography.
CORE = (frozenset(range(0x20, 0x7F)) - frozenset(map(ord, '"<>@\\^`{|}~'))) | frozenset(
    map(ord, "\u00a0§°·×²áäæçèéëíïñóöüōūŏŭ–—‘’“”…→−")
)
# What a page may need, and then fetches: the rest of ASCII, Latin-1 and Latin Extended-A, signs.
EXTENDED = (
    frozenset(range(0x20, 0x7F))
    | frozenset(range(0xA1, 0x180))
    | frozenset(range(0x218, 0x21C))
    | frozenset(range(0x2070, 0x209D))
    | frozenset(map(ord, "‐‑‒―‚„†‡•‰‹›⁄€₩№™←↑↓↔↗≈≠≤≥½⅓⅔¼¾⅛"))
    | frozenset(map(ord, "\u2002\u2003\u2009\u200a\u202f\u2060♀♂✓"))
) - CORE
# Hangul letters and syllables, of which the fonts hold what the book uses.
HANGUL = frozenset([*range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xAC00, 0xD7A4)])

PRINT_FEATURES = (
    *("c2sc", "case", "ccmp", "frac", "kern", "liga", "lnum", "locl", "mark", "mkmk", "onum"),
    *("pnum", "smcp", "sups", "tnum", "zero"),
)
# On the web, what the site's style sheets ask for and no more.
TEXT_FEATURES = ("kern", "liga", "onum")
STRONG_FEATURES = ("kern", "liga")
SANS_FEATURES = ("kern", "liga", "pnum")
LIGATURES = frozenset({"f_f", "f_i", "f_l", "f_t", "f_f_i", "f_f_l"})
"""The ligatures that English needs often enough to send them to every reader."""


Axis = tuple[str, float | tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Cut:
    """One font file to make: which master, at which point of its axes, with which letters."""

    name: str
    family: str
    master: tuple[str, str]
    axes: tuple[Axis, ...]
    weight: int
    italic: bool
    characters: frozenset[int]
    web: bool
    features: tuple[str, ...]
    hangul: bool = False

    @property
    def path(self) -> Path:
        """Where the file goes."""
        return FONTS / ("web" if self.web else "print") / self.name

    @property
    def css_weight(self) -> str:
        """The weight, or the range of weights, that the file serves on the web."""
        for tag, value in self.axes:
            if tag == "wght" and isinstance(value, tuple):
                return f"{value[0]:g} {value[1]:g}"
        return str(self.weight)


# Stem, family, master, optical size, weight, italic. On the web 18 is for reading text and 30 for
# headings and strong words; in print text is set near 10.5 pt and titles near 30 pt.
_Row = tuple[str, str, tuple[str, str], float | None, int | tuple[int, int], bool]
# Weights 400 and 600 of the sans are one variable font: a fifth smaller than two files.
WEB_CUTS: tuple[_Row, ...] = (
    ("book-serif", "Book Serif", SERIF, 18, 400, False),
    ("book-serif-italic", "Book Serif", SERIF_ITALIC, 18, 400, True),
    ("book-serif-semibold", "Book Serif", SERIF, 30, 600, False),
    ("book-sans", "Book Sans", SANS, None, (400, 600), False),
    ("book-sans-italic", "Book Sans", SANS_ITALIC, None, 400, True),
)
PRINT_CUTS: tuple[_Row, ...] = (
    ("BookSerif-Regular", "Book Serif", SERIF, 11, 400, False),
    ("BookSerif-Italic", "Book Serif", SERIF_ITALIC, 11, 400, True),
    ("BookSerif-Semibold", "Book Serif", SERIF, 11, 600, False),
    ("BookSerif-SemiboldItalic", "Book Serif", SERIF_ITALIC, 11, 600, True),
    ("BookSerifDisplay-Regular", "Book Serif Display", SERIF, 36, 400, False),
    ("BookSerifDisplay-Semibold", "Book Serif Display", SERIF, 36, 600, False),
    ("BookSans-Regular", "Book Sans", SANS, None, 400, False),
    ("BookSans-Italic", "Book Sans", SANS_ITALIC, None, 400, True),
    ("BookSans-Semibold", "Book Sans", SANS, None, 600, False),
)


def plan_cuts(hangul: frozenset[int], common: frozenset[int]) -> list[Cut]:
    """Every font file of the book, in the order of fonts.css.

    `common` are the Hangul that a chapter sets beside its English, which are few: they are a part
    of their own on the web, so that such a chapter need not fetch the glossary's.
    """

    def cut(row: _Row, ending: str, characters: frozenset[int], web: bool) -> Cut:
        stem, family, master, size, weight, italic = row
        axes: tuple[Axis, ...] = (("wght", weight),)
        if size is not None:
            axes = (("opsz", size), *axes)
        lightest = weight if isinstance(weight, int) else weight[0]
        features = PRINT_FEATURES
        if web and family == "Book Serif":
            # Headings and strong words have lining figures only.
            features = TEXT_FEATURES if lightest == 400 else STRONG_FEATURES
        elif web:
            features = SANS_FEATURES
        return Cut(stem + ending, family, master, axes, lightest, italic, characters, web, features)

    parts = (("core", CORE), ("extended", EXTENDED))
    cuts = [
        cut(row, f".{part}.woff2", letters, True) for part, letters in parts for row in WEB_CUTS
    ]
    cuts += [cut(row, ".ttf", CORE | EXTENDED, False) for row in PRINT_CUTS]
    for family, master in (("Book Hangul Serif", HANGUL_SERIF), ("Book Hangul Sans", HANGUL_SANS)):
        stem = family.replace(" ", "-").lower()
        files = (
            (f"{stem}.core.woff2", common, True),
            (f"{stem}.extended.woff2", hangul - common, True),
            (f"{family.replace(' ', '')}-Regular.ttf", hangul, False),
        )
        cuts += [
            Cut(name, family, master, (), 400, False, letters, web, (), hangul=True)
            for name, letters, web in files
        ]
    return cuts


def is_hangul(character: str) -> bool:
    """Whether a character is a Hangul syllable or letter."""
    return "가" <= character <= "힣" or "ㄱ" <= character <= "ㆎ"


def collect_hangul() -> frozenset[int]:
    """Every Hangul character in the list, in the chapters and in the data."""
    texts = [(FONTS / "hangul.txt").read_text(encoding="utf-8")]
    for pattern in ("data/*.csv", "data/*.json", "data/series/*.csv"):
        texts.extend(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(pattern)))
    return pick_hangul(texts) | collect_common_hangul()


def collect_common_hangul() -> frozenset[int]:
    """Every Hangul character that a chapter's own text uses."""
    paths = [*ROOT.glob("*.qmd"), ROOT / "_quarto.yml"]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    for path in ROOT.glob("notebooks/*.ipynb"):
        # Read as JSON first: a notebook may write Hangul as \\u escapes.
        texts.append(json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False))
    return pick_hangul(texts)


def pick_hangul(texts: Iterable[str]) -> frozenset[int]:
    """The Hangul among the characters of texts."""
    return frozenset(ord(character) for character in "".join(texts) if is_hangul(character))


def cut_font(cut: Cut, packages: Mapping[str, Path]) -> None:
    """Subset one master, fix it at its place on the axes, rename it and write it."""
    package, member = cut.master
    font = TTFont(packages[package] / member, recalcTimestamp=False)
    if cut.web and not cut.hangul:
        drop_rare_ligatures(font)
    if cut.web and cut.family == "Book Serif":
        make_proportional(font)
    options = subset.Options()
    options.layout_features = list(cut.features)
    options.hinting = False
    options.notdef_outline = True
    # Copyright and the licence's address; print fonts also carry their version and its words.
    options.name_IDs = [0, 14] if cut.web else [0, 5, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["DSIG", "STAT", "meta", "vhea", "vmtx", "VORG"]
    if cut.web:
        options.drop_tables += ["BASE", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=cut.characters)
    subsetter.subset(font)
    if cut.axes:
        font = instancer.instantiateVariableFont(font, dict(cut.axes))
    rename_font(font, cut)
    font.flavor = "woff2" if cut.web else None
    cut.path.parent.mkdir(parents=True, exist_ok=True)
    font.save(cut.path)


def make_proportional(font: TTFont) -> None:
    """Make proportional figures the font's plain ones: what it sets is text, never a table.

    That leaves out every tabular figure, and the steps from them to old-style ones.
    """
    table = font["GSUB"].table
    wanted = next(r.Feature for r in table.FeatureList.FeatureRecord if r.FeatureTag == "pnum")
    mapping: dict[str, str] = {}
    for index in wanted.LookupListIndex:
        for subtable in table.LookupList.Lookup[index].SubTable:
            mapping |= getattr(subtable, "ExtSubTable", subtable).mapping
    for characters in font["cmap"].tables:
        if characters.isUnicode():
            for point, glyph in characters.cmap.items():
                characters.cmap[point] = mapping.get(glyph, glyph)


def drop_rare_ligatures(font: TTFont) -> None:
    """Leave out ligatures such as fb and ffk, which cost more than they show."""
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for subtable in lookup.SubTable:
            ligatures = getattr(getattr(subtable, "ExtSubTable", subtable), "ligatures", {})
            for first, all_of_it in ligatures.items():
                ligatures[first] = [
                    one for one in all_of_it if "_".join((first, *one.Component)) in LIGATURES
                ]


def rename_font(font: TTFont, cut: Cut) -> None:
    """Give the font our family name and plain Regular, Italic and Bold links.

    Semibold takes the place of bold in the family, so that every program that knows only
    four styles finds it.
    """
    strong = cut.weight >= 600
    style = {(False, False): "Regular", (False, True): "Italic"}.get(
        (strong, cut.italic), "Bold Italic" if cut.italic else "Bold"
    )
    postscript = f"{cut.family.replace(' ', '')}-{style.replace(' ', '')}"
    names = font["name"]
    for number, text in (
        (1, cut.family),
        (2, style),
        (3, f"{postscript}; the book's own cut"),
        (4, f"{cut.family} {style}" if style != "Regular" else cut.family),
        (6, postscript),
    ):
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = cut.weight
    # Bits of fsSelection: 0 italic, 5 bold, 6 regular.
    selection = (1 << 0 if cut.italic else 0) | (1 << 5 if strong else 0) or 1 << 6
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0b1100001) | selection
    font["head"].macStyle = (1 if strong else 0) | (2 if cut.italic else 0)


def compress_ranges(characters: Iterable[int]) -> Iterator[str]:
    """Code points as CSS ranges."""
    points = sorted(characters)
    start = previous = points[0]
    for point in [*points[1:], -1]:
        if point != previous + 1:
            yield f"U+{start:X}" if start == previous else f"U+{start:X}-{previous:X}"
            start = point
        previous = point


def write_css(cuts: Sequence[Cut], common: frozenset[int]) -> None:
    """Write fonts.css, which file serves which characters, and stand-ins.css."""
    blocks = [MADE_HERE]
    for cut in cuts:
        if not cut.web:
            continue
        # Hangul fills its whole square, so it is set a little smaller and on the Latin's lines.
        extra = (
            "  size-adjust: 94%;\n  ascent-override: 104%;\n  descent-override: 34%;\n"
            "  line-gap-override: 0%;\n"
            if cut.hangul
            else ""
        )
        reach = cut.characters
        if cut.hangul and reach != common:
            # A missing syllable is a fault to find, not a reason for a range with holes.
            reach = HANGUL - common
        ranges = ", ".join(compress_ranges(reach))
        blocks.append(
            "@font-face {\n"
            f'  font-family: "{cut.family}";\n'
            f'  src: url("web/{cut.name}") format("woff2");\n'
            f"  font-weight: {cut.css_weight};\n"
            f"  font-style: {'italic' if cut.italic else 'normal'};\n"
            "  font-display: swap;\n"
            f"{extra}"
            f"  unicode-range: {ranges};\n"
            "}"
        )
    (FONTS / "fonts.css").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    (FONTS / "stand-ins.css").write_text(write_stand_ins(), encoding="utf-8")


def write_stand_ins() -> str:
    """Local fonts whose measures are bent to ours, so that nothing moves when ours arrive.

    Browsers slant and embolden a plain face without changing its widths. So the stand-ins of our
    italic and semibold are the plain font again, narrower as our cuts are, and declared as all but
    upright and all but bold: which leaves a browser its reason to slant and embolden.
    """
    blocks = [MADE_HERE]
    for stand_in in STAND_INS:
        sources = ", ".join(f'local("{name}")' for name in stand_in.fonts)
        for declared, share in STYLES[stand_in.ours].items():
            size = stand_in.width * share
            blocks.append(
                "@font-face {\n"
                f'  font-family: "{stand_in.ours} {stand_in.name}";\n'
                f"  src: {sources};\n"
                f"{declared}"
                f"  size-adjust: {size:.2f}%;\n"
                f"  ascent-override: {stand_in.ascent / size * 100:.2f}%;\n"
                f"  descent-override: {stand_in.descent / size * 100:.2f}%;\n"
                "  line-gap-override: 0%;\n"
                "}"
            )
    return "\n\n".join(blocks) + "\n"


@dataclass(frozen=True)
class StandIn:
    """A local font in the place of one of ours: the mean width of our letters in percent of its."""

    ours: str
    name: str
    fonts: tuple[str, ...]
    width: float
    ascent: float
    """Ours, in percent of the em; so is the descent."""
    descent: float


_ALL_BUT_BOLD = "  font-weight: 599;\n"
_ALL_BUT_UPRIGHT = "  font-style: oblique 1deg;\n"
STYLES = {
    "Book Serif": {"": 1.0, _ALL_BUT_UPRIGHT: 0.929, _ALL_BUT_BOLD: 0.971},
    "Book Sans": {"": 1.0, _ALL_BUT_BOLD: 1.029},
}
"""Mean width of the letters of our italic and semibold, as shares of the plain cut's."""

# Apple and Windows, Android, Linux. The widths are those of all paragraphs of five chapters set in
# both fonts by Chromium (Gelasio, Tinos and Arimo for Georgia, Times and Arial, whose widths they
# have), because words meet letters, kerning and spaces as they come.
STAND_INS = (
    StandIn("Book Serif", "Georgia", ("Georgia",), 102.1, 103.6, 33.5),
    StandIn("Book Serif", "Times", ("Times New Roman", "Liberation Serif"), 111.9, 103.6, 33.5),
    StandIn("Book Serif", "Noto", ("Noto Serif",), 94.9, 103.6, 33.5),
    StandIn("Book Serif", "DejaVu", ("DejaVu Serif",), 87.9, 103.6, 33.5),
    StandIn("Book Sans", "Arial", ("Arial", "Liberation Sans", "Helvetica"), 92.9, 100.0, 32.6),
    StandIn("Book Sans", "Roboto", ("Roboto",), 93.3, 100.0, 32.6),
    StandIn("Book Sans", "Noto", ("Noto Sans",), 88.0, 100.0, 32.6),
    StandIn("Book Sans", "DejaVu", ("DejaVu Sans",), 81.6, 100.0, 32.6),
)


def missing_hangul() -> list[str]:
    """Hangul of the book that the built fonts cannot print."""
    have = set(TTFont(FONTS / "print" / "BookHangulSerif-Regular.ttf").getBestCmap())
    return [chr(point) for point in sorted(collect_hangul() - have)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the fonts, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only look for missing Hangul")
    options = parser.parse_args(arguments)
    if options.check:
        missing = missing_hangul()
        if missing:
            print(f"The fonts lack {len(missing)} Hangul: {''.join(missing)}. Run: make fonts")
        return 1 if missing else 0
    common = collect_common_hangul()
    cuts = plan_cuts(collect_hangul(), common)
    with tempfile.TemporaryDirectory() as name:
        packages = {key: fetch_package(*which, Path(name)) for key, which in PACKAGES.items()}
        for cut in cuts:
            cut_font(cut, packages)
            print(f"{cut.path.relative_to(ROOT)}  {cut.path.stat().st_size:,}")
        for key, (member, target) in LICENCES.items():
            text = (packages[key] / member).read_text(encoding="utf-8")
            lines = [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]
            (FONTS / target).write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_css(cuts, common)
    return 0


if __name__ == "__main__":
    sys.exit(main())
