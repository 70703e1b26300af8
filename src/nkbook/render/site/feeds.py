"""What tells machines where the pages are, and readers which chapters have changed.

Sitemap (https://www.sitemaps.org/protocol.html) and Atom (RFC 4287) hold absolute addresses, so
they are made only where `book.site-url` says where the site is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from lxml import etree

from nkbook.render.project import Project

FEED = "feed.xml"
"""The feed of changes."""

RECENT = 20
"""How many changes the feed tells."""

UNLISTED = frozenset({"404.html", "offline.html"})
"""Pages that stand in for others: no search should lead to them."""

_ATOM: Any = {None: "http://www.w3.org/2005/Atom"}
_SITEMAP: Any = {None: "http://www.sitemaps.org/schemas/sitemap/0.9"}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def robots(site_url: str) -> str:
    """Everybody may read everything."""
    found = f"\nSitemap: {site_url}sitemap.xml\n" if site_url else ""
    return f"User-agent: *\nAllow: /\n{found}"


def sitemap(site_url: str, pages: Iterable[str], changes: Mapping[str, datetime]) -> str:
    """The pages of the site, each with the time of its last change where that is known."""
    root = etree.Element("urlset", nsmap=_SITEMAP)
    for page in pages:
        if page in UNLISTED:
            continue
        entry = etree.SubElement(root, "url")
        etree.SubElement(entry, "loc").text = site_url + quote(_directory(page))
        if page in changes:
            etree.SubElement(entry, "lastmod").text = _moment(changes[page])
    return _document(root)


def changes_feed(project: Project, pages: Sequence[Mapping[str, Any]]) -> str:
    """The last changes to chapters, latest first. A chapter changed again is a new entry.

    `pages` are the chapters' contexts, with `changed_at`, the time of their last change.
    """
    order = {page["href"]: number for number, page in enumerate(pages)}
    latest = sorted(pages, key=lambda page: (-page["changed_at"].timestamp(), order[page["href"]]))
    feed = etree.Element("feed", {_LANG: project.lang}, nsmap=_ATOM)
    _add(feed, "id", project.site_url)
    _add(feed, "title", project.title)
    if project.description:
        _add(feed, "subtitle", project.description)
    _add(feed, "updated", _moment(latest[0]["changed_at"]))
    etree.SubElement(feed, "link", rel="self", href=project.site_url + FEED)
    etree.SubElement(feed, "link", rel="alternate", type="text/html", href=project.site_url)
    # Atom demands an author; a book without one has its title's.
    for name in project.authors or (project.title,):
        _add(etree.SubElement(feed, "author"), "name", name)
    if project.licence:
        _add(feed, "rights", project.licence)
    for page in latest[:RECENT]:
        _entry(feed, project, page)
    return _document(feed)


def _entry(feed: Any, project: Project, page: Mapping[str, Any]) -> None:
    address = project.site_url + quote(_directory(page["href"]))
    changed = page["changed_at"]
    entry = etree.SubElement(feed, "entry")
    label = f"{page['label']}: " if page["label"] else ""
    _add(entry, "id", _tag(address, changed))
    _add(entry, "title", f"{label}{page['title']}")
    _add(entry, "updated", _moment(changed))
    etree.SubElement(entry, "link", rel="alternate", type="text/html", href=address)
    home = page["kind"] == "home" and project.description
    if summary := project.description if home else page["description"]:
        _add(entry, "summary", summary)


def _add(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _tag(address: str, changed: datetime) -> str:
    """An id for the change of a page on a day, whatever address the page has later (RFC 4151)."""
    parts = urlsplit(address)
    return f"tag:{parts.hostname},{_day(changed)}:{parts.path}"


def _directory(page: str) -> str:
    """The page's address: a site's first page is its folder."""
    return "" if page == "index.html" else page


def _moment(date: datetime) -> str:
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(date: datetime) -> str:
    return date.astimezone(UTC).date().isoformat()


def _document(root: Any) -> str:
    etree.indent(root)
    text: str = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
