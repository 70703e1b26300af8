"""The book as one tree: order, numbers, unique ids, links that lead somewhere."""

from __future__ import annotations

from collections import Counter

import pytest

from nkbook.render import ast
from nkbook.render.ast import identifier
from nkbook.render.single import single_document
from tests.ebook.tiny_book import Made, make


def headings(made: Made, form: str) -> list[tuple[str, str]]:
    return [
        (dict(node["c"][1][2]).get("number", ""), ast.stringify(node["c"][2]))
        for node in ast.nodes(single_document(made.book, form), "Header")
    ]


@pytest.mark.parametrize("form", ["epub", "pdf"])
def test_parts_chapters_and_sections_stand_in_order_with_their_numbers(
    made: Made, form: str
) -> None:
    assert headings(made, form) == [
        ("", "Welcome"),
        ("", "Notes"),
        ("", "First <part> & only"),
        ("1", "Rivers of everyday life"),
        ("1.1", "Boats"),
        ("1.1.1", "Kinds of boat"),
        ("2", "Bridges 인민"),
        ("2.1", "Notes"),
        ("", "Appendices"),
        ("A", "Numbers"),
        ("A.1", "Evidence"),
        ("", "References"),
    ]


@pytest.mark.parametrize("form", ["epub", "pdf"])
def test_every_id_is_unique_and_every_link_leads_to_one(made: Made, form: str) -> None:
    tree = single_document(made.book, form)
    ids = Counter(filter(None, map(identifier, ast.nodes(tree))))
    assert [name for name, count in ids.items() if count > 1] == []
    assert {"notes", "sec-bridges-notes"} <= ids.keys()
    links = {node["c"][2][0] for node in ast.nodes(tree, "Link")}
    assert {"#stat-flow", "#sec-bridges", "#ref-doe2020"} <= links
    assert {link for link in links if link.startswith("#") and link[1:] not in ids} == set()


def test_links_to_files_and_to_what_is_hidden_become_text(tmp_path) -> None:
    made = make(
        tmp_path,
        bridges="# Bridges {#sec-bridges}\n\n[The plan](plan.svg), [the page](#web).\n\n"
        '![P](plan.svg){#fig-plan fig-alt="Piers"}\n\n'
        '::: {.content-visible when-format="html"}\n[Web]{#web}\n:::\n',
    )
    tree = single_document(made.book, "pdf")
    text = ast.stringify(tree)
    assert "The plan, the page." in text
    assert "#web" not in {node["c"][2][0] for node in ast.nodes(tree, "Link")}


def test_each_edition_has_its_own_conditional_content(made: Made) -> None:
    texts = {form: ast.stringify(single_document(made.book, form)) for form in ("epub", "pdf")}
    assert "Only on the web" in texts["epub"]
    assert "Only on the web" not in texts["pdf"]
    assert "Only in print" in texts["pdf"]
    assert "Only in print" not in texts["epub"]
