"""Numbered equations: numbers, references and ids as in Quarto, in every format."""

from __future__ import annotations

import pytest

from tests.books import TinyBook, markdown
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("equations", tmp_path_factory.mktemp("equations") / "book")


def numbers(page) -> dict[str, str]:
    """The printed number of each equation, by its id."""
    spans = page.iterfind(".//span[@class='equation']")
    return {span.get("id"): words(span.find("span[@class='equation-number']")) for span in spans}


IN_LINES = {"eq-line": "(1.1)", "eq-slope": "(1.2)", "eq-level": "(1.3)"}


def test_equations_are_numbered_by_chapter(edition: Edition) -> None:
    assert numbers(edition.page("index")) == {"eq-first": "(1)"}
    assert numbers(edition.page("lines")) == IN_LINES
    assert numbers(edition.page("circles")) == {"eq-circle": "(2.1)"}
    assert numbers(edition.page("units")) == {"eq-metre": "(A.1)"}


def test_formula_without_label_has_no_number(edition: Edition) -> None:
    page = edition.page("lines")
    assert len(page.findall(".//math[@display='block']")) == len(IN_LINES) + 1
    assert "{#" not in words(page)


def test_references_say_number_and_lead_there(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("#eq-first", "Equation 1"),
        ("lines.html#eq-line", "Equation 1.1"),
    ]
    assert references(edition.page("lines")) == [
        ("#eq-line", "Equation 1.1"),
        ("#eq-slope", "1.2"),
        ("#eq-level", "Eq. 1.3"),
        ("#eq-line", "Equation 1.1"),
        ("#eq-slope", "Equation 1.2"),
        ("circles.html#eq-circle", "Equation 2.1"),
        ("units.html#eq-metre", "Equation A.1"),
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    chapter = edition.chapter("sec-lines")
    assert numbers(chapter) == IN_LINES
    texts = [text for _, text in references(chapter)]
    assert texts == [text for _, text in references(edition.page("lines"))]
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print()
    for part in ("(1.1) Its slope", "= 0 (1.3)", "= 100 cm (A.1)", "Equation A.1 is behind them"):
        assert part in text
    assert "{#" not in text


@pytest.mark.parametrize("label", ['{#eq-x alt="x"}', "{#eq-x}."])
def test_label_that_does_not_stand_alone_is_named(tiny: TinyBook, label: str) -> None:
    tiny.chapter("one", markdown(f"# One\n\n$$ x $$ {label}\n"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB304" in result.output
    assert "“eq-x”" in result.output


def test_heading_that_begins_like_a_label_may_stand_in_two_chapters(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n## Eq and more\n"))
    tiny.chapter("two", markdown("# Two\n\n## Eq and more\n\n$$ x $$ {#eq-x}\n\nSee @eq-x.\n"))
    result = tiny.build()
    assert result.exit_code == 0, result.output
