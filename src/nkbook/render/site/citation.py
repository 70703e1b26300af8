"""How to cite a part of the book: in the manner of APA (7th edition), and as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nkbook.clock import day
from nkbook.render.project import Project


def citation(project: Project, title: str, identifier: str, date: datetime) -> Mapping[str, str]:
    """`apa` and `bibtex` of the part called `title`, whose id becomes the BibTeX key.

    No address: the site cannot know where it is read, so a script of the page (`cite.js`) adds it.
    """
    authors = " & ".join(project.authors)
    key = f"{identifier.removeprefix('sec-')}{date.year}"
    return {
        "apa": f"{authors} ({date.year}). {title}. In {project.title}. Edition of {day(date)}.",
        "bibtex": f"@incollection{{{key},\n"
        f"  author = {{{{{'}} and {{'.join(project.authors)}}}}},\n"
        f"  title = {{{title}}},\n"
        f"  booktitle = {{{project.title}}},\n"
        f"  year = {{{date.year}}},\n"
        f"  note = {{Edition of {day(date)}}}\n}}",
    }
