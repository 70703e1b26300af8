"""Everything hostile that we know of, each in a book of its own: all are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.books import TinyBook, code, markdown
from tests.hard.conftest import IS_HARD
from tests.render.test_faults import refused
from tests.render.test_hostile import ACTIVE_HTML, ACTIVE_SVG, REMOTE_HTML

Count = Callable[[str, int], None]
EVERY = None if IS_HARD else 6
"""In `make test` a few of each, which `tests/render/test_hostile.py` looks at one by one."""


@pytest.mark.parametrize("name", list(ACTIVE_HTML)[:EVERY])
def test_html(tiny: TinyBook, name: str, survived: Count) -> None:
    tiny.chapter("one", markdown("# One"), markdown(f"```{{=html}}\n{ACTIVE_HTML[name]}\n```"))
    # Of a picture nothing but the picture is taken, and that is not there.
    code_ = "NB605" if name == "a handler in another line" else "NB608"
    refused(tiny, f"{code_}  notebooks/one.ipynb", "Hint")
    survived("hostile inputs refused", 1)


@pytest.mark.parametrize("markup", REMOTE_HTML[:EVERY])
def test_remote(tiny: TinyBook, markup: str, survived: Count) -> None:
    tiny.chapter("one", markdown("# One"), markdown(f"```{{=html}}\n<div>{markup}</div>\n```"))
    refused(tiny, "NB607  notebooks/one.ipynb", "Hint")
    survived("hostile inputs refused", 1)


@pytest.mark.parametrize("name", list(ACTIVE_SVG)[:EVERY])
@pytest.mark.parametrize("place", ["file", "cell"])
def test_drawings(tiny: TinyBook, name: str, place: str, survived: Count) -> None:
    drawing = ACTIVE_SVG[name]
    shown = code(
        f"from IPython.display import display\ndisplay({{'image/svg+xml': {drawing!r}}}, raw=True)"
    )
    if place == "file":
        tiny.write("notebooks/x.svg", drawing)
        shown = markdown("![Words](x.svg)")
    tiny.chapter("one", markdown("# One"), shown)
    refused(tiny, "NB609  notebooks/one.ipynb, cell 2", "Hint")
    survived("hostile inputs refused", 1)
