"""What stands behind a figure on the site: menu, data table, a page of its own, the gallery."""

from __future__ import annotations

from typing import Any

from lxml import html as lxml_html

from nkbook.render.lowering import FigureRecord
from nkbook.render.plotted import data_table
from tests.books import FIGURE, TinyBook, code, markdown


def figure(columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> FigureRecord:
    return FigureRecord("fig-x", "x.ipynb", "", "", "people", (), {}, columns, rows, "", "")


def read(tiny: TinyBook, name: str) -> lxml_html.HtmlElement:
    return lxml_html.fromstring(tiny.page(name))


def built(tiny: TinyBook, cell: str = FIGURE) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# Chapter one\n\nSee @fig-line."), code(cell))
    result = tiny.build()
    assert result.exit_code == 0, result.output


def test_menu_leads_to_files_that_are_there(tiny: TinyBook) -> None:
    built(tiny)
    menu = read(tiny, "notebooks/one.html").cssselect("#fig-line .figure-more")[0]
    assert "Figure\u00a01.1" in menu.cssselect("summary")[0].text_content()
    folder = tiny.root / "_site" / "notebooks"
    for link in menu.cssselect("a"):
        path, _, fragment = link.get("href").partition("#")
        target = (folder / (path or "one.html")).resolve()
        assert target.is_file(), link.get("href")
        if fragment:
            page = lxml_html.fromstring(target.read_text(encoding="utf-8"))
            assert page.cssselect(f"#{fragment}"), fragment
    words = {link.text for link in menu.cssselect("a")}
    assert {"SVG", "PDF", "PNG, 2×", "CSV", "Sources", "Code", "Cite", "Link"} <= words


def test_figure_page_has_words_data_source_code_and_the_way_back(tiny: TinyBook) -> None:
    built(tiny)
    page = read(tiny, "figures/fig-line.html")
    assert page.cssselect("h1")[0].text_content() == "A line that rises"
    assert "from lower left" in page.cssselect("#words")[0].text_content()
    assert page.cssselect("#data td")[0].text_content() == "1"
    assert "A Book" in page.cssselect("#sources li")[0].text_content()
    assert "display(" in page.cssselect("#code pre")[0].text_content()
    assert "A line that rises" in page.cssselect("#cite .cite-text")[0].text_content()
    back = page.cssselect(".figure-place a")[0].get("href")
    assert back == "../notebooks/one.html#fig-line"


def test_gallery_shows_every_figure_under_its_chapter(tiny: TinyBook) -> None:
    tiny.chapter("two", markdown("# Chapter two"), code(FIGURE.replace("fig-line", "fig-other")))
    built(tiny)
    gallery = read(tiny, "figures/index.html")
    links = [link.get("href") for link in gallery.cssselect(".gallery a")]
    assert links == ["fig-other.html", "fig-line.html"]
    home = read(tiny, "notebooks/one.html")
    assert home.cssselect(".sidebar a[href='../figures/index.html']")


def test_book_without_such_figures_has_no_gallery(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# Chapter one"))
    assert tiny.build().exit_code == 0
    assert not (tiny.root / "_site" / "figures" / "index.html").exists()
    assert "figures/index.html" not in tiny.page("notebooks/one.html")


def test_long_table_stands_on_the_page_of_the_figure_only(tiny: TinyBook) -> None:
    built(tiny, FIGURE.replace('"rows": [[1]]', '"rows": [[n] for n in range(2000)]'))
    menu = read(tiny, "notebooks/one.html").cssselect("#fig-line .figure-more")[0]
    assert not menu.cssselect("table")
    assert "2000 rows" in menu.text_content()
    assert len(read(tiny, "figures/fig-line.html").cssselect("#data tbody tr")) == 2000


def test_values_are_printed_for_readers() -> None:
    rows = ((1998, 2914.0, "hrw;kim"), (1999, 1047, "kim"))
    table = data_table(figure(("year", "value", "source"), rows), {"kim": "Kim 2020"})
    assert [column.label for column in table.columns] == ["Year", "Value", "Source"]
    assert table.rows[0] == ("1998", "2,914", "hrw; Kim 2020")


def test_what_every_row_repeats_is_said_once() -> None:
    rows = (("PRK", 1, None), ("PRK", 2, "doubtful"))
    table = data_table(figure(("entity", "value", "note"), rows), {})
    assert [(c.label, text) for c, text in table.constants] == [("Entity", "PRK")]
    assert [column.label for column in table.columns] == ["Value", "Note"]
    assert table.rows == (("1", ""), ("2", "doubtful"))
