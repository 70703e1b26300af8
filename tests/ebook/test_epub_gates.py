"""The gates: what the checkers of the trade find in the EPUB, and that they would find a fault.

The package claims EPUB Accessibility 1.1 and WCAG 2.2 AA: these tests are what the claim stands on.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

from tests.conftest import ROOT
from tests.ebook.tiny_book import Made
from tests.epubs import Check

AXE = ROOT / "tests" / "web" / "node_modules" / "axe-core" / "axe.min.js"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

RUN_AXE = """rules => axe.run(document, { resultTypes: ["violations"], runOnly: rules }).then(
  result => result.violations.flatMap(fault => fault.nodes.map(node =>
    `${fault.id}: ${node.target.join(" ")} ${(node.any[0] ?? fault).message ?? fault.help}`)))"""

TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !e.closest(".table-scroll, math"))
  .map(e => `${e.tagName}.${e.className} ${(e.textContent ?? "").trim().slice(0, 40)}`)"""

NIGHT = "html { background: #111; color: #ddd }"
LARGE = "html { font-size: 200% } * { font-family: 'DejaVu Sans', Verdana, sans-serif !important }"


@pytest.fixture(scope="session")
def book(site: Path) -> Path:
    """The EPUB of the real book."""
    (file,) = site.glob("*.epub")
    return file


@pytest.fixture(scope="session")
def shelf(book: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The content documents of the real book, as a reader unpacks them."""
    folder = tmp_path_factory.mktemp("shelf")
    with zipfile.ZipFile(book) as archive:
        archive.extractall(folder)
    return sorted(folder.rglob("*.xhtml"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    assert AXE.is_file(), "axe is missing: `make test` installs it."
    context.add_init_script(path=AXE)
    yield context.new_page()
    context.close()


def violations(report: Any) -> list[str]:
    """What Ace says is wrong: document, rule, element."""
    return [
        f"{found['earl:testSubject']['url']}: {fault['earl:test']['dct:title']}:"
        f" {fault['earl:result'].get('html', '')}"
        for found in report["assertions"]
        for fault in found["assertions"]
    ]


def test_epubcheck_finds_nothing(made: Made, check_epub: Check) -> None:
    assert check_epub(made.epub) == []


def test_epubcheck_finds_nothing_in_the_real_book(book: Path, check_epub: Check) -> None:
    assert check_epub(book) == []


def test_real_book_is_light(book: Path) -> None:
    assert book.stat().st_size <= 8_000_000
    with zipfile.ZipFile(book) as archive:
        texts = {i.filename: i.file_size for i in archive.infolist() if "/text/" in i.filename}
    # What a reader lays out before it shows the first screen of a chapter.
    assert {name: size for name, size in texts.items() if size > 320_000} == {}


@pytest.mark.parametrize("edition", ["made", "book"])
def test_ace_finds_nothing(
    edition: str, run_ace: Callable[[Path], Any], request: pytest.FixtureRequest
) -> None:
    given = request.getfixturevalue(edition)
    report = run_ace(given if isinstance(given, Path) else given.epub)
    assert violations(report) == []
    assert report["earl:result"]["earl:outcome"] == "pass"
    if edition == "book":
        # Nobody but the project itself has certified the book: there is no paper to show.
        missing = set(report["a11y-metadata"]["missing"])
        assert missing == {"a11y:certifierCredential", "a11y:certifierReport"}


def test_axe_finds_nothing_on_any_page(page: Page, shelf: list[Path]) -> None:
    assert len(shelf) > 45
    found: list[str] = []
    for file in shelf:
        page.goto(file.as_uri())
        faults: list[str] = page.evaluate(RUN_AXE, RULES)
        found += [f"{file.name}: {fault}" for fault in faults]
    assert found == []


@pytest.mark.parametrize("css", [NIGHT, LARGE], ids=["night", "large"])
def test_pages_bear_what_readers_set(page: Page, shelf: list[Path], css: str) -> None:
    """Night mode, or a face of the reader's own at twice the size: all is legible and inside."""
    for file in shelf:
        page.goto(file.as_uri())
        page.add_style_tag(content=css)
        faults: list[str] = page.evaluate(RUN_AXE, ["cat.color"])
        assert (file.name, faults, page.evaluate(TOO_WIDE)) == (file.name, [], [])


def test_pictures_keep_their_light_ground_at_night(page: Page, shelf: list[Path]) -> None:
    (file,) = (file for file in shelf if file.name.endswith("-sec-camps.xhtml"))
    page.goto(file.as_uri())
    page.add_style_tag(content=NIGHT)
    grounds = page.evaluate(
        "() => [...document.images].map(i => getComputedStyle(i).backgroundColor)"
    )
    assert set(grounds) == {"rgb(251, 251, 248)"}


def test_every_figure_of_the_real_book_has_its_data(shelf: list[Path]) -> None:
    trees = {file.name: etree.parse(file).getroot() for file in shelf}
    ids = {name: {e.get("id") for e in tree.iter()} for name, tree in trees.items()}
    figures = [f for tree in trees.values() for f in tree.iterfind(".//{*}figure[@class='figure']")]
    assert len(figures) == 64
    for figure in figures:
        file, _, name = figure.find("{*}p/{*}a").get("href").partition("#")
        assert name in ids[file]


def doctored(made: Made, target: Path, *changes: tuple[str, str, str]) -> Path:
    """The tiny book's EPUB with texts of its files replaced: file, what is there, what will be."""
    with zipfile.ZipFile(made.epub) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.infolist():
            data = source.read(entry)
            for name, old, new in changes:
                if entry.filename.endswith(name):
                    text = data.decode()
                    assert old in text
                    data = text.replace(old, new, 1).encode()
            copy.writestr(entry, data)
    return target


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("-sec-bridges.xhtml", 'href="03-sec-rivers.xhtml#', 'href="03-gone.xhtml#', "RSC-007"),
        ("-sec-rivers.xhtml", 'href="#fn-1"', 'href="#fn-9"', "RSC-012"),
        ("nav.xhtml", "#sec-bridges-notes", "#sec-nowhere", "RSC-012"),
        ("package.opf", 'href="cover.png"', 'href="gone.png"', "RSC-001"),
        ("package.opf", 'media-type="image/svg+xml"', 'media-type="image/png"', "OPF-029"),
        ("package.opf", 'property="dcterms:modified"', 'property="dcterms:made"', "RSC-005"),
    ],
)
def test_epubcheck_finds_what_is_broken(
    made: Made, check_epub: Check, tmp_path: Path, name: str, old: str, new: str, code: str
) -> None:
    faults = check_epub(doctored(made, tmp_path / "doctored.epub", (name, old, new)))
    assert [fault for fault in faults if code in fault], faults


def test_ace_finds_what_is_broken(
    made: Made, run_ace: Callable[[Path], Any], tmp_path: Path
) -> None:
    changes = {
        "image-alt": ("-sec-bridges.xhtml", ' alt="Two piers and a deck."', ""),
        "epub-type-has-matching-role": ("-sec-rivers.xhtml", 'role="doc-notice"', 'role="note"'),
        "metadata-accessibilityhazard": (
            "package.opf",
            "schema:accessibilityHazard",
            "schema:hazard",
        ),
    }
    found = violations(run_ace(doctored(made, tmp_path / "doctored.epub", *changes.values())))
    missed = {rule for rule in changes if not any(rule in fault for fault in found)}
    assert missed == set(), found
