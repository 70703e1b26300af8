"""Synthetic books of any length, that Quarto, Jupyter Book and the portable engine all build.

    python -m benchmarks.books FOLDER CHAPTERS

Each chapter is an ordinary notebook: headings, paragraphs, references to a figure, a table and
other chapters, a note, a callout, citations, a table, and two code cells, one of which draws.
The same number of chapters gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

SOURCES = 24
"""Works that a book cites, however long it is."""

_SYLLABLES = (
    *("ba", "den", "fo", "gar", "hill", "in", "ka", "lo", "mar", "ner", "on"),
    *("pel", "ri", "sun", "ter", "u", "val", "win", "yes"),
)
_WORDS = [
    *("a", "and", "at", "by", "for", "in", "is", "it", "not", "of", "on", "the", "to", "was"),
    *("".join(parts) for size in (2, 3) for parts in product(_SYLLABLES, repeat=size)),
]
"""As in a language, the first are met again and again and most of them hardly ever."""

_CONFIG = """\
project:
  type: book
  output-dir: _site

book:
  title: A book of {chapters} chapters
  author: Ann Author
  chapters:
    - index.md
{listed}
lang: en
bibliography: references.bib
number-sections: true

execute:
  enabled: true

format:
  html:
    toc: true
  epub: default
  typst: default
"""

_JUPYTER_BOOK = """\
title: A book of {chapters} chapters
author: Ann Author
logo: ""
execute:
  execute_notebooks: cache
bibtex_bibfiles: [references.bib]
"""

_SOURCE = """\
@book{{source-{number:02},
  author = {{Author, Ann{number:02}}},
  title = {{{title}}},
  publisher = {{House}},
  year = {{{year}}}
}}
"""

_COUNTING = """\
values = [(7 * year * {seed}) % 100 for year in range(1, 25)]
print(f"{{len(values)}} values, from {{min(values)}} to {{max(values)}}")
sum(values) / len(values)"""

_DRAWING = """\
#| label: fig-{id}
#| fig-cap: "Values of chapter {number}, one a year."
#| fig-alt: "A line of 24 values between 0 and 99."
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(range(1, 25), values, marker="o")
ax.set(xlabel="Year", ylabel="Value")
plt.show()"""


def chapter_file(number: int) -> str:
    """The file of a chapter, counted from one."""
    return f"chapters/{_id(number)}.ipynb"


def write_book(folder: Path, chapters: int) -> None:
    """Write a book of so many chapters into `folder`, which is made where it is missing."""
    files = {
        "_quarto.yml": _CONFIG.format(
            chapters=chapters,
            listed="".join(f"    - {chapter_file(k)}\n" for k in range(1, chapters + 1)),
        ),
        "_config.yml": _JUPYTER_BOOK.format(chapters=chapters),
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n"
        + "".join(f"  - file: chapters/{_id(k)}\n" for k in range(1, chapters + 1)),
        "index.md": f"# Welcome {{.unnumbered}}\n\n{_paragraph(Random(0), 80)}\n",
        "references.bib": "\n".join(_sources()),
        **{chapter_file(k): _notebook(k, chapters) for k in range(1, chapters + 1)},
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def _id(number: int) -> str:
    return f"chapter-{number:04}"


def _sources() -> Iterator[str]:
    for number in range(1, SOURCES + 1):
        title = " ".join(_some_words(Random(number), 4)).capitalize()
        yield _SOURCE.format(number=number, title=title, year=1980 + number)


def _notebook(number: int, chapters: int) -> str:
    cells = [
        {
            "cell_type": kind,
            "id": f"cell-{place}",
            "metadata": {},
            **({"execution_count": None, "outputs": []} if kind == "code" else {}),
            "source": text.splitlines(keepends=True),
        }
        for place, (kind, text) in enumerate(_cells(number, chapters))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cells(number: int, chapters: int) -> Iterator[tuple[str, str]]:
    random = Random(number)
    here, after = _id(number), _id(number % chapters + 1)

    def words(count: int) -> str:
        return _paragraph(random, count)

    def source() -> str:
        return f"@source-{int(random.random() * SOURCES) + 1:02}"

    title = " ".join(_some_words(random, 3)).capitalize()
    yield (
        "markdown",
        f"# {title} {{#sec-{here}}}\n\n{words(70)} [{source()}]\n\n"
        f"{words(60)}[^aside-{number}]\n{words(30)} As @sec-{after} tells, {words(30)}\n"
        f"More is in [its figure]({after}.ipynb#fig-{after}).\n\n"
        f"[^aside-{number}]: {words(20)}",
    )
    yield (
        "markdown",
        f"## {_heading(random)}\n\n{words(90)}\n\n"
        f"::: {{.callout-note}}\n## {_heading(random)}\n\n{words(40)}\n:::\n\n"
        f"{words(60)} @tbl-{here} has the numbers. [{source()}; {source()}]\n\n"
        f"{_table(random)}\n\n: Numbers of chapter {number} {{#tbl-{here}}}\n\n"
        f"- {words(12)}\n- *{words(8)}*\n- **{words(9)}**\n\n{words(80)}",
    )
    yield "code", _COUNTING.format(seed=number)
    yield (
        "markdown",
        f"## {_heading(random)}\n\n{words(80)} @fig-{here} shows it, "
        f"and @fig-{after} shows another.\n\n### {_heading(random)}\n\n{words(90)}",
    )
    yield "code", _DRAWING.format(id=here, number=number)
    yield (
        "markdown",
        f"## {_heading(random)}\n\n{words(100)}\n\n> {words(30)}\n\n{words(90)} [{source()}]",
    )


def _table(random: Random) -> str:
    rows = [f"| {year} | {int(random.random() * 1000)} |" for year in range(2001, 2009)]
    return "\n".join(["| Year | Number |", "| --- | ---: |", *rows])


def _heading(random: Random) -> str:
    return " ".join(_some_words(random, 4)).capitalize()


def _paragraph(random: Random, count: int) -> str:
    """About so many words, in sentences of ten, one a line."""
    sentences = [" ".join(_some_words(random, 10)) for _ in range(max(1, count // 10))]
    return "\n".join(f"{sentence.capitalize()}." for sentence in sentences)


def _some_words(random: Random, count: int) -> list[str]:
    # Of its methods, only this one gives the same numbers in every version of Python.
    return [_WORDS[int(random.random() ** 5 * len(_WORDS))] for _ in range(count)]


if __name__ == "__main__":
    write_book(Path(sys.argv[1]), int(sys.argv[2]))
