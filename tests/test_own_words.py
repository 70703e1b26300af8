"""The book says things in its own words: it shares no run of eight words with its source page.

`own_words.txt` holds a short hash of every run of eight words of the page, so that the page itself
need not be here. `python tests/test_own_words.py page.txt` prints it again from a saved copy.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN = 8
HASHES = Path(__file__).with_suffix("").with_name("own_words.txt")

QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|^>.*$", re.MULTILINE)
MARKUP = re.compile(r"\]\([^)]*\)|\{[^}]*\}|\[[^\]]*@[^\]]*\]")


def runs(text: str) -> Iterator[str]:
    """Every run of eight words, without case and marks."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’‘]", "", text.lower()))
    for start in range(len(words) - RUN + 1):
        yield " ".join(words[start : start + RUN])


def digest(run: str) -> str:
    return hashlib.sha256(run.encode()).hexdigest()[:10]


def own_texts() -> Iterator[tuple[str, str]]:
    """What the book says itself: chapters, and the words in `data/` except testimony."""
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        yield file.name, "\n\n".join("".join(cell["source"]) for cell in cells)
    yield "index.qmd", (ROOT / "index.qmd").read_text(encoding="utf-8")
    for name in ("statistics", "sources", "places", "glossary", "timeline", "coverage", "audit"):
        with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                # Titles of sources are theirs.
                yield name, "\n".join(row[c] for c in row if c != "title")


def test_no_run_of_eight_words_stands_on_the_source_page() -> None:
    known = set(HASHES.read_text(encoding="utf-8").split())
    assert len(known) > 4000
    shared = [
        f"{name}: {run}"
        for name, text in own_texts()
        for run in runs(MARKUP.sub(" ", QUOTED.sub(" . ", text)))
        if digest(run) in known
    ]
    assert shared == []


if __name__ == "__main__":
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    print("\n".join(sorted({digest(run) for run in runs(page)})))
