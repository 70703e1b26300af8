"""Callouts with a label: numbered by kind and chapter, and referred to, in every format."""

from __future__ import annotations

from typing import Any

import pytest

from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("callouts", tmp_path_factory.mktemp("callouts") / "book")


def callouts(page: Any) -> list[tuple[str, str]]:
    """Id and title of each callout."""
    titles = page.xpath(".//*[@class='callout-title']")
    return [(title.getparent().get("id"), words(title).replace("\u00a0", " ")) for title in titles]


IN_ADVICE = [
    ("nte-tea", "Note 1.1: On tea"),
    ("tip-quiet", "Tip 1.1"),
    ("wrn-stairs", "Warning 1.1: The stairs"),
    ("imp-door", "Important 1.1: The door"),
    ("cau-cat", "Caution 1.1: The cat"),
    ("sec-advice-callout-6", "Without a label"),
    ("nte-milk", "Note 1.2"),
]


def test_each_kind_is_numbered_by_chapter(edition: Edition) -> None:
    assert callouts(edition.page("index")) == [("tip-first", "Tip 1")]
    assert callouts(edition.page("advice")) == IN_ADVICE
    assert callouts(edition.page("more")) == [("nte-late", "Note 2.1")]


def test_title_of_a_callout_is_no_section(edition: Edition) -> None:
    page = edition.page("advice")
    assert words(page.find(".//h2")).rstrip("#") == "1.1 References"
    assert [line for line in edition.contents() if "door" in line] == []


def test_references_say_number_and_lead_there(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("#tip-first", "Tip 1"),
        ("advice.html#nte-tea", "Note 1.1"),
    ]
    assert references(edition.page("advice")) == [
        ("#nte-tea", "Note 1.1"),
        ("#nte-tea", "Note 1.1"),
        ("#tip-quiet", "Tip 1.1"),
        ("#wrn-stairs", "Warning 1.1"),
        ("#imp-door", "Important 1.1"),
        ("#cau-cat", "Caution 1.1"),
        ("#nte-milk", "1.2"),
        ("#nte-milk", "Hint 1.2"),
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert callouts(edition.chapter("sec-advice")) == IN_ADVICE
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print().replace("\u00a0", " ")
    for part in ("Note 1.1: On tea Warm the pot", "Tip 1.1 Be quiet", "Caution 1.1: The cat It"):
        assert part in text
