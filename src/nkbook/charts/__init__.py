"""Charts in the house style. Chapters reach them as `chart` through `nkbook.notebook`."""

from nkbook.charts.axes import (
    annotate,
    figure,
    footer,
    grid,
    heading,
    label_line,
    line,
    log,
    method_break,
    percent,
    period,
    thousands,
    years,
)
from nkbook.charts.bars import columns, share, stack
from nkbook.charts.maps import korea_map
from nkbook.charts.ranges import ranges
from nkbook.charts.save import svg
from nkbook.charts.style import colour

__all__ = [
    "annotate",
    "colour",
    "columns",
    "figure",
    "footer",
    "grid",
    "heading",
    "korea_map",
    "label_line",
    "line",
    "log",
    "method_break",
    "percent",
    "period",
    "ranges",
    "share",
    "stack",
    "svg",
    "thousands",
    "years",
]
