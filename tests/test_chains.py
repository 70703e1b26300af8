"""From every number, quotation and figure a reader gets to its source, on the site and in the EPUB.

No way ends before it: each link of the chain is followed in the built editions of the real book.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.etree
import lxml.html
import pytest

FIGURES = 64
NUMBERS = 1000
QUOTATIONS = 20
ON_PAPER = {"KIRKPATRICK_2012", "MAHR_2002", "derived"}
"""A book and a working paper without an address, and arithmetic of ours, whose row says how."""


@dataclass(frozen=True)
class Place:
    """An element of a page, and the address of the page in its edition."""

    page: str
    element: Any

    def links(self) -> list[str]:
        """The addresses it links to: pages of the edition with a fragment, or whole ones."""
        return [self._whole(a.get("href")) for a in self.element.iter("a") if a.get("href")]

    def _whole(self, href: str) -> str:
        parts = urlsplit(href)
        if parts.scheme:
            return href
        folder = posixpath.dirname(self.page)
        path = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
        return f"{path if parts.path else self.page}#{unquote(parts.fragment)}"

    def text(self) -> str:
        return " ".join(self.element.itertext())


class Edition:
    """The pages of a built edition."""

    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages = pages

    @cached_property
    def places(self) -> dict[str, Place]:
        """Everything that has an id, by the address that leads to it."""
        return {
            f"{page}#{element.get('id')}": Place(page, element)
            for page, tree in self.pages.items()
            for element in tree.iter()
            if element.get("id")
        }

    def find(self, path: str) -> Iterator[Place]:
        for page, tree in self.pages.items():
            for element in tree.xpath(path):
                yield Place(page, element)

    def row(self, address: str) -> Place:
        """The row of evidence that an address leads to: what holds it, where it is a heading."""
        assert address in self.places, f"{address} leads nowhere"
        place = self.places[address]
        if place.element.tag in {"h2", "h3", "h4"}:
            return Place(place.page, place.element.getparent())
        return place


@pytest.fixture(scope="module", params=["site", "epub"])
def edition(request: pytest.FixtureRequest, site: Path) -> Edition:
    if request.param == "site":
        files = sorted(file for file in site.rglob("*.html"))
        return Edition(
            {f.relative_to(site).as_posix(): lxml.html.parse(str(f)).getroot() for f in files}
        )
    (book,) = site.glob("*.epub")
    pages = {}
    with zipfile.ZipFile(book) as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml"):
                tree = lxml.etree.fromstring(archive.read(name))
                for element in tree.iter(lxml.etree.Element):
                    element.tag = lxml.etree.QName(element).localname
                pages[name] = tree
    return Edition(pages)


def sources_of(edition: Edition, row: Place) -> list[Place]:
    return [edition.places[a] for a in row.links() if a.partition("#")[2].startswith("src-")]


def assert_leads_outside(source: Place) -> None:
    """A source has an address, says through what it was read, or is a document on paper."""
    outside = any(link.startswith(("http://", "https://")) for link in source.links())
    key = source.element.get("id").removeprefix("src-")
    assert outside or "Read through" in source.text() or key in ON_PAPER, source


def test_every_number_leads_to_a_source(edition: Edition) -> None:
    numbers = list(edition.find("//a[contains(concat(' ', @class, ' '), ' stat ')]"))
    assert len(numbers) >= NUMBERS
    # Many a number stands in several places; all of them lead to one row.
    sources: dict[str, Place] = {}
    for (address,) in {tuple(number.links()) for number in numbers}:
        found = sources_of(edition, edition.row(address))
        assert found, f"{address}: no source"
        sources |= {source.element.get("id"): source for source in found}
    for source in sources.values():
        assert_leads_outside(source)


def test_every_quotation_leads_to_a_source(edition: Edition) -> None:
    followed = set()
    for quotation in edition.find("//*[contains(concat(' ', @class, ' '), ' testimony ')]"):
        rows = [a for a in quotation.links() if a.partition("#")[2].startswith("testimony-")]
        assert rows, f"{quotation.page}: {quotation.text()[:60]}"
        row = edition.row(rows[0])
        assert sources_of(edition, row), f"{rows[0]}: no source"
        assert "Used in" in row.text()
        followed.add(rows[0])
    assert len(followed) == QUOTATIONS


def test_every_figure_leads_to_its_data_and_sources(edition: Edition) -> None:
    followed = set()
    for figure in edition.find("//figure[starts-with(@id, 'fig-')]"):
        id = figure.element.get("id")
        behind = [a for a in figure.links() if a.endswith((f"/{id}.html#", f"#data-of-{id}"))]
        assert behind, f"{id}: nothing leads to what is behind it"
        page, _, fragment = behind[0].partition("#")
        if fragment:
            row = edition.row(behind[0])
            references = [a for a in row.links() if a.partition("#")[2].startswith("ref-")]
            assert references, f"{id}: its data name no source"
            assert all(a in edition.places for a in references)
        else:
            sheet = Place(page, edition.pages[page])
            assert sheet.element.xpath("//ul[@class='figure-sources']/li"), f"{id}: no source"
            assert sheet.element.xpath("//section[@id='code']//pre"), f"{id}: no code"
            assert any(link.endswith(f"/{id}.csv#") for link in sheet.links())
            made = " ".join(sheet.element.xpath("//section[@id='provenance']")[0].itertext())
            assert f"{id}.svg" in made
            assert ".ipynb" in made
        followed.add(id)
    assert len(followed) == FIGURES


def test_every_row_of_evidence_leads_on(edition: Edition) -> None:
    for kind in ("stat-", "testimony-", "event-"):
        rows = {a for a, p in edition.places.items() if a.partition("#")[2].startswith(kind)}
        assert rows
        for address in rows:
            row = edition.row(address)
            inside = [link for link in row.links() if not link.startswith("http")]
            assert inside, f"{address}: a dead end"
            assert not [a for a in inside if "#" in a and not _is_there(edition, a)]


def _is_there(edition: Edition, address: str) -> bool:
    page, _, fragment = address.partition("#")
    if not page.endswith((".html", ".xhtml")):
        return True
    return address in edition.places if fragment else page in edition.pages
