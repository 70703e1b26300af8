"""What a reader can point at: numbers, references, links, citations, notes, conditional content."""

from __future__ import annotations

import re

import pytest
from lxml import html

from tests.books import FIGURE, TinyBook, code, markdown


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    """A built book with two parts' worth of everything, which nobody changes."""
    tiny = TinyBook(tmp_path_factory.mktemp("structure") / "book")
    tiny.bibliography()
    tiny.write("_variables.yml", "stat:\n  total: '[**12**–14](#stat-total){.stat}'\n")
    tiny.chapter(
        "one",
        markdown(
            """
            # First chapter {#sec-one}

            See @sec-two, @sec-two-b, @sec-app, @fig-line, @tbl-ages and [-@fig-line].
            Also [the second](two.ipynb#sec-two-b), [Figs. @fig-line] and {{< var stat.total >}}.
            So it is [@kim, p. 3].[^n]

            [^n]: A *note* with @kim.

            ## Section A {#sec-one-a}

            ### Deeper

            ## Section B {.unnumbered}
            """
        ),
        code(FIGURE),
        markdown(
            """
            | name | age |
            |------|----:|
            | Ann  |  30 |

            : Ages of people {#tbl-ages}

            ::: {.callout-warning title="Content note" #note}
            Careful.
            :::

            ::: {.callout-tip collapse="true"}
            ## Folded
            Inside.
            :::

            ::: {.content-visible when-format="html:js"}
            only on the web
            :::

            ::: {.content-hidden when-format="html"}
            never on the web
            :::
            """
        ),
    )
    tiny.chapter(
        "two", markdown("# Second {#sec-two}\n\n## Part B {#sec-two-b}\n\n`{python} 2 * 3`")
    )
    tiny.chapter(
        "app",
        markdown("# Extra {#sec-app}\n\n## Row {#stat-total}\n\nText."),
        code(FIGURE.replace("fig-line", "fig-extra")),
        appendix=True,
    )
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().replace("\u00a0", " ").split())


def tree(book: TinyBook, name: str) -> html.HtmlElement:
    """A page without the links that its headings carry to themselves."""
    page = html.fromstring(book.page(name))
    for link in page.cssselect("a.heading-link"):
        link.drop_tree()
    return page


def test_references_print_kind_and_number(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    found = {(text(a), a.get("href")) for a in page.cssselect("a.quarto-xref")}
    assert found >= {
        ("Chapter 2", "two.html#sec-two"),
        ("Section 2.1", "two.html#sec-two-b"),
        ("Appendix A", "app.html#sec-app"),
        ("Figure 1.1", "#fig-line"),
        ("Table 1.1", "#tbl-ages"),
        ("1.1", "#fig-line"),
        ("Figs. 1.1", "#fig-line"),
    }


def test_headings_carry_their_numbers(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    found = [text(node) for node in page.cssselect("main section h2, main section h3")]
    assert found[:3] == ["1.1 Section A", "1.1.1 Deeper", "Section B"]
    assert page.cssselect("section#sec-one-a")


def test_links_between_chapters_lead_to_pages(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    hrefs = {a.get("href") for a in page.cssselect("main a")}
    assert "two.html#sec-two-b" in hrefs
    assert "app.html#stat-total" in hrefs, "an id elsewhere in the book is found, as in Quarto"
    assert not any(".ipynb#" in str(href) for href in hrefs)


def test_variables_may_hold_markdown(book: TinyBook) -> None:
    (link,) = tree(book, "notebooks/one.html").cssselect("a.stat")
    assert text(link) == "12–14"
    assert link.cssselect("strong")


def test_figures_have_caption_alt_and_files(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    (figure,) = page.cssselect("figure#fig-line")
    assert text(figure.cssselect("figcaption")[0]) == "Figure 1.1: A line that rises."
    (image,) = figure.cssselect("img")
    assert image.get("alt") == "One line from lower left to upper right."
    assert image.get("src") == "../figures/fig-line.svg"
    for link in figure.cssselect("nav a"):
        assert (book.root / "_site" / "notebooks" / link.get("href")).resolve().is_file()
    assert text(tree(book, "notebooks/app.html").cssselect("#fig-extra figcaption")[0]).startswith(
        "Figure A.1:"
    )


def test_tables_have_captions(book: TinyBook) -> None:
    (table,) = tree(book, "notebooks/one.html").cssselect("figure#tbl-ages")
    assert text(table.cssselect("figcaption")[0]) == "Table 1.1: Ages of people"
    assert table.cssselect("table td")


def test_citations_and_notes(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    assert "(Kim 2020, p. 3)" in book.page("notebooks/one.html").replace("\u00a0", " ") or (
        "Kim 2020, 3" in text(page)
    )
    assert "A Book" in text(page.cssselect("#refs")[0])
    assert "A note with" in text(page.cssselect("section#footnotes")[0])
    assert not tree(book, "notebooks/two.html").cssselect("#refs"), "references are per chapter"


def test_citation_right_after_a_reference_is_its_own(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# One\n\nSee @fig-line [@kim]."), code(FIGURE))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    assert "See Figure 1.1 (Kim 2020)." in text(tree(tiny, "notebooks/one.html"))


def test_callouts(book: TinyBook) -> None:
    page = tree(book, "notebooks/one.html")
    (note,) = page.cssselect("aside#note.callout-warning")
    assert text(note.cssselect(".callout-title")[0]) == "Content note"
    (folded,) = page.cssselect("details.callout-tip")
    assert text(folded.cssselect("summary")[0]) == "Folded"


def test_a_callouts_title_is_markdown_and_no_section(tiny: TinyBook) -> None:
    tiny.chapter(
        "one",
        markdown(
            """
            # One

            ::: {.callout-note}
            ## A heading
            Words.
            :::

            ::: {.callout-tip title="Not *all*, see @sec-after"}
            Words.
            :::

            ## After {#sec-after}
            """
        ),
    )
    assert tiny.build().exit_code == 0
    page = tree(tiny, "notebooks/one.html")
    titles = page.cssselect(".callout-title")
    assert [text(title) for title in titles] == ["A heading", "Not all, see Section 1.1"]
    assert titles[1].cssselect("em")
    assert [text(heading) for heading in page.cssselect(".prose h2")] == ["1.1 After"]
    (contents,) = page.cssselect(".contents-fold nav")
    assert text(contents) == "After"


def test_a_picture_that_is_a_link_keeps_its_caption(tiny: TinyBook) -> None:
    tiny.write("notebooks/rise.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    tiny.chapter(
        "one",
        markdown("# One\n\n[![Said *below* it](rise.svg){#fig-rise}](#sec-x)\n\n## X {#sec-x}"),
    )
    assert tiny.build().exit_code == 0
    (figure,) = tree(tiny, "notebooks/one.html").cssselect("figure#fig-rise")
    assert text(figure.cssselect("figcaption")[0]) == "Figure 1.1: Said below it"
    assert figure.cssselect("a[href='#sec-x'] img")


def test_a_reference_may_begin_a_sentence(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One {#sec-one}\n\n@Sec-one says so."))
    assert tiny.build().exit_code == 0
    assert "Chapter 1 says so." in text(tree(tiny, "notebooks/one.html"))


def test_conditional_content(book: TinyBook) -> None:
    page = text(tree(book, "notebooks/one.html"))
    assert "only on the web" in page
    assert "never on the web" not in page


def test_inline_code_prints_its_value(book: TinyBook) -> None:
    assert re.search(r"<p>6</p>", book.page("notebooks/two.html"))


def test_code_is_folded_when_asked(tiny: TinyBook) -> None:
    tiny.config["format"]["html"] = {"code-fold": True}
    tiny.chapter("one", markdown("# One"), code("print('shown')"), code("#| echo: false\n1 + 1"))
    assert tiny.build().exit_code == 0
    page = tree(tiny, "notebooks/one.html")
    (folded,) = page.cssselect("details.code-fold")
    assert "shown" in text(folded)
    assert "1 + 1" not in text(page)


def test_stored_outputs_are_used_when_the_project_does_not_execute(tiny: TinyBook) -> None:
    import nbformat

    tiny.config["execute"]["enabled"] = False
    cell = code("print('run me')")
    cell["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text="stored\ntext\n")]
    tiny.chapter("one", markdown("# One"), cell)
    assert tiny.build().exit_code == 0
    assert "<code>stored\ntext</code>" in tiny.page("notebooks/one.html")


def test_pre_render_runs_before_variables_are_read(tiny: TinyBook) -> None:
    tiny.write(
        "prepare.py", "import pathlib\npathlib.Path('_variables.yml').write_text('x: made\\n')\n"
    )
    tiny.config["project"]["pre-render"] = "prepare.py"
    tiny.chapter("one", markdown("# One\n\nIt was {{< var x >}}."))
    assert tiny.build().exit_code == 0
    assert "It was made." in tiny.page("notebooks/one.html")


def test_shortcodes_in_code_are_left_alone(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n`{{< var x >}}` and {{{< var y >}}}\n"))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    page = tree(tiny, "notebooks/one.html")
    assert "{{< var x >}} and {{< var y >}}" in text(page)


def test_includes_are_read_from_the_chapters_folder(tiny: TinyBook) -> None:
    tiny.write("notebooks/part.md", "Included *text*.")
    tiny.chapter("one", markdown("# One\n\n{{< include part.md >}}"))
    assert tiny.build().exit_code == 0
    assert "Included <em>text</em>." in tiny.page("notebooks/one.html")


def test_qmd_chapters_run_too(tiny: TinyBook) -> None:
    tiny.write("two.qmd", "---\ntitle: From front matter\n---\n\n```{python}\nprint(6 * 7)\n```\n")
    tiny.config["book"]["chapters"].append("two.qmd")
    assert tiny.build().exit_code == 0
    page = tree(tiny, "two.html")
    assert "From front matter" in text(page.cssselect("h1")[0])
    assert "42" in text(page.cssselect(".cell-output")[0])


def test_unnumbered_chapters_do_not_count(tiny: TinyBook) -> None:
    tiny.chapter("preface", markdown("# Preface {.unnumbered}\n\n## Why"))
    tiny.chapter("one", markdown("# One {#sec-one}\n\n@sec-one"))
    assert tiny.build().exit_code == 0
    assert "Chapter 1" in text(tree(tiny, "notebooks/one.html").cssselect("a.quarto-xref")[0])
    assert text(tree(tiny, "notebooks/preface.html").cssselect("main h2")[0]) == "Why"


def test_headings_of_any_depth_and_many_appendices(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n" + "\n\n".join("#" * n + " X" for n in range(2, 9))))
    for number in range(28):
        tiny.chapter(f"appendix-{number}", markdown(f"# {number}"), appendix=True)
    assert tiny.build().exit_code == 0
    assert "1.1.1.1.1.1.1.1 X" in text(tree(tiny, "notebooks/one.html"))
    assert "Appendix AB" in text(tree(tiny, "notebooks/appendix-27.html"))


def test_resources_may_be_a_folder(tiny: TinyBook) -> None:
    tiny.write("data/deep/a.csv", "a\n")
    tiny.config["project"]["resources"] = ["data"]
    assert tiny.build().exit_code == 0
    assert tiny.page("data/deep/a.csv") == "a\n"


def test_every_picture_is_a_file_of_its_own(tiny: TinyBook) -> None:
    """Several of one cell, and those of chapters that have the same name in other folders."""
    draw = (
        "from IPython.display import SVG, display\n"
        "for n in ({}):\n"
        '    display(SVG(f\'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{n}} 1"/>\'))'
    )
    options = "#| label: fig-two\n#| fig-cap: Two.\n#| fig-alt: Two.\n"
    tiny.chapter("intro", markdown("# One"), code(options + draw.format("1, 2")))
    tiny.write("more/intro.qmd", f"# Two\n\n```{{python}}\n{draw.format('3, 4')}\n```\n")
    tiny.config["book"]["chapters"].append("more/intro.qmd")
    assert tiny.build().exit_code == 0
    pictures = [
        (page.parent / image.get("src")).resolve()
        for page in (tiny.root / "_site").rglob("intro.html")
        for image in html.parse(str(page)).iter("img")
    ]
    assert len(pictures) == 4
    assert len({picture.read_text() for picture in pictures}) == 4


@pytest.mark.parametrize(
    ("execute", "own", "seen"),
    [
        ({}, {}, ("first", "code", "second")),
        ({"eval": False}, {}, ("code", "second")),
        ({"output": False}, {}, ("code", "second")),
        ({"echo": False}, {}, ("first", "second")),
        ({"include": False}, {}, ("second",)),
        ({}, {"include": False}, ("second",)),
        ({}, {"output": False}, ("code", "second")),
        ({"echo": False}, {"echo": True}, ("first", "code", "second")),
    ],
)
def test_execute_of_the_project_and_of_a_format(
    tiny: TinyBook, execute: dict[str, bool], own: dict[str, bool], seen: tuple[str, ...]
) -> None:
    """What each key of `execute:` does where a cell says nothing; the second cell says it all."""
    options = "#| eval: true\n#| output: true\n#| include: true\n#| echo: false\n"
    tiny.config["execute"] |= execute
    tiny.config["format"]["html"]["execute"] = own
    tiny.chapter("one", markdown("# One"), code("# code\nprint('fir' + 'st')"))
    tiny.chapter("two", markdown("# Two"), code(options + "print('sec' + 'ond')"))
    assert tiny.build().exit_code == 0
    shown = [
        text(tree(tiny, f"notebooks/{name}.html").cssselect("main")[0]) for name in ("one", "two")
    ]
    assert tuple(
        word for word in ("first", "# code", "second") if word in " ".join(shown)
    ) == tuple("# code" if word == "code" else word for word in seen)


def test_code_of_qmd_runs_unless_the_project_says_no(tiny: TinyBook) -> None:
    """Quarto's default: text with code is run, a notebook brings its outputs."""
    tiny.write(
        "run.qmd", "# Run\n\nIt is `{python} 40 + 2`.\n\n```{python}\nprint('r' + 'an')\n```\n"
    )
    tiny.config["book"]["chapters"].append("run.qmd")
    tiny.chapter("one", markdown("# One"), code("print('r' + 'an')"))
    del tiny.config["execute"]
    assert tiny.build().exit_code == 0
    assert "It is 42." in tiny.page("run.html")
    assert "<code>ran</code>" in tiny.page("run.html")
    assert "<code>ran</code>" not in tiny.page("notebooks/one.html")
    tiny.config["execute"] = {"enabled": False}
    assert tiny.build().exit_code == 0
    assert "<code>ran</code>" not in tiny.page("run.html")


def test_titles_in_contents_hold_no_links_or_notes(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n## Told [here](#x)[^1] {#x}\n\n[^1]: Once."))
    assert tiny.build().exit_code == 0
    page = tree(tiny, "notebooks/one.html")
    assert {text(a) for a in page.cssselect("nav.contents a")} == {"Told here"}
    assert tiny.page("notebooks/one.html").count("Once.") == 1


def test_files_that_a_chapter_links_to_go_along(tiny: TinyBook) -> None:
    tiny.write("data/a table.csv", "x\n1\n")
    tiny.chapter("one", markdown("# One\n\n[the data](<../data/a table.csv>)"))
    assert tiny.build().exit_code == 0
    assert (tiny.root / "_site" / "data" / "a table.csv").is_file()
    assert "../data/a%20table.csv" in tiny.page("notebooks/one.html")


def test_website_stays_when_only_the_epub_is_built(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"))
    assert tiny.build().exit_code == 0
    assert tiny.build(["epub"]).exit_code == 0
    assert tiny.page("notebooks/one.html")
    assert (tiny.root / "_site" / "Tiny-book.epub").is_file()
