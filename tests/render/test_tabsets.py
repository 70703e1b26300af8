"""Sets of tabs: stacked under headings wherever no script runs, and no sections of the chapter."""

from __future__ import annotations

from typing import Any

import pikepdf
import pytest

from tests.books import TinyBook, markdown
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("tabsets", tmp_path_factory.mktemp("tabsets") / "book")


def tabs(page: Any) -> list[tuple[str, str]]:
    """Element and text of the title of each tab."""
    titles = page.xpath(".//div[@class='tab']/*[@class='tab-title']")
    return [(title.tag, words(title)) for title in titles]


TITLES = [
    ("h3", "English"),
    ("h3", "Français"),
    ("h2", "English"),
    ("h2", "Français"),
    ("h2", "Both"),
    ("h3", "Morning"),
    ("h3", "Evening"),
]


def test_page_has_every_panel_under_its_heading(edition: Edition) -> None:
    page = edition.page("greetings")
    assert tabs(page) == TITLES
    sets = page.xpath(".//div[@class='tabset']")
    assert [found.get("data-group") for found in sets] == ["language", "language", None]
    assert page.xpath("count(.//div[@class='tabset']//div[@class='tabset'])") == 1
    assert page.find(".//h3[@class='tab-title']/em") is not None


def test_titles_of_tabs_are_not_counted_and_not_in_contents(edition: Edition) -> None:
    page = edition.page("greetings")
    headings = [words(found).rstrip("#") for found in page.xpath(".//h2|.//h3|.//h4")]
    numbered = [text for text in headings if text[:1].isdigit()]
    assert numbered == [
        "1.1 How to greet",
        "1.1.0.1 Plus tard",
        "1.1.1 After the tabs",
        "1.2 Last",
    ]
    contents = page.xpath(".//nav[@aria-label='On this page']//a")
    assert [words(link) for link in contents] == ["How to greet", "After the tabs", "Last"]


def test_only_pages_with_tabs_load_the_script(edition: Edition) -> None:
    loads = {
        name: "assets/tabs.js" in (edition.folder / f"{name}.html").read_text()
        for name in ("index", "greetings")
    }
    assert loads == {"index": False, "greetings": True}


def test_what_stands_in_a_tab_can_be_referred_to(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("greetings.html#sec-after", "Section 1.1.1"),
        ("greetings.html#lst-hello", "Listing 1.1"),
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert tabs(edition.chapter("sec-greetings")) == TITLES
    assert not {"English", "Morning"} & set(edition.contents())
    assert check_epub(edition.epub) == []


def test_print_has_the_same_and_no_bookmarks_of_tabs(edition: Edition) -> None:
    text = edition.print()
    for part in ("English Say hello", "Français Dites bonjour.", "Morning Early. Evening Late."):
        assert part in text
    with pikepdf.open(edition.epub.with_suffix(".pdf")) as opened, opened.open_outline() as outline:
        (chapter,) = (item for item in outline.root if "Greetings" in item.title)
        assert [item.title for item in chapter.children] == ["1.1 How to greet", "1.2 Last"]


def test_words_before_the_first_tab_stay(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n::: {.panel-tabset}\nBefore.\n\n## A\n\nIn.\n:::\n"))
    assert tiny.build().exit_code == 0
    page = tiny.page("notebooks/one.html")
    assert 0 < page.index("<p>Before.</p>") < page.index('class="tab-title"')
