from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nkbook.charts.axes import settle
from nkbook.charts.maps import Box, PlaceLabel, korea_map, place_labels, status
from nkbook.errors import BookError
from nkbook.model import Place

ROOT = Path(__file__).parents[2]


def place(
    id: str, lat: float | None, lon: float | None, said: str = "operating", **more: str
) -> Place:
    kind = more.get("kind", "kwan-li-so")
    name = more.get("name", id)
    return Place(id, name, kind, lat, lon, said, "", "", None, None, "hrnk_map", True, "")


@pytest.fixture(autouse=True)
def _in_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("said", "symbol"),
    [
        ("operating", "operating"),
        ("operating, perimeter enlarged about 2010", "operating"),
        ("operating, status inferred from imagery only", "contested"),
        ("contested: closed or emptied / still holding people", "contested"),
        ("listed, unconfirmed by HRNK", "contested"),
        ("", "contested"),
        ("closed", "closed"),
        ("believed closed about 2008", "closed"),
    ],
)
def test_the_symbol_follows_the_status(said: str, symbol: str) -> None:
    assert status(place("x", 40, 126, said)) == symbol


@pytest.mark.parametrize("word", ["Execution site", "killing site", "Burial ground", "mass grave"])
def test_no_place_of_death_is_ever_drawn(word: str) -> None:
    for bad in (place("x", 40, 126, name=word), place("x", None, None, kind=word)):
        with pytest.raises(BookError, match="NF206"):
            korea_map([bad])


def test_names_are_clear_of_each_other_and_of_symbols() -> None:
    camps = [
        place("camp-14", 39.57, 126.06),
        place("camp-18", 39.56, 126.09, "contested"),
        place("camp-22", 42.54, 129.93, "closed"),
        place("camp-25", 41.83, 129.73),
        place("camp-16", 41.29, 129.27),
        place("unknown", None, None),
    ]
    fig, ax = korea_map(camps, names={"camp-14": "Camp 14\n(Kaechon)"}, key={"closed": "Closed"})
    settle(fig)
    labels = [artist for artist in ax.get_children() if isinstance(artist, PlaceLabel)]
    assert {label.get_text() for label in labels} == {
        "Camp 14\n(Kaechon)", "camp-18", "camp-22", "camp-25", "camp-16",
    }  # fmt: skip
    points = [ax.transData.transform(label.xy) for label in labels]
    for label, (x, y) in zip(labels, points, strict=True):
        dx, dy = (offset * fig.dpi / 72 for offset in label.get_position())
        width, height = (side / 1.02 for side in label_size(label))
        own = Box(x + dx, y + dy, x + dx + width, y + dy + height)
        assert not any(own.meets(Box(a - 3, b - 3, a + 3, b + 3)) for a, b in points)


def label_size(label: PlaceLabel) -> tuple[float, float]:
    from matplotlib.text import Text

    box = Text.get_window_extent(label)
    return box.width, box.height


def test_close_places_are_drawn_in_a_box() -> None:
    camps = [place("camp-14", 39.57, 126.06), place("camp-25", 41.83, 129.73)]
    _, ax = korea_map(camps, inset=(125.9, 126.2, 39.4, 39.7))
    (box,) = ax.child_axes
    inside = [artist for artist in box.get_children() if isinstance(artist, PlaceLabel)]
    assert [label.get_text() for label in inside] == ["camp-14"]


def test_a_line_stops_at_the_names_that_it_crosses() -> None:
    inland, coast = place("Kanggye", 40.95, 126.57), place("Jongo-ri", 42.21, 129.76)
    fig, ax = korea_map([inland, coast])
    settle(fig)
    haloes = {text.get_text(): bool(text.get_path_effects()) for text in ax.texts}
    assert haloes == {
        "Kanggye": False, "Jongo-ri": True, "Russia": True,
        "North Korea": False, "South Korea": False, "China": False,
    }  # fmt: skip


@pytest.mark.parametrize("inset", [None, (125.9, 126.2, 39.4, 39.7)])
def test_the_key_stands_in_open_water(inset: tuple[float, float, float, float] | None) -> None:
    words = {"operating": "Operating", "contested": "Unconfirmed", "closed": "Closed"}
    fig, ax = korea_map([place("camp", 39.57, 126.06)], key=words, inset=inset)
    settle(fig)
    for text in ax.texts:
        if text.get_text() in words.values():
            box = text.get_window_extent()
            assert not any(land.contains_point(p) for land in ax.patches for p in box.corners())
            assert not text.get_path_effects(), "no coast runs through it"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8, unique=True))
def test_labels_never_meet_where_there_is_room(cells: list[tuple[int, int]]) -> None:
    points = [(60.0 * x + 300, 40.0 * y + 300) for x, y in cells]
    sizes = [(40.0, 12.0)] * len(points)
    corners = place_labels(points, sizes, Box(0, 0, 2000, 1500))
    boxes = [Box(x, y, x + 40, y + 12) for x, y in corners]
    for k, box in enumerate(boxes):
        assert not any(box.meets(other) for other in boxes[k + 1 :])


def test_a_label_stays_inside_the_map() -> None:
    ((x, y),) = place_labels([(95, 50)], [(40, 12)], Box(0, 0, 100, 100))
    assert 0 <= x <= 60
    assert 0 <= y <= 88


def test_a_label_avoids_a_line_where_it_can() -> None:
    coast = 60
    ((x, _),) = place_labels(
        [(50, 50)], [(40, 12)], Box(0, 0, 100, 100), crossed=lambda box: box.right > coast
    )
    assert x + 40 <= coast
    ((x, _),) = place_labels([(50, 50)], [(40, 12)], Box(0, 0, 100, 100), crossed=lambda _: True)
    assert x == 59, "the first side, where every side is crossed"


def test_a_label_stays_off_what_is_already_there() -> None:
    taken = Box(50, 40, 100, 60)
    ((x, y),) = place_labels([(50, 50)], [(40, 12)], Box(0, 0, 100, 100), filled=[taken])
    assert not Box(x, y, x + 40, y + 12).meets(taken)
