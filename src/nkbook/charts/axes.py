"""Figures and axes: sizes, year and number axes, direct labels, breaks in a method."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from nkbook.charts import style
from nkbook.charts.style import colour
from nkbook.data.wording import number

Numbers = Sequence[float | int | None]
Dash = Literal["solid", "dashed", "dotted"]

DASHES: dict[Dash, Any] = {"solid": "solid", "dashed": (0, (4, 2)), "dotted": (0, (1, 1.6))}


def figure(height: float = 4.2, rows: int = 1, cols: int = 1, **options: Any) -> tuple[Figure, Any]:
    """A figure of the house width in the house style, and its axes.

    One axes, or an array of them for small multiples. `options` are those of
    `matplotlib.figure.Figure.subplots`, such as `sharey=True` or `width_ratios=[2, 1]`.
    """
    style.apply()
    # Made without pyplot: no global list of figures, and nothing that draws a figure twice.
    fig = Figure(figsize=(style.WIDTH, height), layout="constrained")
    layout = fig.get_layout_engine()
    if cols > 1 and isinstance(layout, ConstrainedLayoutEngine):
        layout.set(wspace=0.08)
    if "width_ratios" in options or "height_ratios" in options:
        ratios = ("width_ratios", "height_ratios")
        options["gridspec_kw"] = {name: options.pop(name) for name in ratios if name in options}
    return fig, fig.subplots(rows, cols, **options)


def text_width(text: str, size: float, weight: str = "regular") -> float:
    """How wide a line of text is, in points."""
    font = FontProperties(size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width)


def wrap(text: str, width: float, size: float) -> str:
    """Break text into lines no wider than `width` points."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def heading(ax: Axes, title: str = "", measure: str = "") -> None:
    """Name a panel and say what its axis measures, above it, where nobody tilts the head."""
    if measure:
        ax.annotate(
            measure,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 5),
            textcoords="offset points",
            fontsize=style.SMALL,
            color=colour.quiet,
            annotation_clip=False,
        )
    if title:
        ax.set_title(title, color=colour.ink, weight="semibold", pad=23 if measure else 8)


def years(ax: Axes, first: int | None = None, last: int | None = None, step: int = 0) -> None:
    """Make x an axis of whole years, from `first` to `last`, labelled every `step` years."""
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    if first is not None and last is not None:
        ax.set_xlim(first - 0.4, last + 0.4)
        if step:
            # Counted back from the newest year, which is the one people look for.
            ax.xaxis.set_major_locator(FixedLocator(range(last, first - 1, -step)[::-1]))
            return
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))


def thousands(ax: Axes, axis: Literal["x", "y"] = "y") -> None:
    """Separate thousands on an axis of counts that starts at zero."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_formatter(FuncFormatter(lambda value, _: number(float(value))))
    target.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    ax.set_xlim(left=0) if axis == "x" else ax.set_ylim(bottom=0)


def percent(ax: Axes, axis: Literal["x", "y"] = "y", top: float = 100) -> None:
    """Make an axis of percentages from 0 to `top`."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_formatter(FuncFormatter(lambda value, _: f"{number(float(value))}%"))
    target.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    ax.set_xlim(0, top) if axis == "x" else ax.set_ylim(0, top)


def log(ax: Axes, ticks: Sequence[float], axis: Literal["x", "y"] = "x") -> None:
    """Make an axis logarithmic with plain numbers at `ticks`."""
    if axis == "x":
        ax.set_xscale("log")
    else:
        ax.set_yscale("log")
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(FixedLocator(list(ticks)))
    target.set_minor_locator(NullLocator())
    target.set_major_formatter(FuncFormatter(lambda value, _: number(float(value))))


def grid(ax: Axes, axis: Literal["x", "y", "none"]) -> None:
    """Draw the light grid along one axis only, or none."""
    ax.grid(visible=False)
    if axis != "none":
        ax.grid(visible=True, axis=axis)


def line(
    ax: Axes,
    x: Numbers,
    y: Numbers,
    label: str = "",
    *,
    colour: str | None = None,
    dash: Dash = "solid",
    marker: str = "",
    breaks: Iterable[float] = (),
    weight: float = 2.2,
) -> None:
    """Draw a line that is honest about gaps, and label its end.

    The line is interrupted at each of `breaks`, where the method changed, and dotted across
    years that have no value.
    """
    points = sorted(
        (float(a), float(b)) for a, b in zip(x, y, strict=True) if a is not None and b is not None
    )
    ink = colour or style.colour.ink
    cuts = sorted(breaks)
    part = [sum(cut <= a for cut in cuts) for a, _ in points]
    spacing = min((b[0] - a[0] for a, b in pairwise(points)), default=1.0)
    for k, (before, after) in enumerate(pairwise(points)):
        if part[k] == part[k + 1] and after[0] - before[0] > spacing * 1.5:
            xs, ys = zip(before, after, strict=True)
            ax.plot(xs, ys, color=ink, linewidth=1.1, linestyle=DASHES["dotted"])
    pieces: list[list[tuple[float, float]]] = []
    for k, point in enumerate(points):
        joined = k and part[k] == part[k - 1] and point[0] - points[k - 1][0] <= spacing * 1.5
        if joined:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    for piece in pieces:
        xs, ys = zip(*piece, strict=True)
        # A piece of one point is invisible as a line.
        shape = marker or ("o" if len(piece) == 1 else "")
        ax.plot(
            xs,
            ys,
            color=ink,
            linewidth=weight,
            linestyle=DASHES[dash],
            marker=shape,
            markersize=5.5,
        )
    if label and points:
        label_line(ax, *points[-1], label, colour=ink)


def annotate(
    ax: Axes,
    text: str,
    xy: tuple[float, float],
    offset: tuple[float, float] = (0, 18),
    *,
    ha: Literal["left", "center", "right"] = "left",
    leader: bool = True,
    colour: str | None = None,
) -> None:
    """Write a remark near a point, `offset` points away, with a thin leader.

    With a `colour` it is the name of what is drawn in that colour, and stands out.
    """
    line = colour or style.colour.axis
    arrow = {"arrowstyle": "-", "color": line, "linewidth": 0.8, "shrinkA": 2, "shrinkB": 3}
    ax.annotate(
        text,
        xy,
        xytext=offset,
        textcoords="offset points",
        ha=ha,
        va="bottom" if offset[1] > 0 else "top" if offset[1] < 0 else "center",
        fontsize=style.TEXT if colour else style.SMALL,
        weight="semibold" if colour else "regular",
        color=colour or style.colour.quiet,
        arrowprops=arrow if leader else None,
        bbox={"facecolor": style.colour.paper, "edgecolor": "none", "pad": 1},
        annotation_clip=False,
        zorder=5,
    )


def method_break(ax: Axes, x: float, text: str = "", width: float = 0.3) -> None:
    """Mark where a method changed: a gap in the picture, so that no eye joins the two sides."""
    ax.axvspan(x - width / 2, x + width / 2, color=colour.paper, zorder=2.5, linewidth=0)
    for edge in (x - width / 2, x + width / 2):
        ax.axvline(edge, color=colour.axis, linewidth=0.8, linestyle=DASHES["dashed"], zorder=2.6)
    if text:
        ax.annotate(
            text,
            (x + width / 2, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            va="top",
            fontsize=style.QUIET,
            color=colour.quiet,
            zorder=5,
        )


def period(
    ax: Axes, start: float, end: float, text: str = "", at: Literal["top", "bottom"] = "top"
) -> None:
    """Shade a period of time and name it at the top or the bottom."""
    ax.axvspan(start, end, color=colour.world_tint, alpha=0.55, linewidth=0, zorder=0)
    if text:
        ax.annotate(
            text,
            (start, 1 if at == "top" else 0),
            xycoords=("data", "axes fraction"),
            xytext=(5, -4 if at == "top" else 4),
            textcoords="offset points",
            va=at,
            fontsize=style.QUIET,
            linespacing=1.1,
            color=colour.quiet,
        )


# Direct labels --------------------------------------------------------------------------------


class Label(Annotation):
    """A name in the picture that finds its place when everything else has one."""

    @staticmethod
    @abstractmethod
    def arrange(ax: Axes, labels: Sequence[Annotation]) -> None:
        """Move the labels of this kind in one axes clear of each other."""


class LineLabel(Label):
    """The name of a line at its end; neighbours are moved apart, up and down."""

    @staticmethod
    def arrange(ax: Axes, labels: Sequence[Annotation]) -> None:
        """Move neighbours apart, and lead back to the line those that moved far."""
        scale = points_per_pixel(ax)
        boxes = [label.get_window_extent() for label in labels]
        wanted = [float(ax.transData.transform(label.xy)[1]) * scale for label in labels]
        placed = apart(wanted, [float(box.height) * scale for box in boxes], gap=1)
        for label, old, new in zip(labels, wanted, placed, strict=True):
            far = abs(new - old) > 4
            label.set_position((14 if far else 8, new - old))
            if label.arrow_patch is not None:
                label.arrow_patch.set_visible(far)


def points_per_pixel(ax: Axes) -> float:
    """How many points a pixel of the canvas is."""
    return 72 / (ax.figure.dpi if ax.figure else 72)


def label_line(
    ax: Axes,
    x: float | Numbers,
    y: float | Numbers,
    text: str,
    *,
    colour: str | None = None,
) -> None:
    """Name a line at its end, in its own colour. `x` and `y` are the end, or the whole line."""
    xs, ys = np.atleast_1d(np.array(x, float)), np.atleast_1d(np.array(y, float))
    known = ~np.isnan(ys)
    end = (float(xs[known][-1]), float(ys[known][-1]))
    ink = colour or _colour_at(ax, end)
    label = LineLabel(
        text,
        end,
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        color=ink,
        weight="semibold",
        arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.8, "shrinkA": 1, "shrinkB": 2},
        annotation_clip=False,
        clip_on=False,
        zorder=5,
    )
    ax.add_artist(label)


def _colour_at(ax: Axes, point: tuple[float, float]) -> str:
    for drawn in reversed(ax.lines):
        if np.isclose(np.asarray(drawn.get_xydata(), float), point).all(axis=1).any():
            return str(drawn.get_color())
    return colour.ink


def apart(centres: Sequence[float], sizes: Sequence[float], gap: float = 0) -> list[float]:
    """Centres moved as little as possible so that no two spans of the given sizes overlap.

    The order of the centres is kept. Overlapping neighbours are merged into a block that sits
    where its members wanted to be on average (the pool-adjacent-violators method).
    """
    order = sorted(range(len(centres)), key=lambda k: centres[k])
    steps = [0.0]
    for before, after in pairwise(order):
        steps.append(steps[-1] + (sizes[before] + sizes[after]) / 2 + gap)
    # Less its step, every centre must be no smaller than the one before: a monotone fit.
    blocks: list[tuple[float, int]] = []
    for k, step in zip(order, steps, strict=False):
        total, count = centres[k] - step, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            before_total, before_count = blocks.pop()
            total, count = total + before_total, count + before_count
        blocks.append((total, count))
    fitted = [total / count for total, count in blocks for _ in range(count)]
    placed = [0.0] * len(centres)
    for k, step, value in zip(order, steps, fitted, strict=False):
        placed[k] = value + step
    return placed


def settle(fig: Figure) -> None:
    """Arrange the labels of a finished figure. Called once, before it is saved."""
    fig.draw_without_rendering()
    insets = [inset for ax in fig.axes for inset in ax.child_axes if isinstance(inset, Axes)]
    for ax in [*fig.axes, *insets]:
        labels = [artist for artist in ax.get_children() if isinstance(artist, Label)]
        for kind in dict.fromkeys(type(label) for label in labels):
            kind.arrange(ax, [label for label in labels if type(label) is kind])


def footer(fig: Figure, lines: Iterable[str]) -> None:
    """Notes and sources below the picture, bottom left, in quiet type."""
    width = style.WIDTH * 72 - 8
    text = "\n".join(wrap(line, width, style.QUIET) for line in lines if line)
    fig.supxlabel(
        text, x=0.006, ha="left", fontsize=style.QUIET, color=colour.quiet, linespacing=1.1
    )
