"""Figures as files: what each form carries, drawing one of them, and how two of them differ."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pypdfium2
import pytest
from lxml import etree
from PIL import Image, ImageChops

from nkbook.render.figures import checksum
from tests.books import FIGURE, TinyBook, code, markdown

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
CC = "{http://creativecommons.org/ns#}"
SVG = "{http://www.w3.org/2000/svg}"


def figure(id: str = "fig-line") -> str:
    """The code of a cell that draws a line, black on white."""
    return FIGURE.replace("fig-line", id).replace("<path", '<path stroke="#000"')


def edit(book: TinyBook, *changes: tuple[str, str], name: str = "one") -> None:
    """Change words of a chapter's file."""
    file = book.root / "notebooks" / f"{name}.ipynb"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def fill(book: TinyBook) -> TinyBook:
    """Two chapters with a figure in each."""
    book.bibliography()
    book.config["book"] |= {"author": ["Ann Author", "Bo & Sons"], "license": "CC BY-SA 4.0"}
    book.config["lang"] = "en-GB"
    book.chapter("one", markdown("# One"), code(figure()))
    book.chapter("two", markdown("# Two"), code(figure("fig-other")))
    book.save()
    return book


@pytest.fixture
def book(tiny: TinyBook) -> TinyBook:
    """A book whose figures were never drawn."""
    return fill(tiny)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its committed files, which nobody changes."""
    book = fill(TinyBook(tmp_path_factory.mktemp("model") / "book"))
    assert book.run("figures").exit_code == 0
    return book.root


@pytest.fixture
def drawn(tiny: TinyBook, model: Path) -> TinyBook:
    """A copy of it, with the results of its chapters."""
    shutil.copytree(model, tiny.root, dirs_exist_ok=True)
    return tiny


def files(book: TinyBook) -> dict[str, bytes]:
    folder = book.root / "figures"
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}


# What each form carries


def test_a_picture_says_in_rdf_what_it_is_and_whose(book: TinyBook) -> None:
    block = '<metadata><rdf:RDF xmlns:rdf=\\"r\\"><made-by-a-program/></rdf:RDF></metadata>'
    edit(book, ("A line that rises.", "*Up* & <away> [@kim]."), ("<path", f"{block}<path"))
    result = book.run("figures")
    assert result.exit_code == 0, result.output
    root = etree.fromstring(files(book)["fig-line.svg"])
    (metadata,) = root.iter(f"{SVG}metadata")
    (work,) = metadata.iter(f"{CC}Work")
    assert work.getparent().tag == f"{RDF}RDF"
    assert work.get(f"{RDF}about") == ""
    said = [(child.tag.removeprefix(DC), child.text) for child in work if child.text]
    assert said == [
        ("format", "image/svg+xml"),
        ("title", "Up & <away>."),
        ("description", "One line from lower left to upper right."),
        ("creator", "Ann Author"),
        ("creator", "Bo & Sons"),
        ("source", "kim"),
        ("rights", "CC BY-SA 4.0"),
        ("language", "en-GB"),
    ]
    licence = work.find(f"{CC}license").get(f"{RDF}resource")
    assert licence == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert not list(work.iter(f"{DC}date"))


def test_a_licence_without_an_address_is_said_in_words_only(book: TinyBook) -> None:
    book.config["book"]["license"] = "Ask us"
    book.save()
    book.run("figures", "fig-line")
    root = etree.fromstring(files(book)["fig-line.svg"])
    assert [node.text for node in root.iter(f"{DC}rights")] == ["Ask us"]
    assert not list(root.iter(f"{CC}license"))


def test_the_pdf_of_a_figure_is_its_picture_in_lines_the_same_bytes_each_time(
    book: TinyBook,
) -> None:
    runs = []
    for _ in range(2):
        result = book.build()
        assert result.exit_code == 0, result.output
        runs.append((book.root / "_site" / "figures" / "fig-line.pdf").read_bytes())
    assert runs[0] == runs[1]
    data = runs[0]
    # Neither a picture of pixels, nor when or where it was made.
    assert not re.search(rb"/Subtype ?/Image|/CreationDate|/ModDate|CreateDate|ModifyDate", data)
    assert str(book.root).encode() not in data
    with pypdfium2.PdfDocument(data) as document:
        (page,) = document
        drawn = page.render(scale=192 / 72).to_pil().convert("L")
        title = document.get_metadata_dict()
    assert title["Title"] == "A line that rises."
    assert title["Author"] == "Ann Author, Bo & Sons"
    assert b"/Alt(One line from lower left to upper right.)" in data
    picture = (book.root / "_site" / "figures" / "fig-line.png").read_bytes()
    same = Image.open(io.BytesIO(picture)).convert("L")
    assert drawn.size == same.size
    differing = sum(ImageChops.difference(drawn, same).histogram()[64:])
    assert differing < 0.05 * same.width * same.height
    assert min(drawn.getdata()) == 0  # there is a line at all


def test_readers_take_the_pdf_along_but_no_device_keeps_it_unasked(book: TinyBook) -> None:
    assert book.build().exit_code == 0
    assert 'href="../figures/fig-line.pdf" download' in book.page("notebooks/one.html")
    kept = json.loads(book.page("assets/edition.json"))["files"]
    assert "figures/fig-line.svg" in kept
    assert not [name for name in kept if name.endswith(".pdf")]


def test_provenance_holds_what_a_figure_was_drawn_from(book: TinyBook) -> None:
    edit(
        book, ('\\"unit\\"', '\\"drawn_from\\": {\\"series\\": {\\"rice\\": \\"0f\\"}}, \\"unit\\"')
    )
    book.run("figures")
    found = files(book)
    provenance = json.loads(found["fig-line.json"])
    assert provenance["drawn_from"] == {"series": {"rice": "0f"}}
    assert json.loads(found["fig-other.json"])["drawn_from"] == {}
    assert provenance["sha256"]["svg"] == checksum(found["fig-line.svg"])


# One of them


def test_one_figure_is_drawn_and_only_its_chapter_is_run(drawn: TinyBook) -> None:
    before = files(drawn)
    edit(drawn, ("L72 0", "L72 9"), ("[[1]]", "[[2]]"))
    edit(drawn, ("from IPython", "raise SystemError\\nfrom IPython"), name="two")
    (drawn.root / "figures" / "fig-gone.json").write_bytes(before["fig-other.json"])
    result = drawn.run("figures", "fig-line")
    assert result.exit_code == 0, result.output
    assert "Figures drawn: 1. Files changed in figures/: 3." in result.output
    after = files(drawn)
    assert after.pop("fig-gone.json")  # only the files of the figure that was named
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"fig-line.svg", "fig-line.csv", "fig-line.json"}
    assert b"L72 9" in after["fig-line.svg"]
    assert drawn.run("figures").exit_code == 1  # the other chapter, run


def test_a_figure_that_no_chapter_draws_is_a_finding_with_the_nearest(drawn: TinyBook) -> None:
    before = files(drawn)
    result = drawn.run("figures", "fig-line", "fig-othre")
    assert result.exit_code == 1
    assert "NB213  fig-othre: no chapter draws a figure of this id" in result.output
    assert "Did you mean “fig-other”?" in result.output
    assert files(drawn) == before


def test_a_figure_without_evidence_has_no_files_to_draw(book: TinyBook) -> None:
    book.chapter("three", code("#| label: fig-bare\n#| fig-cap: Bare.\n1 + 1"))
    book.save()
    result = book.run("figures", "fig-bare")
    assert result.exit_code == 1
    assert "NB213  fig-bare: its cell does not end in show()" in result.output


# How two of them differ


def picture(book: TinyBook) -> Path:
    return book.root / "_cache" / "differences" / "fig-line.png"


def test_every_difference_is_told_and_that_of_the_picture_shown(drawn: TinyBook) -> None:
    assert drawn.run("figures", "--check").exit_code == 0
    edit(
        drawn,
        ("L72 0", "L72 18"),
        ("[[1]]", "[[2], [3]]"),
        ("A line that rises.", "A line that hardly rises."),
    )
    result = drawn.run("figures", "--check")
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    begin = "differs from what notebooks/one.ipynb draws now"
    share = re.search(rf"NB212 figures/fig-line.svg: {begin}: ([\d.]+)% of the picture", said)
    assert share
    assert 1 < float(share[1]) < 20
    assert "See _cache/differences/fig-line.png: committed, drawn now, the difference." in said
    assert f"figures/fig-line.csv: {begin}: row 2, x: 1 → 2; row 3 is new" in said
    assert f"figures/fig-line.json: {begin}: caption, code, sha256" in said
    assert "fig-other" not in said
    assert said.count("Run `nkbook figures fig-line`") == 3

    sheet = Image.open(picture(drawn)).convert("RGB")
    width = (sheet.width - 2 * 24) // 3
    assert (width, sheet.height) == (144, 72)
    panels = [sheet.crop((i * (width + 24), 0, i * (width + 24) + width, 72)) for i in range(3)]
    committed, now, marked = panels
    # The corner of the old line is dark in the first panel only, and marked in the third.
    assert committed.getpixel((142, 1)) < (64, 64, 64)
    assert now.getpixel((142, 1)) == (255, 255, 255)
    red = [marked.getpixel(place) == (208, 0, 0) for place in ((142, 1), (142, 37), (20, 10))]
    assert red == [True, True, False]

    # What is meant is drawn, and then there is nothing left to look at.
    assert drawn.run("figures", "fig-line").exit_code == 0
    assert drawn.run("figures", "--check").exit_code == 0
    assert not picture(drawn).parent.exists()


def test_only_named_figures_are_compared(drawn: TinyBook) -> None:
    edit(drawn, ("L72 0", "L72 9"))
    assert drawn.run("figures", "--check", "fig-other").exit_code == 0
    assert drawn.run("figures", "--check", "fig-line").exit_code == 1


def test_one_side_alone_is_said_to_be_alone(drawn: TinyBook) -> None:
    folder = drawn.root / "figures"
    for file in folder.glob("fig-line.*"):
        file.rename(folder / file.name.replace("line", "gone"))
    (folder / "fig-other.csv").unlink()
    said = drawn.run("figures", "--check").output
    assert "fig-line.svg: is not committed, and notebooks/one.ipynb draws it" in said
    assert "fig-gone.svg: is committed, but no chapter draws it" in said
    assert "fig-other.csv: is missing beside the other files of its figure" in said
    assert "3 findings" in said
    assert not picture(drawn).parent.exists()


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("svg", (b"</svg>", b"<!-- by hand --></svg>"), "both look the same"),
        ("svg", (b"<svg", b"<sgv"), "the committed file is no SVG that can be drawn"),
        ("svg", (b'viewBox="0 0 72 36"', b'viewBox="0 0 72 54"'), "% of the picture"),
        ("csv", (b"x\n", b"y\n"), "column “y” is gone; column “x” is new"),
        ("csv", (b"1\n", b""), "row 2 is new"),
        ("csv", (b"1\n", b"1\n" + b"7\n" * 9), "row 6 is gone; row 7 is gone; and 4 more"),
        ("csv", (b"1\n", b"1\r\n"), "line ends or quotation marks, but no cell"),
        ("csv", (b"x\n1\n", b"\xff"), "is gone; column “x” is new"),
        ("json", (b"people", b"cats"), "unit"),
        ("json", (b'"id"', b' "id"'), "order or spacing, but no field"),
        ("json", (b"{", b""), "no provenance that can be read"),
        ("json", (b'"csv": "', b'"csv": "0'), "sha256"),
    ],
)
def test_any_byte_that_differs_is_told_in_words(
    drawn: TinyBook, name: str, change: tuple[bytes, bytes], words: str
) -> None:
    file = drawn.root / "figures" / f"fig-line.{name}"
    data = file.read_bytes()
    assert change[0] in data
    file.write_bytes(data.replace(*change))
    result = drawn.run("figures", "--check", "fig-line")
    assert result.exit_code == 1, result.output
    assert f"figures/fig-line.{name}: differs" in result.output
    assert words in result.output
    assert "1 finding." in result.output
