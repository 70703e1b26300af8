from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from nkbook import charts as chart
from nkbook.charts.ranges import range_text


@pytest.mark.parametrize(
    ("low", "high", "point", "text"),
    [
        (53000, 65000, None, "53,000–65,000"),
        (190000, 192000, 192000, "190,000–192,000"),
        (209000, 209000, 209000, "209,000"),
        (90500, 90500, None, "90,500"),
        (None, None, 50000, "50,000"),
        (None, 200000, None, "up to 200,000"),
        (6, None, None, "at least 6"),
    ],
)
def test_the_ends_are_printed(
    low: float | None, high: float | None, point: float | None, text: str
) -> None:
    assert range_text(low, high, point) == text


def test_rows_go_down_in_groups_and_every_name_and_value_is_there() -> None:
    fig, ax = chart.figure()
    rows = chart.ranges(
        ax,
        ["KINU", "Daily NK", "Elsewhere", "A law"],
        [53000, None, None, 6000],
        [65000, None, 200000, None],
        [None, 192000, None, None],
        groups=["One", "One", "Two", "Two"],
        hatched=[True, True, False, False],
    )
    assert rows == sorted(rows, reverse=True)
    texts = {text.get_text() for text in ax.texts}
    assert texts >= {"KINU", "One", "Two", "53,000–65,000", "192,000", "up to 200,000"}
    assert "at least 6,000" in texts
    # A single source shows without colour: hatched bar, hollow dot.
    (bar,) = ax.patches
    assert bar.get_hatch() == "////"
    dot = next(line for line in ax.lines if line.get_marker() == "D")
    assert to_hex(dot.get_markerfacecolor()) == chart.colour.paper
    assert chart.svg(fig).startswith("<?xml")


def test_a_range_too_narrow_to_see_is_a_dot() -> None:
    _, ax = chart.figure()
    chart.ranges(ax, ["wide", "narrow"], [0, 190000], [200000, 190500])
    assert len(ax.patches) == 1
    assert [line.get_marker() for line in ax.lines] == ["o"]


def test_long_names_are_wrapped() -> None:
    _, ax = chart.figure()
    chart.ranges(ax, ["Global Rights Compliance: women and girls in three provinces"], [1], [2])
    assert any("\n" in text.get_text() for text in ax.texts)


def test_a_share_names_every_part() -> None:
    _, ax = chart.figure(height=2)
    parts = ["New", "None seen", "No images"]
    chart.share(ax, [489, 558, 353], parts, ["#b5521b", "#dcdfe0", chart.colour.paper])
    assert [text.get_text() for text in ax.texts] == parts
    assert [bar.get_hatch() for bar in ax.patches] == ["", "", "////"] or [
        bool(bar.get_hatch()) for bar in ax.patches
    ] == [False, False, True]
    assert ax.get_xlim() == (0, 1400)


def test_columns_print_their_values() -> None:
    _, ax = chart.figure()
    chart.columns(ax, ["2019", "2023"], [230, 321], whole=321, texts=["230", "almost all"])
    assert [text.get_text() for text in ax.texts] == ["230", "almost all"]


def test_stacked_bars_add_up_and_take_gaps_as_nothing() -> None:
    _, ax = chart.figure()
    chart.stack(ax, [2000, 2001], [[3, None], [1, 2]], ["#b5521b", "#1f5161"])
    tops = [round(bar.get_y() + bar.get_height(), 6) for bar in ax.patches]
    assert tops == [3, 0, 4, 2]
