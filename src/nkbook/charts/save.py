"""The only place that turns a figure into a file: SVG, the same bytes every time."""

from __future__ import annotations

import io

import matplotlib as mpl
from matplotlib.figure import Figure

from nkbook.charts import style
from nkbook.charts.axes import settle


def svg(fig: Figure) -> str:
    """The figure as SVG text without a date, a program version or a random id."""
    with mpl.rc_context(style.settings()):
        settle(fig)
        out = io.StringIO()
        fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
