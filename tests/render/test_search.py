"""What search knows of a book: which documents, where they lead, and what it must not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from tests.books import FIGURE, TinyBook, code, markdown


def read_documents(site: Path) -> list[dict[str, str]]:
    """The documents of a built site as a browser unpacks them."""
    script = (site / "assets/search-documents.js").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(script.removeprefix("window.searchDocuments=").rstrip(";\n"))
    letters = str.maketrans(dict(zip(data["letters"], data["words"].split("|"), strict=True)))
    columns = {
        name: [values[number].translate(letters) for number in numbers]
        for name, (values, numbers) in zip(
            ("kind", "page", "place"),
            (data["kinds"], data["pages"], data["places"]),
            strict=True,
        )
    }
    for name, key in (
        ("fragment", "fragments"),
        ("title", "titles"),
        ("text", "texts"),
        ("quoted", "quoted"),
    ):
        columns[name] = [text.translate(letters) for text in data[key]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def lead_nowhere(site: Path) -> list[str]:
    """Addresses of documents whose id is not on their page."""
    pages: dict[str, set[str]] = {}
    lost = []
    for document in read_documents(site):
        name = document["page"]
        if name not in pages:
            tree = lxml.html.parse(str(site / name))
            pages[name] = {str(identifier) for identifier in tree.xpath("//@id")}
        if document["fragment"] not in pages[name]:
            lost.append(f"{name}#{document['fragment']}")
    return lost


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    tiny = TinyBook(tmp_path_factory.mktemp("search") / "book")
    tiny.bibliography()
    tiny.chapter(
        "songbun",
        markdown(
            """
            ---
            description: How a file follows a family.
            ---

            # Songbun {#sec-songbun}

            The first words say much [@kim]. See `x = 1`.

            - 성분

            ## Who is *marked* {#sec-marked}

            ::: {.content-visible when-format="epub"}
            Only for paper.
            :::

            ```python
            secret = "code"
            ```

            ::: {#quo-ann .testimony}
            > They read my file aloud.

            — Ann, left in 2009
            :::

            ### Deeper {#sec-deeper}

            Below.
            """
        ),
        code(FIGURE),
        markdown(
            """
            ## Gathered {#sec-gathered}

            ### Nothing of its own {#sec-empty}

            ### Again {#sec-again}

            Text.
            """
        ),
    )
    tiny.chapter(
        "numbers",
        markdown(
            """
            # Numbers {#sec-numbers}

            ## Leaving {#numbers-leaving}

            ### Arrivals in the South {#stat-arrivals .evidence .unnumbered}

            **34,537**

            As of 2025; counted. Source: [Ministry](songbun.ipynb#sec-marked). More to read.

            ::: {#said-ann .evidence}
            **Ann**, left in 2009.

            Content note.

            > They read my file aloud.

            One account. From [a report](songbun.ipynb).
            :::

            ::: {#src-kim .evidence}
            Kim, Ann. *A Book*. 2020.
            :::

            ## Days {#numbers-days}

            - [**May 2009:**]{#event-day} A day [@kim]. More: [Deeper](#sec-deeper).
            - Not a day.

            ::: {#event-year .evidence}
            **2010**

            A [year](#sec-deeper) [@kim].

            More in [Songbun: Deeper](#sec-deeper).
            :::
            """
        ),
        appendix=True,
    )
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny


@pytest.fixture(scope="module")
def documents(book: TinyBook) -> dict[str, dict[str, str]]:
    found = read_documents(book.root / "_site")
    assert len({document["fragment"] for document in found}) == len(found)
    return {document["fragment"]: document for document in found}


def test_chapter_opens_with_its_title_and_standfirst(documents: dict[str, dict[str, str]]) -> None:
    assert documents["sec-songbun"] == {
        "kind": "Chapters",
        "page": "notebooks/songbun.html",
        "place": "Chapter 1",
        "fragment": "sec-songbun",
        "title": "Songbun",
        "text": "How a file follows a family. The first words say much. See x = 1. 성분.",
        "quoted": "",
    }


def test_section_says_where_it_stands(documents: dict[str, dict[str, str]]) -> None:
    assert documents["sec-marked"]["title"] == "Who is marked"
    assert documents["sec-marked"]["place"] == "Chapter 1: Songbun"
    assert documents["sec-deeper"]["place"] == "Chapter 1: Songbun › Who is marked"


def test_figure_leads_to_its_place_with_what_it_shows(
    documents: dict[str, dict[str, str]],
) -> None:
    figure = documents["fig-line"]
    assert figure["kind"] == "Figures"
    assert figure["place"] == "Figure 1.1, Songbun"
    assert figure["title"] == "A line that rises."
    assert figure["text"] == "One line from lower left to upper right."


def test_row_keeps_its_own_words_and_leaves_its_links(
    documents: dict[str, dict[str, str]],
) -> None:
    row = documents["stat-arrivals"]
    assert (row["kind"], row["place"]) == ("Numbers", "Leaving")
    assert row["title"] == "Arrivals in the South"
    assert row["text"] == "34,537. As of 2025; counted."


def test_witness_is_found_once_and_never_cut_short(documents: dict[str, dict[str, str]]) -> None:
    witness = documents["said-ann"]
    assert witness["title"] == "Ann, left in 2009."
    assert witness["text"] == "Content note. One account."
    assert witness["quoted"] == "They read my file aloud."
    assert "quo-ann" not in documents
    assert not any("aloud" in document["text"] for document in documents.values())


def test_item_with_an_anchor_is_found_by_itself(documents: dict[str, dict[str, str]]) -> None:
    event = documents["event-day"]
    assert (event["kind"], event["place"], event["title"]) == ("Numbers", "Days", "May 2009")
    assert event["text"] == "A day. More: Deeper."
    assert documents["numbers-days"]["text"] == "Not a day."


def test_row_that_is_named_in_bold_is_found_whole(documents: dict[str, dict[str, str]]) -> None:
    event = documents["event-year"]
    assert (event["kind"], event["place"], event["title"]) == ("Numbers", "Days", "2010")
    assert event["text"] == "A year. More in Songbun: Deeper."


def test_what_readers_do_not_see_is_not_found(documents: dict[str, dict[str, str]]) -> None:
    everything = " ".join(" ".join(document.values()) for document in documents.values())
    for hidden in ("Only for paper", "secret", "display(", "@kim", "A Book"):
        assert hidden not in everything
    assert not {"sec-gathered", "sec-empty", "src-kim", "refs"} & documents.keys()


def test_every_address_is_on_its_page(book: TinyBook) -> None:
    assert lead_nowhere(book.root / "_site") == []


def test_testimony_alone_is_a_kind_of_its_own(tiny: TinyBook) -> None:
    tiny.chapter(
        "alone",
        markdown(
            "# Alone\n\n::: {.testimony}\n> Mine.\n\n— Ann, 2009\n:::\n\n아 ª µ one two one two"
        ),
    )
    assert tiny.build().exit_code == 0
    site = tiny.root / "_site"
    found = {document["kind"]: document for document in read_documents(site)}
    assert found["Testimonies"]["title"] == "Ann, 2009"
    assert found["Testimonies"]["quoted"] == "Mine."
    assert lead_nowhere(site) == []
    # Letters that the book itself uses stand for nothing else.
    assert found["Chapters"]["text"] == "아 ª µ one two one two."


def test_same_book_gives_the_same_bytes(book: TinyBook) -> None:
    script = book.root / "_site/assets/search-documents.js"
    first = script.read_bytes()
    assert book.build().exit_code == 0
    assert script.read_bytes() == first
