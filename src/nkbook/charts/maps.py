"""Maps of the peninsula: quiet land, a symbol for each status, names that do not collide.

A map shows camps, prisons and towns. It never shows where people were killed or buried: those
who document such sites withhold them to protect the evidence, and so does this book.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.inset import InsetIndicator
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, BboxBase

from nkbook.charts import style
from nkbook.charts.axes import Label, figure, points_per_pixel
from nkbook.charts.style import colour
from nkbook.errors import BookError, Finding
from nkbook.model import Place
from nkbook.paths import Paths, find_root

Extent = tuple[float, float, float, float]
Status = Literal["operating", "contested", "closed", "town"]

NORTH: Extent = (123.0, 131.8, 37.6, 43.15)
"""West, east, south and north of a map of the North, in degrees."""

SYMBOLS: dict[Status, dict[str, Any]] = {
    "operating": {"marker": "o", "markersize": 11},
    "contested": {"marker": "o", "markersize": 11, "fillstyle": "none", "markeredgewidth": 2.2},
    "closed": {"marker": "X", "markersize": 9.5, "markeredgewidth": 0},
    "town": {"marker": "s", "markersize": 4.5},
}
"""One shape for each status, so that the map reads without colour."""

_WITHHELD = ("execution", "killing", "burial", "grave")
_COUNTRIES = {
    "North Korea": (126.75, 40.45),
    "South Korea": (127.55, 37.78),
    "China": (125.6, 42.6),
    "Russia": (131.05, 43.05),
}


def status(place: Place) -> Status:
    """Which symbol a place gets: what its status begins with, and contested when unsure."""
    if place.kind.startswith(("capital", "reference town", "border")):
        return "town"
    said = place.status.lower()
    if "inferred" in said or "unconfirmed" in said:
        return "contested"
    if said.startswith("operating"):
        return "operating"
    return "closed" if said.startswith(("closed", "believed closed")) else "contested"


def korea_map(
    places: Iterable[Place] = (),
    *,
    height: float = 6.2,
    extent: Extent = NORTH,
    names: dict[str, str] | None = None,
    key: dict[Status, str] | None = None,
    inset: Extent | None = None,
    inset_at: Extent = (0.6, 0.03, 0.39, 0.29),
) -> tuple[Figure, Axes]:
    """Draw the land within `extent` and the `places` on it, and name them.

    Places without coordinates are left out: say so in the caption. `names` replaces the printed
    name of a place by its id; an empty name leaves it unnamed. `key` explains the symbols.
    Places within `inset` stand too close together for this scale: they are drawn enlarged, in
    a box at `inset_at` (left, bottom, width and height as shares of the map).
    """
    fig, ax = figure(height=height)
    shown = [place for place in places if _shown(place)]
    # A box is seldom as wide for its height as the land within it.
    inset = inset and _widened(inset, _shape(extent) * inset_at[2] / inset_at[3])
    close = [place for place in shown if inset and _within(place, inset)]
    _ground(ax, extent)
    for country, (x, y) in _COUNTRIES.items():
        if extent[0] < x < extent[1] and extent[2] < y < extent[3]:
            ax.text(x, y, country, ha="center", va="center", color=colour.quiet, style="italic")
    _draw(ax, [place for place in shown if place not in close], names or {})
    if inset:
        detail = ax.inset_axes(inset_at)
        _ground(detail, inset)
        detail.set_facecolor(colour.paper)
        detail.spines[:].set(visible=True, color=colour.quiet)
        _draw(detail, close, names or {})
        frame = ax.indicate_inset_zoom(detail, edgecolor=colour.quiet, alpha=1, linewidth=0.8)
        # One line is enough to lead the eye from the frame to the box.
        for k, connector in enumerate(frame.connectors or ()):
            connector.set_visible(k == 2)
    # East of the peninsula is open water, above the box if there is one.
    left, bottom = 0.72, 0.06 + (inset_at[1] + inset_at[3] if inset else 0)
    for k, (kind, meaning) in enumerate(reversed((key or {}).items())):
        y = bottom + 0.05 * k
        ax.plot(left, y, transform=ax.transAxes, color=_ink(kind), ls="", **SYMBOLS[kind])
        ax.text(left + 0.025, y, meaning, transform=ax.transAxes, va="center", size=style.SMALL)
    return fig, ax


def _halo(ground: Any, width: float = 3) -> list[AbstractPathEffect]:
    """The colour of the ground around letters or a symbol, so that no line runs through them."""
    return [withStroke(linewidth=width, foreground=ground)]


def _ground(ax: Axes, extent: Extent) -> None:
    """The land within `extent`, without axes."""
    west, east, south, north = extent
    ax.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor=colour.sea)
    # A degree of longitude shrinks with the cosine of the latitude.
    ax.set_aspect(1 / cos(radians((south + north) / 2)))
    ax.spines["bottom"].set_visible(False)
    ax.grid(visible=False)
    window = Bbox.from_extents(west - 0.5, south - 0.5, east + 0.5, north + 0.5)
    for country, outline in _outlines(window):
        land = colour.land if country == "PRK" else colour.land_quiet
        ax.add_patch(PathPatch(outline, facecolor=land, edgecolor=colour.border, linewidth=0.8))


def _shape(extent: Extent) -> float:
    """How wide an extent is for its height, on the ground."""
    west, east, south, north = extent
    return (east - west) * cos(radians((south + north) / 2)) / (north - south)


def _widened(extent: Extent, shape: float) -> Extent:
    west, east, south, north = extent
    more = (shape / _shape(extent) - 1) / 2
    if more > 0:
        return west - more * (east - west), east + more * (east - west), south, north
    more = (_shape(extent) / shape - 1) / 2
    return west, east, south - more * (north - south), north + more * (north - south)


def _within(place: Place, extent: Extent) -> bool:
    west, east, south, north = extent
    lon, lat = _at(place)
    return west < lon < east and south < lat < north


def _at(place: Place) -> tuple[float, float]:
    # Only places with a position come this far.
    return place.lon or 0.0, place.lat or 0.0


def _outlines(window: Bbox) -> Iterator[tuple[str, Outline]]:
    """The land within `window`, each piece with the three-letter code of its country."""
    file = Paths(find_root()).data / "outlines.json"
    for feature in json.loads(file.read_text("utf-8"))["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"]
        for polygon in polygons if shape["type"] == "MultiPolygon" else [polygons]:
            # Only outer rings: no lake is large enough to matter at this scale.
            outline = Outline(polygon[0], closed=True).clip_to_bbox(window)
            if np.size(outline.vertices):
                yield feature["properties"]["iso3"], outline


def _shown(place: Place) -> bool:
    if any(word in f"{place.kind} {place.name}".lower() for word in _WITHHELD):
        message = "places where people were killed or buried are not put on a map"
        raise BookError([Finding(place.id, "NF206", message, "Leave this place out.")])
    return place.lat is not None and place.lon is not None


def _ink(kind: Status) -> str:
    return {"operating": colour.women, "contested": colour.women}.get(kind, colour.world)


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether the two rectangles overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def place_labels(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    room: Box,
    reach: float = 9,
    filled: Sequence[Box] = (),
    crossed: Callable[[Box], bool] = lambda _: False,
) -> list[tuple[float, float]]:
    """The lower left corner of a label for each point, so that none covers another or a point.

    Each label tries the eight sides of its point, then ever wider rings; the first free corner
    inside `room` wins, and right at the point one that no line has `crossed`. Points that are
    most crowded choose first. `filled` is where no label may stand.
    """
    marks = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]

    def crowd(k: int) -> tuple[float, int]:
        x, y = points[k]
        return (sum(1 / (1 + abs(x - a) + abs(y - b)) for a, b in points), -k)

    taken: dict[int, Box] = {}
    for k in sorted(range(len(points)), key=crowd, reverse=True):
        others = [*marks, *filled, *taken.values()]
        corners = list(_candidates(points[k], sizes[k], reach))
        clear = [box for box in corners if not any(box.meets(other) for other in others)]
        inside = [box for box in clear if _inside(box, room)]
        # Farther away, where a thin line must lead back, a crossed name is the lesser evil.
        tidy = [box for box in inside if box in corners[:_SIDES] and not crossed(box)]
        taken[k] = next(iter(tidy or inside or clear or corners))
    return [(taken[k].left, taken[k].bottom) for k in range(len(points))]


_SIDES = 8


def _candidates(
    point: tuple[float, float], size: tuple[float, float], reach: float
) -> Iterator[Box]:
    x, y = point
    width, height = size
    for ring in range(6):
        out = reach + ring * 10
        up, down, middle = y + out - 4, y - out + 4 - height, y - height / 2
        right, left, centre = x + out, x - out - width, x - width / 2
        corners = (
            (right, middle), (left, middle), (right, up), (right, down),
            (left, up), (left, down), (centre, y + out), (centre, y - out - height),
        )  # fmt: skip
        for a, b in corners:
            yield Box(a, b, a + width, b + height)


def _inside(box: Box, room: Box) -> bool:
    return (
        box.left >= room.left
        and box.right <= room.right
        and box.bottom >= room.bottom
        and box.top <= room.top
    )


class PlaceLabel(Label):
    """The name of a place, near it and clear of other names and symbols."""

    @staticmethod
    def arrange(ax: Axes, labels: Sequence[Annotation]) -> None:
        """Put each name beside its place, and a halo around names that a line crosses."""
        scale = points_per_pixel(ax)
        others = [text for text in ax.texts if not isinstance(text, PlaceLabel)]
        frames = [child for child in ax.get_children() if isinstance(child, InsetIndicator)]
        filled = [
            *(text.get_window_extent() for text in others),
            *(frame.rectangle.get_window_extent() for frame in frames),
        ]
        points = [tuple(ax.transData.transform(label.xy) * scale) for label in labels]
        corners = place_labels(
            points,
            [(extent.width * scale, extent.height * scale) for extent in map(_extent, labels)],
            _on_page(ax.get_window_extent(), scale),
            filled=[_on_page(extent, scale) for extent in filled],
            crossed=lambda box: _crossed(ax, _on_canvas(box, scale)),
        )
        for label, point, corner in zip(labels, points, corners, strict=True):
            across, up = corner[0] - point[0], corner[1] - point[1]
            label.set_position((across, up))
            width, height = _extent(label).width * scale, _extent(label).height * scale
            if across + width < 0:
                label.set_multialignment("right")
            if label.arrow_patch is not None:
                beside = max(across, -across - width, up, -up - height)
                label.arrow_patch.set_visible(beside > 12)
        for text in (*labels, *others):
            # Not around all: letters with a halo take four times the room in the file.
            if text.get_bbox_patch() is None and _crossed(ax, _extent(text)):
                text.set_path_effects(_halo(_ground_at(ax, _extent(text))))


def _extent(text: Text) -> Bbox:
    """Where a text stands on the canvas, without the line that leads to it."""
    return Text.get_window_extent(text)


def _on_page(extent: BboxBase, scale: float) -> Box:
    return Box(*(float(side) * scale for side in extent.extents))


def _on_canvas(box: Box, scale: float) -> Bbox:
    return Bbox.from_extents(*(side / scale for side in (box.left, box.bottom, box.right, box.top)))


def _crossed(ax: Axes, extent: Bbox) -> bool:
    """Whether a coast or a border runs through a place on the canvas."""
    lines = (patch.get_transform().transform_path(patch.get_path()) for patch in ax.patches)
    return any(line.intersects_bbox(extent, filled=False) for line in lines)


def _ground_at(ax: Axes, extent: Bbox) -> Any:
    """The colour of the land in the middle of a place on the canvas, or of the sea."""
    middle = (float((extent.x0 + extent.x1) / 2), float((extent.y0 + extent.y1) / 2))
    lands = (patch for patch in ax.patches if patch.get_fill() and patch.contains_point(middle))
    return next((land.get_facecolor() for land in lands), ax.get_facecolor())


def _draw(ax: Axes, places: Sequence[Place], names: dict[str, str]) -> None:
    """Draw and name places."""
    for place in places:
        kind = status(place)
        # Rings and crosses lie on full circles, and the ground shows around them.
        on_top = 4 + list(SYMBOLS).index(kind) / 10
        symbol = SYMBOLS[kind]
        halo = _halo(colour.land, symbol.get("markeredgewidth", 1) + 2)
        look = {"color": _ink(kind), "path_effects": halo, **symbol}
        ax.plot(*_at(place), zorder=on_top, ls="", **look)
        if name := names.get(place.id, place.name):
            ax.add_artist(
                PlaceLabel(
                    name,
                    _at(place),
                    xytext=(9, 0),
                    textcoords="offset points",
                    fontsize=style.SMALL,
                    linespacing=1.0,
                    va="bottom",
                    arrowprops={
                        "arrowstyle": "-", "color": colour.axis, "linewidth": 0.8,
                        "shrinkA": 1, "shrinkB": 6,
                    },
                    in_layout=False,
                    annotation_clip=False,
                    clip_on=False,
                    zorder=6,
                )
            )  # fmt: skip
