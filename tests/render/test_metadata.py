"""What pages say of themselves: to search engines, to those who share them, to those who cite."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import html
from PIL import Image

from nkbook.render.licence import licence_url
from nkbook.render.site.manifest import short_name
from tests.books import TinyBook, markdown

URL = "https://example.org/books/tiny/"
NASTY = "“Quotes” \"and\" 'more' </script><!-- & all"


def published(tiny: TinyBook) -> TinyBook:
    tiny.config["book"] |= {
        "site-url": URL.rstrip("/"),
        "description": "A book of few words.",
        "license": "Text CC BY-SA 4.0, code MIT",
    }
    return tiny


def head(tiny: TinyBook, name: str) -> dict[str, str]:
    tree = html.fromstring(tiny.page(name))
    named = {
        item.get("property") or item.get("name"): item.get("content")
        for item in tree.xpath("//head/meta[@property or @name]")
    }
    links = {item.get("rel"): item.get("href") for item in tree.xpath("//head/link[@rel]")}
    return {**named, **links}


def things(tiny: TinyBook, name: str) -> dict[str, Any]:
    """The things of a page's JSON-LD, by type; of those of one type the last."""
    (script,) = html.fromstring(tiny.page(name)).xpath("//script[@type='application/ld+json']")
    return {item["@type"]: item for item in json.loads(script.text)["@graph"]}


def test_page_names_its_address_its_card_and_its_feed(tiny: TinyBook) -> None:
    published(tiny).chapter("one", markdown("# One\n\nThe first sentence of the chapter."))
    assert tiny.build().exit_code == 0
    page = head(tiny, "notebooks/one.html")
    assert page["canonical"] == page["og:url"] == URL + "notebooks/one.html"
    assert page["og:title"] == "One"
    assert page["og:type"] == "article"
    assert page["og:description"] == page["description"] == "The first sentence of the chapter."
    assert page["twitter:card"] == "summary_large_image"
    assert page["alternate"] == URL + "feed.xml"
    card = page["og:image"].removeprefix(URL)
    data = (tiny.root / "_site" / card).read_bytes()
    size = tuple(int.from_bytes(data[place : place + 4], "big") for place in (16, 20))
    assert size == (int(page["og:image:width"]), int(page["og:image:height"])) == (1200, 630)
    assert page["og:image:alt"] == "One. Tiny book"
    home = head(tiny, "index.html")
    assert home["canonical"] == URL
    assert home["og:type"] == "website"
    assert home["og:description"] == "A book of few words."
    assert home["og:image"] != page["og:image"]


def test_page_that_is_not_published_names_no_address(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\nText."))
    assert tiny.build().exit_code == 0
    page = head(tiny, "notebooks/one.html")
    assert not {"canonical", "alternate", "og:url", "og:image", "twitter:card"} & page.keys()
    assert page["og:title"] == "One"
    site = tiny.root / "_site"
    assert not any((site / name).exists() for name in ("sitemap.xml", "feed.xml", "assets/cards"))
    assert "http" not in tiny.page("robots.txt")
    assert things(tiny, "notebooks/one.html")["Chapter"]["url"] == "one.html"
    assert things(tiny, "index.html")["Book"]["hasPart"][0]["url"] == "notebooks/one.html"


def test_book_names_its_chapters_and_chapters_their_book(tiny: TinyBook) -> None:
    published(tiny).chapter("one", markdown("# One\n\nText."))
    tiny.chapter("two", markdown("# Two\n\nText."), appendix=True)
    assert tiny.build(("html", "epub")).exit_code == 0
    home = things(tiny, "index.html")
    book = home["Book"]
    assert home["WebSite"]["url"] == book["url"] == URL
    assert [(part["name"], part["position"]) for part in book["hasPart"]] == [
        ("One", 1),
        ("Two", 2),
    ]
    assert book["license"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert book["author"] == [{"name": "Ann Author"}]
    (edition,) = book["workExample"]
    assert edition["encodingFormat"] == "application/epub+zip"
    assert edition["url"] == URL + "Tiny-book.epub"
    for name, part in zip(("one", "two"), book["hasPart"], strict=True):
        page = things(tiny, f"notebooks/{name}.html")
        chapter = page["Chapter"]
        assert (chapter["@id"], chapter["position"]) == (part["@id"], part["position"])
        assert chapter["isPartOf"]["@id"] == book["@id"]
        assert chapter["dateModified"] == "2026-01-01"
        crumbs = page["BreadcrumbList"]["itemListElement"]
        assert [crumb["item"] for crumb in crumbs] == [URL, part["url"]]


def test_words_of_an_author_stay_words(tiny: TinyBook) -> None:
    tiny.config["book"] |= {"title": NASTY, "author": NASTY, "description": NASTY}
    tiny.config["book"]["chapters"].append({"part": NASTY, "chapters": ["notebooks/one.qmd"]})
    published(tiny).config["book"]["description"] = NASTY
    tiny.write("notebooks/one.qmd", "# `" + NASTY + "`\n\nText.\n")
    result = tiny.build()
    assert result.exit_code == 0, result.output
    for name, title in (("index.html", NASTY), ("notebooks/one.html", NASTY)):
        text = tiny.page(name)
        assert head(tiny, name)["og:title"] == title
        assert text.count("<script") == text.count("</script>")
        assert text.lower().count("<!--") == 0
    assert things(tiny, "index.html")["Book"]["name"] == NASTY
    assert things(tiny, "notebooks/one.html")["Chapter"]["name"] == NASTY
    assert json.loads(tiny.page("manifest.webmanifest"))["name"] == NASTY


def test_data_package_is_a_dataset(tiny: TinyBook) -> None:
    package = {
        "name": "tiny",
        "title": "Tiny numbers",
        "description": "Numbers of a tiny book.",
        "licenses": [
            {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
        ],
        "contributors": [{"title": "Ann Author", "role": "author"}],
        "resources": [
            {"path": "numbers.csv", "mediatype": "text/csv"},
            {"path": ["missing.csv", "https://example.com/elsewhere.csv"]},
            {"data": [1, 2]},
        ],
    }
    tiny.write("data/datapackage.json", json.dumps(package))
    tiny.write("data/numbers.csv", "a\n1\n")
    published(tiny).config["project"]["resources"] = ["data/*"]
    assert tiny.build().exit_code == 0
    dataset = things(tiny, "index.html")["Dataset"]
    assert dataset["name"] == "Tiny numbers"
    assert dataset["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert dataset["creator"] == [{"name": "Ann Author"}]
    assert dataset["distribution"] == [
        {
            "@type": "DataDownload",
            "contentUrl": URL + "data/numbers.csv",
            "encodingFormat": "text/csv",
            "name": "numbers.csv",
        }
    ]


@pytest.mark.parametrize("content", ["[1]", "{", '{"resources": "x", "licenses": [3]}'])
def test_broken_data_package_is_no_obstacle(tiny: TinyBook, content: str) -> None:
    tiny.write("data/datapackage.json", content)
    tiny.config["project"]["resources"] = ["data/*"]
    assert tiny.build().exit_code == 0
    assert things(tiny, "index.html")["Dataset"]["name"] == "Tiny book"


def test_quotation_names_the_speaker_and_keeps_the_words(tiny: TinyBook) -> None:
    words = "Nobody else should hear this."
    tiny.chapter(
        "heard",
        markdown(
            f"# Heard\n\nText.\n\n::: {{#said-kim .testimony}}\n> {words}\n\n"
            "[— [Kim](heard.ipynb#said-kim), 2017]{.testimony-speaker}\n:::\n"
        ),
    )
    assert published(tiny).build().exit_code == 0
    quotation = things(tiny, "notebooks/heard.html")["Quotation"]
    assert quotation["spokenByCharacter"] == {"name": "Kim"}
    assert quotation["url"] == URL + "notebooks/heard.html#said-kim"
    shared = " ".join(re.findall(r"<head>.*?</head>", tiny.page("notebooks/heard.html"), re.DOTALL))
    assert words not in shared
    assert words in tiny.page("notebooks/heard.html")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Text and data CC BY 4.0, code MIT", "licenses/by/4.0/"),
        ("CC-BY-NC-SA-4.0", "licenses/by-nc-sa/4.0/"),
        ("CC0 1.0", "publicdomain/zero/1.0/"),
        ("MIT", ""),
        ("", ""),
    ],
)
def test_licence_has_its_address(text: str, url: str) -> None:
    assert licence_url(text) == (f"https://creativecommons.org/{url}" if url else "")


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("The North Korean People’s Challenges", "North Korean"),
        ("Tiny book", "Tiny book"),
        ("Donaudampfschifffahrt", "Donaudampfsc"),
        ("A", "A"),
        ("북한 사람들", "북한 사람들"),
        ("War, and peace", "War, and"),
    ],
)
def test_short_name_fits_below_an_icon(title: str, short: str) -> None:
    assert short_name(title) == short


def test_manifest_has_colours_and_icons_that_are_there(tiny: TinyBook) -> None:
    tiny.write(
        "mark.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2">'
        '<circle cx="1" cy="1" r="1"/></svg>',
    )
    tiny.config["book"]["favicon"] = "mark.svg"
    assert tiny.build().exit_code == 0
    manifest = json.loads(tiny.page("manifest.webmanifest"))
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with Image.open(tiny.root / "_site" / icon["src"]) as picture:
            assert icon["sizes"] == "x".join(map(str, picture.size))
            corner = picture.convert("RGBA").getpixel((0, 0))
            assert corner[3] == (255 if icon["purpose"] == "maskable" else 0)  # type: ignore[index]
    page = head(tiny, "index.html")
    assert (tiny.root / "_site" / page["apple-touch-icon"]).is_file()
    assert manifest["background_color"] == "#fbfbf8"


def test_favicon_that_is_no_picture_is_refused(tiny: TinyBook) -> None:
    tiny.write("mark.svg", "not a picture")
    tiny.config["book"]["favicon"] = "mark.svg"
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB609  _quarto.yml, book.favicon: the drawing “mark.svg” has an error" in result.output
    tiny.write("mark.png", "not a picture")
    tiny.config["book"]["favicon"] = "mark.png"
    assert "NB112  _quarto.yml: book.favicon: mark.png" in tiny.build().output
