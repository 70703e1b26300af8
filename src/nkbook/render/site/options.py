"""What `book:` asks of the site: a footer of its own, and links to the repository of the book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nkbook.errors import Findings
from nkbook.paths import CONFIG
from nkbook.render import ast, pandoc
from nkbook.render.active import take_active
from nkbook.render.ast import Node
from nkbook.render.project import Project

_ROOT = "nk-root/"
"""Begins addresses inside the site, until it is known which page they stand on."""

_PLACES = ("left", "center", "right")


def footer_html(project: Project) -> str:
    """`book.page-footer` as HTML for `placed_footer`: a text, or texts and links by their places.

    Raises `BookError` where pandoc cannot read a text, or where it does more than show itself.
    """
    footer = _book(project).get("page-footer")
    if not footer:
        return ""
    places = footer if isinstance(footer, Mapping) else {"center": footer}
    pages = {entry.file: entry.href for entry in project.entries}
    blocks: list[Node] = []
    for place in _PLACES:
        if content := places.get(place):
            blocks.append(ast.div(ast.attr("", [f"footer-{place}"]), _content(content, pages)))
    return pandoc.write(blocks, ["--to", "html5", "--wrap", "none"], place="book.page-footer")


def placed_footer(footer: str, root: str) -> str:
    """The footer for a page from which `root` leads to the root of the site."""
    return footer.replace(_ROOT, root)


def _content(content: Any, pages: Mapping[str, str]) -> list[Node]:
    """Markdown, or a list of links as Quarto's navigation has them."""
    if not isinstance(content, list):
        blocks, findings = pandoc.parse(str(content), place="book.page-footer"), Findings()
        take_active(blocks, lambda _: f"{CONFIG}, book.page-footer", findings)
        findings.raise_any()
        found: list[Node] = ast.walk(blocks, lambda node: _pointed(node, pages))
        return found
    links = []
    for item in content:
        record = item if isinstance(item, Mapping) else {"text": str(item), "href": str(item)}
        href = str(record.get("href", ""))
        text = str(record.get("text") or record.get("aria-label") or href)
        links.append([ast.plain([ast.link(ast.inlines(text), _address(href, pages))])])
    return [{"t": "BulletList", "c": links}]


def _pointed(node: Node, pages: Mapping[str, str]) -> list[Node] | None:
    if node["t"] != "Link":
        return None
    attributes, content, (address, title) = node["c"]
    return [{"t": "Link", "c": [attributes, content, [_address(address, pages), title]]}]


def _address(href: str, pages: Mapping[str, str]) -> str:
    path = href.lstrip("/")
    return _ROOT + quote(pages[path]) if path in pages else href


def page_actions(project: Project, file: str) -> list[Mapping[str, str]]:
    """Links from a chapter's page to its source, as `book.repo-actions` asks for them."""
    book = _book(project)
    repository = str(book.get("repo-url") or "").rstrip("/")
    actions = book.get("repo-actions") or []
    branch = str(book.get("repo-branch", "main"))
    path = "/".join(filter(None, (str(book.get("repo-subdir") or "").strip("/"), file)))
    # As in Quarto: no host edits a notebook as text, but GitHub has an editor for them.
    editor = f"{repository}/edit/{branch}"
    if file.endswith(".ipynb"):
        on_github = repository.startswith("https://github.com/")
        place = repository.replace("github.com", "github.dev", 1)
        editor = f"{place}/blob/{branch}" if on_github else ""
    known = {
        "edit": ("Edit this page", repository and editor and f"{editor}/{quote(path)}"),
        "source": ("View source", repository and f"{repository}/blob/{branch}/{quote(path)}"),
        "issue": (
            "Report an issue",
            str(book.get("issue-url") or "") or (repository and f"{repository}/issues/new"),
        ),
    }
    wanted = actions if isinstance(actions, list) else [actions]
    return [
        {"label": project.language.word(label), "href": href}
        for name in wanted
        for label, href in [known.get(name, ("", ""))]
        if href
    ]


def _book(project: Project) -> Mapping[str, Any]:
    found: Mapping[str, Any] = project.metadata["book"]
    return found
