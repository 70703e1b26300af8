"""A tiny book with one of everything, written into a folder and read from there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nkbook.render.chapter import Book
from nkbook.render.epub import write_epub
from nkbook.render.figures import figure_files
from nkbook.render.pdf import write_pdf
from nkbook.render.portable import read_book
from nkbook.render.progress import Progress
from nkbook.render.project import load_project


@dataclass(frozen=True)
class Made:
    """A book and the files made of it."""

    book: Book
    epub: Path
    pdf: Path
    offprints: dict[str, Path]
    """The chapters' own PDFs by their files."""


DATE = datetime(2026, 3, 1, 12, tzinfo=UTC)

CONFIG = """\
project:
  type: book
book:
  title: "A Book of Small Things"
  subtitle: "With one of everything & more"
  author: [Ada Example, Kim Min-su]
  description: "A short book that tests a press."
  license: "CC BY 4.0"
  chapters:
    - index.md
    - part: "First <part> & only"
      chapters:
        - rivers.ipynb
        - bridges.md
  appendices:
    - words.md
bibliography: refs.json
lang: en-GB
toc-depth: 2
format:
  html: {}
  epub: {}
  typst: {}
"""

HOME = """\
# Welcome {.unnumbered}

This book shows how a press works. Begin with @sec-rivers.

## Notes

A heading that another chapter has too.
"""

RIVERS = """\
# Rivers of *everyday* life {#sec-rivers}

A river carries [1,200](words.md#stat-flow){.stat} boats a year [@doe2020].[^width]
The name in Korean is *choson* ([조선]{lang=ko}); see @fig-flow, @tbl-boats and @sec-bridges.

[^width]: Measured at the **widest** place; see [the bridge](bridges.md#sec-bridges).

::: {.callout-note title="In brief"}
- Boats go down.
- Few come up [@roe2021].
:::

::: {.callout-warning title="Content note" #note-rivers}
A boat sinks. [Skip to the boats](#sec-rivers-boats)
:::

## Boats {#sec-rivers-boats}

::: {#quo-ada .testimony}
> I saw the river rise […] and fall.

[— Ada, who left in 1999 [@doe2020]]{.testimony-speaker}
:::

| Boat   | Length (m) |
|:-------|-----------:|
| Ferry  |         40 |
| Skiff  |          4 |

: Boats of the river {#tbl-boats}

### Kinds of boat

A second note.[^second] Water is H~2~O, and $a^2 + b^2 = c^2$.

[^second]: Two paragraphs.

    The second one.
"""

BRIDGES = """\
# Bridges 인민 {#sec-bridges}

A bridge stands over the river of @sec-rivers-boats and @fig-plan.

![The plan of a bridge [@roe2021]](plan.svg){#fig-plan fig-alt="Two piers and a deck." width=60%}

> A quotation of an ordinary kind.

## Notes

Term
:   Its definition.

1. One
2. Two

```python
print("code")
```

::: {.content-visible when-format="html"}
Only on the web and in the ebook.
:::

::: {.content-visible when-format="typst"}
Only in print.
:::

See [the plan](plan.svg) and <https://example.org/a_b>.
"""

WORDS = """\
# Numbers {#sec-words}

## Evidence

::: {#stat-flow .evidence}
**1,200** boats, 2020. Source: @doe2020.
:::

```{=html}
<table><tr><td>Written<br>by&nbsp;hand</table>
```

::: {cite="an attribute that a division cannot have"}
A division.
:::
"""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 180" width="360pt" height="180pt">'
    '<rect width="360" height="180" fill="#fbfbf8"/>'
    '<path d="M20 150 L120 40 L220 90 L340 20" fill="none" stroke="#1d5a78" stroke-width="3"/>'
    '<text x="20" y="20" font-family="Book Sans" font-size="12">Boats</text></svg>'
)

REFERENCES = [
    {
        "id": "doe2020",
        "type": "book",
        "title": "Rivers",
        "author": [{"family": "Doe", "given": "Jane"}],
        "issued": {"date-parts": [[2020]]},
        "publisher": "Water Press",
    },
    {
        "id": "roe2021",
        "type": "webpage",
        "title": "Boats & bridges",
        "author": [{"literal": "Roe Institute"}],
        "issued": {"date-parts": [[2021]]},
        "URL": "https://example.org/boats?a=1&b=2",
    },
]


def _notebook() -> str:
    figure = {
        "unit": "boats",
        "sources": ["doe2020"],
        "series": [],
        "columns": ["year", "boats"],
        "rows": [[2019, 1100], [2020, 1200]],
    }
    code = (
        "#| label: fig-flow\n"
        '#| fig-cap: "More boats go *down* than up [@doe2020]."\n'
        '#| fig-alt: "A line that rises, falls and rises: \\"boats\\" a year."\n'
        "#| echo: false\n"
        "show()"
    )
    output = {
        "output_type": "execute_result",
        "execution_count": None,
        "metadata": {},
        "data": {
            "image/svg+xml": SVG,
            "application/vnd.nkbook.figure+json": figure,
            "text/plain": "figure",
        },
    }
    cells = [
        {"cell_type": "markdown", "id": "text", "metadata": {}, "source": RIVERS},
        {
            "cell_type": "code",
            "id": "flow",
            "metadata": {},
            "execution_count": None,
            "source": code,
            "outputs": [output],
        },
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def write_project(root: Path, **changed: str) -> None:
    """Write the sources of the tiny book into `root`; `changed` names chapters and their text."""
    files = {
        "_quarto.yml": CONFIG,
        "index.md": HOME,
        "rivers.ipynb": _notebook(),
        "bridges.md": BRIDGES,
        "words.md": WORDS,
        "plan.svg": SVG,
        "refs.json": json.dumps(REFERENCES),
    }
    files |= {f"{stem}.md": text for stem, text in changed.items()}
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")


def read_project(root: Path) -> Book:
    """The tiny book in `root` as the engine sees it."""
    return read_book(load_project(root), Progress(quiet=True))


def stage_media(book: Book, staging: Path) -> None:
    """Put the images of a book where its writers look for them."""
    files = {path: data for chapter in book.chapters for path, data in chapter.media.items()}
    for figure in book.figures:
        files |= {
            f"figures/{name}": data for name, data in figure_files(figure, book.project).items()
        }
    for path, data in files.items():
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def make(root: Path, **changed: str) -> Made:
    """Write the tiny book into `root` and build both of its editions."""
    write_project(root / "book", **changed)
    book = read_project(root / "book")
    staging = root / "staging"
    stage_media(book, staging)
    epub, pdf = root / "book.epub", root / "book.pdf"
    write_epub(book, staging, epub, DATE)
    return Made(book, epub, pdf, write_pdf(book, staging, pdf, DATE))
