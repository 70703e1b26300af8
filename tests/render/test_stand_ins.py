"""The page for an address that does not exist, wherever the site lives."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from lxml import html

from nkbook.render.serve import start_server
from tests.books import TinyBook, markdown


@pytest.mark.parametrize(
    ("site_url", "root"),
    [("", "/"), ("https://example.org", "/"), ("https://example.org/books/tiny/", "/books/tiny/")],
)
def test_missing_page_leads_back_from_any_depth(tiny: TinyBook, site_url: str, root: str) -> None:
    tiny.chapter("one", markdown("# One\n\nText."))
    tiny.write("mark.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"/>')
    tiny.config["book"] |= {"site-url": site_url, "favicon": "mark.svg"}
    assert tiny.build().exit_code == 0
    page = html.fromstring(tiny.page("404.html"))
    addresses = page.xpath("//@href | //@src")
    site = tiny.root / "_site"
    for address in addresses:
        assert address.startswith((root, "#")), address
        path = address.removeprefix(root).partition("#")[0]
        assert address.startswith("#") or (site / (path or "index.html")).is_file(), address
    assert "not in the book" in page.xpath("string(//h1)")
    assert f"{root}index.html#contents" in addresses
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not page.xpath("//link[@rel='canonical'] | //script[@type='application/ld+json']")
    if site_url:
        assert "404.html" not in tiny.page("sitemap.xml")
        assert "offline.html" not in tiny.page("sitemap.xml")


def test_offline_page_stands_at_the_root(tiny: TinyBook) -> None:
    assert tiny.build().exit_code == 0
    page = html.fromstring(tiny.page("offline.html"))
    assert set(page.xpath("//main//@href")) == {
        "index.html",
        "index.html#contents",
    }


def test_server_of_the_author_shows_the_page_as_hosts_do(tiny: TinyBook) -> None:
    assert tiny.build().exit_code == 0
    server = start_server(tiny.root / "_site", 0)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server.address}no/such/page.html")
    server.close()
    with caught.value as answer:
        assert answer.code == 404
        assert answer.headers["Content-Type"].startswith("text/html")
        assert b"This page is not in the book" in answer.read()
