"""The contents beside each page: whole in a book, the neighbourhood in a very long one."""

from __future__ import annotations

import pytest
from lxml import html

from nkbook.render.site import contents
from tests.books import TinyBook, markdown


def menus(tiny: TinyBook, page: str) -> list[list[tuple[str, str, bool]]]:
    """The links of each list of contents on a page: text, address, whether they are its own."""
    tree = html.fromstring(tiny.page(page))
    return [
        [
            (
                " ".join(link.text_content().split()),
                link.get("href"),
                link.get("aria-current") == "page",
            )
            for link in nav.cssselect("a")
        ]
        for nav in tree.cssselect("nav.book-nav")
    ]


def test_every_page_lists_the_book_and_marks_itself(tiny: TinyBook) -> None:
    for name in ("one", "two", "three"):
        tiny.chapter(name, markdown(f"# Chapter & {name}"))
    assert tiny.build().exit_code == 0
    beside, folded = menus(tiny, "notebooks/two.html")
    assert beside == folded
    assert [own for _, _, own in beside] == [False, False, True, False]
    assert beside[1:] == [
        ("1Chapter & one", "one.html", False),
        ("2Chapter & two", "two.html", True),
        ("3Chapter & three", "three.html", False),
    ]
    assert beside[0][1] == "../index.html"


@pytest.mark.parametrize(("name", "listed"), [("c1", "12"), ("c4", "345"), ("c8", "78")])
def test_a_very_long_book_lists_what_is_near(
    tiny: TinyBook, monkeypatch, name: str, listed: str
) -> None:
    for number in range(1, 9):
        tiny.chapter(f"c{number}", markdown(f"# Chapter {number}"))
    monkeypatch.setattr(contents, "_MANY", 5)
    monkeypatch.setattr(contents, "_AROUND", 1)
    assert tiny.build().exit_code == 0
    links = menus(tiny, f"notebooks/{name}.html")[0]
    chapters = [link for link in links if link[1].startswith("c")]
    assert [link[1] for link in chapters] == [f"c{number}.html" for number in listed]
    assert [link[1] for link in links if link[2]] == [f"{name}.html"]
    assert links[-1] == ("All chapters", "../index.html#contents", False)
    home = html.fromstring(tiny.page("index.html"))
    assert len(home.cssselect("#contents li a")) >= 8
