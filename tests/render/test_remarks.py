"""What has no effect, and what is left out, is told once at the end of a build: no fault."""

from __future__ import annotations

import zipfile

import nbformat
import pytest

from tests.books import TinyBook, code, markdown
from tests.render.formats import Editions


def remarks(book: TinyBook, *arguments: str) -> list[str]:
    book.save()
    options = ("--engine", "portable", "--format", "html")
    result = book.run(*arguments, "build", *options)
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if line.startswith("NB")]


def test_key_without_effect_is_told_with_its_line_and_reason(tiny: TinyBook) -> None:
    tiny.config["format"]["html"] |= {"theme": {"light": "cosmo", "dark": "darkly"}}
    (told,) = remarks(tiny)
    assert told.startswith("NB112  _quarto.yml, line ")
    assert "“format.html.theme” has no effect: the portable engine has one theme" in told
    assert remarks(tiny, "--quiet") == []
    # What is idle for one reason is told together; what is so anyway is not told.
    tiny.config["format"]["html"] |= {"css": "own.css", "toc": True}
    (told,) = remarks(tiny)
    assert "“format.html.theme”, “format.html.css” have no effect: the portable" in told
    tiny.config["format"]["html"] = {"toc": False}
    (told,) = remarks(tiny)
    assert "“format.html.toc” has no effect: the portable site always has contents" in told


def test_a_book_names_its_references(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.config["format"] = {"html": {}, "epub": {}, "typst": {}}
    tiny.config["reference-section-title"] = "Works"
    tiny.config["format"]["epub"]["reference-section-title"] = "Sources"
    tiny.chapter("one", markdown("# One\n\nIt is so [@kim]."))
    site, _, paper = Editions(tiny).said()
    assert "Works" in site
    assert "Works" in paper
    with zipfile.ZipFile(tiny.root / "_site" / "Tiny-book.epub") as epub:
        assert ">Sources<" in epub.read("EPUB/nav.xhtml").decode()


def test_cell_options_without_effect_are_told_once(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("#| fig-width: 5\n1"), code("#| fig-width: 6\n2"))
    (told,) = remarks(tiny)
    assert "notebooks/one.ipynb, cell 2: the cell option “fig-width” has no effect" in told


def test_front_matter_is_never_silently_without_effect(tiny: TinyBook) -> None:
    front = (
        "---\ntitle: One\ndescription: D.\njupyter: python3\nmood: grave\nseason: spring\n"
        "toc: true\nexecute:\n  echo: false\n  cahe: true\n"
        "format:\n  html:\n    code-fold: true\n    theme: dark\n---"
    )
    tiny.chapter("one", nbformat.v4.new_raw_cell(front), markdown("In {{< meta season >}}."))
    told = remarks(tiny)
    assert [line.split("“")[1].split("”")[0] for line in told] == [
        "jupyter",
        "mood",
        "toc",
        "execute.cahe",
        "format.html.theme",
    ]
    assert "nothing reads it" in told[1]
    assert "In spring." in tiny.page("notebooks/one.html")


@pytest.mark.parametrize(
    ("text", "code_", "stays"),
    [
        ("```{mermaid}\ngraph TD\n```", "NB304", "graph TD"),
        ("::: {.panel-input}\ninside\n:::", "NB304", "inside"),
        ("{{< video a.mp4 >}}", "NB301", "{{< video a.mp4 >}}"),
        ("::: {.callout-wraning}\ninside\n:::", "NB304", "inside"),
    ],
)
def test_lenient_build_keeps_the_words_of_what_it_leaves_out(
    tiny: TinyBook, text: str, code_: str, stays: str
) -> None:
    tiny.chapter("one", markdown("# One"), markdown(text))
    assert tiny.build().exit_code == 1
    editions = Editions(tiny, "--lenient")
    assert all(stays in words for words in editions.said())
    assert f"{code_}  notebooks/one.ipynb, cell 2" in editions.result.output


def test_lenient_build_spares_misspelt_names_and_nothing_else(tiny: TinyBook) -> None:
    links = (
        "See @fig-nowhere, [a page](nowhere), [a place](#nowhere), [home](../index.qmd#nowhere)."
    )
    text = f"# One\n\n::: {{.panel-sidebar}}\nBeside.\n:::\n\n{links}"
    tiny.chapter("one", markdown(text), code("#| ehco: false\n1"))
    tiny.config["book"]["titel"] = "T"
    editions = Editions(tiny, "--lenient")
    for words in editions.said():
        assert "Beside." in words
        # As Quarto prints it.
        assert "See ?@fig-nowhere, a page, a place, home." in words
    (home,) = editions.html.xpath(".//a[text()='home']/@href")
    assert home == "../index.html"
    for code_ in ("NB103", "NB205", "NB304", "NB602", "NB604"):
        assert code_ in editions.result.output
    tiny.chapter("two", markdown("# Two\n\n![A picture](nowhere.png)"))
    tiny.save()
    result = tiny.run("build", "--engine", "portable", "--lenient")
    assert result.exit_code == 1
    assert "NB605" in result.output


def test_lenient_build_refers_to_a_chapters_own_label_where_two_have_it(tiny: TinyBook) -> None:
    table = "|a|\n|-|\n|1|\n\n: T {#tbl-t}\n\nSee @tbl-t."
    for name in ("two", "one"):
        tiny.chapter(name, markdown(f"# {name.title()}\n\n{table}"))
    assert tiny.build().exit_code == 1
    editions = Editions(tiny, "--lenient")
    assert "NB601  notebooks/one.ipynb, cell 1: the id “tbl-t” is used twice" in (
        editions.result.output
    )
    for words in editions.said():
        assert "See Table 2.1." in words.replace("\u00a0", " ")


def test_pdf_of_latex_is_made_with_typst(tiny: TinyBook) -> None:
    """The file that `quarto create project book` writes asks for this."""
    tiny.config["format"] = {
        "html": {"theme": ["cosmo", "brand"]},
        "pdf": {"documentclass": "scrreprt"},
    }
    tiny.save()
    result = tiny.run("build", "--engine", "portable")
    assert result.exit_code == 0, result.output
    assert (tiny.root / "_site" / "Tiny-book.pdf").is_file()
    assert "“format.pdf.**” has no effect: the portable PDF is made with Typst" in result.output
