"""What a page says of itself to those who list, share or cite it: Open Graph and JSON-LD.

Where the site is published (`book.site-url`) these are absolute addresses, as their readers demand.
Without it a page has no canonical address and no card, and its data name other pages relatively.
The vocabulary is https://schema.org; testimony is named there with its speaker, and never quoted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.licence import licence_url
from nkbook.render.project import Project
from nkbook.render.site.addresses import relative
from nkbook.render.site.cards import SIZE

Context = Mapping[str, Any]
Thing = dict[str, Any]

DATA_PACKAGE = "datapackage.json"
"""The file that describes data in the manner of Frictionless (https://datapackage.org)."""

_EDITIONS = {"epub": "application/epub+zip", "pdf": "application/pdf"}


@dataclass(frozen=True)
class Image:
    """The picture of a page's card."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Metadata:
    """What the head of a page says of it."""

    title: str
    description: str
    type: str
    locale: str
    canonical: str
    """The page's absolute address; empty where the site is not published."""
    image: Image | None
    data: Markup
    """JSON-LD, ready for a `script` element."""


def card_path(href: str) -> str:
    """Where the card of the page at `href` is."""
    return f"assets/cards/{PurePosixPath(href).with_suffix('.png')}"


def quotations(blocks: Sequence[Node]) -> list[dict[str, str]]:
    """The quotations that can be cited, with `id` and `speaker`: divisions with an id and a quote.

    The speaker is what stands first in bold type, or the link of a `.testimony-speaker`.
    """
    found = []
    for node in ast.nodes(list(blocks), "Div"):
        (identifier, _, _), body = node["c"]
        if identifier and any(child["t"] == "BlockQuote" for child in body):
            said = [
                span for span in ast.nodes(body, "Span") if "testimony-speaker" in span["c"][0][1]
            ]
            names = ast.nodes(said, "Link") if said else ast.nodes(body, "Strong")
            found.append({"id": identifier, "speaker": ast.stringify([next(names, ast.plain([]))])})
    return found


class Describer:
    """Describes the pages of one site, those of chapters and any other.

    A page is the context of its template: `kind`, `title`, `href` and `description`. It may also
    have `image` (the path of a PNG that stands for it, in place of a card), `image_alt`, `data`
    (the path of its CSV), `minutes`, `changed_iso` and `quotations`.
    """

    def __init__(self, project: Project, staging: Path, pages: Sequence[Context]) -> None:
        self.project = project
        self.staging = staging
        self.pages = pages
        self.licence = licence_url(project.licence)
        self.home = next(str(page["href"]) for page in pages if page["kind"] == "home")
        others = (str(page["href"]) for page in pages if page["kind"] != "home")
        self.positions = {href: position for position, href in enumerate(others, 1)}

    def __call__(self, book: Context, page: Context) -> Metadata:
        """What the head of a page says; `book` and `page` are the contexts of its template."""
        home = page["kind"] == "home"
        title = str(self.project.title if home else page["title"])
        own = "" if home and self.project.description else page.get("description")
        return Metadata(
            title=title,
            description=str(own or self.project.description),
            type="website" if home else "article",
            locale=self.project.lang.replace("-", "_"),
            canonical=self._absolute(str(page["href"])) if self.project.site_url else "",
            image=self._image(page, title),
            data=script_json({"@context": "https://schema.org", "@graph": self._graph(book, page)}),
        )

    def _absolute(self, path: str) -> str:
        return self.project.site_url + quote("" if path == self.home else path)

    def _address(self, path: str, here: str, fragment: str = "") -> str:
        """An address for the data of the page `here`: absolute where the site is published."""
        if not self.project.site_url:
            return relative(path, here, fragment)
        return self._absolute(path) + (f"#{fragment}" if fragment else "")

    def _image(self, page: Context, title: str) -> Image | None:
        if not self.project.site_url:
            return None
        if path := page.get("image"):
            header = (self.staging / path).read_bytes()[16:24]
            width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
            return Image(self._absolute(path), width, height, str(page.get("image_alt", title)))
        known = page["href"] == self.home or page["href"] in self.positions
        path = card_path(str(page["href"]) if known else self.home)
        book = self.project.title
        alt = title if title == book else f"{title}. {book}"
        return Image(self._absolute(path), *SIZE, alt if known else book)

    def _graph(self, book: Context, page: Context) -> list[Thing]:
        here = str(page["href"])
        makers = {"home": self._book, "chapter": self._chapter, "appendix": self._chapter}
        things = makers.get(page["kind"], self._page)(book, page, here)
        if page["kind"] != "home":
            things.append(
                {
                    "@type": "BreadcrumbList",
                    "itemListElement": [
                        self._crumb(1, self.project.title, self.home, here),
                        self._crumb(2, page["title"], here, here),
                    ],
                }
            )
        return [_filled(thing) for thing in things]

    def _crumb(self, position: int, name: str, path: str, here: str) -> Thing:
        item = self._address(path, here)
        return {"@type": "ListItem", "position": position, "name": name, "item": item}

    def _shared(self, page: Context, here: str) -> Thing:
        """What is said of every work alike."""
        image = self._image(page, str(page["title"]))
        return {
            "author": [{"name": name} for name in self.project.authors],
            "dateModified": page.get("changed_iso", ""),
            "description": page.get("description", ""),
            "image": image.url if image else "",
            "inLanguage": self.project.lang,
            "isAccessibleForFree": True,
            "license": self.licence,
            "url": self._address(here, here),
        }

    def _whole(self, here: str) -> Thing:
        """The book, as its parts name it."""
        address = self._address(self.home, here, "book")
        return {"@type": "Book", "@id": address, "name": self.project.title}

    def _book(self, book: Context, page: Context, here: str) -> list[Thing]:
        chapters = [other for other in self.pages if other["kind"] != "home"]
        title = self.project.title
        whole = {
            **self._whole(here),
            **self._shared(page, here),
            "alternativeHeadline": self.project.subtitle,
            "bookFormat": "https://schema.org/EBook",
            "dateModified": max((other["changed_iso"] for other in self.pages), default=""),
            "description": self.project.description,
            "hasPart": [
                {
                    "@type": "Chapter",
                    "@id": self._address(other["href"], here, "chapter"),
                    "name": other["title"],
                    "position": position,
                    "url": self._address(other["href"], here),
                }
                for position, other in enumerate(chapters, 1)
            ],
            "workExample": [
                {
                    "@type": "Book",
                    "name": f"{title} ({item['label']})",
                    "bookFormat": "https://schema.org/EBook",
                    "encodingFormat": _EDITIONS[item["format"]],
                    "url": self._address(item["href"], here),
                }
                for item in book["downloads"]
                if item["format"] in _EDITIONS
            ],
        }
        site = {
            "@type": "WebSite",
            "@id": self._address(self.home, here, "site"),
            "name": title,
            "inLanguage": self.project.lang,
            "url": self._address(here, here),
        }
        return [site, whole, *(self._dataset(path, here) for path in self._packages)]

    def _chapter(self, _book: Context, page: Context, here: str) -> list[Thing]:
        chapter = {
            "@type": "Chapter",
            "@id": self._address(here, here, "chapter"),
            "name": page["title"],
            **self._shared(page, here),
            "isPartOf": self._whole(here),
            "position": self.positions[here],
            "timeRequired": f"PT{page['minutes']}M" if page.get("minutes") else "",
        }
        return [chapter, *(self._quotation(item, here) for item in page.get("quotations", ()))]

    def _quotation(self, item: Mapping[str, str], here: str) -> Thing:
        """Who is quoted and where. The words stay on the page, under their content note."""
        address = self._address(here, here, quote(item["id"]))
        return {
            "@type": "Quotation",
            "@id": address,
            "isPartOf": {"@id": self._address(here, here, "chapter")},
            "spokenByCharacter": {"name": item["speaker"]} if item["speaker"] else "",
            "url": address,
        }

    def _page(self, _book: Context, page: Context, here: str) -> list[Thing]:
        shared = {**self._shared(page, here), "isPartOf": self._whole(here), "name": page["title"]}
        if page["kind"] != "figure":
            return [{"@type": "WebPage", "@id": self._address(here, here, "page"), **shared}]
        picture = self._address(str(page["image"]), here)
        things: list[Thing] = [
            {
                "@type": "ImageObject",
                "@id": self._address(here, here, "picture"),
                **shared,
                "caption": page.get("description", ""),
                "contentUrl": picture,
                "encodingFormat": "image/png",
            }
        ]
        if table := page.get("data"):
            things.append(
                {
                    "@type": "Dataset",
                    "@id": self._address(here, here, "data"),
                    **shared,
                    "distribution": [self._distribution(str(table), "text/csv", here)],
                    "image": picture,
                }
            )
        return things

    @cached_property
    def _packages(self) -> list[str]:
        """The data packages that the site ships."""
        files = sorted(self.staging.rglob(DATA_PACKAGE))
        return [file.relative_to(self.staging).as_posix() for file in files]

    def _dataset(self, path: str, here: str) -> Thing:
        """A data package as a dataset; what it does not say is left out."""
        package = _read_json(self.staging / path)
        folder = PurePosixPath(path).parent
        files = [
            self._distribution(str(folder / name), str(resource.get("mediatype", "")), here)
            for resource in _dicts(package.get("resources"))
            for name in _names(resource.get("path"))
            if (self.staging / folder / name).is_file()
        ]
        licences = [str(item.get("path", "")) for item in _dicts(package.get("licenses"))]
        return {
            "@type": "Dataset",
            "@id": self._address(path, here),
            "name": package.get("title") or package.get("name") or self.project.title,
            "creator": [
                {"name": item["title"]}
                for item in _dicts(package.get("contributors"))
                if item.get("title")
            ],
            "description": package.get("description") or self.project.description,
            "distribution": files,
            "inLanguage": self.project.lang,
            "isAccessibleForFree": True,
            "isPartOf": self._whole(here),
            "keywords": package.get("keywords"),
            "license": next(filter(None, licences), self.licence),
            "url": self._address(path, here),
            "version": package.get("version"),
        }

    def _distribution(self, path: str, media_type: str, here: str) -> Thing:
        return _filled(
            {
                "@type": "DataDownload",
                "contentUrl": self._address(path, here),
                "encodingFormat": media_type,
                "name": PurePosixPath(path).name,
            }
        )


def script_json(value: Any) -> Markup:
    """JSON that no title can turn into markup, whatever it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _filled(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if value not in ("", None, [])}


def _read_json(file: Path) -> Thing:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _dicts(value: Any) -> list[Thing]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return [
        item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)
    ]
