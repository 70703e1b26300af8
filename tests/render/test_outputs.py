"""What cells put out, in every format: each kind of output, and the options that show or hide it.

What is expected here is what Quarto makes of the same cells.
"""

from __future__ import annotations

import nbformat
import pytest

from tests.books import TinyBook, code, markdown
from tests.render.formats import Editions, stored

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
FRAME = (
    '<div><style scoped>.dataframe th { color: red; }</style><table border="1" class="dataframe">'
    "<thead><tr><th></th><th>people</th></tr></thead>"
    "<tbody><tr><th>Ann</th><td>30</td></tr></tbody></table></div>"
)


def raw(text: str, mime: str) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_raw_cell(text)
    cell.metadata = {"raw_mimetype": mime} if mime else {}
    return cell


def notebook(book: TinyBook, *cells: nbformat.NotebookNode) -> None:
    """A chapter that is not run, as a notebook is by Quarto's default."""
    book.chapter("one", markdown("# One"), *cells)
    book.config["execute"].pop("enabled", None)


def test_table_of_a_library_is_a_table_in_every_format(tiny: TinyBook) -> None:
    notebook(tiny, stored("frame", {"text/html": FRAME, "text/plain": "plain form"}))
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        (table,) = tree.cssselect("table")
        assert [cell.text_content() for cell in table.cssselect("tbody th, tbody td")] == [
            "Ann",
            "30",
        ]
    assert "people" in editions.pdf
    assert "Ann 30" in editions.pdf
    for words in editions.said():
        assert "plain form" not in words
        assert "color: red" not in words


def test_terminal_output_loses_its_colours_and_its_paths(tiny: TinyBook) -> None:
    trace = ["\x1b[31mZeroDivisionError\x1b[0m", "division by zero"]
    warning = "/tmp/ipykernel_77/123.py:4: UserWarning: careful\n"
    notebook(
        tiny,
        stored("a", {"name": "stdout", "text": "\x1b[31mred\x1b[0m"}),
        stored("b", {"name": "stderr", "text": warning}),
        stored("c", {"ename": "ZeroDivisionError", "evalue": "no", "traceback": trace}),
    )
    for words in Editions(tiny).said():
        assert "red" in words
        assert "[31m" not in words
        assert "<cell>:4: UserWarning: careful" in words
        assert "ipykernel" not in words
        assert "ZeroDivisionError division by zero" in words


@pytest.mark.parametrize("level", ["cell", "chapter", "format", "project"])
def test_warnings_are_hidden_when_asked(tiny: TinyBook, level: str) -> None:
    front = "---\nexecute:\n  warning: false\n---\n" if level == "chapter" else ""
    option = "#| warning: false\n" if level == "cell" else ""
    tiny.chapter(
        "one",
        nbformat.v4.new_raw_cell(front),
        markdown("# One"),
        stored(option + "a", {"name": "stderr", "text": "hush"}, {"name": "stdout", "text": "say"}),
    )
    tiny.config["execute"] = {"warning": False} if level == "project" else {}
    if level == "format":
        tiny.config["format"]["html"]["execute"] = {"warning": False}
    assert tiny.build().exit_code == 0
    page = tiny.page("notebooks/one.html")
    assert "hush" not in page
    assert "say" in page


def test_cell_may_ask_for_a_warning_that_the_project_hides(tiny: TinyBook) -> None:
    notebook(tiny, stored("#| warning: true\na", {"name": "stderr", "text": "careful"}))
    tiny.config["execute"] = {"warning": False}
    assert all("careful" in words for words in Editions(tiny).said())


def test_error_that_is_asked_for_is_shown_and_the_rest_runs(tiny: TinyBook) -> None:
    tiny.chapter(
        "one",
        markdown("# One"),
        code("#| error: true\n1 / 0"),
        code("print('af' + 'ter')"),
    )
    web, _, _ = Editions(tiny).said()
    assert "ZeroDivisionError: division by zero" in web
    assert "after" in web


def test_error_may_be_allowed_for_a_whole_chapter_but_not_by_one_cell_for_another(
    tiny: TinyBook,
) -> None:
    front = nbformat.v4.new_raw_cell("---\nexecute:\n  error: true\n---")
    tiny.chapter("one", front, markdown("# One"), code("1 / 0"))
    assert tiny.build().exit_code == 0
    tiny.chapter("two", markdown("# Two"), code("#| error: true\n1 / 0"), code("2 / 0"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB401  notebooks/two.ipynb, cell 3" in result.output


def test_code_with_its_fence(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code('#| echo: fenced\n#| fig-cap: "C"\n40 + 2'))
    web, ebook, _ = Editions(tiny).said()
    for words in (web, ebook):
        assert '```{python} #| fig-cap: "C" 40 + 2 ```' in words
        assert "echo" not in words


def test_best_form_of_an_output_for_each_format(tiny: TinyBook) -> None:
    notebook(
        tiny,
        stored("a", {"text/html": "<em>web</em>", "text/plain": "paper"}),
        stored("b", {"text/html": "<em>both</em>", "text/plain": "<lib.Thing object at 0x7f>"}),
        stored("c", {"text/latex": "$x^2$", "text/plain": "no"}),
        stored("d", {"text/latex": "\\begin{align}y\\end{align}", "text/plain": "no"}),
        stored("e", {"text/latex": "\\textbf{z}", "text/plain": "bare"}),
        stored("f", {"application/json": {"key": 1}, "text/plain": "<lib.JSON object>"}),
        stored("g", {"text/markdown": "*mark*", "image/png": PIXEL, "text/plain": "no"}),
    )
    editions = Editions(tiny)
    web, ebook, pdf = editions.said()
    assert "web" in web
    assert "paper" not in web
    assert "web" in ebook
    assert "paper" in pdf
    for words in (web, ebook, pdf):
        assert "both" in words
        assert "0x7f" not in words
        assert "bare" in words
        assert "textbf" not in words
        assert '"key": 1' in words
        assert "mark" in words
        assert "no" not in words.split()
    assert len(editions.html.cssselect("math")) == 2
    assert len(editions.epub.cssselect("math")) == 2


def test_widget_and_script_are_told_once(tiny: TinyBook) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "Slider"}
    live = {"text/html": "<div></div><script>draw()</script>", "image/png": PIXEL}
    notebook(
        tiny,
        stored("a", view),
        stored("b", view),
        stored('#| fig-alt: "A dot"\nc', live),
        stored("d", {"application/odd": "x"}),
    )
    editions = Editions(tiny)
    for words in editions.said():
        assert words.count("Slider") == 2
        assert "draw()" not in words
    assert editions.html.cssselect("img[alt='A dot']")
    told = [line for line in editions.result.output.splitlines() if line.startswith("NB305")]
    assert len(told) == 3
    assert "notebooks/one.ipynb, cell 2: a widget stands as its text" in told[0]
    assert "application/odd" in told[2]


def test_raw_cells_and_blocks_are_for_their_format_only(tiny: TinyBook) -> None:
    notebook(
        tiny,
        raw("<i>cellweb</i>", "text/html"),
        raw("\\emph{celltex}", "text/latex"),
        raw("cellrst", "text/restructuredtext"),
        raw("*cellmark*", "text/markdown"),
        raw("*cellbare*", ""),
        markdown("```{=typst}\nblocktypst\n```\n\n```{=latex}\nblocktex\n```\n"),
    )
    editions = Editions(tiny)
    web, ebook, pdf = editions.said()
    for words in (web, ebook):
        assert "cellweb" in words
        assert "blocktypst" not in words
    assert "cellweb" not in pdf
    assert "blocktypst" in pdf
    for words in (web, ebook, pdf):
        assert "cellmark" in words
        assert "cellbare" in words
        assert not any(name in words for name in ("celltex", "cellrst", "blocktex"))
    assert {e.text_content() for e in editions.html.cssselect("em")} == {"cellmark", "cellbare"}


def test_pictures_attached_to_a_cell(tiny: TinyBook) -> None:
    cell = markdown("A dot ![dot](attachment:a%20b.png) and ![again](attachment:c.png).")
    cell.attachments = {"a b.png": {"image/png": PIXEL}, "c.png": {"image/png": PIXEL}}
    notebook(tiny, cell)
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        assert [image.get("alt") for image in tree.cssselect("img")] == ["dot", "again"]
    source = editions.html.cssselect("img")[0].get("src").replace("%20", " ")
    assert (tiny.root / "_site" / "notebooks" / source).resolve().is_file()


def test_attachment_that_is_missing(tiny: TinyBook) -> None:
    cell = markdown("![dot](attachment:pictur.png)")
    cell.attachments = {"picture.png": {"image/png": PIXEL}}
    notebook(tiny, cell)
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB605  notebooks/one.ipynb, cell 2: no attachment “pictur.png”" in result.output
    assert "Did you mean “picture.png”?" in result.output


def test_attachment_writes_nothing_outside_the_edition(tiny: TinyBook) -> None:
    name = "x/" + "../" * 4 + "evil.png"
    cell = markdown(f"![dot](attachment:{name})")
    cell.attachments = {name: {"image/png": PIXEL}}
    notebook(tiny, cell)
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB605  notebooks/one.ipynb, cell 2" in result.output
    assert "is no plain file name" in result.output
    assert not list(tiny.root.rglob("evil.png"))
    assert not (tiny.root.parent / "evil.png").exists()


def test_attachment_that_is_broken(tiny: TinyBook) -> None:
    cell = markdown("![dot](attachment:dot.png)")
    cell.attachments = {"dot.png": {"image/png": "AAA"}}
    notebook(tiny, cell)
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB605  notebooks/one.ipynb, cell 2" in result.output
    assert "cannot be read" in result.output


def test_picture_inside_the_address(tiny: TinyBook) -> None:
    notebook(tiny, markdown(f"Twice ![dot](data:image/png;base64,{PIXEL})."))
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        (image,) = tree.cssselect("img")
        assert image.get("src").endswith(".png")
        assert "data:" not in image.get("src")


def test_picture_inside_the_address_that_is_broken(tiny: TinyBook) -> None:
    notebook(tiny, markdown("![dot](data:image/png;base64,AAA)"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB605" in result.output


def test_pictures_of_other_folders(tiny: TinyBook) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0L9 9"/></svg>'
    tiny.write("shared/deep/line.svg", picture)
    notebook(tiny, markdown("![a](../shared/deep/line.svg) ![b](/shared/deep/line.svg)"))
    editions = Editions(tiny)
    assert len({image.get("src") for image in editions.html.cssselect("img")}) == 1
    assert len(editions.epub.cssselect("img")) == 2


def test_frozen_chapter_runs_again_only_when_its_code_changes(tiny: TinyBook) -> None:
    tiny.write("value.txt", "1")
    read = "print('value', open('../value.txt').read())"
    tiny.chapter("one", markdown("# One"), code(read))
    tiny.config["execute"]["freeze"] = "auto"
    assert tiny.build().exit_code == 0
    tiny.write("value.txt", "2")
    assert tiny.build().exit_code == 0
    assert "value 1" in tiny.page("notebooks/one.html")
    tiny.config["book"]["chapters"].pop()
    tiny.chapter("one", markdown("# One"), code(read + "  # again"))
    assert tiny.build().exit_code == 0
    assert "value 2" in tiny.page("notebooks/one.html")


def test_chapter_may_ask_to_be_run(tiny: TinyBook) -> None:
    front = nbformat.v4.new_raw_cell("---\nexecute:\n  enabled: true\n---")
    notebook(tiny, code("print('st' + 'ored')"))
    tiny.chapter("two", front, markdown("# Two"), code("print('r' + 'an')"))
    assert tiny.build().exit_code == 0
    assert "<code>ran</code>" in tiny.page("notebooks/two.html")
    assert "<code>stored</code>" not in tiny.page("notebooks/one.html")


def test_picture_with_a_caption_and_no_label(tiny: TinyBook) -> None:
    cell = stored('#| fig-cap: "A *dot*"\n#| fig-alt: "One dot"\na', {"image/png": PIXEL})
    notebook(tiny, cell)
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        assert tree.cssselect("figcaption")[0].text_content().strip() == "A dot"
        assert tree.cssselect("img[alt='One dot']")
    assert "A dot" in editions.pdf
