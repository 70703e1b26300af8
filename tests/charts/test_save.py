from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nkbook import charts as chart
from nkbook.charts import style

ROOT = Path(__file__).parents[2]

DRAW = """
import sys
from nkbook import charts as chart
fig, (left, right) = chart.figure(cols=2)
chart.line(left, [2000, 2001, 2003], [1, 2, 4], "Women", colour=chart.colour.women)
chart.line(left, [2000, 2001, 2003], [1, 2, 3.9], "Men", colour=chart.colour.men, dash="dashed")
chart.ranges(right, ["KINU", "Daily NK"], [53000, 1], [65000, None], hatched=[True, False])
chart.footer(fig, ["Source: nobody (2025)"])
sys.stdout.write(chart.svg(fig))
"""


def draw(seed: str, folder: Path) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "MPLCONFIGDIR": str(folder)}
    command = [sys.executable, "-c", DRAW]
    return subprocess.run(
        command, env=environment, cwd=ROOT, check=True, capture_output=True
    ).stdout


def test_two_processes_draw_the_same_bytes(tmp_path: Path) -> None:
    first, second = (draw(seed, tmp_path) for seed in ("1", "4242"))
    assert first == second
    assert b"<svg" in first


def test_the_same_figure_is_the_same_bytes_in_one_process() -> None:
    def one() -> str:
        fig, ax = chart.figure()
        chart.line(ax, [1, 2], [3, 4], "Line")
        return chart.svg(fig)

    assert one() == one()


def test_a_picture_holds_no_date_no_program_and_no_letters() -> None:
    fig, ax = chart.figure()
    chart.line(ax, [1, 2], [3, 4], "US$ and 안내원")
    picture = chart.svg(fig)
    assert not re.search(r"<dc:date|<dc:creator|Matplotlib v|<text", picture)
    assert f'width="{style.WIDTH * 72:g}pt"' in picture


def test_the_house_style_does_not_leak_from_other_settings() -> None:
    import matplotlib as mpl

    fig, ax = chart.figure()
    chart.line(ax, [1, 2], [3, 4])
    expected = chart.svg(fig)
    with mpl.rc_context({"svg.hashsalt": "other", "svg.fonttype": "none"}):
        fig, ax = chart.figure()
        chart.line(ax, [1, 2], [3, 4])
        mpl.rcParams["svg.fonttype"] = "none"
        assert chart.svg(fig) == expected


@pytest.mark.parametrize("height", [2.0, 6.5])
def test_every_figure_has_the_house_width(height: float) -> None:
    fig, _ = chart.figure(height=height)
    assert tuple(fig.get_size_inches()) == (style.WIDTH, height)
