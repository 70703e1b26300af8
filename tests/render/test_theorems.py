"""Theorems, proofs and their like: numbers, titles and references as in Quarto, everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("theorems", tmp_path_factory.mktemp("theorems") / "book")


def theorems(page: Any) -> list[tuple[str | None, str, str]]:
    """Id, classes and title of each theorem or proof."""
    found = page.xpath(".//div[contains(@class, 'theorem') or contains(@class, 'proof')]")
    return [
        (div.get("id"), div.get("class"), words(div.find("p/span")).replace("\u00a0", " "))
        for div in found
    ]


IN_NUMBERS = [
    ("thm-even", "theorem", "Theorem 1.1 (Sums of even numbers)"),
    (None, "proof", "Proof."),
    ("thm-odd", "theorem", "Theorem 1.2 (Sums of nn odd numbers)"),
    (None, "proof", "Proof (of the second)."),
    ("lem-zero", "theorem lemma", "Lemma 1.1"),
    ("cor-ten", "theorem corollary", "Corollary 1.1"),
    ("prp-product", "theorem proposition", "Proposition 1.1"),
    ("cnj-two", "theorem conjecture", "Conjecture 1.1"),
]
"""In MathML, “n” stands there twice: as a sign, and as its source."""

IN_SHAPES = [
    ("def-square", "theorem definition", "Definition 2.1 (Square)"),
    ("exm-list", "theorem example", "Example 2.1"),
    ("exr-draw", "theorem exercise", "Exercise 2.1"),
    ("sol-draw", "proof solution", "Solution 2.1."),
    (None, "proof solution", "Solution."),
    ("rem-round", "proof remark", "Remark 2.1 (On circles)."),
    (None, "proof remark", "Remark."),
]


def test_each_kind_is_numbered_by_chapter_and_titled(edition: Edition) -> None:
    assert theorems(edition.page("index")) == [("thm-first", "theorem", "Theorem 1")]
    assert theorems(edition.page("numbers")) == IN_NUMBERS
    assert theorems(edition.page("shapes")) == IN_SHAPES
    assert theorems(edition.page("more")) == [("thm-behind", "theorem", "Theorem A.1")]


def test_title_is_run_in_and_no_section(edition: Edition) -> None:
    page = edition.page("shapes")
    first, second = page.findall(".//div[@id='def-square']/p")
    assert words(first) == "Definition 2.1 (Square) A square has four equal sides."
    assert words(second) == "And four equal angles."
    headings = [words(heading).rstrip("#") for heading in page.iterfind(".//h2")]
    assert headings[:2] == ["2.1 Practice", "2.2 Last"]
    example = page.find(".//div[@id='exm-list']")
    assert [child.tag for child in example] == ["p", "ul"]


def test_references_say_number_and_lead_there(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("#thm-first", "Theorem 1"),
        ("numbers.html#thm-even", "Theorem 1.1"),
        ("shapes.html#def-square", "Definition 2.1"),
    ]
    assert references(edition.page("numbers")) == [
        ("#eq-even", "Equation 1.1"),
        ("#thm-even", "Theorem 1.1"),
        ("#thm-even", "Theorem 1.1"),
        ("#thm-odd", "1.2"),
        ("#thm-odd", "Theo. 1.2"),
        ("#lem-zero", "Lemma 1.1"),
        ("#cor-ten", "Corollary 1.1"),
        ("#prp-product", "Proposition 1.1"),
        ("#cnj-two", "Conjecture 1.1"),
        ("shapes.html#def-square", "Definition 2.1"),
        ("shapes.html#exm-list", "Example 2.1"),
    ]
    assert [text for _, text in references(edition.page("shapes"))] == [
        "Exercise 2.1",
        "Solution 2.1",
        "Remark 2.1",
        "Theorem A.1",
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert theorems(edition.chapter("sec-numbers")) == IN_NUMBERS
    assert theorems(edition.chapter("sec-shapes")) == IN_SHAPES
    assert [line for line in edition.contents() if "quare" in line or "Sums" in line] == []
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print()
    for part in (
        "Theorem 1.1 (Sums of even numbers) The sum of two even numbers is even.",
        "Proof. By Equation 1.1. It is divisible",
        "Proof (of the second). Add one",
        "Definition 2.1 (Square) A square",
        "Solution 2.1. Begin with a side.",
        "Exercise 2.1 has Solution 2.1; see Remark 2.1, and Theorem A.1.",
    ):
        assert part in text.replace("\u00a0", " ")
