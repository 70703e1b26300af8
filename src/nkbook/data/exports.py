"""What the renderers read: the variables of the prose and the bibliography."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import yaml

from nkbook.data.library import load_library
from nkbook.errors import Findings, nearest
from nkbook.model import Library, Source, Statistic
from nkbook.paths import Paths

_EVIDENCE = "#stat-"
"""An id alone: both engines find a heading of this id in whichever chapter and edition it is."""
_NOTICE = "# Made from data/statistics.csv by nkbook; change the data, not this file.\n"
_VARIABLE = re.compile(r"\{\{<\s*var\s+stat\.([\w-]+)\s*>\}\}")
_AUTHORS = "; "
_PERSON = ", "
_CIRCA = "c. "
_UNDATED = "undated"

_CSL_TYPES = {
    "article": "article-journal",
    "blog": "post-weblog",
    "book": "book",
    "computation": "document",
    "dataset": "dataset",
    "encyclopedia": "entry-encyclopedia",
    "index": "dataset",
    "law": "legislation",
    "leaked document": "document",
    "press": "article-newspaper",
    "report": "report",
    "survey": "report",
    "talk": "paper-conference",
    "web page": "webpage",
}
_CONTAINED = {"article-journal", "article-newspaper", "entry-encyclopedia", "post-weblog"}
"""CSL types that appear in something, which then is their container and not their publisher."""


def variables(library: Library) -> dict[str, dict[str, str]]:
    """The variables of the prose: each verified number as a link to its row of evidence."""
    return {
        "stat": {
            id: linked_number(statistic)
            for id, statistic in sorted(library.statistics.items())
            if statistic.verified
        }
    }


def linked_number(statistic: Statistic) -> str:
    """A number in Markdown, as a link to its row of evidence."""
    return f"[{_markdown(statistic.text)}]({_EVIDENCE}{statistic.id}){{.stat}}"


def fill_variables(text: str, library: Library) -> str:
    """Markdown from a data file with each `{{< var stat.… >}}` replaced by its linked number.

    Raises `BookError` for a number that `data/` does not have or that nobody has verified.
    """
    findings = Findings()

    def linked(match: re.Match[str]) -> str:
        statistic = library.statistics.get(match[1])
        if statistic and statistic.verified:
            return linked_number(statistic)
        message = f"data/ has no statistic “{match[1]}” that may be printed"
        hint = nearest(match[1], variables(library)["stat"], "Add or verify it.")
        findings.add("ND119", "data/", message, hint)
        return ""

    filled = _VARIABLE.sub(linked, text)
    findings.raise_any()
    return filled


def print_variables(text: str, library: Library) -> str:
    """Markdown with each `{{< var stat.… >}}` replaced by its number alone, where it has one."""

    def printed(match: re.Match[str]) -> str:
        statistic = library.statistics.get(match[1])
        return statistic.text if statistic else match[0]

    return _VARIABLE.sub(printed, text)


def bibliography(library: Library) -> list[dict[str, Any]]:
    """The sources as CSL-JSON items, in the order of their keys."""
    return [_item(source) for _, source in sorted(library.sources.items())]


def write_exports(root: Path) -> tuple[Path, ...]:
    """Write `_variables.yml` and `_references.json` of the book at `root`, where they changed.

    Returns the files written. Each is replaced in one step, so that no reader sees half of it.
    """
    paths, library = Paths(root), load_library(root)
    prose = yaml.safe_dump(variables(library), allow_unicode=True, width=10_000)
    references = json.dumps(bibliography(library), ensure_ascii=False, indent=2)
    contents = {paths.variables: _NOTICE + prose, paths.references: references + "\n"}
    return tuple(file for file, text in contents.items() if replace_file(file, text.encode()))


def replace_file(file: Path, content: bytes) -> bool:
    """Give `file` its content in one step; whether that changed anything."""
    if file.is_file() and file.read_bytes() == content:
        return False
    # The process number keeps two builds of one book from writing into the same file.
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return True


def _markdown(text: str) -> str:
    # Pandoc takes a bare dollar for the start of mathematics.
    return text.replace("$", "\\$")


def _item(source: Source) -> dict[str, Any]:
    kind = _CSL_TYPES[source.type]
    item: dict[str, Any] = {"id": source.id, "type": kind, "title": source.title}
    if source.author:
        item["author"] = [_name(author) for author in source.author.split(_AUTHORS)]
    if source.publisher and source.publisher != source.author:
        item["container-title" if kind in _CONTAINED else "publisher"] = source.publisher
    if source.year != _UNDATED:
        item["issued"] = _issued(source.year)
    if source.url:
        item["URL"] = source.url
    if source.seen_via:
        item["note"] = f"Read through {source.seen_via}."
    return item


def _name(author: str) -> dict[str, str]:
    family, comma, given = author.partition(_PERSON)
    return {"family": family, "given": given} if comma else {"literal": author}


def _issued(year: str) -> dict[str, Any]:
    years = year.removeprefix(_CIRCA).split("-")
    issued: dict[str, Any] = {"date-parts": [[int(part)] for part in years]}
    if year.startswith(_CIRCA):
        issued["circa"] = True
    return issued
