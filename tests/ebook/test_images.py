"""Pictures that an e-reader or a printed page cannot show are repaired or refused with a place."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from nkbook.errors import BookError
from nkbook.render.images import LONGEST, book_images
from nkbook.render.single import single_document
from tests.ebook.tiny_book import read_project, stage_media, write_project

BRIDGES = '# Bridges {{#sec-bridges}}\n\n![P]({file}){{#fig-plan fig-alt="Piers"}}\n'


def drawing(inside: str, opening: str = 'viewBox="0 0 60 30"') -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {opening}><path d="M0 0H60"/>{inside}</svg>'
    ).encode()


def photograph(width: int, height: int, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(out, form)
    return out.getvalue()


def images(root: Path, file: str, data: bytes) -> dict[str, bytes]:
    """The images of the tiny book when one of them is `file`."""
    write_project(root / "book", bridges=BRIDGES.format(file=file))
    (root / "book" / file).write_bytes(data)
    book = read_project(root / "book")
    stage_media(book, root / "staging")
    return book_images(book, single_document(book, "pdf"), root / "staging")


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "a script"),
        ('<rect onclick="alert(1)"/>', "a script"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>A</p></foreignObject>", "HTML"),
        ('<rect><animate attributeName="x" to="9"/></rect>', "movement"),
        ('<image href="https://example.org/a.png"/>', "another file"),
        ('<image href="photo.jpg"/>', "another file"),
        ("<style>@import url(far.css);</style>", "another file"),
        ('<rect style="fill: url(far.svg#a)"/>', "another file"),
    ],
)
def test_drawing_with_what_readers_cannot_show_is_refused(
    tmp_path: Path, inside: str, words: str
) -> None:
    with pytest.raises(BookError) as caught:
        images(tmp_path, "bridge.svg", drawing(inside))
    (finding,) = caught.value.findings
    code = "NB707" if words in {"HTML", "movement"} else "NB609"
    assert (finding.code, finding.place) == (code, "bridges.md")
    assert "“bridge.svg” has" in finding.message
    assert words in finding.message
    assert "Export the drawing again" in finding.hint


@pytest.mark.parametrize(
    "inside",
    [
        '<use href="#a"/><rect style="fill: url(#b)"/><rect fill="url(\'#b\')"/>',
        '<image href="data:image/png;base64,iVBORw0KGgo="/>',
        '<a href="https://example.org"><text>A link</text></a>',
    ],
)
def test_drawing_that_holds_all_it_needs_stays_as_it_is(tmp_path: Path, inside: str) -> None:
    data = drawing(inside)
    assert images(tmp_path, "bridge.svg", data)["bridge.svg"] == data


def test_drawing_without_a_view_box_gets_one_from_its_size(tmp_path: Path) -> None:
    data = drawing("", 'width="60pt" height="30.5"')
    ready = images(tmp_path, "bridge.svg", data)["bridge.svg"]
    assert etree.fromstring(ready).get("viewBox") == "0 0 60 30.5"


@pytest.mark.parametrize(("suffix", "form"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_picture_larger_than_a_page_can_show_is_made_smaller(
    tmp_path: Path, suffix: str, form: str
) -> None:
    ready = images(tmp_path, f"bridge.{suffix}", photograph(5200, 40, form))[f"bridge.{suffix}"]
    with Image.open(io.BytesIO(ready)) as image:
        assert (image.format, image.width) == (form, LONGEST)


def test_picture_that_fits_stays_as_it_is(tmp_path: Path) -> None:
    data = photograph(LONGEST, 20)
    assert images(tmp_path, "bridge.png", data)["bridge.png"] == data


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("bridge.svg", b"<svg><unclosed></svg>"),
        ("bridge.png", b"\x89PNG\r\n\x1a\nand then nothing"),
        ("bridge.jpg", photograph(60, 60)[:80]),
        ("bridge.png", photograph(20000, 10000)),
    ],
)
def test_picture_that_cannot_be_read_is_named(tmp_path: Path, file: str, data: bytes) -> None:
    with pytest.raises(BookError) as caught:
        images(tmp_path, file, data)
    (finding,) = caught.value.findings
    code = "NB609" if file.endswith(".svg") else "NB707"
    assert (finding.code, finding.place) == (code, "bridges.md")
    assert file in finding.message


def test_picture_of_a_form_that_readers_do_not_know_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        images(tmp_path, "bridge.tiff", photograph(60, 60, "TIFF"))
    assert [finding.code for finding in caught.value.findings] == ["NB702"]
