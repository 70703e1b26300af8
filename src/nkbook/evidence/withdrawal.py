"""Takes the words of a testimony out of a book, and out of all that was made of it.

Whoever takes their words back owes nobody a reason, and no machine should go on saying them: not
the data, not an edition, not a cache. What is already published, and the history of the sources,
only people can reach.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nkbook.data.library import OF_A_PERSON
from nkbook.errors import BookError, Finding, nearest
from nkbook.paths import Paths

_RUN = 6
"""So many words in a row are the testimony's own."""
_TEXTS = {".csv", ".ipynb", ".json", ".md", ".py", ".qmd", ".txt", ".yml"}
_MADE = {"node_modules", "__pycache__"}


@dataclass(frozen=True)
class Withdrawal:
    """What was done."""

    removed: tuple[str, ...]
    """What had been made of the words, by name: it can be made again without them."""
    named: tuple[Finding, ...]
    """Where the sources still hold the name or the words: only people can write that anew."""


def withdraw(root: Path, id: str, output: Path) -> Withdrawal:
    """Empty the row of a testimony and remove all that was made of it.

    `output` is where editions are. A row that is empty already is left as it is. Raises `BookError`
    where there is no such testimony.
    """
    file = Paths(root).data / "testimonies.csv"
    row = _empty_row(file, id)
    paths = Paths(root)
    made = [paths.cache, paths.copies, paths.variables, paths.references, output]
    made += output.parent.glob(f".{output.name}.*")
    removed = [path for path in made if path.exists()]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return Withdrawal(
        tuple(path.relative_to(root).as_posix() for path in removed),
        tuple(_mentions(root, id, row)),
    )


def _empty_row(file: Path, id: str) -> Mapping[str, str]:
    """The row as it was; in the file it has no words any more, and all others are as they were."""
    # Lines as the reader of CSV counts them: a cell may hold what others take for the end of one.
    lines = list(io.StringIO(file.read_bytes().decode(), newline=""))
    reader = csv.reader(lines, strict=True)
    columns = next(reader)
    known = []
    start = reader.line_num
    for cells in reader:
        row = dict(zip(columns, cells, strict=True))
        if row["id"] == id:
            empty = {**row, **dict.fromkeys(OF_A_PERSON, ""), "withdrawn": "yes"}
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerow(empty.values())
            lines[start : reader.line_num] = [out.getvalue()]
            temporary = file.with_name(f".{file.name}")
            temporary.write_bytes("".join(lines).encode())
            temporary.replace(file)
            return row
        known.append(row["id"])
        start = reader.line_num
    hint = nearest(id, known, "`nkbook explain ID` tells what an id is.")
    raise BookError([Finding(id, "NE107", "there is no testimony of this id", hint)])


def _mentions(root: Path, id: str, row: Mapping[str, str]) -> Iterator[Finding]:
    """Where the sources hold the speaker's name, or some words in a row."""
    words = re.findall(r"\w+", row["excerpt"])
    runs = [words[at : at + _RUN] for at in range(max(1, len(words) - _RUN + 1))] if words else []
    patterns = [r"\W+".join(map(re.escape, run)) for run in runs]
    if row["speaker"]:
        patterns.append(rf"\b{re.escape(row['speaker'])}\b")
    if not patterns:
        return
    wanted = re.compile("|".join(patterns))
    for file in sorted(_sources(root)):
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if wanted.search(line):
                place = f"{file.relative_to(root).as_posix()}, line {number}"
                hint = "Write it without them, then run `nkbook build`."
                yield Finding(place, "NE108", f"holds the name or the words of “{id}”", hint)


def _sources(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if (path.name.startswith((".", "_")) and path.name != "_quarto.yml") or path.name in _MADE:
            continue
        files = path.rglob("*") if path.is_dir() else [path]
        for file in files:
            if file.suffix in _TEXTS and file.is_file() and not _MADE & set(file.parts):
                yield file
