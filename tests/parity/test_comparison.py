"""What a reader would miss is told, and nothing is excused that no longer is so."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from nkbook.parity import check
from nkbook.parity.comparison import Disagreement, Known, compare, split_known
from nkbook.parity.engines import portable_structures
from nkbook.parity.known import KNOWN
from nkbook.parity.recordings import small_projects
from nkbook.parity.structure import from_json, to_json
from nkbook.render.progress import Progress
from tests.books import FIGURE, TinyBook, code, markdown
from tests.conftest import ROOT

BODY = """
# One {#sec-one}

It is so [@kim].[^n] See @fig-line and @sec-why.

[^n]: A note.

::: {.callout-tip collapse="true" title="Folded"}
Words.
:::

| a | b |
|---|---|
| 1 | 2 |

: Two numbers {#tbl-two}

## Why {#sec-why}

::: {.testimony}
> They counted us.

[— A person]{.testimony-speaker}
:::
"""


@pytest.fixture
def book(tiny: TinyBook) -> TinyBook:
    """A book with an item of nearly every kind."""
    tiny.bibliography()
    tiny.config["format"] = {"html": {"code-fold": True}, "epub": {}}
    tiny.chapter("one", markdown(BODY), code(FIGURE))
    tiny.save()
    return tiny


def test_a_chapter_is_read_item_by_item(book: TinyBook) -> None:
    made = portable_structures(book.root, Progress(quiet=True))
    chapter = made["html"].chapters[1]
    assert (chapter.title, chapter.number) == ("One", "1")
    items = chapter.items
    assert items["headings"] == [{"level": "2", "number": "1.1", "text": "Why", "id": "sec-why"}]
    assert items["references"] == [
        {"text": "Figure 1.1", "target": "#fig-line"},
        {"text": "Section 1.1", "target": "#sec-why"},
    ]
    assert items["figures"][0] == {
        "id": "fig-line",
        "label": "Figure 1.1",
        "caption": "A line that rises.",
        "alt": "One line from lower left to upper right.",
    }
    assert items["tables"][0]["rows"] == "a | b / 1 | 2"
    assert items["citations"] == [{"keys": "kim", "text": "(Kim 2020)"}]
    assert items["bibliography"] == [{"key": "kim", "text": "Kim, Ann. 2020. A Book. House."}]
    assert items["notes"] == [{"number": "1", "text": "A note."}]
    assert items["callouts"] == [{"kind": "tip", "title": "Folded", "collapse": "true"}]
    assert items["testimonies"] == [{"text": "They counted us.", "attribution": "— A person"}]
    assert items["code"][0]["shown"] == "folded"
    # The EPUB has the same, but for what it cannot fold and its one list of references.
    epub = made["epub"].chapters[1].items
    assert made["epub"].bibliography == items["bibliography"]
    for kind in ("headings", "references", "figures", "tables", "citations", "notes"):
        assert epub[kind] == items[kind]


def test_what_is_lost_or_changed_is_told(book: TinyBook) -> None:
    quarto = portable_structures(book.root, Progress(quiet=True))["html"]
    assert compare("html", quarto, quarto) == []
    portable = deepcopy(quarto)
    items = portable.chapters[1].items
    items["notes"].pop()
    items["headings"][0]["number"] = "1.2"
    del portable.chapters[0]
    assert [(one.chapter, one.kind, one.portable) for one in compare("html", quarto, portable)] == [
        ("Welcome", "chapters", "nothing"),
        ("One", "headings", "level “2”, number “1.2”, text “Why”, id “sec-why”"),
        ("One", "notes", "nothing"),
    ]


def test_structures_come_back_from_json(book: TinyBook) -> None:
    made = portable_structures(book.root, Progress(quiet=True))
    record = {"quarto": "1.9", "structures": {form: to_json(one) for form, one in made.items()}}
    assert from_json(json.dumps(record)) == ("1.9", made)
    for wrong in ("{", "[]", '{"quarto": "1.9"}'):
        with pytest.raises(ValueError, match=r"recorded structure|Expecting"):
            from_json(wrong)


def test_a_known_difference_explains_only_what_it_says() -> None:
    known = Known("epub", "links", r"(?P<text>.+) ≠ (?P=text)!", "ours is louder")
    one = Disagreement("epub", "One", "links", "so", "so!")
    others = [
        Disagreement("html", "One", "links", "so", "so!"),
        Disagreement("epub", "One", "text", "so", "so!"),
        Disagreement("epub", "One", "links", "so", "else!"),
    ]
    assert split_known([one, *others], [known]) == (others, {known})


@pytest.mark.parametrize("form", ["html", "epub"])
def test_a_wrong_number_of_a_reference_is_never_excused(form: str) -> None:
    theirs, ours = ("text “Section 1.1”, target “#sec-a”", "text “Section 9.9”, target “#sec-a”")
    assert split_known([Disagreement(form, "One", "references", theirs, ours)], KNOWN)[0]


@pytest.fixture
def with_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyBook:
    """A book with one small project whose recording Quarto made, where no Quarto is."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    book = TinyBook(tmp_path / "book")
    small = next(one for one in small_projects(ROOT) if one.name == "headings")
    folder = book.root / "tests" / "parity"
    shutil.copytree(small.project, folder / "projects" / small.name)
    (folder / "structures").mkdir()
    shutil.copy(small.recording, folder / "structures")
    offered = tuple(known for known in KNOWN if known.kind == "downloads")
    monkeypatch.setattr(check, "KNOWN", offered)
    book.save()
    return book


def test_without_quarto_recordings_take_its_place(with_small: TinyBook) -> None:
    result = with_small.run("check", "--engines")
    assert result.exit_code == 0, result.output
    assert "Quarto is not installed: the portable engine's small projects" in result.output
    assert "Quarto 1.10.18" in result.output
    chapter = with_small.root / "tests/parity/projects/headings/one.qmd"
    chapter.write_text(chapter.read_text().replace("#### Deeper", "##### Deeper"))
    result = with_small.run("check", "--engines")
    assert result.exit_code == 1
    assert "NP101  headings, html, “Headings”: headings: Quarto has level “4”" in result.output


def test_a_known_difference_that_is_gone_is_a_finding(with_small: TinyBook, monkeypatch) -> None:
    gone = Known("", "notes", "one ≠ two", "they count in other ways")
    monkeypatch.setattr(check, "KNOWN", (gone,))
    result = with_small.run("check", "--engines")
    assert result.exit_code == 1
    assert "NP102" in result.output
    assert "they count in other ways" in result.output


def test_missing_recordings_are_told(with_small: TinyBook) -> None:
    (with_small.root / "tests/parity/structures/headings.json").write_text("{}")
    assert "NP103" in with_small.run("check", "--engines").output
    shutil.rmtree(with_small.root / "tests")
    result = with_small.run("check", "--engines")
    assert result.exit_code == 1
    assert "there is nothing to compare with" in result.output


def test_with_quarto_both_engines_build_the_book(book: TinyBook, tmp_path, monkeypatch) -> None:
    """A program in Quarto's place hands out what the portable engine made."""
    assert book.build(("html", "epub")).exit_code == 0
    made = book.root / "_site"
    shutil.copytree(made, tmp_path / "made")
    program = tmp_path / "bin" / "quarto"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 1.10.18 && exit\n'
        f"mkdir -p _site && cp -r {tmp_path}/made/. _site\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    result = book.run("check", "--engines")
    assert result.exit_code == 0, result.output
    assert "Quarto 1.10.18 and the portable engine build the book" in result.output
    page = tmp_path / "made" / "notebooks" / "one.html"
    page.write_text(page.read_text().replace("They counted us.", "They counted."))
    result = book.run("check", "--engines")
    assert "the book, html, “One”: testimonies: Quarto has" in result.output
