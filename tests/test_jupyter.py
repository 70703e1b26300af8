"""Chapters in JupyterLab and with `jupyter nbconvert`: the field's own tools, on our notebooks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from lxml import html
from nbclient import NotebookClient

from nkbook.model import FIGURE_MIME
from nkbook.render.kernels import place_sockets
from tests.books import FIGURE, RealBook, TinyBook, code, markdown
from tests.conftest import ROOT

CONFIG = ROOT / "assets" / "nbconvert" / "config.py"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def convert(notebook: Path, form: str, output: Path) -> subprocess.CompletedProcess[str]:
    """Run `jupyter nbconvert` as README says."""
    options = ["--config", str(CONFIG), "--log-level", "WARN", "--output-dir", str(output)]
    return subprocess.run(
        [sys.executable, "-m", "nbconvert", *options, "--to", form, str(notebook)],
        cwd=notebook.parents[1],
        capture_output=True,
        text=True,
    )


def page(notebook: Path, form: str, output: Path) -> html.HtmlElement:
    done = convert(notebook, form, output)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    suffix = {"html": ".html", "slides": ".slides.html"}[form]
    return html.parse(str(output / f"{notebook.stem}{suffix}")).getroot()


def lecture(tiny: TinyBook) -> Path:
    """A chapter with one of everything that Quarto writes in its own way, and a second chapter."""
    tiny.bibliography()
    tiny.write("_variables.yml", 'stat:\n  people: "[1,234](#stat-people)"\n')
    notebook = tiny.chapter(
        "lecture",
        markdown(
            """
            # Lecture {#sec-lecture}

            [Many]{test="stat('people') > 1"}: {{< var stat.people >}} [@kim].
            See @fig-line, @sec-other, [how](#sec-lecture-how) and [more](other.ipynb).

            ::: {.callout-warning title="Content note"}
            Hard to read.
            :::

            ::: {.content-visible when-format="html:js"}
            Press here.
            :::
            """
        ),
        code("#| include: false\nsecret = 1"),
        code(FIGURE),
        markdown(
            "After the figure.\n\n## First\n\nOne.\n\n## How we know {#sec-lecture-how}\n\nTwo."
        ),
        code('#| echo: false\n#| output: asis\nprint("[Three]{.x} says @kim.")'),
    )
    tiny.chapter("other", markdown("# Other {#sec-other}\n\nText."))
    tiny.save()
    return notebook


# JupyterLab -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leaving", "songbun"])
def test_notebooks_run_from_top_to_bottom_with_previews(name: str, tmp_path: Path) -> None:
    """In the notebook's own folder, as JupyterLab runs it: numbers, quotations and figures show."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    preview = "from nkbook.notebook import statistic\nstatistic('arrivals-2009')"
    notebook.cells.append(nbformat.v4.new_code_cell(preview))
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    manager = AsyncKernelManager(kernel_name="python3")
    # Another test may take a port that was free a moment ago.
    place_sockets(manager, str(tmp_path))
    NotebookClient(notebook, km=manager, timeout=300, resources=place).execute()
    *cells, statistic = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert statistic.outputs[0].data["text/markdown"].startswith("[2,914](")
    for cell in cells:
        shown = [output.data for output in cell.outputs if "data" in output]
        if "#| label: fig-" in cell.source:
            (picture,) = shown
            assert picture["image/svg+xml"].startswith("<")
            assert picture[FIGURE_MIME]["rows"]
        if "quote(" in cell.source and "import" not in cell.source:
            assert shown[0]["text/markdown"].startswith("::: {#quo-")
            assert shown[0]["text/plain"].startswith("“")
    assert not [output for cell in cells for output in cell.outputs if "name" in output]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_each_notebook_is_one_that_jupyter_wrote(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    nbformat.validate(content)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    # By it scripts are named.
    assert content["metadata"]["language_info"]["file_extension"] == ".py"
    ids = [cell["id"] for cell in content["cells"]]
    assert len(ids) == len(set(ids))


# nbconvert ------------------------------------------------------------------------------------


def test_handout_of_a_real_chapter(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    book = RealBook(tmp_path / "book")
    chapter = book.root / "notebooks" / "songbun.ipynb"
    handout = page(chapter, "html", tmp_path)
    written = chapter.read_text(encoding="utf-8")
    figures = handout.xpath("//figure")
    assert len(figures) == written.count("#| label: fig-") > 0
    for figure in figures:
        assert figure.get("id").startswith("fig-songbun-")
        assert len(figure.xpath("string(img/@alt)")) > 60
        assert re.match(r"Figure \d+\.\d+\.\s+\w.+", figure.xpath("normalize-space(figcaption)"))
    words = handout.find(".//main").text_content()
    for mark in ("#|", "{{<", ":::", "[@", "@fig-", "@sec-", "]{"):
        assert mark not in words
    (testimony,) = handout.xpath("//*[@class='testimony']")
    assert testimony.get("id").startswith("quo-")
    assert testimony.find("blockquote") is not None
    assert testimony.xpath("string(.//*[@class='testimony-speaker'])").startswith("— ")
    assert handout.get("lang") == "en-GB"
    assert handout.xpath("string(//title)") == handout.xpath("string(//h1)")
    # Every link inside leads somewhere, and nothing is asked of others.
    ids = set(handout.xpath("//@id"))
    assert {link[1:] for link in handout.xpath("//a/@href") if link.startswith("#")} <= ids
    assert not handout.xpath("//script | //link | //iframe")
    assert all(source.startswith("data:") for source in handout.xpath("//@src"))


def test_handout_says_what_the_book_says(tiny: TinyBook, tmp_path: Path) -> None:
    handout = page(lecture(tiny), "html", tmp_path)
    words = " ".join(handout.find(".//main").text_content().split())
    assert "Many: 1,234 (Kim 2020). See Figure 1.1, Chapter 2, how and more." in words
    assert "Figure 1.1. A line that rises." in words
    assert "Content note Hard to read." in words
    assert "Three says Kim (2020)." in words
    assert "References Kim, Ann. 2020. A Book." in words
    for absent in ("Press here", "secret", "print(", "#|", "test="):
        assert absent not in html.tostring(handout, encoding="unicode")
    # A link leads on where its end is in this page; others are words.
    links = {link.text_content(): link.get("href") for link in handout.xpath("//main//a")}
    assert links["how"] == "#sec-lecture-how"
    assert "more" not in links
    assert "1,234" not in links
    assert "#fig-line" in links.values()
    assert "Code" in handout.xpath("string(//details/summary)")


def test_slides_begin_at_sections_and_figures(tiny: TinyBook, tmp_path: Path) -> None:
    slides = page(lecture(tiny), "slides", tmp_path)
    begins = [
        " ".join(section.text_content().split())[:12] for section in slides.xpath("//section")
    ]
    assert begins == [
        "Lecture Many",
        "Figure 1.1. ",
        "After the fi",
        "First One.",
        "How we know ",
        "References K",
    ]
    assert not slides.xpath("//details | //script | //link")
    assert slides.xpath("//section//figure/img/@alt")


def test_slides_begin_where_an_author_says(tiny: TinyBook, tmp_path: Path) -> None:
    more, same = markdown("More."), markdown("## Same slide")
    more.metadata["slideshow"] = {"slide_type": "subslide"}
    same.metadata["slideshow"] = {"slide_type": "-"}
    notebook = tiny.chapter("one", markdown("# One\n\nText."), more, same)
    tiny.save()
    slides = page(notebook, "slides", tmp_path)
    words = [" ".join(section.text_content().split()) for section in slides.xpath("//section")]
    assert words == ["One Text.", "More. Same slide"]


def test_markdown_is_plain(tiny: TinyBook, tmp_path: Path) -> None:
    done = convert(lecture(tiny), "markdown", tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "lecture.md").read_text(encoding="utf-8")
    (alt, picture) = re.findall(r"!\[(.*?)\]\((.*?)\)", text)[0]
    assert alt == "One line from lower left to upper right."
    assert (tmp_path / picture).read_text(encoding="utf-8").startswith("<svg")
    assert "**Figure 1.1.** A line that rises." in text
    assert "1,234 ([Kim 2020](#ref-kim))" in text
    assert not re.search(r"#\||\{\{<|:::|\[@", text)


def test_scripts_are_the_code_alone(tmp_path: Path) -> None:
    options = ["--config", str(CONFIG), "--log-level", "WARN", "--output-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", *options, "--to", "script", *map(str, NOTEBOOKS)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for notebook in NOTEBOOKS:
        script = tmp_path / f"{notebook.stem}.py"
        compile(script.read_text(encoding="utf-8"), script.name, "exec")


def test_notebook_outside_the_book_is_a_finding(tiny: TinyBook, tmp_path: Path) -> None:
    lecture(tiny)
    stray = tiny.root / "notebooks" / "stray.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[markdown("# Stray")]), stray)
    done = convert(stray, "html", tmp_path)
    assert done.returncode == 1
    assert "NB904  notebooks/stray.ipynb: is not a chapter of this book" in done.stderr
    assert "Traceback" not in done.stderr


def test_fault_of_the_text_is_a_finding(tiny: TinyBook, tmp_path: Path) -> None:
    notebook = tiny.chapter("one", markdown("# One\n\n{{< var stat.missing >}}"))
    tiny.save()
    done = convert(notebook, "html", tmp_path)
    assert done.returncode == 1
    assert "NB302  notebooks/one.ipynb, cell 1: unknown variable “stat.missing”" in done.stderr
    assert "Traceback" not in done.stderr
