"""Range bars: estimates drawn as wide as they are uncertain, with their ends printed."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nkbook.charts import style
from nkbook.charts.axes import DASHES, Numbers, grid, text_width, wrap
from nkbook.charts.style import colour
from nkbook.data.wording import number

COLUMN = 200
"""Names of rows are broken into lines no wider than this, in points."""


def range_text(low: float | None, high: float | None, point: float | None = None) -> str:
    """A range in words: “53,000–65,000”, “up to 200,000”, “at least 6”."""
    if low is not None and high is not None and low != high:
        return f"{number(low)}–{number(high)}"
    if point is not None:
        return number(point)
    if low is not None and high is None:
        return f"at least {number(low)}"
    if high is not None and low is None:
        return f"up to {number(high)}"
    return "" if high is None else number(high)


def ranges(
    ax: Axes,
    labels: Sequence[str],
    lows: Numbers,
    highs: Numbers,
    points: Numbers | None = None,
    colours: Sequence[str] | None = None,
    *,
    groups: Sequence[str] | None = None,
    texts: Sequence[str] | None = None,
    hatched: Sequence[bool] | None = None,
) -> list[float]:
    """Draw one row per estimate, first row on top; return the height of each row.

    A row with both ends is a bar. With one end it is open: dashed from the edge to a cap
    (“up to”), or from a cap with an arrow (“at least”). A row with a point only is a dot.
    Rows of the same one of `groups` stand together under its name. `hatched` marks estimates
    that rest on a single source. `texts` replaces the printed values.
    """
    count = len(labels)
    dots = points or [None] * count
    inks = colours or [colour.accent] * count
    single = hatched or [False] * count
    printed = texts or [range_text(*row) for row in zip(lows, highs, dots, strict=True)]
    indent = 10 if groups else 0
    names = [wrap(label, COLUMN - indent, style.SMALL) for label in labels]
    heights, heads = _rows(names, groups)
    left, right = min(v for v in (*lows, 0) if v is not None), _largest(lows, highs, dots)
    if ax.get_xscale() == "linear":
        ax.set_xlim(left, right * 1.02)
    lines = [line for name in names for line in name.splitlines()]
    column = 12 + indent + max(text_width(line, style.SMALL) for line in lines)
    for k, y in enumerate(heights):
        end = _bar(ax, y, lows[k], highs[k], dots[k], inks[k], single[k])
        _beside(ax, names[k], y, indent - column)
        ax.annotate(
            printed[k],
            (end, y),
            xytext=(12 if highs[k] is None and dots[k] is None else 9, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            weight="semibold",
            color=inks[k],
            bbox={"facecolor": colour.paper, "edgecolor": "none", "pad": 1},
            annotation_clip=False,
        )
    for name, y in heads:
        _beside(ax, name, y, -column, "semibold")
    ax.set_ylim(min(heights) - 0.6, max([*heights, *(y for _, y in heads)]) + 0.6)
    ax.set_yticks([])
    if ax.get_xscale() == "linear":
        # Numbers of six digits need room on a phone.
        nbins = 5 if ax.get_xlim()[1] < 1000 else 3
        ax.xaxis.set_major_locator(MaxNLocator(nbins=nbins, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value))))
    grid(ax, "x")
    return heights


def _rows(
    names: Sequence[str], groups: Sequence[str] | None
) -> tuple[list[float], list[tuple[str, float]]]:
    """The height of each row and of each group's name, from the top down."""
    heights: list[float] = []
    heads: list[tuple[str, float]] = []
    y = 0.0
    for k, name in enumerate(names):
        if groups and (k == 0 or groups[k] != groups[k - 1]):
            y -= 0.25 if heads else 0
            heads.append((groups[k], y - 0.5))
            y -= 1
        tall = 1 + 0.4 * name.count("\n")
        heights.append(y - tall / 2)
        y -= tall
    return heights, heads


def _largest(*columns: Numbers) -> float:
    return max(float(value) for column in columns for value in column if value is not None)


def _beside(ax: Axes, text: str, y: float, offset: float, weight: str = "regular") -> None:
    """Text in the column of row names, which is aligned on its left like a table."""
    ax.annotate(
        text,
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(offset, 0),
        textcoords="offset points",
        va="center",
        fontsize=style.SMALL,
        weight=weight,
        linespacing=0.95,
        annotation_clip=False,
    )


def _bar(
    ax: Axes,
    y: float,
    low: float | None,
    high: float | None,
    point: float | None,
    ink: str,
    single: bool,
) -> float:
    """Draw one row and return where it ends on the right."""
    half = 0.24
    left, right = ax.get_xlim()
    face = colour.paper if single else ink
    if low is not None and high is not None and high - low > (right - left) / 50:
        hatch = "////" if single else ""
        ax.barh(y, high - low, 2 * half, low, fc=face, ec=ink, lw=1.2, hatch=hatch)
        if point is not None:
            ax.plot([point], [y], "o", ms=7, mfc=colour.paper, mec=ink, mew=1.6)
        return high
    if point is None and low is not None:
        point = high
    if point is not None:
        # A number, or a range too narrow to see as a bar: a dot, with its digits beside it.
        ax.plot(
            [point], [y], "D" if single else "o", ms=8, mfc=face, mec=ink, mew=1.6, clip_on=False
        )
        return point
    if high is not None:
        cap, end = high, high
        ax.plot([left, cap], [y, y], color=ink, lw=1.6, ls=DASHES["dashed"])
    else:
        cap, end = low or 0, right
        arrow = {"arrowstyle": "-|>", "color": ink, "linewidth": 1.6, "shrinkA": 0}
        ax.annotate("", (end, y), (cap, y), arrowprops=arrow, annotation_clip=False)
    ax.plot([cap, cap], [y - half, y + half], color=ink, lw=3, solid_capstyle="butt")
    return end
