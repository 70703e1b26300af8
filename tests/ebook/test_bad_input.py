"""What authors may do to an ebook or a printed book: it is repaired, or refused with a place."""

from __future__ import annotations

import io
import os
import re
import signal
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pikepdf
import pytest
from lxml import etree
from PIL import Image

from nkbook.errors import BookError
from nkbook.render.pdf import write_pdf
from nkbook.render.pdf_press import Press
from tests.ebook.pages import read_pages
from tests.ebook.test_pdf import page_texts, tags
from tests.ebook.tiny_book import DATE, Made, make, read_project, stage_media, write_project

Check = Callable[[Path], list[str]]

TITLE = "# *Bridges* of 한강 & `code` \\<the\\> 2^nd^ {#sec-bridges}"
PLAN = '![P](plan.svg){#fig-plan fig-alt="Piers"}'


def rows(count: int) -> str:
    words = "a bridge with a name that takes more than one line of a narrow column of the page"
    lines = [f"| B{number:02} | {number} | {words} |" for number in range(1, count + 1)]
    return "\n".join(["| Name | Length | Note |", "|---|--:|---|", *lines])


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tiny book with a table of forty rows, and a title with markup and Hangul."""
    text = f"{TITLE}\n\n{rows(40)}\n\n: Forty bridges {{#tbl-forty}}\n\n{PLAN}\n"
    return make(tmp_path_factory.mktemp("forty"), bridges=text)


def test_long_table_breaks_between_rows_and_repeats_its_head(forty: Made) -> None:
    pages = [text for text in page_texts(forty.pdf) if re.search(r"\bB\d\d\b", text)]
    assert len(pages) > 1
    assert [name for text in pages for name in re.findall(r"\bB\d\d\b", text)] == [
        f"B{number:02}" for number in range(1, 41)
    ]
    assert all("Name Length Note" in text for text in pages)
    with pikepdf.open(forty.pdf) as pdf:
        kinds = [str(element.S) for element in tags(pdf.Root.StructTreeRoot)]
    # A head that is printed twice is read once.
    assert kinds.count("/Table") == 2
    assert max(text.top for page in read_pages(forty.pdf) for text in page.texts) < 240


def test_title_with_markup_and_hangul_reads_alike_everywhere(
    forty: Made, check_epub: Check
) -> None:
    words = "Bridges of 한강 & code <the> 2nd"
    with pikepdf.open(forty.pdf) as pdf, pdf.open_outline() as outline:
        titles = [item.title for root in outline.root for item in [root, *root.children]]
    assert f"2 {words}" in titles
    with zipfile.ZipFile(forty.epub) as archive:
        contents = etree.fromstring(archive.read("EPUB/nav.xhtml"))
    entries = ["".join(link.itertext()) for link in contents.iter("{*}a")]
    assert f"2 {words}" in [" ".join(entry.split()) for entry in entries]
    assert check_epub(forty.epub) == []


def test_large_picture_is_made_smaller_in_both_editions(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((5200, 3000)).save(out, "PNG")
    text = '# Bridges {#sec-bridges}\n\n![P](photo.png){#fig-plan fig-alt="Piers"}\n'
    write_project(tmp_path / "book", bridges=text)
    (tmp_path / "book" / "photo.png").write_bytes(out.getvalue())
    made = make(tmp_path, bridges=text)
    with zipfile.ZipFile(made.epub) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("photo.png"))
        with Image.open(io.BytesIO(archive.read(name))) as image:
            assert image.size == (3200, 1846)
    with pikepdf.open(made.pdf) as pdf:
        widths = [
            int(item.Width)
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]
    assert max(widths) == 3200


def test_drawing_that_print_cannot_show_stops_the_pdf_too(tmp_path: Path) -> None:
    text = '# Bridges {#sec-bridges}\n\n![P](film.svg){#fig-plan fig-alt="Piers"}\n'
    write_project(tmp_path / "book", bridges=text)
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>'
    (tmp_path / "book" / "film.svg").write_text(drawing, encoding="utf-8")
    book = read_project(tmp_path / "book")
    stage_media(book, tmp_path / "staging")
    with pytest.raises(BookError) as caught:
        write_pdf(book, tmp_path / "staging", tmp_path / "book.pdf", DATE)
    assert [(f.code, f.place) for f in caught.value.findings] == [("NB707", "bridges.md")]


def test_withdrawn_chapter_is_missed_where_it_is_named(tmp_path: Path) -> None:
    write_project(tmp_path / "book")
    config = tmp_path / "book" / "_quarto.yml"
    text = config.read_text(encoding="utf-8")
    assert "        - bridges.md\n" in text
    config.write_text(text.replace("        - bridges.md\n", ""), encoding="utf-8")
    with pytest.raises(BookError) as caught:
        read_project(tmp_path / "book")
    findings = {(f.code, f.place.split(",")[0]) for f in caught.value.findings}
    assert findings == {("NB602", "rivers.ipynb"), ("NB604", "rivers.ipynb")}


def setters() -> list[int]:
    """The processes of this one in which Typst sets."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"compositor" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_typst_that_is_killed_is_told_and_others_set_on(tmp_path: Path) -> None:
    endless = "#set document(title: [Long])\n#for n in range(1000000) [#n #lorem(200)\n\n]"
    short = '#set document(title: [Short])\n#set text(lang: "en")\nHello.'
    with Press(tmp_path, {}, DATE) as press, ThreadPoolExecutor() as pool:
        setting = pool.submit(press.set, "long", endless, [])
        while not (started := setters()):
            time.sleep(0.01)
        for process in started:
            os.kill(process, signal.SIGKILL)
        with pytest.raises(BookError) as caught:
            setting.result()
        assert press.set("short", short, []).startswith(b"%PDF")
    assert [f.code for f in caught.value.findings] == ["NB710"]
    assert setters() == []
    assert list(tmp_path.iterdir()) == []
