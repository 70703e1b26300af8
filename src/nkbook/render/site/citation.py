"""How to cite a part of the book: in the manner of APA (7th edition), and as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nkbook.clock import day
from nkbook.render.project import Project


def citation(
    project: Project, title: str, identifier: str, date: datetime, authors: Sequence[str] = ()
) -> Mapping[str, str]:
    """`apa` and `bibtex` of the part called `title`, whose id becomes the BibTeX key.

    `authors` are those of the part, if the book names other ones for it than for the whole.
    No address: the site cannot know where it is read, so a script of the page (`cite.js`) adds it.
    """
    names = authors or project.authors
    by = " & ".join(names)
    key = f"{identifier.removeprefix('sec-')}{date.year}"
    return {
        "apa": f"{by} ({date.year}). {title}. In {project.title}. Edition of {day(date)}.",
        "bibtex": f"@incollection{{{key},\n"
        f"  author = {{{{{'}} and {{'.join(names)}}}}},\n"
        f"  title = {{{title}}},\n"
        f"  booktitle = {{{project.title}}},\n"
        f"  year = {{{date.year}}},\n"
        f"  note = {{Edition of {day(date)}}}\n}}",
    }
