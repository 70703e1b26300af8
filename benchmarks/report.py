"""What the measurements say: tables for people, the picture, and the bars that were missed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.plot import draw
from benchmarks.subjects import REAL, ROOT

RESULTS = Path(__file__).with_name("results.json")
PICTURE = Path(__file__).with_name("results.svg")
SHORT, LONG = ROOT / "README.md", Path(__file__).with_name("README.md")

AVOIDABLE = 1.5
"""A first build of this book may take so many times what nobody could avoid."""
GROWTH = 1.3
"""A chapter of a long book may take so many times one of the shortest."""
MEMORY = 1e9
"""Bytes that the main process may have."""
WAIT = {"unchanged": 1.0, "page": 2.0}
"""Seconds that an author may wait: for a build with nothing to do, and for the page just saved."""
TIMES = 20
"""A first build of this book takes Quarto at least so many times as long, where it was measured."""

_MARKS = ("<!-- measured: make bench -->", "<!-- /measured -->")
_BUILDS = {
    "first": "first build",
    "unchanged": "nothing changed",
    "page": "page in `serve`",
    "text": "one chapter’s text",
    "data": "one row of data",
    "serial": "first, one job",
}

_SHOWN = ("first", "unchanged", "page", "text")

Results = Mapping[str, Any]


def summary(results: Results, *, whole: bool) -> str:
    """Seconds of each book's builds, and how many times as long other programs take.

    If not the `whole` of it, one row for each book and each program: that of most formats.
    """
    books = results["books"]
    chosen = books if whole else {book["name"]: book for book in books}.values()
    rows = [[book["title"], *(_seconds(book, build) for build in _SHOWN)] for book in chosen]
    for name, peer in results["peers"].items():
        shown = [book for book in peer["books"] if whole or book["book"].endswith("all formats")]
        for book in shown or peer["books"]:
            title = f"{book['book']}: {name} {peer['version']}"
            rows.append([title, *(_times(book, build) for build in _SHOWN)])
    return _table(["Seconds", *(_BUILDS[name] for name in _SHOWN)], rows)


def tables(results: Results) -> str:
    """All that was measured, for those who want to know."""
    parts = [
        _conditions(results),
        summary(results, whole=True),
        "A chapter, and the most memory of the main process:",
        _table(
            [
                "Book",
                "seconds a chapter",
                "of processors, kernels aside",
                "memory, MB",
                "bytes",
            ],
            [_growth(book) for book in results["books"]],
        ),
    ]
    if floor := results.get("floor"):
        book = _real(results)
        first = book["runs"]["first"]["seconds"]
        avoided = f"Of the {first:.0f} s of this book’s first build nobody could avoid "
        ratio = f"{sum(floor.values()):.0f} s: it takes {_avoidable(results):.2f} times as long."
        parts += [
            avoided + ratio,
            _table(["Part", "seconds"], [[_PARTS[k], f"{v:.1f}"] for k, v in floor.items()]),
            "What this book’s builds ran: " + "; ".join(_ran(book)) + ".",
        ]
    books = results["books"]
    stages = dict.fromkeys(name for book in books for name in book["runs"]["first"]["stages"])
    parts += [
        "Seconds of first builds by stage, of which several run at a time:",
        _table(
            ["Stage", *(book["title"] for book in books)],
            [[stage, *(_stage(book, stage) for book in books)] for stage in stages],
        ),
        *(_origin(name, peer) for name, peer in results["peers"].items()),
    ]
    return "\n\n".join(parts)


_PARTS = {
    "import": "importing the libraries once",
    "figures": "drawing every figure in one warm process, shared by the cores",
    "pandoc": "one pass of pandoc over the text for each format",
    "typst": "setting the PDF’s source once",
}


def missed(results: Results) -> list[str]:
    """A line for each bar that was missed."""
    return list(_missed(results))


def texts(results: Results) -> Mapping[Path, str]:
    """What stands between the marks of each README."""
    return {
        SHORT: f"{summary(results, whole=False)}\n\n{_conditions(results)}",
        LONG: tables(results),
    }


def write(results: Results) -> None:
    """Write `results.json`, the picture, and the tables of both READMEs."""
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PICTURE.write_text(draw(results), encoding="utf-8")
    for file, text in texts(results).items():
        file.write_text(filled(file.read_text(encoding="utf-8"), text), encoding="utf-8")


def filled(page: str, text: str) -> str:
    """A page with this text between its marks."""
    start, end = _MARKS
    between = re.compile(rf"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    return between.sub(lambda _: f"{start}\n{text}\n{end}", page)


def _missed(results: Results) -> Iterator[str]:
    if results.get("floor") and (ratio := _avoidable(results)) > AVOIDABLE:
        yield f"Missed: a first build of this book takes {ratio:.2f} times what nobody could avoid."
    for name, peer in results["peers"].items():
        for book in peer["books"]:
            ratio = book["theirs"]["first"] / book["ours"]["first"]
            if name == "Quarto" and book["book"].startswith(REAL) and ratio < TIMES:
                yield f"Missed: {name} takes only {ratio:.1f} times as long for {book['book']}."
    shortest: dict[Sequence[str], float] = {}
    for book in results["books"]:
        for name, taken in book["runs"].items():
            if taken["memory"] > MEMORY:
                yield f"Missed: {taken['memory'] / 1e6:.0f} MB for {book['title']}, {name}."
            if taken["seconds"] > WAIT.get(name, math.inf):
                yield f"Missed: {taken['seconds']:.1f} s for {book['title']}, {_BUILDS[name]}."
        if book["different"]:
            names = ", ".join(book["different"][:3])
            yield f"Missed: other bytes from the same sources of {book['title']}: {names}."
        if book["name"] != REAL:
            each = _each(book, "seconds")
            least = shortest.setdefault(tuple(book["formats"]), each)
            if each > GROWTH * least:
                times = f"{each / least:.2f} times as long"
                yield f"Missed: a chapter takes {times} in {book['title']}."


def _real(results: Results) -> Mapping[str, Any]:
    return next(book for book in results["books"] if book["name"] == REAL)


def _avoidable(results: Results) -> float:
    """How many times what nobody could avoid a first build of this book takes."""
    return float(_real(results)["runs"]["first"]["seconds"] / sum(results["floor"].values()))


def _each(book: Mapping[str, Any], what: str) -> float:
    """Seconds of a first build for each chapter."""
    return float(book["runs"]["first"][what] / book["chapters"])


def _seconds(book: Mapping[str, Any], build: str) -> str:
    taken = book["runs"].get(build)
    return f"{taken['seconds']:.1f}" if taken else ""


def _times(book: Mapping[str, Any], build: str) -> str:
    """How many times as long as we another program takes; nothing where it was not asked."""
    theirs = book["theirs"].get(build)
    return f"{theirs / book['ours'][build]:.1f} × as long" if theirs else ""


def _stage(book: Mapping[str, Any], name: str) -> str:
    """Seconds of a stage in a first build; nothing where there was none."""
    seconds = book["runs"]["first"]["stages"].get(name)
    return "" if seconds is None else f"{seconds:.1f}"


def _growth(book: Mapping[str, Any]) -> list[str]:
    memory = max(taken["memory"] for taken in book["runs"].values()) / 1e6
    same = f"{len(book['different'])} files differ" if book["different"] else "the same"
    each = (f"{_each(book, what):.2f}" for what in ("seconds", "cpu"))
    return [book["title"], *each, f"{memory:.0f}", same]


def _ran(book: Mapping[str, Any]) -> Iterator[str]:
    for name, taken in book["runs"].items():
        if name == "page":
            continue
        ran = taken["ran"]
        named = f" ({', '.join(Path(file).stem for file in ran)})" if 0 < len(ran) < 9 else ""
        yield f"{_BUILDS[name]}, {len(ran)} chapter{'s' * (len(ran) != 1)}{named}"


def _conditions(results: Results) -> str:
    machine, versions = results["machine"], results["versions"]
    where = f"{machine['cores']} cores ({machine['cpu']}), {machine['memory']} GB"
    return (
        f"Measured on {machine['date']} at {versions['commit']}: {where}, {machine['system']}, "
        f"Python {versions['python']}, pandoc {versions['pandoc']}, Typst {versions['typst']}."
    )


def _origin(name: str, peer: Mapping[str, Any]) -> str:
    """Where the times of another program are from."""
    if not peer["recorded"]:
        return f"{name} {peer['version']} was measured in the same run."
    where = f"{peer['cores']} cores ({peer['cpu']}), {peer['memory']} GB"
    return f"{name} {peer['version']} was measured on {peer['date']}, beside us: {where}."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
