from __future__ import annotations

import io
import logging
from contextlib import redirect_stderr
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nkbook import charts as chart
from nkbook.charts import style
from nkbook.charts.axes import LineLabel, apart, settle, text_width, wrap

spans = st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 40)), min_size=0, max_size=12)


@given(spans)
def test_labels_end_up_apart_and_in_order(found: list[tuple[float, float]]) -> None:
    centres, sizes = [c for c, _ in found], [s for _, s in found]
    placed = apart(centres, sizes, gap=2)
    order = sorted(range(len(found)), key=lambda k: (placed[k], centres[k]))
    for a, b in pairwise(order):
        assert placed[b] - placed[a] >= (sizes[a] + sizes[b]) / 2 + 2 - 1e-6
        assert centres[a] <= centres[b]


@given(spans)
def test_labels_that_are_clear_stay_where_they_are(found: list[tuple[float, float]]) -> None:
    centres = [k * 100.0 for k in range(len(found))]
    assert apart(centres, [size for _, size in found]) == pytest.approx(centres)


def test_two_labels_share_the_shift() -> None:
    assert apart([10, 10], [4, 4]) == pytest.approx([8, 12])


def test_line_labels_take_the_colour_of_their_line_and_do_not_collide() -> None:
    fig, ax = chart.figure()
    for k, ink in enumerate((chart.colour.women, chart.colour.men)):
        ax.plot([2000, 2001], [0, 50 + k / 10], color=ink)
        chart.label_line(ax, [2000, 2001], [0, 50 + k / 10], f"Line {k}")
    settle(fig)
    labels = [artist for artist in ax.get_children() if isinstance(artist, LineLabel)]
    assert [label.get_color() for label in labels] == [chart.colour.women, chart.colour.men]
    first, second = (label.get_window_extent() for label in labels)
    assert not first.overlaps(second)


def test_lines_break_where_the_method_changed_and_are_dotted_over_missing_years() -> None:
    _, ax = chart.figure()
    chart.line(ax, [2000, 2001, 2002, 2004, 2005], [1, 2, 3, None, 5], breaks=[2001.5])
    drawn = [list(line.get_xdata()) for line in ax.lines]
    assert drawn == [[2002, 2005], [2000, 2001], [2002], [2005]]
    assert ax.lines[0].get_linestyle() != "-"


def test_lines_break_off_no_point_unseen() -> None:
    _, ax = chart.figure()
    chart.line(ax, [2000, 2001, 2002], [1, 2, 3], breaks=[2000.5])
    alone = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [line.get_marker() for line in alone] == ["o"]


def test_numbers_on_axes_are_words_of_the_book() -> None:
    fig, (left, right) = chart.figure(cols=2)
    left.plot([1999, 2025], [0, 3000])
    chart.years(left, 1999, 2025, step=4)
    chart.thousands(left)
    right.plot([0, 1], [20, 90])
    chart.percent(right)
    fig.draw_without_rendering()
    assert [t.get_text() for t in left.get_xticklabels()] == [
        "2001", "2005", "2009", "2013", "2017", "2021", "2025",
    ]  # fmt: skip
    assert "3,000" in [t.get_text() for t in left.get_yticklabels()]
    assert "100%" in [t.get_text() for t in right.get_yticklabels()]


def test_long_notes_are_wrapped_to_the_figure() -> None:
    style.apply()
    text = "An arrival is not a crossing: many people spend years in China first. " * 3
    lines = wrap(text, 300, 10).split("\n")
    assert " ".join(lines) == text.strip()
    assert all(text_width(line, 10) <= 300 for line in lines)


def test_drawing_says_nothing_on_standard_error(caplog: pytest.LogCaptureFixture) -> None:
    said = io.StringIO()
    with redirect_stderr(said), caplog.at_level(logging.WARNING):
        fig, ax = chart.figure()
        chart.line(ax, [2000, 2001], [1, 2], "안내원")
        chart.svg(fig)
    assert said.getvalue() == ""
    assert caplog.records == []


def test_a_logarithmic_axis_has_plain_numbers() -> None:
    fig, ax = chart.figure()
    ax.plot([2500, 41000], [0, 1])
    chart.log(ax, [1000, 10000, 100000])
    fig.draw_without_rendering()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1,000", "10,000", "100,000"]


def test_a_break_in_method_and_a_period_are_named_in_the_picture() -> None:
    _, ax = chart.figure()
    chart.method_break(ax, 2012.5, "new method")
    chart.period(ax, 2020, 2023, "closed", at="bottom")
    chart.heading(ax, "Panel", "km")
    assert {text.get_text() for text in ax.texts} == {"new method", "closed", "km"}
    assert ax.get_title(loc="left") == "Panel"
    assert len(ax.lines) == 2
