"""Bars: stacked over the years, or a few columns with their values printed on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from nkbook.charts.axes import Numbers, grid
from nkbook.charts.style import SMALL, colour
from nkbook.data.wording import number


def stack(
    ax: Axes,
    x: Sequence[float],
    layers: Sequence[Numbers],
    colours: Sequence[str],
    widths: float | Sequence[float] = 0.84,
) -> None:
    """Stacked bars, first layer at the bottom, with a light seam that survives grey printing."""
    base = np.zeros(len(x))
    for layer, ink in zip(layers, colours, strict=True):
        values = np.array([value or 0 for value in layer], float)
        ax.bar(x, values, widths, bottom=base, color=ink, edgecolor=colour.paper, linewidth=0.9)
        base += values


def columns(
    ax: Axes,
    labels: Sequence[str | int],
    values: Sequence[float],
    *,
    colours: Sequence[str] | None = None,
    texts: Sequence[str] | None = None,
    whole: float | None = None,
) -> None:
    """A few columns, each with its value on top, or with `texts` instead.

    The last is in the accent colour unless `colours` says otherwise. `whole` outlines what
    every column is a part of.
    """
    inks = colours or [*[colour.world] * (len(labels) - 1), colour.accent]
    printed = texts or [number(value) for value in values]
    places = range(len(labels))
    if whole is not None:
        # A dashed outline, so that the part and the whole differ without colour.
        ax.bar(
            places, [whole] * len(labels), 0.62, facecolor="none", edgecolor=colour.quiet, ls="--"
        )
    ax.bar(places, values, 0.62, color=inks)
    for x, value, text, ink in zip(places, values, printed, inks, strict=True):
        ax.annotate(
            text,
            (x, value),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            weight="semibold",
            color=ink,
            annotation_clip=False,
        )
    ax.set(xticks=list(places), xticklabels=labels, yticks=[], xlim=(-0.6, len(labels) - 0.4))
    ax.set_ylim(0, max(*values, whole or 0) * 1.1)
    grid(ax, "none")


def share(ax: Axes, values: Sequence[float], labels: Sequence[str], colours: Sequence[str]) -> None:
    """One whole as a single bar, each part named where it begins."""
    left = 0.0
    for k, (value, label, ink) in enumerate(zip(values, labels, colours, strict=True)):
        # Parts differ by outline and hatching as well as by colour.
        hatch = "////" if ink == colour.paper else ""
        ax.barh(0, value, 0.7, left=left, color=ink, edgecolor=colour.quiet, hatch=hatch, lw=0.8)
        ax.annotate(
            label,
            (left, 0.35),
            xytext=(0, 6),
            textcoords="offset points",
            va="bottom",
            weight="semibold" if k == 0 else "regular",
            color=ink if k == 0 else colour.ink,
            fontsize=SMALL,
            annotation_clip=False,
        )
        left += value
    ax.set(xlim=(0, left), ylim=(-0.4, 0.4), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    grid(ax, "none")
