"""The picture of the measurements, in the style of the book's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.subjects import REAL
from nkbook import charts as chart
from nkbook.charts import colour
from nkbook.charts.style import SMALL

_BUILDS = {"first": "first build", "unchanged": "nothing changed", "text": "one chapter changed"}
_KINDS = {"website": colour.accent, "all formats": colour.world}


def draw(results: Mapping[str, Any]) -> str:
    """As SVG: how time per chapter grows with the book, and how builds compare with Quarto's."""
    peer = results["peers"].get("Quarto")
    fig, axes = chart.figure(height=6.6 if peer else 3.6, rows=2 if peer else 1, squeeze=False)
    question = "How long does a build take, and does a long book cost more?"
    fig.suptitle(question, x=0.006, ha="left", size=SMALL, weight="semibold", color=colour.ink)
    _draw_growth(axes[0][0], results["books"])
    if peer:
        _draw_beside(axes[1][0], peer)
    return chart.svg(fig)


def _draw_growth(ax: Any, books: Sequence[Mapping[str, Any]]) -> None:
    """Seconds a chapter, by the number of chapters."""
    chart.heading(ax, measure="Seconds a chapter in a first build, by number of chapters")
    synthetic = [book for book in books if book["name"] != REAL]
    for kind, ink in _KINDS.items():
        points = [
            (book["chapters"], book["runs"]["first"]["seconds"] / book["chapters"])
            for book in synthetic
            if book["title"].endswith(kind)
        ]
        if points:
            xs, ys = zip(*points, strict=True)
            ax.plot(xs, ys, color=ink, marker="o")
            chart.label_line(ax, xs, ys, kind, colour=ink)
    chart.log(ax, sorted({book["chapters"] for book in synthetic}))
    ax.set_ylim(0, ax.get_ylim()[1] * 1.1)


def _draw_beside(ax: Any, peer: Mapping[str, Any]) -> None:
    """Seconds of the same builds here and with Quarto, on one machine."""
    whole = (book for book in peer["books"] if book["book"].endswith("all formats"))
    book = next(book for book in whole if set(_BUILDS) <= set(book["theirs"]))
    chart.heading(ax, measure=f"Seconds, {book['book']}, on the same machine")
    sides = (
        ("ours", "portable engine", colour.accent, 0.2),
        ("theirs", f"Quarto {peer['version']}", colour.world, -0.2),
    )
    rows = range(len(_BUILDS) - 1, -1, -1)
    for side, name, ink, shift in sides:
        for row, build in zip(rows, _BUILDS, strict=True):
            seconds = book[side][build]
            ax.barh(row + shift, seconds, 0.36, color=ink)
            # The first bar of each colour says whose it is.
            text = f"{seconds:.{int(seconds < 1)}f} s"
            text += f", {name}" if build == "first" else ""
            ax.annotate(
                text,
                (seconds, row + shift),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                annotation_clip=False,
            )
    ax.set(yticks=list(rows), yticklabels=list(_BUILDS.values()), xticks=[])
    longest = max(book[side][build] for side, *_ in sides for build in _BUILDS)
    ax.set_xlim(0, longest * 1.4)
    chart.grid(ax, "none")
