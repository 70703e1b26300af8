"""Sitemap, feed of changes and robots: by the rules of their formats, and the same every time."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from tests.books import TinyBook, markdown

URL = "https://example.org/books/tiny/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def change(tiny: TinyBook) -> None:
    """Change one chapter a month later."""
    file = tiny.root / "notebooks" / "one.ipynb"
    file.write_text(file.read_text() + "\n")
    tiny.commit("2026-02-03T04:05:06Z")


def ids(tiny: TinyBook) -> set[str]:
    feed = etree.fromstring(tiny.page("feed.xml").encode())
    return {found.text for found in feed.iter(f"{{{ATOM['a']}}}id")}


def published(tiny: TinyBook) -> TinyBook:
    tiny.config["book"]["site-url"] = URL
    tiny.chapter("one", markdown("# One & only\n\nFirst sentence, and \\<more>."))
    tiny.chapter("두 장", markdown("# 둘\n\nA sentence."))
    tiny.commit("2026-01-02T03:04:05Z")
    return tiny


def test_sitemap_names_every_page_and_its_last_change(tiny: TinyBook) -> None:
    change(published(tiny))
    assert tiny.build().exit_code == 0
    root = etree.fromstring(tiny.page("sitemap.xml").encode())
    assert etree.QName(root).text == f"{{{SITEMAP['s']}}}urlset"
    found = {
        url.findtext("s:loc", namespaces=SITEMAP): url.findtext("s:lastmod", namespaces=SITEMAP)
        for url in root.findall("s:url", SITEMAP)
    }
    assert found == {
        URL: "2026-01-02T03:04:05Z",
        URL + "notebooks/one.html": "2026-02-03T04:05:06Z",
        URL + "notebooks/%EB%91%90%20%EC%9E%A5.html": "2026-01-02T03:04:05Z",
    }


def test_feed_is_atom_and_tells_the_latest_change_first(tiny: TinyBook) -> None:
    change(published(tiny))
    assert tiny.build().exit_code == 0
    feed = etree.fromstring(tiny.page("feed.xml").encode())
    assert etree.QName(feed).text == f"{{{ATOM['a']}}}feed"
    # RFC 4287: feed and entry have one id, one title, one updated; the feed names an author.
    holders = [feed, *feed.findall("a:entry", ATOM)]
    for holder in holders:
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"a:{name}", ATOM)) == 1, name
        assert urlsplit(holder.findtext("a:id", "", ATOM)).scheme in {"https", "tag"}
        datetime.fromisoformat(holder.findtext("a:updated", "", ATOM))
    assert len(ids(tiny)) == len(holders)
    assert feed.findtext("a:author/a:name", "", ATOM) == "Ann Author"
    assert feed.find("a:link[@rel='self']", ATOM).get("href") == URL + "feed.xml"  # type: ignore[union-attr]
    updated = [holder.findtext("a:updated", "", ATOM) for holder in holders[1:]]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext("a:updated", "", ATOM) == updated[0] == "2026-02-03T04:05:06Z"
    assert holders[1].findtext("a:title", "", ATOM) == "Chapter 1: One & only"
    assert holders[1].findtext("a:summary", "", ATOM) == "First sentence, and <more>."
    assert (
        holders[1].findtext("a:id", "", ATOM)
        == "tag:example.org,2026-02-03:/books/tiny/notebooks/one.html"
    )


def test_change_of_a_chapter_is_a_new_entry(tiny: TinyBook) -> None:
    assert published(tiny).build().exit_code == 0
    before = ids(tiny)
    change(tiny)
    assert tiny.build().exit_code == 0
    after = ids(tiny)
    assert after - before == {"tag:example.org,2026-02-03:/books/tiny/notebooks/one.html"}


def test_feed_keeps_to_the_latest_changes(tiny: TinyBook) -> None:
    tiny.config["book"]["site-url"] = URL
    for number in range(25):
        tiny.write(f"notebooks/c{number:02}.md", f"# Chapter {number}\n\nText.\n")
        tiny.config["book"]["chapters"].append(f"notebooks/c{number:02}.md")
    assert tiny.build().exit_code == 0
    assert tiny.page("feed.xml").count("<entry>") == 20


def test_robots_may_read_everything(tiny: TinyBook) -> None:
    assert published(tiny).build().exit_code == 0
    lines = tiny.page("robots.txt").splitlines()
    assert "Allow: /" in lines
    assert f"Sitemap: {URL}sitemap.xml" in lines
    assert not any(line.startswith("Disallow") for line in lines)
